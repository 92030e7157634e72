//! Faults, hooks and the log.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use replaudit_sandbox::{Bucket, Fault, Sandbox};

use crate::support::{block, client, pair, raw, raw_with, refusal, try_raw};

#[test]
fn a_status_is_answered_so_many_times_and_nothing_is_done() {
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
fn the_log_tells_what_came() {
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
    assert_eq!(s3.requests().len(), 1, "levers are not logged");
}
