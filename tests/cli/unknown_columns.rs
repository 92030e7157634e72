//! `inventory --export`: columns that came after this program are passed through.

use std::fs;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};
use serde_json::{Value, json};

use crate::support::columnar::{Cells, Column, FORMATS, parquet, report};
use crate::support::report::Local;

fn exported(report: &Local) -> Vec<Value> {
    let path = report.dir.join("x.ndjson");
    report.run(&["--export", &path.display().to_string()]).expect(1);
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn base() -> Vec<Column> {
    vec![
        ("Bucket", "bucket", Cells::Text(vec![Some("src"); 2])),
        ("Key", "key", Cells::Text(vec![Some("a"), Some("b")])),
        ("Size", "size", Cells::Number(vec![Some(1), Some(2)])),
        ("ReplicationStatus", "replication_status", Cells::Text(vec![Some("FAILED"); 2])),
    ]
}

#[test]
fn the_columns_of_2026_are_exported() {
    let texts = |one| Cells::Text(vec![Some(one), None]);
    let more: Vec<Column> = vec![
        ("ObjectLockEventHoldStatus", "object_lock_event_hold_status", texts("ON")),
        ("ObjectLockEventHoldDuration", "object_lock_event_hold_duration", Cells::Number(vec![Some(30), None])),
        ("ObjectLockEventHoldDurationUnit", "object_lock_event_hold_duration_unit", texts("Days")),
        (
            "IntelligentTieringReferenceDate",
            "intelligent_tiering_reference_date",
            Cells::Time(vec![Some(1_715_000_000_000), None]),
        ),
    ];
    for format in FORMATS {
        let lines = exported(&report(format, &[base(), more.clone()].concat()));
        let expected = json!({
            "bucket": "src", "key": "a", "size": 1, "replication_status": "FAILED",
            "object_lock_event_hold_status": "ON", "object_lock_event_hold_duration": 30,
            "object_lock_event_hold_duration_unit": "Days",
            "intelligent_tiering_reference_date": "2024-05-06T12:53:20Z",
        });
        assert_eq!(lines[0], expected, "{format}");
        assert_eq!(lines[1]["object_lock_event_hold_duration"], Value::Null, "{format}");
        assert_eq!(lines[1]["intelligent_tiering_reference_date"], Value::Null, "{format}");
        // One column that holds the unit too, and a date that is another kind of text.
        let other: Vec<Column> = vec![
            ("ObjectLockEventHoldDuration", "object_lock_event_hold_duration", texts("30 Days")),
            ("IntelligentTieringReferenceDate", "intelligent_tiering_reference_date", texts("2024-05-06")),
        ];
        let lines = exported(&report(format, &[base(), other].concat()));
        assert_eq!(lines[0]["object_lock_event_hold_duration"], "30 Days", "{format}");
        assert_eq!(lines[0]["intelligent_tiering_reference_date"], "2024-05-06", "{format}");
    }
}

#[test]
fn columns_that_are_not_known_are_exported_as_text() {
    let more: Vec<Column> = vec![
        ("AnnotationCount", "annotation_count", Cells::Number(vec![Some(7), None])),
        ("IsOdd", "is_odd", Cells::Flag(vec![Some(true), None])),
        ("Future\\text", "future\\text", Cells::Text(vec![Some("ü and \\"), None])),
        ("SeenDate", "seen_date", Cells::Time(vec![Some(1_715_000_000_000), None])),
    ];
    for format in FORMATS {
        let lines = exported(&report(format, &[base(), more.clone()].concat()));
        assert_eq!((&lines[0]["annotation_count"], &lines[0]["is_odd"]), (&json!("7"), &json!("true")), "{format}");
        assert_eq!(lines[0]["future\\text"], "ü and \\", "{format}");
        let time = lines[0]["seen_date"].as_str().unwrap();
        assert_eq!(time.parse::<jiff::Timestamp>().unwrap().as_millisecond(), 1_715_000_000_000, "{format}");
        for name in ["annotation_count", "is_odd", "future\\text", "seen_date"] {
            assert_eq!(lines[1].get(name), Some(&Value::Null), "{format} {name}");
        }
        assert_eq!((&lines[0]["key"], &lines[0]["size"]), (&json!("a"), &json!(1)));
    }
}

#[test]
fn parquet_may_hold_other_numbers() {
    let texts = |text| Arc::new(StringArray::from(vec![text; 2])) as ArrayRef;
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("bucket", texts("src"), false),
        ("key", texts("k"), false),
        ("replication_status", texts("FAILED"), true),
        ("object_lock_event_hold_duration", Arc::new(Int32Array::from(vec![Some(30), None])) as ArrayRef, true),
        ("price", Arc::new(Float64Array::from(vec![Some(1.5), None])) as ArrayRef, true),
        ("small", Arc::new(Int32Array::from(vec![Some(-3), None])) as ArrayRef, true),
    ])
    .unwrap();
    let (schema, bytes) = parquet(rows);
    let report = Local::new(&schema, &[("1.data", bytes)]);
    report.edit(|json| json["fileFormat"] = json!("Parquet"));
    let lines = exported(&report);
    assert_eq!(lines[0]["object_lock_event_hold_duration"], 30);
    assert_eq!((&lines[0]["price"], &lines[0]["small"]), (&json!("1.5"), &json!("-3")));
    assert_eq!((&lines[1]["price"], &lines[1]["small"]), (&Value::Null, &Value::Null));
}

#[test]
fn no_two_columns_have_one_name() {
    for name in ["Other", "Size", "size"] {
        let twice = Local::new(&format!("Bucket, Key, Size, Other, {name}, ReplicationStatus"), &[]);
        twice.run(&[]).expect(2).says(&["twice"]);
    }
}
