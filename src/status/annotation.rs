//! Annotations: named payloads attached to one version of an object. S3 replicates them one by one, and they disappear with
//! their version.

/// An annotation of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Its name, unique in the version.
    pub name: String,
    /// S3's word for its replication, exactly; `None` where S3 gives none.
    pub replication_status: Option<String>,
}

impl Annotation {
    /// Whether every destination has it, in S3's own word.
    #[must_use]
    pub fn is_replicated(&self) -> bool {
        self.replication_status.as_deref() == Some("COMPLETED")
    }
}
