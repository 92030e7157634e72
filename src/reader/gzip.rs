//! Inflates a file that is in memory as a whole, which takes half the time of streaming it.
//!
//! The whole-buffer library stops at the end of the first gzip member and does not say where that was, and files of several
//! members exist. So the deflate stream is inflated by itself, and the file's last eight bytes, CRC and length, must be those
//! of what came out: then it was the only member, or the last of several equal ones; and that is excluded by looking for
//! the same eight bytes further up. In every doubt there is no answer, and the caller streams, which is always right.

use flate2::bufread::GzDecoder;
use libdeflater::{Decompressor, crc32};

use super::memory::{Buffer, Share};

/// CRC and length behind the deflate stream.
const TRAILER: usize = 8;
/// An inventory that claims to shrink to less than a twentieth is not believed: its buffer would be paid for by others.
const MOST_RATIO: usize = 20;

/// Inflates one file after the other.
pub(super) struct Inflater {
    decompressor: Decompressor,
    buffer: Buffer,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { decompressor: Decompressor::new(), buffer: Buffer::default() }
    }

    /// What `stored` holds, if it is one sound gzip member that the share of memory has room for.
    pub(super) fn inflate(&mut self, stored: &[u8], share: &Share) -> Option<&[u8]> {
        let (_, trailer) = stored.split_last_chunk::<TRAILER>()?;
        let [c0, c1, c2, c3, l0, l1, l2, l3] = *trailer;
        let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok()?;
        if length > stored.len().saturating_mul(MOST_RATIO) {
            return None;
        }
        let stream = without_header(stored)?;
        let deflated = &stream[..stream.len().checked_sub(TRAILER)?];
        let inflated = self.buffer.of(length, share)?;
        let written = self.decompressor.deflate_decompress(deflated, inflated).ok()?;
        let sound = written == length
            && crc32(inflated) == u32::from_le_bytes([c0, c1, c2, c3])
            && memchr::memmem::find(deflated, trailer).is_none();
        sound.then_some(&*inflated)
    }
}

/// What stands behind the first member's header.
fn without_header(stored: &[u8]) -> Option<&[u8]> {
    let decoder = GzDecoder::new(stored);
    // Reading the header takes exactly its bytes.
    decoder.header()?;
    Some(decoder.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use flate2::bufread::MultiGzDecoder;
    use flate2::write::GzEncoder;
    use flate2::{Compression, GzBuilder};

    use super::super::memory::Memory;
    use super::*;

    fn gzip(text: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn whole(stored: &[u8]) -> Option<Vec<u8>> {
        Inflater::new().inflate(stored, &Memory::new(0, 1).inflated).map(<[u8]>::to_vec)
    }

    #[test]
    fn one_sound_member_is_inflated_whole() {
        let text = b"\"a\",\"b\"\n".repeat(3);
        assert_eq!(whole(&gzip(&text, 6)).as_deref(), Some(&text[..]));
        assert_eq!(whole(&gzip(b"", 6)).as_deref(), Some(&b""[..]));
        let mut named =
            GzBuilder::new().filename("x.csv").comment("c").extra(vec![1, 2, 3]).write(Vec::new(), Compression::best());
        named.write_all(&text).unwrap();
        assert_eq!(whole(&named.finish().unwrap()).as_deref(), Some(&text[..]));
    }

    #[test]
    fn whatever_is_doubtful_is_left_to_streaming() {
        let (one, two) = (gzip(b"first member", 6), gzip(b"second member", 6));
        let cases: [(&str, Vec<u8>); 9] = [
            ("two members", [&one[..], &two].concat()),
            ("the same member twice", [&one[..], &one].concat()),
            ("the same member thrice", [&one[..], &one, &one].concat()),
            ("an empty one behind", [&one[..], &gzip(b"", 6)].concat()),
            ("zeros behind", [&one[..], &[0; 16]].concat()),
            ("truncated", one[..one.len() - 1].to_vec()),
            ("no gzip", b"\"a\",\"b\"\n".to_vec()),
            ("nothing", Vec::new()),
            ("shrunk beyond belief", gzip(&[b'x'; 100_000], 9)),
        ];
        for (name, stored) in cases {
            assert_eq!(whole(&stored), None, "{name}");
        }
        let mut claims = gzip(b"short", 6);
        let end = claims.len();
        claims[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(whole(&claims), None, "a length of 4 GiB");
        for at in 0..one.len() {
            let mut damaged = one.clone();
            damaged[at] ^= 0x10;
            let mut streamed = Vec::new();
            let sound = MultiGzDecoder::new(&damaged[..]).read_to_end(&mut streamed).is_ok();
            assert!(whole(&damaged).is_none_or(|text| sound && text == streamed), "byte {at}");
        }
    }

    proptest::proptest! {
        /// Whatever members are put together: an answer is what streaming gives.
        #[test]
        fn an_answer_is_what_streaming_gives(
            members in proptest::collection::vec((proptest::sample::select(vec!["", "a", "bb\n", "\"x\",\"y\"\n"]), 0..4usize, 0u32..10), 1..4),
            cut in 0usize..30,
        ) {
            let mut stored: Vec<u8> = members.iter().flat_map(|(text, times, level)| gzip(text.repeat(*times).as_bytes(), *level)).collect();
            stored.truncate(stored.len().saturating_sub(cut.saturating_sub(15)));
            let mut streamed = Vec::new();
            let sound = MultiGzDecoder::new(&stored[..]).read_to_end(&mut streamed).is_ok();
            if let Some(text) = whole(&stored) {
                proptest::prop_assert!(sound);
                proptest::prop_assert_eq!(text, streamed);
            }
        }
    }
}
