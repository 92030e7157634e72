//! Sums over pairs of rows, one per thread, merged at the end.

use super::class::PairClass;
use super::identity::Identity;
use super::record::ObjectRecord;
use crate::model::{Overflow, add};

/// Objects and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PairCount {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
}

impl PairCount {
    #[inline]
    pub(crate) fn count(&mut self, size: u64) -> Result<(), Overflow> {
        add(&mut self.objects, 1)?;
        add(&mut self.bytes, size)
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Overflow> {
        add(&mut self.objects, other.objects)?;
        add(&mut self.bytes, other.bytes)
    }
}

/// The objects of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ClassSum {
    pub(crate) count: PairCount,
    /// The sum of their identities modulo 2^128: two readings of one report find the same objects if these agree.
    fingerprint: u128,
}

impl ClassSum {
    /// Objects that were counted elsewhere.
    pub(super) fn of(count: PairCount) -> Self {
        Self { count, fingerprint: 0 }
    }

    #[inline]
    pub(crate) fn count(&mut self, identity: Identity, size: u64) -> Result<(), Overflow> {
        self.fingerprint = self.fingerprint.wrapping_add(identity.bits());
        self.count.count(size)
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
        self.count.merge(other.count)
    }
}

/// Source objects of one status that is not COMPLETED.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct OtherStatusSum {
    pub(crate) count: PairCount,
    /// How many of them the destination lists.
    pub(crate) present: u64,
}

/// What a comparison adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairSums {
    pub(crate) classes: [ClassSum; PairClass::ALL.len()],
    /// By the number of the status.
    pub(crate) statuses: Vec<OtherStatusSum>,
    pub(crate) source_markers: u64,
    pub(crate) destination_markers: u64,
    /// Objects of the destination that are not replicas, and of which the source lists no version.
    pub(crate) unrelated: PairCount,
    /// Objects of the destination that are too new for the source's report, which does not list them.
    pub(crate) new_at_destination: PairCount,
    /// Judged objects that are the latest version at the source and not at the destination.
    pub(crate) hidden_at_destination: u64,
    /// The other way round.
    pub(crate) hidden_at_source: u64,
}

impl Default for PairSums {
    fn default() -> Self {
        Self {
            classes: Default::default(),
            // A status is a byte.
            statuses: vec![OtherStatusSum::default(); 256],
            source_markers: 0,
            destination_markers: 0,
            unrelated: PairCount::default(),
            new_at_destination: PairCount::default(),
            hidden_at_destination: 0,
            hidden_at_source: 0,
        }
    }
}

impl PairSums {
    #[inline]
    pub(super) fn count_class(&mut self, class: PairClass, record: &ObjectRecord) -> Result<(), Overflow> {
        self.classes[class.place()].count(record.identity, record.size)
    }

    pub(crate) fn of(&self, class: PairClass) -> &ClassSum {
        &self.classes[class.place()]
    }

    /// The objects that were judged.
    pub(crate) fn judged(&self) -> u64 {
        PairClass::JUDGED.into_iter().fold(0, |sum, class| sum.saturating_add(self.of(class).count.objects))
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        for (sum, more) in self.classes.iter_mut().zip(&other.classes) {
            sum.merge(more)?;
        }
        for (sum, more) in self.statuses.iter_mut().zip(&other.statuses) {
            sum.count.merge(more.count)?;
            add(&mut sum.present, more.present)?;
        }
        add(&mut self.source_markers, other.source_markers)?;
        add(&mut self.destination_markers, other.destination_markers)?;
        self.unrelated.merge(other.unrelated)?;
        self.new_at_destination.merge(other.new_at_destination)?;
        add(&mut self.hidden_at_destination, other.hidden_at_destination)?;
        add(&mut self.hidden_at_source, other.hidden_at_source)
    }
}
