//! What a run reports as it goes.

use super::entry::{Entry, Outcome};

/// What a run reports as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// What became of one object: one for each entry of the plan, in its order.
    Ended(Entry),
    /// The same, and it does not decide how the run ends.
    Aside(Entry),
    /// An object that was reported as deleted without a look was looked at after all, and is there. Comes after all others.
    Corrected {
        /// What was reported of it.
        before: Outcome,
        /// What is true.
        entry: Entry,
    },
    /// S3 says that it deleted something that was not ordered.
    Foreign(String),
}
