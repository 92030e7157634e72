//! Bodies of objects, as they stream in.

use super::error;
use super::store::{Asked, S3Store};
use crate::model::{Bucket, Failure, ObjectId};

/// A body on its way.
#[derive(Debug)]
pub struct Body {
    /// Bytes that S3 announced.
    pub size: Option<u64>,
    stream: aws_sdk_s3::primitives::ByteStream,
    attempt: String,
}

impl Body {
    /// The next piece, `None` at the end.
    ///
    /// # Errors
    /// The connection broke before the announced end.
    pub async fn next(&mut self) -> Result<Option<bytes::Bytes>, Failure> {
        match self.stream.next().await {
            None => Ok(None),
            Some(Ok(piece)) => Ok(Some(piece)),
            Some(Err(cause)) => Err(Failure::new(
                "ConnectionBroken",
                format!("{}: the body broke off: {}", self.attempt, error::chain(&cause)),
                Some("try again"),
            )),
        }
    }

    /// The whole body, if it is no longer than `limit` bytes.
    ///
    /// # Errors
    /// A longer body, or one that breaks off.
    pub async fn read_to_end(mut self, limit: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            if bytes.len() + piece.len() > limit {
                let message = format!("{}: it is longer than {limit} bytes", self.attempt);
                return Err(Failure::new("TooLarge", message, None));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

impl S3Store {
    /// Opens an object for reading; `None` when the bucket exists and has no such key.
    ///
    /// # Errors
    /// S3 refused, the bucket is missing, or no usable answer came.
    pub async fn get(&self, bucket: &Bucket, key: &str, why: &'static str) -> Result<Option<Body>, Failure> {
        let object = ObjectId { bucket: bucket.clone(), key: key.to_owned(), version_id: None };
        let asked = Asked { operation: "GetObject", about: &object, why };
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_object()
                    .bucket(bucket.as_str())
                    .key(key)
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        let attempt = format!("reading {object}");
        match answer {
            Ok(output) => Ok(Some(Body {
                size: output.content_length().and_then(|size| u64::try_from(size).ok()),
                stream: output.body,
                attempt,
            })),
            Err(raw) if raw.status == Some(404) && raw.code.as_deref() != Some("NoSuchBucket") => {
                self.bucket_exists(bucket).await?;
                Ok(None)
            }
            Err(raw) => Err(raw.failure(&attempt)),
        }
    }
}
