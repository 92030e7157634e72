//! Searches short texts.

/// Whether there is such a byte: nearly no text of an export has one. Compares many bytes at once, if `is` has no branches.
#[inline]
pub(super) fn any_byte(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    const LANES: usize = 16;
    let found = |bytes: &[u8]| bytes.iter().fold(false, |found, byte| found | is(*byte));
    match bytes.last_chunk::<LANES>() {
        None => found(bytes),
        // The last bytes again, instead of a rest byte by byte.
        Some(last) => bytes.as_chunks::<LANES>().0.iter().fold(found(last), |any, chunk| any | found(chunk)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_byte_is_found_wherever_it_is(bytes in "[ab]{0,70}", at: proptest::sample::Index) {
            let mut bytes = bytes.into_bytes();
            proptest::prop_assert!(!any_byte(&bytes, |byte| byte == b'c'));
            bytes.insert(at.index(bytes.len() + 1), b'c');
            proptest::prop_assert!(any_byte(&bytes, |byte| byte == b'c'));
        }
    }
}
