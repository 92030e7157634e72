//! The specification's examples, the fixtures and written files against another reader, and any bytes at all.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, TimeUnit};
use bytes::{Buf, Bytes};
use orc_rust::arrow_reader::ArrowReaderBuilder;
use orc_rust::arrow_writer::ArrowWriterBuilder;
use orc_rust::reader::metadata::read_metadata;
use orc_rust::schema::DataType as OrcType;
use proptest::prelude::*;
use prost::Message;

use super::bits::Bits;
use super::blocks::inflate;
use super::blocks::{Blocks, Inflater};
use super::integers::{Integers, Version};
use super::packed::{unpack, width, width_for};
use super::{
    ColumnEncoding, Compression, CompressionKind, EncodingKind, Flow, Footer, Kind, PostScript, Script, Span, Stream,
    StreamInformation, StreamKind, StripeColumns, StripeFooter, StripeInformation, Type, TypeKind, Wanted,
};
use crate::error::Unread;

const PLAIN: CompressionKind = CompressionKind::None;
/// Memory that is never the matter.
const ENOUGH: usize = 64 << 20;

/// Shows no more than it is asked for.
struct Drops(Bytes);

impl Flow for Drops {
    fn ahead(&mut self, least: usize) -> Result<&[u8], String> {
        Ok(&self.0[..least.min(self.0.len())])
    }

    fn skip(&mut self, count: usize) {
        self.0.advance(count);
    }
}

fn stream(column: u32, kind: StreamKind, bytes: impl Into<Bytes>) -> Stream {
    let bytes = bytes.into();
    Stream { column, kind, length: bytes.len() as u64, bytes: Box::new(Drops(bytes)) }
}

fn blocks(bytes: &[u8]) -> Blocks {
    let bytes = Drops(Bytes::copy_from_slice(bytes));
    Blocks::new(Box::new(bytes), Compression::new(PLAIN, None).expect("it is supported"))
}

fn integers(bytes: &[u8], version: Version, signed: bool, count: usize) -> Result<Vec<i64>, String> {
    let mut numbers = vec![0; count];
    Integers::new(blocks(bytes), version, signed).read(&mut numbers, &mut Inflater::new())?;
    Ok(numbers)
}

/// In the chunks of a compressed stream, each of at most `most` bytes.
fn stored(bytes: &[u8], most: usize, pack: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Bytes {
    let mut all = Vec::new();
    for block in bytes.chunks(most) {
        let packed = pack(block);
        let (bytes, original) = packed.as_ref().map_or((block, 1), |packed| (packed.as_slice(), 0));
        let header = u32::try_from(bytes.len() << 1 | original).expect("it is short").to_le_bytes();
        all.extend_from_slice(&header[..3]);
        all.extend_from_slice(bytes);
    }
    all.into()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; packer.deflate_compress_bound(bytes.len())];
    let length = packer.deflate_compress(bytes, &mut packed).expect("it has room");
    packed.truncate(length);
    packed
}

#[test]
fn version_1_is_as_specified() {
    let run = integers(&[0x61, 0x00, 0x07], Version::V1, false, 100);
    assert_eq!(run, Ok(vec![7; 100]));
    let falling = integers(&[0x61, 0xff, 0x64], Version::V1, false, 100);
    assert_eq!(falling, Ok((1..=100).rev().collect()));
    let literals = integers(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], Version::V1, false, 5);
    assert_eq!(literals, Ok(vec![2, 3, 6, 7, 11]));
    let signed = integers(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], Version::V1, true, 5);
    assert_eq!(signed, Ok(vec![1, -2, 3, -4, -6]));
}

#[test]
fn version_2_is_as_specified() {
    let repeat = integers(&[0x0a, 0x27, 0x10], Version::V2, false, 5);
    assert_eq!(repeat, Ok(vec![10_000; 5]));
    let direct = [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
    assert_eq!(integers(&direct, Version::V2, false, 4), Ok(vec![23_713, 43_806, 57_005, 48_879]));
    let patched = [
        0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a, 0x64, 0x6e,
        0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
    ];
    let numbers = [2030, 2000, 2020, 1_000_000].into_iter().chain((2040..=2190).step_by(10)).collect();
    assert_eq!(integers(&patched, Version::V2, false, 20), Ok(numbers));
    let delta = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
    assert_eq!(integers(&delta, Version::V2, false, 10), Ok(vec![2, 3, 5, 7, 11, 13, 17, 19, 23, 29]));
    assert_eq!(integers(&[0xc0, 0x02, 0x08, 0x03], Version::V2, false, 3), Ok(vec![8, 6, 4]));
    assert_eq!(integers(&[0xc0, 0x02, 0x07, 0x04], Version::V2, true, 3), Ok(vec![-4, -2, 0]));
}

#[test]
fn damaged_numbers_are_refused() {
    let table: [(&[u8], Version); 12] = [
        (&[], Version::V1),
        (&[0x61, 0x00], Version::V1),
        (&[0xfb, 0x02], Version::V1),
        (&[0x00, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], Version::V1),
        (&[0x0a, 0x27], Version::V2),
        (&[0x5e], Version::V2),
        (&[0x5e, 0x03, 0x5c], Version::V2),
        // A patch behind the last number, and one of more than 64 bits.
        (&[0x8e, 0x00, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0xfc, 0xe8], Version::V2),
        (&[0x8e, 0x00, 0x3f, 0x21, 0x07, 0xd0, 0x1e], Version::V2),
        // A step without room for it.
        (&[0xc6, 0x00, 0x02, 0x02], Version::V2),
        (&[0xc0, 0x01, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00], Version::V2),
        (&[0xc0, 0x09, 0x02], Version::V2),
    ];
    for (at, (bytes, version)) in table.into_iter().enumerate() {
        let found = integers(bytes, version, true, 3);
        assert!(found.is_err(), "{at}: {found:?}");
    }
    // Three numbers of 56 bits, and a patch of 12 on top of the first: eight fit, more would be lost.
    let patched = |patch: [u8; 2]| {
        let run = [&[0xbc, 0x02, 0x0b, 0x01, 0x00][..], &[0; 21], &patch].concat();
        integers(&run, Version::V2, true, 3)
    };
    assert_eq!(patched([0x00, 0x08]), Ok(vec![1 << 56, 0, 0]));
    assert!(patched([0x7f, 0xf8]).expect_err("it is too wide").contains("64 bits"));
    let far =
        integers(&[0xc0, 0x02, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02], Version::V2, true, 3);
    assert_eq!(far, Err("a number passes 64 bits".to_owned()));
}

#[test]
fn bits_are_as_specified() {
    let read = |bytes: &[u8], counts: &[usize]| {
        let (mut bits, mut inflater) = (Bits::new(blocks(bytes)), Inflater::new());
        counts.iter().map(|count| bits.read(*count, &mut inflater).map(|bits| bits.iter().collect())).collect()
    };
    let all: Result<Vec<Vec<bool>>, String> = read(&[0xff, 0x80], &[8]);
    assert_eq!(all, Ok(vec![vec![true, false, false, false, false, false, false, false]]));
    let parts = read(&[0x61, 0x00, 0xfe, 0x44, 0x45], &[799, 3, 0, 4, 8, 2]).expect("they are there");
    assert_eq!(parts[0], vec![false; 799]);
    assert_eq!(parts[1], [false, false, true]);
    assert_eq!(parts[3], [false, false, false, true]);
    assert_eq!(parts[4], [false, false, false, true, false, false, false, true]);
    assert_eq!(parts[5], [false, true]);
    for bytes in [&[][..], &[5], &[0xfe, 1]] {
        assert!(read(bytes, &[16]).is_err(), "{bytes:?}");
    }
}

#[test]
fn blocks_are_inflated_one_by_one() {
    let text: Vec<u8> = (0..100_000u32).flat_map(|number| number.wrapping_mul(number).to_le_bytes()).collect();
    let snappy = |bytes: &[u8]| snap::raw::Encoder::new().compress_vec(bytes).ok();
    let table: [(CompressionKind, Bytes); 5] = [
        (CompressionKind::None, text.clone().into()),
        (CompressionKind::Zlib, stored(&text, 1 << 12, |block| Some(deflated(block)))),
        (CompressionKind::Zlib, stored(&text, 1 << 12, |_| None)),
        (CompressionKind::Snappy, stored(&text, 1 << 12, snappy)),
        (CompressionKind::Zstd, stored(&text, 1 << 12, |block| zstd::bulk::compress(block, 1).ok())),
    ];
    for (kind, bytes) in table {
        let fits = Compression::new(kind, Some(1 << 12)).expect("it is supported");
        assert_eq!(inflate(bytes.clone(), fits, text.len()).as_ref(), Ok(&text), "{kind:?}");
        assert!(inflate(bytes.clone(), fits, text.len() - 1).is_err(), "{kind:?}");
        if kind != CompressionKind::None {
            let smaller = Compression::new(kind, Some((1 << 12) - 1)).expect("it is supported");
            assert!(inflate(bytes.clone(), smaller, text.len()).is_err(), "{kind:?}");
            assert!(inflate(bytes.slice(..bytes.len() - 1), fits, text.len()).is_err(), "{kind:?}");
            assert!(inflate(bytes.slice(..2), fits, text.len()).is_err(), "{kind:?}");
        }
    }
    assert!(Compression::new(CompressionKind::Zlib, Some((16 << 20) + 1)).is_err());
    let lz4 = Compression::new(CompressionKind::Lz4, None);
    let what = "this file uses codec LZ4, which replaudit cannot read (NONE, ZLIB, SNAPPY, ZSTD)";
    assert_eq!(lz4, Err(Unread::Unsupported(what.to_owned())));
}

fn kind(of: &OrcType) -> Option<Kind> {
    match of {
        OrcType::Boolean { .. } => Some(Kind::Boolean),
        OrcType::Short { .. } | OrcType::Int { .. } | OrcType::Long { .. } => Some(Kind::Integer),
        OrcType::Timestamp { .. } => Some(Kind::Time),
        OrcType::TimestampWithLocalTimezone { .. } => Some(Kind::Instant),
        OrcType::String { .. } => Some(Kind::Text),
        OrcType::Binary { .. } => Some(Kind::Binary),
        _ => None,
    }
}

/// All rows of a file, in batches of at most `most`.
fn read(file: &Bytes, most: usize) -> Result<Vec<RecordBatch>, Unread> {
    let bytes = |(from, to): Span| file.slice(from as usize..to as usize);
    let Script { footer, compression } = Script::of(file, file.len() as u64)?;
    let footer = Footer::of(bytes(footer), compression, ENOUGH)?;
    let metadata = read_metadata(&mut file.clone()).map_err(|error| error.to_string())?;
    let columns = metadata.root_data_type().children().iter();
    let names: Vec<&str> =
        columns.filter(|column| kind(column.data_type()).is_some()).map(|column| column.name()).collect();
    let wanted = footer.columns(&names)?;
    let mut batches = Vec::new();
    for stripe in &footer.stripes {
        let footer = StripeFooter::of(bytes(stripe.footer().ok_or("it has no footer")?), compression, ENOUGH)?;
        let streams = footer.streams(stripe, &wanted)?.into_iter();
        let streams = streams.map(|(column, kind, span)| stream(column, kind, bytes(span))).collect();
        let mut rows = StripeColumns::new(&wanted, &footer, streams, compression, stripe.number_of_rows(), ENOUGH)?;
        while let Some(batch) = rows.next(most)? {
            batches.push(batch);
        }
    }
    Ok(batches)
}

/// The last bytes of a file whose footer has so many.
fn end(footer_length: u64, magic: &str) -> Vec<u8> {
    let script = PostScript { footer_length: Some(footer_length), magic: Some(magic.to_owned()), ..Default::default() };
    let mut end = script.encode_to_vec();
    end.push(u8::try_from(end.len()).expect("it is short"));
    end
}

#[test]
fn the_end_of_a_file_is_held_against_what_is_there() {
    let length = end(10, "ORC").len() as u64;
    assert_eq!(Script::of(&end(10, "ORC"), 10 + length).expect("it is the end of a file").footer, (0, 10));
    let claims = "longer than the file";
    let cases: [(Vec<u8>, u64, &str); 6] = [
        (end(11, "ORC"), 10 + length, claims),
        (end(u64::MAX, "ORC"), 1000, claims),
        (end(10, "PAR1"), 1000, "does not end as"),
        (end(10, "ORC")[5..].to_vec(), 1000, "too short"),
        (Vec::new(), 0, "too short"),
        (vec![0], 1, "does not end as"),
    ];
    for (end, size, what) in cases {
        let error = damaged(Script::of(&end, size));
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_footer_says_what_is_wanted_and_nothing_that_can_t_be() {
    let plain = Compression::new(PLAIN, None).expect("it is supported");
    let of = |kind: TypeKind| Type { kind: Some(kind.into()), ..Default::default() };
    let row = |names: &[&str]| Type {
        kind: Some(TypeKind::Struct.into()),
        subtypes: vec![1, 2],
        field_names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let stripes = vec![StripeInformation { number_of_rows: Some(5), ..Default::default() }];
    let good = Footer {
        stripes,
        types: vec![row(&["size", "key"]), of(TypeKind::Long), of(TypeKind::List)],
        number_of_rows: Some(5),
        encryption: None,
    };
    let read = |footer: &Footer| Footer::of(footer.encode_to_vec().into(), plain, ENOUGH);
    assert_eq!(read(&good).expect("it is good").columns(&["size"]).expect("it is there")[0].column, 1);
    let twice = Footer { types: vec![row(&["size", "size"]), of(TypeKind::Long), of(TypeKind::Long)], ..good.clone() };
    let cut = Footer { types: vec![row(&["size", "key"])], ..good.clone() };
    for (footer, name, what) in [
        (&good, "key", "which no report does"),
        (&good, "c", "no column c"),
        (&twice, "size", "twice"),
        (&cut, "size", "which no report does"),
    ] {
        let error = damaged(read(footer).expect("it is a footer").columns(&[name]));
        assert!(error.contains(what), "{error}");
    }
    // Of a column that S3 does not document, nothing is known that it should be.
    let new = Footer { types: vec![row(&["size", "new"]), of(TypeKind::Long), of(TypeKind::List)], ..good.clone() };
    let error = read(&new).expect("it is a footer").columns(&["new"]).expect_err("it holds a list");
    assert!(matches!(error, Unread::Unsupported(what) if what.contains("column new holds List")));
    let more = Footer { number_of_rows: Some(6), ..good.clone() };
    assert!(damaged(read(&more)).contains("rows"));
    let secret = Footer { encryption: Some(Vec::new()), ..good.clone() };
    assert!(matches!(read(&secret), Err(Unread::Unsupported(what)) if what.contains("encrypted")));
    // Statistics are nobody's business here, however many there are; but a footer has an end.
    let with = |statistics: usize| [good.encode_to_vec(), [0x3a, 0].repeat(statistics)].concat();
    assert_eq!(Footer::of(with(500_000).into(), plain, 4 << 20), Ok(good.clone()));
    assert!(no_room(Footer::of(with(600_000).into(), plain, 4 << 20)).contains("more than the"));
    // Two bytes each, and some forty times as many when they are decoded.
    let stripes = [good.encode_to_vec(), [0x1a, 0].repeat(20_000)].concat();
    assert!(Footer::of(stripes.clone().into(), plain, 8 << 20).is_ok());
    assert!(no_room(Footer::of(stripes.into(), plain, 4 << 20)).contains("--memory leaves"));
}

fn damaged<T>(read: Result<T, Unread>) -> String {
    match read.map(drop) {
        Err(Unread::Damaged(what)) => what,
        other => panic!("it is damaged, and not {other:?}"),
    }
}

fn no_room<T>(read: Result<T, Unread>) -> String {
    match read.map(drop) {
        Err(Unread::NoRoom(what)) => what,
        other => panic!("it is too much, and not {other:?}"),
    }
}

#[test]
fn streams_lie_within_their_stripe() {
    let stream =
        |kind: i32, column, length| StreamInformation { kind: Some(kind), column: Some(column), length: Some(length) };
    let wanted = [Wanted { name: "a", column: 1, kind: Kind::Integer }];
    let stripe =
        StripeInformation { offset: Some(3), index_length: Some(10), data_length: Some(20), ..Default::default() };
    let footer = |streams| StripeFooter { streams, ..Default::default() };
    // An index, another column's, then ours.
    let good = footer(vec![stream(6, 1, 10), stream(1, 2, 5), stream(0, 1, 5), stream(1, 1, 10)]);
    let found = good.streams(&stripe, &wanted).expect("they fit");
    assert_eq!(found, [(1, StreamKind::Present, (18, 23)), (1, StreamKind::Data, (23, 33))]);
    for streams in [vec![stream(1, 1, 31)], vec![stream(1, 2, 20), stream(1, 1, 11)], vec![stream(1, 1, u64::MAX)]] {
        assert!(footer(streams).streams(&stripe, &wanted).is_err());
    }
    let nowhere = StripeInformation { offset: Some(u64::MAX), ..stripe };
    assert!(nowhere.footer().is_none() && footer(vec![stream(1, 1, 1)]).streams(&nowhere, &wanted).is_err());
}

/// In one type for each kind of value.
fn plain(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Timestamp(_, _) => cast(array, &DataType::Timestamp(TimeUnit::Nanosecond, None)).expect("it fits"),
        DataType::Dictionary(_, _) => cast(array, &DataType::Utf8).expect("it is text"),
        DataType::Int16 | DataType::Int32 => cast(array, &DataType::Int64).expect("it fits"),
        _ => Arc::clone(array),
    }
}

/// Every value of every column, as another reader has it.
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
    let direct = &include_bytes!("../../../../tests/fixtures/orc/direct.orc")[..];
    let stripes = &include_bytes!("../../../../tests/fixtures/orc/stripes.orc")[..];
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

/// Numbers as they come: runs, steps, few bits, many, and some far off.
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

    #[test]
    fn any_width_is_unpacked_bit_by_bit(code in 0..32u8, packed in prop::collection::vec(any::<u8>(), 0..600)) {
        let bits = usize::from(width(code));
        let count = packed.len() * 8 / bits;
        let mut numbers = vec![0; count];
        prop_assert_eq!(unpack(&packed, width(code), &mut numbers), Some((count * bits).div_ceil(8)));
        for (at, number) in numbers.iter().enumerate() {
            let slow = (at * bits..(at + 1) * bits)
                .fold(0u64, |number, bit| number << 1 | u64::from(packed[bit / 8] >> (7 - bit % 8) & 1));
            prop_assert_eq!(number.cast_unsigned(), slow);
        }
        numbers.resize(count + 8, 0);
        prop_assert_eq!(unpack(&packed, width(code), &mut numbers), None);
        prop_assert!(width_for(width(code)) == width(code));
    }
}

/// One column of which all streams have these bytes.
fn any_column(
    of: Kind,
    encoding: EncodingKind,
    how: Compression,
    bytes: [Vec<u8>; 5],
    zone: &str,
) -> Result<u64, Unread> {
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
    let wanted = [Wanted { name: "it", column: 0, kind: of }];
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
        of in prop::sample::select(vec![Kind::Boolean, Kind::Integer, Kind::Time, Kind::Instant, Kind::Text, Kind::Binary]),
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
    let wanted = [Wanted { name: "it", column: 0, kind: Kind::Text }];
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
    let claims = "column it: its dictionary claims 7 entries for 6 rows";
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
    let wanted = [Wanted { name: "it", column: 0, kind: Kind::Text }];
    let open = |how, encoding, streams: Vec<(StreamKind, Vec<u8>)>, most| {
        let streams = streams.into_iter().map(|(kind, bytes)| stream(0, kind, bytes)).collect();
        let footer = StripeFooter { columns: vec![encoding], ..Default::default() };
        StripeColumns::new(&wanted, &footer, streams, how, 1 << 20, most)
    };
    // Blocks count by what they may inflate to.
    let long = vec![(StreamKind::Data, vec![0; 5000]), (StreamKind::Length, vec![0; 5000])];
    let direct = encoding(EncodingKind::DirectV2, None);
    assert!(no_room(open(zlib, direct.clone(), long.clone(), 8 << 20)).contains("blocks take"));
    assert!(open(zlib, direct.clone(), long, 9 << 20).is_ok());
    // A dictionary of a MiB, with one entry; and one of many entries.
    let large = vec![(StreamKind::DictionaryData, vec![b'x'; 1 << 20]), (StreamKind::Length, vec![0x00, 1])];
    let dictionary = |entries| encoding(EncodingKind::DictionaryV2, Some(entries));
    assert!(no_room(open(plain, dictionary(1), large.clone(), 3 << 20)).contains("more than the"));
    assert!(no_room(open(plain, dictionary(1 << 20), large, 12 << 20)).contains("entries"));
    // Texts of a batch: fewer rows at once, and one that is too long is refused.
    let runs = [0xc1, 0xff, 0x80, 0x08, 0].repeat(2);
    let keys = vec![(StreamKind::Data, vec![b'x'; 2 << 20]), (StreamKind::Length, runs)];
    let mut rows = open(plain, direct.clone(), keys, 1 << 20).expect("it is opened");
    assert_eq!(rows.next(8192).expect("they are read").expect("there are rows").num_rows(), 512);
    let one =
        vec![(StreamKind::Data, vec![b'x'; 2 << 20]), (StreamKind::Length, vec![0xc1, 0xff, 0x81, 0x80, 0x40, 0])];
    let mut rows = open(plain, direct, one, 1 << 20).expect("it is opened");
    assert!(no_room(rows.next(8192)).contains("more than 524288 bytes"));
}

#[test]
fn times_are_where_the_writer_was() {
    let read = |seconds: &'static [u8], nanos: &'static [u8], zone: Option<&str>| {
        let encoding = ColumnEncoding { kind: Some(EncodingKind::Direct.into()), ..Default::default() };
        let footer =
            StripeFooter { columns: vec![encoding], writer_timezone: zone.map(str::to_owned), ..Default::default() };
        let streams = [(StreamKind::Data, seconds), (StreamKind::Secondary, nanos)];
        let streams = streams.map(|(kind, bytes)| stream(0, kind, bytes)).into();
        let how = Compression::new(PLAIN, None)?;
        let wanted = [Wanted { name: "it", column: 0, kind: Kind::Time }];
        let batch = StripeColumns::new(&wanted, &footer, streams, how, 1, ENOUGH)?.next(1)?;
        let times = Arc::clone(batch.ok_or("no rows")?.column(0));
        Ok::<_, Unread>((times.data_type().clone(), plain(&times).to_data().buffers()[0].typed_data::<i64>()[0]))
    };
    let (millis, nanos) =
        (DataType::Timestamp(TimeUnit::Millisecond, None), DataType::Timestamp(TimeUnit::Nanosecond, None));
    let start = 1_420_070_400_000_000_000;
    assert_eq!(read(&[0xff, 0x00], &[0xff, 0x00], None), Ok((millis.clone(), start)));
    // 0.5 seconds are 5, and 8 zeros of which the stored number says 7.
    assert_eq!(read(&[0xff, 0x02], &[0xff, 0x2f], Some("GMT")), Ok((millis.clone(), start + 1_500_000_000)));
    assert_eq!(read(&[0xff, 0x02], &[0xff, 0x08], Some("UTC")), Ok((nanos, start + 1_000_000_001)));
    // Clocks there show the same.
    assert_eq!(read(&[0xff, 0x00], &[0xff, 0x00], Some("America/Los_Angeles")), Ok((millis, start)));
    assert_eq!(
        read(&[0xff, 0x00], &[0xff, 0x00], Some("Moon")),
        Err("column it: there is no time zone \"Moon\"".into())
    );
    assert!(read(&[0xff, 0x00], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], None).is_err());
}
