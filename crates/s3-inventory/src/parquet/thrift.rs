//! Walks over structures of Thrift's compact protocol: the library that reads Parquet allocates any length, so every length is
//! checked here first.

/// More nesting than Parquet uses.
const DEEPEST: u8 = 16;

/// Kinds that fields and elements have.
pub(super) const TRUE: u8 = 1;
pub(super) const FALSE: u8 = 2;
pub(super) const I32: u8 = 5;
pub(super) const I64: u8 = 6;
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
pub(super) const STRUCT: u8 = 12;

pub(super) struct Thrift<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Thrift<'a> {
    /// Takes the fields of a structure: `each` gets the id and type of a field, and must take its value.
    pub(super) fn fields(&mut self, mut each: impl FnMut(&mut Self, i64, u8) -> Option<()>) -> Option<()> {
        let mut id = 0;
        loop {
            let byte = self.byte()?;
            let kind = byte & 15;
            if kind == 0 {
                return Some(());
            }
            id = match byte >> 4 {
                0 => self.number()?,
                step => id + i64::from(step),
            };
            // The library uses 16 bits: it might see a larger id as another field.
            i16::try_from(id).ok()?;
            each(self, id, kind)?;
        }
    }

    /// Takes the elements of a list of structures: `each` must take one.
    pub(super) fn structures(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let (kind, count) = self.list()?;
        if kind != STRUCT {
            return None;
        }
        (0..count).try_for_each(|_| each(self))
    }

    /// Takes a list whose elements have one of these kinds: `each` must take one.
    pub(super) fn elements<T>(
        &mut self,
        all: &mut Vec<T>,
        kinds: &[u8],
        mut each: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<()> {
        let (kind, count) = self.list()?;
        kinds.contains(&kind).then_some(())?;
        for _ in 0..count {
            all.push(each(self)?);
        }
        Some(())
    }

    /// Takes bytes after their length.
    pub(super) fn binary(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    /// Skips a value.
    pub(super) fn skip(&mut self, kind: u8) -> Option<()> {
        self.skip_below(kind, 0)
    }

    fn skip_below(&mut self, kind: u8, depth: u8) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            // Flags are in the field's own header.
            TRUE | FALSE => {}
            3 => self.bytes(1)?,
            4..=I64 => drop(self.number()?),
            7 => self.bytes(8)?,
            BINARY => drop(self.binary()?),
            LIST | 10 => {
                let (kind, count) = self.list()?;
                // In a list, a flag has a byte of its own.
                let kind = if matches!(kind, TRUE | FALSE) { 3 } else { kind };
                (0..count).try_for_each(|_| self.skip_below(kind, depth + 1))?;
            }
            STRUCT => self.fields(|thrift, _, kind| thrift.skip_below(kind, depth + 1))?,
            _ => return None,
        }
        Some(())
    }

    /// Type and number of a list's elements, each of which takes at least one byte.
    fn list(&mut self) -> Option<(u8, u64)> {
        let byte = self.byte()?;
        let count = if byte >> 4 == 15 { self.unsigned()? } else { u64::from(byte >> 4) };
        (count <= self.rest.len() as u64).then_some((byte & 15, count))
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn bytes(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Zigzag: the lowest bit is the sign.
    pub(super) fn number(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    /// A number that must not be negative.
    pub(super) fn count(&mut self) -> Option<u64> {
        u64::try_from(self.number()?).ok()
    }
}
