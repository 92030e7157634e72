//! Finds the newest complete report under a prefix or folder: walks back from the newest dated folder to the first one that
//! is completely delivered.

use std::path::{Path, PathBuf};

use super::error::ReportError;
use crate::inventory::{Delivery, Listing, Skipped};
use crate::model::{Bucket, Failure};
use crate::s3::{ListQuestion, S3Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewestReport<A> {
    /// The key or path of manifest.json.
    pub manifest: A,
    /// Whether this is the newest of several reports. If not, the caller named this report.
    pub newest: bool,
    /// Newer folders without a complete report, the newest first.
    pub newer: Vec<Skipped>,
}

impl<A> NewestReport<A> {
    fn named(manifest: A) -> Self {
        Self { manifest, newest: false, newer: Vec::new() }
    }
}

/// Finds the newest complete report under a prefix that ends in a slash or is empty, in a folder whose name sorts before
/// `before`. The prefix may also be that of one report.
pub(crate) async fn newest_in_bucket(
    store: &S3Store,
    bucket: &Bucket,
    prefix: &str,
    before: Option<&str>,
) -> Result<NewestReport<String>, ReportError> {
    let question = ListQuestion { bucket, prefix, delimiter: Some("/"), why: "which reports there are" };
    let mut listing = Listing::default();
    store
        .list(question, |page| {
            // The reader of the answer has checked the prefix.
            page.keys.iter().chain(&page.prefixes).for_each(|name| listing.add(&name[prefix.len()..]));
        })
        .await?;
    if listing.has_manifest() {
        return Ok(NewestReport::named(format!("{prefix}manifest.json")));
    }
    let mut newer = Vec::new();
    for folder in listing.newest_first(before) {
        let folder = format!("{prefix}{folder}/");
        match delivery(store, bucket, &folder).await? {
            Delivery::Whole => {
                return Ok(NewestReport { manifest: format!("{folder}manifest.json"), newest: true, newer });
            }
            delivery @ (Delivery::UnderWay | Delivery::NoManifest) => {
                newer.push(Skipped { folder: format!("s3://{bucket}/{folder}"), delivery });
            }
        }
    }
    Err(listing.no_report(&format!("s3://{bucket}/{prefix}"), before, &newer).into())
}

/// Looks for both files with one list, which needs no further permission.
async fn delivery(store: &S3Store, bucket: &Bucket, folder: &str) -> Result<Delivery, Failure> {
    let prefix = format!("{folder}manifest.");
    let question = ListQuestion { bucket, prefix: &prefix, delimiter: None, why: "whether this report is whole" };
    let (mut manifest, mut checksum) = (false, false);
    store
        .list(question, |page| {
            for key in &page.keys {
                manifest |= key[prefix.len()..] == *"json";
                checksum |= key[prefix.len()..] == *"checksum";
            }
        })
        .await?;
    Ok(Delivery::of(manifest, checksum))
}

/// Finds the newest complete report in a folder, in a subfolder whose name sorts before `before`. The path may also be that
/// of one report, or of its manifest.
pub(crate) fn newest_in_folder(path: &Path, before: Option<&str>) -> Result<NewestReport<PathBuf>, ReportError> {
    if !path.is_dir() {
        return Ok(NewestReport::named(path.to_owned()));
    }
    let mut listing = Listing::default();
    for entry in path.read_dir().map_err(|error| ReportError::io("reading", path, error))? {
        let entry = entry.map_err(|error| ReportError::io("reading", path, error))?;
        // Reports and manifests have ASCII names.
        if let Some(name) = entry.file_name().to_str() {
            let slash = if entry.path().is_dir() { "/" } else { "" };
            listing.add(&format!("{name}{slash}"));
        }
    }
    if listing.has_manifest() {
        return Ok(NewestReport::named(path.join("manifest.json")));
    }
    let mut newer = Vec::new();
    for folder in listing.newest_first(before) {
        let folder = path.join(folder);
        let is_there = |name| {
            let file = folder.join(name);
            file.try_exists().map_err(|error| ReportError::io("looking for", &file, error))
        };
        match Delivery::of(is_there("manifest.json")?, is_there("manifest.checksum")?) {
            Delivery::Whole => return Ok(NewestReport { manifest: folder.join("manifest.json"), newest: true, newer }),
            delivery @ (Delivery::UnderWay | Delivery::NoManifest) => {
                newer.push(Skipped { folder: folder.display().to_string(), delivery });
            }
        }
    }
    Err(listing.no_report(&path.display().to_string(), before, &newer).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn newest_complete_report_is_found() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path();
        let touch = |path: &str| {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        let found = |path: &str| newest_in_folder(&dir.join(path), None);
        assert!(found("").unwrap_err().to_string().contains("neither a manifest.json nor a report folder"));
        touch("data/a.csv.gz");
        assert!(found("").unwrap_err().to_string().contains("only data/"));
        touch("2026-11-23T01-00Z/manifest.json");
        let half = found("").unwrap_err().to_string();
        assert!(
            half.contains("completely delivered") && half.contains("2026-11-23T01-00Z is being delivered"),
            "{half}"
        );
        for name in ["manifest.json", "manifest.checksum"] {
            touch(&format!("2026-11-21T01-00Z/{name}"));
            touch(&format!("2026-11-22T01-00Z/{name}"));
        }
        // A file with the name of a report folder.
        touch("2026-11-24T01-00Z");
        let newest = found("").unwrap();
        assert_eq!(newest.manifest, dir.join("2026-11-22T01-00Z/manifest.json"));
        assert_eq!(newest.newer.len(), 1);
        assert!(newest.newest);
        let before = |name: &str| newest_in_folder(dir, Some(name));
        assert_eq!(before("2026-11-22T01-00Z").unwrap().manifest, dir.join("2026-11-21T01-00Z/manifest.json"));
        assert_eq!(before("2026-11-22T01-01Z").unwrap().newer, [], "newer folders are not looked at");
        let none = before("2026-11-21T01-00Z").unwrap_err().to_string();
        assert!(none.contains("is older than 2026-11-21T01-00Z (3 dated folders there)"), "{none}");
        let named = NewestReport::named(dir.join("2026-11-23T01-00Z/manifest.json"));
        assert_eq!(found("2026-11-23T01-00Z").unwrap(), named, "a report's own folder is not checked here");
        assert_eq!(found("2026-11-23T01-00Z/manifest.json").unwrap(), named);
        assert_eq!(found("nowhere").unwrap(), NewestReport::named(dir.join("nowhere")), "opening it reports that");
    }
}
