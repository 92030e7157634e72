//! Figures one by one, for csv and ndjson: a status of the whole report or of a group.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::{Audit, Compared, FigureChange, StatusTotals};
use crate::model::ReplicationStatus;

const HEADER: [&str; 7] = ["dimension", "value", "status", "objects", "bytes", "oldest", "newest"];
/// Only where there is an older report.
const HEADER_SINCE: [&str; 4] = ["previous_objects", "delta_objects", "previous_bytes", "delta_bytes"];

/// One figure.
#[derive(Serialize)]
struct Line<'a> {
    dimension: &'a str,
    value: &'a str,
    status: &'a str,
    objects: u64,
    bytes: Option<u64>,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

/// What it was in the older report.
#[derive(Serialize)]
struct LineSince {
    previous_objects: u64,
    delta_objects: i128,
    previous_bytes: Option<u64>,
    delta_bytes: Option<i128>,
}

impl From<FigureChange> for LineSince {
    fn from(FigureChange { previous, delta }: FigureChange) -> Self {
        Self {
            previous_objects: previous.objects,
            delta_objects: delta.objects,
            previous_bytes: previous.bytes,
            delta_bytes: delta.bytes,
        }
    }
}

fn lines(audit: &Audit) -> impl Iterator<Item = (Line<'_>, Option<LineSince>)> {
    fn line<'a>(
        dimension: &'a str,
        value: &'a str,
        (status, totals): (&'a ReplicationStatus, &'a Compared<StatusTotals>),
    ) -> (Line<'a>, Option<LineSince>) {
        let StatusTotals { objects, bytes, oldest, newest } = totals.figure;
        (
            Line { dimension, value, status: status.reported(), objects, bytes, oldest, newest },
            totals.change.map(LineSince::from),
        )
    }
    let all = audit.statuses.iter().map(|status| line("all", "", status));
    let groups = audit
        .groups
        .iter()
        .flat_map(|group| group.statuses.iter().map(move |status| line(&group.dimension, &group.value, status)));
    all.chain(groups)
}

/// One JSON object a line.
pub(super) fn write_ndjson(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Both<'a> {
        #[serde(flatten)]
        line: Line<'a>,
        #[serde(flatten)]
        since: Option<LineSince>,
    }
    lines(audit).try_for_each(|(line, since)| {
        serde_json::to_writer(&mut *out, &Both { line, since })?;
        out.write_all(b"\n")
    })
}

/// A header, and a record for each.
pub(super) fn write_csv(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    let since = audit.since.as_ref().map(|_| HEADER_SINCE).into_iter().flatten();
    csv.write_record(HEADER.into_iter().chain(since))?;
    for (line, since) in lines(audit) {
        match since {
            Some(since) => csv.serialize((line, since))?,
            None => csv.serialize(line)?,
        }
    }
    csv.flush()
}
