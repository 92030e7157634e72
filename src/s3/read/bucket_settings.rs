//! What else a bucket is set up with, and which buckets there are. Only `doctor` asks, once for each bucket: nothing is cached.

use aws_sdk_s3::Client;
use s3_answers::{
    DefaultEncryption, Notifications, ObjectLock, read_buckets, read_default_encryption, read_notifications,
    read_object_lock,
};

use super::configuration::ConfigurationRequest;
use super::page_history::PageHistory;
use crate::model::{Bucket, Failure, ObjectId};
use crate::s3::client::RawBody;
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;

/// AWS allows an account a million buckets.
const MOST_BUCKETS: usize = 1_000_000;

impl S3Store {
    /// The bucket's Object Lock; off if it has no configuration.
    pub(crate) async fn object_lock(&self, bucket: &Bucket) -> Result<ObjectLock, Failure> {
        let why = "whether versions can be locked";
        let request = RequestInfo { operation: "GetObjectLockConfiguration", about: bucket, why };
        let (what, permission) = ("the Object Lock configuration", "s3:GetBucketObjectLockConfiguration");
        let asked = ConfigurationRequest::of(bucket, request, what, permission, read_object_lock).or_a_list();
        let asked = asked.or("ObjectLockConfigurationNotFoundError", ObjectLock::default());
        let send = |client: Client, body: RawBody| {
            let request = client.get_object_lock_configuration().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.settle(asked, send).await
    }

    /// How the bucket encrypts new objects by default; `None` if it does not.
    pub(crate) async fn default_encryption(&self, bucket: &Bucket) -> Result<Option<DefaultEncryption>, Failure> {
        let why = "whether new objects are encrypted with a KMS key";
        let request = RequestInfo { operation: "GetBucketEncryption", about: bucket, why };
        let (what, permission) = ("the default encryption", "s3:GetEncryptionConfiguration");
        let read = |answer: &[u8]| read_default_encryption(answer).map(Some);
        let asked = ConfigurationRequest::of(bucket, request, what, permission, read).or_a_list();
        let asked = asked.or("ServerSideEncryptionConfigurationNotFoundError", None);
        let send = |client: Client, body: RawBody| {
            let request = client.get_bucket_encryption().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.settle(asked, send).await
    }

    /// Which events of the bucket go where.
    pub(crate) async fn notifications(&self, bucket: &Bucket) -> Result<Notifications, Failure> {
        let why = "whether failures of replication are reported";
        let request = RequestInfo { operation: "GetBucketNotificationConfiguration", about: bucket, why };
        let (what, permission) = ("the notifications", "s3:GetBucketNotification");
        let asked = ConfigurationRequest::of(bucket, request, what, permission, read_notifications).or_a_list();
        let send = |client: Client, body: RawBody| {
            let request = client.get_bucket_notification_configuration().bucket(bucket.as_str());
            request.set_expected_bucket_owner(self.expected_bucket_owner.clone()).customize().interceptor(body).send()
        };
        self.settle(asked, send).await
    }

    /// All buckets of the account, in S3's order.
    pub(crate) async fn buckets(&self) -> Result<Vec<Bucket>, Failure> {
        let attempt = "listing the buckets of the account";
        let unreadable = |cause: &dyn std::fmt::Display| {
            Failure::new("UnreadableList", format!("{attempt}: {cause}"), Some("is that an S3 endpoint?"))
        };
        let (mut found, mut after) = (Vec::new(), None);
        let mut pages = PageHistory::default();
        loop {
            let bytes = self.ask_buckets(after.clone()).await.map_err(|error| {
                let failure = error.failure(attempt);
                let denied = failure.is_denied();
                let hint = denied.then(|| "it needs s3:ListAllMyBuckets; or name the buckets".to_owned());
                Failure { hint: hint.or(failure.hint.clone()), ..failure }
            })?;
            let page = read_buckets(&bytes).map_err(|cause| unreadable(&cause))?;
            let first = page.buckets.first().cloned();
            pages.check(first.as_ref(), page.next.as_ref()).map_err(|cause| unreadable(&cause))?;
            found.extend(page.buckets);
            if found.len() > MOST_BUCKETS {
                return Err(unreadable(&format!("the server lists more than {MOST_BUCKETS} buckets")));
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// Whether the server refuses a HEAD whose If-Match is for another object. `object` must exist.
    pub(crate) async fn supports_if_match(&self, object: &ObjectId) -> Result<bool, Failure> {
        let why = "whether the server supports If-Match";
        let asked = RequestInfo { operation: "HeadObject", about: object, why };
        let answer = self
            .follow(&object.bucket, asked, |client| {
                client
                    .head_object()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .if_match("\"00000000000000000000000000000000\"")
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        match answer {
            Ok(_) => Ok(false),
            Err(error) if error.status() == Some(412) => Ok(true),
            Err(error) => Err(error.failure(&format!("asking for {object} with If-Match"))),
        }
    }
}
