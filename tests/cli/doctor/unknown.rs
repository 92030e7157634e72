//! What may not be read, and what is not answered: every check is then unknown.

use std::collections::BTreeSet;

use replaudit_sandbox::{Bucket, Fault, Rule, Sandbox};

use super::scene::{Case, Given, checks, deliver, healthy, hold, inventory, names, rule};
use super::states::stale;
use crate::support::only_reads;

/// What S3 does not let the caller read, and the permission that is named.
const DENIED: &[(&str, (&str, &str))] = &[
    ("bucket.exists", ("s3:ListBucket", "src")),
    ("server.status-header", ("s3:ListBucket", "src")),
    ("server.if-match", ("s3:ListBucket", "src")),
    ("versioning.source", ("s3:GetBucketVersioning", "src")),
    ("versioning.mfa-delete", ("s3:GetBucketVersioning", "src")),
    ("replication.configured", ("s3:GetReplicationConfiguration", "src")),
    ("replication.role", ("s3:GetReplicationConfiguration", "src")),
    ("replication.role", ("s3:ListBucket", "src")),
    ("rule.enabled", ("s3:GetReplicationConfiguration", "src")),
    ("rule.elements", ("s3:GetReplicationConfiguration", "src")),
    ("rule.coverage", ("s3:GetReplicationConfiguration", "src")),
    ("rule.exclusions", ("s3:GetReplicationConfiguration", "src")),
    ("rule.priority", ("s3:GetReplicationConfiguration", "src")),
    ("rule.deletes", ("s3:GetReplicationConfiguration", "src")),
    ("rule.kms.opt-in", ("s3:GetReplicationConfiguration", "src")),
    ("rule.kms.key-is-arn", ("s3:GetReplicationConfiguration", "src")),
    ("rule.kms.key-region", ("s3:GetReplicationConfiguration", "src")),
    ("rule.destination.exists", ("s3:GetReplicationConfiguration", "src")),
    ("rule.destination.exists", ("s3:ListBucket", "dst")),
    ("rule.destination.versioning", ("s3:GetBucketVersioning", "dst")),
    ("rule.destination.object-lock", ("s3:GetBucketObjectLockConfiguration", "src")),
    ("metrics.enabled", ("s3:GetReplicationConfiguration", "src")),
    ("rule.rtc", ("s3:GetReplicationConfiguration", "src")),
    ("events.failure", ("s3:GetBucketNotification", "src")),
    ("inventory.configured", ("s3:GetInventoryConfiguration", "src")),
    ("inventory.columns", ("s3:GetInventoryConfiguration", "src")),
    ("inventory.versions", ("s3:GetInventoryConfiguration", "src")),
    ("inventory.prefix", ("s3:GetInventoryConfiguration", "src")),
    ("inventory.age", ("s3:GetInventoryConfiguration", "src")),
    ("inventory.age", ("s3:ListBucket", "reports")),
    ("inventory.age", ("s3:GetObject", "reports")),
    ("inventory.destination.configured", ("s3:GetInventoryConfiguration", "dst")),
    ("inventory.destination.columns", ("s3:GetInventoryConfiguration", "dst")),
    ("inventory.destination.age", ("s3:GetInventoryConfiguration", "dst")),
    ("lifecycle.expires-unreplicated", ("s3:GetLifecycleConfiguration", "src")),
    ("lifecycle.expires-hidden", ("s3:GetLifecycleConfiguration", "src")),
    ("lifecycle.destination", ("s3:GetLifecycleConfiguration", "dst")),
    ("permission.status", ("s3:ListBucket", "src")),
    ("permission.verify-replica", ("s3:GetReplicationConfiguration", "src")),
    ("permission.safe-delete", ("s3:ListBucket", "src")),
];

/// What the server does not answer, where no denial leaves a check unknown.
const UNANSWERED: &[Case] = &[
    ("credentials.valid", |s3, _| s3.fault(Fault::on("*").close_before_effect()), "unknown", ""),
    ("bucket.exists", |s3, _| s3.fault(Fault::on("*").close_before_effect()), "unknown", ""),
    ("credentials.valid", |s3, _| s3.fault(proxy(403)), "unknown", "no answer shows that S3 accepts the credentials"),
    ("credentials.valid", |s3, _| s3.fault(proxy(401)), "unknown", "no answer shows"),
    ("credentials.valid", |s3, _| s3.fault(proxy(407)), "unknown", "no answer shows"),
    ("credentials.valid", |s3, _| s3.fault(proxy(404)), "unknown", "no answer shows"),
    ("credentials.valid", |s3, _| s3.fault(refusal("NotSignedUp")), "unknown", "no answer shows"),
    ("credentials.valid", |s3, _| s3.fault(refusal("RequestExpired")), "unknown", "no answer shows"),
    ("permission.inventory", |s3, _| s3.fault(proxy(403)), "unknown", "403"),
    ("inventory.age", |s3, _| foreign_report(s3), "unknown", "is about bucket dst, not about src"),
    ("inventory.age", |s3, _| stale(s3, 8, 9), "unknown", "1 other configuration was not looked at"),
    (
        "inventory.configured",
        |s3, _| s3.fault(Fault::on("ListBucketInventoryConfigurations").raw_body(200, "application/xml", too_many())),
        "unknown",
        "more than 1000 configurations",
    ),
    (
        "permission.status",
        |s3, _| s3.fault(by_version().header("x-amz-version-id", "other")),
        "unknown",
        "another version answered",
    ),
    (
        "permission.safe-delete",
        |s3, _| s3.fault(by_version().status(404, "NoSuchKey", "none")),
        "unknown",
        "there is no such version",
    ),
    (
        "permission.status",
        |s3, _| s3.fault(Fault::on("HeadObject").bucket("src").status(404, "NoSuchKey", "none")),
        "unknown",
        "the objects that are listed are gone",
    ),
    (
        "permission.verify-replica",
        |s3, _| s3.fault(Fault::on("HeadObject").bucket("src").status(404, "NoSuchKey", "none")),
        "unknown",
        "no object of the source could be read",
    ),
    (
        "permission.verify-replica",
        |s3, _| s3.fault(Fault::on("HeadObject").bucket("dst").header("x-amz-version-id", "other")),
        "unknown",
        "another version answered",
    ),
    ("bucket.region", |s3, _| s3.fault(Fault::on("HeadBucket").raw_body(403, "text/plain", "")), "unknown", "403"),
    (
        "rule.kms.key-region",
        |s3, _| s3.fault(Fault::on("HeadBucket").bucket("dst").raw_body(403, "text/plain", "")),
        "unknown",
        "403",
    ),
    (
        "rule.kms.opt-in",
        |s3, given| {
            s3.replicate("src", [Rule::new("all").to("dst")]);
            given.denied = vec![("s3:GetEncryptionConfiguration", "src")];
        },
        "unknown",
        "403",
    ),
    (
        "rule.destination.object-lock",
        |s3, given| {
            s3.create_bucket(Bucket::new("src").object_lock(true));
            s3.replicate("src", [rule()]);
            given.denied = vec![("s3:GetBucketObjectLockConfiguration", "dst")];
        },
        "unknown",
        "bucket dst",
    ),
    (
        "permission.inventory",
        |s3, _| s3.fault(Fault::on("ListBucketInventoryConfigurations").status(500, "InternalError", "no")),
        "unknown",
        "500",
    ),
    ("rule.kms.opt-in", |s3, given| no_opt_in(s3, given, "s3:ListBucket"), "unknown", "listing s3://src/"),
    ("rule.kms.opt-in", |s3, given| no_opt_in(s3, given, "s3:GetObject"), "unknown", "s3://src/a"),
    (
        "permission.undo",
        |s3, _| s3.fault(Fault::on("ListObjectVersions").status(500, "InternalError", "no")),
        "unknown",
        "500",
    ),
    (
        "permission.status",
        |s3, _| ["a", "logs/b"].iter().for_each(|key| drop(s3.delete("src", key))),
        "unknown",
        "the bucket has no object to try it with",
    ),
];

/// An answer that is not of S3.
fn proxy(status: u16) -> Fault {
    Fault::on("*").raw_body(status, "text/html", "<html>no</html>")
}

/// An answer of S3 that does not show whether the keys are valid.
fn refusal(code: &str) -> Fault {
    Fault::on("*").status(403, code, "no")
}

/// HEAD of the sample by its version ID, after one without, and one with If-Match.
fn by_version() -> Fault {
    Fault::on("HeadObject").bucket("src").key("a").skip(2).times(1)
}

/// The newest report in the folder of the source is a copy of one about the destination.
fn foreign_report(s3: &Sandbox) {
    deliver(s3, inventory("dst"), 1);
    let keys = s3.keys("reports").into_iter().filter(|key| key.starts_with("inv/dst/daily/"));
    for key in keys.filter(|key| key.contains("/manifest.")) {
        let body = s3.body("reports", &key).expect("a body").to_vec();
        s3.put("reports", &key.replace("inv/dst/", "inv/src/"), body);
    }
}

/// One page with more inventory configurations than S3 allows.
fn too_many() -> String {
    let one = |at: usize| {
        let to = "<S3BucketDestination><Bucket>arn:aws:s3:::reports</Bucket><Format>CSV</Format></S3BucketDestination>";
        format!(
            "<InventoryConfiguration><Id>c{at}</Id><IsEnabled>true</IsEnabled><Destination>{to}</Destination>\
             <Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions>\
             </InventoryConfiguration>"
        )
    };
    let all: String = (0..1001).map(one).collect();
    let root = "ListInventoryConfigurationsResult";
    format!("<{root}>{all}<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></{root}>")
}

/// A rule without KMS keys, and objects that may not be read.
fn no_opt_in(s3: &Sandbox, given: &mut Given, permission: &'static str) {
    s3.replicate("src", [Rule::new("all").to("dst")]);
    given.denied = vec![(permission, "src")];
}

#[test]
fn what_may_not_be_read_is_unknown_and_names_the_permission() {
    for (id, (permission, place)) in DENIED {
        let s3 = healthy();
        let given = Given { denied: vec![(permission, place)], ..Given::default() };
        let run = given.doctor(&s3).expect(2);
        let row = &checks(&run)[*id];
        assert_eq!((&row["state"], &row["permission"]), (&"unknown".into(), &(*permission).into()), "{id}: {row:#}");
        let policy = format!("\"Action\":\"{permission}\",\"Resource\":\"arn:aws:s3:::{place}");
        assert!(row["next"].as_str().is_some_and(|next| next.contains(&policy)), "{id}: {row:#}");
        only_reads(&s3);
    }
}

#[test]
fn what_is_not_answered_is_unknown() {
    hold(UNANSWERED);
    let denied = DENIED.iter().map(|(id, _)| (*id).to_owned());
    let tested: BTreeSet<String> = denied.chain(UNANSWERED.iter().map(|(id, ..)| (*id).to_owned())).collect();
    assert_eq!(tested, names());
}
