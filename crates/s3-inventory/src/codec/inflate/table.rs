//! Lookup tables of codes, indexed by the next bits of the input.
//!
//! An entry of the first table decodes as much as fits: up to two literals, or at most one literal and the length of a match
//! with its extra bits. Other entries are odd: an end, a length with many extra bits, or a code longer than the index, for
//! which a second lookup after the first part of the table is needed.
//!
//! | bits | of an entry |
//! |---|---|
//! | 0..6 | how many bits all of it has |
//! | 6..8 | how many literals |
//! | 8..24 | literals, the first lowest |
//! | 24..32 | length less 2, or 0 |
//!
//! | bits | of an odd entry |
//! |---|---|
//! | 0..6 | how many bits all of it has |
//! | 6..8 | 3 |
//! | 8..12 | how many of them are the code |
//! | 12..16 | what it is |
//! | 16..31 | literal, smallest length, or the index of the second lookup |
//! | 31 | 1, so that no odd entry looks like mere literals |

use super::code::{Code, DISTANCES, END, LENGTHS, LONGEST, Range};

/// Bits of the first lookup. Fewer bits find fewer pairs; more bits do not fit in the fastest cache together with the text.
pub(super) const BITS: usize = 12;
pub(super) const SIZE: usize = 8192;
/// As [`BITS`], for distances.
pub(super) const DISTANCE_BITS: usize = 9;
pub(super) const DISTANCE_SIZE: usize = 2048;

/// Codes of literals and lengths. At most half of the codes can start with the same long prefixes.
pub(super) const SYMBOLS: usize = 288;
const _: () = assert!((1 << BITS) + ((SYMBOLS / 2) << (LONGEST - BITS)) <= SIZE);
/// Codes of distances.
pub(super) const DISTANCE_SYMBOLS: usize = 32;
const _: () = assert!((1 << DISTANCE_BITS) + ((DISTANCE_SYMBOLS / 2) << (LONGEST - DISTANCE_BITS)) <= DISTANCE_SIZE);

/// Larger entries have more than literals.
pub(super) const LENGTH: u32 = 1 << 24;
/// Marks odd entries. Their number of literals is not used.
pub(super) const ODD: u32 = 3 << 6;
pub(super) const LATER: u32 = 1 << 12;
pub(super) const BLOCK_END: u32 = 1 << 13;
pub(super) const LONG_LENGTH: u32 = 1 << 14;
pub(super) const LONG_LITERAL: u32 = 1 << 15;
const UNKNOWN: u32 = ODD | 1 << 31;
const ONE: u32 = 1 << 6;

/// Set in entries without a distance: those with [`LATER`], and those without a meaning.
pub(super) const NO_DISTANCE: u32 = 1 << 13;

/// Room for one entry per length from 3 to 257, and per literal.
const MOST_UNITS: usize = 512;

/// Entries by code length, for the second part of pairs.
struct Units {
    /// The code, and the entry with its literal in the second place.
    units: [(u16, u32); MOST_UNITS],
    many: usize,
    /// Where each code length begins, and where its literals end.
    starts: [usize; BITS + 2],
    literal_ends: [usize; BITS + 2],
}

impl Units {
    fn push(&mut self, code: usize, entry: u32) {
        self.units[self.many] = (code as u16, entry);
        self.many += 1;
    }
}

/// Builds the table of literals and lengths.
pub(super) fn fill(code: &Code<SYMBOLS>, table: &mut [u32; SIZE]) {
    let (starts, literal_ends) = ([0; BITS + 2], [0; BITS + 2]);
    let mut units = Units { units: [(0, 0); MOST_UNITS], many: 0, starts, literal_ends };
    // Lengths that fit with their extra bits. They are added when `bits` reaches their full length.
    let mut waiting = [(0, 0, Range { base: 0, extra: 0 }); LENGTHS.len()];
    let mut many_waiting = 0;
    table[0] = UNKNOWN;
    for bits in 1..=BITS {
        // An entry for fewer bits is valid for both values of the next bit.
        let half = 1 << (bits - 1);
        table.copy_within(..half, half);
        units.starts[bits] = units.many;
        for (symbol, code) in code.of_length(bits) {
            if symbol < END {
                table[code] = (symbol as u32) << 8 | ONE | bits as u32;
                units.push(code, (symbol as u32) << 16 | ONE | bits as u32);
                continue;
            }
            match LENGTHS.get(symbol.wrapping_sub(END + 1)) {
                Some(range) if bits + usize::from(range.extra) <= BITS && range.base < 258 => {
                    waiting[many_waiting] = (code, bits, *range);
                    many_waiting += 1;
                }
                _ => table[code] = odd(symbol, bits),
            }
        }
        units.literal_ends[bits] = units.many;
        for (code, own, range) in &waiting[..many_waiting] {
            if own + usize::from(range.extra) != bits {
                continue;
            }
            for more in 0..1 << range.extra {
                let (code, length) = (code | more << own, u32::from(range.base) + more as u32);
                // The longest length in its other form, which no encoder writes.
                if length > 257 {
                    table[code] = UNKNOWN | LONG_LENGTH | 258 << 16 | (bits as u32) << 8 | bits as u32;
                    continue;
                }
                table[code] = (length - 2) << 24 | bits as u32;
                units.push(code, (length - 2) << 24 | bits as u32);
            }
        }
        units.starts[bits + 1] = units.many;
        for first in 1..bits {
            let second = bits - first;
            let literals = &units.units[units.starts[first]..units.literal_ends[first]];
            let behind = &units.units[units.starts[second]..units.starts[second + 1]];
            for (code, literal) in literals {
                let entry = (literal >> 8 & 0xff00) + ONE + first as u32;
                for (code_2, entry_2) in behind {
                    table[(usize::from(*code) | usize::from(*code_2) << first) & ((1 << BITS) - 1)] = entry + entry_2;
                }
            }
        }
    }
    fill_later(code, table, BITS, |entry| entry == UNKNOWN, UNKNOWN | LATER, odd);
}

/// Builds the table of distances.
///
/// | bits | of an entry |
/// |---|---|
/// | 0..6 | how many bits all of it has |
/// | 8..12 | bits of the code alone |
/// | 12..14 | what it is, if it has no distance |
/// | 16..32 | smallest distance, or the index of the second lookup |
pub(super) fn fill_distances(code: &Code<DISTANCE_SYMBOLS>, table: &mut [u32; DISTANCE_SIZE]) {
    let distance = |symbol: usize, bits: usize| match DISTANCES.get(symbol) {
        None => NO_DISTANCE,
        Some(range) => number(*range, bits),
    };
    table[0] = NO_DISTANCE;
    for bits in 1..=DISTANCE_BITS {
        let half = 1 << (bits - 1);
        table.copy_within(..half, half);
        for (symbol, code) in code.of_length(bits) {
            table[code] = distance(symbol, bits);
        }
    }
    fill_later(code, table, DISTANCE_BITS, |entry| entry == NO_DISTANCE, NO_DISTANCE | LATER, distance);
}

/// Adds the codes with more than `bits` bits: for each of their prefixes, a part with room for all codes with that prefix.
fn fill_later<const N: usize>(
    code: &Code<N>,
    table: &mut [u32],
    bits: usize,
    is_free: impl Fn(u32) -> bool,
    later: u32,
    entry: impl Fn(usize, usize) -> u32,
) {
    let mut free = 1 << bits;
    for length in bits + 1..=LONGEST {
        for (symbol, code) in code.of_length(length) {
            let beginning = code & ((1 << bits) - 1);
            if is_free(table[beginning]) {
                table[beginning] = later | (free as u32) << 16;
                free += 1 << (LONGEST - bits);
            }
            let start = (table[beginning] >> 16) as usize & (SIZE - 1);
            let part = &mut table[start..start + (1 << (LONGEST - bits))];
            for at in part[code >> bits..].iter_mut().step_by(1 << (length - bits)) {
                *at = entry(symbol, length);
            }
        }
    }
}

fn odd(symbol: usize, bits: usize) -> u32 {
    let kind = match symbol.checked_sub(END + 1) {
        None if symbol == END => BLOCK_END | bits as u32,
        None => LONG_LITERAL | (symbol as u32) << 16 | bits as u32,
        Some(at) => match LENGTHS.get(at) {
            Some(range) => LONG_LENGTH | number(*range, bits),
            None => 0,
        },
    };
    UNKNOWN | kind
}

fn number(range: Range, bits: usize) -> u32 {
    u32::from(range.base) << 16 | (bits as u32) << 8 | (bits as u32 + u32::from(range.extra))
}
