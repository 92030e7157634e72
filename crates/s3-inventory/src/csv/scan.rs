//! Finds and parses the rows of uncompressed CSV text.
//!
//! Strict where the `csv` crate is lenient, because a misplaced quote makes rows disappear: a cell is either quoted completely or
//! has no quote. The size of a row is limited, because an open quote would swallow the file.

use super::careful::{CarefulRow, MAX_ROW};
use super::delimiters::{DelimitedRow, DelimiterIndex};
use super::error::CsvError;
use crate::error::{Damage, DamageKind};
use crate::record::Record;
use crate::schema::Columns;

/// The most bytes of a row, and those that show its end.
const MOST_AHEAD: usize = MAX_ROW + 2;

/// Why reading the rows of a CSV file ended early.
#[derive(Debug, thiserror::Error)]
pub enum ScanError<E> {
    /// The file can't be trusted, and neither can the rows before.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The caller's function refused a row.
    #[error("row {row}: {error}")]
    Refused {
        /// Counted from 1.
        row: u64,
        /// Its error.
        error: E,
    },
}

/// Passes every row of a text and its cells to `each`; returns the number of rows.
///
/// Empty lines are not rows. `file` is the name in errors.
///
/// # Errors
/// The first damaged row, an error of `each`, or a text that ends inside a quoted cell.
pub fn scan_text<E>(
    text: &[u8],
    file: &str,
    columns: &Columns,
    source_bucket: &str,
    mut each: impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
) -> Result<u64, ScanError<E>> {
    let mut scanner = RowScanner::new(columns, source_bucket);
    scanner.begin(file);
    scanner.take(text, true, &mut each)?;
    Ok(scanner.rows())
}

/// All cells of a row.
#[derive(Clone, Copy)]
pub struct RowCells<'a>(Form<'a>);

/// Cells are only located when they are requested.
#[derive(Clone, Copy)]
enum Form<'a> {
    Delimited(DelimitedRow<'a>, &'a [u8]),
    Careful(&'a CarefulRow),
}

impl<'a> RowCells<'a> {
    /// The cell at this index, which must be below the report's width.
    #[inline]
    pub fn get(&self, at: usize) -> &'a [u8] {
        match self.0 {
            Form::Delimited(row, text) => row.cell(text, at),
            Form::Careful(row) => row.cell(at),
        }
    }
}

/// Finds the rows of a text that arrives in pieces.
pub(super) struct RowScanner<'a> {
    columns: &'a Columns,
    source_bucket: &'a str,
    file: &'a str,
    /// Of the next row, counted from 1.
    number: u64,
    delimiters: DelimiterIndex,
    row: CarefulRow,
    /// Off only in tests that compare the quick path with the careful one.
    quick: bool,
}

impl<'a> RowScanner<'a> {
    pub(super) fn new(columns: &'a Columns, source_bucket: &'a str) -> Self {
        let (delimiters, row) = (DelimiterIndex::default(), CarefulRow::default());
        Self { columns, source_bucket, file: "", number: 1, delimiters, row, quick: true }
    }

    pub(super) fn begin(&mut self, file: &'a str) {
        (self.file, self.number) = (file, 1);
    }

    /// Rows taken so far.
    pub(super) fn rows(&self) -> u64 {
        self.number - 1
    }

    /// Damage of the next row.
    pub(super) fn damage(&self, kind: impl Into<DamageKind>) -> Damage {
        Damage::of_file(self.file, Some(self.number), kind)
    }

    /// Takes all complete rows at the start of `text`, and with `last` also a last row without a line end. Returns the number of
    /// bytes taken. The caller passes the rest again, with more text after it.
    pub(super) fn take<E>(
        &mut self,
        text: &[u8],
        last: bool,
        each: &mut impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<usize, ScanError<E>> {
        let mut start = 0;
        self.delimiters.restart(text, start);
        loop {
            let found = if self.quick { self.delimiters.next(text, MOST_AHEAD) } else { None };
            // The careful path reports a row that is too long or has too many cells.
            let found = found.filter(|row| row.width() == self.columns.width && row.end() - start <= MAX_ROW);
            if let Some(row) = found {
                start = row.end() + 1;
                let record = Record::read(self.columns, self.source_bucket, row.is_printable, |at| row.cell(text, at))
                    .map_err(|error| Damage::of_file(self.file, Some(self.number), error))?;
                each(&record, RowCells(Form::Delimited(row, text)))
                    .map_err(|error| ScanError::Refused { row: self.number, error })?;
            } else {
                start += text[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
                let Some(length) = self.take_carefully(&text[start..], last, each)? else { return Ok(start) };
                start += length;
                self.delimiters.restart(text, start);
            }
            self.number += 1;
        }
    }

    /// Takes one row of any form; `None` if `text` has no complete row.
    fn take_carefully<E>(
        &mut self,
        text: &[u8],
        last: bool,
        each: &mut impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<Option<usize>, ScanError<E>> {
        let damage = |error: CsvError| Damage::of_file(self.file, Some(self.number), error);
        self.row.clear();
        let ended = match self.row.take(text, self.columns.width).map_err(damage)? {
            None if last && self.row.end().map_err(damage)? => Some(text.len()),
            ended => ended,
        };
        let Some(length) = ended else { return Ok(None) };
        let (found, expected) = (self.row.width(), self.columns.width);
        if found != expected {
            return Err(damage(CsvError::Width { found, expected }).into());
        }
        let record = Record::read(self.columns, self.source_bucket, false, |at| self.row.cell(at))
            .map_err(|error| Damage::of_file(self.file, Some(self.number), error))?;
        each(&record, RowCells(Form::Careful(&self.row)))
            .map_err(|error| ScanError::Refused { row: self.number, error })?;
        Ok(Some(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    use crate::manifest::FileFormat;

    /// Scans with `step` more bytes each time.
    fn scan(
        scanner: &mut RowScanner<'_>,
        text: &[u8],
        step: usize,
        mut each: impl FnMut(&Record<'_>, RowCells<'_>),
    ) -> Result<u64, Damage> {
        let mut each = |record: &Record<'_>, cells: RowCells<'_>| {
            each(record, cells);
            Ok::<_, Infallible>(())
        };
        let damaged = |error| match error {
            ScanError::Damaged(damage) => damage,
            ScanError::Refused { error, .. } => match error {},
        };
        scanner.begin("f");
        let (mut start, mut end) = (0, 0);
        while end < text.len() {
            end = text.len().min(end + step);
            start += scanner.take(&text[start..end], false, &mut each).map_err(damaged)?;
        }
        scanner.take(&text[start..], true, &mut each).map_err(damaged)?;
        Ok(scanner.rows())
    }

    fn rows(text: &[u8], step: usize) -> Result<(Vec<String>, u64), Damage> {
        let columns = Columns::of(FileFormat::Csv, "Bucket, Key, ReplicationStatus").unwrap();
        let mut keys = Vec::new();
        let count = scan(&mut RowScanner::new(&columns, "b"), text, step, |record, _| {
            keys.push(String::from_utf8_lossy(record.key).into_owned());
        })?;
        Ok((keys, count))
    }

    #[test]
    fn rows_are_complete_with_any_pieces() {
        let text = b"\"b\",\"k1\",\"\"\n\"b\",\"a\"\"b,c\",\"PENDING\"\r\n\nb,plain,\n\n";
        for step in [1, 2, 3, 7, 64, 4096] {
            let (keys, count) = rows(text, step).unwrap();
            assert_eq!((keys, count), (vec!["k1".to_owned(), "a\"b,c".to_owned(), "plain".to_owned()], 3));
        }
        assert_eq!(rows(b"", 16).unwrap().1, 0);
        assert_eq!(rows(b"\"b\",\"k\",\"\"", 16).unwrap().1, 1, "a last row without a line end");
    }

    #[test]
    fn damage_names_the_row() {
        let long = format!("b,ok,\nb,{},\n", "x".repeat(MAX_ROW + 1)).into_bytes();
        let table: [(&[u8], u64, &str); 11] = [
            (b"b,a\"b,\nb,k2,\"COMPLETED", 1, "not quoted holds a quote"),
            (b"b,ok,\nb,k2,\"COMPLETED", 2, "ends inside a quoted cell"),
            (b"b,k,\"COMPL\"ETED\n", 1, "after its closing quote"),
            (b"b,\"k1\nb,k2,FAILED\nb,k3\",COMPLETED\n", 1, "Key"),
            (b"b,k\0,\n", 1, "Key"),
            (b"b,ok,\nb,k\n", 2, "3 columns, the row has 2"),
            (b"b,ok,\nb,k,,\n", 2, "3 columns, the row has 4"),
            (b"b,k,,,,,,,,\n", 1, "or more"),
            (b"b,ok,\n\"b\",\"k\",\"", 2, "ends inside a quoted cell"),
            (b"Bucket,Key,ReplicationStatus\n", 1, "header row"),
            (&long, 2, "longer than 1 MiB"),
        ];
        for (text, row, what) in table {
            let damage = rows(text, 4096).unwrap_err();
            assert_eq!((damage.row, damage.file.as_deref()), (Some(row), Some("f")), "{damage}");
            assert!(damage.to_string().contains(what), "{damage}");
        }
    }

    type Rows = Result<(Vec<(Vec<u8>, bool, String)>, u64), String>;

    fn all(quick: bool, text: &[u8], step: usize, width: usize) -> Rows {
        let names = ["Key", "Bucket", "Other", "ReplicationStatus", "IsLatest", "More"];
        let columns = Columns::of(FileFormat::Csv, &names[..width].join(",")).unwrap();
        let mut records = Vec::new();
        let mut scanner = RowScanner { quick, ..RowScanner::new(&columns, "b") };
        let count = scan(&mut scanner, text, step, |record, _| {
            records.push((record.key.to_vec(), record.is_latest, record.replication_status.to_owned()));
        });
        Ok((records, count.map_err(|damage| damage.to_string())?))
    }

    use proptest::strategy::Strategy as _;

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            cases: 3000,
            failure_persistence: None,
            ..Default::default()
        })]

        /// On any bytes, in any pieces, both paths return the same rows and the same damage.
        #[test]
        fn the_quick_path_sees_what_the_careful_one_does(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "\"k\",\"b\"\n", "\"k\",\"b\",\"o\",\"COMPLETED\"\n", "\"a,c\",\"b\",\"\",\"\",\"true\",\"\"\n",
                    "\"a\"\"c\",\"b\",\"\"\"\",\"x\"\n", "k,b\n", "k,b,,\r\n", "\"", "\"\"", ",", "\n", "\r\n", "b", "k", "\",\"",
                    "\"\n\"", "\"a very long key that goes on for more than a step of sixty-four bytes, and some\",\"b\"", "\0",
                ]),
                0..24,
            ),
            step in 1usize..400,
            width in 2usize..7,
        ) {
            let text = parts.concat();
            proptest::prop_assert_eq!(
                all(true, text.as_bytes(), step, width),
                all(false, text.as_bytes(), step, width)
            );
        }

        /// Without damage, the rows and cells are those of the `csv` crate.
        #[test]
        fn the_csv_crate_sees_the_same_rows(
            parts in proptest::collection::vec(
                proptest::prop_oneof![
                    proptest::sample::select(vec![
                        "\"k\",\"b\"\n", "\"a,c\",\"b\"\r\n", "\"a\"\"c\",\"b\"\n", "k,b\n", "k,b", "\n", "\"k\",b\n\n", "\"", ",",
                        "ü,\"b\"\n", "\"k,\"\"\",b\n",
                    ]).prop_map(|part| part.as_bytes().to_vec()),
                    proptest::collection::vec(proptest::prelude::any::<u8>(), 0..3),
                ],
                0..12,
            ),
            step in 1usize..200,
        ) {
            let text = parts.concat();
            // The crate removes a byte order mark; here it is part of the first cell.
            proptest::prop_assume!(!text.starts_with(b"\xef\xbb\xbf"));
            if let Ok((records, count)) = all(true, &text, step, 2) {
                let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&text[..]);
                let expected: Vec<csv::ByteRecord> = csv.byte_records().collect::<Result<_, _>>().unwrap();
                proptest::prop_assert_eq!(count, expected.len() as u64);
                for ((key, _, _), expected) in records.iter().zip(&expected) {
                    let cells: Vec<&[u8]> = expected.iter().collect();
                    proptest::prop_assert_eq!(cells, [key.as_slice(), b"b"]);
                }
            }
        }

        /// Rows in S3's form take the quick path with any cells. Only a cell of a single comma, which S3 encodes, looks like a
        /// delimiter.
        #[test]
        fn rows_in_s3s_form_are_quick(cells in proptest::collection::vec("[^\"\\x00-\\x1f\\x7f]{0,90}", 1..8)) {
            proptest::prop_assume!(!cells.iter().any(|cell| cell == ","));
            let text = format!("\"{}\"\n\"next", cells.join("\",\""));
            let mut delimiters = DelimiterIndex::default();
            delimiters.restart(text.as_bytes(), 0);
            let row = delimiters.next(text.as_bytes(), MOST_AHEAD).unwrap();
            proptest::prop_assert_eq!(row.is_printable, text.is_ascii());
            let found: Vec<&[u8]> = (0..row.width()).map(|at| row.cell(text.as_bytes(), at)).collect();
            let cells: Vec<&[u8]> = cells.iter().map(String::as_bytes).collect();
            proptest::prop_assert_eq!(found, cells);
        }
    }

    #[test]
    fn rows_in_form_are_those_of_the_csv_crate() {
        let texts = [
            "\"b\",\"k\",\"\"\n\"b\",\"\"\"\",\"x\"",
            "b,k,\r\n\r\n\nb,,\n",
            "b,\"\",\"\"\"\"\n\"b\",k,\"a,\"\"b\"\"\"\r\n",
        ];
        for text in texts {
            let mut csv = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let expected: Vec<String> = csv.records().map(|record| record.unwrap()[1].to_owned()).collect();
            assert_eq!(rows(text.as_bytes(), 3).unwrap().0, expected, "{text}");
        }
    }

    #[test]
    fn a_row_at_the_limit_is_accepted() {
        let row = |length: usize, quote: &str| {
            let cells = ["b", &"x".repeat(length), ""].map(|cell| format!("{quote}{cell}{quote}"));
            rows(format!("{}\n", cells.join(",")).as_bytes(), 4096)
        };
        for quote in ["", "\""] {
            assert_eq!(row(MAX_ROW - 1, quote).unwrap().1, 1);
            assert!(row(MAX_ROW, quote).unwrap_err().to_string().contains("longer than 1 MiB"));
        }
    }
}
