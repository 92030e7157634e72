//! Confirmation: what S3 says now about the objects that exceed a limit in the report.
//!
//! A report is a day old when it arrives, and most objects that it lists as pending are replicated by then. The rule,
//! per object and class: only a proof takes an object off the count. It is [`ConfirmOutcome::Healed`] only if the same
//! object is replicated now, [`ConfirmOutcome::Gone`] only if the bucket exists and has no such version or key,
//! [`ConfirmOutcome::Changed`] only if another object is there now, which is replicated, a replica, or pending and not
//! overdue. An object that went from one bad status to another, or was replaced by one with a bad status, is
//! [`ConfirmOutcome::Still`]: neither failed nor overdue is replicated. An object without an answer is unchecked.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::class::LimitClass;
use crate::model::{Failure, ObjectId, StatusClass};
use crate::status::{HeadAnswer, ObjectHead, another_version};

/// A row of a report: the columns that identify the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuditedObject {
    /// The key's bytes, which need not be text.
    pub key: Vec<u8>,
    /// `null` for the null version; `None` where the report lists current versions only and names none.
    pub version_id: Option<String>,
    pub status: StatusClass,
    /// Pending for too long when the scan began.
    pub is_overdue: bool,
    /// Whether a rule applies to its key today; false where the rules were not read.
    pub has_rule: bool,
    pub etag: Option<String>,
    pub size: Option<u64>,
    pub last_modified: Option<Timestamp>,
}

impl AuditedObject {
    /// Whether the report counts it in a class.
    pub(crate) fn is_of(&self, class: LimitClass) -> bool {
        class.has(self.status, self.is_overdue) && (self.has_rule || class != LimitClass::Uncovered)
    }

    /// Whether another version may have replaced the listed one. The current version of a key changes, and so does the
    /// version named `null`. Any other id always names the same version.
    pub(crate) fn is_replaceable(&self) -> bool {
        self.version_id.as_deref().is_none_or(|id| id == "null")
    }

    /// Whether the answer proves that another object is there. A date proves it only if it is a whole second later:
    /// HEAD has no fractions of a second.
    pub(crate) fn is_replaced_by(&self, now: &ObjectHead) -> bool {
        let differ = |listed: Option<&str>, now: Option<&str>| listed.zip(now).is_some_and(|(one, other)| one != other);
        let times = self.last_modified.zip(now.last_modified);
        let is_later = times.is_some_and(|(listed, now)| now.as_second() > listed.as_second());
        let is_another = self.has_another_size(now) || differ(self.etag.as_deref(), now.etag.as_deref()) || is_later;
        self.is_replaceable() && is_another
    }

    /// Whether the answer can't be about the listed version: its ID names the same bytes for ever.
    pub(crate) fn is_contradicted_by(&self, now: &ObjectHead) -> bool {
        !self.is_replaceable() && self.has_another_size(now)
    }

    fn has_another_size(&self, now: &ObjectHead) -> bool {
        self.size.zip(now.size).is_some_and(|(listed, now)| listed != now)
    }
}

/// The result of the check of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfirmOutcome {
    /// The same object is replicated now.
    Healed,
    /// The bucket has no such version, or no such key.
    Gone,
    /// It is as it was, or no better.
    Still,
    /// Something else is there now.
    Changed,
    /// No answer, or one about something else.
    Unchecked,
}

/// What an answer to HEAD means for an object that the report lists in `class`; pending and written before
/// `overdue_before` is overdue now.
pub(crate) fn confirm_outcome(
    class: LimitClass,
    listed: &AuditedObject,
    now: &HeadAnswer,
    overdue_before: Timestamp,
) -> ConfirmOutcome {
    match now {
        HeadAnswer::NotFound => ConfirmOutcome::Gone,
        // In a report of current versions: the key was deleted, and the listed version may be below the marker.
        HeadAnswer::DeleteMarker { .. } if listed.is_replaceable() => ConfirmOutcome::Changed,
        // An object does not become a marker.
        HeadAnswer::DeleteMarker { .. } => ConfirmOutcome::Unchecked,
        HeadAnswer::Object(now) => {
            let status = now.replication_status.class();
            if listed.is_contradicted_by(now) {
                ConfirmOutcome::Unchecked
            } else if listed.is_replaced_by(now) {
                let is_overdue = now.last_modified.is_none_or(|modified| modified < overdue_before);
                let is_good = match status {
                    StatusClass::Replicated | StatusClass::Replica => true,
                    StatusClass::Pending => !is_overdue,
                    StatusClass::Failed | StatusClass::NotReplicated | StatusClass::Unknown => false,
                };
                let is_still = !is_good || class.has(status, is_overdue);
                if is_still { ConfirmOutcome::Still } else { ConfirmOutcome::Changed }
            } else if status == StatusClass::Replicated && class != LimitClass::Replica {
                ConfirmOutcome::Healed
            } else {
                // A pending object that was overdue is still overdue. A replica is not a source, also with another
                // status now.
                ConfirmOutcome::Still
            }
        }
    }
}

/// What became of the objects of one class; each is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(crate) struct Confirmed {
    /// The same object is replicated now.
    pub healed: u64,
    /// The bucket has no such version, or no such key.
    pub gone: u64,
    /// As it was, or no better: what counts against the limit.
    pub still: u64,
    /// Something else is there now.
    pub changed: u64,
    /// No usable answer.
    pub unchecked: u64,
}

impl Confirmed {
    pub(crate) fn count(&mut self, outcome: ConfirmOutcome) {
        *match outcome {
            ConfirmOutcome::Healed => &mut self.healed,
            ConfirmOutcome::Gone => &mut self.gone,
            ConfirmOutcome::Still => &mut self.still,
            ConfirmOutcome::Changed => &mut self.changed,
            ConfirmOutcome::Unchecked => &mut self.unchecked,
        } += 1;
    }

    pub(crate) fn total(&self) -> u64 {
        self.healed + self.gone + self.still + self.changed + self.unchecked
    }
}

/// How many objects are in at least one of these classes. An overdue object is pending too, an uncovered one not replicated, and
/// each is checked once.
pub(crate) fn distinct(classes: &[(LimitClass, u64)]) -> u64 {
    let has = |wanted: LimitClass| classes.iter().any(|(class, _)| *class == wanted);
    let (has_pending, has_not_replicated) = (has(LimitClass::Pending), has(LimitClass::NotReplicated));
    let counted = classes.iter().filter(|(class, _)| {
        !(has_pending && *class == LimitClass::Overdue || has_not_replicated && *class == LimitClass::Uncovered)
    });
    counted.fold(0, |sum, (_, objects)| sum.saturating_add(*objects))
}

/// Refuses an answer about another version than the requested one.
pub(crate) fn of_named_version(object: &ObjectId, answer: Result<HeadAnswer, Failure>) -> Result<HeadAnswer, Failure> {
    match (answer, &object.version_id) {
        (Ok(HeadAnswer::Object(head)), Some(asked)) if !asked.is_named_by(head.version_id.as_deref()) => {
            Err(another_version(object))
        }
        (Ok(HeadAnswer::DeleteMarker { .. }), Some(asked)) if !asked.is_null() => Err(another_version(object)),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bucket, ReplicationStatus};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn listed(version_id: Option<&str>, status: StatusClass, is_overdue: bool) -> AuditedObject {
        AuditedObject {
            key: b"k".to_vec(),
            version_id: version_id.map(str::to_owned),
            status,
            is_overdue,
            has_rule: true,
            etag: Some("e".to_owned()),
            size: Some(1),
            last_modified: Some(at(1000)),
        }
    }

    fn head(word: &str) -> ObjectHead {
        ObjectHead {
            version_id: None,
            replication_status: ReplicationStatus::of_header(word),
            etag: Some("e".to_owned()),
            size: Some(1),
            last_modified: Some(at(1000)),
            ..ObjectHead::default()
        }
    }

    fn is(head: ObjectHead) -> HeadAnswer {
        HeadAnswer::Object(Box::new(head))
    }

    #[test]
    fn the_same_object_is_healed_only_if_it_is_replicated() {
        use ConfirmOutcome::{Healed, Still};
        use LimitClass as C;
        let words = ["COMPLETED", "COMPLETE", "PENDING", "PROCESSING", "FAILED", "", "Odd", "REPLICA"];
        let table = [
            (C::Failed, StatusClass::Failed),
            (C::Overdue, StatusClass::Pending),
            (C::Pending, StatusClass::Pending),
            (C::NotReplicated, StatusClass::NotReplicated),
            (C::UnknownStatus, StatusClass::Unknown),
            (C::Replica, StatusClass::Replica),
            (C::Uncovered, StatusClass::NotReplicated),
        ];
        for (class, status) in table {
            for id in [None, Some("null"), Some("v")] {
                let listed = listed(id, status, true);
                assert!(listed.is_of(class));
                for word in words {
                    let good = word.starts_with("COMPLETE") && class != C::Replica;
                    let found = confirm_outcome(class, &listed, &is(head(word)), at(0));
                    assert_eq!(found, if good { Healed } else { Still }, "{class:?} {id:?} {word}");
                }
            }
        }
    }

    #[test]
    fn a_missing_object_is_gone_and_a_replaced_one_is_changed() {
        use ConfirmOutcome::{Changed, Gone, Healed, Still, Unchecked};
        use LimitClass as C;
        let other =
            |word: &str| is(ObjectHead { etag: Some("f".to_owned()), last_modified: Some(at(3000)), ..head(word) });
        let larger = |word: &str| is(ObjectHead { size: Some(2), ..head(word) });
        let when = |word: &str, second| is(ObjectHead { last_modified: Some(at(second)), ..head(word) });
        let bare = |word: &str| is(ObjectHead { etag: None, size: None, last_modified: None, ..head(word) });
        let marker = HeadAnswer::DeleteMarker { version_id: None };
        let table = [
            (C::Failed, None, HeadAnswer::NotFound, Gone),
            (C::Failed, Some("v"), HeadAnswer::NotFound, Gone),
            (C::Failed, None, marker.clone(), Changed),
            (C::Failed, Some("null"), marker.clone(), Changed),
            (C::Failed, Some("v"), marker, Unchecked),
            (C::Failed, None, other("COMPLETED"), Changed),
            (C::Failed, None, other("PENDING"), Changed),
            // Replaced by something that is not replicated either.
            (C::Failed, None, other(""), Still),
            (C::Failed, None, other("Odd"), Still),
            (C::Failed, None, when("PENDING", 1999), Still),
            (C::Pending, None, other("FAILED"), Still),
            (C::Overdue, None, other("FAILED"), Still),
            (C::NotReplicated, Some("null"), other("FAILED"), Still),
            (C::Failed, None, other("REPLICA"), Changed),
            (C::Failed, None, other("FAILED"), Still),
            (C::Failed, Some("null"), other("COMPLETED"), Changed),
            (C::Failed, None, larger("COMPLETED"), Changed),
            (C::Failed, None, when("COMPLETED", 1001), Changed),
            // An earlier date proves nothing.
            (C::Failed, None, when("FAILED", 999), Still),
            (C::Failed, None, when("COMPLETED", 999), Healed),
            (C::Failed, None, bare("COMPLETED"), Healed),
            (C::Failed, None, bare(""), Still),
            // A version ID always names the same version.
            (C::Failed, Some("v"), other("COMPLETED"), Healed),
            (C::Failed, Some("v"), other(""), Still),
            // So an answer with other bytes is about something else.
            (C::Failed, Some("v"), larger("COMPLETED"), Unchecked),
            (C::Failed, Some("v"), larger("FAILED"), Unchecked),
            (C::Overdue, Some("v"), larger("COMPLETED"), Unchecked),
            (C::Pending, None, other("PENDING"), Still),
            (C::Overdue, None, other("PENDING"), Changed),
            (C::Overdue, None, when("PENDING", 1999), Still),
            (C::Overdue, None, larger("PENDING"), Still),
            (C::Replica, None, other("COMPLETED"), Changed),
        ];
        for (row, (class, id, answer, expected)) in table.into_iter().enumerate() {
            assert_eq!(
                confirm_outcome(class, &listed(id, StatusClass::Failed, false), &answer, at(2000)),
                expected,
                "row {row}"
            );
        }
    }

    #[test]
    fn an_answer_about_another_version_is_refused() {
        let asked = |id: Option<&str>| ObjectId {
            bucket: Bucket::new("src").unwrap(),
            key: "k".to_owned(),
            version_id: id.map(|id| crate::model::VersionId::new(id).unwrap()),
        };
        let named = |id: Option<&str>| is(ObjectHead { version_id: id.map(str::to_owned), ..head("") });
        let marker = || HeadAnswer::DeleteMarker { version_id: None };
        let table = [
            (Some("v"), named(Some("v")), true),
            (Some("v"), named(Some("w")), false),
            (Some("v"), named(None), false),
            (Some("null"), named(None), true),
            (None, named(Some("w")), true),
            (Some("v"), marker(), false),
            (Some("null"), marker(), true),
            (None, marker(), true),
            (Some("v"), HeadAnswer::NotFound, true),
        ];
        for (row, (id, answer, good)) in table.into_iter().enumerate() {
            assert_eq!(of_named_version(&asked(id), Ok(answer)).is_ok(), good, "row {row}");
        }
        assert!(of_named_version(&asked(None), Err(Failure::new("Forbidden", "no", None))).is_err());
    }

    #[test]
    fn a_class_counts_what_it_names() {
        use LimitClass as C;
        for class in C::ALL {
            let of = |status, is_overdue, has_rule| {
                AuditedObject { has_rule, ..listed(None, status, is_overdue) }.is_of(class)
            };
            assert!(!of(StatusClass::Replicated, true, true), "{class:?}");
            let found = [true, false].map(|has_rule| of(StatusClass::NotReplicated, false, has_rule));
            let expected = match class {
                C::NotReplicated => [true, true],
                C::Uncovered => [true, false],
                _ => [false, false],
            };
            assert_eq!(found, expected, "{class:?}");
            assert_eq!(of(StatusClass::Failed, false, false), class == C::Failed, "{class:?}");
        }
    }

    #[test]
    fn a_replacement_of_the_very_second_that_counts_is_not_overdue() {
        let listed = listed(None, StatusClass::Pending, true);
        for (second, outcome) in [(1999, ConfirmOutcome::Still), (2000, ConfirmOutcome::Changed)] {
            let now = is(ObjectHead { last_modified: Some(at(second)), ..head("PENDING") });
            assert_eq!(confirm_outcome(LimitClass::Overdue, &listed, &now, at(2000)), outcome, "{second}");
        }
    }

    #[test]
    fn each_outcome_is_counted_once() {
        use ConfirmOutcome::{Changed, Gone, Healed, Still, Unchecked};
        let mut counts = Confirmed::default();
        for (times, outcome) in [(1, Healed), (2, Gone), (3, Still), (4, Changed), (5, Unchecked)] {
            (0..times).for_each(|_| counts.count(outcome));
        }
        assert_eq!(counts, Confirmed { healed: 1, gone: 2, still: 3, changed: 4, unchecked: 5 });
        assert_eq!(counts.total(), 15);
    }

    #[test]
    fn an_overdue_object_is_checked_once() {
        let (failed, overdue, pending) = ((LimitClass::Failed, 3), (LimitClass::Overdue, 5), (LimitClass::Pending, 9));
        for (classes, sum) in [
            (vec![], 0),
            (vec![failed, overdue], 8),
            (vec![failed, overdue, pending], 12),
            (vec![pending, (LimitClass::Replica, u64::MAX)], u64::MAX),
            (vec![(LimitClass::Uncovered, 4), failed], 7),
            (vec![(LimitClass::Uncovered, 4), (LimitClass::NotReplicated, 6)], 6),
        ] {
            assert_eq!(distinct(&classes), sum, "{classes:?}");
        }
    }
}
