//! Breaks lines for a terminal.

/// Breaks a text at spaces. A word that is too long stays whole: it may be a key, which must be copied whole. No line begins
/// with what a CI log could take for a command, such as `::error::`, which GitHub obeys behind spaces too.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    // Spaces are kept where they do not end a line: keys may hold several in a row.
    for word in text.split_inclusive(' ') {
        let letters = word.trim_end_matches(' ').chars().count();
        let harmless =
            word.starts_with("--") || word.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '('));
        if length > 0 && length + letters > width && harmless {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            length = 0;
        }
        line.push_str(word);
        length += word.chars().count();
    }
    if !line.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_only() {
        let table = [
            ("", 5, vec![]),
            ("a", 5, vec!["a"]),
            ("aaa bbb", 7, vec!["aaa bbb"]),
            ("aaa bbb", 6, vec!["aaa", "bbb"]),
            ("aaa bbb ccc", 7, vec!["aaa bbb", "ccc"]),
            ("averylongword b", 5, vec!["averylongword", "b"]),
            ("a  b", 9, vec!["a  b"]),
            ("üüü ööö", 7, vec!["üüü ööö"]),
            ("aaa --wait", 7, vec!["aaa", "--wait"]),
            ("aaa ::error::x bbb", 5, vec!["aaa ::error::x", "bbb"]),
            ("aaa ##[error]x \"b", 5, vec!["aaa ##[error]x", "\"b"]),
        ];
        for (text, width, lines) in table {
            assert_eq!(wrap(text, width), lines, "{text:?} in {width}");
        }
    }
}
