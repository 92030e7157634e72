//! Streams as they are stored: blocks of compressed bytes, each behind a header of three bytes ("Compression" in the ORC
//! specification). One block at a time is in memory.

use super::proto::CompressionKind;
use bytes::{Buf, Bytes};

/// Largest block that is taken; writers use 64 to 256 KiB.
const MOST_BLOCK: u64 = 4 << 20;
/// What the specification says where a file does not.
const DEFAULT_BLOCK: u64 = 256 << 10;
const HEADER: usize = 3;
/// More than what is asked for in one piece.
const LEFT_OVER: usize = 8 << 10;
/// Deflate makes at most 1032 bytes of one.
const DEFLATE_MOST: usize = 1032;

/// How a file's streams are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compression {
    codec: Option<Codec>,
    /// Bytes that no inflated block exceeds.
    block: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Zlib,
    Snappy,
    Zstd,
}

impl Compression {
    /// What the end of a file says: its compression, and the bytes that no inflated block exceeds.
    ///
    /// # Errors
    /// A compression that is not supported, or blocks too large to be meant.
    pub fn new(kind: CompressionKind, block: Option<u64>) -> Result<Self, String> {
        let codec = match kind {
            CompressionKind::None => None,
            CompressionKind::Zlib => Some(Codec::Zlib),
            CompressionKind::Snappy => Some(Codec::Snappy),
            CompressionKind::Zstd => Some(Codec::Zstd),
            other @ (CompressionKind::Lzo | CompressionKind::Lz4) => {
                let name = format!("{other:?}").to_ascii_uppercase();
                return Err(format!("its compression {name} is not supported: NONE, ZLIB, SNAPPY and ZSTD are"));
            }
        };
        let block = block.unwrap_or(DEFAULT_BLOCK);
        match usize::try_from(block) {
            Ok(size) if block <= MOST_BLOCK || codec.is_none() => Ok(Self { codec, block: size }),
            _ => Err(format!("its blocks have up to {block} bytes, and at most {MOST_BLOCK} are supported")),
        }
    }
}

impl Compression {
    /// Bytes that reading a stream of so many stored bytes takes: a block, and what is left of the one before.
    pub(super) fn of_one_stream(self, stored: usize) -> usize {
        match self.codec {
            None => 0,
            Some(Codec::Zlib) => LEFT_OVER + self.block.min(stored.saturating_mul(DEFLATE_MOST)),
            Some(Codec::Snappy | Codec::Zstd) => LEFT_OVER + self.block,
        }
    }
}

/// Inflates a whole stream, which must give at most `most` bytes.
///
/// # Errors
/// A damaged block, or more bytes than that.
pub(super) fn inflate(stored: Bytes, compression: Compression, most: usize) -> Result<Vec<u8>, String> {
    let (mut blocks, mut inflater) = (Blocks::new(stored, compression), Inflater::new());
    let mut all = Vec::new();
    loop {
        let ahead = blocks.ahead(1, &mut inflater)?;
        if ahead.is_empty() {
            return Ok(all);
        }
        if ahead.len() > most - all.len() {
            return Err(format!("it inflates to more than {most} bytes"));
        }
        all.extend_from_slice(ahead);
        let count = ahead.len();
        blocks.skip(count);
    }
}

/// What inflating needs, kept from block to block.
pub(super) struct Inflater {
    zlib: libdeflater::Decompressor,
    snappy: snap::raw::Decoder,
    zstd: Option<zstd::bulk::Decompressor<'static>>,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { zlib: libdeflater::Decompressor::new(), snappy: snap::raw::Decoder::new(), zstd: None }
    }

    /// Inflates a block to the start of `room`; gives how many bytes it has.
    fn inflate(&mut self, codec: Codec, stored: &[u8], room: &mut [u8]) -> Result<usize, String> {
        let damaged = |error: &dyn std::fmt::Display| format!("a block is damaged: {error}");
        match codec {
            Codec::Zlib => self.zlib.deflate_decompress(stored, room).map_err(|error| damaged(&error)),
            Codec::Snappy => self.snappy.decompress(stored, room).map_err(|error| damaged(&error)),
            Codec::Zstd => {
                let zstd = match &mut self.zstd {
                    Some(zstd) => zstd,
                    none => none.insert(zstd::bulk::Decompressor::new().map_err(|error| damaged(&error))?),
                };
                zstd.decompress_to_buffer(stored, room).map_err(|error| damaged(&error))
            }
        }
    }
}

/// One stream, inflated block by block.
pub(super) struct Blocks {
    /// What was not looked at yet.
    stored: Bytes,
    compression: Compression,
    /// Inflated bytes; those from `at` to `end` were not used yet.
    inflated: Vec<u8>,
    at: usize,
    end: usize,
}

impl Blocks {
    pub(super) const fn new(stored: Bytes, compression: Compression) -> Self {
        Self { stored, compression, inflated: Vec::new(), at: 0, end: 0 }
    }

    /// The bytes that come next in one piece: at least so many, unless the stream ends before.
    #[inline]
    pub(super) fn ahead(&mut self, least: usize, inflater: &mut Inflater) -> Result<&[u8], String> {
        if self.compression.codec.is_none() {
            return Ok(&self.stored);
        }
        while self.end - self.at < least && !self.stored.is_empty() {
            self.inflate_next(inflater)?;
        }
        Ok(&self.inflated[self.at..self.end])
    }

    /// Leaves bytes behind that [`Blocks::ahead`] showed.
    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        if self.compression.codec.is_none() {
            self.stored.advance(count.min(self.stored.len()));
        } else {
            self.at = self.end.min(self.at + count);
        }
    }

    fn inflate_next(&mut self, inflater: &mut Inflater) -> Result<(), String> {
        let Some([low, middle, high]) = self.stored.first_chunk::<HEADER>().copied() else {
            return Err("the header of a block is cut off".to_owned());
        };
        let length = usize::from(low >> 1) | usize::from(middle) << 7 | usize::from(high) << 15;
        let original = low & 1 == 1;
        let Some(block) = self.stored.get(HEADER..HEADER + length) else {
            return Err(format!("a block of {length} bytes is cut off"));
        };
        let most = self.compression.block;
        if original && length > most {
            return Err(format!("a block has {length} bytes, and the file says at most {most}"));
        }
        let room = match self.compression.codec {
            Some(Codec::Zlib) if !original => most.min(length * DEFLATE_MOST),
            // Both say in front how long they are; what is longer than the file allows does not fit.
            Some(Codec::Snappy) if !original => most.min(snap::raw::decompress_len(block).unwrap_or(0)),
            Some(Codec::Zstd) if !original => most.min(zstd::bulk::Decompressor::upper_bound(block).unwrap_or(most)),
            _ => length,
        };
        self.inflated.copy_within(self.at..self.end, 0);
        (self.end, self.at) = (self.end - self.at, 0);
        if self.inflated.len() < self.end + room {
            // No more than is needed: a block is large enough to count.
            self.inflated.reserve_exact(self.end + room - self.inflated.len());
            self.inflated.resize(self.end + room, 0);
        }
        let room = &mut self.inflated[self.end..self.end + room];
        self.end += match self.compression.codec {
            Some(codec) if !original => inflater.inflate(codec, block, room)?.min(room.len()),
            _ => {
                room.copy_from_slice(block);
                length
            }
        };
        self.stored.advance(HEADER + length);
        Ok(())
    }
}
