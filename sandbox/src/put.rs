//! The input of a write: bytes in several types, and the properties of the object.

use std::time::SystemTime;

use bytes::Bytes;

use crate::store::{ChecksumKind, Extra, HoldDuration, LockMode, Sse};

/// Bytes in any of the shapes a test has them in; `Bytes` are shared, the others copied.
pub trait Content {
    /// Turns it into shared bytes.
    fn into_bytes(self) -> Bytes;
}

macro_rules! content {
    ($($shape:ty: $how:expr;)*) => {
        $(impl Content for $shape {
            fn into_bytes(self) -> Bytes {
                let how: fn(Self) -> Bytes = $how;
                how(self)
            }
        })*
    };
}

content! {
    Bytes: |body| body;
    Vec<u8>: Bytes::from;
    String: Bytes::from;
    &str: |body| Bytes::copy_from_slice(body.as_bytes());
    &[u8]: Bytes::copy_from_slice;
}

impl<const N: usize> Content for &[u8; N] {
    fn into_bytes(self) -> Bytes {
        Bytes::copy_from_slice(self)
    }
}

/// The properties of an object to write.
#[derive(Clone, Default)]
pub struct Put {
    pub(crate) extra: Extra,
    pub(crate) modified: Option<i64>,
    pub(crate) parts: Option<u32>,
}

setters! {
    Put as put:
    /// Adds an object tag.
    tag(key: &str, value: &str) { put.extra.tags.push((key.to_owned(), value.to_owned())) }
    /// Adds user metadata, `x-amz-meta-NAME`.
    metadata(name: &str, value: &str) { put.extra.metadata.push((name.to_owned(), value.to_owned())) }
    /// Sets the storage class; GLACIER and DEEP_ARCHIVE are not replicated.
    storage_class(class: &str) {
        put.extra.storage_class = Some(class.to_owned()).filter(|class| class != "STANDARD");
    }
    /// Sets the content type.
    content_type(kind: &str) { put.extra.content_type = Some(kind.to_owned()) }
    /// Encrypts with a customer key (32 zero bytes): reads without its headers answer 400.
    sse_c() {
        // The base64 of the MD5 of those zeros, as the header carries it.
        put.extra.sse = Sse::Customer("cLyPS3KoaSFGi/joRB3OUQ==".to_owned());
    }
    /// Encrypts with a KMS key: replicated only under rules with [`crate::Rule::kms`].
    sse_kms(key: &str) { put.extra.sse = Sse::Kms(Some(key.to_owned())) }
    /// Locks until then; needs a bucket with Object Lock.
    retain_until(mode: LockMode, until: SystemTime) { put.extra.retention = Some((mode, epoch_ms(until))) }
    /// Sets the legal hold on or off; needs a bucket with Object Lock.
    legal_hold(on: bool) { put.extra.legal_hold = Some(on) }
    /// Sets an event hold, and how long retention lasts after it; needs a bucket with Object Lock. While it is ON
    /// the version cannot be removed.
    event_hold(on: bool, duration: HoldDuration) { put.extra.event_hold = Some((on, duration)) }
    /// Stores a checksum, shown to clients that ask with `x-amz-checksum-mode`: algorithm as `SHA256`, value in base64,
    /// that of a multipart upload with `-PARTS` at its end. Not verified.
    checksum(algorithm: &str, value: &str) {
        put.extra.checksum = Some((algorithm_named(algorithm), value.to_owned()));
    }
    /// Sets the text of `x-amz-expiration`.
    expiration(text: &str) { put.extra.expiration = Some(text.to_owned()) }
    /// Backdates the write; cut to whole seconds.
    last_modified(when: SystemTime) { put.modified = Some(epoch_ms(when) / 1000 * 1000) }
    /// Gives the ETag of a multipart upload with this number of parts.
    parts(parts: u32) { put.parts = Some(parts) }
}

pub(crate) fn algorithm_named(name: &str) -> ChecksumKind {
    let found = ChecksumKind::ALL.iter().find(|(_, _, known)| *known == name);
    found.unwrap_or_else(|| panic!("the sandbox knows no checksum {name:?}")).0
}

pub(crate) fn epoch_ms(time: SystemTime) -> i64 {
    jiff::Timestamp::try_from(time).map_or(0, |time| time.as_millisecond())
}
