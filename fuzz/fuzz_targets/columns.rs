//! The columns of Parquet files that this crate decodes, of any layout, whole or damaged: if it returns rows, the library returns
//! the same rows.
//!
//! Bit 0 of the first byte selects a file as it is, or rows to write. Then its other bits and the second byte select the codec,
//! the versions, the dictionary and the length of pages. Two bytes each are the places and the new values of four bytes.
#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::ParquetStatisticsPolicy;
use parquet::file::properties::{WriterProperties, WriterVersion};
use s3_inventory::{BatchReader, ReadMemory, WantedColumns};

const COLUMNS: [&str; 5] = ["bucket", "is_delete_marker", "size", "last_modified_date", "replication_status"];
const WORDS: [Option<&str>; 6] = [Some("COMPLETED"), None, Some("FAILED"), Some("PENDING"), Some("REPLICA"), Some("")];

/// Marker, size, time and status.
type Row = (bool, u64, Option<i64>, String);

static QUIET: LazyLock<()> = LazyLock::new(|| {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let foreign = |file: &str| ["/parquet-", "/arrow-", "/bytes-"].iter().any(|name| file.contains(name));
        if !panic.location().is_some_and(|place| foreign(place.file())) {
            abort(panic);
        }
    }));
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&QUIET);
    let Some(([choice, layout], rest)) = data.split_first_chunk() else { return };
    let file = if choice & 1 == 0 { Bytes::copy_from_slice(rest) } else { written(*choice, *layout, rest) };
    let Some(ours) = ours(&file) else { return };
    let library = catch_unwind(AssertUnwindSafe(|| library(file)));
    assert_eq!(library.ok().flatten(), Some(ours));
});

fn written(choice: u8, layout: u8, rest: &[u8]) -> Bytes {
    let (edits, numbers) = rest.split_at(rest.len().min(12));
    let rows = rows(numbers);
    let codec = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
    ][usize::from(choice >> 1 & 3)];
    let version = if choice & 8 == 0 { WriterVersion::PARQUET_1_0 } else { WriterVersion::PARQUET_2_0 };
    let flags = if choice & 16 == 0 { Encoding::PLAIN } else { Encoding::RLE };
    let page = 1 + usize::from(layout & 63) * 3;
    let properties = WriterProperties::builder()
        .set_compression(codec)
        .set_writer_version(version)
        .set_encoding(Encoding::PLAIN)
        .set_column_encoding("is_delete_marker".into(), flags)
        .set_dictionary_enabled(choice & 32 == 0)
        .set_dictionary_page_size_limit(if choice & 64 == 0 { 1 << 20 } else { 24 })
        .set_data_page_row_count_limit(page)
        .set_write_batch_size(page)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).expect("a writer");
    writer.write(&rows).expect("it is written");
    let mut file = writer.into_inner().expect("it is complete");
    for edit in edits.chunks_exact(3).filter(|edit| edit[2] > 0) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % file.len();
        file[at] ^= edit[2];
    }
    file.into()
}

fn rows(numbers: &[u8]) -> RecordBatch {
    let numbers: Vec<i64> = numbers.iter().map(|byte| i64::from(*byte)).collect();
    let objects = || numbers.iter().map(|number| (number % 7 > 0).then_some(*number));
    let times = objects().map(|number| number.map(|number| number * 1_000_003));
    RecordBatch::try_from_iter_with_nullable([
        ("bucket", Arc::new(StringArray::from(vec!["src"; numbers.len()])) as ArrayRef, false),
        ("is_delete_marker", Arc::new(objects().map(|it| Some(it.is_none())).collect::<BooleanArray>()), true),
        ("size", Arc::new(objects().collect::<Int64Array>()), true),
        ("last_modified_date", Arc::new(times.collect::<TimestampMillisecondArray>().with_timezone("UTC")), true),
        (
            "replication_status",
            Arc::new(numbers.iter().map(|number| WORDS[*number as usize % 6]).collect::<StringArray>()),
            true,
        ),
    ])
    .expect("columns of one length")
}

fn ours(file: &Bytes) -> Option<Vec<Row>> {
    let memory = ReadMemory::new(512 << 20);
    let mut batches = BatchReader::parquet("f", Box::new(file.clone()), WantedColumns::named(&COLUMNS), "src", &memory).ok()?;
    let mut rows = Vec::new();
    while let Some(batch) = batches.next_batch().ok()? {
        batch.words(&mut Vec::new(), |_| Ok::<_, s3_inventory::RowError>(0)).ok()?;
        rows.extend((0..batch.rows).map(|row| {
            let size = if batch.is_delete_marker(row) { 0 } else { batch.size(row) };
            (batch.is_delete_marker(row), size, batch.last_modified(row), batch.status(row).to_owned())
        }));
    }
    Some(rows)
}

fn library(file: Bytes) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    // Like the crate, without what it does not use: the Arrow schema that a writer may add, and statistics.
    let none = ParquetStatisticsPolicy::SkipAll;
    let options = ArrowReaderOptions::new()
        .with_skip_arrow_metadata(true)
        .with_column_stats_policy(none.clone())
        .with_encoding_stats_policy(none.clone())
        .with_size_stats_policy(none);
    for batch in ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).ok()?.build().ok()? {
        let batch = batch.ok()?;
        let column = |name: &str| batch.column_by_name(name);
        let markers = column("is_delete_marker")?.as_boolean_opt()?;
        let sizes = column("size")?.as_primitive_opt::<Int64Type>()?;
        let times = column("last_modified_date")?.as_primitive_opt::<TimestampMillisecondType>()?;
        let words = column("replication_status")?;
        rows.extend((0..batch.num_rows()).map(|row| {
            let size = if markers.value(row) || sizes.is_null(row) { 0 } else { sizes.value(row) as u64 };
            let time = times.is_valid(row).then(|| times.value(row));
            (markers.value(row), size, time, word(words, row))
        }));
    }
    Some(rows)
}

/// A text; without its annotation it is bytes.
fn word(words: &ArrayRef, row: usize) -> String {
    let text = words.as_string_opt::<i32>().map(|words| words.value(row));
    let bytes = || words.as_binary_opt::<i32>().and_then(|words| std::str::from_utf8(words.value(row)).ok());
    if words.is_valid(row) { text.or_else(bytes).unwrap_or("not a text").to_owned() } else { String::new() }
}
