//! What can be wrong with a manifest, with a data file as a whole, and with its columns.

use thiserror::Error;

/// What is wrong with manifest.json, manifest.checksum, or the list of data files.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// Not JSON, or not of this shape.
    #[error("this is no inventory manifest: {0}")]
    Json(serde_json::Error),
    /// An unknown fileFormat.
    #[error("fileFormat is {0}, not CSV, ORC or Parquet")]
    Format(String),
    /// A creationTimestamp that counts neither milliseconds nor seconds.
    #[error(
        "creationTimestamp {0} is not a time as S3 writes it: 13 digits of epoch milliseconds (10 or 13 digits are accepted)"
    )]
    CreationTimestamp(String),
    /// An empty sourceBucket.
    #[error("sourceBucket is empty")]
    NoSourceBucket,
    /// More bytes than any storage has.
    #[error("the sizes of the files pass 2^64 bytes")]
    Sizes,
    /// An MD5checksum of another form.
    #[error("MD5checksum {0} is no MD5")]
    FileMd5(String),
    /// A file that is listed twice: its rows would count twice.
    #[error("the manifest lists this file twice{}", also.as_ref().map(|also| format!(", also as {also}")).unwrap_or_default())]
    FileTwice {
        /// The other spelling of its key.
        also: Option<String>,
    },
    /// A manifest.checksum of another form.
    #[error("manifest.checksum holds {0}, which is no MD5")]
    Checksum(String),
    /// Another manifest than the one that was delivered.
    #[error("manifest.json does not have the MD5 that manifest.checksum names")]
    Md5,
}

/// What is wrong with a manifest's fileSchema.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// Another form than the reports of this format have.
    #[error("fileSchema is not as {format} reports have it: {schema}")]
    Form {
        /// The report's format.
        format: &'static str,
        /// The beginning of the text.
        schema: String,
    },
    /// More columns than any report has.
    #[error("fileSchema names more than {0} columns")]
    TooManyColumns(usize),
    /// A name that stands twice.
    #[error("fileSchema names the column {0} twice")]
    ColumnTwice(String),
    /// No column without which no row says anything.
    #[error("the report has no {0} column")]
    NoColumn(&'static str),
}

/// A data file that is not the one which the manifest names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ContentError {
    /// Another length.
    #[error("the file has {found} bytes, the manifest says {expected}")]
    Size {
        /// Bytes that it has, or that were read of it.
        found: u64,
        /// Bytes that the manifest names.
        expected: u64,
    },
    /// Another MD5.
    #[error("the file does not have the MD5 that the manifest names")]
    Md5,
}

/// A columnar file without a column that reports have, or with one that can't hold what it should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ColumnError {
    /// Without bucket, no row is about anything.
    #[error("the file has no column bucket")]
    NoBucket,
    /// Another type.
    #[error("column {column} holds {found} in place of {wanted}")]
    Type {
        /// Its name.
        column: String,
        /// Its type.
        found: String,
        /// What it should hold.
        wanted: &'static str,
    },
}
