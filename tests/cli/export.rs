//! `inventory --export`: what is written, when it is put in place, and what is said of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::Signal;
use replaudit_sandbox::{Bucket, Delivered, Fault, Inventory, InventoryFormat, Put, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::report::{Local, SCHEMA, gzip, row};
use crate::support::{
    self, ODD_KEYS, Run, alone, client, files, finish, folder, only_reads, program, replicated, run, start,
    until_asked, with,
};

const FORMATS: [InventoryFormat; 3] = [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc];

/// Failed objects with odd keys, older versions, null versions, markers, and some of every other status.
fn source() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    s3.set_versioning("src", Versioning::Suspended);
    for key in ["null/a", "null/b c"] {
        s3.put("src", key, b"12");
        s3.set_status("src", key, Some("FAILED"));
    }
    s3.set_versioning("src", Versioning::Enabled);
    for key in ODD_KEYS {
        s3.put("src", key, b"older");
        s3.set_status("src", key, Some("FAILED"));
        s3.put_with("src", key, b"newer", Put::default().storage_class("STANDARD_IA"));
        s3.set_status("src", key, Some("FAILED"));
    }
    for (key, status) in [
        ("done", Some("COMPLETED")),
        ("none", None),
        ("odd", Some("Half")),
        ("copy", Some("REPLICA")),
        ("late", Some("PENDING")),
    ] {
        s3.put("src", key, b"1");
        s3.set_status("src", key, status);
    }
    s3.set_last_modified("src", "late", SystemTime::now() - Duration::from_secs(48 * 3600));
    s3.put("src", "soon", b"1");
    s3.set_status("src", "soon", Some("PENDING"));
    s3.delete("src", ODD_KEYS[0]);
    s3
}

fn deliver(s3: &Sandbox, format: InventoryFormat, edit: impl FnOnce(Inventory) -> Inventory) -> Delivered {
    let id = format!("{format:?}");
    s3.deliver_inventory(edit(
        Inventory::of("src").to("reports").id(&id).prefix("inv").files(3).group_rows(10).format(format),
    ))
}

fn ask(s3: &Sandbox, delivered: &Delivered, more: &[&str]) -> Run {
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    let mut args = vec!["inventory", &address];
    args.extend(more);
    with(s3, &args)
}

/// Every version of the source that has this status: key, version ID as requests name it, latest.
fn expected(s3: &Sandbox, status: Option<&str>) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for key in s3.keys("src").into_iter().chain([ODD_KEYS[0].to_owned()]) {
        for version in s3.versions("src", &key) {
            if !version.delete_marker && version.replication_status.as_deref() == status {
                found.push((key.clone(), version.version_id, version.is_latest));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What a manifest names, and the lines.
fn manifest(path: &Path) -> (Vec<(String, String)>, Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut found: Vec<(String, String)> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            assert_eq!(&record[0], "src");
            let key = percent_encoding::percent_decode_str(&record[1]).decode_utf8().unwrap().into_owned();
            (key, record.get(2).unwrap_or("none").to_owned())
        })
        .collect();
    found.sort();
    (found, text.lines().map(str::to_owned).collect())
}

fn ndjson(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn a_manifest_names_every_failed_version_in_s3s_encoding() {
    let s3 = source();
    let all = expected(&s3, Some("FAILED"));
    assert_eq!(all.len(), 2 * ODD_KEYS.len() + 2);
    for format in FORMATS {
        let delivered = deliver(&s3, format, |report| report);
        let (_guard, dir) = folder();
        let path = dir.join("failed.csv");
        let target = path.display().to_string();
        let run = ask(&s3, &delivered, &["--export", &target]).expect(1).silent();
        let named: Vec<(String, String)> = all.iter().map(|(key, id, _)| (key.clone(), id.clone())).collect();
        let (found, lines) = manifest(&path);
        assert_eq!(found, named, "{format:?}");
        assert!(lines.iter().any(|line| line == "src,null/b%20c,null"), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("src,a%2Bb,")), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("src,%C3%BC/%E8%AA%9E/%F0%9F%98%80,")), "{lines:?}");
        assert!(run.stdout.contains(&format!("exported {} objects to {target}\n", all.len())), "{}", run.stdout);
        assert!(run.stdout.contains("\"Fields\":[\"Bucket\",\"Key\",\"VersionId\"]"), "{}", run.stdout);
        assert!(run.stdout.contains("--description 'replicate objects of src'"), "{}", run.stdout);
        assert_eq!(files(&dir), ["failed.csv"]);

        let args = ["--export", &target, "--current", "--prefix", "null/"];
        ask(&s3, &delivered, &args).expect(1).silent();
        let under: Vec<(String, String)> =
            [("null/a", "null"), ("null/b c", "null")].map(|(key, id)| (key.to_owned(), id.to_owned())).to_vec();
        assert_eq!(manifest(&path).0, under, "{format:?}");
        ask(&s3, &delivered, &["--export", &target, "--current"]).expect(1);
        let current = all.iter().filter(|(_, _, latest)| *latest).count();
        assert_eq!(manifest(&path).0.len(), current, "{format:?}");
    }
    only_reads(&s3);
}

#[test]
fn a_report_of_current_versions_gives_no_version_ids() {
    let s3 = source();
    for format in FORMATS {
        let delivered = deliver(&s3, format, Inventory::current_only);
        let (_guard, dir) = folder();
        let target = |name: &str| dir.join(name).display().to_string();
        let run = ask(&s3, &delivered, &["--export", &target("x.csv")]).expect(1).silent();
        let (found, lines) = manifest(&dir.join("x.csv"));
        assert!(found.len() == ODD_KEYS.len() + 1 && found.iter().all(|(_, id)| id == "none"), "{lines:?}");
        assert!(run.stdout.contains("\"Fields\":[\"Bucket\",\"Key\"]"), "{}", run.stdout);
        ask(&s3, &delivered, &["--export", &target("x.ndjson")]).expect(1).silent();
        for line in ndjson(&fs::read_to_string(dir.join("x.ndjson")).unwrap()) {
            for absent in ["version_id", "is_latest", "is_delete_marker"] {
                assert!(line.get(absent).is_none(), "{line}");
            }
        }
    }
}

#[test]
fn ndjson_has_every_column_and_is_the_same_of_all_formats() {
    let s3 = source();
    let mut of_formats = Vec::new();
    for format in FORMATS {
        let delivered = deliver(&s3, format, |report| report);
        let (_guard, dir) = folder();
        let path = dir.join("x.ndjson");
        let classes = "failed,not-replicated,unknown-status,replica,completed,pending";
        let args = ["--export", &path.display().to_string(), "--export-class", classes];
        ask(&s3, &delivered, &args).expect(1).silent();
        let lines = ndjson(&fs::read_to_string(&path).unwrap());
        let by_version: BTreeMap<(String, String), Value> = lines
            .into_iter()
            .map(|line| {
                let text = |name: &str| line[name].as_str().expect("text").to_owned();
                ((text("key"), text("version_id")), line)
            })
            .collect();
        of_formats.push(by_version);
    }
    let [csv, columnar @ ..] = of_formats.as_slice() else { panic!("formats") };
    assert_eq!(csv.len(), 2 * ODD_KEYS.len() + 2 + 6);
    for other in columnar {
        assert_eq!(other, csv);
    }
    let null = &csv[&("null/b c".to_owned(), "null".to_owned())];
    let names: Vec<&str> = null.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names.len(), 21, "{names:?}");
    for (name, value) in [
        ("bucket", json!("src")),
        ("is_latest", json!(true)),
        ("is_delete_marker", json!(false)),
        ("size", json!(2)),
        ("is_multipart_uploaded", json!(false)),
        ("replication_status", json!("FAILED")),
        ("storage_class", json!("STANDARD")),
        ("object_lock_retain_until_date", Value::Null),
        ("lifecycle_expiration_date", Value::Null),
    ] {
        assert_eq!(null[name], value, "{name}: {null}");
    }
    let time: jiff::Timestamp = null["last_modified_date"].as_str().unwrap().parse().unwrap();
    assert!(time > "2020-01-01T00:00:00Z".parse().unwrap());
    let none = csv.values().find(|line| line["key"] == "none").unwrap();
    assert_eq!(none["replication_status"], Value::Null);
}

#[test]
fn classes_are_those_of_the_sums() {
    let s3 = source();
    for format in FORMATS {
        let delivered = deliver(&s3, format, |report| report);
        for (class, keys) in [
            ("overdue", &["late"][..]),
            ("pending", &["late", "soon"]),
            ("not-replicated", &["none"]),
            ("unknown-status", &["odd"]),
            ("replica", &["copy"]),
            ("completed", &["done"]),
            ("overdue,replica", &["copy", "late"]),
        ] {
            let run = ask(&s3, &delivered, &["--export", "-", "--export-class", class]).expect(1).silent();
            let mut found: Vec<Value> = ndjson(&run.stdout).into_iter().map(|line| line["key"].clone()).collect();
            found.sort_by_key(Value::to_string);
            assert_eq!(found, keys.to_vec(), "{format:?} {class}");
        }
    }
}

#[test]
fn stdout_carries_the_lines_and_files_the_result() {
    let s3 = source();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    let (_guard, dir) = folder();
    let (table, document) = (dir.join("x.txt"), dir.join("x.json"));
    let writes = [format!("table={}", table.display()), format!("json={}", document.display())];
    let args = ["--export", "-", "-o", "json", "--write", &writes[0], "--write", &writes[1]];
    let run = ask(&s3, &delivered, &args).expect(1).silent();
    assert_eq!(ndjson(&run.stdout).len(), 2 * ODD_KEYS.len() + 2);
    let written: Value = serde_json::from_slice(&fs::read(document).unwrap()).unwrap();
    assert_eq!(written["verdict"], "fail");
    let table = fs::read_to_string(table).unwrap();
    assert!(
        table.contains("objects to stdout") && table.contains("--export FILE.csv") && !table.contains("create-job")
    );
    let quiet = ask(&s3, &delivered, &["-q", "--export", "-"]).expect(1).silent();
    assert_eq!(ndjson(&quiet.stdout).len(), 2 * ODD_KEYS.len() + 2);
}

#[test]
fn an_export_within_the_limits_or_without_objects_is_in_place_too() {
    let s3 = source();
    let delivered = deliver(&s3, InventoryFormat::Orc, |report| report);
    let (_guard, dir) = folder();
    let path = dir.join("x.csv");
    let target = path.display().to_string();
    ask(&s3, &delivered, &["--export", &target, "--prefix", "done"]).expect(0).silent();
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    fs::write(&path, "old").unwrap();
    ask(&s3, &delivered, &["--export", &target, "--prefix", "nothing/"]).expect(2);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    ask(&s3, &delivered, &["--export", &target, "--prefix", "nothing/", "--allow-empty"]).expect(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn what_does_not_fit_together_is_refused_before_anything_is_read() {
    let report = Local::good();
    let (_guard, dir) = folder();
    let csv = dir.join("x.csv").display().to_string();
    let around = format!("{}/../{}/x.csv", dir.display(), dir.file_name().unwrap().display());
    for (args, says) in [
        (vec!["--export", "x.json"], "FILE.ndjson"),
        (vec!["--export", "x"], "FILE.ndjson"),
        (vec!["--export", ""], "FILE.ndjson"),
        (vec!["--export", &csv, "--export-class", "lost"], "completed"),
        (vec!["--export-class", "failed"], "--export <FILE>"),
        (vec!["--export", "/nonexistent/x.csv"], "/nonexistent"),
        (vec!["--export", &csv, "--write", &format!("csv={csv}")], "are the same file"),
        (vec!["--export", &csv, "--write", &format!("csv={around}")], "are the same file"),
    ] {
        let run = report.run(&args).expect(2).says(&[says]);
        assert_eq!((run.stdout.as_str(), files(&dir).len()), ("", 0), "{args:?}");
    }
}

#[test]
fn a_damaged_report_leaves_the_old_file() {
    let s3 = source();
    for format in FORMATS {
        let delivered = deliver(&s3, format, |report| report);
        let (_guard, dir) = folder();
        let path = dir.join("x.csv");
        fs::write(&path, "old").unwrap();
        s3.corrupt("reports", &delivered.data_keys[2], b"damaged");
        ask(&s3, &delivered, &["--export", &path.display().to_string()]).expect(2).says(&[&delivered.data_keys[2]]);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), files(&dir).len()), ("old", 1), "{format:?}");
    }
}

#[test]
fn lines_on_stdout_before_the_damage_are_said_to_be_not_whole() {
    // More than a block of lines, then a row that is none.
    let many: String = (0..20_000).map(|at| row(&format!("k{at}"), "FAILED")).collect();
    let report = Local::of(&format!("{many}\"src\",\"k\"\n"));
    let run = report.run(&["--export", "-"]).expect(2).says(&["not complete", "row 20001"]);
    let whole = run.stdout.lines().count();
    assert!(whole > 0 && whole <= 20_000 && run.stdout.ends_with("}\n"), "{whole}");
    let nothing = Local::of("\"src\",\"k\"\n").run(&["--export", "-"]).expect(2);
    let damaged = Local::of("\"src\",\"k\"\n");
    let path = damaged.dir.display().to_string();
    let args = ["inventory", &path, "--max-age", "none", "--export", "-", "-o", "prometheus"];
    let metrics = alone(&args).expect(2).says(&["row 1"]);
    assert_eq!(metrics.stdout, "", "stdout is for lines alone");
    assert!(nothing.stdout.is_empty() && !nothing.stderr.contains("not complete"), "{nothing:?}");
}

#[test]
fn keys_that_are_no_text_are_kept_in_a_manifest_and_refused_in_ndjson() {
    let report = Local::of(&[row("good", "FAILED"), row("a%FF%20b", "FAILED")].concat());
    let (_guard, dir) = folder();
    let target = |name: &str| dir.join(name).display().to_string();
    report.run(&["--export", &target("x.csv")]).expect(1).silent();
    assert_eq!(fs::read_to_string(dir.join("x.csv")).unwrap(), "src,good,null\nsrc,a%FF%20b,null\n");
    let run = report.run(&["--export", &target("x.ndjson")]).expect(2).says(&["1.csv.gz, row 2", "not UTF-8", ".csv"]);
    assert!(!run.stderr.contains("can't be trusted"), "{run:?}");
    assert_eq!(files(&dir), ["x.csv"]);
    report.run(&["--export", &target("x.ndjson"), "--prefix", "good"]).expect(1).silent();
}

#[test]
fn cells_that_are_not_what_their_column_holds_are_damage() {
    let schema = format!("{SCHEMA}, IsMultipartUploaded");
    let wrong = row("k", "FAILED").replace('\n', ",\"perhaps\"\n");
    let report = Local::new(&schema, &[("1.csv.gz", gzip(wrong.as_bytes()))]);
    let (_guard, dir) = folder();
    let target = dir.join("x.ndjson").display().to_string();
    report.run(&[]).expect(1).silent();
    report.run(&["--export", &target]).expect(2).says(&["IsMultipartUploaded: invalid boolean: \"perhaps\""]);
    assert_eq!(files(&dir), Vec::<String>::new());
}

#[test]
fn what_may_be_overdue_is_not_left_out_in_silence() {
    let undated = row("k", "PENDING").replace("2024-05-06T22:44:22.000Z", "");
    let report = Local::of(&[undated, row("old", "PENDING")].concat());
    let (_guard, dir) = folder();
    let target = dir.join("x.csv").display().to_string();
    let args = ["--fail-on", "overdue:off", "--export", &target, "--export-class"];
    let with = |class: &'static str| report.run(&[&args[..], &[class]].concat());
    with("overdue").expect(2).says(&["1 pending object has no LastModifiedDate", "--export-class pending"]);
    assert_eq!(files(&dir), Vec::<String>::new());
    with("pending").expect(0).silent();
    assert_eq!(fs::read_to_string(&target).unwrap().lines().count(), 2);
}

#[test]
fn a_hostile_bucket_is_harmless_in_the_command() {
    let hostile = "x'; rm -rf ~;'";
    let report = Local::of(&row("k", "FAILED").replace("\"src\"", &format!("\"{hostile}\"")));
    report.edit(|json| json["sourceBucket"] = json!(hostile));
    let (_guard, dir) = folder();
    let path = report.dir.display().to_string();
    let target = dir.join("x.csv").display().to_string();
    let run = alone(&["inventory", &path, "--max-age", "none", "--export", &target]).expect(1).silent();
    let (_, command) = run.stdout.split_once("exported 1 object").expect("it was exported");
    assert!(command.contains("replicate objects of SOURCE") && !command.contains("rm -rf"), "{command}");
    assert_eq!(fs::read_to_string(&target).unwrap(), format!("{hostile},k,null\n"));
}

/// A report whose files take a while to read.
fn large(rows: usize) -> Local {
    let text = |from: usize| (from..from + rows).map(|at| row(&format!("data/{at:012}"), "FAILED")).collect::<String>();
    Local::new(SCHEMA, &[("1.csv.gz", gzip(text(0).as_bytes())), ("2.csv.gz", gzip(text(rows).as_bytes()))])
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let report = large(100_000);
    let mut command = program();
    command.arg("inventory").arg(&report.dir).args(["--max-age", "none", "--export", "-"]);
    let mut child = start(command);
    let mut first = String::new();
    BufReader::with_capacity(512, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let line: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(line["replication_status"], "FAILED");
    finish(child).expect(2).says(&["not complete", "stdout"]);
}

#[test]
fn a_full_disk_ends_the_run_and_leaves_the_old_file() {
    let report = large(20_000);
    let (_guard, dir) = folder();
    let path = dir.join("x.ndjson");
    fs::write(&path, "old").unwrap();
    // Files of more than a MiB are refused by the system, as a full disk refuses them.
    let mut shell = std::process::Command::new("/bin/sh");
    let script = "trap '' XFSZ; ulimit -f 1024 && exec \"$0\" \"$@\"";
    shell.args(["-c", script, env!("CARGO_BIN_EXE_replaudit"), "inventory"]).arg(&report.dir);
    shell.args(["--max-age", "none", "--export"]).arg(&path).env_clear().stdin(Stdio::null());
    let run = run(shell).expect(2).says(&["x.ndjson"]);
    assert!(!run.stderr.contains("can't be trusted"), "{run:?}");
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), files(&dir).len()), ("old", 1));
}

#[test]
fn a_signal_leaves_the_old_file_and_nothing_else() {
    let s3 = source();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    s3.fault(Fault::on("GetObject").key(&delivered.data_keys[2]).delay(Duration::from_secs(30)));
    let (_guard, dir) = folder();
    let (path, other) = (dir.join("x.csv"), dir.join("x.json"));
    fs::write(&path, "old").unwrap();
    let address = format!("s3://reports/{}", delivered.manifest_key);
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGKILL] {
        s3.clear_requests();
        let write = format!("json={}", other.display());
        let args = ["inventory", &address, "--export", &path.display().to_string(), "--write", &write];
        let child = start(client(&s3, &args));
        until_asked(&s3, "GetObject", &delivered.data_keys[2]);
        support::signal(child.id(), signal);
        let code = finish(child).code;
        assert!(signal != Signal::SIGTERM || code == Some(143), "{signal} {code:?}");
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), files(&dir)),
            ("old", vec!["x.csv".to_owned()]),
            "{signal}"
        );
    }
}

#[test]
fn killed_at_any_moment_the_file_is_the_old_or_the_new_one() {
    let report = large(10_000);
    let (_guard, dir) = folder();
    let path = dir.join("x.csv");
    let start = |path: &Path| {
        let mut command = program();
        command.arg("inventory").arg(&report.dir).args(["-q", "--max-age", "none", "--export"]).arg(path);
        command.spawn().unwrap()
    };
    let before = Instant::now();
    assert_eq!(start(&path).wait().unwrap().code(), Some(1));
    let whole = before.elapsed();
    let sorted = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let new = sorted(&path);
    assert_eq!(new.len(), 20_000);
    let mut killed = 0;
    for turn in 0..24u32 {
        fs::write(&path, "old").unwrap();
        let mut child = start(&path);
        std::thread::sleep(whole * turn / 20);
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        let found = sorted(&path);
        assert!(found == ["old"] || found == new, "turn {turn}: {} lines", found.len());
        let left = files(&dir);
        let temporary = left.iter().filter(|name| name.starts_with(".replaudit-")).count();
        assert!(temporary <= 1 && left.len() == temporary + 1, "{left:?}");
        left.iter().filter(|name| name.starts_with('.')).for_each(|name| fs::remove_file(dir.join(name)).unwrap());
    }
    assert!(killed > 0, "some were killed before they ended");
}

#[test]
fn progress_goes_on_while_exporting() {
    let report = Local::good();
    let (_guard, dir) = folder();
    let target = dir.join("x.csv").display().to_string();
    let args = ["--progress", "always", "--export", &target, "--export-class", "completed"];
    report.run(&args).expect(0).says(&["reading 2 files", "100%"]);
    assert_eq!(fs::read_to_string(&target).unwrap().lines().count(), 3);
}
