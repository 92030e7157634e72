//! The delete path: decide, plan, approve, execute.
//!
//! [`decide`] turns evidence into a decision, and is the one place that can make a [`DeleteOrder`]. A [`DeletionPlanner`] writes
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

pub use answer::{
    BATCH, BatchAnswer, Condition, DeleteAnswer, KeyAnswer, KeyResult, Matched, fits_a_batch, match_answers,
};
pub use connection::{Connection, ConnectionDifference};
pub use entry::{Decision, DeleteEntry, DeleteOutcome};
pub use event::DeleteEvent;
pub use execute::{DeleteExecution, Deleter, execute};
pub use fate::{Expiry, HiddenFate, HiddenFates};
pub use freshness::{CONNECTS_WITHIN, FreshOrder, HOLDS, LEAVES_WITHIN, may_leave};
pub use identity::{Identities, Identity, SeenObjects};
pub use journal::{
    FORMAT, Header, Journal, JournalError, JournalReplay, JournalState, Settled, entry_of, finished_line, header_line,
    intent_line, outcome_line, run_line, settle,
};
pub use keep_reason::KeepReason;
pub use moment::Moment;
pub use plan::{ApprovedPlan, Consent, ConsentMismatch, DeletionPlan, DeletionPlanner, PlanSummary, SHOWN};
pub use policy::{BucketFacts, DeleteMode, DeleteOrder, DeleteVerdict, Evidence, Policy, decide};
pub use summary::DeleteSummary;
pub use undo::{
    ApprovedMarkers, MarkerCheck, MarkerConsent, MarkerConsentMismatch, MarkerEntry, MarkerLook, MarkerOrder,
    MarkerOutcome, MarkerPlan, MarkerPlanner, MarkerReason, MarkerRemover, MarkerState, MarkerTrace, MarkerVerdict,
    SourceError, SourceSummary, Spool, UNDO_FORMAT, UndoCandidate, UndoExecution, UndoHeader, UndoJournal, UndoReplay,
    UndoSummary, decide_marker, entry_of_undo, read_source, remove_markers, spooled, undo_header_line,
    undo_intent_line, undo_outcome_line,
};
pub use verify::VerifyDeleted;
