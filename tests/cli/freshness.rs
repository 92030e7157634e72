//! A permanent delete leaves only on a fresh check of its own order, however slow the others are.
//!
//! Every test stalls something for longer than a check may be old, and then asks the server when each version was last
//! checked before its delete arrived.

use std::io::Read as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use replaudit_sandbox::{Bucket, Fault, Moment, Rule, Sandbox, Versioning};

use crate::support::{Run, client, count, finish, folder, replicated, with};

/// How old a check may be when its delete arrives: what the documentation promises, and what a loaded machine adds.
const PROMISED: Duration = Duration::from_millis(5_500);
/// Longer than that.
const STALL: Duration = Duration::from_secs(8);

/// When each request arrived, by its place in the server's log.
type Arrivals = Arc<Mutex<Vec<(u64, Instant)>>>;

fn watched(s3: &Sandbox) -> Arrivals {
    let arrivals = Arrivals::default();
    let seen = Arc::clone(&arrivals);
    s3.watch(move |_, request| {
        if request.moment == Moment::Before {
            seen.lock().unwrap().push((request.arrived, Instant::now()));
        }
    });
    arrivals
}

/// Writes these keys and a list of their versions.
fn listed(s3: &Sandbox, bucket: &str, keys: &[&str]) -> String {
    let line = |key: &&str| {
        let version = s3.put(bucket, key, b"x");
        serde_json::json!({"bucket": bucket, "key": key, "version_id": version}).to_string() + "\n"
    };
    keys.iter().map(line).collect()
}

fn remove(s3: &Sandbox, list: &str, more: &[&str]) -> Run {
    let (_guard, dir) = folder();
    let path = dir.join("list.ndjson");
    std::fs::write(&path, list).unwrap();
    let mut args = vec!["safe-delete", "-y", "--permanent", "-o", "json", "--from", path.to_str().unwrap()];
    args.extend(more);
    with(s3, &args)
}

/// The age of the oldest thing that any delete rested on, when that delete arrived.
fn oldest_check(s3: &Sandbox, arrivals: &Arrivals) -> Duration {
    let arrivals = arrivals.lock().unwrap();
    let requests = s3.requests();
    let at = |arrived: u64| arrivals.iter().find(|(id, _)| *id == arrived).expect("every arrival was seen").1;
    let mut oldest = Duration::ZERO;
    let mut deletes = 0;
    for (place, request) in requests.iter().enumerate() {
        let keys: Vec<String> = match (request.operation.as_str(), &request.body) {
            ("DeleteObject", _) => request.key.clone().into_iter().collect(),
            ("DeleteObjects", Some(body)) => {
                body.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
            }
            _ => continue,
        };
        let last = |operation: &str, key: Option<&str>| {
            requests[..place].iter().rev().find(|before| {
                before.operation == operation && before.bucket == request.bucket && (before.key.as_deref() == key)
            })
        };
        let hides = request.operation == "DeleteObject" && request.version_id.is_none();
        for key in &keys {
            deletes += 1;
            // What is hidden is bound to its check by If-Match.
            let object = (!hides).then(|| last("HeadObject", Some(key)));
            let bucket = [last("GetBucketVersioning", None), last("GetBucketReplication", None)];
            for question in object.into_iter().chain(bucket) {
                let question = question.unwrap_or_else(|| panic!("{key} was deleted unchecked"));
                oldest = oldest.max(at(request.arrived).duration_since(at(question.arrived)));
            }
        }
    }
    assert!(deletes > 0, "nothing was deleted: this test would prove nothing");
    oldest
}

#[test]
fn a_stalled_check_ages_no_other_order_of_its_batch() {
    let s3 = replicated();
    let list = listed(&s3, "src", &["a", "b", "c", "d"]);
    let arrivals = watched(&s3);
    s3.fault(Fault::on("HeadObject").key("c").bucket("src").skip(1).times(1).delay(STALL));
    let run = remove(&s3, &list, &[]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"; 4]);
    assert!(oldest_check(&s3, &arrivals) < PROMISED, "{:?}", oldest_check(&s3, &arrivals));
}

#[test]
fn a_slow_answer_ages_no_order_of_the_next_bucket() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    s3.replicate("other", [Rule::new("all").to("dst")]);
    let list = listed(&s3, "src", &["a"]) + &listed(&s3, "other", &["b"]);
    let arrivals = watched(&s3);
    s3.fault(Fault::on("DeleteObjects").bucket("src").delay(STALL));
    let run = remove(&s3, &list, &["--trust-status"]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"; 2]);
    assert!(oldest_check(&s3, &arrivals) < PROMISED, "{:?}", oldest_check(&s3, &arrivals));
}

#[test]
fn orders_that_leave_one_by_one_are_each_checked_first() {
    let s3 = replicated();
    let list = listed(&s3, "src", &["a", "b", "c"]);
    let arrivals = watched(&s3);
    s3.fault(Fault::on("DeleteObjects").status(501, "NotImplemented", "no batches here"));
    s3.fault(Fault::on("DeleteObject").delay(Duration::from_secs(3)));
    let run = remove(&s3, &list, &["--trust-status", "--concurrency", "1"]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"; 3]);
    assert!(oldest_check(&s3, &arrivals) < PROMISED, "{:?}", oldest_check(&s3, &arrivals));
}

#[test]
fn what_was_slowed_down_is_checked_again_before_it_is_sent_again() {
    // A whole batch, one key of a batch, and a single delete.
    let faults = [
        vec![Fault::on("DeleteObjects").times(2)],
        vec![Fault::on("DeleteObjects/entry").key("a").times(2)],
        vec![
            Fault::on("DeleteObjects").status(501, "NotImplemented", "no"),
            Fault::on("DeleteObject").key("a").times(2),
        ],
    ];
    for (at, faults) in faults.into_iter().enumerate() {
        let s3 = replicated();
        let list = listed(&s3, "src", &["a"]);
        faults.into_iter().for_each(|fault| s3.fault(fault));
        let delete = if at == 2 { "DeleteObject" } else { "DeleteObjects" };
        // The replica goes while the first request is being turned away.
        s3.before(delete, None, |s3| s3.lose_replica("src", "a"));
        let run = remove(&s3, &list, &[]).expect(1);
        assert_eq!(run.fields("reason"), ["replica-missing"], "case {at}");
        assert!(s3.body("src", "a").is_some(), "case {at}: the last copy is still there");
    }
}

#[test]
fn slow_downs_for_longer_than_a_check_holds_age_nothing() {
    let s3 = replicated();
    let list = listed(&s3, "src", &["a", "b"]);
    let arrivals = watched(&s3);
    s3.fault(Fault::on("DeleteObjects").times(5));
    let run = remove(&s3, &list, &["--trust-status", "--max-attempts", "8"]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"; 2]);
    assert_eq!(count(&s3, "DeleteObjects"), 6);
    assert!(oldest_check(&s3, &arrivals) < PROMISED, "{:?}", oldest_check(&s3, &arrivals));
}

#[test]
fn an_upload_that_takes_over_the_id_null_during_a_stall_survives() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src"));
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.put("src", "n", b"old");
    s3.set_versioning("src", Versioning::Enabled);
    s3.set_status("src", "n", Some("COMPLETED"));
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let null = r#"{"bucket":"src","key":"n","version_id":"null"}"#.to_owned() + "\n";
    let list = null + &listed(&s3, "src", &["c"]);
    s3.fault(Fault::on("HeadObject").key("c").skip(1).times(1).delay(STALL));
    s3.after("HeadObject", Some("c"), |s3| {
        s3.before("HeadObject", Some("c"), |s3| {
            thread::sleep(STALL / 2);
            s3.set_versioning("src", Versioning::Suspended);
            s3.put("src", "n", b"new, and on no other bucket");
        });
    });
    let run = remove(&s3, &list, &["--trust-status"]);
    assert_eq!(s3.body("src", "n").as_deref(), Some(&b"new, and on no other bucket"[..]), "{run:?}");
    let bodies: Vec<String> = s3.requests().iter().filter_map(|request| request.body.clone()).collect();
    assert!(bodies.iter().all(|body| !body.contains("null")), "a null version travels in no batch: {bodies:?}");
}

#[test]
fn a_null_version_goes_alone_straight_after_its_check() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src"));
    s3.put("src", "n", b"old");
    s3.set_versioning("src", Versioning::Enabled);
    s3.set_status("src", "n", Some("COMPLETED"));
    let list = r#"{"bucket":"src","key":"n","version_id":"null"}"#.to_owned() + "\n";
    let run = remove(&s3, &list, &["--trust-status", "--allow-replicated-delete"]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"]);
    assert_eq!((count(&s3, "DeleteObjects"), count(&s3, "DeleteObject")), (0, 1));
}

/// What is being sent leaves, or is checked again: a pager that waits for a key, or a slow log, must not age it.
#[test]
fn a_reader_that_pauses_ages_no_delete() {
    let s3 = replicated();
    let keys: Vec<String> = (0..700).map(|number| format!("{number:03}")).collect();
    let list = listed(&s3, "src", &keys.iter().map(String::as_str).collect::<Vec<_>>());
    let arrivals = watched(&s3);
    // Some connections are being opened at any time.
    s3.fault(Fault::on("DeleteObject").probability(0.3, 1).header("connection", "close"));
    let (_guard, dir) = folder();
    let path = dir.join("list.ndjson");
    std::fs::write(&path, list).unwrap();
    let journal = dir.join("journal").display().to_string();
    let from = path.display().to_string();
    let args = ["safe-delete", "-y", "-o", "ndjson", "--journal", &journal, "--concurrency", "32", "--from", &from];
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = client(&s3, &args);
    command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // The child has the only writer.
    drop(command);
    // It goes on until nothing more fits into the pipe.
    let mut before = 0;
    while before < 100 || s3.requests().len() > before {
        before = s3.requests().len();
        thread::sleep(Duration::from_millis(700));
    }
    thread::sleep(STALL);
    let mut rows = String::new();
    reader.read_to_string(&mut rows).unwrap();
    finish(child).expect(0);
    assert_eq!(rows.lines().count(), keys.len());
    let oldest = oldest_check(&s3, &arrivals);
    assert!(oldest < PROMISED, "{oldest:?}");
}
