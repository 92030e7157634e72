//! The delete markers that a report or a journal of `safe-delete` names, read a second time.

use std::collections::BTreeSet;

use serde_json::Value;

/// Bucket, key and version ID of a marker.
pub(super) type Marker = (String, String, String);

/// The markers that a report (json or ndjson) or a journal names.
pub(super) fn markers(source: &str) -> BTreeSet<Marker> {
    entries(source).iter().filter_map(marker).collect()
}

fn entries(source: &str) -> Vec<Value> {
    let document: Option<Value> = serde_json::from_str(source).ok();
    let whole = document.filter(|document| document["objects"].is_array());
    match whole {
        Some(mut document) => document["objects"].as_array_mut().map(std::mem::take).unwrap_or_default(),
        None => source.lines().filter_map(|line| serde_json::from_str(line).ok()).map(outcome_of).collect(),
    }
}

/// A line of a journal has its entry inside; a line of a report is one.
fn outcome_of(mut line: Value) -> Value {
    match line.get_mut("outcome").filter(|outcome| outcome.is_object()) {
        Some(entry) => entry.take(),
        None => line,
    }
}

fn marker(entry: &Value) -> Option<Marker> {
    let text = |name: &str| entry[name].as_str().map(str::to_owned);
    matches!(entry["outcome"].as_str(), Some("marker-created" | "unknown"))
        .then(|| Some((text("bucket")?, text("key")?, text("new_marker_version_id")?)))
        .flatten()
}
