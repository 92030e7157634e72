//! The answer to HEAD of an object: the facts for every decision.

use jiff::Timestamp;

use super::{Expiry, Properties};
use crate::model::{Failure, ObjectId, ReplicationStatus};

/// The headers of an existing object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ObjectHead {
    /// `x-amz-version-id`; some servers leave it out for the `null` version.
    pub version_id: Option<String>,
    pub replication_status: ReplicationStatus,
    pub etag: Option<String>,
    pub size: Option<u64>,
    pub last_modified: Option<Timestamp>,
    /// S3 leaves the header out for STANDARD; here it is filled in.
    pub storage_class: Option<String>,
    /// Object Lock retention ends then; absent also when the caller may not see it.
    pub retain_until: Option<Timestamp>,
    /// Object Lock retention is there, and when it ends can't be read.
    pub retention_unclear: bool,
    /// A legal hold is on, or its word is not known; `false` also when the caller may not see it.
    pub legal_hold: bool,
    /// An event hold is on, or its word is not known; `false` also when the caller may not see it.
    pub event_hold: bool,
    /// `x-amz-archive-status`: in an archive tier of Intelligent-Tiering.
    pub archive_status: Option<String>,
    /// `x-amz-tagging-count`; S3 sends it to callers who may read the tags.
    pub tag_count: Option<u64>,
    /// `x-amz-expiration`: a lifecycle rule removes it then.
    pub expiry: Option<Expiry>,
    /// Everything else, if it was requested.
    pub properties: Option<Box<Properties>>,
    /// `x-amz-server-side-encryption`: `AES256`, `aws:kms`, `aws:kms:dsse`; empty where the answer came without it.
    pub encryption: Option<String>,
    /// It is encrypted with a key of the customer's own (SSE-C).
    pub customer_key: bool,
    /// Additional checksums; none where they were not asked for, may not be seen, or were never made.
    pub checksums: Vec<Checksum>,
}

impl ObjectHead {
    /// Whether Object Lock forbids or may forbid to remove this version at that time. Unclear retention counts as a
    /// lock.
    pub(crate) fn locked_at(&self, now: Timestamp) -> bool {
        self.legal_hold
            || self.event_hold
            || self.retention_unclear
            || self.retain_until.is_some_and(|until| until > now)
    }

    /// The ETag, in small letters, where it is the MD5 sum of the bytes: 32 hexadecimal digits, and neither a KMS key
    /// nor a customer key ("Checking object integrity" in the S3 User Guide).
    pub(crate) fn plain_md5(&self) -> Option<String> {
        let plain = matches!(self.encryption.as_deref(), Some("" | "AES256")) && !self.customer_key;
        self.etag.as_deref().filter(|_| plain).and_then(md5_of_etag)
    }
}

/// An ETag of 32 hexadecimal digits, in small letters. It is an MD5 sum if no KMS key and no customer key encrypts the object.
pub(crate) fn md5_of_etag(etag: &str) -> Option<String> {
    let is_md5 = etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_md5.then(|| etag.to_ascii_lowercase())
}

/// An additional checksum of an object ("Checking object integrity" in the S3 User Guide).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Checksum {
    /// S3's name of the algorithm: `CRC64NVME`, `SHA256` ….
    pub algorithm: &'static str,
    pub kind: ChecksumKind,
    /// Base64, without the number of parts.
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChecksumKind {
    FullObject,
    /// Of the checksums of this number of parts; 0 where it is not known.
    Composite(u32),
}

impl Checksum {
    /// Reads a header's value; that of a composite one ends in `-N`, N being the number of parts.
    pub(crate) fn read(algorithm: &'static str, text: &str, said_to_be_composite: bool) -> Self {
        // Base64 as S3 writes it has no hyphen.
        let (value, parts) = match text.rsplit_once('-') {
            Some((value, parts)) => (value, Some(parts.parse().unwrap_or(0))),
            None => (text, said_to_be_composite.then_some(0)),
        };
        let kind = parts.map_or(ChecksumKind::FullObject, ChecksumKind::Composite);
        Self { algorithm, kind, value: value.to_owned() }
    }
}

/// The answer is about another version than the requested one.
pub(crate) fn another_version(object: &ObjectId) -> Failure {
    Failure::new(
        "VersionMismatch",
        format!("asking for {object}: another version answered"),
        Some("this server does not distinguish versions reliably"),
    )
}

/// S3 lists an object, and HEAD of it finds nothing.
pub(crate) fn still_listed(object: &ObjectId) -> Failure {
    Failure::new(
        "StillListed",
        format!("asking for {object}: HEAD finds no such object, and S3 still lists it"),
        Some("try again; if this happens again, the server's listing and its objects disagree"),
    )
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeadAnswer {
    /// 200.
    Object(Box<ObjectHead>),
    /// 404 or 405 with `x-amz-delete-marker: true`.
    DeleteMarker {
        /// The marker's own version ID, where S3 named it.
        version_id: Option<String>,
    },
    /// 404 in a bucket that exists.
    NotFound,
}

impl HeadAnswer {
    /// Whether the key has no object, or a delete marker.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Object(_) => false,
            Self::DeleteMarker { .. } | Self::NotFound => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclear_retention_counts_as_a_lock() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-05-06T12:00:00Z");
        let until = |text: &str| ObjectHead { retain_until: Some(at(text)), ..ObjectHead::default() };
        let table = [
            (ObjectHead::default(), false),
            (until("2026-05-06T12:00:00Z"), false),
            (until("2026-05-06T12:00:01Z"), true),
            (ObjectHead { legal_hold: true, ..ObjectHead::default() }, true),
            (ObjectHead { event_hold: true, ..ObjectHead::default() }, true),
            (ObjectHead { retention_unclear: true, ..ObjectHead::default() }, true),
        ];
        for (head, locked) in table {
            assert_eq!(head.locked_at(now), locked, "{head:?}");
        }
    }

    #[test]
    fn an_etag_is_a_sum_of_the_bytes_only_without_kms_parts_and_customer_keys() {
        const MD5: &str = "0123456789abcdef0123456789ABCDEF";
        let head = |etag: &str, encryption: Option<&str>| ObjectHead {
            etag: Some(etag.to_owned()),
            encryption: encryption.map(str::to_owned),
            ..ObjectHead::default()
        };
        let lower = Some(MD5.to_ascii_lowercase());
        let table = [
            (head(MD5, Some("")), lower.clone()),
            (head(MD5, Some("AES256")), lower),
            (head(MD5, Some("aws:kms")), None),
            (head(MD5, Some("aws:kms:dsse")), None),
            (head(MD5, Some("aws:new")), None),
            (head(MD5, None), None),
            (head(&format!("{MD5}-2"), Some("")), None),
            (head(&MD5[1..], Some("")), None),
            (head(&MD5.replace('0', "g"), Some("")), None),
            (ObjectHead { customer_key: true, ..head(MD5, Some("")) }, None),
            (ObjectHead { etag: None, ..head(MD5, Some("")) }, None),
        ];
        for (head, sum) in table {
            assert_eq!(head.plain_md5(), sum, "{head:?}");
        }
    }

    #[test]
    fn checksums_of_parts_differ_from_those_of_objects() {
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

    #[test]
    fn an_object_is_there_and_a_marker_or_nothing_is_gone() {
        assert!(!HeadAnswer::Object(Box::default()).is_gone());
        assert!(HeadAnswer::DeleteMarker { version_id: None }.is_gone() && HeadAnswer::NotFound.is_gone());
    }
}
