//! The journal of an undo, as a file.

use std::io;

use super::{JournalFile, Replay, UndoPast, strange};
use crate::deletion::{
    JournalError, MarkerEntry, MarkerState, UndoHeader, UndoJournal, UndoReplay, entry_of_undo, undo_header_line,
    undo_intent_line, undo_outcome_line,
};
use crate::model::{Failure, ObjectId};

impl Replay for UndoReplay {
    type Header = UndoHeader;
    const BEGIN: &'static [u8] = b"{\"replaudit_undo_journal\":";

    fn take(&mut self, line: &[u8], offset: u64) -> Result<(), JournalError> {
        Self::take(self, line, offset)
    }

    fn check(&self, header: &UndoHeader) -> Result<(), JournalError> {
        Self::check(self, header)
    }

    fn begin(header: &UndoHeader, out: &mut Vec<u8>) {
        undo_header_line(header, out);
    }
}

impl UndoPast {
    /// What the journal says of a marker.
    #[must_use]
    pub fn state(&self, marker: &ObjectId) -> MarkerState {
        self.fold.state(marker)
    }

    /// The entry whose outcome begins at `offset`.
    ///
    /// # Errors
    /// The file can't be read, or no such line begins there.
    pub fn removed(&self, offset: u64) -> io::Result<MarkerEntry> {
        entry_of_undo(&self.line_at(offset)?).ok_or_else(strange)
    }
}

impl UndoJournal for JournalFile {
    async fn intend(&self, entry: &MarkerEntry) -> Result<(), Failure> {
        self.append_and_sync(|lines| undo_intent_line(entry, lines)).await
    }

    fn ended(&self, entry: &MarkerEntry) -> Result<(), Failure> {
        self.append(|lines| undo_outcome_line(entry, lines))
    }
}
