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
    /// `x-amz-archive-status`: in an archive tier of Intelligent-Tiering.
    pub archive_status: Option<String>,
    /// Everything else, where it was asked for.
    pub properties: Option<Box<Properties>>,
    /// `x-amz-server-side-encryption`: `AES256`, `aws:kms`, `aws:kms:dsse`; empty where the answer came without it.
    pub encryption: Option<String>,
    /// Additional checksums; none where they were not asked for, may not be seen, or were never made.
    pub checksums: Vec<Checksum>,
}

/// An additional checksum of an object ("Checking object integrity" in the S3 User Guide).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checksum {
    /// S3's name of the algorithm: `CRC64NVME`, `SHA256` ….
    pub algorithm: &'static str,
    /// Of what it is the sum.
    pub kind: ChecksumKind,
    /// Base64, without the number of parts.
    pub value: String,
}

/// Of what a checksum is the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChecksumKind {
    /// Of the whole object.
    FullObject,
    /// Of the checksums of so many parts; 0 where their number is not told.
    Composite(u32),
}

impl Checksum {
    /// Reads a header's value; that of a composite one ends in `-N`, N being the number of parts.
    #[must_use]
    pub fn read(algorithm: &'static str, text: &str, said_to_be_composite: bool) -> Self {
        // Base64 as S3 writes it has no hyphen.
        let (value, parts) = match text.rsplit_once('-') {
            Some((value, parts)) => (value, Some(parts.parse().unwrap_or(0))),
            None => (text, said_to_be_composite.then_some(0)),
        };
        let kind = parts.map_or(ChecksumKind::FullObject, ChecksumKind::Composite);
        Self { algorithm, kind, value: value.to_owned() }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_parts_are_told_from_those_of_objects() {
        let table = [
            ("+/8=", false, ChecksumKind::FullObject, "+/8="),
            ("+/8=", true, ChecksumKind::Composite(0), "+/8="),
            ("+/8=-12", true, ChecksumKind::Composite(12), "+/8="),
            ("+/8=-12", false, ChecksumKind::Composite(12), "+/8="),
            ("+/8=-x", false, ChecksumKind::Composite(0), "+/8="),
        ];
        for (text, said, kind, value) in table {
            let read = Checksum::read("SHA256", text, said);
            assert_eq!((read.kind, read.value.as_str()), (kind, value), "{text} {said}");
        }
    }
}
