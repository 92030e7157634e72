//! Pending replication, and the outcomes that a test forces.

use tokio::time::Instant;

use super::version::VersionId;

/// The forced outcome of future writes under a key prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forced {
    /// Ends FAILED, and no replica is made.
    Failed,
    /// Stays PENDING.
    Pending,
    /// Ends COMPLETED, and yet the replica is gone.
    Lost,
    /// Ends with this word, replica made: `COMPLETE` or `PROCESSING` of other servers.
    Word(String),
    /// No attempt: no header.
    Absent,
}

/// One version on its way to its destinations, chosen when it was written.
pub(crate) struct Task {
    pub(super) due: Instant,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) id: VersionId,
    pub(super) targets: Vec<TaskTarget>,
    pub(super) forced: Option<Forced>,
}

#[derive(Clone)]
pub(super) struct TaskTarget {
    pub(super) bucket: String,
    pub(super) storage_class: Option<String>,
}
