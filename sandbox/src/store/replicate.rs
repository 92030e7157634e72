//! Replication: which versions are copied where, when, and with what status at the end.
//!
//! Written objects go PENDING and become COMPLETED or FAILED when their task falls due; with
//! no delay that is before the write returns. No thread does it: the next call that touches the
//! store carries out what is due (`Store::settle`), so time alone never changes a test's world.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::task::{Forced, Task, TaskTarget};
use super::{BucketState, Sse, Status, Store, Version, VersionId, Versioning};
use crate::people::covers;
use crate::rules::RuleState;

impl Store {
    /// Starts the replication of a version just written, or of its changed metadata. Never called
    /// for a replica: those are inserted, not written, so they are not replicated again.
    pub(crate) fn replicate_write(&mut self, bucket: &str, key: &str, id: VersionId) {
        let delay = self.delay;
        let Some(state) = self.buckets.get(bucket) else { return };
        if state.replication.is_none() || state.settings.versioning != Versioning::Enabled {
            return;
        }
        let forced = state.forced(key).cloned();
        let Some(version) = self.version_mut(bucket, key, id) else { return };
        if forced == Some(Forced::Absent) {
            return;
        }
        let version = version.clone();
        let targets = self.targets(bucket, key, &version);
        if targets.is_empty() {
            return;
        }
        if let Some(version) = self.version_mut(bucket, key, id) {
            version.status = Status::Pending;
        }
        let task =
            Task { due: Instant::now() + delay, bucket: bucket.to_owned(), key: key.to_owned(), id, targets, forced };
        if delay == Duration::ZERO {
            self.carry_out(&task);
        } else {
            self.tasks.push_back(task);
        }
    }

    /// Copies a delete marker at once: S3 shows no status of markers to be late with.
    pub(crate) fn replicate_marker(&mut self, bucket: &str, key: &str, id: VersionId) {
        let Some(state) = self.buckets.get(bucket) else { return };
        if state.settings.versioning != Versioning::Enabled || state.forced(key).is_some() {
            return;
        }
        let to: Vec<String> = state
            .matching(key, &[])
            .filter(|rule| rule.delete_markers && !rule.looks_at_tags())
            .map(|rule| rule.to.clone())
            .collect();
        let Some(marker) = self.version_mut(bucket, key, id).map(|marker| marker.clone()) else { return };
        for destination in to {
            if let Some(state) = self.buckets.get_mut(&destination)
                && state.settings.versioning == Versioning::Enabled
            {
                state.insert_by_age(key, marker.clone());
            }
        }
    }

    /// Deletes a version at the destinations too, where the dialect asks for it.
    pub(crate) fn replicate_version_delete(&mut self, bucket: &str, key: &str, id: VersionId) {
        if !self.dialect.version_deletes_replicate {
            return;
        }
        let Some(state) = self.buckets.get(bucket) else { return };
        let to: Vec<String> = state
            .rules()
            .iter()
            .filter(|rule| rule.enabled && key.starts_with(&rule.prefix))
            .filter(|rule| rule.foreign.version_deletes != Some(false))
            .map(|rule| rule.to.clone())
            .collect();
        for destination in to {
            self.remove(&destination, key, id);
        }
    }

    pub(crate) fn settle(&mut self, now: Instant) {
        let (due, later): (VecDeque<Task>, VecDeque<Task>) =
            std::mem::take(&mut self.tasks).into_iter().partition(|task| task.due <= now);
        self.tasks = later;
        for task in &due {
            self.carry_out(task);
        }
    }

    /// Carries out every task now, without the delay.
    pub(crate) fn settle_all(&mut self) {
        for task in std::mem::take(&mut self.tasks) {
            self.carry_out(&task);
        }
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.tasks.iter().map(|task| task.due).min()
    }

    /// Takes a key's replicas away from every destination of its bucket; statuses stay.
    pub(crate) fn lose_replica(&mut self, bucket: &str, key: &str) {
        let Some(state) = self.buckets.get(bucket) else { return };
        let to: Vec<String> = state.rules().iter().map(|rule| rule.to.clone()).collect();
        for destination in to {
            if let Some(state) = self.buckets.get_mut(&destination) {
                state.objects.remove(key);
            }
        }
    }

    fn carry_out(&mut self, task: &Task) {
        // A source version that is gone by now is simply not replicated: an early delete wins.
        let Some(source) = self.version_mut(&task.bucket, &task.key, task.id).map(|version| version.clone()) else {
            return;
        };
        let status = match &task.forced {
            Some(Forced::Pending) => Status::Pending,
            Some(Forced::Failed) => Status::Failed,
            Some(Forced::Lost) => Status::Completed,
            Some(Forced::Word(word)) => {
                self.copy(task, &source);
                Status::from_word(word)
            }
            Some(Forced::Absent) => Status::Absent,
            None if self.copy(task, &source) => Status::Completed,
            None => Status::Failed,
        };
        if let Some(version) = self.version_mut(&task.bucket, &task.key, task.id) {
            version.status = status;
        }
    }

    /// True when every destination took it; one that fails does not hold up the others.
    fn copy(&mut self, task: &Task, source: &Version) -> bool {
        let locked = self.buckets.get(&task.bucket).is_some_and(|bucket| bucket.settings.object_lock);
        let mut all = true;
        for target in &task.targets {
            let taken = self.buckets.get_mut(&target.bucket).is_some_and(|state| {
                let fit = state.settings.versioning == Versioning::Enabled
                    && (state.settings.object_lock || !locked)
                    && !state.settings.denied.iter().any(|deny| covers(deny, "s3:ReplicateObject"));
                if fit {
                    let mut replica = source.clone();
                    replica.status = Status::Replica;
                    // Annotations replicate one by one, after the version: see `Sandbox::annotate`.
                    if !replica.extra().annotations.is_empty() {
                        replica.extra_mut().annotations.clear();
                    }
                    if target.storage_class.is_some() {
                        replica.extra_mut().storage_class = target.storage_class.clone();
                    }
                    state.insert_by_age(&task.key, replica);
                }
                fit
            });
            all &= taken;
        }
        all
    }

    fn targets(&self, bucket: &str, key: &str, version: &Version) -> Vec<TaskTarget> {
        let Some(state) = self.buckets.get(bucket) else { return Vec::new() };
        let extra = version.extra();
        // S3 cannot read these without a restore.
        if matches!(extra.storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE")) {
            return Vec::new();
        }
        let kms = matches!(extra.sse, Sse::Kms(_));
        let mut chosen: Vec<&RuleState> = Vec::new();
        for rule in state.matching(key, &extra.tags) {
            match chosen.iter_mut().find(|other| other.to == rule.to) {
                None => chosen.push(rule),
                Some(other) if other.priority < rule.priority => *other = rule,
                Some(_) => {}
            }
        }
        chosen
            .into_iter()
            .filter(|rule| rule.kms || !kms)
            .map(|rule| TaskTarget { bucket: rule.to.clone(), storage_class: rule.storage_class.clone() })
            .collect()
    }
}

impl BucketState {
    pub(crate) fn rules(&self) -> &[RuleState] {
        self.replication.as_ref().map_or(&[], |replication| replication.rules.as_slice())
    }

    fn matching<'a>(&'a self, key: &'a str, tags: &'a [(String, String)]) -> impl Iterator<Item = &'a RuleState> {
        self.rules().iter().filter(move |rule| rule.matches(key, tags))
    }

    fn forced(&self, key: &str) -> Option<&Forced> {
        self.forced.iter().rfind(|(prefix, _)| key.starts_with(prefix.as_str())).map(|(_, forced)| forced)
    }

    /// Replicas keep the time of their source and take their place by it; a copy of a
    /// version already there brings changed metadata.
    fn insert_by_age(&mut self, key: &str, replica: Version) {
        let Some(versions) = self.objects.get_mut(key) else {
            self.objects.insert(key.into(), vec![replica]);
            return;
        };
        if let Some(old) = versions.iter_mut().find(|old| old.id == replica.id) {
            *old = replica;
            return;
        }
        let place = versions.iter().rposition(|old| old.modified <= replica.modified).map_or(0, |place| place + 1);
        versions.insert(place, replica);
    }
}
