//! What a run reports as it goes.

use super::entry::{DeleteEntry, DeleteOutcome};

/// What a run reports as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteEvent {
    /// What became of one object: one for each entry of the plan, in its order.
    Ended(DeleteEntry),
    /// The same, and it does not decide how the run ends.
    Aside(DeleteEntry),
    /// An object that was reported as deleted without a look was looked at after all, and is there. Comes after all others.
    Corrected {
        /// What was reported of it.
        before: DeleteOutcome,
        /// What is true.
        entry: DeleteEntry,
    },
    /// S3 says that it deleted something that was not ordered.
    Foreign(String),
}
