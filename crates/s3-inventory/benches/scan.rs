//! How fast rows of CSV are found and checked, in bytes of text: `cargo bench -p s3-inventory`.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use s3_inventory::{Columns, CsvReader, FileFormat, scan_text};

const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, EncryptionStatus";

/// Some MiB of rows, with `quote` around every cell.
fn rows(quote: &str) -> String {
    let mut text = String::new();
    for at in 0u64..20_000 {
        let random = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let key = format!("data/year%3D2026/team+{:02}/{random:016x}/object-{at:09}.parquet", at % 64);
        let (version, etag) = (format!("{random:032x}"), format!("{:032x}", random.rotate_left(9)));
        let (size, time) = (random >> 36, format!("2026-{:02}-{:02}T12:34:56.000Z", at % 12 + 1, at % 28 + 1));
        let cells = ["source", &key, &version, "true", "false", &size.to_string(), &time, &etag, "STANDARD", "false"];
        let status = ["COMPLETED", "COMPLETED", "COMPLETED", "FAILED", ""][(random >> 8) as usize % 5];
        let cells: Vec<String> =
            cells.iter().chain(&[status, "SSE-S3"]).map(|cell| format!("{quote}{cell}{quote}")).collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text
}

fn benches(criterion: &mut Criterion) {
    let columns = Columns::of(FileFormat::Csv, SCHEMA).expect("a schema");
    let mut group = criterion.benchmark_group("scan");
    // Rows as S3 writes them, and rows that take the careful path.
    for (name, quote) in [("quoted", "\""), ("plain", "")] {
        let text = rows(quote);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("{name} rows, found and checked"), |bencher| {
            bencher.iter(|| {
                scan_text(text.as_bytes(), "f", &columns, "source", |row, _| {
                    black_box(row.size);
                    Ok::<_, Infallible>(())
                })
            });
        });
        group.bench_function(format!("{name} rows, streamed"), |bencher| {
            bencher.iter(|| {
                let mut rows = CsvReader::new(&columns, "source");
                rows.begin("f", false);
                for piece in text.as_bytes().chunks(256 << 10).chain([&[][..]]) {
                    let taken = rows.take(piece, piece.is_empty(), |row, _| {
                        black_box(row.size);
                        Ok::<_, Infallible>(())
                    });
                    taken.expect("good rows");
                }
                rows.count()
            });
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
