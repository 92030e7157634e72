//! The identity of an object version: a keyed 128-bit hash of its decoded key and version ID.
//!
//! Keys are chosen by others, and two identities with one hash would be a false "in sync". SipHash with a key that is fresh
//! for each run makes that a matter of chance: for n rows in both reports, less than n² / 2^126.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

/// The bits of an identity that are left for a class: see [`super::ClassTable`].
const FREE_BITS: u128 = 0b111;
const HALF: u32 = 64;

/// The secret of one run.
#[derive(Clone, Copy)]
pub(crate) struct IdentitySecret(pub(crate) [u8; 16]);

/// A key and a version ID, or the key alone: in halves, because records are compared in fewer bytes with them than with a number
/// of 128 bits, which must be aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    high: u64,
    low: u64,
}

impl Identity {
    #[inline]
    pub(super) fn of_bits(bits: u128) -> Self {
        Self { high: (bits >> HALF) as u64, low: bits as u64 }
    }

    #[inline]
    pub(super) fn bits(self) -> u128 {
        u128::from(self.high) << HALF | u128::from(self.low)
    }

    /// Its highest bits, for partitions.
    #[inline]
    pub(crate) fn partition(self, partitions: u32) -> u32 {
        let (high, partitions) = (self.high >> 32, u64::from(partitions));
        // Below `partitions`, which has 32 bits.
        ((high * partitions) >> 32) as u32
    }

    /// Other bits, which divide a partition into 2^32 parts.
    #[inline]
    pub(super) fn part(self) -> u32 {
        self.high as u32
    }

    /// Bits that decide neither.
    #[inline]
    pub(super) fn slot(self) -> u32 {
        (self.low >> 32) as u32
    }
}

/// Makes identities, with one buffer for all of them.
#[derive(Clone)]
pub(crate) struct RowHasher {
    secret: IdentitySecret,
    text: Vec<u8>,
}

impl std::fmt::Debug for RowHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowHasher").finish_non_exhaustive()
    }
}

impl RowHasher {
    pub(crate) fn new(secret: IdentitySecret) -> Self {
        Self { secret, text: Vec::new() }
    }

    /// Starts an identity. The caller appends the decoded key.
    #[inline]
    pub(crate) fn key(&mut self) -> &mut Vec<u8> {
        self.text.clear();
        &mut self.text
    }

    /// The key that was appended.
    #[inline]
    pub(crate) fn current_key(&self) -> &[u8] {
        &self.text
    }

    /// The identity of the appended key and a version; empty for the null version, or where the report has none.
    #[inline]
    pub(crate) fn finish(&mut self, version: &[u8]) -> Identity {
        let length = self.text.len() as u64;
        self.text.extend_from_slice(version);
        // The length of the key tells where the version begins.
        self.text.extend_from_slice(&length.to_le_bytes());
        Identity::of_bits(self.hash(&self.text) & !FREE_BITS)
    }

    /// A hash of what tells two null versions apart. Zero means "no ETag".
    #[inline]
    pub(crate) fn content(&self, etag: &[u8]) -> u64 {
        (self.hash(etag) as u64).max(1)
    }

    #[inline]
    fn hash(&self, bytes: &[u8]) -> u128 {
        let mut hasher = SipHasher13::new_with_key(&self.secret.0);
        hasher.write(bytes);
        hasher.finish128().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn identity(hasher: &mut RowHasher, key: &[u8], version: &[u8]) -> Identity {
        hasher.key().extend_from_slice(key);
        hasher.finish(version)
    }

    #[test]
    fn key_and_version_are_not_confused_and_the_secret_decides() {
        let mut one = RowHasher::new(IdentitySecret([1; 16]));
        let pairs: [(&[u8], &[u8]); 6] =
            [(b"ab", b""), (b"a", b"b"), (b"", b"ab"), (b"ab\0", b""), (b"ab", b"null"), (b"b", b"a")];
        let all: HashSet<u128> = pairs.iter().map(|(key, version)| identity(&mut one, key, version).bits()).collect();
        assert_eq!(all.len(), pairs.len());
        let mut other = RowHasher::new(IdentitySecret([2; 16]));
        assert_ne!(identity(&mut one, b"ab", b""), identity(&mut other, b"ab", b""));
        assert!(all.iter().all(|bits| bits & FREE_BITS == 0));
    }

    #[test]
    fn every_partition_gets_its_share() {
        let mut hasher = RowHasher::new(IdentitySecret([7; 16]));
        let mut counts = [0u32; 16];
        for n in 0..16_000u32 {
            counts[identity(&mut hasher, &n.to_le_bytes(), b"").partition(16) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
        assert_eq!(Identity::of_bits(u128::MAX).partition(u32::MAX), u32::MAX - 1);
    }
}
