//! `--memory` is a cap for every claim of a file: each of these is a small file that wants much.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as Codec, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use prost::Message;
use s3_inventory::orc::{
    ColumnEncoding, CompressionKind, EncodingKind, Footer, PostScript, StreamInformation, StreamKind, StripeFooter,
    StripeInformation, Type, TypeKind,
};
use serde_json::json;

use crate::support::report::{Local, gzip};
use crate::support::{Run, limited, program};

const MIB: usize = 1 << 20;
/// What each run may take; the least that there may be is half of it.
const CAP: usize = 64 * MIB;
/// What is said of a report that may be good.
const TOO_MUCH: &str = "the report needs more memory than it may use: ";

/// A report of the same file twice, in a format: there may be a worker for each.
fn report(format: &str, bytes: Vec<u8>) -> Local {
    let report = Local::new("", &[("1.data", bytes.clone()), ("2.data", bytes)]);
    let schema = match format {
        "CSV" => "Bucket, Key, ReplicationStatus",
        "ORC" => "struct<bucket:string,key:string,replication_status:string>",
        _ => {
            "message m { required binary bucket (STRING); required binary key (STRING); required binary \
                replication_status (STRING); }"
        }
    };
    report.edit(|json| (json["fileFormat"], json["fileSchema"]) = (json!(format), json!(schema)));
    report
}

/// Runs with all memory beyond the cap refused.
fn capped(format: &str, bytes: Vec<u8>, more: &[&str]) -> Run {
    within_cap(&report(format, bytes), more)
}

fn within_cap(report: &Local, more: &[&str]) -> Run {
    let mut command = program();
    command.arg("inventory").arg(&report.dir).args(["--max-age", "none", "-o", "json", "--memory", "64MiB"]).args(more);
    limited(&command, CAP)
}

/// An ORC file of one stripe, compressed by ZLIB.
struct Orc {
    kind: CompressionKind,
    block: usize,
    rows: u64,
    columns: [Vec<(StreamKind, Vec<u8>)>; 3],
    /// Behind what the footers hold anyway.
    footer: Vec<u8>,
    stripe_footer: Vec<u8>,
}

/// A run of numbers that are all the same.
fn same(count: u64, number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for left in (1..=count).rev().step_by(512) {
        let last = left.min(512) - 1;
        bytes.extend([0xc0 | (last >> 8) as u8, last as u8]);
        prost::encoding::encode_varint(number, &mut bytes);
        bytes.push(0);
    }
    bytes
}

/// One text, for every row.
fn dictionary(rows: u64, text: &[u8]) -> Vec<(StreamKind, Vec<u8>)> {
    vec![
        (StreamKind::Data, same(rows, 0)),
        (StreamKind::Length, same(1, text.len() as u64)),
        (StreamKind::DictionaryData, text.to_vec()),
    ]
}

impl Orc {
    fn new(rows: u64) -> Self {
        let columns = [b"src".as_slice(), b"key", b"COMPLETED"].map(|text| dictionary(rows, text));
        let (footer, stripe_footer) = (Vec::new(), Vec::new());
        Self { kind: CompressionKind::Zlib, block: 256 << 10, rows, columns, footer, stripe_footer }
    }

    fn packed(&self, bytes: &[u8]) -> Vec<u8> {
        let (mut all, mut last) = (Vec::new(), (&b""[..], Vec::new()));
        for block in bytes.chunks(self.block) {
            // Most of them are the same.
            if last.0 != block {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(block).unwrap();
                last = (block, encoder.finish().unwrap());
            }
            let original = self.kind != CompressionKind::Zlib || last.1.len() >= block.len();
            let stored = if original { block } else { &last.1 };
            all.extend(&(stored.len() << 1 | usize::from(original)).to_le_bytes()[..3]);
            all.extend(stored);
        }
        all
    }

    fn bytes(&self) -> Vec<u8> {
        let mut file = b"ORC".to_vec();
        let offset = file.len() as u64;
        let row = ColumnEncoding { kind: Some(EncodingKind::Direct.into()), dictionary_size: None };
        let mut footer = StripeFooter { columns: vec![row], ..StripeFooter::default() };
        for (at, streams) in self.columns.iter().enumerate() {
            let has_dictionary = streams.iter().any(|(kind, _)| *kind == StreamKind::DictionaryData);
            let kind = if has_dictionary { EncodingKind::DictionaryV2 } else { EncodingKind::DirectV2 };
            footer
                .columns
                .push(ColumnEncoding { kind: Some(kind.into()), dictionary_size: has_dictionary.then_some(1) });
            for (kind, bytes) in streams {
                let packed = self.packed(bytes);
                footer.streams.push(StreamInformation {
                    kind: Some((*kind).into()),
                    column: Some(at as u32 + 1),
                    length: Some(packed.len() as u64),
                });
                file.extend(packed);
            }
        }
        let data = file.len() as u64 - offset;
        let footer = self.packed(&[footer.encode_to_vec(), self.stripe_footer.clone()].concat());
        file.extend(&footer);
        let stripe = StripeInformation {
            offset: Some(offset),
            index_length: Some(0),
            data_length: Some(data),
            footer_length: Some(footer.len() as u64),
            number_of_rows: Some(self.rows),
        };
        let text = Type { kind: Some(TypeKind::String.into()), ..Type::default() };
        let row = Type {
            kind: Some(TypeKind::Struct.into()),
            subtypes: vec![1, 2, 3],
            field_names: ["bucket", "key", "replication_status"].map(str::to_owned).to_vec(),
        };
        let footer = Footer {
            stripes: vec![stripe],
            types: vec![row, text.clone(), text.clone(), text],
            number_of_rows: Some(self.rows),
            encryption: None,
        };
        let footer = self.packed(&[footer.encode_to_vec(), self.footer.clone()].concat());
        file.extend(&footer);
        let script = PostScript {
            footer_length: Some(footer.len() as u64),
            compression: Some(self.kind.into()),
            compression_block_size: Some(self.block as u64),
            metadata_length: None,
            writer_version: None,
            magic: Some("ORC".to_owned()),
        };
        let script = script.encode_to_vec();
        file.extend(&script);
        file.push(script.len() as u8);
        file
    }
}

#[test]
fn orc_files_that_claim_nothing_are_read() {
    let file = Orc::new(1000);
    for more in [&[][..], &["--prefix", "k"]] {
        let audit = capped("ORC", file.bytes(), more).expect(0).silent().json();
        assert_eq!(audit["statuses"]["COMPLETED"]["objects"], 2 * 1000);
    }
}

#[test]
fn footers_of_orc_are_bounded() {
    type Edit = fn(&mut Orc);
    let edits: [(&str, Edit); 5] = [
        ("8 million empty statistics", |file| file.footer = [0x3a, 0].repeat(8 << 20)),
        ("500,000 empty stripes", |file| file.footer = [0x1a, 0].repeat(500_000)),
        ("500,000 empty types", |file| file.footer = [0x22, 0].repeat(500_000)),
        ("8 million empty streams", |file| file.stripe_footer = [0x0a, 0].repeat(8 << 20)),
        ("250,000 empty encodings", |file| file.stripe_footer = [0x12, 0].repeat(250_000)),
    ];
    for (what, edit) in edits {
        let mut file = Orc::new(1000);
        edit(&mut file);
        let run = capped("ORC", file.bytes(), &[]).expect(2).says(&[TOO_MUCH, ".data: "]);
        assert!(
            run.stderr.contains("inflates to more than") || run.stderr.contains("--memory leaves"),
            "{what}: {run:?}"
        );
    }
}

#[test]
fn dictionaries_of_orc_are_bounded() {
    for (text, size) in [(&b"COMPLETED"[..], 128 * MIB), (b"", 8 * MIB)] {
        let mut file = Orc::new(1000);
        file.columns[2] = dictionary(1000, &[text, &vec![b'x'; size]].concat());
        file.columns[2][1].1 = same(1, text.len() as u64);
        capped("ORC", file.bytes(), &[]).expect(2).says(&["replication_status", TOO_MUCH, "--memory leaves"]);
    }
}

#[test]
fn blocks_of_orc_are_bounded() {
    // A block that claims 16 MiB, in a file that allows as many.
    let mut file = Orc::new(1000);
    (file.kind, file.block) = (CompressionKind::Snappy, 16 * MIB);
    let mut bytes = file.bytes();
    capped("ORC", bytes.clone(), &[]).expect(2).says(&["blocks have up to 16777216 bytes"]);
    (file.kind, file.block) = (CompressionKind::Snappy, 4 * MIB);
    bytes = file.bytes();
    capped("ORC", bytes, &[]).expect(2).says(&["blocks take", TOO_MUCH, "--memory leaves"]);
    // Each of them inflates to 4 MiB.
    let mut file = Orc::new(1000);
    file.block = 4 * MIB;
    for column in &mut file.columns {
        column.iter_mut().for_each(|(_, bytes)| bytes.resize(64 * MIB, 0));
    }
    capped("ORC", file.bytes(), &[]).expect(2).says(&["blocks take", TOO_MUCH, "--memory leaves"]);
}

#[test]
fn keys_of_orc_are_bounded() {
    for (rows, length) in [(1, 128 * MIB), (512, MIB / 4)] {
        let mut file = Orc::new(rows);
        file.columns[1] = vec![
            (StreamKind::Data, vec![b'x'; rows as usize * length]),
            (StreamKind::Length, same(rows, length as u64)),
        ];
        let bytes = file.bytes();
        capped("ORC", bytes.clone(), &["--prefix", "k"]).expect(2).says(&[TOO_MUCH, "column key", "more than"]);
        capped("ORC", bytes, &[]).expect(0);
    }
    // As long as keys may be: fewer rows at once.
    let mut file = Orc::new(20_000);
    file.columns[1] = vec![(StreamKind::Data, vec![b'k'; 20_000 * 1024]), (StreamKind::Length, same(20_000, 1024))];
    assert_eq!(capped("ORC", file.bytes(), &["--prefix", "k"]).expect(0).json()["rows"], 2 * 20_000);
}

/// A Parquet file with these keys.
fn parquet(keys: Vec<&str>, edit: impl FnOnce(WriterPropertiesBuilder) -> WriterPropertiesBuilder) -> Vec<u8> {
    let count = keys.len();
    let texts = |texts: Vec<&str>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let rows = RecordBatch::try_from_iter([
        ("bucket", texts(vec!["src"; count])),
        ("key", texts(keys)),
        ("replication_status", texts(vec!["COMPLETED"; count])),
    ])
    .unwrap();
    let zstd = WriterProperties::builder().set_compression(Codec::ZSTD(ZstdLevel::default()));
    let properties = edit(zstd).build();
    let step = properties.max_row_group_row_count().unwrap_or(count).min(count);
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
    // The writer cuts what is longer than a row group by calling itself, which is too deep for ten thousand.
    (0..count).step_by(step).for_each(|at| writer.write(&rows.slice(at, step.min(count - at))).unwrap());
    writer.into_inner().unwrap()
}

/// With another footer.
fn with_footer(file: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let (rest, end) = file.split_last_chunk::<8>().unwrap();
    let length = u32::from_le_bytes([end[0], end[1], end[2], end[3]]) as usize;
    let (data, footer) = rest.split_at(rest.len() - length);
    let mut footer = footer.to_vec();
    edit(&mut footer);
    [data, &footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

#[test]
fn footers_of_parquet_are_bounded() {
    let good = parquet(vec!["key"; 100], |it| it);
    assert_eq!(capped("Parquet", with_footer(&good, |_| {}), &[]).expect(0).json()["rows"], 2 * 100);
    for (size, what) in [(15, &[TOO_MUCH, "its footer has"][..]), (17, &["can't be trusted", "longer than it can be"])]
    {
        let much = vec![KeyValue::new("much".to_owned(), "x".repeat(size * MIB))];
        let file = parquet(vec!["key"; 100], |it| it.set_key_value_metadata(Some(much)));
        capped("Parquet", file, &[]).expect(2).says(what);
    }
    let many = (0..100_000).map(|_| KeyValue::new(String::new(), None)).collect();
    let file = parquet(vec!["key"; 100], |it| it.set_key_value_metadata(Some(many)));
    capped("Parquet", file, &[]).expect(2).says(&["its footer takes", TOO_MUCH, "--memory leaves"]);
    let groups = parquet(vec!["key"; 10_000], |it| it.set_max_row_group_row_count(Some(1)));
    capped("Parquet", groups, &[]).expect(2).says(&[TOO_MUCH, "its footer"]);
    let groups = parquet(vec!["key"; 300], |it| it.set_max_row_group_row_count(Some(1)));
    assert_eq!(capped("Parquet", groups, &[]).expect(0).json()["rows"], 2 * 300);
    // Lists that claim 2^31 elements: of row groups, behind a schema of nothing; and of anything.
    for (what, footer) in [
        (
            "row groups",
            &[0x15, 4, 0x19, 0x1c, 0x48, 1, b'm', 0x15, 0, 0, 0x16, 0, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 7][..],
        ),
        ("columns", &[0x15, 4, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 7]),
    ] {
        let file = with_footer(&good, |it| *it = footer.to_vec());
        let run = capped("Parquet", file, &[]).expect(2);
        assert!(run.stderr.contains("its footer is damaged"), "{what}: {run:?}");
    }
}

#[test]
fn pages_of_parquet_are_bounded() {
    let long = |length: usize| "k".repeat(length);
    // A dictionary of 48 MiB.
    let keys: Vec<String> = (0..48).map(|at| format!("{at}{}", long(MIB))).collect();
    let file = parquet(keys.iter().map(String::as_str).collect(), |it| it.set_dictionary_page_size_limit(64 * MIB));
    capped("Parquet", file.clone(), &["--prefix", "k"]).expect(2).says(&["column key", TOO_MUCH, "--memory leaves"]);
    assert_eq!(capped("Parquet", file, &[]).expect(0).json()["rows"], 2 * 48);
    // The same long key in every row: of a dictionary, and by what each shares with the one before.
    let key = long(16 << 10);
    let same = |edit: fn(WriterPropertiesBuilder) -> WriterPropertiesBuilder| parquet(vec![&key; 10_000], edit);
    for file in [same(|it| it), same(|it| it.set_dictionary_enabled(false).set_encoding(Encoding::DELTA_BYTE_ARRAY))] {
        assert_eq!(capped("Parquet", file, &["--prefix", "k"]).expect(0).json()["rows"], 2 * 10_000);
    }
    // In pages of their own.
    let file = parquet(vec![&key; 10_000], |it| it.set_dictionary_enabled(false).set_data_page_size_limit(1));
    assert_eq!(capped("Parquet", file, &["--prefix", "k"]).expect(0).json()["rows"], 2 * 10_000);
    // As many lengths as a page may claim.
    let file = parquet(vec![""; 4_000_000], |it| {
        it.set_dictionary_enabled(false)
            .set_encoding(Encoding::DELTA_LENGTH_BYTE_ARRAY)
            .set_data_page_row_count_limit(usize::MAX)
            .set_write_batch_size(4_000_000)
    });
    capped("Parquet", file, &["--prefix", "k"]).expect(2).says(&[TOO_MUCH, "--memory leaves"]);
}

#[test]
fn pages_of_numbers_are_bounded() {
    let sizes = |count: usize, page: usize| {
        let texts = |text| Arc::new(StringArray::from(vec![text; count])) as ArrayRef;
        let sizes = Arc::new(Int64Array::from_iter_values((0..count as i64).map(|at| at % 1000))) as ArrayRef;
        let rows = [
            ("bucket", texts("src")),
            ("key", texts("k")),
            ("replication_status", texts("COMPLETED")),
            ("size", sizes),
        ];
        let rows = RecordBatch::try_from_iter(rows).unwrap();
        let plain = WriterProperties::builder().set_compression(Codec::SNAPPY);
        let plain = plain.set_column_dictionary_enabled("size".into(), false).set_data_page_size_limit(8 * page);
        let properties = plain.set_data_page_row_count_limit(page).set_write_batch_size(page).build();
        let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
        writer.write(&rows).unwrap();
        writer.into_inner().unwrap()
    };
    let run = |bytes| {
        let report = report("Parquet", bytes);
        let schema = "message m { required binary bucket (STRING); required binary key (STRING); required binary \
            replication_status (STRING); required int64 size; }";
        report.edit(|json| json["fileSchema"] = json!(schema));
        within_cap(&report, &[])
    };
    for (count, page) in [(100_000, 20_000), (10_000, 1), (600_000, 300_000)] {
        assert_eq!(run(sizes(count, page)).expect(0).json()["rows"], 2 * count, "{page}");
    }
    // With one core there is one worker, and it may use the memory of two.
    let is_alone = std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1);
    let long = if is_alone { 2_500_000 } else { 1_000_000 };
    run(sizes(long, long)).expect(2).says(&["column size", TOO_MUCH, "--memory leaves"]);
}

#[test]
fn a_page_that_claims_gigabytes_gets_none() {
    let good = parquet(vec!["key"; 100], |it| it.set_compression(Codec::UNCOMPRESSED));
    // Type, then how long it is inflated and stored: the first page is the dictionary of the first column.
    assert_eq!(&good[..6], [b'P', b'A', b'R', b'1', 0x15, 4]);
    let header = good[4..].iter().take_while(|byte| **byte != 0).count();
    let mut file = good.clone();
    assert!(header > 8);
    // 7 bytes ("src" and its length) become 2 GiB in a number of as many bytes only if the pages after it move.
    file.splice(7..8, [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    capped("Parquet", file, &[]).expect(2).says(&["column bucket"]);
}

#[test]
fn csv_that_inflates_without_end_is_streamed() {
    let row = "\"src\",\"key\",\"COMPLETED\"\n";
    let bomb = |text: &str, times: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        (0..times).for_each(|_| encoder.write_all(text.as_bytes()).unwrap());
        encoder.finish().unwrap()
    };
    // The length at the end lies: nothing, a little more than there is, and all that it can say.
    for claimed in [0u32, 12_000_000, u32::MAX] {
        let mut file = bomb(&row.repeat(10_000), 30);
        let end = file.len() - 4;
        file[end..].copy_from_slice(&claimed.to_le_bytes());
        capped("CSV", file, &[]).expect(2).says(&["gzip"]);
    }
    assert_eq!(capped("CSV", bomb(&row.repeat(10_000), 30), &[]).expect(0).json()["rows"], 2 * 300_000);
    capped("CSV", bomb(&"\"".repeat(MIB), 100), &[]).expect(2).says(&["row 1", "1 MiB"]);
    capped("CSV", bomb(&"\n".repeat(MIB), 100), &["--allow-empty"]).expect(0);
    // The longest row that is one, over and over.
    let long = format!("\"src\",\"{}\",\"COMPLETED\"\n", "x".repeat(MIB - 100));
    assert_eq!(capped("CSV", bomb(&long, 50), &[]).expect(0).json()["rows"], 2 * 50);
    assert_eq!(capped("CSV", long.repeat(50).into_bytes(), &[]).expect(0).json()["rows"], 2 * 50);
}

#[test]
fn a_manifest_takes_a_part_of_it() {
    let report = report("CSV", Vec::new());
    report.edit(|json| json["more"] = json!("x".repeat(5 * MIB)));
    report.run(&["--memory", "64MiB"]).expect(2).says(&["--memory"]);
    assert!(fs::metadata(report.dir.join("manifest.json")).unwrap().len() > 5 * MIB as u64);
    report.run(&["--allow-empty"]).expect(0);
}

#[test]
fn long_prefixes_count_for_several() {
    let row = |at: usize| format!("\"src\",\"{at}{}/k\",\"COMPLETED\"\n", "x".repeat(MIB / 2));
    let text: String = (0..200).map(row).collect();
    let run = capped("CSV", gzip(text.as_bytes()), &["--by", "prefix"]).expect(0).json();
    assert_eq!(run["grouped"][0]["dimension"], "prefix:0");
    assert_eq!(run["groups"][0]["statuses"]["COMPLETED"]["objects"], 2 * 200);
}
