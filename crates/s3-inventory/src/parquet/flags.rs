//! Flags: one bit each, or in runs.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

use super::column::ColumnValues;
use super::error::ParquetDamage;
use super::indexes::{IndexRun, Indexes};
use super::page_header::PageValues;

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
    fn read_dictionary(&mut self, _: &[u8], _: usize) -> Result<(), ParquetDamage> {
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

    fn add(&mut self, mut count: usize, page: &[u8]) -> Option<()> {
        match &mut self.page {
            PageFlags::Bits(rest) => {
                let bits = rest.start..rest.start.checked_add(count).filter(|end| *end <= rest.end)?;
                rest.start = bits.end;
                self.values.append_packed_range(bits, page);
            }
            PageFlags::Runs => {
                while count > 0 {
                    count -= match self.runs.take(count, page)? {
                        IndexRun::Equal(flag, many) => {
                            self.values.append_n(many, flag != 0);
                            many
                        }
                        IndexRun::Each(flags) => {
                            flags.iter().for_each(|flag| self.values.append(*flag != 0));
                            flags.len()
                        }
                    };
                }
            }
        }
        Some(())
    }

    fn add_nulls(&mut self, count: usize) {
        self.values.append_n(count, false);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>, _: usize) -> Result<ArrayRef, ParquetDamage> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), nulls)))
    }
}
