//! What is asked of a bucket itself: whether it exists, its Region, its versioning, its replication configuration.
//! Answers are kept for as long as the caller allows.

use std::time::Duration;

use s3_answers::{
    AnswerError, BucketVersioning, LifecycleRules, ReplicationRules, Versioning, read_lifecycle, read_replication,
    read_versioning,
};

use super::error::RequestError;
use super::guard::RawBody;
use super::store::{RequestInfo, S3Store};
use crate::model::{Bucket, Failure};

/// HeadBucket's answer; S3 names the Region also to callers without permissions.
#[derive(Debug, Clone)]
pub(super) struct BucketAnswer {
    pub(super) region: Option<String>,
    existence: BucketExistence,
}

#[derive(Debug, Clone)]
enum BucketExistence {
    Exists,
    Missing,
    Unknown(Failure),
}

impl S3Store {
    pub(super) async fn head_bucket(&self, bucket: &Bucket) -> BucketAnswer {
        let known = self.known(bucket);
        known.head.get_or_init(|| self.ask_head_bucket(bucket)).await.clone()
    }

    async fn ask_head_bucket(&self, bucket: &Bucket) -> BucketAnswer {
        let asked = RequestInfo { operation: "HeadBucket", about: bucket, why: "its Region, and whether it exists" };
        let request = self
            .home_client()
            .head_bucket()
            .bucket(bucket.as_str())
            .set_expected_bucket_owner(self.expected_bucket_owner.clone())
            .send();
        match self.traced(asked, request).await {
            Ok(output) => {
                BucketAnswer { region: output.bucket_region().map(str::to_owned), existence: BucketExistence::Exists }
            }
            Err(raw) => {
                let region = raw.bucket_region.clone();
                let existence = match raw.status {
                    Some(404) => BucketExistence::Missing,
                    // Only an existing bucket is in another Region, or forbidden.
                    Some(301 | 307 | 403) => BucketExistence::Exists,
                    Some(400) if region.is_some() => BucketExistence::Exists,
                    _ => BucketExistence::Unknown(raw.failure(&format!("asking whether bucket {bucket} exists"))),
                };
                BucketAnswer { region, existence }
            }
        }
    }

    /// Makes sure that a 404 was about the key, not about the bucket.
    pub(super) async fn bucket_exists(&self, bucket: &Bucket) -> Result<(), Failure> {
        match self.head_bucket(bucket).await.existence {
            BucketExistence::Exists => Ok(()),
            BucketExistence::Unknown(failure) => Err(failure),
            BucketExistence::Missing => Err(Failure {
                http_status: Some(404),
                ..Failure::new(
                    "NoSuchBucket",
                    format!("there is no bucket {bucket}"),
                    Some("check the bucket's name, the account and the endpoint"),
                )
            }),
        }
    }

    /// The bucket's versioning, from an answer no older than `max_age`.
    ///
    /// # Errors
    /// S3 refused to say (`s3:GetBucketVersioning`), or no usable answer came.
    pub async fn versioning(&self, bucket: &Bucket, max_age: Duration) -> Result<Versioning, Failure> {
        Ok(self.versioning_and_mfa(bucket, max_age).await?.status)
    }

    /// The same, and whether MFA delete is on: S3 then wants a token for each removal of a version ("Configuring MFA
    /// delete" in the S3 User Guide).
    ///
    /// # Errors
    /// As [`S3Store::versioning`].
    pub async fn versioning_and_mfa(&self, bucket: &Bucket, max_age: Duration) -> Result<BucketVersioning, Failure> {
        let known = self.known(bucket);
        known.versioning.get(max_age, || self.ask_versioning(bucket)).await
    }

    async fn ask_versioning(&self, bucket: &Bucket) -> Result<BucketVersioning, Failure> {
        let asked =
            RequestInfo { operation: "GetBucketVersioning", about: bucket, why: "what a delete would do there" };
        let body = RawBody::default();
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_versioning()
                    .bucket(bucket.as_str())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for the versioning of bucket {bucket}");
        match body.of(answer) {
            Ok(bytes) => read_versioning(&bytes).map_err(|cause| unreadable(&attempt, &cause)),
            Err(raw) => Err(raw.failure(&attempt).needing("s3:GetBucketVersioning", bucket)),
        }
    }

    /// The bucket's replication configuration, from an answer no older than `max_age`; without rules where it has none.
    ///
    /// # Errors
    /// S3 refused to say (`s3:GetReplicationConfiguration`), or no usable answer came.
    pub async fn replication(&self, bucket: &Bucket, max_age: Duration) -> Result<ReplicationRules, Failure> {
        let known = self.known(bucket);
        known.replication.get(max_age, || self.ask_replication(bucket)).await
    }

    async fn ask_replication(&self, bucket: &Bucket) -> Result<ReplicationRules, Failure> {
        let asked = RequestInfo { operation: "GetBucketReplication", about: bucket, why: "which rules apply" };
        let body = RawBody::default();
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_replication()
                    .bucket(bucket.as_str())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for the replication configuration of bucket {bucket}");
        match body.of(answer) {
            Ok(bytes) => read_replication(&bytes).map_err(|cause| unreadable(&attempt, &cause)),
            Err(RequestError { code: Some(code), status: Some(404), .. })
                if code == "ReplicationConfigurationNotFoundError" =>
            {
                Ok(ReplicationRules::default())
            }
            Err(raw) => Err(raw.failure(&attempt).needing("s3:GetReplicationConfiguration", bucket)),
        }
    }

    /// The bucket's lifecycle, as far as it removes noncurrent versions, from an answer no older than `max_age`; without
    /// rules where it has none.
    ///
    /// # Errors
    /// S3 refused to say (`s3:GetLifecycleConfiguration`), or no usable answer came.
    pub async fn lifecycle(&self, bucket: &Bucket, max_age: Duration) -> Result<LifecycleRules, Failure> {
        let known = self.known(bucket);
        known.lifecycle.get(max_age, || self.ask_lifecycle(bucket)).await
    }

    async fn ask_lifecycle(&self, bucket: &Bucket) -> Result<LifecycleRules, Failure> {
        let why = "whether it removes what a delete hides";
        let asked = RequestInfo { operation: "GetBucketLifecycleConfiguration", about: bucket, why };
        let body = RawBody::default();
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_lifecycle_configuration()
                    .bucket(bucket.as_str())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for the lifecycle configuration of bucket {bucket}");
        match body.of(answer) {
            Ok(bytes) => read_lifecycle(&bytes).map_err(|cause| unreadable(&attempt, &cause)),
            Err(RequestError { code: Some(code), status: Some(404), .. }) if code == "NoSuchLifecycleConfiguration" => {
                Ok(LifecycleRules::default())
            }
            Err(raw) => Err(raw.failure(&attempt).needing("s3:GetLifecycleConfiguration", bucket)),
        }
    }
}

/// An answer that our own reader refused.
fn unreadable(attempt: &str, cause: &AnswerError) -> Failure {
    Failure::new("UnreadableConfiguration", format!("{attempt}: {cause}"), None)
}
