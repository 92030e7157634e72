//! Why an object has no status: each of the reasons that S3 documents, and whether it holds.
//!
//! | reason | decided by |
//! |---|---|
//! | `no-configuration` | GetBucketReplication |
//! | `no-rule` | prefix and tags of the enabled rules |
//! | `rule-disabled` | status of the rules today; of the past nothing is known |
//! | `before-rule` | nothing: S3 keeps no date of a configuration |
//! | `tag-later` | nothing: S3 keeps no date of a tag; ruled out if no rule depends on tags |
//! | `kms` | HEAD and the rule's opt-in |
//! | `versioning` | GetBucketVersioning and the version ID |
//! | `archive` | storage class and archive status |
//! | `replica` | a replica shows REPLICA |
//! | `owner` | nothing in the answer of HEAD |
//! | `server` | the endpoint |
//!
//! Reasons that hold come first, then those that can't be known. A reason that the others make pointless is left out:
//! if no rule can be for the object, the date of the rule does not matter.

use s3_answers::{Doubt, Fit, Misfit, ReplicationRule, Versioning};

use super::claim::{Claim, ClaimState};
use super::facts::{ExplanationFacts, RulesToday};
use super::rules::{name, tags_of};
use crate::model::Failure;
use crate::status::object::ObjectStatus;

pub(super) fn reasons(
    status: &ObjectStatus,
    known: &ExplanationFacts<'_>,
    today: &Result<RulesToday<'_>, &Failure>,
    claims: &mut Vec<Claim>,
) {
    let mut reasons: Vec<Claim> = match today {
        Err(_) => unread(known),
        Ok(today) if today.rules.rules.is_empty() => {
            vec![Claim::holds(
                "no-configuration",
                "the bucket has no replication configuration today, and without one nothing is replicated",
            )]
        }
        Ok(today) => by_rules(status, today, known.custom_endpoint),
    };
    reasons.extend([versioning(status, known), archive(status, known)]);
    reasons.push(Claim::ruled_out("replica", "the status of a replica is REPLICA"));
    reasons.push(Claim::unknown(
        "owner",
        "HEAD does not name the owner: objects that the bucket owner does not own or may not read are not replicated",
    ));
    if known.custom_endpoint {
        reasons.push(Claim::unknown("server", "this is not AWS, and some servers never give a status"));
    }
    reasons.sort_by_key(|claim| match claim.state {
        ClaimState::Holds => 0,
        ClaimState::Unknown => 1,
        ClaimState::RuledOut => 2,
        ClaimState::Info => 3,
    });
    claims.append(&mut reasons);
    claims.push(next(status, today, known.custom_endpoint));
}

/// The reasons that depend on the configuration, if it could not be read.
fn unread(known: &ExplanationFacts<'_>) -> Vec<Claim> {
    let mut claims = vec![
        Claim::unknown("no-configuration", "it is not known whether the bucket has a replication configuration"),
        Claim::unknown("no-rule", "it is not known whether an enabled rule applies to this key and its tags"),
        Claim::unknown("rule-disabled", "it is not known whether its rule is or was disabled"),
        before_rule(None, known.custom_endpoint),
        Claim::unknown(
            "tag-later",
            match known.custom_endpoint {
                true => "it is not known whether a rule depends on tags",
                false => {
                    "it is not known whether a rule depends on tags: they must be there when the object is written"
                }
            },
        ),
    ];
    claims.push(match encryption(known.encryption) {
        Encryption::NoKms(word) => no_kms(word),
        Encryption::Kms(word) => Claim::unknown(
            "kms",
            format!(
                "it is encrypted with a KMS key ({word}), and it is not known whether its rule opts in to KMS keys"
            ),
        ),
        Encryption::Untold => {
            Claim::unknown("kms", "it is not known how it is encrypted, and whether its rule opts in to KMS keys")
        }
    });
    claims
}

fn by_rules(status: &ObjectStatus, today: &RulesToday<'_>, custom_endpoint: bool) -> Vec<Claim> {
    let mut claims = vec![no_rule(today), rule_disabled(today, custom_endpoint)];
    claims.push(Claim::ruled_out("no-configuration", "the bucket has a replication configuration today"));
    let one_may_apply = !today.none_may_apply();
    if one_may_apply {
        claims.push(before_rule(Some(status), custom_endpoint));
    }
    claims.push(tag_later(today, custom_endpoint));
    claims.extend(kms(today));
    claims
}

fn fits<'a>(today: &'a RulesToday<'_>) -> impl Iterator<Item = (&'a ReplicationRule, Fit)> {
    today.rules.rules.iter().map(|rule| (rule, rule.fit(&today.subject)))
}

fn no_rule(today: &RulesToday<'_>) -> Claim {
    let by_key_and_tags = |fit: Fit| match fit {
        Fit::Fits | Fit::Not(Misfit::Kms) | Fit::Unknown(Doubt::Encryption) => Some(true),
        Fit::Unknown(Doubt::Tags | Doubt::Element) => None,
        Fit::Not(Misfit::Disabled | Misfit::Prefix | Misfit::Tags | Misfit::Excluded) => Some(false),
    };
    let found: Vec<Option<bool>> = fits(today).map(|(_, fit)| by_key_and_tags(fit)).collect();
    if found.contains(&Some(true)) {
        Claim::ruled_out("no-rule", "an enabled rule applies to this key and its tags")
    } else if fits(today).any(|(_, fit)| fit == Fit::Unknown(Doubt::Element)) {
        Claim::unknown("no-rule", "an enabled rule has an element that replaudit does not know")
    } else if found.contains(&None) {
        Claim::unknown("no-rule", "an enabled rule depends on the object's tags, which are not known")
    } else {
        Claim::holds("no-rule", "no enabled rule applies to this key and its tags today")
    }
}

fn rule_disabled(today: &RulesToday<'_>, custom_endpoint: bool) -> Claim {
    let were_it_enabled =
        |rule: &ReplicationRule| ReplicationRule { enabled: true, ..rule.clone() }.fit(&today.subject);
    let off = || today.rules.rules.iter().filter(|rule| !rule.enabled);
    if !today.none_may_apply() {
        return Claim::unknown(
            "rule-disabled",
            match custom_endpoint {
                true => "it is not known whether its rule was disabled in the past",
                false => {
                    "it is not known whether its rule was disabled in the past: S3 does not replicate objects later that were written at that time"
                }
            },
        );
    }
    if let Some(rule) = off().find(|rule| were_it_enabled(rule) == Fit::Fits) {
        return Claim::holds("rule-disabled", format!("{} would apply, but it is disabled today", name(rule)));
    }
    match off().find(|rule| matches!(were_it_enabled(rule), Fit::Unknown(_))) {
        Some(rule) => Claim::unknown("rule-disabled", format!("{} may apply, but it is disabled today", name(rule))),
        None => Claim::ruled_out("rule-disabled", "no disabled rule would apply"),
    }
}

fn before_rule(status: Option<&ObjectStatus>, custom_endpoint: bool) -> Claim {
    let written = status
        .and_then(|status| status.last_modified)
        .map(|at| format!("it was written at {at}, and "))
        .unwrap_or_default();
    let existing = match custom_endpoint {
        true => "it is not known whether this server applies a new rule to existing objects",
        false => "a new or changed rule does not apply to existing objects",
    };
    Claim::unknown(
        "before-rule",
        format!("{written}S3 keeps no date of the configuration, so the rule may be newer than the object: {existing}"),
    )
}

fn tag_later(today: &RulesToday<'_>, custom_endpoint: bool) -> Claim {
    let by_tags = |rule: &&ReplicationRule| rule.scope.goes_by_tags();
    if let Some(rule) = today.applying.rules.iter().find(|rule| !by_tags(rule)) {
        return Claim::ruled_out("tag-later", format!("{} does not depend on tags", name(rule)));
    }
    let may_apply = today.applying.rules.iter().chain(&today.applying.unsure).copied();
    if let Some(rule) = may_apply.into_iter().find(by_tags) {
        let tags = if rule.scope.tags.is_empty() { "other tags".to_owned() } else { tags_of(&rule.scope) };
        let had = format!("it is not known whether it had {tags} when it was written");
        return Claim::unknown(
            "tag-later",
            match custom_endpoint {
                true => had,
                false => format!("{had}: {} ignores tags that are added later", name(rule)),
            },
        );
    }
    let other = fits(today).any(|(_, fit)| fit == Fit::Not(Misfit::Tags));
    Claim::ruled_out(
        "tag-later",
        if other {
            "it does not have the tags of any rule today"
        } else {
            "no enabled rule for this key depends on tags"
        },
    )
}

enum Encryption<'a> {
    NoKms(&'a str),
    Kms(&'a str),
    Untold,
}

fn encryption(word: Option<&str>) -> Encryption<'_> {
    match word {
        Some(word @ ("" | "AES256")) => Encryption::NoKms(word),
        Some(word @ ("aws:kms" | "aws:kms:dsse")) => Encryption::Kms(word),
        Some(_) | None => Encryption::Untold,
    }
}

fn no_kms(word: &str) -> Claim {
    let how =
        if word.is_empty() { "HEAD names no encryption".to_owned() } else { format!("it is encrypted with {word}") };
    Claim::ruled_out("kms", format!("no KMS key: {how}"))
}

fn kms(today: &RulesToday<'_>) -> Option<Claim> {
    let lacking = fits(today).find(|(_, fit)| *fit == Fit::Not(Misfit::Kms));
    match (encryption(today.subject.encryption), lacking) {
        (Encryption::NoKms(word), _) => Some(no_kms(word)),
        (Encryption::Kms(word), _) if !today.applying.rules.is_empty() => {
            Some(Claim::ruled_out("kms", format!("its rule opts in to KMS keys today ({word})")))
        }
        (Encryption::Kms(word), Some((rule, _))) if today.applying.unsure.is_empty() => Some(Claim::holds(
            "kms",
            format!(
                "it is encrypted with a KMS key ({word}), and {} does not opt in to KMS keys (SseKmsEncryptedObjects, off by default)",
                name(rule)
            ),
        )),
        (Encryption::Kms(_), _) if today.none_may_apply() => None,
        (Encryption::Kms(word), _) => Some(Claim::unknown(
            "kms",
            format!(
                "it is encrypted with a KMS key ({word}), and it is not known whether a rule that opts in applies to it"
            ),
        )),
        (Encryption::Untold, _) => {
            Some(Claim::unknown("kms", "it is not known whether it is encrypted with a KMS key"))
        }
    }
}

fn versioning(status: &ObjectStatus, known: &ExplanationFacts<'_>) -> Claim {
    const WHAT: &str = "versioning";
    match (known.versioning, status.version_id.as_deref()) {
        (Err(failure), _) => Claim::unknown(
            WHAT,
            format!("it is not known whether the bucket has versioning, which replication needs: {failure}"),
        ),
        (Ok(Versioning::Never), _) => Claim::holds(WHAT, "the bucket has no versioning, and replication needs it"),
        (Ok(Versioning::Suspended), _) => {
            Claim::holds(WHAT, "versioning of the bucket is suspended today, and replication needs it")
        }
        (Ok(Versioning::Enabled), Some("null")) => Claim::holds(
            WHAT,
            "it is the null version, written before versioning was enabled or while it was suspended; replication needs versioning",
        ),
        (Ok(Versioning::Enabled), Some(_)) => {
            Claim::ruled_out(WHAT, "it has a version ID, so it was written with versioning enabled")
        }
        (Ok(Versioning::Enabled), None) => Claim::unknown(
            WHAT,
            "versioning is enabled today, but HEAD gives no version ID: the object may have been written before",
        ),
    }
}

fn archive(status: &ObjectStatus, known: &ExplanationFacts<'_>) -> Claim {
    let class = status.storage_class.as_deref().unwrap_or("STANDARD");
    match (class, known.archive_status) {
        ("GLACIER" | "DEEP_ARCHIVE", _) | (_, Some(_)) if known.custom_endpoint => Claim::unknown(
            "archive",
            format!(
                "its storage class is {class}, and it is not known whether this server replicates archived objects"
            ),
        ),
        ("GLACIER" | "DEEP_ARCHIVE", _) => Claim::holds(
            "archive",
            format!("its storage class is {class}, and S3 does not replicate objects of that class"),
        ),
        (_, Some(tier)) => Claim::holds(
            "archive",
            format!(
                "it is in an archive tier of Intelligent-Tiering ({tier}), and S3 does not replicate objects in archive tiers"
            ),
        ),
        (_, None) => Claim::ruled_out("archive", format!("its storage class is {class}")),
    }
}

fn next(status: &ObjectStatus, today: &Result<RulesToday<'_>, &Failure>, custom_endpoint: bool) -> Claim {
    let archived = matches!(status.storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE"));
    let first = match today {
        Ok(today) if today.rules.rules.is_empty() => "give the bucket a replication configuration, then ",
        Ok(today) if today.none_may_apply() => "make a rule apply to it, then ",
        Ok(_) | Err(_) => "",
    };
    let then = match archived {
        _ if custom_endpoint => "upload it again, or let the server replicate existing objects",
        true => "restore it and copy it to another storage class (S3 Batch Replication can't replicate it either)",
        false => "upload it again, or run S3 Batch Replication with the filter ObjectReplicationStatuses NONE",
    };
    Claim::info("next", format!("to replicate it: {first}{then}"))
}
