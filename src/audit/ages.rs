//! Pending objects by their age when the scan began: a peak below an hour is traffic, one above a day is trouble.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Overflow, add};

/// The ages, youngest first, each with the hours at which it ends.
const STEPS: [(&str, i64); 5] = [("<1h", 1), ("<24h", 24), ("<7d", 7 * 24), ("<30d", 30 * 24), ("<365d", 365 * 24)];
const OLDEST: &str = ">=365d";

/// Pending objects of one age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PendingAge {
    /// Scan time less LastModifiedDate: `<1h`, `<24h`, `<7d`, `<30d`, `<365d` or `>=365d`, each from where the one
    /// before it ends.
    pub age: &'static str,
    /// Versions.
    pub objects: u64,
    /// Bytes; null where the report has no Size.
    pub bytes: Option<u64>,
}

/// The ages, youngest first, each with the hours at which it ends, and the oldest, which does not end.
pub(crate) fn age_steps() -> ([(&'static str, i64); STEPS.len()], &'static str) {
    (STEPS, OLDEST)
}

/// The name of the age at the time of the scan.
pub(super) fn age(scanned_at: Timestamp, modified: Timestamp) -> &'static str {
    let age = scanned_at.duration_since(modified);
    STEPS.iter().find(|(_, hours)| age < SignedDuration::from_hours(*hours)).map_or(OLDEST, |(word, _)| word)
}

/// The place of an age among all, the youngest first.
pub(super) fn age_rank(word: &str) -> usize {
    STEPS.iter().position(|(step, _)| *step == word).unwrap_or(STEPS.len())
}

/// The sums per age. An object dated after the scan has the youngest age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ages {
    /// Objects written at or before this time have the next age.
    starts: [Timestamp; STEPS.len()],
    sums: [(u64, u64); STEPS.len() + 1],
}

impl Ages {
    pub(super) fn of_scan(scanned_at: Timestamp) -> Self {
        let start = |(_, hours): (&str, i64)| {
            scanned_at.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN)
        };
        Self { starts: STEPS.map(start), sums: Default::default() }
    }

    /// The same ages with nothing counted yet.
    pub(super) fn empty(&self) -> Self {
        Self { starts: self.starts, sums: Default::default() }
    }

    pub(super) fn count(&mut self, size: u64, modified: Timestamp) -> Result<(), Overflow> {
        let at = self.starts.iter().filter(|start| modified <= **start).count();
        add(&mut self.sums[at].0, 1)?;
        add(&mut self.sums[at].1, size)
    }

    /// Adds sums that were computed elsewhere; returns whether there is such an age.
    pub(super) fn add_sums(&mut self, word: &str, objects: u64, bytes: u64) -> Result<bool, Overflow> {
        let mut words = STEPS.iter().map(|(word, _)| *word).chain([OLDEST]);
        let Some(at) = words.position(|known| known == word) else { return Ok(false) };
        add(&mut self.sums[at].0, objects)?;
        add(&mut self.sums[at].1, bytes)?;
        Ok(true)
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            add(&mut sum.0, more.0)?;
            add(&mut sum.1, more.1)?;
        }
        Ok(())
    }

    pub(super) fn list(&self, has_size: bool) -> Vec<PendingAge> {
        let words = STEPS.iter().map(|(word, _)| *word).chain([OLDEST]);
        let age = |(age, (objects, bytes))| PendingAge { age, objects, bytes: has_size.then_some(bytes) };
        words.zip(self.sums).map(age).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_begins_where_the_one_before_it_ends() {
        let scan = Timestamp::from_second(1_800_000_000).unwrap();
        let second = |age: i64| Timestamp::from_second(1_800_000_000 - age).unwrap();
        let hour = 3600;
        let table = [
            (-5, "<1h"),
            (0, "<1h"),
            (hour - 1, "<1h"),
            (hour, "<24h"),
            (24 * hour - 1, "<24h"),
            (24 * hour, "<7d"),
            (7 * 24 * hour, "<30d"),
            (30 * 24 * hour, "<365d"),
            (365 * 24 * hour - 1, "<365d"),
            (365 * 24 * hour, ">=365d"),
        ];
        for (age, word) in table {
            let mut ages = Ages::of_scan(scan);
            ages.count(7, second(age)).unwrap();
            let found: Vec<_> = ages.list(true).into_iter().filter(|age| age.objects > 0).collect();
            assert_eq!(found, [PendingAge { age: word, objects: 1, bytes: Some(7) }], "{age}");
            assert_eq!(super::age(scan, second(age)), word);
        }
        let mut full = Ages::of_scan(scan);
        full.count(u64::MAX, scan).unwrap();
        assert_eq!(full.count(1, scan), Err(Overflow));
        assert_eq!(Ages::of_scan(Timestamp::MIN).list(false)[0].bytes, None);
    }
}
