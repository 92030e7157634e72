//! The encoding of keys in lists with `EncodingType` `url`: form style, so `+` is a space.

/// Decodes a text. `None` if a `%` is not followed by two hex digits, or if the result is not UTF-8.
pub(crate) fn form_decoded(text: &str) -> Option<String> {
    let is_hex = |digits: &[u8]| digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
    let mut escapes = text.as_bytes().iter().enumerate().filter(|(_, byte)| **byte == b'%');
    if !escapes.all(|(at, _)| text.as_bytes().get(at + 1..at + 3).is_some_and(is_hex)) {
        return None;
    }
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// The other keys that a text of a list may stand for, if the server does not encode keys as it says: some leave `+` as it
/// is, or encode and do not say so.
pub fn other_readings(listed: &str, key: &str) -> Vec<String> {
    let percent_decoded = percent_encoding::percent_decode_str(listed).decode_utf8().ok().map(String::from);
    let mut readings = Vec::new();
    for reading in [Some(listed.to_owned()), percent_decoded, form_decoded(listed)].into_iter().flatten() {
        if reading != key && !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_text_may_stand_for_other_keys() {
        let table: [(&str, &str, &[&str]); 8] = [
            ("a", "a", &[]),
            ("a+b", "a b", &["a+b"]),
            ("a+b", "a+b", &["a b"]),
            ("a%20b+c", "a b c", &["a%20b+c", "a b+c"]),
            ("a%20b", "a b", &["a%20b"]),
            ("a%20b", "a%20b", &["a b"]),
            ("100%", "100%", &[]),
            ("%FF", "%FF", &[]),
        ];
        for (listed, key, readings) in table {
            assert_eq!(other_readings(listed, key), readings, "{listed}");
        }
    }

    #[test]
    fn form_style_is_decoded() {
        let table = [
            ("a/b", Some("a/b")),
            ("a/b+c%2Bd.txt", Some("a/b c+d.txt")),
            ("%E4%B8%AD%F0%9F%98%80", Some("中😀")),
            ("%0A%22%2C%25", Some("\n\",%")),
            ("%25%32", Some("%2")),
            ("%2b", Some("+")),
            ("%FF", None),
            ("%", None),
            ("a%2", None),
            ("a%2G", None),
            ("%+1", None),
        ];
        for (text, key) in table {
            assert_eq!(form_decoded(text).as_deref(), key, "{text}");
        }
    }
}
