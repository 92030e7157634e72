//! What can be changed about a version without writing it again: tags, retention, legal hold.
//!
//! A change on a replicated source sends the version to its destinations once more.

use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::missing::missing;
use super::write::retention;
use super::{Service, stamp};
use crate::errors::locked;
use crate::store::{LockMode, Status, Store, Version, show_id};

pub(super) fn tag_set(tags: &[(String, String)]) -> TagSet {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

pub(super) fn read_tags(tags: &TagSet) -> Vec<(String, String)> {
    tags.iter().map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default())).collect()
}

fn look<'a>(
    store: &'a Store,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> S3Result<(&'a Version, Option<String>)> {
    let (bucket, version) = store.find(bucket, key, version).map_err(|miss| missing(miss, true))?;
    Ok((version, show_id(bucket, version.id)))
}

/// Changes a version, and replicates the change if the version was replicated.
fn change(
    store: &mut Store,
    bucket: &str,
    key: &str,
    version: Option<&str>,
    how: impl FnOnce(&mut Version) -> S3Result<()>,
) -> S3Result<Option<String>> {
    let (_, shown) = look(store, bucket, key, version)?;
    let found = store.find_mut(bucket, key, version).map_err(|miss| missing(miss, true))?;
    how(found)?;
    let (id, again) = (found.id, found.status == Status::Completed);
    if again {
        store.replicate_write(bucket, key, id);
    }
    Ok(shown)
}

fn needs_lock(store: &Store, bucket: &str) -> S3Result<()> {
    match store.buckets.get(bucket) {
        Some(state) if !state.settings.object_lock => {
            Err(s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration"))
        }
        _ => Ok(()),
    }
}

impl Service {
    pub(super) fn get_object_tagging(&self, req: S3Request<GetObjectTaggingInput>) -> S3Result<GetObjectTaggingOutput> {
        let input = &req.input;
        let store = self.world.read();
        let (version, version_id) = look(&store, &input.bucket, &input.key, input.version_id.as_deref())?;
        Ok(GetObjectTaggingOutput { tag_set: tag_set(&version.extra().tags), version_id })
    }

    pub(super) fn put_object_tagging(&self, req: S3Request<PutObjectTaggingInput>) -> S3Result<PutObjectTaggingOutput> {
        let input = &req.input;
        let tags = read_tags(&input.tagging.tag_set);
        let mut store = self.world.write();
        let version = input.version_id.as_deref();
        let version_id = change(&mut store, &input.bucket, &input.key, version, |version| {
            version.extra_mut().tags = tags;
            Ok(())
        })?;
        Ok(PutObjectTaggingOutput { version_id })
    }

    pub(super) fn delete_object_tagging(
        &self,
        req: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<DeleteObjectTaggingOutput> {
        let input = &req.input;
        let mut store = self.world.write();
        let version = input.version_id.as_deref();
        let version_id = change(&mut store, &input.bucket, &input.key, version, |version| {
            version.extra_mut().tags.clear();
            Ok(())
        })?;
        Ok(DeleteObjectTaggingOutput { version_id })
    }

    pub(super) fn get_object_retention(
        &self,
        req: S3Request<GetObjectRetentionInput>,
    ) -> S3Result<GetObjectRetentionOutput> {
        let input = &req.input;
        let store = self.world.read();
        needs_lock(&store, &input.bucket)?;
        let (version, _) = look(&store, &input.bucket, &input.key, input.version_id.as_deref())?;
        let (mode, until) = version.extra().retention.ok_or_else(no_lock)?;
        Ok(GetObjectRetentionOutput {
            retention: Some(ObjectLockRetention {
                mode: Some(ObjectLockRetentionMode::from_static(mode.word())),
                retain_until_date: Some(stamp(until)),
            }),
        })
    }

    pub(super) fn put_object_retention(
        &self,
        req: S3Request<PutObjectRetentionInput>,
    ) -> S3Result<PutObjectRetentionOutput> {
        let input = &req.input;
        let bypass = input.bypass_governance_retention == Some(true)
            && self.may(&req, "s3:BypassGovernanceRetention", &input.bucket, &input.key);
        let new = input.retention.as_ref().and_then(|wanted| {
            retention(wanted.mode.as_ref().map(|mode| mode.as_str()), wanted.retain_until_date.as_ref())
        });
        let mut store = self.world.write();
        needs_lock(&store, &input.bucket)?;
        let version = input.version_id.as_deref();
        change(&mut store, &input.bucket, &input.key, version, |version| {
            let now = self.world.now_ms();
            let weaker = match (version.extra().retention, new) {
                (Some((_, until)), _) if until <= now => false,
                (Some(_), None) => true,
                (Some((LockMode::Compliance, old)), Some((mode, until))) => until < old || mode != LockMode::Compliance,
                (Some((LockMode::Governance, old)), Some((_, until))) => until < old,
                (None, _) => false,
            };
            let compliance = matches!(version.extra().retention, Some((LockMode::Compliance, _)));
            if weaker && (compliance || !bypass) {
                return Err(locked());
            }
            version.extra_mut().retention = new;
            Ok(())
        })?;
        Ok(PutObjectRetentionOutput::default())
    }

    pub(super) fn get_object_legal_hold(
        &self,
        req: S3Request<GetObjectLegalHoldInput>,
    ) -> S3Result<GetObjectLegalHoldOutput> {
        let input = &req.input;
        let store = self.world.read();
        needs_lock(&store, &input.bucket)?;
        let (version, _) = look(&store, &input.bucket, &input.key, input.version_id.as_deref())?;
        let on = version.extra().legal_hold.ok_or_else(no_lock)?;
        Ok(GetObjectLegalHoldOutput {
            legal_hold: Some(ObjectLockLegalHold {
                status: Some(ObjectLockLegalHoldStatus::from_static(if on { "ON" } else { "OFF" })),
            }),
        })
    }

    pub(super) fn put_object_legal_hold(
        &self,
        req: S3Request<PutObjectLegalHoldInput>,
    ) -> S3Result<PutObjectLegalHoldOutput> {
        let input = &req.input;
        let on = input.legal_hold.as_ref().and_then(|hold| hold.status.as_ref()).map(|status| status.as_str() == "ON");
        let mut store = self.world.write();
        needs_lock(&store, &input.bucket)?;
        let version = input.version_id.as_deref();
        change(&mut store, &input.bucket, &input.key, version, |version| {
            version.extra_mut().legal_hold = on;
            Ok(())
        })?;
        Ok(PutObjectLegalHoldOutput::default())
    }
}

fn no_lock() -> s3s::S3Error {
    s3_error!(NoSuchObjectLockConfiguration, "The specified object does not have a ObjectLock configuration")
}
