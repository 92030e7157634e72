//! `inventory --confirm`: what S3 says now of the objects behind exceeded limits.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::Signal;
use replaudit_sandbox::{Bucket, Delivered, Fault, Inventory, InventoryField, InventoryFormat, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::columnar::{self, Cells};
use crate::support::report::{Local, row};
use crate::support::{
    ODD_KEYS, Run, alone, client, count, files, finish, folder, only_reads, replicated, signal, start, until, with,
};

const FORMATS: [InventoryFormat; 3] = [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc];

/// Odd keys that failed, some that are late or were never replicated, and what is good.
fn world() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    s3.set_versioning("src", Versioning::Suspended);
    s3.put("src", "null", b"1");
    s3.set_versioning("src", Versioning::Enabled);
    s3.set_status("src", "null", Some("FAILED"));
    for key in ODD_KEYS {
        s3.put("src", key, b"1");
        s3.set_status("src", key, Some("FAILED"));
    }
    for (key, status) in
        [("late/1", Some("PENDING")), ("late/2", Some("PENDING")), ("none", None), ("done", Some("COMPLETED"))]
    {
        s3.put("src", key, b"1");
        s3.set_status("src", key, status);
        s3.set_last_modified("src", key, SystemTime::now() - Duration::from_secs(72 * 3600));
    }
    s3
}

fn deliver(s3: &Sandbox, format: InventoryFormat, edit: impl FnOnce(Inventory) -> Inventory) -> Delivered {
    let id = format!("{format:?}");
    let inventory = Inventory::of("src").to("reports").id(&id).prefix("inv").files(3).group_rows(5).format(format);
    let delivered = s3.deliver_inventory(edit(inventory));
    s3.clear_requests();
    delivered
}

fn ask(s3: &Sandbox, delivered: &Delivered, more: &[&str]) -> Run {
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    let mut args = vec!["inventory", &address, "--confirm"];
    args.extend(more);
    with(s3, &args)
}

/// What was found of a class: actual, healed, gone, still, changed, unchecked, exceeded.
#[track_caller]
fn found(document: &Value, class: &str) -> (u64, [u64; 5], bool) {
    let limits = document["limits"].as_array().unwrap();
    let limit = limits.iter().find(|limit| limit["class"] == class).unwrap_or_else(|| panic!("{document:#}"));
    let of = ["healed", "gone", "still", "changed", "unchecked"]
        .map(|outcome| limit["confirmed"][outcome].as_u64().unwrap_or_else(|| panic!("{limit}")));
    (limit["actual"].as_u64().unwrap(), of, limit["exceeded"].as_bool().unwrap())
}

/// Every HEAD of the source: key and version ID.
fn heads(s3: &Sandbox) -> Vec<(String, Option<String>)> {
    let requests = s3.requests();
    let heads = requests.iter().filter(|request| request.operation == "HeadObject");
    let mut heads: Vec<_> = heads.map(|head| (head.key.clone().unwrap(), head.version_id.clone())).collect();
    heads.sort();
    heads
}

/// Version IDs of the only versions of keys, as requests name them.
fn ids(s3: &Sandbox, keys: &[&str]) -> Vec<(String, Option<String>)> {
    let only = |key: &&str| {
        let versions = s3.versions("src", key);
        assert_eq!(versions.len(), 1, "{key}");
        ((*key).to_owned(), Some(versions[0].version_id.clone()))
    };
    let mut ids: Vec<_> = keys.iter().map(only).collect();
    ids.sort();
    ids
}

#[test]
fn versions_are_asked_for_by_their_id_and_only_what_is_still_so_counts() {
    for format in FORMATS {
        let s3 = world();
        let delivered = deliver(&s3, format, |report| report);
        let all: Vec<&str> = ODD_KEYS.into_iter().chain(["null", "late/1", "late/2", "none"]).collect();
        let asked = ids(&s3, &all);
        assert!(asked.contains(&("null".to_owned(), Some("null".to_owned()))));
        let run = ask(&s3, &delivered, &["-o", "json"]).expect(1).silent();
        let failed = ODD_KEYS.len() as u64 + 1;
        assert_eq!(found(&run.json(), "failed"), (failed, [0, 0, failed, 0, 0], true), "{format:?}");
        assert_eq!(found(&run.json(), "overdue"), (2, [0, 0, 2, 0, 0], true));
        assert_eq!(found(&run.json(), "not-replicated"), (1, [0, 0, 1, 0, 0], true));
        assert_eq!(run.json()["limits"][3].get("confirmed"), None, "not exceeded: {:#}", run.json());
        assert_eq!(heads(&s3), asked);

        // One is repaired, one removed permanently, one waits again, one is hidden: its version is there as it was.
        let version = s3.versions("src", ODD_KEYS[1])[0].version_id.clone();
        s3.set_status("src", ODD_KEYS[0], Some("COMPLETED"));
        s3.delete_version("src", ODD_KEYS[1], &version);
        s3.set_status("src", ODD_KEYS[2], Some("PENDING"));
        s3.delete("src", ODD_KEYS[3]);
        s3.put("src", ODD_KEYS[4], b"another version");
        s3.set_status("src", "late/1", Some("COMPLETED"));
        s3.set_status("src", "late/2", Some("FAILED"));
        s3.set_status("src", "none", Some("COMPLETED"));
        let run = ask(&s3, &delivered, &["-o", "json"]).expect(1).silent();
        assert_eq!(found(&run.json(), "failed"), (failed, [1, 1, failed - 2, 0, 0], true), "{format:?}");
        assert_eq!(found(&run.json(), "overdue"), (2, [1, 0, 1, 0, 0], true));
        assert_eq!(found(&run.json(), "not-replicated"), (1, [1, 0, 0, 0, 0], false));
        assert_eq!(run.json()["verdict"], "fail");
        assert_eq!(run.json()["statuses"]["FAILED"]["objects"], failed, "the sums stay those of the report");
        let allowed = format!("failed:{}", failed - 2);
        let run =
            ask(&s3, &delivered, &["-o", "json", "--fail-on", &allowed, "--fail-on", "overdue:1"]).expect(0).silent();
        assert_eq!(run.json()["verdict"], "pass");
        only_reads(&s3);
    }
}

#[test]
fn what_is_overdue_and_pending_is_asked_about_once() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    s3.set_status("src", "late/1", Some("COMPLETE"));
    let args = ["-o", "json", "--fail-on", "pending:1", "--prefix", "late/"];
    let run = ask(&s3, &delivered, &args).expect(1).silent();
    assert_eq!(found(&run.json(), "overdue"), (2, [1, 0, 1, 0, 0], true));
    assert_eq!(found(&run.json(), "pending"), (2, [1, 0, 1, 0, 0], false));
    assert_eq!(heads(&s3), ids(&s3, &["late/1", "late/2"]), "nothing outside of the filter");
}

#[test]
fn a_report_of_current_versions_tells_an_object_from_its_successor() {
    for format in FORMATS {
        let s3 = world();
        let delivered = deliver(&s3, format, Inventory::current_only);
        s3.set_status("src", "a b", Some("COMPLETED"));
        s3.delete("src", "a+b");
        let version = s3.versions("src", "./dot")[0].version_id.clone();
        s3.delete_version("src", "./dot", &version);
        s3.put("src", "a%2Bb", b"longer");
        s3.put("src", "a//b", b"longer");
        s3.set_status("src", "a//b", Some("FAILED"));
        let args = ["-o", "json", "--fail-on", "overdue:off", "--fail-on", "not-replicated:off"];
        let run = ask(&s3, &delivered, &args).expect(1).silent();
        let failed = ODD_KEYS.len() as u64 + 1;
        assert_eq!(found(&run.json(), "failed"), (failed, [1, 1, failed - 4, 2, 0], true), "{format:?}");
        assert_eq!(heads(&s3).len() as u64, failed);
        assert!(heads(&s3).iter().all(|(_, id)| id.is_none()));
        only_reads(&s3);
    }
}

#[test]
fn within_the_limits_nothing_is_asked() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    let run = ask(&s3, &delivered, &["-o", "json", "--prefix", "done"]).expect(0).silent();
    assert!(!run.stdout.contains("confirmed") && heads(&s3).is_empty(), "{run:?}");
    // Nor is a server needed.
    Local::good().run(&["--confirm"]).expect(0).silent();
}

#[test]
fn what_is_not_answered_is_no_answer() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Parquet, |report| report);
    for key in ODD_KEYS {
        s3.set_status("src", key, Some("COMPLETED"));
    }
    let (_guard, dir) = folder();
    let (json, export) = (dir.join("x.json"), dir.join("x.csv"));
    fs::write(&json, "old").unwrap();
    let metrics = dir.join("x.prom");
    let writes = [format!("json={}", json.display()), format!("prometheus={}", metrics.display())];
    let export = export.display().to_string();
    let args = ["--write", &writes[0], "--write", &writes[1], "--export", &export, "--max-attempts", "1"];
    let refused = Fault::on("HeadObject").key("a b").status(403, "AccessDenied", "no");
    let (slow, closed) = (Fault::on("HeadObject").key("a b"), Fault::on("HeadObject").key("a b").close_before_effect());
    for (fault, says) in [(refused, "s3:GetObjectVersion"), (slow, "503"), (closed, "s3://src/a b")] {
        s3.fault(fault);
        let run = ask(&s3, &delivered, &args).expect(2).says(&["1 of 19 objects could not be checked", says]);
        assert!(run.stderr.contains("failed: 14 healed, 1 unchecked, 1 still"), "{run:?}");
        assert_eq!((run.stdout.as_str(), fs::read_to_string(&json).unwrap().as_str()), ("", "old"));
        assert!(
            fs::read_to_string(&metrics)
                .unwrap()
                .contains("replaudit_inventory_up{bucket=\"src\",config=\"Parquet\"} 0")
        );
        assert_eq!(files(&dir), ["x.json", "x.prom"]);
        s3.clear_faults();
    }
    let run = ask(&s3, &delivered, &args).expect(1).silent();
    assert!(run.stdout.contains("16 in the report; checked now: 15 healed, 1 still"), "{}", run.stdout);
    assert!(files(&dir).contains(&"x.csv".to_owned()));
    s3.remove_bucket("src");
    ask(&s3, &delivered, &[]).expect(2).says(&["19 of 19 objects could not be checked", "0 still"]);
}

#[test]
fn it_gives_up_where_nothing_is_answered() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put_many("src", (0..3000).map(|at| format!("k{at:04}")), b"1");
    for at in 0..3000 {
        s3.set_status("src", &format!("k{at:04}"), Some("FAILED"));
    }
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    let run = ask(&s3, &delivered, &["-o", "json", "--concurrency", "8"]).expect(1).silent();
    assert_eq!(found(&run.json(), "failed").1, [0, 0, 3000, 0, 0]);
    s3.fault(Fault::on("HeadObject").status(403, "AccessDenied", "no"));
    s3.clear_requests();
    ask(&s3, &delivered, &[]).expect(2).says(&["100 of 3,000 objects could not be checked before the check stopped"]);
    assert!(count(&s3, "HeadObject") < 400, "{}", count(&s3, "HeadObject"));
}

#[test]
fn more_than_the_most_is_refused_before_anything_is_asked() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    let run = ask(&s3, &delivered, &["--confirm-max", "18"]).expect(2);
    let run = run.says(&["19 objects exceed their limits", "no more than 18", "--confirm-max 19"]);
    assert!(run.stdout.is_empty() && heads(&s3).is_empty(), "{run:?}");
    ask(&s3, &delivered, &["--confirm-max", "19"]).expect(1).silent();
    alone(&["inventory", "x", "--confirm-max", "5"]).expect(2).says(&["--confirm"]);
}

#[test]
fn growth_is_what_is_still_so_beyond_the_older_report() {
    let s3 = world();
    let yesterday = SystemTime::now() - Duration::from_secs(25 * 3600);
    let older = deliver(&s3, InventoryFormat::Csv, |report| report.scanned_at(yesterday));
    for key in ["new/1", "new/2", "new/3"] {
        s3.put("src", key, b"1");
        s3.set_status("src", key, Some("FAILED"));
    }
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    let since = format!("s3://reports/{}", older.manifest_key);
    s3.set_status("src", "new/1", Some("COMPLETED"));
    let off = ["--fail-on", "overdue:off", "--fail-on", "not-replicated:off", "-o", "json", "--since", &since];
    for (limit, code) in [("failed:+1", 1), ("failed:+2", 0)] {
        let run = ask(&s3, &delivered, &[&off[..], &["--fail-on", limit]].concat()).expect(code).silent();
        assert_eq!(found(&run.json(), "failed"), (19, [1, 0, 18, 0, 0], code == 1));
        assert_eq!(run.json()["limits"][0]["delta"], 3, "that of the reports");
    }
}

#[test]
fn a_file_that_is_replaced_after_the_first_reading_is_noticed() {
    let s3 = world();
    for format in [InventoryFormat::Parquet, InventoryFormat::Orc] {
        let delivered = deliver(&s3, format, |report| report);
        let key = &delivered.data_keys[0];
        // Without a listing and with other ETags, nothing but the first answer tells which file it was.
        s3.fault(Fault::on("ListObjectsV2").status(403, "AccessDenied", "no"));
        s3.clear_requests();
        let address = format!("s3://reports/{}", delivered.manifest_key);
        with(&s3, &["inventory", &address, "-o", "json"]).expect(1);
        let asked = s3.requests().iter().filter(|request| request.key.as_ref() == Some(key)).count();
        ask(&s3, &delivered, &[]).expect(1);
        let other = Fault::on("GetObject").key(key).skip(asked as u32);
        s3.fault(other.header("ETag", "\"00000000000000000000000000000000-2\""));
        let run = ask(&s3, &delivered, &[]).expect(2);
        run.says(&["read once more for --confirm", key, "was changed or replaced while the report was read"]);
        s3.clear_faults();
    }
}

#[test]
fn a_local_file_that_is_written_to_while_objects_are_asked_for_is_noticed() {
    let s3 = replicated();
    const KEYS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    KEYS.iter().for_each(|key| drop(s3.put("src", key, b"x")));
    let column = |word: &'static str| Cells::Text(vec![Some(word); KEYS.len()]);
    for format in ["Parquet", "ORC"] {
        let report = columnar::report(
            format,
            &[
                ("Bucket", "bucket", column("src")),
                ("Key", "key", Cells::Text(KEYS.map(Some).to_vec())),
                ("ReplicationStatus", "replication_status", column("FAILED")),
            ],
        );
        s3.clear_requests();
        s3.fault(Fault::on("HeadObject").times(1).delay(Duration::from_secs(1)));
        let dir = report.dir.display().to_string();
        let args =
            ["inventory", &dir, "--max-age", "none", "--confirm", "--concurrency", "1", "--fail-on", "overdue:off"];
        let child = start(client(&s3, &args));
        until("a request", || count(&s3, "HeadObject") > 0);
        let file = report.dir.join("1.data");
        fs::write(&file, fs::read(&file).unwrap()).unwrap();
        finish(child).expect(2).says(&["1.data", "was changed or replaced while the report was read"]);
    }
}

#[test]
fn every_format_says_what_was_found() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Orc, |report| report);
    for key in ODD_KEYS {
        s3.set_status("src", key, Some("COMPLETED"));
    }
    let now = "16 in the report; checked now: 15 healed, 1 still";
    let run = ask(&s3, &delivered, &[]).expect(1).silent();
    assert!(run.stdout.contains(&format!("exceeded  {now}\n")), "{}", run.stdout);
    assert!(run.stdout.contains("to accept these numbers: --fail-on failed:1 --fail-on overdue:2"), "{}", run.stdout);
    for format in ["markdown", "html"] {
        let run = ask(&s3, &delivered, &["-o", format]).expect(1).silent();
        assert!(run.stdout.contains(&format!("<br>{now}")), "{}", run.stdout);
    }
    let accepted = ["--fail-on", "failed:1", "--fail-on", "overdue:2", "--fail-on", "not-replicated:1"];
    let run = ask(&s3, &delivered, &[&accepted[..], &["-o", "prometheus"]].concat()).expect(0).silent();
    for line in [
        "limit_exceeded{bucket=\"src\",config=\"Orc\",class=\"failed\"} 0",
        "limit_still_objects{bucket=\"src\",config=\"Orc\",class=\"failed\"} 1",
    ] {
        assert!(run.stdout.contains(line), "{}", run.stdout);
    }
    let table = ask(&s3, &delivered, &accepted).expect(0).silent();
    assert!(table.stdout.contains(&format!("ok  {now}\n")) && table.stdout.ends_with("PASS\n"), "{}", table.stdout);
    ask(&s3, &delivered, &["--progress", "always"]).expect(1).says(&["asking S3 about 19 objects: 19 of 19, 100%"]);
    ask(&s3, &delivered, &["-v"]).expect(1).says(&["HeadObject"]);
}

#[test]
fn reports_without_what_tells_objects_apart_go_by_the_status() {
    let s3 = world();
    for format in FORMATS {
        let delivered =
            deliver(&s3, format, |report| report.current_only().fields([InventoryField::ReplicationStatus]));
        s3.set_status("src", "a b", Some("COMPLETED"));
        let run = ask(&s3, &delivered, &["-o", "json", "--fail-on", "overdue:off"]).expect(1).silent();
        let failed = run.json()["limits"][0]["actual"].as_u64().unwrap();
        assert!(found(&run.json(), "failed").1[2] >= failed - 1, "{run:?}");
        s3.set_status("src", "a b", Some("FAILED"));
    }
}

#[test]
fn a_local_report_asks_s3_and_a_key_that_is_no_text_can_not_be_asked_for() {
    let s3 = replicated();
    s3.put("src", "a", b"12345");
    let report = Local::of(&row("a", "FAILED"));
    let path = report.dir.display().to_string();
    let run = |path: &str| with(&s3, &["inventory", path, "--max-age", "none", "--confirm", "-o", "json"]);
    // The only version has an id, and is not the null version that is listed.
    assert_eq!(found(&run(&path).expect(0).silent().json(), "failed"), (1, [0, 1, 0, 0, 0], false));
    let odd = Local::of(&[row("a%FF", "FAILED"), row("a", "FAILED")].concat());
    run(&odd.dir.display().to_string()).expect(2).says(&["1 of 2 objects", "not UTF-8"]);
}

#[test]
fn a_signal_ends_it_within_a_second() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    s3.fault(Fault::on("HeadObject").delay(Duration::from_secs(30)));
    let (_guard, dir) = folder();
    let address = format!("s3://reports/{}", delivered.manifest_key);
    let write = format!("json={}", dir.join("x.json").display());
    let args = ["inventory", &address, "--confirm", "--concurrency", "2", "--write", &write];
    let child = start(client(&s3, &args));
    until("two requests", || count(&s3, "HeadObject") >= 2);
    signal(child.id(), Signal::SIGINT);
    let sent = Instant::now();
    let run = finish(child).expect(130);
    assert!(sent.elapsed() < Duration::from_secs(2), "{:?}", sent.elapsed());
    assert_eq!((run.stdout.as_str(), files(&dir).len()), ("", 0));
}

#[test]
fn documents_are_as_before_and_one_field_more() {
    let s3 = world();
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    let address = format!("s3://reports/{}", delivered.manifest_key);
    let strip = |mut document: Value| {
        document["report"]["age_seconds"] = json!(0);
        for limit in document["limits"].as_array_mut().unwrap() {
            limit.as_object_mut().unwrap().remove("confirmed");
        }
        document
    };
    let before = with(&s3, &["inventory", &address, "-o", "json", "--by", "prefix"]).expect(1).json();
    let after = ask(&s3, &delivered, &["-o", "json", "--by", "prefix"]).expect(1).json();
    assert_eq!(strip(after), strip(before));
}

/// One failed object, and its report.
fn one_failed() -> (Sandbox, Delivered) {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("src", "k", b"1");
    s3.set_status("src", "k", Some("FAILED"));
    let delivered = deliver(&s3, InventoryFormat::Csv, |report| report);
    (s3, delivered)
}

#[test]
fn a_version_id_names_the_same_object_for_any_date() {
    let (s3, delivered) = one_failed();
    s3.set_last_modified("src", "k", SystemTime::now() - Duration::from_secs(3600));
    let run = ask(&s3, &delivered, &["-o", "json"]).expect(1).silent();
    assert_eq!(found(&run.json(), "failed"), (1, [0, 0, 1, 0, 0], true));
}

#[test]
fn what_the_server_still_lists_is_not_gone() {
    let (s3, delivered) = one_failed();
    s3.fault(Fault::on("HeadObject").status(404, "", ""));
    ask(&s3, &delivered, &[]).expect(2).says(&["1 of 1 object could not be checked", "S3 still lists it"]);
    s3.fault(Fault::on("ListObjectVersions").status(403, "AccessDenied", "no"));
    ask(&s3, &delivered, &[]).expect(2).says(&["1 of 1 object could not be checked", "AccessDenied"]);
    s3.clear_faults();
    s3.delete_version("src", "k", &s3.versions("src", "k")[0].version_id);
    ask(&s3, &delivered, &[]).expect(0);
}

/// Some servers do not encode the keys of CSV reports.
#[test]
fn a_key_that_the_report_writes_in_another_way_is_not_gone() {
    for key in ["a+b", "a%20b"] {
        let s3 = replicated();
        s3.set_versioning("src", Versioning::Suspended);
        s3.put("src", key, b"12345");
        s3.set_status("src", key, Some("FAILED"));
        let report = Local::of(&row(key, "FAILED"));
        let args = ["inventory", &report.dir.display().to_string(), "--max-age", "none", "--confirm"];
        with(&s3, &args).expect(2).says(&["1 of 1 object could not be checked", "may not write keys as S3 does"]);
        s3.delete_version("src", key, "null");
        with(&s3, &args).expect(0);
    }
}

#[test]
fn an_answer_with_another_size_is_about_something_else() {
    let (s3, delivered) = one_failed();
    s3.set_status("src", "k", Some("COMPLETED"));
    s3.fault(Fault::on("HeadObject").header("content-length", "2"));
    ask(&s3, &delivered, &[]).expect(2).says(&["1 of 1 object could not be checked", "of another size"]);
}
