//! What HEAD tells of an object: the facts that everything else is decided from.

use jiff::Timestamp;

use super::Properties;
use crate::model::{Failure, ObjectId};

/// What HEAD told about an object that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectHead {
    /// `x-amz-version-id`; some servers leave it out for the `null` version.
    pub version_id: Option<String>,
    /// `x-amz-replication-status`, raw.
    pub replication_status: Option<String>,
    /// Without quotes.
    pub etag: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// When this version was written.
    pub last_modified: Option<Timestamp>,
    /// S3 leaves the header out for STANDARD; here it is filled in.
    pub storage_class: Option<String>,
    /// Object Lock retention ends then; absent also when the caller may not see it.
    pub retain_until: Option<Timestamp>,
    /// A legal hold is on; `false` also when the caller may not see it.
    pub legal_hold: bool,
    /// `x-amz-server-side-encryption`, raw: `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub encryption: Option<String>,
    /// `x-amz-archive-status`: in an archive tier of Intelligent-Tiering.
    pub archive_status: Option<String>,
    /// Everything else, where it was asked for.
    pub properties: Option<Box<Properties>>,
}

/// Another version answered than the one that was asked for.
#[must_use]
pub fn another_version(object: &ObjectId) -> Failure {
    Failure::new(
        "VersionMismatch",
        format!("asking for {object}: another version answered"),
        Some("this server does not tell versions apart reliably"),
    )
}

/// An answer to HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadAnswer {
    /// 200.
    Object(Box<ObjectHead>),
    /// 404 or 405 with `x-amz-delete-marker: true`.
    DeleteMarker {
        /// The marker's own version id, where S3 named it.
        version_id: Option<String>,
    },
    /// 404 in a bucket that exists.
    NotFound,
}
