//! Why an object is kept: the one table of reasons, with the word of every output, the sentence for a person, and whether
//! the check itself could not be made.

use crate::model::{Failure, FailureKind};

/// Why an object is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeepReason {
    /// Not yet on every destination.
    Pending,
    /// A destination refused it.
    Failed,
    /// This is the copy.
    Replica,
    /// No status: never attempted.
    NotReplicated,
    /// A word that S3 does not document.
    UnknownStatus,
    /// A delete marker is here already.
    DeleteMarker,
    /// Nothing is here.
    NotFound,
    /// S3 refused to say.
    Denied,
    /// No usable answer.
    Error,
    /// The named version is not the current one, and only the current one can be hidden.
    NotCurrent,
    /// A delete would destroy, not hide.
    BucketNotVersioned,
    /// Object Lock (retention or a legal hold), or MFA delete.
    Locked,
    /// An annotation of the version is not replicated, or the list of them cannot be read.
    Annotations,
    /// A destination has no such version.
    ReplicaMissing,
    /// A destination holds other bytes under this version id.
    ReplicaDiffers,
    /// What a destination holds is no copy that S3 made.
    NotAReplica,
    /// A destination refused to say.
    ReplicaDenied,
    /// There is no destination to ask, or one gave no usable answer.
    ReplicaUnknown,
    /// The delete marker would hide the replica as well.
    MarkerReplicates,
    /// Removing the version would remove the replica as well.
    DeleteReplicates,
    /// The server does not honour If-Match, so a delete can't be bound to what was checked.
    Unconditional,
    /// More would be deleted than `--max-delete` allows.
    OverLimit,
    /// Consent was declined.
    NotConsented,
    /// S3 refused the delete because the object is no longer the one that was checked.
    ChangedSinceCheck,
    /// The same version is in the plan already.
    Duplicate,
}

/// What there is to say about a reason.
struct About {
    word: &'static str,
    meaning: &'static str,
    could_not_be_checked: bool,
}

/// The object was checked, and the answer is no.
const fn no(word: &'static str, meaning: &'static str) -> About {
    About { word, meaning, could_not_be_checked: false }
}

/// The check could not be made: neither a yes nor a no.
const fn unchecked(word: &'static str, meaning: &'static str) -> About {
    About { word, meaning, could_not_be_checked: true }
}

impl KeepReason {
    /// Every reason.
    pub const ALL: [Self; 25] = [
        Self::Pending,
        Self::Failed,
        Self::Replica,
        Self::NotReplicated,
        Self::UnknownStatus,
        Self::DeleteMarker,
        Self::NotFound,
        Self::Denied,
        Self::Error,
        Self::NotCurrent,
        Self::BucketNotVersioned,
        Self::Locked,
        Self::Annotations,
        Self::ReplicaMissing,
        Self::ReplicaDiffers,
        Self::NotAReplica,
        Self::ReplicaDenied,
        Self::ReplicaUnknown,
        Self::MarkerReplicates,
        Self::DeleteReplicates,
        Self::Unconditional,
        Self::OverLimit,
        Self::NotConsented,
        Self::ChangedSinceCheck,
        Self::Duplicate,
    ];

    fn about(self) -> About {
        match self {
            Self::Pending => no("pending", "not yet on every destination: try again later"),
            Self::Failed => no("failed", "replication failed: repair the cause and replicate the object first"),
            Self::Replica => no("replica", "this is the copy that S3 made; it may be the last one"),
            Self::NotReplicated => no("not-replicated", "not replicated: S3 gives no status"),
            Self::UnknownStatus => no("unknown-status", "S3 does not document this status, so it proves nothing"),
            Self::DeleteMarker => no("delete-marker", "a delete marker is here already"),
            Self::NotFound => no("not-found", "nothing is here"),
            Self::Denied => unchecked("denied", "S3 refused to say"),
            Self::Error => unchecked("error", "no usable answer"),
            Self::NotCurrent => no(
                "not-current",
                "this version is not the current one, and only the current one can be hidden (--permanent removes a version)",
            ),
            Self::BucketNotVersioned => {
                no("bucket-not-versioned", "versioning is not Enabled here: a delete would destroy, not hide")
            }
            Self::Locked => no("locked", "Object Lock or MFA delete protects it, and replaudit bypasses neither"),
            Self::Annotations => no(
                "annotations",
                "an annotation of the version is not replicated, or the list of them cannot be read (--allow-annotation-loss accepts that)",
            ),
            Self::ReplicaMissing => {
                no("replica-missing", "a destination has no such version: the replica is gone, or never was")
            }
            Self::ReplicaDiffers => no("replica-differs", "a destination holds other bytes under this version id"),
            Self::NotAReplica => {
                no("not-a-replica", "a destination has the version, but not as a replica that S3 made")
            }
            Self::ReplicaDenied => {
                unchecked("replica-denied", "a destination refused to say whether it has the replica")
            }
            Self::ReplicaUnknown => unchecked("replica-unknown", "no destination said whether it has the replica"),
            Self::MarkerReplicates => no(
                "marker-replicates",
                "the delete marker would hide the replica too, or it cannot be known whether it would (--allow-marker-replication accepts that)",
            ),
            Self::DeleteReplicates => no(
                "delete-replicates",
                "this server would delete the replica too, or it cannot be known whether it would (--allow-replicated-delete accepts that)",
            ),
            Self::Unconditional => {
                no("unconditional", "this server does not honour If-Match, so a newer upload could be hidden instead")
            }
            Self::OverLimit => no("over-limit", "more would be deleted than --max-delete allows"),
            Self::NotConsented => no("not-consented", "consent was not given"),
            Self::ChangedSinceCheck => no("changed-since-check", "it is no longer the version that was checked"),
            Self::Duplicate => no("duplicate", "the same version is in the list already"),
        }
    }

    /// The reason of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.about().word
    }

    /// One sentence for a person.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.about().meaning
    }

    /// The check itself could not be made: neither a yes nor a no.
    #[must_use]
    pub fn could_not_be_checked(self) -> bool {
        self.about().could_not_be_checked
    }

    pub(super) fn of_failure(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Denied => Self::Denied,
            FailureKind::NotImplemented | FailureKind::Other => Self::Error,
        }
    }
}
