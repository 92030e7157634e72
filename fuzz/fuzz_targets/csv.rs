//! The CSV scanner on any text: it returns the same rows for the whole text and for pieces, and the same rows as the `csv`
//! crate.
//!
//! The first byte selects the columns and the size of the pieces.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use s3_inventory::{Columns, CsvReader, FileFormat, scan_text};

/// Not in S3's order. A report has the first few of them.
const NAMES: [&str; 8] =
    ["Key", "Bucket", "Other", "ReplicationStatus", "IsLatest", "Size", "LastModifiedDate", "IsDeleteMarker"];

/// Cells of a record that are compared with those of the `csv` crate.
type Row = (Vec<u8>, String, Option<u64>);

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    let width = 2 + usize::from(choice & 7) % 7;
    let columns = Columns::of(FileFormat::Csv, &NAMES[..width].join(",")).expect("these are columns");
    let read = |streamed: Option<usize>| -> Result<Vec<Row>, String> {
        let mut found: Vec<Row> = Vec::new();
        let mut each = |record: &s3_inventory::Record<'_>, _: s3_inventory::RowCells<'_>| {
            found.push((record.key.to_vec(), record.replication_status.to_owned(), record.size));
            Ok::<_, Infallible>(())
        };
        let count = match streamed {
            Some(step) => {
                let mut rows = CsvReader::new(&columns, "b");
                rows.begin("f", false);
                for piece in text.chunks(step) {
                    rows.take(piece, false, &mut each).map_err(|error| error.to_string())?;
                }
                rows.take(&[], true, &mut each).map_err(|error| error.to_string())?;
                rows.count()
            }
            None => scan_text(text, "f", &columns, "b", &mut each).map_err(|error| error.to_string())?,
        };
        assert_eq!(count, found.len() as u64);
        Ok(found)
    };
    let whole = read(None);
    assert_eq!(read(Some(1 + usize::from(choice >> 3) * 9)), whole, "streamed, and whole");
    // The crate removes a byte order mark; here it is part of the first cell.
    let Ok(rows) = whole else { return };
    if text.starts_with(b"\xef\xbb\xbf") {
        return;
    }
    let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let expected: Vec<csv::ByteRecord> = csv.byte_records().collect::<Result<_, _>>().expect("nothing can fail");
    assert_eq!(rows.len(), expected.len());
    for ((key, status, size), cells) in rows.iter().zip(&expected) {
        assert_eq!((cells.len(), &cells[0], &cells[1]), (width, key.as_slice(), &b"b"[..]));
        let cell = |at: usize| if at < width { &cells[at] } else { b"" };
        assert_eq!(cell(3), status.as_bytes());
        assert_eq!(cell(5), size.map(|size| size.to_string()).unwrap_or_default().as_bytes());
    }
});
