//! What the buckets hold before the program starts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use replaudit_sandbox::{Bucket, Dialect, LockMode, Put, Rule, Sandbox, StoredVersion, Versioning};

/// Buckets, the habits of the server, and what the caller may not do.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) sources: Vec<Source>,
    pub(crate) dialect: Dialect,
    /// Denied actions, in IAM's words.
    pub(crate) denied: Vec<&'static str>,
}

/// A source bucket; its destinations have the same number.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: &'static str,
    pub(crate) destination: &'static str,
    /// Where some rules send a second copy.
    pub(crate) second: &'static str,
    /// At the start of the program.
    pub(crate) versioning: Versioning,
    pub(crate) object_lock: bool,
    pub(crate) rules: Rules,
    pub(crate) keys: Vec<Key>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    None,
    Plain,
    Markers,
    /// The old form, which carries markers.
    Old,
    /// The element that only other servers know.
    Deletes(bool),
    /// To both destinations.
    Both,
    /// To the second destination too, what has the tag.
    Tagged,
    /// Nothing that begins with `a`; what begins with `c` goes to both.
    Excluding,
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    /// Oldest first.
    pub(crate) versions: Vec<Made>,
}

#[derive(Clone, Debug)]
pub(crate) enum Made {
    Marker,
    Object(Object),
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Written while versioning was not Enabled.
    pub(crate) null: bool,
    pub(crate) body: u32,
    pub(crate) status: Option<&'static str>,
    pub(crate) lock: Lock,
    pub(crate) replica: Replica,
    /// It has the tag that [`Rules::Tagged`] asks for.
    pub(crate) tagged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    None,
    Governance,
    Compliance,
    Hold,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replica {
    Present,
    Lost,
    /// At the second destination only.
    LostAtSecond,
    Differs,
}

/// Version IDs by source, key and version, in the world's order.
pub(crate) type Ids = Vec<Vec<Vec<String>>>;

/// Versions by bucket and key, newest first.
pub(crate) type Snapshot = BTreeMap<(String, String), Vec<StoredVersion>>;

impl World {
    /// Fills a new server.
    pub(crate) fn build(&self, s3: &Sandbox) -> Ids {
        s3.dialect(|dialect| *dialect = self.dialect.clone());
        self.sources.iter().map(|source| source.build(s3)).collect()
    }

    /// Everything that the server holds.
    pub(crate) fn snapshot(&self, s3: &Sandbox) -> Snapshot {
        let mut found = Snapshot::new();
        for source in &self.sources {
            for key in &source.keys {
                for bucket in [source.name, source.destination, source.second] {
                    found.insert((bucket.to_owned(), key.name.clone()), s3.versions(bucket, &key.name));
                }
            }
        }
        found
    }

    /// The versions that have the tag.
    pub(crate) fn tagged(&self, ids: &Ids) -> BTreeSet<(String, String, String)> {
        let mut found = BTreeSet::new();
        for (source, ids) in self.sources.iter().zip(ids) {
            for (key, ids) in source.keys.iter().zip(ids) {
                for (made, id) in key.versions.iter().zip(ids) {
                    if matches!(made, Made::Object(Object { tagged: true, .. })) {
                        found.insert((source.name.to_owned(), key.name.clone(), id.clone()));
                    }
                }
            }
        }
        found
    }

    pub(crate) fn source(&self, bucket: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == bucket)
    }
}

impl Source {
    /// The buckets that the rules name for an object.
    pub(crate) fn destinations(&self, key: &str, tagged: bool) -> Vec<&'static str> {
        match self.rules {
            Rules::None => Vec::new(),
            Rules::Plain | Rules::Markers | Rules::Old | Rules::Deletes(_) => vec![self.destination],
            Rules::Both => vec![self.destination, self.second],
            Rules::Tagged if tagged => vec![self.destination, self.second],
            Rules::Tagged => vec![self.destination],
            Rules::Excluding if key.starts_with('a') => Vec::new(),
            Rules::Excluding if key.starts_with('c') => vec![self.destination, self.second],
            Rules::Excluding => vec![self.destination],
        }
    }

    fn build(&self, s3: &Sandbox) -> Vec<Vec<String>> {
        s3.create_bucket(Bucket::new(self.name).versioning(Versioning::Enabled).object_lock(self.object_lock));
        for name in [self.destination, self.second] {
            s3.create_bucket(Bucket::new(name).versioning(Versioning::Enabled).object_lock(self.object_lock));
        }
        let rule = Rule::new("rule").to(self.destination);
        let second = Rule::new("second").to(self.second).priority(2);
        match self.rules {
            Rules::None => {}
            Rules::Plain => s3.replicate(self.name, [rule]),
            Rules::Markers => s3.replicate(self.name, [rule.delete_markers(true)]),
            Rules::Old => s3.replicate(self.name, [rule.v1()]),
            Rules::Deletes(on) => s3.replicate(self.name, [rule.version_deletes(on)]),
            Rules::Both => s3.replicate(self.name, [rule, second]),
            Rules::Tagged => s3.replicate(self.name, [rule, second.tag("copies", "2")]),
            Rules::Excluding => s3.replicate(self.name, [rule.not_prefix("a"), second.prefix("c")]),
        }
        let ids = self.keys.iter().map(|key| self.write(s3, key)).collect();
        s3.set_versioning(self.name, self.versioning);
        ids
    }

    fn write(&self, s3: &Sandbox, key: &Key) -> Vec<String> {
        let mut ids = Vec::new();
        for made in &key.versions {
            match made {
                Made::Marker => ids.push(s3.delete(self.name, &key.name).expect("a marker")),
                Made::Object(object) => ids.push(self.put(s3, &key.name, object)),
            }
        }
        ids
    }

    fn put(&self, s3: &Sandbox, key: &str, object: &Object) -> String {
        let (now, hour) = (crate::wall::now(), Duration::from_secs(3600));
        let put = match object.lock {
            Lock::None => Put::default(),
            Lock::Governance => Put::default().retain_until(LockMode::Governance, now + hour),
            Lock::Compliance => Put::default().retain_until(LockMode::Compliance, now + hour),
            Lock::Over => Put::default().retain_until(LockMode::Governance, now - hour),
            Lock::Hold => Put::default().legal_hold(true),
        };
        let put = if object.tagged { put.tag("copies", "2") } else { put };
        if object.null {
            s3.set_versioning(self.name, Versioning::Suspended);
        }
        let id = s3.put_with(self.name, key, body(object.body), put);
        s3.set_versioning(self.name, Versioning::Enabled);
        s3.set_status_of(self.name, key, &id, object.status);
        let copied = |bucket| s3.versions(bucket, key).iter().any(|version| version.version_id == id);
        match object.replica {
            Replica::Lost if copied(self.destination) => s3.delete_version(self.destination, key, &id),
            Replica::LostAtSecond if copied(self.second) => s3.delete_version(self.second, key, &id),
            Replica::Differs if copied(self.destination) => s3.corrupt(self.destination, key, "something else"),
            Replica::Present | Replica::Lost | Replica::LostAtSecond | Replica::Differs => {}
        }
        id
    }
}

/// Content by number, so that two versions can be told apart or not.
pub(crate) fn body(number: u32) -> String {
    format!("content {number}")
}

/// Version IDs in a snapshot, by bucket and key.
pub(crate) fn versions_of(snapshot: &Snapshot) -> BTreeSet<(String, String, String)> {
    let each = |((bucket, key), versions): (&(String, String), &Vec<StoredVersion>)| {
        versions.iter().map(|version| (bucket.clone(), key.clone(), version.version_id.clone())).collect::<Vec<_>>()
    };
    snapshot.iter().flat_map(each).collect()
}
