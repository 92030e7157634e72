//! Stored streams: blocks of compressed bytes, each with a header of three bytes ("Compression" in the ORC specification). One
//! block at a time is in memory.

use bytes::Bytes;

use super::error::OrcDamage;
use super::messages::CompressionKind;
use crate::fault::{Fault, Feature, MemoryUse, Shortage};
use crate::ranges::ColumnStream;

/// The largest supported block; writers use 64 to 256 KiB.
const MOST_BLOCK: u64 = 4 << 20;
/// The default of the specification.
const DEFAULT_BLOCK: u64 = 256 << 10;
const HEADER: usize = 3;
/// More than the longest piece that is requested.
const LEFT_OVER: usize = 8 << 10;
/// Deflate makes at most 1032 bytes of one.
const DEFLATE_MOST: usize = 1032;

/// How a file's streams are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compression {
    codec: Option<Codec>,
    /// The largest inflated block, in bytes.
    block: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Zlib,
    Snappy,
    Zstd,
}

impl Compression {
    /// The compression of a file, and its block size.
    pub(super) fn new(kind: CompressionKind, block: Option<u64>) -> Result<Self, Feature> {
        let codec = match kind {
            CompressionKind::None => None,
            CompressionKind::Zlib => Some(Codec::Zlib),
            CompressionKind::Snappy => Some(Codec::Snappy),
            CompressionKind::Zstd => Some(Codec::Zstd),
            CompressionKind::Lzo => return Err(Feature::OrcCodec("LZO")),
            CompressionKind::Lz4 => return Err(Feature::OrcCodec("LZ4")),
        };
        let block = block.unwrap_or(DEFAULT_BLOCK);
        match usize::try_from(block) {
            Ok(size) if block <= MOST_BLOCK || codec.is_none() => Ok(Self { codec, block: size }),
            _ => Err(Feature::BlockSize { block, most: MOST_BLOCK }),
        }
    }

    /// The memory for reading a stream of this many stored bytes: a block, and the rest of the block before.
    pub(super) fn of_one_stream(self, stored: u64) -> usize {
        let stored = usize::try_from(stored).unwrap_or(usize::MAX);
        match self.codec {
            None => 0,
            Some(Codec::Zlib) => LEFT_OVER + self.block.min(stored.saturating_mul(DEFLATE_MOST)),
            Some(Codec::Snappy | Codec::Zstd) => LEFT_OVER + self.block,
        }
    }

    /// The most stored bytes that are needed in one piece.
    pub(super) fn one_piece(self) -> u64 {
        self.codec.map_or(0, |_| (HEADER + self.longest()) as u64)
    }

    /// The longest compressed block. Not all writers store a block uncompressed if compression makes it longer, and Snappy makes
    /// it at most this long.
    fn longest(self) -> usize {
        self.block + self.block / 6 + 32
    }
}

/// Inflates a footer, which may give at most `most` bytes.
pub(super) fn inflate(stored: Bytes, compression: Compression, most: usize) -> Result<Vec<u8>, Fault> {
    let (mut blocks, mut inflater) = (Blocks::new(ColumnStream::Whole(stored), compression), BlockInflater::new());
    let mut all = Vec::new();
    loop {
        let ahead = blocks.ahead(1, &mut inflater)?;
        if ahead.is_empty() {
            return Ok(all);
        }
        if ahead.len() > most - all.len() {
            let needed = all.len() + ahead.len();
            return Err(Shortage::new(MemoryUse::InflatedFooter, needed as u64, most as u64).into());
        }
        all.extend_from_slice(ahead);
        let count = ahead.len();
        blocks.skip(count);
    }
}

/// The decompressors, reused for all blocks.
pub(super) struct BlockInflater {
    zlib: libdeflater::Decompressor,
    snappy: snap::raw::Decoder,
    zstd: Option<zstd::bulk::Decompressor<'static>>,
}

impl BlockInflater {
    pub(super) fn new() -> Self {
        Self { zlib: libdeflater::Decompressor::new(), snappy: snap::raw::Decoder::new(), zstd: None }
    }

    /// Inflates a block to the start of `room`; returns its length.
    fn inflate(&mut self, codec: Codec, stored: &[u8], room: &mut [u8]) -> Result<usize, OrcDamage> {
        match codec {
            Codec::Zlib => self.zlib.deflate_decompress(stored, room).map_err(|error| OrcDamage::Block(error.into())),
            Codec::Snappy => self.snappy.decompress(stored, room).map_err(|error| OrcDamage::Block(error.into())),
            Codec::Zstd => {
                let zstd = match &mut self.zstd {
                    Some(zstd) => zstd,
                    none => {
                        let new = zstd::bulk::Decompressor::new();
                        none.insert(new.map_err(|error| OrcDamage::Block(error.into()))?)
                    }
                };
                zstd.decompress_to_buffer(stored, room).map_err(|error| OrcDamage::Block(error.into()))
            }
        }
    }
}

/// One stream, inflated block by block.
pub(super) struct Blocks {
    stored: ColumnStream,
    compression: Compression,
    /// Inflated bytes, unused from `at` to `end`.
    inflated: Vec<u8>,
    at: usize,
    end: usize,
}

impl Blocks {
    pub(super) fn new(stored: ColumnStream, compression: Compression) -> Self {
        Self { stored, compression, inflated: Vec::new(), at: 0, end: 0 }
    }

    /// The next bytes in one piece: at least this many, unless the stream ends.
    #[inline]
    pub(super) fn ahead(&mut self, least: usize, inflater: &mut BlockInflater) -> Result<&[u8], Fault> {
        let Some(codec) = self.compression.codec else { return Ok(self.stored.ahead(least)?) };
        while self.end - self.at < least && self.inflate_next(codec, inflater)? {}
        Ok(&self.inflated[self.at..self.end])
    }

    /// Skips bytes that [`Blocks::ahead`] returned.
    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        if self.compression.codec.is_none() {
            self.stored.skip(count);
        } else {
            self.at = self.end.min(self.at + count);
        }
    }

    /// Returns whether there was another block.
    fn inflate_next(&mut self, codec: Codec, inflater: &mut BlockInflater) -> Result<bool, Fault> {
        let header = match self.stored.ahead(HEADER)? {
            [] => return Ok(false),
            ahead => ahead.first_chunk::<HEADER>().copied(),
        };
        let [low, middle, high] = header.ok_or(OrcDamage::BlockHeader)?;
        let length = usize::from(low >> 1) | usize::from(middle) << 7 | usize::from(high) << 15;
        let original = low & 1 == 1;
        let most = if original { self.compression.block } else { self.compression.longest() };
        if length > most {
            return Err(OrcDamage::BlockTooLong { length, most }.into());
        }
        let Some(block) = self.stored.ahead(HEADER + length)?.get(HEADER..HEADER + length) else {
            return Err(OrcDamage::BlockCutOff(length).into());
        };
        let most = self.compression.block;
        let room = match codec {
            _ if original => length,
            Codec::Zlib => most.min(length * DEFLATE_MOST),
            // Both begin with their inflated length. A block that is longer than the file allows does not fit.
            Codec::Snappy => most.min(snap::raw::decompress_len(block).unwrap_or(0)),
            Codec::Zstd => most.min(zstd::bulk::Decompressor::upper_bound(block).unwrap_or(most)),
        };
        self.inflated.copy_within(self.at..self.end, 0);
        (self.end, self.at) = (self.end - self.at, 0);
        if self.inflated.len() < self.end + room {
            // Exactly, because blocks are large.
            self.inflated.reserve_exact(self.end + room - self.inflated.len());
            self.inflated.resize(self.end + room, 0);
        }
        let room = &mut self.inflated[self.end..self.end + room];
        self.end += if original {
            room.copy_from_slice(block);
            length
        } else {
            inflater.inflate(codec, block, room)?.min(room.len())
        };
        self.stored.skip(HEADER + length);
        Ok(true)
    }
}
