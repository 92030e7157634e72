//! Objects that are encrypted with KMS keys: whether the rules include them, and with which key.

use s3_answers::{Doubt, Fit, Misfit, ObjectId, ReplicationRule, Subject};

use super::rules::{enabled_rules, of_rules};
use crate::doctor::check::Check;
use crate::doctor::facts::SetUpFacts;
use crate::doctor::findings::Findings;
use crate::doctor::needs::{ENCRYPTION, LIST, OBJECT, PolicyTarget, REPLICATION};
use crate::doctor::scope::name;
use crate::doctor::state::CheckState;
use crate::model::Failure;
use crate::status::HeadAnswer;

pub(in crate::doctor) static CHECKS: [Check; 3] = [
    Check {
        id: "rule.kms.opt-in",
        title: "The bucket does not encrypt with KMS keys by default, and none of its first objects is encrypted with one; or the rules include such objects.",
        otherwise: Some(CheckState::Fail),
        meaning: "S3 replicates objects with SSE-KMS or DSSE-KMS only under a rule that opts in (SourceSelectionCriteria, SseKmsEncryptedObjects). Without it they have no status, and no error is reported. Objects can also be encrypted in another way than the default: doctor looks at the first ones.",
        repair: "Set SseKmsEncryptedObjects to Enabled in the rule, name a key of the destination Region in ReplicaKmsKeyID, and allow the role to use both keys.",
        needs: &[
            (REPLICATION, PolicyTarget::Source),
            (ENCRYPTION, PolicyTarget::Source),
            (LIST, PolicyTarget::Source),
            (OBJECT, PolicyTarget::Source),
        ],
        find: opt_in,
    },
    Check {
        id: "rule.kms.key-is-arn",
        title: "ReplicaKmsKeyID is the ARN of a key.",
        otherwise: None,
        meaning: "A rule that includes KMS objects must name the key for the replicas. An alias is a warning: S3 looks it up in the account of the request, so it may be another key than you mean, or none. A bare key ID, or no key, fails.",
        repair: "Write arn:aws:kms:REGION:ACCOUNT:key/ID, with the Region of the destination bucket.",
        needs: &[(REPLICATION, PolicyTarget::Source)],
        find: key_is_arn,
    },
    Check {
        id: "rule.kms.key-region",
        title: "The key for the replicas is in the Region of the destination bucket.",
        otherwise: Some(CheckState::Fail),
        meaning: "S3 encrypts a replica in the destination Region, so the key must be there. With a key of another Region, objects fail with DstKmsKeyNotFound.",
        repair: "Name a key of the destination Region. A multi-Region key has an ARN in each Region.",
        needs: &[(REPLICATION, PolicyTarget::Source), (LIST, PolicyTarget::Destination)],
        find: key_region,
    },
];

const ADD_OPT_IN: &str =
    "add to the rule: \"SourceSelectionCriteria\":{\"SseKmsEncryptedObjects\":{\"Status\":\"Enabled\"}}";

/// The failure because of which it is not known how the first objects are encrypted, and the permission for the reading.
fn unread_sample(facts: &SetUpFacts) -> Option<(&Failure, &'static str)> {
    match &facts.source.samples {
        Err(failure) => Some((failure, LIST)),
        Ok(samples) => samples.heads.iter().find_map(|(_, head)| Some((head.as_ref().err()?, OBJECT))),
    }
}

/// The sampled objects that are encrypted, and how.
fn encrypted(facts: &SetUpFacts) -> impl Iterator<Item = (&ObjectId, &str)> {
    let heads = facts.source.samples.as_ref().map_or(&[][..], |samples| &samples.heads);
    heads.iter().filter_map(|(object, head)| match head {
        Ok(HeadAnswer::Object(head)) => Some((object, head.encryption.as_deref()?)),
        Ok(HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. }) | Err(_) => None,
    })
}

const CHECK_OPT_IN: &str = "find out whether rules without SseKmsEncryptedObjects apply to such objects";

fn opt_in(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "", |rules, found| {
        let without: Vec<&ReplicationRule> = enabled_rules(rules).filter(|rule| !rule.kms_opt_in).collect();
        if without.is_empty() {
            return found.ok("every enabled rule includes objects with KMS keys");
        }
        if let Some((object, algorithm)) = encrypted(facts).find(|(_, algorithm)| algorithm.starts_with("aws:kms")) {
            let subject = Subject { key: &object.key, tags: None, encryption: Some(algorithm) };
            for rule in without.iter().filter(|rule| rule.fit(&subject) == Fit::Not(Misfit::Kms)) {
                let what = format!("{object} is encrypted with {algorithm}");
                found.fail(format!("{what}, and {} does not include such objects", name(rule)), ADD_OPT_IN);
            }
        } else if let Some((failure, permission)) = unread_sample(facts) {
            found.unread(failure, permission, &facts.location);
        }
        for (object, algorithm) in encrypted(facts) {
            let subject = Subject { key: &object.key, tags: None, encryption: Some(algorithm) };
            if without.iter().any(|rule| rule.fit(&subject) == Fit::Unknown(Doubt::Encryption)) {
                let what = format!("{object} is encrypted with {algorithm:?}, which replaudit does not know");
                found.unknown(what, CHECK_OPT_IN);
            }
        }
        match &facts.source.encryption {
            Ok(Some(default)) if !default.is_kms() && default.algorithm != "AES256" => {
                let what = format!(
                    "the bucket encrypts new objects with {:?}, which replaudit does not know",
                    default.algorithm
                );
                found.unknown(what, CHECK_OPT_IN);
            }
            Err(failure) => found.unread_feature(failure, ENCRYPTION, &facts.location, "default encryption"),
            Ok(None) => found.ok("the bucket does not encrypt by default"),
            Ok(Some(default)) if !default.is_kms() => {
                found.ok(format!("the bucket encrypts new objects with {}", default.algorithm));
            }
            Ok(Some(default)) => {
                for rule in without {
                    found.fail(
                        format!(
                            "the bucket encrypts new objects with {}, and {} does not include them",
                            default.algorithm,
                            name(rule)
                        ),
                        ADD_OPT_IN,
                    );
                }
            }
        }
    })
}

/// What a text that should name a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyForm<'a> {
    /// The ARN of a key in this Region.
    Arn(&'a str),
    /// An alias, or the ARN of one in this Region.
    Alias(Option<&'a str>),
    Other,
}

fn key_form(text: &str) -> KeyForm<'_> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "kms", region, _, name] if partition.starts_with("aws") && !region.is_empty() => {
            match name.split_once('/') {
                Some(("key", id)) if !id.is_empty() => KeyForm::Arn(region),
                Some(("alias", _)) => KeyForm::Alias(Some(region)),
                Some(_) | None => KeyForm::Other,
            }
        }
        _ if text.starts_with("alias/") => KeyForm::Alias(None),
        _ => KeyForm::Other,
    }
}

fn key_is_arn(facts: &SetUpFacts, found: &mut Findings) {
    const NEXT: &str = "set ReplicaKmsKeyID to arn:aws:kms:REGION:ACCOUNT:key/ID";
    of_rules(facts, found, "no rule includes KMS objects", |rules, found| {
        for rule in enabled_rules(rules).filter(|rule| rule.kms_opt_in) {
            let name = name(rule);
            match rule.destination.replica_kms_key.as_deref() {
                None => found.fail(format!("{name} includes KMS objects and names no key for the replicas"), NEXT),
                Some(key) => match key_form(key) {
                    KeyForm::Arn(_) => found.ok(format!("{name}: {key}")),
                    KeyForm::Alias(_) => found.warn(format!("{name} names an alias: {key}"), NEXT),
                    KeyForm::Other => found.fail(format!("{name} names no ARN of a key: {key}"), NEXT),
                },
            }
        }
    })
}

fn key_region(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no rule names a KMS key with a Region", |rules, found| {
        for rule in enabled_rules(rules) {
            let key = rule.destination.replica_kms_key.as_deref().unwrap_or_default();
            let (KeyForm::Arn(region) | KeyForm::Alias(Some(region))) = key_form(key) else { continue };
            compare(rule, region, facts, found);
        }
    })
}

fn compare(rule: &ReplicationRule, region: &str, facts: &SetUpFacts, found: &mut Findings) {
    let (name, bucket) = (name(rule), rule.destination.bucket.as_str());
    let to = facts.destinations.iter().find(|to| to.location.bucket.as_str() == bucket);
    match to.map(|to| (to.location.region.as_deref(), to)) {
        Some((Some(there), _)) if there == region => found.ok(format!("{name}: key and bucket {bucket} in {region}")),
        Some((Some(there), _)) => found.fail(
            format!("{name} names a key in {region}, and bucket {bucket} is in {there}"),
            format!("name a key in {there}"),
        ),
        Some((None, to)) => match &to.head {
            Err(failure) => found.unread(failure, LIST, &to.location),
            Ok(()) => {
                found.unknown(format!("the Region of bucket {bucket} is not known"), "give region= in --destination")
            }
        },
        None => found.unknown(format!("bucket {bucket} was not asked"), "name it with --destination"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_aliases_are_told_apart() {
        for (text, form) in [
            ("arn:aws:kms:eu-west-1:111122223333:key/a-b", KeyForm::Arn("eu-west-1")),
            ("arn:aws:kms:eu-west-1:111122223333:key/mrk-1", KeyForm::Arn("eu-west-1")),
            ("arn:aws-cn:kms:cn-north-1:1:key/a", KeyForm::Arn("cn-north-1")),
            ("arn:aws:kms:eu-west-1:111122223333:alias/a", KeyForm::Alias(Some("eu-west-1"))),
            ("alias/a", KeyForm::Alias(None)),
            ("1234abcd-12ab", KeyForm::Other),
            ("arn:aws:kms:eu-west-1:1:key/", KeyForm::Other),
            ("arn:aws:kms::1:key/a", KeyForm::Other),
            ("arn:aws:s3:::a", KeyForm::Other),
            ("", KeyForm::Other),
        ] {
            assert_eq!(key_form(text), form, "{text}");
        }
    }
}
