//! The classes are those of the keys themselves, for every kind of statistics in the file; and keys that are not needed are not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use bytes::Bytes;
use orc_rust::arrow_writer::ArrowWriterBuilder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use proptest::prelude::*;
use prost::Message;
use s3_inventory::orc::{ColumnStatistics, CompressionKind, Metadata, PostScript, StringStatistics, StripeStatistics};
use s3_inventory::{
    BatchClasses, BatchReader, ByteSource, FileFormat, KeyClasses, LocalFile, ReadMemory, WantedColumns,
};

/// The class of a key is how many borders it is not below.
#[derive(Clone)]
struct Borders {
    borders: Vec<String>,
    /// How many keys were looked at.
    keys: Arc<AtomicUsize>,
}

impl Borders {
    fn new(borders: Vec<String>) -> Self {
        Self { borders, keys: Arc::default() }
    }

    fn of(&self, key: &[u8]) -> u32 {
        u32::try_from(self.borders.iter().filter(|border| border.as_bytes() <= key).count()).expect("there are few")
    }
}

impl KeyClasses for Borders {
    fn class(&mut self, key: &[u8]) -> u32 {
        self.keys.fetch_add(1, Ordering::Relaxed);
        self.of(key)
    }

    fn class_between(&mut self, smallest: &[u8], largest: &[u8]) -> Option<u32> {
        let class = self.of(smallest);
        (smallest <= largest && class == self.of(largest)).then_some(class)
    }
}

fn rows(keys: &[Option<String>]) -> RecordBatch {
    let keys: StringArray = keys.iter().map(Option::as_deref).collect();
    let has_nulls = keys.iter().any(|key| key.is_none());
    let buckets: ArrayRef = Arc::new(StringArray::from(vec!["src"; keys.len()]));
    RecordBatch::try_from_iter_with_nullable([
        ("bucket", buckets, false),
        ("key", Arc::new(keys) as ArrayRef, has_nulls),
    ])
    .expect("they go together")
}

/// The class of each key, and how many keys were looked at. From memory and from a file: then what is skipped is not read.
fn classes(format: FileFormat, file: &Bytes, borders: &[String]) -> Result<(Vec<u32>, usize), String> {
    let mut local = tempfile::tempfile().expect("there is room");
    std::io::Write::write_all(&mut local, file).expect("there is room");
    let local = classes_from(format, Box::new(LocalFile::new(local).expect("it has a size")), borders);
    assert_eq!(classes_from(format, Box::new(file.clone()), borders), local);
    local
}

fn classes_from(
    format: FileFormat,
    source: Box<dyn ByteSource>,
    borders: &[String],
) -> Result<(Vec<u32>, usize), String> {
    let borders = Borders::new(borders.to_vec());
    let wanted = WantedColumns::named(&["bucket", "key"]).with_key_classes(Some(Box::new(borders.clone())));
    let open = if format == FileFormat::Orc { BatchReader::orc } else { BatchReader::parquet };
    let mut batches =
        open("f", source, wanted, "src", &ReadMemory::new(256 << 20)).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    while let Some(batch) = batches.next_batch().map_err(|error| error.to_string())? {
        match batch.key_classes().expect("they were asked for") {
            BatchClasses::All(class) => all.extend(vec![class; batch.rows]),
            BatchClasses::Each(classes) => all.extend(classes),
        }
    }
    Ok((all, borders.keys.load(Ordering::Relaxed)))
}

/// How a Parquet file is written.
#[derive(Debug, Clone)]
struct Layout {
    rows_of_group: usize,
    rows_of_page: usize,
    statistics: EnabledStatistics,
    /// Statistics in the headers of pages, a dictionary, the second version.
    flags: [bool; 3],
    /// Bytes of a text in statistics.
    most: Option<usize>,
    encoding: Encoding,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let statistics = prop::sample::select(vec![
        EnabledStatistics::None,
        EnabledStatistics::Chunk,
        EnabledStatistics::Page,
        EnabledStatistics::Page,
    ]);
    let encoding = prop::sample::select(vec![Encoding::PLAIN, Encoding::PLAIN, Encoding::DELTA_BYTE_ARRAY]);
    let most = prop::option::of(1usize..6);
    (1usize..400, 1usize..60, statistics, any::<[bool; 3]>(), most, encoding).prop_map(
        |(rows_of_group, rows_of_page, statistics, flags, most, encoding)| Layout {
            rows_of_group,
            rows_of_page,
            statistics,
            flags,
            most,
            encoding,
        },
    )
}

fn parquet(rows: &RecordBatch, layout: &Layout) -> Bytes {
    let [in_headers, dictionary, second] = layout.flags;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_writer_version(if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 })
        .set_encoding(layout.encoding)
        .set_dictionary_enabled(dictionary)
        .set_dictionary_page_size_limit(200)
        .set_max_row_group_row_count(Some(layout.rows_of_group))
        .set_data_page_row_count_limit(layout.rows_of_page)
        .set_write_batch_size(layout.rows_of_page.min(8))
        .set_statistics_enabled(layout.statistics)
        .set_write_page_header_statistics(in_headers)
        .set_statistics_truncate_length(layout.most)
        .set_column_index_truncate_length(layout.most)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).expect("it is a schema");
    writer.write(rows).expect("it is written");
    writer.into_inner().expect("it is written").into()
}

/// An ORC file with stripes of this many rows, and with statistics of the keys of each, which the writer leaves out.
fn orc(rows: &RecordBatch, of_stripe: usize, state: impl Fn(&[&str]) -> Option<ColumnStatistics>) -> Bytes {
    orc_of_writer(Some(1), rows, of_stripe, state)
}

/// The same of a version of the writer; 1 is the first one with right bounds of texts.
fn orc_of_writer(
    version: Option<u32>,
    rows: &RecordBatch,
    of_stripe: usize,
    state: impl Fn(&[&str]) -> Option<ColumnStatistics>,
) -> Bytes {
    let mut file = Vec::new();
    let mut writer = ArrowWriterBuilder::new(&mut file, rows.schema()).try_build().expect("it is a schema");
    let mut metadata = Metadata::default();
    for from in (0..rows.num_rows()).step_by(of_stripe) {
        let stripe = rows.slice(from, of_stripe.min(rows.num_rows() - from));
        writer.write(&stripe).expect("it is written");
        writer.flush_stripe().expect("it is written");
        let keys: Vec<&str> = stripe.column(1).as_string::<i32>().iter().flatten().collect();
        let columns = [None, None, state(&keys)].map(|stated| stated.unwrap_or_default().encode_to_vec().into());
        metadata.stripes.push(StripeStatistics { columns: columns.into() });
    }
    writer.close().expect("it is written");
    let length = 1 + usize::from(*file.last().expect("it is a length"));
    let mut script = PostScript::decode(&file[file.len() - length..file.len() - 1]).expect("it is one");
    assert_eq!(script.compression(), CompressionKind::None);
    let footer = file.split_off(file.len() - length - usize::try_from(script.footer_length()).expect("it is short"));
    let metadata = metadata.encode_to_vec();
    script.metadata_length = Some(metadata.len() as u64);
    script.writer_version = version;
    file.extend(metadata);
    file.extend(&footer[..footer.len() - length]);
    let script = script.encode_to_vec();
    file.extend(&script);
    file.push(u8::try_from(script.len()).expect("it is short"));
    file.into()
}

fn statistics(keys: &[&str], is_cut_off: bool) -> Option<ColumnStatistics> {
    let [minimum, maximum] = [keys.iter().min()?, keys.iter().max()?].map(|key| Bytes::copy_from_slice(key.as_bytes()));
    let texts = match is_cut_off {
        false => StringStatistics { minimum: Some(minimum), maximum: Some(maximum), ..Default::default() },
        true => StringStatistics {
            lower_bound: Some(minimum.slice(..minimum.len().min(1))),
            upper_bound: Some([&maximum[..], b"~"].concat().into()),
            ..Default::default()
        },
    };
    Some(ColumnStatistics { number_of_values: Some(keys.len() as u64), texts: Some(texts) })
}

fn keys() -> impl Strategy<Value = Vec<Option<String>>> {
    let key = prop_oneof!["[abü]{0,3}", "[a-c]/[a-z]{0,6}", Just("long/".repeat(9))];
    // Now and then one is NULL, which is refused.
    let key = prop_oneof![400 => key.prop_map(Some), 1 => Just(None)];
    (prop::collection::vec(key, 1..600), any::<bool>(), 1usize..5).prop_map(|(mut keys, are_sorted, times)| {
        if are_sorted {
            keys.sort_unstable();
        }
        keys.into_iter().flat_map(|key| vec![key; times]).collect()
    })
}

fn assert_classes(format: FileFormat, file: &Bytes, keys: &[Option<String>], borders: &[String]) {
    let of = Borders::new(borders.to_vec());
    let expected: Option<Vec<u32>> = keys.iter().map(|key| key.as_ref().map(|key| of.of(key.as_bytes()))).collect();
    match (classes(format, file, borders), expected) {
        (found, Some(expected)) => assert_eq!(found.map(|(classes, _)| classes), Ok(expected)),
        (found, None) => assert!(found.as_ref().is_err_and(|error| error.contains("Key: ")), "{found:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn classes_are_those_of_the_keys_in_parquet(
        keys in keys(),
        layout in layouts(),
        borders in prop::collection::vec("[abcü/]{0,3}", 0..3),
    ) {
        assert_classes(FileFormat::Parquet, &parquet(&rows(&keys), &layout), &keys, &borders);
    }

    #[test]
    fn classes_are_those_of_the_keys_in_orc(
        keys in keys(),
        of_stripe in 1usize..300,
        borders in prop::collection::vec("[abcü/]{0,3}", 0..3),
        kind in 0..3,
    ) {
        let state = |keys: &[&str]| if kind == 0 { None } else { statistics(keys, kind == 1) };
        assert_classes(FileFormat::Orc, &orc(&rows(&keys), of_stripe, state), &keys, &borders);
    }
}

#[test]
fn keys_that_nobody_needs_are_not_looked_at() {
    let keys: Vec<Option<String>> = (0..10_000).map(|at| Some(format!("key-{at:06}"))).collect();
    let (rows, borders) = (rows(&keys), ["key-004321".to_owned()]);
    let mut layout = Layout {
        rows_of_group: 1000,
        rows_of_page: 100,
        statistics: EnabledStatistics::None,
        flags: [false; 3],
        most: None,
        encoding: Encoding::PLAIN,
    };
    let looked_at = |layout: &Layout, borders: &[String]| {
        classes(FileFormat::Parquet, &parquet(&rows, layout), borders).expect("it is read").1
    };
    assert_eq!(looked_at(&layout, &borders), 10_000);
    layout.statistics = EnabledStatistics::Chunk;
    assert_eq!(looked_at(&layout, &borders), 1000, "the row group with the border");
    // In an index, or in the headers of the pages; the dictionary of a row group is always read.
    layout.statistics = EnabledStatistics::Page;
    // The writer counts rows in steps.
    assert_eq!((looked_at(&layout, &borders), looked_at(&layout, &[])), (104, 0));
    layout.most = Some(8);
    assert_eq!(looked_at(&layout, &borders), 208, "two pages may have the border");
    layout.flags = [false, true, true];
    assert_eq!(looked_at(&layout, &[]), 0);
    let stripes = orc(&rows, 1000, |keys| statistics(keys, false));
    let looked_at = |borders: &[String]| classes(FileFormat::Orc, &stripes, borders).expect("it is read").1;
    assert_eq!((looked_at(&borders), looked_at(&[])), (1000, 0));
    // The bounds of old writers can be wrong.
    for version in [None, Some(0)] {
        let old = orc_of_writer(version, &rows, 1000, |keys| statistics(keys, false));
        assert_eq!(classes(FileFormat::Orc, &old, &[]).expect("it is read").1, 10_000, "{version:?}");
    }
    // Not all rows have a key, or that is not known.
    let fewer = orc(&rows, 1000, |keys| statistics(&keys[1..], false));
    assert_eq!(classes(FileFormat::Orc, &fewer, &[]).expect("it is read").1, 10_000);
}
