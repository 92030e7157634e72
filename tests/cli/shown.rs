//! `--only` and `--summary`: what is shown, and that nothing else changes.

use replaudit_sandbox::{Fault, Sandbox};

use crate::support::{count, only_reads, replicated, with};

/// One object for each of these states.
fn mixed() -> Sandbox {
    let s3 = replicated();
    for (key, word) in [("done", None), ("waits", Some("PENDING")), ("broken", Some("FAILED"))] {
        s3.put("src", key, b"x");
        if word.is_some() {
            s3.set_status("src", key, word);
        }
    }
    s3
}

const ALL: [&str; 3] = ["s3://src/done", "s3://src/waits", "s3://src/broken"];

#[test]
fn only_and_summary_change_what_is_shown_and_nothing_else() {
    let s3 = mixed();
    let table: [(&[&str], &[&str]); 5] = [
        (&[], &["done", "waits", "broken"]),
        (&["--only", "failed"], &["broken"]),
        (&["--only", "pending,replicated"], &["done", "waits"]),
        (&["--only", "denied"], &[]),
        (&["--summary"], &[]),
    ];
    for (more, keys) in table {
        s3.clear_requests();
        let run = with(&s3, &[&["status", "-o", "json"], &ALL[..], more].concat()).expect(1);
        assert_eq!(run.fields("key"), keys, "{more:?}");
        let by = serde_json::json!({"failed": 1, "pending": 1, "replicated": 1});
        assert_eq!(run.json()["summary"], serde_json::json!({"objects": 3, "by": by, "exit": 1}), "{more:?}");
        assert_eq!(count(&s3, "HeadObject"), 3, "all are checked: {more:?}");
        if more == ["--summary"] {
            assert!(!run.stderr.contains("not shown"), "{run:?}");
        } else if keys.len() < 3 {
            let hidden = format!(
                "{} of 3 objects {} not shown (in all: 1 failed, 1 pending, 1 replicated)",
                3 - keys.len(),
                if keys.len() == 2 { "is" } else { "are" }
            );
            run.says(&[&hidden]);
        } else {
            run.silent();
        }
        let csv = with(&s3, &[&["status", "-o", "csv"], &ALL[..], more].concat()).expect(1);
        assert_eq!(csv.stdout.lines().count(), 1 + keys.len(), "{more:?}");
    }
    let table = with(&s3, &[&["status", "--summary"], &ALL[..]].concat()).expect(1);
    assert_eq!(table.stdout, "3 objects: 1 failed, 1 pending, 1 replicated\n");
    let one = with(&s3, &["status", "--summary", ALL[0]]).expect(0).silent();
    assert_eq!(one.stdout, "1 object: 1 replicated\n");
    let unknown = with(&s3, &["status", "--only", "gone", ALL[0]]).expect(2);
    unknown.says(&["gone", "not-replicated", "in-sync"]);
}

#[test]
fn an_object_is_shown_by_the_verdict_of_its_destination_too() {
    let s3 = mixed();
    let version = s3.versions("dst", "done")[0].version_id.clone();
    s3.delete_version("dst", "done", &version);
    let args = ["status", "--verify-replica", "--only", "missing", "-o", "json"];
    let run = with(&s3, &[&args[..], &ALL[..1]].concat()).expect(1);
    assert_eq!(run.fields("key"), ["done"]);
}

#[test]
fn a_denied_object_that_is_not_shown_still_exits_2_and_says_so() {
    let s3 = mixed();
    s3.fault(Fault::on("HeadObject").key("waits").status(403, "AccessDenied", "no"));
    let run = with(&s3, &[&["status", "--only", "replicated"], &ALL[..]].concat()).expect(2);
    run.says(&[
        "error: could not be checked: 1 of 3 objects (1 denied)",
        "2 of 3 objects are not shown (in all: 1 denied, 1 failed, 1 replicated)",
    ]);
}

#[test]
fn a_safe_delete_shows_outcomes_and_reasons() {
    let s3 = mixed();
    let dry = |more: &[&str]| with(&s3, &[&["safe-delete", "-n", "-o", "json"], &ALL[..], more].concat()).expect(1);
    for (more, keys) in [
        (&["--only", "failed"][..], &["broken"][..]),
        (&["--only", "kept"], &["waits", "broken"]),
        (&["--only", "completed"], &["done"]),
        (&["--only", "would-delete,pending"], &["done", "waits"]),
        (&["--summary"], &[]),
    ] {
        let run = dry(more);
        assert_eq!(run.fields("key"), keys, "{more:?}");
        assert_eq!(run.json()["summary"]["by"], serde_json::json!({"kept": 2, "would-delete": 1}));
        if more == ["--summary"] {
            assert!(!run.stderr.contains("not shown"), "{run:?}");
            continue;
        }
        run.says(&[&format!(
            "{} of 3 objects {} not shown (in all: 2 kept, 1 would-delete)",
            3 - keys.len(),
            if keys.len() == 2 { "is" } else { "are" }
        )]);
    }
    only_reads(&s3);
    let run = with(&s3, &[&["safe-delete", "-y", "--summary"], &ALL[..]].concat()).expect(1);
    assert_eq!(run.stdout, "3 objects: 2 kept, 1 marker-created\n");
    with(&s3, &["safe-delete", "-n", "--only", "in-sync", ALL[0]]).expect(2).says(&["marker-replicates"]);
}

#[test]
fn hints_are_printed_once() {
    let s3 = replicated();
    let all: Vec<String> = (0..3).map(|n| format!("s3://src/{n}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    s3.fault(Fault::on("HeadObject").status(403, "AccessDenied", "no"));
    let run = with(&s3, &[&["status"], &all[..]].concat()).expect(2);
    assert_eq!(run.stdout.matches("s3:ListBucket").count(), 1, "{run:#?}");
    assert_eq!(run.stdout.matches("denied  ").count(), 3, "{run:#?}");
    let quiet = with(&s3, &[&["status", "-q"], &all[..]].concat()).expect(2);
    // The last line says why the exit code is 2.
    assert_eq!((quiet.stderr.lines().count(), quiet.stderr.matches("s3:ListBucket").count()), (4, 1), "{quiet:#?}");
}
