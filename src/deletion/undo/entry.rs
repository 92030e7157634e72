//! One delete marker in plan, journal and report, and what became of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::candidate::UndoCandidate;
use crate::deletion::report::{OutcomeClass, OutcomeCounts};
use crate::model::Failure;
use crate::status::HeadAnswer;

/// What became of one delete marker. Exactly one for each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MarkerOutcome {
    /// The marker is gone, and S3 or a lookup says so.
    MarkerRemoved,
    /// A dry run, or a plan that has not been carried out.
    WouldRemove,
    /// The marker was gone before a request was sent.
    AlreadyAbsent,
    /// Nothing was sent for it; the reason says why.
    Kept,
    /// The safe-delete removed a version permanently: nothing can bring it back.
    Lost,
    /// S3 refused the check or the removal.
    Denied,
    /// The marker could not be checked, or the removal had no effect.
    Failed,
    /// The removal may have had an effect; a lookup did not settle it.
    Unknown,
    /// The run ended before it was sent.
    NotAttempted,
}

impl MarkerOutcome {
    /// The one table: the word used in every output, and how it counts.
    fn about(self) -> (&'static str, OutcomeClass) {
        match self {
            Self::MarkerRemoved => ("marker-removed", OutcomeClass::Changed),
            Self::WouldRemove => ("would-remove", OutcomeClass::Satisfied),
            Self::AlreadyAbsent => ("already-absent", OutcomeClass::Satisfied),
            Self::Kept => ("kept", OutcomeClass::Kept),
            Self::Lost => ("lost", OutcomeClass::Lost),
            Self::Denied => ("denied", OutcomeClass::Failed),
            Self::Failed => ("failed", OutcomeClass::Failed),
            Self::Unknown => ("unknown", OutcomeClass::Unknown),
            Self::NotAttempted => ("not-attempted", OutcomeClass::Kept),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        self.about().0
    }

    pub(crate) fn class(self) -> OutcomeClass {
        self.about().1
    }
}

/// Why a marker is kept or a version lost, or why the key is not known to be visible although the marker is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MarkerReason {
    /// The marker's ID is `null`, which is the ID of the last version that was written without one.
    NullMarker,
    /// The ID names a version with content, not a delete marker.
    NotAMarker,
    /// The safe-delete did not learn whether it created a marker.
    MarkerNotKnown,
    /// The safe-delete got no answer, and a lookup showed this marker: another request may have created it.
    MaybeNotOurs,
    /// The safe-delete removed the version permanently.
    RemovedPermanently,
    /// The marker is gone, and another delete marker hides the key.
    StillHidden,
    /// The marker is gone, and HEAD finds nothing under the key.
    NothingCurrent,
    /// The marker is gone, and what is current could not be read.
    CurrentNotKnown,
    /// The plan would remove more than `--max-delete`.
    OverLimit,
    /// Consent was declined.
    NotConsented,
}

impl MarkerReason {
    /// The one table: the word used in every output, and what it means and what to do.
    fn about(self) -> (&'static str, &'static str) {
        match self {
            Self::NullMarker => (
                "null-marker",
                "the marker's version ID is null, and a later upload may have this ID now: list the versions of the key",
            ),
            Self::NotAMarker => ("not-a-marker", "the ID names a version with content, which undo never deletes"),
            Self::MarkerNotKnown => (
                "marker-not-known",
                "the safe-delete did not learn whether it created a marker: list the versions of the key (aws s3api list-object-versions)",
            ),
            Self::MaybeNotOurs => (
                "maybe-not-ours",
                "the answer to the delete was lost, and a lookup showed this marker: another request may have created it; if no other request hid the object, remove the marker by its version ID (aws s3api delete-object --version-id)",
            ),
            Self::RemovedPermanently => (
                "removed-permanently",
                "the version was removed by its ID, and S3 keeps no copy: restore it from the replica",
            ),
            Self::StillHidden => (
                "still-hidden",
                "the marker is gone, and another delete marker hides the key: list the versions of the key",
            ),
            Self::NothingCurrent => (
                "nothing-current",
                "the marker is gone, and the key has no current version: none is left, or the server does not say that another marker hides it; list the versions of the key",
            ),
            Self::CurrentNotKnown => (
                "current-not-known",
                "the marker is gone, and whether a version is current now could not be read: look at the key",
            ),
            Self::OverLimit => ("over-limit", "the plan would remove more markers than --max-delete allows"),
            Self::NotConsented => ("not-consented", "the plan was not confirmed"),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        self.about().0
    }

    pub(crate) fn meaning(self) -> &'static str {
        self.about().1
    }
}

/// One delete marker in plan and report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MarkerEntry {
    /// Its bucket.
    pub(crate) bucket: String,
    /// Its key, exactly.
    pub(crate) key: String,
    /// The version ID of the marker; `None` where it is not known.
    pub(crate) marker_version_id: Option<String>,
    /// The version that the safe-delete hid, or removed.
    pub(crate) version_id: Option<String>,
    /// What became of the marker.
    pub(crate) outcome: MarkerOutcome,
    /// Why it is kept or lost, or why no version is known to be current although the marker is gone.
    pub(crate) reason: Option<MarkerReason>,
    /// The version of the key that was current after the marker was gone; `None` where none is (the reason says why), or
    /// where that was not asked.
    pub(crate) current_version_id: Option<String>,
    /// What went wrong.
    pub(crate) error: Option<Failure>,
}

impl MarkerEntry {
    /// What is to be removed, before anything else is known of it.
    pub(super) fn of(candidate: &UndoCandidate) -> Self {
        Self {
            bucket: candidate.bucket.as_str().to_owned(),
            key: candidate.key.clone(),
            marker_version_id: candidate.marker.clone(),
            version_id: candidate.version.clone(),
            outcome: MarkerOutcome::WouldRemove,
            reason: None,
            current_version_id: None,
            error: None,
        }
    }

    /// A marker whose removal an earlier run sent, and that is gone now.
    pub(crate) fn removed_before(candidate: &UndoCandidate, current: CurrentVersion, note: Failure) -> Self {
        let mut entry = Self { outcome: MarkerOutcome::MarkerRemoved, error: Some(note), ..Self::of(candidate) };
        entry.note_current(current);
        entry
    }

    /// A marker whose removal an earlier run may have sent, and that can't be looked up now.
    pub(crate) fn still_unknown(candidate: &UndoCandidate, failure: &Failure) -> Self {
        let text = "an earlier run did not learn what became of the removal; a lookup did not show it";
        let message = format!("{text}: {}", failure.message);
        let error = Some(Failure { message, ..failure.clone() });
        Self { outcome: MarkerOutcome::Unknown, error, ..Self::of(candidate) }
    }

    /// Notes what is current now that the marker is gone. A server's word is not always the truth: a marker that still hides
    /// the key was not removed.
    pub(crate) fn note_current(&mut self, current: CurrentVersion) {
        if matches!(&current, CurrentVersion::Hidden(id) if *id == self.marker_version_id) {
            let text = "S3 reported that the marker is gone, and it still hides the key";
            let hint = Some("list the versions of the key before you continue");
            self.current_version_id = None;
            return self.end(MarkerOutcome::Unknown, None, Some(Failure::new("UnexpectedAnswer", text, hint)));
        }
        (self.current_version_id, self.reason) = match current {
            CurrentVersion::Version(id) => (Some(id), None),
            CurrentVersion::Hidden(_) => (None, Some(MarkerReason::StillHidden)),
            CurrentVersion::Nothing => (None, Some(MarkerReason::NothingCurrent)),
            CurrentVersion::NotKnown(failure) => {
                self.error.get_or_insert(failure);
                (None, Some(MarkerReason::CurrentNotKnown))
            }
        };
    }

    /// Whether the marker is gone and no version is known to be current.
    pub(crate) fn is_not_current(&self) -> bool {
        let is_gone = matches!(self.outcome, MarkerOutcome::MarkerRemoved | MarkerOutcome::AlreadyAbsent);
        is_gone && self.reason.is_some()
    }

    pub(super) fn end(&mut self, outcome: MarkerOutcome, reason: Option<MarkerReason>, error: Option<Failure>) {
        (self.outcome, self.reason, self.error) = (outcome, reason, error);
    }
}

/// What a reader of a key gets after its marker is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CurrentVersion {
    Version(String),
    /// Another marker, by its id, hides the key.
    Hidden(Option<String>),
    Nothing,
    NotKnown(Failure),
}

impl CurrentVersion {
    /// Reads the answer to a HEAD of the key.
    pub(crate) fn of(answer: Result<HeadAnswer, Failure>) -> Self {
        match answer {
            Ok(HeadAnswer::Object(head)) => Self::Version(head.version_id.unwrap_or_else(|| "null".to_owned())),
            Ok(HeadAnswer::DeleteMarker { version_id }) => Self::Hidden(version_id),
            Ok(HeadAnswer::NotFound) => Self::Nothing,
            Err(failure) => Self::NotKnown(failure),
        }
    }
}

/// Counts over the entries, and the exit status they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, JsonSchema)]
pub(crate) struct UndoSummary {
    #[serde(flatten)]
    pub(crate) counts: OutcomeCounts,
    /// Markers that are gone although no version of the key is known to be current, per reason. Absent if there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) not_current: BTreeMap<&'static str, u64>,
    /// The journal that was read has no end: the markers that it names may not be all. Absent if false.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) run_unfinished: bool,
    /// The exit code.
    pub(crate) exit: u8,
}

impl UndoSummary {
    pub(crate) fn count(&mut self, entry: &MarkerEntry) {
        let class = match entry.outcome {
            // The journal could not be written.
            MarkerOutcome::NotAttempted if entry.error.is_some() => OutcomeClass::Failed,
            outcome => outcome.class(),
        };
        let reason = entry.reason.map(MarkerReason::word);
        match reason.filter(|_| entry.is_not_current()) {
            Some(reason) => {
                self.counts.add(entry.outcome.word(), class, None);
                self.counts.leave_something();
                *self.not_current.entry(reason).or_default() += 1;
            }
            None => self.counts.add(entry.outcome.word(), class, reason),
        }
    }

    pub(crate) fn of(&self, outcome: MarkerOutcome) -> u64 {
        self.counts.of(outcome.word())
    }

    /// Whether what became of every marker is known.
    pub(crate) fn is_settled(&self) -> bool {
        self.of(MarkerOutcome::NotAttempted) == 0 && self.of(MarkerOutcome::Unknown) == 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::deletion::undo::candidate::MarkerTrace;
    use crate::exit::ExitStatus;

    fn candidate() -> UndoCandidate {
        let [bucket, key, marker] = ["bucket", "k", "m"].map(str::to_owned);
        UndoCandidate { trace: MarkerTrace::Created, bucket, key, marker: Some(marker), version: None }
    }

    fn entry(outcome: MarkerOutcome, reason: Option<MarkerReason>) -> MarkerEntry {
        MarkerEntry { outcome, reason, ..MarkerEntry::of(&candidate()) }
    }

    #[test]
    fn each_reason_has_a_word_and_a_meaning_of_its_own() {
        use MarkerReason as R;
        let reasons = [
            R::NullMarker,
            R::NotAMarker,
            R::MarkerNotKnown,
            R::MaybeNotOurs,
            R::RemovedPermanently,
            R::StillHidden,
            R::NothingCurrent,
            R::CurrentNotKnown,
            R::OverLimit,
            R::NotConsented,
        ];
        let words: BTreeSet<&str> = reasons.into_iter().map(MarkerReason::word).collect();
        let meanings: BTreeSet<&str> = reasons.into_iter().map(MarkerReason::meaning).collect();
        assert_eq!((words.len(), meanings.len()), (reasons.len(), reasons.len()));
        assert!(words.iter().all(|word| word.contains('-') && !word.contains(' ')), "{words:?}");
        assert!(meanings.iter().all(|meaning| meaning.contains(' ')), "{meanings:?}");
        assert_eq!(R::StillHidden.word(), "still-hidden");
    }

    #[test]
    fn a_marker_that_is_gone_while_no_version_is_current_is_counted_apart() {
        use MarkerOutcome as O;
        use MarkerReason as R;
        let table = [
            (vec![(O::MarkerRemoved, None)], vec![], ExitStatus::Yes, true),
            (vec![(O::MarkerRemoved, Some(R::StillHidden))], vec![("still-hidden", 1)], ExitStatus::No, true),
            (vec![(O::AlreadyAbsent, Some(R::NothingCurrent)); 2], vec![("nothing-current", 2)], ExitStatus::No, false),
            // Their reasons say why they are kept.
            (vec![(O::Kept, Some(R::NullMarker))], vec![], ExitStatus::No, false),
            (vec![(O::Kept, None)], vec![], ExitStatus::No, false),
        ];
        for (row, (entries, not_current, exit, effect)) in table.into_iter().enumerate() {
            let mut summary = UndoSummary::default();
            entries.iter().for_each(|(outcome, reason)| summary.count(&entry(*outcome, *reason)));
            assert_eq!(summary.not_current, not_current.into_iter().collect(), "row {row}");
            assert_eq!((summary.counts.status(), summary.counts.effect()), (exit, effect), "row {row}");
        }
    }

    #[test]
    fn a_run_is_settled_if_every_outcome_is_known() {
        use MarkerOutcome as O;
        let table = [
            (vec![], true),
            (vec![O::MarkerRemoved, O::Kept, O::Failed], true),
            (vec![O::MarkerRemoved, O::NotAttempted], false),
            (vec![O::MarkerRemoved, O::Unknown], false),
            (vec![O::NotAttempted, O::Unknown], false),
        ];
        for (outcomes, is_settled) in table {
            let mut summary = UndoSummary::default();
            outcomes.iter().for_each(|outcome| summary.count(&entry(*outcome, None)));
            assert_eq!(summary.is_settled(), is_settled, "{outcomes:?}");
        }
    }

    #[test]
    fn what_an_earlier_run_removed_keeps_its_outcome_and_its_note() {
        let note = Failure::new("Resumed", "note", None);
        let entry = MarkerEntry::removed_before(&candidate(), CurrentVersion::Version("v".into()), note.clone());
        assert_eq!((entry.outcome, entry.error), (MarkerOutcome::MarkerRemoved, Some(note)));
        assert_eq!(entry.current_version_id.as_deref(), Some("v"));
    }
}
