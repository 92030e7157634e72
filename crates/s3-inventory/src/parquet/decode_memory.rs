//! Estimates the memory for decoding from the headers of the pages that were read.
//!
//! The decoder allocates what a page's header asks for, and the texts of a batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::ParquetDamage;
use super::page_header::PageHeader;
use crate::batch::BATCH_ROWS;
use crate::codec::ROOM_FOR_SNAPPY;
use crate::fault::{MemoryUse, Shortage};
use crate::ranges::WINDOW;

/// Rows that may be decoded at once: fewer if their texts are long.
pub(super) const BATCHES: [u64; 6] = [BATCH_ROWS as u64, 1024, 256, 64, 8, 1];
/// Lengths of buffers are multiples of this, so that pages of other files fit too.
const STEP: u64 = 64 << 10;
const SMALL_STEP: u64 = 8 << 10;
/// `DELTA_BYTE_ARRAY`: a text shares a prefix with the text before.
const SHARED_PREFIXES: u64 = 7;
/// `DELTA_LENGTH_BYTE_ARRAY` and `DELTA_BYTE_ARRAY`: all lengths of a page are decoded at once.
const LENGTHS_FIRST: [u64; 2] = [6, SHARED_PREFIXES];

/// The memory for decoding the columns of a row group, for the pages that were read so far.
#[derive(Debug)]
pub(super) struct DecodeBudget {
    /// The limit in bytes.
    most: u64,
    /// Rows decoded at once: `BATCHES[batch]`.
    batch: usize,
    /// Bytes of each column.
    columns: Vec<AtomicU64>,
}

impl DecodeBudget {
    pub(super) fn new(most: u64, batch: usize, columns: usize) -> Arc<Self> {
        Arc::new(Self { most, batch, columns: (0..columns).map(|_| AtomicU64::new(0)).collect() })
    }

    /// Checks that a page of this many bytes fits: sometimes two pages of a column are in memory.
    pub(super) fn check_page(&self, bytes: u64) -> Result<(), Shortage> {
        let most = self.most / 2;
        if bytes > most { Err(Shortage::new(MemoryUse::Page, bytes, most)) } else { Ok(()) }
    }

    /// Updates the memory of a column, and checks that of all columns.
    pub(super) fn set(&self, column: usize, claims: &PageClaims, decoder: Decoder) -> Result<(), Shortage> {
        self.columns[column].store(claims.weigh(decoder, self.batch), Ordering::Relaxed);
        let sum = self.columns.iter().fold(0u64, |sum, bytes| sum.saturating_add(bytes.load(Ordering::Relaxed)));
        if sum > self.most { Err(Shortage::new(MemoryUse::Decoding, sum, self.most)) } else { Ok(()) }
    }
}

/// How a column is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    /// This crate, in one buffer for all pages.
    OwnNumbers,
    OwnFlags,
    OwnTexts,
    OwnClasses,
    LibraryNumbers,
    LibraryTexts,
}

/// The claims of the pages that were read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageClaims {
    /// Inflated bytes of the dictionary.
    pub(super) dictionary: u64,
    /// Bytes of the dictionary's longest text.
    pub(super) longest: u64,
    /// Inflated bytes of the largest page.
    pub(super) largest: u64,
    /// Stored bytes of the longest page.
    pub(super) stored: u64,
    /// Lengths that are decoded at once.
    lengths: u64,
    /// Bytes that one text may share with the text before.
    shared: u64,
    pub(super) windows: [ValueWindow; BATCHES.len()],
}

/// The most bytes of neighbouring pages with this many values.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValueWindow {
    count: u64,
    now: u64,
    before: u64,
    pub(super) most: u64,
}

impl ValueWindow {
    /// Pages are grouped into runs of at least `many` values. Any `many` neighbouring values are in two neighbouring runs.
    fn add(&mut self, page: &PageHeader, many: u64) {
        if self.count >= many {
            (self.count, self.before, self.now) = (0, self.now, 0);
        }
        self.count = self.count.saturating_add(page.values);
        self.now = self.now.saturating_add(page.inflated);
        self.most = self.most.max(self.now.saturating_add(self.before));
    }
}

impl PageClaims {
    pub(super) fn add(&mut self, page: &PageHeader) -> Result<(), ParquetDamage> {
        // An entry of a dictionary takes at least one byte.
        if page.entries > page.inflated {
            return Err(ParquetDamage::DictionaryEntries { bytes: page.inflated, entries: page.entries });
        }
        self.largest = self.largest.max(page.inflated);
        self.stored = self.stored.max(page.stored);
        if page.is_dictionary {
            self.dictionary = self.dictionary.max(page.inflated);
            return Ok(());
        }
        if LENGTHS_FIRST.contains(&page.encoding) {
            self.lengths = self.lengths.max(page.values);
        }
        if page.encoding == SHARED_PREFIXES {
            self.shared = self.shared.max(page.inflated);
        }
        self.windows.iter_mut().zip(BATCHES).for_each(|(window, many)| window.add(page, many));
        Ok(())
    }

    /// Bytes of the column for `BATCHES[batch]` rows at once.
    fn weigh(&self, decoder: Decoder, batch: usize) -> u64 {
        let decoding = match decoder {
            Decoder::OwnNumbers => decoder.buffer_for(self.largest).saturating_add(self.dictionary),
            Decoder::OwnFlags => decoder.buffer_for(self.largest),
            // The classes of the dictionary's entries, each of which has at least four bytes.
            Decoder::OwnClasses => decoder.buffer_for(self.largest).saturating_add(self.dictionary),
            // The dictionary as texts with offsets, twice if there are plain pages too. A batch has an entry of each text.
            Decoder::OwnTexts => {
                let texts = self.dictionary.saturating_mul(5).saturating_add(self.windows[batch].most);
                decoder.buffer_for(self.largest).saturating_add(texts.saturating_mul(2))
            }
            Decoder::LibraryNumbers => self.for_numbers(),
            Decoder::LibraryTexts => self.for_texts(batch),
        };
        // Windows of the usual size are counted elsewhere.
        decoding.saturating_add(self.stored.saturating_sub(WINDOW))
    }

    /// Bytes for decoding numbers or flags: the page, the page before, the dictionary and its page.
    fn for_numbers(&self) -> u64 {
        self.largest.saturating_mul(2).saturating_add(self.dictionary.saturating_mul(3))
    }

    /// Bytes for decoding `BATCHES[batch]` texts at once: buffers double when they grow, and words are counted in a table.
    pub(super) fn for_texts(&self, batch: usize) -> u64 {
        let repeated = BATCHES[batch].saturating_mul(self.longest.max(self.shared));
        let texts = self.windows[batch].most.saturating_add(repeated);
        self.for_numbers().saturating_add(texts.saturating_mul(4)).saturating_add(self.lengths.saturating_mul(16))
    }
}

impl Decoder {
    /// Bytes of a buffer for pages that inflate to at most `largest` bytes. Only numbers gain from the fast path of Snappy, and get
    /// the room that it needs.
    pub(super) fn buffer_for(self, largest: u64) -> u64 {
        let (least, step) = match self {
            Self::OwnNumbers => (ROOM_FOR_SNAPPY as u64, STEP),
            Self::OwnFlags | Self::OwnTexts | Self::OwnClasses => (0, SMALL_STEP),
            Self::LibraryNumbers | Self::LibraryTexts => (0, 1),
        };
        largest.max(least).saturating_add(step - 1) / step * step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_the_budget() {
        let budget = DecodeBudget::new(100, 0, 2);
        let numbers = |largest| PageClaims { largest, ..PageClaims::default() };
        let set = |column, largest| budget.set(column, &numbers(largest), Decoder::LibraryNumbers);
        assert_eq!((set(0, 30), set(1, 20)), (Ok(()), Ok(())));
        assert_eq!(set(1, 21), Err(Shortage::new(MemoryUse::Decoding, 102, 100)));
    }
}
