//! Rows of an S3 Batch Operations manifest: `bucket,key` or `bucket,key,version`, no header, keys form-encoded.

use s3_inventory::decode_key;

use super::LineFault;
use crate::model::{Bucket, ObjectId, VersionId};

/// How many columns a row has.
pub(super) fn columns(line: &str) -> usize {
    cells(line).map_or(0, |cells| cells.len())
}

pub(super) fn read(line: &str, columns: usize, first: bool) -> Result<ObjectId, LineFault> {
    let cells = cells(line)?;
    if !matches!(columns, 2 | 3) {
        return Err(LineFault::UnknownForm);
    }
    if first && is_header(&cells) {
        return Err(LineFault::HeaderRow);
    }
    if cells.len() != columns {
        return Err(LineFault::OtherWidth(cells.len(), columns));
    }
    let key = decode_key(cells[1].as_bytes()).ok_or(LineFault::KeyEscape)?;
    let key = String::from_utf8(key.into_owned()).map_err(|_| LineFault::KeyNotUtf8)?;
    if key.is_empty() {
        return Err(LineFault::EmptyKey);
    }
    let version_id = cells.get(2).map(|id| VersionId::new(id.as_str())).transpose()?;
    Ok(ObjectId { bucket: Bucket::new(&cells[0])?, key, version_id })
}

/// Splits a row at its commas, as CSV has them. A cell has no line break, because keys are encoded.
fn cells(line: &str) -> Result<Vec<String>, LineFault> {
    if !line.contains('"') {
        return Ok(line.split(',').map(str::to_owned).collect());
    }
    if line.matches('"').count() % 2 == 1 {
        return Err(LineFault::OpenQuote);
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let mut rows = reader.records();
    match (rows.next(), rows.next()) {
        (Some(Ok(row)), None) => Ok(row.iter().map(str::to_owned).collect()),
        (Some(Err(error)), _) => Err(error.into()),
        _ => Err(LineFault::NotCsv),
    }
}

fn is_header(cells: &[String]) -> bool {
    let is = |at: usize, names: &[&str]| {
        cells.get(at).is_some_and(|cell| names.iter().any(|name| cell.trim().eq_ignore_ascii_case(name)))
    };
    is(0, &["bucket"]) && is(1, &["key"]) && (cells.len() == 2 || is(2, &["version", "versionid", "version_id"]))
}
