//! `undo`: what the server holds afterwards, and what it was sent.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use replaudit_sandbox::{Fault, Principal, Sandbox, Versioning};
use rexpect::session::spawn_command;
use serde_json::{Value, json};

use crate::support::{
    ODD_KEYS, Run, client, count, finish, folder, killed, only_reads, replicated, run, signal, start, until_asked, with,
};

const KEYS: [&str; 3] = ["a", "b", "c"];

/// A server on which a safe-delete hid three objects, and what it left behind.
struct Stage {
    s3: Sandbox,
    /// The versions that are hidden.
    versions: Vec<String>,
    dir: PathBuf,
    _guard: tempfile::TempDir,
}

impl Stage {
    fn new(keys: &[&str]) -> Self {
        let s3 = replicated();
        let (guard, dir) = folder();
        let versions = keys.iter().map(|key| s3.put("src", key, b"x")).collect();
        let list: String = keys.iter().map(|key| format!("{}\n", json!({"bucket": "src", "key": key}))).collect();
        let stage = Self { s3, versions, dir, _guard: guard };
        fs::write(stage.at("list"), list).unwrap();
        let [list, journal] = ["list", "journal"].map(|name| stage.path(name));
        let (document, lines) = (format!("json={}", stage.path("json")), format!("ndjson={}", stage.path("ndjson")));
        let args = ["safe-delete", "-y", "-q", "--from", &list, "--journal", &journal];
        with(&stage.s3, &[&args[..], &["--write", &document, "--write", &lines]].concat()).expect(0);
        stage.s3.clear_requests();
        stage
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    /// Runs `undo -y -o json` on a file of the folder.
    fn undo(&self, name: &str, more: &[&str]) -> Run {
        with(&self.s3, &[&["undo", "-y", "-o", "json", "--concurrency", "1", &self.path(name)], more].concat())
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    /// The objects of the json report, to be changed.
    fn objects(&self) -> Vec<Value> {
        let document: Value = serde_json::from_slice(&fs::read(self.at("json")).unwrap()).unwrap();
        document["objects"].as_array().unwrap().clone()
    }

    fn write_lines(&self, name: &str, objects: &[Value]) {
        self.write(name, &objects.iter().map(|object| format!("{object}\n")).collect::<String>());
    }

    fn markers(&self, key: &str) -> Vec<String> {
        let held = self.s3.versions("src", key).into_iter();
        held.filter(|version| version.delete_marker).map(|version| version.version_id).collect()
    }
}

/// What is current: None for a delete marker or nothing.
fn current(s3: &Sandbox, key: &str) -> Option<String> {
    s3.versions("src", key).into_iter().find(|v| v.is_latest && !v.delete_marker).map(|v| v.version_id)
}

fn deletes(s3: &Sandbox) -> Vec<(Option<String>, Option<String>)> {
    let writes = s3.requests().into_iter().filter(replaudit_sandbox::Request::is_write);
    writes.map(|request| (request.key, request.version_id)).collect()
}

/// A file that does not name every delete must not look like one that does.
#[test]
fn a_shortened_report_is_refused() {
    for shortened in [&["--summary"][..], &["--only", "failed"]] {
        let s3 = replicated();
        let (_guard, dir) = folder();
        s3.put("src", "k", b"x");
        s3.put("src", "failed", b"x");
        s3.set_status("src", "failed", Some("FAILED"));
        let report = dir.join("short.json").display().to_string();
        let write = format!("json={report}");
        let args = ["safe-delete", "-y", "-q", "s3://src/k", "s3://src/failed", "--write", &write];
        with(&s3, &[&args[..], shortened].concat()).expect(1);
        s3.clear_requests();
        with(&s3, &["undo", "-y", &report])
            .expect(2)
            .says(&["counts more deletes (1) than it lists (0)", "use the journal"]);
        assert!(s3.versions("src", "k")[0].delete_marker);
        only_reads(&s3);
    }
}

#[test]
fn what_was_hidden_is_current_again_from_each_kind_of_file() {
    for name in ["json", "ndjson", "journal"] {
        let stage = Stage::new(&KEYS);
        let run = stage.undo(name, &[]).expect(0).silent();
        assert_eq!(run.fields("outcome"), ["marker-removed"; 3], "{name}");
        // A journal has them in the order in which they were hidden.
        let mut shown: Vec<_> = run.fields("key").into_iter().zip(run.fields("current_version_id")).collect();
        shown.sort();
        assert!(shown.iter().map(|(key, version)| (key.as_str(), version)).eq(KEYS.into_iter().zip(&stage.versions)));
        for (key, version) in KEYS.iter().zip(&stage.versions) {
            assert_eq!(current(&stage.s3, key).as_ref(), Some(version), "{name}");
            assert_eq!(stage.s3.versions("dst", key).len(), 1, "the replica is untouched");
        }
        assert_eq!((count(&stage.s3, "DeleteObject"), count(&stage.s3, "DeleteObjects")), (3, 0));
        assert!(deletes(&stage.s3).iter().all(|(_, version)| version.is_some()), "{:?}", deletes(&stage.s3));
        let again = stage.undo(name, &[]).expect(0);
        assert_eq!(again.fields("outcome"), ["already-absent"; 3]);
        let mut shown: Vec<_> = again.fields("key").into_iter().zip(again.fields("current_version_id")).collect();
        shown.sort();
        assert!(shown.into_iter().map(|(_, version)| version).eq(stage.versions.iter().cloned()));
    }
}

#[test]
fn the_report_says_everything_about_a_marker() {
    let stage = Stage::new(&["k"]);
    let marker = stage.markers("k").remove(0);
    let run = stage.undo("json", &[]).expect(0);
    let expected = json!({
        "schema": "replaudit.undo/1",
        "objects": [{
            "bucket": "src", "key": "k", "marker_version_id": marker, "version_id": stage.versions[0],
            "outcome": "marker-removed", "reason": null, "current_version_id": stage.versions[0], "error": null
        }],
        "summary": {"objects": 1, "by": {"marker-removed": 1}, "kept": {}, "exit": 0}
    });
    assert_eq!(run.json(), expected);
}

#[test]
fn keys_are_exact_and_a_pipe_is_read() {
    let stage = Stage::new(&ODD_KEYS);
    let mut command = client(&stage.s3, &["undo", "-y", "-o", "ndjson", "-"]);
    command.stdin(Stdio::piped());
    let mut child = start(command);
    child.stdin.take().unwrap().write_all(&fs::read(stage.at("ndjson")).unwrap()).unwrap();
    let run = finish(child).expect(0);
    for (key, version) in ODD_KEYS.iter().zip(&stage.versions) {
        assert_eq!(current(&stage.s3, key).as_ref(), Some(version), "{key:?}");
    }
    // What undo writes names the versions that are current again.
    stage.write("undone", &run.stdout);
    with(&stage.s3, &["status", "--from", &stage.path("undone")]).expect(0);
}

#[test]
fn a_dry_run_checks_and_sends_nothing_but_reads() {
    let stage = Stage::new(&KEYS);
    for flag in ["-n", "--dry-run", "--dryrun"] {
        let journal = stage.path("undo-journal");
        let args = ["undo", flag, "-o", "json", &stage.path("json"), "--journal", &journal];
        let run = with(&stage.s3, &args).expect(0).says(&["3 delete markers would be removed"]);
        assert_eq!(run.fields("outcome"), ["would-remove"; 3]);
    }
    only_reads(&stage.s3);
    assert!(!stage.at("undo-journal").exists());
}

#[test]
fn a_marker_that_is_not_latest_is_removed_and_the_current_version_is_named() {
    let stage = Stage::new(&["a", "b"]);
    let newer = stage.s3.put("src", "a", b"newer");
    stage.s3.put("src", "b", b"newer");
    stage.s3.delete("src", "b");
    let run = stage.undo("json", &[]).expect(1).says(&["not everything was undone: 1 still-hidden"]);
    assert_eq!(run.fields("outcome"), ["marker-removed"; 2]);
    assert_eq!(run.fields("reason"), ["null", "still-hidden"]);
    assert_eq!(run.json()["summary"]["not_current"], json!({"still-hidden": 1}));
    assert_eq!(run.fields("current_version_id"), [newer.as_str(), "null"]);
    assert_eq!((current(&stage.s3, "a"), stage.markers("a").len()), (Some(newer.clone()), 0));
    assert_eq!((current(&stage.s3, "b"), stage.markers("b").len()), (None, 1), "another's marker stays");
    let again = with(&stage.s3, &["undo", "-y", &stage.path("json")]).expect(1);
    assert!(again.stdout.contains("still-hidden"), "{again:?}");
    assert!(again.stdout.contains(&format!("version {newer} is current now")), "{again:?}");
}

#[test]
fn a_key_that_has_no_version_or_can_t_be_read_is_not_a_yes() {
    let stage = Stage::new(&["a", "b"]);
    stage.s3.delete_version("src", "a", &stage.versions[0]);
    stage.s3.fault(Fault::on("HeadObject").key("b").skip(2).status(500, "InternalError", "oops"));
    stage.s3.fault(Fault::on("ListObjectVersions").status(403, "AccessDenied", "no"));
    let run = stage.undo("json", &["--max-attempts", "1"]).expect(1);
    let run = run.says(&["not everything was undone: 1 current-not-known, 1 nothing-current"]);
    assert_eq!(run.fields("outcome"), ["marker-removed"; 2]);
    assert_eq!(run.fields("reason"), ["nothing-current", "current-not-known"]);
    stage.s3.clear_faults();
    let run = stage.undo("json", &[]).expect(1);
    assert_eq!(run.fields("outcome"), ["already-absent"; 2]);
    assert_eq!(run.fields("reason"), ["nothing-current", "null"]);
}

/// The journal of an undo says what was current then.
#[test]
fn a_resumed_undo_says_what_is_current_now() {
    let stage = Stage::new(&["a", "b"]);
    let journal = stage.path("undo-journal");
    stage.s3.fault(Fault::on("DeleteObject").key("b").times(1).close_before_effect());
    stage.undo("json", &["--journal", &journal]).expect(3);
    stage.s3.delete("src", "a");
    let run = stage.undo("json", &["--journal", &journal]).expect(1);
    assert_eq!(run.fields("outcome"), ["marker-removed"; 2]);
    assert_eq!(run.fields("reason"), ["still-hidden", "null"]);
    assert_eq!(run.fields("current_version_id"), ["null", stage.versions[1].as_str()]);
}

/// A file that ends after whole lines looks like a whole one.
#[test]
fn a_journal_without_its_end_is_undone_and_says_that_it_may_be_cut_off() {
    let stage = Stage::new(&KEYS);
    let journal = fs::read_to_string(stage.at("journal")).unwrap();
    let about_a = |line: &&str| !line.contains("\"key\":") || line.contains("\"key\":\"a\"");
    let cut: Vec<&str> = journal.lines().filter(|line| !line.starts_with("{\"finished\"")).filter(about_a).collect();
    stage.write("cut", &format!("{}\n", cut.join("\n")));
    let said = "did not finish, or the file is cut off";
    let run = stage.undo("cut", &["--dry-run"]).expect(0).says(&[said]);
    assert_eq!(run.json()["summary"]["run_unfinished"], true);
    // Every marker that it names is removed: it is mostly the journal of an interrupted run, which names every intent.
    let run = stage.undo("cut", &[]).expect(0).says(&[said]);
    assert_eq!((run.fields("key"), run.fields("outcome")), (vec!["a".into()], vec!["marker-removed".into()]));
    assert_eq!(run.json()["summary"]["run_unfinished"], true);
    stage.write("begun", &format!("{}\n", cut[..2].join("\n")));
    stage.undo("begun", &["--allow-empty"]).expect(2).says(&["may be cut off"]);
}

/// After an undo, the journal's outcomes are not true any more.
#[test]
fn a_journal_that_was_undone_is_not_resumed() {
    let stage = Stage::new(&KEYS);
    let journal = fs::read_to_string(stage.at("journal")).unwrap();
    let cut: Vec<&str> = journal.lines().filter(|line| !line.starts_with("{\"finished\"")).collect();
    let open = format!("{}\n{{\"outc", cut[..cut.len() - 1].join("\n"));
    fs::write(stage.at("journal"), &open).unwrap();
    let again = ["safe-delete", "-y", "--from", &stage.path("list"), "--journal", &stage.path("journal")];
    stage.undo("journal", &["--dry-run"]);
    assert_eq!(fs::read_to_string(stage.at("journal")).unwrap(), open, "a dry run writes nothing");
    stage.undo("journal", &[]).expect(1);
    stage.s3.clear_requests();
    with(&stage.s3, &again).expect(2).says(&["an undo has begun to remove", "start a new journal"]);
    only_reads(&stage.s3);
    // It can be undone once more, and notes that only if there is something to remove.
    let marked = fs::read_to_string(stage.at("journal")).unwrap();
    stage.undo("journal", &[]).expect(1);
    assert_eq!(fs::read_to_string(stage.at("journal")).unwrap(), marked);
    // What can't be written to can be undone all the same.
    fs::write(stage.at("pipe"), &open).unwrap();
    let mut read_only = fs::metadata(stage.at("pipe")).unwrap().permissions();
    read_only.set_readonly(true);
    fs::set_permissions(stage.at("pipe"), read_only).unwrap();
    stage.undo("pipe", &[]).expect(1);
}

#[test]
fn a_version_with_content_is_never_deleted() {
    let stage = Stage::new(&KEYS);
    let mut objects = stage.objects();
    for (object, version) in objects.iter_mut().zip(&stage.versions) {
        object["new_marker_version_id"] = json!(version);
    }
    objects[2]["new_marker_version_id"] = json!("null");
    stage.write_lines("forged", &objects);
    // With and without a list to ask: HEAD tells.
    for deny in [false, true] {
        if deny {
            stage.s3.fault(Fault::on("ListObjectVersions").status(403, "AccessDenied", "no"));
        }
        let run = stage.undo("forged", &[]).expect(1).says(&["3 kept"]);
        assert_eq!(run.fields("reason"), ["not-a-marker", "not-a-marker", "null-marker"]);
    }
    only_reads(&stage.s3);
}

#[test]
fn a_null_marker_is_kept() {
    let stage = Stage::new(&["k"]);
    stage.s3.set_versioning("src", Versioning::Suspended);
    stage.s3.delete("src", "k");
    let mut objects = stage.objects();
    for (outcome, id) in [("unknown", "null"), ("marker-created", "null")] {
        objects[0]["outcome"] = json!(outcome);
        objects[0]["new_marker_version_id"] = json!(id);
        stage.write_lines("null", &objects);
        stage.s3.clear_requests();
        assert_eq!(stage.undo("null", &[]).expect(1).fields("reason"), ["null-marker"]);
        only_reads(&stage.s3);
    }
}

#[test]
fn a_server_that_takes_no_notice_of_version_ids_is_not_believed() {
    let stage = Stage::new(&["a"]);
    // Each answer is about the marker that is current, not about the version that was asked for.
    let real = stage.markers("a").remove(0);
    let mut objects = stage.objects();
    objects[0]["new_marker_version_id"] = json!(stage.versions[0]);
    stage.write_lines("forged", &objects);
    stage.s3.fault(Fault::on("HeadObject").raw_body_after_effect(404, "application/xml", ""));
    stage.s3.fault(Fault::on("HeadObject").header("x-amz-delete-marker", "true"));
    for id in [real.as_str(), ""] {
        stage.s3.fault(Fault::on("HeadObject").header("x-amz-version-id", id));
        let run = stage.undo("forged", &[]).expect(1);
        assert_eq!(run.fields("reason"), ["not-a-marker"], "the list of versions tells");
    }
    only_reads(&stage.s3);
}

#[test]
fn a_marker_is_gone_only_where_the_list_does_not_have_it() {
    let stage = Stage::new(&["a"]);
    stage.s3.fault(Fault::on("HeadObject").status(404, "NoSuchKey", "x"));
    let run = stage.undo("json", &[]).expect(2).says(&["1 failed"]);
    assert_eq!(run.fields("outcome"), ["failed"]);
    only_reads(&stage.s3);
}

#[test]
fn a_marker_is_not_gone_where_the_list_could_not_be_read() {
    // This server's HEAD does not say that what it does not find is a delete marker.
    for fault in [
        Fault::on("ListObjectVersions").status(500, "InternalError", "oops"),
        Fault::on("ListObjectVersions").status(403, "AccessDenied", "no"),
        Fault::on("ListObjectVersions").cut_clean(100),
    ] {
        let stage = Stage::new(&["a"]);
        stage.s3.fault(Fault::on("HeadObject").status(404, "NoSuchKey", "x"));
        stage.s3.fault(fault);
        let run = stage.undo("json", &["--max-attempts", "1"]).expect(2);
        assert!(["failed", "denied"].contains(&run.fields("outcome")[0].as_str()), "{run:?}");
        assert_eq!(stage.markers("a").len(), 1);
        only_reads(&stage.s3);
    }
}

#[test]
fn a_removal_whose_answer_was_lost_is_not_told_where_the_list_could_not_be_read() {
    let stage = Stage::new(&["a"]);
    stage.s3.fault(Fault::on("DeleteObject").close_before_effect());
    // The checks before the removal see the marker; the lookup after it does not.
    stage.s3.fault(Fault::on("HeadObject").skip(2).status(404, "NoSuchKey", "x"));
    stage.s3.fault(Fault::on("ListObjectVersions").status(500, "InternalError", "oops"));
    let run = stage.undo("json", &["--max-attempts", "1"]).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"]);
    assert_eq!(stage.markers("a").len(), 1);
}

#[test]
fn a_marker_whose_head_names_no_version_is_looked_for_in_the_list() {
    let stage = Stage::new(&["a"]);
    stage.s3.fault(Fault::on("HeadObject").header("x-amz-version-id", ""));
    assert_eq!(stage.undo("json", &["--dry-run"]).expect(0).fields("outcome"), ["would-remove"]);
    assert_eq!(count(&stage.s3, "ListObjectVersions"), 1);
    // Neither tells.
    stage.s3.fault(Fault::on("ListObjectVersions").status(500, "InternalError", "oops"));
    let run = stage.undo("json", &["--max-attempts", "1"]).expect(2).says(&["1 failed"]);
    assert_eq!(run.fields("outcome"), ["failed"]);
    only_reads(&stage.s3);
}

#[test]
fn a_line_that_is_doubled_is_one_marker() {
    let stage = Stage::new(&["a", "b"]);
    let objects = stage.objects();
    stage.write_lines("doubled", &[objects.clone(), objects].concat());
    let run = stage.undo("doubled", &[]).expect(0);
    assert_eq!((run.fields("key"), count(&stage.s3, "DeleteObject")), (vec!["a".into(), "b".into()], 2));
}

#[test]
fn another_file_is_refused_before_anything_is_asked() {
    let stage = Stage::new(&KEYS);
    let document = fs::read_to_string(stage.at("json")).unwrap();
    let lines = fs::read_to_string(stage.at("ndjson")).unwrap();
    let journal = fs::read_to_string(stage.at("journal")).unwrap();
    let half = |text: &str| text[..text.len() / 2].to_owned();
    let damaged = journal.replacen("{\"outcome\"", "{\"out\0come\"", 1);
    let table: [(&str, String, &[&str]); 16] = [
        ("status", with(&stage.s3, &["status", "s3://src/a", "-o", "json"]).stdout, &["replaudit.status/1"]),
        ("status-lines", with(&stage.s3, &["status", "s3://src/a", "-o", "ndjson"]).stdout, &["line 1"]),
        (
            "no-schema",
            "{\"objects\":[],\"summary\":{}}".to_owned(),
            &["not a report of safe-delete that undo can read"],
        ),
        ("other", "{\"schema\":\"x/1\",\"objects\":7}".to_owned(), &["x/1"]),
        ("half", half(&document), &["cut off"]),
        ("no-end", document.trim_end().strip_suffix('}').unwrap().to_owned(), &["cut off"]),
        ("more", format!("{document}{document}"), &["cut off or damaged"]),
        ("no-summary", "{\"schema\":\"replaudit.safe-delete/1\",\"objects\":[]}".to_owned(), &["missing"]),
        (
            "no-counts",
            "{\"schema\":\"replaudit.safe-delete/1\",\"objects\":[],\"summary\":{}}".to_owned(),
            &["missing field `by`"],
        ),
        ("half-lines", half(&lines), &["line "]),
        ("no-id", lines.replace("\"new_marker_version_id\":\"", "\"x\":\""), &["line 1", "version ID is missing"]),
        ("damaged", damaged, &["line ", "damaged"]),
        ("later", journal.replacen("\"replaudit_journal\":2", "\"replaudit_journal\":9", 1), &["format is 9"]),
        ("list", "s3://src/a\n".to_owned(), &["not a report of safe-delete that undo can read"]),
        (
            "csv",
            "bucket,key\n".to_owned(),
            &["not a report of safe-delete that undo can read: it needs the json or ndjson report (-o or --write)"],
        ),
        ("empty", String::new(), &["not a report of safe-delete that undo can read"]),
    ];
    stage.s3.clear_requests();
    for (name, text, said) in table {
        stage.write(name, &text);
        let run = stage.undo(name, &[]).expect(2).says(said).says(&[name]);
        assert_eq!(run.stdout, "", "{name}");
    }
    stage.undo("not-there", &[]).expect(2).says(&["not-there"]);
    stage.undo(".", &[]).expect(2);
    assert!(stage.s3.requests().is_empty());
    // A journal whose last line was cut off is one of a run that was killed.
    stage.write("torn", &format!("{journal}{{\"outc"));
    stage.undo("torn", &["--dry-run"]).expect(0);
}

#[test]
fn a_file_that_names_nothing_is_not_a_yes() {
    let stage = Stage::new(&["k"]);
    let nothing = with(&stage.s3, &["safe-delete", "-n", "s3://src/k", "-o", "ndjson"]).stdout;
    stage.write("dry-run", &nothing);
    stage.undo("dry-run", &[]).expect(2).says(&["contains no delete marker"]);
    let run = stage.undo("dry-run", &["--allow-empty"]).expect(0);
    assert_eq!(run.json()["summary"]["objects"], 0);
    only_reads(&stage.s3);
}

#[test]
fn versions_that_were_removed_permanently_are_lost() {
    let stage = Stage::new(&["a"]);
    let version = stage.s3.put("src", "p", b"x");
    let args =
        ["safe-delete", "-y", "-o", "ndjson", "--permanent", "--trust-status", "--version-id", &version, "s3://src/p"];
    let removed = with(&stage.s3, &args).expect(0).stdout;
    let hidden = fs::read_to_string(stage.at("ndjson")).unwrap();
    stage.write("both", &format!("{removed}{hidden}"));
    let run = stage.undo("both", &[]).expect(1).says(&["1 lost"]);
    assert_eq!(
        (run.fields("outcome"), run.fields("version_id")),
        (vec!["lost".into(), "marker-removed".into()], vec![version, stage.versions[0].clone()],)
    );
}

#[test]
fn what_the_safe_delete_did_not_learn_is_kept() {
    let stage = Stage::new(&KEYS);
    let mut objects = stage.objects();
    objects[0]["outcome"] = json!("unknown");
    objects[0]["new_marker_version_id"] = Value::Null;
    // Reported once more as unknown, the marker that S3 named is still one.
    let mut corrected = objects[1].clone();
    corrected["outcome"] = json!("unknown");
    corrected["new_marker_version_id"] = Value::Null;
    objects.push(corrected);
    stage.write_lines("unsure", &objects);
    let run = stage.undo("unsure", &[]).expect(1);
    assert_eq!(run.fields("outcome"), ["marker-removed", "marker-removed", "kept"]);
    assert_eq!(run.fields("reason"), ["null", "null", "marker-not-known"]);
    // An intent without an outcome.
    let journal = fs::read_to_string(stage.at("journal")).unwrap();
    let open: Vec<&str> =
        journal.lines().filter(|line| !(line.starts_with("{\"outcome\"") && line.contains("\"key\":\"c\""))).collect();
    stage.write("open", &open.join("\n"));
    let run = stage.undo("open", &[]).expect(1);
    assert_eq!(
        (run.fields("key"), run.fields("outcome")),
        (
            vec!["a".into(), "b".into(), "c".into()],
            vec!["marker-removed".into(), "already-absent".into(), "kept".into()],
        )
    );
}

#[test]
fn consent_is_asked_for_on_the_terminal_only() {
    let stage = Stage::new(&KEYS);
    with(&stage.s3, &["undo", &stage.path("json")])
        .expect(2)
        .says(&["there is no terminal to ask for confirmation", "--yes"]);
    // What is wrong with the file comes first.
    for (text, says) in [(None, "No such file"), (Some("no result"), "wrong")] {
        let path = stage.path("wrong");
        text.iter().for_each(|text| fs::write(&path, text).unwrap());
        let run = with(&stage.s3, &["undo", &path]).expect(2).says(&["reading", says]);
        assert!(!run.stderr.contains("terminal"), "{run:?}");
    }
    let run = stage.undo("json", &["--max-delete", "2"]).expect(1).says(&["--max-delete is 2"]);
    assert_eq!(run.fields("reason"), ["over-limit"; 3]);
    only_reads(&stage.s3);
    for (typed, code) in [("n", 1), ("", 1), ("yes", 0)] {
        let mut session = spawn_command(client(&stage.s3, &["undo", &stage.path("json")]), Some(20_000)).unwrap();
        session.exp_string("3 delete markers will be removed").unwrap();
        session.exp_string("Remove 3 delete markers? [y/N] ").unwrap();
        session.send_line(typed).unwrap();
        session.exp_eof().unwrap();
        let status = session.process().wait().unwrap();
        assert!(
            matches!(status, rexpect::process::WaitStatus::Exited(_, found) if found == code),
            "{typed}: {status:?}"
        );
        assert_eq!(current(&stage.s3, "a").is_some(), code == 0);
    }
}

#[test]
fn what_is_refused_is_denied_and_nothing_is_claimed() {
    let stage = Stage::new(&KEYS);
    stage.s3.principal(Principal::new("NODELETE", "secret").deny("s3:DeleteObjectVersion"));
    let mut command = client(&stage.s3, &["undo", "-y", "-o", "json", &stage.path("json")]);
    command.env("AWS_ACCESS_KEY_ID", "NODELETE").env("AWS_SECRET_ACCESS_KEY", "secret");
    let refused = run(command).expect(2).says(&["3 denied"]);
    assert_eq!(refused.fields("outcome"), ["denied"; 3]);
    // A check that is refused in both ways sends nothing.
    stage.s3.clear_requests();
    stage.s3.fault(Fault::on("HeadObject").key("b").status(403, "AccessDenied", "no"));
    stage.s3.fault(Fault::on("ListObjectVersions").status(403, "AccessDenied", "no"));
    let run = stage.undo("json", &[]).expect(3).says(&["1 denied"]);
    assert_eq!(run.fields("outcome"), ["marker-removed", "denied", "marker-removed"]);
    assert_eq!(deletes(&stage.s3).iter().filter(|(key, _)| key.as_deref() == Some("b")).count(), 0);
    assert_eq!(stage.markers("b").len(), 1);
}

#[test]
fn the_list_of_versions_tells_where_head_is_refused() {
    let stage = Stage::new(&KEYS);
    stage.s3.fault(Fault::on("HeadObject").status(403, "AccessDenied", "no"));
    let run = stage.undo("json", &[]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-removed"; 3]);
    assert_eq!(run.fields("current_version_id"), stage.versions);
    stage.s3.clear_faults();
    assert!(current(&stage.s3, "a").is_some());
}

#[test]
fn a_lost_answer_is_looked_up() {
    for (fault, outcome, code) in [
        (Fault::on("DeleteObject").status_after_effect(500, "InternalError", "oops"), "marker-removed", 0),
        (Fault::on("DeleteObject").close_after_effect(), "marker-removed", 0),
        (Fault::on("DeleteObject").status(500, "InternalError", "oops"), "failed", 3),
        (Fault::on("DeleteObject").close_before_effect(), "unknown", 3),
        (Fault::on("DeleteObject").status(502, "", "proxy"), "unknown", 3),
        (Fault::on("DeleteObject").status(400, "InvalidRequest", "no"), "failed", 3),
    ] {
        let stage = Stage::new(&KEYS);
        stage.s3.fault(fault.key("b"));
        let run = stage.undo("json", &[]).expect(code);
        assert_eq!(run.fields("outcome"), ["marker-removed", outcome, "marker-removed"], "{run:?}");
        let sent = deletes(&stage.s3).iter().filter(|(key, _)| key.as_deref() == Some("b")).count();
        assert_eq!(sent, 1, "a removal is not sent again without proof that it had no effect: {run:?}");
        assert_eq!(stage.markers("b").is_empty(), outcome == "marker-removed");
    }
    // Where nothing was changed it is 2.
    let stage = Stage::new(&["b"]);
    stage.s3.fault(Fault::on("DeleteObject").status(500, "InternalError", "oops"));
    assert_eq!(stage.undo("json", &[]).expect(2).fields("outcome"), ["failed"]);
}

/// The answer to a delete is lost, and somebody else may have hidden the object at the same moment.
#[test]
fn a_marker_that_may_be_another_requests_stays() {
    for by_another in [false, true] {
        let s3 = replicated();
        let (_guard, dir) = folder();
        let [journal, report] = ["journal", "json"].map(|name| dir.join(name).display().to_string());
        for key in ["k", "other"] {
            s3.put("src", key, b"x");
        }
        if by_another {
            s3.before("DeleteObject", Some("k"), |s3| drop(s3.delete("src", "k")));
        }
        s3.fault(Fault::on("DeleteObject").key("k").close_after_effect());
        let write = format!("json={report}");
        let args = ["safe-delete", "-y", "-o", "json", "--concurrency", "1", "--journal", &journal, "--write", &write];
        let run = with(&s3, &[&args[..], &["s3://src/other", "s3://src/k"]].concat()).expect(0);
        assert_eq!(run.fields("outcome"), ["marker-created"; 2]);
        let from_lookup: Vec<Value> = run.objects().iter().map(|object| object["marker_from_lookup"].clone()).collect();
        assert_eq!(from_lookup, [Value::Null, json!(true)], "{run:?}");
        s3.clear_faults();
        let marker = run.fields("new_marker_version_id")[1].clone();
        for file in [&journal, &report] {
            with(&s3, &["undo", "-n", file]).expect(1).says(&["would not be undone: 1 maybe-not-ours"]);
        }
        let run = with(&s3, &["undo", "-y", "-o", "json", &report]).expect(1);
        assert_eq!(run.fields("outcome"), ["marker-removed", "kept"]);
        assert_eq!(run.fields("reason"), ["null", "maybe-not-ours"]);
        assert_eq!(current(&s3, "k"), None, "the marker is still there");
        // Somebody looks, and removes it.
        s3.delete_version("src", "k", &marker);
        let run = with(&s3, &["undo", "-y", "-o", "json", &journal]).expect(0);
        assert_eq!(run.fields("outcome"), ["already-absent"; 2]);
    }
}

#[test]
fn a_removal_that_was_not_taken_is_sent_again_on_a_new_check() {
    let stage = Stage::new(&["a"]);
    stage.s3.fault(Fault::on("DeleteObject").times(2).status(503, "SlowDown", "slow down"));
    let run = stage.undo("json", &[]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-removed"]);
    let by_id = |operation: &str| {
        let all = stage.s3.requests();
        all.iter().filter(|r| r.operation == operation && r.version_id.is_some()).count()
    };
    // For the plan, and before each of the three removals.
    assert_eq!((by_id("HeadObject"), by_id("DeleteObject")), (4, 3));
    // What has become a version meanwhile, or nothing, is not deleted.
    let stage = Stage::new(&["a"]);
    stage.s3.fault(Fault::on("DeleteObject").times(1).status(503, "SlowDown", "slow down"));
    let marker = stage.markers("a").remove(0);
    stage.s3.before("DeleteObject", Some("a"), move |s3| s3.delete_version("src", "a", &marker));
    assert_eq!(stage.undo("json", &[]).expect(0).fields("outcome"), ["already-absent"]);
    assert_eq!(count(&stage.s3, "DeleteObject"), 1);
}

#[test]
fn a_check_that_became_too_old_is_made_again() {
    let stage = Stage::new(&["a"]);
    stage.s3.fault(Fault::on("HeadObject").skip(1).times(1).delay(Duration::from_millis(3500)));
    let run = stage.undo("json", &[]).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-removed"]);
    let heads = stage.s3.requests().into_iter().filter(|r| r.operation == "HeadObject" && r.version_id.is_some());
    assert_eq!((heads.count(), count(&stage.s3, "DeleteObject")), (3, 1));
}

#[test]
fn interrupted_it_reports_and_sends_no_more() {
    let stage = Stage::new(&KEYS);
    stage.s3.fault(Fault::on("DeleteObject").key("b").delay(Duration::from_millis(500)));
    let args = ["undo", "-y", "-o", "json", "--concurrency", "1", &stage.path("json")];
    let child = start(client(&stage.s3, &args));
    until_asked(&stage.s3, "DeleteObject", "b");
    signal(child.id(), Signal::SIGTERM);
    let run = finish(child).expect(143);
    assert_eq!(run.fields("outcome"), ["marker-removed", "marker-removed", "not-attempted"]);
    assert_eq!((run.json()["summary"]["exit"].as_u64(), stage.markers("c").len()), (Some(143), 1));
}

fn lines(journal: &Path, kind: &str) -> usize {
    let text = fs::read_to_string(journal).unwrap();
    text.lines().filter(|line| line.starts_with(&format!("{{\"{kind}\""))).count()
}

#[test]
fn killed_at_any_request_it_resumes_with_its_journal() {
    for key in KEYS {
        for before in [true, false] {
            let stage = Stage::new(&KEYS);
            let journal = stage.path("undo-journal");
            let more = ["--journal", &journal];
            let args = ["undo", "-y", "--concurrency", "1", &stage.path("json"), "--journal", &journal];
            killed(&stage.s3, &args, before, "DeleteObject", Some(key));
            let run = stage.undo("json", &more).expect(0);
            assert_eq!(run.fields("outcome"), ["marker-removed"; 3], "{key} {before}: {run:?}");
            for (key, version) in KEYS.iter().zip(&stage.versions) {
                assert_eq!(current(&stage.s3, key).as_ref(), Some(version));
            }
            let kinds =
                ["replaudit_undo_journal", "run", "finished"].map(|kind| lines(&stage.at("undo-journal"), kind));
            assert_eq!(kinds, [1, 2, 1]);
            stage.s3.clear_requests();
            stage.undo("json", &more).expect(2).says(&["finished"]);
            assert!(stage.s3.requests().is_empty());
        }
    }
}

#[test]
fn a_journal_belongs_to_one_file_and_one_connection() {
    let stage = Stage::new(&KEYS);
    let journal = stage.path("undo-journal");
    let args = ["undo", "-y", "--concurrency", "1", &stage.path("json"), "--journal", &journal];
    killed(&stage.s3, &args, true, "DeleteObject", Some("b"));
    stage.s3.clear_requests();
    let more = ["--journal", journal.as_str()];
    stage.undo("json", &[&more[..], &["--region", "eu-west-1"]].concat()).expect(2).says(&["Region"]);
    let objects = stage.objects();
    stage.write_lines("fewer", &objects[..2]);
    stage.undo("fewer", &more).expect(2).says(&["another list"]);
    // A journal of the other kind is left alone.
    let other = fs::read(stage.at("journal")).unwrap();
    stage.undo("json", &["--journal", &stage.path("journal")]).expect(2).says(&["not a journal"]);
    assert_eq!(fs::read(stage.at("journal")).unwrap(), other);
    stage.undo("undo-journal", &[]).expect(2);
    stage.undo("journal", &["--journal", &stage.path("journal")]).expect(2).says(&["the same file"]);
    assert!(stage.s3.requests().is_empty());
}

#[test]
fn the_journal_of_another_server_is_refused() {
    let stage = Stage::new(&KEYS);
    let other = replicated();
    let undo = |name: &str| with(&other, &["undo", "-y", &stage.path(name)]);
    undo("journal").expect(2).says(&[&stage.s3.endpoint(), &other.endpoint(), "--endpoint-url"]);
    // What the first released version wrote, at an endpoint with a password.
    let endpoint = stage.s3.endpoint().replace("://", "://user:hunter2@");
    let first = format!("{{\"replaudit_journal\":1,\"endpoint\":\"{endpoint}\",\"arguments_hash\":\"h\"}}\n");
    let journal = fs::read_to_string(stage.at("journal")).unwrap();
    stage.write("first", &format!("{first}{}", journal.split_once('\n').unwrap().1));
    let refused = undo("first").expect(2).says(&["was written for"]);
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    assert!(other.requests().is_empty());
    stage.undo("first", &[]).expect(0);
}

#[test]
fn a_journal_that_is_being_written_is_not_read() {
    let stage = Stage::new(&KEYS);
    let held = fs::File::open(stage.at("journal")).unwrap();
    held.lock().unwrap();
    stage.undo("journal", &[]).expect(2).says(&["another run is writing it"]);
    assert!(stage.s3.requests().is_empty());
}

#[test]
fn every_format_of_rows_is_written() {
    let stage = Stage::new(&["a"]);
    let of = |format: &str| with(&stage.s3, &["undo", "-n", &stage.path("json"), "-o", format]).expect(0).stdout;
    assert!(of("table").contains("would-remove") && of("markdown").contains("would-remove"));
    assert_eq!(
        of("csv").lines().next(),
        Some("bucket,key,marker_version_id,version_id,outcome,reason,current_version_id,error")
    );
    assert_eq!(serde_json::from_str::<Value>(&of("ndjson")).unwrap()["outcome"], "would-remove");
    with(&stage.s3, &["undo", "-n", &stage.path("json"), "-o", "html"]).expect(2).says(&["undo does not write html"]);
    only_reads(&stage.s3);
}
