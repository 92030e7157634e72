//! `inventory --since`: what changed between two reports, and limits for growth.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Delivered, Fault, Inventory, InventoryField, InventoryFormat, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::report::{Local, SCHEMA, gzip, row};
use crate::support::{Run, alone, folder, only_reads, replicated, with};

const PLACE: &str = "s3://reports/inv/src/daily/";
const HOUR: Duration = Duration::from_secs(3600);

fn daily() -> Inventory {
    Inventory::of("src").to("reports").id("daily").prefix("inv")
}

/// A report of `hours` ago.
fn deliver(s3: &Sandbox, inventory: Inventory, hours: u32) -> Delivered {
    s3.deliver_inventory(inventory.scanned_at(SystemTime::now() - hours * HOUR))
}

fn address(delivered: &Delivered) -> String {
    format!("s3://{}/{}", delivered.bucket, delivered.manifest_key)
}

/// A source and a bucket for reports; the state before anything changed.
fn world() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    for (key, status) in [
        ("a/1", Some("COMPLETED")),
        ("a/2", Some("FAILED")),
        ("b/1", Some("FAILED")),
        ("b/2", Some("FAILED")),
        ("b/late", Some("PENDING")),
        ("c/odd", Some("Half")),
    ] {
        s3.put("src", key, b"12345");
        s3.set_status("src", key, status);
    }
    s3.set_last_modified("src", "b/late", SystemTime::now() - 100 * HOUR);
    s3
}

/// One object of `b/` heals, four under `a/` are new and three of them fail, `c/` goes permanently.
fn change(s3: &Sandbox) {
    s3.set_status("src", "b/1", Some("COMPLETED"));
    s3.set_status("src", "b/late", Some("COMPLETED"));
    s3.set_status("src", "c/odd", Some("COMPLETED"));
    for (key, status) in [("a/3", "FAILED"), ("a/4", "FAILED"), ("a/5", "FAILED"), ("a/6", "COMPLETED")] {
        s3.put("src", key, b"123");
        s3.set_status("src", key, Some(status));
    }
    s3.delete("src", "a/6");
}

/// Two reports with the change between, and their addresses.
fn two(inventory: impl Fn() -> Inventory) -> (Sandbox, String, String) {
    let s3 = world();
    let old = deliver(&s3, inventory(), 26);
    change(&s3);
    let new = deliver(&s3, inventory(), 2);
    (s3, address(&old), address(&new))
}

/// Of every word or value: what it is, what it was, and the difference.
fn changes(statuses: &Value) -> BTreeMap<String, [i64; 3]> {
    let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("{statuses}"));
    let statuses = statuses.as_object().unwrap().iter();
    let three =
        |figure: &Value| [&figure["objects"], &figure["previous"]["objects"], &figure["delta"]["objects"]].map(number);
    statuses.map(|(word, figure)| (word.clone(), three(figure))).collect()
}

fn expected(of: &[(&str, [i64; 3])]) -> BTreeMap<String, [i64; 3]> {
    of.iter().map(|(word, three)| ((*word).to_owned(), *three)).collect()
}

#[test]
fn every_figure_has_what_it_was_beside_it_in_every_kind_of_report() {
    for format in [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc] {
        let (s3, old, _) = two(|| daily().format(format));
        let run = with(&s3, &["inventory", PLACE, "--since", PLACE, "--by", "prefix", "-o", "json"]).expect(1).silent();
        let audit = run.json();
        let words = [("COMPLETED", [5, 1, 4]), ("FAILED", [5, 3, 2]), ("Half", [0, 1, -1]), ("PENDING", [0, 1, -1])];
        assert_eq!(changes(&audit["statuses"]), expected(&words), "{format:?}");
        let failed = &audit["statuses"]["FAILED"];
        assert_eq!((&failed["previous"]["bytes"], &failed["delta"]["bytes"]), (&json!(15), &json!(4)));
        assert_eq!(audit["overdue"]["previous"], json!({"objects": 1, "bytes": 5}));
        assert_eq!(audit["overdue"]["delta"], json!({"objects": -1, "bytes": -5}));
        assert_eq!(audit["previous"]["manifest"], old);
        let rows = |of: &str| ["rows_scanned", "rows", "delete_markers"].map(|name| audit[of][name].as_i64().unwrap());
        assert_eq!((rows("previous"), rows("delta")), ([6, 6, 0], [5, 5, 1]));
        let groups = audit["groups"].as_array().unwrap();
        let values: Vec<&str> = groups.iter().map(|group| group["value"].as_str().unwrap()).collect();
        assert_eq!(values, ["a/", "b/", "c/"]);
        assert_eq!(changes(&groups[0]["statuses"]), expected(&[("COMPLETED", [2, 1, 1]), ("FAILED", [4, 1, 3])]));
        assert_eq!(groups[1]["overdue"]["delta"]["objects"], -1);
        assert_eq!(changes(&groups[2]["statuses"]), expected(&[("COMPLETED", [1, 0, 1]), ("Half", [0, 1, -1])]));
        let limits: Vec<Value> = audit["limits"].as_array().unwrap().clone();
        assert_eq!((&limits[0]["previous"], &limits[0]["delta"]), (&json!(3), &json!(2)));
        only_reads(&s3);
    }
}

#[test]
fn growth_is_what_failing_means() {
    let (s3, old, new) = two(daily);
    let ask = |more: &[&str]| with(&s3, &[&["inventory", &new, "--since", &old, "-o", "json"], more].concat());
    ask(&["--fail-on", "failed:+2"]).expect(0);
    let run = ask(&["--fail-on", "failed:+1"]).expect(1).json();
    let limit = json!({"class": "failed", "limit": "+1", "actual": 5, "exceeded": true, "previous": 3, "delta": 2});
    assert_eq!(run["limits"][0], limit);
    ask(&["--fail-on", "failed:+2", "--fail-on", "not-replicated:+0", "--fail-on", "pending:+0"]).expect(0);
    // Others hold as ever, and an absolute limit is not about growth.
    ask(&["--fail-on", "failed:4"]).expect(1);
    ask(&["--fail-on", "failed:50%"]).expect(0);
    let table = with(&s3, &["inventory", &new, "--since", &old, "--fail-on", "failed:+1"]).expect(1).stdout;
    assert!(table.contains("failed                     5   ▲ +2  limit +1       exceeded"), "{table}");
    assert!(table.contains("to accept these numbers: --fail-on failed:5\n"), "{table}");
    let prometheus = with(&s3, &["inventory", &new, "--since", &old, "--fail-on", "failed:+1", "-o", "prometheus"]);
    let text = prometheus.expect(1).stdout;
    assert!(text.contains("limit_actual_objects{bucket=\"src\",config=\"daily\",class=\"failed\"} 5\n"), "{text}");
    assert!(text.contains("limit_exceeded{bucket=\"src\",config=\"daily\",class=\"failed\"} 1\n"), "{text}");
    assert!(!text.contains("Half"), "a word that only the older report has: {text}");
}

#[test]
fn filters_hold_for_both_and_overdue_is_that_of_its_own_scan() {
    let (s3, old, new) = two(daily);
    let ask = |more: &[&str]| with(&s3, &[&["inventory", &new, "--since", &old, "-o", "json"], more].concat());
    let under_b = ask(&["--prefix", "b/"]).expect(1).json();
    let words = [("COMPLETED", [2, 0, 2]), ("FAILED", [1, 2, -1]), ("PENDING", [0, 1, -1])];
    assert_eq!(changes(&under_b["statuses"]), expected(&words));
    assert_eq!((&under_b["previous"]["rows_scanned"], &under_b["previous"]["rows"]), (&json!(6), &json!(3)));
    let current = ask(&["--current"]).expect(1).json();
    assert_eq!(changes(&current["statuses"])["COMPLETED"], [4, 1, 3], "a/6 is under a delete marker");
    // 100 hours old now, 74 when the older report was scanned.
    for (overdue, before) in [("73h", 1), ("75h", 0)] {
        assert_eq!(
            ask(&["--overdue", overdue]).expect(1).json()["overdue"]["previous"]["objects"],
            before,
            "{overdue}"
        );
    }
    let gone = with(&s3, &["inventory", &new, "--since", &old, "--prefix", "b/"]).expect(1).stdout;
    assert!(gone.contains("\n0 ▼ -1 pending objects are overdue\n"), "{gone}");
}

#[test]
fn of_a_place_the_newest_older_one_is_taken() {
    let s3 = world();
    s3.configure_inventory(&daily());
    let first = deliver(&s3, daily(), 50);
    let second = deliver(&s3, daily(), 26);
    change(&s3);
    let third = deliver(&s3, daily(), 2);
    let previous = |report: &[&str], since: &str| {
        let args = [&["inventory"], report, &["--since", since, "--max-age", "48h", "-o", "json"]].concat();
        with(&s3, &args).expect(1).json()["previous"]["manifest"].as_str().unwrap().to_owned()
    };
    assert_eq!(previous(&["--bucket", "src"], PLACE), address(&second));
    assert_eq!(previous(&["--bucket", "src"], "s3://reports/inv/src/daily"), address(&second));
    assert_eq!(previous(&[&address(&second)], PLACE), address(&first), "older than the audited one, and of any age");
    assert_eq!(previous(&[PLACE], &address(&first)), address(&first));
    let own = address(&first).replace("manifest.json", "");
    assert_eq!(previous(&[PLACE], &own), address(&first));
    // Not whole: passed over and mentioned.
    s3.delete("reports", &second.checksum_key);
    let run = with(&s3, &["inventory", PLACE, "--since", PLACE, "-o", "json"]).expect(1);
    assert_eq!(run.json()["previous"]["manifest"], address(&first));
    run.says(&["is being delivered", "using the newest complete report"]);
    s3.delete("reports", &first.checksum_key);
    with(&s3, &["inventory", PLACE, "--since", PLACE])
        .expect(2)
        .says(&["looking for the older report (--since)", "of 2 dated folders none has manifest.json"]);
    s3.delete("reports", &third.checksum_key);
    only_reads(&s3);
}

#[test]
fn the_report_itself_is_not_older_for_any_folder_name() {
    let s3 = world();
    let only = deliver(&s3, daily(), 2);
    with(&s3, &["inventory", PLACE, "--since", PLACE])
        .expect(2)
        .says(&["looking for the older report (--since)", "no report under s3://reports/inv/src/daily/ is older"]);
    // Copied to a folder of another minute, which is the newest, and before the time of its scan.
    for (key, name) in [(&only.manifest_key, "manifest.json"), (&only.checksum_key, "manifest.checksum")] {
        s3.put("reports", &format!("copy/2026-01-02T00-00Z/{name}"), s3.body("reports", key).unwrap());
    }
    with(&s3, &["inventory", "s3://reports/copy/", "--max-age", "none", "--since", "s3://reports/copy/"])
        .expect(2)
        .says(&["is older than 2026-01-02T00-00Z (1 dated folder there)"]);
}

#[test]
fn what_can_t_be_compared_is_no_answer() {
    let (s3, old, new) = two(daily);
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    s3.put("other", "k", b"x");
    let accept = ["--fail-on", "failed:off"];
    let ask = |report: &str, since: &str| -> Run {
        let run = with(&s3, &[&["inventory", report, "--since", since, "-o", "json"], &accept[..]].concat()).expect(2);
        assert_eq!(run.stdout, "");
        run
    };
    let other = deliver(&s3, Inventory::of("other").to("reports").id("daily").prefix("inv"), 30);
    ask(&new, &address(&other)).says(&["can't be compared", "--since", "about bucket other, not about src"]);
    ask(&new, &new).says(&["can't be compared", "which is not before"]);
    ask(&old, &new).says(&["which is not before"]);
    let current = deliver(&s3, daily().id("current").current_only(), 30);
    ask(&new, &address(&current)).says(&["it lists current versions only, and the report lists all versions"]);
    let now = deliver(&s3, daily().id("current").current_only(), 1);
    ask(&address(&now), &old).says(&["it lists all versions, and the report lists current versions only"]);
    ask(&new, "s3://reports/none/manifest.json").says(&["--since", "s3://reports/none/manifest.json does not exist"]);
    ask(&new, "s3://reports/none/").says(&["--since", "neither a manifest.json nor a report folder"]);
    ask(&new, "/nonexistent/manifest.json").says(&["--since", "/nonexistent/manifest.json"]);
    let weekly = deliver(&s3, daily().id("weekly"), 30);
    ask(&new, &address(&weekly)).says(&["it is of inventory configuration \"weekly\"", "the report is of \"daily\""]);
    let bare = deliver(&s3, daily().fields([InventoryField::Size]), 31);
    ask(&new, &address(&bare)).says(&["the older report", "no ReplicationStatus column"]);
    // Nothing was in scope then.
    let empty = with(&s3, &["inventory", &new, "--since", &old, "--prefix", "a/3"]).expect(2);
    empty.says(&["the older report", "no object of the report is selected", "--allow-empty"]);
    let args = ["inventory", &new, "--since", &old, "--prefix", "a/3", "--allow-empty", "--fail-on", "failed:+1"];
    with(&s3, &args).expect(0);
    only_reads(&s3);
}

#[test]
fn an_older_report_that_is_damaged_is_no_answer() {
    let s3 = world();
    let old = deliver(&s3, daily(), 26);
    change(&s3);
    let new = address(&deliver(&s3, daily(), 2));
    let (_guard, dir) = folder();
    let prometheus = format!("prometheus={}", dir.join("x.prom").display());
    let json = format!("json={}", dir.join("x.json").display());
    let ask = || {
        let since = address(&old);
        let args = ["inventory", &new, "--since", &since, "--write", &prometheus, "--write", &json];
        let run = with(&s3, &[&args[..], &["--fail-on", "failed:+100"]].concat()).expect(2);
        assert_eq!((run.stdout.as_str(), dir.join("x.json").exists()), ("", false));
        assert!(
            fs::read_to_string(dir.join("x.prom"))
                .unwrap()
                .contains("replaudit_inventory_up{bucket=\"src\",config=\"daily\"} 0\n")
        );
        run
    };
    s3.fault(Fault::on("GetObject").key(&old.data_keys[0]).status(403, "AccessDenied", "no"));
    ask().says(&["reading the older report", "403", &old.data_keys[0]]);
    s3.clear_faults();
    s3.corrupt("reports", &old.data_keys[0], b"not what it was");
    ask().says(&["the older report", "can't be trusted", &old.data_keys[0]]);
    s3.corrupt("reports", &old.checksum_key, b"d41d8cd98f00b204e9800998ecf8427e\n");
    ask().says(&["opening the older report (--since)", "can't be trusted", "manifest.checksum"]);
}

/// Copies have other addresses, and the manifest still names the configuration.
#[test]
fn a_copy_of_another_configuration_is_not_compared() {
    let copy = |configuration: &str, at: &str| {
        let report = Local::good();
        report.edit(|json| {
            json["creationTimestamp"] = at.into();
            for file in json["files"].as_array_mut().unwrap() {
                let name = file["key"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
                file["key"] = format!("inv/src/{configuration}/data/{name}").into();
            }
        });
        report
    };
    let (now, older) = (copy("daily", "1715133600000"), copy("daily", "1715043600000"));
    now.run(&["--since", &older.dir.display().to_string()]).expect(0);
    let weekly = copy("weekly", "1715043600000");
    let run = now.run(&["--since", &weekly.dir.display().to_string(), "--fail-on", "failed:+0"]).expect(2);
    run.says(&["it is of inventory configuration \"weekly\""]);
}

#[test]
fn without_the_dates_of_then_overdue_is_not_compared() {
    use InventoryField as F;
    let s3 = world();
    let old = address(&deliver(&s3, daily().fields([F::ReplicationStatus]), 26));
    change(&s3);
    let new = address(&deliver(&s3, daily(), 2));
    let ask = |more: &[&str]| with(&s3, &[&["inventory", &new, "--since", &old, "-o", "json"], more].concat());
    ask(&[]).expect(2).says(&["the older report", "1 pending object", "overdue:off"]);
    ask(&["--fail-on", "overdue:+1"]).expect(2);
    let audit = ask(&["--fail-on", "overdue:off"]).expect(1).json();
    assert!(audit["overdue"].get("previous").is_none() && audit["overdue"]["objects"] == 0);
    let failed = &audit["statuses"]["FAILED"];
    assert_eq!(failed["previous"], json!({"objects": 3, "bytes": null}));
    assert_eq!(failed["delta"], json!({"objects": 2, "bytes": null}));
    assert_eq!(failed["bytes"], 19);
}

#[test]
fn growth_needs_something_to_grow_from() {
    for class in ["failed", "overdue", "not-replicated", "unknown-status", "pending", "replica"] {
        let limit = format!("{class}:+3");
        alone(&["inventory", "x", "--fail-on", &limit]).expect(2).says(&[
            &format!("--fail-on {class}:+N"),
            "limits the growth since an older report",
            "--since",
        ]);
    }
    for limit in ["failed:+", "failed:+x", "failed:+-1", "failed:+1%"] {
        alone(&["inventory", "x", "--since", "y", "--fail-on", limit]).expect(2).says(&["invalid limit"]);
    }
    alone(&["inventory", "x", "--since", "s3://"]).expect(2).says(&["names no bucket"]);
}

/// A local report in a dated folder, `hours` after the first one.
fn put(root: &Path, name: &str, hours: u64, rows: &[String]) {
    let report = Local::new(SCHEMA, &[("1.csv.gz", gzip(rows.concat().as_bytes()))]);
    let at = 1_715_043_600_000 + hours * 3_600_000;
    report.edit(|manifest| manifest["creationTimestamp"] = at.to_string().into());
    let folder = root.join(name);
    fs::create_dir(&folder).unwrap();
    for file in ["1.csv.gz", "manifest.json", "manifest.checksum"] {
        fs::copy(report.dir.join(file), folder.join(file)).unwrap();
    }
}

#[test]
fn groups_of_both_reports_share_the_memory() {
    let (_guard, root) = folder();
    let rows: Vec<String> = (0..40_000).map(|n| row(&format!("{n}/x"), "COMPLETED")).collect();
    put(&root, "2024-05-07T01-00Z", 0, &rows[..10]);
    put(&root, "2024-05-08T01-00Z", 24, &rows);
    let place = root.display().to_string();
    let ask = |more: &[&str]| {
        let args = ["inventory", &place, "--max-age", "none", "--by", "prefix", "--top", "1", "-o", "json"];
        alone(&[&args[..], more].concat()).expect(0).json()
    };
    let grouped = |audit: &Value| {
        let of = &audit["grouped"][0];
        (of["dimension"].as_str().unwrap().to_owned(), of["values"].as_u64().unwrap())
    };
    assert_eq!(grouped(&ask(&["--memory", "64MiB"])), ("prefix".to_owned(), 40_000));
    let cut = ask(&["--memory", "64MiB", "--since", &place]);
    assert_eq!(grouped(&cut), ("prefix:0".to_owned(), 1), "half of the room, and the other report is cut as well");
    assert_eq!(changes(&cut["groups"][0]["statuses"]), expected(&[("COMPLETED", [40_000, 10, 39_990])]));
    assert_eq!(grouped(&ask(&["--since", &place])), ("prefix".to_owned(), 40_000));
}

#[test]
fn local_reports_are_compared_too() {
    let (_guard, root) = folder();
    put(&root, "2024-05-07T01-00Z", 0, &[row("a", "COMPLETED"), row("b", "FAILED")]);
    put(&root, "2024-05-08T01-00Z", 24, &[row("a", "COMPLETED"), row("b", "COMPLETED")]);
    let place = root.display().to_string();
    let args = ["inventory", &place, "--since", &place, "--max-age", "none"];
    let audit = alone(&[&args[..], &["-o", "json"]].concat()).expect(0).silent().json();
    assert_eq!(changes(&audit["statuses"]), expected(&[("COMPLETED", [2, 1, 1]), ("FAILED", [0, 1, -1])]));
    let table = alone(&args).expect(0).silent().stdout;
    let older = format!("compared with the inventory of 2024-05-07T01:00:00Z, 24h older: {place}/2024-05-07T01-00Z");
    assert!(table.contains(&older), "{table}");
    let csv = alone(&[&args[..], &["-o", "csv"]].concat()).expect(0).stdout;
    assert!(csv.lines().next().unwrap().ends_with(",previous_objects,delta_objects,previous_bytes,delta_bytes"));
    assert_eq!(csv.lines().last(), Some("all,,FAILED,0,0,,,1,-1,5,-5"));
    let ndjson = alone(&[&args[..], &["-o", "ndjson"]].concat()).expect(0).stdout;
    let last: Value = serde_json::from_str(ndjson.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["status"], &last["delta_objects"], &last["delta_bytes"]),
        (&json!("FAILED"), &json!(-1), &json!(-5))
    );
    let progress = alone(&[&args[..], &["--progress", "always"]].concat()).expect(0);
    progress.says(&["reading 1 file: ", "reading 1 file of the older report: "]);
}

#[test]
fn the_colour_says_whether_a_change_is_good() {
    let (s3, old, new) = two(daily);
    let run = with(&s3, &["inventory", &new, "--since", &old, "--color", "always"]).expect(1).stdout;
    for painted in ["\u{1b}[31m  ▲ +2\u{1b}[0m", "\u{1b}[32m  ▲ +4\u{1b}[0m", "\u{1b}[32m  ▼ -1\u{1b}[0m"] {
        assert!(run.contains(painted), "{painted:?} {run:?}");
    }
}
