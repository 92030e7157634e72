//! Lines of NDJSON: every column of the report under the names of columnar reports. Unknown columns come last, as text.
//!
//! `--from` reads these lines: `bucket`, `key`, and `version_id`, which is `"null"` for the null version.

use std::io::{self, Write};

use jiff::fmt::temporal::DateTimePrinter;
use s3_inventory::{Columns, FieldKind, InventoryRow, Value};

use super::ExportRowError;

/// As `Display` does, without its detour.
const TIMES: DateTimePrinter = DateTimePrinter::new();

/// Writes one line; `columns` are those that `row` has.
pub(super) fn line(
    out: &mut Vec<u8>,
    columns: &Columns,
    key: &str,
    row: &impl InventoryRow,
) -> Result<(), ExportRowError> {
    let mut mark = b'{';
    for (at, (field, _)) in columns.known.iter().enumerate() {
        out.push(mark);
        mark = b',';
        // Names need no escaping.
        out.push(b'"');
        out.extend_from_slice(field.name.as_bytes());
        out.extend_from_slice(b"\":");
        if field.kind == FieldKind::Key {
            text(out, key)?;
            continue;
        }
        match row.value(at)? {
            Value::Empty if field.kind == FieldKind::VersionId => out.extend_from_slice(b"\"null\""),
            Value::Empty => out.extend_from_slice(b"null"),
            Value::Text(value) => text(out, value)?,
            Value::Flag(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
            // The shorter type is formatted much faster.
            Value::Number(value) => match i64::try_from(value) {
                Ok(value) => serde_json::to_writer(&mut *out, &value).map_err(io::Error::from)?,
                Err(_) => write!(out, "{value}")?,
            },
            Value::Time(value) => {
                out.push(b'"');
                TIMES.print_timestamp(&value, &mut *out).map_err(io::Error::other)?;
                out.push(b'"');
            }
        }
    }
    for (at, other) in columns.others.iter().enumerate() {
        out.push(mark);
        mark = b',';
        text(out, &other.name)?;
        out.push(b':');
        match row.other(at)? {
            Some(value) => text(out, &value)?,
            None => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn text(out: &mut Vec<u8>, text: &str) -> io::Result<()> {
    // Compares many bytes at once. Most texts need no escaping.
    let is_special = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    if text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return Ok(serde_json::to_writer(out, text)?);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use s3_inventory::{CsvRow, FileFormat, ScanError, scan_text};

    use super::*;

    fn lined(schema: &str, cells: &[&str]) -> Result<String, String> {
        let columns = Columns::of(FileFormat::Csv, schema).unwrap();
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        let mut out = Vec::new();
        scan_text(format!("{}\n", quoted.join(",")).as_bytes(), "f", &columns, "b", |record, cells| {
            line(&mut out, &columns, "k\n\u{202e}\"", &CsvRow { record, cells, columns: &columns })
        })
        .map_err(|error| match error {
            ScanError::Refused { error, .. } => error.to_string(),
            ScanError::Damaged(damage) => damage.to_string(),
        })?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_line_has_the_columns_of_the_report_in_s3s_order() {
        let schema = "Key, Bucket, Other, VersionId, IsLatest, Size, LastModifiedDate, ETag, ObjectOwner, IsMultipartUploaded, LifecycleExpirationDate";
        let cells =
            ["k", "b", "x", "", "TRUE", "18446744073709551615", "2024-05-06T22:44:22.000Z", "e\"", "", "false", ""];
        assert_eq!(
            lined(schema, &cells).unwrap(),
            "{\"bucket\":\"b\",\"key\":\"k\\n\u{202e}\\\"\",\"version_id\":\"null\",\"is_latest\":true,\"size\":18446744073709551615,\
             \"last_modified_date\":\"2024-05-06T22:44:22Z\",\"e_tag\":\"e\\\"\",\"is_multipart_uploaded\":false,\
             \"object_owner\":null,\"lifecycle_expiration_date\":null,\"other\":\"x\"}\n"
        );
        assert_eq!(lined("Bucket, Key", &["b", "k"]).unwrap(), "{\"bucket\":\"b\",\"key\":\"k\\n\u{202e}\\\"\"}\n");
        let wrong = lined("Bucket, Key, IsMultipartUploaded", &["b", "k", "yes"]).unwrap_err();
        assert_eq!(wrong, "IsMultipartUploaded: invalid boolean: \"yes\"");
    }
}
