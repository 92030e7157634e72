//! Lifecycle rules: what they remove that has no replica, and what they do to hidden objects and to replicas.

use s3_answers::{CurrentExpiration, LifecycleRule, LifecycleRules};

use super::destinations::each;
use crate::doctor::check::Check;
use crate::doctor::facts::SetUpFacts;
use crate::doctor::findings::Findings;
use crate::doctor::needs::{LIFECYCLE, PolicyTarget, REPLICATION};
use crate::doctor::scope::covers_prefix;
use crate::doctor::state::CheckState;
use crate::model::plural;

pub(in crate::doctor) static CHECKS: [Check; 3] = [
    Check {
        id: "lifecycle.expires-unreplicated",
        title: "No lifecycle rule of the source bucket expires objects that are not replicated.",
        otherwise: Some(CheckState::Warn),
        meaning: "S3 does not expire an object while its replication is pending or has failed. It does expire objects without a replication status: those under no rule, and those from before the rule. A warning names the lifecycle rule, and says if no replication rule applies to its keys.",
        repair: "Nothing, if these objects need no replica. Otherwise audit them with `replaudit inventory`, and replicate them with S3 Batch Replication before they expire.",
        needs: &[(LIFECYCLE, PolicyTarget::Source), (REPLICATION, PolicyTarget::Source)],
        find: expires_unreplicated,
    },
    Check {
        id: "lifecycle.expires-hidden",
        title: "No lifecycle rule of the source bucket removes what safe-delete hides.",
        otherwise: Some(CheckState::Warn),
        meaning: "An object that is hidden by a delete marker is a noncurrent version. NoncurrentVersionExpiration removes it permanently after some days. Until then, undo can restore it. On MinIO, DelMarkerExpiration, AllVersionsExpiration or ExpiredObjectAllVersions may remove all versions of a hidden key, also older ones that are not replicated.",
        repair: "Nothing, if that is what you want. Otherwise remove that action from the lifecycle rule, or raise its days.",
        needs: &[(LIFECYCLE, PolicyTarget::Source)],
        find: expires_hidden,
    },
    Check {
        id: "lifecycle.destination",
        title: "No lifecycle rule of a destination bucket expires replicas.",
        otherwise: Some(CheckState::Warn),
        meaning: "The source keeps its status COMPLETED when the replica is expired. Only a look at the replica shows that it is gone (`--verify-replica`).",
        repair: "Remove the expiration from the lifecycle of the destination, or delete at the source only with `--verify-replica`.",
        needs: &[(REPLICATION, PolicyTarget::Source), (LIFECYCLE, PolicyTarget::Destination)],
        find: destination,
    },
];

const FEATURE: &str = "lifecycle rules";

fn keys(prefix: &str) -> String {
    if prefix.is_empty() { "every key".to_owned() } else { format!("keys under {prefix:?}") }
}

fn named(id: Option<&str>) -> String {
    id.map_or_else(|| "a lifecycle rule".to_owned(), |id| format!("lifecycle rule {id:?}"))
}

fn expires(rule: &CurrentExpiration) -> String {
    let when = match (rule.days, &rule.date) {
        (Some(days), _) => format!("after {}", plural(days.into(), "day")),
        (None, Some(date)) => format!("on {date}"),
        (None, None) => "by a condition that replaudit does not know".to_owned(),
    };
    let some = if rule.restricted { "some objects of " } else { "" };
    format!("{} expires {some}{} {when}", named(rule.id.as_deref()), keys(&rule.prefix))
}

fn removes(rule: &LifecycleRule) -> String {
    let after = plural(rule.days.into(), "day");
    let kept = rule.newer_noncurrent_versions;
    let kept = kept.map(|count| format!(" beyond the newest {count}")).unwrap_or_default();
    let name = named(rule.id.as_deref());
    if rule.all_versions && rule.unsure {
        return format!(
            "{name} may remove all versions of {}: it has an element that replaudit does not know",
            keys(&rule.prefix)
        );
    }
    if rule.all_versions {
        let hidden = if rule.prefix.is_empty() { "it is hidden" } else { "they are hidden" };
        return format!("{name} may remove all versions of {} {after} after {hidden}", keys(&rule.prefix));
    }
    format!("{name} removes noncurrent versions{kept} of {} after {after}", keys(&rule.prefix))
}

fn expires_unreplicated(facts: &SetUpFacts, found: &mut Findings) {
    let lifecycle = match &facts.source.lifecycle {
        Ok(lifecycle) => lifecycle,
        Err(failure) => {
            return found.unread_feature(failure, LIFECYCLE, &facts.location, FEATURE);
        }
    };
    let texts = expirations(lifecycle);
    if texts.is_empty() {
        return found.ok("no lifecycle rule expires objects or versions");
    }
    let rules = match &facts.source.rules {
        Ok(rules) => &rules.rules,
        Err(failure) => {
            return found.unread(failure, REPLICATION, &facts.location);
        }
    };
    for (text, prefix) in texts {
        let replicated = rules.iter().any(|rule| covers_prefix(rule, prefix));
        let why = match replicated {
            true => "also objects without a replication status",
            false => "and no replication rule applies to all of these keys",
        };
        let bucket = facts.bucket();
        let next = format!("which objects have no status: replaudit inventory --bucket {bucket} --by prefix");
        found.warn(format!("{text}, {why}"), next);
    }
}

/// Each rule that removes something, with its prefix.
fn expirations(lifecycle: &LifecycleRules) -> Vec<(String, &str)> {
    let current = lifecycle.expirations.iter().map(|rule| (expires(rule), rule.prefix.as_str()));
    current.chain(lifecycle.rules.iter().map(|rule| (removes(rule), rule.prefix.as_str()))).collect()
}

fn expires_hidden(facts: &SetUpFacts, found: &mut Findings) {
    match &facts.source.lifecycle {
        Err(failure) => found.unread_feature(failure, LIFECYCLE, &facts.location, FEATURE),
        Ok(lifecycle) if lifecycle.rules.is_empty() => found.ok("no lifecycle rule removes noncurrent versions"),
        Ok(lifecycle) => {
            for rule in &lifecycle.rules {
                found.warn(removes(rule), "use undo before that, or raise the days");
            }
        }
    }
}

fn destination(facts: &SetUpFacts, found: &mut Findings) {
    each(facts, found, |to, found| {
        let bucket = &to.location.bucket;
        match &to.lifecycle {
            Err(failure) => found.unread_feature(failure, LIFECYCLE, &to.location, FEATURE),
            Ok(lifecycle) => {
                let texts = expirations(lifecycle);
                if texts.is_empty() {
                    found.ok(format!("bucket {bucket}: no lifecycle rule expires objects or versions"));
                }
                for (text, _) in texts {
                    found.warn(format!("bucket {bucket}: {text}"), "delete at the source only with --verify-replica");
                }
            }
        }
    })
}
