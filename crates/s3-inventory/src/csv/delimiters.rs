//! Finds the delimiters between cells and rows in S3's own form, 64 bytes at a time.
//!
//! In that form every cell is quoted, with a comma between two cells and a line feed after the last one. So every quote has
//! exactly one neighbour that is a comma or line feed between two quotes; only the first quote of the text has none. If that is
//! true, cells can be found without a state per byte. Otherwise (a doubled quote, a cell without quotes, any other line end),
//! [`DelimiterIndex`] stops and leaves the row to the careful reader. The bytes need not be valid.

use multiversion::multiversion;
use multiversion::target::target_cfg;
use wide::u8x16;

/// Bytes per step, as many as a word has bits.
const STEP: usize = 64;
/// Bytes that are indexed at once: the index stays in the fastest cache until it is used.
const BLOCK: usize = 16 << 10;
/// The most commas and line feeds between quotes in a step, because no two of them share a quote.
const MOST: usize = 32;

/// A row in S3's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DelimitedRow<'a> {
    pub(super) start: usize,
    /// The delimiter after each cell, relative to `origin`: commas, then a line feed.
    ends: &'a [u32],
    origin: usize,
    /// Whether it certainly has no control character.
    pub(super) is_printable: bool,
}

impl<'a> DelimitedRow<'a> {
    /// The number of cells.
    #[inline]
    pub(super) fn width(&self) -> usize {
        self.ends.len()
    }

    /// The offset of its line feed.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.delimiter_after(self.ends.len() - 1)
    }

    #[inline]
    fn delimiter_after(&self, at: usize) -> usize {
        self.origin + self.ends[at] as usize
    }

    #[inline]
    pub(super) fn cell(&self, text: &'a [u8], at: usize) -> &'a [u8] {
        // Delimiters have a quote on both sides.
        let from = if at == 0 { self.start + 1 } else { self.delimiter_after(at - 1) + 2 };
        &text[from..self.delimiter_after(at) - 1]
    }
}

/// The delimiters after the rows that were taken.
#[derive(Debug, Default)]
pub(super) struct DelimiterIndex {
    /// Commas and line feeds between two quotes, relative to `origin`.
    places: Vec<u32>,
    origin: usize,
    rows: Vec<IndexedRow>,
    /// How many rows and places were taken.
    taken_rows: usize,
    taken: usize,
    /// The start of the next row.
    start: usize,
    scan: ScanState,
}

#[derive(Debug, Clone, Copy)]
struct IndexedRow {
    /// The end of its places.
    end: u32,
    is_printable: bool,
}

/// How far the text was indexed, and what the next bytes must match.
#[derive(Debug, Default, Clone, Copy)]
struct ScanState {
    at: usize,
    /// Places found.
    count: usize,
    /// One if the last byte was a quote.
    quote: u64,
    /// One if the next byte must be a quote, because a delimiter comes before it.
    opens: u64,
    /// One if the last byte was a quote that needs a delimiter as the next byte.
    closes: u64,
    /// Control characters, and bytes that are not ASCII, since the end of the last row.
    odd: u64,
    /// The text continues in another form.
    stopped: bool,
}

impl DelimiterIndex {
    /// Starts at a row in this text.
    pub(super) fn restart(&mut self, text: &[u8], at: usize) {
        (self.taken_rows, self.taken, self.start, self.origin) = (0, 0, at, at);
        self.rows.clear();
        self.scan = ScanState { at, opens: 1, stopped: text.get(at) != Some(&b'"'), ..ScanState::default() };
    }

    /// The next row, if it is complete and in S3's form. Its end is within `most` bytes.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8], most: usize) -> Option<DelimitedRow<'_>> {
        if self.taken_rows == self.rows.len() && !self.look_ahead(text, most) {
            return None;
        }
        let IndexedRow { end, is_printable } = *self.rows.get(self.taken_rows)?;
        let ends = self.places.get(self.taken..end as usize)?;
        let found = DelimitedRow { start: self.start, ends, origin: self.origin, is_printable };
        (self.taken_rows, self.taken, self.start) = (self.taken_rows + 1, end as usize, found.end() + 1);
        Some(found)
    }

    /// Indexes at least one more row; returns whether there is one.
    #[cold]
    #[inline(never)]
    fn look_ahead(&mut self, text: &[u8], most: usize) -> bool {
        let Self { places, origin, rows, scan, .. } = self;
        // The rest is the start of one row.
        places.copy_within(self.taken..scan.count, 0);
        scan.count -= self.taken;
        let moved = self.start - *origin;
        if let (Some(left), Ok(moved)) = (places.get_mut(..scan.count), u32::try_from(moved)) {
            left.iter_mut().for_each(|place| *place -= moved);
        }
        *origin = self.start;
        rows.clear();
        (self.taken_rows, self.taken) = (0, 0);
        let end = text.len().min(self.start.saturating_add(most));
        while rows.is_empty() && !scan.stopped && scan.at < end {
            let block = &text[scan.at..text.len().min(scan.at + BLOCK)];
            // Every place takes at least two bytes.
            let room = scan.count + block.len() / 2 + 2 * MOST;
            if places.len() < room {
                places.resize(room, 0);
            }
            find(block, text.get(scan.at + block.len()).copied(), *origin, scan, places, rows);
        }
        !rows.is_empty()
    }
}

/// Kinds of 64 bytes: bit `n` is set if byte `n` is of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kinds {
    quotes: u64,
    /// Commas and line feeds.
    between: u64,
    /// Control characters, and bytes that are not ASCII.
    odd: u64,
}

/// Indexes `block`, which is followed by `next`, as far as it is in S3's form.
// Comparing 64 bytes, and counting and finding bits, in one instruction each saves half the time. Old processors do not have
// these instructions.
#[multiversion(targets(
    "x86_64+avx512bw+avx512f+avx512vbmi2+avx512vl+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
fn find(
    block: &[u8],
    next: Option<u8>,
    origin: usize,
    scan: &mut ScanState,
    places: &mut [u32],
    rows: &mut Vec<IndexedRow>,
) {
    #[target_cfg(target_feature = "avx512vbmi2")]
    #[target_feature(enable = "avx512bw")]
    #[inline]
    fn kinds(step: &[u8; STEP]) -> Kinds {
        use std::arch::x86_64::{_mm512_add_epi8, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epi8_mask, _mm512_set1_epi8};
        let bytes = bytemuck::must_cast(*step);
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()));
        Kinds {
            quotes: is(b'"'),
            between: is(b',') | is(b'\n'),
            odd: _mm512_cmplt_epi8_mask(_mm512_add_epi8(bytes, _mm512_set1_epi8(1)), _mm512_set1_epi8(0x21)),
        }
    }

    #[target_cfg(target_feature = "avx512vbmi2")]
    #[target_feature(enable = "avx512bw,avx512vbmi2,avx512vl")]
    #[inline]
    fn write(bits: u64, base: u32, places: &mut [u32; MOST]) {
        use std::arch::x86_64::{
            _mm512_add_epi32, _mm512_castsi512_si128, _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32,
            _mm512_maskz_compress_epi8, _mm512_set1_epi32,
        };
        const NUMBERS: [u8; STEP] = {
            let mut numbers = [0; STEP];
            let mut at = 0;
            while at < STEP {
                numbers[at] = at as u8;
                at += 1;
            }
            numbers
        };
        let found = _mm512_maskz_compress_epi8(bits, bytemuck::must_cast(NUMBERS));
        let base = _mm512_set1_epi32(base.cast_signed());
        let (first, second) = places.split_at_mut(MOST / 2);
        let some = _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(found)), base);
        first.copy_from_slice(&bytemuck::must_cast::<_, [u32; MOST / 2]>(some));
        if bits.count_ones() as usize > MOST / 2 {
            let more = _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32::<1>(found)), base);
            second.copy_from_slice(&bytemuck::must_cast::<_, [u32; MOST / 2]>(more));
        }
    }

    #[target_cfg(all(target_feature = "avx2", not(target_feature = "avx512vbmi2")))]
    #[target_feature(enable = "avx2")]
    #[inline]
    fn kinds(step: &[u8; STEP]) -> Kinds {
        use std::arch::x86_64::{
            __m256i, _mm256_add_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_or_si256,
            _mm256_set1_epi8,
        };
        let halves: [__m256i; 2] = bytemuck::must_cast(*step);
        let is = |half: __m256i, byte: u8| _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte.cast_signed()));
        let mask = |bits: [__m256i; 2]| {
            let [low, high] = bits.map(|half| u64::from(_mm256_movemask_epi8(half).cast_unsigned()));
            low | high << 32
        };
        Kinds {
            quotes: mask(halves.map(|half| is(half, b'"'))),
            between: mask(halves.map(|half| _mm256_or_si256(is(half, b','), is(half, b'\n')))),
            odd: mask(
                halves
                    .map(|half| _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), _mm256_add_epi8(half, _mm256_set1_epi8(1)))),
            ),
        }
    }

    #[target_cfg(not(any(target_feature = "avx512vbmi2", target_feature = "avx2")))]
    use portable_kinds as kinds;
    #[target_cfg(not(target_feature = "avx512vbmi2"))]
    use portable_write as write;

    let mut now = *scan;
    let (steps, rest) = block.as_chunks::<STEP>();
    let mut padded = [b' '; STEP];
    padded[..rest.len()].copy_from_slice(rest);
    let last = (!rest.is_empty()).then_some(&padded);
    for (at, step) in steps.iter().chain(last).enumerate() {
        let behind = block.get((at + 1) * STEP).copied().or(next);
        let base = now.at - origin;
        let Some(between) = take(kinds(step), behind, &mut now, rows) else { break };
        let Some(places) = places.get_mut(now.count..).and_then(|places| places.first_chunk_mut()) else { break };
        write(between, base as u32, places);
        now.count += between.count_ones() as usize;
        now.at += STEP;
    }
    now.at = now.at.min(scan.at + block.len());
    *scan = now;
}

/// `kinds` of [`find`] for any processor.
#[inline(always)]
fn portable_kinds(step: &[u8; STEP]) -> Kinds {
    let (parts, _) = step.as_chunks::<16>();
    let mask = |of: &dyn Fn(u8x16) -> u8x16| {
        let bits = |at: usize| u64::from(of(u8x16::new(parts[at])).to_bitmask());
        bits(0) | bits(1) << 16 | bits(2) << 32 | bits(3) << 48
    };
    let is = |part: u8x16, byte: u8| part.simd_eq(u8x16::splat(byte));
    Kinds {
        quotes: mask(&|part| is(part, b'"')),
        between: mask(&|part| is(part, b',') | is(part, b'\n')),
        odd: mask(&|part| {
            let shifted = part + u8x16::splat(1);
            // The highest bit is set for bytes that are not ASCII, and for 0x7f.
            shifted | shifted.min(u8x16::splat(0x20)).simd_eq(shifted)
        }),
    }
}

/// Writes the positions of the bits, always eight at a time: cheaper than a branch that is often mispredicted.
#[inline(always)]
fn portable_write(mut bits: u64, base: u32, places: &mut [u32; MOST]) {
    let (batches, _) = places.as_chunks_mut::<8>();
    for batch in batches.iter_mut().take(bits.count_ones().div_ceil(8) as usize) {
        for place in batch {
            *place = base + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
    }
}

/// Takes the next step of these `kinds`, followed by `next`. Returns the delimiters, or `None` if the step is not completely in
/// S3's form.
#[inline(always)]
fn take(kinds: Kinds, next: Option<u8>, scan: &mut ScanState, rows: &mut Vec<IndexedRow>) -> Option<u64> {
    let Kinds { quotes, between, odd } = kinds;
    let last = STEP - 1;
    let next = u64::from(next == Some(b'"'));
    let between = between & (quotes << 1 | scan.quote) & (quotes >> 1 | next << last);
    let opens = between << 1 | scan.opens;
    // Quotes without a delimiter as neighbour, or with two. The next step decides about the last byte.
    let others = quotes ^ opens ^ (between >> 1);
    if others << 1 | (between & 1) ^ scan.closes != 0 {
        scan.stopped = true;
        return None;
    }
    (scan.quote, scan.opens, scan.closes) = (quotes >> last, between >> last, others >> last);
    // The only control character among them is the line feed.
    let mut ends = between & odd;
    let odd = odd & !between;
    if ends == 0 {
        scan.odd |= odd;
    } else {
        let mut is_printable = scan.odd | odd == 0;
        while ends != 0 {
            let up_to = between & (ends ^ (ends - 1));
            rows.push(IndexedRow { end: scan.count as u32 + up_to.count_ones(), is_printable });
            is_printable = odd == 0;
            ends &= ends - 1;
        }
        scan.odd = odd;
    }
    Some(between)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn kinds_are_those_of_each_byte(step in prop::array::uniform32(any::<[u8; 2]>())) {
            let step: [u8; STEP] = bytemuck::must_cast(step);
            let bits = |is: fn(u8) -> bool| (0..STEP).fold(0, |bits, at| bits | u64::from(is(step[at])) << at);
            let expected = Kinds {
                quotes: bits(|byte| byte == b'"'),
                between: bits(|byte| byte == b',' || byte == b'\n'),
                odd: bits(|byte| !(b' '..=b'~').contains(&byte)),
            };
            prop_assert_eq!(portable_kinds(&step), expected);
        }

        #[test]
        fn every_bit_has_its_place(bits: u64, base in 0u32..1 << 20) {
            // Never two in a row, as for delimiters between quotes.
            let bits = bits & !(bits << 1);
            let mut places = [0; MOST];
            portable_write(bits, base, &mut places);
            let expected: Vec<u32> = (0..64).filter(|at| bits >> at & 1 == 1).map(|at| base + at).collect();
            prop_assert_eq!(&places[..expected.len()], &expected[..]);
        }
    }
}
