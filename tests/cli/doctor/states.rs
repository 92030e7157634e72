//! Every check in a set-up that is as it should be, and in one that is not.

use std::collections::BTreeSet;

use replaudit_sandbox::{Bucket, Fault, Inventory, InventoryField, Put, Rule, Sandbox, Versioning};

use super::scene::{Case, Given, KEY, checks, deliver, healthy, hold, inventory, names, rule};
use crate::support::only_reads;

#[test]
fn every_check_is_ok_in_a_set_up_that_is_as_it_should_be() {
    let s3 = healthy();
    let run = Given::default().doctor(&s3).expect(0).silent();
    let found = checks(&run);
    for (id, row) in &found {
        assert_eq!(
            (&row["state"], &row["next"], &row["permission"]),
            (&"ok".into(), &().into(), &().into()),
            "{id} {row}"
        );
        assert!(row["found"].as_str().is_some_and(|text| !text.is_empty()), "{row}");
        assert_eq!(row["bucket"], "src");
    }
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), names());
    let summary = &run.json()["summary"];
    assert_eq!((&summary["ok"], &summary["exit"]), (&names().len().into(), &0.into()), "{summary}");
    only_reads(&s3);
}

fn lifecycle(action: &str) -> String {
    let rule =
        format!("<Rule><ID>tidy</ID><Status>Enabled</Status><Filter><Prefix>tmp/</Prefix></Filter>{action}</Rule>");
    format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>")
}

const EXPIRES: &str = "<Expiration><Days>7</Days></Expiration>";
const REMOVES: &str = "<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>";
const UNKNOWN_ACTION: &str = "<NoncurrentVersionDelete><Days>1</Days></NoncurrentVersionDelete>";
const REMOVES_ALL: &str = "<DelMarkerExpiration><Days>1</Days></DelMarkerExpiration>";

/// Replaces a part of the answer with the rules.
fn rewrite(s3: &Sandbox, from: &'static str, to: &'static str) {
    s3.fault(Fault::on("GetBucketReplication").rewrite(move |body| {
        let text = String::from_utf8(body).expect("text");
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    }));
}

const WRONG: &[Case] = &[
    ("credentials.valid", |_, given| given.secret = Some("other"), "fail", "SignatureDoesNotMatch"),
    ("bucket.exists", |_, given| given.bucket = "nowhere", "fail", "bucket nowhere does not exist"),
    (
        "bucket.region",
        |s3, _| s3.fault(Fault::on("HeadBucket").raw_body(200, "text/plain", "")),
        "warn",
        "the server does not name the Region; requests are signed for us-east-1",
    ),
    (
        "server.status-header",
        |s3, _| ["a", "logs/b"].iter().for_each(|key| s3.set_status("src", key, None)),
        "warn",
        "of the first 2 objects, none has a replication status",
    ),
    (
        "server.if-match",
        |s3, _| s3.fault(Fault::on("HeadObject").skip(1).times(1).raw_body(200, "text/plain", "")),
        "warn",
        "the server ignores If-Match",
    ),
    ("versioning.source", |s3, _| s3.set_versioning("src", Versioning::Suspended), "fail", "versioning is suspended"),
    ("versioning.source", |s3, _| s3.set_versioning("src", Versioning::Never), "fail", "was never enabled"),
    (
        "versioning.mfa-delete",
        |s3, _| s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled).mfa_delete(true)),
        "warn",
        "MFA delete is on",
    ),
    ("replication.configured", |s3, _| s3.stop_replication("src"), "fail", "no replication configuration"),
    ("replication.role", |s3, _| s3.set_status("src", "a", Some("FAILED")), "warn", "S3 reports FAILED for s3://src/a"),
    (
        "replication.role",
        |s3, _| ["a", "logs/b"].iter().for_each(|key| s3.set_status("src", key, Some("PENDING"))),
        "warn",
        "was not checked; no sample is COMPLETED",
    ),
    ("rule.enabled", |s3, _| s3.replicate("src", [rule().disabled()]), "fail", "rule \"all\" is disabled"),
    (
        "rule.enabled",
        |s3, _| s3.replicate("src", [rule(), Rule::new("old").to("dst").disabled().priority(2)]),
        "warn",
        "rule \"old\" is disabled",
    ),
    (
        "rule.elements",
        |s3, _| rewrite(s3, "<Filter>", "<Filter><Suffix>.log</Suffix>"),
        "unknown",
        "rule \"all\" has Suffix, which replaudit does not know",
    ),
    (
        "rule.coverage",
        |s3, _| s3.replicate("src", [rule().prefix("logs/")]),
        "warn",
        "no rule applies to every key: rule \"all\" applies to keys under \"logs/\"",
    ),
    (
        "rule.exclusions",
        |s3, _| s3.replicate("src", [rule().not_prefix("logs/tmp/")]),
        "warn",
        "rule \"all\" excludes keys under \"logs/tmp/\", and no other rule",
    ),
    (
        "rule.exclusions",
        |s3, _| s3.replicate("src", [rule().prefix("logs/").not_prefix("logs/")]),
        "fail",
        "rule \"all\" applies to no object",
    ),
    (
        "rule.priority",
        |s3, _| s3.replicate("src", [rule().priority(2), Rule::new("logs").to("dst").prefix("logs/")]),
        "warn",
        "rule \"logs\" never applies: rule \"all\" applies to all of its objects",
    ),
    (
        "rule.priority",
        |s3, _| s3.replicate("src", [rule(), Rule::new("logs").to("dst").prefix("logs/")]),
        "warn",
        "have the same destination and the same priority",
    ),
    ("rule.deletes", |s3, _| s3.replicate("src", [rule().delete_markers(true)]), "warn", "replicates delete markers"),
    (
        "rule.deletes",
        |s3, _| rewrite(s3, "</Rule>", "<SoftDelete><Status>Enabled</Status></SoftDelete></Rule>"),
        "warn",
        "deleting a version may also delete its replica",
    ),
    (
        "rule.elements",
        |s3, _| rewrite(s3, "<Rule>", "<Mode>OneTime</Mode><Rule>"),
        "unknown",
        "rule \"all\" has Mode, which replaudit does not know",
    ),
    (
        "rule.kms.opt-in",
        |s3, _| {
            s3.replicate("src", [Rule::new("all").to("dst")]);
            s3.default_encryption("src", Some(("aws:new", None)));
        },
        "unknown",
        "with \"aws:new\", which replaudit does not know",
    ),
    (
        "rule.kms.opt-in",
        |s3, _| {
            s3.replicate("src", [Rule::new("all").to("dst")]);
            s3.fault(Fault::on("HeadObject").header("x-amz-server-side-encryption", "aws:new"));
        },
        "unknown",
        "is encrypted with \"aws:new\", which replaudit does not know",
    ),
    (
        "permission.status",
        |s3, _| s3.fault(Fault::on("HeadObject").key("logs/b").status(400, "InvalidRequest", "no")),
        "unknown",
        "S3 answered 400 Bad Request",
    ),
    (
        "lifecycle.expires-hidden",
        |s3, _| s3.lifecycle("src", Some(&lifecycle(UNKNOWN_ACTION))),
        "warn",
        "may remove all versions of keys under \"tmp/\": it has an element that replaudit does not know",
    ),
    (
        "rule.kms.opt-in",
        |s3, _| {
            s3.default_encryption("src", Some(("aws:kms", Some(KEY))));
            s3.replicate("src", [Rule::new("all").to("dst")]);
        },
        "fail",
        "encrypts new objects with aws:kms, and rule \"all\" does not include them",
    ),
    (
        "rule.kms.opt-in",
        |s3, _| {
            s3.replicate("src", [Rule::new("all").to("dst")]);
            s3.put_with("src", "b", b"x", Put::default().sse_kms(KEY));
        },
        "fail",
        "s3://src/b is encrypted with aws:kms, and rule \"all\" does not include such objects",
    ),
    (
        "rule.kms.key-is-arn",
        |s3, _| s3.replicate("src", [rule().replica_key("arn:aws:kms:us-east-1:111122223333:alias/copies")]),
        "warn",
        "rule \"all\" names an alias",
    ),
    ("rule.kms.key-is-arn", |s3, _| s3.replicate("src", [rule().replica_key("1234abcd")]), "fail", "no ARN of a key"),
    (
        "rule.kms.key-is-arn",
        |s3, _| s3.replicate("src", [Rule::new("all").to("dst").kms()]),
        "fail",
        "names no key for the replicas",
    ),
    (
        "rule.kms.key-region",
        |s3, _| s3.replicate("src", [rule().replica_key("arn:aws:kms:eu-west-1:111122223333:key/a")]),
        "fail",
        "names a key in eu-west-1, and bucket dst is in us-east-1",
    ),
    ("rule.destination.exists", |s3, _| s3.remove_bucket("dst"), "fail", "bucket dst does not exist"),
    (
        "rule.destination.exists",
        |s3, _| s3.replicate("src", [rule().to("src")]),
        "fail",
        "bucket src is the source itself",
    ),
    (
        "rule.destination.exists",
        |s3, _| rewrite(s3, "arn:aws:s3:::dst", "somewhere else"),
        "fail",
        "a rule names \"somewhere else\" as its destination",
    ),
    (
        "rule.destination.versioning",
        |s3, _| s3.set_versioning("dst", Versioning::Suspended),
        "fail",
        "bucket dst: versioning is suspended",
    ),
    ("rule.destination.versioning", |s3, _| s3.remove_bucket("dst"), "fail", "bucket dst does not exist"),
    (
        "rule.destination.object-lock",
        |s3, _| {
            s3.create_bucket(Bucket::new("src").object_lock(true));
            s3.replicate("src", [rule()]);
        },
        "fail",
        "the source bucket has Object Lock, and bucket dst has not",
    ),
    ("metrics.enabled", |s3, _| s3.replicate("src", [rule().metrics(false)]), "warn", "rule \"all\" has no metrics"),
    (
        "rule.rtc",
        |s3, _| s3.replicate("src", [rule().time_control().metrics(false)]),
        "warn",
        "has Replication Time Control and no metrics",
    ),
    (
        "rule.rtc",
        |s3, _| {
            s3.replicate("src", [rule().time_control()]);
            rewrite(s3, "<Minutes>15</Minutes></Time>", "<Minutes>30</Minutes></Time>");
        },
        "fail",
        "a Replication Time Control of 30 minutes",
    ),
    ("events.failure", |s3, _| s3.notifications("src", None), "warn", "nothing receives s3:Replication:"),
    ("events.failure", |s3, _| s3.replicate("src", [rule().metrics(false)]), "warn", "and no enabled rule has metrics"),
    (
        "events.failure",
        |s3, _| {
            s3.notifications(
                "src",
                Some("<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>"),
            )
        },
        "warn",
        "EventBridge has no replication events",
    ),
    (
        "inventory.configured",
        |s3, _| s3.configure_inventory(&inventory("src").disabled()),
        "fail",
        "configuration \"daily\" is disabled",
    ),
    (
        "inventory.configured",
        |s3, _| s3.fault(Fault::on("ListBucketInventoryConfigurations").status(501, "NotImplemented", "no")),
        "warn",
        "the server does not support inventories",
    ),
    (
        "inventory.configured",
        |s3, _| {
            let list = "<ListBucketResult><Name>src</Name><IsTruncated>false</IsTruncated></ListBucketResult>";
            s3.fault(Fault::on("ListBucketInventoryConfigurations").raw_body(200, "application/xml", list));
        },
        "warn",
        "the server does not support inventories",
    ),
    (
        "inventory.columns",
        |s3, _| s3.configure_inventory(&inventory("src").fields([InventoryField::Size])),
        "fail",
        "configuration \"daily\" lacks ReplicationStatus, LastModifiedDate",
    ),
    (
        "inventory.columns",
        |s3, _| deliver(s3, inventory("src").fields([InventoryField::ReplicationStatus]), 1),
        "warn",
        "lacks Size, LastModifiedDate",
    ),
    (
        "inventory.versions",
        |s3, _| s3.configure_inventory(&inventory("src").current_only()),
        "warn",
        "current versions only",
    ),
    (
        "inventory.prefix",
        |s3, _| s3.configure_inventory(&inventory("src").keys_under("logs/")),
        "warn",
        "only keys under \"logs/\"",
    ),
    // Each of the three has something that the others lack.
    ("inventory.versions", |s3, _| three_halves(s3), "warn", "configuration \"a\" has current versions only"),
    ("inventory.prefix", |s3, _| three_halves(s3), "warn", "configuration \"a\" has only keys under \"x/\""),
    (
        "inventory.columns",
        |s3, _| {
            s3.configure_inventory(&inventory("src").fields([InventoryField::ReplicationStatus]));
            s3.configure_inventory(&inventory("src").id("part").keys_under("x/"));
        },
        "warn",
        "configuration \"daily\" lacks Size, LastModifiedDate",
    ),
    (
        "inventory.age",
        |s3, _| {
            old(s3, "src", 73, false);
            let part = || inventory("src").id("part").keys_under("x/");
            s3.configure_inventory(&part());
            deliver(s3, part(), 1);
        },
        "fail",
        "its schedule allows 72 hours (1 other configuration was not looked at)",
    ),
    // One of several that are equally good is enough.
    ("inventory.age", |s3, _| stale(s3, 3, 4), "warn", "its schedule allows 72 hours"),
    ("inventory.age", |s3, _| old(s3, "src", 73, false), "fail", "its schedule allows 72 hours"),
    ("inventory.age", |s3, _| old(s3, "src", 241, true), "fail", "its schedule allows 240 hours"),
    (
        "inventory.age",
        |s3, _| {
            s3.configure_inventory(&inventory("src").disabled());
            s3.configure_inventory(&inventory("src").id("new"));
        },
        "fail",
        "configuration \"new\" has delivered no complete report",
    ),
    (
        "inventory.destination.configured",
        |s3, _| s3.configure_inventory(&inventory("dst").disabled()),
        "warn",
        "bucket dst has no enabled inventory configuration",
    ),
    (
        "inventory.destination.columns",
        |s3, _| s3.configure_inventory(&inventory("dst").current_only()),
        "warn",
        "lacks all versions",
    ),
    (
        "inventory.destination.columns",
        |s3, _| s3.configure_inventory(&inventory("dst").keys_under("x/")),
        "warn",
        "lacks the keys that do not begin with \"x/\"",
    ),
    ("inventory.destination.age", |s3, _| old(s3, "dst", 73, false), "warn", "its schedule allows 72 hours"),
    (
        "lifecycle.expires-unreplicated",
        |s3, _| s3.lifecycle("src", Some(&lifecycle(EXPIRES))),
        "warn",
        "lifecycle rule \"tidy\" expires keys under \"tmp/\" after 7 days, also objects without a replication status",
    ),
    (
        "lifecycle.expires-unreplicated",
        |s3, _| {
            s3.replicate("src", [rule().prefix("logs/")]);
            s3.lifecycle("src", Some(&lifecycle(EXPIRES)));
        },
        "warn",
        "no replication rule applies to all of these keys",
    ),
    (
        "lifecycle.expires-hidden",
        |s3, _| s3.lifecycle("src", Some(&lifecycle(REMOVES))),
        "warn",
        "removes noncurrent versions of keys under \"tmp/\" after 3 days",
    ),
    (
        "lifecycle.expires-hidden",
        |s3, _| s3.lifecycle("src", Some(&lifecycle(REMOVES_ALL))),
        "warn",
        "lifecycle rule \"tidy\" may remove all versions of keys under \"tmp/\" 1 day after they are hidden",
    ),
    (
        "lifecycle.expires-unreplicated",
        |s3, _| s3.lifecycle("src", Some(&lifecycle(REMOVES_ALL))),
        "warn",
        "1 day after they are hidden, also objects without a replication status",
    ),
    (
        "lifecycle.destination",
        |s3, _| s3.lifecycle("dst", Some(&lifecycle(EXPIRES))),
        "warn",
        "bucket dst: lifecycle rule",
    ),
    ("permission.status", |_, given| given.denied = vec![("s3:GetObject", "src")], "fail", "403"),
    ("permission.status", |_, given| given.denied = vec![("s3:GetObject", "src/logs/")], "warn", "s3://src/logs/b"),
    ("permission.status", |_, given| given.denied = vec![("s3:GetObjectVersion", "src")], "fail", "version"),
    ("permission.verify-replica", |_, given| given.denied = vec![("s3:GetObjectVersion", "dst")], "fail", "s3://dst/a"),
    (
        "permission.inventory",
        |s3, _| s3.configure_inventory(&inventory("src").disabled()),
        "warn",
        "because there is no usable report",
    ),
    ("permission.inventory", |_, given| given.denied = vec![("s3:GetObject", "reports")], "fail", "s3://reports/inv/"),
    ("permission.inventory", |_, given| given.denied = vec![("s3:ListBucket", "reports")], "fail", "s3://reports/inv/"),
    (
        "permission.safe-delete",
        |_, given| given.denied = vec![("s3:GetReplicationConfiguration", "src")],
        "fail",
        "403",
    ),
    ("permission.safe-delete", |_, given| given.denied = vec![("s3:GetLifecycleConfiguration", "src")], "warn", "403"),
    (
        "permission.safe-delete",
        |_, given| given.denied = vec![("s3:ListObjectAnnotations", "src")],
        "warn",
        "annotations",
    ),
    ("permission.undo", |_, given| given.denied = vec![("s3:ListBucketVersions", "src")], "fail", "403"),
];

/// Three configurations that could be used together only.
fn three_halves(s3: &Sandbox) {
    s3.configure_inventory(&inventory("src").disabled());
    s3.configure_inventory(&inventory("src").id("a").current_only().keys_under("x/"));
    s3.configure_inventory(&inventory("src").id("b").keys_under("y/").fields([InventoryField::Size]));
    s3.configure_inventory(&inventory("src").id("c").fields([InventoryField::Size]));
}

/// Equally good configurations, whose reports are of 100 hours ago, except the one with the number `fresh`.
pub(super) fn stale(s3: &Sandbox, fresh: usize, all: usize) {
    s3.configure_inventory(&inventory("src").disabled());
    for at in 0..all {
        let one = || inventory("src").id(&format!("i{at}"));
        s3.configure_inventory(&one());
        deliver(s3, one(), if at == fresh { 1 } else { 100 });
    }
}

/// The only report of the bucket is of some hours ago.
fn old(s3: &Sandbox, bucket: &str, hours: u32, weekly: bool) {
    s3.configure_inventory(&inventory(bucket).disabled());
    let other = |inventory: Inventory| if weekly { inventory.id("old").weekly() } else { inventory.id("old") };
    s3.configure_inventory(&other(inventory(bucket)));
    deliver(s3, other(inventory(bucket)), hours);
}

#[test]
fn every_check_finds_what_is_wrong() {
    hold(WRONG);
    let tested: BTreeSet<String> = WRONG.iter().map(|(id, ..)| (*id).to_owned()).collect();
    assert_eq!(tested, names());
}
