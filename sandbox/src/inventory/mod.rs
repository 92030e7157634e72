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
    /// Every optional column that a report has until told otherwise, in order. Those of 2026 are left out.
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

    /// Schedules the configuration for Sundays; it is daily until told otherwise. A report is delivered when asked for.
    #[must_use]
    pub fn weekly(mut self) -> Self {
        self.weekly = true;
        self
    }

    /// Keeps the configuration but switches it off.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// Chooses the optional columns; they keep AWS's order.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = InventoryField>) -> Self {
        self.fields = fields.into_iter().collect();
        if self.fields.contains(&InventoryField::ObjectLockEventHoldDuration) {
            self.fields.push(InventoryField::ObjectLockEventHoldDurationUnit);
        }
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

    /// Spreads the rows over this number of data files.
    #[must_use]
    pub fn files(mut self, files: usize) -> Self {
        self.files = files.max(1);
        self
    }

    /// Begins another row group of Parquet, or stripe of ORC, after this number of rows.
    #[must_use]
    pub fn group_rows(mut self, rows: usize) -> Self {
        self.group_rows = rows.max(1);
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
