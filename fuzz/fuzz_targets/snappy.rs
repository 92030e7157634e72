//! Inflating of Snappy on any stream: the same verdict and the same bytes as the `snap` crate gives.
//!
//! Bit 0 of the first byte says whether the rest is a stream or a text to be compressed; the second and third byte then say
//! where a byte of the stream is changed, and to what. Bit 1 leaves room behind the output, without which there are no short
//! steps for what is short.
#![no_main]

use libfuzzer_sys::fuzz_target;
use s3_inventory::codec::{ROOM_FOR_SNAPPY, inflate_snappy};

/// More is of no use to find something.
const MOST: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Some(([choice, at, to], rest)) = data.split_first_chunk() else { return };
    let stream = if choice & 1 == 0 {
        rest.to_vec()
    } else {
        // Long texts reach what short ones do not: copies from far away, and windows that move.
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
