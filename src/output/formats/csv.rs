//! csv: with a header row.

use std::io::{self, Write};

use super::{Format, ReasonsForm, RowWriter};
use crate::audit::Audit;
use crate::output::model::{
    FigureChange, PairFigure, ReportRow, ReportSummary, RowLayout, StatusFigure, pair_figures, status_figures,
};
use crate::reconcile::Reconciliation;

pub(super) static FORMAT: Format = Format {
    word: "csv",
    about: "with a header row",
    write_audit: |audit, _, out, _| write_audit(audit, out),
    write_pair: |result, _, out, _| write_pair(result, out),
    open_rows: Some(|layout, out, _| Box::new(CsvRows { layout, out: csv::Writer::from_writer(out), started: false })),
    write_reasons: ReasonsForm::Objects,
    needs_every_row: false,
    says_incomplete: false,
    write_unanswered: None,
    summary: None,
    shows_properties: false,
    shows_next_steps: false,
};

fn write_audit(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    // Only where there is an older report.
    let change = audit.since.as_ref().map(|_| FigureChange::COLUMNS).into_iter().flatten();
    csv.write_record(StatusFigure::COLUMNS.into_iter().chain(change))?;
    for (figure, change) in status_figures(audit) {
        match change {
            Some(change) => csv.serialize((figure, change))?,
            None => csv.serialize(figure)?,
        }
    }
    csv.flush()
}

fn write_pair(result: &Reconciliation, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    csv.write_record(PairFigure::COLUMNS)?;
    pair_figures(result).try_for_each(|figure| csv.serialize(figure))?;
    csv.flush()
}

struct CsvRows<'a> {
    layout: &'static RowLayout,
    out: csv::Writer<&'a mut (dyn Write + Send)>,
    started: bool,
}

impl CsvRows<'_> {
    fn begin(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.started, true) {
            true => Ok(()),
            false => Ok(self.out.write_record(self.layout.columns.split(','))?),
        }
    }
}

impl RowWriter for CsvRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        self.begin()?;
        Ok(self.out.write_record(row.cells(self.layout.columns)?)?)
    }

    fn end(&mut self, _: &dyn ReportSummary) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
