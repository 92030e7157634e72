//! Which rows of the result the partial sums of a report add to.
//!
//! The rows are read once and summed up in parts. Each part then adds to several rows of the result: to the total of its
//! status, to the number of rows, and so on. That is a second, small step.

use super::row::dimension_column;
use crate::audit::{Dimension, FigureWord, IN_SCOPE, OVERDUE_OF, SCANNED};

/// One row of the result, or several, that a part may add to.
pub(super) struct Contribution {
    pub(super) dimension: String,
    /// Expressions over a part.
    pub(super) value: String,
    pub(super) status: &'static str,
    pub(super) has_bytes: bool,
    pub(super) has_times: bool,
    pub(super) condition: String,
    /// What is added to the number of objects.
    pub(super) objects: &'static str,
}

/// Where a set of the parts is grouped by all that totals need, by a dimension, or by data file.
#[derive(Clone, Copy)]
enum PartSet {
    Totals,
    Group(usize),
    Files,
}

impl PartSet {
    fn condition(self) -> String {
        match self {
            Self::Totals => "part_of = -1".to_owned(),
            Self::Group(at) => format!("part_of = {at}"),
            Self::Files => "part_of = -2".to_owned(),
        }
    }
}

/// Every contribution, in the order of the result.
pub(super) fn contributions(by: &[Dimension], has_size: bool) -> Vec<Contribution> {
    const OBJECT: &str = "refusal = '' AND in_scope AND NOT marker";
    let of = |word: FigureWord, set: PartSet, condition: &str| Contribution {
        dimension: word.word().to_owned(),
        value: "''".to_owned(),
        status: "''",
        has_bytes: false,
        has_times: false,
        condition: format!("{} AND {condition}", set.condition()),
        objects: "objects",
    };
    let summed = |contribution| Contribution { has_bytes: has_size, has_times: true, ..contribution };
    let mut all = vec![Contribution { status: "status", ..summed(of(FigureWord::All, PartSet::Totals, OBJECT)) }];
    for (at, by) in by.iter().enumerate() {
        let group = summed(of(FigureWord::All, PartSet::Group(at), OBJECT));
        all.push(Contribution { dimension: by.to_string(), value: dimension_column(at), status: "status", ..group });
    }
    let overdue = format!("{OBJECT} AND overdue");
    all.push(summed(of(FigureWord::Overdue, PartSet::Totals, &overdue)));
    for (at, by) in by.iter().enumerate() {
        let group = summed(of(FigureWord::Overdue, PartSet::Group(at), &overdue));
        all.push(Contribution { dimension: format!("{OVERDUE_OF}{by}"), value: dimension_column(at), ..group });
    }
    let aged = of(FigureWord::PendingAge, PartSet::Totals, &format!("{OBJECT} AND pending_age <> ''"));
    all.push(Contribution { value: "pending_age".to_owned(), has_bytes: has_size, ..aged });
    let markers = of(FigureWord::DeleteMarkers, PartSet::Totals, "refusal = '' AND in_scope AND marker");
    all.push(Contribution { status: "status", ..markers });
    for (value, condition) in [(SCANNED, "TRUE"), (IN_SCOPE, "refusal = '' AND in_scope")] {
        all.push(Contribution { value: format!("'{value}'"), ..of(FigureWord::Rows, PartSet::Totals, condition) });
    }
    let invalid = of(FigureWord::Invalid, PartSet::Totals, "refusal <> ''");
    all.push(Contribution { value: "refusal".to_owned(), ..invalid });
    all.push(Contribution { objects: "1", ..of(FigureWord::Files, PartSet::Files, "TRUE") });
    all
}
