//! `undo`: removes the delete markers that a safe-delete created, each by its own version id, and nothing but markers.
//!
//! [`read_source`] finds the markers in the report or journal of a safe-delete. [`decide_marker`] turns a check made now
//! into a verdict, and is the one place that can make a [`MarkerOrder`]. A [`MarkerPlanner`] keeps every verdict;
//! [`MarkerPlan::approve`] asks for consent that names the plan's own number; [`remove_markers`] checks each marker again
//! just before its request leaves. Nothing here knows a network.

mod candidate;
mod decide;
mod entry;
mod execute;
mod plan;
mod source;
mod spool;
#[cfg(test)]
mod tests;

pub use candidate::{CandidateError, MarkerTrace, UndoCandidate};
pub use decide::{MarkerCheck, MarkerLook, MarkerOrder};
pub use entry::{MarkerEntry, MarkerOutcome, MarkerReason, UndoSummary};
pub use execute::{MarkerRemover, UndoExecution, UndoJournal, remove_markers};
pub use plan::{ApprovedMarkers, MarkerConsentMismatch, MarkerPlan, MarkerPlanner};
pub use source::{LineError, SourceError, SourceSummary, read_source};
pub use spool::{Spool, spooled};

pub(crate) use candidate::marker_id;
