//! What the lines of a journal mean, of a safe-delete and of an undo. This is about lines; `crate::journal` is about files.
//!
//! One JSON object on each line: a header; `run` where a run begins; `intent`, on disk before its request is sent; `outcome`,
//! with the whole entry; `finished`; `undone`. An intent without an outcome is open: its request may have had an effect, and it is
//! looked up first. A line may be cut off only where a run was killed.

mod kinds;
mod lines;
mod replay;
#[cfg(test)]
mod tests;

pub(crate) use kinds::{DeleteLines, UndoLines, intent_line, outcome_line, undo_intent_line, undo_outcome_line};
pub(crate) use lines::{JournalError, JournalHeader, JournalKind, finished_line, header_line, run_line, undone_line};
pub(crate) use replay::{JournalReplay, JournalState, record_of};

pub(crate) use lines::{CutOffLine, JournalLine};
