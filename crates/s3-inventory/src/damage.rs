//! Damage of a manifest, of a whole data file, and of its columns.

use thiserror::Error;

/// What is wrong with manifest.json, manifest.checksum, or the list of data files.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum ManifestError {
    #[error("not an inventory manifest: {0}")]
    Json(serde_json::Error),
    #[error("fileFormat is {0}, not CSV, ORC or Parquet")]
    Format(String),
    #[error(
        "creationTimestamp {0} is not a time as S3 writes it: 13 digits of epoch milliseconds (10 or 13 digits are accepted)"
    )]
    CreationTimestamp(String),
    /// An incremental report of Alibaba Cloud OSS.
    #[error("version 2025-09-30 is an incremental report: it lists changes only; name a report of the whole bucket")]
    Incremental,
    #[error("sourceBucket is empty")]
    NoSourceBucket,
    #[error("the files have more than 2^64 bytes")]
    Sizes,
    #[error("invalid MD5checksum: {0}")]
    FileMd5(String),
    /// A file that is listed twice: its rows would count twice.
    #[error("the manifest lists this file twice{}", also.as_ref().map(|also| format!(", also as {also}")).unwrap_or_default())]
    FileTwice { also: Option<String> },
    #[error("invalid MD5 in manifest.checksum: {0}")]
    Checksum(String),
    #[error("the MD5 of manifest.json differs from manifest.checksum")]
    Md5,
}

/// What is wrong with a manifest's fileSchema.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum SchemaError {
    #[error("invalid fileSchema of a {format} report: {schema}")]
    Form { format: &'static str, schema: String },
    #[error("fileSchema names more than {0} columns")]
    TooManyColumns(usize),
    #[error("fileSchema names the column {0} twice")]
    ColumnTwice(String),
    #[error("the report has no {0} column")]
    NoColumn(&'static str),
}

/// A data file that differs from the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum ContentError {
    #[error("the file has {found} bytes, the manifest says {expected}")]
    Size { found: u64, expected: u64 },
    #[error("the MD5 of the file differs from the manifest")]
    Md5,
}

/// A columnar file with a missing column, or with a column of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum ColumnError {
    #[error("the file has no column bucket")]
    NoBucket,
    #[error("column {column} has type {found} instead of {wanted}")]
    Type { column: String, found: String, wanted: &'static str },
}
