//! `inventory`: rows, manifests and folders that contradict themselves.

use std::fs;

use serde_json::json;

use crate::support::alone;
use crate::support::columnar::{Cells, Column, FORMATS, report};
use crate::support::report::{Local, SCHEMA, gzip, row};

/// An object, and a row that says that it is a delete marker.
fn marker(size: Option<i64>, etag: Option<&'static str>, status: Option<&'static str>) -> Vec<Column> {
    vec![
        ("Bucket", "bucket", Cells::Text(vec![Some("src"); 2])),
        ("Key", "key", Cells::Text(vec![Some("good"), Some("marker")])),
        ("VersionId", "version_id", Cells::Text(vec![Some("v1"), Some("v2")])),
        ("IsLatest", "is_latest", Cells::Flag(vec![Some(true); 2])),
        ("IsDeleteMarker", "is_delete_marker", Cells::Flag(vec![Some(false), Some(true)])),
        ("Size", "size", Cells::Number(vec![Some(5), size])),
        ("LastModifiedDate", "last_modified_date", Cells::Time(vec![Some(1_715_000_000_000); 2])),
        ("ETag", "e_tag", Cells::Text(vec![Some("e"), etag])),
        ("ReplicationStatus", "replication_status", Cells::Text(vec![Some("COMPLETED"), status])),
    ]
}

fn without(name: &str, columns: Vec<Column>) -> Vec<Column> {
    columns.into_iter().filter(|column| column.0 != name).collect()
}

#[test]
fn a_delete_marker_with_a_size_is_damage() {
    for format in FORMATS {
        report(format, &marker(None, None, None)).run(&[]).expect(0).silent();
        let report = report(format, &marker(Some(7), None, Some("FAILED")));
        for more in [&[][..], &["--current"], &["--prefix", "good"], &["--by", "age"], &["--no-verify"]] {
            let run = report.run(more).expect(2).says(&["1.data, row 2", "delete marker", "Size"]);
            assert_eq!(run.stdout, "", "{format} {more:?}");
        }
    }
}

#[test]
fn a_delete_marker_without_content_may_say_zero() {
    for format in FORMATS {
        let audit = report(format, &marker(Some(0), None, None)).run(&[]).expect(0).silent().json();
        assert_eq!(audit["delete_markers"], 1, "{format}");
    }
}

/// Only the columns that a question needs are read of columnar files; those of an export hold the ETag.
#[test]
fn a_delete_marker_with_an_etag_is_damage_where_that_is_read() {
    for format in FORMATS {
        let wrong = report(format, &marker(None, Some("e2"), Some("FAILED")));
        let export = wrong.dir.join("x.ndjson").display().to_string();
        let run = wrong.run(&["--export", &export]).expect(2);
        run.says(&["1.data, row 2", "delete marker", "ETag"]);
        assert!(!wrong.dir.join("x.ndjson").exists());
        // Without sizes the ETag alone shows what a row is.
        let sizeless = report(format, &without("Size", marker(None, Some("e2"), Some("FAILED"))));
        sizeless.run(&[]).expect(2).says(&["1.data, row 2", "delete marker", "ETag"]);
        report(format, &without("Size", marker(None, None, None))).run(&[]).expect(0).silent();
    }
    report("CSV", &marker(None, Some("e2"), Some("FAILED"))).run(&[]).expect(2).says(&["row 2", "ETag"]);
}

/// AWS does not say what a delete marker's status is. It counts in no status, and it is not passed over in silence.
#[test]
fn a_delete_marker_with_a_status_is_said() {
    for format in FORMATS {
        let run = report(format, &marker(None, None, Some("FAILED"))).run(&[]).expect(0);
        let audit = run.json();
        assert_eq!((&audit["delete_markers"], &audit["statuses"].get("FAILED")), (&json!(1), &None), "{format}");
        assert_eq!(audit["delete_marker_statuses"], json!({"FAILED": 1}), "{format}");
        run.says(&["1 delete marker has a replication status", "FAILED: 1"]);
        // Nothing shows that it is a delete marker.
        let bare = without("Size", without("ETag", marker(None, None, Some("FAILED"))));
        report(format, &bare).run(&[]).expect(2).says(&["neither Size nor ETag", "FAILED: 1"]);
        let bare = without("Size", without("ETag", marker(None, None, None)));
        report(format, &bare).run(&[]).expect(0).silent();
    }
}

#[test]
fn columns_that_were_swapped_are_found_out() {
    let swapped = SCHEMA.replace("IsLatest, IsDeleteMarker", "IsDeleteMarker, IsLatest");
    let report = Local::new(&swapped, &[("1.csv.gz", gzip(row("a", "FAILED").as_bytes()))]);
    report.run(&[]).expect(2).says(&["1.csv.gz, row 1", "delete marker", "Size \"5\""]);
}

#[test]
fn a_key_with_an_encoded_percent_and_slash_is_in_its_group() {
    let report = Local::of(&[row("100%25%2Fx", "COMPLETED"), row("100%25/y", "FAILED")].concat());
    let audit = report.run(&["--by", "prefix"]).expect(1).silent().json();
    let groups = audit["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{audit:#}");
    assert_eq!(groups[0]["value"], "100%/");
}

#[test]
fn one_file_under_two_keys_is_listed_twice() {
    let good = Local::good();
    let listed = |key: &str| {
        good.edit(|json| {
            let mut file = json["files"][0].clone();
            file["key"] = json!(key);
            let files = json["files"].as_array_mut().unwrap();
            files.truncate(2);
            files.push(file);
        });
    };
    for key in ["inv//data/1.csv.gz", "/inv/data/1.csv.gz", "inv/data/1.csv%2Egz", "inv/./data/1.csv.gz"] {
        listed(key);
        good.run(&[]).expect(2).says(&["inv/data/1.csv.gz", "lists this file twice", key]);
    }
    // Two names of one local file.
    fs::hard_link(good.dir.join("1.csv.gz"), good.dir.join("3.csv.gz")).unwrap();
    listed("inv/data/3.csv.gz");
    good.run(&["--no-verify"]).expect(2).says(&["same local file", "inv/data/1.csv.gz"]);
}

#[test]
fn an_incremental_report_is_not_one_of_the_bucket() {
    let report = Local::good();
    report.edit(|json| json["version"] = json!("2025-09-30"));
    report.run(&[]).expect(2).says(&["version 2025-09-30", "lists changes only", "can't be trusted"]);
    report.edit(|json| json["version"] = json!("2031-01-01"));
    let doubt = ["the manifest has version \"2031-01-01\"", "may not list the whole bucket"];
    report.run(&[]).expect(2).says(&doubt).says(&["can't be trusted", "--no-verify"]);
    report.run(&["--no-verify"]).expect(0).says(&doubt);
    for format in ["table", "markdown", "html"] {
        let run = report
            .run(&["-q", "--no-verify", "--write", &format!("{format}={}", report.dir.join("result").display())])
            .expect(0);
        let text = fs::read_to_string(report.dir.join("result")).unwrap();
        assert!(text.contains("may not list the whole bucket"), "{run:?}: {text}");
    }
    report.edit(|json| drop(json.as_object_mut().unwrap().remove("version")));
    report.run(&[]).expect(0).silent();
}

#[test]
fn an_odd_creation_timestamp_is_said() {
    let good = Local::good();
    for time in [json!("1715043600"), json!(1_715_043_600), json!(1_715_043_600.0)] {
        good.edit(|json| json["creationTimestamp"] = time.clone());
        good.run(&[]).expect(0).says(&["creationTimestamp", "10 digits", "seconds"]);
    }
    for time in [json!("1715043600000"), json!(1_715_043_600_000_u64)] {
        good.edit(|json| json["creationTimestamp"] = time.clone());
        good.run(&[]).expect(0).silent();
    }
    for time in [json!("171504360000"), json!("17150436000000"), json!("171504360"), json!("17150436000")] {
        good.edit(|json| json["creationTimestamp"] = time.clone());
        good.run(&[]).expect(2).says(&["creationTimestamp", "10 or 13 digits"]);
    }
}

/// A folder is named for the minute of the scan. Where it is not, the report counts as old as the older of both.
#[test]
fn a_folder_that_contradicts_its_manifest_is_said() {
    let good = Local::good();
    let now = jiff::Timestamp::now();
    let hours = |hours: i64| now.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
    let put = |folder: jiff::Timestamp, scan: jiff::Timestamp| {
        good.edit(|json| json["creationTimestamp"] = json!(scan.as_millisecond().to_string()));
        let name = folder.strftime("%Y-%m-%dT%H-%MZ").to_string();
        let dated = good.dir.join(&name);
        fs::create_dir_all(&dated).unwrap();
        for file in ["manifest.json", "manifest.checksum", "1.csv.gz", "2.csv.gz"] {
            fs::copy(good.dir.join(file), dated.join(file)).unwrap();
        }
        (name, dated)
    };
    for (folder, scan, code) in [(hours(30), hours(3), 0), (hours(3), hours(30), 0), (hours(100), hours(4), 2)] {
        let (name, dated) = put(folder, scan);
        let path = dated.join("manifest.json").display().to_string();
        let run = alone(&["inventory", &path, "-o", "json"]).expect(code);
        run.says(&[&name, "the manifest"]);
    }
    let (_, same) = put(hours(2), hours(2));
    alone(&["inventory", &same.display().to_string(), "-o", "json"]).expect(0).silent();
}
