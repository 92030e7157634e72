//! Pairs of local reports, written by the test itself in any format.

use std::collections::BTreeMap;

use replaudit_sandbox::InventoryFormat;
use serde_json::{Value, json};

use crate::support::columnar::{Cells, Column, report_in_files};
use crate::support::report::Local;
use crate::support::{Run, alone};

/// When the source is scanned, in milliseconds: 2024-05-07T01:00:00Z.
pub(super) const SCAN: i64 = 1_715_043_600_000;
pub(super) const HOUR: i64 = 3_600_000;

/// One row of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: String,
    /// Empty or `null` for the null version.
    pub(super) version: String,
    pub(super) latest: bool,
    pub(super) marker: bool,
    pub(super) size: i64,
    pub(super) modified: i64,
    pub(super) etag: String,
    pub(super) status: String,
}

impl Row {
    /// A replicated object, old enough to be judged.
    pub(super) fn of(key: &str, version: &str) -> Self {
        Self {
            key: key.to_owned(),
            version: version.to_owned(),
            latest: true,
            marker: false,
            size: 10,
            modified: SCAN - 48 * HOUR,
            etag: format!("etag of {key}"),
            status: "COMPLETED".to_owned(),
        }
    }

    /// Its replica.
    pub(super) fn replica(&self) -> Self {
        Self { status: "REPLICA".to_owned(), ..self.clone() }
    }

    pub(super) fn status(self, status: &str) -> Self {
        Self { status: status.to_owned(), ..self }
    }
}

/// A report of a bucket in one of the formats; a file for each part of the rows.
pub(super) fn report(bucket: &'static str, format: &str, parts: &[Vec<Row>], scanned_at: i64) -> Local {
    let parts: Vec<Vec<Column>> = parts.iter().map(|rows| columns(bucket, format, rows)).collect();
    let report = report_in_files(format, &parts);
    report.edit(|json| {
        json["sourceBucket"] = json!(bucket);
        json["creationTimestamp"] = json!(scanned_at.to_string());
    });
    report
}

/// Two reports of all versions in CSV.
pub(super) fn pair(source: &[Row], destination: &[Row]) -> (Local, Local) {
    (report("src", "CSV", &[source.to_vec()], SCAN), report("dst", "CSV", &[destination.to_vec()], SCAN))
}

/// Runs on two local reports of any age.
pub(super) fn reconcile(source: &Local, destination: &Local, more: &[&str]) -> Run {
    let paths = [source, destination].map(|report| report.dir.display().to_string());
    let mut args = vec!["reconcile", &paths[0], &paths[1], "--max-age", "none", "-o", "json"];
    args.extend(more);
    alone(&args)
}

/// Objects per class that has any.
pub(super) fn classes(result: &Value) -> BTreeMap<String, u64> {
    let classes = result["classes"].as_object().unwrap().iter();
    let counts = classes.map(|(word, totals)| (word.clone(), totals["objects"].as_u64().unwrap()));
    counts.filter(|(_, objects)| *objects > 0).collect()
}

pub(super) fn counts(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter().map(|(word, objects)| ((*word).to_owned(), *objects)).collect()
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn columns(bucket: &'static str, format: &str, rows: &[Row]) -> Vec<Column> {
    let text = |cell: &dyn Fn(&Row) -> Option<String>| {
        Cells::Text(
            rows.iter().map(|row| cell(row).filter(|cell| !cell.is_empty()).map(|cell| leaked(&cell))).collect(),
        )
    };
    let is_csv = format == "CSV";
    vec![
        ("Bucket", "bucket", text(&|_| Some(bucket.to_owned()))),
        ("Key", "key", text(&|row| Some(if is_csv { encoded(&row.key) } else { row.key.clone() }))),
        ("VersionId", "version_id", text(&|row| Some(row.version.clone()))),
        ("IsLatest", "is_latest", Cells::Flag(rows.iter().map(|row| Some(row.latest)).collect())),
        ("IsDeleteMarker", "is_delete_marker", Cells::Flag(rows.iter().map(|row| Some(row.marker)).collect())),
        ("Size", "size", Cells::Number(rows.iter().map(|row| (!row.marker).then_some(row.size)).collect())),
        ("LastModifiedDate", "last_modified_date", Cells::Time(rows.iter().map(|row| Some(row.modified)).collect())),
        ("ETag", "e_tag", text(&|row| (!row.marker).then(|| row.etag.clone()))),
        ("ReplicationStatus", "replication_status", text(&|row| (!row.marker).then(|| row.status.clone()))),
    ]
}

/// A key as CSV reports write it.
fn encoded(key: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    key.bytes().map(byte).collect()
}

/// The formats of the sandbox.
pub(super) const FORMATS: [InventoryFormat; 3] = [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc];
