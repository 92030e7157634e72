//! What is reported: an entry for each object, its outcome, and what all outcomes add up to.

mod entry;
mod outcome;
mod summary;

pub use entry::{Decision, DeleteEntry, DeleteEvent, DeleteOutcome};
pub use outcome::{OutcomeClass, OutcomeCounts};
pub use summary::DeleteSummary;

pub(crate) use entry::{HIDDEN_UNKNOWN, NEWER_HIDDEN, marker_has_own_id};
