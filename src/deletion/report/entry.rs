//! One object in plan, journal and report, and what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::OutcomeClass;
use crate::deletion::decide::KeepReason;
use crate::model::{Failure, ObjectId};
use crate::status::Destination;

/// Delete or keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Proven replicated.
    Delete,
    /// Everything else.
    Keep,
}

/// What became of one object. Exactly one per entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outcome")]
pub enum DeleteOutcome {
    /// The named version is gone.
    VersionDeleted,
    /// A delete marker hides the object; every version is still there.
    MarkerCreated,
    /// A dry run, or a plan that has not been carried out.
    WouldDelete,
    /// No delete was sent for it, or S3 refused the delete because the object had changed.
    Kept,
    /// The version was gone before a delete was sent.
    AlreadyAbsent,
    /// S3 refused the delete.
    Denied,
    /// The delete had no effect.
    Failed,
    /// The delete may have had an effect; a lookup did not settle it.
    Unknown,
    /// The run ended before it was sent.
    NotAttempted,
}

impl DeleteOutcome {
    pub(crate) const ALL: [Self; 9] = [
        Self::VersionDeleted,
        Self::MarkerCreated,
        Self::WouldDelete,
        Self::Kept,
        Self::AlreadyAbsent,
        Self::Denied,
        Self::Failed,
        Self::Unknown,
        Self::NotAttempted,
    ];

    /// The one table: the word used in every output, and how it counts.
    fn about(self) -> (&'static str, OutcomeClass) {
        match self {
            Self::VersionDeleted => ("version-deleted", OutcomeClass::Changed),
            Self::MarkerCreated => ("marker-created", OutcomeClass::Changed),
            Self::WouldDelete => ("would-delete", OutcomeClass::Satisfied),
            Self::Kept => ("kept", OutcomeClass::Kept),
            Self::AlreadyAbsent => ("already-absent", OutcomeClass::Satisfied),
            Self::Denied => ("denied", OutcomeClass::Failed),
            Self::Failed => ("failed", OutcomeClass::Failed),
            Self::Unknown => ("unknown", OutcomeClass::Unknown),
            Self::NotAttempted => ("not-attempted", OutcomeClass::Kept),
        }
    }

    /// The word used in every output.
    pub fn word(self) -> &'static str {
        self.about().0
    }

    /// How it counts, where nothing else is known of the entry.
    pub fn class(self) -> OutcomeClass {
        self.about().1
    }
}

/// One object in plan and report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Entry")]
pub struct DeleteEntry {
    /// Its bucket.
    pub bucket: String,
    /// Its key, exactly.
    pub key: String,
    /// The version that was checked, else the one that was named.
    pub version_id: Option<String>,
    /// S3's own word at the check.
    pub replication_status: Option<String>,
    /// Delete or keep.
    pub decision: Decision,
    /// `completed`, or why it is kept.
    #[serde(with = "reason_word")]
    #[schemars(with = "String")]
    pub reason: Option<KeepReason>,
    /// What became of it.
    pub outcome: DeleteOutcome,
    /// Bytes.
    pub size: Option<u64>,
    /// Without quotes.
    pub etag: Option<String>,
    /// The delete marker that hides it.
    pub new_marker_version_id: Option<String>,
    /// The answer to the delete was lost, and a lookup showed that marker: another request may have created it. Absent if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marker_from_lookup: bool,
    /// What went wrong.
    pub error: Option<Failure>,
    /// What each destination answered, where they were asked.
    pub destinations: Vec<Destination>,
}

impl DeleteEntry {
    /// What is to be deleted, before anything else is known of it.
    pub(crate) fn of(object: &ObjectId) -> Self {
        Self {
            bucket: object.bucket.as_str().to_owned(),
            key: object.key.clone(),
            version_id: object.version_id.as_ref().map(|v| v.as_str().to_owned()),
            replication_status: None,
            decision: Decision::Delete,
            reason: None,
            outcome: DeleteOutcome::WouldDelete,
            size: None,
            etag: None,
            new_marker_version_id: None,
            marker_from_lookup: false,
            error: None,
            destinations: Vec::new(),
        }
    }

    /// `completed`, or the word of the reason to keep it.
    pub fn reason_word(&self) -> &'static str {
        self.reason.map_or(COMPLETED, KeepReason::word)
    }

    /// How it counts toward the exit code.
    pub(crate) fn class(&self) -> OutcomeClass {
        match self.outcome {
            // A newer version was hidden, or may have been, and no check was about that one.
            DeleteOutcome::MarkerCreated if self.may_hide_a_newer_version() => OutcomeClass::Unknown,
            DeleteOutcome::Kept if self.reason.is_some_and(KeepReason::could_not_be_checked) => OutcomeClass::Failed,
            // The journal could not be written.
            DeleteOutcome::NotAttempted if self.error.is_some() => OutcomeClass::Failed,
            outcome => outcome.class(),
        }
    }

    /// Whether its delete marker hides a newer version, or may do so.
    pub(crate) fn may_hide_a_newer_version(&self) -> bool {
        self.error.as_ref().is_some_and(|error| is_about_what_is_hidden(&error.code))
    }

    /// Whether S3 reported an effect that was not requested. No later lookup takes that back.
    pub(crate) fn has_other_effect(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.code == OTHER_EFFECT)
    }

    /// Whether an answer of S3 about this delete was not true, or a lookup said so.
    pub(crate) fn is_contradicted(&self) -> bool {
        let codes = [UNEXPECTED_ANSWER, OTHER_EFFECT];
        self.outcome == DeleteOutcome::Unknown && self.error.as_ref().is_some_and(|error| codes.contains(&&*error.code))
    }

    pub(crate) fn keep(&mut self, reason: KeepReason, error: Option<Failure>) {
        (self.decision, self.reason) = (Decision::Keep, Some(reason));
        self.outcome = DeleteOutcome::Kept;
        self.error = error;
    }

    pub(crate) fn end(&mut self, outcome: DeleteOutcome, failure: Failure) {
        self.outcome = outcome;
        self.error = Some(failure);
    }
}

/// The code of an entry whose delete marker was sent without If-Match, and hides a newer version than the checked one.
pub(crate) const NEWER_HIDDEN: &str = "NewerVersionHidden";
/// The same where it is not known whether it does.
pub(crate) const HIDDEN_UNKNOWN: &str = "HiddenVersionUnknown";

/// The code of an entry whose answer can't be true, or is contradicted by a lookup.
pub(crate) const UNEXPECTED_ANSWER: &str = "UnexpectedAnswer";
/// The code of an entry where S3 reported an effect that was not requested. It removed another version, or created a delete
/// marker that may have destroyed a version, or deleted this object, which was not ordered.
pub(crate) const OTHER_EFFECT: &str = "OtherEffect";

/// Whether an entry with this code says which version its delete marker hides.
pub(crate) fn is_about_what_is_hidden(code: &str) -> bool {
    [NEWER_HIDDEN, HIDDEN_UNKNOWN].contains(&code)
}

/// The reason to delete an object.
pub(crate) const COMPLETED: &str = "completed";

/// Reads and writes the reason of an entry as its word.
mod reason_word {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::COMPLETED;
    use crate::deletion::decide::KeepReason;

    pub(super) fn serialize<S: Serializer>(reason: &Option<KeepReason>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(reason.map_or(COMPLETED, KeepReason::word))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<KeepReason>, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word == COMPLETED {
            return Ok(None);
        }
        KeepReason::of_word(&word).map(Some).ok_or_else(|| D::Error::custom(format!("{word:?} is not a known reason")))
    }
}

/// Whether a delete marker has an id of its own: one with the id `null` replaces the version that had it.
pub(crate) fn marker_has_own_id(marker: Option<&str>) -> bool {
    marker.is_some_and(|id| !id.is_empty() && id != "null")
}

/// What a run reports as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeleteEvent {
    /// What became of one object: one for each entry of the plan, in its order.
    Ended(DeleteEntry),
    /// The same, and it does not decide how the run ends.
    Aside(DeleteEntry),
    /// An object that was reported as deleted without a lookup was looked up after all, and is there. Comes after all others.
    Corrected {
        /// What was reported of it.
        before: DeleteOutcome,
        /// What is true.
        entry: DeleteEntry,
    },
    /// S3 says that it deleted something that was not ordered.
    Foreign(DeleteEntry),
    /// Some deletes that S3 accepted could not be looked up. Comes at the end.
    NotLookedUp(FailedLookups),
}

/// Lookups after deletes that S3 accepted, as far as they failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FailedLookups {
    /// S3 refused them (403): a role that may not list the bucket is not told that an object is gone.
    pub(crate) refused: u64,
    /// They failed for another reason.
    pub(crate) failed: u64,
    /// One of those that count most.
    pub(crate) example: Option<Failure>,
}

impl FailedLookups {
    /// Counts one more.
    pub(crate) fn add(&mut self, failure: Failure) {
        let is_refused = failure.http_status == Some(403);
        if self.example.is_none() || (self.failed == 0 && !is_refused) {
            self.example = Some(failure);
        }
        *if is_refused { &mut self.refused } else { &mut self.failed } += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_one_word_everywhere_and_three_may_have_changed_something() {
        use DeleteOutcome as O;
        let all = [
            (O::VersionDeleted, "version-deleted"),
            (O::MarkerCreated, "marker-created"),
            (O::WouldDelete, "would-delete"),
            (O::Kept, "kept"),
            (O::AlreadyAbsent, "already-absent"),
            (O::Denied, "denied"),
            (O::Failed, "failed"),
            (O::Unknown, "unknown"),
            (O::NotAttempted, "not-attempted"),
        ];
        for (outcome, word) in all {
            assert_eq!((outcome.word(), serde_json::to_value(outcome).unwrap()), (word, word.into()));
        }
        let changed = all.into_iter().filter(|(outcome, _)| outcome.class().may_have_changed_something());
        let changed: Vec<&str> = changed.map(|(_, word)| word).collect();
        assert_eq!(changed, ["version-deleted", "marker-created", "unknown"]);
    }
}
