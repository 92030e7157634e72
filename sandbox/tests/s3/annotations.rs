//! What S3 added in 2026: annotations, event holds, lifecycle as far as it is read, rules that exclude.

use replaudit_sandbox::{Bucket, HoldDuration, Principal, Put, Rule, Sandbox, Versioning};

use crate::support::{block, client, client_as, pair, raw, raw_with, refusal};

#[test]
fn annotations_are_listed_in_pages_and_go_with_their_version() {
    let s3 = pair();
    let version = s3.put("src", "k <1>", "x");
    s3.put("src", "k <1>", "y");
    for name in ["b", "a&", "c"] {
        s3.annotate("src", "k <1>", &version, name, Some("PENDING"));
    }
    s3.annotate("src", "k <1>", &version, "b", None);
    let client = client(&s3);
    let list = client.list_object_annotations().bucket("src").key("k <1>").version_id(&version);
    block(async {
        let first = list.clone().max_annotation_results(2).send().await.unwrap();
        let names = |page: &[aws_sdk_s3::types::AnnotationEntry]| -> Vec<_> {
            page.iter().map(|one| (one.annotation_name().to_owned(), one.replication_status().cloned())).collect()
        };
        let pending = Some(aws_sdk_s3::types::ReplicationStatus::Pending);
        assert_eq!(names(first.annotations()), [("a&".to_owned(), pending.clone()), ("b".to_owned(), None)]);
        assert_eq!(first.object_version_id(), Some(version.as_str()));
        let next = list.clone().continuation_token(first.next_continuation_token().unwrap()).send().await.unwrap();
        assert_eq!(names(next.annotations()), [("c".to_owned(), pending)]);
        assert_eq!(next.next_continuation_token(), None);
        let current = client.list_object_annotations().bucket("src").key("k <1>").send().await.unwrap();
        assert!(current.annotations().is_empty(), "the version named, not the key");
        client.delete_object().bucket("src").key("k <1>").version_id(&version).send().await.unwrap();
        assert_eq!(refusal(list.clone().send().await).0, 404);
    });
}

#[test]
fn annotations_can_be_denied_or_unknown() {
    let s3 = pair();
    let version = s3.put("src", "k", "x");
    s3.principal(Principal::new("AK", "secret").deny("s3:ListObjectAnnotations"));
    let list = |client: aws_sdk_s3::Client| {
        block(client.list_object_annotations().bucket("src").key("k").version_id(&version).send())
    };
    assert_eq!(refusal(list(client_as(&s3, "AK", "secret", "us-east-1"))), (403, Some("AccessDenied".into())));
    s3.dialect(|dialect| dialect.annotations_unknown = true);
    assert_eq!(refusal(list(client(&s3))), (501, Some("NotImplemented".into())));
}

#[test]
fn an_event_hold_is_shown_and_locks() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").object_lock(true));
    let version = s3.put_with("bkt", "k", "x", Put::default().event_hold(true, HoldDuration::Days(7)));
    s3.principal(Principal::new("AK", "secret").deny("s3:GetObjectRetention"));
    let mine = client(&s3);
    let blind = client_as(&s3, "AK", "secret", "us-east-1");
    block(async {
        let head = mine.head_object().bucket("bkt").key("k").send().await.unwrap();
        assert_eq!(head.object_lock_event_hold().unwrap().as_str(), "ON");
        assert_eq!(head.object_lock_event_hold_duration_days(), Some(7));
        let hidden = blind.head_object().bucket("bkt").key("k").send().await.unwrap();
        assert_eq!(hidden.object_lock_event_hold(), None);
        let delete = mine.delete_object().bucket("bkt").key("k").version_id(&version);
        assert_eq!(refusal(delete.clone().send().await).0, 403);
        s3.set_event_hold("bkt", "k", &version, Some((false, HoldDuration::Years(2))));
        let head = mine.head_object().bucket("bkt").key("k").send().await.unwrap();
        assert_eq!(head.object_lock_event_hold().unwrap().as_str(), "OFF");
        assert_eq!(head.object_lock_event_hold_duration_years(), Some(2));
        delete.send().await.unwrap();
    });
    assert!(s3.versions("bkt", "k").is_empty());
}

#[test]
fn a_lifecycle_configuration_is_kept_as_it_is() {
    let s3 = pair();
    s3.principal(Principal::new("AK", "secret").deny("s3:GetLifecycleConfiguration"));
    let get = |client: aws_sdk_s3::Client| block(client.get_bucket_lifecycle_configuration().bucket("src").send());
    assert_eq!(refusal(get(client(&s3))), (404, Some("NoSuchLifecycleConfiguration".into())));
    let rule = "<ID>old</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
        <NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>";
    s3.lifecycle("src", Some(&format!("<LifecycleConfiguration><Rule>{rule}</Rule></LifecycleConfiguration>")));
    let got = get(client(&s3)).unwrap();
    let expiration = got.rules()[0].noncurrent_version_expiration().unwrap();
    assert_eq!(expiration.noncurrent_days(), Some(30));
    assert_eq!(refusal(get(client_as(&s3, "AK", "secret", "us-east-1"))).0, 403);
    s3.lifecycle("src", None);
    assert_eq!(refusal(get(client(&s3))).0, 404);
}

#[test]
fn notifications_default_encryption_and_role_are_kept_as_they_are() {
    let s3 = pair();
    let denied = Principal::new("AK", "secret").deny("s3:GetBucketNotification").deny("s3:GetEncryptionConfiguration");
    s3.principal(denied);
    let events =
        |client: aws_sdk_s3::Client| block(client.get_bucket_notification_configuration().bucket("src").send());
    assert!(events(client(&s3)).unwrap().queue_configurations().is_empty());
    let queue = "<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:1:q</Queue><Event>s3:Replication:*</Event></QueueConfiguration>";
    s3.notifications("src", Some(&format!("<NotificationConfiguration>{queue}</NotificationConfiguration>")));
    assert_eq!(events(client(&s3)).unwrap().queue_configurations().len(), 1);
    assert_eq!(refusal(events(client_as(&s3, "AK", "secret", "us-east-1"))).0, 403);
    let default = |client: aws_sdk_s3::Client| block(client.get_bucket_encryption().bucket("src").send());
    let algorithm = |s3: &Sandbox| {
        let found = default(client(s3)).unwrap();
        let rules = found.server_side_encryption_configuration.unwrap().rules;
        rules[0].apply_server_side_encryption_by_default.as_ref().unwrap().sse_algorithm.as_str().to_owned()
    };
    assert_eq!(algorithm(&s3), "AES256");
    s3.default_encryption("src", Some(("aws:kms", Some("arn:aws:kms:us-east-1:1:key/a"))));
    assert_eq!(algorithm(&s3), "aws:kms");
    assert_eq!(refusal(default(client_as(&s3, "AK", "secret", "us-east-1"))).0, 403);
    s3.default_encryption("src", None);
    assert_eq!(refusal(default(client(&s3))).0, 404);
    s3.replicate("src", [Rule::new("all").to("dst").metrics(true).replica_key("arn:aws:kms:us-east-1:1:key/a")]);
    s3.replication_role("src", "arn:aws:iam::111122223333:role/other");
    let found = block(client(&s3).get_bucket_replication().bucket("src").send()).unwrap();
    let rules = found.replication_configuration.unwrap();
    assert_eq!(rules.role, "arn:aws:iam::111122223333:role/other");
    let destination = rules.rules[0].destination.clone().unwrap();
    assert!(destination.metrics.is_some() && destination.encryption_configuration.is_some());
}

fn replicated(s3: &Sandbox, keys: &[&str]) -> Vec<bool> {
    keys.iter().map(|key| s3.body("dst", key).is_some()).collect()
}

fn public_pair() -> Sandbox {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src").public(true).versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3
}

#[test]
fn rules_exclude_by_prefix_and_tag() {
    let s3 = public_pair();
    let rule = || Rule::new("all").to("dst");
    let get = || raw(&s3, "GET", "/src?replication", &[]).body;
    s3.replicate("src", [rule().not_prefix("tmp/").delete_markers(true)]);
    s3.put("src", "tmp/a", "x");
    s3.put("src", "a", "x");
    assert_eq!(replicated(&s3, &["tmp/a", "a"]), [false, true]);
    s3.delete("src", "a");
    s3.delete("src", "tmp/a");
    assert_eq!((s3.version_count("dst"), s3.versions("dst", "tmp/a").len()), (2, 0), "a, and its marker");
    assert!(get().contains("<Filter><Not><Prefix>tmp/</Prefix></Not></Filter>"), "{}", get());
    s3.replicate("src", [rule().prefix("logs/").tag("keep", "yes").not_prefix("logs/x&").not_tag("secret", "1")]);
    let put = |key: &str, tags: &[(&str, &str)]| {
        s3.put_with("src", key, "x", tags.iter().fold(Put::default(), |put, (name, value)| put.tag(name, value)))
    };
    put("logs/1", &[("keep", "yes")]);
    put("logs/2", &[("keep", "yes"), ("secret", "1")]);
    put("logs/x&3", &[("keep", "yes")]);
    put("logs/4", &[]);
    assert_eq!(replicated(&s3, &["logs/1", "logs/2", "logs/x&3", "logs/4"]), [true, false, false, false]);
    let not = "<Not><Or><Prefix>logs/x&amp;</Prefix><Tag><Key>secret</Key><Value>1</Value></Tag></Or></Not></And>";
    assert!(get().contains(not), "{}", get());
}

#[test]
fn exclusions_come_in_over_http() {
    let s3 = public_pair();
    let rule = |filter: &str| {
        format!(
            "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><ID>a</ID><Priority>1</Priority>\
             <Filter>{filter}</Filter><Status>Enabled</Status><DeleteMarkerReplication><Status>Disabled</Status>\
             </DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::dst</Bucket></Destination></Rule>\
             </ReplicationConfiguration>"
        )
    };
    let put = |filter: &str| raw_with(&s3, "PUT", "/src?replication", &[], &rule(filter)).status;
    let filter = "<And><Prefix>a</Prefix><Not><Tag><Key>k</Key><Value>v</Value></Tag></Not></And>";
    assert_eq!(put(filter), 200);
    assert!(raw(&s3, "GET", "/src?replication", &[]).body.contains(filter));
    s3.put_with("src", "a1", "x", Put::default().tag("k", "v"));
    s3.put("src", "a2", "x");
    assert_eq!(replicated(&s3, &["a1", "a2"]), [false, true]);
    assert_eq!(put("<Not></Not>"), 400);
    assert_eq!(put("<Size>1</Size>"), 400, "an element that S3 does not know");
}
