//! `undo`: removes the delete markers that a safe-delete created, each by its own version ID, and nothing but markers.
//!
//! [`read_source`] finds the markers in the report or journal of a safe-delete. [`decide_marker`](decide::decide_marker) turns a check made now
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

pub(crate) use candidate::{UndoCandidate, marker_id};
pub(crate) use decide::{MarkerCheck, MarkerOrder};
pub(crate) use entry::{CurrentVersion, MarkerEntry, MarkerOutcome, MarkerReason, UndoSummary};
pub(crate) use execute::{MarkerRemover, UndoExecution, UndoJournal, remove_markers};
pub(crate) use plan::{MarkerPlan, MarkerPlanner};
pub(crate) use source::{SourceSummary, read_source};
pub(crate) use spool::{Spool, spooled};
