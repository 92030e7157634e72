//! One row of a report: raw cells go in, a record whose cells parse comes out.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::damage::shown;
use super::schema::Columns;

/// S3's own words have at most nine letters, those of other servers not many more.
const LONGEST_WORD: usize = 64;

/// A row that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The key as the report writes it; see [`super::decode_key`] for CSV.
    pub key: &'a [u8],
    /// Whether this is the latest version; true where only those are listed.
    pub is_latest: bool,
    /// A delete marker: no size, no status.
    pub is_delete_marker: bool,
    /// Bytes; `None` for delete markers and without the column.
    pub size: Option<u64>,
    /// `None` without the column, or where it is empty.
    pub last_modified: Option<Timestamp>,
    /// S3's word; empty for none.
    pub replication_status: &'a str,
}

/// Why a row is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Cells are missing, or there are too many.
    #[error("the row has {0} cells, the report has {1} columns")]
    Width(usize, usize),
    /// The columns' names in place of values.
    #[error("this is a header row, which S3 never writes: remove it, and mend what wrote it")]
    Header,
    /// Another bucket than the manifest's.
    #[error("the row is about bucket {0}, the manifest about {1}")]
    OtherBucket(String, String),
    /// A cell that does not parse.
    #[error("{column} {cell} is no {kind}")]
    Cell {
        /// The column's name.
        column: &'static str,
        /// The cell as shown to people.
        cell: String,
        /// What it should have been.
        kind: &'static str,
    },
}

impl<'a> Record<'a> {
    /// Reads one row; `cell` gives the cell at a place.
    ///
    /// # Errors
    /// A header row, a row of another bucket, a cell that does not parse.
    #[inline]
    pub fn read(columns: &Columns, source_bucket: &str, cell: impl Fn(usize) -> &'a [u8]) -> Result<Self, RowError> {
        let bucket = cell(columns.bucket);
        let key = cell(columns.key);
        if bucket != source_bucket.as_bytes() {
            return Err(if bucket == b"Bucket" && key == b"Key" {
                RowError::Header
            } else {
                RowError::OtherBucket(shown(bucket), shown(source_bucket.as_bytes()))
            });
        }
        // Keys are encoded and words are plain: a raw control byte is a quote gone astray, and rows with it.
        // Without leaving early, so that the compiler looks at many bytes at a time.
        if key.iter().fold(false, |found, byte| found | byte.is_ascii_control()) {
            return Err(bad("Key", key, "key as S3 encodes it"));
        }
        let flag = |place: Option<usize>, name, absent| match place {
            None => Ok(absent),
            Some(at) => boolean(cell(at)).ok_or_else(|| bad(name, cell(at), "boolean")),
        };
        let is_delete_marker = flag(columns.is_delete_marker, "IsDeleteMarker", false)?;
        let size = match columns.size.map(&cell) {
            None => None,
            Some(b"") if is_delete_marker => None,
            Some(text) => Some(integer(text).ok_or_else(|| bad("Size", text, "number of bytes"))?),
        };
        let last_modified = match columns.last_modified.map(&cell) {
            None | Some(b"") => None,
            Some(text) => Some(time(text).ok_or_else(|| bad("LastModifiedDate", text, "time"))?),
        };
        let status = columns.replication_status.map_or(&b""[..], &cell);
        let word = std::str::from_utf8(status).ok().filter(|word| word.len() <= LONGEST_WORD);
        let word = word.filter(|word| !word.bytes().any(|byte| byte.is_ascii_control()));
        let replication_status = word.ok_or_else(|| bad("ReplicationStatus", status, "word of S3"))?;
        Ok(Self {
            key,
            is_latest: flag(columns.is_latest, "IsLatest", true)?,
            is_delete_marker,
            size,
            last_modified,
            replication_status,
        })
    }
}

fn bad(column: &'static str, cell: &[u8], kind: &'static str) -> RowError {
    RowError::Cell { column, cell: shown(cell), kind }
}

/// S3 writes `true`; its guide writes `True` and `TRUE`.
fn boolean(cell: &[u8]) -> Option<bool> {
    if cell.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if cell.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// Digits and nothing else: the library's parser would also take a sign.
fn integer(cell: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(cell).ok()?;
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// S3's own form quickly, any other that RFC 3339 has through the library.
fn time(cell: &[u8]) -> Option<Timestamp> {
    s3_time(cell).or_else(|| std::str::from_utf8(cell).ok()?.parse().ok())
}

/// Reads `YYYY-MM-DDTHH:MM:SS.000Z`.
#[inline]
fn s3_time(cell: &[u8]) -> Option<Timestamp> {
    let cell: &[u8; 24] = cell.try_into().ok()?;
    let digits = |at: usize| {
        let (tens, ones) = (cell[at].wrapping_sub(b'0'), cell[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| (tens * 10 + ones).cast_signed())
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| cell[*at] != *mark) || cell[19..] != *b".000Z" {
        return None;
    }
    let year = i16::from(digits(0)?) * 100 + i16::from(digits(2)?);
    let time = DateTime::new(year, digits(5)?, digits(8)?, digits(11)?, digits(14)?, digits(17)?, 0).ok()?;
    Offset::UTC.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus";
    const GOOD: [&str; 8] = ["src", "a+b", "", "true", "false", "5", "2024-05-06T22:44:22.000Z", "COMPLETED"];

    fn read(edit: impl FnOnce(&mut [&'static str; 8])) -> Result<Record<'static>, RowError> {
        let mut cells = GOOD;
        edit(&mut cells);
        Record::read(&Columns::of_csv(SCHEMA).unwrap(), "src", |at| cells[at].as_bytes())
    }

    #[test]
    fn a_row_as_s3_writes_it() {
        let record = read(|_| {}).unwrap();
        assert_eq!((record.key, record.size, record.is_latest), (&b"a+b"[..], Some(5), true));
        assert_eq!(record.last_modified.unwrap().to_string(), "2024-05-06T22:44:22Z");
        assert!(read(|c| c[3] = "TRUE").unwrap().is_latest);
        assert!(!read(|c| c[3] = "False").unwrap().is_latest);
        let marker = read(|c| (c[4], c[5], c[7]) = ("true", "", "")).unwrap();
        assert_eq!((marker.is_delete_marker, marker.size, marker.replication_status), (true, None, ""));
        assert_eq!(read(|c| c[6] = "").unwrap().last_modified, None);
    }

    #[test]
    fn cells_that_do_not_parse_are_named() {
        let table: [(usize, &str, &str); 14] = [
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
    fn times_in_s3s_form_are_those_of_the_library() {
        let library = |text: &str| text.parse::<Timestamp>().ok();
        for text in [
            "2024-05-06T22:44:22.000Z",
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.000Z",
            "9999-12-30T00:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "2023-02-29T00:00:00.000Z",
            "2024-13-01T00:00:00.000Z",
            "2024-04-31T00:00:00.000Z",
            "2024-05-06T24:00:00.000Z",
            "2024-05-06T22:60:00.000Z",
            "2024-05-06T22:44:60.000Z",
            "2024-05-06T22:44:22.001Z",
            "2024-05-06 22:44:22.000Z",
            "2024-05-06T22:44:22Z",
            "2024-05-06T22:44:22+01:00",
            "20x4-05-06T22:44:22.000Z",
            "2024/05/06T22:44:22.000Z",
            "2024-05-06T22:44:22.000z",
            "",
        ] {
            assert_eq!(time(text.as_bytes()), library(text), "{text}");
        }
        assert!(s3_time(b"2024-05-06T22:44:22.000Z").is_some() && s3_time(b"2024-05-06T22:44:60.000Z").is_none());
    }

    #[test]
    fn rows_of_another_bucket_and_headers_are_told_apart() {
        assert!(matches!(read(|c| c[0] = "other"), Err(RowError::OtherBucket(..))));
        assert_eq!(read(|c| (c[0], c[1]) = ("Bucket", "Key")), Err(RowError::Header));
    }
}
