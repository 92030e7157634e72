//! `undo`: removes the delete markers that a safe-delete created, each by its own version id, and nothing but markers.
//!
//! [`read_source`] finds the markers in the report or journal of a safe-delete. [`decide_marker`] turns a check made now
//! into a verdict, and is the one place that can make a [`MarkerOrder`]. A [`MarkerPlanner`] keeps every verdict;
//! [`MarkerPlan::approve`] asks for consent that names the plan's own number; [`remove_markers`] checks each marker again
//! just before its request leaves. Nothing here knows a network.

mod decide;
mod entry;
mod execute;
mod journal;
mod plan;
mod source;
mod spool;
mod summary;
#[cfg(test)]
mod tests;

pub use decide::{MarkerCheck, MarkerLook, MarkerOrder, MarkerVerdict, decide_marker};
pub use entry::{MarkerEntry, MarkerOutcome, MarkerReason};
pub use execute::{MarkerRemover, UndoExecution, remove_markers};
pub use journal::{
    MarkerState, UNDO_FORMAT, UndoHeader, UndoJournal, UndoReplay, entry_of_undo, undo_header_line, undo_intent_line,
    undo_outcome_line,
};
pub use plan::{ApprovedMarkers, MarkerConsent, MarkerConsentMismatch, MarkerPlan, MarkerPlanner};
pub use source::{MarkerTrace, SourceError, SourceSummary, UndoCandidate, read_source};
pub use spool::{Spool, spooled};
pub use summary::UndoSummary;
