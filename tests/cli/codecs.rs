//! `inventory`: files that are valid, and that this program cannot read.

use prost::Message as _;
use s3_inventory::orc::{CompressionKind, Footer, PostScript};
use serde_json::json;

use crate::support::report::Local;

/// The end of an ORC file that says this, behind an empty footer.
fn orc(kind: CompressionKind, footer: &Footer, block: u64) -> Local {
    let footer = footer.encode_to_vec();
    let script = PostScript {
        footer_length: Some(footer.len() as u64),
        compression: Some(kind.into()),
        compression_block_size: Some(block),
        metadata_length: None,
        writer_version: None,
        magic: Some("ORC".to_owned()),
    }
    .encode_to_vec();
    let file = [b"ORC", &footer[..], &script, &[script.len() as u8]].concat();
    local("ORC", "struct<bucket:string,key:string,replication_status:string>", file)
}

fn local(format: &str, schema: &str, file: Vec<u8>) -> Local {
    let report = Local::new(schema, &[("1.data", file)]);
    report.edit(|json| json["fileFormat"] = json!(format));
    report
}

fn is_not_damaged(report: &Local, says: &[&str]) {
    let run = report.run(&[]).expect(2).says(says).says(&["1.data", "which replaudit cannot read"]);
    assert!(!run.stderr.contains("damaged") && !run.stderr.contains("trusted"), "{run:?}");
    assert_eq!(run.stdout, "");
}

#[test]
fn a_codec_that_is_not_supported_is_no_damage() {
    for (kind, word) in [(CompressionKind::Lzo, "LZO"), (CompressionKind::Lz4, "LZ4")] {
        is_not_damaged(&orc(kind, &Footer::default(), 1 << 18), &[word]);
    }
    is_not_damaged(&orc(CompressionKind::Zlib, &Footer::default(), 16 << 20), &["blocks have up to 16777216 bytes"]);
    let encrypted = Footer { encryption: Some(Vec::new()), ..Footer::default() };
    is_not_damaged(&orc(CompressionKind::None, &encrypted, 1 << 18), &["encrypted columns"]);
}

#[test]
fn a_codec_of_parquet_that_is_not_supported_is_no_damage() {
    let texts = |text: &'static str| crate::support::columnar::Cells::Text(vec![Some(text); 3]);
    let good = crate::support::columnar::report(
        "Parquet",
        &[
            ("Bucket", "bucket", texts("src")),
            ("Key", "key", texts("k")),
            ("ReplicationStatus", "replication_status", texts("COMPLETED")),
        ],
    );
    good.run(&[]).expect(0);
    // `codec` in the metadata of a column: field 4 behind the list of field 3, as a varint of one byte; Snappy is 1.
    let file = std::fs::read(good.dir.join("1.data")).unwrap();
    let schema = "message m { required binary bucket (STRING); required binary key (STRING); optional binary replication_status (STRING); }";
    for (codec, word) in [(3, "LZO"), (4, "BROTLI"), (5, "LZ4"), (7, "LZ4_RAW")] {
        let mut other = file.clone();
        let footer = file.len() - 8 - u32::from_le_bytes(file[file.len() - 8..][..4].try_into().unwrap()) as usize;
        let mut changed = 0;
        for name in ["bucket", "key", "replication_status"] {
            // `path_in_schema`, a list of one text, and the codec as a number of zigzag.
            let needle = [&[0x19, 0x18, name.len() as u8], name.as_bytes(), &[0x15, 2]].concat();
            if let Some(at) = other[footer..].windows(needle.len()).position(|part| part == needle) {
                other[footer + at + needle.len() - 1] = codec << 1;
                changed += 1;
            }
        }
        assert_eq!(changed, 3);
        is_not_damaged(&local("Parquet", schema, other), &[word]);
    }
    let mut encrypted = file;
    let end = encrypted.len() - 4;
    encrypted[end..].copy_from_slice(b"PARE");
    is_not_damaged(&local("Parquet", schema, encrypted), &["encrypted"]);
}
