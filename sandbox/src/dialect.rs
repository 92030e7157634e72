//! What other servers do differently, to be switched on one by one.

/// Habits of S3-compatible servers that a careful client must survive. All off is AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// DeleteObject takes no notice of `If-Match` (CloudServer).
    pub if_match_ignored: bool,
    /// DeleteObject with `If-Match` answers 501 NotImplemented (LocalStack).
    pub if_match_501: bool,
    /// DeleteObjects takes no notice of an entry's ETag (most servers).
    pub batch_etag_ignored: bool,
    /// Deleting a version by id answers 204, lists hide it, and yet HEAD by id still gives 200,
    /// without a status header (RustFS).
    pub delete_204_but_readable: bool,
    /// HEAD and GET of what is missing are answered from a replication target, unless the
    /// request carries `X-Minio-Source-Proxy-Request` (MinIO, active-active).
    pub proxy_missing_from_replica: bool,
    /// Deleting a version by id also deletes it at the destinations, except under rules whose
    /// `DeleteReplication` is Disabled; and that element is accepted, kept and returned
    /// (MinIO, RustFS). AWS calls it malformed.
    pub version_deletes_replicate: bool,
    /// ListObjectAnnotations answers 501 NotImplemented (every other server).
    pub annotations_unknown: bool,
}
