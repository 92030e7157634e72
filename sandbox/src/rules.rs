//! Replication rules: how a test writes them, and how the store reads them.
//!
//! Both inputs become the S3 document: a [`Rule`] becomes the same configuration that
//! PutBucketReplication would bring, so GetBucketReplication always returns the same document.

use s3s::dto;

use crate::foreign::ForeignElements;

/// A replication rule for [`crate::Sandbox::replicate`].
#[derive(Clone, Debug, Default)]
pub struct Rule {
    id: String,
    to: Vec<String>,
    prefix: Option<String>,
    tags: Vec<(String, String)>,
    priority: i32,
    delete_markers: bool,
    foreign: ForeignElements,
    v1: bool,
    enabled: bool,
    kms: bool,
    replica_modifications: bool,
    time_control: bool,
    metrics: bool,
    replica_key: Option<String>,
    storage_class: Option<String>,
    account: Option<String>,
}

impl Rule {
    /// Names an enabled rule with a `Filter` that matches every key.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), priority: 1, enabled: true, ..Self::default() }
    }

    fn documents(&self) -> Vec<(dto::ReplicationRule, ForeignElements)> {
        let several = self.to.len() > 1;
        self.to
            .iter()
            .enumerate()
            .map(|(n, bucket)| {
                let id = match several {
                    true => format!("{}-{}", self.id, n + 1),
                    false => self.id.clone(),
                };
                (self.document(id, bucket), self.foreign.clone())
            })
            .collect()
    }

    fn document(&self, id: String, bucket: &str) -> dto::ReplicationRule {
        let status = dto::ReplicationRuleStatus::from_static(on_off(self.enabled));
        let destination = dto::Destination {
            access_control_translation: None,
            account: self.account.clone(),
            bucket: format!("arn:aws:s3:::{bucket}"),
            encryption_configuration: self
                .replica_key
                .clone()
                .map(|key| dto::EncryptionConfiguration { replica_kms_key_id: Some(key) }),
            metrics: self.metrics.then(|| dto::Metrics {
                event_threshold: self.time_control.then(fifteen_minutes),
                status: dto::MetricsStatus::from_static("Enabled"),
            }),
            replication_time: self.time_control.then(|| dto::ReplicationTime {
                status: dto::ReplicationTimeStatus::from_static("Enabled"),
                time: fifteen_minutes(),
            }),
            storage_class: self.storage_class.clone().map(Into::into),
        };
        let criteria = (self.kms || self.replica_modifications).then(|| dto::SourceSelectionCriteria {
            replica_modifications: self
                .replica_modifications
                .then(|| dto::ReplicaModifications { status: dto::ReplicaModificationsStatus::from_static("Enabled") }),
            sse_kms_encrypted_objects: self.kms.then(|| dto::SseKmsEncryptedObjects {
                status: dto::SseKmsEncryptedObjectsStatus::from_static("Enabled"),
            }),
        });
        dto::ReplicationRule {
            delete_marker_replication: (!self.v1).then(|| dto::DeleteMarkerReplication {
                status: Some(dto::DeleteMarkerReplicationStatus::from_static(on_off(self.delete_markers))),
            }),
            destination,
            existing_object_replication: None,
            filter: (!self.v1).then(|| self.filter()),
            id: Some(id),
            prefix: self.v1.then(|| self.prefix.clone().unwrap_or_default()),
            priority: (!self.v1).then_some(self.priority),
            source_selection_criteria: criteria,
            status,
        }
    }

    fn filter(&self) -> dto::ReplicationRuleFilter {
        let tags: Vec<dto::Tag> = self.tags.iter().map(tag_document).collect();
        let mut filter = dto::ReplicationRuleFilter { and: None, prefix: None, tag: None };
        // `Not` may be alone in the filter; with other conditions it goes into `And`.
        let excludes = !self.foreign.excluded.is_empty();
        match (&self.prefix, tags.len()) {
            (None, 0) if excludes => {}
            (prefix, 0) if !excludes => filter.prefix = Some(prefix.clone().unwrap_or_default()),
            (None, 1) if !excludes => filter.tag = tags.into_iter().next(),
            (prefix, _) => {
                filter.and = Some(dto::ReplicationRuleAndOperator {
                    prefix: prefix.clone(),
                    tags: (!tags.is_empty()).then_some(tags),
                });
            }
        }
        filter
    }
}

setters! {
    Rule as rule:
    /// Names a destination bucket; several become one rule each, as S3 requires.
    to(bucket: &str) { rule.to.push(bucket.to_owned()) }
    /// Matches only keys that begin like this.
    prefix(prefix: &str) { rule.prefix = Some(prefix.to_owned()) }
    /// Matches only objects written with this tag; several must all match.
    tag(key: &str, value: &str) { rule.tags.push((key.to_owned(), value.to_owned())) }
    /// Excludes keys that begin like this. Several exclusions, of prefixes and tags, become one `Or`.
    not_prefix(prefix: &str) { rule.foreign.excluded.prefixes.push(prefix.to_owned()) }
    /// Excludes objects written with this tag.
    not_tag(key: &str, value: &str) { rule.foreign.excluded.tags.push((key.to_owned(), value.to_owned())) }
    /// Decides between rules with the same destination: the highest wins.
    priority(priority: i32) { rule.priority = priority }
    /// Replicates delete markers too.
    delete_markers(on: bool) { rule.delete_markers = on }
    /// Writes a `DeleteReplication` element, which AWS does not know: see
    /// [`crate::Dialect::version_deletes_replicate`].
    version_deletes(on: bool) { rule.foreign.version_deletes = Some(on) }
    /// Writes the rule the old way: a `Prefix` without `Filter`, which replicates markers.
    v1() { rule.v1 = true }
    /// Keeps the rule but switches it off.
    disabled() { rule.enabled = false }
    /// Opts in to objects encrypted with KMS keys.
    kms() { rule.kms = true }
    /// Switches on replica modification sync. The sandbox stores the setting and does not act on it.
    replica_modifications() { rule.replica_modifications = true }
    /// Names the KMS key of the replicas. The sandbox stores it and does not act on it.
    replica_key(key: &str) { rule.replica_key = Some(key.to_owned()) }
    /// Switches replication metrics on or off.
    metrics(on: bool) { rule.metrics = on }
    /// Switches on S3 Replication Time Control, of 15 minutes, and the metrics that S3 requires with it. The sandbox keeps
    /// it, and takes the time that `replication_delay` sets.
    time_control() {
        rule.time_control = true;
        rule.metrics = true;
    }
    /// Sets the storage class of the replicas.
    storage_class(class: &str) { rule.storage_class = Some(class.to_owned()) }
    /// Names the account of the destination.
    account(account: &str) { rule.account = Some(account.to_owned()) }
}

/// The only number that S3 takes.
fn fifteen_minutes() -> dto::ReplicationTimeValue {
    dto::ReplicationTimeValue { minutes: Some(15) }
}

fn on_off(on: bool) -> &'static str {
    if on { "Enabled" } else { "Disabled" }
}

fn tag_document((key, value): &(String, String)) -> dto::Tag {
    dto::Tag { key: Some(key.clone()), value: Some(value.clone()) }
}

/// A bucket's replication: the document, and its rules as the store applies them.
#[derive(Clone)]
pub(crate) struct Replication {
    pub(crate) document: dto::ReplicationConfiguration,
    pub(crate) rules: Vec<RuleState>,
}

/// One rule, read from the document.
#[derive(Clone)]
pub(crate) struct RuleState {
    pub(crate) enabled: bool,
    pub(crate) priority: i32,
    pub(crate) prefix: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) delete_markers: bool,
    pub(crate) foreign: ForeignElements,
    pub(crate) kms: bool,
    pub(crate) to: String,
    pub(crate) storage_class: Option<String>,
}

impl Replication {
    pub(crate) fn from_rules(rules: impl IntoIterator<Item = Rule>) -> Self {
        let (rules, foreign): (Vec<_>, Vec<_>) = rules.into_iter().flat_map(|rule| rule.documents()).unzip();
        let role = "arn:aws:iam::111122223333:role/replication".to_owned();
        Self::from_document(dto::ReplicationConfiguration { role, rules }, &foreign)
    }

    /// `foreign` holds the elements of each rule that the document's type drops.
    pub(crate) fn from_document(document: dto::ReplicationConfiguration, foreign: &[ForeignElements]) -> Self {
        let rules = document
            .rules
            .iter()
            .enumerate()
            .map(|(n, rule)| RuleState::read(rule, foreign.get(n).cloned().unwrap_or_default()))
            .collect();
        Self { document, rules }
    }
}

impl RuleState {
    pub(crate) fn matches(&self, key: &str, tags: &[(String, String)]) -> bool {
        self.enabled
            && key.starts_with(&self.prefix)
            && self.tags.iter().all(|tag| tags.contains(tag))
            && !self.foreign.excluded.covers(key, tags)
    }

    /// Whether tags decide: such a rule replicates no delete markers.
    pub(crate) fn looks_at_tags(&self) -> bool {
        !self.tags.is_empty() || !self.foreign.excluded.tags.is_empty()
    }

    fn read(rule: &dto::ReplicationRule, foreign: ForeignElements) -> Self {
        let mut prefix = rule.prefix.clone();
        let mut tags = Vec::new();
        if let Some(filter) = &rule.filter {
            prefix = prefix.or_else(|| filter.prefix.clone());
            tags.extend(filter.tag.iter().map(read_tag));
            if let Some(and) = &filter.and {
                prefix = prefix.or_else(|| and.prefix.clone());
                tags.extend(and.tags.iter().flatten().map(read_tag));
            }
        }
        let markers = rule
            .delete_marker_replication
            .as_ref()
            .and_then(|markers| markers.status.as_ref())
            .is_some_and(|status| status.as_str() == "Enabled");
        let kms = rule
            .source_selection_criteria
            .as_ref()
            .and_then(|criteria| criteria.sse_kms_encrypted_objects.as_ref())
            .is_some_and(|kms| kms.status.as_str() == "Enabled");
        let to = &rule.destination.bucket;
        Self {
            enabled: rule.status.as_str() == "Enabled",
            priority: rule.priority.unwrap_or(0),
            prefix: prefix.unwrap_or_default(),
            // Without a filter the rule is of the first kind, which takes markers along.
            delete_markers: markers || rule.filter.is_none(),
            tags,
            foreign,
            kms,
            to: to.rsplit(':').next().unwrap_or(to).to_owned(),
            storage_class: rule.destination.storage_class.as_ref().map(|class| class.as_str().to_owned()),
        }
    }
}

fn read_tag(tag: &dto::Tag) -> (String, String) {
    (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_the_document() {
        let replication = Replication::from_rules([
            Rule::new("v1").to("a").prefix("x/").v1(),
            Rule::new("and").to("b").prefix("y/").tag("k", "v").priority(7),
            Rule::new("tag").to("c").to("d").tag("k", "v").disabled(),
        ]);
        let seen: Vec<_> = replication
            .rules
            .iter()
            .map(|r| (r.to.as_str(), r.prefix.as_str(), r.tags.len(), r.enabled, r.delete_markers))
            .collect();
        assert_eq!(
            seen,
            [
                ("a", "x/", 0, true, true),
                ("b", "y/", 1, true, false),
                ("c", "", 1, false, false),
                ("d", "", 1, false, false),
            ]
        );
        assert_eq!(replication.document.rules[2].id.as_deref(), Some("tag-1"));
    }
}
