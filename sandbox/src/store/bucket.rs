//! A bucket: what a test asks for, and what the store keeps.

use std::collections::BTreeMap;

use bytes::Bytes;
use s3s::dto::InventoryConfiguration;

use super::task::Forced;
use super::version::{Extra, LockMode, Version};
use crate::rules::Replication;

/// The account that owns every bucket unless [`Bucket::owner`] names another.
pub(crate) const OWNER: &str = "111122223333";

/// Whether a bucket keeps old versions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Versioning {
    /// Never switched on: writes replace, deletes are permanently.
    #[default]
    Never,
    /// Every write makes a version, a plain delete makes a marker.
    Enabled,
    /// Switched off again: old versions stay, writes and plain deletes replace the `null` one.
    Suspended,
}

/// A bucket to be made by [`crate::Sandbox::create_bucket`].
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    pub(crate) name: String,
    pub(crate) region: Option<String>,
    pub(crate) owner: String,
    pub(crate) versioning: Versioning,
    pub(crate) object_lock: bool,
    pub(crate) default_retention: Option<(LockMode, u32)>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) public: bool,
    pub(crate) requester_pays: bool,
    pub(crate) denied: Vec<String>,
    pub(crate) mfa_delete: bool,
}

impl Bucket {
    /// Names a bucket, never versioned, in the sandbox's own Region.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), owner: OWNER.to_owned(), ..Self::default() }
    }

    /// Gives every new object a retention of this number of days; switches Object Lock on.
    #[must_use]
    pub fn default_retention(self, mode: LockMode, days: u32) -> Self {
        let mut bucket = self.object_lock(true);
        bucket.default_retention = Some((mode, days));
        bucket
    }
}

setters! {
    Bucket as bucket:
    /// Says that MFA delete is on; the sandbox itself asks for no token.
    mfa_delete(on: bool) { bucket.mfa_delete = on }
    /// Places it in a Region: requests signed for another are turned away.
    region(region: &str) { bucket.region = Some(region.to_owned()) }
    /// Sets its versioning.
    versioning(versioning: Versioning) { bucket.versioning = versioning }
    /// Switches Object Lock on, and with it versioning.
    object_lock(on: bool) {
        bucket.object_lock = on;
        if on {
            bucket.versioning = Versioning::Enabled;
        }
    }
    /// Names the owning account, for `x-amz-expected-bucket-owner`.
    owner(account: &str) { bucket.owner = account.to_owned() }
    /// Adds a bucket tag.
    tag(key: &str, value: &str) { bucket.tags.push((key.to_owned(), value.to_owned())) }
    /// Admits unsigned requests.
    public(on: bool) { bucket.public = on }
    /// Answers 403 to requests without `x-amz-request-payer: requester`.
    requester_pays(on: bool) { bucket.requester_pays = on }
    /// Denies an action such as `s3:GetObject` to everyone, as a foreign account's bucket may.
    /// `s3:ReplicateObject` makes replication into this bucket FAIL.
    deny(action: &str) { bucket.denied.push(action.to_owned()) }
}

pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) started: i64,
    pub(crate) extra: Extra,
    pub(crate) parts: BTreeMap<i32, Bytes>,
}

/// A bucket as the store keeps it.
pub(crate) struct BucketState {
    pub(crate) settings: Bucket,
    /// That of the settings, or the sandbox's own.
    pub(crate) region: String,
    pub(crate) created: i64,
    pub(crate) replication: Option<Replication>,
    pub(crate) inventories: BTreeMap<String, InventoryConfiguration>,
    /// The lifecycle configuration as a test wrote it.
    pub(crate) lifecycle: Option<String>,
    /// The notification configuration as a test wrote it.
    pub(crate) notifications: Option<String>,
    /// How objects are encrypted by default, and the KMS key. The sandbox does not act on it.
    pub(crate) encryption: Option<(String, Option<String>)>,
    /// Outcomes forced on future writes, by key prefix; the last match wins.
    pub(crate) forced: Vec<(String, Forced)>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// Oldest version first. Never an empty list.
    pub(crate) objects: BTreeMap<Box<str>, Vec<Version>>,
}

impl BucketState {
    pub(crate) fn new(settings: Bucket, default_region: &str, created: i64) -> Self {
        Self {
            region: settings.region.clone().unwrap_or_else(|| default_region.to_owned()),
            settings,
            created,
            replication: None,
            inventories: BTreeMap::new(),
            lifecycle: None,
            notifications: None,
            encryption: Some(("AES256".to_owned(), None)),
            forced: Vec::new(),
            uploads: BTreeMap::new(),
            objects: BTreeMap::new(),
        }
    }
}
