//! Keeps texts from S3 harmless where people read them.

/// Escapes control, direction and invisible characters, so that a key can neither move a cursor, nor forge a line of a
/// CI log, nor show in another order than it has.
#[must_use]
pub fn escape(text: &str) -> std::borrow::Cow<'_, str> {
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

/// Quotes a value for a POSIX shell.
#[must_use]
pub fn sh_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
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
    fn quoted_values_are_one_word_of_sh() {
        let table = [
            ("s3://b/k", "s3://b/k"),
            ("", "''"),
            ("a b", "'a b'"),
            ("a'b", r"'a'\''b'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("ü", "'ü'"),
        ];
        for (text, quoted) in table {
            assert_eq!(sh_quote(text), quoted);
        }
    }
}
