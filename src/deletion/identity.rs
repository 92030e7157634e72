//! Which objects have been seen, in sixteen bytes each, however long their keys: a million of them fit in memory.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::model::ObjectId;

/// Identifies bucket, key and version id; `None` is a version of its own.
///
/// Its hash keys are random, so that no two keys can be made up that collide. If two did collide, the second would
/// be kept: nothing is deleted because of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ObjectIdentity(u64, u64);

/// Makes identities; those of different values can't be compared.
#[derive(Debug, Clone, Default)]
pub(super) struct IdentityHasher(RandomState, RandomState);

impl IdentityHasher {
    /// The identity of an object.
    pub(super) fn of(&self, object: &ObjectId) -> ObjectIdentity {
        ObjectIdentity(self.0.hash_one(object), self.1.hash_one(object))
    }
}

/// Objects that have been seen.
#[derive(Debug, Default)]
pub(crate) struct SeenObjects {
    identities: IdentityHasher,
    set: HashSet<ObjectIdentity>,
}

impl SeenObjects {
    /// Whether the object is new here.
    pub(crate) fn insert(&mut self, object: &ObjectId) -> bool {
        self.set.insert(self.identities.of(object))
    }

    /// Whether the object has been here.
    pub(crate) fn has(&self, object: &ObjectId) -> bool {
        self.set.contains(&self.identities.of(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VersionId;

    #[test]
    fn every_part_of_an_address_counts() {
        let object = |text: &str, version: Option<&str>| ObjectId {
            version_id: version.map(|id| VersionId::new(id).unwrap()),
            ..ObjectId::parse(text).unwrap()
        };
        let mut seen = SeenObjects::default();
        for (address, version) in [
            ("s3://bucket/k", None),
            ("s3://bucket/k", Some("null")),
            ("s3://bucket/k", Some("v1")),
            ("s3://bucket/kv", Some("1")),
            ("s3://bucke/tk", None),
            ("s3://bucket/k/", None),
        ] {
            assert!(!seen.has(&object(address, version)), "{address} {version:?}");
            assert!(seen.insert(&object(address, version)), "{address} {version:?}");
            assert!(!seen.insert(&object(address, version)), "{address} {version:?}");
        }
    }
}
