//! One worker's part of an audit: sums, and the lines of an export.

use std::sync::{Arc, Mutex};

use s3_inventory::{Batch, BatchCells, BatchRow, Columns, CsvPiece, CsvReader, CsvRow, KeyClasses};

use super::columns::wanted;
use super::error::ReportError;
use super::memory::COLUMNS;
use super::run::{BatchRefusal, RowRefusal, RowTaker, TextTaken, lock};
use crate::audit::{Scratch, Tally, TallyError};
use crate::export::{ExportCounts, ExportLines};

pub(super) struct WorkerSums {
    tally: Tally,
    /// `None` without an export.
    lines: Option<ExportLines>,
    exported: ExportCounts,
    /// All columns of the report.
    columns: Arc<Columns>,
    scratch: Scratch,
    /// Sums that became too large for a single worker.
    merged: Arc<Mutex<Tally>>,
}

impl WorkerSums {
    pub(super) fn new(
        tally: Tally,
        lines: Option<ExportLines>,
        columns: Arc<Columns>,
        merged: Arc<Mutex<Tally>>,
    ) -> Self {
        Self { tally, lines, exported: ExportCounts::default(), columns, scratch: Scratch::default(), merged }
    }

    pub(super) fn into_parts(self) -> (Tally, ExportCounts) {
        (self.tally, self.exported)
    }
}

/// Hands over the sums of a worker when they have become large.
#[inline]
fn merge_if_large(tally: &mut Tally, merged: &Mutex<Tally>) -> Result<(), TallyError> {
    if tally.is_large() {
        lock(merged).merge(tally)?;
        tally.clear();
    }
    Ok(())
}

impl RowTaker for WorkerSums {
    const COLUMNS: u64 = COLUMNS;

    fn columns(&self, all: &Columns) -> Columns {
        self.tally.columns(all)
    }

    fn wanted<'a>(&self, all: &'a Columns) -> Vec<&'a str> {
        wanted(all, &self.tally, self.lines.as_ref())
    }

    fn key_classes(&self) -> Option<Box<dyn KeyClasses>> {
        // Lines have keys.
        if self.lines.is_some() { None } else { self.tally.key_classes() }
    }

    fn take_text(&mut self, rows: &mut CsvReader<'_>, piece: CsvPiece<'_>, last: bool) -> TextTaken {
        let Self { tally, lines, columns, merged, .. } = self;
        // Two loops, so that a run without an export does not pay for it.
        match lines {
            None => rows.take_piece(piece, last, |record, _| -> Result<(), RowRefusal> {
                tally.count(record)?;
                Ok(merge_if_large(tally, merged)?)
            }),
            Some(lines) => rows.take_piece(piece, last, |record, cells| -> Result<(), RowRefusal> {
                tally.count(record)?;
                lines.take(&CsvRow { record, cells, columns })?;
                Ok(merge_if_large(tally, merged)?)
            }),
        }
    }

    fn take_batch(&mut self, batch: &Batch<'_>) -> Result<(), BatchRefusal> {
        let counted = self.tally.count_batch(batch, &mut self.scratch);
        counted.map_err(|(row, error)| BatchRefusal::of_row(row, error))?;
        if let Some(lines) = &mut self.lines {
            let cells = BatchCells::of(batch, &self.columns).map_err(BatchRefusal::of_batch)?;
            for row in 0..batch.rows {
                let line = lines.take(&BatchRow { batch, cells: &cells, row });
                line.map_err(|error| BatchRefusal::of_row(row, error))?;
            }
        }
        merge_if_large(&mut self.tally, &self.merged).map_err(BatchRefusal::of_batch)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        if let Some(lines) = &mut self.lines {
            self.exported = lines.finish().map_err(ReportError::Export)?;
        }
        Ok(())
    }
}
