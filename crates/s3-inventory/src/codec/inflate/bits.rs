//! Reads bits, the lowest first, from input that arrives in pieces.

/// Bits that were taken from the input and not read yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bits {
    /// Those above `count` are zero.
    pub(super) word: u64,
    /// Less than 64.
    pub(super) count: u32,
}

impl Bits {
    /// Takes as many bytes as fit: at least 56 bits with enough input.
    pub(super) fn fill(&mut self, input: &mut &[u8]) {
        while self.count < 56 {
            let Some((byte, rest)) = input.split_first() else { return };
            *input = rest;
            self.word |= u64::from(*byte) << self.count;
            self.count += 8;
        }
    }

    /// The next bits, at most 32; `None` if there are fewer.
    pub(super) fn take(&mut self, many: u32) -> Option<u32> {
        debug_assert!(many <= 32);
        if many > self.count {
            return None;
        }
        let bits = self.word & ((1 << many) - 1);
        self.word >>= many;
        self.count -= many;
        Some(bits as u32)
    }

    /// Skips to the next byte.
    pub(super) fn align(&mut self) {
        self.word >>= self.count % 8;
        self.count -= self.count % 8;
    }

    /// The next byte, at a byte boundary.
    pub(super) fn byte(&mut self, input: &mut &[u8]) -> Option<u8> {
        if self.count > 0 {
            return self.take(8).map(|byte| byte as u8);
        }
        let (byte, rest) = input.split_first()?;
        *input = rest;
        Some(*byte)
    }
}
