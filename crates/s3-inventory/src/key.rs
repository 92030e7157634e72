//! The encoding of keys in CSV reports: form style, so `+` is a space and `%2B` a plus; `/` is not encoded.

use std::borrow::Cow;

/// Decodes the Key cell of a CSV report. The result may be other bytes than UTF-8.
///
/// `None` if a `%` is not followed by two hex digits.
pub fn decode_key(cell: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !cell.iter().any(|b| matches!(b, b'+' | b'%')) {
        return Some(Cow::Borrowed(cell));
    }
    let mut key = Vec::with_capacity(cell.len());
    decode_key_into(cell, &mut key).then_some(Cow::Owned(key))
}

/// The bytes that the escapes of a Key cell mean; `None` for a `%` without two hex digits, in which case [`decode_key`] refuses
/// the cell. Cheaper than decoding where only the escapes matter.
pub fn key_escapes(cell: &[u8]) -> impl Iterator<Item = Option<u8>> + '_ {
    memchr::memchr_iter(b'%', cell).map(|at| escape_at(cell, at))
}

#[inline]
fn escape_at(cell: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| cell.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    // Two hex digits are one byte.
    Some((digit(at + 1)? << 4 | digit(at + 2)?) as u8)
}

/// Appends the decoded Key cell of a CSV report to `out`; returns whether it could be decoded, as [`decode_key`] says.
///
/// For callers that decode every key and keep one buffer.
#[inline]
#[must_use]
pub fn decode_key_into(cell: &[u8], out: &mut Vec<u8>) -> bool {
    let mut rest = cell;
    while let Some(at) = memchr::memchr2(b'+', b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        if rest[at] == b'+' {
            out.push(b' ');
            rest = &rest[at + 1..];
            continue;
        }
        let Some(byte) = escape_at(rest, at) else { return false };
        out.push(byte);
        rest = &rest[at + 3..];
    }
    out.extend_from_slice(rest);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_style_is_decoded() {
        let table: [(&[u8], Option<&[u8]>); 10] = [
            (b"a/b", Some(b"a/b")),
            (b"a/b+c%2Bd.txt", Some(b"a/b c+d.txt")),
            (b"hive/dt%3D2024-05-07-01-00/symlink.txt", Some(b"hive/dt=2024-05-07-01-00/symlink.txt")),
            (b"%E4%B8%AD%F0%9F%98%80", Some("中😀".as_bytes())),
            (b"%0A%22%2C%25", Some(b"\n\",%")),
            (b"%2b%e4", Some(b"+\xe4")),
            (b"%", None),
            (b"a%2", None),
            (b"a%2G", None),
            (b"%+1", None),
        ];
        for (cell, key) in table {
            assert_eq!(decode_key(cell).as_deref(), key, "{}", String::from_utf8_lossy(cell));
        }
    }

    proptest::proptest! {
        /// Both ways to decode return what the library returns, and refuse what it passes on as it is.
        #[test]
        fn keys_are_decoded_as_the_library_does(
            parts in proptest::collection::vec(
                proptest::sample::select(vec!["a", "+", "%", "%2", "%2B", "%c3%BC", "%zz", "/", "é"]), 0..8,
            ),
        ) {
            let cell = parts.concat();
            let mut out = b"before".to_vec();
            let decoded = decode_key_into(cell.as_bytes(), &mut out);
            let is_escape = |at: usize| {
                cell.as_bytes().get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            };
            proptest::prop_assert_eq!(decoded, cell.match_indices('%').all(|(at, _)| is_escape(at)));
            let key = decode_key(cell.as_bytes());
            proptest::prop_assert_eq!(key.as_deref(), decoded.then_some(&out[6..]));
            let escapes: Option<Vec<u8>> = key_escapes(cell.as_bytes()).collect();
            proptest::prop_assert_eq!(escapes.is_some(), decoded);
            if decoded {
                let spaced = cell.replace('+', " ");
                proptest::prop_assert_eq!(&out[6..], percent_encoding::percent_decode_str(&spaced).collect::<Vec<u8>>());
            }
        }
    }
}
