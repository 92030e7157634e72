//! What decoding takes, reckoned from the headers of the pages that were seen.
//!
//! The decoder takes as much memory as a page's header asks for, and as much more as the texts of a batch have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::ParquetDamage;
use super::page_header::PageHeader;
use crate::batch::BATCH_ROWS;
use crate::codec::ROOM_FOR_SNAPPY;
use crate::fault::{MemoryUse, Shortage};
use crate::ranges::WINDOW;

/// Rows that may be decoded at once: fewer, where their texts are long.
pub(super) const BATCHES: [u64; 6] = [BATCH_ROWS as u64, 1024, 256, 64, 8, 1];
/// Buffers are as long as a multiple of this, so that pages of other files fit them too.
const STEP: u64 = 64 << 10;
/// `DELTA_BYTE_ARRAY`: a text says how much it shares with the one before.
const SHARED_PREFIXES: u64 = 7;
/// `DELTA_LENGTH_BYTE_ARRAY`, and the one above: all lengths of a page are decoded at once.
const LENGTHS_FIRST: [u64; 2] = [6, SHARED_PREFIXES];

/// What decoding the columns of a row group takes, as far as their pages were seen.
#[derive(Debug)]
pub(super) struct DecodeBudget {
    /// Bytes that it may take.
    most: u64,
    /// Rows decoded at once: `BATCHES[batch]`.
    batch: usize,
    /// What each column takes.
    columns: Vec<AtomicU64>,
}

impl DecodeBudget {
    pub(super) fn new(most: u64, batch: usize, columns: usize) -> Arc<Self> {
        Arc::new(Self { most, batch, columns: (0..columns).map(|_| AtomicU64::new(0)).collect() })
    }

    /// Makes sure that a page of this many bytes fits: two pages of each column are in memory now and then.
    pub(super) fn check_page(&self, bytes: u64) -> Result<(), Shortage> {
        let most = self.most / 2;
        if bytes > most { Err(Shortage::new(MemoryUse::Page, bytes, most)) } else { Ok(()) }
    }

    /// Sets what a column takes, whose pages claim this.
    pub(super) fn set(&self, column: usize, claims: &PageClaims, decoder: Decoder) -> Result<(), Shortage> {
        self.columns[column].store(claims.weigh(decoder, self.batch), Ordering::Relaxed);
        let sum = self.columns.iter().fold(0u64, |sum, bytes| sum.saturating_add(bytes.load(Ordering::Relaxed)));
        if sum > self.most { Err(Shortage::new(MemoryUse::Decoding, sum, self.most)) } else { Ok(()) }
    }
}

/// Who decodes a column, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    /// This crate, in one buffer for all pages.
    Own,
    LibraryNumbers,
    LibraryTexts,
}

/// What the pages claim that were seen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageClaims {
    /// Inflated bytes of the dictionary, and of its longest text.
    pub(super) dictionary: u64,
    pub(super) longest: u64,
    /// Inflated bytes of the largest page.
    pub(super) largest: u64,
    /// Stored bytes of the longest page.
    pub(super) stored: u64,
    /// Lengths that are decoded at once.
    lengths: u64,
    /// Bytes that one text may have, because it takes them from the one before.
    shared: u64,
    pub(super) windows: [ValueWindow; BATCHES.len()],
}

/// The most bytes of pages that hold this many values one behind the other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValueWindow {
    count: u64,
    now: u64,
    before: u64,
    pub(super) most: u64,
}

impl ValueWindow {
    /// Any this many values lie within two neighbours of those runs of pages that have at least this many.
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
        // An entry of a dictionary takes at least a byte; of a text, four for its length.
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

    /// Bytes that the column takes, `BATCHES[batch]` rows at once.
    fn weigh(&self, decoder: Decoder, batch: usize) -> u64 {
        // The library is given a copy of what the window shows.
        let (decoding, times_stored) = match decoder {
            Decoder::Own => (buffer_for(self.largest), 1),
            Decoder::LibraryNumbers => (self.for_numbers(), 2),
            Decoder::LibraryTexts => (self.for_texts(batch), 2),
        };
        // Windows are paid for where they are no longer than usual.
        let stored = self.stored.saturating_sub(WINDOW).saturating_mul(times_stored);
        decoding.saturating_add(stored)
    }

    /// Bytes that decoding numbers or flags takes: the page, the one before, the dictionary and what it is made from.
    fn for_numbers(&self) -> u64 {
        self.largest.saturating_mul(2).saturating_add(self.dictionary.saturating_mul(3))
    }

    /// Bytes that decoding texts takes, `BATCHES[batch]` at once: buffers double when they grow, and words are counted in a
    /// table.
    pub(super) fn for_texts(&self, batch: usize) -> u64 {
        let repeated = BATCHES[batch].saturating_mul(self.longest.max(self.shared));
        let texts = self.windows[batch].most.saturating_add(repeated);
        self.for_numbers().saturating_add(texts.saturating_mul(4)).saturating_add(self.lengths.saturating_mul(16))
    }
}

/// Bytes of the buffer for pages that this crate decodes, which inflate to this many at most.
pub(super) fn buffer_for(largest: u64) -> u64 {
    largest.max(ROOM_FOR_SNAPPY as u64).saturating_add(STEP - 1) / STEP * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_what_they_may_take() {
        let budget = DecodeBudget::new(100, 0, 2);
        let numbers = |largest| PageClaims { largest, ..PageClaims::default() };
        let set = |column, largest| budget.set(column, &numbers(largest), Decoder::LibraryNumbers);
        assert_eq!((set(0, 30), set(1, 20)), (Ok(()), Ok(())));
        assert_eq!(set(1, 21), Err(Shortage::new(MemoryUse::Decoding, 102, 100)));
    }
}
