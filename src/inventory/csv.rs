//! Rows of a CSV data file, from bytes that are no longer compressed.
//!
//! On `csv-core` rather than `csv`, whose reader lets one row grow without bound: an open quote would swallow the file.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader};

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
    mut input: impl BufRead,
    file: &str,
    columns: &Columns,
    source_bucket: &str,
    mut each: impl FnMut(&Record<'_>) -> Result<(), String>,
) -> Result<u64, Damage> {
    let mut reader = Reader::new();
    let mut cells = vec![0u8; 4096];
    // One more than wanted, so that a row that is too wide shows.
    let mut ends = vec![0usize; columns.width + 1];
    let (mut filled, mut ended) = (0, 0);
    let mut row = 1u64;
    let mut open_quote = false;
    loop {
        let bytes = input.fill_buf().map_err(|error| Damage::of_file(file, Some(row), unreadable(&error)))?;
        let at_end = bytes.is_empty();
        let (result, read, wrote, new_ends) = reader.read_record(bytes, &mut cells[filled..], &mut ends[ended..]);
        // Doubled quotes cancel out: an odd number at the end is a quote that was never closed.
        open_quote ^= bytes[..read].iter().filter(|b| **b == b'"').count() % 2 == 1;
        input.consume(read);
        filled += wrote;
        ended += new_ends;
        match result {
            ReadRecordResult::InputEmpty if !at_end => {}
            // A byte more than the limit: the reader calls a buffer full before it knows that the row has ended.
            ReadRecordResult::OutputFull if cells.len() <= MAX_ROW => {
                cells.resize((cells.len() * 2).min(MAX_ROW + 1), 0);
            }
            ReadRecordResult::OutputFull => {
                return Err(Damage::of_file(file, Some(row), "the row is longer than 1 MiB"));
            }
            ReadRecordResult::OutputEndsFull => {
                let error = RowError::Width(columns.width + 1, columns.width);
                return Err(Damage::of_file(file, Some(row), format!("{error}, or more")));
            }
            ReadRecordResult::Record => {
                let cell = |at: usize| &cells[if at == 0 { 0 } else { ends[at - 1] }..ends[at]];
                let damage = |what: String| Damage::of_file(file, Some(row), what);
                if at_end && open_quote {
                    return Err(damage("the file ends inside of a quoted cell".to_owned()));
                }
                if ended != columns.width {
                    return Err(damage(RowError::Width(ended, columns.width).to_string()));
                }
                let record = Record::read(columns, source_bucket, cell).map_err(|e| damage(e.to_string()))?;
                each(&record).map_err(damage)?;
                (filled, ended) = (0, 0);
                row += 1;
            }
            ReadRecordResult::End | ReadRecordResult::InputEmpty => return Ok(row - 1),
        }
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
        let text = b"\"b\",\"k1\",\"\"\n\"b\",\"a\"\"b,\nc\",\"PENDING\"\r\n\nb,plain,\n\n";
        for capacity in [1, 2, 3, 7, 64, 4096] {
            let (keys, count) = rows(text, capacity).unwrap();
            assert_eq!((keys, count), (vec!["k1".to_owned(), "a\"b,\nc".to_owned(), "plain".to_owned()], 3));
        }
        assert_eq!(rows(b"", 16).unwrap().1, 0);
        assert_eq!(rows(b"\"b\",\"k\",\"\"", 16).unwrap().1, 1, "a last row without a line end");
    }

    #[test]
    fn damage_names_the_row() {
        let long = format!("b,ok,\nb,{},\n", "x".repeat(MAX_ROW + 1)).into_bytes();
        let table: [(&[u8], u64, &str); 6] = [
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

    #[test]
    fn a_row_of_just_the_limit_passes() {
        let key = "x".repeat(MAX_ROW - 1);
        assert_eq!(rows(format!("b,{key},\n").as_bytes(), 4096).unwrap().1, 1);
    }
}
