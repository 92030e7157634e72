//! Compares row groups with the library; damage, and too little memory.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::DataType;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use proptest::prelude::*;

use super::column::{self, OwnColumn, OwnKind};
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

const STATUSES: [Option<&str>; 5] = [Some("COMPLETED"), None, Some("FAILED"), Some(""), Some("ü")];

fn rows(sizes: &[Option<i64>]) -> RecordBatch {
    let times = (0..sizes.len() as i64).map(|at| 1_700_000_000_000 + at * 977);
    let markers = sizes.iter().map(|size| Some(size.is_none())).collect::<BooleanArray>();
    let statuses = sizes.iter().map(|size| size.and_then(|size| STATUSES[(size.unsigned_abs() % 7 % 5) as usize]));
    RecordBatch::try_from_iter_with_nullable([
        ("bucket", Arc::new(StringArray::from(vec!["src"; sizes.len()])) as ArrayRef, false),
        ("is_delete_marker", Arc::new(markers) as ArrayRef, true),
        ("size", Arc::new(sizes.iter().copied().collect::<Int64Array>()) as ArrayRef, true),
        (
            "last_modified_date",
            Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef,
            false,
        ),
        ("replication_status", Arc::new(statuses.collect::<StringArray>()) as ArrayRef, true),
    ])
    .unwrap()
}

/// Texts without their dictionary.
fn plain(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Dictionary(_, texts) => cast(array, texts).unwrap(),
        _ => Arc::clone(array),
    }
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
    let mut rows = RowGroup { arrow, at: 0, columns, most, classes: None }.batches(0);
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
            assert_eq!(&plain(batch.column_by_name(field.name()).unwrap()), &wanted, "{} from {at}", field.name());
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

/// How a file is written: codec, limit of the dictionary, rows of a page; then version, statistics, and runs of flags.
#[derive(Debug, Clone)]
struct Layout(Compression, usize, usize, [bool; 3]);

fn layouts() -> impl Strategy<Value = Layout> {
    let codec = prop::sample::select(vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ]);
    // No dictionary, a short one before plain pages, a long one.
    let dictionary = prop::sample::select(vec![0usize, 40, 1000, 1 << 20]);
    let layout = (codec, dictionary, 1usize..5000, any::<[bool; 3]>());
    layout.prop_map(|(codec, dictionary, limit, flags)| Layout(codec, dictionary, limit, flags))
}

impl Layout {
    fn apply(&self, it: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
        let Self(codec, dictionary, limit, [is_second, has_statistics, has_runs]) = *self;
        let version = if is_second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let flags = if has_runs { Encoding::RLE } else { Encoding::PLAIN };
        it.set_data_page_row_count_limit(limit)
            .set_write_batch_size(limit.min(64))
            .set_writer_version(version)
            .set_encoding(Encoding::PLAIN)
            .set_column_encoding("is_delete_marker".into(), flags)
            .set_compression(codec)
            .set_dictionary_enabled(dictionary > 0)
            .set_dictionary_page_size_limit(dictionary.max(1))
            .set_write_page_header_statistics(has_statistics)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn columns_are_what_was_written(sizes in sizes(), layout in layouts()) {
        let rows = rows(&sizes);
        assert_reads(&written(&rows, |it| layout.apply(it)), &rows, 5, &BufferPool::new(4 << 20));
    }

    /// Pages have no checksums here: what is returned of a damaged file must be what the library returns.
    #[test]
    fn damage_gets_the_same_verdict_as_from_the_library(
        layout in layouts(),
        many in 1i64..300,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let rows = rows(&(0..many).map(|at| (at % 7 != 3).then_some(at * at % 50)).collect::<Vec<_>>());
        let file = written(&rows, |it| layout.apply(it));
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
        let end: u64 = metadata.row_group(0).columns().iter().map(|chunk| chunk.byte_range()).map(|(from, length)| from + length).max().unwrap();
        let mut damaged = file.to_vec();
        for (at, byte) in edits {
            damaged[4 + at.index(end as usize - 4)] = byte;
        }
        let damaged = Bytes::from(damaged);
        // The library may panic, which the caller catches.
        let Ok(Ok((batches, _))) = catch_unwind(AssertUnwindSafe(|| read(&damaged, &BufferPool::new(4 << 20)))) else {
            return Ok(());
        };
        let library = ParquetRecordBatchReaderBuilder::try_new(damaged).unwrap().build().unwrap().next();
        let library = library.unwrap().unwrap();
        for field in library.schema().fields() {
            let ours = plain(batches[0].column_by_name(field.name()).unwrap());
            prop_assert_eq!(&ours, library.column_by_name(field.name()).unwrap(), "{}", field.name());
        }
    }
}

#[test]
fn other_encodings_are_left_to_the_library() {
    let rows = rows(&(0..20_000).map(|at| (at % 97 != 3).then_some(at % 1000)).collect::<Vec<_>>());
    let table: [(Edit, usize); 3] = [
        (|it| it, 5),
        (|it| it.set_column_encoding("size".into(), Encoding::DELTA_BINARY_PACKED), 4),
        (|it| it.set_writer_version(WriterVersion::PARQUET_2_0), 1),
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
        let page = BufferPool::new(0).take();
        OwnColumn::new(pages, chunk, column::values(&OwnKind::Numbers, &DataType::Int64, &page), page).unwrap()
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
