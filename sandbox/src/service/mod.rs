//! The S3 operations: `s3s` passes typed requests, and the files of this folder answer them.

/// Says in an answer how an object is encrypted.
macro_rules! say_encryption {
    ($out:expr, $sse:expr) => {
        match $sse {
            Sse::S3 => $out.server_side_encryption = Some(ServerSideEncryption::from_static("AES256")),
            Sse::Kms(key) => {
                $out.server_side_encryption = Some(ServerSideEncryption::from_static("aws:kms"));
                $out.ssekms_key_id = key.clone();
            }
            Sse::Customer(md5) => {
                $out.sse_customer_algorithm = Some("AES256".to_owned());
                $out.sse_customer_key_md5 = Some(md5.clone());
            }
        }
    };
}

/// Puts a checksum into the field of an answer that is for its kind.
macro_rules! say_checksum {
    ($out:expr, $kind:expr, $value:expr) => {{
        let value = Some($value.clone());
        match $kind {
            ChecksumKind::Crc32 => $out.checksum_crc32 = value,
            ChecksumKind::Crc32c => $out.checksum_crc32c = value,
            ChecksumKind::Crc64Nvme => $out.checksum_crc64nvme = value,
            ChecksumKind::Sha1 => $out.checksum_sha1 = value,
            ChecksumKind::Sha256 => $out.checksum_sha256 = value,
        }
    }};
}

mod access;
mod annotations;
mod buckets;
mod configs;
mod deletes;
mod list;
mod meta;
mod missing;
mod multipart;
mod raw;
mod read;
mod write;

use std::sync::Arc;

use s3s::dto::*;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};

pub(crate) use access::AccessControl;
pub(crate) use raw::RawRoute;

use crate::world::World;

#[derive(Clone)]
pub(crate) struct Service {
    world: Arc<World>,
}

impl Service {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world }
    }
}

/// Largest body taken: S3's limit for one PUT.
const LARGEST: usize = 5 << 30;

/// Reads a body to its end, where `s3s` checks what was signed.
async fn collect(body: Option<StreamingBlob>) -> S3Result<bytes::Bytes> {
    match body {
        None => Ok(bytes::Bytes::new()),
        Some(blob) => Body::from(blob).store_all_limited(LARGEST).await.map_err(|_| {
            s3_error!(
                IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header"
            )
        }),
    }
}

/// Writes out one trait method per operation that needs no body of its own.
macro_rules! operations {
    ($($name:ident($input:ty) -> $output:ty;)*) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            $(
                async fn $name(&self, req: S3Request<$input>) -> S3Result<S3Response<$output>> {
                    self.$name(req).map(S3Response::new)
                }
            )*

            async fn put_object(
                &self,
                mut req: S3Request<PutObjectInput>,
            ) -> S3Result<S3Response<PutObjectOutput>> {
                let body = collect(req.input.body.take()).await?;
                self.put_object(req, body).map(S3Response::new)
            }

            // The number of tags and event holds have no place in the type of the answer.
            async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
                let (output, headers) = self.head_object(req)?;
                Ok(S3Response::with_headers(output, headers))
            }

            async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
                let (output, headers) = self.get_object(req)?;
                Ok(S3Response::with_headers(output, headers))
            }

            async fn upload_part(
                &self,
                mut req: S3Request<UploadPartInput>,
            ) -> S3Result<S3Response<UploadPartOutput>> {
                let body = collect(req.input.body.take()).await?;
                self.upload_part(req, body).map(S3Response::new)
            }
        }
    };
}

operations! {
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    copy_object(CopyObjectInput) -> CopyObjectOutput;
    create_bucket(CreateBucketInput) -> CreateBucketOutput;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput;
    delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput) -> DeleteBucketInventoryConfigurationOutput;
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
    get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput) -> GetBucketInventoryConfigurationOutput;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput;
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput;
    get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput;
    head_bucket(HeadBucketInput) -> HeadBucketOutput;
    list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput) -> ListBucketInventoryConfigurationsOutput;
    list_buckets(ListBucketsInput) -> ListBucketsOutput;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput;
    list_objects(ListObjectsInput) -> ListObjectsOutput;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
    list_parts(ListPartsInput) -> ListPartsOutput;
    put_bucket_inventory_configuration(PutBucketInventoryConfigurationInput) -> PutBucketInventoryConfigurationOutput;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput;
    put_object_lock_configuration(PutObjectLockConfigurationInput) -> PutObjectLockConfigurationOutput;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput;
}

/// Milliseconds since 1970 as `s3s` carries times.
fn stamp(ms: i64) -> Timestamp {
    Timestamp::from(std::time::SystemTime::from(crate::text::time(ms)))
}

/// And back, cut to milliseconds.
fn millis(stamp: &Timestamp) -> i64 {
    let mut text = Vec::new();
    let written = stamp.format(TimestampFormat::DateTime, &mut text);
    written
        .ok()
        .and_then(|()| std::str::from_utf8(&text).ok()?.parse::<jiff::Timestamp>().ok())
        .map_or(0, |time| time.as_millisecond())
}
