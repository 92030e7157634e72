//! `safe-delete`: what the server holds afterwards, and what it was sent.

use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Fault, LockMode, Principal, Put, Rule, Sandbox, Versioning};
use rexpect::session::spawn_command;

use crate::support::{ODD_KEYS, client, count, only_reads, replicated, run, versioned, with};

const JSON: [&str; 2] = ["-o", "json"];

/// Runs `safe-delete --yes -o json` with more arguments.
fn delete(s3: &Sandbox, more: &[&str]) -> crate::support::Run {
    let mut args = vec!["safe-delete", "--yes"];
    args.extend(JSON);
    args.extend(more);
    with(s3, &args)
}

fn permanently<'a>(version: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["s3://src/k", "--permanent", "--trust-status", "--version-id", version];
    args.extend(more);
    args
}

/// What is current: None for a delete marker or nothing.
fn current(s3: &Sandbox, key: &str) -> Option<String> {
    s3.versions("src", key).into_iter().find(|v| v.is_latest && !v.delete_marker).map(|v| v.version_id)
}

#[test]
fn a_replicated_object_is_hidden_and_nothing_is_lost() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"hello");
    let run = delete(&s3, &["s3://src/k"]).expect(0).silent();
    let held = s3.versions("src", "k");
    assert!(held[0].delete_marker && held[1].version_id == version);
    let expected = serde_json::json!({
        "schema": "replaudit.safe-delete/1",
        "objects": [{
            "bucket": "src", "key": "k", "version_id": version, "replication_status": "COMPLETED",
            "decision": "delete", "reason": "completed", "outcome": "marker-created", "size": 5,
            "etag": "5d41402abc4b2a76b9719d911017c592", "new_marker_version_id": held[0].version_id,
            "error": null, "destinations": []
        }],
        "summary": {"objects": 1, "by": {"marker-created": 1}, "kept": {}, "bytes": 5, "exit": 0}
    });
    assert_eq!(run.json(), expected);
    let sent: Vec<_> = s3.requests().into_iter().filter(|request| request.is_write()).collect();
    let conditions: Vec<(&str, Option<&str>, &str)> =
        sent.iter().map(|r| (r.operation.as_str(), r.version_id.as_deref(), r.headers["if-match"].as_str())).collect();
    let expected = [
        ("DeleteObject", None, "\"replaudit-asks-whether-if-match-is-honoured\""),
        ("DeleteObject", None, "\"5d41402abc4b2a76b9719d911017c592\""),
    ];
    assert_eq!(conditions, expected);
    assert_eq!(s3.versions("dst", "k").len(), 1, "the replica is untouched");
}

#[test]
fn exactly_the_named_version_is_removed() {
    let s3 = replicated();
    let old = s3.put("src", "k", b"old");
    let new = s3.put("src", "k", b"new");
    let run = delete(&s3, &permanently(&old, &[])).expect(0);
    assert_eq!(run.fields("outcome"), ["version-deleted"]);
    let left: Vec<String> = s3.versions("src", "k").into_iter().map(|v| v.version_id).collect();
    assert_eq!(left, [new]);
    assert_eq!(s3.versions("dst", "k").len(), 2, "the replicas are untouched");
    let sent: Vec<_> = s3.requests().into_iter().filter(|request| request.is_write()).collect();
    assert_eq!((sent.len(), sent[0].operation.as_str()), (1, "DeleteObjects"));
    let body = sent[0].body.as_deref().unwrap();
    assert!(body.contains(&format!("<VersionId>{old}</VersionId>")) && !body.contains("ETag"), "{body}");
    assert!(
        !sent[0].headers.contains_key("if-match") && !sent[0].headers.contains_key("x-amz-bypass-governance-retention")
    );
}

#[test]
fn everything_but_completed_is_kept_and_nothing_is_sent() {
    let s3 = replicated();
    let table = [
        (Some("PENDING"), "pending"),
        (Some("PROCESSING"), "pending"),
        (Some("FAILED"), "failed"),
        (Some("REPLICA"), "replica"),
        (None, "not-replicated"),
        (Some("completed"), "unknown-status"),
        (Some("NONE"), "unknown-status"),
    ];
    for (word, reason) in table {
        let version = s3.put("src", "k", b"x");
        s3.set_status("src", "k", word);
        for args in [vec!["s3://src/k"], permanently(&version, &[])] {
            let run = delete(&s3, &args).expect(1).silent();
            assert_eq!(
                (run.fields("decision"), run.fields("reason"), run.fields("outcome")),
                (vec!["keep".into()], vec![reason.into()], vec!["kept".into()])
            );
            assert_eq!(run.json()["summary"]["kept"][reason], 1);
        }
        assert_eq!(current(&s3, "k"), Some(version));
    }
    only_reads(&s3);
}

#[test]
fn what_is_not_there_is_kept_and_what_is_forbidden_is_unknown() {
    let s3 = replicated();
    s3.put("src", "hidden", b"x");
    s3.delete("src", "hidden");
    s3.put("src", "k", b"x");
    s3.clear_requests();
    let run = delete(&s3, &["s3://src/none", "s3://src/hidden"]).expect(1);
    assert_eq!(run.fields("reason"), ["not-found", "delete-marker"]);
    delete(&s3, &["s3://nowhere/k"]).expect(2);
    s3.fault(Fault::on("HeadObject").key("k").status(403, "AccessDenied", "no"));
    let run = delete(&s3, &["s3://src/k"]).expect(2);
    assert_eq!((run.fields("reason"), run.fields("outcome")), (vec!["denied".into()], vec!["kept".into()]));
    only_reads(&s3);
}

#[test]
fn a_dry_run_decides_alike_and_sends_nothing_but_reads() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.put("src", "failed", b"x");
    s3.set_status("src", "failed", Some("FAILED"));
    for flag in ["--dry-run", "-n", "--dryrun"] {
        let run = with(&s3, &["safe-delete", flag, "s3://src/k", "s3://src/failed", "-o", "json"]).expect(1);
        let run = run.says(&["would be kept: 1 failed (1 B)\n", "1 object (1 B) would be hidden", "If-Match"]);
        assert!(!run.stderr.contains("s3://") && !run.stderr.contains(" will "), "the rows list it: {run:?}");
        assert_eq!(run.fields("outcome"), ["would-delete", "kept"]);
        with(&s3, &["safe-delete", flag, "--yes", "s3://src/k"]).expect(0);
        let mut args = vec!["safe-delete", flag, "--yes"];
        args.extend(permanently(&version, &[]));
        with(&s3, &args).expect(0);
    }
    only_reads(&s3);
    assert_eq!(current(&s3, "k"), Some(version));
}

#[test]
fn an_object_overwritten_between_check_and_delete_stays() {
    let s3 = replicated();
    s3.put("src", "k", b"old");
    s3.after("GetBucketReplication", None, |s3| {
        s3.put("src", "k", b"new");
    });
    let run = delete(&s3, &["s3://src/k"]).expect(1);
    assert_eq!(
        (run.fields("reason"), run.fields("outcome")),
        (vec!["changed-since-check".into()], vec!["kept".into()])
    );
    assert_eq!(run.objects()[0]["error"]["http_status"], 412);
    assert!(current(&s3, "k").is_some());
    assert_eq!(s3.versions("src", "k").len(), 2);
}

#[test]
fn a_version_is_checked_again_just_before_it_is_removed() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.after("GetBucketReplication", None, |s3| s3.set_status("src", "k", Some("FAILED")));
    let run = delete(&s3, &permanently(&version, &[])).expect(1);
    assert_eq!(run.fields("reason"), ["changed-since-check"]);
    only_reads(&s3);
}

#[test]
fn a_marker_that_took_the_id_null_is_no_success() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.before("DeleteObject", Some("k"), |s3| s3.set_versioning("src", Versioning::Suspended));
    let run = delete(&s3, &["s3://src/k"]).expect(3);
    assert_eq!(
        (run.fields("outcome"), run.fields("new_marker_version_id")),
        (vec!["unknown".into()], vec!["null".into()])
    );
}

#[test]
fn a_named_version_must_be_the_current_one_to_be_hidden() {
    let s3 = replicated();
    let old = s3.put("src", "k", b"old");
    let new = s3.put("src", "k", b"new");
    s3.clear_requests();
    let run = delete(&s3, &["s3://src/k", "--version-id", &old]).expect(1);
    assert_eq!((run.fields("reason"), run.fields("version_id")), (vec!["not-current".into()], vec![old]));
    only_reads(&s3);
    let run = delete(&s3, &["s3://src/k", "--version-id", &new]).expect(0);
    assert_eq!(run.fields("version_id"), [new]);
}

#[test]
fn without_enabled_versioning_nothing_is_hidden_and_null_is_never_removed() {
    for versioning in [Versioning::Never, Versioning::Suspended] {
        let s3 = Sandbox::start().unwrap();
        s3.create_bucket(Bucket::new("src").versioning(versioning));
        s3.put("src", "k", b"x");
        s3.set_status("src", "k", Some("COMPLETED"));
        for args in [vec!["s3://src/k"], permanently("null", &[])] {
            let run = delete(&s3, &args).expect(1);
            assert_eq!(run.fields("reason"), ["bucket-not-versioned"], "{versioning:?}");
        }
        only_reads(&s3);
        assert!(s3.body("src", "k").is_some());
    }
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.set_versioning("src", Versioning::Suspended);
    s3.put("src", "k", b"null version");
    delete(&s3, &permanently(&version, &[])).expect(0);
    assert_eq!(s3.versions("src", "k").len(), 1);
}

#[test]
fn locks_are_seen_and_never_bypassed() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled).object_lock(true));
    let hour = SystemTime::now() + Duration::from_secs(3600);
    for put in [
        Put::default().retain_until(LockMode::Governance, hour),
        Put::default().retain_until(LockMode::Compliance, hour),
        Put::default().legal_hold(true),
    ] {
        let version = s3.put_with("src", "k", b"x", put);
        s3.set_status("src", "k", Some("COMPLETED"));
        s3.clear_requests();
        let run = delete(&s3, &permanently(&version, &[])).expect(1);
        assert_eq!(run.fields("reason"), ["locked"]);
        only_reads(&s3);
    }
    delete(&s3, &["s3://src/k"]).expect(0);
}

#[test]
fn a_lock_that_could_not_be_seen_is_denied_by_s3_and_reported() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.fault(Fault::on("DeleteObjects/entry").status(403, "AccessDenied", "locked"));
    let run = delete(&s3, &permanently(&version, &[])).expect(2);
    assert_eq!((run.fields("outcome"), run.fields("decision")), (vec!["denied".into()], vec!["delete".into()]));
    assert_eq!(current(&s3, "k"), Some(version));
}

#[test]
fn a_marker_that_would_travel_needs_permission() {
    let cases: [(&[Rule], bool); 5] = [
        (&[Rule::new("v2").to("dst").delete_markers(true)], true),
        (&[Rule::new("v1").to("dst").v1()], true),
        (&[Rule::new("off").to("dst").delete_markers(true).disabled(), Rule::new("on").to("dst")], false),
        (&[Rule::new("v2").to("dst")], false),
        (&[], false),
    ];
    for (at, (rules, travels)) in cases.iter().enumerate() {
        let s3 = replicated();
        s3.put("src", "k", b"x");
        if rules.is_empty() {
            s3.stop_replication("src")
        } else {
            s3.replicate("src", rules.to_vec())
        }
        if *travels {
            let run = delete(&s3, &["s3://src/k"]).expect(1);
            assert_eq!(run.fields("reason"), ["marker-replicates"], "row {at}");
            only_reads(&s3);
        }
        delete(&s3, &["s3://src/k", "--allow-marker-replication"]).expect(0);
    }
}

#[test]
fn rules_that_can_t_be_read_keep_the_object() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.principal(Principal::new("HALF", "secret").deny("s3:GetReplicationConfiguration"));
    let half = |args: &[&str]| {
        let mut all = vec!["safe-delete", "--yes", "-o", "json"];
        all.extend(args);
        let mut command = client(&s3, &all);
        command.env("AWS_ACCESS_KEY_ID", "HALF").env("AWS_SECRET_ACCESS_KEY", "secret");
        run(command)
    };
    let marker = half(&["s3://src/k"]).expect(1);
    assert_eq!(marker.fields("reason"), ["marker-replicates"]);
    assert_eq!(marker.objects()[0]["error"]["http_status"], 403);
    assert_eq!(half(&permanently(&version, &[])).expect(1).fields("reason"), ["delete-replicates"]);
    only_reads(&s3);
    half(&["s3://src/k", "--allow-marker-replication"]).expect(0);
    half(&permanently(&version, &["--allow-replicated-delete"])).expect(0);
}

#[test]
fn versioning_that_can_t_be_read_keeps_the_object() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.fault(Fault::on("GetBucketVersioning").status(403, "AccessDenied", "no"));
    assert_eq!(delete(&s3, &["s3://src/k"]).expect(2).fields("reason"), ["denied"]);
    only_reads(&s3);
}

#[test]
fn a_server_that_would_delete_the_replica_too_needs_permission() {
    let s3 = replicated();
    s3.dialect(|dialect| dialect.version_deletes_replicate = true);
    s3.replicate("src", [Rule::new("all").to("dst").version_deletes(true)]);
    let version = s3.put("src", "k", b"x");
    let run = delete(&s3, &permanently(&version, &[])).expect(1);
    assert_eq!(run.fields("reason"), ["delete-replicates"]);
    only_reads(&s3);
    assert_eq!(s3.versions("dst", "k").len(), 1, "the replica survives");
    delete(&s3, &permanently(&version, &["--allow-replicated-delete"])).expect(0);
    assert!(s3.versions("dst", "k").is_empty(), "that is what was allowed");
}

#[test]
fn a_lost_answer_is_looked_up_before_anything_is_said() {
    for permanent in [false, true] {
        let s3 = replicated();
        let version = s3.put("src", "k", b"x");
        let args = if permanent { permanently(&version, &[]) } else { vec!["s3://src/k"] };
        let done = if permanent { "version-deleted" } else { "marker-created" };
        // A marker delete is sent first with an ETag that nothing has.
        let operation = if permanent { "DeleteObjects" } else { "DeleteObject" };
        let lose = || Fault::on(operation).skip(u32::from(!permanent)).times(1);
        let each = if permanent { 1 } else { 2 };

        s3.fault(lose().close_before_effect());
        let run = delete(&s3, &args).expect(3);
        assert_eq!(run.fields("outcome"), ["unknown"], "it may still be under way");
        assert_eq!(count(&s3, operation), each, "sent once");
        assert_eq!(current(&s3, "k").as_deref(), Some(version.as_str()));

        for (status, code, outcome, exit) in [(500, "InternalError", "failed", 2), (504, "", "unknown", 3)] {
            s3.clear_faults();
            s3.fault(lose().status(status, code, "oops"));
            let run = delete(&s3, &args).expect(exit);
            assert_eq!(run.fields("outcome"), [outcome], "{status}");
            assert_eq!(current(&s3, "k").as_deref(), Some(version.as_str()));
        }

        s3.clear_faults();
        s3.clear_requests();
        s3.fault(lose().close_after_effect());
        let run = delete(&s3, &args).expect(0);
        assert_eq!(run.fields("outcome"), [done], "looked up");
        assert!(run.objects()[0]["error"]["message"].as_str().is_some_and(|text| text.contains("lookup: ")));
        assert_eq!(count(&s3, operation), each);
        assert_eq!(current(&s3, "k"), None);
    }
}

#[test]
fn a_lost_answer_that_can_t_be_looked_up_stays_unknown() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.fault(Fault::on("DeleteObjects").close_after_effect());
    s3.fault(Fault::on("HeadObject").skip(2).status(403, "AccessDenied", "no"));
    let run = delete(&s3, &permanently(&version, &[])).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"]);
}

#[test]
fn a_delete_is_sent_again_only_after_proof_that_it_had_no_effect() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.fault(Fault::on("DeleteObjects").times(2).status(503, "SlowDown", "slow down"));
    delete(&s3, &permanently(&version, &[])).expect(0);
    assert_eq!(count(&s3, "DeleteObjects"), 3);
}

#[test]
fn a_204_is_not_taken_for_gone() {
    let s3 = replicated();
    s3.dialect(|dialect| dialect.delete_204_but_readable = true);
    let version = s3.put("src", "k", b"x");
    let run = delete(&s3, &permanently(&version, &[])).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"]);
}

#[test]
fn a_server_that_does_not_support_if_match_is_found_out() {
    for (ignored, outcomes) in [(true, ["marker-created", "kept"]), (false, ["kept", "kept"])] {
        let s3 = replicated();
        s3.dialect(|dialect| if ignored { dialect.if_match_ignored = true } else { dialect.if_match_501 = true });
        s3.put("src", "a", b"x");
        s3.put("src", "b", b"x");
        let run = delete(&s3, &["s3://src/a", "s3://src/b"]).expect(1);
        assert_eq!(run.fields("outcome"), outcomes);
        assert_eq!(run.fields("reason")[1], "unconditional");
        assert!(current(&s3, "b").is_some());
        s3.put("src", "a", b"x");
        let run = delete(&s3, &["s3://src/a", "s3://src/b", "--allow-unconditional"]).expect(0);
        assert_eq!(run.fields("error"), ["null", "null"], "nothing else was hidden");
        assert_eq!((current(&s3, "a"), current(&s3, "b")), (None, None));
    }
}

#[test]
fn a_marker_that_hid_a_newer_version_says_which_and_how_to_undo_it() {
    let s3 = replicated();
    s3.dialect(|dialect| dialect.if_match_ignored = true);
    s3.put("src", "it's", b"checked");
    s3.before("DeleteObject", None, |s3| {
        s3.put("src", "it's", b"newer");
    });
    let run = delete(&s3, &["s3://src/it's", "s3://src/none"]).expect(3).says(&["error: incomplete: "]);
    assert_eq!(run.fields("outcome"), ["marker-created", "kept"]);
    let held = s3.versions("src", "it's");
    let (marker, newer) = (&held[0].version_id, &held[1].version_id);
    let error = &run.objects()[0]["error"];
    assert!(error["message"].as_str().is_some_and(|text| text.contains(newer)), "{error}");
    let undo = format!(
        "aws s3api delete-object --bucket src --key 'it'\\''s' --version-id {marker} --endpoint-url {}",
        s3.endpoint()
    );
    assert!(error["hint"].as_str().is_some_and(|text| text.contains(&undo)), "{error}");
    assert_eq!(held.len(), 3, "we do not undo it");
}

#[test]
fn mfa_delete_is_seen_and_never_gone_around() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled).mfa_delete(true));
    let version = s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("COMPLETED"));
    let run = delete(&s3, &permanently(&version, &[])).expect(1);
    assert_eq!(run.fields("reason"), ["locked"]);
    assert!(run.objects()[0]["error"]["message"].as_str().is_some_and(|text| text.contains("MFA")));
    only_reads(&s3);
    delete(&s3, &["s3://src/k"]).expect(0);
}

#[test]
fn part_of_a_run_that_fails_is_incomplete() {
    let s3 = replicated();
    for key in ["a", "b", "c"] {
        s3.put("src", key, b"x");
    }
    s3.set_status("src", "c", Some("FAILED"));
    s3.fault(Fault::on("DeleteObject").key("b").status(403, "AccessDenied", "no"));
    let run = delete(&s3, &["s3://src/a", "s3://src/b", "s3://src/c"]).expect(3);
    assert_eq!(run.fields("outcome"), ["marker-created", "denied", "kept"]);
    let run = delete(&s3, &["s3://src/c"]).expect(1);
    assert_eq!(run.json()["summary"]["exit"], 1);
}

#[test]
fn more_than_max_delete_deletes_nothing_at_all() {
    let s3 = replicated();
    for key in ["a", "b"] {
        s3.put("src", key, b"x");
    }
    let run = delete(&s3, &["s3://src/a", "s3://src/b", "--max-delete", "1"]).expect(1).says(&["--max-delete"]);
    assert_eq!(run.fields("reason"), ["over-limit", "over-limit"]);
    only_reads(&s3);
    delete(&s3, &["s3://src/a", "s3://src/b", "--max-delete", "2"]).expect(0);
}

#[test]
fn the_same_object_twice_is_one_order() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    let run = delete(&s3, &["s3://src/k", "s3://src/k"]).expect(0);
    assert_eq!(run.fields("version_id"), [version]);
    assert_eq!(count(&s3, "DeleteObject"), 2, "asked once, sent once");
}

#[test]
fn permanent_needs_a_version_and_proof() {
    let s3 = versioned();
    let version = s3.put("src", "k", b"x");
    with(&s3, &["safe-delete", "-y", "s3://src/k", "--permanent", "--trust-status"]).expect(2).says(&["--version-id"]);
    let both = ["--permanent", "--trust-status", "--verify-replica", "--version-id", &version];
    with(&s3, &[&["safe-delete", "-y", "s3://src/k"], &both[..]].concat()).expect(2).says(&["--trust-status"]);
    with(&s3, &["safe-delete", "-y", "s3://src/k", "--destination", "dst"]).expect(2).says(&["--verify-replica"]);
    with(&s3, &["safe-delete", "-y", "s3://src/", "--recursive", "--max-delete", "9"])
        .expect(2)
        .says(&["--whole-bucket"]);
    with(&s3, &["safe-delete", "-y", "s3://src/p", "--recursive"]).expect(2).says(&["--max-delete"]);
    with(&s3, &["safe-delete", "-y", "--bucket", "x-s3alias", "--key", "k"]).expect(2).says(&["access point"]);
    assert!(s3.requests().is_empty());
}

#[test]
fn what_is_removed_for_good_was_seen_at_every_destination() {
    type Spoil = fn(&Sandbox);
    let table: [(&str, Spoil); 5] = [
        ("completed", |_| ()),
        ("replica-missing", |s3| s3.lose_replica("src", "k")),
        ("not-a-replica", |s3| s3.set_status("dst", "k", None)),
        ("replica-denied", |s3| s3.fault(Fault::on("HeadObject").bucket("dst").status(403, "AccessDenied", "no"))),
        ("replica-unknown", |s3| s3.stop_replication("src")),
    ];
    for (reason, spoil) in table {
        for mode in [&["--permanent"][..], &["--verify-replica"]] {
            let s3 = replicated();
            let version = s3.put("src", "k", b"x");
            spoil(&s3);
            s3.clear_requests();
            let args = [&["s3://src/k", "--version-id", &version], mode].concat();
            // What a destination refuses to say, and what is not known, are checks that could not be made.
            let code = match reason {
                "completed" => 0,
                "replica-denied" | "replica-unknown" => 2,
                _ => 1,
            };
            let run = delete(&s3, &args).expect(code);
            assert_eq!(run.fields("reason"), [reason], "{mode:?}");
            if reason == "completed" {
                assert_eq!(run.objects()[0]["destinations"][0]["verdict"], "in-sync", "{mode:?}");
            } else {
                only_reads(&s3);
            }
            assert_eq!(current(&s3, "k").is_none(), reason == "completed", "{mode:?}");
        }
    }
}

#[test]
fn a_replica_that_is_lost_between_check_and_delete_is_noticed() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    // The first HEAD at the destination is the plan's.
    s3.after("HeadObject", Some("k"), |s3| {
        s3.after("HeadObject", Some("k"), |s3| s3.lose_replica("src", "k"));
    });
    let run = delete(&s3, &["s3://src/k", "--permanent", "--version-id", &version]).expect(1);
    assert_eq!(run.fields("reason"), ["replica-missing"]);
    assert_eq!(run.objects()[0]["destinations"][0]["verdict"], "missing", "what was seen last");
    only_reads(&s3);
    assert_eq!(current(&s3, "k"), Some(version));
}

#[test]
fn every_version_under_a_prefix_goes_and_markers_have_no_say() {
    let s3 = replicated();
    for key in ["p/a", "p/b", "q"] {
        s3.put("src", key, b"1");
        s3.put("src", key, b"2");
    }
    s3.delete("src", "p/b");
    let args = ["--recursive", "s3://src/p/", "--all-versions", "--permanent", "--max-delete", "4"];
    let run = delete(&s3, &args).expect(0);
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"kept": 1, "version-deleted": 4}));
    assert_eq!(run.json()["summary"]["kept"], serde_json::json!({"delete-marker": 1}));
    assert_eq!((s3.version_count("src"), s3.version_count("dst")), (3, 6));
    delete(&s3, &["--recursive", "s3://src/p/", "--max-delete", "4"]).expect(2).says(&["no object"]);
    delete(&s3, &["--recursive", "s3://src/q", "--max-delete", "4"]).expect(0);
    assert_eq!(current(&s3, "q"), None);
}

#[test]
fn what_is_pending_is_waited_for() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("PENDING"));
    assert_eq!(delete(&s3, &["s3://src/k"]).expect(1).fields("reason"), ["pending"]);
    assert_eq!(delete(&s3, &["s3://src/k", "--wait", "--timeout", "1s"]).expect(1).fields("reason"), ["pending"]);
    s3.replication_delay(Duration::from_secs(2));
    s3.put("src", "k", b"x");
    let run = delete(&s3, &["s3://src/k", "--wait", "--timeout", "20s"]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-created"]);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_asked_or_deleted() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    with(&s3, &["safe-delete", "s3://src/k"]).expect(2).says(&["--yes", "nothing was deleted"]);
    assert!(s3.requests().is_empty());
}

#[test]
fn odd_keys_are_hidden_exactly() {
    let s3 = replicated();
    for key in ODD_KEYS {
        s3.put("src", key, b"x");
        let run = delete(&s3, &["--bucket", "src", "--key", key]).expect(0);
        assert_eq!(run.fields("key"), [key]);
    }
    for key in ODD_KEYS {
        assert_eq!(current(&s3, key), None, "{key:?}");
    }
}

#[test]
fn a_bucket_in_another_region_is_found_for_deletes_too() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src").region("ap-southeast-2").versioning(Versioning::Enabled));
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("COMPLETED"));
    delete(&s3, &["s3://src/k"]).expect(0);
}

/// Answers the prompt on a terminal of its own.
fn at_a_terminal(s3: &Sandbox, args: &[&str], prompt: &str, answer: &str) -> i32 {
    meanwhile(s3, args, prompt, answer, || ())
}

/// The same, and something happens while the prompt waits.
fn meanwhile(s3: &Sandbox, args: &[&str], prompt: &str, answer: &str, happens: impl FnOnce()) -> i32 {
    let mut session = spawn_command(client(s3, args), Some(20_000)).expect("no terminal");
    session.exp_string(prompt).expect("the prompt");
    happens();
    session.send_line(answer).expect("typing");
    session.exp_eof().expect("the end");
    match session.process().wait().expect("it ended") {
        rexpect::process::WaitStatus::Exited(_, code) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn consent_is_typed_on_the_terminal() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    for answer in ["n", "", "yeah", "Y es"] {
        assert_eq!(
            at_a_terminal(&s3, &["safe-delete", "s3://src/k"], "Hide 1 object (1 B) in src? [y/N]", answer),
            1,
            "{answer}"
        );
    }
    let mut permanent = vec!["safe-delete"];
    permanent.extend(permanently(&version, &[]));
    for answer in ["y", "yes", "2", ""] {
        assert_eq!(at_a_terminal(&s3, &permanent, "Type the number of objects (1) to confirm:", answer), 1, "{answer}");
    }
    only_reads(&s3);
    assert_eq!(at_a_terminal(&s3, &["safe-delete", "s3://src/k"], "Hide 1 object (1 B) in src? [y/N]", "y"), 0);
    assert_eq!(current(&s3, "k"), None);
    assert_eq!(at_a_terminal(&s3, &permanent, "Type the number of objects (1) to confirm:", "1"), 0);
    assert_eq!(s3.versions("src", "k").len(), 1);
}

#[test]
fn what_changes_while_the_prompt_waits_is_seen() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let hide = ["safe-delete", "s3://src/k"];
    let wait = || std::thread::sleep(Duration::from_millis(5_500));
    let same_bytes = || {
        s3.put("src", "k", b"x");
        s3.set_status("src", "k", Some("FAILED"));
        wait();
    };
    assert_eq!(meanwhile(&s3, &hide, "Hide 1 object (1 B) in src?", "y", same_bytes), 1);
    s3.set_status("src", "k", Some("COMPLETED"));
    let suspended = || {
        s3.set_versioning("src", Versioning::Suspended);
        wait();
    };
    assert_eq!(meanwhile(&s3, &hide, "Hide 1 object (1 B) in src?", "y", suspended), 1);
    only_reads(&s3);
}

#[test]
fn quiet_does_not_hide_what_is_asked() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    assert_eq!(at_a_terminal(&s3, &["safe-delete", "-q", "s3://src/k"], "s3://src/k", "n"), 1);
}
