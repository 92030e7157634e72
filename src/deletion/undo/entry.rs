//! One delete marker in plan, journal and report, and what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::UndoCandidate;
use crate::model::Failure;

/// What became of one delete marker. Exactly one for each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerOutcome {
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
    /// The removal may have had an effect; a lookup did not tell.
    Unknown,
    /// The run ended before its turn.
    NotAttempted,
}

impl MarkerOutcome {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::MarkerRemoved => "marker-removed",
            Self::WouldRemove => "would-remove",
            Self::AlreadyAbsent => "already-absent",
            Self::Kept => "kept",
            Self::Lost => "lost",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotAttempted => "not-attempted",
        }
    }
}

/// Why a marker is kept, or a version lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerReason {
    /// The marker's id is `null`, which names whichever version was written last without an id.
    NullMarker,
    /// The id names a version with content, not a delete marker.
    NotAMarker,
    /// The safe-delete did not learn whether it created a marker.
    MarkerNotKnown,
    /// The safe-delete removed the version permanently.
    RemovedPermanently,
    /// The plan would remove more than `--max-delete`.
    OverLimit,
    /// Consent was declined.
    NotConsented,
}

impl MarkerReason {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NullMarker => "null-marker",
            Self::NotAMarker => "not-a-marker",
            Self::MarkerNotKnown => "marker-not-known",
            Self::RemovedPermanently => "removed-permanently",
            Self::OverLimit => "over-limit",
            Self::NotConsented => "not-consented",
        }
    }

    /// What it means, and what to do.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NullMarker => {
                "the marker's version id is null, and a later upload may have that id by now; look at the versions of the key"
            }
            Self::NotAMarker => "the id names a version with content, which undo never deletes",
            Self::MarkerNotKnown => {
                "the safe-delete did not learn whether it created a marker: run it again with its journal, or list the versions of the key"
            }
            Self::RemovedPermanently => "the version was removed by its id, and S3 keeps no copy; look for the replica",
            Self::OverLimit => "the plan would remove more markers than --max-delete allows",
            Self::NotConsented => "consent was declined",
        }
    }
}

/// One delete marker in plan and report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MarkerEntry {
    /// Its bucket.
    pub bucket: String,
    /// Its key, exactly.
    pub key: String,
    /// The version id of the marker; `None` where it is not known.
    pub marker_version_id: Option<String>,
    /// The version that the safe-delete hid, or removed.
    pub version_id: Option<String>,
    /// What became of the marker.
    pub outcome: MarkerOutcome,
    /// Why it is kept or lost.
    pub reason: Option<MarkerReason>,
    /// The version of the key that was current after the marker was gone; `None` where none is, or where that was not
    /// asked.
    pub current_version_id: Option<String>,
    /// What went wrong.
    pub error: Option<Failure>,
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
    #[must_use]
    pub fn removed_before(candidate: &UndoCandidate, current_version_id: Option<String>, note: Failure) -> Self {
        let outcome = MarkerOutcome::MarkerRemoved;
        Self { outcome, current_version_id, error: Some(note), ..Self::of(candidate) }
    }

    pub(super) fn end(&mut self, outcome: MarkerOutcome, reason: Option<MarkerReason>, error: Option<Failure>) {
        (self.outcome, self.reason, self.error) = (outcome, reason, error);
    }
}
