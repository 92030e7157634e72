//! The journal of `undo`: what a run writes before and after each removal, and what the next run makes of it.
//!
//! A header, `run` where a run begins, `intent` and `outcome` with the whole entry, `finished`. It has a header of its own,
//! so that it is never taken for the journal of a safe-delete.

use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::entry::{MarkerEntry, MarkerOutcome};
use super::source::marker_id;
use crate::deletion::connection::Connection;
use crate::deletion::identity::{Identities, Identity};
use crate::deletion::journal::JournalError;
use crate::model::{Failure, ObjectId};

/// Where intents and outcomes go.
pub trait UndoJournal: Sync {
    /// Returns once the intent is on disk.
    fn intend(&self, entry: &MarkerEntry) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Notes what became of a marker; it need not be on disk at once.
    ///
    /// # Errors
    /// The journal can't be written; nothing more may be sent.
    fn ended(&self, entry: &MarkerEntry) -> Result<(), Failure>;
}

/// Without a journal nothing is written.
impl UndoJournal for () {
    async fn intend(&self, _: &MarkerEntry) -> Result<(), Failure> {
        Ok(())
    }

    fn ended(&self, _: &MarkerEntry) -> Result<(), Failure> {
        Ok(())
    }
}

/// The format of the lines.
pub const UNDO_FORMAT: u32 = 1;

/// The first line: which run this is the journal of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoHeader {
    /// The format, [`UNDO_FORMAT`].
    pub replaudit_undo_journal: u32,
    /// Everything that decides which bucket answers.
    pub connection: Connection,
    /// Identifies the markers that were named.
    pub arguments_hash: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line<E> {
    Run(IgnoredAny),
    Intent(E),
    Outcome(E),
    Finished(IgnoredAny),
}

fn push(line: &impl Serialize, out: &mut Vec<u8>) {
    // Of strings and numbers: there is nothing that JSON could not hold.
    if serde_json::to_writer(&mut *out, line).is_ok() {
        out.push(b'\n');
    }
}

/// Appends the line that opens a journal.
pub fn undo_header_line(header: &UndoHeader, out: &mut Vec<u8>) {
    push(header, out);
}

/// Appends the line of a removal that is about to be sent.
pub fn undo_intent_line(entry: &MarkerEntry, out: &mut Vec<u8>) {
    push(&serde_json::json!({ "intent": entry }), out);
}

/// Appends the line of what became of a marker.
pub fn undo_outcome_line(entry: &MarkerEntry, out: &mut Vec<u8>) {
    push(&serde_json::json!({ "outcome": entry }), out);
}

/// What the journal says of one marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkerState {
    /// Nothing that counts.
    New,
    /// A removal may have left.
    Open,
    /// Removed; the line that says so begins there.
    Removed(u64),
}

/// Reads a journal line by line and remembers the state of every marker.
#[derive(Debug, Default)]
pub struct UndoReplay {
    identities: Identities,
    states: HashMap<Identity, MarkerState>,
    header: Option<UndoHeader>,
    finished: bool,
    lines: u64,
    torn: Option<u64>,
}

impl UndoReplay {
    /// Takes the next line, without its end; `offset` is where it begins. A line may be cut off at the end, or where a run
    /// begins next.
    ///
    /// # Errors
    /// Not a journal of undo, or a damaged line.
    pub fn take(&mut self, line: &[u8], offset: u64) -> Result<(), JournalError> {
        self.lines += 1;
        if self.header.is_none() {
            let header: UndoHeader = serde_json::from_slice(line).map_err(|_| JournalError::NotAJournal)?;
            if header.replaudit_undo_journal != UNDO_FORMAT {
                return Err(JournalError::OtherFormat(header.replaudit_undo_journal));
            }
            self.header = Some(header);
            return Ok(());
        }
        let parsed: Option<Line<MarkerEntry>> = serde_json::from_slice(line).ok();
        if let Some(torn) = self.torn.take()
            && !matches!(parsed, Some(Line::Run(_)))
        {
            return Err(JournalError::Damaged(torn));
        }
        let damaged = JournalError::Damaged(self.lines);
        match parsed {
            None => self.torn = Some(self.lines),
            Some(Line::Run(_)) => {}
            Some(Line::Finished(_)) => self.finished = true,
            Some(Line::Intent(entry)) => {
                let identity = self.identity(&entry).ok_or(damaged)?;
                self.states.insert(identity, MarkerState::Open);
            }
            Some(Line::Outcome(entry)) => {
                let identity = self.identity(&entry).ok_or(damaged)?;
                match entry.outcome {
                    MarkerOutcome::MarkerRemoved => {
                        self.states.insert(identity, MarkerState::Removed(offset));
                    }
                    MarkerOutcome::Unknown => {
                        self.states.insert(identity, MarkerState::Open);
                    }
                    MarkerOutcome::WouldRemove
                    | MarkerOutcome::AlreadyAbsent
                    | MarkerOutcome::Kept
                    | MarkerOutcome::Lost
                    | MarkerOutcome::Denied
                    | MarkerOutcome::Failed
                    | MarkerOutcome::NotAttempted => {
                        self.states.remove(&identity);
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes sure that this is the journal of the same markers on the same connection, and that something is left to do.
    ///
    /// # Errors
    /// It is not, or nothing is.
    pub fn check(&self, header: &UndoHeader) -> Result<(), JournalError> {
        let Some(found) = &self.header else { return Err(JournalError::NotAJournal) };
        if let Some(difference) = found.connection.difference(&header.connection) {
            return Err(JournalError::OtherConnection(difference));
        }
        if found.arguments_hash != header.arguments_hash {
            return Err(JournalError::OtherArguments);
        }
        if self.finished { Err(JournalError::Finished) } else { Ok(()) }
    }

    /// What the journal says of a marker.
    #[must_use]
    pub fn state(&self, marker: &ObjectId) -> MarkerState {
        self.states.get(&self.identities.of(marker)).copied().unwrap_or(MarkerState::New)
    }

    fn identity(&self, entry: &MarkerEntry) -> Option<Identity> {
        let marker = marker_id(&entry.bucket, &entry.key, entry.marker_version_id.as_deref())?;
        Some(self.identities.of(&marker))
    }
}

/// Reads the entry of an outcome; `None` where the line is another.
#[must_use]
pub fn entry_of_undo(line: &[u8]) -> Option<MarkerEntry> {
    match serde_json::from_slice(line).ok()? {
        Line::<MarkerEntry>::Outcome(entry) => Some(entry),
        Line::Run(_) | Line::Intent(_) | Line::Finished(_) => None,
    }
}
