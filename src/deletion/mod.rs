//! The delete path: decide, plan, approve, execute.
//!
//! [`decide`] turns evidence into a decision, and is the one place that can make a [`DeleteOrder`]. A [`DeletionPlanner`]
//! writes every decision with its reason into a file of its own; only consent that names the [`DeletionPlan`]'s own numbers
//! makes an [`ApprovedPlan`] of it, and [`execute`] takes nothing else. A dry run ends at the plan. Nothing here knows a
//! network: evidence arrives as values, a [`Deleter`] sends deletes, and a [`Journal`] notes each before and after.
//! `docs/design/delete-path.md` goes through it step by step.

mod connection;
mod decide;
mod execute;
#[cfg(test)]
pub(crate) mod fixtures;
mod identity;
mod journal_lines;
mod moment;
mod plan;
mod report;
mod undo;

pub(crate) use connection::Connection;
pub use decide::KeepReason;
pub(crate) use decide::{BucketFacts, DeleteMode, DeleteOrder, Evidence, Policy};
pub(crate) use execute::{
    BatchAnswer, CONNECTS_WITHIN, DeleteAnswer, DeleteExecution, Deleter, FreshOrder, IfMatch, Journal, MarkerLook,
    SettledOrder, VerifyDeleted, execute, may_leave, note_hidden, settle, still_done,
};
pub(crate) use identity::SeenObjects;
pub(crate) use journal_lines::{
    DeleteLines, JournalError, JournalHeader, JournalKind, JournalReplay, JournalState, UndoLines, finished_line,
    header_line, intent_line, outcome_line, record_of, run_line, undo_intent_line, undo_outcome_line, undone_line,
};
pub use moment::{Clock, Moment};
#[cfg(test)]
pub(crate) use plan::ApprovedPlan;
pub use plan::{Consent, ConsentMismatch};
pub(crate) use plan::{DeletionPlan, DeletionPlanner};
pub(crate) use plan::{ExpiryTally, HiddenFate, HiddenFates, ObjectOrigin, PlanSummary};
pub(crate) use report::{COMPLETED, Decision, DeleteEvent, DeleteSummary, FailedLookups, OutcomeClass, OutcomeCounts};
pub use report::{DeleteEntry, DeleteOutcome};
pub(crate) use undo::{
    CurrentVersion, MarkerCheck, MarkerEntry, MarkerOrder, MarkerOutcome, MarkerPlan, MarkerPlanner, MarkerReason,
    MarkerRemover, SourceSummary, Spool, UndoCandidate, UndoExecution, UndoJournal, UndoSummary, read_source,
    remove_markers, spooled,
};
