//! The worst groups as a table, with bars that lead the eye to the worst line.

use std::io::{self, Write};

use super::Style;
use super::change::Shown;
use super::figures::{GroupChanges, GroupFigures, caption, dimensions};
use crate::audit::{Audit, Grouped};
use crate::model::{escape, human_count};

/// Cells of the longest bar.
const BAR: u64 = 20;
/// Eighths of a cell.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

pub(super) fn write_groups(audit: &Audit, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    dimensions(audit).try_for_each(|(grouped, groups)| dimension(grouped, &groups, out, style))
}

fn dimension(
    grouped: &Grouped,
    groups: &[GroupFigures<'_>],
    out: &mut (dyn Write + Send),
    style: Style,
) -> io::Result<()> {
    writeln!(out, "\nBy {}: {}", grouped.dimension, caption(grouped))?;
    let columns: [Changes<'_>; 4] = [
        Changes::of(groups, |changes| Some(&changes.failed)),
        Changes::of(groups, |changes| changes.overdue.as_ref()),
        Changes::of(groups, |changes| Some(&changes.not_replicated)),
        Changes::of(groups, |changes| Some(&changes.objects)),
    ];
    let [failed, overdue, not_replicated, objects] = &columns;
    let gaps = columns.each_ref().map(|column| column.gap());
    let heading = format!("     FAILED{}     OVERDUE{}  NOT REPL.{}     OBJECTS{}", gaps[0], gaps[1], gaps[2], gaps[3]);
    writeln!(out, "{}", style.strong(&format!("{heading}  {:<1$}  VALUE", "", BAR as usize)))?;
    let bad = |group: &GroupFigures<'_>| group.failed + group.overdue.unwrap_or(0);
    // What has not failed anywhere is compared by what was never replicated.
    let by_bad = groups.iter().any(|group| bad(group) > 0);
    let length = |group: &GroupFigures<'_>| if by_bad { bad(group) } else { group.not_replicated };
    let longest = groups.iter().map(length).max().unwrap_or(0);
    for (at, group) in groups.iter().enumerate() {
        let bar = format!("{:<1$}", bar(length(group), longest), BAR as usize);
        writeln!(
            out,
            "{:>11}{} {:>11}{} {:>10}{} {:>11}{}  {}  {}",
            human_count(group.failed),
            failed.cell(at, style),
            group.overdue.map_or_else(|| "-".to_owned(), human_count),
            overdue.cell(at, style),
            human_count(group.not_replicated),
            not_replicated.cell(at, style),
            human_count(group.objects),
            objects.cell(at, style),
            if by_bad { style.bad(&bar) } else { style.warn(&bar) },
            escape(group.value),
        )?;
    }
    Ok(())
}

/// One column of changes, as wide as the widest, or of no width without an older report.
struct Changes<'a> {
    changes: Vec<Option<&'a Shown>>,
    width: Option<usize>,
}

impl<'a> Changes<'a> {
    fn of(groups: &'a [GroupFigures<'_>], which: impl Fn(&'a GroupChanges) -> Option<&'a Shown>) -> Self {
        let changes: Vec<_> = groups.iter().map(|group| group.changes.as_ref().and_then(&which)).collect();
        let width = super::change::width(changes.iter().copied().flatten());
        Self { changes, width }
    }

    fn gap(&self) -> String {
        super::change::column(None, self.width, Style::PLAIN)
    }

    fn cell(&self, group: usize, style: Style) -> String {
        super::change::column(self.changes[group], self.width, style)
    }
}

/// Never nothing for more than nothing.
fn bar(part: u64, whole: u64) -> String {
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
