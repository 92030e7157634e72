//! Replication rules, and whether they replicate delete markers.

/// One replication rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationRule {
    /// Its ID, if it has one.
    pub id: Option<String>,
    /// Of rules with one destination, the one with the highest priority applies. V1 rules have none.
    pub priority: Option<i64>,
    /// Whether its status is Enabled.
    pub enabled: bool,
    /// Which objects it is for.
    pub scope: RuleScope,
    /// Whether `DeleteMarkerReplication` is Enabled.
    pub delete_marker_replication: bool,
    /// Whether an unknown element with "delete" in its name is not Disabled: it may be a server's switch for any deletes.
    pub unknown_delete_switch: bool,
    /// Whether it includes objects that are encrypted with KMS keys (`SseKmsEncryptedObjects`); off by default.
    pub kms_opt_in: bool,
    /// Whether changes to replicas' metadata are replicated too (`ReplicaModifications`).
    pub replica_modifications: bool,
    /// S3 Replication Time Control, if it is on: minutes until an object is late. AWS only allows 15.
    pub time_control_minutes: Option<u32>,
    /// The destination of the replicas.
    pub destination: RuleDestination,
    /// Names of unknown elements that may restrict the rule to some objects. With one of them, the rule may or may not apply
    /// to any object.
    pub unknown: Vec<String>,
}

/// Which objects a rule applies to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleScope {
    /// Whether it has a `Filter` element (a V2 rule). Rules without one replicate the delete markers that users make.
    pub has_filter: bool,
    /// Prefix of the keys; empty for every key.
    pub prefix: String,
    /// Tags that the object must have when it is written.
    pub tags: Vec<(String, String)>,
    /// Excludes objects that match any of these (`Not`).
    pub except: Vec<Exclusion>,
}

impl RuleScope {
    /// Whether the scope depends on tags.
    pub fn goes_by_tags(&self) -> bool {
        !self.tags.is_empty() || self.except.iter().any(|one| matches!(one, Exclusion::Tag(..)))
    }
}

/// Objects that a rule excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// Keys with this prefix.
    Prefix(String),
    /// Objects with a tag of this key and value.
    Tag(String, String),
}

/// The destination of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDestination {
    /// The bucket's name, or S3's text for it if that is not a bucket ARN.
    pub bucket: String,
    /// The account that owns the bucket, if the rule has it.
    pub account: Option<String>,
    /// The zone that has the bucket, if the rule names one: Ceph has the same buckets in every zone.
    pub zone: Option<String>,
    /// The storage class of the replicas; `None` means that of the source. CloudServer writes the site of the replicas here.
    pub storage_class: Option<String>,
    /// `ReplicaKmsKeyID`, as it was written: the key that encrypts replicas of objects with KMS keys.
    pub replica_kms_key: Option<String>,
    /// Whether S3 publishes replication metrics for the rule (`Metrics`). Events about failures need them.
    pub metrics: bool,
    /// What is in it and not known: the replicas may be in more places, or in others.
    pub unknown: Vec<String>,
}

/// The storage classes of AWS.
const AWS_CLASSES: [&str; 12] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
];

impl RuleDestination {
    /// The zone, or a storage class that AWS does not have and that may be a site: two rules with another one each may have
    /// replicas in two places, although the buckets have one name.
    pub fn site(&self) -> Option<&str> {
        let class = || self.storage_class.as_deref().filter(|class| !AWS_CLASSES.contains(class));
        self.zone.as_deref().or_else(class)
    }

    /// Whether one replica serves both.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.site() == other.site() && self.unknown == other.unknown
    }
}

impl ReplicationRule {
    /// An enabled rule for every key to this bucket.
    pub fn to(bucket: &str) -> Self {
        Self {
            id: None,
            priority: Some(1),
            enabled: true,
            scope: RuleScope { has_filter: true, ..RuleScope::default() },
            delete_marker_replication: false,
            unknown_delete_switch: false,
            kms_opt_in: false,
            replica_modifications: false,
            time_control_minutes: None,
            destination: RuleDestination {
                bucket: bucket.to_owned(),
                account: None,
                zone: None,
                storage_class: None,
                replica_kms_key: None,
                metrics: false,
                unknown: Vec::new(),
            },
            unknown: Vec::new(),
        }
    }

    /// Whether it replicates a delete marker that a user creates, or may do so.
    fn carries_delete_markers(&self) -> bool {
        self.enabled && (!self.scope.has_filter || self.delete_marker_replication || self.unknown_delete_switch)
    }

    /// Whether it may replicate a delete marker of this key. Only prefixes can exclude that, because a marker's tags are not
    /// known.
    pub fn may_carry_delete_marker_of(&self, key: &str) -> bool {
        let excluded = |one: &Exclusion| matches!(one, Exclusion::Prefix(prefix) if key.starts_with(prefix));
        let by_key = key.starts_with(&self.scope.prefix) && !self.scope.except.iter().any(excluded);
        self.carries_delete_markers() && (by_key || !self.unknown.is_empty())
    }
}

/// A replication configuration; without rules if the bucket has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicationRules {
    /// In S3's order.
    pub rules: Vec<ReplicationRule>,
    /// The IAM role that S3 assumes, as it was written. MinIO and RustFS write other texts.
    pub role: Option<String>,
    /// Whether deleting a version also deletes its replica, or may do so: MinIO and RustFS do that if a rule has
    /// `DeleteReplication` Enabled. AWS never does.
    pub version_deletes_replicate: bool,
}

impl ReplicationRules {
    /// Whether a delete marker of this key may be replicated. Any enabled rule that may be for it counts, at any priority.
    pub fn carry_delete_markers(&self, key: &str) -> bool {
        self.rules.iter().any(|rule| rule.may_carry_delete_marker_of(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_goes_by_tags_if_it_names_or_excludes_one() {
        let tag = || ("a".to_owned(), "b".to_owned());
        let of = |tags, except| RuleScope { tags, except, ..RuleScope::default() }.goes_by_tags();
        let prefix = || Exclusion::Prefix("p/".to_owned());
        let excluded = || Exclusion::Tag(tag().0, tag().1);
        assert!(!of(vec![], vec![]) && !of(vec![], vec![prefix()]));
        assert!(of(vec![tag()], vec![]) && of(vec![], vec![prefix(), excluded()]) && of(vec![tag()], vec![excluded()]));
    }

    #[test]
    fn markers_replicate_by_rule_version_and_switch() {
        // enabled, filter, DeleteMarkerReplication -> replicates
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
        assert!(ReplicationRule { unknown_delete_switch: true, ..ReplicationRule::to("dst") }.carries_delete_markers());
        assert!(!ReplicationRules::default().carry_delete_markers("k"));
    }

    #[test]
    fn any_rule_that_may_be_for_the_key_counts() {
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
