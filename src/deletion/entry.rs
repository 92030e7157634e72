//! One object in plan, journal and report, and what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keep_reason::KeepReason;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outcome")]
pub enum DeleteOutcome {
    /// The named version is gone.
    VersionDeleted,
    /// A delete marker hides the object; every version is still there.
    MarkerCreated,
    /// A dry run, or a plan that has not been carried out.
    WouldDelete,
    /// Nothing was sent for it, or S3 refused because it had changed.
    Kept,
    /// The version was gone before a delete was sent.
    AlreadyAbsent,
    /// S3 refused the delete.
    Denied,
    /// The delete had no effect.
    Failed,
    /// The delete may have had an effect; looking again did not tell.
    Unknown,
    /// The run ended before its turn.
    NotAttempted,
}

impl DeleteOutcome {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::VersionDeleted => "version-deleted",
            Self::MarkerCreated => "marker-created",
            Self::WouldDelete => "would-delete",
            Self::Kept => "kept",
            Self::AlreadyAbsent => "already-absent",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotAttempted => "not-attempted",
        }
    }

    /// Whether S3 may hold something else than before.
    #[must_use]
    pub fn may_have_changed_something(self) -> bool {
        matches!(self, Self::VersionDeleted | Self::MarkerCreated | Self::Unknown)
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
    /// S3's word at the check, raw.
    pub replication_status: Option<String>,
    /// Delete or keep.
    pub decision: Decision,
    /// `completed`, or why it is kept.
    pub reason: String,
    /// What became of it.
    pub outcome: DeleteOutcome,
    /// Bytes.
    pub size: Option<u64>,
    /// Without quotes.
    pub etag: Option<String>,
    /// The delete marker that hides it.
    pub new_marker_version_id: Option<String>,
    /// What went wrong.
    pub error: Option<Failure>,
    /// What each destination answered, where they were asked.
    pub destinations: Vec<Destination>,
}

impl DeleteEntry {
    /// What is to be deleted, before anything else is known of it.
    pub(super) fn of(object: &ObjectId) -> Self {
        Self {
            bucket: object.bucket.as_str().to_owned(),
            key: object.key.clone(),
            version_id: object.version_id.as_ref().map(|v| v.as_str().to_owned()),
            replication_status: None,
            decision: Decision::Delete,
            reason: "completed".to_owned(),
            outcome: DeleteOutcome::WouldDelete,
            size: None,
            etag: None,
            new_marker_version_id: None,
            error: None,
            destinations: Vec::new(),
        }
    }

    /// Why it is kept; `None` for a delete.
    #[must_use]
    pub fn kept(&self) -> Option<KeepReason> {
        match self.decision {
            Decision::Delete => None,
            Decision::Keep => KeepReason::of_word(&self.reason),
        }
    }

    pub(super) fn keep(&mut self, reason: KeepReason, error: Option<Failure>) {
        reason.word().clone_into(&mut self.reason);
        self.decision = Decision::Keep;
        self.outcome = DeleteOutcome::Kept;
        self.error = error;
    }

    pub(super) fn end(&mut self, outcome: DeleteOutcome, failure: Failure) {
        self.outcome = outcome;
        self.error = Some(failure);
    }
}

/// Whether a delete marker has an id of its own: one with the id `null` replaces the version that had it.
pub(super) fn marker_has_own_id(marker: Option<&str>) -> bool {
    marker.is_some_and(|id| !id.is_empty() && id != "null")
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
        let changed = all.into_iter().filter(|(outcome, _)| outcome.may_have_changed_something());
        let changed: Vec<&str> = changed.map(|(_, word)| word).collect();
        assert_eq!(changed, ["version-deleted", "marker-created", "unknown"]);
    }
}
