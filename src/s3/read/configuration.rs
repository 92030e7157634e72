//! Configurations of buckets, and tags of objects: one request each, read strictly.
//!
//! What a bucket says of itself is kept for as long as the caller allows. A refusal is never an absence: only S3's own code
//! says that there is no such configuration.

use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use s3_answers::{
    AnswerError, BucketVersioning, InventoryConfiguration, LifecycleRules, ReplicationRules,
    read_inventory_configuration, read_inventory_configurations, read_lifecycle, read_replication, read_tags,
    read_versioning,
};

use super::page_history::PageHistory;
use crate::model::{Bucket, Failure, ObjectId};
use crate::s3::client::RawBody;
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;

/// A question that one answer settles.
struct ConfigurationRequest<'a, T> {
    bucket: &'a Bucket,
    request: RequestInfo<'a>,
    /// What is attempted, for messages.
    attempt: String,
    /// What the caller needs to be allowed.
    permission: &'static str,
    /// Our code for an answer that can't be read.
    unreadable: &'static str,
    /// What to do about an answer that can't be read.
    hint: Option<&'static str>,
    /// S3's code for "there is none", and what that means.
    none: Option<(&'static str, T)>,
    read: fn(&[u8]) -> Result<T, AnswerError>,
}

const INVENTORY_PERMISSION: &str = "s3:GetInventoryConfiguration";
const INVENTORY_WHY: &str = "where its inventory reports are";
const UNREADABLE: &str = "UnreadableConfiguration";

impl S3Store {
    /// The bucket's versioning, from an answer no older than `max_age`.
    pub(crate) async fn versioning(&self, bucket: &Bucket, max_age: Duration) -> Result<BucketVersioning, Failure> {
        let question = || ConfigurationRequest {
            bucket,
            request: RequestInfo {
                operation: "GetBucketVersioning",
                about: bucket,
                why: "what a delete would do there",
            },
            attempt: format!("asking for the versioning of bucket {bucket}"),
            permission: "s3:GetBucketVersioning",
            unreadable: UNREADABLE,
            hint: None,
            none: None,
            read: read_versioning,
        };
        let send = |client: Client, body| {
            let request = client.get_bucket_versioning().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.cache_of(bucket).versioning.get(max_age, || self.settle(question(), send)).await
    }

    /// The bucket's replication configuration, from an answer no older than `max_age`; without rules if it has none.
    pub(crate) async fn replication(&self, bucket: &Bucket, max_age: Duration) -> Result<ReplicationRules, Failure> {
        let question = || ConfigurationRequest {
            bucket,
            request: RequestInfo { operation: "GetBucketReplication", about: bucket, why: "which rules apply" },
            attempt: format!("asking for the replication configuration of bucket {bucket}"),
            permission: "s3:GetReplicationConfiguration",
            unreadable: UNREADABLE,
            hint: None,
            none: Some(("ReplicationConfigurationNotFoundError", ReplicationRules::default())),
            read: read_replication,
        };
        let send = |client: Client, body| {
            let request = client.get_bucket_replication().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.cache_of(bucket).replication.get(max_age, || self.settle(question(), send)).await
    }

    /// The bucket's lifecycle, as far as it removes noncurrent versions, from an answer no older than `max_age`; without
    /// rules if it has none.
    pub(crate) async fn lifecycle(&self, bucket: &Bucket, max_age: Duration) -> Result<LifecycleRules, Failure> {
        let question = || ConfigurationRequest {
            bucket,
            request: RequestInfo {
                operation: "GetBucketLifecycleConfiguration",
                about: bucket,
                why: "whether it removes what a delete hides",
            },
            attempt: format!("asking for the lifecycle configuration of bucket {bucket}"),
            permission: "s3:GetLifecycleConfiguration",
            unreadable: UNREADABLE,
            hint: None,
            none: Some(("NoSuchLifecycleConfiguration", LifecycleRules::default())),
            read: read_lifecycle,
        };
        let send = |client: Client, body| {
            let request = client.get_bucket_lifecycle_configuration().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.cache_of(bucket).lifecycle.get(max_age, || self.settle(question(), send)).await
    }

    /// The object's tags, as they are now. They are asked for only if a rule goes by tags.
    pub(crate) async fn tags(&self, object: &ObjectId) -> Result<Vec<(String, String)>, Failure> {
        let question = ConfigurationRequest {
            bucket: &object.bucket,
            request: RequestInfo { operation: "GetObjectTagging", about: object, why: "a rule goes by tags" },
            attempt: format!("asking for the tags of {object}"),
            permission: match object.version_id {
                Some(_) => "s3:GetObjectVersionTagging",
                None => "s3:GetObjectTagging",
            },
            unreadable: "UnreadableTags",
            hint: None,
            none: None,
            read: read_tags,
        };
        let send = |client: Client, body| {
            client
                .get_object_tagging()
                .bucket(object.bucket.as_str())
                .key(&object.key)
                .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                .set_request_payer(self.request_payer.clone())
                .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                .customize()
                .interceptor(body)
                .send()
        };
        self.settle(question, send).await
    }

    /// One inventory configuration of a bucket; `None` if it has none of that name.
    pub(crate) async fn inventory_configuration(
        &self,
        bucket: &Bucket,
        id: &str,
    ) -> Result<Option<InventoryConfiguration>, Failure> {
        let question = ConfigurationRequest {
            bucket,
            request: RequestInfo { operation: "GetBucketInventoryConfiguration", about: bucket, why: INVENTORY_WHY },
            attempt: format!("asking for inventory configuration {id:?} of bucket {bucket}"),
            permission: INVENTORY_PERMISSION,
            unreadable: UNREADABLE,
            hint: None,
            none: Some(("NoSuchConfiguration", None)),
            read: |answer| read_inventory_configuration(answer).map(Some),
        };
        let send = |client: Client, body| {
            let request = client.get_bucket_inventory_configuration().bucket(bucket.as_str()).id(id);
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.settle(question, send).await.map_err(without_inventory)
    }

    /// All inventory configurations of a bucket.
    pub(crate) async fn inventory_configurations(
        &self,
        bucket: &Bucket,
    ) -> Result<Vec<InventoryConfiguration>, Failure> {
        let operation = "ListBucketInventoryConfigurations";
        let attempt = format!("listing the inventory configurations of bucket {bucket}");
        // moto answers with another root element; asked for one configuration it answers as S3 does.
        let hint = Some("give --id with the configuration's name, or name the REPORT");
        let (mut found, mut after) = (Vec::new(), None);
        let mut pages = PageHistory::default();
        loop {
            let question = ConfigurationRequest {
                bucket,
                request: RequestInfo { operation, about: bucket, why: INVENTORY_WHY },
                attempt: attempt.clone(),
                permission: INVENTORY_PERMISSION,
                unreadable: UNREADABLE,
                hint,
                none: None,
                read: read_inventory_configurations,
            };
            let send = |client: Client, body| {
                client
                    .list_bucket_inventory_configurations()
                    .bucket(bucket.as_str())
                    .set_continuation_token(after.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body)
                    .send()
            };
            let page = self.settle(question, send).await.map_err(without_inventory)?;
            let first = page.configurations.first().map(|first| first.id.clone());
            pages
                .check(first.as_ref(), page.next.as_ref())
                .map_err(|cause| Failure::new(UNREADABLE, format!("{attempt}: {cause}"), hint))?;
            found.extend(page.configurations);
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    async fn settle<A, T, E, F>(
        &self,
        question: ConfigurationRequest<'_, A>,
        send: impl Fn(Client, RawBody) -> F,
    ) -> Result<A, Failure>
    where
        T: RequestId,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let ConfigurationRequest { bucket, request, attempt, permission, unreadable, hint, none, read } = question;
        match (self.ask(bucket, request, send).await, none) {
            (Ok(bytes), _) => {
                read(&bytes).map_err(|cause| Failure::new(unreadable, format!("{attempt}: {cause}"), hint))
            }
            (Err(error), Some((code, none))) if error.status() == Some(404) && error.code() == Some(code) => Ok(none),
            (Err(error), _) => Err(error.failure(&attempt).needing(permission, bucket)),
        }
    }
}

/// Reports can be read without their configuration, if the server does not know any.
fn without_inventory(failure: Failure) -> Failure {
    match failure.http_status == Some(405) || failure.http_status == Some(501) || failure.code == "NotImplemented" {
        true => Failure { hint: Some("the server does not know inventories: name the REPORT".to_owned()), ..failure },
        false => failure,
    }
}
