//! Inventory reports: real objects in the destination bucket, in AWS's layout.
//!
//! A report is a snapshot taken when it is asked for; the scan time is only what it claims.
//! The checksum object is written last, as its appearance is what says "ready".

mod columns;
mod csv;
mod deliver;
mod manifest;
mod row;

use std::time::SystemTime;

use s3s::dto;

pub use deliver::Delivered;
pub(crate) use deliver::deliver;

/// The file format of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum InventoryFormat {
    /// Gzip-compressed CSV without a header row.
    #[default]
    Csv,
    /// Apache Parquet, pages compressed with Snappy.
    Parquet,
    /// Apache ORC, streams compressed with ZLIB.
    Orc,
}

impl InventoryFormat {
    fn word(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Parquet => "Parquet",
            Self::Orc => "ORC",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv.gz",
            Self::Parquet => "parquet",
            Self::Orc => "orc",
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
    ObjectLockEventHoldStatus,
    ObjectLockEventHoldDuration,
    /// The second column that S3 writes for ObjectLockEventHoldDuration.
    ObjectLockEventHoldDurationUnit,
    IntelligentTieringReferenceDate,
}

impl InventoryField {
    /// The optional columns of a report by default, in order. Those of 2026 are left out.
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

    /// Whether the configuration names it; the unit comes with its duration.
    fn is_chosen(self) -> bool {
        self != Self::ObjectLockEventHoldDurationUnit
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
    weekly: bool,
    enabled: bool,
    fields: Vec<InventoryField>,
    scanned: Option<i64>,
    files: usize,
    group_rows: usize,
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
            weekly: false,
            enabled: true,
            fields: InventoryField::ALL.to_vec(),
            scanned: None,
            files: 1,
            group_rows: 1 << 20,
            format: InventoryFormat::Csv,
        }
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The configuration as PutBucketInventoryConfiguration would bring it.
    pub(crate) fn document(&self) -> dto::InventoryConfiguration {
        let included = if self.all_versions { "All" } else { "Current" };
        let frequency = if self.weekly { "Weekly" } else { "Daily" };
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
            is_enabled: self.enabled,
            optional_fields: Some(
                self.fields.iter().filter(|field| field.is_chosen()).map(|field| field.name().into()).collect(),
            ),
            schedule: dto::InventorySchedule { frequency: dto::InventoryFrequency::from_static(frequency) },
        }
    }
}

setters! {
    Inventory as inventory:
    /// Names the destination bucket; the source itself by default.
    to(bucket: &str) { inventory.to = bucket.to_owned() }
    /// Names the configuration.
    id(id: &str) { inventory.id = id.to_owned() }
    /// Sets the prefix in the destination bucket. One that ends in `/` doubles it, as on AWS.
    prefix(prefix: &str) { inventory.prefix = prefix.to_owned() }
    /// Reports only on keys that begin like this.
    keys_under(prefix: &str) { inventory.key_prefix = prefix.to_owned() }
    /// Reports on current versions only: no version columns, no markers.
    current_only() { inventory.all_versions = false }
    /// Schedules the configuration for Sundays; it is daily by default. Reports are delivered only on request.
    weekly() { inventory.weekly = true }
    /// Keeps the configuration but switches it off.
    disabled() { inventory.enabled = false }
    /// Chooses the optional columns; they keep AWS's order.
    fields(fields: impl IntoIterator<Item = InventoryField>) {
        inventory.fields = fields.into_iter().collect();
        if inventory.fields.contains(&InventoryField::ObjectLockEventHoldDuration) {
            inventory.fields.push(InventoryField::ObjectLockEventHoldDurationUnit);
        }
        inventory.fields.sort_unstable();
        inventory.fields.dedup();
    }
    /// Sets when the scan is said to have begun.
    scanned_at(when: SystemTime) {
        inventory.scanned = jiff::Timestamp::try_from(when).ok().map(|time| time.as_millisecond());
    }
    /// Sets when the scan is said to have begun, in milliseconds since 1970.
    scanned_at_ms(ms: i64) { inventory.scanned = Some(ms) }
    /// Spreads the rows over this number of data files.
    files(files: usize) { inventory.files = files.max(1) }
    /// Begins another row group of Parquet, or stripe of ORC, after this number of rows.
    group_rows(rows: usize) { inventory.group_rows = rows.max(1) }
    /// Chooses the file format.
    format(format: InventoryFormat) { inventory.format = format }
}
