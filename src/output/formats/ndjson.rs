//! ndjson: one JSON object per line.

use std::io::{self, Write};

use serde::Serialize;

use super::{Format, ReasonsForm, RowWriter};
use crate::audit::Audit;
use crate::output::model::{FigureChange, ReportRow, ReportSummary, StatusFigure, pair_figures, status_figures};
use crate::reconcile::Reconciliation;

pub(super) static FORMAT: Format = Format {
    word: "ndjson",
    about: "one JSON object per line",
    write_audit: |audit, _, out, _| write_audit(audit, out),
    write_pair: |result, _, out, _| write_pair(result, out),
    open_rows: Some(|_, out, _| Box::new(NdjsonRows { out })),
    write_reasons: ReasonsForm::Objects,
    needs_every_row: false,
    says_incomplete: false,
    write_unanswered: None,
    summary: None,
    shows_properties: false,
    shows_next_steps: false,
};

fn write_audit(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct FigureLine<'a> {
        #[serde(flatten)]
        figure: StatusFigure<'a>,
        #[serde(flatten)]
        change: Option<FigureChange>,
    }
    status_figures(audit).try_for_each(|(figure, change)| {
        serde_json::to_writer(&mut *out, &FigureLine { figure, change })?;
        out.write_all(b"\n")
    })
}

fn write_pair(result: &Reconciliation, out: &mut dyn Write) -> io::Result<()> {
    pair_figures(result).try_for_each(|figure| {
        serde_json::to_writer(&mut *out, &figure)?;
        out.write_all(b"\n")
    })
}

struct NdjsonRows<'a> {
    out: &'a mut (dyn Write + Send),
}

impl RowWriter for NdjsonRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        row.write_json(self.out)?;
        self.out.write_all(b"\n")
    }

    fn end(&mut self, _: &dyn ReportSummary) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
