//! json: one document. Rows are written as they come; the document never exists as a whole.

use std::io::{self, Write};

use super::{Format, ReasonsForm, RowWriter};
use crate::output::model::{ReportRow, ReportSummary, RowLayout};

pub(super) static FORMAT: Format = Format {
    word: "json",
    about: "one document",
    write_audit: |audit, _, out, _| {
        serde_json::to_writer_pretty(&mut *out, audit)?;
        out.write_all(b"\n")
    },
    write_pair: |result, _, out, _| {
        serde_json::to_writer_pretty(&mut *out, result)?;
        out.write_all(b"\n")
    },
    open_rows: Some(|layout, out, _| Box::new(JsonRows { layout, out, started: false })),
    write_reasons: ReasonsForm::Report(|report, out, _| {
        serde_json::to_writer_pretty(&mut *out, report)?;
        out.write_all(b"\n")
    }),
    needs_every_row: false,
    says_incomplete: true,
    write_unanswered: None,
    summary: None,
    shows_properties: false,
    shows_next_steps: false,
};

struct JsonRows<'a> {
    layout: &'static RowLayout,
    out: &'a mut (dyn Write + Send),
    started: bool,
}

impl JsonRows<'_> {
    fn begin(&mut self) -> io::Result<()> {
        writeln!(self.out, "{{\"schema\":\"{}\",\"{}\":[", self.layout.schema, self.layout.rows)
    }
}

impl RowWriter for JsonRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        match std::mem::replace(&mut self.started, true) {
            true => self.out.write_all(b",\n")?,
            false => self.begin()?,
        }
        row.write_json(self.out)
    }

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()> {
        if !self.started {
            self.begin()?;
        }
        self.out.write_all(b"],\n\"summary\":")?;
        summary.write_json(self.out)?;
        self.out.write_all(b"}\n")
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
