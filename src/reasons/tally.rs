//! Sums per reason, destination and prefix: of one text, and merged once that was read whole.
//!
//! The number of reasons is bounded because the codes are S3's, and that of prefixes because later ones are counted together.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use s3_failures::{FailedObject, LateObject, Task, TaskSource};

use crate::model::{Overflow, add};

/// More different codes, or destinations of one code, are not S3's.
const MOST_CODES: usize = 1_000;
/// A code of S3 is a word; a bucket and the ID of a rule have at most 255 characters.
const LONGEST_NAME: usize = 1_024;
/// No key of S3 is longer.
const LONGEST_KEY: usize = 1_024;

/// The bounds of a tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TallyLimit {
    /// Up to and including this number of slashes, a key's prefix is counted.
    pub(crate) depth: u32,
    /// Objects of further prefixes are counted together.
    pub(crate) prefixes: usize,
}

impl Default for TallyLimit {
    fn default() -> Self {
        Self { depth: 1, prefixes: 100_000 }
    }
}

/// A code, and in CloudTrail the request that was refused.
pub(super) type ReasonKey = (Cow<'static, str>, Option<Box<str>>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ReasonSums {
    pub(super) objects: u64,
    pub(super) bytes: u64,
    /// Objects whose size is not known.
    pub(super) unsized_objects: u64,
    pub(super) destinations: BTreeMap<Box<str>, u64>,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

/// The sums.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ReasonTally {
    limit: TallyLimit,
    /// Succeeded and failed.
    pub(super) tasks: u64,
    pub(super) succeeded: u64,
    pub(super) late: BTreeMap<LateObject, u64>,
    pub(super) unrelated: u64,
    pub(super) reasons: HashMap<ReasonKey, ReasonSums>,
    pub(super) prefixes: HashMap<Box<str>, u64>,
    /// Failed objects under prefixes beyond the limit.
    pub(super) further_prefixes: u64,
}

/// Why a task is not counted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReasonTallyError {
    #[error("it has more than {MOST_CODES} different codes or destinations: it is not S3's")]
    TooManyCodes,
    #[error("a code, bucket or rule has more than {LONGEST_NAME} bytes: it is not S3's")]
    LongName,
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl ReasonTally {
    pub(crate) fn new(limit: TallyLimit) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn count(&mut self, task: &Task) -> Result<(), ReasonTallyError> {
        match task {
            Task::Unrelated => return Ok(add(&mut self.unrelated, 1)?),
            Task::Late(late) => return Ok(add(self.late.entry(*late).or_default(), 1)?),
            Task::Succeeded => add(&mut self.succeeded, 1)?,
            Task::Failed(object) => self.count_failed(object)?,
        }
        Ok(add(&mut self.tasks, 1)?)
    }

    fn count_failed(&mut self, object: &FailedObject) -> Result<(), ReasonTallyError> {
        let names = [Some(&*object.reason), object.destination.as_deref(), object.rule.as_deref()];
        if names.into_iter().flatten().any(|name| name.len() > LONGEST_NAME) {
            return Err(ReasonTallyError::LongName);
        }
        // The request is part of the reason where the code does not name it.
        let operation = object.operation.as_deref().filter(|_| object.source == TaskSource::Cloudtrail);
        let key = (object.reason.clone(), operation.map(Box::from));
        let found = self.reasons.entry(key).or_default();
        add(&mut found.objects, 1)?;
        match object.size {
            Some(size) => add(&mut found.bytes, size)?,
            None => add(&mut found.unsized_objects, 1)?,
        }
        if let Some(destination) = object.destination.as_deref() {
            match found.destinations.get_mut(destination) {
                Some(count) => add(count, 1)?,
                None => drop(found.destinations.insert(destination.into(), 1)),
            }
        }
        found.seen(object.time);
        let is_long = found.destinations.len() > MOST_CODES;
        if is_long || self.reasons.len() > MOST_CODES {
            return Err(ReasonTallyError::TooManyCodes);
        }
        if let Some(key) = &object.key {
            self.count_prefix(prefix(key, self.limit.depth), 1)?;
        }
        Ok(())
    }

    fn count_prefix(&mut self, prefix: &str, objects: u64) -> Result<(), Overflow> {
        let has_room = self.prefixes.len() < self.limit.prefixes && prefix.len() <= LONGEST_KEY;
        match self.prefixes.get_mut(prefix) {
            Some(count) => add(count, objects),
            None if has_room => {
                self.prefixes.insert(prefix.into(), objects);
                Ok(())
            }
            None => add(&mut self.further_prefixes, objects),
        }
    }

    /// Adds the sums of another text.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), ReasonTallyError> {
        add(&mut self.tasks, other.tasks)?;
        add(&mut self.succeeded, other.succeeded)?;
        add(&mut self.unrelated, other.unrelated)?;
        add(&mut self.further_prefixes, other.further_prefixes)?;
        other.late.into_iter().try_for_each(|(late, count)| add(self.late.entry(late).or_default(), count))?;
        for (key, sums) in other.reasons {
            self.reasons.entry(key).or_default().merge(sums)?;
        }
        for (prefix, objects) in other.prefixes {
            self.count_prefix(&prefix, objects)?;
        }
        let destinations = self.reasons.values().map(|sums| sums.destinations.len()).max().unwrap_or(0);
        if self.reasons.len().max(destinations) > MOST_CODES {
            return Err(ReasonTallyError::TooManyCodes);
        }
        Ok(())
    }

    pub(crate) fn succeeded(&self) -> u64 {
        self.succeeded
    }

    pub(crate) fn failed(&self) -> u64 {
        self.tasks - self.succeeded
    }

    /// Whether nothing was read that says anything of replication.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks == 0 && self.late.is_empty()
    }
}

impl ReasonSums {
    fn seen(&mut self, time: Option<Timestamp>) {
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.into_iter().chain(time).max();
    }

    fn merge(&mut self, other: Self) -> Result<(), Overflow> {
        add(&mut self.objects, other.objects)?;
        add(&mut self.bytes, other.bytes)?;
        add(&mut self.unsized_objects, other.unsized_objects)?;
        for (destination, objects) in other.destinations {
            add(self.destinations.entry(destination).or_default(), objects)?;
        }
        self.seen(other.first);
        self.seen(other.last);
        Ok(())
    }
}

/// A key up to and with its `depth`-th slash, or its last.
fn prefix(key: &str, depth: u32) -> &str {
    let last = memchr::memchr_iter(b'/', key.as_bytes()).take(depth as usize).last();
    &key[..last.map_or(0, |at| at + 1)]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::reasons) fn failed(key: &str, reason: &'static str) -> FailedObject {
        FailedObject {
            bucket: Some("src".into()),
            key: Some(key.into()),
            version_id: Some("v".into()),
            reason: reason.into(),
            http_status: Some(500),
            message: None,
            destination: Some("dst".into()),
            rule: None,
            time: None,
            source: TaskSource::Event,
            operation: Some("OBJECT_PUT".into()),
            size: Some(3),
        }
    }

    fn count(tally: &mut ReasonTally, object: FailedObject) {
        tally.count(&Task::Failed(Box::new(object))).unwrap();
    }

    #[test]
    fn sums_are_the_same_in_parts() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let objects = [
            FailedObject { time: at(5), ..failed("a/b/c", "X") },
            FailedObject { time: at(3), size: None, ..failed("a/c", "X") },
            FailedObject { time: at(9), destination: None, ..failed("top", "Y") },
            FailedObject { source: TaskSource::Cloudtrail, ..failed("b/x", "Y") },
        ];
        let mut whole = ReasonTally::default();
        objects.iter().for_each(|object| count(&mut whole, object.clone()));
        whole.count(&Task::Succeeded).unwrap();
        whole.count(&Task::Late(LateObject::NotTracked)).unwrap();
        whole.count(&Task::Unrelated).unwrap();
        assert_eq!((whole.tasks, whole.succeeded, whole.failed(), whole.unrelated), (5, 1, 4, 1));
        assert_eq!(whole.reasons.len(), 3, "a request of CloudTrail is a reason of its own");
        let x = &whole.reasons[&("X".into(), None)];
        assert_eq!((x.objects, x.bytes, x.unsized_objects, x.first, x.last), (2, 3, 1, at(3), at(5)));
        assert_eq!(whole.prefixes, HashMap::from([("a/".into(), 2), ("".into(), 1), ("b/".into(), 1)]));
        for split in 0..=objects.len() {
            let mut sum = ReasonTally::default();
            for part in [&objects[..split], &objects[split..]] {
                let mut one = ReasonTally::default();
                part.iter().for_each(|object| count(&mut one, object.clone()));
                sum.merge(one).unwrap();
            }
            assert_eq!((&sum.reasons, &sum.prefixes, sum.failed()), (&whole.reasons, &whole.prefixes, 4), "{split}");
        }
    }

    #[test]
    fn what_grows_is_bounded() {
        let mut tally = ReasonTally::new(TallyLimit { depth: 2, prefixes: 2 });
        for key in ["a/b/1", "a/c/1", "a/d/1", "a/b/2", "e"] {
            count(&mut tally, failed(key, "X"));
        }
        assert_eq!(tally.prefixes, HashMap::from([("a/b/".into(), 2), ("a/c/".into(), 1)]));
        assert_eq!(tally.further_prefixes, 2);
        let other = |code: String| Task::Failed(Box::new(FailedObject { reason: code.into(), ..failed("k", "X") }));
        let refused = (0..=MOST_CODES).try_for_each(|at| tally.count(&other(format!("Code{at}"))));
        assert!(matches!(refused, Err(ReasonTallyError::TooManyCodes)));
        assert!(matches!(tally.count(&other("x".repeat(2000))), Err(ReasonTallyError::LongName)));
        let mut long = ReasonTally::default();
        count(&mut long, failed(&format!("{}/k", "x".repeat(2000)), "X"));
        assert_eq!((long.prefixes.len(), long.further_prefixes), (0, 1));
        let rule = FailedObject { rule: Some("x".repeat(2000)), ..failed("k", "X") };
        assert!(long.count(&Task::Failed(Box::new(rule))).is_err());
    }
}
