//! The Snappy reader on any stream: the same verdict and the same bytes as the `snap` crate.
//!
//! Bit 0 of the first byte selects a stream or a text to compress. The second and third byte are the place and the mask of a
//! changed byte. Bit 1 leaves room after the output, which the fast path needs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use s3_inventory::codec::{ROOM_FOR_SNAPPY, inflate_snappy};

/// Longer inputs find nothing more.
const MOST: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Some(([choice, at, to], rest)) = data.split_first_chunk() else { return };
    let stream = if choice & 1 == 0 {
        rest.to_vec()
    } else {
        // Long texts reach distant copies and moving windows.
        let text = rest.repeat(1 + usize::from(choice >> 2) * 40);
        let mut stream = snap::raw::Encoder::new().compress_vec(&text).expect("it is short enough");
        let place = stream.len() * usize::from(*at) / 256;
        stream[place] ^= to;
        stream
    };
    let Ok(length) = snap::raw::decompress_len(&stream) else { return };
    if length > MOST {
        return;
    }
    let theirs = snap::raw::Decoder::new().decompress_vec(&stream).ok();
    let room = if choice & 2 == 0 { 0 } else { ROOM_FOR_SNAPPY };
    let mut out = vec![*to; length + room];
    let ours = inflate_snappy(&stream, length, &mut out).map(|()| out[..length].to_vec());
    assert_eq!(ours, theirs);
});
