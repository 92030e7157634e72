//! What explains a status, for people: a mark for what is known of each claim, and its text wrapped beside it.

use super::super::terminal::{Style, wrap};
use crate::model::escape;
use crate::status::{Claim, ClaimState};

/// Fits a terminal of 100 columns, as the help does: for a pipe, which has no width, and for wide terminals.
const WIDTH: usize = 96;
/// A text beside its label is not narrower than this.
const LEAST: usize = 30;

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
        beside(&label, MARK + 2 + ABOUT, &claim.text, style)
    };
    claims.iter().flat_map(lines_of).collect()
}

/// A text wrapped beside a label that is `columns` wide.
pub(super) fn beside(label: &str, columns: usize, text: &str, style: Style) -> Vec<String> {
    // The table indents these lines by two.
    let width = style.width().map_or(WIDTH, |width| width.saturating_sub(2).min(WIDTH));
    let mut lines = wrap(&escape(text), width.saturating_sub(columns + 2).max(LEAST)).into_iter();
    let first = format!("{label}  {}", lines.next().unwrap_or_default());
    let rest = lines.map(|line| format!("{:columns$}  {line}", ""));
    std::iter::once(first.trim_end().to_owned()).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let narrow = super::lines(&claims, Style::of_width(80));
        assert!(narrow.iter().all(|line| line.chars().count() <= 78), "{narrow:?}");
    }
}
