//! Any bytes as manifest.json, as manifest.checksum, and as fileSchema.
#![no_main]

use libfuzzer_sys::fuzz_target;
use s3_inventory::{Columns, FileFormat, Manifest, check_checksum, decode_key, parse_md5};

fuzz_target!(|data: &[u8]| {
    if let Ok(manifest) = Manifest::parse(data) {
        let sum = manifest.files.iter().map(|file| u128::from(file.size)).sum::<u128>();
        assert_eq!(manifest.bytes().ok().map(u128::from), Some(sum).filter(|sum| u64::try_from(*sum).is_ok()));
        columns(manifest.format, &manifest.schema);
    }
    let text = String::from_utf8_lossy(data);
    // Only a valid MD5 is accepted, and it must be equal.
    let md5 = parse_md5(text.trim());
    assert!(
        check_checksum(data, md5.unwrap_or([1; 16])).is_ok() || std::str::from_utf8(data).is_err() || md5.is_none()
    );
    assert!(check_checksum(data, md5.map_or([0; 16], |md5| md5.map(|byte| !byte))).is_err() || data.len() >= 32);
    for format in [FileFormat::Csv, FileFormat::Parquet, FileFormat::Orc] {
        columns(format, &text);
    }
    if let Some(key) = decode_key(data) {
        assert!(key.len() <= data.len());
    }
});

/// Every column has its own index.
fn columns(format: FileFormat, schema: &str) {
    let Ok(columns) = Columns::of(format, schema) else { return };
    let some = [
        columns.version_id,
        columns.is_latest,
        columns.is_delete_marker,
        columns.size,
        columns.last_modified,
        columns.replication_status,
    ];
    let mut places: Vec<usize> = [columns.bucket, columns.key].into_iter().chain(some.into_iter().flatten()).collect();
    places.sort_unstable();
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]) && places.last() < Some(&columns.width), "{schema:?}");
}
