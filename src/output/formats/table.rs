//! table: for people. Columns have fixed widths, so that rows can stream.

use std::io::{self, Write};

use super::{Format, RowWriter, RunFacts};
use crate::audit::{Audit, Grouped, Limit, LimitResult, ReportScope, StatusTotals, Verified};
use crate::model::{StatusClass, escape, human_bytes, human_count};
use crate::output::model::{
    Figure, GroupFigures, OverdueText, PrintedTexts, ReportRow, ReportSummary, ShownChange, accepting, ago, caption,
    change_column, change_width, delete_markers, dimensions, exceeded_classes, found_now, limit_actual, limit_change,
    older_by, or_dash, plural, share, size_or, status_change,
};
use crate::output::terminal::Style;

pub(super) static FORMAT: Format = Format {
    word: "table",
    about: "for people",
    write_audit,
    open_rows: Some(|_, out, style| {
        Box::new(TableRows { out, style, started: false, printed: PrintedTexts::default() })
    }),
    write_unanswered: None,
    summary: None,
    shows_properties: true,
};

fn write_audit(audit: &Audit, run: &RunFacts<'_>, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    let report = &audit.report;
    let head = format!("Bucket {} as its inventory of {} lists it", report.source_bucket, report.scanned_at);
    writeln!(out, "{} ({} ago)", style.strong(&escape(&head)), ago(report.age_seconds))?;
    writeln!(
        out,
        "{}: {}, {}, {}, checked by {}",
        escape(&report.manifest),
        report.format,
        plural(report.files, "file"),
        human_bytes(report.bytes),
        match report.verified {
            Verified::Md5 => "MD5",
            Verified::Etag => "ETag",
            Verified::Footer => "structure",
            Verified::None => "size only",
        }
    )?;
    if let Some(since) = &audit.since {
        let (at, by) = (since.previous.scanned_at, older_by(audit, since));
        writeln!(out, "compared with its inventory of {at}, {by} older: {}", escape(&since.previous.manifest))?;
    }
    for left_out in report.scope.iter().flat_map(ReportScope::leaves_out) {
        writeln!(out, "{}", style.warn(&escape(&left_out)))?;
    }
    writeln!(out)?;
    write_statuses(audit, out, style)?;
    if let Some(OverdueText { count, change, verb, oldest }) = OverdueText::of(audit) {
        let oldest = oldest.map(|at| format!(", the oldest of {at}")).unwrap_or_default();
        let change = change.map(|change| format!(" {}", change.padded(0, style))).unwrap_or_default();
        writeln!(out, "{}{change} of the pending {verb} overdue{oldest}", style.warn(&count))?;
    }
    let skipped = audit.rows_scanned - audit.rows;
    writeln!(
        out,
        "{}, {}{}",
        plural(audit.objects(), "object version"),
        delete_markers(audit, str::to_owned),
        if skipped > 0 { format!(", {} out of scope", plural(skipped, "row")) } else { String::new() }
    )?;
    dimensions(audit).try_for_each(|(grouped, groups)| write_groups(grouped, &groups, out, style))?;
    writeln!(out)?;
    let changes = ChangeColumn::of(audit.limits.iter().map(limit_change), style);
    for (at, limit) in audit.limits.iter().enumerate() {
        write_limit(limit, &changes.cell(at), out, style)?;
    }
    match exceeded_classes(audit).as_slice() {
        [] => writeln!(out, "{}", style.good("PASS"))?,
        words => writeln!(out, "{}: {}", style.bad("FAIL"), words.join(", "))?,
    }
    if let Some(options) = accepting(audit) {
        writeln!(out, "to accept today's figures: {options}")?;
    }
    run.exported.map_or(Ok(()), |exported| exported.write(out, style))
}

fn write_statuses(audit: &Audit, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let changes = ChangeColumn::of(audit.statuses.iter().map(|(status, totals)| status_change(status, totals)), style);
    let heading = changes.width.map(|width| format!(" {:>width$}", "CHANGE")).unwrap_or_default();
    let heading = format!("STATUS               OBJECTS{heading}       BYTES   SHARE  OLDEST                NEWEST");
    writeln!(out, "{}", style.strong(&heading))?;
    for (at, (status, totals)) in audit.statuses.iter().enumerate() {
        let paint: fn(Style, &str) -> String = match status.class() {
            StatusClass::Replicated => Style::good,
            StatusClass::Pending | StatusClass::Replica => Style::warn,
            StatusClass::Failed | StatusClass::NotReplicated | StatusClass::Unknown => Style::bad,
        };
        let StatusTotals { objects, bytes, oldest, newest } = totals.figure;
        writeln!(
            out,
            "{} {:>11}{} {:>11} {:>7}  {:<20}  {}",
            paint(style, &format!("{:<16}", escape(status.reported()))),
            human_count(objects),
            changes.cell(at),
            size_or("-", bytes),
            share(objects, audit.objects()),
            or_dash(oldest),
            or_dash(newest)
        )?;
    }
    Ok(())
}

fn write_limit(limit: &LimitResult, change: &str, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let mark = if limit.exceeded { style.bad("exceeded") } else { style.good("ok") };
    let bound = if limit.limit == Limit::Off { "no limit".to_owned() } else { format!("limit {}", limit.limit) };
    let now = found_now(limit).map(|now| format!("  {now}")).unwrap_or_default();
    writeln!(out, "{:<16} {:>11}{change}  {bound:<14} {mark}{now}", limit.class.word(), limit_actual(limit))
}

/// Changes beside their figures, as wide as the widest; of no width without an older report.
struct ChangeColumn {
    changes: Vec<Option<ShownChange>>,
    width: Option<usize>,
    style: Style,
}

impl ChangeColumn {
    fn of(changes: impl Iterator<Item = Option<ShownChange>>, style: Style) -> Self {
        let changes: Vec<_> = changes.collect();
        let width = change_width(changes.iter().flatten());
        Self { changes, width, style }
    }

    /// The room of the column in a heading.
    fn gap(&self) -> String {
        change_column(None, self.width, self.style)
    }

    fn cell(&self, at: usize) -> String {
        change_column(self.changes[at].as_ref(), self.width, self.style)
    }
}

/// The width of the longest bar.
const BAR: u64 = 20;
/// Eighths of a column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The worst groups, with bars that lead the eye to the worst line.
fn write_groups(grouped: &Grouped, groups: &[GroupFigures<'_>], out: &mut dyn Write, style: Style) -> io::Result<()> {
    writeln!(out, "\nBy {}: {}", grouped.dimension, caption(grouped))?;
    let column = |figure: for<'a, 'g> fn(&'a GroupFigures<'g>) -> &'a Figure| {
        ChangeColumn::of(groups.iter().map(|group| figure(group).change.clone()), style)
    };
    let failed = column(|group| &group.failed);
    let overdue = column(|group| &group.overdue);
    let not_replicated = column(|group| &group.not_replicated);
    let objects = column(|group| &group.objects);
    let heading = format!(
        "     FAILED{}     OVERDUE{}  NOT REPL.{}     OBJECTS{}  {:<5$}  VALUE",
        failed.gap(),
        overdue.gap(),
        not_replicated.gap(),
        objects.gap(),
        "",
        BAR as usize
    );
    writeln!(out, "{}", style.strong(&heading))?;
    let count = |figure: &Figure| figure.count.unwrap_or(0);
    let bad = |group: &GroupFigures<'_>| count(&group.failed) + count(&group.overdue);
    // What has not failed anywhere is compared by what was never replicated.
    let by_bad = groups.iter().any(|group| bad(group) > 0);
    let length = |group: &GroupFigures<'_>| if by_bad { bad(group) } else { count(&group.not_replicated) };
    let longest = groups.iter().map(length).max().unwrap_or(0);
    for (at, group) in groups.iter().enumerate() {
        let bar = format!("{:<1$}", bar(length(group), longest), BAR as usize);
        writeln!(
            out,
            "{:>11}{} {:>11}{} {:>10}{} {:>11}{}  {}  {}",
            group.failed.text("-"),
            failed.cell(at),
            group.overdue.text("-"),
            overdue.cell(at),
            group.not_replicated.text("-"),
            not_replicated.cell(at),
            group.objects.text("-"),
            objects.cell(at),
            if by_bad { style.bad(&bar) } else { style.warn(&bar) },
            escape(group.value),
        )?;
    }
    Ok(())
}

/// Never empty for more than zero.
fn bar(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return String::new();
    }
    let eighths = (u128::from(part) * u128::from(BAR) * 8 / u128::from(whole)).max(1) as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

struct TableRows<'a> {
    out: &'a mut (dyn Write + Send),
    style: Style,
    started: bool,
    printed: PrintedTexts,
}

impl RowWriter for TableRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        if !self.started {
            self.started = true;
            writeln!(self.out, "{}", self.style.strong(&row.heading()))?;
        }
        writeln!(self.out, "{}", row.line(self.style))?;
        for text in row.details() {
            writeln!(self.out, "  {}", escape(&text))?;
        }
        for hint in row.hints().iter().filter(|hint| self.printed.is_new(hint)) {
            writeln!(self.out, "  {}", self.style.faint(&escape(hint)))?;
        }
        row.below(self.style).iter().try_for_each(|line| match line.as_str() {
            "" => writeln!(self.out),
            line => writeln!(self.out, "  {line}"),
        })
    }

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()> {
        summary.line(self.style, self.started).map_or(Ok(()), |line| writeln!(self.out, "{line}"))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
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
