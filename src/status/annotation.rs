//! Annotations: named payloads attached to one version of an object. S3 replicates them one by one, and they disappear with
//! their version.

use crate::model::{ReplicationStatus, StatusClass};

/// An annotation of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Its name, unique in the version.
    pub name: String,
    /// How its own replication stands.
    pub replication_status: ReplicationStatus,
}

impl Annotation {
    /// Whether every destination has it, in S3's own word.
    #[must_use]
    pub fn is_replicated(&self) -> bool {
        self.replication_status.class() == StatusClass::Replicated && !self.replication_status.is_foreign()
    }
}
