//! What happens while the program runs: other people's requests, and signals to the program.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use replaudit_sandbox::{Moment, Rule, Sandbox, Versioning, WatchedRequest};

use crate::carried::Done;
use crate::history::{Action, Event};
use crate::world::{World, body};

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Events of one run that are still to come.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// Sends a signal to the program.
    pub(crate) signal: Box<dyn Fn(Action) + Send + Sync>,
    pub(crate) done: Arc<Mutex<Vec<Done>>>,
    pub(crate) journal: Option<PathBuf>,
    /// What is in the journal when a delete arrives, by its place in the log.
    pub(crate) intents: Arc<Mutex<BTreeMap<u64, String>>>,
    pub(crate) events: Mutex<Vec<Event>>,
    /// Requests seen so far, by moment and operation; None counts all.
    pub(crate) counts: Mutex<HashMap<(bool, Option<&'static str>), u32>>,
}

impl Stage {
    /// Lets happen what is due at this moment of this request.
    pub(crate) fn at(&self, s3: &Sandbox, seen: &WatchedRequest) {
        if let Some(journal) = &self.journal
            && seen.moment == Moment::Before
            && seen.operation.starts_with("DeleteObject")
        {
            let text = std::fs::read(journal).unwrap_or_default();
            lock(&self.intents).insert(seen.arrived, String::from_utf8_lossy(&text).into_owned());
        }
        for event in self.due(seen) {
            self.act(s3, &event, seen);
        }
    }

    fn due(&self, seen: &WatchedRequest) -> Vec<Event> {
        let mut counts = lock(&self.counts);
        let mut nth = |operation| {
            let count = counts.entry((seen.moment == Moment::Before, operation)).or_insert(0);
            *count += 1;
            *count - 1
        };
        let (any, same) = (nth(None), nth(Some(seen.operation)));
        let mut events = lock(&self.events);
        let (due, later) = events.drain(..).partition(|event: &Event| {
            event.moment == seen.moment
                && match event.operation {
                    None => event.nth == any,
                    Some(operation) => operation == seen.operation && event.nth == same,
                }
        });
        *events = later;
        due
    }

    /// The object that an event is about: a chosen one, else the request's own, else the first.
    fn place(&self, event: &Event, seen: &WatchedRequest) -> (usize, String) {
        if let Some((source, key)) = event.place {
            return (source, self.world.sources[source].keys[key].name.clone());
        }
        let own = self.world.sources.iter().position(|source| Some(source.name) == seen.bucket.as_deref());
        let source = own.unwrap_or(0);
        let known = |key: &&String| self.world.sources[source].keys.iter().any(|held| held.name == **key);
        let key = seen.key.as_ref().filter(known).cloned();
        (source, key.unwrap_or_else(|| self.world.sources[source].keys[0].name.clone()))
    }

    fn act(&self, s3: &Sandbox, event: &Event, seen: &WatchedRequest) {
        let (source, key) = self.place(event, seen);
        let source = &self.world.sources[source];
        let bucket = source.name.to_owned();
        let held = s3.versions(&bucket, &key);
        // S3 does not let versioning be suspended where Object Lock is on.
        let may_suspend = !source.object_lock && source.versioning != Versioning::Never;
        match event.action {
            Action::Overwrite { body: number, status } => {
                let version = s3.put(&bucket, &key, body(number));
                s3.set_status_of(&bucket, &key, &version, status);
                self.note(Done::Wrote { bucket, key, version });
            }
            Action::Status(status) if !held.is_empty() => s3.set_status(&bucket, &key, status),
            Action::Suspend if may_suspend => self.set_versioning(s3, bucket, Versioning::Suspended),
            Action::Enable => self.set_versioning(s3, bucket, Versioning::Enabled),
            Action::LoseReplica => {
                // Noted first: a check in between must not blame the program for it.
                for bucket in [source.destination, source.second] {
                    self.note(Done::LostReplica { bucket: bucket.to_owned(), key: key.clone() });
                }
                s3.lose_replica(&bucket, &key);
            }
            Action::FewerDestinations => s3.replicate(&bucket, [Rule::new("rule").to(source.destination)]),
            Action::Hide => match s3.delete(&bucket, &key) {
                Some(marker) => self.note(Done::Hid { bucket, key, marker }),
                None => self.note(Done::Took { bucket, key, version: "null".to_owned() }),
            },
            Action::Remove => {
                if let Some(current) = held.first() {
                    s3.delete_version(&bucket, &key, &current.version_id);
                    self.note(Done::Took { bucket, key, version: current.version_id.clone() });
                }
            }
            Action::Kill | Action::KillSoon(_) | Action::Interrupt | Action::Terminate => (self.signal)(event.action),
            Action::Status(_) | Action::Suspend => {}
        }
    }

    fn set_versioning(&self, s3: &Sandbox, bucket: String, versioning: Versioning) {
        s3.set_versioning(&bucket, versioning);
        self.note(Done::Versioning { at: s3.tick(), bucket, versioning });
    }

    fn note(&self, done: Done) {
        lock(&self.done).push(done);
    }
}
