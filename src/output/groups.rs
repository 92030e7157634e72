//! The worst groups as a table, with bars that lead the eye to the worst line.

use std::borrow::Cow;
use std::io::{self, Write};

use super::Style;
use crate::audit::{Audit, Group, Grouped};
use crate::model::{escape, human_count};
use crate::status::StatusClass;

/// Cells of the longest bar.
const BAR: u64 = 20;
/// Eighths of a cell.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Figures of one group that its place in the order comes from.
struct Figures {
    failed: u64,
    overdue: u64,
    not_replicated: u64,
    objects: u64,
}

impl Figures {
    fn of(group: &Group) -> Self {
        let of_class = |class| {
            let statuses = group.statuses.iter().filter(|(word, _)| StatusClass::of_report(word) == class);
            statuses.map(|(_, totals)| totals.objects).sum()
        };
        Self {
            failed: of_class(StatusClass::Failed),
            overdue: group.overdue.as_ref().map_or(0, |overdue| overdue.objects),
            not_replicated: of_class(StatusClass::NotReplicated),
            objects: group.statuses.values().map(|totals| totals.objects).sum(),
        }
    }

    fn bad(&self) -> u64 {
        self.failed + self.overdue
    }
}

pub(super) fn write_groups(audit: &Audit, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    let mut groups = audit.groups.as_slice();
    for grouped in &audit.grouped {
        let (of_this, rest) = groups.split_at(groups.len().min(usize::try_from(grouped.shown).unwrap_or(usize::MAX)));
        groups = rest;
        writeln!(out)?;
        dimension(grouped, of_this, out, style)?;
    }
    Ok(())
}

fn dimension(grouped: &Grouped, groups: &[Group], out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    let shown = if grouped.shown < grouped.values {
        format!("the worst {} of {}", human_count(grouped.shown), human_count(grouped.values))
    } else {
        format!("all {}", human_count(grouped.values))
    };
    let cut = if grouped.asked == grouped.dimension {
        String::new()
    } else {
        format!("; {} has too many values and was cut to {}", grouped.asked, grouped.dimension)
    };
    writeln!(out, "By {}: {shown}{cut}", grouped.dimension)?;
    let heading = "     FAILED     OVERDUE  NOT REPL.     OBJECTS";
    writeln!(out, "{}", style.strong(&format!("{heading}  {:<1$}  VALUE", "", BAR as usize)))?;
    let figures: Vec<Figures> = groups.iter().map(Figures::of).collect();
    // What has not failed anywhere is compared by what was never replicated.
    let by_bad = figures.iter().any(|group| group.bad() > 0);
    let length = |group: &Figures| if by_bad { group.bad() } else { group.not_replicated };
    let longest = figures.iter().map(length).max().unwrap_or(0);
    for (group, figures) in groups.iter().zip(&figures) {
        let bar = format!("{:<1$}", bar(length(figures), longest), BAR as usize);
        writeln!(
            out,
            "{:>11} {:>11} {:>10} {:>11}  {}  {}",
            human_count(figures.failed),
            human_count(figures.overdue),
            human_count(figures.not_replicated),
            human_count(figures.objects),
            if by_bad { style.bad(&bar) } else { style.warn(&bar) },
            name(&group.value),
        )?;
    }
    Ok(())
}

/// Never nothing for more than nothing.
fn bar(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return String::new();
    }
    let eighths = (u128::from(part) * u128::from(BAR) * 8 / u128::from(whole)).max(1) as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

fn name(value: &str) -> Cow<'_, str> {
    if value.is_empty() { "(none)".into() } else { escape(value) }
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
