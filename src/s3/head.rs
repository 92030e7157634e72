//! HEAD of an object, and every answer it can get (API Reference, HeadObject; User Guide, "Working with delete markers").

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use jiff::Timestamp;

use super::error::Raw;
use super::store::{Asked, Detail, S3Store};
use crate::model::{Failure, ObjectId};
use crate::status::{HeadAnswer, ObjectHead, Properties};

impl S3Store {
    /// Asks for an object's head: its replication status and what identifies the version that answered.
    ///
    /// # Errors
    /// Everything but "it is there", "a delete marker is there" and "the bucket exists and has no such key": 403 says
    /// neither, a missing bucket is an error, and so is a 404 whose bucket could not be asked.
    pub async fn head(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        let asked = Asked { operation: "HeadObject", about: object, why: "its replication status" };
        let answer = self
            .follow(&object.bucket, asked, |client| {
                client
                    .head_object()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        let raw = match answer {
            // No object has this header, whatever the status says.
            Ok(output) if output.delete_marker() == Some(true) => {
                return Ok(HeadAnswer::DeleteMarker { version_id: output.version_id });
            }
            Ok(output) => return Ok(HeadAnswer::Object(Box::new(read(output, self.detail)))),
            Err(raw) => raw,
        };
        match raw.status {
            Some(404 | 405) if raw.delete_marker => Ok(HeadAnswer::DeleteMarker { version_id: raw.version_id }),
            Some(404) => {
                self.bucket_exists(&object.bucket).await?;
                Ok(HeadAnswer::NotFound)
            }
            Some(400 | 403) => Err(self.with_code(object, raw).await.failure(&attempt(object))),
            _ => Err(raw.failure(&attempt(object))),
        }
    }

    /// Adds S3's own code and message to the bare answer: a GET of one byte of the same thing has a body. Nothing else
    /// of that answer is used.
    async fn with_code(&self, object: &ObjectId, raw: Raw) -> Raw {
        let asked = Asked { operation: "GetObject", about: object, why: "the error code that HEAD can't carry" };
        let answer = self
            .follow(&object.bucket, asked, |client| {
                client
                    .get_object()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .range("bytes=0-0")
                    .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        match answer {
            Err(told) if told.status == raw.status => Raw { code: told.code, message: told.message, ..raw },
            _ => raw,
        }
    }
}

fn attempt(object: &ObjectId) -> String {
    format!("asking for {object}")
}

fn read(output: HeadObjectOutput, detail: Detail) -> ObjectHead {
    let on = |hold: Option<&str>| hold == Some("ON");
    ObjectHead {
        properties: properties(&output, detail),
        encryption: output.server_side_encryption().map(|word| word.as_str().to_owned()),
        archive_status: output.archive_status().map(|tier| tier.as_str().to_owned()),
        replication_status: output.replication_status().map(|word| word.as_str().to_owned()).filter(|w| !w.is_empty()),
        etag: output.e_tag().map(|etag| etag.trim_matches('"').to_owned()),
        size: output.content_length().and_then(|size| u64::try_from(size).ok()),
        last_modified: output.last_modified().and_then(timestamp),
        storage_class: Some(output.storage_class().map_or("STANDARD", |class| class.as_str()).to_owned()),
        retain_until: output.object_lock_retain_until_date().and_then(timestamp),
        legal_hold: on(output.object_lock_legal_hold_status().map(|h| h.as_str()))
            || on(output.object_lock_event_hold().map(|h| h.as_str())),
        version_id: output.version_id,
    }
}

fn properties(output: &HeadObjectOutput, detail: Detail) -> Option<Box<Properties>> {
    let all = || super::properties::read(output);
    match detail {
        Detail::Status => None,
        Detail::Properties => Some(Box::new(all().without_user_metadata())),
        Detail::All => Some(Box::new(all())),
    }
}

pub(super) fn timestamp(time: &aws_sdk_s3::primitives::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), time.subsec_nanos().try_into().ok()?).ok()
}
