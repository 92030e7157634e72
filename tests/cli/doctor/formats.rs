//! Every format of `doctor`.

use std::fs;

use replaudit_sandbox::{Fault, Versioning};

use super::scene::healthy;
use crate::support::{folder, with};

#[test]
fn every_format_has_every_check_with_its_state() {
    let s3 = healthy();
    s3.notifications("src", None);
    s3.set_versioning("dst", Versioning::Suspended);
    let of = |format: &str| with(&s3, &["doctor", "src", "-o", format]).expect(1).silent().stdout;
    let table = of("table");
    assert!(table.starts_with("STATE    CHECK "), "{table}");
    assert!(table.contains("\nbucket src\nok       credentials.valid "), "{table}");
    assert!(table.contains("\nfail     rule.destination.versioning "), "{table}");
    assert!(table.contains("\n         next: aws s3api put-bucket-versioning --bucket dst "), "{table}");
    assert!(table.ends_with("40 checks of 1 bucket: 38 ok, 1 warn, 1 fail\n"), "{table}");
    let ndjson = of("ndjson");
    assert_eq!(ndjson.lines().count(), 40);
    let csv = of("csv");
    assert!(csv.starts_with("bucket,id,state,found,next,permission\nsrc,credentials.valid,ok,"), "{csv}");
    let markdown = of("markdown");
    assert!(markdown.starts_with("| state | bucket | id | found | next |\n"), "{markdown}");
    let github = of("github");
    let lines: Vec<&str> = github.lines().collect();
    assert_eq!(lines.len(), 3, "{github}");
    assert!(
        lines[0].starts_with("::error title=replaudit doctor::src rule.destination.versioning: fail: "),
        "{github}"
    );
    assert!(lines[1].starts_with("::warning title=replaudit doctor::src events.failure: warn: nothing"), "{github}");
    assert!(lines[2].starts_with("::notice title=replaudit doctor::40 checks of 1 bucket: "), "{github}");
    let junit = of("junit");
    let document = roxmltree::Document::parse(&junit).unwrap();
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    assert_eq!(cases.len(), 40);
    let with = |name: &str| cases.iter().filter(|case| case.children().any(|child| child.has_tag_name(name))).count();
    assert_eq!((with("failure"), with("error"), with("system-out")), (1, 0, 1), "{junit}");
}

#[test]
fn only_some_states_are_shown_and_all_are_counted() {
    let s3 = healthy();
    s3.notifications("dst", None);
    s3.set_versioning("dst", Versioning::Suspended);
    let shown = with(&s3, &["doctor", "src", "dst", "--only", "fail"]).expect(1).stdout;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[1], "bucket src", "{shown}");
    assert!(lines[2].starts_with("fail     rule.destination.versioning"), "{shown}");
    assert_eq!(lines[4], "bucket dst", "{shown}");
    assert!(shown.contains("80 checks of 2 buckets: "), "{shown}");
    with(&s3, &["doctor", "src", "--only", "failed"]).expect(2).says(&["ok, warn, fail, unknown"]);
    // Gauges of some checks only would say that nothing failed.
    let metrics = ["doctor", "src", "--only", "fail", "--write", "prometheus=x.prom"];
    with(&s3, &metrics).expect(2).says(&["--only can't be used with prometheus"]);
}

#[test]
fn a_quiet_run_says_why_a_check_could_not_be_made() {
    let s3 = healthy();
    s3.fault(Fault::on("HeadBucket").status(403, "AccessDenied", "no"));
    for (args, says) in [(&["doctor", "src", "-q"][..], true), (&["doctor", "src"], false)] {
        let run = with(&s3, args).expect(2);
        let last = run.stderr.lines().last().unwrap_or_default();
        assert_eq!(last.contains("could not be made") && last.contains("; the first: "), says, "{run:?}");
    }
}

#[test]
fn prometheus_has_a_gauge_for_each_state_of_each_check() {
    let s3 = healthy();
    s3.notifications("src", None);
    let (_guard, dir) = folder();
    let file = dir.join("doctor.prom");
    let write = format!("prometheus={}", file.display());
    with(&s3, &["doctor", "src", "dst", "-q", "--write", &write]).expect(1);
    let text = fs::read_to_string(&file).unwrap();
    let sample = |check: &str, state: &str| {
        let line = format!("replaudit_doctor_check{{bucket=\"src\",check=\"{check}\",state=\"{state}\"}} ");
        text.lines().find_map(|found| found.strip_prefix(&line)).map(str::to_owned)
    };
    assert_eq!(sample("events.failure", "warn").as_deref(), Some("1"), "{text}");
    assert_eq!(sample("events.failure", "ok").as_deref(), Some("0"));
    assert_eq!(sample("versioning.source", "ok").as_deref(), Some("1"));
    let gauges = text.lines().filter(|line| line.starts_with("replaudit_doctor_check{")).count();
    assert_eq!(gauges, 2 * 40 * 4);
    for name in ["replaudit_doctor_check", "replaudit_doctor_checks", "replaudit_doctor_last_run_timestamp_seconds"] {
        assert_eq!(text.matches(&format!("# TYPE {name} gauge\n")).count(), 1, "{name}");
    }
    // Status has no metrics: a key is not a label.
    with(&s3, &["status", "s3://src/a", "-o", "prometheus"]).expect(2).says(&["status does not write prometheus"]);
}
