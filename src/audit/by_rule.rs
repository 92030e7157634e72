//! Sums per rule that is for a row's key today (`--by rule`), in a plain array: there are few rules and many rows.

use std::sync::Arc;

use jiff::Timestamp;
use s3_inventory::KeyClasses;

use super::dimension::Dimension;
use super::error::TallyError;
use super::groups::{GroupMember, GroupSums, NamedDimension};
use super::uncovered::{UncoveredObjects, UncoveredSums};
use crate::coverage::{KeyRules, KeyRuling, RuleMemo, RulingClasses};
use crate::model::{Overflow, StatusClass, add};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleSums {
    rules: Arc<KeyRules>,
    memo: RuleMemo,
    /// By the index of the ruling.
    sums: Vec<GroupSums>,
    /// `None` where the sums were computed elsewhere, and no row was seen.
    uncovered: Option<UncoveredSums>,
}

impl RuleSums {
    pub(super) fn new(rules: Arc<KeyRules>, encoded: bool, scanned_at: Timestamp, has_size: bool) -> Self {
        let sums = vec![GroupSums::default(); rules.len()];
        let uncovered = Some(UncoveredSums::new(rules.len(), scanned_at, has_size));
        Self { rules, memo: RuleMemo::new(encoded), sums, uncovered }
    }

    /// Counts an object of the status at `place`.
    #[inline]
    pub(super) fn count(
        &mut self,
        key: &[u8],
        place: usize,
        size: Option<u64>,
        modified: Option<Timestamp>,
        is_overdue: bool,
    ) -> Result<(), TallyError> {
        let ruling = self.ruling(key)?;
        let sums = &mut self.sums[ruling];
        sums.word(place, size.is_some()).count(size, modified)?;
        if is_overdue {
            sums.overdue(size.is_some()).count(size, modified)?;
        }
        Ok(())
    }

    /// Counts why an object without a status has none, where a rule applies to its key.
    /// `ruling` is that of its key, if it is known already.
    pub(super) fn count_uncovered(
        &mut self,
        object: &GroupMember<'_>,
        ruling: Option<usize>,
    ) -> Result<(), TallyError> {
        let ruling = match ruling.or_else(|| self.rules.only().map(KeyRuling::at)) {
            Some(ruling) => ruling,
            None => self.ruling(object.key)?,
        };
        match &mut self.uncovered {
            Some(uncovered) => Ok(uncovered.count(&self.rules, ruling, object)?),
            None => Ok(()),
        }
    }

    /// Whether rows have to be counted one by one: not if all keys have one ruling.
    pub(super) fn needs_keys(&self) -> bool {
        self.rules.only().is_none()
    }

    /// The same rulings as classes of keys that are not encoded.
    pub(super) fn key_classes(&self) -> Box<dyn KeyClasses> {
        Box::new(RulingClasses::new(Arc::clone(&self.rules)))
    }

    pub(super) fn rulings(&self) -> usize {
        self.sums.len()
    }

    /// The ruling of a row's key.
    #[inline]
    pub(super) fn ruling(&mut self, key: &[u8]) -> Result<usize, TallyError> {
        let ruling = self.memo.ruling(&self.rules, key).ok_or_else(|| TallyError::of_key(key))?;
        Ok(ruling.at())
    }

    /// Adds sums that were computed elsewhere to the ruling of this name; returns whether there is exactly one.
    pub(super) fn add_sums(&mut self, name: &str, sums: &GroupSums, has_size: bool) -> Result<bool, Overflow> {
        // Causes are not among the figures.
        self.uncovered = None;
        let Some(ruling) = self.rules.named(name) else { return Ok(false) };
        self.sums[ruling].merge(sums, |at| at, has_size)?;
        Ok(true)
    }

    pub(super) fn of_ruling(&mut self, ruling: usize) -> &mut GroupSums {
        &mut self.sums[ruling]
    }

    /// Adds the sums of another part, whose status at a place is here at that of `places`.
    pub(super) fn merge(&mut self, other: &Self, places: &[usize], has_size: bool) -> Result<(), Overflow> {
        let pairs = self.sums.iter_mut().zip(&other.sums);
        pairs.into_iter().try_for_each(|(sums, others)| sums.merge(others, |at| places[at], has_size))?;
        match (&mut self.uncovered, &other.uncovered) {
            (Some(uncovered), Some(other)) => uncovered.merge(other),
            _ => Ok(()),
        }
    }

    pub(super) fn clear(&mut self) {
        self.sums.iter_mut().for_each(|sums| *sums = GroupSums::default());
        if let Some(uncovered) = &mut self.uncovered {
            uncovered.clear();
        }
    }

    /// The sums by the names of the rulings. `all` are those of the whole report, which are also those of an only ruling.
    pub(super) fn named(&self, all: impl FnOnce() -> GroupSums) -> NamedDimension {
        let named = |at: usize, sums: GroupSums| (self.rules.name(at).to_owned(), sums);
        let values = match self.rules.only() {
            Some(only) => [named(only.at(), all())].into_iter().filter(|(_, sums)| !sums.words.is_empty()).collect(),
            None => {
                let counted = self.sums.iter().enumerate().filter(|(_, sums)| !sums.words.is_empty());
                counted.map(|(at, sums)| named(at, sums.clone())).collect()
            }
        };
        NamedDimension { asked: Dimension::Rule, dimension: Dimension::Rule, values }
    }

    /// How many objects without a status a rule applies to; `class` tells the class of the status at a place.
    pub(super) fn uncovered(
        &self,
        all: impl FnOnce() -> GroupSums,
        class: impl Fn(usize) -> StatusClass,
    ) -> Result<u64, Overflow> {
        let mut objects = 0;
        let only = self.rules.only().map(|only| (only.at(), all()));
        let counted = self.sums.iter().enumerate().filter(|_| only.is_none());
        let sums = only.iter().map(|(at, sums)| (*at, sums)).chain(counted);
        for (_, sums) in sums.filter(|(at, _)| self.rules.applies(*at)) {
            for (_, totals) in sums.words.iter().filter(|(place, _)| class(*place) == StatusClass::NotReplicated) {
                add(&mut objects, totals.objects)?;
            }
        }
        Ok(objects)
    }

    /// The uncovered objects by rule and cause; `class` tells the class of the status at a place.
    pub(super) fn causes(
        &self,
        all: impl FnOnce() -> GroupSums,
        class: impl Fn(usize) -> StatusClass,
    ) -> Result<Option<Vec<UncoveredObjects>>, Overflow> {
        let all = self.rules.only().map(|_| all());
        let Some(uncovered) = &self.uncovered else { return Ok(None) };
        let causes = uncovered.list(&self.rules, |ruling| {
            let words = &all.as_ref().unwrap_or(&self.sums[ruling]).words;
            let completed = words.iter().filter(|(place, _)| class(*place) == StatusClass::Replicated);
            completed.filter_map(|(_, totals)| totals.oldest).min()
        });
        causes.map(Some)
    }
}
