//! What is reported: an entry for each object, its outcome, and what all outcomes add up to.

mod entry;
mod outcome;
mod summary;

pub(crate) use entry::{COMPLETED, Decision, DeleteEvent, FailedLookups};
pub use entry::{DeleteEntry, DeleteOutcome};
pub(crate) use outcome::{OutcomeClass, OutcomeCounts};
pub(crate) use summary::DeleteSummary;

pub(crate) use entry::{HIDDEN_UNKNOWN, NEWER_HIDDEN, OTHER_EFFECT, UNEXPECTED_ANSWER};
pub(crate) use entry::{is_about_what_is_hidden, marker_has_own_id};
