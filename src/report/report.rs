//! A report with a checked manifest, from S3 or the file system.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use s3_inventory::codec::Md5;
use s3_inventory::{
    Columns, Damage, DamageKind, DataFile, FileFormat, MAX_MANIFEST, Manifest, check_checksum, folder_name,
    folder_of_manifest, folder_time,
};
use tokio::sync::OnceCell;

use super::error::{FileDamage, NoManifest, ReportError};
use super::first_seen::FirstSeen;
use super::folders::{LocalFolders, LocalManifest, read_manifest};
use super::memory::LEAST_MEMORY;
use crate::audit::{Verified, unknown_version_text};
use crate::model::{Bucket, hex};
use crate::s3::S3Store;

#[derive(Debug, Clone)]
pub(crate) struct ReadOptions {
    /// Check the MD5 of the manifest, and of data files of which all bytes are read.
    pub verify: bool,
    /// Read all bytes of columnar files, so that their MD5 is checked. Otherwise only the needed columns are read.
    pub whole: bool,
    /// Another folder for data files, for a local manifest.
    pub data_dir: Option<PathBuf>,
    /// Files read at once.
    pub workers: usize,
    /// Files downloaded at once.
    pub downloads: usize,
    /// Limit for all buffers and workers, in bytes.
    pub memory: u64,
}

impl ReadOptions {
    /// A decoded manifest takes some ten times its bytes.
    fn longest_manifest(&self) -> usize {
        usize::try_from(self.memory.max(LEAST_MEMORY) / 16).unwrap_or(usize::MAX).min(MAX_MANIFEST)
    }
}

/// A report with a checked manifest.
#[derive(Debug)]
pub(crate) struct Report {
    /// The manifest's address or path, for messages.
    pub name: String,
    pub manifest: Manifest,
    pub columns: Columns,
    pub(super) location: ReportLocation,
    pub(super) options: ReadOptions,
    pub(super) seen: FirstSeen,
    /// Indexes of the files that S3 lists with their MD5 as ETag, if that was asked.
    pub(super) listed: OnceCell<HashSet<usize>>,
}

/// The location of a report's data files.
#[derive(Debug)]
pub(super) enum ReportLocation {
    S3 { store: Arc<S3Store>, bucket: Bucket },
    Local(LocalFolders),
}

impl Report {
    /// Reads a manifest from S3; its data files are in the same bucket.
    pub(crate) async fn open_s3(
        store: Arc<S3Store>,
        bucket: Bucket,
        key: &str,
        options: ReadOptions,
    ) -> Result<Self, ReportError> {
        let name = format!("s3://{bucket}/{key}");
        let Some((folder, _)) = key.rsplit_once("manifest.json").filter(|(_, rest)| rest.is_empty()) else {
            return Err(NoManifest::Address(name).into());
        };
        let Some(body) = store.get(&bucket, key, "the report's manifest").await? else {
            return Err(NoManifest::Absent(name).into());
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

    /// Reads a manifest from the file system: manifest.json, or the folder that contains it.
    pub(crate) fn open_local(path: &Path, options: ReadOptions) -> Result<Self, ReportError> {
        let LocalManifest { path, json, checksum } = read_manifest(path, options.verify, options.longest_manifest())?;
        let manifest = Manifest::parse(&json)?;
        if options.verify {
            check_manifest(&json, checksum.as_deref())?;
        }
        let folders = LocalFolders::around(&path, options.data_dir.as_deref())?;
        folders.find_all(&manifest.files)?;
        Self::of(path.display().to_string(), manifest, ReportLocation::Local(folders), options)
    }

    fn of(
        name: String,
        manifest: Manifest,
        location: ReportLocation,
        options: ReadOptions,
    ) -> Result<Self, ReportError> {
        if let Some(version) = manifest.unknown_version.as_deref().filter(|_| options.verify) {
            let damage = FileDamage::UnknownVersion(unknown_version_text(version));
            return Err(Damage::of_manifest(DamageKind::other(damage)).into());
        }
        let columns = Columns::of(manifest.format, &manifest.schema).map_err(Damage::from)?;
        if options.verify
            && let Some(file) = manifest.files.iter().find(|file| file.md5.is_none())
        {
            return Err(FileDamage::NoMd5.of(file).into());
        }
        manifest.bytes()?;
        let seen = FirstSeen::of(manifest.files.len());
        Ok(Self { name, manifest, columns, location, options, seen, listed: OnceCell::new() })
    }

    /// The bucket that it is about.
    pub(crate) fn bucket(&self) -> &str {
        &self.manifest.source_bucket
    }

    /// Whether files are checked.
    pub(crate) fn is_verified(&self) -> bool {
        self.options.verify
    }

    /// How the data files were checked: the weakest of all files. Known after they were read.
    pub(crate) fn verified(&self) -> Verified {
        match (self.options.verify, self.manifest.format) {
            (false, _) => Verified::None,
            (true, FileFormat::Parquet | FileFormat::Orc) if !self.options.whole => match self.are_all_listed() {
                true => Verified::Etag,
                false => Verified::Footer,
            },
            (true, _) => Verified::Md5,
        }
    }

    /// The Region of the source bucket, if it is certain: S3 delivers reports within one Region, so it is that of the bucket
    /// that the report was delivered to.
    pub(crate) fn source_region(&self) -> Option<String> {
        match &self.location {
            ReportLocation::S3 { store, bucket } => {
                let is_delivered = !store.has_custom_endpoint() && bucket.as_str() == self.manifest.destination_bucket;
                is_delivered.then(|| store.region_of(bucket))
            }
            ReportLocation::Local(_) => None,
        }
    }

    /// The paths of local data files.
    pub(crate) fn local_files(&self) -> Vec<PathBuf> {
        match &self.location {
            ReportLocation::S3 { .. } => Vec::new(),
            ReportLocation::Local(folders) => {
                self.manifest.files.iter().filter_map(|file| folders.find(&file.key).ok()).collect()
            }
        }
    }

    /// The time in the folder's name.
    fn folder_time(&self) -> Option<Timestamp> {
        let folder = match &self.location {
            ReportLocation::S3 { .. } => folder_of_manifest(&self.name)?.to_owned(),
            ReportLocation::Local(folders) => folders.name()?,
        };
        folder_time(&folder)
    }

    /// The earliest and latest possible start of the scan: the manifest and the folder's name may differ.
    pub(crate) fn scan_times(&self) -> (Timestamp, Timestamp) {
        let manifest = self.manifest.scanned_at;
        match self.folder_time() {
            Some(folder) if is_other_time(folder, manifest) => (folder.min(manifest), folder.max(manifest)),
            Some(_) | None => (manifest, manifest),
        }
    }

    /// Warnings about the report.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let manifest = self.manifest.scanned_at;
        let other = self.folder_time().filter(|folder| is_other_time(*folder, manifest));
        let other = other.map(|folder| {
            let folder = folder_name(folder);
            format!("its folder is named {folder}, and the manifest says that the scan began at {manifest}: for --max-age, the earlier time counts")
        });
        let version = self.manifest.unknown_version.as_deref().map(unknown_version_text);
        self.manifest.remarks.iter().cloned().chain(version).chain(other).collect()
    }

    /// The ETag that is the condition for reading ranges of a file, if the listing had it.
    pub(super) fn listed_etag(&self, at: usize) -> Option<String> {
        let is_listed = self.listed.get().is_some_and(|listed| listed.contains(&at));
        let md5 = md5_in_hex(self.manifest.files.get(at).filter(|_| is_listed)?)?;
        Some(format!("\"{md5}\""))
    }

    fn are_all_listed(&self) -> bool {
        let files = self.manifest.files.len();
        files > 0 && self.listed.get().is_some_and(|listed| listed.len() == files)
    }
}

/// A folder is named for the minute in which the scan began.
fn is_other_time(folder: Timestamp, manifest: Timestamp) -> bool {
    const ROUNDED: SignedDuration = SignedDuration::from_mins(15);
    folder.duration_since(manifest).abs() > ROUNDED
}

fn check_manifest(json: &[u8], checksum: Option<&[u8]>) -> Result<(), Damage> {
    let checksum = checksum.ok_or_else(|| Damage::of_manifest(DamageKind::other(FileDamage::NoChecksum)))?;
    check_checksum(checksum, Md5::of(json))
}

/// The MD5 of a file, written as in an ETag.
pub(super) fn md5_in_hex(file: &DataFile) -> Option<String> {
    file.md5.map(|md5| hex(&md5))
}
