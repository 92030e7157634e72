//! What is said of known differences.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::rows::{HOUR, Row, SCAN, classes, counts, pair, reconcile, report};
use crate::support::{alone, files, folder};

/// One object of each class, and some that are not judged.
fn known() -> (Vec<Row>, Vec<Row>) {
    let (mut source, mut destination) = (Vec::new(), Vec::new());
    for n in 0..5 {
        let row = Row::of(&format!("in/sync {n}"), &format!("v{n}"));
        destination.push(row.replica());
        source.push(row);
    }
    for n in 0..3 {
        source.push(Row::of(&format!("lost/{n}"), "v"));
    }
    let size = Row::of("size", "v");
    destination.push(Row { size: 11, ..size.replica() });
    let foreign = Row::of("foreign", "v");
    destination.push(foreign.clone().status(""));
    let (unsure, equal) = (Row::of("null/unsure", ""), Row::of("null/equal", ""));
    destination.extend([Row { etag: "other".to_owned(), ..unsure.replica() }, equal.replica()]);
    let new = Row { modified: SCAN - HOUR / 2, ..Row::of("new", "v") };
    let (failed, pending) = (Row::of("failed", "v").status("FAILED"), Row::of("pending", "v").status("PENDING"));
    destination.push(failed.replica());
    let marker = Row { marker: true, ..Row::of("marker", "m") };
    destination.extend([Row::of("extra", "e").replica(), Row::of("own", "o").status("")]);
    destination.push(Row { modified: SCAN, ..Row::of("newer", "n").replica() });
    source.extend([size, foreign, unsure, equal, new, failed, pending, marker]);
    (source, destination)
}

#[test]
fn known_differences_are_counted_to_the_row() {
    let (source, destination) = known();
    let (one, other) = pair(&source, &destination);
    let run = reconcile(&one, &other, &[]).expect(1);
    let result = run.json();
    assert_eq!(result["schema"], "replaudit.reconcile/1");
    assert_eq!(result["identity"], "version");
    assert_eq!(result["judged_before"], "2024-05-07T00:00:00Z");
    let expected = [
        ("in-sync", 6),
        ("missing", 3),
        ("size-differs", 1),
        ("not-a-replica", 1),
        ("unsure", 1),
        ("too-new", 1),
        ("extra", 1),
    ];
    assert_eq!(classes(&result), counts(&expected));
    assert_eq!(result["judged"], 12);
    assert_eq!(result["classes"]["missing"]["bytes"], 30);
    let not_completed = serde_json::json!({
        "FAILED": {"objects": 1, "bytes": 10, "at_destination": 1},
        "PENDING": {"objects": 1, "bytes": 10, "at_destination": 0},
    });
    assert_eq!(result["not_completed"], not_completed);
    assert_eq!(result["rows"]["source"]["delete_markers"], 1);
    assert_eq!(result["destination_only"]["not_replicas"]["objects"], 1);
    assert_eq!(result["destination_only"]["too_new"]["objects"], 1);
    assert_eq!((&result["verdict"], &result["spilled_bytes"]), (&Value::from("fail"), &Value::from(0)));
    run.says(&["exit code 1: limits exceeded: missing 3 (limit 0), size-differs 1 (limit 0)"]);
}

#[test]
fn limits_are_of_each_class_and_growth_is_since_an_older_result() {
    let (source, destination) = known();
    let (one, other) = pair(&source, &destination);
    let all = ["--fail-on", "missing:3", "--fail-on", "size-differs:10%", "--fail-on", "not-a-replica:1"];
    reconcile(&one, &other, &all).expect(1).says(&["unsure 1 (limit 0)"]);
    let all = [&all[..], &["--fail-on", "unsure:off"]].concat();
    reconcile(&one, &other, &all).expect(0);
    // A list is the same as several options.
    let list = "missing:3,size-differs:10%,not-a-replica:1";
    reconcile(&one, &other, &["--fail-on", list]).expect(1).says(&["unsure 1 (limit 0)"]);
    reconcile(&one, &other, &["--fail-on", list, "--fail-on", "unsure:off"]).expect(0);
    reconcile(&one, &other, &["--fail-on", "missing,size-differs,not-a-replica"]).expect(1);
    reconcile(&one, &other, &["--fail-on", "missing,size"]).expect(2).says(&["invalid class \"size\""]);
    reconcile(&one, &other, &[&all[..], &["--fail-on", "extra"]].concat()).expect(1).says(&["extra 1 (limit 0)"]);
    reconcile(&one, &other, &["--fail-on", "missing:+0"]).expect(2).says(&["add --since"]);
    reconcile(&one, &other, &["--fail-on", "in-sync"]).expect(2).says(&["use one of missing, size-differs"]);
    // An older result of reports that were scanned a day before.
    let (_guard, dir) = folder();
    let older = dir.join("older.json");
    let before = |rows: &[Row], bucket, by: i64| report(bucket, "CSV", &[rows.to_vec()], SCAN - by);
    let run = reconcile(&before(&source[1..], "src", 24 * HOUR), &before(&destination, "dst", 24 * HOUR), &[]);
    fs::write(&older, &run.expect(1).stdout).unwrap();
    let since = ["--since", older.to_str().unwrap()];
    let growth = ["missing:+0", "size-differs:+0", "not-a-replica:+0", "unsure:+0"];
    let growth: Vec<&str> = growth.iter().flat_map(|limit| ["--fail-on", limit]).collect();
    let run = reconcile(&one, &other, &[&since[..], &growth].concat()).expect(0);
    let in_sync = &run.json()["classes"]["in-sync"];
    assert_eq!((&in_sync["previous"]["objects"], &in_sync["delta"]["objects"]), (&5.into(), &1.into()));
    reconcile(&one, &other, &[&since[..], &["--prefix", "in/"]].concat()).expect(2).says(&["it is about buckets"]);
    // A result about other inventory configurations is about other objects.
    let text = fs::read_to_string(&older).unwrap();
    for (side, bucket) in [("source", "src"), ("destination", "dst")] {
        let mut result: Value = serde_json::from_str(&text).unwrap();
        let report = [&one, &other][usize::from(side == "destination")];
        report.edit(|json| json["files"][0]["key"] = format!("inv/{bucket}/daily/data/0.data").into());
        for (configuration, code) in [("daily", 0), ("weekly", 2)] {
            let manifest = format!("s3://reports/inv/{bucket}/{configuration}/2024-05-01T01-00Z/manifest.json");
            result[side]["manifest"] = manifest.into();
            fs::write(&older, result.to_string()).unwrap();
            let run = reconcile(&one, &other, &[&since[..], &growth].concat()).expect(code);
            let says = format!("its report of bucket {bucket} is of inventory configuration \"weekly\"");
            assert_eq!(run.stderr.contains(&says), code == 2, "{run:?}");
        }
    }
    fs::write(&older, &text).unwrap();
    // The same result is not older.
    let run = reconcile(&one, &other, &[]);
    fs::write(&older, &run.stdout).unwrap();
    reconcile(&one, &other, &since).expect(2).says(&["its reports are not older"]);
    fs::write(&older, "{}").unwrap();
    reconcile(&one, &other, &since).expect(2).says(&["is not a result of"]);
}

#[test]
fn exports_hold_the_objects_of_their_classes_and_safe_delete_takes_them() {
    let (source, destination) = known();
    let (one, other) = pair(&source, &destination);
    let (_guard, dir) = folder();
    let path = |name: &str| dir.join(name).display().to_string();
    let text = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    reconcile(&one, &other, &["--export", &path("missing.csv")]).expect(1);
    let mut lines: Vec<String> = text("missing.csv").lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["src,lost/0,v", "src,lost/1,v", "src,lost/2,v"]);
    reconcile(&one, &other, &["--export", &path("in-sync.ndjson"), "--export-class", "in-sync"]).expect(1);
    let lines: Vec<Value> = text("in-sync.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut keys: Vec<(&str, &str)> =
        lines.iter().map(|line| (line["key"].as_str().unwrap(), line["version_id"].as_str().unwrap())).collect();
    keys.sort_unstable();
    assert_eq!(keys.len(), 6);
    assert_eq!((keys[0], keys[5]), (("in/sync 0", "v0"), ("null/equal", "null")));
    let all = "in-sync,missing,size-differs,not-a-replica,unsure";
    let run = reconcile(&one, &other, &["--export", "-", "--export-class", all]).expect(1);
    assert_eq!(run.stdout.lines().count(), 12);
    // The table says what to do with missing objects.
    let paths = [&one, &other].map(|report| report.dir.display().to_string());
    let run =
        alone(&["reconcile", &paths[0], &paths[1], "--max-age", "none", "--export", &path("missing.csv")]).expect(1);
    for part in ["DstObjectHardDeleted", "aws s3api copy-object", "exported 3 objects", "FAIL: missing, size-differs"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
}

#[test]
fn prefixes_are_grouped_and_the_worst_come_first() {
    let (source, destination) = known();
    let (one, other) = pair(&source, &destination);
    let result = reconcile(&one, &other, &["--by", "prefix", "--top", "2"]).expect(1).json();
    let groups: Vec<&str> = result["groups"].as_array().unwrap().iter().map(|g| g["value"].as_str().unwrap()).collect();
    assert_eq!(groups, ["lost/", ""]);
    assert_eq!(result["groups"][0]["classes"], serde_json::json!({"missing": {"objects": 3, "bytes": 30}}));
    assert_eq!(result["grouped"][0]["values"], 4);
    reconcile(&one, &other, &["--by", "age"]).expect(2).says(&["write prefix"]);
    let result = reconcile(&one, &other, &["--prefix", "in/sync "]).expect(0).json();
    assert_eq!((classes(&result), &result["prefix"]), (counts(&[("in-sync", 5)]), &Value::from("in/sync ")));
}

#[test]
fn groups_grow_since_an_older_result_that_lists_them() {
    let (source, destination) = known();
    let before = |rows: &[Row], bucket| report(bucket, "CSV", &[rows.to_vec()], SCAN - 24 * HOUR);
    let (one, other) = pair(&source, &destination);
    let (_guard, dir) = folder();
    let older = dir.join("older.json");
    // One of three lost objects was not lost yet, because it was not there.
    let fewer: Vec<Row> = source.iter().filter(|row| row.key != "lost/0").cloned().collect();
    let groups_with = |top: &str| {
        let run = reconcile(&before(&fewer, "src"), &before(&destination, "dst"), &["--by", "prefix", "--top", top]);
        fs::write(&older, &run.expect(1).stdout).unwrap();
        reconcile(&one, &other, &["--by", "prefix", "--since", older.to_str().unwrap()]).expect(1).json()["groups"]
            .take()
    };
    let groups = groups_with("20");
    let lost = &groups[0]["classes"]["missing"];
    assert_eq!((&groups[0]["value"], &lost["objects"]), (&"lost/".into(), &3.into()));
    assert_eq!(lost["previous"], serde_json::json!({"objects": 2, "bytes": 20}));
    assert_eq!(lost["delta"], serde_json::json!({"objects": 1, "bytes": 10}));
    // What an older result does not list is not known.
    let groups = groups_with("1");
    let compared = |group: &&Value| {
        group["classes"].as_object().unwrap().values().any(|totals| totals.get("delta").is_some_and(|d| !d.is_null()))
    };
    let groups = groups.as_array().unwrap();
    assert_eq!((groups.iter().filter(compared).count(), groups.len() > 1), (1, true), "{groups:#?}");
}

#[test]
fn every_format_writes_the_result_and_json_has_its_schema() {
    let (source, destination) = known();
    let (one, other) = pair(&source, &destination);
    let (_guard, dir) = folder();
    let formats = ["table", "json", "ndjson", "csv", "markdown", "prometheus", "html", "github", "junit"];
    let writes: Vec<String> = formats.iter().map(|format| format!("{format}={}", dir.join(format).display())).collect();
    let mut args = vec!["--by", "prefix"];
    writes.iter().for_each(|write| args.extend(["--write", write]));
    let run = reconcile(&one, &other, &args).expect(1);
    let text = |format: &str| fs::read_to_string(dir.join(format)).unwrap();
    for (format, parts) in [
        ("table", &["missing", "FAIL: missing", "By prefix: ", "too new", "lost/"][..]),
        ("ndjson", &["{\"dimension\":\"all\",\"value\":\"\",\"class\":\"missing\",\"objects\":3,\"bytes\":30}"]),
        (
            "csv",
            &["dimension,value,class,objects,bytes\n", "all,,missing,3,30\n", "status,FAILED,not-completed,1,10\n"],
        ),
        ("markdown", &["## ❌ FAIL: replicas missing", "| missing | **exceeded** | 3 | 0 |"]),
        (
            "prometheus",
            &[
                "replaudit_reconcile_up{source=\"src\",destination=\"dst\"} 1",
                "_objects{source=\"src\",destination=\"dst\",class=\"missing\"} 3",
            ],
        ),
        ("html", &["<title>Fail: replicas of src</title>", "Replicas of <bdi>src</bdi> in <bdi>dst</bdi>"]),
        ("github", &["::error title=replaudit reconcile::bucket src and dst: missing: 3 objects, limit 0"]),
        ("junit", &["<testcase classname=\"reconcile.src.dst\" name=\"missing\"><failure"]),
    ] {
        parts
            .iter()
            .for_each(|part| assert!(text(format).contains(part), "{part} is not in {format}: {}", text(format)));
    }
    assert_eq!(text("json"), run.stdout);
    let schema: Value = serde_json::from_str(&alone(&["schema", "reconcile"]).expect(0).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let result = run.json();
    let errors: Vec<String> = validator.iter_errors(&result).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn current_reports_are_compared_by_key_size_and_etag() {
    let csv = |bucket: &'static str, rows: &str| {
        let schema = "Bucket, Key, Size, LastModifiedDate, ETag, ReplicationStatus";
        let gzipped = crate::support::report::gzip(rows.replace("BUCKET", bucket).as_bytes());
        let report = crate::support::report::Local::new(schema, &[("1.csv.gz", gzipped)]);
        report.edit(|json| json["sourceBucket"] = bucket.into());
        report
    };
    let row = |key: &str, size: u8, etag: &str, status: &str| {
        format!("\"BUCKET\",\"{key}\",\"{size}\",\"2024-05-01T00:00:00.000Z\",\"{etag}\",\"{status}\"\n")
    };
    let source = [row("a", 1, "x", "COMPLETED"), row("b", 1, "x", "COMPLETED"), row("c", 1, "x", "COMPLETED")].concat();
    let destination = [row("a", 1, "x", "REPLICA"), row("b", 2, "x", "REPLICA"), row("d", 1, "x", "REPLICA")].concat();
    let result = reconcile(&csv("src", &source), &csv("dst", &destination), &[]).expect(1).json();
    assert_eq!(result["identity"], "key");
    assert_eq!(classes(&result), counts(&[("in-sync", 1), ("unsure", 1), ("missing", 1), ("extra", 1)]));
}

/// Little memory: the rows go to disk, and the answer stays the same.
#[test]
fn rows_that_do_not_fit_are_kept_on_disk_and_leave_nothing_behind() {
    let (mut source, mut destination) = (Vec::new(), Vec::new());
    for n in 0..200_000 {
        // A third are null versions, whose ETags decide.
        let version_id = if n % 3 == 0 { String::new() } else { format!("version-{n}") };
        let row = Row::of(&format!("data/{}/object {n}", n % 97), &version_id);
        if n % 1000 != 0 {
            destination.push(row.replica());
        }
        source.push(row);
    }
    destination.reverse();
    let (one, other) = pair(&source, &destination);
    let (_guard, temp) = folder();
    let temp_dir = temp.display().to_string();
    let little = ["--memory", "32MiB", "--temp-dir", &temp_dir, "--by", "prefix:2"];
    let spilled = reconcile(&one, &other, &little).expect(1).json();
    let plenty = reconcile(&one, &other, &["--by", "prefix:2"]).expect(1).json();
    assert_eq!(classes(&spilled), counts(&[("in-sync", 199_800), ("missing", 200)]));
    assert_eq!(spilled["classes"], plenty["classes"]);
    assert_eq!(spilled["groups"], plenty["groups"]);
    let (bytes, rows) = (spilled["spilled_bytes"].as_u64().unwrap(), 400_000 - 200);
    assert!(bytes > 0 && bytes <= 48 * rows, "{bytes}");
    assert_eq!(plenty["spilled_bytes"], 0);
    assert_eq!(files(&temp), Vec::<String>::new());
    // A disk that is full: the limit of a file's size is as good as one.
    let mut shell = Command::new("/bin/sh");
    let program = env!("CARGO_BIN_EXE_replaudit");
    let paths = [&one, &other].map(|report| report.dir.display().to_string());
    shell.args(["-c", "trap '' XFSZ; ulimit -f 512 && exec \"$0\" \"$@\"", program, "reconcile", &paths[0], &paths[1]]);
    shell.args(["--max-age", "none"]).args(little).env_clear();
    let run = crate::support::run(shell).expect(2);
    assert_eq!(run.stdout, "");
    run.says(&["error: writing a temporary file in", "--temp-dir names another folder"]);
    reconcile(&one, &other, &["--memory", "32MiB", "--temp-dir", "/nonexistent"])
        .expect(2)
        .says(&["creating a temporary file in /nonexistent"]);
}
