//! The loop that decodes symbols while there is enough input and room.

use multiversion::multiversion;

use super::bits::Bits;
use super::code::LONGEST;
use super::error::GzipError;
use super::table::{
    BITS, BLOCK_END, DISTANCE_BITS, DISTANCE_SIZE, LATER, LENGTH, LONG_LENGTH, LONG_LITERAL, NO_DISTANCE, ODD, SIZE,
};

/// The part of the window that the loop uses. It has a constant size, so that offsets below [`INSIDE`] need no check.
pub(super) const WINDOW: usize = INSIDE + COPY;
const INSIDE: usize = 256 << 10;
/// Bytes that are copied at once.
const COPY: usize = 32;
/// One round writes six literals and the longest match, and a copy writes beyond its end.
pub(super) const MARGIN: usize = 6 + 2 + 258 + 2 * COPY;
/// One round reads at most three words, each of which begins inside the one before.
const AHEAD: usize = 24;

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Too little input or room is left.
    Bounds,
    BlockEnd,
}

/// Decodes symbols of one block. The member begins at `floor` in `out`, and its text ends at `end`.
// Half of the shifts are by variable amounts: one instruction each, except on very old processors.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn decode(
    (table, distances): (&[u32; SIZE], &[u32; DISTANCE_SIZE]),
    bits: &mut Bits,
    input: &mut &[u8],
    out: &mut [u8; WINDOW],
    floor: usize,
    end: &mut usize,
) -> Result<Stop, GzipError> {
    let Some(last) = input.len().checked_sub(AHEAD) else { return Ok(Stop::Bounds) };
    let mut now = Now { word: bits.word, count: bits.count, input, at: 0, out, end: *end };
    let stop = 'stop: {
        if now.end > WINDOW - MARGIN {
            break 'stop Ok(Stop::Bounds);
        }
        now.fill();
        let mut entry = now.look(table);
        loop {
            if now.at > last || now.end > WINDOW - MARGIN {
                break 'stop Ok(Stop::Bounds);
            }
            now.fill();
            if entry < LENGTH {
                now.write(entry);
                entry = now.look(table);
                if entry < LENGTH {
                    now.write(entry);
                    entry = now.look(table);
                    if entry < LENGTH {
                        now.write(entry);
                        entry = now.look(table);
                        if entry < LENGTH {
                            continue;
                        }
                    }
                }
            }
            // Three lookups took at most 36 bits, and the entry needs no more than the 20 that are left.
            let length = if entry & ODD == ODD {
                now.fill();
                if entry & LATER != 0 {
                    let later = (now.word >> BITS) as usize & ((1 << (LONGEST - BITS)) - 1);
                    entry = table[((entry >> 16) as usize + later) & (SIZE - 1)];
                }
                if entry & LONG_LENGTH != 0 {
                    (entry >> 16 & 0x1ff) as usize + now.take(entry)
                } else if entry & LONG_LITERAL != 0 {
                    now.take(entry);
                    now.out[now.end] = (entry >> 16) as u8;
                    now.end += 1;
                    entry = now.look(table);
                    continue;
                } else if entry & BLOCK_END != 0 {
                    now.take(entry);
                    break 'stop Ok(Stop::BlockEnd);
                } else {
                    break 'stop Err(GzipError::Symbol);
                }
            } else {
                now.write(entry);
                (entry >> 24) as usize + 2
            };
            let mut far = distances[now.word as usize & ((1 << DISTANCE_BITS) - 1)];
            now.fill();
            if far & NO_DISTANCE != 0 {
                if far & LATER != 0 {
                    let later = (now.word >> DISTANCE_BITS) as usize & ((1 << (LONGEST - DISTANCE_BITS)) - 1);
                    far = distances[((far >> 16) as usize + later) & (DISTANCE_SIZE - 1)];
                }
                if far & NO_DISTANCE != 0 {
                    break 'stop Err(GzipError::Symbol);
                }
            }
            let distance = (far >> 16) as usize + now.take(far);
            // A distance takes at most 28 bits, and as many are left.
            entry = now.look(table);
            if distance > now.end - floor {
                break 'stop Err(GzipError::Distance);
            }
            now.copy(distance, length);
        }
    };
    let count = now.count & 63;
    *bits = Bits { word: now.word & ((1 << count) - 1), count };
    *input = &input[now.at..];
    *end = now.end;
    stop
}

/// The state of the loop, which stays in registers.
struct Now<'a> {
    word: u64,
    /// The number of bits, in the lowest six bits. The bits above are garbage from table entries.
    count: u32,
    input: &'a [u8],
    at: usize,
    out: &'a mut [u8; WINDOW],
    end: usize,
}

impl Now<'_> {
    /// Fills the word to at least 56 bits. Bits above the count are already those of the next bytes, and don't change.
    #[inline(always)]
    fn fill(&mut self) {
        let next = self.input[self.at..].first_chunk().map_or(0, |next| u64::from_le_bytes(*next));
        self.word |= next << (self.count & 63);
        self.at += ((!self.count & 63) >> 3) as usize;
        self.count |= 56;
    }

    #[inline(always)]
    fn look(&self, table: &[u32; SIZE]) -> u32 {
        table[self.word as usize & ((1 << BITS) - 1)]
    }

    /// Takes an entry's bits, and returns the extra bits.
    #[inline(always)]
    fn take(&mut self, entry: u32) -> usize {
        let all = self.word & !(u64::MAX << (entry & 63));
        self.word >>= entry & 63;
        self.count = self.count.wrapping_sub(entry);
        (all >> (entry >> 8 & 15)) as usize
    }

    /// Takes an entry's bits and writes its literals; always writes the same number of bytes.
    #[inline(always)]
    fn write(&mut self, entry: u32) {
        self.word >>= entry & 63;
        self.count = self.count.wrapping_sub(entry);
        if let Some(to) = self.out[self.end & (INSIDE - 1)..].first_chunk_mut() {
            *to = (entry >> 8).to_le_bytes();
        }
        self.end += (entry >> 6 & 3) as usize;
    }

    /// Repeats the text at `distance` before the end. May write up to [`COPY`] bytes beyond the match.
    #[inline(always)]
    fn copy(&mut self, distance: usize, length: usize) {
        match distance {
            COPY.. => self.copy_by::<COPY>(distance, length),
            8.. => self.copy_by::<8>(distance, length),
            _ => self.copy_near(distance, length),
        }
        self.end += length;
    }

    #[inline(always)]
    fn copy_by<const MANY: usize>(&mut self, distance: usize, length: usize) {
        let mut to = self.end;
        loop {
            let (from, into) = ((to - distance) & (INSIDE - 1), to & (INSIDE - 1));
            let mut bytes = [0; MANY];
            bytes.copy_from_slice(&self.out[from..from + MANY]);
            self.out[into..into + MANY].copy_from_slice(&bytes);
            to += MANY;
            if to >= self.end + length {
                break;
            }
        }
    }

    #[inline(never)]
    fn copy_near(&mut self, distance: usize, length: usize) {
        for to in self.end..self.end + length {
            self.out[to] = self.out[to - distance];
        }
    }
}
