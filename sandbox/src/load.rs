//! The buckets that options of `serve` name. Folders fill some of them, so that benchmarks read real files over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bytes::Bytes;
use replaudit_sandbox::Sandbox;

/// A bucket, and the folder that fills it.
#[derive(Clone)]
pub(crate) struct FolderBucket {
    pub(crate) bucket: String,
    folder: PathBuf,
}

/// What S3 takes for the name of a bucket.
pub(crate) fn bucket_name(text: &str) -> Result<String, String> {
    match s3s::path::check_bucket_name(text) {
        true => Ok(text.to_owned()),
        false => Err(format!("invalid bucket name {text:?}: use 3 to 63 of a-z, 0-9, dot and hyphen")),
    }
}

/// Reads `BUCKET=NUMBER`.
pub(crate) fn crowd(text: &str) -> Result<(String, u32), String> {
    let (bucket, number) = text.split_once('=').ok_or("write BUCKET=NUMBER")?;
    Ok((bucket_name(bucket)?, number.parse().map_err(|error| format!("{number:?}: {error}"))?))
}

impl FromStr for FolderBucket {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (bucket, folder) = text.split_once('=').ok_or("it is not BUCKET=FOLDER")?;
        Ok(Self { bucket: bucket_name(bucket)?, folder: folder.into() })
    }
}

impl FolderBucket {
    /// Puts every file at its path below the folder, a report's data files also where its manifest says.
    pub(crate) fn fill(&self, s3: &Sandbox) -> Result<(), String> {
        let told = |path: &Path, error: io::Error| format!("reading {}: {error}", path.display());
        let mut files = BTreeMap::new();
        walk(&self.folder, "", &mut files).map_err(|error| told(&self.folder, error))?;
        let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (key, path) in &files {
            let (folder, name) = key.rsplit_once('/').map_or(("", key.as_str()), |(folder, name)| (folder, name));
            if name == "manifest.json" {
                for data in data_keys(&fs::read(path).map_err(|error| told(path, error))?) {
                    let name = data.rsplit('/').next().unwrap_or(&data);
                    others.entry(joined(folder, name)).or_default().insert(data);
                }
            }
        }
        for (key, path) in files {
            let body = Bytes::from(fs::read(&path).map_err(|error| told(&path, error))?);
            let mut keys = others.remove(&key).unwrap_or_default();
            keys.insert(key);
            s3.put_many(&self.bucket, keys, body);
        }
        Ok(())
    }
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn walk(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| io::Error::other(format!("{name:?} is not UTF-8, as keys are")))?;
        let key = joined(prefix, name);
        let path = entry.path();
        if path.is_dir() {
            walk(&path, &key, files)?;
        } else {
            files.insert(key, path);
        }
    }
    Ok(())
}

/// The keys that a manifest lists; none if it is another document of that name.
fn data_keys(manifest: &[u8]) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_slice(manifest).unwrap_or_default();
    let files = json["files"].as_array().map_or(&[][..], Vec::as_slice);
    files.iter().filter_map(|file| Some(file["key"].as_str()?.to_owned())).collect()
}
