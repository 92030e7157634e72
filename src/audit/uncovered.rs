//! Why objects have no status although a rule applies to their keys, as far as the rows of a report show it.
//!
//! Each object has one cause: the first that its row shows. What no column shows, such as a rule that was disabled for a while, is
//! not guessed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::groups::GroupMember;
use super::totals::StatusTotals;
use crate::coverage::KeyRules;
use crate::model::Overflow;

/// What a report shows of why an object is uncovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UncoveredCause {
    /// Its storage class is GLACIER or DEEP_ARCHIVE.
    Archived,
    /// It is encrypted with KMS, and no rule that applies to the key includes such objects.
    KmsWithoutOptIn,
    /// It was last modified on an earlier day (UTC) than every COMPLETED object of the same rule.
    BeforeFirstCompleted,
    /// The report shows none of these.
    Unexplained,
}

impl UncoveredCause {
    /// The word, what it means, and what to do.
    pub(crate) fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Archived => (
                "archived",
                "the storage class is GLACIER or DEEP_ARCHIVE, and S3 does not replicate archived objects",
                "restore each object and copy it to another storage class, if it needs a replica",
            ),
            Self::KmsWithoutOptIn => (
                "kms-without-opt-in",
                "the object is encrypted with KMS, and no rule that applies to the key includes such objects",
                "add SourceSelectionCriteria with SseKmsEncryptedObjects to the rule, then run S3 Batch Replication",
            ),
            Self::BeforeFirstCompleted => (
                "before-first-completed",
                "the object is older than every COMPLETED object of the rule: it was probably written before the rule",
                "run S3 Batch Replication",
            ),
            Self::Unexplained => (
                "unexplained",
                "the report does not show why",
                "export the class uncovered, and look at some of the objects with replaudit status --explain",
            ),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        self.texts().0
    }
}

/// Uncovered objects of one rule with one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct UncoveredObjects {
    /// The ID of the rule that applies to their keys today, or several IDs.
    pub rule: String,
    /// The first cause that the report shows.
    pub cause: UncoveredCause,
    /// Their sums.
    #[serde(flatten)]
    pub totals: StatusTotals,
    /// What the cause means.
    pub meaning: &'static str,
    /// What to do.
    pub next: &'static str,
}

/// The largest number of days before the scan that is counted; S3 is younger.
const MOST_DAYS: i64 = 10_000;
/// Days of all rules that are kept, so that memory does not depend on what a report claims. Further ones are unexplained.
const MOST_ENTRIES: usize = 100_000;

/// The sums of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct CauseSums {
    archived: StatusTotals,
    kms: StatusTotals,
    /// The others, by days before the scan: which of them are older than every COMPLETED object is known at the end.
    days: BTreeMap<u16, StatusTotals>,
    /// The others whose day is not known.
    undated: StatusTotals,
}

/// Sums of uncovered objects, by the index of the ruling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UncoveredSums {
    sums: Vec<CauseSums>,
    scan_day: i64,
    /// Days of all rules.
    entries: usize,
    has_size: bool,
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 60 * 60)
}

impl CauseSums {
    fn empty(has_size: bool) -> Self {
        let none = StatusTotals::empty(has_size);
        Self { archived: none.clone(), kms: none.clone(), days: BTreeMap::new(), undated: none }
    }
}

impl UncoveredSums {
    pub(super) fn new(rulings: usize, scanned_at: Timestamp, has_size: bool) -> Self {
        Self { sums: vec![CauseSums::empty(has_size); rulings], scan_day: day(scanned_at), entries: 0, has_size }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill(CauseSums::empty(self.has_size));
        self.entries = 0;
    }

    fn days_before_scan(&self, at: Timestamp) -> u16 {
        // Of an object that is newer than the scan: the day of the scan.
        (self.scan_day - day(at)).clamp(0, MOST_DAYS) as u16
    }

    /// Counts an object without a status. The cold path: few objects have none.
    #[cold]
    pub(super) fn count(&mut self, rules: &KeyRules, ruling: usize, object: &GroupMember<'_>) -> Result<(), Overflow> {
        if !rules.applies(ruling) {
            return Ok(());
        }
        let day = object.modified.map(|at| self.days_before_scan(at));
        let is_kms = matches!(object.encryption, b"SSE-KMS" | b"DSSE-KMS");
        let totals = match object.storage_class {
            b"GLACIER" | b"DEEP_ARCHIVE" => &mut self.sums[ruling].archived,
            _ if is_kms && rules.leaves_out_kms(ruling) => &mut self.sums[ruling].kms,
            _ => self.of_day(ruling, day),
        };
        totals.count(object.size, object.modified)
    }

    fn of_day(&mut self, ruling: usize, day: Option<u16>) -> &mut StatusTotals {
        let CauseSums { days, undated, .. } = &mut self.sums[ruling];
        match day {
            Some(day) if days.contains_key(&day) || self.entries < MOST_ENTRIES => {
                days.entry(day).or_insert_with(|| {
                    self.entries += 1;
                    StatusTotals::empty(self.has_size)
                })
            }
            Some(_) | None => undated,
        }
    }

    /// Adds the sums of another part of the same report.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        for (ruling, others) in other.sums.iter().enumerate() {
            let sums = &mut self.sums[ruling];
            sums.archived.merge(&others.archived)?;
            sums.kms.merge(&others.kms)?;
            sums.undated.merge(&others.undated)?;
            for (day, totals) in &others.days {
                self.of_day(ruling, Some(*day)).merge(totals)?;
            }
        }
        Ok(())
    }

    /// The uncovered objects by rule and cause, most objects first. `first_completed` is the oldest LastModifiedDate of a
    /// COMPLETED object that the rules of a ruling apply to.
    pub(super) fn list(
        &self,
        rules: &KeyRules,
        first_completed: impl Fn(usize) -> Option<Timestamp>,
    ) -> Result<Vec<UncoveredObjects>, Overflow> {
        let mut list = Vec::new();
        for (ruling, sums) in self.sums.iter().enumerate() {
            let mut before = StatusTotals::empty(self.has_size);
            let mut unexplained = sums.undated.clone();
            let first = first_completed(ruling).map(|at| self.days_before_scan(at));
            for (day, totals) in &sums.days {
                let is_older = first.is_some_and(|first| *day > first);
                if is_older { before.merge(totals)? } else { unexplained.merge(totals)? }
            }
            let causes = [
                (UncoveredCause::Archived, sums.archived.clone()),
                (UncoveredCause::KmsWithoutOptIn, sums.kms.clone()),
                (UncoveredCause::BeforeFirstCompleted, before),
                (UncoveredCause::Unexplained, unexplained),
            ];
            let found = causes.into_iter().filter(|(_, totals)| totals.objects > 0);
            list.extend(found.map(|(cause, totals)| {
                let (_, meaning, next) = cause.texts();
                UncoveredObjects { rule: rules.name(ruling).to_owned(), cause, totals, meaning, next }
            }));
        }
        list.sort_by(|one, other| {
            let key = |of: &UncoveredObjects| std::cmp::Reverse(of.totals.objects);
            (key(one), &one.rule, one.cause).cmp(&(key(other), &other.rule, other.cause))
        });
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use s3_answers::{ReplicationRule, ReplicationRules, RuleScope};

    use super::*;

    fn rule(id: &str, prefix: &str, kms_opt_in: bool) -> ReplicationRule {
        let scope = RuleScope { has_filter: true, prefix: prefix.to_owned(), ..RuleScope::default() };
        ReplicationRule { id: Some(id.to_owned()), scope, kms_opt_in, ..ReplicationRule::to(&format!("to-{id}")) }
    }

    fn rules() -> KeyRules {
        let rules = vec![rule("plain", "a/", false), rule("kms", "b/", true), rule("more", "a/kms/", true)];
        KeyRules::new(&ReplicationRules { rules, ..ReplicationRules::default() })
    }

    /// Ten days before the scan at noon of day 100, and so on.
    fn at(days: i64, hour: i64) -> Timestamp {
        Timestamp::from_second(((100 - days) * 24 + hour) * 3600).unwrap()
    }

    fn object<'a>(key: &'a str, class: &'a str, encryption: &'a str, modified: Option<Timestamp>) -> GroupMember<'a> {
        let (storage_class, encryption) = (class.as_bytes(), encryption.as_bytes());
        GroupMember { key: key.as_bytes(), storage_class, encryption, size: Some(3), modified }
    }

    fn count(sums: &mut UncoveredSums, rules: &KeyRules, object: &GroupMember<'_>) {
        sums.count(rules, rules.of(object.key).at(), object).unwrap();
    }

    #[test]
    fn each_object_has_the_first_cause_that_its_row_shows() {
        use UncoveredCause as C;
        let rules = rules();
        for (key, class, encryption, modified, expected) in [
            ("a/1", "GLACIER", "SSE-KMS", Some(at(50, 0)), Some(C::Archived)),
            ("a/1", "DEEP_ARCHIVE", "", None, Some(C::Archived)),
            ("a/1", "GLACIER_IR", "SSE-S3", Some(at(9, 0)), Some(C::Unexplained)),
            ("a/1", "STANDARD", "SSE-KMS", Some(at(50, 0)), Some(C::KmsWithoutOptIn)),
            ("a/1", "", "DSSE-KMS", None, Some(C::KmsWithoutOptIn)),
            ("a/kms/1", "STANDARD", "SSE-KMS", Some(at(9, 0)), Some(C::Unexplained)),
            ("b/1", "STANDARD", "SSE-KMS", Some(at(9, 0)), Some(C::Unexplained)),
            ("a/1", "STANDARD", "SSE-C", Some(at(11, 23)), Some(C::BeforeFirstCompleted)),
            // On the same day it is not certain.
            ("a/1", "STANDARD", "SSE-S3", Some(at(10, 0)), Some(C::Unexplained)),
            ("a/1", "STANDARD", "SSE-S3", Some(at(-5, 0)), Some(C::Unexplained)),
            ("a/1", "STANDARD", "SSE-S3", None, Some(C::Unexplained)),
            // Nothing of this rule is COMPLETED.
            ("b/1", "STANDARD", "SSE-S3", Some(at(90, 0)), Some(C::Unexplained)),
            // No rule applies.
            ("c/1", "GLACIER", "SSE-KMS", Some(at(50, 0)), None),
        ] {
            let mut sums = UncoveredSums::new(rules.len(), at(0, 12), true);
            count(&mut sums, &rules, &object(key, class, encryption, modified));
            let completed = |ruling: usize| rules.name(ruling).starts_with("plain").then(|| at(10, 12));
            let list = sums.list(&rules, completed).unwrap();
            assert_eq!(list.first().map(|found| found.cause), expected, "{key} {class} {encryption} {modified:?}");
            assert!(list.iter().all(|found| (found.totals.objects, found.totals.bytes) == (1, Some(3))));
        }
    }

    #[test]
    fn memory_is_bounded_and_what_does_not_fit_is_unexplained() {
        let rules = rules();
        let mut sums = UncoveredSums::new(rules.len(), at(0, 12), true);
        sums.entries = MOST_ENTRIES - 1;
        for days in [20, 30, 20, 99_999] {
            count(&mut sums, &rules, &object("a/1", "", "", Some(at(days, 0))));
        }
        let list = sums.list(&rules, |_| Some(at(10, 0))).unwrap();
        let found: Vec<_> = list.iter().map(|found| (found.cause, found.totals.objects)).collect();
        assert_eq!(found, [(UncoveredCause::BeforeFirstCompleted, 2), (UncoveredCause::Unexplained, 2)]);
        // Older than the last day that is counted separately.
        let mut sums = UncoveredSums::new(rules.len(), at(0, 12), true);
        count(&mut sums, &rules, &object("a/1", "", "", Some(at(50_000, 0))));
        assert_eq!(sums.list(&rules, |_| Some(at(40_000, 0))).unwrap()[0].cause, UncoveredCause::Unexplained);
        assert_eq!(sums.list(&rules, |_| Some(at(40, 0))).unwrap()[0].cause, UncoveredCause::BeforeFirstCompleted);
    }

    proptest! {
        /// In parts as in one, and every object has one cause.
        #[test]
        fn parts_add_up(
            rows in prop::collection::vec(
                ("[abc]/[k]?", prop::sample::select(vec!["GLACIER", "STANDARD"]), any::<bool>(), prop::option::of(-3i64..40)),
                0..40,
            ),
            split in 0usize..40,
        ) {
            let rules = rules();
            let empty = || UncoveredSums::new(rules.len(), at(0, 12), true);
            let (mut whole, mut sum) = (empty(), empty());
            for part in [&rows[..split.min(rows.len())], &rows[split.min(rows.len())..]] {
                let mut one = empty();
                for (key, class, kms, days) in part {
                    let encryption = if *kms { "SSE-KMS" } else { "SSE-S3" };
                    let object = object(key, class, encryption, days.map(|days| at(days, 0)));
                    count(&mut one, &rules, &object);
                    count(&mut whole, &rules, &object);
                }
                sum.merge(&one).unwrap();
            }
            let list = |sums: &UncoveredSums| sums.list(&rules, |_| Some(at(10, 0))).unwrap();
            prop_assert_eq!(list(&sum), list(&whole));
            let objects: u64 = list(&whole).iter().map(|found| found.totals.objects).sum();
            prop_assert_eq!(objects, rows.iter().filter(|row| !row.0.starts_with('c')).count() as u64);
        }
    }
}
