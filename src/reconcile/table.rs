//! The classes of source objects for a second reading of the report.
//!
//! Only problems are kept: a judged object that is not among them is in sync. The caller makes sure that both readings found
//! the same objects, by the sums of their identities.

use super::class::PairClass;
use super::identity::Identity;
use super::record::ObjectRecord;
use super::words::StatusWords;
use crate::model::StatusClass;

/// Bytes of one problem.
pub(crate) const PROBLEM_BYTES: u64 = 16;

/// The problems of some partitions.
#[derive(Debug, Default)]
pub(crate) struct ClassTable {
    /// An identity, and in its free bits the place of a class; sorted by [`ClassTable::sort`].
    problems: Vec<u128>,
}

impl ClassTable {
    #[inline]
    pub(crate) fn add(&mut self, identity: Identity, class: PairClass) {
        self.problems.push(identity.bits() | class.place() as u128);
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.problems.append(&mut other.problems);
    }

    pub(crate) fn len(&self) -> u64 {
        self.problems.len() as u64
    }

    /// Called after the last problem was added.
    pub(crate) fn sort(&mut self) {
        self.problems.sort_unstable();
    }

    /// The class of a source object of these partitions; `None` if it was not judged.
    pub(crate) fn class(&self, record: &ObjectRecord) -> Option<PairClass> {
        let is_judged = !record.flags.is_marker
            && record.flags.is_old
            && StatusWords::class(record.status) == StatusClass::Replicated;
        if !is_judged {
            return None;
        }
        let identity = record.identity.bits();
        let at = self.problems.partition_point(|problem| *problem < identity);
        let found = self.problems.get(at).filter(|problem| (*problem ^ identity) < 8);
        Some(found.map_or(PairClass::InSync, |problem| {
            let place = (problem ^ identity) as usize;
            PairClass::JUDGED.get(place).copied().unwrap_or(PairClass::Unsure)
        }))
    }
}
