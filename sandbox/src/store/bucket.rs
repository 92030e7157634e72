//! A bucket: what a test asks for, and what the store keeps.

use std::collections::BTreeMap;

use bytes::Bytes;
use s3s::dto::InventoryConfiguration;

use super::task::Forced;
use super::version::{Extra, LockMode, Version};
use crate::rules::Replication;

/// The account that owns every bucket unless told otherwise.
pub(crate) const OWNER: &str = "111122223333";

/// Whether a bucket keeps old versions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Versioning {
    /// Never switched on: writes replace, deletes are for good.
    #[default]
    Never,
    /// Every write makes a version, a plain delete makes a marker.
    Enabled,
    /// Switched off again: old versions stay, writes and plain deletes replace the `null` one.
    Suspended,
}

/// A bucket to be made by [`crate::Sandbox::create_bucket`].
#[derive(Clone, Debug)]
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
        Self {
            name: name.to_owned(),
            region: None,
            owner: OWNER.to_owned(),
            versioning: Versioning::Never,
            object_lock: false,
            default_retention: None,
            tags: Vec::new(),
            public: false,
            requester_pays: false,
            denied: Vec::new(),
            mfa_delete: false,
        }
    }

    /// Says that MFA delete is on; the sandbox itself asks for no token.
    #[must_use]
    pub fn mfa_delete(mut self, on: bool) -> Self {
        self.mfa_delete = on;
        self
    }

    /// Places it in a Region: requests signed for another are turned away.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Sets its versioning.
    #[must_use]
    pub fn versioning(mut self, versioning: Versioning) -> Self {
        self.versioning = versioning;
        self
    }

    /// Switches Object Lock on, and with it versioning.
    #[must_use]
    pub fn object_lock(mut self, on: bool) -> Self {
        self.object_lock = on;
        if on {
            self.versioning = Versioning::Enabled;
        }
        self
    }

    /// Gives every new object a retention of this number of days; switches Object Lock on.
    #[must_use]
    pub fn default_retention(self, mode: LockMode, days: u32) -> Self {
        let mut bucket = self.object_lock(true);
        bucket.default_retention = Some((mode, days));
        bucket
    }

    /// Names the owning account, for `x-amz-expected-bucket-owner`.
    #[must_use]
    pub fn owner(mut self, account: &str) -> Self {
        self.owner = account.to_owned();
        self
    }

    /// Adds a bucket tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Admits unsigned requests.
    #[must_use]
    pub fn public(mut self, on: bool) -> Self {
        self.public = on;
        self
    }

    /// Answers 403 to requests without `x-amz-request-payer: requester`.
    #[must_use]
    pub fn requester_pays(mut self, on: bool) -> Self {
        self.requester_pays = on;
        self
    }

    /// Denies an action such as `s3:GetObject` to everyone, as a foreign account's bucket may.
    /// `s3:ReplicateObject` makes replication into this bucket FAIL.
    #[must_use]
    pub fn deny(mut self, action: &str) -> Self {
        self.denied.push(action.to_owned());
        self
    }
}

/// A multipart upload under way.
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) started: i64,
    pub(crate) extra: Extra,
    pub(crate) parts: BTreeMap<i32, Bytes>,
}

/// A bucket as the store keeps it.
pub(crate) struct BucketState {
    pub(crate) region: String,
    pub(crate) owner: String,
    pub(crate) created: i64,
    pub(crate) versioning: Versioning,
    pub(crate) object_lock: bool,
    pub(crate) default_retention: Option<(LockMode, u32)>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) public: bool,
    pub(crate) requester_pays: bool,
    pub(crate) denied: Vec<String>,
    pub(crate) mfa_delete: bool,
    pub(crate) replication: Option<Replication>,
    pub(crate) inventories: BTreeMap<String, InventoryConfiguration>,
    /// The lifecycle configuration as a test wrote it.
    pub(crate) lifecycle: Option<String>,
    /// Outcomes forced on future writes, by key prefix; the last match wins.
    pub(crate) forced: Vec<(String, Forced)>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// Oldest version first. Never an empty list.
    pub(crate) objects: BTreeMap<Box<str>, Vec<Version>>,
}

impl BucketState {
    pub(crate) fn new(bucket: Bucket, default_region: &str, now: i64) -> Self {
        Self {
            region: bucket.region.unwrap_or_else(|| default_region.to_owned()),
            owner: bucket.owner,
            created: now,
            versioning: bucket.versioning,
            object_lock: bucket.object_lock,
            default_retention: bucket.default_retention,
            tags: bucket.tags,
            public: bucket.public,
            requester_pays: bucket.requester_pays,
            denied: bucket.denied,
            mfa_delete: bucket.mfa_delete,
            replication: None,
            inventories: BTreeMap::new(),
            lifecycle: None,
            forced: Vec::new(),
            uploads: BTreeMap::new(),
            objects: BTreeMap::new(),
        }
    }
}
