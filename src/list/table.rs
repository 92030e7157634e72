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

/// Splits a row at its commas, strictly as in RFC 4180: the csv crate reads `"a"x` as `ax`. A cell has no line break, because
/// keys are encoded.
fn cells(line: &str) -> Result<Vec<String>, LineFault> {
    let (mut cells, mut rest) = (Vec::new(), line);
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted)?,
            None => {
                let (cell, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                if cell.contains('"') {
                    return Err(LineFault::StrayQuote);
                }
                (cell.to_owned(), after)
            }
        };
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(cells),
            None => return Err(LineFault::StrayQuote),
        }
    }
}

/// Reads a quoted cell from after its opening quote. Returns the cell, and the text after its closing quote.
fn quoted_cell(text: &str) -> Result<(String, &str), LineFault> {
    let (mut cell, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('"').ok_or(LineFault::OpenQuote)?;
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Ok((cell, after)),
        }
    }
}

fn is_header(cells: &[String]) -> bool {
    let is = |at: usize, names: &[&str]| {
        cells.get(at).is_some_and(|cell| names.iter().any(|name| cell.trim().eq_ignore_ascii_case(name)))
    };
    is(0, &["bucket"]) && is(1, &["key"]) && (cells.len() == 2 || is(2, &["version", "versionid", "version_id"]))
}
