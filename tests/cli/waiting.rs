//! `status --wait`.

use std::time::{Duration, Instant, SystemTime};

use replaudit_sandbox::{Fault, Rule, Sandbox, Versioning};

use crate::support::{count, only_reads, replicated, versioned, with};

fn pending(s3: &Sandbox, keys: &[&str]) {
    for key in keys {
        s3.put("src", key, b"x");
        s3.set_status("src", key, Some("PENDING"));
    }
}

#[test]
fn what_is_pending_is_asked_again_until_it_is_replicated() {
    let s3 = replicated();
    s3.replication_delay(Duration::from_millis(1500));
    s3.put("src", "k", b"x");
    let run = with(&s3, &["status", "--wait", "s3://src/k", "-o", "json"]).expect(0);
    assert_eq!(run.fields("verdict"), ["replicated"]);
    run.says(&["waiting for 1 of 1 object, the oldest written ", ", 14m 5", "s left"]);
    assert!(count(&s3, "HeadObject") >= 3);
    only_reads(&s3);
}

#[test]
fn an_object_that_is_deleted_while_it_is_pending_is_no_yes() {
    let s3 = versioned();
    pending(&s3, &["a", "b"]);
    s3.set_status("src", "b", Some("COMPLETED"));
    s3.after("HeadObject", Some("a"), |s3| {
        let version = s3.versions("src", "a")[0].version_id.clone();
        s3.delete_version("src", "a", &version);
    });
    let run = with(&s3, &["status", "--wait", "--recursive", "s3://src/", "-o", "json"]).expect(1);
    let gone = run.objects().into_iter().find(|object| object["key"] == "a").unwrap();
    assert_eq!(gone["verdict"], "not-found");
    assert!(gone["error"]["message"].as_str().unwrap().contains("deleted before it was replicated"), "{gone}");
    // What the first HEAD does not find was deleted since the listing.
    pending(&s3, &["a"]);
    s3.before("HeadObject", Some("a"), |s3| drop(s3.delete("src", "a")));
    with(&s3, &["status", "--wait", "--recursive", "s3://src/"]).expect(0);
}

#[test]
fn a_pending_version_that_is_deleted_is_no_yes_although_an_older_one_is_current_then() {
    let s3 = versioned();
    s3.put("src", "k", b"older");
    s3.set_status("src", "k", Some("COMPLETED"));
    pending(&s3, &["k"]);
    for address in [&["s3://src/k"][..], &["--recursive", "s3://src/"]] {
        let version = s3.versions("src", "k")[0].version_id.clone();
        s3.after("HeadObject", Some("k"), move |s3| s3.delete_version("src", "k", &version));
        let run = with(&s3, &[&["status", "--wait", "-o", "json"], address].concat()).expect(1);
        assert!(run.stdout.contains("deleted before it was replicated"), "{run:?}");
        pending(&s3, &["k"]);
    }
}

#[test]
fn a_server_that_hangs_does_not_prolong_the_wait() {
    let s3 = versioned();
    pending(&s3, &["k"]);
    s3.fault(Fault::on("HeadObject").skip(1).delay(Duration::from_secs(60)));
    let start = Instant::now();
    let run = with(&s3, &["status", "--wait", "--timeout", "1s", "s3://src/k", "-o", "json"]).expect(1);
    assert_eq!(run.fields("verdict"), ["pending"]);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn without_progress_nothing_is_printed_while_it_waits() {
    let s3 = versioned();
    pending(&s3, &["k"]);
    let wait = ["status", "--wait", "--timeout", "1s", "s3://src/k"];
    with(&s3, &wait).expect(1).says(&["waiting for"]);
    let run = with(&s3, &[&wait[..], &["--progress", "never"]].concat()).expect(1);
    assert!(!run.stderr.contains("waiting for"), "{run:?}");
}

#[test]
fn the_version_of_the_first_answer_is_the_one_waited_for() {
    let s3 = versioned();
    pending(&s3, &["k"]);
    let first = s3.requests().len();
    s3.after("HeadObject", Some("k"), |s3| {
        let version = s3.versions("src", "k")[0].version_id.clone();
        s3.put("src", "k", b"newer");
        s3.set_status("src", "k", Some("FAILED"));
        s3.set_status_of("src", "k", &version, Some("COMPLETED"));
    });
    let run = with(&s3, &["status", "--wait", "s3://src/k", "-o", "json"]).expect(1);
    // The address names no version: the answer is about what is current at the end, and not about the version that arrived.
    assert_eq!(run.fields("verdict"), ["failed"]);
    assert_eq!(run.objects()[0]["size"], 5);
    assert!(run.objects()[0]["error"]["message"].as_str().unwrap().contains("not the current version any more"));
    let versions: Vec<bool> = s3.requests()[first..].iter().map(|request| request.version_id.is_some()).collect();
    assert_eq!(versions, [false, true, false]);
}

#[test]
fn a_null_version_that_is_written_again_is_not_the_one_waited_for() {
    let s3 = versioned();
    s3.set_versioning("src", Versioning::Suspended);
    pending(&s3, &["k"]);
    s3.after("HeadObject", Some("k"), |s3| {
        s3.put("src", "k", b"newer");
        s3.set_status("src", "k", Some("COMPLETED"));
    });
    let run = with(&s3, &["status", "--wait", "s3://src/k", "-o", "json"]).expect(2);
    assert_eq!(run.objects()[0]["error"]["code"], "Changed");
}

#[test]
fn a_version_that_is_named_is_waited_for_and_no_other() {
    let s3 = versioned();
    pending(&s3, &["k"]);
    let version = s3.versions("src", "k")[0].version_id.clone();
    s3.after("HeadObject", Some("k"), |s3| {
        let version = s3.versions("src", "k")[0].version_id.clone();
        s3.put("src", "k", b"newer");
        s3.set_status("src", "k", Some("FAILED"));
        s3.set_status_of("src", "k", &version, Some("COMPLETED"));
    });
    let run = with(&s3, &["status", "--wait", "s3://src/k", "--version-id", &version, "-o", "json"]).expect(0);
    assert_eq!(run.fields("version_id"), [version]);
}

#[test]
fn an_answer_about_another_version_does_not_count() {
    let s3 = versioned();
    pending(&s3, &["k"]);
    s3.after("HeadObject", Some("k"), |s3| s3.set_status("src", "k", Some("COMPLETED")));
    s3.fault(Fault::on("HeadObject").skip(1).header("x-amz-version-id", "other"));
    let run = with(&s3, &["status", "--wait", "s3://src/k", "-o", "json"]).expect(2);
    assert_eq!(run.fields("verdict"), ["error"]);
}

#[test]
fn a_newer_version_is_waited_for_too() {
    let s3 = versioned();
    pending(&s3, &["k", "gone"]);
    s3.after("HeadObject", Some("k"), |s3| {
        let version = s3.versions("src", "k")[0].version_id.clone();
        s3.put("src", "k", b"newer");
        s3.set_status("src", "k", Some("PENDING"));
        s3.set_status_of("src", "k", &version, Some("COMPLETED"));
        s3.after("HeadObject", Some("k"), |s3| {
            s3.after("HeadObject", Some("k"), |s3| s3.set_status("src", "k", Some("COMPLETED")))
        });
    });
    s3.after("HeadObject", Some("gone"), |s3| {
        s3.set_status("src", "gone", Some("COMPLETED"));
        s3.delete("src", "gone");
    });
    let run = with(&s3, &["status", "--wait", "s3://src/k", "s3://src/gone", "-o", "json"]).expect(1);
    let mut found: Vec<_> = run.fields("key").into_iter().zip(run.fields("verdict")).collect();
    found.sort();
    assert_eq!(found, [("gone".into(), "delete-marker".into()), ("k".into(), "replicated".into())]);
    let k = run.objects().iter().find(|object| object["key"] == "k").cloned().unwrap();
    assert_eq!((&k["size"], &k["error"]), (&5.into(), &serde_json::Value::Null));
}

#[test]
fn failed_ends_it_and_the_rest_comes_as_it_is_settled() {
    let s3 = versioned();
    pending(&s3, &["slow", "fails", "done"]);
    s3.set_status("src", "done", Some("COMPLETED"));
    s3.after("HeadObject", Some("fails"), |s3| s3.set_status("src", "fails", Some("FAILED")));
    let args =
        ["status", "--wait", "--timeout", "4s", "s3://src/slow", "s3://src/fails", "s3://src/done", "-o", "json"];
    let start = Instant::now();
    let run = with(&s3, &args).expect(1);
    assert_eq!(run.fields("key"), ["done", "fails", "slow"]);
    assert_eq!(run.fields("verdict"), ["replicated", "failed", "pending"]);
    assert!((Duration::from_secs(4)..Duration::from_secs(8)).contains(&start.elapsed()));
    let of = |key: &str| s3.requests().iter().filter(|request| request.key.as_deref() == Some(key)).count();
    assert_eq!((of("done"), of("fails")), (1, 2));
    assert!((3..7).contains(&of("slow")), "the pauses grow: {}", of("slow"));
}

#[test]
fn only_what_is_pending_is_waited_for() {
    let s3 = versioned();
    for status in [Some("COMPLETED"), Some("FAILED"), Some("REPLICA"), None, Some("odd")] {
        s3.put("src", "k", b"x");
        s3.set_status("src", "k", status);
        let before = count(&s3, "HeadObject");
        with(&s3, &["status", "-q", "--wait", "s3://src/k"]);
        assert_eq!(count(&s3, "HeadObject"), before + 1, "{status:?}");
    }
}

#[test]
fn many_can_be_waited_for_at_once() {
    let s3 = replicated();
    let keys: Vec<String> = (0..300).map(|n| format!("{n:03}")).collect();
    s3.stick("src", "");
    s3.put_many("src", &keys, b"x");
    s3.after("HeadObject", Some("299"), |s3| {
        s3.unforce("src");
        for key in 0..300 {
            s3.set_status("src", &format!("{key:03}"), Some("COMPLETED"));
        }
    });
    let args = ["status", "--wait", "--concurrency", "4", "--recursive", "s3://src/", "-o", "json"];
    let run = with(&s3, &args).expect(0);
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"replicated": 300}));
}

#[test]
fn trouble_and_absence_while_waiting_are_answers() {
    let s3 = versioned();
    pending(&s3, &["denied", "gone"]);
    s3.fault(Fault::on("HeadObject").key("denied").skip(1).status(403, "AccessDenied", "no"));
    s3.after("HeadObject", Some("gone"), |s3| {
        let version = s3.versions("src", "gone")[0].version_id.clone();
        s3.delete_version("src", "gone", &version);
    });
    let run = with(&s3, &["status", "--wait", "s3://src/denied", "s3://src/gone", "-o", "json"]).expect(2);
    let mut verdicts = run.fields("verdict");
    verdicts.sort();
    assert_eq!(verdicts, ["denied", "not-found"]);
}

#[test]
fn how_long_it_has_been_pending_is_said() {
    let s3 = versioned();
    s3.replicate("src", [Rule::new("off").to("src").disabled()]);
    pending(&s3, &["k", "new", "done"]);
    s3.set_status("src", "done", Some("COMPLETED"));
    s3.set_last_modified("src", "k", SystemTime::now() - Duration::from_secs(7200 + 130));
    let run = with(&s3, &["status", "--wait", "--timeout", "2s", "--recursive", "s3://src/"]).expect(1);
    run.says(&["waiting for 2 of 3 objects, the oldest written 2h 2m ago, "]);
}

#[test]
fn a_timeout_suggests_no_option_that_was_given() {
    let s3 = versioned();
    pending(&s3, &["pending", "failed"]);
    s3.set_status("src", "failed", Some("FAILED"));
    let said = |args: &[&str]| {
        let run = with(&s3, &[&["status", "s3://src/pending", "s3://src/failed"], args].concat()).expect(1);
        run.stdout
    };
    let (wait, through) = ("--wait waits for it, until --timeout", "--wait --wait-through-failed waits for that");
    for explain in [&[][..], &["--explain"]] {
        let text = said(explain);
        assert!(text.contains(wait) && text.contains(through), "{text}");
        let text = said(&[&["--wait", "--timeout", "1s"], explain].concat());
        assert!(text.contains("a longer --timeout waits longer"), "{text}");
        assert!(text.contains("(--wait-through-failed waits for that") && !text.contains("--wait "), "{text}");
        let text = said(&[&["--wait", "--wait-through-failed", "--timeout", "1s"], explain].concat());
        assert_eq!(text.matches("a longer --timeout waits longer").count(), 2, "{text}");
        assert!(!text.contains("--wait"), "{text}");
    }
}

#[test]
fn safe_delete_says_what_it_waits_for_as_well() {
    let s3 = replicated();
    s3.replication_delay(Duration::from_millis(1500));
    s3.put("src", "k", b"x");
    let run = with(&s3, &["safe-delete", "-y", "--wait", "s3://src/k", "-o", "json"]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-created"]);
    run.says(&["waiting for 1 of 1 object, the oldest written "]);
}

/// Some servers try again by themselves.
#[test]
fn failed_does_not_end_the_wait_where_that_is_wanted() {
    let heals = |s3: &Sandbox| {
        s3.put("src", "k", b"x");
        s3.set_status("src", "k", Some("FAILED"));
        s3.after("HeadObject", Some("k"), |s3| {
            s3.set_status("src", "k", Some("PENDING"));
            s3.after("HeadObject", Some("k"), |s3| {
                s3.set_status("src", "k", Some("FAILED"));
                s3.after("HeadObject", Some("k"), |s3| s3.set_status("src", "k", Some("COMPLETED")));
            });
        });
    };
    let args = ["status", "--wait", "--wait-through-failed", "s3://src/k", "-o", "json"];
    let s3 = versioned();
    heals(&s3);
    let run = with(&s3, &args).expect(0);
    assert_eq!((run.fields("verdict"), count(&s3, "HeadObject")), (vec!["replicated".to_owned()], 5));
    only_reads(&s3);
    // What is never healed is failed when the time is over.
    s3.set_status("src", "k", Some("FAILED"));
    let run = with(&s3, &[&args[..], &["--timeout", "2s"]].concat()).expect(1);
    assert_eq!(run.fields("verdict"), ["failed"]);
    // It is not pending.
    assert!(run.stderr.contains(", the oldest written ") && !run.stderr.contains("pending"), "{run:?}");
    with(&s3, &["status", "--wait-through-failed", "s3://src/k"]).expect(2).says(&["--wait"]);
}
