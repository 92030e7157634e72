//! Texts as S3 writes them: keys and XML content encoded, points in time.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Form encoding leaves these; `/` stays literal in S3's lists and reports, and space becomes `+`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b' ');

/// A key as reports in CSV and `encoding-type=url` have it.
pub(crate) fn form_encoded(key: &str) -> String {
    utf8_percent_encode(key, KEPT).to_string().replace(' ', "+")
}

/// Text as the content of an XML element.
pub(crate) fn xml_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(letter))),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Milliseconds since 1970 as a point in time; out of range becomes 1970.
pub(crate) fn time(ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// The same in whole seconds, as documents have it.
pub(crate) fn date_time(ms: i64) -> String {
    time(ms).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// And as HTTP writes dates.
pub(crate) fn http_date(ms: i64) -> String {
    time(ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_form_encoded() {
        assert_eq!(form_encoded("a/b c+d.txt"), "a/b+c%2Bd.txt");
        assert_eq!(form_encoded("dt=1/\u{e9}\n\"~,*-_"), "dt%3D1/%C3%A9%0A%22%7E%2C*-_");
    }
}
