//! The encoding of keys in CSV reports: form style, so `+` is a space and `%2B` a plus; `/` is not encoded.

use std::borrow::Cow;

/// Decodes the Key cell of a CSV report. The result may be other bytes than UTF-8.
///
/// `None` if a `%` is not followed by two hex digits.
pub fn decode_key(cell: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !cell.iter().any(|b| matches!(b, b'+' | b'%')) {
        return Some(Cow::Borrowed(cell));
    }
    let mut rest = cell;
    while let Some(at) = rest.iter().position(|b| *b == b'%') {
        let digits = rest.get(at + 1..at + 3)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = &rest[at + 3..];
    }
    let spaced: Vec<u8> = cell.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    Some(Cow::Owned(percent_encoding::percent_decode(&spaced).collect()))
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
}
