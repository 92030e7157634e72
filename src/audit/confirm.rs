//! What the bucket says now about the objects that a report has too many of.
//!
//! A report is hours old when it is read. Only a proof takes an object off the count: that it is replicated now, that it is
//! gone, or that another object stands in its place. One that went from one bad status to another is still bad.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::limits::LimitResult;
use super::result::Audit;
use crate::status::{ObjectStatus, Verdict};

/// What was found of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It is replicated now.
    Healed,
    /// It is not there any more.
    Gone,
    /// It is not replicated, as the report says or for another reason.
    Still,
    /// Another object was written in its place; the next report will tell of that.
    Changed,
    /// Nobody can say: S3 refused, or gave no usable answer.
    Unchecked,
}

/// How many of a class were found so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Confirmed {
    /// Replicated now.
    pub healed: u64,
    /// Not there any more.
    pub gone: u64,
    /// Not replicated, as the report says or for another reason: these count against the limit.
    pub still: u64,
    /// Overwritten since.
    pub changed: u64,
    /// Not to be told.
    pub unchecked: u64,
}

impl Confirmed {
    /// Counts one object.
    pub fn count(&mut self, finding: Finding) {
        let sum = match finding {
            Finding::Healed => &mut self.healed,
            Finding::Gone => &mut self.gone,
            Finding::Still => &mut self.still,
            Finding::Changed => &mut self.changed,
            Finding::Unchecked => &mut self.unchecked,
        };
        // Of objects that were counted before, in 64 bits.
        *sum += 1;
    }

    /// All that were asked about.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.healed + self.gone + self.still + self.changed + self.unchecked
    }
}

/// What the report says of an object besides its status, as far as it has the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed<'a> {
    /// Without quotes.
    pub etag: Option<&'a str>,
    /// Bytes.
    pub size: Option<u64>,
    /// LastModifiedDate.
    pub last_modified: Option<Timestamp>,
}

impl Listed<'_> {
    /// Whether it is certainly not what answered now.
    fn is_other(&self, now: &ObjectStatus) -> bool {
        let differ = |one: Option<i64>, two: Option<i64>| one.zip(two).is_some_and(|(one, two)| one != two);
        // S3 names times by the second in a header.
        let second = |time: Option<Timestamp>| time.map(Timestamp::as_second);
        self.etag.zip(now.etag.as_deref()).is_some_and(|(listed, now)| listed != now)
            || self.size.zip(now.size).is_some_and(|(listed, now)| listed != now)
            || differ(second(self.last_modified), second(now.last_modified))
    }
}

/// Judges one object of a class that is bad, by its HEAD now.
#[must_use]
pub fn judge(listed: &Listed<'_>, now: &ObjectStatus) -> Finding {
    match now.verdict {
        Verdict::Denied | Verdict::Error => Finding::Unchecked,
        // Hidden by a delete marker, or deleted: there is no such object to worry about.
        Verdict::NotFound | Verdict::DeleteMarker => Finding::Gone,
        Verdict::Replicated
        | Verdict::Pending
        | Verdict::Failed
        | Verdict::Replica
        | Verdict::NotReplicated
        | Verdict::UnknownStatus
            if listed.is_other(now) =>
        {
            Finding::Changed
        }
        Verdict::Replicated => Finding::Healed,
        Verdict::Pending | Verdict::Failed | Verdict::Replica | Verdict::NotReplicated | Verdict::UnknownStatus => {
            Finding::Still
        }
    }
}

impl LimitResult {
    /// Holds the limit against what is still so.
    fn confirm(&mut self, confirmed: Confirmed, objects: u64) {
        let previous = self.change.map(|change| change.previous);
        self.exceeded = confirmed.unchecked > 0 || self.limit.is_exceeded(confirmed.still, objects, previous);
        self.confirmed = Some(confirmed);
    }
}

impl Audit {
    /// Holds limits against what was found now: `confirmed` gives it for every class that was asked about.
    pub fn confirm(&mut self, confirmed: impl Fn(super::Class) -> Option<Confirmed>) {
        let objects = self.objects();
        for limit in &mut self.limits {
            if let Some(confirmed) = confirmed(limit.class) {
                limit.confirm(confirmed, objects);
            }
        }
        self.verdict = if self.limits.iter().any(|limit| limit.exceeded) { "fail" } else { "pass" };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, ObjectId};
    use crate::status::classify;

    fn now(verdict: Verdict) -> ObjectStatus {
        let object = ObjectId::parse("s3://src/k").unwrap();
        let nothing = classify(&object, Err(Failure::new("X", "no answer".to_owned(), None)));
        ObjectStatus {
            verdict,
            etag: Some("e".into()),
            size: Some(5),
            last_modified: Some(Timestamp::from_second(7).unwrap()),
            ..nothing
        }
    }

    #[test]
    fn only_a_proof_takes_an_object_off_the_count() {
        let same = Listed { etag: Some("e"), size: Some(5), last_modified: Some(Timestamp::from_second(7).unwrap()) };
        let table = [
            (Verdict::Replicated, Finding::Healed),
            (Verdict::Pending, Finding::Still),
            (Verdict::Failed, Finding::Still),
            (Verdict::Replica, Finding::Still),
            (Verdict::NotReplicated, Finding::Still),
            (Verdict::UnknownStatus, Finding::Still),
            (Verdict::NotFound, Finding::Gone),
            (Verdict::DeleteMarker, Finding::Gone),
            (Verdict::Denied, Finding::Unchecked),
            (Verdict::Error, Finding::Unchecked),
        ];
        for (verdict, finding) in table {
            assert_eq!(judge(&same, &now(verdict)), finding, "{verdict:?}");
            assert_eq!(judge(&Listed::default(), &now(verdict)), finding, "{verdict:?} of a report with few columns");
            for other in [
                Listed { etag: Some("f"), ..same },
                Listed { size: Some(6), ..same },
                Listed { last_modified: Some(Timestamp::from_second(8).unwrap()), ..same },
            ] {
                let expected = match finding {
                    Finding::Healed | Finding::Still => Finding::Changed,
                    Finding::Gone | Finding::Changed | Finding::Unchecked => finding,
                };
                assert_eq!(judge(&other, &now(verdict)), expected, "{verdict:?} {other:?}");
            }
        }
        let later = Listed { last_modified: Some(Timestamp::new(7, 999_000_000).unwrap()), ..same };
        assert_eq!(judge(&later, &now(Verdict::Failed)), Finding::Still, "a part of a second stands in no header");
    }
}
