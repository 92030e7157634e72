//! HEAD of an object, and every answer it can get (API Reference, HeadObject; User Guide, "Working with delete markers").

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use jiff::Timestamp;

use super::error::RequestError;
use super::locks::{self, ReadableRetention};
use super::store::{HeadDetail, RequestInfo, S3Store};
use crate::model::{Failure, ObjectId, ReplicationStatus};
use crate::status::{Checksum, HeadAnswer, ObjectHead, Properties};

const ENABLED: Option<ChecksumMode> = Some(ChecksumMode::Enabled);

impl S3Store {
    /// Asks for an object's head: its replication status and what identifies the version that answered.
    ///
    /// # Errors
    /// Everything but "it is there", "a delete marker is there" and "the bucket exists and has no such key": 403 says
    /// neither, a missing bucket is an error, and so is a 404 whose bucket could not be asked.
    pub async fn head(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        self.head_for(object, "its replication status", None).await
    }

    /// The same with the object's additional checksums, where it has any and the caller may see them: those of an object
    /// that is encrypted with a KMS key need `kms:Decrypt`, and S3 refuses the whole question without it. It is asked
    /// once more without them then.
    ///
    /// # Errors
    /// As [`S3Store::head`].
    pub async fn head_with_checksums(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        self.head_for(object, "its replication status, and what to compare a replica with", ENABLED).await
    }

    /// Asks a destination for a replica; `checksums` says whether there are any to compare.
    pub(super) async fn head_replica(&self, object: &ObjectId, checksums: bool) -> Result<HeadAnswer, Failure> {
        self.head_for(object, "whether the replica is there", ENABLED.filter(|_| checksums)).await
    }

    async fn head_for(
        &self,
        object: &ObjectId,
        why: &'static str,
        checksums: Option<ChecksumMode>,
    ) -> Result<HeadAnswer, Failure> {
        let raw = match self.ask_head(object, why, checksums.clone()).await {
            // Without checksums nothing could be refused for their sake.
            Err(raw) if raw.status == Some(403) && checksums.is_some() => self.ask_head(object, why, None).await,
            other => other,
        };
        match raw {
            Ok(answer) => Ok(answer),
            Err(raw) => self.not_there(object, raw).await,
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
                client
                    .head_object()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .set_checksum_mode(checksums.clone())
                    .customize()
                    .interceptor(ReadableRetention)
                    .send()
            })
            .await;
        answer.map(|output| match output.delete_marker() {
            // No object has this header, whatever the status says.
            Some(true) => HeadAnswer::DeleteMarker { version_id: output.version_id },
            _ => HeadAnswer::Object(Box::new(read(output, self.detail))),
        })
    }

    /// What an answer other than 200 says.
    async fn not_there(&self, object: &ObjectId, raw: RequestError) -> Result<HeadAnswer, Failure> {
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
    async fn with_code(&self, object: &ObjectId, raw: RequestError) -> RequestError {
        let asked = RequestInfo { operation: "GetObject", about: object, why: "the error code that HEAD can't carry" };
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
            Err(told) if told.status == raw.status => RequestError { code: told.code, message: told.message, ..raw },
            _ => raw,
        }
    }
}

fn attempt(object: &ObjectId) -> String {
    format!("asking for {object}")
}

fn read(output: HeadObjectOutput, detail: HeadDetail) -> ObjectHead {
    let locks = locks::read(&output);
    ObjectHead {
        properties: properties(&output, detail),
        archive_status: output.archive_status().map(|tier| tier.as_str().to_owned()),
        replication_status: ReplicationStatus::of_header(output.replication_status().map_or("", |word| word.as_str())),
        etag: output.e_tag().map(|etag| etag.trim_matches('"').to_owned()),
        size: output.content_length().and_then(|size| u64::try_from(size).ok()),
        last_modified: output.last_modified().and_then(timestamp),
        storage_class: Some(output.storage_class().map_or("STANDARD", |class| class.as_str()).to_owned()),
        retain_until: locks.retain_until,
        retention_unclear: locks.retention_unclear,
        legal_hold: locks.legal_hold,
        event_hold: locks.event_hold,
        encryption: Some(output.server_side_encryption().map_or("", |word| word.as_str()).to_owned()),
        customer_key: output.sse_customer_algorithm().is_some() || output.sse_customer_key_md5().is_some(),
        checksums: checksums(&output),
        version_id: output.version_id,
    }
}

fn properties(output: &HeadObjectOutput, detail: HeadDetail) -> Option<Box<Properties>> {
    let all = || super::properties::read(output);
    match detail {
        HeadDetail::Status => None,
        HeadDetail::Properties => Some(Box::new(all().without_user_metadata())),
        HeadDetail::All => Some(Box::new(all())),
    }
}

fn checksums(output: &HeadObjectOutput) -> Vec<Checksum> {
    let composite = output.checksum_type() == Some(&ChecksumType::Composite);
    checksum_headers(output).map(|(algorithm, value)| Checksum::read(algorithm, value, composite)).collect()
}

/// The additional checksums that came, by S3's names of the algorithms.
pub(super) fn checksum_headers(output: &HeadObjectOutput) -> impl Iterator<Item = (&'static str, &str)> {
    let told = [
        ("CRC32", output.checksum_crc32()),
        ("CRC32C", output.checksum_crc32_c()),
        ("CRC64NVME", output.checksum_crc64_nvme()),
        ("SHA1", output.checksum_sha1()),
        ("SHA256", output.checksum_sha256()),
        ("SHA512", output.checksum_sha512()),
        ("MD5", output.checksum_md5()),
        ("XXHASH64", output.checksum_xxhash64()),
        ("XXHASH3", output.checksum_xxhash3()),
        ("XXHASH128", output.checksum_xxhash128()),
    ];
    told.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)))
}

pub(super) fn timestamp(time: &aws_sdk_s3::primitives::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), time.subsec_nanos().try_into().ok()?).ok()
}
