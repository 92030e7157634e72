//! Streams the bodies of objects. A body that breaks off is resumed at that byte.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use s3_inventory::quoted;

use crate::model::{Bucket, Failure, ObjectId};
use crate::s3::client::{RequestError, chain};
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;
use crate::status::md5_of_etag;

/// The pause before a body is resumed; doubled if no byte arrived since the last pause.
const PAUSE: Duration = Duration::from_millis(100);

/// The streamed body of an object, or of a part of it.
pub(crate) struct Body {
    /// Size of the whole object, from the answer's headers.
    pub object_size: Option<u64>,
    /// With quotes, as S3 writes it.
    pub etag: Option<String>,
    /// The MD5 of the whole object in hex, where the ETag is it: S3 says that it encrypted the object with its own key, and it has
    /// one part ("Checking object integrity" in the S3 User Guide). Other servers that say nothing may have other ETags.
    pub md5: Option<String>,
    store: Arc<S3Store>,
    object: ObjectId,
    stream: ByteStream,
    /// Offset in the object of the next byte.
    at: u64,
    /// Offset after the last byte; `None` if S3 did not send it.
    end: Option<u64>,
    /// Breaks since the last byte arrived.
    breaks: u32,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("object", &self.object).field("at", &self.at).finish_non_exhaustive()
    }
}

impl Body {
    /// The next piece, `None` at the end. If the connection breaks, requests the rest by range, with the ETag as a condition.
    pub(crate) async fn next(&mut self) -> Result<Option<bytes::Bytes>, Failure> {
        loop {
            match self.stream.next().await {
                None if self.end.is_none_or(|end| self.at == end) => return Ok(None),
                None => self.resume("it ended too soon").await?,
                Some(Err(cause)) => self.resume(&chain(&cause)).await?,
                Some(Ok(piece)) => {
                    self.at += piece.len() as u64;
                    self.breaks = 0;
                    if self.end.is_some_and(|end| self.at > end) {
                        return Err(self.broken("it is longer than S3 announced"));
                    }
                    return Ok(Some(piece));
                }
            }
        }
    }

    /// Requests the rest after `cause` broke the body.
    async fn resume(&mut self, cause: &str) -> Result<(), Failure> {
        let (Some(etag), Some(end)) = (self.etag.clone(), self.end) else { return Err(self.broken(cause)) };
        self.breaks += 1;
        // An error after the last byte is about all bytes: a checksum of the SDK does not match.
        if self.at >= end || self.breaks >= self.store.max_attempts {
            return Err(self.broken(cause));
        }
        tokio::time::sleep(PAUSE * 2u32.saturating_pow(self.breaks - 1).min(64)).await;
        let why = "the rest of a body that broke off";
        let answer = self.store.open(&self.object, Some(self.at..end), Some(&etag), why).await;
        let output = match answer {
            Ok(output) => output,
            Err(error) if matches!(error.status(), Some(404 | 412)) => {
                let message = format!("{}: it changed while it was read", self.attempt());
                return Err(Failure {
                    http_status: error.status(),
                    ..Failure::new("Changed", message, Some("start again"))
                });
            }
            Err(error) => return Err(error.failure(&self.attempt())),
        };
        let Some(placed) = ContentRange::of(&output).filter(|placed| placed.part == (self.at..end)) else {
            return Err(self.broken("the server does not answer with the rest that was asked for"));
        };
        // If-Match alone proves nothing: some servers ignore it.
        let is_same =
            output.e_tag.as_ref() == Some(&etag) && self.object_size.is_none_or(|size| size == placed.object_size);
        if !is_same {
            let found = output.e_tag.as_deref().unwrap_or("none");
            let message = format!(
                "{}: the rest belongs to another object: its ETag is {} and its size {}, the ETag was {} before",
                self.attempt(),
                quoted(found.as_bytes()),
                placed.object_size,
                quoted(etag.as_bytes())
            );
            return Err(Failure::new("Changed", message, Some("start again")));
        }
        self.stream = output.body;
        Ok(())
    }

    fn attempt(&self) -> String {
        format!("reading {}", self.object)
    }

    fn broken(&self, cause: &str) -> Failure {
        let message = format!("{}: the body broke off at byte {}: {cause}", self.attempt(), self.at);
        Failure::new("ConnectionBroken", message, Some("try again"))
    }

    /// Reads the body, which may have at most `limit` bytes.
    pub(crate) async fn read_to_end(mut self, limit: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            if bytes.len() + piece.len() > limit {
                let message = format!("{}: it is longer than {limit} bytes", self.attempt());
                return Err(Failure::new("TooLarge", message, None));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

/// `Content-Range`: the part of the object, and the size of the object. S3 always sends both.
struct ContentRange {
    part: Range<u64>,
    object_size: u64,
}

impl ContentRange {
    fn of(output: &GetObjectOutput) -> Option<Self> {
        Self::parse(output.content_range()?)
    }

    /// Reads `bytes FIRST-LAST/SIZE`.
    fn parse(text: &str) -> Option<Self> {
        let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        Some(Self {
            part: first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?,
            object_size: size.parse().ok()?,
        })
    }
}

impl S3Store {
    /// Opens an object for reading; `None` if the bucket exists and the key does not.
    pub(crate) async fn get(
        self: &Arc<Self>,
        bucket: &Bucket,
        key: &str,
        why: &'static str,
    ) -> Result<Option<Body>, Failure> {
        let Some((object, output)) = self.found(bucket, key, None, None, why).await? else { return Ok(None) };
        let size = output.content_length().and_then(|size| u64::try_from(size).ok());
        Ok(Some(self.body(object, output, size, 0, size)))
    }

    /// Opens a part of an object for reading, with `etag` as a condition; `None` if the bucket exists and the key does not.
    pub(crate) async fn get_part(
        self: &Arc<Self>,
        bucket: &Bucket,
        key: &str,
        part: Range<u64>,
        etag: Option<&str>,
        why: &'static str,
    ) -> Result<Option<Body>, Failure> {
        let found = self.found(bucket, key, Some(part.clone()), etag, why).await?;
        let Some((object, output)) = found else { return Ok(None) };
        match ContentRange::of(&output) {
            Some(range) if range.part == part => {
                Ok(Some(self.body(object, output, Some(range.object_size), part.start, Some(part.end))))
            }
            _ => {
                let asked = format!("bytes {} to {}", part.start, part.end);
                let message = format!("reading {object}: {asked} were requested, and the answer has other bytes");
                Err(Failure::new("OtherRange", message, Some("does the server support Range?")))
            }
        }
    }

    fn body(
        self: &Arc<Self>,
        object: ObjectId,
        output: GetObjectOutput,
        object_size: Option<u64>,
        at: u64,
        end: Option<u64>,
    ) -> Body {
        let is_plain = output.server_side_encryption == Some(ServerSideEncryption::Aes256)
            && output.sse_customer_algorithm.is_none();
        let etag = output.e_tag.as_deref().filter(|_| is_plain);
        let md5 = etag.and_then(|etag| md5_of_etag(etag.trim_matches('"')));
        let (etag, stream) = (output.e_tag, output.body);
        Body { object_size, etag, md5, store: Arc::clone(self), object, stream, at, end, breaks: 0 }
    }

    async fn found(
        &self,
        bucket: &Bucket,
        key: &str,
        part: Option<Range<u64>>,
        etag: Option<&str>,
        why: &'static str,
    ) -> Result<Option<(ObjectId, GetObjectOutput)>, Failure> {
        let object = ObjectId { bucket: bucket.clone(), key: key.to_owned(), version_id: None };
        match self.open(&object, part, etag, why).await {
            Ok(output) => Ok(Some((object, output))),
            Err(error) if error.status() == Some(404) && error.code() != Some("NoSuchBucket") => {
                let has_request_id = error.answer().is_some_and(|answer| answer.request_id.is_some());
                self.bucket_exists(bucket, has_request_id).await?;
                Ok(None)
            }
            Err(error) => Err(error.failure(&format!("reading {object}"))),
        }
    }

    /// GETs the object, or the named version.
    pub(super) async fn open(
        &self,
        object: &ObjectId,
        part: Option<Range<u64>>,
        etag: Option<&str>,
        why: &'static str,
    ) -> Result<GetObjectOutput, RequestError> {
        let asked = RequestInfo { operation: "GetObject", about: object, why };
        let range = part.map(|part| format!("bytes={}-{}", part.start, part.end.saturating_sub(1)));
        self.follow(&object.bucket, asked, |client| {
            client
                .get_object()
                .bucket(object.bucket.as_str())
                .key(&object.key)
                .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                .set_range(range.clone())
                .set_if_match(etag.map(str::to_owned))
                .set_request_payer(self.request_payer.clone())
                .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                .send()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_range_is_parsed() {
        let placed = ContentRange::parse("bytes 10-19/100").unwrap();
        assert_eq!((placed.part, placed.object_size), (10..20, 100));
        for text in ["", "bytes 0-0/*", "bytes */100", "items 1-2/3", "bytes 1-x/3", "bytes 1-18446744073709551615/3"] {
            assert!(ContentRange::parse(text).is_none(), "{text}");
        }
    }
}
