//! Canonical Huffman codes, and the meaning of their symbols.

use super::bits::Bits;
use super::error::GzipError;

/// The longest code, in bits.
pub(super) const LONGEST: usize = 15;
/// The symbol that ends a block.
pub(super) const END: usize = 256;

/// A code over symbols below `N`.
pub(super) struct Code<const N: usize> {
    /// Symbols in the order of their codes, which is that of their lengths first.
    symbols: [u16; N],
    codes: [u16; N],
    /// Where the symbols of each length begin.
    starts: [u16; LONGEST + 2],
}

/// A range of numbers: the smallest, and the number of extra bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) base: u16,
    pub(super) extra: u8,
}

/// Lengths of matches: the symbols after [`END`].
pub(super) const LENGTHS: [Range; 29] = {
    let mut lengths = ranges::<29>(3, 4);
    // It is in the range before too, but so frequent that it has its own symbol.
    lengths[28] = Range { base: 258, extra: 0 };
    lengths
};

/// Distances of matches: the symbols of the second code.
pub(super) const DISTANCES: [Range; 30] = ranges(1, 2);

/// Ranges of which `many` have each width; the first two widths are 1.
const fn ranges<const N: usize>(least: u16, many: usize) -> [Range; N] {
    let mut ranges = [Range { base: 0, extra: 0 }; N];
    let (mut at, mut base) = (0, least);
    while at < N {
        let extra = if at < many { 0 } else { (at / many - 1) as u8 };
        ranges[at] = Range { base, extra };
        base += 1 << extra;
        at += 1;
    }
    ranges
}

impl<const N: usize> Default for Code<N> {
    fn default() -> Self {
        Self { symbols: [0; N], codes: [0; N], starts: [0; LONGEST + 2] }
    }
}

impl<const N: usize> Code<N> {
    /// Builds the code from the lengths of its symbols; 0 is for unused symbols. It must be complete, unless `may_be_single`:
    /// then it may also be a single code of one bit, or empty.
    pub(super) fn set(&mut self, lengths: &[u8], may_be_single: bool) -> Result<(), GzipError> {
        let mut counts = [0u16; LONGEST + 1];
        for length in lengths {
            counts[usize::from(*length)] += 1;
        }
        let mut nexts = [(0u16, 0u32); LONGEST + 1];
        let (mut start, mut code) = (0, 0);
        for length in 1..=LONGEST {
            code *= 2;
            self.starts[length] = start;
            nexts[length] = (start, code);
            start += counts[length];
            code += u32::from(counts[length]);
            if code > 1 << length {
                return Err(GzipError::Codes);
            }
        }
        self.starts[LONGEST + 1] = start;
        let is_complete = code == 1 << LONGEST;
        if !(is_complete || may_be_single && start == counts[1]) {
            return Err(GzipError::Codes);
        }
        for (symbol, length) in lengths.iter().enumerate().filter(|(_, length)| **length != 0) {
            let (at, code) = &mut nexts[usize::from(*length)];
            self.symbols[usize::from(*at)] = symbol as u16;
            self.codes[usize::from(*at)] = (code.reverse_bits() >> (32 - length)) as u16;
            *at += 1;
            *code += 1;
        }
        Ok(())
    }

    /// Reads one symbol; `None` if there are too few bits.
    pub(super) fn read(&self, bits: &mut Bits) -> Result<Option<usize>, GzipError> {
        let (mut code, mut first) = (0, 0);
        for length in 1..=LONGEST {
            if bits.count < length as u32 {
                return Ok(None);
            }
            code = 2 * code + (bits.word >> (length - 1) & 1) as usize;
            let (start, end) = (usize::from(self.starts[length]), usize::from(self.starts[length + 1]));
            if code < first + (end - start) {
                bits.take(length as u32);
                return Ok(Some(self.symbols[start + code - first].into()));
            }
            first = 2 * (first + (end - start));
        }
        Err(GzipError::Symbol)
    }

    /// The symbols whose codes have this length, and the codes as they are in the input: the first bit lowest.
    pub(super) fn of_length(&self, length: usize) -> impl Iterator<Item = (usize, usize)> {
        let range = usize::from(self.starts[length])..usize::from(self.starts[length + 1]);
        let (symbols, codes) = (&self.symbols[range.clone()], &self.codes[range]);
        symbols.iter().zip(codes).map(|(symbol, code)| (usize::from(*symbol), usize::from(*code)))
    }
}
