//! Why an object is kept: the one table of reasons.

use crate::model::{Failure, FailureKind};

/// Makes the reasons from one table: the word of every output, what a keep for it is, and the sentence for a person.
macro_rules! keep_reasons {
    ($($reason:ident = $word:literal, $check:ident, $meaning:literal;)*) => {
        /// Why an object is kept.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum KeepReason {
            $(#[doc = $meaning] $reason,)*
        }

        impl KeepReason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            fn about(self) -> ReasonRow {
                match self {
                    $(Self::$reason => ReasonRow { word: $word, check: ReasonCheck::$check, meaning: $meaning },)*
                }
            }
        }
    };
}

struct ReasonRow {
    word: &'static str,
    check: ReasonCheck,
    meaning: &'static str,
}

#[derive(PartialEq, Eq)]
enum ReasonCheck {
    /// The object was checked, and the answer is no.
    Answered,
    /// The check could not be made: neither a yes nor a no.
    NotMade,
}

keep_reasons! {
    Pending = "pending", Answered, "not yet on every destination: try again later";
    Failed = "failed", Answered, "replication failed: repair the cause and replicate the object first";
    Replica = "replica", Answered, "this is the copy that S3 made; it may be the last one";
    NotReplicated = "not-replicated", Answered, "not replicated: S3 gives no status";
    UnknownStatus = "unknown-status", Answered, "S3 does not document this status, so it proves nothing";
    DeleteMarker = "delete-marker", Answered, "a delete marker is here already";
    NotFound = "not-found", Answered, "nothing is here";
    Denied = "denied", NotMade, "S3 refused to say";
    Error = "error", NotMade, "no usable answer";
    NotCurrent = "not-current", Answered,
        "this version is not the current one, and only the current one can be hidden (--permanent removes a version)";
    BucketNotVersioned = "bucket-not-versioned", Answered,
        "versioning is not Enabled here: a delete would destroy, not hide";
    Locked = "locked", Answered, "Object Lock or MFA delete protects it, and replaudit bypasses neither";
    Annotations = "annotations", Answered,
        "an annotation of the version is not replicated, or the list of them cannot be read \
         (--allow-annotation-loss accepts that)";
    ReplicaMissing = "replica-missing", Answered,
        "a destination has no such version: the replica is gone, or never was";
    ReplicaDiffers = "replica-differs", Answered, "a destination holds other bytes under this version id";
    NotAReplica = "not-a-replica", Answered, "a destination has the version, but not as a replica that S3 made";
    ReplicaDenied = "replica-denied", NotMade, "a destination refused to say whether it has the replica";
    ReplicaUnknown = "replica-unknown", NotMade, "no destination said whether it has the replica";
    MarkerReplicates = "marker-replicates", Answered,
        "the delete marker would hide the replica too, or it cannot be known whether it would \
         (--allow-marker-replication accepts that)";
    DeleteReplicates = "delete-replicates", Answered,
        "this server would delete the replica too, or it cannot be known whether it would \
         (--allow-replicated-delete accepts that)";
    Unconditional = "unconditional", Answered,
        "this server does not honour If-Match, so a newer upload could be hidden instead";
    OverLimit = "over-limit", Answered, "more would be deleted than --max-delete allows";
    NotConsented = "not-consented", Answered, "consent was not given";
    ChangedSinceCheck = "changed-since-check", Answered, "it is no longer the version that was checked";
    Duplicate = "duplicate", Answered, "the same version is in the list already";
}

impl KeepReason {
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.word() == word)
    }

    /// The word used in every output.
    pub fn word(self) -> &'static str {
        self.about().word
    }

    /// One sentence for a person.
    pub fn meaning(self) -> &'static str {
        self.about().meaning
    }

    /// Whether the check itself could not be made: neither a yes nor a no.
    pub fn could_not_be_checked(self) -> bool {
        self.about().check == ReasonCheck::NotMade
    }

    pub(crate) fn of_failure(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Denied => Self::Denied,
            FailureKind::NotImplemented | FailureKind::Other => Self::Error,
        }
    }
}
