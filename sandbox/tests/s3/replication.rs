//! Replication: who is copied where, with which status, and what can be made to go wrong.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use replaudit_sandbox::{Bucket, Forced, Put, Rule, Sandbox, Versioning};

use crate::support::{block, client, pair, refusal};

fn status(s3: &Sandbox, bucket: &str, key: &str) -> Option<String> {
    s3.versions(bucket, key)[0].replication_status.clone()
}

#[test]
fn a_put_is_replicated_before_it_answers_and_keeps_its_version_id() {
    let s3 = pair();
    s3.put("src", "before", "x");
    s3.replicate("src", [Rule::new("all").to("dst").storage_class("STANDARD_IA")]);
    let client = client(&s3);
    let put = block(
        client
            .put_object()
            .bucket("src")
            .key("k")
            .body(ByteStream::from_static(b"hello"))
            .metadata("m", "1")
            .tagging("t=2")
            .send(),
    )
    .unwrap();
    let id = put.version_id().unwrap();
    let head = |bucket: &str| block(client.head_object().bucket(bucket).key("k").version_id(id).send()).unwrap();
    let (source, replica) = (head("src"), head("dst"));
    assert_eq!(source.replication_status().unwrap().as_str(), "COMPLETED");
    assert_eq!(replica.replication_status().unwrap().as_str(), "REPLICA");
    assert_eq!(source.last_modified(), replica.last_modified());
    assert_eq!(source.e_tag(), replica.e_tag());
    assert_eq!(replica.metadata().unwrap()["m"], "1");
    assert_eq!(replica.storage_class().unwrap().as_str(), "STANDARD_IA");
    let tags = block(client.get_object_tagging().bucket("dst").key("k").send()).unwrap();
    assert_eq!(tags.tag_set()[0].key(), "t");
    assert_eq!(status(&s3, "src", "before"), None);
    assert!(s3.versions("dst", "before").is_empty());
}

#[test]
fn filters_decide() {
    let s3 = pair();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    s3.replicate(
        "src",
        [
            Rule::new("logs").to("dst").prefix("logs/").priority(1),
            Rule::new("both").to("other").prefix("logs/").tag("k", "v").tag("l", "w").priority(2),
            Rule::new("tag").to("dst").tag("keep", "yes").priority(3),
            Rule::new("off").to("other").disabled().priority(4),
        ],
    );
    s3.put("src", "logs/1", "x");
    s3.put_with("src", "logs/2", "x", Put::default().tag("k", "v").tag("l", "w"));
    s3.put_with("src", "logs/3", "x", Put::default().tag("k", "v"));
    s3.put_with("src", "tagged", "x", Put::default().tag("keep", "yes"));
    s3.put("src", "none", "x");
    s3.put_with("src", "logs/cold", "x", Put::default().storage_class("GLACIER"));
    s3.put_with("src", "logs/kms", "x", Put::default().sse_kms("key"));
    assert_eq!(s3.keys("dst"), ["logs/1", "logs/2", "logs/3", "tagged"]);
    assert_eq!(s3.keys("other"), ["logs/2"]);
    for key in ["none", "logs/cold", "logs/kms"] {
        assert_eq!(status(&s3, "src", key), None, "{key}");
    }
    // A tag that comes later comes too late.
    let client = client(&s3);
    let tagging = aws_sdk_s3::types::Tagging::builder()
        .tag_set(aws_sdk_s3::types::Tag::builder().key("keep").value("yes").build().unwrap())
        .build()
        .unwrap();
    block(client.put_object_tagging().bucket("src").key("none").tagging(tagging).send()).unwrap();
    assert_eq!(status(&s3, "src", "none"), None);
}

#[test]
fn one_bad_destination_fails_the_object_but_not_the_others() {
    let s3 = pair();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst").to("other")]);
    s3.set_versioning("other", Versioning::Suspended);
    s3.put("src", "k", "x");
    assert_eq!(status(&s3, "src", "k").as_deref(), Some("FAILED"));
    assert_eq!(s3.keys("dst"), ["k"]);
    assert_eq!(s3.object_count("other"), 0);
    s3.remove_bucket("other");
    s3.put("src", "k2", "x");
    assert_eq!(status(&s3, "src", "k2").as_deref(), Some("FAILED"));
}

#[test]
fn the_highest_priority_wins_one_destination() {
    let s3 = pair();
    let rule = |id, class, priority| Rule::new(id).to("dst").storage_class(class).priority(priority);
    s3.replicate("src", [rule("low", "STANDARD_IA", 1), rule("high", "GLACIER_IR", 9), rule("mid", "ONEZONE_IA", 5)]);
    s3.put("src", "k", "x");
    let head = block(client(&s3).head_object().bucket("dst").key("k").send()).unwrap();
    assert_eq!(head.storage_class().unwrap().as_str(), "GLACIER_IR");
    assert_eq!(s3.version_count("dst"), 1);
}

#[test]
fn a_locked_source_needs_a_locked_destination() {
    let s3 = pair();
    s3.create_bucket(Bucket::new("locked").object_lock(true));
    s3.create_bucket(Bucket::new("locked-too").object_lock(true));
    s3.replicate("locked", [Rule::new("a").to("dst")]);
    s3.put("locked", "k", "x");
    assert_eq!(status(&s3, "locked", "k").as_deref(), Some("FAILED"));
    s3.replicate("locked", [Rule::new("b").to("locked-too")]);
    s3.put_with("locked", "k", "x", Put::default().legal_hold(true));
    assert_eq!(status(&s3, "locked", "k").as_deref(), Some("COMPLETED"));
    let head = block(client(&s3).head_object().bucket("locked-too").key("k").send()).unwrap();
    assert_eq!(head.object_lock_legal_hold_status().unwrap().as_str(), "ON");
}

#[test]
fn changed_tags_follow_to_the_replica() {
    let s3 = pair();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3.put("src", "k", "x");
    let client = client(&s3);
    let tag = aws_sdk_s3::types::Tag::builder().key("late").value("yes").build().unwrap();
    let tagging = aws_sdk_s3::types::Tagging::builder().tag_set(tag).build().unwrap();
    block(client.put_object_tagging().bucket("src").key("k").tagging(tagging).send()).unwrap();
    let tags = block(client.get_object_tagging().bucket("dst").key("k").send()).unwrap();
    assert_eq!(tags.tag_set()[0].key(), "late");
    assert_eq!((s3.version_count("dst"), status(&s3, "dst", "k").as_deref()), (1, Some("REPLICA")));
}

#[test]
fn replicas_are_not_replicated_again() {
    let s3 = pair();
    s3.create_bucket(Bucket::new("third").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("a").to("dst")]);
    s3.replicate("dst", [Rule::new("bkt").to("third")]);
    s3.put("src", "k", "x");
    assert_eq!(status(&s3, "dst", "k").as_deref(), Some("REPLICA"));
    assert_eq!(s3.object_count("third"), 0);
}

#[test]
fn delay_shows_pending_first() {
    let s3 = pair();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3.replication_delay(Duration::from_millis(150));
    s3.put("src", "k", "x");
    assert_eq!(status(&s3, "src", "k").as_deref(), Some("PENDING"));
    assert_eq!(s3.object_count("dst"), 0);
    std::thread::sleep(Duration::from_millis(300));
    let head = block(client(&s3).head_object().bucket("src").key("k").send()).unwrap();
    assert_eq!(head.replication_status().unwrap().as_str(), "COMPLETED");
    s3.replication_delay(Duration::from_secs(3600));
    let id = s3.put("src", "early", "x");
    s3.delete_version("src", "early", &id);
    s3.put("src", "late", "x");
    s3.finish_replication();
    assert_eq!(s3.keys("dst"), ["k", "late"], "a source deleted too early never arrives");
}

#[test]
fn outcomes_can_be_forced() {
    let s3 = pair();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3.fail("src", "f/");
    s3.stick("src", "p/");
    s3.force("src", "w/", Forced::Word("PROCESSING".into()));
    s3.force("src", "l/", Forced::Lost);
    s3.force("src", "a/", Forced::Absent);
    for key in ["f/1", "p/1", "w/1", "l/1", "a/1", "ok"] {
        s3.put("src", key, "x");
    }
    let words: Vec<_> = ["f/1", "p/1", "w/1", "l/1", "a/1", "ok"]
        .iter()
        .map(|key| status(&s3, "src", key).unwrap_or_default())
        .collect();
    assert_eq!(words, ["FAILED", "PENDING", "PROCESSING", "COMPLETED", "", "COMPLETED"]);
    assert_eq!(s3.keys("dst"), ["ok", "w/1"]);
    s3.lose_replica("src", "ok");
    assert_eq!(status(&s3, "src", "ok").as_deref(), Some("COMPLETED"));
    assert_eq!(s3.keys("dst"), ["w/1"]);
    s3.set_status("src", "ok", Some("COMPLETE"));
    let head = block(client(&s3).head_object().bucket("src").key("ok").send()).unwrap();
    assert_eq!(head.replication_status().unwrap().as_str(), "COMPLETE");
}

#[test]
fn markers_are_replicated_only_if_the_rule_says_so() {
    for (rule, travels) in [
        (Rule::new("v2").to("dst"), false),
        (Rule::new("v2-markers").to("dst").delete_markers(true), true),
        (Rule::new("v1").to("dst").v1(), true),
    ] {
        let s3 = pair();
        s3.replicate("src", [rule.clone()]);
        let id = s3.put("src", "k", "x");
        let marker = s3.delete("src", "k").unwrap();
        let newest = s3.versions("dst", "k")[0].clone();
        assert_eq!(newest.delete_marker, travels, "{rule:?}");
        assert_eq!(newest.version_id == marker, travels);
        s3.delete_version("src", "k", &id);
        assert!(s3.versions("dst", "k").iter().any(|v| v.version_id == id));
    }
}

#[test]
fn version_deletes_are_replicated_only_in_dialect() {
    let s3 = pair();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let client = client(&s3);
    let delete_one = || {
        let id = s3.put("src", "k", "x");
        block(client.delete_object().bucket("src").key("k").version_id(&id).send()).unwrap();
        s3.versions("dst", "k").iter().any(|version| version.version_id == id)
    };
    assert!(delete_one(), "AWS keeps the replica");
    s3.dialect(|d| d.version_deletes_replicate = true);
    assert!(!delete_one(), "the replica went too");
}

#[test]
fn the_configuration_comes_back_as_it_went_in() {
    let s3 = pair();
    let client = client(&s3);
    let get = || block(client.get_bucket_replication().bucket("src").send());
    assert_eq!(refusal(get()), (404, Some("ReplicationConfigurationNotFoundError".into())));
    s3.replicate("src", [Rule::new("r").to("dst").prefix("p/").tag("k", "v").priority(9)]);
    let got = get().unwrap();
    let rule = got.replication_configuration().unwrap().rules()[0].clone();
    let and = rule.filter().unwrap().and().unwrap().clone();
    assert_eq!((rule.id(), rule.priority(), and.prefix()), (Some("r"), Some(9), Some("p/")));
    block(
        client
            .put_bucket_replication()
            .bucket("src")
            .replication_configuration(got.replication_configuration().unwrap().clone())
            .send(),
    )
    .unwrap();
    assert_eq!(get().unwrap().replication_configuration(), got.replication_configuration());
    s3.put("src", "p/no-tag", "x");
    s3.put_with("src", "p/tag", "x", Put::default().tag("k", "v"));
    assert_eq!(s3.keys("dst"), ["p/tag"]);
    block(client.delete_bucket_replication().bucket("src").send()).unwrap();
    assert_eq!(refusal(get()).0, 404);
    s3.set_versioning("src", Versioning::Never);
    let unversioned = block(
        client
            .put_bucket_replication()
            .bucket("src")
            .replication_configuration(got.replication_configuration().unwrap().clone())
            .send(),
    );
    assert_eq!(refusal(unversioned), (400, Some("InvalidRequest".into())));
}

#[test]
fn the_foreign_element_is_kept_in_dialect() {
    let s3 = pair();
    s3.set_public("src", true);
    let xml = "<ReplicationConfiguration><Role>arn:aws:iam::1:role/r</Role><Rule><ID>a</ID>\
        <Priority>1</Priority><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>\
        <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>\
        <DeleteReplication><Status>Enabled</Status></DeleteReplication>\
        <Destination><Bucket>arn:aws:s3:::dst</Bucket></Destination></Rule>\
        </ReplicationConfiguration>";
    let put = || crate::support::raw_with(&s3, "PUT", "/src?replication", &[], xml);
    assert_eq!(put().status, 400, "AWS does not know it");
    s3.dialect(|d| d.version_deletes_replicate = true);
    let done = put();
    assert_eq!(done.status, 200, "{}", done.body);
    let got = crate::support::raw(&s3, "GET", "/src?replication", &[]);
    let element = "<DeleteReplication><Status>Enabled</Status></DeleteReplication></Rule>";
    assert!(got.body.contains(element), "{}", got.body);
    assert_eq!(got.header("content-length"), Some(got.body.len().to_string().as_str()));
}
