//! The words of the first column of figures about two reports.
//!
//! Beside the rows of `reconcile -o csv`, a result has rows that show what it is about and that it is complete. Rows about
//! one report begin with its side: `source rows`.

use super::super::compare::PairSide;
use crate::audit::FigureWord;

/// What a row of figures is about, where it is not a prefix, and not one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PairFigureWord {
    /// Objects of one class.
    All,
    /// Source objects of one status that is not COMPLETED.
    Status,
    /// How many of those the destination lists.
    AtDestination,
    /// How many of the objects that are too new the destination lists.
    TooNewAtDestination,
    /// Objects that only the destination lists, and that are not extra replicas.
    DestinationOnly,
    /// Judged objects that are the latest version in one report only.
    LatestDiffers,
    /// COMPLETED objects of the source without a date.
    Undated,
    /// Settings of the engine that would change the results.
    Invalid,
    /// The reports and the options that the figures answer.
    Question,
    /// The last row, with the number of rows of the result.
    End,
}

/// In the column `status`, beside the status of objects that are not judged.
pub(crate) const NOT_COMPLETED: &str = "not-completed";
/// The `value` of objects of the destination that are not replicas.
pub(crate) const NOT_REPLICAS: &str = "not-replicas";
/// The `value` of objects of the destination that are too new for the source's report.
pub(crate) const NEW_AT_DESTINATION: &str = "too-new";
pub(crate) const HIDDEN_AT_DESTINATION: &str = "hidden-at-destination";
pub(crate) const HIDDEN_AT_SOURCE: &str = "hidden-at-source";
/// The `value` of the row that counts object versions that one report lists more than once.
pub(crate) const LISTED_TWICE: &str = "listed-twice";

impl PairFigureWord {
    const ALL: [(&'static str, Self); 10] = [
        ("all", Self::All),
        ("status", Self::Status),
        ("at-destination", Self::AtDestination),
        ("too-new-at-destination", Self::TooNewAtDestination),
        ("destination-only", Self::DestinationOnly),
        ("latest-differs", Self::LatestDiffers),
        ("undated", Self::Undated),
        ("invalid", Self::Invalid),
        ("question", Self::Question),
        ("end", Self::End),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, found)| found)
    }
}

/// The words of rows about one report.
const OF_SIDE: [FigureWord; 4] = [FigureWord::Rows, FigureWord::DeleteMarkers, FigureWord::Invalid, FigureWord::Files];

/// The dimension of a row about one report.
pub(crate) fn side_dimension(side: PairSide, word: FigureWord) -> String {
    format!("{} {}", side.word(), word.word())
}

/// The report and the word of such a dimension.
pub(super) fn of_side(dimension: &str) -> Option<(PairSide, FigureWord)> {
    let (side, word) = dimension.split_once(' ')?;
    let side = PairSide::BOTH.into_iter().find(|known| known.word() == side)?;
    let word = OF_SIDE.into_iter().find(|known| known.word() == word)?;
    Some((side, word))
}
