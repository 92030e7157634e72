//! Writes a large synthetic inventory report in the shape of S3's own: 12 quoted columns, form-encoded keys of some 60
//! bytes, 1 % delete markers, the same bytes for the same arguments.
//!
//! `cargo run --release -p replaudit-generate -- FOLDER [ROWS] [FILES]`, by default 6.4 million rows in 16 files.
#![expect(clippy::print_stdout, reason = "a tool for the command line")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};

const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, EncryptionStatus";
/// 2026-11-01T01:00:00Z
const SCANNED_AT: u64 = 1_793_494_800;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = args.first().filter(|folder| !folder.starts_with('-'));
    let folder = folder.ok_or("usage: replaudit-generate FOLDER [ROWS] [FILES]")?;
    let rows: u64 = args.get(1).map_or(Ok(6_400_000), |n| n.parse())?;
    let files: u64 = args.get(2).map_or(Ok(16), |n| n.parse())?;
    let folder = Path::new(folder);
    fs::create_dir_all(folder)?;
    let mut listed = Vec::new();
    for file in 0..files {
        let name = format!("part-{file:04}.csv.gz");
        let (from, to) = (rows * file / files, rows * (file + 1) / files);
        let (size, md5) = write_file(&folder.join(&name), from..to)?;
        listed.push(
            serde_json::json!({"key": format!("inventory/source/daily/data/{name}"), "size": size, "MD5checksum": md5}),
        );
    }
    let manifest = serde_json::to_vec_pretty(&serde_json::json!({
        "sourceBucket": "source-bucket",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": format!("{SCANNED_AT}000"),
        "fileFormat": "CSV",
        "fileSchema": SCHEMA,
        "files": listed,
    }))?;
    fs::write(folder.join("manifest.checksum"), format!("{}\n", hex(&Md5::digest(&manifest))))?;
    fs::write(folder.join("manifest.json"), manifest)?;
    println!("{rows} rows in {files} files: {}", folder.join("manifest.json").display());
    Ok(())
}

fn write_file(path: &Path, rows: std::ops::Range<u64>) -> Result<(u64, String), Box<dyn Error>> {
    let mut gzip = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::new(6));
    let mut text = String::new();
    for row in rows {
        text.clear();
        line(&mut text, row)?;
        gzip.write_all(text.as_bytes())?;
    }
    gzip.finish()?.flush()?;
    let stored = fs::read(path)?;
    Ok((stored.len() as u64, hex(&Md5::digest(&stored))))
}

fn line(text: &mut String, row: u64) -> std::fmt::Result {
    let mut random = Random(row.wrapping_mul(0xd134_2543_de82_ef95));
    let (a, b) = (random.next(), random.next());
    let marker = a % 100 == 0;
    let status = match a >> 8 & 0x3ff {
        0..=899 => "COMPLETED",
        900..=979 => "REPLICA",
        980..=1009 => "",
        1010..=1019 => "PENDING",
        _ => "FAILED",
    };
    write!(text, "\"source-bucket\",\"data/year%3D20{:02}/team+{:02}/", 15 + row % 12, a >> 20 & 63)?;
    write!(text, "{:016x}/object-{row:09}.parquet\",\"", b)?;
    // Version IDs are 32 characters of six bits each; no compressor gets below that.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    for _ in 0..4 {
        let bits = random.next();
        text.extend((0..8).map(|at| char::from(ALPHABET[(bits >> (6 * at) & 63) as usize])));
    }
    write!(text, "\",\"{}\",\"{marker}\",\"", a >> 30 & 3 != 0)?;
    if !marker {
        write!(text, "{}", b % (1 << 28))?;
    }
    let seconds = a >> 32 & 0x3ff_ffff;
    let (day, hour, minute, second) = (seconds / 86_400 % 28 + 1, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month = seconds / (28 * 86_400) % 10 + 1;
    write!(text, "\",\"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z\",\"")?;
    if marker {
        return writeln!(text, "\",\"\",\"\",\"\",\"\"");
    }
    let class = ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER"][(a >> 60 & 3) as usize];
    write!(text, "{:016x}{:016x}\",\"{class}\",\"false\",\"{status}\",\"SSE-S3\"", random.next(), random.next())?;
    text.push('\n');
    Ok(())
}

/// SplitMix64: the same rows on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
