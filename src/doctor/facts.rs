//! What was read of a bucket. A failed reading stays a failure: a check that needs it is then unknown.

use jiff::Timestamp;
use s3_answers::{
    Bucket, BucketVersioning, DefaultEncryption, InventoryConfiguration, LifecycleRules, Notifications, ObjectId,
    ObjectLock, ReplicationRules,
};

use super::location::BucketLocation;
use crate::model::Failure;
use crate::status::{HeadAnswer, another_version};

pub(crate) type Reading<T> = Result<T, Failure>;

/// Everything that the checks of one bucket look at.
#[derive(Debug)]
pub(crate) struct SetUpFacts {
    pub(crate) location: BucketLocation,
    pub(crate) now: Timestamp,
    /// The account of the credentials, if they have one; `None` also for unsigned requests.
    pub(crate) account: Option<String>,
    pub(crate) signed: bool,
    /// The Region that the first request was signed for.
    pub(crate) first_region: String,
    /// With `--allow-empty`, a bucket without objects makes a check `warn`, not `unknown`.
    pub(crate) allow_empty: bool,
    pub(crate) head: Reading<()>,
    pub(crate) source: SourceFacts,
    pub(crate) destinations: Vec<DestinationFacts>,
    /// Texts in rules that are not the name of a bucket.
    pub(crate) not_buckets: Vec<Failure>,
}

/// What was read of the bucket after its HEAD.
#[derive(Debug)]
pub(crate) struct SourceFacts {
    pub(crate) versioning: Reading<BucketVersioning>,
    pub(crate) rules: Reading<ReplicationRules>,
    pub(crate) object_lock: Reading<ObjectLock>,
    pub(crate) encryption: Reading<Option<DefaultEncryption>>,
    pub(crate) lifecycle: Reading<LifecycleRules>,
    pub(crate) notifications: Reading<Notifications>,
    pub(crate) inventory: InventoryFacts,
    pub(crate) samples: Reading<SampleObjects>,
    /// Whether versions can be listed.
    pub(crate) versions: Reading<()>,
}

impl SourceFacts {
    /// Nothing was read, because of this failure.
    pub(crate) fn none(why: &Failure) -> Self {
        Self {
            versioning: Err(why.clone()),
            rules: Err(why.clone()),
            object_lock: Err(why.clone()),
            encryption: Err(why.clone()),
            lifecycle: Err(why.clone()),
            notifications: Err(why.clone()),
            inventory: InventoryFacts::unread(why),
            samples: Err(why.clone()),
            versions: Err(why.clone()),
        }
    }
}

/// The first objects of a bucket, which show what the server answers and what the caller may read.
#[derive(Debug, Default)]
pub(crate) struct SampleObjects {
    pub(crate) heads: Vec<(ObjectId, Reading<HeadAnswer>)>,
    /// HEAD of one of them by its version ID; a failure unless the answer is that version. `None` if none of them answered.
    pub(crate) by_version: Option<Reading<()>>,
    pub(crate) annotations: Option<Reading<()>>,
    /// Whether the server refuses a HEAD with an If-Match for another object; asked of servers other than AWS.
    pub(crate) supports_if_match: Option<Reading<bool>>,
}

/// Whether the answer to HEAD by a version ID is the object with this ID. S3 named the ID in an answer a moment ago.
pub(crate) fn is_that_version(asked: &ObjectId, answer: &HeadAnswer) -> Reading<()> {
    match answer {
        HeadAnswer::Object(head)
            if asked.version_id.as_ref().is_some_and(|id| id.is_named_by(head.version_id.as_deref())) =>
        {
            Ok(())
        }
        HeadAnswer::Object(_) => Err(another_version(asked)),
        HeadAnswer::DeleteMarker { .. } | HeadAnswer::NotFound => Err(Failure::new(
            "VersionNotFound",
            format!("asking for {asked}: there is no such version, although an answer named it a moment ago"),
            Some("try again; if this happens again, this server does not find versions by their ID"),
        )),
    }
}

/// A destination bucket.
#[derive(Debug)]
pub(crate) struct DestinationFacts {
    pub(crate) location: BucketLocation,
    pub(crate) head: Reading<()>,
    pub(crate) versioning: Reading<BucketVersioning>,
    pub(crate) object_lock: Reading<ObjectLock>,
    pub(crate) lifecycle: Reading<LifecycleRules>,
    pub(crate) inventory: InventoryFacts,
    /// HEAD of the version that a sample of the source has; `None` without a sample.
    pub(crate) replica: Option<Reading<()>>,
}

/// The inventories of a bucket.
#[derive(Debug)]
pub(crate) struct InventoryFacts {
    pub(crate) configurations: Reading<Vec<InventoryConfiguration>>,
    /// Of the best configurations that `inventory` can use, or of the first of them.
    pub(crate) newest: Vec<NewestDelivery>,
    /// As good as those, and their reports were not looked for.
    pub(crate) not_looked_at: usize,
}

impl InventoryFacts {
    /// Nothing was read, because of this failure.
    pub(crate) fn unread(why: &Failure) -> Self {
        Self { configurations: Err(why.clone()), newest: Vec::new(), not_looked_at: 0 }
    }
}

/// The newest report that a configuration has delivered.
#[derive(Debug)]
pub(crate) struct NewestDelivery {
    /// The configuration's name.
    pub(crate) id: String,
    pub(crate) weekly: bool,
    /// The bucket for reports.
    pub(crate) location: BucketLocation,
    /// The newest complete report; `None` if there is none yet.
    pub(crate) found: Reading<Option<DeliveredReport>>,
}

#[derive(Debug)]
pub(crate) struct DeliveredReport {
    /// The address of its manifest.
    pub(crate) manifest: String,
    /// When its scan began, and the fileSchema's columns; a failure if the manifest can't be read or trusted.
    pub(crate) opened: Reading<OpenedReport>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenedReport {
    pub(crate) scanned_at: Timestamp,
    pub(crate) lacks: Vec<&'static str>,
    /// Whether it lists all versions.
    pub(crate) has_versions: bool,
}

impl SetUpFacts {
    pub(super) fn bucket(&self) -> &Bucket {
        &self.location.bucket
    }

    /// Whether the server is not AWS.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.location.endpoint.is_some()
    }
}

/// Whether a failure says that the bucket does not exist.
pub(super) fn is_missing(reading: &Reading<()>) -> bool {
    reading.as_ref().is_err_and(|failure| failure.http_status == Some(404) && failure.code == "NoSuchBucket")
}
