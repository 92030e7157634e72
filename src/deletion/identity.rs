//! Which objects have been seen. If two identities did collide, the second object would be kept: nothing is deleted because of
//! it.

use std::collections::HashSet;

pub(super) use crate::model::{IdentityHasher, ObjectIdentity};

use crate::model::ObjectId;

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

    /// Forgets the object.
    pub(crate) fn remove(&mut self, object: &ObjectId) {
        self.set.remove(&self.identities.of(object));
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
        seen.remove(&object("s3://bucket/k", Some("v1")));
        assert!(!seen.has(&object("s3://bucket/k", Some("v1"))) && seen.has(&object("s3://bucket/k", None)));
    }
}
