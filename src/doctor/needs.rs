//! The permissions of reads, in IAM's words.

pub(super) const LIST: &str = "s3:ListBucket";
pub(super) const VERSIONING: &str = "s3:GetBucketVersioning";
pub(super) const REPLICATION: &str = "s3:GetReplicationConfiguration";
pub(super) const OBJECT_LOCK: &str = "s3:GetBucketObjectLockConfiguration";
pub(super) const ENCRYPTION: &str = "s3:GetEncryptionConfiguration";
pub(super) const LIFECYCLE: &str = "s3:GetLifecycleConfiguration";
pub(super) const NOTIFICATION: &str = "s3:GetBucketNotification";
pub(super) const INVENTORY: &str = "s3:GetInventoryConfiguration";
pub(super) const OBJECT: &str = "s3:GetObject";
pub(super) const OBJECT_VERSION: &str = "s3:GetObjectVersion";
pub(super) const VERSIONS: &str = "s3:ListBucketVersions";
pub(super) const ANNOTATIONS: &str = "s3:ListObjectAnnotations";

/// Which bucket a permission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PolicyTarget {
    Source,
    Destination,
    Reports,
}

impl PolicyTarget {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Source => "the source bucket",
            Self::Destination => "each destination bucket",
            Self::Reports => "the bucket that holds the reports",
        }
    }
}
