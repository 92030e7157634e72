//! The delete path: decide, plan, approve, execute.
//!
//! [`decide`] turns evidence into a decision, and is the one place that can make a [`DeleteOrder`]. A [`DeletionPlanner`]
//! writes every decision with its reason into a file of its own; only consent that names the [`DeletionPlan`]'s own numbers
//! makes an [`ApprovedPlan`] of it, and [`execute`] takes nothing else. A dry run ends at the plan. Nothing here knows a
//! network: evidence comes in as values, deletes go out through a [`Deleter`], and a [`Journal`] notes each before and after.
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

pub use connection::{Connection, ConnectionDifference};
pub use decide::{BucketFacts, DeleteMode, DeleteOrder, DeleteVerdict, Evidence, KeepReason, Policy, decide};
pub use execute::{
    BATCH, BatchAnswer, CONNECTS_WITHIN, DeleteAnswer, DeleteExecution, Deleter, FreshOrder, IfMatch, Journal,
    SettledOrder, VerifyDeleted, execute, may_leave, settle,
};
pub use identity::SeenObjects;
pub(crate) use journal_lines::{
    DeleteLines, JournalError, JournalHeader, JournalKind, JournalReplay, JournalState, UndoLines, finished_line,
    header_line, intent_line, outcome_line, record_of, run_line, undo_intent_line, undo_outcome_line,
};
pub use moment::Moment;
pub use plan::{ApprovedPlan, Consent, ConsentMismatch, DeletionPlan, DeletionPlanner};
pub(crate) use plan::{HiddenFate, HiddenFates, NoncurrentExpiry, ObjectOrigin, PlanSummary};
pub use report::{Decision, DeleteEntry, DeleteEvent, DeleteOutcome, DeleteSummary, OutcomeClass, OutcomeCounts};
pub(crate) use undo::{
    MarkerCheck, MarkerEntry, MarkerLook, MarkerOrder, MarkerOutcome, MarkerPlan, MarkerPlanner, MarkerReason,
    MarkerRemover, SourceSummary, Spool, UndoCandidate, UndoExecution, UndoJournal, UndoSummary, read_source,
    remove_markers, spooled,
};
