//! Which rule applies today, which does not and why, and whether a delete marker is replicated.

use s3_answers::{Doubt, Exclusion, Fit, Misfit, ReplicationRule, RuleScope};

use super::claim::Claim;
use super::facts::RulesToday;
use crate::model::Failure;

/// More rules than these that do not apply are only counted: a configuration can have a thousand.
const MOST: usize = 8;

pub(super) fn unreadable(failure: &Failure) -> Claim {
    Claim::unknown("rule", format!("it is not known which rule applies: {failure}"))
}

/// Each rule, those that apply first.
pub(super) fn applying(
    today: &RulesToday<'_>,
    tags: Option<&Result<Vec<(String, String)>, Failure>>,
    claims: &mut Vec<Claim>,
) {
    if today.rules.rules.is_empty() {
        claims.push(Claim::info("rule", "the bucket has no replication configuration today"));
        return;
    }
    for rule in &today.applying.rules {
        let text = format!("{} applies today: it replicates {}", name(rule), replicated(rule));
        claims.push(Claim::holds("rule", text));
    }
    for rule in &today.applying.unsure {
        claims.push(Claim::unknown("rule", format!("{} may apply: {}", name(rule), doubt(rule, today, tags))));
    }
    let named = |rule: &ReplicationRule| {
        let mut all = today.applying.rules.iter().chain(&today.applying.unsure);
        all.any(|named| std::ptr::eq(*named, rule))
    };
    let rest: Vec<&ReplicationRule> = today.rules.rules.iter().filter(|rule| !named(rule)).collect();
    for rule in rest.iter().take(MOST) {
        claims.push(Claim::ruled_out("rule", format!("{} does not apply: {}", name(rule), misfit(rule, today))));
    }
    if rest.len() > MOST {
        claims.push(Claim::ruled_out("rule", format!("{} more rules do not apply", rest.len() - MOST)));
    }
}

/// What deleting the object would do at the destinations.
pub(super) fn deletes(today: &RulesToday<'_>, claims: &mut Vec<Claim>) {
    let key = today.subject.key;
    let carriers: Vec<&ReplicationRule> =
        today.rules.rules.iter().filter(|rule| rule.may_carry_delete_marker_of(key)).collect();
    match carriers.as_slice() {
        [] => claims.push(Claim::info(
            "delete-markers",
            "if you hide the object, S3 does not replicate the delete marker: its replicas stay visible",
        )),
        [first, ..] => claims.push(Claim::info(
            "delete-markers",
            format!(
                "a delete marker for this key can be replicated to bucket {}: {} {}",
                first.destination.bucket,
                name(first),
                match (first.scope.has_filter, first.delete_marker_replication) {
                    (false, _) => "has no Filter, and rules without one replicate them",
                    (true, true) => "replicates them",
                    (true, false) => "has an unknown element about deletes",
                }
            ),
        )),
    }
    if today.rules.version_deletes_replicate {
        let unknown = today.rules.rules.iter().any(|rule| rule.enabled && rule.unknown_delete_switch);
        claims.push(Claim::info(
            "version-deletes",
            match unknown {
                true => "a rule has an unknown element about deletes: deleting a version may also delete its replica",
                false => "on this server, deleting a version also deletes its replica",
            },
        ));
    }
}

pub(super) fn name(rule: &ReplicationRule) -> String {
    match &rule.id {
        Some(id) => format!("rule \"{id}\""),
        None => format!("the rule without ID to bucket {}", rule.destination.bucket),
    }
}

/// `every key to bucket dst`, `to bucket dst: every key, except keys that begin with "tmp/"`.
fn replicated(rule: &ReplicationRule) -> String {
    let scope = &rule.scope;
    let keys = match scope.prefix.as_str() {
        "" => "every key".to_owned(),
        prefix => format!("keys that begin with \"{prefix}\""),
    };
    let tagged = if scope.tags.is_empty() { keys } else { format!("{keys} with {}", tags_of(scope)) };
    let to = destination(rule);
    match scope.except.is_empty() {
        true => format!("{tagged} {to}"),
        false => format!("{to}: {tagged}, except {}", exclusions(scope)),
    }
}

/// `keys that begin with "tmp/" or objects with the tag team=a`.
fn exclusions(scope: &RuleScope) -> String {
    let shown = scope.except.iter().map(|one| match one {
        Exclusion::Prefix(prefix) => format!("keys that begin with \"{prefix}\""),
        Exclusion::Tag(key, value) => format!("objects with the tag {key}={value}"),
    });
    shown.collect::<Vec<_>>().join(" or ")
}

/// `the tag team=a`, `the tags team=a and tier=1`.
pub(super) fn tags_of(scope: &RuleScope) -> String {
    let tags: Vec<String> = scope.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("the tag{} {}", if tags.len() == 1 { "" } else { "s" }, tags.join(" and "))
}

fn destination(rule: &ReplicationRule) -> String {
    let to = &rule.destination;
    let mut text = format!("to bucket {}", to.bucket);
    if let Some(account) = &to.account {
        text += &format!(" of account {account}");
    }
    if let Some(class) = &to.storage_class {
        text += &format!(" as {class}");
    }
    if let Some(minutes) = rule.time_control_minutes {
        text += &format!(", within {minutes} minutes by Replication Time Control");
    }
    text
}

fn doubt(
    rule: &ReplicationRule,
    today: &RulesToday<'_>,
    tags: Option<&Result<Vec<(String, String)>, Failure>>,
) -> String {
    match rule.fit(&today.subject) {
        Fit::Unknown(Doubt::Tags) => {
            let why = match tags {
                Some(Err(failure)) => format!(": {failure}"),
                Some(Ok(_)) | None => String::new(),
            };
            if rule.scope.tags.is_empty() {
                format!("it excludes {}, and the object's tags are not known{why}", exclusions(&rule.scope))
            } else {
                format!("it applies only to objects with {}, and the object's tags are not known{why}", tags_of(&rule.scope))
            }
        }
        Fit::Unknown(Doubt::Element) => {
            format!("it has {}, which replaudit does not know", rule.unknown.join(" and "))
        }
        Fit::Unknown(Doubt::Encryption) => {
            "it does not replicate objects encrypted with KMS keys, and it is not known how this object is encrypted".to_owned()
        }
        Fit::Fits | Fit::Not(_) => {
            "another rule with the same destination and a higher priority does not opt in to KMS keys, and S3 does not document which of the two applies".to_owned()
        }
    }
}

fn misfit(rule: &ReplicationRule, today: &RulesToday<'_>) -> String {
    match rule.fit(&today.subject) {
        Fit::Not(Misfit::Disabled) => "it is disabled".to_owned(),
        Fit::Not(Misfit::Prefix) => format!("it applies only to keys that begin with \"{}\"", rule.scope.prefix),
        Fit::Not(Misfit::Tags) => format!("the object does not have {}", tags_of(&rule.scope)),
        Fit::Not(Misfit::Excluded) => format!("it excludes {}", exclusions(&rule.scope)),
        Fit::Not(Misfit::Kms) => format!(
            "the object is encrypted with a KMS key ({}), and the rule does not opt in to KMS keys (SseKmsEncryptedObjects)",
            today.subject.encryption.unwrap_or_default()
        ),
        Fit::Fits | Fit::Unknown(_) => {
            let to = &rule.destination.bucket;
            let over = today.applying.rules.iter().find(|other| other.destination.bucket == *to);
            let over = over.map_or_else(|| "another rule".to_owned(), |other| name(other));
            format!("{over} has the same destination and comes first by priority")
        }
    }
}
