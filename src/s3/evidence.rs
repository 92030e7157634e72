//! Collects the evidence for the decision about a delete.

use std::time::Duration;

use super::replicas::Replicas;
use super::store::S3Store;
use crate::deletion::{BucketFacts, DeleteMode, Evidence};
use crate::model::{Bucket, Failure, ObjectId, StatusClass};
use crate::status::HeadAnswer;

/// The maximum age of cached answers about a bucket. It counts as part of the age of the check.
const BUCKET_HOLDS: Duration = Duration::from_millis(500);

impl S3Store {
    /// Everything that the decision about a delete needs: a new HEAD, answers about the bucket, the annotations of a version
    /// that is removed, and with `replicas` the replicas of a version that S3 calls replicated.
    pub(crate) async fn evidence(
        &self,
        object: &ObjectId,
        mode: DeleteMode,
        replicas: Option<&Replicas<'_>>,
    ) -> Evidence {
        // Before the first question, and before any cached answer was asked for. A later moment would hide that a clock was
        // set back since.
        let asked_at = self.clock().now().earlier(BUCKET_HOLDS);
        let about = about(object, mode);
        let head = match replicas {
            None => self.head(&about).await,
            Some(_) => self.head_with_checksums(&about).await,
        };
        let bucket = self.bucket_facts(&object.bucket).await;
        // A version that is not replicated is kept: nothing else matters.
        let replicated = match &head {
            Ok(HeadAnswer::Object(found)) => {
                Some(found).filter(|found| found.replication_status.class() == StatusClass::Replicated)
            }
            Ok(HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. }) | Err(_) => None,
        };
        let annotations = match (mode, replicated) {
            (DeleteMode::Permanent, Some(_)) => Some(self.annotations(object).await),
            (DeleteMode::Permanent, None) | (DeleteMode::Hide, _) => None,
        };
        let replicas = match (replicas, replicated) {
            (Some(replicas), Some(found)) => Some(replicas.verify(object, found, &bucket.rules).await),
            (Some(_), None) | (None, _) => None,
        };
        Evidence { head, bucket, replicas, annotations, asked_at }
    }

    /// HEADs the version that a delete would affect: the current version, or the named one.
    pub(crate) async fn look(&self, object: &ObjectId, mode: DeleteMode) -> Result<HeadAnswer, Failure> {
        self.head(&about(object, mode)).await
    }

    /// What decisions need to know about the bucket.
    pub(crate) async fn bucket_facts(&self, bucket: &Bucket) -> BucketFacts {
        // A cached answer may be as old as that.
        let asked_at = self.clock().now().earlier(BUCKET_HOLDS);
        let versioning = self.versioning(bucket, BUCKET_HOLDS).await;
        let mfa_delete = versioning.as_ref().is_ok_and(|found| found.mfa_delete);
        let rules = self.replication(bucket, BUCKET_HOLDS).await;
        BucketFacts { versioning: versioning.map(|found| found.status), mfa_delete, rules, asked_at }
    }
}

fn about(object: &ObjectId, mode: DeleteMode) -> ObjectId {
    match mode {
        DeleteMode::Hide => ObjectId { version_id: None, ..object.clone() },
        DeleteMode::Permanent => object.clone(),
    }
}
