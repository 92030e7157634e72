//! The delete path: decide, plan, approve, execute.
//!
//! [`decide`] turns evidence into a decision, and is the one place that can make a [`DeleteOrder`]. A [`Planner`] writes
//! every decision with its reason into a file of its own; only consent that names the [`DeletionPlan`]'s own numbers makes
//! an [`ApprovedPlan`] of it, and [`execute`] takes nothing else. A dry run ends at the plan. Nothing here knows a network:
//! evidence comes in as values, deletes go out through a [`Deleter`], and what happens is told to a [`Journal`] before and
//! after.

mod answer;
mod batches;
mod conclude;
mod connection;
mod entry;
mod event;
mod execute;
mod fate;
mod freshness;
mod identity;
mod journal;
mod keep_reason;
mod moment;
mod pace;
mod pending;
mod plan;
mod policy;
mod records;
mod sending;
mod summary;
#[cfg(test)]
mod tests;
mod undo;
mod verify;
mod windows;

pub use answer::{BATCH, BatchAnswer, Condition, DeleteAnswer, Matched, fits_a_batch, match_answers};
pub use connection::{Connection, Difference};
pub use entry::{Decision, Entry, Outcome};
pub use event::Event;
pub use execute::{Deleter, Execution, execute};
pub use fate::{Expiry, HiddenFate, HiddenFates};
pub use freshness::{CONNECTS_WITHIN, FreshOrder, HOLDS, LEAVES_WITHIN, may_leave};
pub use identity::{Identities, Identity, Seen};
pub use journal::{
    FORMAT, Fold, Header, Journal, JournalError, Settled, Standing, entry_of, finished_line, header_line, intent_line,
    outcome_line, run_line, settle,
};
pub use keep_reason::KeepReason;
pub use moment::Moment;
pub use pace::Pace;
pub use plan::{ApprovedPlan, Consent, DeletionPlan, PlanSummary, Planner, Refusal, SHOWN};
pub use policy::{BucketFacts, DeleteOrder, Evidence, Mode, Policy, Verdict, decide};
pub use summary::Summary;
pub use undo::{
    ApprovedMarkers, Candidate, Gathered, MarkerCheck, MarkerConsent, MarkerEntry, MarkerLook, MarkerOrder,
    MarkerOutcome, MarkerPlan, MarkerPlanner, MarkerReason, MarkerRefusal, MarkerRemover, MarkerState, MarkerVerdict,
    SourceError, Spool, Trace, UNDO_FORMAT, UndoExecution, UndoHeader, UndoJournal, UndoReplay, UndoSummary,
    decide_marker, entry_of_undo, read_source, remove_markers, spooled, undo_header_line, undo_intent_line,
    undo_outcome_line,
};
pub use verify::VerifyDeleted;
