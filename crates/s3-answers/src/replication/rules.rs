//! Replication rules, and whether delete markers travel by them.

/// One replication rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationRule {
    /// Its ID, if it has one.
    pub id: Option<String>,
    /// Decides between rules with one destination: the highest wins. V1 rules have none.
    pub priority: Option<i64>,
    /// Whether its status is Enabled.
    pub enabled: bool,
    /// Which objects it is for.
    pub scope: RuleScope,
    /// Whether `DeleteMarkerReplication` is Enabled.
    pub delete_marker_replication: bool,
    /// Whether it takes objects that are encrypted with KMS keys (`SseKmsEncryptedObjects`); off by default.
    pub kms_opt_in: bool,
    /// Whether changes to replicas' metadata travel as well (`ReplicaModifications`).
    pub replica_modifications: bool,
    /// S3 Replication Time Control, if it is on: minutes until an object is late. AWS knows only 15.
    pub time_control_minutes: Option<u32>,
    /// Where the replicas go.
    pub destination: RuleDestination,
    /// Names of elements that S3 may have added to say which objects the rule is for. With one of them the rule may apply
    /// to any object, and it may not.
    pub unknown: Vec<String>,
}

/// Which objects a rule is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleScope {
    /// Whether it has a `Filter` element (a V2 rule). Rules without one replicate the delete markers that users make.
    pub has_filter: bool,
    /// Keys begin like this; empty for every key.
    pub prefix: String,
    /// All of these tags, with these values, when the object was written.
    pub tags: Vec<(String, String)>,
    /// Not for objects that match any of these (`Not`).
    pub except: Vec<Exclusion>,
}

impl RuleScope {
    /// Whether the tags of an object decide.
    #[must_use]
    pub fn goes_by_tags(&self) -> bool {
        !self.tags.is_empty() || self.except.iter().any(|one| matches!(one, Exclusion::Tag(..)))
    }
}

/// Objects that a rule leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// Keys that begin like this.
    Prefix(String),
    /// Objects with this tag, of this value.
    Tag(String, String),
}

/// Where a rule's replicas go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDestination {
    /// The bucket's name, or S3's text for it if that is not a bucket ARN.
    pub bucket: String,
    /// The account that owns the bucket, if the rule names it.
    pub account: Option<String>,
    /// The storage class of the replicas; `None` is that of the source.
    pub storage_class: Option<String>,
}

impl ReplicationRule {
    /// An enabled rule with an empty filter, for every key, to this bucket: what a configuration needs at least.
    #[must_use]
    pub fn to(bucket: &str) -> Self {
        Self {
            id: None,
            priority: Some(1),
            enabled: true,
            scope: RuleScope { has_filter: true, ..RuleScope::default() },
            delete_marker_replication: false,
            kms_opt_in: false,
            replica_modifications: false,
            time_control_minutes: None,
            destination: RuleDestination { bucket: bucket.to_owned(), account: None, storage_class: None },
            unknown: Vec::new(),
        }
    }

    /// Whether a delete marker made by a user travels to the destination.
    fn carries_delete_markers(&self) -> bool {
        self.enabled && (!self.scope.has_filter || self.delete_marker_replication)
    }

    /// Whether a delete marker for this key could travel by this rule. Only a prefix rules it out, because a marker's tags
    /// are not known.
    #[must_use]
    pub fn may_carry_delete_marker_of(&self, key: &str) -> bool {
        let excluded = |one: &Exclusion| matches!(one, Exclusion::Prefix(prefix) if key.starts_with(prefix));
        let by_key = key.starts_with(&self.scope.prefix) && !self.scope.except.iter().any(excluded);
        self.carries_delete_markers() && (by_key || !self.unknown.is_empty())
    }
}

/// A replication configuration; without rules if the bucket has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicationRules {
    /// In the order S3 gives them.
    pub rules: Vec<ReplicationRule>,
    /// Whether deleting a version here deletes the replica too: MinIO and RustFS do so if a rule has
    /// `DeleteReplication` Enabled. AWS never does.
    pub version_deletes_replicate: bool,
}

impl ReplicationRules {
    /// Whether a delete marker for this key could travel: any enabled rule that may be for it and carries markers
    /// counts, at any priority.
    #[must_use]
    pub fn carry_delete_markers(&self, key: &str) -> bool {
        self.rules.iter().any(|rule| rule.may_carry_delete_marker_of(key))
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
            let scope = RuleScope { has_filter, ..RuleScope::default() };
            let rule = ReplicationRule { enabled, scope, delete_marker_replication, ..ReplicationRule::to("dst") };
            assert_eq!(rule.carries_delete_markers(), travels, "{rule:?}");
            let rules = ReplicationRules { rules: vec![rule], ..ReplicationRules::default() };
            assert_eq!(rules.carry_delete_markers("k"), travels, "{rules:?}");
        }
        assert!(!ReplicationRules::default().carry_delete_markers("k"));
    }

    #[test]
    fn a_marker_stays_only_where_no_rule_for_its_key_carries_markers() {
        let carrying = |prefix: &str| ReplicationRule {
            delete_marker_replication: true,
            scope: RuleScope { has_filter: true, prefix: prefix.to_owned(), ..RuleScope::default() },
            ..ReplicationRule::to("dst")
        };
        let tagged = ReplicationRule {
            scope: RuleScope { has_filter: true, tags: vec![("k".into(), "v".into())], ..RuleScope::default() },
            ..carrying("")
        };
        let except = |one: Exclusion| ReplicationRule {
            scope: RuleScope { has_filter: true, except: vec![one], ..RuleScope::default() },
            ..carrying("")
        };
        let tag = except(Exclusion::Tag("k".into(), "v".into()));
        let table = [
            (vec![except(Exclusion::Prefix("tmp/".into()))], "tmp/a", false),
            (vec![except(Exclusion::Prefix("tmp/".into()))], "a", true),
            (vec![tag], "a", true),
            (vec![ReplicationRule { unknown: vec!["Suffix".into()], ..carrying("logs/") }], "other", true),
            (vec![carrying("logs/")], "logs/a", true),
            (vec![carrying("logs/")], "log", false),
            (vec![carrying("logs/"), ReplicationRule::to("dst")], "other", false),
            (
                vec![carrying("logs/"), ReplicationRule { priority: Some(9), ..ReplicationRule::to("dst") }],
                "logs/a",
                true,
            ),
            (vec![tagged], "any", true),
        ];
        for (rules, key, travels) in table {
            let rules = ReplicationRules { rules, ..ReplicationRules::default() };
            assert_eq!(rules.carry_delete_markers(key), travels, "{key}: {rules:?}");
        }
    }
}
