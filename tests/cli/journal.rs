//! `safe-delete --journal`: killed at any moment, a second run deletes nothing twice, forgets nothing, and reports the
//! whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use replaudit_sandbox::{Fault, Sandbox};

use crate::support::{
    Run, client, count, finish, folder, killed, only_reads, replicated, signal, start, until_asked, with,
};

const KEYS: [&str; 3] = ["a", "b", "c"];

/// Three objects, a list of them, and a place for a journal.
struct Stage {
    s3: Sandbox,
    permanent: bool,
    list: PathBuf,
    journal: PathBuf,
    _guard: tempfile::TempDir,
}

impl Stage {
    fn new(permanent: bool) -> Self {
        let s3 = replicated();
        let (guard, dir) = folder();
        let line = |key: &str| {
            let version = s3.put("src", key, b"x");
            match permanent {
                true => format!("{}\n", serde_json::json!({"bucket": "src", "key": key, "version_id": version})),
                false => format!("s3://src/{key}\n"),
            }
        };
        let list = dir.join("list");
        fs::write(&list, KEYS.map(line).concat()).unwrap();
        Self { s3, permanent, list, journal: dir.join("journal"), _guard: guard }
    }

    fn args<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let (list, journal) = (self.list.to_str().unwrap(), self.journal.to_str().unwrap());
        let mut args = vec!["safe-delete", "-y", "-o", "json", "--concurrency", "1", "--from", list];
        args.extend(["--journal", journal]);
        if self.permanent {
            args.extend(["--permanent", "--trust-status"]);
        }
        args.extend(more);
        args
    }

    fn run(&self, more: &[&str]) -> Run {
        with(&self.s3, &self.args(more))
    }

    /// Runs until the server kills it.
    fn killed(&self, before: bool, operation: &str, key: Option<&str>) {
        killed(&self.s3, &self.args(&[]), before, operation, key);
    }

    /// Runs, and its report does not arrive.
    fn unreported(&self, more: &[&str]) {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let code = client(&self.s3, &self.args(more)).stdout(full).stderr(Stdio::null()).status().unwrap().code();
        assert_eq!(code, Some(3), "something was deleted, and the report did not arrive");
    }

    /// Every object is gone from sight, once, and nothing else happened.
    #[track_caller]
    fn all_deleted(&self, run: Run) -> Run {
        let outcome = if self.permanent { "version-deleted" } else { "marker-created" };
        assert_eq!(
            (run.fields("key"), run.fields("outcome")),
            (KEYS.map(String::from).to_vec(), vec![outcome.into(); 3])
        );
        for key in KEYS {
            let held = self.s3.versions("src", key);
            let markers = held.iter().filter(|version| version.delete_marker).count();
            assert_eq!((held.len(), markers), if self.permanent { (0, 0) } else { (2, 1) }, "{key}");
            assert_eq!(self.s3.versions("dst", key).len(), 1, "{key}: the replica stays");
        }
        assert_eq!(run.json()["summary"]["exit"], 0);
        run
    }
}

fn lines(journal: &Path, kind: &str) -> usize {
    let text = fs::read_to_string(journal).unwrap();
    text.lines().filter(|line| line.starts_with(&format!("{{\"{kind}\""))).count()
}

#[test]
fn a_run_is_written_down_and_refused_when_it_has_finished() {
    for permanent in [false, true] {
        let stage = Stage::new(permanent);
        stage.all_deleted(stage.run(&[]).expect(0));
        let kinds =
            ["replaudit_journal", "run", "intent", "outcome", "finished"].map(|kind| lines(&stage.journal, kind));
        assert_eq!(kinds, [1, 1, 3, 3, 1]);
        stage.s3.clear_requests();
        stage.run(&[]).expect(2).says(&["finished"]);
        assert_eq!(stage.s3.requests().len(), 0);
    }
}

#[test]
fn killed_at_any_request_it_is_gone_on_with() {
    let hide: [(&str, &str); 4] =
        [("HeadObject", "b"), ("DeleteObject", "a"), ("DeleteObject", "b"), ("DeleteObject", "c")];
    let moments = hide
        .into_iter()
        .map(|(operation, key)| (false, operation, Some(key)))
        .chain([(true, "HeadObject", Some("c")), (true, "DeleteObjects", None)]);
    for (permanent, operation, key) in moments {
        for before in [true, false] {
            let stage = Stage::new(permanent);
            stage.killed(before, operation, key);
            let run = stage.all_deleted(stage.run(&[]).expect(0));
            assert_eq!(lines(&stage.journal, "finished"), 1, "{operation} {key:?} {before}: {run:?}");
        }
    }
}

#[test]
fn killed_twice_and_in_the_middle_of_looking_it_is_gone_on_with() {
    let stage = Stage::new(false);
    stage.killed(false, "DeleteObject", Some("b"));
    stage.s3.clear_requests();
    stage.killed(true, "HeadObject", Some("b"));
    let asked: Vec<_> = stage.s3.requests().into_iter().filter_map(|request| request.key).collect();
    assert_eq!(asked, ["a", "b"]);
    stage.all_deleted(stage.run(&[]).expect(0));
}

#[test]
fn a_torn_line_is_understood_and_a_damaged_one_refused() {
    let stage = Stage::new(false);
    stage.killed(false, "DeleteObject", Some("b"));
    let whole = fs::read_to_string(&stage.journal).unwrap();
    for torn in ["{\"intent\":{\"bucket\":\"src\",\"ke", "{", "\0\0\0"] {
        fs::write(&stage.journal, format!("{whole}{torn}")).unwrap();
        let run = stage.run(&["--dry-run"]).expect(0);
        assert_eq!(run.fields("outcome"), ["marker-created", "marker-created", "would-delete"], "{torn:?}");
    }
    fs::write(&stage.journal, whole.replacen("{\"intent\"", "{\"inte\0t\"", 1)).unwrap();
    stage.run(&[]).expect(2).says(&["line 3 is damaged"]);
    fs::write(&stage.journal, format!("{whole}{{\"int")).unwrap();
    stage.all_deleted(stage.run(&[]).expect(0));
}

/// Two servers, and the journals of both runs in one file.
#[test]
fn lines_of_another_journal_are_refused_and_not_believed() {
    let (stage, elsewhere) = (Stage::new(false), Stage::new(false));
    stage.killed(true, "DeleteObject", Some("a"));
    elsewhere.all_deleted(elsewhere.run(&[]).expect(0));
    let both = [&stage.journal, &elsewhere.journal].map(|journal| fs::read_to_string(journal).unwrap()).concat();
    let second = fs::read_to_string(&stage.journal).unwrap().lines().count() + 1;
    fs::write(&stage.journal, both).unwrap();
    stage.s3.clear_requests();
    let refusal = format!("line {second} begins another journal");
    stage.run(&[]).expect(2).says(&[&refusal]);
    with(&stage.s3, &["undo", "-y", stage.journal.to_str().unwrap()]).expect(2).says(&[&refusal]);
    assert_eq!(count(&stage.s3, "DeleteObject"), 0);
    assert!(KEYS.iter().all(|key| !stage.s3.versions("src", key)[0].delete_marker), "nothing is hidden here");
}

#[test]
fn what_is_open_and_can_t_be_looked_up_is_unknown_until_it_can() {
    let stage = Stage::new(true);
    stage.killed(true, "DeleteObjects", None);
    stage.s3.fault(Fault::on("HeadObject").key("b").status(403, "AccessDenied", "no"));
    // The run can't find out about b: it reports that, and continues with the others.
    let run = stage.run(&[]).expect(3);
    assert_eq!(run.fields("outcome"), ["version-deleted", "unknown", "version-deleted"]);
}

#[test]
fn a_newer_upload_is_not_what_the_journal_is_about() {
    let stage = Stage::new(false);
    stage.killed(false, "DeleteObject", Some("b"));
    let newer = stage.s3.put("src", "a", b"newer");
    let run = stage.run(&[]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-created"; 3], "what was done is done");
    assert_eq!(stage.s3.versions("src", "a")[0].version_id, newer, "and not done again");
}

#[test]
fn what_was_hidden_and_is_current_again_is_not_reported_as_hidden() {
    let stage = Stage::new(false);
    stage.killed(false, "DeleteObject", Some("b"));
    let hidden = stage.s3.versions("src", "a");
    stage.s3.delete_version("src", "a", &hidden[0].version_id);
    let run = stage.run(&["--dry-run"]).expect(1).says(&["1 kept (1 changed-since-check)"]);
    assert_eq!(run.fields("outcome"), ["kept", "marker-created", "would-delete"]);
    // Without a lookup, it is not known.
    let run = stage.run(&["--verify-deleted", "none", "--dry-run"]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-created", "marker-created", "would-delete"]);
    let run = stage.run(&[]).expect(1);
    assert_eq!(run.fields("outcome"), ["kept", "marker-created", "marker-created"]);
    assert_eq!(run.fields("new_marker_version_id")[0], "null");
    assert_eq!(stage.s3.versions("src", "a").len(), 1, "another's decision is not taken back");
}

#[test]
fn a_version_that_an_earlier_run_removed_and_is_there_again_is_unknown_from_then_on() {
    let stage = Stage::new(true);
    stage.s3.dialect(|dialect| dialect.delete_204_but_readable = true);
    stage.unreported(&["--verify-deleted", "none"]);
    let run = stage.run(&["--verify-deleted", "all"]).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"; 3]);
    // A run that does not look it up knows it from the journal.
    let run = stage.run(&["--verify-deleted", "none"]).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"; 3]);
}

#[test]
fn a_journal_that_disappears_during_the_run_ends_it() {
    let stage = Stage::new(false);
    let (path, elsewhere) = (stage.journal.clone(), stage.journal.with_extension("gone"));
    let to = elsewhere.clone();
    stage.s3.before("DeleteObject", Some("b"), move |_| fs::rename(&path, &to).unwrap());
    let run = stage.run(&[]).expect(3).says(&["moved, replaced or shortened", "incomplete: 2 hidden"]);
    assert_eq!(run.fields("outcome"), ["marker-created", "marker-created", "not-attempted"]);
    assert_eq!(stage.s3.versions("src", "c").len(), 1, "no request without its intent");
    // Put back, it is resumed: the outcome of b was not written.
    fs::rename(&elsewhere, &stage.journal).unwrap();
    stage.all_deleted(stage.run(&[]).expect(0));
}

#[test]
fn another_list_or_other_options_are_refused() {
    let stage = Stage::new(false);
    stage.killed(false, "DeleteObject", Some("b"));
    stage.s3.clear_requests();
    stage.run(&["--allow-marker-replication"]).expect(2).says(&["another list, or to other options"]);
    let list = fs::read_to_string(&stage.list).unwrap();
    fs::write(&stage.list, format!("{list}s3://src/d\n")).unwrap();
    stage.run(&[]).expect(2).says(&["another list"]);
    fs::write(&stage.list, list).unwrap();
    let mut other = fs::read_to_string(&stage.journal).unwrap();
    other = other.replacen("{\"replaudit_journal\":2", "{\"replaudit_journal\":7", 1);
    let kept = fs::read(&stage.journal).unwrap();
    fs::write(&stage.journal, &other).unwrap();
    stage.run(&[]).expect(2).says(&["format is 7"]);
    // What the first released version wrote.
    let first = r#"{"replaudit_journal":1,"endpoint":null,"arguments_hash":"h"}"#;
    fs::write(&stage.journal, format!("{first}\n")).unwrap();
    stage.run(&[]).expect(2).says(&["format is 1", "the version that started it"]);
    fs::write(&stage.journal, "something else\n").unwrap();
    stage.run(&[]).expect(2).says(&["not a journal"]);
    assert_eq!(fs::read_to_string(&stage.journal).unwrap(), "something else\n");
    assert_eq!(stage.s3.requests().len(), 0);
    fs::write(&stage.journal, kept).unwrap();
    stage.all_deleted(stage.run(&[]).expect(0));
}

#[test]
fn a_journal_is_bound_to_everything_that_decides_which_bucket_answers() {
    let stage = Stage::new(false);
    stage.killed(false, "DeleteObject", Some("b"));
    let kept = fs::read(&stage.journal).unwrap();
    stage.s3.clear_requests();
    for (args, what) in [
        (&["--region", "eu-west-1"][..], "Region"),
        (&["--expected-bucket-owner", "123456789012"], "expected bucket owner"),
        (&["--request-payer", "requester"], "request payer"),
        (&["--addressing-style", "virtual"], "addressing style"),
        (&["--no-sign-request"], "signing"),
        (&["--endpoint-url", "http://127.0.0.1:1"], "endpoint"),
    ] {
        stage.run(args).expect(2).says(&["it was written with", what]);
    }
    let with_key = |variables: &[(&str, &str)]| {
        let mut command = client(&stage.s3, &stage.args(&[]));
        command.envs(variables.iter().copied());
        crate::support::run(command)
    };
    with_key(&[("AWS_ACCESS_KEY_ID", "OTHER")]).expect(2).says(&["signing"]);
    with_key(&[("AWS_ACCOUNT_ID", "111122223333")]).expect(2).says(&["signing", "account 111122223333"]);
    assert_eq!((stage.s3.requests().len(), fs::read(&stage.journal).unwrap()), (0, kept.clone()));
    let text = String::from_utf8(kept).unwrap();
    assert!(!text.contains(stage.s3.access_key()), "{text}");
    stage.all_deleted(stage.run(&[]).expect(0));
}

#[test]
fn a_renewed_session_resumes_its_journal() {
    let stage = Stage::new(false);
    let session = |key: &str| {
        let mut command = client(&stage.s3, &stage.args(&["--dry-run"]));
        command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SESSION_TOKEN", "token");
        command.envs([("AWS_PROFILE", "work"), ("AWS_ACCOUNT_ID", "")]);
        crate::support::run(command)
    };
    let line = |signing: &str| {
        let connection = serde_json::json!({
            "endpoint": stage.s3.endpoint(), "region": "us-east-1", "addressing_style": "path",
            "request_payer": false, "expected_bucket_owner": null, "signing": signing
        });
        let header = serde_json::json!({"replaudit_journal": 2, "connection": connection, "arguments_hash": "h"});
        fs::write(&stage.journal, format!("{header}\n")).unwrap();
    };
    for (signing, refused_for) in [("session of work", "another list"), ("session of home", "signing")] {
        for key in ["ASIA1", "ASIA2"] {
            line(signing);
            session(key).expect(2).says(&[refused_for]);
        }
    }
}

#[test]
fn two_runs_on_one_journal_are_one_too_many() {
    let stage = Stage::new(false);
    stage.s3.fault(Fault::on("DeleteObject").key("a").times(1).delay(Duration::from_secs(2)));
    let first = start(client(&stage.s3, &stage.args(&[])));
    until_asked(&stage.s3, "DeleteObject", "a");
    stage.run(&[]).expect(2).says(&["another run is writing it"]);
    finish(first).expect(0);
}

#[test]
fn a_dry_run_writes_no_journal_and_a_declined_plan_is_not_finished() {
    let stage = Stage::new(false);
    stage.run(&["--dry-run"]).expect(0);
    assert!(!stage.journal.exists());
    stage.run(&["--max-delete", "2"]).expect(1);
    only_reads(&stage.s3);
    stage.all_deleted(stage.run(&["--max-delete", "3"]).expect(0));
}

#[test]
fn interrupted_it_is_gone_on_with() {
    let stage = Stage::new(false);
    stage.s3.fault(Fault::on("DeleteObject").key("b").times(1).delay(Duration::from_millis(500)));
    let child = start(client(&stage.s3, &stage.args(&[])));
    until_asked(&stage.s3, "DeleteObject", "b");
    signal(child.id(), Signal::SIGINT);
    finish(child).expect(130);
    assert_eq!(
        (lines(&stage.journal, "outcome"), lines(&stage.journal, "finished")),
        (2, 0),
        "what is known is written"
    );
    stage.all_deleted(stage.run(&[]).expect(0));
}

#[test]
fn a_prefix_lists_only_what_is_left_and_the_report_is_the_whole() {
    let stage = Stage::new(false);
    let journal = stage.journal.to_str().unwrap();
    let args =
        ["safe-delete", "-y", "--max-delete", "9", "-o", "json", "--concurrency", "1", "--recursive", "s3://src/"];
    let args: Vec<&str> = args.into_iter().chain(["--whole-bucket", "--journal", journal]).collect();
    stage.s3.fault(Fault::on("DeleteObject").key("b").close_after_effect());
    stage.s3.fault(Fault::on("DeleteObject").key("c").status(500, "InternalError", "oops"));
    killed(&stage.s3, &args, true, "DeleteObject", Some("c"));
    stage.s3.clear_faults();
    let run = with(&stage.s3, &args).expect(0);
    let mut keys = run.fields("key");
    keys.sort();
    assert_eq!((keys, run.fields("outcome")), (KEYS.map(String::from).to_vec(), vec!["marker-created".to_owned(); 3]));
}

#[test]
fn a_delete_of_our_own_that_arrives_late_is_not_called_a_change_by_others() {
    for permanent in [false, true] {
        let stage = Stage::new(permanent);
        let delete = if permanent { "DeleteObjects" } else { "DeleteObject" };
        stage.s3.fault(Fault::on(delete).times(1).close_and_take_effect_later(Duration::from_secs(3)));
        stage.run(&[]).expect(3);
        // The second run looks before that effect, and acts after it.
        let acts = if permanent { Fault::on("HeadObject").key("a").skip(1) } else { Fault::on(delete).key("a") };
        stage.s3.fault(acts.times(1).delay(Duration::from_secs(4)));
        stage.all_deleted(stage.run(&[]).expect(0));
    }
}

#[test]
fn a_report_that_did_not_arrive_leaves_the_journal_open() {
    let stage = Stage::new(false);
    stage.unreported(&[]);
    assert_eq!(lines(&stage.journal, "finished"), 0);
    stage.all_deleted(stage.run(&[]).expect(0));
    assert_eq!(lines(&stage.journal, "finished"), 1);
}

#[test]
fn an_unknown_outcome_leaves_the_journal_open_and_is_looked_up_again() {
    for permanent in [false, true] {
        let stage = Stage::new(permanent);
        let fault = if permanent { Fault::on("DeleteObjects/entry") } else { Fault::on("DeleteObject") };
        stage.s3.fault(fault.key("b").times(1).close_before_effect());
        let run = stage.run(&[]).expect(3);
        assert_eq!(run.fields("outcome")[1], "unknown");
        assert_eq!(lines(&stage.journal, "finished"), 0);
        stage.all_deleted(stage.run(&[]).expect(0));
    }
}

#[test]
fn an_order_that_may_still_take_effect_leaves_the_journal_open_though_it_is_kept_now() {
    let stage = Stage::new(false);
    stage.s3.fault(Fault::on("DeleteObject").key("a").times(1).close_and_take_effect_later(Duration::from_secs(4)));
    stage.run(&[]).expect(3);
    // The second run looks before that effect, and can't decide.
    stage.s3.fault(Fault::on("GetBucketReplication").status(500, "InternalError", "oops"));
    let run = stage.run(&["--max-attempts", "1"]);
    assert_ne!(run.code, Some(0));
    assert_eq!(run.fields("reason")[0], "marker-replicates", "{run:?}");
    assert_eq!(lines(&stage.journal, "finished"), 0, "{run:?}");
    stage.s3.clear_faults();
    std::thread::sleep(Duration::from_secs(4));
    stage.all_deleted(stage.run(&[]).expect(0));
}
