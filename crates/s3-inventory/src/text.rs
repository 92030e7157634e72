//! Escapes texts of a report for messages.

use std::borrow::Cow;

/// Escapes control, direction and invisible characters, so that a key can't move the cursor, forge a line of a CI log, or
/// change the order of the text.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.into()
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Quotes and escapes a cell for a message: at most 80 characters.
pub fn quoted(cell: &[u8]) -> String {
    const MOST: usize = 80;
    // A character has at most four bytes, so the rest is never shown.
    let head = String::from_utf8_lossy(&cell[..cell.len().min(4 * MOST)]);
    let escaped = escape(&head);
    let mut text: String = escaped.chars().take(MOST).collect();
    if text.len() < escaped.len() || cell.len() > 4 * MOST {
        text.push('…');
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let table = [
            ("plain ü 語", "plain ü 語"),
            ("a\nb\r\t", "a\\nb\\r\\t"),
            ("\u{1b}]0;x\u{7}", "\\u{1b}]0;x\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\\u{202e}b\\u{2066}c\\u{200f}"),
            ("\u{feff}x\u{200b}", "\\u{feff}x\\u{200b}"),
        ];
        for (text, shown) in table {
            assert_eq!(escape(text), shown);
        }
    }

    #[test]
    fn cells_are_quoted_and_cut() {
        assert_eq!(quoted(b"plain"), "\"plain\"");
        assert_eq!(quoted(b"a\x1b[31m\n"), "\"a\\u{1b}[31m\\n\"");
        assert_eq!(quoted(&[b'x'; 81]), format!("\"{}…\"", "x".repeat(80)));
        assert_eq!(quoted(&[b'x'; 80]), format!("\"{}\"", "x".repeat(80)));
        assert!(quoted(&[0; 5000]).chars().count() <= 83);
    }
}
