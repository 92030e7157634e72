//! Inventory reports: real objects in the destination bucket, in AWS's layout.
//!
//! A report is a snapshot taken when it is asked for; the scan time is only what it claims.
//! The checksum object is written last, as its appearance is what says "ready".

mod csv;
mod manifest;

use std::io::Write;
use std::time::SystemTime;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use s3s::dto;

use crate::store::{Draft, Etag, Store, Version, current};
use manifest::{DataFile, Manifest};

/// The file format of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum InventoryFormat {
    /// Gzip-compressed CSV without a header row.
    #[default]
    Csv,
}

impl InventoryFormat {
    fn word(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
        }
    }
}

/// An optional column of a report, in AWS's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "the names are S3's own")]
pub enum InventoryField {
    Size,
    LastModifiedDate,
    ETag,
    StorageClass,
    IsMultipartUploaded,
    ReplicationStatus,
    EncryptionStatus,
    ObjectLockRetainUntilDate,
    ObjectLockMode,
    ObjectLockLegalHoldStatus,
    IntelligentTieringAccessTier,
    BucketKeyStatus,
    ChecksumAlgorithm,
    ObjectAccessControlList,
    ObjectOwner,
    LifecycleExpirationDate,
}

impl InventoryField {
    /// Every optional column, in order.
    pub const ALL: [Self; 16] = [
        Self::Size,
        Self::LastModifiedDate,
        Self::ETag,
        Self::StorageClass,
        Self::IsMultipartUploaded,
        Self::ReplicationStatus,
        Self::EncryptionStatus,
        Self::ObjectLockRetainUntilDate,
        Self::ObjectLockMode,
        Self::ObjectLockLegalHoldStatus,
        Self::IntelligentTieringAccessTier,
        Self::BucketKeyStatus,
        Self::ChecksumAlgorithm,
        Self::ObjectAccessControlList,
        Self::ObjectOwner,
        Self::LifecycleExpirationDate,
    ];

    fn name(self) -> String {
        format!("{self:?}")
    }
}

/// An inventory report to be delivered, or its configuration.
#[derive(Clone, Debug)]
pub struct Inventory {
    source: String,
    to: String,
    id: String,
    prefix: String,
    key_prefix: String,
    all_versions: bool,
    fields: Vec<InventoryField>,
    scanned: Option<i64>,
    files: usize,
    format: InventoryFormat,
}

impl Inventory {
    /// Reports on a bucket: all versions, every column, one data file, scanned now.
    #[must_use]
    pub fn of(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            to: source.to_owned(),
            id: "inventory".to_owned(),
            prefix: String::new(),
            key_prefix: String::new(),
            all_versions: true,
            fields: InventoryField::ALL.to_vec(),
            scanned: None,
            files: 1,
            format: InventoryFormat::Csv,
        }
    }

    /// Names the destination bucket; the source itself until told otherwise.
    #[must_use]
    pub fn to(mut self, bucket: &str) -> Self {
        self.to = bucket.to_owned();
        self
    }

    /// Names the configuration.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// Sets the prefix in the destination bucket. One that ends in `/` doubles it, as on AWS.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.to_owned();
        self
    }

    /// Reports only on keys that begin like this.
    #[must_use]
    pub fn keys_under(mut self, prefix: &str) -> Self {
        self.key_prefix = prefix.to_owned();
        self
    }

    /// Reports on current versions only: no version columns, no markers.
    #[must_use]
    pub fn current_only(mut self) -> Self {
        self.all_versions = false;
        self
    }

    /// Chooses the optional columns; they keep AWS's order.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = InventoryField>) -> Self {
        self.fields = fields.into_iter().collect();
        self.fields.sort_unstable();
        self.fields.dedup();
        self
    }

    /// Sets when the scan is said to have begun.
    #[must_use]
    pub fn scanned_at(mut self, when: SystemTime) -> Self {
        self.scanned = jiff::Timestamp::try_from(when).ok().map(|time| time.as_millisecond());
        self
    }

    /// Sets when the scan is said to have begun, in milliseconds since 1970.
    #[must_use]
    pub fn scanned_at_ms(mut self, ms: i64) -> Self {
        self.scanned = Some(ms);
        self
    }

    /// Spreads the rows over so many data files.
    #[must_use]
    pub fn files(mut self, files: usize) -> Self {
        self.files = files.max(1);
        self
    }

    /// Chooses the file format.
    #[must_use]
    pub fn format(mut self, format: InventoryFormat) -> Self {
        self.format = format;
        self
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The configuration as PutBucketInventoryConfiguration would bring it.
    pub(crate) fn document(&self) -> dto::InventoryConfiguration {
        let included = if self.all_versions { "All" } else { "Current" };
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        dto::InventoryConfiguration {
            destination: dto::InventoryDestination {
                s3_bucket_destination: dto::InventoryS3BucketDestination {
                    account_id: None,
                    bucket: format!("arn:aws:s3:::{}", self.to),
                    encryption: None,
                    format: dto::InventoryFormat::from_static(self.format.word()),
                    prefix: filled(&self.prefix),
                },
            },
            filter: filled(&self.key_prefix).map(|prefix| dto::InventoryFilter { prefix }),
            id: self.id.clone(),
            included_object_versions: dto::InventoryIncludedObjectVersions::from_static(included),
            is_enabled: true,
            optional_fields: Some(self.fields.iter().map(|field| field.name().into()).collect()),
            schedule: dto::InventorySchedule { frequency: dto::InventoryFrequency::from_static("Daily") },
        }
    }

    fn columns(&self) -> Vec<String> {
        let mut columns = vec!["Bucket".to_owned(), "Key".to_owned()];
        if self.all_versions {
            columns.extend(["VersionId", "IsLatest", "IsDeleteMarker"].map(str::to_owned));
        }
        columns.extend(self.fields.iter().map(|field| field.name()));
        columns
    }
}

/// Where a report was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The destination bucket.
    pub bucket: String,
    /// `…/YYYY-MM-DDTHH-MMZ/manifest.json`
    pub manifest_key: String,
    /// `…/YYYY-MM-DDTHH-MMZ/manifest.checksum`
    pub checksum_key: String,
    /// `…/hive/dt=YYYY-MM-DD-HH-MM/symlink.txt`
    pub symlink_key: String,
    /// `…/data/UUID.csv.gz`, in the order of the manifest.
    pub data_keys: Vec<String>,
    /// Rows in all data files.
    pub rows: usize,
}

/// Takes the snapshot and writes every object of the report.
pub(crate) fn deliver(store: &mut Store, inventory: &Inventory) -> Delivered {
    assert!(store.buckets.contains_key(&inventory.to), "the sandbox has no bucket {:?}", inventory.to);
    let scanned = inventory.scanned.unwrap_or_else(crate::store::now_ms);
    let (files, rows) = data_files(store, inventory);
    let time = crate::errors::time(scanned);
    let root = match inventory.prefix.as_str() {
        "" => format!("{}/{}", inventory.source, inventory.id),
        prefix => format!("{prefix}/{}/{}", inventory.source, inventory.id),
    };
    let folder = format!("{root}/{}", time.strftime("%Y-%m-%dT%H-%MZ"));
    let mut listed = Vec::new();
    for body in files {
        let key = format!("{root}/data/{}.csv.gz", uuid(store));
        listed.push(DataFile { size: body.len(), md5: Etag::of(&body).to_string(), key: key.clone() });
        put(store, &inventory.to, &key, body);
    }
    let links: Vec<String> = listed.iter().map(|file| format!("s3://{}/{}", inventory.to, file.key)).collect();
    let symlink_key = format!("{root}/hive/dt={}/symlink.txt", time.strftime("%Y-%m-%d-%H-%M"));
    put(store, &inventory.to, &symlink_key, links.join("\n"));
    let manifest = Manifest {
        source: &inventory.source,
        destination: &inventory.to,
        scanned,
        format: inventory.format.word(),
        columns: &inventory.columns(),
        files: &listed,
    }
    .to_json();
    let manifest_key = format!("{folder}/manifest.json");
    let checksum = format!("{}\n", Etag::of(manifest.as_bytes()));
    put(store, &inventory.to, &manifest_key, manifest);
    let checksum_key = format!("{folder}/manifest.checksum");
    put(store, &inventory.to, &checksum_key, checksum);
    Delivered {
        bucket: inventory.to.clone(),
        manifest_key,
        checksum_key,
        symlink_key,
        data_keys: listed.into_iter().map(|file| file.key).collect(),
        rows,
    }
}

fn put(store: &mut Store, bucket: &str, key: &str, body: impl Into<Bytes>) {
    let draft = Draft::plain(body.into(), crate::store::now_ms());
    store.write(bucket, key, draft).unwrap_or_else(|error| panic!("delivering {bucket}/{key}: {error}"));
}

/// The compressed data files, and the number of rows in them.
fn data_files(store: &Store, inventory: &Inventory) -> (Vec<Vec<u8>>, usize) {
    let state = store
        .buckets
        .get(&inventory.source)
        .unwrap_or_else(|| panic!("the sandbox has no bucket {:?}", inventory.source));
    let mut files: Vec<_> =
        (0..inventory.files).map(|_| GzBuilder::new().write(Vec::new(), Compression::fast())).collect();
    let mut rows = 0;
    let mut line = String::new();
    let mut shared = csv::Shared::new(&state.owner);
    for (key, versions) in &state.objects {
        if !key.starts_with(inventory.key_prefix.as_str()) {
            continue;
        }
        let newest = current(versions).map(|version| version.id);
        for version in versions.iter().rev().filter(|version| !version.hidden) {
            let latest = Some(version.id) == newest;
            if !inventory.all_versions && (!latest || version.marker) {
                continue;
            }
            line.clear();
            row(&mut line, inventory, &mut shared, key, version, latest);
            // Rows go round the files: nothing promises that a key's versions stay together.
            files[rows % inventory.files].write_all(line.as_bytes()).expect("writing to memory");
            rows += 1;
        }
    }
    let files = files.into_iter().map(|file| file.finish().expect("writing to memory")).collect();
    (files, rows)
}

fn row(line: &mut String, inventory: &Inventory, shared: &mut csv::Shared, key: &str, version: &Version, latest: bool) {
    csv::value(line, &inventory.source);
    csv::value(line, &csv::encoded_key(key));
    if inventory.all_versions {
        let id = if version.id.is_null() { "" } else { version.id.as_str() };
        csv::value(line, id);
        csv::value(line, if latest { "true" } else { "false" });
        csv::value(line, if version.marker { "true" } else { "false" });
    }
    for field in &inventory.fields {
        csv::value(line, &csv::field(*field, shared, version));
    }
    line.push('\n');
}

/// A name for a data file, from the store's counter so that runs repeat.
fn uuid(store: &mut Store) -> String {
    let hex = Etag::of(store.mint().as_str().as_bytes()).to_string();
    let part = |from, to| &hex[from..to];
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
