//! Configurations of buckets, and tags of objects: one request each, parsed strictly.
//!
//! Configurations are cached for as long as the caller allows. A refusal never counts as absence: only S3's own code says that
//! a configuration does not exist.

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
use crate::model::{Bucket, Failure, FailureKind, ObjectId};
use crate::s3::client::RawBody;
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;

/// A question that needs one answer.
pub(super) struct ConfigurationRequest<'a, T> {
    bucket: &'a Bucket,
    request: RequestInfo<'a>,
    /// What is attempted, for messages.
    attempt: String,
    permission: &'static str,
    /// Our code for an answer that can't be read.
    unreadable: &'static str,
    /// What to do if the answer can't be read.
    hint: Option<&'static str>,
    /// S3's code for a configuration that does not exist, and the value for it.
    none: Option<(&'static str, T)>,
    /// Whether a server that does not know the request may answer as if it listed objects.
    may_list_instead: bool,
    read: fn(&[u8]) -> Result<T, AnswerError>,
}

impl<'a, T> ConfigurationRequest<'a, T> {
    /// Asks for `what` of the bucket.
    pub(super) fn of(
        bucket: &'a Bucket,
        request: RequestInfo<'a>,
        what: &str,
        permission: &'static str,
        read: fn(&[u8]) -> Result<T, AnswerError>,
    ) -> Self {
        Self {
            bucket,
            request,
            attempt: format!("asking for {what} of bucket {bucket}"),
            permission,
            unreadable: UNREADABLE,
            hint: None,
            none: None,
            may_list_instead: false,
            read,
        }
    }

    /// A list of objects instead of the configuration means that the server does not support the request. Not for what
    /// decides about a delete: there, such an answer is an error.
    pub(super) fn or_a_list(self) -> Self {
        Self { may_list_instead: true, ..self }
    }

    /// With S3's code for a configuration that does not exist, and the value for it.
    pub(super) fn or(self, code: &'static str, none: T) -> Self {
        Self { none: Some((code, none)), ..self }
    }
}

const INVENTORY_PERMISSION: &str = "s3:GetInventoryConfiguration";
const INVENTORY_WHY: &str = "where its inventory reports are";
const UNREADABLE: &str = "UnreadableConfiguration";
/// AWS allows a bucket a thousand ("Amazon S3 Inventory" in the S3 User Guide).
const MOST_INVENTORIES: usize = 1000;
/// The root of a list of objects.
const LIST: &str = "ListBucketResult";

impl S3Store {
    /// The bucket's versioning, from an answer no older than `max_age`.
    pub(crate) async fn versioning(&self, bucket: &Bucket, max_age: Duration) -> Result<BucketVersioning, Failure> {
        let request = RequestInfo { operation: "GetBucketVersioning", about: bucket, why: "what a delete does there" };
        let question =
            || ConfigurationRequest::of(bucket, request, "the versioning", "s3:GetBucketVersioning", read_versioning);
        let send = |client: Client, body| {
            let request = client.get_bucket_versioning().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.cache_of(bucket).versioning.get(max_age, self.clock(), || self.settle(question(), send)).await
    }

    /// The bucket's replication configuration, from an answer no older than `max_age`; without rules if it has none.
    pub(crate) async fn replication(&self, bucket: &Bucket, max_age: Duration) -> Result<ReplicationRules, Failure> {
        let request = RequestInfo { operation: "GetBucketReplication", about: bucket, why: "which rules apply" };
        let question = || {
            let (what, permission) = ("the replication configuration", "s3:GetReplicationConfiguration");
            ConfigurationRequest::of(bucket, request, what, permission, read_replication)
                .or("ReplicationConfigurationNotFoundError", ReplicationRules::default())
        };
        let send = |client: Client, body| {
            let request = client.get_bucket_replication().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.cache_of(bucket).replication.get(max_age, self.clock(), || self.settle(question(), send)).await
    }

    /// The bucket's lifecycle, as far as it removes noncurrent versions, from an answer no older than `max_age`; without
    /// rules if it has none.
    pub(crate) async fn lifecycle(&self, bucket: &Bucket, max_age: Duration) -> Result<LifecycleRules, Failure> {
        let why = "whether it removes hidden versions";
        let request = RequestInfo { operation: "GetBucketLifecycleConfiguration", about: bucket, why };
        let question = || {
            let (what, permission) = ("the lifecycle configuration", "s3:GetLifecycleConfiguration");
            ConfigurationRequest::of(bucket, request, what, permission, read_lifecycle)
                .or("NoSuchLifecycleConfiguration", LifecycleRules::default())
        };
        let send = |client: Client, body| {
            let request = client.get_bucket_lifecycle_configuration().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.cache_of(bucket).lifecycle.get(max_age, self.clock(), || self.settle(question(), send)).await
    }

    /// The object's current tags. They are only asked for if a rule depends on tags.
    pub(crate) async fn tags(&self, object: &ObjectId) -> Result<Vec<(String, String)>, Failure> {
        let request = RequestInfo { operation: "GetObjectTagging", about: object, why: "a rule depends on tags" };
        let permission = match object.version_id {
            Some(_) => "s3:GetObjectVersionTagging",
            None => "s3:GetObjectTagging",
        };
        let attempt = format!("asking for the tags of {object}");
        let unreadable =
            |cause: &dyn std::fmt::Display| Failure::new("UnreadableTags", format!("{attempt}: {cause}"), None);
        let body = RawBody::default();
        let send = |client: Client| {
            client
                .get_object_tagging()
                .bucket(object.bucket.as_str())
                .key(&object.key)
                .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                .set_request_payer(self.request_payer.clone())
                .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                .customize()
                .interceptor(body.clone())
                .send()
        };
        let answer = self.follow(&object.bucket, request, send).await;
        let answered = body.version_id();
        let answer = body.of(answer).map_err(|error| error.failure(&attempt).needing(permission, &object.bucket))?;
        // Many servers leave the header out.
        if let (Some(asked), Some(answered)) = (&object.version_id, &answered)
            && asked.as_str() != answered
        {
            return Err(unreadable(&format!("the answer is about version {answered}")));
        }
        read_tags(&answer).map_err(|cause| unreadable(&cause))
    }

    /// One inventory configuration of a bucket; `None` if it has none of that name.
    pub(crate) async fn inventory_configuration(
        &self,
        bucket: &Bucket,
        id: &str,
    ) -> Result<Option<InventoryConfiguration>, Failure> {
        let request = RequestInfo { operation: "GetBucketInventoryConfiguration", about: bucket, why: INVENTORY_WHY };
        let what = format!("inventory configuration {id:?}");
        let read = |answer: &[u8]| read_inventory_configuration(answer).map(Some);
        let question = ConfigurationRequest::of(bucket, request, &what, INVENTORY_PERMISSION, read)
            .or("NoSuchConfiguration", None);
        let attempt = question.attempt.clone();
        let send = |client: Client, body| {
            let request = client.get_bucket_inventory_configuration().bucket(bucket.as_str()).id(id);
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        match self.settle(question, send).await.map_err(without_inventory)? {
            Some(answered) if answered.id != id => {
                let cause = format!("the answer is about inventory configuration {:?}", answered.id);
                Err(Failure::new(UNREADABLE, format!("{attempt}: {cause}"), Some("is that an S3 endpoint?")))
            }
            answered => Ok(answered),
        }
    }

    /// All inventory configurations of a bucket.
    pub(crate) async fn inventory_configurations(
        &self,
        bucket: &Bucket,
    ) -> Result<Vec<InventoryConfiguration>, Failure> {
        let request = RequestInfo { operation: "ListBucketInventoryConfigurations", about: bucket, why: INVENTORY_WHY };
        let attempt = format!("listing the inventory configurations of bucket {bucket}");
        // moto answers with another root element. Asked for one configuration, it answers as S3 does.
        let hint = Some("give --id with the configuration's name, or name the REPORT");
        let (mut found, mut after) = (Vec::new(), None);
        let (mut pages, mut page_count) = (PageHistory::default(), 0);
        loop {
            let read = read_inventory_configurations;
            let asked = ConfigurationRequest::of(bucket, request, "configurations", INVENTORY_PERMISSION, read);
            let question = ConfigurationRequest { attempt: attempt.clone(), hint, ..asked.or_a_list() };
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
            let unreadable =
                |cause: &dyn std::fmt::Display| Failure::new(UNREADABLE, format!("{attempt}: {cause}"), hint);
            pages.check(first.as_ref(), page.next.as_ref()).map_err(|cause| unreadable(&cause))?;
            found.extend(page.configurations);
            page_count += 1;
            // Pages are counted too, because a server may send empty pages without end.
            if found.len().max(page_count) > MOST_INVENTORIES {
                return Err(unreadable(&format!(
                    "the server lists more than {MOST_INVENTORIES} configurations or pages"
                )));
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    pub(super) async fn settle<A, T, E, F>(
        &self,
        question: ConfigurationRequest<'_, A>,
        send: impl Fn(Client, RawBody) -> F,
    ) -> Result<A, Failure>
    where
        T: RequestId,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let ConfigurationRequest {
            bucket,
            request,
            attempt,
            permission,
            unreadable,
            hint,
            none,
            may_list_instead,
            read,
        } = question;
        match (self.ask(bucket, request, send).await, none) {
            (Ok(bytes), _) => read(&bytes).map_err(|cause| match &cause {
                AnswerError::Root { found, .. } if may_list_instead && found == LIST && self.has_custom_endpoint() => {
                    let message = format!("{attempt}: the server answers with a list of objects");
                    Failure { kind: FailureKind::NotImplemented, ..Failure::new("NotImplemented", message, hint) }
                }
                _ => Failure::new(unreadable, format!("{attempt}: {cause}"), hint),
            }),
            (Err(error), Some((code, none))) if error.status() == Some(404) && error.code() == Some(code) => Ok(none),
            (Err(error), _) => Err(error.failure(&attempt).needing(permission, bucket)),
        }
    }
}

/// Reports can be read without their configuration, if the server does not support inventories.
fn without_inventory(failure: Failure) -> Failure {
    match failure.http_status == Some(405) || failure.http_status == Some(501) || failure.code == "NotImplemented" {
        true => {
            Failure { hint: Some("the server does not support inventories: name the REPORT".to_owned()), ..failure }
        }
        false => failure,
    }
}
