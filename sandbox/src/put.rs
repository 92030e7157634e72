//! What a test writes an object with: bytes in any shape, and everything besides them.

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

/// What an object is written with, besides its bytes.
#[derive(Clone, Default)]
pub struct Put {
    pub(crate) extra: Extra,
    pub(crate) modified: Option<i64>,
    pub(crate) parts: Option<u32>,
}

impl Put {
    /// Adds an object tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.extra.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Adds user metadata, `x-amz-meta-NAME`.
    #[must_use]
    pub fn metadata(mut self, name: &str, value: &str) -> Self {
        self.extra.metadata.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the storage class; GLACIER and DEEP_ARCHIVE are not replicated.
    #[must_use]
    pub fn storage_class(mut self, class: &str) -> Self {
        self.extra.storage_class = Some(class.to_owned()).filter(|class| class != "STANDARD");
        self
    }

    /// Sets the content type.
    #[must_use]
    pub fn content_type(mut self, kind: &str) -> Self {
        self.extra.content_type = Some(kind.to_owned());
        self
    }

    /// Encrypts with a customer key (32 zero bytes): reads without its headers answer 400.
    #[must_use]
    pub fn sse_c(mut self) -> Self {
        // The base64 of the MD5 of those zeros, as the header carries it.
        self.extra.sse = Sse::Customer("cLyPS3KoaSFGi/joRB3OUQ==".to_owned());
        self
    }

    /// Encrypts with a KMS key: replicated only under rules with [`crate::Rule::kms`].
    #[must_use]
    pub fn sse_kms(mut self, key: &str) -> Self {
        self.extra.sse = Sse::Kms(Some(key.to_owned()));
        self
    }

    /// Locks until then; needs a bucket with Object Lock.
    #[must_use]
    pub fn retain_until(mut self, mode: LockMode, until: SystemTime) -> Self {
        self.extra.retention = Some((mode, epoch_ms(until)));
        self
    }

    /// Sets the legal hold on or off; needs a bucket with Object Lock.
    #[must_use]
    pub fn legal_hold(mut self, on: bool) -> Self {
        self.extra.legal_hold = Some(on);
        self
    }

    /// Sets an event hold, and for how long retention goes on after it; needs a bucket with Object Lock. While it is ON
    /// the version cannot be removed.
    #[must_use]
    pub fn event_hold(mut self, on: bool, duration: HoldDuration) -> Self {
        self.extra.event_hold = Some((on, duration));
        self
    }

    /// Stores a checksum, shown to who asks with `x-amz-checksum-mode`: algorithm as `SHA256`, value in base64, that of a
    /// multipart upload with `-PARTS` at its end. Not verified.
    #[must_use]
    pub fn checksum(mut self, algorithm: &str, value: &str) -> Self {
        self.extra.checksum = Some((algorithm_named(algorithm), value.to_owned()));
        self
    }

    /// Sets the text of `x-amz-expiration`.
    #[must_use]
    pub fn expiration(mut self, text: &str) -> Self {
        self.extra.expiration = Some(text.to_owned());
        self
    }

    /// Backdates the write; cut to whole seconds.
    #[must_use]
    pub fn last_modified(mut self, when: SystemTime) -> Self {
        self.modified = Some(epoch_ms(when) / 1000 * 1000);
        self
    }

    /// Gives the ETag of a multipart upload with this number of parts.
    #[must_use]
    pub fn parts(mut self, parts: u32) -> Self {
        self.parts = Some(parts);
        self
    }
}

pub(crate) fn algorithm_named(name: &str) -> ChecksumKind {
    let found = ChecksumKind::ALL.iter().find(|(_, _, known)| *known == name);
    found.unwrap_or_else(|| panic!("the sandbox knows no checksum {name:?}")).0
}

pub(crate) fn epoch_ms(time: SystemTime) -> i64 {
    jiff::Timestamp::try_from(time).map_or(0, |time| time.as_millisecond())
}
