//! Ten times the rows cost no more memory: files that are much larger than what the program may take.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use replaudit_sandbox::Bucket;
use serde_json::json;

use crate::support::report::Local;
use crate::support::{client, limited, program, replicated};

const MIB: usize = 1 << 20;
const FILES: [&str; 3] = ["1.csv.gz", "2.csv.gz", "3.csv"];
const OPTIONS: [&str; 4] = ["--max-age", "none", "-o", "json"];

/// A report of three files with these rows over and over, the last one not compressed. More files than workers, if there
/// are not many cores: then each has two of them at once.
fn report(row: &str, rows: usize, level: Compression) -> Local {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    (0..rows).for_each(|_| encoder.write_all(row.as_bytes()).unwrap());
    let gzip = encoder.finish().unwrap();
    let plain = row.repeat(rows).into_bytes();
    Local::new(
        "Bucket, Key, ReplicationStatus",
        &FILES.map(|name| (name, if name.ends_with("gz") { gzip.clone() } else { plain.clone() })),
    )
}

fn row(key: &str) -> String {
    format!("\"src\",\"{key}\",\"COMPLETED\"\n")
}

#[test]
fn files_may_be_larger_than_all_memory() {
    let rows = 40_000;
    // Stored as it is, so that the files are as large as their text.
    let report = report(&row(&"k".repeat(900)), rows, Compression::none());
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for entry in fs::read_dir(&report.dir).unwrap() {
        let (name, bytes) = entry.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).unwrap();
        let folder = if name.to_string_lossy().contains("csv") { "data/" } else { "" };
        s3.put("reports", &format!("inv/{folder}{}", name.to_string_lossy()), bytes);
    }
    let size = fs::metadata(report.dir.join(FILES[0])).unwrap().len();
    let mut local = program();
    local.arg("inventory").arg(&report.dir);
    let remote = client(&s3, &["inventory", "s3://reports/inv/manifest.json"]);
    for (mut command, limit) in [(local, 16 * MIB), (remote, 28 * MIB)] {
        // What may be used is plenty, so nothing but the way of reading keeps it low.
        command.args(OPTIONS).args(["--memory", "1GiB"]);
        assert!(FILES.len() as u64 * size > 3 * limit as u64 && size > limit as u64, "{size}");
        let audit = limited(&command, limit).expect(0).silent().json();
        assert_eq!((&audit["rows"], &audit["report"]["verified"]), (&json!(FILES.len() * rows), &json!("md5")));
    }
}

#[test]
fn rows_as_long_as_they_may_be_fit_two_at_a_time() {
    // Each quote of the key is written twice, so the rows are of two MiB.
    let report = report(&row(&"\"\"".repeat(MIB - 100)), 2, Compression::fast());
    for memory in [32, 64] {
        let mut command = program();
        command.arg("inventory").arg(&report.dir).args(OPTIONS).args(["--memory", &format!("{memory}MiB")]);
        assert_eq!(limited(&command, memory * MIB).expect(0).json()["rows"], FILES.len() * 2);
    }
}
