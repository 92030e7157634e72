//! Writing an object: which version ID it gets, what it replaces, what lock it inherits.

use std::sync::Arc;

use bytes::Bytes;
use s3s::{S3Result, s3_error};

use super::{Etag, Extra, Status, Store, Version, VersionId, Versioning};
use crate::errors::no_bucket;

const DAY_MS: i64 = 86_400_000;

pub(crate) struct ObjectDraft {
    pub(crate) body: Bytes,
    pub(crate) etag: Etag,
    pub(crate) extra: Extra,
    pub(crate) plain: bool,
    pub(crate) modified: i64,
}

impl ObjectDraft {
    /// A body without properties.
    pub(crate) fn plain(body: Bytes, modified: i64) -> Self {
        Self { etag: Etag::of(&body), body, extra: Extra::default(), plain: true, modified }
    }

    pub(crate) fn new(body: Bytes, extra: Extra, modified: i64) -> Self {
        Self { extra, plain: false, ..Self::plain(body, modified) }
    }
}

impl Store {
    /// Stores an object and starts its replication.
    pub(crate) fn write(&mut self, bucket: &str, key: &str, draft: ObjectDraft) -> S3Result<VersionId> {
        let minted = self.mint();
        let state = self.buckets.get_mut(bucket).ok_or_else(no_bucket)?;
        let id = match state.settings.versioning {
            Versioning::Enabled => minted,
            Versioning::Never | Versioning::Suspended => VersionId::NULL,
        };
        let mut version = Version {
            id,
            modified: draft.modified,
            etag: draft.etag,
            marker: false,
            hidden: false,
            status: Status::Absent,
            body: draft.body,
            extra: (!draft.plain).then(|| Arc::new(draft.extra)),
        };
        if let Some((mode, days)) = state.settings.default_retention
            && version.extra().retention.is_none()
        {
            let until = draft.modified + i64::from(days) * DAY_MS;
            version.extra_mut().retention = Some((mode, until));
        }
        let extra = version.extra();
        let lock = extra.retention.is_some() || extra.legal_hold.is_some() || extra.event_hold.is_some();
        if !state.settings.object_lock && lock {
            return Err(s3_error!(InvalidRequest, "Bucket is missing ObjectLockConfiguration"));
        }
        state.push(key, version);
        self.replicate_write(bucket, key, id);
        Ok(id)
    }
}

impl super::BucketState {
    /// Makes a version the newest of its key; a `null` one replaces the one before it.
    pub(crate) fn push(&mut self, key: &str, version: Version) {
        let Some(versions) = self.objects.get_mut(key) else {
            // Most keys have one version: `vec!` allocates for exactly that.
            self.objects.insert(key.into(), vec![version]);
            return;
        };
        if version.id.is_null() {
            versions.retain(|old| !old.id.is_null());
        }
        versions.push(version);
    }
}
