//! The specification's examples, files compared with another reader's, and any bytes at all.

mod encodings;
mod files;
mod stripes;
mod tail;

use bytes::Bytes;

use super::CompressionKind;
use super::blocks::{Blocks, Compression};
use super::messages::StreamKind;
use super::stripe::StoredStream;
use crate::error::ReadError;
use crate::fault::{Fault, FaultKind};
use crate::ranges::ColumnStream;

const PLAIN: CompressionKind = CompressionKind::None;
/// Memory that is never the matter.
const ENOUGH: usize = 64 << 20;

fn stream(column: u32, kind: StreamKind, bytes: impl Into<Bytes>) -> StoredStream {
    let bytes = bytes.into();
    StoredStream { column, kind, length: bytes.len() as u64, bytes: ColumnStream::in_small_pieces(bytes) }
}

fn text<T>(read: Result<T, Fault>) -> Result<T, String> {
    read.map_err(|fault| {
        let fault = ReadError::of("f", fault).to_string();
        fault.trim_start_matches("f: ").trim_start_matches("its ORC structure is damaged: ").to_owned()
    })
}

fn blocks(bytes: &[u8]) -> Blocks {
    let bytes = ColumnStream::in_small_pieces(Bytes::copy_from_slice(bytes));
    Blocks::new(bytes, Compression::new(PLAIN, None).expect("it is supported"))
}

fn stored(bytes: &[u8], most: usize, pack: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Bytes {
    let mut all = Vec::new();
    for block in bytes.chunks(most) {
        let packed = pack(block);
        let (bytes, original) = packed.as_ref().map_or((block, 1), |packed| (packed.as_slice(), 0));
        let header = u32::try_from(bytes.len() << 1 | original).expect("it is short").to_le_bytes();
        all.extend_from_slice(&header[..3]);
        all.extend_from_slice(bytes);
    }
    all.into()
}

fn damaged<T>(read: Result<T, Fault>) -> String {
    let fault = read.map(drop).expect_err("it is damaged");
    assert!(matches!(fault.0.kind, FaultKind::Orc(_) | FaultKind::File(_)), "{fault:?}");
    text(Err::<(), _>(fault)).expect_err("it is one")
}

fn no_room<T>(read: Result<T, Fault>) -> String {
    let fault = read.map(drop).expect_err("it is too much");
    assert!(fault.is_shortage(), "{fault:?}");
    text(Err::<(), _>(fault)).expect_err("it is one")
}
