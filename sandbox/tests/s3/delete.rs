//! Deleting: markers, permanence, the Suspended trap, conditions, locks, batches.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use replaudit_sandbox::{Bucket, LockMode, Put, Rule, Sandbox, Versioning};

use crate::support::{block, client, pair, raw, refusal};

#[test]
fn a_plain_delete_depends_on_versioning() {
    let s3 = Sandbox::start().unwrap();
    for (name, versioning) in
        [("never", Versioning::Never), ("enabled", Versioning::Enabled), ("suspended", Versioning::Suspended)]
    {
        s3.create_bucket(Bucket::new(name).versioning(versioning));
    }
    s3.set_versioning("suspended", Versioning::Enabled);
    s3.put("suspended", "k", "kept");
    s3.set_versioning("suspended", Versioning::Suspended);
    for name in ["never", "enabled", "suspended"] {
        s3.put(name, "k", "x");
    }
    let client = client(&s3);
    let delete = |bucket| block(client.delete_object().bucket(bucket).key("k").send()).unwrap();

    let done = delete("never");
    assert_eq!((done.delete_marker(), done.version_id()), (None, None));
    assert!(s3.versions("never", "k").is_empty());

    let done = delete("enabled");
    assert_eq!(done.delete_marker(), Some(true));
    let versions = s3.versions("enabled", "k");
    assert_eq!(versions.len(), 2);
    assert_eq!(done.version_id(), Some(versions[0].version_id.as_str()));
    assert!(versions[0].delete_marker && !versions[1].delete_marker);

    let done = delete("suspended");
    assert_eq!((done.delete_marker(), done.version_id()), (Some(true), Some("null")));
    let versions = s3.versions("suspended", "k");
    let shape: Vec<_> = versions.iter().map(|v| (v.delete_marker, v.size)).collect();
    assert_eq!(shape, [(true, 0), (false, 4)], "the null version is gone permanently");
}

#[test]
fn a_named_version_is_removed_and_removing_a_marker_undeletes() {
    let s3 = pair();
    let old = s3.put("src", "k", "old");
    let new = s3.put("src", "k", "new");
    let client = client(&s3);
    let delete = |id: &str| block(client.delete_object().bucket("src").key("k").version_id(id).send()).unwrap();
    let done = delete(&new);
    assert_eq!((done.delete_marker(), done.version_id()), (None, Some(new.as_str())));
    assert_eq!(s3.body("src", "k").unwrap().as_ref(), b"old", "the old one came back");
    let marker = s3.delete("src", "k").unwrap();
    let done = delete(&marker);
    assert_eq!((done.delete_marker(), done.version_id()), (Some(true), Some(marker.as_str())));
    assert_eq!(s3.body("src", "k").unwrap().as_ref(), b"old");
    delete(&old);
    delete(&old);
    block(client.delete_object().bucket("src").key("never-was").send()).unwrap();
    let bad = block(client.delete_object().bucket("src").key("k").version_id("x").send());
    assert_eq!(refusal(bad), (400, Some("InvalidArgument".into())));
}

#[test]
fn a_condition_is_compared_with_the_current_version() {
    let s3 = pair();
    let old = s3.put("src", "k", "old");
    let old_etag = s3.versions("src", "k")[0].etag.clone();
    s3.put("src", "k", "new");
    let client = client(&s3);
    let delete = |etag: &str, id: Option<&str>, key: &str| {
        block(client.delete_object().bucket("src").key(key).if_match(etag).set_version_id(id.map(str::to_owned)).send())
    };
    let quoted = format!("\"{old_etag}\"");
    assert_eq!(refusal(delete(&quoted, None, "k")), (412, Some("PreconditionFailed".into())));
    assert_eq!(refusal(delete(&quoted, Some(&old), "k")).0, 412, "its own ETag does not help a noncurrent version");
    assert_eq!(refusal(delete("*", None, "absent")), (404, Some("NoSuchKey".into())));
    assert_eq!(s3.versions("src", "k").len(), 2);
    let new_etag = s3.versions("src", "k")[0].etag.clone();
    // Unquoted, as the AWS CLI's examples have it.
    let done = delete(&new_etag, None, "k").unwrap();
    assert_eq!(done.delete_marker(), Some(true));
    assert_eq!(refusal(delete("*", None, "k")).0, 412, "a marker matches nothing");
}

#[test]
fn locks_hold() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").object_lock(true));
    let until = SystemTime::now() + Duration::from_secs(3600);
    let soft = s3.put_with("bkt", "soft", "x", Put::default().retain_until(LockMode::Governance, until));
    let hard = s3.put_with("bkt", "hard", "x", Put::default().retain_until(LockMode::Compliance, until));
    let held = s3.put_with("bkt", "held", "x", Put::default().legal_hold(true));
    let past = SystemTime::now() - Duration::from_secs(3600);
    let over = s3.put_with("bkt", "over", "x", Put::default().retain_until(LockMode::Compliance, past));
    let client = client(&s3);
    let delete = |key: &str, id: &str, bypass: bool| {
        let request = client.delete_object().bucket("bkt").key(key).version_id(id);
        let request = match bypass {
            true => request.bypass_governance_retention(true),
            false => request,
        };
        block(request.send()).map_err(|e| e.raw_response().unwrap().status().as_u16())
    };
    assert_eq!(delete("soft", &soft, false).unwrap_err(), 403);
    assert_eq!(delete("hard", &hard, true).unwrap_err(), 403);
    assert_eq!(delete("held", &held, true).unwrap_err(), 403);
    delete("over", &over, false).unwrap();
    delete("soft", &soft, true).unwrap();
    block(client.delete_object().bucket("bkt").key("hard").send()).unwrap();
    assert_eq!(s3.versions("bkt", "hard").len(), 2, "a marker is allowed over a lock");
    let lock = block(client.get_object_lock_configuration().bucket("bkt").send()).unwrap();
    let enabled = lock.object_lock_configuration().unwrap().object_lock_enabled().unwrap();
    assert_eq!(enabled.as_str(), "Enabled");
}

fn entry(key: &str, id: Option<&str>, etag: Option<&str>) -> ObjectIdentifier {
    ObjectIdentifier::builder()
        .key(key)
        .set_version_id(id.map(str::to_owned))
        .set_e_tag(etag.map(str::to_owned))
        .build()
        .unwrap()
}

#[test]
fn batches_judge_each_entry() {
    let s3 = pair();
    for key in ["plain", "a<&>\"b", "changed", "gone-marker"] {
        s3.put("src", key, "x");
    }
    s3.delete("src", "gone-marker");
    let named = s3.put("src", "named", "x");
    let etag = s3.versions("src", "plain")[0].etag.clone();
    let objects = vec![
        entry("plain", None, Some(&etag)),
        entry("a<&>\"b", None, None),
        entry("changed", None, Some("\"0000\"")),
        entry("gone-marker", None, Some("*")),
        entry("named", Some(&named), None),
        entry("never-was", None, None),
        entry("named", Some("nonsense"), None),
    ];
    let delete = Delete::builder().set_objects(Some(objects)).build().unwrap();
    let client = client(&s3);
    let done = block(client.delete_objects().bucket("src").delete(delete).send()).unwrap();
    let deleted: Vec<_> = done
        .deleted()
        .iter()
        .map(|d| (d.key().unwrap(), d.delete_marker() == Some(true), d.version_id().is_some()))
        .collect();
    assert_eq!(
        deleted,
        [("plain", true, false), ("a<&>\"b", true, false), ("named", false, true), ("never-was", true, false),]
    );
    assert!(done.deleted()[0].delete_marker_version_id().is_some());
    let errors: Vec<_> = done.errors().iter().map(|e| (e.key().unwrap(), e.code().unwrap())).collect();
    assert_eq!(
        errors,
        [("changed", "PreconditionFailed"), ("gone-marker", "PreconditionFailed"), ("named", "InvalidArgument"),]
    );
    assert!(s3.requests()[0].body.as_ref().unwrap().contains("never-was"), "kept in the log");

    let quiet = Delete::builder()
        .objects(entry("changed", None, None))
        .objects(entry("changed", None, Some("\"0000\"")))
        .quiet(true)
        .build()
        .unwrap();
    let done = block(client.delete_objects().bucket("src").delete(quiet).send()).unwrap();
    assert_eq!((done.deleted().len(), done.errors().len()), (0, 1));

    let many = (0..1001).map(|n| entry(&n.to_string(), None, None)).collect();
    let many = Delete::builder().set_objects(Some(many)).build().unwrap();
    let refused = block(client.delete_objects().bucket("src").delete(many).send());
    assert_eq!(refusal(refused), (400, Some("MalformedXML".into())));
}

#[test]
fn dialects_ignore_conditions_and_keep_deleted_versions_readable() {
    let s3 = pair();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let id = s3.put("src", "k", "x");
    let client = client(&s3);
    let conditional = || block(client.delete_object().bucket("src").key("k").if_match("\"0000\"").send());
    s3.dialect(|d| d.if_match_501 = true);
    assert_eq!(refusal(conditional()), (501, Some("NotImplemented".into())));
    s3.dialect(|d| (d.if_match_501, d.if_match_ignored) = (false, true));
    assert_eq!(conditional().unwrap().delete_marker(), Some(true));

    s3.dialect(|d| d.batch_etag_ignored = true);
    let batch = Delete::builder().objects(entry("k", None, Some("\"0000\""))).build().unwrap();
    let done = block(client.delete_objects().bucket("src").delete(batch).send()).unwrap();
    assert_eq!(done.errors().len(), 0);

    s3.dialect(|d| d.delete_204_but_readable = true);
    block(client.delete_object().bucket("src").key("k").version_id(&id).send()).unwrap();
    assert!(s3.versions("src", "k").iter().all(|v| v.version_id != id), "hidden from lists");
    let ghost = block(client.head_object().bucket("src").key("k").version_id(&id).send()).unwrap();
    assert_eq!(ghost.replication_status(), None);
}

#[test]
fn missing_objects_can_be_proxied_from_the_replica() {
    let s3 = pair();
    s3.set_public("src", true);
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let id = s3.put("src", "k", "x");
    s3.delete_version("src", "k", &id);
    assert_eq!(raw(&s3, "HEAD", "/src/k", &[]).status, 404);
    s3.dialect(|d| d.proxy_missing_from_replica = true);
    let proxied = raw(&s3, "HEAD", "/src/k", &[]);
    assert_eq!(proxied.status, 200);
    assert_eq!(proxied.header("x-amz-version-id"), Some(id.as_str()));
    let straight = [("X-Minio-Source-Proxy-Request", "true")];
    assert_eq!(raw(&s3, "HEAD", "/src/k", &straight).status, 404);
}
