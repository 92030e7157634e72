//! Bad input of every kind is 2, with a message that names the thing, and nothing is sent.

use std::time::{Duration, Instant};

use crate::support::report::{Local, row};
use crate::support::{alone, below, client, folder, program, replicated, run, with};

#[test]
fn a_file_that_reached_its_limit_is_like_a_full_disk() {
    let s3 = replicated();
    (0..20).for_each(|at| drop(s3.put("src", &format!("k{at}"), b"x")));
    let (_keep, dir) = folder();
    let file = dir.join("result").display().to_string();
    let args = ["status", "--recursive", "s3://src/", "--write", &format!("ndjson={file}")];
    // One block: 512 or 1,024 bytes.
    let run = below("-f 1", &client(&s3, &args)).expect(2);
    run.says(&["File too large", "result"]);
}

#[test]
fn what_is_typed_wrong_is_named() {
    let s3 = replicated();
    let table: [(&[&str], &str); 28] = [
        (&["status", "--f\u{202e}oo"], "\\u{202e}"),
        (&["inventory", "m.json", "--fail-on", "failed:200%"], "200%"),
        (&["safe-delete", "s3://foo--ol-s3/k", "-y"], "access point"),
        (&["status", "--nope"], "--nope"),
        (&["nope"], "nope"),
        (&["status", "src/k"], "src/k"),
        (&["status", "s3://src"], "s3://src"),
        (&["status", "s3:///k"], "s3:///k"),
        (&["status", "s3://a_b$/k"], "a_b$"),
        (&["status", "s3://x--use1-az4--x-s3/k"], "directory bucket"),
        (&["status", "s3://ap-s3alias/k"], "access point"),
        (&["status", "--bucket", "src"], "--key"),
        (&["status", "--key", "k"], "--bucket"),
        (&["status", "--bucket", "src", "--key", ""], "--key is empty"),
        (&["status", "s3://src/a", "s3://src/b", "--version-id", "v"], "exactly one address"),
        (&["status", "s3://src/a", "--version-id", ""], "version ID is empty"),
        (&["status", "s3://src/a", "-o", "yaml"], "yaml"),
        (&["status", "s3://src/a", "--concurrency", "0"], "--concurrency"),
        (&["status", "s3://src/a", "--max-attempts", "0"], "--max-attempts"),
        (&["status", "s3://src/a", "--connect-timeout", "soon"], "--connect-timeout"),
        (&["status", "s3://src/a", "--expected-bucket-owner", "me"], "twelve digits"),
        (&["status", "s3://src/a\u{1b}[2J\n", "s3://x/"], "\"x\""),
        (&["inventory"], "REPORT"),
        (&["inventory", "m.json", "--fail-on", "bad"], "bad"),
        (&["inventory", "m.json", "--fail-on", "failed:+1"], "older report"),
        (&["inventory", "m.json", "--overdue", "1 fortnight"], "--overdue"),
        (&["safe-delete", "s3://src/a", "--permanent", "--trust-status"], "--version-id"),
        (&["safe-delete", "s3://src/a", "--trust-status"], "--permanent"),
    ];
    for (args, named) in table {
        let run = with(&s3, args).expect(2).says(&[named]);
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(!run.stderr.contains('\u{1b}'), "{args:?}");
    }
    assert!(s3.requests().is_empty());
}

#[test]
fn nothing_to_ask_about_is_no_yes() {
    let s3 = replicated();
    with(&s3, &["status"]).expect(2).says(&["no address"]);
    with(&s3, &["safe-delete", "-y"]).expect(2).says(&["no address"]);
    with(&s3, &["status", "--allow-empty"]).expect(0);
    let json = with(&s3, &["status", "--allow-empty", "-o", "json"]).expect(0);
    assert_eq!(json.json()["summary"]["objects"], 0);
    with(&s3, &["safe-delete", "-y", "--allow-empty"]).expect(0);
    assert!(s3.requests().is_empty());
}

#[test]
fn every_exit_code_but_0_leaves_its_reason_on_stderr() {
    let s3 = replicated();
    for (key, status) in [("failed", Some("FAILED")), ("good", Some("COMPLETED")), ("copy", Some("REPLICA"))] {
        s3.put("src", key, b"x");
        s3.set_status("src", key, status);
    }
    let report = Local::of(&[row("a", "FAILED"), row("b", "")].concat());
    let manifest = report.dir.display().to_string();
    let (_folder, list) = folder();
    let list = list.join("list");
    std::fs::write(&list, "s3://src/good\nnot an address\n").expect("a list");
    let list = list.to_str().expect("UTF-8");
    let table: [(&[&str], i32, &str); 8] = [
        (&["status", "s3://src/failed", "s3://src/good"], 1, "exit code 1: not replicated: 1 of 2 objects (1 failed)"),
        (&["status", "s3://src/copy"], 1, "(1 replica); a replica is the copy that S3 made, not the source"),
        (&["status", "s3://gone/k"], 2, "error: could not be checked: 1 of 1 object (1 error); the first: "),
        (&["status", "--from", list], 2, "error: "),
        (&["status", "--recursive", "s3://src/none/"], 2, "no object was found under"),
        (
            &["inventory", &manifest, "--max-age", "none"],
            1,
            "exit code 1: limits exceeded: failed 1 (limit 0), not-replicated 1 (limit 0)",
        ),
        (
            &["safe-delete", "-n", "s3://src/failed"],
            1,
            "exit code 1: not everything would be deleted: 1 kept (1 failed)",
        ),
        (&["safe-delete", "-y", "s3://gone/k"], 2, "error: nothing was deleted: 1 kept (1 error)"),
    ];
    for (args, code, line) in table {
        for format in ["table", "json", "ndjson", "csv", "markdown"] {
            let run = with(&s3, &[args, &["-o", format]].concat()).expect(code).says(&[line]);
            let last = run.stderr.lines().last().unwrap_or_default();
            assert!(last.starts_with(if code == 1 { "exit code 1: " } else { "error: " }), "{format}: {run:#?}");
        }
        let quiet = with(&s3, &[args, &["-q"]].concat()).expect(code);
        assert_eq!(quiet.stderr.is_empty(), code == 1, "{quiet:#?}");
    }
}

#[test]
fn missing_credentials_are_found_missing_soon() {
    let start = Instant::now();
    // The metadata service is asked here: that address does not answer, or refuses.
    let mut command = program();
    command.env_remove("AWS_EC2_METADATA_DISABLED").args(["status", "s3://some-bucket/k"]);
    run(command).expect(2).says(&["credentials", "AWS_ACCESS_KEY_ID"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let without_metadata = alone(&["status", "s3://some-bucket/k"]).expect(2);
    without_metadata.says(&["error: no credentials were found; set AWS_ACCESS_KEY_ID"]);
    let mut profile = program();
    profile.env("AWS_PROFILE", "absent").args(["status", "s3://some-bucket/k"]);
    run(profile).expect(2).says(&["AWS_PROFILE is \"absent\""]);
    alone(&["status", "s3://some-bucket/k", "--profile", "absent"]).expect(2).says(&["no profile \"absent\""]);
}

#[test]
fn an_endpoint_that_is_not_there_is_unknown() {
    let s3 = replicated();
    let mut args = vec!["status", "s3://src/k", "--endpoint-url", "http://127.0.0.1:1", "--max-attempts", "2"];
    let run = with(&s3, &args).expect(2);
    assert!(run.stdout.contains("no connection to http://127.0.0.1:1: tcp connect error"), "{run:?}");
    args[0] = "safe-delete";
    args.push("-y");
    with(&s3, &args).expect(2);
}
