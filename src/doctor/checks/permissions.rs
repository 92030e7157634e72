//! What the caller may read, for each of our commands. Nothing is written to find that out, so whether deletes are allowed
//! is not known.

use s3_answers::Versioning;

use super::rules::of_rules;
use super::samples::{no_sample, unanswered};
use crate::doctor::check::Check;
use crate::doctor::facts::{Reading, SampleObjects, SetUpFacts, is_missing};
use crate::doctor::findings::Findings;
use crate::doctor::location::BucketLocation;
use crate::doctor::needs::{
    ANNOTATIONS, INVENTORY, LIFECYCLE, LIST, OBJECT, OBJECT_VERSION, PolicyTarget, REPLICATION, VERSIONING, VERSIONS,
};
use crate::doctor::state::CheckState;
use crate::status::HeadAnswer;

pub(in crate::doctor) static CHECKS: [Check; 5] = [
    Check {
        id: "permission.status",
        title: "The caller may read what status needs.",
        otherwise: None,
        meaning: "doctor lists the first objects of the bucket, and sends HEAD requests for them, with and without a version ID. The check fails if S3 refuses all of these HEAD requests, or the one with a version ID. It is a warning if S3 refuses some of the others. If S3 refuses the list, nothing can be tried: that is unknown. It is unknown too if the answer to a version ID is another version or no object. A bucket without objects is unknown too, or a warning with `--allow-empty`.",
        repair: "Add the printed line to the policy of the caller.",
        needs: &[(LIST, PolicyTarget::Source), (OBJECT, PolicyTarget::Source), (OBJECT_VERSION, PolicyTarget::Source)],
        find: status,
    },
    Check {
        id: "permission.verify-replica",
        title: "The caller may read what --verify-replica needs.",
        otherwise: Some(CheckState::Fail),
        meaning: "doctor sends a HEAD request for the version of a sample to each destination. An answer shows that the read is allowed, also if the replica is not there.",
        repair: "Add the printed line to the policy of the caller at the destination. For a destination in another account, name its credentials with `--destination BUCKET,profile=NAME`.",
        needs: &[
            (REPLICATION, PolicyTarget::Source),
            (LIST, PolicyTarget::Source),
            (OBJECT, PolicyTarget::Source),
            (OBJECT_VERSION, PolicyTarget::Destination),
        ],
        find: verify_replica,
    },
    Check {
        id: "permission.inventory",
        title: "The caller may read what inventory needs.",
        otherwise: None,
        meaning: "doctor lists the inventory configurations, looks for the newest report of the best one (see `inventory.columns`), and reads its manifest. The check fails if S3 refuses one of these reads. Without a usable report, there is nothing to try: that is a warning, and `inventory.age` fails.",
        repair: "Add the printed line to the policy of the caller. Reports that are encrypted with a KMS key need kms:Decrypt too.",
        needs: &[(INVENTORY, PolicyTarget::Source), (LIST, PolicyTarget::Reports), (OBJECT, PolicyTarget::Reports)],
        find: inventory,
    },
    Check {
        id: "permission.safe-delete",
        title: "The caller may read what safe-delete needs.",
        otherwise: None,
        meaning: "safe-delete reads the object, the versioning and the rules of the bucket before it deletes. The check fails if S3 refuses one of these reads, because safe-delete then keeps objects. If S3 refuses only the rules, options can accept that, such as `--allow-marker-replication`, or `--permanent` with `--destination`. It is a warning if S3 refuses to show the lifecycle, the annotations or the list of versions. Without the lifecycle, the plan cannot say what happens next. Without the annotations, `--permanent` keeps every version. Without the list, `--all-versions` does not work. Whether the delete itself is allowed (`s3:DeleteObject`, `s3:DeleteObjectVersion`) is not tried.",
        repair: "Add the printed line to the policy of the caller.",
        needs: &[
            (LIST, PolicyTarget::Source),
            (OBJECT, PolicyTarget::Source),
            (OBJECT_VERSION, PolicyTarget::Source),
            (VERSIONING, PolicyTarget::Source),
            (REPLICATION, PolicyTarget::Source),
            (LIFECYCLE, PolicyTarget::Source),
            (ANNOTATIONS, PolicyTarget::Source),
            (VERSIONS, PolicyTarget::Source),
        ],
        find: safe_delete,
    },
    Check {
        id: "permission.undo",
        title: "The caller may read what undo needs.",
        otherwise: Some(CheckState::Fail),
        meaning: "undo makes sure that a version ID is a delete marker before it removes it. It sends a HEAD request and, if the answer is not clear, lists the versions of the key. If S3 refuses the list, undo does not remove such markers. Whether the removal is allowed (`s3:DeleteObjectVersion`) is not tried.",
        repair: "Add the printed line to the policy of the caller.",
        needs: &[(VERSIONS, PolicyTarget::Source)],
        find: undo,
    },
];

/// A read that was refused is a missing permission, and not unknown.
fn tried<T>(reading: &Reading<T>, permission: &'static str, at: &BucketLocation, found: &mut Findings) {
    if let Err(failure) = reading {
        found.missing(CheckState::Fail, failure, permission, at);
    }
}

/// A refused read makes only an option impossible.
fn optional<T>(reading: &Reading<T>, permission: &'static str, at: &BucketLocation, found: &mut Findings) {
    match reading {
        Err(failure) if failure.is_denied() => found.missing(CheckState::Warn, failure, permission, at),
        Err(failure) => found.unread_feature(failure, permission, at, "this request"),
        Ok(_) => {}
    }
}

fn heads(samples: &SampleObjects, facts: &SetUpFacts, found: &mut Findings) {
    let denied = samples.heads.iter().filter_map(|(_, head)| head.as_ref().err().filter(|failure| failure.is_denied()));
    // What is listed and gone shows nothing.
    let answered = samples.heads.iter().filter(|(_, head)| matches!(head, Ok(HeadAnswer::Object(_)))).count();
    let mut denied = denied.peekable();
    match (answered, denied.peek()) {
        (0, Some(failure)) => found.missing(CheckState::Fail, failure, OBJECT, &facts.location),
        (_, Some(failure)) => found.missing(CheckState::Warn, failure, OBJECT, &facts.location),
        (0, None) => unanswered(samples, facts, found),
        (_, None) => {
            let failed = samples.heads.iter().find_map(|(_, head)| head.as_ref().err());
            failed.into_iter().for_each(|failure| found.unread(failure, OBJECT, &facts.location));
        }
    }
    match &samples.by_version {
        Some(_) if never_versioned(facts) => {}
        Some(by_version) => tried(by_version, OBJECT_VERSION, &facts.location, found),
        None => {}
    }
}

/// Then objects have no version ID, and no command asks for one.
fn never_versioned(facts: &SetUpFacts) -> bool {
    facts.source.versioning.as_ref().is_ok_and(|versioning| versioning.status == Versioning::Never)
}

fn status(facts: &SetUpFacts, found: &mut Findings) {
    if let Some(samples) = no_sample(facts, found) {
        heads(samples, facts, found);
    }
    found.if_nothing(match never_versioned(facts) {
        true => "the first objects can be listed and read; without versioning, they have no version ID",
        false => "the first objects can be listed and read, with and without a version ID",
    });
}

fn verify_replica(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no enabled rule names a destination", |_, found| {
        for failure in &facts.not_buckets {
            found.unknown(&failure.message, "see rule.destination.exists");
        }
        let Some(_) = no_sample(facts, found) else { return };
        for to in &facts.destinations {
            let bucket = &to.location.bucket;
            match &to.replica {
                _ if is_missing(&to.head) => found.fail(format!("bucket {bucket} does not exist"), "create it"),
                Some(Err(failure)) => found.missing(CheckState::Fail, failure, OBJECT_VERSION, &to.location),
                Some(Ok(())) => found.ok(format!("bucket {bucket} answers")),
                None => found.unknown(
                    format!("bucket {bucket} was not asked, because no object of the source could be read"),
                    "see permission.status",
                ),
            }
        }
    })
}

fn inventory(facts: &SetUpFacts, found: &mut Findings) {
    match &facts.source.inventory.configurations {
        Err(failure) if failure.is_denied() => found.missing(CheckState::Fail, failure, INVENTORY, &facts.location),
        Err(failure) => found.unread_feature(failure, INVENTORY, &facts.location, "inventories"),
        Ok(_) => {}
    }
    for newest in &facts.source.inventory.newest {
        tried(&newest.found, LIST, &newest.location, found);
        if let Ok(Some(report)) = &newest.found {
            tried(&report.opened, OBJECT, &newest.location, found);
        }
    }
    let none = facts.source.inventory.newest.iter().all(|newest| matches!(newest.found, Ok(None)));
    if none && facts.source.inventory.configurations.is_ok() {
        // Nothing was refused, and inventory.age fails: the run must not end as unknown.
        let what =
            "the configurations can be listed; the other permissions were not tried, because there is no usable report";
        found.warn(what, "see inventory.age, and run doctor again when there is a report");
    }
    found.if_nothing("the configurations and manifests can be read; doctor did not read the data files");
}

fn safe_delete(facts: &SetUpFacts, found: &mut Findings) {
    tried(&facts.source.versioning, VERSIONING, &facts.location, found);
    tried(&facts.source.rules, REPLICATION, &facts.location, found);
    optional(&facts.source.lifecycle, LIFECYCLE, &facts.location, found);
    optional(&facts.source.versions, VERSIONS, &facts.location, found);
    if let Some(samples) = no_sample(facts, found) {
        heads(samples, facts, found);
        if let Some(annotations) = &samples.annotations {
            optional(annotations, ANNOTATIONS, &facts.location, found);
        }
    }
    found.if_nothing("every read is allowed; doctor did not try a delete");
}

fn undo(facts: &SetUpFacts, found: &mut Findings) {
    tried(&facts.source.versions, VERSIONS, &facts.location, found);
    found.if_nothing("versions can be listed; doctor did not try to remove a delete marker");
}
