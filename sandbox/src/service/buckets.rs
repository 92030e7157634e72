//! Buckets themselves: making, looking, versioning, Object Lock, tags.

use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::{Service, stamp};
use crate::errors::{malformed_xml, no_bucket};
use crate::store::{Bucket as NewBucket, BucketState, LockMode, Store, Versioning};

pub(super) fn bucket<'a>(store: &'a Store, name: &str) -> S3Result<&'a BucketState> {
    store.buckets.get(name).ok_or_else(no_bucket)
}

pub(super) fn bucket_mut<'a>(store: &'a mut Store, name: &str) -> S3Result<&'a mut BucketState> {
    store.buckets.get_mut(name).ok_or_else(no_bucket)
}

impl Service {
    pub(super) fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> S3Result<CreateBucketOutput> {
        let input = req.input;
        let mut store = self.world.write();
        if store.buckets.contains_key(&input.bucket) {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            ));
        }
        let mut new = NewBucket::new(&input.bucket);
        new.region = input
            .create_bucket_configuration
            .and_then(|configuration| configuration.location_constraint)
            .map(|place| place.as_str().to_owned())
            .filter(|place| !place.is_empty())
            .or_else(|| req.region.map(|region| region.as_str().to_owned()));
        let new = new.object_lock(input.object_lock_enabled_for_bucket == Some(true));
        let state = BucketState::new(new, &self.world.region, self.world.now_ms());
        store.buckets.insert(input.bucket.clone(), state);
        Ok(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) })
    }

    pub(super) fn delete_bucket(&self, req: S3Request<DeleteBucketInput>) -> S3Result<DeleteBucketOutput> {
        let mut store = self.world.write();
        if !bucket(&store, &req.input.bucket)?.objects.is_empty() {
            return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
        }
        store.buckets.remove(&req.input.bucket);
        Ok(DeleteBucketOutput::default())
    }

    pub(super) fn list_buckets(&self, _req: S3Request<ListBucketsInput>) -> S3Result<ListBucketsOutput> {
        let store = self.world.read();
        let buckets = store
            .buckets
            .iter()
            .map(|(name, state)| Bucket {
                bucket_region: Some(state.region.clone()),
                creation_date: Some(stamp(state.created)),
                name: Some(name.clone()),
            })
            .collect();
        Ok(ListBucketsOutput { buckets: Some(buckets), ..Default::default() })
    }

    pub(super) fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<HeadBucketOutput> {
        let store = self.world.read();
        let state = bucket(&store, &req.input.bucket)?;
        Ok(HeadBucketOutput {
            bucket_region: Some(state.region.clone()),
            access_point_alias: Some(false),
            ..Default::default()
        })
    }

    pub(super) fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<GetBucketLocationOutput> {
        let store = self.world.read();
        let region = &bucket(&store, &req.input.bucket)?.region;
        // The oldest Region has no name here.
        let place = (region != "us-east-1").then(|| region.clone().into());
        Ok(GetBucketLocationOutput { location_constraint: place })
    }

    pub(super) fn get_bucket_versioning(
        &self,
        req: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<GetBucketVersioningOutput> {
        let store = self.world.read();
        let state = bucket(&store, &req.input.bucket)?;
        let status = match state.settings.versioning {
            Versioning::Never => None,
            Versioning::Enabled => Some("Enabled"),
            Versioning::Suspended => Some("Suspended"),
        };
        Ok(GetBucketVersioningOutput {
            status: status.map(BucketVersioningStatus::from_static),
            mfa_delete: state.settings.mfa_delete.then(|| MFADeleteStatus::from_static("Enabled")),
        })
    }

    pub(super) fn put_bucket_versioning(
        &self,
        req: S3Request<PutBucketVersioningInput>,
    ) -> S3Result<PutBucketVersioningOutput> {
        let mut store = self.world.write();
        let state = bucket_mut(&mut store, &req.input.bucket)?;
        let status = req.input.versioning_configuration.status;
        let versioning = match status.as_ref().map(|status| status.as_str()) {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            _ => return Err(malformed_xml()),
        };
        if versioning == Versioning::Suspended && state.settings.object_lock {
            return Err(s3_error!(
                InvalidBucketState,
                "An Object Lock configuration is present on this bucket, so the versioning \
                 state cannot be changed."
            ));
        }
        if versioning == Versioning::Suspended && state.replication.is_some() {
            return Err(s3_error!(
                InvalidBucketState,
                "A replication configuration is present on this bucket, so the versioning \
                 state cannot be changed."
            ));
        }
        state.settings.versioning = versioning;
        Ok(PutBucketVersioningOutput::default())
    }

    pub(super) fn get_object_lock_configuration(
        &self,
        req: S3Request<GetObjectLockConfigurationInput>,
    ) -> S3Result<GetObjectLockConfigurationOutput> {
        let store = self.world.read();
        let state = bucket(&store, &req.input.bucket)?;
        if !state.settings.object_lock {
            return Err(s3_error!(
                ObjectLockConfigurationNotFoundError,
                "Object Lock configuration does not exist for this bucket"
            ));
        }
        let rule = state.settings.default_retention.map(|(mode, days)| ObjectLockRule {
            default_retention: Some(DefaultRetention {
                days: i32::try_from(days).ok(),
                mode: Some(ObjectLockRetentionMode::from_static(mode.word())),
                years: None,
            }),
        });
        Ok(GetObjectLockConfigurationOutput {
            object_lock_configuration: Some(ObjectLockConfiguration {
                object_lock_enabled: Some(ObjectLockEnabled::from_static("Enabled")),
                rule,
            }),
        })
    }

    pub(super) fn put_object_lock_configuration(
        &self,
        req: S3Request<PutObjectLockConfigurationInput>,
    ) -> S3Result<PutObjectLockConfigurationOutput> {
        let mut store = self.world.write();
        let state = bucket_mut(&mut store, &req.input.bucket)?;
        if state.settings.versioning != Versioning::Enabled {
            return Err(s3_error!(
                InvalidBucketState,
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
            ));
        }
        let retention = req
            .input
            .object_lock_configuration
            .and_then(|configuration| configuration.rule)
            .and_then(|rule| rule.default_retention);
        state.settings.object_lock = true;
        state.settings.default_retention = retention.and_then(|retention| {
            let days = retention.days.or(retention.years.map(|years| years * 365))?;
            let mode = LockMode::from_word(retention.mode?.as_str())?;
            Some((mode, u32::try_from(days).ok()?))
        });
        Ok(PutObjectLockConfigurationOutput::default())
    }

    pub(super) fn get_bucket_tagging(&self, req: S3Request<GetBucketTaggingInput>) -> S3Result<GetBucketTaggingOutput> {
        let store = self.world.read();
        let tags = &bucket(&store, &req.input.bucket)?.settings.tags;
        if tags.is_empty() {
            return Err(s3_error!(NoSuchTagSet, "The TagSet does not exist"));
        }
        Ok(GetBucketTaggingOutput { tag_set: super::meta::tag_set(tags) })
    }

    pub(super) fn put_bucket_tagging(&self, req: S3Request<PutBucketTaggingInput>) -> S3Result<PutBucketTaggingOutput> {
        let mut store = self.world.write();
        let tags = super::meta::read_tags(&req.input.tagging.tag_set);
        bucket_mut(&mut store, &req.input.bucket)?.settings.tags = tags;
        Ok(PutBucketTaggingOutput::default())
    }

    pub(super) fn delete_bucket_tagging(
        &self,
        req: S3Request<DeleteBucketTaggingInput>,
    ) -> S3Result<DeleteBucketTaggingOutput> {
        let mut store = self.world.write();
        bucket_mut(&mut store, &req.input.bucket)?.settings.tags.clear();
        Ok(DeleteBucketTaggingOutput::default())
    }
}
