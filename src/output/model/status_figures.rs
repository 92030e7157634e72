//! Figures one by one, for csv and ndjson: a status of the whole report or of a group.

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::{AmountChange, Audit, Compared, FIGURE_COLUMNS, FigureWord, StatusTotals};
use crate::model::ReplicationStatus;

/// A status of the whole report or of a group.
#[derive(Serialize)]
pub(in crate::output) struct StatusFigure<'a> {
    dimension: &'a str,
    value: &'a str,
    status: &'a str,
    objects: u64,
    bytes: Option<u64>,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl StatusFigure<'_> {
    pub(in crate::output) const COLUMNS: [&'static str; 7] = FIGURE_COLUMNS;
}

/// What the figure was in the older report.
#[derive(Serialize)]
pub(in crate::output) struct FigureChange {
    previous_objects: u64,
    delta_objects: i128,
    previous_bytes: Option<u64>,
    delta_bytes: Option<i128>,
}

impl FigureChange {
    pub(in crate::output) const COLUMNS: [&'static str; 4] =
        ["previous_objects", "delta_objects", "previous_bytes", "delta_bytes"];
}

impl From<AmountChange> for FigureChange {
    fn from(AmountChange { previous, delta }: AmountChange) -> Self {
        Self {
            previous_objects: previous.objects,
            delta_objects: delta.objects,
            previous_bytes: previous.bytes,
            delta_bytes: delta.bytes,
        }
    }
}

/// All of them, the whole report first.
pub(in crate::output) fn status_figures(
    audit: &Audit,
) -> impl Iterator<Item = (StatusFigure<'_>, Option<FigureChange>)> {
    fn figure<'a>(
        dimension: &'a str,
        value: &'a str,
        (status, totals): (&'a ReplicationStatus, &'a Compared<StatusTotals>),
    ) -> (StatusFigure<'a>, Option<FigureChange>) {
        let StatusTotals { objects, bytes, oldest, newest } = totals.figure;
        let figure = StatusFigure { dimension, value, status: status.reported(), objects, bytes, oldest, newest };
        (figure, totals.change.map(FigureChange::from))
    }
    let all = audit.statuses.iter().map(|status| figure(FigureWord::All.word(), "", status));
    let groups = audit
        .groups
        .iter()
        .flat_map(|group| group.statuses.iter().map(move |status| figure(&group.dimension, &group.value, status)));
    all.chain(groups)
}
