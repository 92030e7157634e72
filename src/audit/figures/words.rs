//! The words of the first column of figures that an engine computed.
//!
//! Beside the totals and groups of `inventory -o csv`, a result has rows that show what it is about and that it is complete.

/// What a row of figures is about, where it is not a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FigureWord {
    /// Objects of one status.
    All,
    /// Rows: `scanned` for all, `in-scope` for those that pass the filters.
    Rows,
    /// Delete markers in scope, by status.
    DeleteMarkers,
    /// Overdue objects.
    Overdue,
    /// Pending objects of one age.
    PendingAge,
    /// Rows that are refused, by the reason.
    Invalid,
    /// Data files that have rows.
    Files,
    /// The report and the options that the figures answer.
    Question,
    /// The last row, with the number of rows of the result.
    End,
}

/// The `value` of the row that counts all rows.
pub(crate) const SCANNED: &str = "scanned";
/// The `value` of the row that counts the rows that pass the filters.
pub(crate) const IN_SCOPE: &str = "in-scope";
/// The `value` of the pending objects without a date.
pub(crate) const UNDATED: &str = "unknown";
/// The `value` of the row that counts settings under which the engine would read literals or times differently.
pub(crate) const SETTINGS: &str = "settings";
/// Precedes the dimension in rows of overdue objects of a group.
pub(crate) const OVERDUE_OF: &str = "overdue ";

impl FigureWord {
    const ALL: [(&'static str, Self); 9] = [
        ("all", Self::All),
        ("rows", Self::Rows),
        ("delete-markers", Self::DeleteMarkers),
        ("overdue", Self::Overdue),
        ("pending-age", Self::PendingAge),
        ("invalid", Self::Invalid),
        ("files", Self::Files),
        ("question", Self::Question),
        ("end", Self::End),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, found)| found)
    }
}
