//! Searches short texts.

/// Whether there is such a byte. Compares many at once, if `is` has no branches: texts of an export are short, and nearly none
/// has one.
#[inline]
pub(super) fn any_byte(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    const LANES: usize = 16;
    let Some(last) = bytes.last_chunk::<LANES>() else { return bytes.iter().any(|byte| is(*byte)) };
    let (chunks, _) = bytes.as_chunks::<LANES>();
    // The last bytes again, instead of a rest byte by byte.
    let found = chunks.iter().chain([last]).fold([false; LANES], |mut found, chunk| {
        found.iter_mut().zip(chunk).for_each(|(found, byte)| *found |= is(*byte));
        found
    });
    found.contains(&true)
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
