//! Why figures are refused.

use jiff::Timestamp;
use thiserror::Error;

use super::super::error::TallyError;
use crate::model::{Overflow, human_count, plural};

/// Why the figures of an engine are refused. Texts of the result are escaped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum FigureError {
    #[error("a row has 7 cells (dimension, value, status, objects, bytes, oldest, newest), and this one has {0}")]
    Width(usize),
    #[error("{column}: {cell} is not {kind}")]
    Cell { column: &'static str, cell: String, kind: &'static str },
    #[error("{column} is missing")]
    NoValue { column: &'static str },
    #[error("{column} has a value, and the report has no column for it")]
    ColumnNotInReport { column: &'static str },
    #[error("dimension {0} was not asked for")]
    Dimension(String),
    #[error("{0} is not a value of {1}")]
    Value(String, String),
    #[error("the status {0} is not a word of a report")]
    Status(String),
    #[error("the row {0} is there twice")]
    Twice(String),
    #[error("the row has no objects")]
    NoObjects,
    #[error(
        "there is no row {0}: the result is not complete, or its statements were not written by this version of `replaudit sql`"
    )]
    Missing(String),
    #[error(
        "they answer another question ({found}) than this one ({expected}): the report or one of the options --prefix, --current, --by, --overdue, --replication is different"
    )]
    OtherQuestion { found: String, expected: String },
    #[error("its last row says that it has {}, and it has {found}", plural(*.claimed, "row"))]
    Length { claimed: u64, found: u64 },
    #[error("{} {} refused because of {reason}: the report is damaged, or the engine reads it differently", human_count(*.rows), if *.rows == 1 { "row was" } else { "rows were" })]
    Invalid { rows: u64, reason: String },
    #[error("{} in it: the report is damaged", match .0 { 1 => "one object version is listed twice".to_owned(), many => format!("{} object versions are listed twice", human_count(*many)) })]
    ListedTwice(u64),
    #[error("the {side} report: {why}")]
    OfReport { side: &'static str, why: Box<Self> },
    #[error("the engine does not use the settings at the beginning of the statements: its results would be different")]
    Settings,
    #[error("the engine read rows of {}, and the report has {expected}", plural(*.found, "data file"))]
    Files { found: u64, expected: u64 },
    #[error("the engine read {}, and the footers of the data files say that there are {}", plural(*.found, "row"), human_count(*.expected))]
    Rows { found: u64, expected: u64 },
    #[error("{what}: {} and {} should be equal", human_count(*.one), human_count(*.other))]
    Sum { what: String, one: u64, other: u64 },
    #[error("{what}: {} is more than {}", human_count(*.part), human_count(*.whole))]
    Part { what: String, part: u64, whole: u64 },
    #[error("{what}: {} and {} should be equal", time(*.one), time(*.other))]
    Time { what: String, one: Option<Timestamp>, other: Option<Timestamp> },
    #[error(transparent)]
    Tally(#[from] TallyError),
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl FigureError {
    /// The same error, about one of two reports.
    pub(crate) fn of_report(self, side: &'static str) -> Self {
        Self::OfReport { side, why: Box::new(self) }
    }
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "no time".to_owned(), |at| at.to_string())
}
