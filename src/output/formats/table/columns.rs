//! Sentences, columns and bars of tables.

use std::io::{self, Write};

use crate::audit::{ClassWord, LimitResult};
use crate::output::model::{ShownChange, change_column, change_width, found_now, limit_actual, limit_text, sentence};
use crate::output::terminal::Style;

pub(super) fn write_sentence(
    text: &str,
    out: &mut dyn Write,
    style: Style,
    paint: impl Fn(Style, &str) -> String,
) -> io::Result<()> {
    sentence(text, style).iter().try_for_each(|line| writeln!(out, "{}", paint(style, line)))
}

pub(super) fn write_limit<C: ClassWord>(
    limit: &LimitResult<C>,
    change: &str,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let mark = if limit.exceeded { style.bad("exceeded") } else { style.good("ok") };
    let now = found_now(limit).unwrap_or_default();
    let gap = match now.as_str() {
        "" => "",
        now if style.fits(56 + change.chars().count() + now.chars().count()) => "  ",
        _ => "\n  ",
    };
    writeln!(
        out,
        "{:<16} {:>11}{change}  {:<14} {mark}{gap}{now}",
        limit.class.word(),
        limit_actual(limit),
        limit_text(limit)
    )
}

/// Changes beside their figures, as wide as the widest; of no width without an older report.
pub(super) struct ChangeColumn {
    changes: Vec<Option<ShownChange>>,
    pub(super) width: Option<usize>,
    style: Style,
}

impl ChangeColumn {
    pub(super) fn of(changes: impl Iterator<Item = Option<ShownChange>>, style: Style) -> Self {
        let changes: Vec<_> = changes.collect();
        let width = change_width(changes.iter().flatten());
        Self { changes, width, style }
    }

    /// The room of the column in a heading.
    pub(super) fn gap(&self) -> String {
        change_column(None, self.width, self.style)
    }

    pub(super) fn cell(&self, at: usize) -> String {
        change_column(self.changes[at].as_ref(), self.width, self.style)
    }
}

/// The width of the longest bar.
pub(super) const BAR: u64 = 20;
/// Eighths of a column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Never empty for more than zero.
pub(super) fn bar(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return String::new();
    }
    let eighths = (u128::from(part) * u128::from(BAR) * 8 / u128::from(whole)).max(1) as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_what_they_show() {
        for (part, whole, text) in [
            (0, 0, ""),
            (0, 5, ""),
            (1, u64::MAX, "▏"),
            (5, 5, "████████████████████"),
            (1, 16, "█▎"),
            (1, 2, "██████████"),
        ] {
            assert_eq!(bar(part, whole), text, "{part} of {whole}");
        }
    }
}
