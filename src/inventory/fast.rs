//! The quick path over rows in the form that S3 writes: every cell in quotes, a line feed behind the last.
//!
//! Finds the quotes of 64 bytes at a time as bits of a word. A row of N cells ends behind its 2N-th quote; whether the
//! quotes really are the borders of N cells is then checked on the words, so that a row in any other form is noticed and
//! left to the careful reader. Nothing is assumed of the bytes.

/// Bytes looked at in one step.
const STEP: usize = 64;
/// Steps that a row on the quick path may take: rows of more than 2 KiB are rare enough for the careful one.
const STEPS: usize = 32;

/// Where the cells of one row are.
#[derive(Debug)]
pub(super) struct Row {
    /// Quotes of each step, from the row's first byte.
    quotes: [u64; STEPS],
    steps: usize,
}

impl Row {
    pub(super) const fn new() -> Self {
        Self { quotes: [0; STEPS], steps: 0 }
    }

    /// Looks for a row of `cells` cells at the beginning of `bytes`; gives the place behind its last quote.
    ///
    /// `None` where the row has another form, is long, or does not end within `bytes`.
    #[inline]
    pub(super) fn find(&mut self, bytes: &[u8], cells: usize) -> Option<usize> {
        let wanted = 2 * cells as u32;
        let (mut before, mut step) = (0u32, 0);
        // The last quote of the row.
        let last = loop {
            let chunk = bytes.get(step * STEP..)?;
            let quotes = positions(chunk, b'"');
            let count = quotes.count_ones();
            if step == STEPS {
                return None;
            }
            if before + count >= wanted {
                let bit = nth_bit(quotes, wanted - before - 1);
                // Up to and with the last quote.
                self.quotes[step] = quotes & (u64::MAX >> (63 - bit));
                break step * STEP + bit as usize;
            }
            self.quotes[step] = quotes;
            before += count;
            step += 1;
        };
        self.steps = step + 1;
        self.is_well_formed(bytes).then_some(last + 1)
    }

    /// Whether opening and closing quotes take turns with exactly one comma between cells, and the first byte opens.
    #[inline]
    fn is_well_formed(&self, bytes: &[u8]) -> bool {
        // What the step before hands on: inside of a cell, a close at its end, a separator at its end. The row's first
        // byte stands behind a separator, so it must open.
        let (mut inside, mut closed, mut separated) = (0u64, 0u64, 1u64);
        let mut good = true;
        for (step, quotes) in self.quotes[..self.steps].iter().copied().enumerate() {
            let in_cell = prefix_xor(quotes) ^ inside;
            let (opens, closes) = (quotes & in_cell, quotes & !in_cell);
            let separators = closes << 1 | closed;
            let commas = positions(&bytes[step * STEP..], b',');
            let mut after = separators << 1 | separated;
            let mut not_commas = separators & !commas;
            if step + 1 == self.steps {
                // Behind the last quote ends the row: whatever is there is looked at by the caller.
                let row = u64::MAX >> quotes.leading_zeros();
                after &= row;
                not_commas &= row;
            }
            good &= opens == after && not_commas == 0;
            inside = 0u64.wrapping_sub(in_cell >> 63);
            closed = closes >> 63;
            separated = separators >> 63;
        }
        good
    }

    /// The cells at `places`, which ascend, as borders within the row.
    #[inline]
    pub(super) fn cells(&self, places: &[usize], borders: &mut [(usize, usize)]) {
        let (mut step, mut seen, mut left) = (0, 0u32, self.quotes[0]);
        let mut nth = |wanted: u32| {
            loop {
                let count = left.count_ones();
                if seen + count > wanted {
                    break;
                }
                seen += count;
                step += 1;
                left = self.quotes[step];
            }
            while seen < wanted {
                left &= left - 1;
                seen += 1;
            }
            step * STEP + left.trailing_zeros() as usize
        };
        for (place, border) in places.iter().zip(borders) {
            let open = nth(2 * *place as u32);
            *border = (open + 1, nth(2 * *place as u32 + 1));
        }
    }
}

/// Bit `n` is set where byte `n` of the first 64 is `wanted`.
#[inline]
fn positions(bytes: &[u8], wanted: u8) -> u64 {
    match bytes.first_chunk::<STEP>() {
        Some(chunk) => positions_of_64(chunk, wanted),
        None => bytes.iter().take(STEP).enumerate().fold(0, |bits, (at, byte)| bits | u64::from(*byte == wanted) << at),
    }
}

#[inline]
fn positions_of_64(chunk: &[u8; STEP], wanted: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let (eights, _) = chunk.as_chunks::<8>();
    let mut bits = 0;
    for (at, eight) in eights.iter().enumerate() {
        let differ = u64::from_le_bytes(*eight) ^ (ONES * u64::from(wanted));
        // The high bit of each byte that is zero, without borrowing from its neighbour.
        let equal = !(((differ & !HIGHS) + !HIGHS) | differ) & HIGHS;
        bits |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at);
    }
    bits
}

/// Bit `n` is the parity of bits 0 to `n`.
#[inline]
fn prefix_xor(bits: u64) -> u64 {
    let mut sum = bits;
    for shift in [1, 2, 4, 8, 16, 32] {
        sum ^= sum << shift;
    }
    sum
}

/// The place of the set bit before which there are `n` others.
#[inline]
fn nth_bit(mut bits: u64, n: u32) -> u32 {
    for _ in 0..n {
        bits &= bits - 1;
    }
    bits.trailing_zeros()
}
