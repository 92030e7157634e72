//! Rows of an S3 Batch Operations manifest: `bucket,key` or `bucket,key,version`, no header, keys form-encoded.

use s3_inventory::decode_key;

use crate::model::{Bucket, ObjectId, VersionId};

/// How many columns a row has.
pub(super) fn columns(line: &str) -> usize {
    cells(line).map_or(0, |cells| cells.len())
}

pub(super) fn read(line: &str, columns: usize, first: bool) -> Result<ObjectId, String> {
    let cells = cells(line)?;
    if !matches!(columns, 2 | 3) {
        return Err(
            "it is no s3:// address, no JSON object, and no CSV row of bucket,key or bucket,key,version".to_owned()
        );
    }
    if first && is_header(&cells) {
        return Err("it is a header row, which a manifest of S3 Batch Operations does not have".to_owned());
    }
    if cells.len() != columns {
        return Err(format!("it has {} cells, and the list began with {columns} columns", cells.len()));
    }
    let key = decode_key(cells[1].as_bytes()).ok_or("in the key, a % is not followed by two hex digits")?;
    let key = String::from_utf8(key.into_owned()).map_err(|_| "the decoded key is not UTF-8")?;
    if key.is_empty() {
        return Err("the key is empty".to_owned());
    }
    let version_id = match cells.get(2) {
        None => None,
        Some(id) => Some(VersionId::new(id.as_str()).map_err(|error| error.to_string())?),
    };
    Ok(ObjectId { bucket: Bucket::new(&cells[0]).map_err(|error| error.to_string())?, key, version_id })
}

/// Splits a row at its commas, as CSV has them: a line break can't stand in a cell, because keys are encoded.
fn cells(line: &str) -> Result<Vec<String>, String> {
    if !line.contains('"') {
        return Ok(line.split(',').map(str::to_owned).collect());
    }
    if line.matches('"').count() % 2 == 1 {
        return Err("a quote is never closed".to_owned());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let mut rows = reader.records();
    match (rows.next(), rows.next()) {
        (Some(Ok(row)), None) => Ok(row.iter().map(str::to_owned).collect()),
        (Some(Err(error)), _) => Err(error.to_string()),
        _ => Err("it is no row of CSV".to_owned()),
    }
}

fn is_header(cells: &[String]) -> bool {
    let is = |at: usize, names: &[&str]| {
        cells.get(at).is_some_and(|cell| names.iter().any(|name| cell.trim().eq_ignore_ascii_case(name)))
    };
    is(0, &["bucket"]) && is(1, &["key"]) && (cells.len() == 2 || is(2, &["version", "versionid", "version_id"]))
}
