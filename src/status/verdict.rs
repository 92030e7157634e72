//! The verdict on one object.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::wait_mode::WaitMode;
use crate::exit::ExitStatus;
use crate::model::StatusClass;

/// The answer for one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// COMPLETED, COMPLETE: every destination that applied when it was written has had it.
    Replicated,
    /// PENDING, PROCESSING: not yet replicated to every destination.
    Pending,
    /// FAILED: replication to at least one destination failed; S3 does not retry.
    Failed,
    /// REPLICA: this is the copy, made by S3.
    Replica,
    /// No status: not eligible, or never attempted.
    NotReplicated,
    /// A word that S3 does not document.
    UnknownStatus,
    /// The current version, or the named one, is a delete marker.
    DeleteMarker,
    /// The bucket exists and has no such key or version.
    NotFound,
    /// S3 refused to say (403).
    Denied,
    /// No usable answer.
    Error,
}

impl Verdict {
    pub(crate) const ALL: [Self; 10] = [
        Self::Replicated,
        Self::Pending,
        Self::Failed,
        Self::Replica,
        Self::NotReplicated,
        Self::UnknownStatus,
        Self::DeleteMarker,
        Self::NotFound,
        Self::Denied,
        Self::Error,
    ];

    /// The word used in every output, and the exit status: 0 only for an object that is proven replicated.
    fn facts(self) -> (&'static str, ExitStatus) {
        use ExitStatus::{No, Unknown, Yes};
        match self {
            Self::Replicated => ("replicated", Yes),
            Self::Pending => ("pending", No),
            Self::Failed => ("failed", No),
            Self::Replica => ("replica", No),
            Self::NotReplicated => ("not-replicated", No),
            Self::UnknownStatus => ("unknown-status", No),
            Self::DeleteMarker => ("delete-marker", No),
            Self::NotFound => ("not-found", No),
            Self::Denied => ("denied", Unknown),
            Self::Error => ("error", Unknown),
        }
    }

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.facts().0
    }

    /// The exit status; a replica may be accepted as replicated.
    #[must_use]
    pub fn exit(self, accept_replica: bool) -> ExitStatus {
        if self == Self::Replica && accept_replica { ExitStatus::Yes } else { self.facts().1 }
    }

    /// One sentence for a person. For other servers it leaves out what only AWS promises. It suggests no option that the
    /// run had.
    pub(crate) fn meaning(self, custom_endpoint: bool, waited: WaitMode) -> Option<Cow<'static, str>> {
        let text = match self {
            Self::Pending => {
                let goes_on = if custom_endpoint { "" } else { "; S3 continues" };
                let wait = waited.for_pending();
                return Some(format!("not yet replicated to every destination bucket{goes_on} ({wait})").into());
            }
            Self::Failed if custom_endpoint => {
                let wait = waited.for_failed();
                return Some(format!("replication to at least one destination bucket failed: repair the cause, then upload the object again; some servers retry ({wait})").into());
            }
            Self::Replicated => None,
            Self::Failed => Some(
                "replication to at least one destination bucket failed, and S3 does not retry: repair the cause, then run S3 Batch Replication or upload the object again",
            ),
            Self::Replica => Some(
                "this is the copy that S3 made, not the source: deleting it may remove the last copy (--accept-replica counts it as replicated)",
            ),
            Self::NotReplicated if custom_endpoint => Some(
                "not replicated: S3 gives no status; some servers never give one (--explain shows possible causes)",
            ),
            Self::NotReplicated => Some(
                "not replicated: S3 gives no status; a common reason is that no rule applied to the object when it was written (--explain shows possible causes)",
            ),
            Self::UnknownStatus => Some("S3 does not document this status, so it proves nothing"),
            Self::DeleteMarker => {
                Some("this is a delete marker, not an object (--all-versions checks the versions that it hides)")
            }
            Self::NotFound => Some(
                "the bucket has no such key or version: check the spelling; if the address is a prefix, add --recursive",
            ),
            Self::Denied | Self::Error => None,
        };
        text.map(Cow::Borrowed)
    }
}

impl From<StatusClass> for Verdict {
    fn from(class: StatusClass) -> Self {
        match class {
            StatusClass::Replicated => Self::Replicated,
            StatusClass::Pending => Self::Pending,
            StatusClass::Failed => Self::Failed,
            StatusClass::Replica => Self::Replica,
            StatusClass::NotReplicated => Self::NotReplicated,
            StatusClass::Unknown => Self::UnknownStatus,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_have_one_word_everywhere() {
        use Verdict as V;
        let all = [
            (V::Replicated, "replicated"),
            (V::Pending, "pending"),
            (V::Failed, "failed"),
            (V::Replica, "replica"),
            (V::NotReplicated, "not-replicated"),
            (V::UnknownStatus, "unknown-status"),
            (V::DeleteMarker, "delete-marker"),
            (V::NotFound, "not-found"),
            (V::Denied, "denied"),
            (V::Error, "error"),
        ];
        for (verdict, word) in all {
            assert_eq!((verdict.word(), serde_json::to_value(verdict).unwrap()), (word, word.into()));
        }
    }
}
