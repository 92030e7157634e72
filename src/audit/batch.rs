//! Counts many rows of a columnar report at a time: sums in registers and plain arrays, checked sums once per batch.

use super::totals::{StatusTotals, Tally};
use crate::inventory::Batch;
use crate::model::{Overflow, add};
use crate::status::StatusClass;

/// What one batch adds to the sums of one word.
#[derive(Debug, Clone, Copy)]
struct Part {
    objects: u64,
    /// Of as many objects as a batch has, each below 2^63: never beyond this.
    bytes: u128,
    /// LastModifiedDate in the batch's unit; the first is above the last while there is none.
    oldest: i64,
    newest: i64,
}

impl Part {
    const EMPTY: Self = Self { objects: 0, bytes: 0, oldest: i64::MAX, newest: i64::MIN };

    #[inline]
    fn count(&mut self, size: Option<u64>, modified: Option<i64>) {
        self.objects += 1;
        self.bytes += u128::from(size.unwrap_or(0));
        if let Some(modified) = modified {
            self.oldest = self.oldest.min(modified);
            self.newest = self.newest.max(modified);
        }
    }

    fn totals(&self, batch: &Batch<'_>, has_size: bool) -> Result<StatusTotals, String> {
        let time = |value: i64| batch.time(value).map_err(|error| error.to_string());
        let (oldest, newest) = match self.oldest <= self.newest {
            true => (Some(time(self.oldest)?), Some(time(self.newest)?)),
            false => (None, None),
        };
        let bytes = u64::try_from(self.bytes).map_err(|_| Overflow.to_string())?;
        Ok(StatusTotals { objects: self.objects, bytes: has_size.then_some(bytes), oldest, newest })
    }
}

/// What is kept from batch to batch, so that nothing is allocated for each.
#[derive(Debug, Default)]
pub struct Scratch {
    words: Vec<u32>,
    parts: Vec<Part>,
}

impl Tally {
    /// Counts the rows of a batch of a columnar report.
    ///
    /// # Errors
    /// The row, counted from 0, and what is wrong with it; or a sum that passes 2^64 and the last row.
    pub fn count_batch(&mut self, batch: &Batch<'_>, scratch: &mut Scratch) -> Result<(), (usize, String)> {
        let Scratch { words, parts } = scratch;
        batch.words(words, |word| {
            let at = self.place_of(if word.is_empty() { "NONE" } else { word })?;
            u32::try_from(at).map_err(|error| error.to_string())
        })?;
        let pending: Vec<bool> = self.words().iter().map(|word| word.class == StatusClass::Pending).collect();
        parts.clear();
        parts.resize(pending.len(), Part::EMPTY);
        let mut overdue = Part::EMPTY;
        let (mut rows, mut markers, mut undated) = (0u64, 0u64, 0u64);
        for (row, word) in words.iter().map(|word| *word as usize).enumerate() {
            let bad = |error: crate::inventory::RowError| (row, error.to_string());
            let is_latest = batch.is_latest(row).map_err(bad)?;
            let is_marker = batch.is_delete_marker(row).map_err(bad)?;
            // Checked whether the row passes the filter or not.
            let size = if is_marker { None } else { batch.size(row).map_err(bad)? };
            if !self.passes(is_latest, || batch.key(row).map_err(bad))? {
                continue;
            }
            rows += 1;
            if is_marker {
                markers += 1;
                continue;
            }
            let modified = batch.last_modified(row);
            parts[word].count(size, modified);
            if pending[word] {
                match modified {
                    None => undated += 1,
                    Some(value) if batch.time(value).map_err(bad)? < self.overdue_before() => {
                        overdue.count(size, modified);
                    }
                    Some(_) => {}
                }
            }
        }
        let last = |what: String| (batch.rows.saturating_sub(1), what);
        let sum = |sum: &mut u64, more: u64| add(sum, more).map_err(|error| last(error.to_string()));
        sum(&mut self.rows_scanned, batch.rows as u64)?;
        sum(&mut self.rows, rows)?;
        sum(&mut self.delete_markers, markers)?;
        sum(&mut self.undated_pending, undated)?;
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| part.objects > 0) {
            let totals = part.totals(batch, self.has_size()).map_err(last)?;
            self.merge_word(at, &totals).map_err(|error| last(error.to_string()))?;
        }
        let totals = overdue.totals(batch, self.has_size()).map_err(last)?;
        self.merge_overdue(&totals).map_err(|error| last(error.to_string()))
    }
}
