//! What the decoders of numbers, flags and words have in common.

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_buffer::bit_iterator::BitSliceIterator;

use super::error::ParquetDamage;
use super::page_header::PageValues;
use crate::memory::PooledBuffer;

/// The values of the next rows of a column.
pub(super) trait ColumnValues {
    /// Reads the entries of the dictionary, from the first bytes of a page. May keep the page, and return an empty buffer.
    fn read_dictionary(&mut self, page: &mut PooledBuffer, length: usize, entries: usize) -> Result<(), ParquetDamage>;

    /// Starts a page whose values are the rest of `page` from here on.
    fn start(&mut self, values: PageValues, page: &[u8], from: usize) -> Result<(), ParquetDamage>;

    /// Starts a page that is not inflated, if all of its values are known from the smallest and the largest of them.
    fn start_between(&mut self, _smallest: &[u8], _largest: &[u8]) -> bool {
        false
    }

    /// Makes room for a batch of this many rows.
    fn reserve(&mut self, rows: usize);

    /// Takes this many values of the page; `None` if it has fewer.
    fn add(&mut self, count: usize, page: &[u8]) -> Option<()>;

    /// Adds rows without a value.
    fn add_nulls(&mut self, count: usize);

    /// Adds a row for each of these bits of the page. Where it is set, takes a value.
    fn add_some(&mut self, first: usize, rows: usize, page: &[u8]) -> Option<()> {
        let mut at = 0;
        for (from, to) in BitSliceIterator::new(page, first, rows) {
            self.add_nulls(from - at);
            self.add(to - from, page)?;
            at = to;
        }
        self.add_nulls(rows - at);
        Some(())
    }

    /// Whether the array needs a bitmap of rows with a value.
    fn needs_bits(&self) -> bool {
        true
    }

    /// Returns all rows.
    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ParquetDamage>;
}
