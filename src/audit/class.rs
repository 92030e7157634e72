//! The classes of objects that limits are about.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::StatusClass;

/// A kind of classes that limits are about.
pub(crate) trait ClassWord: Copy + PartialEq {
    /// The classes that can have a limit, those with a default limit first.
    fn limited() -> impl Iterator<Item = Self>;

    /// The word used in options and outputs.
    fn word(self) -> &'static str;

    /// Whether the limit is 0 without an option.
    fn has_default(self) -> bool;
}

/// A class of objects that a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Class")]
pub(crate) enum LimitClass {
    /// FAILED.
    Failed,
    /// Pending for too long.
    Overdue,
    /// No status.
    NotReplicated,
    /// A word that S3 does not document.
    UnknownStatus,
    /// PENDING, PROCESSING.
    Pending,
    /// REPLICA.
    Replica,
    /// No status, although a rule applies to the key today.
    Uncovered,
}

impl LimitClass {
    /// Every class, those with a default limit first.
    pub(crate) const ALL: [Self; 7] = [
        Self::Failed,
        Self::Overdue,
        Self::NotReplicated,
        Self::UnknownStatus,
        Self::Pending,
        Self::Replica,
        Self::Uncovered,
    ];

    /// Its word, the status of its objects, and whether it has a limit by default.
    fn facts(self) -> (&'static str, StatusClass, bool) {
        match self {
            Self::Failed => ("failed", StatusClass::Failed, true),
            Self::Overdue => ("overdue", StatusClass::Pending, true),
            Self::NotReplicated => ("not-replicated", StatusClass::NotReplicated, true),
            Self::UnknownStatus => ("unknown-status", StatusClass::Unknown, true),
            Self::Pending => ("pending", StatusClass::Pending, false),
            Self::Replica => ("replica", StatusClass::Replica, false),
            Self::Uncovered => ("uncovered", StatusClass::NotReplicated, false),
        }
    }

    /// The word used in options and outputs.
    pub(crate) fn word(self) -> &'static str {
        self.facts().0
    }

    pub(crate) fn status(self) -> StatusClass {
        self.facts().1
    }

    /// Whether an object of this status may be in the class; which keys are uncovered is not known here.
    pub(super) fn has(self, status: StatusClass, is_overdue: bool) -> bool {
        status == self.status() && (is_overdue || self != Self::Overdue)
    }
}

impl ClassWord for LimitClass {
    fn limited() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    fn word(self) -> &'static str {
        self.facts().0
    }

    fn has_default(self) -> bool {
        self.facts().2
    }
}
