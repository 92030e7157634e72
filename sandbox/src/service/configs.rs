//! Replication and inventory configurations.

use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::Service;
use super::buckets::{bucket, bucket_mut};
use crate::foreign::ForeignElements;
use crate::rules::Replication;
use crate::store::Versioning;

impl Service {
    pub(super) fn get_bucket_replication(
        &self,
        req: S3Request<GetBucketReplicationInput>,
    ) -> S3Result<GetBucketReplicationOutput> {
        let store = self.world.read();
        match &bucket(&store, &req.input.bucket)?.replication {
            None => {
                Err(s3_error!(ReplicationConfigurationNotFoundError, "The replication configuration was not found"))
            }
            Some(replication) => {
                Ok(GetBucketReplicationOutput { replication_configuration: Some(replication.document.clone()) })
            }
        }
    }

    /// `foreign` holds the elements of the rules that the document lacks.
    pub(super) fn set_replication(
        &self,
        bucket: &str,
        mut document: ReplicationConfiguration,
        foreign: &[ForeignElements],
    ) -> S3Result<()> {
        let mut store = self.world.write();
        let state = bucket_mut(&mut store, bucket)?;
        if state.settings.versioning != Versioning::Enabled {
            return Err(s3_error!(
                InvalidRequest,
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
            ));
        }
        for (n, rule) in document.rules.iter_mut().enumerate() {
            if rule.filter.is_some() && rule.delete_marker_replication.is_none() {
                return Err(s3_error!(
                    InvalidRequest,
                    "DeleteMarkerReplication must be specified for this version of Cross Region \
                     Replication configuration schema."
                ));
            }
            // S3 names rules that come without a name.
            rule.id.get_or_insert_with(|| format!("rule-{}", n + 1));
        }
        let replication = Replication::from_document(document, foreign);
        for rule in &replication.rules {
            // A destination that goes wrong later is another matter: that is FAILED.
            match store.buckets.get(&rule.to).map(|state| state.settings.versioning) {
                Some(Versioning::Enabled) => {}
                Some(_) => {
                    return Err(s3_error!(InvalidRequest, "Destination bucket must have versioning enabled."));
                }
                None => {
                    return Err(s3_error!(InvalidRequest, "Destination bucket must exist."));
                }
            }
        }
        bucket_mut(&mut store, bucket)?.replication = Some(replication);
        Ok(())
    }

    pub(super) fn delete_bucket_replication(
        &self,
        req: S3Request<DeleteBucketReplicationInput>,
    ) -> S3Result<DeleteBucketReplicationOutput> {
        let mut store = self.world.write();
        bucket_mut(&mut store, &req.input.bucket)?.replication = None;
        Ok(DeleteBucketReplicationOutput::default())
    }

    pub(super) fn get_bucket_inventory_configuration(
        &self,
        req: S3Request<GetBucketInventoryConfigurationInput>,
    ) -> S3Result<GetBucketInventoryConfigurationOutput> {
        let store = self.world.read();
        let state = bucket(&store, &req.input.bucket)?;
        let found = state.inventories.get(&req.input.id).ok_or_else(no_such)?;
        Ok(GetBucketInventoryConfigurationOutput { inventory_configuration: Some(found.clone()) })
    }

    pub(super) fn list_bucket_inventory_configurations(
        &self,
        req: S3Request<ListBucketInventoryConfigurationsInput>,
    ) -> S3Result<ListBucketInventoryConfigurationsOutput> {
        const PAGE: usize = 100;
        let store = self.world.read();
        let state = bucket(&store, &req.input.bucket)?;
        let after = req.input.continuation_token.clone().unwrap_or_default();
        let mut found: Vec<_> = state
            .inventories
            .iter()
            .filter(|(id, _)| id.as_str() > after.as_str())
            .map(|(_, configuration)| configuration.clone())
            .take(PAGE + 1)
            .collect();
        let more = found.len() > PAGE;
        found.truncate(PAGE);
        Ok(ListBucketInventoryConfigurationsOutput {
            continuation_token: req.input.continuation_token,
            is_truncated: Some(more),
            next_continuation_token: found.last().filter(|_| more).map(|last| last.id.clone()),
            inventory_configuration_list: Some(found),
        })
    }

    pub(super) fn put_bucket_inventory_configuration(
        &self,
        req: S3Request<PutBucketInventoryConfigurationInput>,
    ) -> S3Result<PutBucketInventoryConfigurationOutput> {
        let mut store = self.world.write();
        let state = bucket_mut(&mut store, &req.input.bucket)?;
        let configuration = req.input.inventory_configuration;
        if configuration.id != req.input.id {
            return Err(s3_error!(InvalidRequest, "The ID in the request body does not match that of the query"));
        }
        state.inventories.insert(req.input.id, configuration);
        Ok(PutBucketInventoryConfigurationOutput::default())
    }

    pub(super) fn delete_bucket_inventory_configuration(
        &self,
        req: S3Request<DeleteBucketInventoryConfigurationInput>,
    ) -> S3Result<DeleteBucketInventoryConfigurationOutput> {
        let mut store = self.world.write();
        let state = bucket_mut(&mut store, &req.input.bucket)?;
        state.inventories.remove(&req.input.id).ok_or_else(no_such)?;
        Ok(DeleteBucketInventoryConfigurationOutput::default())
    }
}

fn no_such() -> s3s::S3Error {
    crate::errors::custom(404, "NoSuchConfiguration", "The specified configuration does not exist.")
}
