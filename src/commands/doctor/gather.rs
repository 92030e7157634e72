//! Reads what the checks look at: of the bucket, of the first objects in it, and of every destination.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use s3_answers::{Applying, ReplicationRule, ReplicationRules, VersionId};

use super::super::Context;
use super::inventories::inventory;
use crate::doctor::{
    BucketLocation, DestinationFacts, InventoryFacts, SampleObjects, SetUpFacts, SourceFacts, is_that_version,
};
use crate::model::{Bucket, Failure, ObjectId};
use crate::s3::{ListingScope, ObjectListing, Replicas, S3Store};
use crate::status::{DestinationOption, HeadAnswer, ObjectHead, ReplicaLocation, replica_locations};

/// Everything is read once.
const NOW: Duration = Duration::from_secs(60);
/// The first objects of a bucket that are looked at.
const SAMPLES: usize = 5;
/// DestinationReadings that are read at once.
const DESTINATIONS: usize = 4;

pub(super) struct SetUpReader<'a> {
    pub(super) store: &'a Arc<S3Store>,
    pub(super) replicas: &'a Replicas<'a>,
    pub(super) given: &'a [DestinationOption],
    pub(super) context: &'a Context,
}

impl SetUpReader<'_> {
    pub(super) async fn bucket(&self, bucket: Bucket) -> SetUpFacts {
        let store = self.store;
        let (region, head) = store.bucket_head(&bucket).await;
        let location = BucketLocation { bucket: bucket.clone(), region, endpoint: store.endpoint().map(str::to_owned) };
        let connection = store.connection();
        let account = connection.signing.strip_prefix("account ").map(str::to_owned);
        let signed = !self.context.client.no_sign_request;
        let facts = |source: SourceFacts, destinations: DestinationReadings| SetUpFacts {
            location: location.clone(),
            now: self.context.now(),
            account: account.clone(),
            signed,
            first_region: connection.region.clone(),
            allow_empty: self.context.allow_empty,
            head: head.clone(),
            source,
            destinations: destinations.found,
            not_buckets: destinations.not_buckets,
        };
        // Without an answer, and without the bucket, nothing else is asked.
        if let Err(failure) = &head
            && (failure.http_status.is_none() || failure.http_status == Some(404))
        {
            return facts(SourceFacts::none(failure), DestinationReadings::default());
        }
        let source = self.source(&bucket).await;
        let sample = source.samples.as_ref().ok().and_then(first_version);
        let destinations = match &source.rules {
            Ok(rules) => self.destinations(&bucket, rules, sample.as_ref()).await,
            Err(_) => DestinationReadings::default(),
        };
        facts(source, destinations)
    }

    async fn source(&self, bucket: &Bucket) -> SourceFacts {
        let store = self.store;
        let (versioning, rules, object_lock, encryption, lifecycle, notifications, inventory, samples, versions) = tokio::join!(
            store.versioning(bucket, NOW),
            store.replication(bucket, NOW),
            store.object_lock(bucket),
            store.default_encryption(bucket),
            store.lifecycle(bucket, NOW),
            store.notifications(bucket),
            inventory(store, bucket),
            self.samples(bucket),
            self.versions(bucket),
        );
        SourceFacts {
            versioning,
            rules,
            object_lock,
            encryption,
            lifecycle,
            notifications,
            inventory,
            samples,
            versions,
        }
    }

    /// HEADs the first objects.
    async fn samples(&self, bucket: &Bucket) -> Result<SampleObjects, Failure> {
        let listed = first_page(self.store, bucket, false).await?;
        let mut samples = SampleObjects::default();
        for object in listed.into_iter().take(SAMPLES) {
            let head = self.store.head(&object).await;
            if let (Ok(HeadAnswer::Object(found)), None) = (&head, &samples.by_version) {
                if self.store.has_custom_endpoint() {
                    samples.supports_if_match = Some(self.store.supports_if_match(&object).await);
                }
                if let Some(version) = version_of(&object, found) {
                    let answer = self.store.head(&version).await;
                    samples.by_version = Some(answer.and_then(|answer| is_that_version(&version, &answer)));
                    if found.version_id.is_some() {
                        samples.annotations = Some(self.store.annotations(&version).await.map(drop));
                    }
                }
            }
            samples.heads.push((object, head));
        }
        Ok(samples)
    }

    async fn versions(&self, bucket: &Bucket) -> Result<(), Failure> {
        first_page(self.store, bucket, true).await.map(drop)
    }

    async fn destinations(
        &self,
        source: &Bucket,
        rules: &ReplicationRules,
        sample: Option<&ObjectId>,
    ) -> DestinationReadings {
        let enabled: Vec<&ReplicationRule> = rules.rules.iter().filter(|rule| rule.enabled).collect();
        let itself = enabled.iter().any(|rule| rule.destination.bucket == source.as_str()).then_some(source);
        let applying = Applying { rules: enabled, unsure: Vec::new() };
        let locations = replica_locations((source, self.store.endpoint()), &applying, self.given);
        let mut answers = stream::iter(locations)
            .map(|location| Box::pin(self.destination(itself, location, sample)))
            .buffered(DESTINATIONS);
        let mut destinations = DestinationReadings::default();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(facts) => destinations.found.push(facts),
                Err(failure) => destinations.not_buckets.push(failure),
            }
        }
        destinations
    }

    /// An error for a text that is not the name of a bucket. `itself` is the source if a rule names it as its destination.
    async fn destination(
        &self,
        itself: Option<&Bucket>,
        location: ReplicaLocation,
        sample: Option<&ObjectId>,
    ) -> Result<DestinationFacts, Failure> {
        let at = match location {
            ReplicaLocation::Ask { at, .. } => at,
            ReplicaLocation::Nowhere { bucket, why } => {
                let Ok(bucket) = Bucket::new(&bucket) else { return Err(why) };
                let endpoint = self.store.endpoint().map(str::to_owned);
                // A server's own ARN may name a bucket of the same name on another server.
                let is_source = itself == Some(&bucket);
                let facts = unread(BucketLocation { bucket, region: None, endpoint }, &why);
                return Ok(if is_source { DestinationFacts { head: Ok(()), ..facts } } else { facts });
            }
        };
        let store = match self.replicas.store_at(&at).await {
            Ok(store) => Arc::new(store),
            Err(failure) => {
                return Ok(unread(
                    BucketLocation { bucket: at.bucket, region: at.region, endpoint: at.endpoint },
                    &failure,
                ));
            }
        };
        let bucket = at.bucket;
        let (region, head) = store.bucket_head(&bucket).await;
        let endpoint = store.endpoint().map(str::to_owned);
        let location = BucketLocation { bucket: bucket.clone(), region: region.or(at.region), endpoint };
        if let Err(failure) = &head
            && (failure.http_status.is_none() || failure.http_status == Some(404))
        {
            return Ok(unread(location, failure));
        }
        let replica = async {
            let there = ObjectId { bucket: bucket.clone(), ..sample?.clone() };
            let answer = store.head(&there).await;
            // A replica that is not there shows as well that the read is allowed.
            Some(answer.and_then(|answer| if answer.is_gone() { Ok(()) } else { is_that_version(&there, &answer) }))
        };
        let (versioning, object_lock, lifecycle, inventory, replica) = tokio::join!(
            store.versioning(&bucket, NOW),
            store.object_lock(&bucket),
            store.lifecycle(&bucket, NOW),
            inventory(&store, &bucket),
            replica,
        );
        Ok(DestinationFacts { location, head, versioning, object_lock, lifecycle, inventory, replica })
    }
}

/// The destinations of a source.
#[derive(Default)]
struct DestinationReadings {
    found: Vec<DestinationFacts>,
    not_buckets: Vec<Failure>,
}

/// A destination of which nothing was read, because of this failure.
fn unread(location: BucketLocation, why: &Failure) -> DestinationFacts {
    DestinationFacts {
        location,
        head: Err(why.clone()),
        versioning: Err(why.clone()),
        object_lock: Err(why.clone()),
        lifecycle: Err(why.clone()),
        inventory: InventoryFacts::unread(why),
        replica: Some(Err(why.clone())),
    }
}

/// The version that answered. Some servers do not name the `null` version.
fn version_of(object: &ObjectId, found: &ObjectHead) -> Option<ObjectId> {
    let id = found.version_id.as_deref().unwrap_or("null");
    Some(object.with_version(VersionId::new(id).ok()?))
}

/// The version of the first sample that could be read.
fn first_version(samples: &SampleObjects) -> Option<ObjectId> {
    let version = |(object, head): &(ObjectId, Result<HeadAnswer, Failure>)| match head {
        Ok(HeadAnswer::Object(found)) => version_of(object, found),
        Ok(HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. }) | Err(_) => None,
    };
    samples.heads.iter().find_map(version)
}

/// The first page of a list.
async fn first_page(store: &Arc<S3Store>, bucket: &Bucket, versions: bool) -> Result<Vec<ObjectId>, Failure> {
    let scope = ListingScope { bucket: bucket.clone(), prefix: String::new(), exact: false, versions };
    let page = ObjectListing::new(Arc::clone(store), scope).next().await?;
    Ok(page.into_iter().flatten().map(|listed| listed.object).collect())
}
