//! `safe-delete --permanent` in batches: every order ends in exactly one outcome, for every answer.

use std::time::Duration;

use replaudit_sandbox::{Bucket, Fault, Sandbox, Versioning};

use crate::support::{ODD_KEYS, Run, count, folder, replicated, with};

/// Writes these keys and a list of their versions.
fn listed<'a>(s3: &Sandbox, bucket: &str, keys: impl IntoIterator<Item = &'a str>) -> String {
    let line = |key: &str| {
        let version = s3.put(bucket, key, b"x");
        serde_json::json!({"bucket": bucket, "key": key, "version_id": version}).to_string() + "\n"
    };
    keys.into_iter().map(line).collect()
}

/// Removes what a list holds.
fn remove(s3: &Sandbox, list: &str, more: &[&str]) -> Run {
    let (_guard, dir) = folder();
    let path = dir.join("list.ndjson");
    std::fs::write(&path, list).unwrap();
    let mut args = vec!["safe-delete", "-y", "--permanent", "--trust-status", "-o", "json", "--from"];
    args.push(path.to_str().unwrap());
    args.extend(more);
    with(s3, &args)
}

fn outcomes(run: &Run) -> Vec<(String, String)> {
    run.fields("key").into_iter().zip(run.fields("outcome")).collect()
}

#[test]
fn a_thousand_go_at_a_time_and_a_sample_is_looked_at() {
    let s3 = replicated();
    let keys: Vec<String> = (0..2100).map(|n| format!("k{n:04}")).collect();
    let list = listed(&s3, "src", keys.iter().map(String::as_str));
    // Not too many at once: on a busy machine, 64 checks side by side may be too old when they are answered.
    let run = remove(&s3, &list, &["--concurrency", "16"]).expect(0).silent();
    assert_eq!(run.fields("key"), keys, "in the order of the list");
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"version-deleted": 2100}));
    assert_eq!(count(&s3, "DeleteObject"), 0);
    let sizes: Vec<usize> = s3
        .requests()
        .iter()
        .filter_map(|request| request.body.as_ref())
        .map(|body| body.matches("<Object>").count())
        .collect();
    // On a slow machine checks age, and batches leave before they are full.
    assert!(sizes.iter().sum::<usize>() == 2100 && sizes.len() >= 3, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 1000) && sizes.iter().any(|size| *size > 1), "{sizes:?}");
    // Decided, checked again, and the first thousand and eleven others looked at; on a slow machine some are checked
    // twice.
    assert!(count(&s3, "HeadObject") >= 2 * 2100 + 1000 + 11, "{}", count(&s3, "HeadObject"));
    assert_eq!((s3.version_count("src"), s3.version_count("dst")), (0, 2100));
    let again = remove(&s3, &list, &["--verify-deleted", "none"]).expect(1);
    assert_eq!(again.json()["summary"]["kept"]["not-found"], 2100);
}

#[test]
fn keys_of_an_answer_go_wrong_one_by_one() {
    let s3 = replicated();
    let list = listed(&s3, "src", ["denied", "error", "slow", "left-out", "lost", "good"]);
    let on = |key: &str| Fault::on("DeleteObjects/entry").key(key).times(1);
    s3.fault(on("denied").status(403, "AccessDenied", "no"));
    s3.fault(on("error").status(500, "InternalError", "oops"));
    s3.fault(on("slow").status(503, "SlowDown", "slow down"));
    s3.fault(on("left-out").close_before_effect());
    s3.fault(on("lost").close_after_effect());
    let run = remove(&s3, &list, &[]).expect(3);
    let expected = [
        ("denied", "denied"),
        ("error", "failed"),
        ("slow", "version-deleted"),
        ("left-out", "unknown"),
        ("lost", "version-deleted"),
        ("good", "version-deleted"),
    ];
    assert_eq!(outcomes(&run), expected.map(|(key, outcome)| (key.to_owned(), outcome.to_owned())));
    let left: Vec<bool> = expected.iter().map(|(key, _)| s3.body("src", key).is_some()).collect();
    assert_eq!(left, [true, true, false, true, false, false]);
    assert_eq!(count(&s3, "DeleteObjects"), 2, "what was slowed down was sent again, and nothing else");
}

#[test]
fn a_stranger_in_the_answer_makes_all_of_it_doubtful() {
    let s3 = replicated();
    let list = listed(&s3, "src", ["a", "b"]);
    s3.fault(Fault::on("DeleteObjects/entry").key("a").answer_for("stranger"));
    let run = remove(&s3, &list, &["--verify-deleted", "none"]).expect(3).says(&["stranger", "did not name"]);
    assert_eq!(run.fields("outcome"), ["version-deleted", "version-deleted"], "looked up, both of them");
    assert_eq!(count(&s3, "HeadObject"), 6);
}

#[test]
fn an_answer_that_was_lost_is_looked_up_for_each() {
    for (after, outcome, exit) in [(true, "version-deleted", 0), (false, "unknown", 3)] {
        let s3 = replicated();
        let list = listed(&s3, "src", ["a", "b"]);
        let fault = Fault::on("DeleteObjects").times(1);
        s3.fault(if after { fault.close_after_effect() } else { fault.close_before_effect() });
        let run = remove(&s3, &list, &[]).expect(exit);
        assert_eq!(run.fields("outcome"), [outcome, outcome]);
        assert_eq!(count(&s3, "DeleteObjects"), 1, "never sent twice");
    }
}

#[test]
fn a_whole_batch_is_sent_again_only_after_proof_of_no_effect() {
    for (status, code, outcome, exit, sent) in [
        (503, "SlowDown", "version-deleted", 0, 3),
        (403, "AccessDenied", "denied", 2, 1),
        (500, "InternalError", "failed", 2, 1),
        (504, "", "unknown", 3, 1),
    ] {
        let s3 = replicated();
        let list = listed(&s3, "src", ["a", "b"]);
        s3.fault(Fault::on("DeleteObjects").times(2).status(status, code, "no"));
        let run = remove(&s3, &list, &[]).expect(exit);
        assert_eq!(run.fields("outcome"), [outcome, outcome], "{status}");
        assert_eq!(count(&s3, "DeleteObjects"), sent, "{status}");
    }
}

#[test]
fn a_server_without_batches_is_sent_versions_one_by_one() {
    let s3 = replicated();
    let list = listed(&s3, "src", ["a", "b", "c"]);
    s3.fault(Fault::on("DeleteObjects").status(501, "NotImplemented", "no"));
    let run = remove(&s3, &list, &[]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"; 3]);
    assert_eq!((count(&s3, "DeleteObjects"), count(&s3, "DeleteObject")), (1, 3));
    assert!(s3.requests().iter().filter(|r| r.operation == "DeleteObject").all(|r| r.version_id.is_some()));
}

#[test]
fn odd_keys_and_several_buckets_are_removed_exactly() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    let keys = ODD_KEYS.into_iter().chain(["<&>", "control\u{1}\u{7f}", " blank ", "x\u{2028}y", "x\ry"]);
    let keys: Vec<&str> = keys.collect();
    // No XML can name a control character, so annotations of such a key cannot be listed where there are any.
    s3.dialect(|dialect| dialect.annotations_unknown = true);
    let mut list = String::new();
    for key in &keys {
        list += &listed(&s3, "src", [*key]);
        list += &listed(&s3, "other", [*key]);
        s3.set_status("other", key, Some("COMPLETED"));
    }
    let run = remove(&s3, &list, &[]).expect(0);
    assert_eq!(run.objects().len(), 2 * keys.len());
    assert_eq!((s3.version_count("src"), s3.version_count("other")), (0, 0));
}

#[test]
fn a_version_that_changed_since_is_no_part_of_the_batch() {
    let s3 = replicated();
    let list = listed(&s3, "src", ["a", "b", "c"]);
    // The first HEAD of c is the last of the plan.
    s3.after("HeadObject", Some("c"), |s3| {
        s3.set_status("src", "b", Some("FAILED"));
        let version = s3.versions("src", "a")[0].version_id.clone();
        s3.delete_version("src", "a", &version);
    });
    let run = remove(&s3, &list, &["--concurrency", "1"]).expect(1);
    assert_eq!(run.fields("outcome"), ["already-absent", "kept", "version-deleted"]);
    assert_eq!(run.fields("reason")[1], "changed-since-check");
}

#[test]
fn one_that_stayed_is_unknown() {
    let s3 = replicated();
    let list = listed(&s3, "src", ["a", "b"]);
    s3.dialect(|dialect| dialect.delete_204_but_readable = true);
    let run = remove(&s3, &list, &[]).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown", "unknown"]);
    let s3 = replicated();
    let list = listed(&s3, "src", ["a", "b"]);
    s3.dialect(|dialect| dialect.delete_204_but_readable = true);
    let run = remove(&s3, &list, &["--verify-deleted", "none"]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"; 2], "not looked up");
}

#[test]
fn what_can_t_be_looked_at_leaves_the_answer_standing() {
    let s3 = replicated();
    let list = listed(&s3, "src", ["a"]);
    s3.fault(Fault::on("HeadObject").skip(2).status(403, "AccessDenied", "no"));
    let run = remove(&s3, &list, &["--verify-deleted", "all"]).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"]);
}

#[test]
fn slow_down_lowers_the_requests_in_flight_and_all_is_done_in_the_end() {
    let s3 = replicated();
    let keys: Vec<String> = (0..60).map(|n| format!("k{n}")).collect();
    let list = listed(&s3, "src", keys.iter().map(String::as_str));
    s3.fault(Fault::on("HeadObject").probability(0.1, 7));
    s3.fault(Fault::on("HeadObject").delay(Duration::from_millis(1)));
    let run = remove(&s3, &list, &["--max-attempts", "20"]).expect(0);
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"version-deleted": 60}));
}

#[test]
fn one_bad_line_and_nothing_is_done() {
    let s3 = replicated();
    let whole = listed(&s3, "src", ["a"]);
    let bare = r#"{"bucket":"src","key":"a"}"#;
    for bad in [format!("{whole}no\n"), format!("{whole}{bare}\n")] {
        remove(&s3, &bad, &[]).expect(2).says(&["nothing was deleted"]);
    }
    remove(&s3, "", &[]).expect(2);
    remove(&s3, "", &["--allow-empty"]).expect(0);
    assert_eq!((count(&s3, "DeleteObjects"), count(&s3, "HeadObject")), (0, 0));
}
