//! What explains a status, for people: a mark for what is known of each claim, and its text wrapped beside it.

use super::super::terminal::Style;
use crate::model::escape;
use crate::status::{Claim, ClaimState};

/// Fits a terminal of 100 columns, as the help does; a pipe has no width to ask for.
const WIDTH: usize = 96;

const MARK: usize = 9;
const ABOUT: usize = 16;

/// What a claim is about, unless the mark says the same.
pub(super) fn about(claim: &Claim) -> &'static str {
    if claim.about == mark(claim) { "" } else { claim.about }
}

/// The word before a claim.
pub(super) fn mark(claim: &Claim) -> &'static str {
    match claim.state {
        ClaimState::Holds => "holds",
        ClaimState::RuledOut => "ruled out",
        ClaimState::Unknown => "unknown",
        ClaimState::Info if claim.about == "next" => "next",
        ClaimState::Info => "note",
    }
}

/// The claims as lines, escaped and painted.
pub(super) fn lines(claims: &[Claim], style: Style) -> Vec<String> {
    let lines_of = |claim: &Claim| {
        let paint = |word: &str| match claim.state {
            ClaimState::Holds => style.strong(word),
            ClaimState::Unknown => style.warn(word),
            ClaimState::RuledOut => style.faint(word),
            ClaimState::Info if claim.about == "next" => style.good(word),
            ClaimState::Info => style.faint(word),
        };
        let label = format!("{}  {:<ABOUT$}", paint(&format!("{:<MARK$}", mark(claim))), about(claim));
        beside(&label, MARK + 2 + ABOUT, &claim.text)
    };
    claims.iter().flat_map(lines_of).collect()
}

/// A text wrapped beside a label that is `columns` wide.
pub(super) fn beside(label: &str, columns: usize, text: &str) -> Vec<String> {
    let mut lines = wrap(&escape(text), WIDTH - columns - 2).into_iter();
    let first = format!("{label}  {}", lines.next().unwrap_or_default());
    let rest = lines.map(|line| format!("{:columns$}  {line}", ""));
    std::iter::once(first.trim_end().to_owned()).chain(rest).collect()
}

/// Breaks a text at spaces. A word that is too long stays whole: it may be a key, which must be copied whole. No line begins
/// with what a CI log could take for a command, such as `::error::`, which GitHub obeys behind spaces too.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    // Spaces are kept where they do not end a line: keys may hold several in a row.
    for word in text.split_inclusive(' ') {
        let letters = word.trim_end_matches(' ').chars().count();
        let harmless = word.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '('));
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
            ("aaa ::error::x bbb", 5, vec!["aaa ::error::x", "bbb"]),
            ("aaa ##[error]x \"b", 5, vec!["aaa ##[error]x", "\"b"]),
        ];
        for (text, width, lines) in table {
            assert_eq!(wrap(text, width), lines, "{text:?} in {width}");
        }
    }

    #[test]
    fn claims_stand_beside_their_mark_and_are_harmless() {
        let claim = |about, state, text: &str| Claim { about, state, text: text.to_owned() };
        let claims = [
            claim("rule", ClaimState::Holds, "a\n::error::b"),
            claim("kms", ClaimState::RuledOut, "\u{1b}[2J"),
            claim("owner", ClaimState::Unknown, "\u{202e}x"),
            claim("history", ClaimState::Info, "n"),
            claim("next", ClaimState::Info, &"word ".repeat(30)),
        ];
        let lines = lines(&claims, Style::PLAIN);
        assert_eq!(
            lines[..4],
            [
                "holds      rule              a\\n::error::b",
                "ruled out  kms               \\u{1b}[2J",
                "unknown    owner             \\u{202e}x",
                "note       history           n"
            ]
        );
        assert!(lines[4].starts_with("next                         word word"), "{lines:?}");
        assert!(lines[5].starts_with("                             word"), "{lines:?}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
    }
}
