//! What both columnar formats share: which columns are wanted, and counting what comes out.

use arrow::array::RecordBatch;
use s3_inventory::{Batch, BatchRow, Columns, Damage, DataFile, Unread, Values};
use tokio::runtime::Handle;

use super::memory::{Memory, Part};
use super::parts::Parts;
use super::tally::{Shared, Sums};
use super::window::AHEAD;
use super::{Report, ReportError};
use crate::audit::Scratch;

/// Rows decoded at a time: as many as the nearest caches hold.
pub(super) const BATCH: usize = 8192;

/// The columns that the question and an export need, in the words of the columnar formats.
fn wanted<'a>(all: &'a Columns, sums: &Sums) -> Vec<&'a str> {
    let has = |name, place: Option<usize>| place.map(|_| name);
    let Sums { tally, lines } = sums;
    let columns = tally.columns(all);
    let mut wanted: Vec<&str> = [
        Some("bucket"),
        // Most of the bytes are here.
        tally.needs_keys().then_some("key"),
        tally.filter().current.then(|| has("is_latest", columns.is_latest)).flatten(),
        has("is_delete_marker", columns.is_delete_marker),
        has("size", columns.size),
        // What tells delete markers from objects where no size does.
        columns.size.is_none().then(|| has("e_tag", columns.e_tag)).flatten(),
        has("last_modified_date", columns.last_modified),
        has("replication_status", columns.replication_status),
        has("storage_class", columns.storage_class),
        has("encryption_status", columns.encryption_status),
    ]
    .into_iter()
    .flatten()
    .collect();
    for name in lines.iter().flat_map(|lines| lines.needs(all)) {
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    wanted
}

/// The memory that columns may take.
pub(super) struct Room<'a> {
    pub(super) memory: &'a Memory,
    pub(super) runtime: &'a Handle,
}

impl Room<'_> {
    /// Waits until what reading the columns of one row group or stripe takes is free: each is read through a window, which
    /// holds `one_piece` of it at least. Nothing is held meanwhile, so no two wait for each other.
    pub(super) fn take(
        &self,
        parts: &Parts,
        columns: &[(u64, u64)],
        one_piece: u64,
    ) -> Result<Option<Part>, ReportError> {
        let damage = |what: String| Damage::of_file(&parts.file().key, None, what);
        let lengths = || columns.iter().map(|(from, to)| to.saturating_sub(*from));
        // No two columns share bytes.
        let claimed = lengths().fold(0, u64::saturating_add);
        if claimed > parts.size() {
            return Err(damage("its columns claim to be longer than the file".to_owned()).into());
        }
        if parts.are_in_memory() {
            return Ok(None);
        }
        let takes = |ahead: u64| lengths().map(|length| length.min(ahead.saturating_add(one_piece))).sum::<u64>();
        let stored = &self.memory.stored;
        // For a worker that has all of it to itself there is room besides, for the rest of its connections.
        let bytes = takes(parts.ahead()).min(stored.whole()).max(takes(AHEAD));
        let part = stored.reserve(bytes, self.runtime).map_err(|whole| {
            let what =
                format!("its columns take {bytes} bytes at once, and --memory leaves {whole} for that: give more");
            ReportError::of(parts.file(), Unread::NoRoom(what))
        })?;
        Ok(Some(part))
    }
}

/// Counts the batches of one file, and exports what is wanted of them.
pub(super) struct Counter<'a> {
    file: &'a DataFile,
    report: &'a Report,
    sums: &'a mut Sums,
    shared: &'a Shared,
    scratch: Scratch,
    rows: u64,
}

impl<'a> Counter<'a> {
    pub(super) fn new(report: &'a Report, file: &'a DataFile, sums: &'a mut Sums, shared: &'a Shared) -> Self {
        Self { file, report, sums, shared, scratch: Scratch::default(), rows: 0 }
    }

    /// The columns that are needed.
    pub(super) fn wanted(&self) -> Vec<&'a str> {
        wanted(&self.report.columns, self.sums)
    }

    /// Rows counted so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn count(&mut self, rows: &RecordBatch) -> Result<(), ReportError> {
        let at = |row: usize, what: String| Damage::of_file(&self.file.key, Some(self.rows + row as u64 + 1), what);
        let batch = Batch::of(rows).map_err(|what| Damage::of_file(&self.file.key, None, what))?;
        batch.check_bucket(&self.report.manifest.source_bucket).map_err(|(row, error)| at(row, error.to_string()))?;
        self.sums.tally.count_batch(&batch, &mut self.scratch).map_err(|(row, what)| at(row, what))?;
        if let Some(lines) = &mut self.sums.lines {
            let values = Values::of(rows, &self.report.columns);
            let values = values.map_err(|what| Damage::of_file(&self.file.key, None, what))?;
            for row in 0..batch.rows {
                lines.take(&BatchRow { batch: &batch, values: &values, row }).map_err(|what| at(row, what))?;
            }
        }
        let merged = self.shared.merge_if_large(&mut self.sums.tally);
        merged.map_err(|what| Damage::of_file(&self.file.key, None, what))?;
        self.rows += batch.rows as u64;
        Ok(())
    }
}
