//! The scanner of CSV on any text: whole and streamed are one, and what it takes is what the `csv` crate reads.
//!
//! The first byte chooses the columns, and the pieces in which the text is streamed.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use s3_inventory::{Columns, CsvReader, FileFormat, scan_text};

/// In no order that S3 writes; the first this many of them are a report's.
const NAMES: [&str; 8] =
    ["Key", "Bucket", "Other", "ReplicationStatus", "IsLatest", "Size", "LastModifiedDate", "IsDeleteMarker"];

/// RowCells of a record that can be compared with those of the `csv` crate.
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
    // The crate takes a mark of the byte order away; here it is a part of the first cell.
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
