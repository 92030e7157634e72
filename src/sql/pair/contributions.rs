//! Which rows of the result the partial sums of a comparison add to.

use super::super::result_rows::Contribution;
use super::super::row::dimension_column;
use crate::audit::{Dimension, FigureWord, IN_SCOPE, SCANNED};
use crate::reconcile::{
    LISTED_TWICE, NEW_AT_DESTINATION, NOT_COMPLETED, NOT_REPLICAS, PairClass, PairFigureWord, PairSide, side_dimension,
};

/// Whether the class of an object of the source is a judged one.
pub(super) fn is_judged() -> String {
    let words: Vec<String> = PairClass::JUDGED.iter().map(|class| format!("'{}'", class.word())).collect();
    format!("pair_class IN ({})", words.join(", "))
}

fn of(dimension: &str, value: &str, objects: &'static str, condition: &str) -> Contribution {
    Contribution {
        dimension: dimension.to_owned(),
        value: value.to_owned(),
        status: "''".to_owned(),
        objects,
        bytes: None,
        has_times: false,
        condition: format!("part_of = -1 AND {condition}"),
    }
}

/// Every contribution, in the order of the result.
pub(super) fn contributions(by: &[Dimension]) -> Vec<Contribution> {
    const NONE: &str = "''";
    let word = PairFigureWord::word;
    let judged = is_judged();
    let too_new = format!("pair_class = '{}'", PairClass::TooNew.word());
    let (not_completed, extra) = (format!("pair_class = '{NOT_COMPLETED}'"), PairClass::Extra.word());
    let class = || "pair_class".to_owned();
    let source_bytes = Some("source_bytes");
    let all = word(PairFigureWord::All);
    let mut rows = vec![
        Contribution {
            status: class(),
            bytes: source_bytes,
            ..of(all, NONE, "objects", &format!("({judged} OR {too_new})"))
        },
        Contribution {
            status: "destination_class".to_owned(),
            bytes: Some("destination_bytes"),
            ..of(all, NONE, "objects", &format!("destination_class = '{extra}'"))
        },
        Contribution {
            status: class(),
            bytes: source_bytes,
            ..of(word(PairFigureWord::Status), "status", "objects", &not_completed)
        },
    ];
    for (at, by) in by.iter().enumerate() {
        let group = of(&by.to_string(), &dimension_column(at), "objects", "");
        let condition = format!("part_of = {at} AND {judged}");
        rows.push(Contribution { status: class(), bytes: source_bytes, condition, ..group });
    }
    let there = |condition: &str| format!("{condition} AND is_at_destination");
    rows.extend([
        of(word(PairFigureWord::AtDestination), "status", "objects", &there(&not_completed)),
        of(word(PairFigureWord::TooNewAtDestination), NONE, "objects", &there(&too_new)),
        Contribution {
            bytes: Some("destination_bytes"),
            ..of(
                word(PairFigureWord::DestinationOnly),
                "destination_class",
                "objects",
                &format!("destination_class IN ('{NOT_REPLICAS}', '{NEW_AT_DESTINATION}')"),
            )
        },
        of(word(PairFigureWord::LatestDiffers), "latest_differs", "objects", "latest_differs <> ''"),
        of(word(PairFigureWord::Undated), NONE, "objects", "is_undated"),
    ]);
    for side in PairSide::BOTH {
        let (read, files) = match side {
            PairSide::Source => ("source_rows", "source_files"),
            PairSide::Destination => ("destination_rows", "destination_files"),
        };
        let name = |word| side_dimension(side, word);
        let is = |what: &str| format!("is_{what}{}", side.word());
        rows.extend([
            of(&name(FigureWord::DeleteMarkers), NONE, read, &format!("is_{}_marker", side.word())),
            of(&name(FigureWord::Rows), &format!("'{SCANNED}'"), read, "row_kind <> 'file'"),
            of(&name(FigureWord::Rows), &format!("'{IN_SCOPE}'"), read, "row_kind = 'version'"),
            of(&name(FigureWord::Invalid), "refusal", read, "row_kind = 'refused'"),
            of(&name(FigureWord::Invalid), &format!("'{LISTED_TWICE}'"), "objects", &is("twice_at_")),
            of(&name(FigureWord::Files), NONE, files, "row_kind = 'file'"),
        ]);
    }
    rows
}
