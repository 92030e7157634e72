//! Rows of a CSV data file, from bytes that are no longer compressed.
//!
//! Strict where the `csv` crate is lenient, because a quote in the wrong place makes rows disappear: a cell is either
//! quoted as a whole or holds no quote. A row's cells are bounded, or an open quote would swallow the file.

use std::io::BufRead;

use super::damage::Damage;
use super::record::{Record, RowError};
use super::schema::Columns;

/// The longest row, in bytes of its cells.
pub const MAX_ROW: usize = 1 << 20;

/// Reads every row of `input` and gives it to `each`; returns how many there were.
///
/// Empty lines are no rows. `file` names the input in errors.
///
/// # Errors
/// The first row that is damaged, an error of `each`, or an input that ends in a quoted cell or can't be read.
pub fn scan(
    input: impl BufRead,
    file: &str,
    columns: &Columns,
    source_bucket: &str,
    each: impl FnMut(&Record<'_>) -> Result<(), String>,
) -> Result<u64, Damage> {
    scan_with(Some(Quick::new(columns)), input, file, columns, source_bucket, each)
}

/// Without a `quick` reader every row takes the careful path.
fn scan_with(
    mut quick: Option<Quick>,
    mut input: impl BufRead,
    file: &str,
    columns: &Columns,
    source_bucket: &str,
    mut each: impl FnMut(&Record<'_>) -> Result<(), String>,
) -> Result<u64, Damage> {
    let mut row = Row::default();
    let mut number = 1u64;
    loop {
        let bytes = input.fill_buf().map_err(|error| Damage::of_file(file, Some(number), unreadable(&error)))?;
        let at_end = bytes.is_empty();
        let mut passed = 0;
        while row.state == State::Before
            && let Some(quick) = &mut quick
            && let Some(length) = quick.find(&bytes[passed..])
        {
            let cells = &bytes[passed..];
            Record::read(columns, source_bucket, |at| quick.cell(cells, at))
                .map_err(|error| error.to_string())
                .and_then(|record| each(&record))
                .map_err(|what| Damage::of_file(file, Some(number), what))?;
            passed += length;
            number += 1;
        }
        let bytes = &bytes[passed..];
        let damage = |what: String| Damage::of_file(file, Some(number), what);
        let ended = if at_end {
            row.end().map_err(damage)?.then_some(0)
        } else {
            row.take(bytes, columns.width).map_err(damage)?
        };
        let Some(read) = ended else {
            if at_end {
                return Ok(number - 1);
            }
            let all = passed + bytes.len();
            input.consume(all);
            continue;
        };
        if row.ends.len() != columns.width {
            return Err(damage(RowError::Width(row.ends.len(), columns.width).to_string()));
        }
        let record = Record::read(columns, source_bucket, |at| row.cell(at)).map_err(|e| damage(e.to_string()))?;
        each(&record).map_err(damage)?;
        row.clear();
        number += 1;
        input.consume(passed + read);
    }
}

/// Rows in S3's own form that lie whole in the buffer; the careful path takes all others.
struct Quick {
    row: super::fast::Row,
    width: usize,
    /// Places of the columns that are looked at, ascending.
    places: Vec<usize>,
    /// Where each of them is in `borders`.
    slots: Vec<usize>,
    borders: Vec<(usize, usize)>,
}

impl Quick {
    fn new(columns: &Columns) -> Self {
        let places = columns.looked_at();
        let mut slots = vec![0; columns.width];
        for (slot, place) in places.iter().enumerate() {
            slots[*place] = slot;
        }
        let borders = vec![(0, 0); places.len()];
        Self { row: super::fast::Row::new(), width: columns.width, places, slots, borders }
    }

    /// The length of the row at the beginning of `bytes`, with its line feed.
    #[inline]
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let length = self.row.find(bytes, self.width)?;
        if bytes.get(length) != Some(&b'\n') {
            return None;
        }
        self.row.cells(&self.places, &mut self.borders);
        Some(length + 1)
    }

    #[inline]
    fn cell<'a>(&self, row: &'a [u8], place: usize) -> &'a [u8] {
        let (from, to) = self.borders[self.slots[place]];
        &row[from..to]
    }
}

/// A row as far as it was read.
#[derive(Default)]
struct Row {
    cells: Vec<u8>,
    /// Where each finished cell ends.
    ends: Vec<usize>,
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the row was read yet.
    #[default]
    Before,
    /// Behind a comma.
    CellStart,
    Plain,
    Quoted,
    /// Behind a quote in a quoted cell: its end, or the first of two.
    Quote,
}

impl Row {
    /// Takes bytes up to the end of the row; gives how many those were, `None` when the row goes on.
    fn take(&mut self, bytes: &[u8], width: usize) -> Result<Option<usize>, String> {
        let mut at = 0;
        while at < bytes.len() {
            // Up to the next byte that means something here.
            let plain = match self.state {
                State::Quoted => memchr::memchr(b'"', &bytes[at..]),
                State::Plain => bytes[at..].iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r' | b'"')),
                State::Before | State::CellStart | State::Quote => Some(0),
            }
            .unwrap_or(bytes.len() - at);
            self.push(&bytes[at..at + plain])?;
            at += plain;
            let Some(byte) = bytes.get(at) else { return Ok(None) };
            at += 1;
            self.state = match (self.state, byte) {
                (State::Before, b'\n' | b'\r') => State::Before,
                (State::Before | State::CellStart, b'"') => State::Quoted,
                (State::Quoted, _) => State::Quote,
                (State::Quote, b'"') => {
                    self.push(b"\"")?;
                    State::Quoted
                }
                (State::Plain, b'"') => return Err("a cell that is not quoted holds a quote".to_owned()),
                (_, b',') => {
                    self.ends.push(self.cells.len());
                    if self.ends.len() > width {
                        return Err(format!("{}, or more", RowError::Width(width + 1, width)));
                    }
                    State::CellStart
                }
                (_, b'\n' | b'\r') => {
                    self.ends.push(self.cells.len());
                    return Ok(Some(at));
                }
                (State::Quote, _) => return Err("a quoted cell goes on behind its closing quote".to_owned()),
                (State::Before | State::CellStart | State::Plain, byte) => {
                    self.push(&[*byte])?;
                    State::Plain
                }
            };
        }
        Ok(None)
    }

    /// The input is over: whether a last row without a line end was under way.
    fn end(&mut self) -> Result<bool, String> {
        match self.state {
            State::Before => Ok(false),
            State::Quoted => Err("the file ends inside of a quoted cell".to_owned()),
            State::CellStart | State::Plain | State::Quote => {
                self.ends.push(self.cells.len());
                Ok(true)
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.cells.len() + bytes.len() > MAX_ROW {
            return Err("the row is longer than 1 MiB".to_owned());
        }
        self.cells.extend_from_slice(bytes);
        Ok(())
    }

    fn cell(&self, at: usize) -> &[u8] {
        &self.cells[if at == 0 { 0 } else { self.ends[at - 1] }..self.ends[at]]
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.ends.clear();
        self.state = State::Before;
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the file is truncated: its gzip stream ends too soon".to_owned(),
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
            format!("its gzip stream is damaged: {error}")
        }
        _ => format!("it can't be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn rows(text: &[u8], capacity: usize) -> Result<(Vec<String>, u64), Damage> {
        let columns = Columns::of_csv("Bucket, Key, ReplicationStatus").unwrap();
        let mut keys = Vec::new();
        let count = scan(BufReader::with_capacity(capacity, text), "f", &columns, "b", |record| {
            keys.push(String::from_utf8_lossy(record.key).into_owned());
            Ok(())
        })?;
        Ok((keys, count))
    }

    #[test]
    fn rows_come_out_whole_whatever_the_buffer() {
        let text = b"\"b\",\"k1\",\"\"\n\"b\",\"a\"\"b,c\",\"PENDING\"\r\n\nb,plain,\n\n";
        for capacity in [1, 2, 3, 7, 64, 4096] {
            let (keys, count) = rows(text, capacity).unwrap();
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
            (b"b,ok,\nb,k2,\"COMPLETED", 2, "ends inside of a quoted cell"),
            (b"b,k,\"COMPL\"ETED\n", 1, "behind its closing quote"),
            (b"b,\"k1\nb,k2,FAILED\nb,k3\",COMPLETED\n", 1, "Key"),
            (b"b,k\0,\n", 1, "Key"),
            (b"b,ok,\nb,k\n", 2, "has 2 cells"),
            (b"b,ok,\nb,k,,\n", 2, "has 4 cells"),
            (b"b,k,,,,,,,,\n", 1, "or more"),
            (b"b,ok,\n\"b\",\"k\",\"", 2, "ends inside of a quoted cell"),
            (b"Bucket,Key,ReplicationStatus\n", 1, "header row"),
            (&long, 2, "longer than 1 MiB"),
        ];
        for (text, row, what) in table {
            let damage = rows(text, 4096).unwrap_err();
            assert_eq!((damage.row, damage.file.as_deref()), (Some(row), Some("f")), "{damage}");
            assert!(damage.what.contains(what), "{damage}");
        }
    }

    type Rows = Result<(Vec<(Vec<u8>, bool, String)>, u64), Damage>;

    fn all(quick: bool, text: &[u8], capacity: usize, width: usize) -> Rows {
        let names = ["Key", "Bucket", "Other", "ReplicationStatus", "IsLatest", "More"];
        let columns = Columns::of_csv(&names[..width].join(",")).unwrap();
        let mut records = Vec::new();
        let input = BufReader::with_capacity(capacity, text);
        let quick = quick.then(|| Quick::new(&columns));
        let count = scan_with(quick, input, "f", &columns, "b", |record| {
            records.push((record.key.to_vec(), record.is_latest, record.replication_status.to_owned()));
            Ok(())
        })?;
        Ok((records, count))
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            cases: 3000,
            failure_persistence: None,
            ..Default::default()
        })]

        /// On any bytes, and with any buffer, both paths see the same rows and the same damage.
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
            capacity in 1usize..400,
            width in 2usize..7,
        ) {
            let text = parts.concat();
            proptest::prop_assert_eq!(
                all(true, text.as_bytes(), capacity, width),
                all(false, text.as_bytes(), capacity, width)
            );
        }

        /// Rows that S3 writes take the quick path, whatever their cells hold.
        #[test]
        fn rows_in_s3s_form_are_quick(cells in proptest::collection::vec("[^\"\\x00-\\x1f\\x7f]{0,90}", 1..8)) {
            let row = format!("\"{}\"", cells.join("\",\""));
            let mut quick = super::super::fast::Row::new();
            proptest::prop_assert_eq!(quick.find(format!("{row}\nnext").as_bytes(), cells.len()), Some(row.len()));
            let places: Vec<usize> = (0..cells.len()).collect();
            let mut borders = vec![(0, 0); cells.len()];
            quick.cells(&places, &mut borders);
            let found: Vec<&str> = borders.iter().map(|(from, to)| &row[*from..*to]).collect();
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
    fn a_row_of_just_the_limit_passes() {
        let key = "x".repeat(MAX_ROW - 1);
        assert_eq!(rows(format!("b,{key},\n").as_bytes(), 4096).unwrap().1, 1);
    }
}
