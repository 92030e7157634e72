//! Why an object is kept: the one table of reasons.

use crate::model::{Failure, FailureKind};

/// Makes the reasons from one table: the word of every output, what kind of check it was, and the sentence for a person.
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
    /// The check was completed: the object must not be deleted.
    Answered,
    /// The check could not be completed.
    NotMade,
}

keep_reasons! {
    Pending = "pending", Answered, "not replicated to every destination yet: try again later, or use --wait with a longer --timeout";
    Failed = "failed", Answered, "S3 could not replicate it: repair the cause, and replicate the object first";
    Replica = "replica", Answered, "this is the copy that S3 made; it may be the last one";
    NotReplicated = "not-replicated", Answered, "S3 gives no status: `replaudit status --explain` shows possible causes";
    UnknownStatus = "unknown-status", Answered, "S3 does not document this status, so it proves nothing";
    DeleteMarker = "delete-marker", Answered, "there is a delete marker already";
    NotFound = "not-found", Answered, "there is no such object or version";
    Denied = "denied", NotMade, "S3 refused the check (403)";
    Error = "error", NotMade, "the check got no usable answer";
    NotCurrent = "not-current", Answered,
        "only the current version can be hidden, and this is another one (--permanent removes a version)";
    BucketNotVersioned = "bucket-not-versioned", Answered,
        "versioning is not Enabled, so a delete could destroy data";
    Locked = "locked", Answered, "Object Lock or MFA delete protects it, and replaudit bypasses neither";
    Annotations = "annotations", Answered,
        "an annotation of the version is not replicated, or the annotations cannot be listed \
         (--allow-annotation-loss removes it anyway)";
    ReplicaMissing = "replica-missing", Answered,
        "a destination bucket does not have this version";
    ReplicaDiffers = "replica-differs", Answered, "a destination has different content under this version ID";
    NotAReplica = "not-a-replica", Answered, "a destination has the version, but not as a replica that S3 made";
    ReplicaDenied = "replica-denied", NotMade, "a destination bucket refused the check of the replica (403)";
    ReplicaUnknown = "replica-unknown", NotMade, "a replica could not be checked";
    MarkerReplicates = "marker-replicates", Answered,
        "the delete marker would be replicated and hide the replica too, or that cannot be ruled out \
         (--allow-marker-replication hides it anyway)";
    DeleteReplicates = "delete-replicates", Answered,
        "this server would delete the replica too, or that cannot be ruled out \
         (--allow-replicated-delete removes it anyway)";
    Unconditional = "unconditional", Answered,
        "this server does not support If-Match, so a newer upload could be hidden instead \
         (--allow-unconditional hides it anyway)";
    OverLimit = "over-limit", Answered, "the plan would delete more than --max-delete allows";
    NotConsented = "not-consented", Answered, "the plan was not confirmed";
    ChangedSinceCheck = "changed-since-check", Answered, "the object changed after the check";
    Duplicate = "duplicate", Answered, "the list contains the same version more than once";
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

    /// Whether the check could not be completed.
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
