//! Reads inventory reports from where they are: S3 or the file system.
//!
//! [`newest_in_bucket`] and [`newest_in_folder`] find the newest report of a place, `Report::open_s3` and `Report::open_local` read and check the manifest; [`Report::tally`] reads the data files, several
//! at once, each one checked to its last byte before its sums count. Memory stays below [`ReadOptions::memory`].

mod columns;
mod file;
mod find;
mod folders;
mod group;
mod kept;
mod listed;
mod memory;
mod numbers;
mod orc;
mod pages;
mod parquet;
mod parts;
mod remote;
mod rows;
mod source;
mod tally;
mod thrift;
mod window;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use ::md5::{Digest, Md5};
use jiff::{SignedDuration, Timestamp};
use s3_inventory::{
    Columns, Damage, DataFile, FileFormat, MAX_MANIFEST, Manifest, Unread, check_checksum, folder_name,
    folder_of_manifest, folder_time,
};
use tokio::sync::OnceCell;

use crate::audit::Verified;
use crate::inventory::NoReport;
use crate::model::{AddressError, Bucket, Failure, bucket_and_rest};
use crate::s3::S3Store;

pub use find::{NewestReport, newest_in_bucket, newest_in_folder};
use folders::Folders;
pub use memory::LEAST_MEMORY;
pub use tally::Progress;

/// Where a manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportAddress {
    /// In a bucket.
    S3 {
        /// The bucket that reports are delivered to.
        bucket: Bucket,
        /// The key of manifest.json.
        key: String,
    },
    /// Report folders in a bucket.
    Prefix {
        /// The bucket that reports are delivered to.
        bucket: Bucket,
        /// What stands before the names of the folders: it ends in a slash, or is empty.
        prefix: String,
    },
    /// A manifest.json, a folder that holds one, or a folder of report folders.
    Local(PathBuf),
}

impl ReportAddress {
    /// Reads `s3://bucket/…/manifest.json` or `s3://bucket/prefix`, or takes the text for a path.
    ///
    /// # Errors
    /// An S3 address without bucket.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if !text.starts_with("s3://") {
            return Ok(Self::Local(PathBuf::from(text)));
        }
        let (bucket, rest) = bucket_and_rest(text)?;
        if rest.ends_with("manifest.json") {
            return Ok(Self::S3 { bucket, key: rest.to_owned() });
        }
        // Two slashes are not one: S3 delivers to such prefixes.
        let slash = if rest.is_empty() || rest.ends_with('/') { "" } else { "/" };
        Ok(Self::Prefix { bucket, prefix: format!("{rest}{slash}") })
    }
}

/// Why a report gives no sums.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It can't be trusted.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// It could not be read from S3.
    #[error(transparent)]
    Store(#[from] Failure),
    /// It is not where it was looked for, or can't be read there.
    #[error("{0}")]
    Local(String),
    /// Where it was looked for, no report is whole.
    #[error(transparent)]
    Missing(#[from] NoReport),
    /// What was exported could not be written.
    #[error("writing the export: {0}")]
    Export(std::io::Error),
    /// A row is good, and the export can't hold it.
    #[error("it can't be exported: {0}")]
    NotExportable(Damage),
    /// It may be good, and takes more memory than it may.
    #[error("the report takes more memory than it may: {0}")]
    NoRoom(Damage),
    /// It may be good, and is written in a way that is not known here.
    #[error("{0}")]
    Unsupported(Damage),
    /// The run was stopped.
    #[error("stopped")]
    Stopped,
}

impl ReportError {
    /// Why the columns of this file give no rows.
    fn of(file: &DataFile, why: Unread) -> Self {
        let place = |what| Damage::of_file(&file.key, None, what);
        match why {
            Unread::Damaged(what) => Self::Damaged(place(what)),
            Unread::NoRoom(what) => Self::NoRoom(place(what)),
            Unread::Unsupported(what) => Self::Unsupported(place(what)),
        }
    }
}

/// How to read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Check MD5 of the manifest and of data files that are read whole.
    pub verify: bool,
    /// Read columnar files whole too, so that their MD5 is checked; otherwise only what is needed of them.
    pub whole: bool,
    /// Where else data files may lie, for a local manifest.
    pub data_dir: Option<PathBuf>,
    /// Files read at once.
    pub workers: usize,
    /// Files downloaded at once.
    pub downloads: usize,
    /// The most bytes that buffers and workers may take together.
    pub memory: u64,
}

impl ReadOptions {
    /// Some ten times of its bytes are what a manifest takes when it is decoded.
    fn longest_manifest(&self) -> usize {
        usize::try_from(self.memory.max(LEAST_MEMORY) / 16).unwrap_or(usize::MAX).min(MAX_MANIFEST)
    }
}

/// A report whose manifest was read and checked.
#[derive(Debug)]
pub struct Report {
    /// The manifest's address or path, for people.
    pub name: String,
    /// Its contents.
    pub manifest: Manifest,
    columns: Columns,
    location: ReportLocation,
    options: ReadOptions,
    /// Places in the manifest of the files that S3 lists with their MD5 as ETag, once that was asked.
    listed: OnceCell<HashSet<usize>>,
}

#[derive(Debug)]
enum ReportLocation {
    S3 { store: Arc<S3Store>, bucket: Bucket },
    Local(Folders),
}

impl Report {
    /// Reads a manifest from S3; its data files are in the same bucket.
    ///
    /// # Errors
    /// It is not there, can't be read, or is damaged.
    pub async fn open_s3(
        store: Arc<S3Store>,
        bucket: Bucket,
        key: &str,
        options: ReadOptions,
    ) -> Result<Self, ReportError> {
        let name = format!("s3://{bucket}/{key}");
        let Some((folder, _)) = key.rsplit_once("manifest.json").filter(|(_, rest)| rest.is_empty()) else {
            return Err(ReportError::Local(format!("{name} is no manifest: name the report's manifest.json")));
        };
        let Some(body) = store.get(&bucket, key, "the report's manifest").await? else {
            return Err(ReportError::Local(format!(
                "there is no {name}: is the report delivered yet, and is that its folder?"
            )));
        };
        let json = body.read_to_end(options.longest_manifest()).await?;
        let manifest = Manifest::parse(&json)?;
        if options.verify {
            let checksum_key = format!("{folder}manifest.checksum");
            let checksum = match store.get(&bucket, &checksum_key, "the manifest's MD5").await? {
                Some(body) => Some(body.read_to_end(4096).await?),
                None => None,
            };
            check_manifest(&json, checksum.as_deref())?;
        }
        Self::of(name, manifest, ReportLocation::S3 { store, bucket }, options)
    }

    /// Reads a manifest from the file system: manifest.json, or a folder that holds it.
    ///
    /// # Errors
    /// It is not there, can't be read, or is damaged.
    pub fn open_local(path: &std::path::Path, options: ReadOptions) -> Result<Self, ReportError> {
        let folders::LocalManifest { path, json, checksum } =
            folders::read_manifest(path, options.verify, options.longest_manifest())?;
        let manifest = Manifest::parse(&json)?;
        if options.verify {
            check_manifest(&json, checksum.as_deref())?;
        }
        let folders = Folders::around(&path, options.data_dir.as_deref())?;
        folders.find_all(&manifest.files)?;
        Self::of(path.display().to_string(), manifest, ReportLocation::Local(folders), options)
    }

    fn of(
        name: String,
        manifest: Manifest,
        location: ReportLocation,
        options: ReadOptions,
    ) -> Result<Self, ReportError> {
        let columns = Columns::of(manifest.format, &manifest.schema)?;
        if options.verify
            && let Some(file) = manifest.files.iter().find(|file| file.md5.is_none())
        {
            let what = "the manifest names no MD5checksum for this file (--no-verify does without)";
            return Err(Damage::of_file(&file.key, None, what).into());
        }
        manifest.bytes()?;
        Ok(Self { name, manifest, columns, location, options, listed: OnceCell::new() })
    }

    /// How the data files were checked, the weakest over all of them; known once they were read.
    #[must_use]
    pub fn verified(&self) -> Verified {
        match (self.options.verify, self.manifest.format) {
            (false, _) => Verified::None,
            (true, FileFormat::Parquet | FileFormat::Orc) if !self.options.whole => {
                if self.are_all_listed() {
                    Verified::Etag
                } else {
                    Verified::Footer
                }
            }
            (true, _) => Verified::Md5,
        }
    }

    /// The Region of the bucket that the report is about, where that is certain: S3 delivers reports within one Region, so
    /// it is that of the bucket where this one was delivered.
    #[must_use]
    pub fn source_region(&self) -> Option<String> {
        match &self.location {
            ReportLocation::S3 { store, bucket } => {
                let is_delivered = !store.has_custom_endpoint() && bucket.as_str() == self.manifest.destination_bucket;
                is_delivered.then(|| store.region_of(bucket))
            }
            ReportLocation::Local(_) => None,
        }
    }

    /// The data files, where they are local ones.
    #[must_use]
    pub fn local_files(&self) -> Vec<PathBuf> {
        match &self.location {
            ReportLocation::S3 { .. } => Vec::new(),
            ReportLocation::Local(folders) => {
                self.manifest.files.iter().filter_map(|file| folders.find(&file.key).ok()).collect()
            }
        }
    }

    /// When its folder says that the scan began, where it lies in a folder that is named for a time.
    fn folder_time(&self) -> Option<Timestamp> {
        let folder = match &self.location {
            ReportLocation::S3 { .. } => folder_of_manifest(&self.name)?.to_owned(),
            ReportLocation::Local(folders) => folders.name()?,
        };
        folder_time(&folder)
    }

    /// The earliest and the latest time at which the scan may have begun: the manifest and the folder's name may disagree.
    #[must_use]
    pub fn scan_times(&self) -> (Timestamp, Timestamp) {
        let manifest = self.manifest.scanned_at;
        match self.folder_time() {
            Some(folder) if is_other_time(folder, manifest) => (folder.min(manifest), folder.max(manifest)),
            Some(_) | None => (manifest, manifest),
        }
    }

    /// What is odd about it and does not make it useless, in sentences.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let manifest = self.manifest.scanned_at;
        let other = self.folder_time().filter(|folder| is_other_time(*folder, manifest));
        let other = other.map(|folder| {
            let folder = folder_name(folder);
            format!("its folder is named {folder}, and the manifest says that the scan began at {manifest}: for --max-age, the earlier time counts")
        });
        self.manifest.remarks.iter().cloned().chain(other).collect()
    }

    /// Where which column is.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }
}

/// A folder is named for the minute in which the scan began.
fn is_other_time(folder: Timestamp, manifest: Timestamp) -> bool {
    const ROUNDED: SignedDuration = SignedDuration::from_mins(15);
    folder.duration_since(manifest).abs() > ROUNDED
}

fn check_manifest(json: &[u8], checksum: Option<&[u8]>) -> Result<(), Damage> {
    let Some(checksum) = checksum else {
        return Err(Damage::of_manifest(
            "there is no manifest.checksum beside manifest.json: the report is not delivered whole yet (--no-verify does without)",
        ));
    };
    check_checksum(checksum, Md5::digest(json).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_manifests_prefixes_or_paths() {
        let bucket = || Bucket::new("reports").unwrap();
        let prefix = |prefix: &str| ReportAddress::Prefix { bucket: bucket(), prefix: prefix.to_owned() };
        let key = "inv//src/daily/2026-11-21T01-00Z/manifest.json";
        let table = [
            (format!("s3://reports/{key}"), ReportAddress::S3 { bucket: bucket(), key: key.to_owned() }),
            ("s3://reports".to_owned(), prefix("")),
            ("s3://reports/".to_owned(), prefix("")),
            ("s3://reports/inv//src".to_owned(), prefix("inv//src/")),
            ("s3://reports/inv//".to_owned(), prefix("inv//")),
            ("reports/daily".to_owned(), ReportAddress::Local("reports/daily".into())),
        ];
        for (text, address) in table {
            assert_eq!(ReportAddress::parse(&text), Ok(address), "{text}");
        }
        assert!(ReportAddress::parse("s3://").is_err());
    }
}
