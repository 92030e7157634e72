//! Runs of `safe-delete` and `undo` that are resumed: what an earlier run learned is not forgotten, and what changed since then is
//! not taken for its effect.

use std::fs;
use std::path::Path;

use replaudit_sandbox::{Fault, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::{Run, count, folder, killed, replicated, with};

/// A server with these objects, a list of them, and a place for a journal.
struct Stage {
    s3: Sandbox,
    dir: std::path::PathBuf,
    _guard: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let (guard, dir) = folder();
        Self { s3: replicated(), dir, _guard: guard }
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    fn list(&self, objects: &[Value]) {
        fs::write(self.path("list"), objects.iter().map(|object| format!("{object}\n")).collect::<String>()).unwrap();
    }

    /// The arguments of a run with the list and the journal.
    fn listed(&self, more: &[&str]) -> Vec<String> {
        let mut args = ["safe-delete", "-y", "-o", "json", "--from"].map(str::to_owned).to_vec();
        args.extend([self.path("list"), "--journal".to_owned(), self.path("journal")]);
        args.extend(more.iter().map(|word| (*word).to_owned()));
        args
    }

    /// The same with all that S3 lists.
    fn all(&self, more: &[&str]) -> Vec<String> {
        let mut args = ["safe-delete", "-y", "-o", "json", "s3://src/", "--recursive"].to_vec();
        args.extend(["--whole-bucket", "--max-delete", "9"].iter().chain(more));
        let mut args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        args.extend(["--journal".to_owned(), self.path("journal")]);
        args
    }

    fn run(&self, args: &[String]) -> Run {
        with(&self.s3, &args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn killed(&self, args: &[String], before: bool, operation: &str, key: &str) {
        killed(&self.s3, &args.iter().map(String::as_str).collect::<Vec<_>>(), before, operation, Some(key));
    }

    /// As if the last run had been killed just before its end.
    fn not_finished(&self, journal: &str) {
        let text = fs::read_to_string(self.path(journal)).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("{\"finished\""));
        fs::write(self.path(journal), lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }

    fn is_finished(&self, journal: &str) -> bool {
        fs::read_to_string(self.path(journal)).unwrap().contains("\n{\"finished\"")
    }
}

fn named(key: &str) -> Value {
    json!({"bucket": "src", "key": key})
}

#[test]
fn a_marker_of_an_earlier_run_that_hides_a_newer_version_is_not_a_success() {
    let stage = Stage::new();
    stage.s3.dialect(|dialect| dialect.if_match_ignored = true);
    stage.s3.put("src", "a", b"one");
    stage.list(&[named("a")]);
    stage.s3.before("DeleteObject", Some("a"), |s3| drop(s3.put("src", "a", b"two")));
    let args = stage.listed(&[]);
    stage.killed(&args, false, "DeleteObject", "a");
    let run = stage.run(&args).expect(3).says(&["1 hides a version that was not checked"]);
    let (outcome, error) = (run.fields("outcome"), &run.objects()[0]["error"]);
    assert_eq!((&*outcome[0], error["code"].as_str()), ("marker-created", Some("NewerVersionHidden")));
}

#[test]
fn a_prefix_without_objects_is_excused_only_by_what_an_earlier_run_did_under_it() {
    let stage = Stage::new();
    for key in ["good/a", "late/b"] {
        stage.s3.put("src", key, b"x");
        stage.s3.set_status("src", key, Some("COMPLETED"));
    }
    let args = |under: &[&str], more: &[&str]| {
        let mut args =
            ["safe-delete", "-y", "-o", "json", "--recursive", "--max-delete", "9", "--concurrency", "1"].to_vec();
        args.extend(under.iter().chain(more));
        let mut args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        args.extend(["--journal".to_owned(), stage.path("journal")]);
        args
    };
    let both = ["s3://src/good/", "s3://src/late/"];
    stage.killed(&args(&both, &[]), false, "DeleteObject", "good/a");
    // Somebody else removes what is left.
    stage
        .s3
        .versions("src", "late/b")
        .iter()
        .for_each(|found| stage.s3.delete_version("src", "late/b", &found.version_id));
    let run = stage.run(&args(&both, &[])).expect(2);
    assert_eq!(run.stderr.matches("no object was found").count(), 1, "good/a is hidden, and is no error: {run:?}");
    assert!(run.stderr.contains("under s3://src/late/"), "{run:?}");
    stage.run(&args(&both, &["--allow-empty"])).expect(0);
}

#[test]
fn another_upload_with_the_id_null_is_not_removed_in_its_place() {
    for killed in [false, true] {
        let stage = Stage::new();
        let upload = |s3: &Sandbox, body: &'static [u8]| {
            s3.set_versioning("src", Versioning::Suspended);
            s3.put("src", "a", body);
            s3.set_versioning("src", Versioning::Enabled);
            s3.set_status("src", "a", Some("COMPLETED"));
        };
        upload(&stage.s3, b"one");
        stage.list(&[json!({"bucket": "src", "key": "a", "version_id": "null"})]);
        let args = stage.listed(&["--permanent", "--trust-status"]);
        match killed {
            true => stage.killed(&args, false, "DeleteObject", "a"),
            false => {
                stage.run(&args).expect(0);
                stage.not_finished("journal");
            }
        }
        assert_eq!(stage.s3.versions("src", "a").len(), 0);
        upload(&stage.s3, b"another");
        for _ in 0..2 {
            let run = stage.run(&args).expect(if killed { 3 } else { 0 });
            assert_eq!(run.fields("outcome"), [if killed { "unknown" } else { "version-deleted" }]);
            assert_eq!(stage.s3.versions("src", "a").len(), 1, "it was not in the list");
            stage.not_finished("journal");
        }
    }
}

#[test]
fn what_s3_lists_now_is_not_reported_as_deleted_without_a_lookup() {
    for permanent in [true, false] {
        let stage = Stage::new();
        let version = stage.s3.put("src", "a", b"x");
        if !permanent {
            stage.s3.put("src", "b", b"x");
        }
        let more = ["--verify-deleted", "none", "--all-versions", "--permanent", "--trust-status"];
        let args = stage.all(if permanent { &more } else { &more[..2] });
        let done =
            format!("<DeleteResult><Deleted><Key>a</Key><VersionId>{version}</VersionId></Deleted></DeleteResult>");
        stage.s3.fault(Fault::on("DeleteObjects").raw_body(200, "application/xml", done));
        stage.run(&args).expect(0);
        stage.not_finished("journal");
        if !permanent {
            let marker = stage.s3.versions("src", "a")[0].version_id.clone();
            stage.s3.delete_version("src", "a", &marker);
        }
        let run = stage.run(&args).expect(if permanent { 3 } else { 1 });
        let outcomes: &[&str] = if permanent { &["unknown"] } else { &["kept", "marker-created"] };
        assert_eq!(run.fields("outcome"), outcomes);
        stage.not_finished("journal");
        // The list of this run says that it is there, and the lookup says nothing.
        stage.s3.fault(Fault::on("HeadObject").status(403, "AccessDenied", "no"));
        let run = stage.run(&args).expect(3);
        assert_eq!(run.fields("outcome")[0], "unknown");
    }
}

#[test]
fn a_server_that_said_something_untrue_in_an_earlier_run_is_asked_about_every_version() {
    const MANY: usize = 1100;
    let stage = Stage::new();
    let object = |at: usize| {
        let key = format!("{at:04}");
        let version = stage.s3.put("src", &key, b"x");
        json!({"bucket": "src", "key": key, "version_id": version})
    };
    let objects: Vec<Value> = (0..MANY).map(object).collect();
    stage.list(&objects);
    let args = stage.listed(&["--permanent", "--trust-status"]);
    // A run that deletes nothing writes the first lines; the others are those of a run that was killed after it deleted all.
    stage.run(&[&args[..], &["--max-delete".to_owned(), "0".to_owned()]].concat()).expect(1);
    let mut journal = fs::read_to_string(stage.path("journal")).unwrap();
    for (at, object) in objects.iter().enumerate() {
        let [key, version] = ["key", "version_id"].map(|name| object[name].as_str().unwrap());
        stage.s3.delete_version("src", key, version);
        let code =
            json!({"code": "UnexpectedAnswer", "http_status": null, "message": "m", "hint": null, "request_id": null});
        let (outcome, error) = if at == 0 { ("unknown", code) } else { ("version-deleted", Value::Null) };
        let line = json!({"outcome": {
            "given_version_id": version, "bucket": "src", "key": key, "version_id": version, "replication_status": "COMPLETED",
            "decision": "delete", "reason": "completed", "outcome": outcome, "size": 1, "etag": "e",
            "new_marker_version_id": null, "error": error, "destinations": []
        }});
        journal.push_str(&format!("{line}\n"));
    }
    fs::write(stage.path("journal"), journal).unwrap();
    stage.s3.clear_requests();
    stage.run(&args).expect(0);
    assert_eq!(count(&stage.s3, "HeadObject"), MANY);
}

#[test]
fn an_effect_that_was_not_requested_is_still_known_to_the_next_run() {
    let stage = Stage::new();
    let version = stage.s3.put("src", "a", b"x");
    stage.list(&[json!({"bucket": "src", "key": "a", "version_id": version})]);
    stage.s3.fault(Fault::on("DeleteObjects").status(501, "NotImplemented", "no"));
    stage.s3.fault(Fault::on("DeleteObject").header("x-amz-version-id", "another"));
    let args = stage.listed(&["--permanent", "--trust-status"]);
    for _ in 0..2 {
        let run = stage.run(&args).expect(3);
        assert_eq!(run.fields("outcome"), ["unknown"]);
        assert_eq!(run.objects()[0]["error"]["code"], "OtherEffect");
        stage.s3.clear_faults();
    }
    assert!(!stage.is_finished("journal"));
}

#[test]
fn what_a_batch_deleted_and_nobody_ordered_is_still_known_to_the_next_run() {
    let stage = Stage::new();
    let version = stage.s3.put("src", "a", b"x");
    stage.list(&[json!({"bucket": "src", "key": "a", "version_id": version})]);
    let other = "<DeleteResult><Deleted><Key>x</Key><VersionId>x9</VersionId></Deleted></DeleteResult>";
    stage.s3.fault(Fault::on("DeleteObjects").raw_body(200, "application/xml", other));
    let args = stage.listed(&["--permanent", "--trust-status"]);
    let run = stage.run(&args).expect(3).says(&["deleted s3://src/x (version x9), which the request did not name"]);
    assert_eq!(run.fields("outcome"), ["unknown"]);
    assert!(!stage.is_finished("journal"));
    stage.s3.clear_faults();
    // What was ordered is settled, and the other is not forgotten.
    let run = stage.run(&args).expect(3);
    assert_eq!(
        (run.fields("key"), run.fields("outcome")),
        (vec!["a".into(), "x".into()], vec!["version-deleted".into(), "unknown".into()])
    );
    assert!(!stage.is_finished("journal"));
}

#[test]
fn a_journal_is_not_finished_while_a_request_of_an_earlier_run_is_under_way() {
    let stage = Stage::new();
    stage.s3.dialect(|dialect| dialect.if_match_ignored = true);
    for key in ["c", "a"] {
        stage.s3.put("src", key, b"x");
    }
    stage.s3.set_status("src", "c", Some("PENDING"));
    stage.list(&[named("c"), named("a")]);
    let args = stage.listed(&["--concurrency", "1"]);
    stage.s3.fault(Fault::on("DeleteObject").times(1).close_before_effect());
    stage.killed(&args, true, "DeleteObject", "a");
    stage.s3.clear_faults();
    stage.s3.set_status("src", "c", Some("COMPLETED"));
    let run = stage.run(&args).expect(1);
    assert_eq!(run.fields("reason"), ["completed", "unconditional"]);
    assert!(!stage.is_finished("journal"), "the request of the first run may still arrive");
    stage.s3.delete("src", "a");
    let run = stage.run(&args).expect(0);
    assert_eq!(run.fields("outcome"), ["marker-created"; 2]);
}

#[test]
fn a_dry_run_never_exits_with_3() {
    let stage = Stage::new();
    for key in ["a", "b"] {
        stage.s3.put("src", key, b"x");
    }
    stage.list(&[named("a"), named("b")]);
    stage.killed(&stage.listed(&["--concurrency", "1"]), false, "DeleteObject", "b");
    stage.s3.fault(Fault::on("HeadObject").key("b").status(403, "AccessDenied", "no"));
    let run = stage.run(&stage.listed(&["--dry-run"])).expect(2);
    assert_eq!(run.fields("outcome"), ["marker-created", "unknown"]);
}

#[test]
fn undo_does_not_say_that_a_version_is_lost_that_was_seen_later() {
    let stage = Stage::new();
    let version = stage.s3.put("src", "a", b"x");
    stage.s3.dialect(|dialect| dialect.delete_204_but_readable = true);
    stage.list(&[json!({"bucket": "src", "key": "a", "version_id": version})]);
    stage.run(&stage.listed(&["--permanent", "--trust-status", "--verify-deleted", "none"])).expect(0);
    stage.not_finished("journal");
    let undo = || with(&stage.s3, &["undo", "-y", "-o", "json", &stage.path("journal")]);
    assert_eq!(undo_outcome(&undo().expect(1)), "lost");
    stage.not_undone();
    stage.run(&stage.listed(&["--permanent", "--trust-status"])).expect(3);
    assert_eq!(undo_outcome(&undo().expect(1)), "kept");
}

fn undo_outcome(run: &Run) -> String {
    run.fields("outcome").join(" ")
}

impl Stage {
    /// Hides an object, and gives the arguments of an `undo` with a journal.
    fn hidden(&self) -> Vec<String> {
        self.s3.put("src", "a", b"x");
        self.list(&[named("a")]);
        self.run(&self.listed(&[])).expect(0);
        let args = ["undo", "-y", "-o", "json", &self.path("journal"), "--journal", &self.path("undo")];
        args.map(str::to_owned).to_vec()
    }

    /// Takes the line away that an undo adds to a journal.
    fn not_undone(&self) {
        let text = fs::read_to_string(self.path("journal")).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("{\"undone\""));
        fs::write(self.path("journal"), lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }
}

#[test]
fn a_marker_that_undo_removed_and_that_hides_the_key_again_is_unknown_from_then_on() {
    let stage = Stage::new();
    let args = stage.hidden();
    let marker = stage.s3.versions("src", "a")[0].version_id.clone();
    assert_eq!(undo_outcome(&stage.run(&args).expect(0)), "marker-removed");
    stage.not_finished("undo");
    stage.s3.fault(Fault::on("HeadObject").status(403, "AccessDenied", "no"));
    // The server lists the marker again.
    stage.s3.fault(Fault::on("ListObjectVersions").rewrite(move |body| {
        let text = String::from_utf8(body).unwrap();
        let (from, to) = (text.find("<Version>").unwrap(), text.find("</Version>").unwrap() + "</Version>".len());
        let modified = "<LastModified>2026-01-01T00:00:00.000Z</LastModified>";
        let entry = format!("<DeleteMarker><Key>a</Key><VersionId>{marker}</VersionId><IsLatest>true</IsLatest>{modified}</DeleteMarker>");
        format!("{}{entry}{}", &text[..from], &text[to..]).into_bytes()
    }));
    let run = stage.run(&args).expect(3);
    let object = &run.objects()[0];
    assert_eq!((object["outcome"].as_str(), &object["current_version_id"]), (Some("unknown"), &Value::Null));
    let last = |path: &str| {
        let text = fs::read_to_string(Path::new(path)).unwrap();
        let line = text.lines().rfind(|line| line.starts_with("{\"outcome\"")).unwrap().to_owned();
        serde_json::from_str::<Value>(&line).unwrap()["outcome"]["outcome"].clone()
    };
    assert_eq!(last(&stage.path("undo")), "unknown");
}

#[test]
fn a_removal_of_an_earlier_undo_that_can_t_be_looked_up_is_unknown_until_it_can() {
    let stage = Stage::new();
    let args = stage.hidden();
    stage.killed(&args, false, "DeleteObject", "a");
    for operation in ["HeadObject", "ListObjectVersions"] {
        stage.s3.fault(Fault::on(operation).status(403, "AccessDenied", "no"));
    }
    assert_eq!(undo_outcome(&stage.run(&args).expect(3)), "unknown");
    assert!(!stage.is_finished("undo"));
    stage.s3.clear_faults();
    assert_eq!(undo_outcome(&stage.run(&args).expect(0)), "marker-removed");
}
