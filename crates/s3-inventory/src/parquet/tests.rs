//! Compares row groups with the library; damage, and too little memory.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::compute::concat_batches;
use arrow::datatypes::DataType;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use proptest::prelude::*;

use super::column::{OwnColumn, OwnKind};
use super::decode_memory::{DecodeBudget, Decoder};
use super::error::ParquetDamage;
use super::pages::Pages;
use super::row_group::{RowGroup, WantedChunk};
use crate::error::ReadError;
use crate::fault::Fault;
use crate::memory::BufferPool;
use crate::ranges::{ColumnStream, FileRanges};
use crate::source::{ByteSource, LocalFile};

fn text<T: std::fmt::Debug>(read: Result<T, Fault>) -> String {
    ReadError::of("f", read.unwrap_err()).to_string()
}

type Edit = fn(WriterPropertiesBuilder) -> WriterPropertiesBuilder;

fn rows(sizes: &[Option<i64>]) -> RecordBatch {
    let times = (0..sizes.len() as i64).map(|at| 1_700_000_000_000 + at * 977);
    let texts = |text| Arc::new(StringArray::from(vec![text; sizes.len()])) as ArrayRef;
    let markers = sizes.iter().map(|size| Some(size.is_none())).collect::<BooleanArray>();
    RecordBatch::try_from_iter_with_nullable([
        ("bucket", texts("src"), false),
        ("is_delete_marker", Arc::new(markers) as ArrayRef, true),
        ("size", Arc::new(sizes.iter().copied().collect::<Int64Array>()) as ArrayRef, true),
        (
            "last_modified_date",
            Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef,
            false,
        ),
        ("replication_status", texts("COMPLETED"), true),
    ])
    .unwrap()
}

fn written(rows: &RecordBatch, edit: impl FnOnce(WriterPropertiesBuilder) -> WriterPropertiesBuilder) -> Bytes {
    let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY).set_dictionary_enabled(false);
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(edit(snappy).build())).unwrap();
    writer.write(rows).unwrap();
    writer.into_inner().unwrap().into()
}

/// The batches of the first row group, and how many columns were decoded here.
fn read(file: &Bytes, pool: &BufferPool) -> Result<(Vec<RecordBatch>, usize), Fault> {
    let memory = read_from(Box::new(file.clone()), file, 8 << 20, pool)?;
    let mut local = tempfile::tempfile().unwrap();
    local.write_all(file).unwrap();
    let (batches, ours) = read_from(Box::new(LocalFile::new(local).unwrap()), file, 8 << 20, pool)?;
    assert!(memory == (batches.clone(), ours), "it is the same wherever it is read from");
    Ok((batches, ours))
}

fn read_from(
    source: Box<dyn ByteSource>,
    file: &Bytes,
    most: u64,
    pool: &BufferPool,
) -> Result<(Vec<RecordBatch>, usize), Fault> {
    let arrow = ArrowReaderMetadata::load(file, Default::default()).map_err(ParquetDamage::from)?;
    let group = arrow.metadata().row_group(0);
    let column = |leaf: usize| {
        let (from, length) = group.column(leaf).byte_range();
        WantedChunk { leaf, range: (from, from + length) }
    };
    let columns = (0..group.num_columns()).map(column).collect();
    let ranges = FileRanges::new(source, pool.clone());
    let mut rows = RowGroup { arrow, at: 0, columns, most }.batches(0);
    let mut batches = Vec::new();
    while let Some(batch) = rows.next(&ranges)? {
        batches.push(batch);
    }
    let own = rows.own_columns();
    rows.finish()?;
    Ok((batches, own))
}

fn assert_reads(file: &Bytes, expected: &RecordBatch, ours: usize, pool: &BufferPool) {
    let (batches, found) = read(file, pool).unwrap();
    assert_eq!(found, ours);
    let mut at = 0;
    for batch in &batches {
        for field in expected.schema().fields() {
            let wanted = expected.column_by_name(field.name()).unwrap().slice(at, batch.num_rows());
            assert_eq!(batch.column_by_name(field.name()).unwrap(), &wanted, "{} from {at}", field.name());
        }
        at += batch.num_rows();
    }
    assert_eq!(at, expected.num_rows());
}

/// Sizes with NULLs in runs and mixed.
fn sizes() -> impl Strategy<Value = Vec<Option<i64>>> {
    let run = (0usize..300, prop::option::weighted(0.7, any::<u32>())).prop_map(|(count, size)| vec![size; count]);
    let mixed = prop::collection::vec(prop::option::weighted(0.8, any::<u32>()), 0..300);
    let all = prop::collection::vec(prop_oneof![run, mixed], 1..40);
    all.prop_map(|parts| parts.concat().into_iter().map(|size| size.map(i64::from)).chain([Some(1)]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn columns_are_what_was_written(sizes in sizes(), limit in 1usize..5000, second: bool, checks: bool) {
        let rows = rows(&sizes);
        let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let limited = |it: WriterPropertiesBuilder| {
            it.set_data_page_row_count_limit(limit).set_write_batch_size(limit.min(64)).set_writer_version(version)
                .set_encoding(Encoding::PLAIN).set_write_page_header_statistics(checks)
        };
        assert_reads(&written(&rows, limited), &rows, 2, &BufferPool::new(4 << 20));
    }

    /// Pages have checksums here, so a changed byte is never returned.
    #[test]
    fn damage_is_noticed(at: prop::sample::Index, bits in 1u8..=255, second: bool) {
        let rows = rows(&(0..40).map(|at| (at % 7 != 3).then_some(at * 1000)).collect::<Vec<_>>());
        let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let file = written(&rows, |it| it.set_writer_version(version).set_encoding(Encoding::PLAIN));
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
        let (from, length) = metadata.row_group(0).column(2).byte_range();
        let mut damaged = file.to_vec();
        damaged[from as usize + at.index(length as usize)] ^= bits;
        let damaged = Bytes::from(damaged);
        // The library may panic, which the caller catches.
        let ours = catch_unwind(AssertUnwindSafe(|| read(&damaged, &BufferPool::new(4 << 20))));
        if let Ok(Ok((batches, _))) = ours {
            // Headers have no checksum: then the result must be that of the library.
            let library = ParquetRecordBatchReaderBuilder::try_new(damaged).unwrap().build().unwrap().next();
            let library = library.unwrap().unwrap();
            prop_assert_eq!(batches[0].column_by_name("size"), library.column_by_name("size"));
        }
    }
}

#[test]
fn other_encodings_are_left_to_the_library() {
    let rows = rows(&(0..20_000).map(|at| (at % 97 != 3).then_some(at % 1000)).collect::<Vec<_>>());
    let table: [(Edit, usize); 6] = [
        (|it| it, 2),
        (|it| it.set_compression(Compression::UNCOMPRESSED), 0),
        (|it| it.set_compression(Compression::ZSTD(ZstdLevel::default())), 0),
        (|it| it.set_dictionary_enabled(true), 0),
        (|it| it.set_column_dictionary_enabled("size".into(), true), 1),
        (|it| it.set_column_encoding("size".into(), Encoding::DELTA_BINARY_PACKED), 1),
    ];
    let pool = BufferPool::new(4 << 20);
    for (edit, ours) in table {
        assert_reads(&written(&rows, edit), &rows, ours, &pool);
    }
}

#[test]
fn fewer_rows_are_decoded_at_once_where_texts_are_long() {
    // Short texts first, so that some rows were taken already when it shows.
    let texts = (0..30_000).map(|at| if at < 20_000 { "k".repeat(at % 9) } else { format!("{at:0900}") });
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
    let marks: ArrayRef = Arc::new((0..30_000).map(|at| (at % 7 > 0).then_some(at % 3 == 0)).collect::<BooleanArray>());
    let sizes: ArrayRef = Arc::new((0..30_000).map(|at| (at % 5 > 0).then_some(at)).collect::<Int64Array>());
    let rows = [("key", texts, false), ("is_delete_marker", marks, true), ("size", sizes, true)];
    let rows = RecordBatch::try_from_iter_with_nullable(rows).unwrap();
    // The writer stops using a dictionary that becomes too long: then both kinds of pages are skipped. It needs more memory,
    // because any row may refer to its longest text.
    let table: [(Edit, u64); 3] = [
        (|it| it, 12 << 20),
        (|it| it.set_column_dictionary_enabled("key".into(), true).set_dictionary_page_size_limit(4096), 48 << 20),
        (
            |it| it.set_writer_version(WriterVersion::PARQUET_2_0).set_column_encoding("key".into(), Encoding::PLAIN),
            12 << 20,
        ),
    ];
    for (edit, too_little) in table {
        let file = written(&rows, |it| edit(it.set_data_page_size_limit(64 << 10).set_write_batch_size(64)));
        let sizes_at = |most: u64| -> Result<Vec<usize>, Fault> {
            let mut local = tempfile::tempfile().unwrap();
            local.write_all(&file).unwrap();
            let (batches, _) =
                read_from(Box::new(LocalFile::new(local).unwrap()), &file, most, &BufferPool::new(4 << 20))?;
            let together = concat_batches(&batches[0].schema(), &batches).unwrap();
            for field in rows.schema().fields() {
                assert_eq!(together.column_by_name(field.name()), rows.column_by_name(field.name()), "{most}");
            }
            Ok(batches.iter().map(RecordBatch::num_rows).collect())
        };
        assert_eq!(sizes_at(64 << 20).unwrap(), [8192, 8192, 8192, 5424]);
        let fewer = sizes_at(too_little).unwrap();
        assert!(fewer[..2] == [8192, 8192] && fewer.contains(&1024), "{fewer:?}");
        let least = sizes_at(2 << 20).unwrap();
        assert!(least[least.len() - 2] < 256, "{least:?}");
        let why = sizes_at(300 << 10).unwrap_err();
        assert!(why.is_shortage(), "{why:?}");
    }
}

#[test]
fn columns_have_as_many_rows_as_each_other() {
    let long = written(&rows(&[Some(1); 30]), |it| it);
    let arrow = ArrowReaderMetadata::load(&long, Default::default()).unwrap();
    let chunk = arrow.metadata().row_group(0).column(2);
    let (from, length) = chunk.byte_range();
    let column = long.slice(from as usize..(from + length) as usize);
    let open = |column: Bytes| {
        let (budget, end) = (DecodeBudget::new(1 << 20, 0, 1), column.len() as u64);
        let pages = Pages::new(ColumnStream::Whole(column), (0, end), Decoder::OwnNumbers, &budget, 0);
        OwnColumn::new(pages, chunk, OwnKind::Numbers, &DataType::Int64, BufferPool::new(0).take()).unwrap()
    };
    let mut numbers = open(column.clone());
    assert_eq!(numbers.take(30).unwrap().len(), 30);
    assert!(text(numbers.take(1)).contains("fewer values"));
    let mut numbers = open(column.clone());
    numbers.take(29).unwrap();
    assert!(text(numbers.finish()).contains("more values"));
    let mut numbers = open([&column[..], &column[..]].concat().into());
    assert_eq!(numbers.take(45).unwrap().len(), 45);
    assert!(numbers.take(15).and_then(|_| numbers.finish()).is_ok());
}
