//! HEAD of an object, and all its possible answers (API Reference, HeadObject; User Guide, "Working with delete markers").

use aws_sdk_s3::types::ChecksumMode;

use super::object_head::read;
use crate::model::{Failure, ObjectId};
use crate::s3::client::{ErrorAnswer, RequestError};
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;
use crate::status::HeadAnswer;

const ENABLED: Option<ChecksumMode> = Some(ChecksumMode::Enabled);

impl S3Store {
    /// HEADs an object: its replication status, and which version answered.
    pub(crate) async fn head(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        self.head_for(object, "its replication status", None).await
    }

    /// HEADs an object with its additional checksums, if the caller may see them.
    ///
    /// Checksums of an object that is encrypted with a KMS key need `kms:Decrypt`. Without it, S3 refuses the whole request,
    /// which is then repeated without checksums.
    pub(crate) async fn head_with_checksums(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        self.head_for(object, "its replication status, and what to compare a replica with", ENABLED).await
    }

    /// HEADs a replica. `checksums`: whether there are any to compare.
    pub(crate) async fn head_replica(&self, object: &ObjectId, checksums: bool) -> Result<HeadAnswer, Failure> {
        self.head_for(object, "whether the replica is there", ENABLED.filter(|_| checksums)).await
    }

    async fn head_for(
        &self,
        object: &ObjectId,
        why: &'static str,
        checksums: Option<ChecksumMode>,
    ) -> Result<HeadAnswer, Failure> {
        let answer = match self.ask_head(object, why, checksums.clone()).await {
            // S3 may have refused because of the checksums.
            Err(error) if error.status() == Some(403) && checksums.is_some() => {
                Box::pin(self.ask_head(object, why, None)).await
            }
            other => other,
        };
        match answer {
            Ok(answer) => Ok(answer),
            // Boxed, as is everything that few objects need: it would make the future of every object larger.
            Err(error) => Box::pin(self.not_there(object, error)).await,
        }
    }

    async fn ask_head(
        &self,
        object: &ObjectId,
        why: &'static str,
        checksums: Option<ChecksumMode>,
    ) -> Result<HeadAnswer, RequestError> {
        let asked = RequestInfo { operation: "HeadObject", about: object, why };
        let answer = self
            .follow(&object.bucket, asked, |client| {
                let request = client
                    .head_object()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .set_checksum_mode(checksums.clone());
                // Boxed, because the future of the SDK is large, and would be copied several times.
                Box::pin(request.send())
            })
            .await;
        let output = answer?;
        match output.delete_marker() {
            // No object has this header.
            Some(true) => Ok(HeadAnswer::DeleteMarker { version_id: output.version_id }),
            // Every object has both.
            _ if output.e_tag.is_none() && output.last_modified.is_none() => {
                Err(RequestError::unusable("the answer has neither ETag nor Last-Modified, as every object has"))
            }
            _ => Ok(HeadAnswer::Object(Box::new(read(output, self.detail)))),
        }
    }

    /// Interprets an answer other than 200.
    async fn not_there(&self, object: &ObjectId, error: RequestError) -> Result<HeadAnswer, Failure> {
        let error = match error {
            RequestError::Answered(mut answer) => match answer.status {
                404 | 405 if answer.delete_marker => {
                    return Ok(HeadAnswer::DeleteMarker { version_id: answer.version_id });
                }
                404 => {
                    self.bucket_exists(&object.bucket, answer.request_id.is_some()).await?;
                    return Ok(HeadAnswer::NotFound);
                }
                400 | 403 => {
                    self.add_code(object, &mut answer).await;
                    RequestError::Answered(answer)
                }
                _ => RequestError::Answered(answer),
            },
            RequestError::NoAnswer { .. } => error,
        };
        Err(error.failure(&format!("asking for {object}")))
    }

    /// Adds S3's own code and message to the bare answer: a GET of one byte has an error body. Nothing else of that answer is
    /// used.
    async fn add_code(&self, object: &ObjectId, bare: &mut ErrorAnswer) {
        let answer = self.open(object, Some(0..1), None, "the error code that HEAD can't carry").await;
        if let Err(RequestError::Answered(full)) = answer
            && full.status == bare.status
        {
            (bare.code, bare.message) = (full.code, full.message);
        }
    }
}
