//! Booleans and NULLs: bits in bytes, the bytes as runs ("Byte Run Length Encoding" and "Boolean Run Length Encoding" in
//! the ORC specification).

use arrow_buffer::{BooleanBuffer, Buffer};

use super::blocks::{BlockInflater, Blocks};
use super::error::OrcDamage;
use crate::fault::Fault;

/// Bytes of the longest sequence of literals, and its header.
const LONGEST: usize = 129;

/// A stream of booleans.
pub(super) struct Bits {
    bytes: ByteRuns,
    /// The byte with unused bits, and the number of its used bits; in Arrow's order.
    begun: Option<(u8, usize)>,
}

impl Bits {
    pub(super) fn new(blocks: Blocks) -> Self {
        Self { bytes: ByteRuns { blocks, state: State::Literals(0) }, begun: None }
    }

    /// The next `count` bits.
    pub(super) fn read(&mut self, count: usize, inflater: &mut BlockInflater) -> Result<BooleanBuffer, Fault> {
        let offset = self.begun.map_or(0, |(_, used)| used);
        let mut bytes = vec![0; (offset + count).div_ceil(8)];
        let mut fresh = bytes.as_mut_slice();
        if let Some((byte, _)) = self.begun {
            match fresh.split_first_mut() {
                Some((first, rest)) => (*first, fresh) = (byte, rest),
                None => return Ok(BooleanBuffer::new_unset(0)),
            }
        }
        self.bytes.read(fresh, inflater)?;
        // The first bit is the highest here, and the lowest in Arrow.
        fresh.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        let used = (offset + count) % 8;
        self.begun = bytes.last().filter(|_| used > 0).map(|last| (*last, used));
        Ok(BooleanBuffer::new(Buffer::from_vec(bytes), offset, count))
    }
}

/// A stream of bytes as runs and literals.
struct ByteRuns {
    blocks: Blocks,
    state: State,
}

/// The rest of the current run or literals.
#[derive(Clone, Copy)]
enum State {
    Run(u8, usize),
    Literals(usize),
}

impl ByteRuns {
    fn read(&mut self, mut out: &mut [u8], inflater: &mut BlockInflater) -> Result<(), Fault> {
        while !out.is_empty() {
            match self.state {
                State::Run(_, 0) | State::Literals(0) => {
                    self.state = match self.blocks.ahead(LONGEST, inflater)? {
                        [] | [0..=127] => return Err(OrcDamage::ByteRunCutOff.into()),
                        [length @ 0..=127, value, ..] => {
                            let run = State::Run(*value, usize::from(*length) + 3);
                            self.blocks.skip(2);
                            run
                        }
                        [length, ..] => {
                            let literals = State::Literals(256 - usize::from(*length));
                            self.blocks.skip(1);
                            literals
                        }
                    };
                }
                State::Run(value, left) => {
                    let now = left.min(out.len());
                    let (run, rest) = std::mem::take(&mut out).split_at_mut(now);
                    run.fill(value);
                    (out, self.state) = (rest, State::Run(value, left - now));
                }
                State::Literals(left) => {
                    let ahead = self.blocks.ahead(left, inflater)?;
                    let now = left.min(out.len());
                    let Some(literals) = ahead.get(..now) else {
                        return Err(OrcDamage::LiteralsCutOff.into());
                    };
                    let (place, rest) = std::mem::take(&mut out).split_at_mut(now);
                    place.copy_from_slice(literals);
                    self.blocks.skip(now);
                    (out, self.state) = (rest, State::Literals(left - now));
                }
            }
        }
        Ok(())
    }
}
