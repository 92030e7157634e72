//! Whole files, compared with what another reader makes of them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use bytes::Bytes;
use orc_rust::arrow_reader::ArrowReaderBuilder;
use orc_rust::arrow_writer::ArrowWriterBuilder;
use orc_rust::reader::metadata::read_metadata;
use orc_rust::schema::DataType as OrcType;
use proptest::prelude::*;

use super::super::file::OrcBatches;
use super::super::stripe::ColumnKind;
use crate::fault::Fault;
use crate::memory::{BufferPool, ReadMemory};
use crate::ranges::FileRanges;

fn kind(of: &OrcType) -> Option<ColumnKind> {
    match of {
        OrcType::Boolean { .. } => Some(ColumnKind::Boolean),
        OrcType::Short { .. } | OrcType::Int { .. } | OrcType::Long { .. } => Some(ColumnKind::Integer),
        OrcType::Timestamp { .. } => Some(ColumnKind::Time),
        OrcType::TimestampWithLocalTimezone { .. } => Some(ColumnKind::Instant),
        OrcType::String { .. } => Some(ColumnKind::Text),
        OrcType::Binary { .. } => Some(ColumnKind::Binary),
        _ => None,
    }
}

fn read(file: &Bytes, most: usize) -> Result<Vec<RecordBatch>, Fault> {
    let metadata = read_metadata(&mut file.clone()).expect("another reader has it");
    let columns = metadata.root_data_type().children().iter();
    let names: Vec<&str> =
        columns.filter(|column| kind(column.data_type()).is_some()).map(|column| column.name()).collect();
    let ranges = FileRanges::new(Box::new(file.clone()), BufferPool::new(0));
    let mut rows = OrcBatches::open(ranges, &names, None, ReadMemory::new(1 << 30))?;
    let mut batches = Vec::new();
    while let Some(batch) = rows.next_of(most)? {
        batches.push(batch);
    }
    Ok(batches)
}

pub(super) fn plain(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Timestamp(_, _) => cast(array, &DataType::Timestamp(TimeUnit::Nanosecond, None)).expect("it fits"),
        DataType::Dictionary(_, _) => cast(array, &DataType::Utf8).expect("it is text"),
        DataType::Int16 | DataType::Int32 => cast(array, &DataType::Int64).expect("it fits"),
        _ => Arc::clone(array),
    }
}

fn compare(file: &Bytes, most: usize) {
    let other = ArrowReaderBuilder::try_new(file.clone()).expect("it is ORC").with_batch_size(1 << 20).build();
    let other: Vec<RecordBatch> = other.map(|batch| batch.expect("it is read")).collect();
    let found = read(file, most).expect("it is read");
    let schema = found.first().expect("there are rows").schema();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let column = |batches: &[RecordBatch], name: &str| {
        let arrays = batches.iter().map(|batch| plain(batch.column_by_name(name).expect("the column is there")));
        let arrays: Vec<ArrayRef> = arrays.collect();
        let mut cells = Vec::new();
        for array in &arrays {
            let data = array.to_data();
            cells.extend((0..array.len()).map(|row| data.slice(row, 1)));
        }
        cells
    };
    for name in names {
        let (found, other) = (column(&found, &name), column(&other, &name));
        assert_eq!(found.len(), other.len(), "{name}");
        for (row, (found, other)) in found.iter().zip(&other).enumerate() {
            assert_eq!(found, other, "{name} of row {row}");
        }
    }
}

#[test]
fn fixtures_are_read_as_another_reader_does() {
    let direct = &include_bytes!("../../../../../tests/fixtures/orc/direct.orc")[..];
    let stripes = &include_bytes!("../../../../../tests/fixtures/orc/stripes.orc")[..];
    for file in [direct, stripes].map(Bytes::from_static) {
        for most in [8192, 1000, 7] {
            compare(&file, most);
        }
    }
}

fn written(batch: &RecordBatch) -> Bytes {
    let mut file = Vec::new();
    let mut writer = ArrowWriterBuilder::new(&mut file, batch.schema()).try_build().expect("it is a schema");
    writer.write(batch).expect("it is written");
    writer.close().expect("it is written");
    file.into()
}

fn numbers() -> impl Strategy<Value = Vec<Option<i64>>> {
    let part = prop_oneof![
        (any::<i64>(), 1..700usize).prop_map(|(number, count)| vec![number >> 8; count]),
        (-1_000_000i64..1_000_000, -500i64..500, 1..700i64)
            .prop_map(|(base, step, count)| (0..count).map(|at| base + step * at).collect()),
        (0..55u32).prop_flat_map(|bits| prop::collection::vec(-1i64 << bits..1 << bits, 1..700)),
        (prop::collection::vec(0..1000i64, 20..600), any::<u32>()).prop_map(|(mut numbers, far)| (
            numbers[7] = i64::from(far),
            numbers
        )
            .1),
    ];
    let nulls = prop_oneof![Just(0.0), Just(0.05), Just(0.5), Just(1.0)];
    (prop::collection::vec(part, 0..5), nulls).prop_flat_map(|(parts, nulls)| {
        let numbers: Vec<_> = parts
            .concat()
            .into_iter()
            .map(|number| prop::bool::weighted(1.0 - nulls).prop_map(move |valid| valid.then_some(number)))
            .collect();
        numbers
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_files_are_read_as_another_reader_does(numbers in numbers(), most in 1..900usize) {
        let times = numbers.iter().map(|number| number.map(|number| number >> 2)).map(|time| {
            // The second before 1970 can't be stored.
            time.map(|time| if time < 0 { time - 1_000_000_000 } else { time })
        });
        let texts = numbers.iter().map(|number| number.map(|number| number.to_string()));
        let columns: [(&str, ArrayRef); 4] = [
            ("flag", Arc::new(numbers.iter().map(|number| number.map(|number| number & 1 == 1)).collect::<BooleanArray>())),
            ("number", Arc::new(Int64Array::from(numbers.clone()))),
            ("time", Arc::new(TimestampNanosecondArray::from_iter(times))),
            ("text", Arc::new(texts.collect::<StringArray>())),
        ];
        prop_assume!(!numbers.is_empty());
        let rows = RecordBatch::try_from_iter(columns).expect("they go together");
        // The writer breaks on some numbers that its patched runs can't hold.
        let file = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| written(&rows)));
        prop_assume!(file.is_ok());
        compare(&file.unwrap_or_default(), most);
    }
}
