//! Any bytes as a data file of a report, in every format, through the public reader.
//!
//! Bits 0 and 1 of the first byte select the format, bit 2 all columns, bit 3 little memory, and bit 4 a source with pieces.
//! The reader must return rows or an error: no panic, no hang, and not too much memory (the limits are arguments of the run,
//! see README.md).
#![no_main]

use std::convert::Infallible;
use std::ops::Range;
use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use s3_inventory::{
    BatchCells, BatchReader, BatchRow, ByteSource, Columns, CsvReader, CsvRow, FileFormat, InventoryRow, Pieces,
    ReadError, ReadMemory, SourceError, WantedColumns,
};

const CSV: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus";
const PARQUET: &str = "message s3.inventory { required binary bucket (STRING); required binary key (STRING); optional \
    binary version_id (STRING); optional boolean is_latest; optional boolean is_delete_marker; optional int64 size; \
    optional int64 last_modified_date (TIMESTAMP(MILLIS,true)); optional binary replication_status (STRING); }";
const ORC: &str = "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,\
    size:bigint,last_modified_date:timestamp,replication_status:string>";

/// The columns of a question without keys, and all columns.
const FEW: [&str; 5] = ["bucket", "is_delete_marker", "size", "last_modified_date", "replication_status"];
const ALL: [&str; 8] = [
    "bucket",
    "key",
    "version_id",
    "is_latest",
    "is_delete_marker",
    "size",
    "last_modified_date",
    "replication_status",
];

/// Panics of the library that reads Parquet are caught by its caller, and count as errors.
static HOOK: LazyLock<()> = LazyLock::new(|| {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let foreign = |file: &str| ["/parquet-", "/arrow-", "/bytes-"].iter().any(|name| file.contains(name));
        if !panic.location().is_some_and(|place| foreign(place.file())) {
            abort(panic);
        }
    }));
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&HOOK);
    let Some((choice, bytes)) = data.split_first() else { return };
    let memory = ReadMemory::new(if choice & 8 == 0 { 512 << 20 } else { 8 << 20 });
    let wanted: &[&str] = if choice & 4 == 0 { &FEW } else { &ALL };
    let bytes = Bytes::copy_from_slice(bytes);
    let source: Box<dyn ByteSource> =
        if choice & 16 == 0 { Box::new(bytes.clone()) } else { Box::new(InPieces(bytes.clone())) };
    match choice & 3 {
        0 => csv(&bytes),
        1 => columnar(BatchReader::parquet("f", source, WantedColumns::named(wanted), "src", &memory), FileFormat::Parquet, PARQUET),
        _ => columnar(BatchReader::orc("f", source, WantedColumns::named(wanted), "src", &memory), FileFormat::Orc, ORC),
    }
});

fn csv(bytes: &[u8]) {
    let columns = Columns::of(FileFormat::Csv, CSV).expect("these are columns");
    let mut rows = CsvReader::new(&columns, "src");
    rows.begin("f", bytes.starts_with(&[0x1f, 0x8b]));
    let mut each = |record: &s3_inventory::Record<'_>, cells: s3_inventory::RowCells<'_>| {
        look(&CsvRow { record, cells, columns: &columns }, &columns);
        Ok::<_, Infallible>(())
    };
    if rows.take(bytes, false, &mut each).is_ok() {
        let _ = rows.take(&[], true, &mut each);
    }
}

fn columnar(batches: Result<BatchReader, ReadError>, format: FileFormat, schema: &str) {
    let columns = Columns::of(format, schema).expect("these are columns");
    let Ok(mut batches) = batches else { return };
    while let Ok(Some(batch)) = batches.next_batch() {
        let mut words = Vec::new();
        let _ = batch.words(&mut words, |_| Ok::<_, s3_inventory::RowError>(0));
        let Ok(cells) = BatchCells::of(&batch, &columns) else { return };
        for row in 0..batch.rows {
            look(&BatchRow { batch: &batch, cells: &cells, row }, &columns);
        }
    }
}

/// Reads every cell of a row.
fn look(row: &impl InventoryRow, columns: &Columns) {
    let _ = (row.status(), row.is_latest(), row.is_delete_marker(), row.last_modified(), row.key());
    for at in 0..columns.known.len() {
        let _ = row.value(at);
    }
}

/// A source whose ranges arrive in pieces of seven bytes.
struct InPieces(Bytes);

impl ByteSource for InPieces {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError> {
        self.0.read_exact_at(buffer, from)
    }

    fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
        Some(Box::new(Range7(self.0.slice(range.start as usize..range.end as usize))))
    }
}

struct Range7(Bytes);

impl Pieces for Range7 {
    fn next_piece(&mut self) -> Result<Bytes, SourceError> {
        Ok(self.0.split_to(self.0.len().min(7)))
    }
}
