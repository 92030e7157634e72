//! Parses and checks one row of a report.

use jiff::Timestamp;

use crate::cell::{RowError, bad, boolean, has_control, integer, time, word};
use crate::schema::Columns;
use crate::text::quoted;

/// A checked row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The key as the report writes it; see [`super::decode_key`] for CSV.
    pub key: &'a [u8],
    /// Whether this is the latest version; true if the report lists only those.
    pub is_latest: bool,
    /// Whether this is a delete marker, which has no size and no status.
    pub is_delete_marker: bool,
    /// Size in bytes; `None` for delete markers and without the column.
    pub size: Option<u64>,
    /// `None` if the cell is empty, or without the column.
    pub last_modified: Option<Timestamp>,
    /// S3's word; empty without a status.
    pub replication_status: &'a str,
    /// The StorageClass cell; empty without the column.
    pub storage_class: &'a [u8],
    /// The EncryptionStatus cell; empty without the column.
    pub encryption_status: &'a [u8],
}

impl<'a> Record<'a> {
    /// Parses one row. `cell` returns a cell by index; `is_printable` means that no cell has a control character.
    ///
    /// # Errors
    /// A header row, a row of another bucket, an invalid cell.
    #[inline(always)]
    pub fn read(
        columns: &Columns,
        source_bucket: &str,
        is_printable: bool,
        cell: impl Fn(usize) -> &'a [u8],
    ) -> Result<Self, RowError> {
        let bucket = cell(columns.bucket);
        let key = cell(columns.key);
        if bucket != source_bucket.as_bytes() {
            return Err(if bucket == b"Bucket" && key == b"Key" {
                RowError::Header
            } else {
                RowError::OtherBucket(quoted(bucket), quoted(source_bucket.as_bytes()))
            });
        }
        // S3 encodes keys. A raw control byte shows a misplaced quote, which swallows rows.
        if !is_printable && has_control(key) {
            return Err(bad("Key", key, "URL-encoded key"));
        }
        let flag = |place: Option<usize>, name, absent| match place {
            None => Ok(absent),
            Some(at) => boolean(cell(at)).ok_or_else(|| bad(name, cell(at), "boolean")),
        };
        let is_delete_marker = flag(columns.is_delete_marker, "IsDeleteMarker", false)?;
        if is_delete_marker {
            check_marker(columns, &cell)?;
        }
        let size = match columns.size.map(&cell) {
            None => None,
            Some(_) if is_delete_marker => None,
            Some(text) => Some(integer(text).ok_or_else(|| bad("Size", text, "size"))?),
        };
        let last_modified = match columns.last_modified.map(&cell) {
            None | Some(b"") => None,
            Some(text) => Some(time(text).ok_or_else(|| bad("LastModifiedDate", text, "time"))?),
        };
        let status = columns.replication_status.map_or(&b""[..], &cell);
        let replication_status = word(status).ok_or_else(|| bad("ReplicationStatus", status, "status"))?;
        Ok(Self {
            key,
            is_latest: flag(columns.is_latest, "IsLatest", true)?,
            is_delete_marker,
            size,
            last_modified,
            replication_status,
            storage_class: columns.storage_class.map_or(&b""[..], &cell),
            encryption_status: columns.encryption_status.map_or(&b""[..], &cell),
        })
    }
}

/// Checks that a delete marker has no value that only objects have: a row with two swapped columns must not count as a
/// delete marker.
#[inline(never)]
fn check_marker<'a>(columns: &Columns, cell: &impl Fn(usize) -> &'a [u8]) -> Result<(), RowError> {
    match columns.size.map(cell) {
        None | Some(b"") => {}
        Some(text) => match integer(text) {
            Some(0) => {}
            Some(_) => return Err(RowError::Contradiction { column: "Size", cell: quoted(text) }),
            None => return Err(bad("Size", text, "size")),
        },
    }
    match columns.e_tag.map(cell) {
        None | Some(b"") => Ok(()),
        Some(text) => Err(RowError::Contradiction { column: "ETag", cell: quoted(text) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::FileFormat;

    const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus";
    const GOOD: [&str; 8] = ["src", "a+b", "", "true", "false", "5", "2024-05-06T22:44:22.000Z", "COMPLETED"];

    fn read(edit: impl FnOnce(&mut [&'static str; 8])) -> Result<Record<'static>, RowError> {
        let mut cells = GOOD;
        edit(&mut cells);
        Record::read(&Columns::of(FileFormat::Csv, SCHEMA).unwrap(), "src", false, |at| cells[at].as_bytes())
    }

    #[test]
    fn a_row_as_s3_writes_it() {
        let record = read(|_| {}).unwrap();
        assert_eq!((record.key, record.size, record.is_latest), (&b"a+b"[..], Some(5), true));
        assert_eq!(record.last_modified.unwrap().to_string(), "2024-05-06T22:44:22Z");
        assert!(read(|c| c[3] = "TRUE").unwrap().is_latest);
        assert!(!read(|c| c[3] = "False").unwrap().is_latest);
        for size in ["", "0"] {
            assert_eq!(read(|c| (c[4], c[5], c[7]) = ("true", size, "")).unwrap().size, None);
        }
        let marker = read(|c| (c[4], c[5], c[7]) = ("true", "", "")).unwrap();
        assert_eq!((marker.is_delete_marker, marker.size, marker.replication_status), (true, None, ""));
        assert_eq!(read(|c| c[6] = "").unwrap().last_modified, None);
    }

    #[test]
    fn cells_that_do_not_parse_are_named() {
        let table: [(usize, &str, &str); 15] = [
            (1, "a\nb", "Key"),
            (7, "COMPLETED\n", "ReplicationStatus"),
            (7, "COMPLETEDCOMPLETEDCOMPLETEDCOMPLETEDCOMPLETEDCOMPLETEDCOMPLETEDCOMPLETED", "ReplicationStatus"),
            (3, "", "IsLatest"),
            (3, "yes", "IsLatest"),
            (4, "", "IsDeleteMarker"),
            (4, "1", "IsDeleteMarker"),
            (5, "", "Size"),
            (5, "-1", "Size"),
            (5, "+1", "Size"),
            (5, "1.0", "Size"),
            (5, "18446744073709551616", "Size"),
            (5, "5.2024-05T22:44:00Z", "Size"),
            (6, "2024-05-06", "LastModifiedDate"),
            (6, "yesterday", "LastModifiedDate"),
        ];
        for (at, cell, name) in table {
            match read(|c| c[at] = cell) {
                Err(RowError::Cell { column, .. }) => assert_eq!(column, name),
                other => panic!("{name} {cell:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_delete_marker_has_nothing_of_an_object() {
        let columns = Columns::of(FileFormat::Csv, &format!("{SCHEMA}, ETag")).unwrap();
        let read = |marker, size, etag| {
            let [bucket, key, id, latest, _, _, time, status] = GOOD;
            let cells = [bucket, key, id, latest, marker, size, time, status, etag];
            Record::read(&columns, "src", false, |at| cells[at].as_bytes()).map(|record| record.is_delete_marker)
        };
        let table = [
            ("true", "", "", Ok(true)),
            ("true", "0", "", Ok(true)),
            ("true", "5", "", Err("Size")),
            ("TRUE", "18446744073709551616", "", Err("Size")),
            ("true", "x", "", Err("Size")),
            ("true", "", "e", Err("ETag")),
            ("false", "5", "e", Ok(false)),
            ("false", "", "e", Err("Size")),
        ];
        for (marker, size, etag, expected) in table {
            let column = read(marker, size, etag).map_err(|error| match error {
                RowError::Contradiction { column, .. } | RowError::Cell { column, .. } => column,
                other => panic!("{other}"),
            });
            assert_eq!(column, expected, "{marker} {size} {etag}");
        }
    }

    #[test]
    fn rows_of_another_bucket_and_headers_are_distinguished() {
        assert!(matches!(read(|c| c[0] = "other"), Err(RowError::OtherBucket(..))));
        assert_eq!(read(|c| (c[0], c[1]) = ("Bucket", "Key")), Err(RowError::Header));
    }
}
