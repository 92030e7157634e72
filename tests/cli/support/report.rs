//! Reports in a local folder, written by the test itself.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{alone, folder};

/// A report in a folder, to be damaged.
pub(crate) struct Local {
    _guard: tempfile::TempDir,
    pub(crate) dir: PathBuf,
}

pub(crate) const SCHEMA: &str =
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus";

pub(crate) fn row(key: &str, status: &str) -> String {
    format!("\"src\",\"{key}\",\"\",\"true\",\"false\",\"5\",\"2024-05-06T22:44:22.000Z\",\"{status}\"\n")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Local {
    /// Two files of stored bytes, manifest and checksum.
    pub(crate) fn new(schema: &str, files: &[(&str, Vec<u8>)]) -> Self {
        let (guard, dir) = folder();
        for (name, bytes) in files {
            fs::write(dir.join(name), bytes).unwrap();
        }
        let listed: Vec<Value> = files
            .iter()
            .map(|(name, bytes)| json!({"key": format!("inv/data/{name}"), "size": bytes.len(), "MD5checksum": hex(bytes)}))
            .collect();
        let local = Self { _guard: guard, dir };
        local.manifest(&json!({
            "sourceBucket": "src", "destinationBucket": "arn:aws:s3:::reports", "version": "2016-11-30",
            "creationTimestamp": "1715043600000", "fileFormat": "CSV", "fileSchema": schema, "files": listed
        }));
        local
    }

    pub(crate) fn good() -> Self {
        let first = [row("a", "COMPLETED"), row("b+c", "COMPLETED")].concat();
        Self::new(SCHEMA, &[("1.csv.gz", gzip(first.as_bytes())), ("2.csv.gz", gzip(row("d", "COMPLETED").as_bytes()))])
    }

    pub(crate) fn of(text: &str) -> Self {
        Self::new(SCHEMA, &[("1.csv.gz", gzip(text.as_bytes()))])
    }

    pub(crate) fn manifest(&self, json: &Value) {
        let text = serde_json::to_vec_pretty(json).unwrap();
        fs::write(self.dir.join("manifest.checksum"), format!("{}\n", hex(&text))).unwrap();
        fs::write(self.dir.join("manifest.json"), text).unwrap();
    }

    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let mut json: Value = serde_json::from_slice(&fs::read(self.dir.join("manifest.json")).unwrap()).unwrap();
        edit(&mut json);
        self.manifest(&json);
    }

    pub(crate) fn run(&self, more: &[&str]) -> super::Run {
        self.run_at(&self.dir, more)
    }

    pub(crate) fn run_at(&self, path: &Path, more: &[&str]) -> super::Run {
        let path = path.display().to_string();
        let mut args = vec!["inventory", &path, "--max-age", "none", "-o", "json"];
        args.extend(more);
        alone(&args)
    }
}
