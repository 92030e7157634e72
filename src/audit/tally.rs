//! The running sums over a report's records, one tally per worker, merged at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use s3_inventory::{Columns, KeyClasses, Record, decode_key};

use super::ages::{Ages, PendingAge};
use super::by_rule::RuleSums;
use super::dimension::Dimension;
use super::error::{MOST_WORDS, TallyError};
use super::groups::{GroupMember, GroupSums, Grouping, Groups, NamedDimension};
use super::totals::{Overdue, StatusTotals};
use super::uncovered::UncoveredObjects;
use crate::coverage::KeyRules;
use crate::model::{Overflow, ReplicationStatus, StatusClass, add};

/// The records that count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only keys that begin with this, decoded.
    pub prefix: Option<String>,
    /// Only latest versions.
    pub current: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WordSums {
    pub(super) status: ReplicationStatus,
    pub(super) totals: StatusTotals,
    /// Delete markers that have it, which are in no sum.
    pub(super) markers: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(super) filter: Filter,
    pub(super) overdue_before: Timestamp,
    pub(super) has_size: bool,
    /// Every record, before the filter.
    pub rows_scanned: u64,
    /// Records that passed the filter.
    pub rows: u64,
    /// Delete markers among them, which are in no status.
    pub delete_markers: u64,
    /// Per status word of S3, unordered; `NONE` for none.
    pub(super) words: Vec<WordSums>,
    pub(super) overdue: StatusTotals,
    pub(super) ages: Ages,
    /// Pending records without a date: whether they are overdue is not known.
    pub undated_pending: u64,
    pub(super) groups: Groups,
    /// Sums per rule, if they are wanted.
    pub(super) by_rule: Option<RuleSums>,
    rules: Option<Arc<KeyRules>>,
}

impl Tally {
    /// An empty tally of a report scanned at `scanned_at`: pending for longer than `overdue` then is overdue;
    /// `has_size` says whether the report has the Size column.
    pub(crate) fn new(filter: Filter, scanned_at: Timestamp, overdue: SignedDuration, has_size: bool) -> Self {
        Self {
            filter,
            overdue_before: scanned_at.checked_sub(overdue).unwrap_or(Timestamp::MIN),
            has_size,
            rows_scanned: 0,
            rows: 0,
            delete_markers: 0,
            words: Vec::new(),
            overdue: StatusTotals::empty(has_size),
            ages: Ages::of_scan(scanned_at),
            undated_pending: 0,
            groups: Groups::new(&Grouping::none(), scanned_at, has_size),
            by_rule: None,
            rules: None,
        }
    }

    /// Adds groups, for a report scanned at `scanned_at`.
    pub(crate) fn in_groups(self, grouping: &Grouping, scanned_at: Timestamp) -> Self {
        let wanted = grouping.rules.as_ref().filter(|_| grouping.by.contains(&Dimension::Rule));
        Self {
            groups: Groups::new(grouping, scanned_at, self.has_size),
            by_rule: wanted.map(|rules| RuleSums::new(Arc::clone(rules), grouping.encoded, scanned_at, self.has_size)),
            rules: grouping.rules.clone(),
            ..self
        }
    }

    /// The columns of a CSV report that counting needs.
    pub(crate) fn columns(&self, columns: &Columns) -> Columns {
        // Both show why objects are uncovered.
        let is_by_rule = self.by_rule.is_some();
        let wanted =
            |by: Dimension, place: Option<usize>| place.filter(|_| is_by_rule || self.groups.are_by(|it| it == by));
        Columns {
            storage_class: wanted(Dimension::StorageClass, columns.storage_class),
            encryption_status: wanted(Dimension::Encryption, columns.encryption_status),
            ..columns.clone()
        }
    }

    /// Whether counting needs keys.
    pub(crate) fn needs_keys(&self) -> bool {
        self.filter.prefix.is_some() || self.is_by_rule() || self.groups.are_by(|by| matches!(by, Dimension::Prefix(_)))
    }

    /// What counting needs instead of keys, if it only needs to know which rule is for them.
    pub(crate) fn key_classes(&self) -> Option<Box<dyn KeyClasses>> {
        let has_other_use = self.filter.prefix.is_some() || self.groups.are_by(|by| matches!(by, Dimension::Prefix(_)));
        self.by_rule.as_ref().filter(|sums| sums.needs_keys() && !has_other_use).map(RuleSums::key_classes)
    }

    /// Whether the groups take enough memory to be merged into another tally, and this one cleared.
    #[inline]
    pub(crate) fn is_large(&self) -> bool {
        self.groups.are_wanted() && self.groups.are_many()
    }

    pub(crate) fn clear(&mut self) {
        (self.rows_scanned, self.rows, self.delete_markers, self.undated_pending) = (0, 0, 0, 0);
        self.overdue = StatusTotals::empty(self.has_size);
        self.ages = self.ages.empty();
        self.words.clear();
        self.groups.clear();
        if let Some(sums) = &mut self.by_rule {
            sums.clear();
        }
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Counts one record of a CSV report.
    #[inline]
    pub(crate) fn count(&mut self, record: &Record<'_>) -> Result<(), TallyError> {
        add(&mut self.rows_scanned, 1)?;
        if self.filter.current && !record.is_latest {
            return Ok(());
        }
        if let Some(prefix) = &self.filter.prefix {
            let key = decode_key(record.key).ok_or_else(|| TallyError::of_key(record.key))?;
            if !key.starts_with(prefix.as_bytes()) {
                return Ok(());
            }
        }
        add(&mut self.rows, 1)?;
        if record.is_delete_marker {
            add(&mut self.delete_markers, 1)?;
            return if record.replication_status.is_empty() { Ok(()) } else { self.count_marker(record) };
        }
        let place = self.place_of(record.replication_status)?;
        let word = &mut self.words[place];
        word.totals.count(record.size, record.last_modified)?;
        let class = word.status.class();
        if class == StatusClass::Pending {
            self.count_pending(record)?;
        }
        let member = GroupMember {
            key: record.key,
            storage_class: record.storage_class,
            encryption: record.encryption_status,
            size: record.size,
            modified: record.last_modified,
        };
        if self.groups.are_wanted() {
            self.count_member(&member, place)?;
        }
        if class == StatusClass::NotReplicated
            && let Some(sums) = &mut self.by_rule
        {
            sums.count_uncovered(&member, None)?;
        }
        if self.is_by_rule() {
            self.count_ruled(record.key, place, record.size, record.last_modified)?;
        }
        Ok(())
    }

    /// Counts a delete marker that has a status.
    #[cold]
    fn count_marker(&mut self, record: &Record<'_>) -> Result<(), TallyError> {
        let place = self.place_of(record.replication_status)?;
        Ok(add(&mut self.words[place].markers, 1)?)
    }

    /// The number of delete markers per status; those without a status are left out.
    pub(crate) fn marker_statuses(&self) -> BTreeMap<String, u64> {
        let named =
            self.words.iter().filter(|word| word.markers > 0 && word.status.class() != StatusClass::NotReplicated);
        named.map(|word| (word.status.reported().to_owned(), word.markers)).collect()
    }

    /// Counts an object of the status at `place` in its groups.
    pub(super) fn count_member(&mut self, member: &GroupMember<'_>, place: usize) -> Result<(), TallyError> {
        let is_overdue = self.words[place].status.class() == StatusClass::Pending
            && member.modified.is_some_and(|modified| modified < self.overdue_before);
        self.groups.count(member, place, is_overdue)
    }

    /// Whether objects are counted one by one in sums per rule.
    #[inline]
    pub(super) fn is_by_rule(&self) -> bool {
        self.by_rule.as_ref().is_some_and(RuleSums::needs_keys)
    }

    /// The sums of all objects as those of one group.
    fn all_sums(&self) -> GroupSums {
        let words = self.words.iter().enumerate().filter(|(_, word)| word.totals.objects > 0);
        GroupSums::of(words.map(|(at, word)| (at, word.totals.clone())).collect(), &self.overdue)
    }

    /// The sums per rule, if they are wanted.
    pub(super) fn per_rule(&self) -> Option<NamedDimension> {
        self.by_rule.as_ref().map(|sums| sums.named(|| self.all_sums()))
    }

    /// Counts an object of the status at `place` by the rule that is for its key.
    #[inline]
    pub(super) fn count_ruled(
        &mut self,
        key: &[u8],
        place: usize,
        size: Option<u64>,
        modified: Option<Timestamp>,
    ) -> Result<(), TallyError> {
        let is_overdue = self.words[place].status.class() == StatusClass::Pending
            && modified.is_some_and(|modified| modified < self.overdue_before);
        let Some(sums) = &mut self.by_rule else { return Ok(()) };
        // A report has sizes or has none; an object without one in a report that has them counts as empty.
        let size = self.has_size.then(|| size.unwrap_or(0));
        sums.count(key, place, size, modified, is_overdue)
    }

    /// The rules of today, where they were read.
    pub(crate) fn rules(&self) -> Option<&Arc<KeyRules>> {
        self.rules.as_ref()
    }

    /// How many objects have no status although a rule is for their keys; `None` where that was not asked.
    pub(super) fn uncovered(&self) -> Result<Option<u64>, Overflow> {
        self.by_rule
            .as_ref()
            .map(|sums| sums.uncovered(|| self.all_sums(), |place| self.words[place].status.class()))
            .transpose()
    }

    /// Why objects are uncovered; `None` where that was not asked.
    pub(super) fn uncovered_causes(&self) -> Result<Option<Vec<UncoveredObjects>>, Overflow> {
        let class = |place: usize| self.words[place].status.class();
        self.by_rule.as_ref().map_or(Ok(None), |sums| sums.causes(|| self.all_sums(), class))
    }

    fn count_pending(&mut self, record: &Record<'_>) -> Result<(), Overflow> {
        let Some(modified) = record.last_modified else { return add(&mut self.undated_pending, 1) };
        self.ages.count(record.size.unwrap_or(0), modified)?;
        if modified < self.overdue_before { self.overdue.count(record.size, Some(modified)) } else { Ok(()) }
    }

    /// The index of a word's sums.
    #[inline]
    pub(super) fn place_of(&mut self, word: &str) -> Result<usize, TallyError> {
        match self.words.iter().position(|known| known.status.is_reported_as(word)) {
            Some(at) => Ok(at),
            None => self.new_word(word),
        }
    }

    pub(crate) fn overdue_before(&self) -> Timestamp {
        self.overdue_before
    }

    /// Whether a row of a columnar report passes the filter.
    pub(super) fn passes(&self, is_latest: bool, key: Option<&[u8]>) -> bool {
        if self.filter.current && !is_latest {
            return false;
        }
        let prefix = self.filter.prefix.as_ref();
        prefix.is_none_or(|prefix| key.is_some_and(|key| key.starts_with(prefix.as_bytes())))
    }

    #[cold]
    fn new_word(&mut self, word: &str) -> Result<usize, TallyError> {
        if self.words.len() == MOST_WORDS {
            return Err(TallyError::Words);
        }
        let totals = StatusTotals::empty(self.has_size);
        self.words.push(WordSums { status: ReplicationStatus::of_report(word), totals, markers: 0 });
        Ok(self.words.len() - 1)
    }

    /// Adds the sums of another part of the same report.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), TallyError> {
        add(&mut self.rows_scanned, other.rows_scanned)?;
        add(&mut self.rows, other.rows)?;
        add(&mut self.delete_markers, other.delete_markers)?;
        add(&mut self.undated_pending, other.undated_pending)?;
        let places: Vec<usize> =
            other.words.iter().map(|word| self.place_of(word.status.reported())).collect::<Result<_, _>>()?;
        for (other, at) in other.words.iter().zip(&places) {
            self.words[*at].totals.merge(&other.totals)?;
            add(&mut self.words[*at].markers, other.markers)?;
        }
        self.groups.merge(&other.groups, &places)?;
        if let (Some(sums), Some(others)) = (&mut self.by_rule, &other.by_rule) {
            sums.merge(others, &places, self.has_size)?;
        }
        self.ages.merge(&other.ages)?;
        Ok(self.overdue.merge(&other.overdue)?)
    }

    /// The sums per word, sorted.
    pub(crate) fn statuses(&self) -> BTreeMap<ReplicationStatus, StatusTotals> {
        // A delete marker's empty cell may have added a word that no object has.
        let with_objects = self.words.iter().filter(|word| word.totals.objects > 0);
        with_objects.map(|word| (word.status.clone(), word.totals.clone())).collect()
    }

    /// What is overdue among the records that have a date.
    pub(crate) fn overdue(&self) -> Overdue {
        Overdue::of(&self.overdue)
    }

    /// Pending records by age, of those that have a date.
    pub(crate) fn pending_ages(&self) -> Vec<PendingAge> {
        self.ages.list(self.has_size)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests;
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn record(status: &'static str, size: u64, hours: i64) -> Record<'static> {
        Record { key: b"logs/a+b", size: Some(size), last_modified: Some(at(hours)), ..tests::record(status) }
    }

    fn tally(filter: Filter) -> Tally {
        Tally::new(filter, at(124), SignedDuration::from_hours(24), true)
    }

    #[test]
    fn sums_per_word_with_their_span() {
        let mut sums = tally(Filter::default());
        for (status, size, hours) in
            [("COMPLETED", 5, 3), ("COMPLETED", 7, 1), ("", 1, 9), ("NONE", 1, 8), ("Odd", 2, 2)]
        {
            sums.count(&record(status, size, hours)).unwrap();
        }
        sums.count(&Record { is_delete_marker: true, size: None, ..record("", 0, 1) }).unwrap();
        let statuses = sums.statuses();
        assert_eq!(statuses.keys().map(ReplicationStatus::reported).collect::<Vec<_>>(), ["COMPLETED", "NONE", "Odd"]);
        let completed = &statuses[&ReplicationStatus::of_report("COMPLETED")];
        assert_eq!((completed.objects, completed.bytes), (2, Some(12)));
        assert_eq!((completed.oldest, completed.newest), (Some(at(1)), Some(at(3))));
        assert_eq!((sums.rows_scanned, sums.rows, sums.delete_markers), (6, 6, 1));
        assert_eq!(sums.rows, sums.delete_markers + statuses.values().map(|t| t.objects).sum::<u64>());
    }

    #[test]
    fn overdue_is_older_than_the_limit_and_never_a_guess() {
        let mut sums = tally(Filter::default());
        for (status, hours) in [("PENDING", 99), ("PENDING", 100), ("PROCESSING", 50), ("FAILED", 1)] {
            sums.count(&record(status, 1, hours)).unwrap();
        }
        sums.count(&Record { last_modified: None, ..record("PENDING", 1, 0) }).unwrap();
        let overdue = sums.overdue();
        assert_eq!((overdue.objects, overdue.bytes, overdue.oldest), (2, Some(2), Some(at(50))));
        assert_eq!(sums.undated_pending, 1);
    }

    #[test]
    fn filters_use_decoded_keys_and_latest_versions() {
        let prefix = |text: &str| Filter { prefix: Some(text.to_owned()), current: false };
        for (filter, rows) in [
            (Filter::default(), 2),
            (prefix("logs/a b"), 2),
            (prefix("logs/a+b"), 0),
            (prefix("other"), 0),
            (Filter { prefix: None, current: true }, 1),
        ] {
            let mut sums = tally(filter);
            sums.count(&record("COMPLETED", 1, 1)).unwrap();
            sums.count(&Record { is_latest: false, ..record("COMPLETED", 1, 1) }).unwrap();
            assert_eq!((sums.rows_scanned, sums.rows), (2, rows));
        }
        let broken = Record { key: b"a%zz", ..record("COMPLETED", 1, 1) };
        assert!(tally(prefix("a")).count(&broken).is_err());
        assert!(tally(Filter::default()).count(&broken).is_ok(), "not looked at when nothing asks for it");
    }

    #[test]
    fn merging_equals_counting_in_one_go_and_overflow_is_an_error() {
        let (mut whole, mut left, mut right) =
            (tally(Filter::default()), tally(Filter::default()), tally(Filter::default()));
        for (at, status) in ["COMPLETED", "PENDING", "", "PENDING", "Odd"].into_iter().enumerate() {
            let record = record(status, 3, i64::try_from(at).unwrap());
            whole.count(&record).unwrap();
            if at % 2 == 0 { left.count(&record).unwrap() } else { right.count(&record).unwrap() }
        }
        left.merge(&right).unwrap();
        assert_eq!((left.statuses(), left.overdue(), left.rows), (whole.statuses(), whole.overdue(), whole.rows));
        left.count(&record("COMPLETED", u64::MAX - 3, 1)).unwrap();
        assert!(left.count(&record("COMPLETED", 1, 1)).is_err());
        assert!(left.merge(&whole).is_err());
    }

    #[test]
    fn too_many_words_are_an_error() {
        let mut sums = tally(Filter::default());
        let mut failed = false;
        for n in 0..300 {
            let word: &'static str = Box::leak(format!("W{n}").into_boxed_str());
            failed |= sums.count(&record(word, 1, 1)) == Err(TallyError::Words);
        }
        assert!(failed);
        assert_eq!(sums.statuses().len(), MOST_WORDS);
    }
}
