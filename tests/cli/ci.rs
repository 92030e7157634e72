//! Formats for CI systems: annotations and job summaries of GitHub Actions, and JUnit XML.

use std::fs;
use std::process::Command;

use replaudit_sandbox::Sandbox;

use crate::support::report::{Local, SCHEMA, gzip, row};
use crate::support::{alone, client, folder, program, replicated, run, with};

fn source() -> Sandbox {
    let s3 = replicated();
    s3.put("src", "done", b"x");
    for (key, status) in [("a%\n::error::b", "FAILED"), ("<c> & \"d\"", "PENDING")] {
        s3.put("src", key, b"x");
        s3.set_status("src", key, Some(status));
    }
    s3
}

#[test]
fn github_annotates_what_is_not_replicated_and_appends_to_the_job_summary() {
    let s3 = source();
    let (_guard, dir) = folder();
    let summary = dir.join("summary");
    fs::write(&summary, "# Before\n").unwrap();
    let mut command = client(&s3, &["status", "--recursive", "s3://src/", "-o", "github"]);
    command.env("GITHUB_STEP_SUMMARY", &summary);
    let done = run(command).expect(1);
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{done:?}");
    assert!(lines[0].starts_with("::error title=replaudit status::s3://src/<c> & \"d\" (version "), "{done:?}");
    assert!(lines[1].starts_with("::error title=replaudit status::s3://src/a%25\\n::error::b (version "), "{done:?}");
    assert!(lines[1].contains("): failed: replication to at least one destination bucket failed"), "{done:?}");
    assert!(lines[2].starts_with("::notice title=replaudit status::3 objects: 1 failed, 1 pending, 1 replicated"));
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("# Before\n| verdict |") && text.contains("**3 objects: "), "{text}");
    // Without the variable, and with an option that replaces stdout, nothing is appended.
    with(&s3, &["status", "s3://src/done", "-o", "github"]).expect(0);
    let mut quiet = client(&s3, &["status", "s3://src/done", "-q", "-o", "github"]);
    quiet.env("GITHUB_STEP_SUMMARY", &summary);
    assert_eq!(run(quiet).expect(0).stdout, "");
    assert_eq!(fs::read_to_string(&summary).unwrap(), text);
    let mut nowhere = client(&s3, &["status", "s3://src/done", "-o", "github"]);
    nowhere.env("GITHUB_STEP_SUMMARY", "/nonexistent/summary");
    run(nowhere).expect(2).says(&["the folder /nonexistent does not exist: create it, or correct GITHUB_STEP_SUMMARY"]);
}

/// The names of the test cases with their outcome.
fn cases(text: &str) -> Vec<(String, &'static str)> {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let outcome = |case: roxmltree::Node<'_, '_>| match case.first_element_child().map(|child| child.tag_name().name())
    {
        None => "passed",
        Some("failure") => "failure",
        Some("error") => "error",
        Some(other) => panic!("{other}"),
    };
    cases.map(|case| (case.attribute("name").unwrap().to_owned(), outcome(case))).collect()
}

#[test]
fn junit_has_a_case_for_each_object() {
    let s3 = source();
    let args = ["s3://src/done", "s3://src/<c> & \"d\"", "s3://nowhere/k", "-o", "junit"];
    let run = with(&s3, &[&["status"], &args[..]].concat()).expect(2);
    let found = cases(&run.stdout);
    let outcomes: Vec<&str> = found.iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes, ["passed", "failure", "error"], "{run:?}");
    assert!(found[1].0.starts_with("s3://src/<c> & \"d\" (version "), "{found:?}");
    // An accepted replica is a pass, and a dry run passes what it would delete.
    s3.set_status("src", "done", Some("REPLICA"));
    let replica = ["status", "s3://src/done", "-o", "junit"];
    assert_eq!(cases(&with(&s3, &replica).expect(1).stdout)[0].1, "failure");
    assert_eq!(cases(&with(&s3, &[&replica[..], &["--accept-replica"]].concat()).expect(0).stdout)[0].1, "passed");
    s3.set_status("src", "done", Some("COMPLETED"));
    let dry = ["safe-delete", "-n", "s3://src/done", "s3://src/<c> & \"d\"", "-o", "junit"];
    let outcomes: Vec<&str> = cases(&with(&s3, &dry).expect(1).stdout).iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes, ["passed", "failure"]);
}

#[test]
fn inventory_has_both_formats() {
    let report = Local::new(SCHEMA, &[("1.csv.gz", gzip(row("k", "FAILED").as_bytes()))]);
    let path = report.dir.display().to_string();
    let run = |format| alone(&["inventory", &path, "--max-age", "none", "-o", format]).expect(1).stdout;
    let github = run("github");
    assert_eq!(
        github,
        "::error title=replaudit inventory::bucket src: failed: 1 object, limit 0\n\
         ::notice title=replaudit inventory::bucket src: 1 object version, fail\n"
    );
    let junit = run("junit");
    let failed: Vec<(String, &str)> = cases(&junit).into_iter().filter(|(_, outcome)| *outcome != "passed").collect();
    assert_eq!(failed, [("failed".to_owned(), "failure")]);
}

/// A CI system reads these formats, and may not look at the exit code.
#[test]
fn no_run_that_is_not_0_looks_like_a_good_one() {
    let s3 = source();
    let (_guard, dir) = folder();
    let list = dir.join("list").display().to_string();
    fs::write(&list, "s3://src/done\nfoo\n").unwrap();
    let none = dir.join("none").display().to_string();
    let done = ["status", "--recursive", "s3://src/", "--only", "replicated"];
    for (args, exit, outcomes) in [
        (&["status", "--from", &list][..], 2, &["passed", "error"][..]),
        (&["status", "--from", &none], 2, &["error"]),
        (&done, 1, &["passed", "failure"]),
        (&["safe-delete", "-n", "s3://src/done", "s3://nowhere/k"], 2, &["passed", "error"]),
    ] {
        let junit = with(&s3, &[args, &["-o", "junit"]].concat()).expect(exit);
        let found: Vec<&str> = cases(&junit.stdout).iter().map(|(_, outcome)| *outcome).collect();
        assert_eq!(found, outcomes, "{args:?}: {junit:?}");
        let github = with(&s3, &[args, &["-o", "github"]].concat()).expect(exit);
        assert!(github.stdout.lines().any(|line| line.starts_with("::error title=replaudit ")), "{args:?}: {github:?}");
    }
}

/// The file of an earlier run is replaced: a CI system would show it as the result of this run.
#[test]
fn a_report_that_cannot_be_read_is_an_error_in_ci() {
    let report = Local::new(SCHEMA, &[("1.csv.gz", gzip(row("k", "COMPLETED").as_bytes()))]);
    let path = report.dir.display().to_string();
    let (_guard, dir) = folder();
    let file = dir.join("result.xml");
    let write = format!("junit={}", file.display());
    let run = |format| alone(&["inventory", &path, "--max-age", "none", "-o", format, "--write", &write]);
    run("github").expect(0);
    assert!(cases(&fs::read_to_string(&file).unwrap()).iter().all(|(_, outcome)| *outcome == "passed"));
    fs::write(report.dir.join("1.csv.gz"), b"cut").unwrap();
    let github = run("github").expect(2);
    let why = "the report can't be trusted: inv/data/1.csv.gz: the file has 3 bytes";
    let annotation = format!("::error title=replaudit inventory::the run ended without an answer: {why}");
    assert!(github.stdout.starts_with(&annotation) && github.stdout.lines().count() == 1, "{github:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(cases(&text), [("the whole run".to_owned(), "error")]);
    assert!(text.contains("classname=\"inventory.src\"") && text.contains(why), "{text}");
    assert_eq!(cases(&run("junit").expect(2).stdout), [("the whole run".to_owned(), "error")]);
}

fn program_with(args: &[&str]) -> Command {
    let mut command = program();
    command.args(args);
    command
}

/// Otherwise somebody who looks at the job only sees an empty summary.
#[test]
fn the_job_summary_says_why_there_is_no_answer() {
    let report = Local::new(SCHEMA, &[("1.csv.gz", gzip(row("k", "COMPLETED").as_bytes()))]);
    let path = report.dir.display().to_string();
    let (_guard, dir) = folder();
    let summary = dir.join("summary");
    let markdown = dir.join("result.md");
    let write = format!("markdown={}", markdown.display());
    fs::write(&markdown, "of an earlier run").unwrap();
    let old = ["inventory", &path, "-o", "github", "--write", &write];
    let pair = ["reconcile", &path, &path, "--max-age", "none", "-o", "github"];
    let nowhere = ["inventory", "nowhere*", "-o", "github"];
    for (args, says) in [
        (&old[..], "## ❌ NO ANSWER: inventory\n\n"),
        (&pair, "## ❌ NO ANSWER: reconcile\n\n"),
        (&nowhere, "nowhere&#42;"),
    ] {
        let _ = fs::remove_file(&summary);
        let mut command = program_with(args);
        command.env("GITHUB_STEP_SUMMARY", &summary);
        let run = run(command).expect(2);
        let text = fs::read_to_string(&summary).unwrap();
        assert!(text.contains(says) && text.matches("NO ANSWER").count() == 1, "{text}");
        let why = run.stderr.trim_end().strip_prefix("error: ").unwrap();
        let annotation = run.stdout.trim_end().rsplit_once("without an answer: ").unwrap().1;
        assert_eq!(annotation, why, "{run:?}");
    }
    assert_eq!(fs::read_to_string(&markdown).unwrap(), "of an earlier run");
    let mut quiet = program_with(&["inventory", &path, "-q", "-o", "github"]);
    fs::remove_file(&summary).unwrap();
    quiet.env("GITHUB_STEP_SUMMARY", &summary);
    run(quiet).expect(2);
    assert!(!summary.exists());
    // With an answer, the summary is the answer.
    let mut good = program_with(&["inventory", &path, "--max-age", "none", "-o", "github"]);
    good.env("GITHUB_STEP_SUMMARY", &summary);
    run(good).expect(0);
    assert!(fs::read_to_string(&summary).unwrap().starts_with("## ✅ PASS"));
}
