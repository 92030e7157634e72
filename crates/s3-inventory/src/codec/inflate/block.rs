//! Blocks of deflate: their headers, stored bytes, and single symbols where the quick loop has too little input or room.

use super::bits::Bits;
use super::code::{Code, DISTANCES, END, LENGTHS, Range};
use super::error::GzipError;
use super::quick::{self, Stop};
use super::table::{self, DISTANCE_SIZE, DISTANCE_SYMBOLS, SIZE, SYMBOLS};
use super::window::Window;

/// The order in which the lengths of the code length codes are stored (RFC 1951, 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Bits of the longest of these codes.
const LENGTH_BITS: usize = 7;

/// Why inflating paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// It needs more input.
    Input,
    /// It needs more room.
    Room,
    /// The last block has ended.
    End,
}

/// The blocks of one stream.
pub(super) struct Blocks {
    place: Place,
    is_last: bool,
    lengths: Lengths,
    literals: Code<SYMBOLS>,
    distances: Code<DISTANCE_SYMBOLS>,
    table: Box<[u32; SIZE]>,
    distance_table: Box<[u32; DISTANCE_SIZE]>,
}

#[derive(Clone, Copy)]
enum Place {
    Start,
    StoredLength,
    Stored(usize),
    Counts,
    /// The lengths of the code length codes.
    Order,
    Lengths,
    Symbols,
    End,
}

/// The lengths of a block's codes, while they are read.
struct Lengths {
    /// Of literals and lengths, then of distances.
    all: [u8; SYMBOLS + DISTANCE_SYMBOLS],
    literals: usize,
    distances: usize,
    /// Of the code length codes.
    order: [u8; ORDER.len()],
    ordered: usize,
    /// How many were read.
    many: usize,
    /// Symbol and length of each code length code, by the next bits.
    table: [(u8, u8); 1 << LENGTH_BITS],
}

impl Default for Blocks {
    fn default() -> Self {
        let lengths = Lengths {
            all: [0; SYMBOLS + DISTANCE_SYMBOLS],
            literals: 0,
            distances: 0,
            order: [0; ORDER.len()],
            ordered: 0,
            many: 0,
            table: [(0, 0); 1 << LENGTH_BITS],
        };
        Self {
            place: Place::Start,
            is_last: false,
            lengths,
            literals: Code::default(),
            distances: Code::default(),
            table: Box::new([0; SIZE]),
            distance_table: Box::new([0; DISTANCE_SIZE]),
        }
    }
}

impl Blocks {
    pub(super) fn restart(&mut self) {
        (self.place, self.is_last) = (Place::Start, false);
    }

    /// Inflates as much as there is input and room for.
    pub(super) fn take(&mut self, bits: &mut Bits, input: &mut &[u8], window: &mut Window) -> Result<Pause, GzipError> {
        loop {
            let next = match self.place {
                Place::Start if self.is_last => {
                    bits.align();
                    Some(Place::End)
                }
                Place::Start => self.start(bits, input)?,
                Place::StoredLength => stored_length(bits, input)?,
                Place::Stored(0) => Some(Place::Start),
                Place::Stored(left) => match stored(left, bits, input, window) {
                    0 if window.is_full() => return Ok(Pause::Room),
                    0 => None,
                    many => Some(Place::Stored(left - many)),
                },
                Place::Counts => self.lengths.counts(bits, input)?,
                Place::Order => self.lengths.order(bits, input)?,
                Place::Lengths => self.lengths.read(bits, input)?.then(|| self.set_codes()).transpose()?,
                Place::Symbols if window.is_full() => return Ok(Pause::Room),
                Place::Symbols => self.symbols(bits, input, window)?,
                Place::End => return Ok(Pause::End),
            };
            let Some(next) = next else { return Ok(Pause::Input) };
            self.place = next;
        }
    }

    fn start(&mut self, bits: &mut Bits, input: &mut &[u8]) -> Result<Option<Place>, GzipError> {
        bits.fill(input);
        let Some(header) = bits.take(3) else { return Ok(None) };
        self.is_last = header & 1 == 1;
        match header >> 1 {
            0 => {
                bits.align();
                Ok(Some(Place::StoredLength))
            }
            1 => {
                let all = &mut self.lengths.all;
                all[..144].fill(8);
                all[144..256].fill(9);
                all[256..280].fill(7);
                all[280..SYMBOLS].fill(8);
                all[SYMBOLS..].fill(5);
                (self.lengths.literals, self.lengths.distances) = (SYMBOLS, DISTANCE_SYMBOLS);
                self.set_codes().map(Some)
            }
            2 => Ok(Some(Place::Counts)),
            _ => Err(GzipError::Kind),
        }
    }

    fn set_codes(&mut self) -> Result<Place, GzipError> {
        let Lengths { all, literals, distances, .. } = &self.lengths;
        let (literals, distances) = (&all[..*literals], &all[*literals..*literals + *distances]);
        // A block without an end.
        if literals[END] == 0 {
            return Err(GzipError::Codes);
        }
        self.literals.set(literals, true)?;
        self.distances.set(distances, true)?;
        table::fill(&self.literals, &mut self.table);
        table::fill_distances(&self.distances, &mut self.distance_table);
        Ok(Place::Symbols)
    }

    /// Runs the quick loop as far as possible, then takes one symbol.
    fn symbols(&mut self, bits: &mut Bits, input: &mut &[u8], window: &mut Window) -> Result<Option<Place>, GzipError> {
        let (out, floor, start) = window.quick();
        let mut end = start;
        let stop = quick::decode((&self.table, &self.distance_table), bits, input, out, floor, &mut end);
        window.extend(end - start);
        match stop? {
            Stop::BlockEnd => Ok(Some(Place::Start)),
            Stop::Bounds if window.is_full() => Ok(Some(Place::Symbols)),
            Stop::Bounds => self.symbol(bits, input, window),
        }
    }

    /// Takes one symbol, or nothing if the input is too short.
    fn symbol(&self, bits: &mut Bits, input: &mut &[u8], window: &mut Window) -> Result<Option<Place>, GzipError> {
        bits.fill(input);
        let mut ahead = *bits;
        let Some(symbol) = self.literals.read(&mut ahead)? else { return Ok(None) };
        let next = match symbol {
            ..END => {
                window.push(symbol as u8);
                Place::Symbols
            }
            END => Place::Start,
            _ => {
                let range = LENGTHS.get(symbol - END - 1).ok_or(GzipError::Symbol)?;
                let Some(length) = number(*range, &mut ahead) else { return Ok(None) };
                let Some(symbol) = self.distances.read(&mut ahead)? else { return Ok(None) };
                let range = DISTANCES.get(symbol).ok_or(GzipError::Symbol)?;
                let Some(distance) = number(*range, &mut ahead) else { return Ok(None) };
                window.repeat(distance, length)?;
                Place::Symbols
            }
        };
        *bits = ahead;
        Ok(Some(next))
    }
}

fn number(range: Range, bits: &mut Bits) -> Option<usize> {
    let extra = bits.take(range.extra.into())?;
    Some(usize::from(range.base) + extra as usize)
}

/// Reads the length of a stored block, which is stored twice.
fn stored_length(bits: &mut Bits, input: &mut &[u8]) -> Result<Option<Place>, GzipError> {
    bits.fill(input);
    let Some(both) = bits.take(32) else { return Ok(None) };
    let (length, inverse) = (both as u16, (both >> 16) as u16);
    if length != !inverse {
        return Err(GzipError::StoredLength);
    }
    Ok(Some(Place::Stored(length.into())))
}

/// Copies stored bytes; returns how many.
fn stored(left: usize, bits: &mut Bits, input: &mut &[u8], window: &mut Window) -> usize {
    if window.is_full() {
        return 0;
    }
    if bits.count > 0 {
        let byte = bits.take(8).map(|byte| window.push(byte as u8));
        return byte.map_or(0, |()| 1);
    }
    let many = window.append(&input[..left.min(input.len())]);
    *input = &input[many..];
    many
}

impl Lengths {
    fn counts(&mut self, bits: &mut Bits, input: &mut &[u8]) -> Result<Option<Place>, GzipError> {
        bits.fill(input);
        let Some(counts) = bits.take(14) else { return Ok(None) };
        self.literals = (counts & 31) as usize + 257;
        self.distances = (counts >> 5 & 31) as usize + 1;
        if self.literals > 286 || self.distances > 30 {
            return Err(GzipError::TooManyCodes);
        }
        self.ordered = (counts >> 10) as usize + 4;
        (self.order, self.many) = ([0; ORDER.len()], 0);
        Ok(Some(Place::Order))
    }

    /// Reads the code length codes.
    fn order(&mut self, bits: &mut Bits, input: &mut &[u8]) -> Result<Option<Place>, GzipError> {
        while self.many < self.ordered {
            bits.fill(input);
            let Some(length) = bits.take(3) else { return Ok(None) };
            self.order[ORDER[self.many]] = length as u8;
            self.many += 1;
        }
        let mut code = Code::<{ ORDER.len() }>::default();
        code.set(&self.order, false)?;
        for length in 1..=LENGTH_BITS {
            for (symbol, code) in code.of_length(length) {
                self.table[code..].iter_mut().step_by(1 << length).for_each(|at| *at = (symbol as u8, length as u8));
            }
        }
        self.many = 0;
        Ok(Some(Place::Lengths))
    }

    /// Reads lengths; returns whether all were read.
    fn read(&mut self, bits: &mut Bits, input: &mut &[u8]) -> Result<bool, GzipError> {
        let all = self.literals + self.distances;
        while self.many < all {
            bits.fill(input);
            let mut ahead = *bits;
            let (symbol, length) = self.table[ahead.word as usize & ((1 << LENGTH_BITS) - 1)];
            if ahead.take(length.into()).is_none() {
                return Ok(false);
            }
            let (length, least, extra) = match symbol {
                16 => (self.many.checked_sub(1).map(|last| self.all[last]).ok_or(GzipError::Codes)?, 3, 2),
                17 => (0, 3, 3),
                18 => (0, 11, 7),
                length => (length, 1, 0),
            };
            let Some(more) = ahead.take(extra) else { return Ok(false) };
            let end = self.many + least + more as usize;
            // A repetition may continue into the distances, but not beyond.
            self.all.get_mut(self.many..end).filter(|_| end <= all).ok_or(GzipError::Codes)?.fill(length);
            self.many = end;
            *bits = ahead;
        }
        Ok(true)
    }
}
