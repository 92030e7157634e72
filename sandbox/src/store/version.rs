//! One version of one key, and the small types it is made of.

use std::fmt;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use md5::{Digest, Md5};

/// The next number of splitmix64: chance enough for ids and faults, and the same on every run.
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A version ID: 32 characters, or the literal `null` of buckets that are not versioned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct VersionId([u8; 32]);

impl VersionId {
    pub(crate) const NULL: Self = Self([0; 32]);
    const ALPHABET: &'static [u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";

    /// Spreads a counter over 32 characters, so that ids look as opaque as real ones.
    pub(crate) fn mint(count: u64) -> Self {
        let mut state = count;
        let mut word = 0;
        let mut id = [0; 32];
        for (place, byte) in id.iter_mut().enumerate() {
            if place % 10 == 0 {
                word = splitmix(&mut state);
            }
            *byte = Self::ALPHABET[(word & 63) as usize];
            word >>= 6;
        }
        Self(id)
    }

    /// None for what S3 calls malformed; a well-formed id need not exist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "null" {
            return Some(Self::NULL);
        }
        let id: [u8; 32] = text.as_bytes().try_into().ok()?;
        id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')).then_some(Self(id))
    }

    pub(crate) fn is_null(&self) -> bool {
        *self == Self::NULL
    }

    pub(crate) fn as_str(&self) -> &str {
        if self.is_null() {
            return "null";
        }
        std::str::from_utf8(&self.0).expect("version IDs are ASCII")
    }
}

/// MD5 of the body, or of the parts' MD5s with their number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Etag {
    pub(crate) md5: [u8; 16],
    /// 0 for an object put in one piece.
    pub(crate) parts: u32,
}

impl Etag {
    pub(crate) fn of(body: &[u8]) -> Self {
        Self { md5: Md5::digest(body).into(), parts: 0 }
    }

    pub(crate) fn of_parts(parts: &[[u8; 16]]) -> Self {
        Self { md5: Md5::digest(parts.concat()).into(), parts: u32::try_from(parts.len()).unwrap_or(u32::MAX) }
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A table and not `{:02x}`: lists and reports print millions of these.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 32];
        for (place, byte) in self.md5.into_iter().enumerate() {
            hex[2 * place] = DIGITS[usize::from(byte >> 4)];
            hex[2 * place + 1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&hex).expect("hex digits are ASCII"))?;
        match self.parts {
            0 => Ok(()),
            n => write!(f, "-{n}"),
        }
    }
}

/// The replication status of a version; any word can be planted.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) enum Status {
    /// Never attempted: no header.
    #[default]
    Absent,
    Pending,
    Completed,
    Failed,
    Replica,
    Word(Arc<str>),
}

impl Status {
    pub(crate) fn from_word(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            "REPLICA" => Self::Replica,
            other => Self::Word(other.into()),
        }
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Pending => Some("PENDING"),
            Self::Completed => Some("COMPLETED"),
            Self::Failed => Some("FAILED"),
            Self::Replica => Some("REPLICA"),
            Self::Word(word) => Some(word),
        }
    }
}

/// How strictly a retention holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockMode {
    /// Can be bypassed with the permission and the header.
    Governance,
    /// Holds for everyone until its date.
    Compliance,
}

impl LockMode {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "GOVERNANCE" => Some(Self::Governance),
            "COMPLIANCE" => Some(Self::Compliance),
            _ => None,
        }
    }
}

/// How long after the end of an event hold a version stays retained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HoldDuration {
    /// This number of days.
    Days(u32),
    /// This number of years.
    Years(u32),
}

impl HoldDuration {
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Days(number) | Self::Years(number) => number,
        }
    }

    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Days(_) => "DAYS",
            Self::Years(_) => "YEARS",
        }
    }
}

/// A named payload attached to a version; its bytes are not kept.
#[derive(Clone)]
pub(crate) struct Annotation {
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) etag: Etag,
    pub(crate) size: u64,
    /// Milliseconds since 1970.
    pub(crate) modified: i64,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) enum Sse {
    /// S3 itself, as it does by default.
    #[default]
    S3,
    Kms(Option<String>),
    /// The client; holds the MD5 of its key, in base64.
    Customer(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChecksumKind {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl ChecksumKind {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Crc32, "x-amz-checksum-crc32", "CRC32"),
        (Self::Crc32c, "x-amz-checksum-crc32c", "CRC32C"),
        (Self::Crc64Nvme, "x-amz-checksum-crc64nvme", "CRC64NVME"),
        (Self::Sha1, "x-amz-checksum-sha1", "SHA1"),
        (Self::Sha256, "x-amz-checksum-sha256", "SHA256"),
    ];
}

/// What few objects have.
#[derive(Clone, Default)]
pub(crate) struct Extra {
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) tags: Vec<(String, String)>,
    /// None is STANDARD, which S3 leaves out of its answers.
    pub(crate) storage_class: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) expiration: Option<String>,
    /// Until when, in milliseconds since 1970.
    pub(crate) retention: Option<(LockMode, i64)>,
    /// `None` was never set: GetObjectLegalHold answers differently than for off.
    pub(crate) legal_hold: Option<bool>,
    /// Whether it is ON, and how long retention lasts after it.
    pub(crate) event_hold: Option<(bool, HoldDuration)>,
    /// In order of their names.
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) sse: Sse,
    pub(crate) checksum: Option<(ChecksumKind, String)>,
}

#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) id: VersionId,
    /// Milliseconds since 1970, whole seconds.
    pub(crate) modified: i64,
    pub(crate) etag: Etag,
    pub(crate) marker: bool,
    /// Deleted with 204 and yet readable by id: see [`crate::Dialect`].
    pub(crate) hidden: bool,
    pub(crate) status: Status,
    pub(crate) body: Bytes,
    pub(crate) extra: Option<Arc<Extra>>,
}

impl Version {
    pub(crate) fn marker(id: VersionId, modified: i64) -> Self {
        Self {
            id,
            modified,
            etag: Etag { md5: [0; 16], parts: 0 },
            marker: true,
            hidden: false,
            status: Status::Absent,
            body: Bytes::new(),
            extra: None,
        }
    }

    pub(crate) fn extra(&self) -> &Extra {
        static NONE: LazyLock<Extra> = LazyLock::new(Extra::default);
        self.extra.as_deref().unwrap_or(&NONE)
    }

    pub(crate) fn extra_mut(&mut self) -> &mut Extra {
        Arc::make_mut(self.extra.get_or_insert_default())
    }

    /// Whether deleting this version permanently is forbidden at that moment.
    pub(crate) fn locked(&self, now: i64, bypass: bool) -> bool {
        let extra = self.extra();
        let retained = match extra.retention {
            None => false,
            Some((_, until)) if until <= now => false,
            Some((LockMode::Governance, _)) => !bypass,
            Some((LockMode::Compliance, _)) => true,
        };
        let held = extra.event_hold.is_some_and(|(on, _)| on);
        retained || held || extra.legal_hold == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_parse_back() {
        let ids: std::collections::BTreeSet<String> =
            (0..10_000).map(|n| VersionId::mint(n).as_str().to_owned()).collect();
        assert_eq!(ids.len(), 10_000);
        let id = VersionId::mint(7);
        assert_eq!(VersionId::parse(id.as_str()).unwrap().as_str(), id.as_str());
        assert!(VersionId::parse("").is_none());
        assert!(VersionId::parse("short").is_none());
        assert!(VersionId::parse("null").unwrap().is_null());
    }

    #[test]
    fn versions_stay_small() {
        assert!(size_of::<Version>() <= 160, "{}", size_of::<Version>());
    }

    #[test]
    fn etag_of_parts_counts_them() {
        let parts = [Etag::of(b"a").md5, Etag::of(b"b").md5];
        assert_eq!(Etag::of_parts(&parts).to_string(), "96e024ba2074fe77e8e965ba43a704be-2");
    }
}
