//! The classes of a comparison.

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::ClassWord;

/// What became of an object of the source, or of a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PairClass {
    /// The destination lists the same version with the same size, and as a replica.
    InSync,
    /// The destination does not list it.
    Missing,
    /// The destination lists it with another size.
    SizeDiffers,
    /// What the destination lists is not a replica that S3 made.
    NotAReplica,
    /// The id may name another version there, and size and ETag do not both agree.
    Unsure,
    /// COMPLETED, and too new for both reports to list it. Not judged.
    TooNew,
    /// A replica without a version at the source. Not judged.
    Extra,
}

impl PairClass {
    pub(crate) const ALL: [Self; 7] =
        [Self::InSync, Self::Missing, Self::SizeDiffers, Self::NotAReplica, Self::Unsure, Self::TooNew, Self::Extra];

    /// The classes of judged objects of the source. Their places fit the free bits of an identity.
    pub(crate) const JUDGED: [Self; 5] =
        [Self::InSync, Self::Missing, Self::SizeDiffers, Self::NotAReplica, Self::Unsure];

    /// The place of its sums.
    #[inline]
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    /// Its word, whether it can have a limit, and whether it has one by default.
    fn facts(self) -> (&'static str, bool, bool) {
        match self {
            Self::InSync => ("in-sync", false, false),
            Self::Missing => ("missing", true, true),
            Self::SizeDiffers => ("size-differs", true, true),
            Self::NotAReplica => ("not-a-replica", true, true),
            // Exit code 0 means proven, and these are not.
            Self::Unsure => ("unsure", true, true),
            Self::TooNew => ("too-new", true, false),
            Self::Extra => ("extra", true, false),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        self.facts().0
    }

    /// Whether the object is judged, and not shown to be in sync.
    pub(crate) fn is_problem(self) -> bool {
        self.facts().2
    }
}

impl ClassWord for PairClass {
    fn limited() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|class| class.facts().1)
    }

    fn word(self) -> &'static str {
        self.facts().0
    }

    fn has_default(self) -> bool {
        self.facts().2
    }
}
