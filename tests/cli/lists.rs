//! Many objects: lists in three forms, prefixes, versions, and what a run over them makes of trouble.

use std::io::Write;
use std::process::Stdio;

use replaudit_sandbox::{Bucket, Fault, Principal, Sandbox, Versioning};
use serde_json::Value;

use crate::support::{
    ODD_KEYS, client, count, finish, folder, only_reads, replicated, run, start, until, versioned, with,
};

/// Keys with a status, in the order they are put.
fn completed(s3: &Sandbox, keys: &[&str]) {
    for key in keys {
        s3.put("src", key, b"x");
        s3.set_status("src", key, Some("COMPLETED"));
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn form_encoded(key: &str) -> String {
    key.bytes()
        .map(|b| match b {
            b' ' => "+".to_owned(),
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

#[test]
fn all_forms_of_a_list_ask_about_the_same_objects() {
    let s3 = versioned();
    completed(&s3, &ODD_KEYS);
    let (_guard, dir) = folder();
    let plain: Vec<&str> = ODD_KEYS.into_iter().filter(|key| !key.contains('\n')).collect();
    let addresses: String = plain.iter().map(|key| format!("s3://src/{key}\n")).collect();
    let csv: String = ODD_KEYS.iter().map(|key| format!("src,{}\n", form_encoded(key))).collect();
    let json: String =
        ODD_KEYS.iter().map(|key| serde_json::json!({"bucket": "src", "key": key}).to_string() + "\n").collect();
    for (text, keys) in [(addresses, &plain[..]), (csv, &ODD_KEYS), (json, &ODD_KEYS)] {
        let list = dir.join("list");
        std::fs::write(&list, &text).unwrap();
        let from_file = with(&s3, &["status", "-o", "json", "--from", list.to_str().unwrap()]).expect(0).silent();
        assert_eq!(from_file.fields("key"), keys);
        let mut command = client(&s3, &["status", "-o", "json", "--from", "-"]);
        command.stdin(std::fs::File::open(&list).unwrap());
        assert_eq!(run(command).expect(0).silent().stdout, from_file.stdout);
    }
    only_reads(&s3);
}

#[test]
fn what_our_own_commands_write_can_be_asked_about_again() {
    let s3 = replicated();
    let first = s3.put("src", "k", b"x");
    s3.put("src", "k", b"y");
    let (_guard, dir) = folder();
    let list = dir.join("list.ndjson");
    let all = with(&s3, &["status", "--all-versions", "s3://src/k", "-o", "ndjson"]).expect(0);
    std::fs::write(&list, &all.stdout).unwrap();
    let again = with(&s3, &["status", "-o", "ndjson", "--from", list.to_str().unwrap()]).expect(0);
    assert_eq!(again.stdout, all.stdout);
    assert_eq!(lines(&again.stdout)[1]["version_id"], first.as_str());
}

#[test]
fn one_bad_line_or_one_denied_object_does_not_stop_the_rest() {
    let s3 = versioned();
    completed(&s3, &["a", "b", "c"]);
    s3.fault(Fault::on("HeadObject").key("b").status(403, "AccessDenied", "no"));
    let (_guard, dir) = folder();
    let list = dir.join("list");
    std::fs::write(&list, "s3://src/a\nsrc,x\n\ns3://src/b\ns3://src\ns3://src/c\n").unwrap();
    let run = with(&s3, &["status", "-o", "json", "--from", list.to_str().unwrap()]).expect(2);
    assert_eq!(run.fields("verdict"), ["replicated", "denied", "replicated"]);
    let run = run.says(&["list: line 2: ", "list: line 5: ", "names a bucket and no key"]);
    assert!(!run.stderr.contains("line 4"), "{run:?}");

    // A bad line alone exits 2 too, and a thousand of them are not reported one by one.
    std::fs::write(&list, "s3://src/a\n".to_owned() + &"x\n".repeat(1000)).unwrap();
    let run = with(&s3, &["status", "--from", list.to_str().unwrap()]).expect(2).says(&["1,000 lines are invalid"]);
    assert_eq!(run.stderr.lines().count(), 22);
    assert!(
        run.stderr.ends_with("error: the result is incomplete: the errors above say what was not checked\n"),
        "{run:?}"
    );
}

/// `VersionId` is not "the current one".
#[test]
fn a_misspelled_version_is_a_bad_line_and_nothing_is_deleted() {
    let s3 = replicated();
    let old = s3.put("src", "k", b"old");
    s3.put("src", "k", b"new");
    let (_guard, dir) = folder();
    let list = dir.join("list");
    for name in ["VersionId", "versionId", "version-id", "version", "version_Id", "versoin_id"] {
        let line = format!("{{\"bucket\":\"src\",\"key\":\"k\",\"{name}\":\"{old}\"}}\n");
        std::fs::write(&list, line).unwrap();
        let from = ["--from", list.to_str().unwrap()];
        with(&s3, &[&["status"], &from[..]].concat()).expect(2).says(&[
            "line 1: ",
            &format!("\"{name}\""),
            "version_id",
        ]);
        with(&s3, &[&["safe-delete", "--yes"], &from[..]].concat()).expect(2).says(&["line 1: "]);
    }
    only_reads(&s3);
}

#[test]
fn nothing_to_ask_about_is_no_yes() {
    let s3 = versioned();
    let (_guard, dir) = folder();
    let list = dir.join("list");
    std::fs::write(&list, "\n \n").unwrap();
    let list = list.to_str().unwrap();
    for args in [vec!["--from", list], vec!["--recursive", "s3://src/none/"], vec!["--all-versions", "s3://src/k"]] {
        let args = [&["status", "-o", "json"], &args[..]].concat();
        with(&s3, &args).expect(2).says(&["--allow-empty"]);
        let allowed = with(&s3, &[&args[..], &["--allow-empty"]].concat()).expect(0).silent();
        assert_eq!(allowed.json()["summary"], serde_json::json!({"objects": 0, "by": {}, "exit": 0}));
    }
    with(&s3, &["status", "--from", "/nonexistent/list", "--allow-empty"]).expect(2).says(&["/nonexistent/list"]);
}

#[test]
fn a_prefix_is_every_current_object_under_it() {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    let keys: Vec<String> = (0..1100).map(|n| format!("p/{n:04}")).collect();
    s3.put_many("src", &keys, b"x");
    completed(&s3, &["p", "p/a+b c/%2B", "q"]);
    for key in &keys {
        s3.set_status("src", key, Some("COMPLETED"));
    }
    s3.put("src", "p/gone", b"x");
    s3.delete("src", "p/gone");
    let run = with(&s3, &["status", "--recursive", "s3://src/p/", "-o", "json"]).expect(0).silent();
    let mut expected = keys.clone();
    expected.push("p/a+b c/%2B".to_owned());
    assert_eq!(run.fields("key"), expected);
    assert_eq!(count(&s3, "ListObjectsV2"), 2);

    let whole = with(&s3, &["status", "--recursive", "s3://src", "-o", "ndjson"]).expect(0);
    assert_eq!(whole.stdout.lines().count(), 1103);
    let by_name = with(&s3, &["status", "--recursive", "--bucket", "src", "--key", "q", "-o", "json"]).expect(0);
    assert_eq!(by_name.fields("key"), ["q"]);
    with(&s3, &["status", "--recursive", "s3://other"]).expect(2).says(&["no object was found under s3://other/"]);
    only_reads(&s3);
}

#[test]
fn a_list_that_breaks_off_is_no_answer() {
    let s3 = versioned();
    let keys: Vec<String> = (0..1500).map(|n| format!("{n:04}")).collect();
    s3.put_many("src", &keys, b"x");
    for key in &keys {
        s3.set_status("src", key, Some("COMPLETED"));
    }
    s3.fault(Fault::on("ListObjectsV2").skip(1).status(403, "AccessDenied", "no"));
    let run = with(&s3, &["status", "--recursive", "s3://src/", "-o", "json"]).expect(2);
    assert_eq!(run.json()["summary"]["objects"], 1000);
    run.says(&["listing s3://src/", "s3:ListBucket"]);
}

#[test]
fn versions_are_asked_about_one_by_one_and_markers_are_only_marker() {
    let s3 = replicated();
    let first = s3.put("src", "k", b"x");
    let second = s3.put("src", "k", b"y");
    let marker = s3.delete("src", "k").unwrap();
    let third = s3.put("src", "k", b"z");
    s3.put("src", "k2", b"x");
    let run = with(&s3, &["status", "--all-versions", "s3://src/k", "-o", "json"]).expect(0).silent();
    // All within a second of each other: the order of the marker among them is not known.
    let found: Vec<(String, String)> = run.fields("version_id").into_iter().zip(run.fields("verdict")).collect();
    let versions: Vec<&String> =
        found.iter().filter(|(_, verdict)| verdict == "replicated").map(|(id, _)| id).collect();
    assert_eq!(versions, [&third, &second, &first]);
    let marker = (marker, "delete-marker".to_owned());
    assert!(found.len() == 4 && found.contains(&marker), "{found:?}");
    let marker = run.objects().into_iter().find(|object| object["delete_marker"] == true).unwrap();
    assert!(marker["last_modified"].is_string());
    assert_eq!(count(&s3, "HeadObject"), 3);

    s3.set_status_of("src", "k", &first, Some("FAILED"));
    with(&s3, &["status", "--all-versions", "s3://src/k"]).expect(1);
    with(&s3, &["status", "s3://src/k"]).expect(0);
    let under = with(&s3, &["status", "--recursive", "--all-versions", "s3://src/", "-o", "json"]).expect(1);
    assert_eq!(under.fields("key"), ["k", "k", "k", "k", "k2"]);

    // Markers alone prove nothing.
    s3.delete("src", "only-a-marker");
    with(&s3, &["status", "--all-versions", "s3://src/only-a-marker"]).expect(2);
}

#[test]
fn what_vanished_after_the_listing_is_counted_and_no_error() {
    let s3 = versioned();
    completed(&s3, &["a", "b", "c"]);
    s3.before("HeadObject", Some("a"), |s3| {
        s3.delete("src", "b");
    });
    let run = with(&s3, &["status", "--recursive", "s3://src/", "--concurrency", "1", "-o", "json"]).expect(0);
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"replicated": 2, "delete-marker": 1}));
    // Named, it would be an answer.
    with(&s3, &["status", "s3://src/b"]).expect(1);
}

#[test]
fn every_object_gets_its_true_answer_through_slow_down_and_cut_connections() {
    let s3 = versioned();
    let keys: Vec<String> = (0..600).map(|n| format!("{n:03}")).collect();
    s3.put_many("src", &keys, b"x");
    for (at, key) in keys.iter().enumerate() {
        s3.set_status("src", key, Some(if at % 3 == 0 { "FAILED" } else { "COMPLETED" }));
    }
    s3.fault(Fault::on("HeadObject").probability(0.02, 7));
    s3.fault(Fault::on("HeadObject").probability(0.01, 11).close_before_effect());
    let run = with(&s3, &["status", "--recursive", "s3://src/", "-o", "json"]).expect(1).silent();
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"failed": 200, "replicated": 400}));
    assert_eq!(run.fields("key"), keys);
    assert!(count(&s3, "HeadObject") > 600, "some were sent again");
}

#[test]
fn a_wrong_region_costs_one_request_a_bucket() {
    for hint in [false, true] {
        let s3 = Sandbox::start().unwrap();
        s3.region_hint_on_head(hint);
        s3.create_bucket(Bucket::new("src").region("eu-west-1").versioning(Versioning::Enabled));
        completed(&s3, &["a", "b", "c", "d", "e", "f", "g", "h"]);
        let list: Vec<String> = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|key| format!("s3://src/{key}")).to_vec();
        let mut args = vec!["status"];
        args.extend(list.iter().map(String::as_str));
        with(&s3, &args).expect(0);
        assert_eq!((count(&s3, "HeadObject"), count(&s3, "HeadBucket")), (9, 1), "{hint}");
    }
}

#[test]
fn a_pipe_is_answered_line_by_line() {
    let s3 = versioned();
    completed(&s3, &["a", "b"]);
    let mut command = client(&s3, &["status", "--from", "-", "-o", "ndjson"]);
    command.stdin(Stdio::piped());
    let mut child = start(command);
    let mut input = child.stdin.take().unwrap();
    for (key, heads) in [("a", 1), ("b", 2)] {
        writeln!(input, "s3://src/{key}").unwrap();
        until(&format!("{key} is asked about"), || count(&s3, "HeadObject") >= heads);
    }
    drop(input);
    assert_eq!(lines(&finish(child).expect(0).stdout).len(), 2);
}

#[test]
fn options_that_do_not_go_together_say_so() {
    let s3 = versioned();
    for (args, why) in [
        (vec!["--from", "-", "s3://src/k"], "cannot be used with"),
        (vec!["--from", "-", "--recursive"], "cannot be used with"),
        (vec!["--recursive", "--version-id", "v", "s3://src/k"], "can't be used with"),
        (vec!["--all-versions", "s3://src/"], "no key"),
        (vec!["--timeout", "5s", "s3://src/k"], "--wait"),
        (vec!["--key", "k"], "--bucket"),
        (vec!["--bucket", "src"], "--key"),
    ] {
        with(&s3, &[&["status"], &args[..]].concat()).expect(2).says(&[why]);
    }
    assert_eq!(s3.requests().len(), 0);
}

#[test]
fn what_may_not_be_listed_names_the_permission() {
    let s3 = versioned();
    completed(&s3, &["a"]);
    s3.principal(Principal::new("reader", "secret").deny("s3:ListBucket").deny("s3:ListBucketVersions"));
    for (option, permission) in [("--recursive", "s3:ListBucket"), ("--all-versions", "s3:ListBucketVersions")] {
        let mut command = client(&s3, &["status", option, "s3://src/a"]);
        command.env("AWS_ACCESS_KEY_ID", "reader").env("AWS_SECRET_ACCESS_KEY", "secret");
        run(command).expect(2).says(&["S3 answered 403", permission]);
    }
}
