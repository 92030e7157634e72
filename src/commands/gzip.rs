//! Texts that may be gzipped: which they are shows in their first bytes, not in their name.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// The first bytes of every gzip file (RFC 1952).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Whether bytes begin a gzip file. No text begins like this.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// The text itself, inflated if it is gzipped. An error at its end if it was cut, or if its checksum differs.
pub(super) fn plain<'a>(mut text: impl BufRead + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut first = Vec::with_capacity(MAGIC.len());
    text.by_ref().take(MAGIC.len() as u64).read_to_end(&mut first)?;
    let whole = Cursor::new(first.clone()).chain(text);
    Ok(match is_gzip(&first) {
        true => Box::new(BufReader::with_capacity(64 << 10, MultiGzDecoder::new(whole))),
        false => Box::new(whole),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(text).unwrap();
        out.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        plain(BufReader::with_capacity(5, bytes))?.read_to_end(&mut text)?;
        Ok(text)
    }

    proptest! {
        /// Gzipped in any number of members, or not at all: the same text.
        #[test]
        fn a_text_is_the_same_gzipped_or_not(text in prop::collection::vec(any::<u8>(), 0..2000), at in any::<prop::sample::Index>()) {
            prop_assume!(!is_gzip(&text));
            let at = at.index(text.len() + 1);
            prop_assert_eq!(read(&text).unwrap(), text.clone());
            prop_assert_eq!(read(&gzip(&text)).unwrap(), text.clone());
            prop_assert_eq!(read(&[gzip(&text[..at]), gzip(&text[at..])].concat()).unwrap(), text);
        }
    }

    #[test]
    fn a_cut_or_damaged_gzip_is_an_error() {
        let whole = gzip(b"bucket,key\n");
        for end in 2..whole.len() {
            assert!(read(&whole[..end]).is_err(), "cut after {end}");
        }
        let mut wrong = whole.clone();
        let last = wrong.len() - 5;
        wrong[last] ^= 1;
        assert!(read(&wrong).is_err(), "the checksum differs");
        assert!(read(&[&whole[..], b"more"].concat()).is_err());
    }
}
