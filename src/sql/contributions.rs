//! Which rows of the result the partial sums of one report add to.

use super::result_rows::Contribution;
use super::row::dimension_column;
use crate::audit::{Dimension, FigureWord, IN_SCOPE, OVERDUE_OF, SCANNED};

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
        status: "''".to_owned(),
        objects: "objects",
        bytes: None,
        has_times: false,
        condition: format!("{} AND {condition}", set.condition()),
    };
    let bytes = has_size.then_some("bytes");
    let summed = |contribution| Contribution { bytes, has_times: true, ..contribution };
    let status = || "status".to_owned();
    let mut all = vec![Contribution { status: status(), ..summed(of(FigureWord::All, PartSet::Totals, OBJECT)) }];
    for (at, by) in by.iter().enumerate() {
        let group = summed(of(FigureWord::All, PartSet::Group(at), OBJECT));
        all.push(Contribution { dimension: by.to_string(), value: dimension_column(at), status: status(), ..group });
    }
    let overdue = format!("{OBJECT} AND overdue");
    all.push(summed(of(FigureWord::Overdue, PartSet::Totals, &overdue)));
    for (at, by) in by.iter().enumerate() {
        let group = summed(of(FigureWord::Overdue, PartSet::Group(at), &overdue));
        all.push(Contribution { dimension: format!("{OVERDUE_OF}{by}"), value: dimension_column(at), ..group });
    }
    let aged = of(FigureWord::PendingAge, PartSet::Totals, &format!("{OBJECT} AND pending_age <> ''"));
    all.push(Contribution { value: "pending_age".to_owned(), bytes, ..aged });
    let markers = of(FigureWord::DeleteMarkers, PartSet::Totals, "refusal = '' AND in_scope AND marker");
    all.push(Contribution { status: status(), ..markers });
    for (value, condition) in [(SCANNED, "TRUE"), (IN_SCOPE, "refusal = '' AND in_scope")] {
        all.push(Contribution { value: format!("'{value}'"), ..of(FigureWord::Rows, PartSet::Totals, condition) });
    }
    let invalid = of(FigureWord::Invalid, PartSet::Totals, "refusal <> ''");
    all.push(Contribution { value: "refusal".to_owned(), ..invalid });
    all.push(Contribution { objects: "1", ..of(FigureWord::Files, PartSet::Files, "TRUE") });
    all
}
