//! A bucket's replication configuration, as far as decisions need it.
//!
//! "What does Amazon S3 replicate?" and "Replicating delete markers between buckets" in the S3 User Guide.

/// Versioning of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// Every write makes a version; a simple DELETE makes a delete marker.
    Enabled,
    /// A simple DELETE destroys the `null` version.
    Suspended,
    /// A simple DELETE destroys the object.
    Never,
}

/// One replication rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its ID, where it has one.
    pub id: Option<String>,
    /// Whether its status is Enabled.
    pub enabled: bool,
    /// Whether it has a `Filter` element (a V2 rule). Rules without one replicate the delete markers that users make.
    pub has_filter: bool,
    /// Whether `DeleteMarkerReplication` is Enabled.
    pub delete_marker_replication: bool,
    /// The destination: a bucket's name, or S3's text for it where that is no bucket ARN.
    pub destination: String,
}

impl Rule {
    /// Whether a delete marker made by a user travels to the destination.
    #[must_use]
    pub fn carries_delete_markers(&self) -> bool {
        self.enabled && (!self.has_filter || self.delete_marker_replication)
    }
}

/// A replication configuration; no rules at all where the bucket has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicationRules {
    /// In the order S3 gives them.
    pub rules: Vec<Rule>,
    /// Whether deleting a version here deletes the replica too: MinIO and RustFS do so where a rule has
    /// `DeleteReplication` Enabled. AWS never does.
    pub version_deletes_replicate: bool,
}

impl ReplicationRules {
    /// Whether a delete marker could travel. Any enabled rule counts as matching.
    #[must_use]
    pub fn carry_delete_markers(&self) -> bool {
        self.rules.iter().any(Rule::carries_delete_markers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_travel_by_rule_version_and_switch() {
        // enabled, filter, DeleteMarkerReplication -> travels
        let table = [
            (true, true, true, true),
            (true, true, false, false),
            (true, false, false, true),
            (true, false, true, true),
            (false, true, true, false),
            (false, false, false, false),
        ];
        for (enabled, has_filter, delete_marker_replication, travels) in table {
            let rule = Rule { id: None, enabled, has_filter, delete_marker_replication, destination: "dst".into() };
            assert_eq!(rule.carries_delete_markers(), travels, "{rule:?}");
        }
        assert!(!ReplicationRules::default().carry_delete_markers());
    }
}
