//! What a test does to a sandbox directly, and what it asks of it: no HTTP, no permissions.
//!
//! Naming a bucket or key that is not there is a mistake in the test: these methods panic
//! with its name rather than return an error that no test would handle.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use md5::{Digest, Md5};

use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::hooks::{Hook, Moment, WatchedRequest};
use crate::inventory::{Delivered, Inventory};
use crate::log::Request;
use crate::people::Principal;
use crate::put::{Content, Put, algorithm_named, epoch_ms};
use crate::rules::{Replication, Rule};
use crate::sandbox::Sandbox;
use crate::store::{
    Annotation, Bucket, BucketState, Etag, Extra, Forced, HoldDuration, ObjectDraft, Status, Store, Version, VersionId,
    Versioning, current,
};

/// One version as the sandbox holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// 32 characters, or `null`.
    pub version_id: String,
    /// Whether it is the current one.
    pub is_latest: bool,
    /// Whether it is a delete marker.
    pub delete_marker: bool,
    /// Without quotes; of no meaning for a marker.
    pub etag: String,
    /// Length of the body.
    pub size: u64,
    /// The word in `x-amz-replication-status`.
    pub replication_status: Option<String>,
    /// Whole seconds.
    pub last_modified: SystemTime,
}

fn state<'a>(store: &'a mut Store, bucket: &str) -> &'a mut BucketState {
    store.buckets.get_mut(bucket).unwrap_or_else(|| panic!("the sandbox has no bucket {bucket:?}"))
}

impl Sandbox {
    /// Makes a bucket, replacing one of the same name with everything in it.
    pub fn create_bucket(&self, bucket: Bucket) {
        let name = bucket.name.clone();
        assert!(
            s3s::path::check_bucket_name(&name),
            "invalid bucket name {name:?}: use 3 to 63 of a-z, 0-9, dot and hyphen"
        );
        let state = BucketState::new(bucket, self.region(), self.world.now_ms());
        self.world.write().buckets.insert(name, state);
    }

    /// Changes the versioning of a bucket; what it holds stays.
    pub fn set_versioning(&self, bucket: &str, versioning: Versioning) {
        state(&mut self.world.write(), bucket).settings.versioning = versioning;
    }

    /// Makes a bucket public or private.
    pub fn set_public(&self, bucket: &str, public: bool) {
        state(&mut self.world.write(), bucket).settings.public = public;
    }

    /// Takes a bucket away with everything in it.
    pub fn remove_bucket(&self, bucket: &str) {
        self.world.write().buckets.remove(bucket);
    }

    /// Sets the replication rules of a bucket; what it holds already is not replicated.
    pub fn replicate(&self, bucket: &str, rules: impl IntoIterator<Item = Rule>) {
        let replication = Replication::from_rules(rules);
        state(&mut self.world.write(), bucket).replication = Some(replication);
    }

    /// Takes the replication configuration away.
    pub fn stop_replication(&self, bucket: &str) {
        state(&mut self.world.write(), bucket).replication = None;
    }

    /// Writes an object as a client's PUT would, replication included; gives its version ID,
    /// `null` where the bucket is not versioned.
    pub fn put(&self, bucket: &str, key: &str, body: impl Content) -> String {
        self.write(bucket, key, ObjectDraft::plain(body.into_bytes(), self.world.now_ms()))
    }

    /// Writes an object with these properties.
    pub fn put_with(&self, bucket: &str, key: &str, body: impl Content, put: Put) -> String {
        let modified = put.modified.unwrap_or_else(|| self.world.now_ms());
        let mut draft = ObjectDraft::new(body.into_bytes(), put.extra, modified);
        if let Some(parts) = put.parts {
            draft.etag = Etag { md5: Md5::digest(draft.etag.md5).into(), parts };
        }
        self.write(bucket, key, draft)
    }

    /// Writes many objects with the same body under one lock, for benchmarks.
    pub fn put_many<K: AsRef<str>>(&self, bucket: &str, keys: impl IntoIterator<Item = K>, body: impl Content) {
        let body = body.into_bytes();
        let (etag, modified) = (Etag::of(&body), self.world.now_ms());
        let mut store = self.world.write();
        state(&mut store, bucket);
        for key in keys {
            let draft = ObjectDraft { body: body.clone(), etag, extra: Extra::default(), plain: true, modified };
            store
                .write(bucket, key.as_ref(), draft)
                .unwrap_or_else(|error| panic!("writing {bucket}/{}: {error}", key.as_ref()));
        }
    }

    fn write(&self, bucket: &str, key: &str, draft: ObjectDraft) -> String {
        let mut store = self.world.write();
        state(&mut store, bucket);
        let id = store.write(bucket, key, draft).unwrap_or_else(|error| panic!("writing {bucket}/{key}: {error}"));
        id.as_str().to_owned()
    }

    /// Deletes plainly; gives the id of the marker made, if one was.
    pub fn delete(&self, bucket: &str, key: &str) -> Option<String> {
        let mut store = self.world.write();
        state(&mut store, bucket);
        let done = store
            .delete(bucket, key, None, None, false, self.world.now_ms())
            .unwrap_or_else(|error| panic!("deleting {bucket}/{key}: {error}"));
        done.id.map(|id| id.as_str().to_owned())
    }

    /// Removes a version permanently, past any lock and any dialect.
    pub fn delete_version(&self, bucket: &str, key: &str, version_id: &str) {
        let mut store = self.world.write();
        state(&mut store, bucket);
        let id = VersionId::parse(version_id).unwrap_or_else(|| panic!("no version ID: {version_id:?}"));
        store.remove(bucket, key, id);
    }

    /// Sets the status of every version of a key; None takes the header away.
    pub fn set_status(&self, bucket: &str, key: &str, status: Option<&str>) {
        self.each_version(bucket, key, |version| version.status = word(status));
    }

    /// Sets the status of one version.
    pub fn set_status_of(&self, bucket: &str, key: &str, version_id: &str, status: Option<&str>) {
        self.each_version(bucket, key, |version| {
            if version.id.as_str() == version_id {
                version.status = word(status);
            }
        });
    }

    /// Puts these tags on every version of a key, and removes its other tags. Replicates nothing.
    pub fn set_tags(&self, bucket: &str, key: &str, tags: &[(&str, &str)]) {
        let tags: Vec<_> = tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.each_version(bucket, key, |version| version.extra_mut().tags.clone_from(&tags));
    }

    /// Backdates every version of a key.
    pub fn set_last_modified(&self, bucket: &str, key: &str, when: SystemTime) {
        let modified = epoch_ms(when) / 1000 * 1000;
        self.each_version(bucket, key, |version| version.modified = modified);
    }

    /// Changes the bytes of the current version in place: same id, new ETag. Real S3 cannot do
    /// this to a version; a replica that went bad looks like it.
    pub fn corrupt(&self, bucket: &str, key: &str, body: impl Content) {
        let body = body.into_bytes();
        self.each_version(bucket, key, |version| {
            version.etag = Etag::of(&body);
            version.body = body.clone();
        });
    }

    /// Changes the stored checksum of every version of a key; None takes it away.
    pub fn set_checksum(&self, bucket: &str, key: &str, checksum: Option<(&str, &str)>) {
        let checksum = checksum.map(|(algorithm, value)| (algorithm_named(algorithm), value.to_owned()));
        self.each_version(bucket, key, |version| version.extra_mut().checksum.clone_from(&checksum));
    }

    /// Attaches an annotation to a version, or changes its status; `null` names the null version. Deleting the version
    /// removes it. Annotations are never replicated; their status is only a word.
    pub fn annotate(&self, bucket: &str, key: &str, version_id: &str, name: &str, replication_status: Option<&str>) {
        let annotation = Annotation {
            name: name.to_owned(),
            status: word(replication_status),
            etag: Etag::of(name.as_bytes()),
            size: name.len() as u64,
            modified: self.world.now_ms(),
        };
        self.one_version(bucket, key, version_id, |version| {
            let annotations = &mut version.extra_mut().annotations;
            annotations.retain(|old| old.name != name);
            let place = annotations.partition_point(|old| old.name.as_str() < name);
            annotations.insert(place, annotation);
        });
    }

    /// Sets or removes the event hold of a version, and how long retention lasts after it.
    pub fn set_event_hold(&self, bucket: &str, key: &str, version_id: &str, hold: Option<(bool, HoldDuration)>) {
        self.one_version(bucket, key, version_id, |version| version.extra_mut().event_hold = hold);
    }

    fn one_version(&self, bucket: &str, key: &str, version_id: &str, change: impl FnOnce(&mut Version)) {
        let id = VersionId::parse(version_id).unwrap_or_else(|| panic!("invalid version ID: {version_id:?}"));
        let mut store = self.world.write();
        state(&mut store, bucket);
        let version = store.version_mut(bucket, key, id);
        change(version.unwrap_or_else(|| panic!("the sandbox has no version {version_id} of {bucket}/{key}")));
    }

    /// Sets the lifecycle configuration of a bucket, as the XML that GetBucketLifecycleConfiguration returns; None
    /// takes it away. The sandbox does not act on it.
    pub fn lifecycle(&self, bucket: &str, xml: Option<&str>) {
        state(&mut self.world.write(), bucket).lifecycle = xml.map(str::to_owned);
    }

    /// Sets the notification configuration of a bucket, as the XML that GetBucketNotificationConfiguration returns; None
    /// takes it away. The sandbox sends no events.
    pub fn notifications(&self, bucket: &str, xml: Option<&str>) {
        state(&mut self.world.write(), bucket).notifications = xml.map(str::to_owned);
    }

    /// Sets how a bucket says that it encrypts new objects: an algorithm such as `aws:kms`, and a KMS key; None is no
    /// default. It is `AES256` at first, as on AWS. The sandbox does not act on it.
    pub fn default_encryption(&self, bucket: &str, default: Option<(&str, Option<&str>)>) {
        let default = default.map(|(algorithm, key)| (algorithm.to_owned(), key.map(str::to_owned)));
        state(&mut self.world.write(), bucket).encryption = default;
    }

    /// Sets the role in the replication configuration of a bucket. The sandbox keeps it and asks it for nothing.
    pub fn replication_role(&self, bucket: &str, role: &str) {
        let mut store = self.world.write();
        let replication = state(&mut store, bucket).replication.as_mut();
        let replication = replication.unwrap_or_else(|| panic!("bucket {bucket:?} has no replication"));
        replication.document.role = role.to_owned();
    }

    /// Copies every version of a key into a bucket of another sandbox as REPLICA, as replication between two servers
    /// would have; the status here stays.
    pub fn copy_to(&self, bucket: &str, key: &str, other: &Self, to: &str) {
        let mut versions = state(&mut self.world.write(), bucket)
            .objects
            .get(key)
            .unwrap_or_else(|| panic!("the sandbox has no {bucket}/{key}"))
            .clone();
        versions.iter_mut().for_each(|version| version.status = Status::Replica);
        state(&mut other.world.write(), to).objects.insert(key.into(), versions);
    }

    fn each_version(&self, bucket: &str, key: &str, mut change: impl FnMut(&mut Version)) {
        let mut store = self.world.write();
        let versions = state(&mut store, bucket)
            .objects
            .get_mut(key)
            .unwrap_or_else(|| panic!("the sandbox has no {bucket}/{key}"));
        versions.iter_mut().filter(|version| !version.marker).for_each(&mut change);
    }

    /// Forces an outcome on future writes under a key prefix.
    pub fn force(&self, bucket: &str, prefix: &str, outcome: Forced) {
        let mut store = self.world.write();
        state(&mut store, bucket).forced.push((prefix.to_owned(), outcome));
    }

    /// Lets future writes under a key prefix stay PENDING.
    pub fn stick(&self, bucket: &str, prefix: &str) {
        self.force(bucket, prefix, Forced::Pending);
    }

    /// Lets future writes under a key prefix go FAILED.
    pub fn fail(&self, bucket: &str, prefix: &str) {
        self.force(bucket, prefix, Forced::Failed);
    }

    /// Lets replication take its own course again.
    pub fn unforce(&self, bucket: &str) {
        state(&mut self.world.write(), bucket).forced.clear();
    }

    /// Takes a key away from every destination of its bucket; statuses stay as they were.
    pub fn lose_replica(&self, bucket: &str, key: &str) {
        self.world.write().lose_replica(bucket, key);
    }

    /// Lets replication of future writes take so long; zero is before the PUT answers.
    pub fn replication_delay(&self, delay: Duration) {
        self.world.write().delay = delay;
    }

    /// Ends all replication under way at once, without the delay.
    pub fn finish_replication(&self) {
        self.world.write().settle_all();
    }

    /// Every version of a key, newest first; empty for a key that is not there.
    #[must_use]
    pub fn versions(&self, bucket: &str, key: &str) -> Vec<StoredVersion> {
        let store = self.world.read();
        let versions =
            store.buckets.get(bucket).and_then(|state| state.objects.get(key)).map_or(&[][..], Vec::as_slice);
        let newest = current(versions).map(|version| version.id);
        versions
            .iter()
            .rev()
            .filter(|version| !version.hidden)
            .map(|version| StoredVersion {
                version_id: version.id.as_str().to_owned(),
                is_latest: Some(version.id) == newest,
                delete_marker: version.marker,
                etag: version.etag.to_string(),
                size: version.body.len() as u64,
                replication_status: version.status.word().map(str::to_owned),
                last_modified: crate::text::time(version.modified).into(),
            })
            .collect()
    }

    /// The keys of a bucket that a list shows, in order.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let store = self.world.read();
        let Some(state) = store.buckets.get(bucket) else { return Vec::new() };
        state
            .objects
            .iter()
            .filter(|(_, versions)| current(versions).is_some_and(|version| !version.marker))
            .map(|(key, _)| key.to_string())
            .collect()
    }

    /// How many keys a list of the bucket shows.
    #[must_use]
    pub fn object_count(&self, bucket: &str) -> usize {
        let store = self.world.read();
        store.buckets.get(bucket).map_or(0, |state| {
            let alive = |versions: &&Vec<Version>| current(versions).is_some_and(|version| !version.marker);
            state.objects.values().filter(alive).count()
        })
    }

    /// How many versions and markers a bucket holds.
    #[must_use]
    pub fn version_count(&self, bucket: &str) -> usize {
        let store = self.world.read();
        store.buckets.get(bucket).map_or(0, |state| {
            state.objects.values().map(|versions| versions.iter().filter(|v| !v.hidden).count()).sum()
        })
    }

    /// The bytes of the current version; None when a GET would find nothing.
    #[must_use]
    pub fn body(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let store = self.world.read();
        store.find(bucket, key, None).ok().map(|(_, version)| version.body.clone())
    }

    /// Writes an inventory report into its destination, as S3 would have on its own schedule.
    pub fn deliver_inventory(&self, inventory: Inventory) -> Delivered {
        crate::inventory::deliver(&mut self.world.write(), &inventory, self.world.now_ms())
    }

    /// Records an inventory configuration, as PutBucketInventoryConfiguration would.
    pub fn configure_inventory(&self, inventory: &Inventory) {
        let document = inventory.document();
        let mut store = self.world.write();
        let id = document.id.clone();
        state(&mut store, inventory.source()).inventories.insert(id, document);
    }

    /// Sets how many entries a page of a listing has at most; 1,000 by default. S3 may send less than a
    /// client asks for.
    pub fn page_size(&self, entries: usize) {
        self.world.write().page = entries.clamp(1, 1000);
    }

    /// Everything received since the start or the last [`Sandbox::clear_requests`].
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world.log().entries()
    }

    /// Forgets the requests received.
    pub fn clear_requests(&self) {
        self.world.log().clear();
    }

    /// Takes a tick of the log's clock, to say when something happened among the requests.
    #[must_use]
    pub fn tick(&self) -> u64 {
        self.world.log().tick()
    }

    /// Switches the request log on or off; off is for benchmarks.
    pub fn log_requests(&self, on: bool) {
        self.world.logging.store(on, Ordering::Relaxed);
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.world.faults().push(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.world.faults().clear();
    }

    /// Runs once when a request of that operation (and key) was carried out, before its answer
    /// is sent.
    pub fn after(&self, operation: &str, key: Option<&str>, action: impl FnOnce(&Sandbox) + Send + 'static) {
        self.hook(Moment::After, operation, key, action);
    }

    /// Runs once when a request of that operation (and key) has arrived, before it is carried
    /// out.
    pub fn before(&self, operation: &str, key: Option<&str>, action: impl FnOnce(&Sandbox) + Send + 'static) {
        self.hook(Moment::Before, operation, key, action);
    }

    /// Runs at both moments of every request from now on, and replaces an earlier watcher: for tests that
    /// choose by number or by chance what shall happen when.
    pub fn watch(&self, watcher: impl Fn(&Self, &WatchedRequest) + Send + Sync + 'static) {
        let world = Arc::downgrade(&self.world);
        *self.world.watcher() = Some(Arc::new(move |seen| {
            if let Some(world) = world.upgrade() {
                watcher(&Self::handle(world), seen);
            }
        }));
    }

    /// Ends the watch.
    pub fn unwatch(&self) {
        *self.world.watcher() = None;
    }

    fn hook(&self, moment: Moment, operation: &str, key: Option<&str>, action: impl FnOnce(&Sandbox) + Send + 'static) {
        let world = Arc::downgrade(&self.world);
        // The world would never end if it held itself.
        let action = move || world.upgrade().map_or((), |world| action(&Self::handle(world)));
        let (operation, key) = (operation.to_owned(), key.map(str::to_owned));
        self.world.hooks().push(Hook { moment, operation, key, action: Box::new(action) });
    }

    /// Switches habits of other servers on or off.
    pub fn dialect(&self, change: impl FnOnce(&mut Dialect)) {
        change(&mut self.world.write().dialect);
    }

    /// Adds an access key; one known already is replaced.
    pub fn principal(&self, principal: Principal) {
        self.world.people_mut().add(principal);
    }

    /// Answers HeadObject for the wrong Region with 301 and `x-amz-bucket-region`, not
    /// the bare 400.
    pub fn region_hint_on_head(&self, on: bool) {
        self.world.region_hint.store(on, Ordering::Relaxed);
    }
}

fn word(status: Option<&str>) -> Status {
    status.map_or(Status::Absent, Status::from_word)
}
