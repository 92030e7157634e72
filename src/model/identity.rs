//! Identities of values in sixteen bytes each, however long their texts: a million of them fit in memory.

use std::hash::{BuildHasher, Hash, RandomState};

/// Identifies a value among those of one [`IdentityHasher`].
///
/// Its hash keys are random, so that no two values can be made up that collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ObjectIdentity(u64, u64);

/// Makes identities; those of different hashers can't be compared.
#[derive(Debug, Clone, Default)]
pub(crate) struct IdentityHasher(RandomState, RandomState);

impl IdentityHasher {
    /// The identity of an object, or of what stands for one.
    pub(crate) fn of(&self, object: &impl Hash) -> ObjectIdentity {
        ObjectIdentity(self.0.hash_one(object), self.1.hash_one(object))
    }
}
