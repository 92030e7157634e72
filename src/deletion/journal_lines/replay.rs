//! What a resumed run reads from the journal: the state of every object, in a few bytes each.

use std::collections::HashMap;

use super::lines::{CutOffLine, JournalError, JournalHeader, JournalKind, JournalLine, read_header};
use crate::deletion::identity::{IdentityHasher, ObjectIdentity};
use crate::deletion::report::OutcomeClass;
use crate::model::ObjectId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JournalState {
    /// Not in the journal, or without effect: it is decided like any other object.
    New,
    /// A request may have been sent; the offset of its line.
    Open(u64),
    /// Its request took effect; the offset of its line.
    Done(u64),
}

/// Reads a journal line by line and remembers the state of every object.
#[derive(Debug)]
pub(crate) struct JournalReplay<K> {
    identities: IdentityHasher,
    states: HashMap<ObjectIdentity, u64>,
    header: Option<JournalHeader>,
    finished: bool,
    undone: bool,
    contradicted: bool,
    lines: u64,
    cut_off: CutOffLine,
    kind: std::marker::PhantomData<K>,
}

impl<K> Default for JournalReplay<K> {
    fn default() -> Self {
        Self {
            identities: IdentityHasher::default(),
            states: HashMap::new(),
            header: None,
            finished: false,
            undone: false,
            contradicted: false,
            lines: 0,
            cut_off: CutOffLine::default(),
            kind: std::marker::PhantomData,
        }
    }
}

/// Added to the offset of an open object: no file has this length.
const OPEN: u64 = 1 << 63;

impl<K: JournalKind> JournalReplay<K> {
    /// Takes the next line, without its end; `offset` is where it begins.
    pub(crate) fn take(&mut self, line: &[u8], offset: u64) -> Result<(), JournalError> {
        self.lines += 1;
        if self.header.is_none() {
            self.header = Some(read_header::<K>(line)?);
            return Ok(());
        }
        let damaged = JournalError::Damaged(self.lines);
        match self.cut_off.parse(line, self.lines)? {
            None | Some(JournalLine::Run(_)) => {}
            Some(JournalLine::Finished(_)) => self.finished = true,
            Some(JournalLine::Undone(_)) => self.undone = true,
            Some(JournalLine::Intent(intent)) => {
                let (object, _) = K::intended(intent).ok_or(damaged)?;
                self.states.insert(self.identities.of(&object), offset + OPEN);
            }
            Some(JournalLine::Outcome(outcome)) => {
                let (object, entry) = K::ended(outcome).ok_or(damaged)?;
                let identity = self.identities.of(&object);
                self.contradicted |= K::is_contradicted(&entry);
                match K::class(&entry) {
                    OutcomeClass::Changed => {
                        self.states.insert(identity, offset);
                    }
                    // Still open: this line has everything that is known of it.
                    OutcomeClass::Unknown => {
                        self.states.insert(identity, offset + OPEN);
                    }
                    OutcomeClass::Satisfied | OutcomeClass::Kept | OutcomeClass::Lost | OutcomeClass::Failed => {
                        self.states.remove(&identity);
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes sure that this is the journal of the same run, and that it has not finished.
    pub(crate) fn check(&self, header: &JournalHeader) -> Result<(), JournalError> {
        let Some(found) = &self.header else { return Err(JournalError::NotAJournal) };
        if let Some(difference) = found.connection.difference(&header.connection) {
            return Err(JournalError::OtherConnection(difference));
        }
        if found.arguments_hash != header.arguments_hash {
            return Err(JournalError::OtherArguments);
        }
        match (self.undone, self.finished) {
            (true, _) => Err(JournalError::Undone),
            (false, true) => Err(JournalError::Finished),
            (false, false) => Ok(()),
        }
    }

    pub(crate) fn state(&self, object: &ObjectId) -> JournalState {
        self.states.get(&self.identities.of(object)).map_or(JournalState::New, |marked| state(*marked))
    }

    /// Takes the state of an object out: [`JournalReplay::take_rest`] returns the others.
    pub(crate) fn take_state(&mut self, object: &ObjectId) -> JournalState {
        self.states.remove(&self.identities.of(object)).map_or(JournalState::New, state)
    }

    /// Whether an earlier run learned that an answer of this server was not true.
    pub(crate) fn is_contradicted(&self) -> bool {
        self.contradicted
    }

    /// Where the lines of the objects begin that may have been deleted.
    pub(crate) fn offsets(&self) -> impl Iterator<Item = u64> {
        self.states.values().map(|marked| marked % OPEN)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Takes the other states, in the order of the journal: a prefix does not list hidden objects any more.
    pub(crate) fn take_rest(&mut self) -> Vec<JournalState> {
        let mut rest: Vec<u64> = std::mem::take(&mut self.states).into_values().collect();
        rest.sort_unstable_by_key(|marked| marked % OPEN);
        rest.into_iter().map(state).collect()
    }
}

fn state(marked: u64) -> JournalState {
    marked.checked_sub(OPEN).map_or(JournalState::Done(marked), JournalState::Open)
}

/// Reads an intent or an outcome: the object, and its entry. `None` for any other line.
pub(crate) fn record_of<K: JournalKind>(line: &[u8]) -> Option<(ObjectId, K::Entry)> {
    match serde_json::from_slice(line).ok()? {
        JournalLine::Intent(intent) => K::intended(intent),
        JournalLine::Outcome(outcome) => K::ended(outcome),
        JournalLine::Run(_) | JournalLine::Finished(_) | JournalLine::Undone(_) => None,
    }
}
