//! Inflates the pages of a row group. The decompressors are reused for all of its columns.

use parquet::basic::Compression;

use super::error::ParquetDamage;
use crate::codec::{GzipInflater, inflate_snappy};
use crate::fault::{Fault, Feature};

/// CRC and length at the end of a gzip member.
const TRAILER: usize = 8;

/// A supported codec, with the memory that it needs for any page.
pub(super) enum PageCodec {
    Uncompressed,
    Snappy,
    Gzip(libdeflater::Decompressor),
    Zstd(zstd::bulk::Decompressor<'static>),
}

impl PageCodec {
    pub(super) fn new(compression: Compression) -> Result<Self, Fault> {
        Ok(match compression {
            Compression::UNCOMPRESSED => Self::Uncompressed,
            Compression::SNAPPY => Self::Snappy,
            Compression::GZIP(_) => Self::Gzip(libdeflater::Decompressor::new()),
            Compression::ZSTD(_) => Self::Zstd(zstd::bulk::Decompressor::new().map_err(|_| ParquetDamage::Zstd)?),
            Compression::LZO => return Err(Feature::ParquetCodec("LZO").into()),
            Compression::BROTLI(_) => return Err(Feature::ParquetCodec("BROTLI").into()),
            Compression::LZ4 => return Err(Feature::ParquetCodec("LZ4").into()),
            Compression::LZ4_RAW => return Err(Feature::ParquetCodec("LZ4_RAW").into()),
        })
    }

    /// Inflates to the first `length` bytes of `room`. Bytes after them may be overwritten. The page must have this length.
    pub(super) fn inflate(&mut self, stored: &[u8], length: usize, room: &mut [u8]) -> Result<(), ParquetDamage> {
        let exactly = room.get_mut(..length).ok_or(ParquetDamage::PageLength)?;
        match self {
            Self::Uncompressed if stored.len() == length => exactly.copy_from_slice(stored),
            Self::Uncompressed => return Err(ParquetDamage::PageLength),
            Self::Snappy => inflate_snappy(stored, length, room).ok_or(ParquetDamage::Snappy)?,
            Self::Gzip(gzip) => inflate_gzip(gzip, stored, exactly)?,
            Self::Zstd(zstd) => match zstd.decompress_to_buffer(stored, exactly) {
                Ok(found) if found == length => {}
                Ok(_) => return Err(ParquetDamage::PageLength),
                Err(_) => return Err(ParquetDamage::Zstd),
            },
        }
        Ok(())
    }
}

/// Inflates one member, or else the members of a page that has several.
fn inflate_gzip(gzip: &mut libdeflater::Decompressor, stored: &[u8], room: &mut [u8]) -> Result<(), ParquetDamage> {
    let found = gzip.gzip_decompress(stored, room);
    // It ignores bytes after the first member. So the page must end with the trailer of these bytes.
    let crc = libdeflater::crc32(room).to_le_bytes();
    let length = (room.len() as u32).to_le_bytes();
    let is_whole = stored.last_chunk::<TRAILER>().is_some_and(|end| end[..4] == crc && end[4..] == length);
    if found == Ok(room.len()) && is_whole {
        return Ok(());
    }
    let (mut members, mut rest, mut at) = (GzipInflater::default(), stored, 0);
    loop {
        let is_full = members.take(&mut rest).map_err(|_| ParquetDamage::Gzip)?;
        let text = members.text();
        let into = room.get_mut(at..at + text.len()).ok_or(ParquetDamage::PageLength)?;
        into.copy_from_slice(text);
        at += text.len();
        let used = text.len();
        members.make_room(used);
        if !is_full {
            break;
        }
    }
    if !members.is_between_members() {
        return Err(ParquetDamage::Gzip);
    }
    if at == room.len() { Ok(()) } else { Err(ParquetDamage::PageLength) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    fn inflated(stored: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut room = vec![0xa5; length + 7];
        let mut codec = PageCodec::new(Compression::GZIP(Default::default())).unwrap();
        codec.inflate(stored, length, &mut room).ok()?;
        room.truncate(length);
        Some(room)
    }

    #[test]
    fn a_gzip_page_may_have_several_members_and_nothing_else() {
        let text: Vec<u8> = (0..200_000u32).flat_map(|at| at.wrapping_mul(at).to_le_bytes()).collect();
        let (first, second) = text.split_at(300_001);
        let whole = member(&text);
        for stored in [whole.clone(), [member(first), member(second)].concat(), [whole.clone(), member(b"")].concat()] {
            assert!(inflated(&stored, text.len()) == Some(text.clone()));
            assert!(inflated(&stored, text.len() - 1).is_none() && inflated(&stored, text.len() + 1).is_none());
            assert!(inflated(&stored[..stored.len() - 1], text.len()).is_none());
            assert!(inflated(&[&stored[..], b"x"].concat(), text.len()).is_none());
        }
    }
}
