//! Decodes indexes of a dictionary: runs of equal numbers, and groups of eight numbers of some bits each ("Parquet Format",
//! "RLE/Bit-Packing Hybrid").

use std::ops::Range;

use super::error::ParquetDamage;

/// Eight numbers of 32 bits, and a word after the last of them.
const GROUP: usize = 40;

/// The indexes of a page that are left.
pub(super) struct Indexes {
    /// The bytes that were not used yet.
    rest: Range<usize>,
    width: u8,
    run: Run,
    /// Numbers of the current run that are left.
    left: usize,
    /// The numbers that were decoded, and the place of those that were not taken yet.
    decoded: Vec<u32>,
    unused: Range<usize>,
}

#[derive(Clone, Copy)]
enum Run {
    Equal(u32),
    Packed,
}

impl Indexes {
    /// Without indexes.
    pub(super) fn none() -> Self {
        Self { rest: 0..0, width: 0, run: Run::Equal(0), left: 0, decoded: Vec::new(), unused: 0..0 }
    }

    /// Starts a page with indexes from here on: first the bits of each, in one byte.
    pub(super) fn start(&mut self, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        let width = *page.get(from).ok_or(ParquetDamage::Indexes)?;
        if width > 32 {
            return Err(ParquetDamage::Indexes);
        }
        (self.rest, self.width, self.left, self.unused) = (from + 1..page.len(), width, 0, 0..0);
        Ok(())
    }

    /// Starts a page with flags from here on: first the length of the runs. A flag is an index of one bit.
    pub(super) fn start_flags(&mut self, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        let rest = page.get(from..).and_then(length_before).ok_or(ParquetDamage::Indexes)?;
        (self.rest, self.width, self.left, self.unused) = (from + rest.start..from + rest.end, 1, 0, 0..0);
        Ok(())
    }

    /// The next indexes; `None` if the page has fewer, or is damaged.
    #[inline]
    pub(super) fn take(&mut self, count: usize, page: &[u8]) -> Option<&[u32]> {
        if self.unused.len() < count {
            self.decode(count, page)?;
        }
        let from = self.unused.start;
        self.unused.start += count;
        self.decoded.get(from..from + count)
    }

    /// Decodes until there are this many.
    fn decode(&mut self, count: usize, page: &[u8]) -> Option<()> {
        // Fewer than a group.
        self.decoded.copy_within(self.unused.clone(), 0);
        self.decoded.truncate(self.unused.len());
        while self.decoded.len() < count {
            match self.run {
                _ if self.left == 0 => self.next_run(page)?,
                Run::Equal(index) => {
                    let many = self.left.min(count - self.decoded.len());
                    self.decoded.resize(self.decoded.len() + many, index);
                    self.left -= many;
                }
                Run::Packed => self.unpack(count - self.decoded.len(), page)?,
            }
        }
        self.unused = 0..self.decoded.len();
        Some(())
    }

    /// Moves to the next run. Its header has the number of indexes, or of groups.
    fn next_run(&mut self, page: &[u8]) -> Option<()> {
        let mut header = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte(page)?;
            header |= u32::from(byte & 0x7f).checked_mul(1 << shift)?;
            if byte < 0x80 {
                break;
            }
            // Longer runs are invalid.
            (shift < 28).then_some(())?;
        }
        // The library takes a zero as the end, because some writers fill pages with zeros.
        (header > 0).then_some(())?;
        let count = usize::try_from(header >> 1).ok()?;
        if header & 1 == 1 {
            (self.run, self.left) = (Run::Packed, count.checked_mul(8)?);
            return Some(());
        }
        let mut index = 0;
        for at in 0..self.width.div_ceil(8) {
            index |= u32::from(self.byte(page)?) << (8 * at);
        }
        (self.run, self.left) = (Run::Equal(index), count);
        Some(())
    }

    fn byte(&mut self, page: &[u8]) -> Option<u8> {
        let at = self.rest.next()?;
        page.get(at).copied()
    }

    /// Unpacks groups of the run: with this many numbers, if it has them.
    fn unpack(&mut self, count: usize, page: &[u8]) -> Option<()> {
        let bytes = page.get(self.rest.clone())?;
        let width = usize::from(self.width);
        // Writers may omit bytes at the end of the last group.
        let most = (8 * bytes.len()).checked_div(width).map_or(self.left, |most| most.min(self.left));
        let many = count.next_multiple_of(8).min(most);
        if many == 0 {
            self.left = 0;
            return Some(());
        }
        let before = self.decoded.len();
        self.decoded.resize(before + many.next_multiple_of(8), 0);
        let (groups, _) = self.decoded[before..].as_chunks_mut();
        macro_rules! unpack {
            ($($width:literal)*) => {
                match self.width {
                    $($width => unpack_groups::<$width>(bytes, groups),)*
                    _ => {}
                }
            };
        }
        unpack!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
        self.rest.start += (groups.len() * width).min(bytes.len());
        self.decoded.truncate(before + many);
        self.left -= many;
        Some(())
    }
}

/// The range after the length at the start of these bytes.
pub(super) fn length_before(bytes: &[u8]) -> Option<Range<usize>> {
    let length = usize::try_from(u32::from_le_bytes(*bytes.first_chunk()?)).ok()?;
    let end = length.checked_add(4).filter(|end| *end <= bytes.len())?;
    Some(4..end)
}

/// Unpacks groups of `WIDTH` bytes. With a constant, no shift depends on another.
fn unpack_groups<const WIDTH: usize>(bytes: &[u8], groups: &mut [[u32; 8]]) {
    let mut rest = bytes;
    for group in groups {
        match rest.first_chunk() {
            Some(bytes) => *group = unpack_group::<WIDTH>(bytes),
            None => {
                let mut last = [0; GROUP];
                last[..rest.len()].copy_from_slice(rest);
                *group = unpack_group::<WIDTH>(&last);
            }
        }
        rest = rest.get(WIDTH..).unwrap_or_default();
    }
}

#[inline(always)]
fn unpack_group<const WIDTH: usize>(bytes: &[u8; GROUP]) -> [u32; 8] {
    let words: [u64; 8] = std::array::from_fn(|at| {
        let first = at * WIDTH / 8;
        u64::from_le_bytes(std::array::from_fn(|byte| bytes[first + byte]))
    });
    std::array::from_fn(|at| (words[at] >> (at * WIDTH % 8)) as u32 & (u32::MAX >> (32 - WIDTH)))
}
