//! The destination buckets of the rules, and those that are named with `--destination`.

use s3_answers::Versioning;

use super::rules::of_rules;
use crate::doctor::check::Check;
use crate::doctor::facts::{DestinationFacts, SetUpFacts, is_missing};
use crate::doctor::findings::Findings;
use crate::doctor::needs::{LIST, OBJECT_LOCK, PolicyTarget, REPLICATION, VERSIONING};
use crate::doctor::state::CheckState;
use crate::status::same_endpoint;

pub(in crate::doctor) static CHECKS: [Check; 3] = [
    Check {
        id: "rule.destination.exists",
        title: "Every destination bucket exists, and is another bucket than the source.",
        otherwise: Some(CheckState::Fail),
        meaning: "Objects fail with DstBucketNotFound if the bucket is gone. A refusal (403) does not show whether the bucket exists. A destination in another account needs that account's credentials, or a bucket policy.",
        repair: "Create the bucket, or correct the rule. Name the Region, endpoint or profile of a destination with `--destination BUCKET,region=R,endpoint=URL,profile=P`.",
        needs: &[(REPLICATION, PolicyTarget::Source), (LIST, PolicyTarget::Destination)],
        find: exists,
    },
    Check {
        id: "rule.destination.versioning",
        title: "Versioning of every destination bucket is enabled.",
        otherwise: Some(CheckState::Fail),
        meaning: "S3 replicates only into buckets with versioning. If it is suspended, objects fail with DstBucketUnversioned.",
        repair: "Enable versioning of the destination, then replicate the failed objects with S3 Batch Replication.",
        needs: &[(REPLICATION, PolicyTarget::Source), (VERSIONING, PolicyTarget::Destination)],
        find: versioning,
    },
    Check {
        id: "rule.destination.object-lock",
        title: "Every destination bucket has Object Lock if the source bucket has it.",
        otherwise: Some(CheckState::Fail),
        meaning: "Objects with retention or a legal hold fail with DstBucketObjectLockConfigMissing otherwise. The replication role also needs s3:GetObjectRetention and s3:GetObjectLegalHold.",
        repair: "Enable Object Lock in the destination bucket.",
        needs: &[
            (REPLICATION, PolicyTarget::Source),
            (OBJECT_LOCK, PolicyTarget::Source),
            (OBJECT_LOCK, PolicyTarget::Destination),
        ],
        find: object_lock,
    },
];

/// Passes every destination that exists to `look`; says of the others that they do not.
pub(super) fn each(facts: &SetUpFacts, found: &mut Findings, look: impl Fn(&DestinationFacts, &mut Findings)) {
    if facts.source.rules.as_ref().is_ok_and(|rules| rules.rules.is_empty()) && !facts.destinations.is_empty() {
        return all(facts, look, found);
    }
    of_rules(facts, found, "", |_, found| {
        all(facts, look, found);
        if facts.destinations.is_empty() && facts.not_buckets.is_empty() {
            found.fail("no enabled rule names a destination", "enable a rule");
        }
    })
}

fn all(facts: &SetUpFacts, look: impl Fn(&DestinationFacts, &mut Findings), found: &mut Findings) {
    for failure in &facts.not_buckets {
        found.fail(failure.message.clone(), "name a bucket as the destination");
    }
    for to in &facts.destinations {
        match is_missing(&to.head) {
            true => found.fail(format!("bucket {} does not exist", to.location.bucket), create(to)),
            false => look(to, found),
        }
    }
}

fn create(to: &DestinationFacts) -> String {
    format!("create bucket {} with versioning, or correct the rule or --destination", to.location.bucket)
}

fn is_source(to: &DestinationFacts, facts: &SetUpFacts) -> bool {
    to.location.bucket == *facts.bucket()
        && same_endpoint(to.location.endpoint.as_deref(), facts.location.endpoint.as_deref())
}

fn exists(facts: &SetUpFacts, found: &mut Findings) {
    each(facts, found, |to, found| match &to.head {
        Ok(()) if is_source(to, facts) => found.fail(
            format!("bucket {} is the source itself", to.location.bucket),
            "name another bucket as the destination",
        ),
        Ok(()) => {
            let region = to.location.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
            found.ok(format!("bucket {}{region}", to.location.bucket));
        }
        Err(failure) => found.unread(failure, LIST, &to.location),
    })
}

fn versioning(facts: &SetUpFacts, found: &mut Findings) {
    each(facts, found, |to, found| {
        let bucket = &to.location.bucket;
        let enable = || to.location.aws("put-bucket-versioning", &["--versioning-configuration", "Status=Enabled"]);
        match to.versioning.as_ref().map(|versioning| versioning.status) {
            Ok(Versioning::Enabled) => found.ok(format!("bucket {bucket}: versioning is enabled")),
            Ok(Versioning::Suspended) => found.fail(format!("bucket {bucket}: versioning is suspended"), enable()),
            Ok(Versioning::Never) => found.fail(format!("bucket {bucket}: versioning was never enabled"), enable()),
            Err(failure) => found.unread(failure, VERSIONING, &to.location),
        }
    })
}

fn object_lock(facts: &SetUpFacts, found: &mut Findings) {
    match &facts.source.object_lock {
        Ok(lock) if lock.enabled => {}
        Ok(_) => return found.ok("the source bucket has no Object Lock"),
        Err(failure) => return found.unread_feature(failure, OBJECT_LOCK, &facts.location, "Object Lock"),
    }
    each(facts, found, |to, found| {
        let bucket = &to.location.bucket;
        match &to.object_lock {
            Ok(lock) if lock.enabled => found.ok(format!("bucket {bucket} has Object Lock")),
            Ok(_) => found.fail(
                format!("the source bucket has Object Lock, and bucket {bucket} has not"),
                to.location.aws(
                    "put-object-lock-configuration",
                    &["--object-lock-configuration", "ObjectLockEnabled=Enabled"],
                ),
            ),
            Err(failure) => found.unread(failure, OBJECT_LOCK, &to.location),
        }
    })
}
