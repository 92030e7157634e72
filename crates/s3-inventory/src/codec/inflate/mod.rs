//! Inflates gzip files in pieces, into a window that the rows are read from (RFC 1951 and 1952).
//!
//! Optimized for inventories: most symbols are literals of random names, in runs of unpredictable length. So one table lookup
//! returns two literals, or one literal and the length of a match ([`table`]), which saves mispredictions and latency. The
//! inflated text is parsed in place, while it is in the fastest caches. No library does both, and similar ones need the whole
//! text of a file in memory.
//!
//! Almost all time is spent in the loop of [`quick`], which needs a little more input and room than a match can take. [`block`]
//! does the same for single symbols if there is less, and reads everything that is not a symbol.

mod bits;
mod block;
mod code;
mod error;
mod header;
mod quick;
mod table;
#[cfg(test)]
mod tests;
mod window;

use libdeflater::Crc;

use self::bits::Bits;
use self::block::{Blocks, Pause};
pub use self::error::GzipError;
use self::header::Header;
pub(crate) use self::window::HISTORY;
use self::window::Window;

/// CRC and length of a member's text.
const TRAILER: usize = 8;

/// Inflates one file after the other, as their bytes arrive.
pub(crate) struct GzipInflater {
    place: Place,
    bits: Bits,
    blocks: Blocks,
    window: Window,
    /// CRC and length of the member's text so far.
    crc: Crc,
    length: u32,
}

/// The current part of a member.
enum Place {
    /// `first`: a file without members is invalid.
    Header {
        header: Header,
        first: bool,
    },
    Body,
    Trailer {
        bytes: [u8; TRAILER],
        many: usize,
    },
}

impl Place {
    fn before(first: bool) -> Self {
        Self::Header { header: Header::default(), first }
    }
}

impl Default for GzipInflater {
    fn default() -> Self {
        Self {
            place: Place::before(true),
            bits: Bits::default(),
            blocks: Blocks::default(),
            window: Window::new(),
            crc: Crc::new(),
            length: 0,
        }
    }
}

impl GzipInflater {
    /// Starts another file.
    pub(crate) fn restart(&mut self) {
        (self.place, self.bits) = (Place::before(true), Bits::default());
        self.window.clear();
    }

    /// The inflated text that was not used yet.
    pub(crate) fn text(&self) -> &[u8] {
        self.window.text()
    }

    /// Goes on in another buffer, and returns the full one: see [`Window::exchange`].
    pub(crate) fn exchange(&mut self, other: Vec<u8>) -> (Vec<u8>, usize, usize) {
        self.window.exchange(other)
    }

    /// Removes the used bytes from the start of the text.
    pub(crate) fn make_room(&mut self, used: usize) {
        self.window.make_room(used);
    }

    /// Inflates until the window is full, or until `input` is empty. Returns whether the window is full.
    pub(crate) fn take(&mut self, input: &mut &[u8]) -> Result<bool, GzipError> {
        loop {
            match &mut self.place {
                Place::Header { header, .. } => {
                    let Some(byte) = self.bits.byte(input) else { return Ok(false) };
                    if header.take(byte)? {
                        self.window.seal();
                        self.blocks.restart();
                        (self.crc, self.length) = (Crc::new(), 0);
                        self.place = Place::Body;
                    }
                }
                Place::Body => {
                    let before = self.window.end();
                    let pause = self.blocks.take(&mut self.bits, input, &mut self.window);
                    let text = self.window.since(before);
                    self.crc.update(text);
                    self.length = self.length.wrapping_add(text.len() as u32);
                    match pause? {
                        Pause::Input => return Ok(false),
                        Pause::Room => return Ok(true),
                        Pause::End => self.place = Place::Trailer { bytes: [0; TRAILER], many: 0 },
                    }
                }
                Place::Trailer { bytes, many } => {
                    let Some(byte) = self.bits.byte(input) else { return Ok(false) };
                    bytes[*many] = byte;
                    *many += 1;
                    if *many == TRAILER {
                        let [c0, c1, c2, c3, l0, l1, l2, l3] = *bytes;
                        if u32::from_le_bytes([c0, c1, c2, c3]) != self.crc.sum() {
                            return Err(GzipError::Checksum);
                        }
                        if u32::from_le_bytes([l0, l1, l2, l3]) != self.length {
                            return Err(GzipError::Length);
                        }
                        self.place = Place::before(false);
                    }
                }
            }
        }
    }

    /// Whether the file may end here.
    pub(crate) fn is_between_members(&self) -> bool {
        matches!(&self.place, Place::Header { header, first: false } if header.is_untouched())
    }
}
