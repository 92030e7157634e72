//! Checks the header of a gzip member, byte by byte. Its contents are not used.

use libdeflater::Crc;

use super::error::GzipError;

/// Bytes of the fields that every header has.
const FIXED: usize = 10;
/// The longest name or comment.
const LONGEST: usize = 0xffff;

const HAS_CHECKSUM: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

pub(super) struct Header {
    part: Part,
    /// Bytes of this part so far.
    many: usize,
    flags: u8,
    /// The first byte of a number that has two.
    low: u8,
    crc: Crc,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Fixed,
    ExtraLength,
    Extra(usize),
    Name,
    Comment,
    Checksum,
    End,
}

impl Default for Header {
    fn default() -> Self {
        Self { part: Part::Fixed, many: 0, flags: 0, low: 0, crc: Crc::new() }
    }
}

impl Header {
    pub(super) fn is_untouched(&self) -> bool {
        self.part == Part::Fixed && self.many == 0
    }

    /// Takes the next byte; returns whether it was the last.
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, GzipError> {
        let number = u16::from_le_bytes([self.low, byte]);
        let at = self.many;
        self.many += 1;
        let is_last = match self.part {
            Part::Fixed => {
                match (at, byte) {
                    (0, 0x1f) | (1, 0x8b) | (2, 8) | (4.., _) => {}
                    (3, flags) if flags & RESERVED == 0 => self.flags = flags,
                    _ => return Err(GzipError::Header),
                }
                self.many == FIXED
            }
            Part::ExtraLength => at == 1,
            Part::Extra(length) => self.many == length,
            Part::Name | Part::Comment if byte != 0 && at == LONGEST => return Err(GzipError::Header),
            Part::Name | Part::Comment => byte == 0,
            Part::Checksum if at == 1 && number != self.crc.sum() as u16 => return Err(GzipError::HeaderChecksum),
            Part::Checksum => at == 1,
            Part::End => true,
        };
        self.low = byte;
        if self.part != Part::Checksum {
            self.crc.update(&[byte]);
        }
        if is_last {
            self.many = 0;
            self.part = self.part_after(number);
        }
        Ok(self.part == Part::End)
    }

    /// The next part; `number` is the value of the last two bytes.
    fn part_after(&self, number: u16) -> Part {
        let has = |flag| self.flags & flag != 0;
        match self.part {
            Part::Fixed if has(HAS_EXTRA) => Part::ExtraLength,
            Part::ExtraLength if number > 0 => Part::Extra(number.into()),
            Part::Fixed | Part::ExtraLength | Part::Extra(_) if has(HAS_NAME) => Part::Name,
            Part::Fixed | Part::ExtraLength | Part::Extra(_) | Part::Name if has(HAS_COMMENT) => Part::Comment,
            Part::Checksum | Part::End => Part::End,
            _ if has(HAS_CHECKSUM) => Part::Checksum,
            _ => Part::End,
        }
    }
}
