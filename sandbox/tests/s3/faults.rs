//! Faults, hooks and the log.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use replaudit_sandbox::{Bucket, Fault, Sandbox};

use crate::support::{block, client, pair, raw, raw_with, refusal, try_raw};

#[test]
fn a_status_is_answered_a_number_of_times_without_effect() {
    let s3 = pair();
    s3.put("src", "k", "x");
    s3.fault(Fault::on("DeleteObject").bucket("src").key("k").skip(1).times(2));
    let client = client(&s3);
    let delete = || block(client.delete_object().bucket("src").key("k").send());
    delete().unwrap();
    assert_eq!(refusal(delete()), (503, Some("SlowDown".into())));
    assert_eq!(refusal(delete()).0, 503);
    assert_eq!(s3.version_count("src"), 2, "one marker so far");
    delete().unwrap();
    s3.fault(Fault::on("HeadObject").prefix("k").status(500, "InternalError", "no"));
    assert_eq!(raw(&s3, "HEAD", "/src/k", &[]).status, 500);
    s3.clear_faults();
    assert_eq!(raw(&s3, "HEAD", "/src/k", &[]).status, 403);
}

#[test]
fn connections_close_before_or_after_the_effect() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put("bkt", "k", "x");
    s3.fault(Fault::on("DeleteObject").times(1).close_before_effect());
    assert!(try_raw(&s3, "DELETE", "/bkt/k", &[], "").is_none());
    assert_eq!(s3.keys("bkt"), ["k"]);
    s3.fault(Fault::on("DeleteObject").times(1).close_after_effect());
    assert!(try_raw(&s3, "DELETE", "/bkt/k", &[], "").is_none());
    assert!(s3.keys("bkt").is_empty());
    let log = s3.requests();
    assert_eq!(log.len(), 2, "both were received");
    assert!(log.iter().all(|request| request.status.is_none()));
}

#[test]
fn bodies_are_cut_and_answers_delayed() {
    let s3 = pair();
    s3.put("src", "k", vec![b'x'; 1000]);
    let client = client(&s3);
    s3.fault(Fault::on("GetObject").times(1).cut_body(100));
    let cut = block(async {
        let got = client.get_object().bucket("src").key("k").send().await.unwrap();
        assert_eq!(got.content_length(), Some(1000), "the whole length is announced");
        got.body.collect().await
    });
    assert!(cut.is_err());
    s3.fault(Fault::on("GetObject").times(1).delay(Duration::from_millis(200)));
    let begin = Instant::now();
    block(client.get_object().bucket("src").key("k").send()).unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_range_is_cut_once_and_the_rest_can_be_had() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put("bkt", "k", "0123456789");
    let etag = format!("\"{}\"", s3.versions("bkt", "k")[0].etag);
    let get = |range: &str| raw(&s3, "GET", "/bkt/k", &[("range", range), ("if-match", &etag)]);
    s3.fault(Fault::on("GetObject").key("k").times(1).cut_body(3));
    let cut = get("bytes=2-8");
    assert_eq!((cut.status, cut.body.as_str()), (206, "234"));
    assert_eq!(cut.header("content-length"), Some("7"), "the whole range is announced");
    assert_eq!(cut.header("content-range"), Some("bytes 2-8/10"));
    assert_eq!(get("bytes=5-8").body, "5678");
    assert_eq!(get("bytes=2-8").body, "2345678", "only once");
    s3.fault(Fault::on("GetObject").times(1).cut_body(1));
    let client = client(&s3);
    let get = || client.get_object().bucket("bkt").key("k").range("bytes=-4").send();
    assert!(block(async { get().await.unwrap().body.collect().await }).is_err());
    let whole = block(async { get().await.unwrap().body.collect().await }).unwrap();
    assert_eq!(whole.into_bytes().as_ref(), b"6789");
}

#[test]
fn one_key_of_a_batch_goes_wrong() {
    let s3 = pair();
    let keys = ["error", "before", "after", "other", "good"];
    let entry = |key: &&str| {
        let version = s3.put("src", key, "x");
        ObjectIdentifier::builder().key(*key).version_id(version).build().unwrap()
    };
    let delete = Delete::builder().set_objects(Some(keys.iter().map(entry).collect())).build().unwrap();
    let on = |key: &str| Fault::on("DeleteObjects/entry").key(key).times(1);
    s3.fault(Fault::on("*").skip(1));
    s3.fault(on("error").status(500, "InternalError", "oops"));
    s3.fault(on("before").close_before_effect());
    s3.fault(on("after").close_after_effect());
    s3.fault(on("other").answer_for("stranger"));
    let answer = block(client(&s3).delete_objects().bucket("src").delete(delete).send()).unwrap();
    let deleted: Vec<_> = answer.deleted().iter().filter_map(|one| one.key()).collect();
    assert_eq!(deleted, ["stranger", "good"]);
    assert_eq!((answer.errors()[0].key(), answer.errors()[0].code()), (Some("error"), Some("InternalError")));
    let left: Vec<_> = keys.iter().filter(|key| s3.body("src", key).is_some()).collect();
    assert_eq!(left, [&"error", &"before"]);
}

#[test]
fn hooks_stage_a_race() {
    let s3 = pair();
    s3.put("src", "k", "old");
    s3.after("HeadObject", Some("k"), |s3| {
        s3.put("src", "k", "new");
    });
    let client = client(&s3);
    block(async {
        let head = client.head_object().bucket("src").key("k").send().await.unwrap();
        assert_eq!(head.content_length(), Some(3));
        let etag = head.e_tag().unwrap();
        let deleted = client.delete_object().bucket("src").key("k").if_match(etag).send().await;
        assert_eq!(refusal(deleted), (412, Some("PreconditionFailed".into())));
        client.head_object().bucket("src").key("k").send().await.unwrap();
    });
    assert_eq!(s3.versions("src", "k").len(), 2, "the hook ran once");
    s3.before("HeadObject", None, |s3| {
        s3.delete("src", "k");
    });
    assert_eq!(refusal(block(client.head_object().bucket("src").key("k").send())).0, 404);
}

#[test]
fn the_log_lists_requests() {
    let s3 = pair();
    let client = client(&s3);
    block(client.put_object().bucket("src").key("a b").body(ByteStream::from_static(b"x")).send()).unwrap();
    let id = s3.versions("src", "a b")[0].version_id.clone();
    block(client.head_object().bucket("src").key("a b").version_id(&id).send()).unwrap();
    let log = s3.requests();
    assert_eq!(log.len(), 2);
    assert!(log[0].is_write() && !log[1].is_write());
    assert_eq!((log[1].operation.as_str(), log[1].status), ("HeadObject", Some(200)));
    assert_eq!(log[1].key.as_deref(), Some("a b"));
    assert_eq!(log[1].version_id.as_deref(), Some(id.as_str()));
    assert!(log[1].headers["authorization"].contains("SignedHeaders"));
    s3.clear_requests();
    s3.log_requests(false);
    raw(&s3, "HEAD", "/src/k", &[]);
    assert!(s3.requests().is_empty());
}

#[test]
fn levers_over_http() {
    let s3 = pair();
    s3.put("src", "a b", "x");
    let set = |query: &str| raw_with(&s3, "POST", &format!("/-/sandbox/status?{query}"), &[], "").status;
    assert_eq!(set("bucket=src&key=a%20b&status=FAILED"), 200);
    assert_eq!(s3.versions("src", "a b")[0].replication_status.as_deref(), Some("FAILED"));
    assert_eq!(set("bucket=src&key=a+b&status="), 200);
    assert_eq!(s3.versions("src", "a b")[0].replication_status, None);
    assert_eq!(set("bucket=src&key=absent&status=FAILED"), 404);
    assert_eq!(set("bucket=src"), 400);
    raw(&s3, "HEAD", "/src/x", &[]);
    let log = raw(&s3, "GET", "/-/sandbox/requests", &[]);
    assert!(log.body.contains("\"operation\": \"HeadObject\""), "{}", log.body);
    assert_eq!(s3.requests().len(), 1, "these endpoints are not logged");
}

#[test]
fn an_effect_may_come_with_an_error_or_after_the_connection_is_gone() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put("bkt", "a", "x");
    s3.put("bkt", "b", "x");
    s3.fault(Fault::on("DeleteObject").times(1).status_after_effect(500, "InternalError", "oops"));
    assert_eq!(raw(&s3, "DELETE", "/bkt/a", &[]).status, 500);
    assert_eq!(s3.keys("bkt"), ["b"]);
    s3.fault(Fault::on("DeleteObject").times(1).close_and_take_effect_later(Duration::from_millis(100)));
    assert!(try_raw(&s3, "DELETE", "/bkt/b", &[], "").is_none());
    assert_eq!(s3.keys("bkt"), ["b"], "not yet");
    let begin = Instant::now();
    while !s3.keys("bkt").is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn entries_of_a_batch_have_faults_of_their_own_and_the_log_knows_their_effects() {
    let s3 = pair();
    let versions: Vec<String> = ["a", "b", "c", "d", "e"].iter().map(|key| s3.put("src", key, "x")).collect();
    let entry = |key: &str| Fault::on("DeleteObjects/entry").key(key).times(1);
    s3.fault(entry("b").status(500, "InternalError", "oops"));
    s3.fault(entry("c").status_after_effect(500, "InternalError", "oops"));
    s3.fault(entry("d").close_before_effect());
    s3.fault(entry("e").close_after_effect());
    let entries = ["a", "b", "c", "d", "e"].iter().zip(&versions).map(|(key, version)| {
        aws_sdk_s3::types::ObjectIdentifier::builder().key(*key).version_id(version).build().unwrap()
    });
    let batch = aws_sdk_s3::types::Delete::builder().set_objects(Some(entries.collect())).build().unwrap();
    let answer = block(client(&s3).delete_objects().bucket("src").delete(batch).send()).unwrap();
    let deleted: Vec<&str> = answer.deleted().iter().filter_map(|one| one.key()).collect();
    let errors: Vec<&str> = answer.errors().iter().filter_map(|one| one.key()).collect();
    assert_eq!((deleted, errors), (vec!["a"], vec!["b", "c"]));
    assert_eq!(s3.keys("src"), ["b", "d"]);
    let log = s3.requests();
    let gone: Vec<(&str, &str)> =
        log[0].effects.iter().map(|effect| (effect.key.as_str(), effect.removed[0].as_str())).collect();
    assert_eq!(gone, [("a", versions[0].as_str()), ("c", versions[2].as_str()), ("e", versions[4].as_str())]);
    assert!(log[0].effects.iter().all(|e| e.marker.is_none() && log[0].arrived < e.at && Some(e.at) < log[0].answered));
}

#[test]
fn the_log_knows_what_a_marker_hid_and_what_a_null_marker_destroyed() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put("bkt", "k", "before versioning");
    s3.set_versioning("bkt", replaudit_sandbox::Versioning::Enabled);
    let version = s3.put("bkt", "k", "x");
    raw(&s3, "DELETE", "/bkt/k", &[]);
    s3.set_versioning("bkt", replaudit_sandbox::Versioning::Suspended);
    raw(&s3, "DELETE", "/bkt/k", &[]);
    let log = s3.requests();
    let [first, second] = [&log[0].effects[0], &log[1].effects[0]];
    assert_eq!((first.hidden.as_deref(), first.removed.len()), (Some(version.as_str()), 0));
    assert_eq!(first.marker.as_ref(), log[0].answer.get("x-amz-version-id"));
    assert_eq!((second.marker.as_deref(), second.hidden.as_deref()), (Some("null"), None));
    assert_eq!(second.removed, ["null"]);
}

#[test]
fn a_watcher_sees_every_request_before_and_after() {
    let s3 = pair();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = seen.clone();
    s3.watch(move |s3, at| {
        note.lock().unwrap().push((at.moment, at.operation, at.key.clone(), s3.version_count("src")))
    });
    s3.put("src", "k", "x");
    block(client(&s3).delete_object().bucket("src").key("k").send()).unwrap();
    s3.unwatch();
    block(client(&s3).head_bucket().bucket("src").send()).unwrap();
    let at = |moment, count| (moment, "DeleteObject", Some("k".to_owned()), count);
    use replaudit_sandbox::Moment;
    assert_eq!(*seen.lock().unwrap(), [at(Moment::Before, 1), at(Moment::After, 2)]);
}
