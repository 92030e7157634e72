//! Integers as runs ("Integer Run Length Encoding, version 1" and "version 2" in the ORC specification).

use super::blocks::{BlockInflater, Blocks};
use super::error::{OrcDamage, RunError};
use super::packed::{unpack, width, width_for};
use crate::fault::Fault;

/// Bytes that the longest run takes: 512 numbers of 8 bytes, a header of 4 and a base of 8, 31 patches of 8.
const LONGEST: usize = 4 + 8 + 512 * 8 + 31 * 8;

/// Which of the two encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// A stream of integers.
pub(super) struct Integers {
    blocks: Blocks,
    version: Version,
    signed: bool,
    /// A run that was longer than requested; the next numbers are those from `used` on.
    run: Vec<i64>,
    used: usize,
}

impl Integers {
    pub(super) fn new(blocks: Blocks, version: Version, signed: bool) -> Self {
        Self { blocks, version, signed, run: Vec::new(), used: 0 }
    }

    /// Fills `out` with the next numbers. Unsigned numbers from 2^63 on become negative.
    pub(super) fn read(&mut self, mut out: &mut [i64], inflater: &mut BlockInflater) -> Result<(), Fault> {
        loop {
            let now = out.len().min(self.run.len() - self.used);
            let (place, rest) = out.split_at_mut(now);
            place.copy_from_slice(&self.run[self.used..self.used + now]);
            (out, self.used) = (rest, self.used + now);
            if out.is_empty() {
                return Ok(());
            }
            let ahead = self.blocks.ahead(LONGEST, inflater)?;
            if ahead.is_empty() {
                return Err(OrcDamage::NumbersMissing(out.len()).into());
            }
            let length = match self.version {
                Version::V1 => length_v1(ahead),
                Version::V2 => length_v2(ahead),
            };
            let length = length.ok_or(OrcDamage::Run(CUT_OFF))?;
            // Directly to `out`, unless the run is longer.
            let whole = length <= out.len();
            let (place, rest) = out.split_at_mut(if whole { length } else { 0 });
            self.used = 0;
            self.run.clear();
            if !whole {
                self.run.resize(length, 0);
            }
            let place = if whole { place } else { self.run.as_mut_slice() };
            let taken = match (self.version, self.signed) {
                (Version::V1, signed) => decode_v1(ahead, place, signed),
                (Version::V2, signed) => decode_v2(ahead, place, signed),
            };
            // A damaged run must not be returned later.
            let taken = taken.inspect_err(|_| self.run.clear()).map_err(OrcDamage::Run)?;
            self.blocks.skip(taken);
            out = rest;
        }
    }
}

const CUT_OFF: RunError = RunError::CutOff;
const OVERFLOW: RunError = RunError::Overflow;

fn length_v1(run: &[u8]) -> Option<usize> {
    let header = usize::from(*run.first()?);
    Some(if header < 128 { header + 3 } else { 256 - header })
}

fn length_v2(run: &[u8]) -> Option<usize> {
    match run {
        [header @ 0..=63, ..] => Some(usize::from(header & 7) + 3),
        [high, low, ..] => Some((usize::from(high & 1) << 8 | usize::from(*low)) + 1),
        _ => None,
    }
}

/// Returns the length of the run in bytes.
fn decode_v1(run: &[u8], out: &mut [i64], signed: bool) -> Result<usize, RunError> {
    let mut bytes = RunBytes { run, at: 0 };
    if bytes.byte()? < 128 {
        let delta = i64::from(bytes.byte()?.cast_signed());
        let base = bytes.varint(signed)?;
        progress(base, delta, out)?;
    } else {
        for number in out {
            *number = bytes.varint(signed)?;
        }
    }
    Ok(bytes.at)
}

/// Returns the length of the run in bytes.
#[inline]
fn decode_v2(run: &[u8], out: &mut [i64], signed: bool) -> Result<usize, RunError> {
    let header = *run.first().ok_or(CUT_OFF)?;
    match header >> 6 {
        0 => short_repeat(run, out, signed),
        1 => {
            let packed = run.get(2..).ok_or(CUT_OFF)?;
            let taken = unpack(packed, width(header >> 1), out).ok_or(CUT_OFF)?;
            if signed {
                out.iter_mut().for_each(|number| *number = unzigzag(number.cast_unsigned()));
            }
            Ok(2 + taken)
        }
        2 => patched_base(run, out),
        _ => delta(run, out, signed),
    }
}

fn short_repeat(run: &[u8], out: &mut [i64], signed: bool) -> Result<usize, RunError> {
    let mut bytes = RunBytes { run, at: 0 };
    let length = usize::from(bytes.byte()? >> 3 & 7) + 1;
    let value = bytes.big_endian(length)?;
    out.fill(if signed { unzigzag(value) } else { value.cast_signed() });
    Ok(bytes.at)
}

fn patched_base(run: &[u8], out: &mut [i64]) -> Result<usize, RunError> {
    let [first, _, third, fourth, ..] = run else { return Err(CUT_OFF) };
    let (bits, base_bytes) = (width(first >> 1), usize::from(third >> 5) + 1);
    let (patch_bits, gap_bits, patches) = (width(*third), (fourth >> 5) + 1, usize::from(fourth & 31));
    if patch_bits + gap_bits > 64 {
        return Err(RunError::PatchWidth);
    }
    let mut bytes = RunBytes { run, at: 4 };
    let base = bytes.big_endian(base_bytes)?;
    // The highest bit is the sign of the others.
    let sign = 1 << (base_bytes * 8 - 1);
    let base = if base & sign == 0 { base } else { (base & !sign).wrapping_neg() }.cast_signed();
    bytes.at += unpack(bytes.rest(), bits, out).ok_or(CUT_OFF)?;
    let mut list = [0; 31];
    let list = &mut list[..patches];
    bytes.at += unpack(bytes.rest(), width_for(patch_bits + gap_bits), list).ok_or(CUT_OFF)?;
    let mut place = 0;
    for patch in list.iter().map(|patch| patch.cast_unsigned()) {
        place = usize::try_from(patch >> patch_bits).map_or(usize::MAX, |gap| gap.saturating_add(place));
        let high = patch & ((1 << patch_bits) - 1);
        // A patch of zero only extends the gap.
        if high > 0 {
            let number = out.get_mut(place).ok_or(RunError::PatchPlace)?;
            // Lost bits would make it another number.
            let shifted = (u32::from(bits) <= high.leading_zeros()).then(|| high << bits);
            *number |= shifted.ok_or(OVERFLOW)?.cast_signed();
        }
    }
    // Wraps, because numbers that span more than 2^63 need it.
    out.iter_mut().for_each(|number| *number = number.wrapping_add(base));
    Ok(bytes.at)
}

fn delta(run: &[u8], out: &mut [i64], signed: bool) -> Result<usize, RunError> {
    let mut bytes = RunBytes { run, at: 2 };
    let bits = run.first().map_or(0, |header| header >> 1 & 31);
    let base = bytes.varint(signed)?;
    let step = bytes.varint(true)?;
    if bits == 0 {
        progress(base, step, out)?;
        return Ok(bytes.at);
    }
    let [first, second, rest @ ..] = out else { return Err(RunError::TooShort) };
    *first = base;
    *second = base.checked_add(step).ok_or(OVERFLOW)?;
    bytes.at += unpack(bytes.rest(), width(bits), rest).ok_or(CUT_OFF)?;
    let (mut last, mut passed) = (*second, false);
    for number in rest {
        let (next, over) = if step < 0 { last.overflowing_sub(*number) } else { last.overflowing_add(*number) };
        (*number, last, passed) = (next, next, passed | over);
    }
    if passed { Err(OVERFLOW) } else { Ok(bytes.at) }
}

/// Fills `out` with numbers of equal differences.
fn progress(base: i64, step: i64, out: &mut [i64]) -> Result<(), RunError> {
    if step == 0 {
        out.fill(base);
        return Ok(());
    }
    let most = i64::try_from(out.len().saturating_sub(1)).ok();
    most.and_then(|most| step.checked_mul(most)).and_then(|span| base.checked_add(span)).ok_or(OVERFLOW)?;
    let mut next = base;
    for number in out {
        *number = next;
        next = next.wrapping_add(step);
    }
    Ok(())
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

struct RunBytes<'a> {
    run: &'a [u8],
    at: usize,
}

impl<'a> RunBytes<'a> {
    fn rest(&self) -> &'a [u8] {
        self.run.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, RunError> {
        let byte = *self.run.get(self.at).ok_or(CUT_OFF)?;
        self.at += 1;
        Ok(byte)
    }

    fn big_endian(&mut self, count: usize) -> Result<u64, RunError> {
        let bytes = self.rest().get(..count).ok_or(CUT_OFF)?;
        self.at += count;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    #[inline]
    fn varint(&mut self, signed: bool) -> Result<i64, RunError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 127);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 128 {
                return Ok(if signed { unzigzag(value) } else { value.cast_signed() });
            }
        }
        Err(OVERFLOW)
    }
}
