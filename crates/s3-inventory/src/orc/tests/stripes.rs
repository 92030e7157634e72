//! The columns of one stripe: any bytes in their streams, dictionaries, times, and how much memory they take.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, TimeUnit};
use proptest::prelude::*;

use super::super::blocks::Compression;
use super::super::stripe::{ColumnKind, StripeColumns, WantedColumn};
use super::super::{ColumnEncoding, CompressionKind, EncodingKind, StreamKind, StripeFooter};
use super::files::plain;
use super::{ENOUGH, PLAIN, damaged, no_room, stored, stream, text};
use crate::fault::Fault;

/// One column of which all streams have these bytes.
fn any_column(
    of: ColumnKind,
    encoding: EncodingKind,
    how: Compression,
    bytes: [Vec<u8>; 5],
    zone: &str,
) -> Result<u64, Fault> {
    use StreamKind::{Data, DictionaryData, Length, Present, Secondary};
    let encoding = ColumnEncoding { kind: Some(encoding.into()), dictionary_size: Some(3) };
    let footer = StripeFooter { columns: vec![encoding], writer_timezone: Some(zone.to_owned()), ..Default::default() };
    let streams = [Data, Length, Secondary, DictionaryData, Present]
        .into_iter()
        .zip(bytes)
        // Half of all columns have no NULLs.
        .filter(|(kind, bytes)| *kind != Present || bytes.len() % 2 == 0)
        .map(|(kind, bytes)| stream(0, kind, bytes))
        .collect();
    let wanted = [WantedColumn { name: "it".to_owned(), column: 0, kind: of }];
    let mut columns = StripeColumns::new(&wanted, &footer, streams, how, 10_000, ENOUGH)?;
    let mut rows = 0;
    while let Some(batch) = columns.next(1000)? {
        rows += batch.num_rows() as u64;
    }
    Ok(rows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::array::uniform5(prop::collection::vec(any::<u8>(), 0..300)),
        of in prop::sample::select(vec![ColumnKind::Boolean, ColumnKind::Integer, ColumnKind::Time, ColumnKind::Instant, ColumnKind::Text, ColumnKind::Binary]),
        encoding in 0..4i32,
        how in prop::sample::select(vec![CompressionKind::None, CompressionKind::None, CompressionKind::Zlib, CompressionKind::Snappy, CompressionKind::Zstd]),
        zone in prop::sample::select(vec!["UTC", "America/Los_Angeles", "nowhere"]),
        whole in any::<bool>(),
    ) {
        let how = Compression::new(how, Some(1 << 14)).expect("it is supported");
        let encoding = EncodingKind::try_from(encoding).expect("it is one of four");
        // Blocks as they are let the bytes through to what is behind them.
        let bytes = if whole { bytes.map(|bytes| stored(&bytes, 100, |_| None).to_vec()) } else { bytes };
        if let Ok(rows) = any_column(of, encoding, how, bytes, zone) {
            prop_assert_eq!(rows, 10_000);
        }
    }
}

#[test]
fn dictionaries_are_shared_and_bounded() {
    let how = Compression::new(PLAIN, None).expect("it is supported");
    let footer = |entries| StripeFooter {
        columns: vec![ColumnEncoding { kind: Some(EncodingKind::DictionaryV2.into()), dictionary_size: Some(entries) }],
        ..Default::default()
    };
    let streams = |places: &'static [u8]| {
        [(StreamKind::Data, places), (StreamKind::Length, &[0x42, 0x02, 0xd0]), (StreamKind::DictionaryData, b"abcdef")]
            .map(|(kind, bytes)| stream(0, kind, bytes))
            .into()
    };
    let wanted = [WantedColumn { name: "it".to_owned(), column: 0, kind: ColumnKind::Text }];
    let open = |entries, places| StripeColumns::new(&wanted, &footer(entries), streams(places), how, 6, ENOUGH);
    let mut columns = open(3, &[0x42, 0x05, 0x18, 0x60]).expect("it is a dictionary");
    let first = columns.next(3).expect("it is read").expect("there are rows");
    let second = columns.next(3).expect("it is read").expect("there are rows");
    let texts = |batch: &RecordBatch| {
        let texts = cast(batch.column(0), &DataType::Utf8).expect("it is text");
        texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
    };
    // 3, 1 and 0 bytes long.
    assert_eq!(texts(&first), ["abc", "d", ""].map(|text| Some(text.to_owned())));
    let values = |batch: &RecordBatch| Arc::clone(batch.column(0).as_dictionary::<Int32Type>().values());
    assert!(Arc::ptr_eq(&values(&first), &values(&second)));
    assert!(columns.next(3).expect("it ended").is_none());
    let error = |entries, places| damaged(open(entries, places).and_then(|mut columns| columns.next(6)));
    let claims = "column it: its dictionary has 7 entries for 6 rows";
    assert_eq!(error(7, &[]), claims);
    let missing = "column it: its dictionary of 3 has no entry 3";
    assert_eq!(error(3, &[0x42, 0x05, 0xff, 0xf0]), missing);
    assert_eq!(error(3, &[]), "column it: 6 numbers are missing");
}

#[test]
fn columns_take_no_more_memory_than_they_may() {
    let zlib = Compression::new(CompressionKind::Zlib, Some(4 << 20)).expect("it is supported");
    let plain = Compression::new(PLAIN, None).expect("it is supported");
    let encoding = |kind: EncodingKind, entries| ColumnEncoding { kind: Some(kind.into()), dictionary_size: entries };
    let wanted = [WantedColumn { name: "it".to_owned(), column: 0, kind: ColumnKind::Text }];
    let open = |how, encoding, streams: Vec<(StreamKind, Vec<u8>)>, most| {
        let streams = streams.into_iter().map(|(kind, bytes)| stream(0, kind, bytes)).collect();
        let footer = StripeFooter { columns: vec![encoding], ..Default::default() };
        StripeColumns::new(&wanted, &footer, streams, how, 1 << 20, most)
    };
    // Blocks count by what they may inflate to.
    let long = vec![(StreamKind::Data, vec![0; 5000]), (StreamKind::Length, vec![0; 5000])];
    let direct = encoding(EncodingKind::DirectV2, None);
    assert!(no_room(open(zlib, direct.clone(), long.clone(), 8 << 20)).contains("its blocks need"));
    assert!(open(zlib, direct.clone(), long, 9 << 20).is_ok());
    // A dictionary of a MiB, with one entry; and one of many entries.
    let large = vec![(StreamKind::DictionaryData, vec![b'x'; 1 << 20]), (StreamKind::Length, vec![0x00, 1])];
    let dictionary = |entries| encoding(EncodingKind::DictionaryV2, Some(entries));
    assert!(no_room(open(plain, dictionary(1), large.clone(), 3 << 20)).contains("its dictionary would"));
    assert!(no_room(open(plain, dictionary(1 << 20), large, 12 << 20)).contains("its dictionary would"));
    // Texts of a batch: fewer rows at once, and one that is too long is refused.
    let runs = [0xc1, 0xff, 0x80, 0x08, 0].repeat(2);
    let keys = vec![(StreamKind::Data, vec![b'x'; 2 << 20]), (StreamKind::Length, runs)];
    let mut rows = open(plain, direct.clone(), keys, 1 << 20).expect("it is opened");
    assert_eq!(rows.next(8192).expect("they are read").expect("there are rows").num_rows(), 512);
    let one =
        vec![(StreamKind::Data, vec![b'x'; 2 << 20]), (StreamKind::Length, vec![0xc1, 0xff, 0x81, 0x80, 0x40, 0])];
    let mut rows = open(plain, direct, one, 1 << 20).expect("it is opened");
    assert!(no_room(rows.next(8192)).contains("and 524288 are available"));
}

#[test]
fn times_are_where_the_writer_was() {
    let read = |seconds: &'static [u8], nanos: &'static [u8], zone: Option<&str>| {
        let encoding = ColumnEncoding { kind: Some(EncodingKind::Direct.into()), ..Default::default() };
        let footer =
            StripeFooter { columns: vec![encoding], writer_timezone: zone.map(str::to_owned), ..Default::default() };
        let streams = [(StreamKind::Data, seconds), (StreamKind::Secondary, nanos)];
        let streams = streams.map(|(kind, bytes)| stream(0, kind, bytes)).into();
        let how = Compression::new(PLAIN, None).expect("it is supported");
        let wanted = [WantedColumn { name: "it".to_owned(), column: 0, kind: ColumnKind::Time }];
        let batch =
            text(StripeColumns::new(&wanted, &footer, streams, how, 1, ENOUGH).and_then(|mut rows| rows.next(1)));
        let times = Arc::clone(batch?.expect("there is a row").column(0));
        Ok::<_, String>((times.data_type().clone(), plain(&times).to_data().buffers()[0].typed_data::<i64>()[0]))
    };
    let (millis, nanos) =
        (DataType::Timestamp(TimeUnit::Millisecond, None), DataType::Timestamp(TimeUnit::Nanosecond, None));
    let start = 1_420_070_400_000_000_000;
    assert_eq!(read(&[0xff, 0x00], &[0xff, 0x00], None), Ok((millis.clone(), start)));
    // 0.5 seconds are 5, and 8 zeros of which the stored number says 7.
    assert_eq!(read(&[0xff, 0x02], &[0xff, 0x2f], Some("GMT")), Ok((millis.clone(), start + 1_500_000_000)));
    assert_eq!(read(&[0xff, 0x02], &[0xff, 0x08], Some("UTC")), Ok((nanos, start + 1_000_000_001)));
    // Clocks there show the same.
    let los_angeles = Some("America/Los_Angeles");
    assert_eq!(read(&[0xff, 0x00], &[0xff, 0x00], los_angeles), Ok((millis.clone(), start)));
    // 200 days later, summer time has added an hour.
    let summer = start + (200 * 86_400 + 3600) * 1_000_000_000;
    assert_eq!(read(&[0xff, 0x80, 0xb0, 0xbd, 0x10], &[0xff, 0x00], los_angeles), Ok((millis, summer)));
    assert_eq!(read(&[0xff, 0x00], &[0xff, 0x00], Some("Moon")), Err("column it: unknown time zone: \"Moon\"".into()));
    assert!(read(&[0xff, 0x00], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], None).is_err());
}
