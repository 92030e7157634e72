//! Flags: one bit each, or in runs.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

use super::column_values::ColumnValues;
use super::error::ParquetDamage;
use super::indexes::Indexes;
use super::page_header::PageValues;
use crate::memory::PooledBuffer;

pub(super) struct Flags {
    page: PageFlags,
    runs: Indexes,
    values: BooleanBufferBuilder,
}

/// How the rest of a page is stored.
enum PageFlags {
    /// Bits of the page.
    Bits(Range<usize>),
    /// Indexes of one bit.
    Runs,
}

impl Flags {
    pub(super) fn new() -> Self {
        Self { page: PageFlags::Bits(0..0), runs: Indexes::none(), values: BooleanBufferBuilder::new(0) }
    }
}

impl ColumnValues for Flags {
    fn read_dictionary(&mut self, _: &mut PooledBuffer, _: usize, _: usize) -> Result<(), ParquetDamage> {
        Err(ParquetDamage::Encoding)
    }

    fn start(&mut self, values: PageValues, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        self.page = match values {
            PageValues::Plain => PageFlags::Bits(from.saturating_mul(8)..page.len().saturating_mul(8)),
            PageValues::Runs => {
                self.runs.start_flags(page, from)?;
                PageFlags::Runs
            }
            PageValues::Dictionary | PageValues::Indexes => return Err(ParquetDamage::Encoding),
        };
        Ok(())
    }

    fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    fn add(&mut self, count: usize, page: &[u8]) -> Option<()> {
        match &mut self.page {
            PageFlags::Bits(rest) => {
                let bits = rest.start..rest.start.checked_add(count).filter(|end| *end <= rest.end)?;
                rest.start = bits.end;
                self.values.append_packed_range(bits, page);
            }
            PageFlags::Runs => {
                let flags = self.runs.take(count, page)?;
                flags.iter().for_each(|flag| self.values.append(*flag != 0));
            }
        }
        Some(())
    }

    fn add_nulls(&mut self, count: usize) {
        self.values.append_n(count, false);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ParquetDamage> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), nulls)))
    }
}
