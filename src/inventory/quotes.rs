//! Where the quotes of a text are, 64 bytes at a time, and whether they are the borders of one row's cells.
//!
//! In the form that S3 writes, every cell stands in quotes, a comma between two of them, a line feed behind the last. A row
//! of N cells then has 2N quotes, and their places are the places of its cells. A doubled quote, a cell without quotes or
//! any other form breaks the pattern, is noticed, and is left to the careful reader. Nothing is assumed of the bytes.

use wide::u8x16;

/// Bytes whose quotes become the bits of one word.
const STEP: usize = 64;
/// Bytes indexed in one go: what is found stays in the nearest cache until it is used.
const BLOCK: usize = 16 << 10;
/// Places written at once.
const BATCH: usize = 8;

/// Places of quotes that were found and not used yet.
pub(super) struct Quotes {
    places: Vec<usize>,
    next: usize,
    end: usize,
    /// Up to where the text was looked at.
    indexed: usize,
}

impl Quotes {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), next: 0, end: 0, indexed: 0 }
    }

    /// Forgets everything: another text, or another place in it.
    pub(super) fn restart(&mut self, at: usize) {
        (self.next, self.end, self.indexed) = (0, 0, at);
    }

    /// The next `count` quotes, as far as the text was looked at.
    #[inline]
    pub(super) fn peek(&self, count: usize) -> Option<&[usize]> {
        self.places[self.next..self.end].get(..count)
    }

    /// Leaves `count` quotes behind.
    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        self.next += count;
    }

    /// Leaves everything before `at` behind.
    pub(super) fn skip_to(&mut self, at: usize) {
        if at >= self.indexed {
            return self.restart(at);
        }
        self.next += self.places[self.next..self.end].partition_point(|place| *place < at);
    }

    /// Looks at the next block of `text`; whether there was any.
    pub(super) fn index(&mut self, text: &[u8]) -> bool {
        let block = &text[self.indexed..text.len().min(self.indexed + BLOCK)];
        if block.is_empty() {
            return false;
        }
        self.places.copy_within(self.next..self.end, 0);
        (self.end, self.next) = (self.end - self.next, 0);
        let most = self.end + block.len() + BATCH;
        if self.places.len() < most {
            self.places.resize(most, 0);
        }
        self.end += find(block, self.indexed, &mut self.places[self.end..]);
        self.indexed += block.len();
        true
    }
}

/// Writes the places of all quotes of `block`, whose first byte has the place `base`; gives how many there are. `places` has
/// room for one batch more than `block` has bytes.
// A third of the time is saved by counting and finding bits in one instruction each; these the oldest processors lack.
#[multiversion::multiversion(targets("x86_64+bmi1+bmi2+lzcnt+popcnt"))]
fn find(block: &[u8], base: usize, places: &mut [usize]) -> usize {
    let (steps, rest) = block.as_chunks::<STEP>();
    let mut count = 0;
    for (at, step) in steps.iter().enumerate() {
        count += append(bits(step), base + at * STEP, &mut places[count..]);
    }
    if !rest.is_empty() {
        let mut last = [0; STEP];
        last[..rest.len()].copy_from_slice(rest);
        count += append(bits(&last), base + steps.len() * STEP, &mut places[count..]);
    }
    count
}

/// Writes eight places at a time, whether there are so many or not: cheaper than a branch that nobody can foretell.
#[inline(always)]
fn append(mut bits: u64, base: usize, places: &mut [usize]) -> usize {
    let count = bits.count_ones() as usize;
    let (batches, _) = places.as_chunks_mut::<BATCH>();
    for batch in batches.iter_mut().take(count.div_ceil(BATCH)) {
        for place in batch {
            *place = base + bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
        }
    }
    count
}

/// Bit `n` is set where byte `n` is a quote.
#[inline(always)]
fn bits(step: &[u8; STEP]) -> u64 {
    let (parts, _) = step.as_chunks::<16>();
    let quote = u8x16::splat(b'"');
    let bits = |at: usize| u64::from(u8x16::new(parts[at]).simd_eq(quote).to_bitmask());
    bits(0) | bits(1) << 16 | bits(2) << 32 | bits(3) << 48
}

/// Whether `quotes`, two for each cell, are the borders of the cells of a row that begins at `start` and ends with a line
/// feed.
#[inline]
pub(super) fn are_a_row(text: &[u8], start: usize, quotes: &[usize]) -> bool {
    let (Some(first), Some(last)) = (quotes.first(), quotes.last()) else { return false };
    let mut good = *first == start && text.get(last + 1) == Some(&b'\n');
    for [close, open] in quotes[1..quotes.len() - 1].as_chunks::<2>().0 {
        good &= *open == close + 2 && text.get(close + 1) == Some(&b',');
    }
    good
}
