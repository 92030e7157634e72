//! table: for people. Columns have fixed widths, so that rows can stream.

mod columns;
mod pair;

use std::io::{self, Write};

use self::columns::{BAR, ChangeColumn, bar, write_limit, write_sentence};
use super::{Format, ReasonsForm, RowWriter, RunFacts};
use crate::audit::{Audit, Grouped, StatusTotals, UncoveredObjects};
use crate::model::{StatusClass, escape, human_bytes, human_count};
use crate::output::model::{
    Figure, GroupFigures, NextSteps, OverdueText, PrintedTexts, ReportRow, ReportSummary, UNCOVERED, accepting, age_of,
    caption, cause_text, checked_by_report, delete_markers, dimensions, exceeded_classes, join_texts, limit_change,
    older_by, or_dash, other_prefixes, others, plural, reason_bytes, reason_facts, reason_name, sentence, share,
    size_or, status_change, tasks_text, uncovered_notes, unread_text,
};
use crate::output::terminal::Style;
use crate::reasons::ReasonsReport;

pub(super) static FORMAT: Format = Format {
    word: "table",
    about: "for people",
    write_audit,
    write_pair: pair::write,
    open_rows: Some(|_, out, style| {
        Box::new(TableRows { out, style, started: false, printed: PrintedTexts::default() })
    }),
    write_reasons: ReasonsForm::Report(write_reasons),
    needs_every_row: false,
    says_incomplete: true,
    write_unanswered: None,
    summary: None,
    shows_properties: true,
    shows_next_steps: true,
};

fn write_audit(audit: &Audit, run: &RunFacts<'_>, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    let report = &audit.report;
    // A file or a log may be read much later, when an age is wrong.
    let age = style.width().map(|_| format!(" ({})", age_of(report))).unwrap_or_default();
    let head = format!("Bucket {}, inventory of {}{age}", report.source_bucket, report.scanned_at);
    write_sentence(&head, out, style, Style::strong)?;
    let checked_by = checked_by_report(report);
    let (files, bytes) = (plural(report.files, "file"), human_bytes(report.bytes));
    let source = format!("{}: {}, {files}, {bytes}, {checked_by}", report.manifest, report.format);
    write_sentence(&source, out, style, |_, text| text.to_owned())?;
    if let Some(since) = &audit.since {
        let (at, by) = (since.previous.scanned_at, older_by(audit, since));
        let text = format!("compared with the inventory of {at}, {by} older: {}", since.previous.manifest);
        write_sentence(&text, out, style, |_, text| text.to_owned())?;
    }
    for left_out in report.leaves_out() {
        write_sentence(&left_out, out, style, Style::warn)?;
    }
    writeln!(out)?;
    write_statuses(audit, out, style)?;
    if let Some(OverdueText { count, change, what, oldest }) = OverdueText::of(audit) {
        let oldest = oldest.map(|at| format!(", the oldest from {at}")).unwrap_or_default();
        let change = change.map(|change| format!(" {}", change.padded(0, style))).unwrap_or_default();
        writeln!(out, "{}{change} {what}{oldest}", style.warn(&count))?;
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
    write_uncovered(audit.uncovered.as_deref().unwrap_or_default(), out, style)?;
    writeln!(out)?;
    let changes = ChangeColumn::of(audit.limits.iter().map(limit_change), style);
    for (at, limit) in audit.limits.iter().enumerate() {
        write_limit(limit, &changes.cell(at), out, style)?;
    }
    match exceeded_classes(&audit.limits).as_slice() {
        [] => writeln!(out, "{}", style.good("PASS"))?,
        words => writeln!(out, "{}: {}", style.bad("FAIL"), words.join(", "))?,
    }
    write_next_steps(run.next, out, style)?;
    if let Some(exported) = run.exported {
        exported.write(out, style)?;
    }
    accepting(&audit.limits).map_or(Ok(()), |options| writeln!(out, "to accept these numbers: {options}"))
}

/// The cause first, then what shows more of it.
fn write_next_steps(next: &NextSteps, out: &mut dyn Write, style: Style) -> io::Result<()> {
    for (sentence, value) in next.causes.iter().map(cause_text) {
        writeln!(out, "{} {}", style.bad(&sentence), escape(value))?;
    }
    for (at, command) in next.commands.iter().enumerate() {
        writeln!(out, "{} {command}", style.good(if at == 0 { "next:" } else { "then:" }))?;
    }
    Ok(())
}

fn write_statuses(audit: &Audit, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let changes = ChangeColumn::of(audit.statuses.iter().map(|(status, totals)| status_change(status, totals)), style);
    let heading = changes.width.map(|width| format!(" {:>width$}", "CHANGE")).unwrap_or_default();
    let heading = format!("STATUS               OBJECTS{heading}       BYTES   SHARE");
    // A narrow terminal has room for dates without the time of day, or for none.
    let left = style.width().map_or(usize::MAX, |width| width.saturating_sub(heading.chars().count()));
    let dates = match left {
        44.. => Some(20),
        24..44 => Some(10),
        ..24 => None,
    };
    let dated = |oldest: &str, newest: &str| {
        let cut = |text: &str, room: usize| text.chars().take(room).collect::<String>();
        dates.map_or_else(String::new, |room| format!("  {:<room$}  {}", cut(oldest, room), cut(newest, room)))
    };
    writeln!(out, "{}", style.strong(&format!("{heading}{}", dated("OLDEST", "NEWEST"))))?;
    for (at, (status, totals)) in audit.statuses.iter().enumerate() {
        let paint: fn(Style, &str) -> String = match status.class() {
            StatusClass::Replicated => Style::good,
            StatusClass::Pending | StatusClass::Replica => Style::warn,
            StatusClass::Failed | StatusClass::NotReplicated | StatusClass::Unknown => Style::bad,
        };
        let StatusTotals { objects, bytes, oldest, newest } = totals.figure;
        writeln!(
            out,
            "{} {:>11}{} {:>11} {:>7}{}",
            paint(style, &format!("{:<16}", escape(status.reported()))),
            human_count(objects),
            changes.cell(at),
            size_or("-", bytes),
            share(objects, audit.objects()),
            dated(&or_dash(oldest), &or_dash(newest))
        )?;
    }
    Ok(())
}

/// The heading of the values.
const VALUE: &str = "VALUE";

/// A column of figures of groups, with the changes beside them.
struct GroupColumn {
    name: &'static str,
    figures: Vec<String>,
    changes: ChangeColumn,
    width: usize,
}

impl GroupColumn {
    fn of(
        name: &'static str,
        width: usize,
        groups: &[GroupFigures<'_>],
        figure: for<'a, 'g> fn(&'a GroupFigures<'g>) -> &'a Figure,
        style: Style,
    ) -> Self {
        let figures = groups.iter().map(|group| figure(group).text("-")).collect();
        let changes = ChangeColumn::of(groups.iter().map(|group| figure(group).change.clone()), style);
        Self { name, figures, changes, width }
    }

    /// As wide as its texts need.
    fn narrowed(self) -> Self {
        let width = self.figures.iter().map(|figure| figure.chars().count()).max().unwrap_or(0);
        Self { width: width.max(self.name.len()), ..self }
    }

    fn heading(&self) -> String {
        format!("{:>width$}{}", self.name, self.changes.gap(), width = self.width)
    }

    fn cell(&self, at: usize) -> String {
        format!("{:>width$}{}", self.figures[at], self.changes.cell(at), width = self.width)
    }
}

/// The worst groups, with bars that lead the eye to the worst line.
fn write_groups(grouped: &Grouped, groups: &[GroupFigures<'_>], out: &mut dyn Write, style: Style) -> io::Result<()> {
    writeln!(out, "\nBy {}: {}", grouped.dimension, caption(grouped, groups.len()))?;
    if groups.is_empty() {
        return Ok(());
    }
    let columns = [
        GroupColumn::of("FAILED", 11, groups, |group| &group.failed, style),
        GroupColumn::of("OVERDUE", 11, groups, |group| &group.overdue, style),
        GroupColumn::of("NOT REPL.", 10, groups, |group| &group.not_replicated, style),
        GroupColumn::of("OBJECTS", 11, groups, |group| &group.objects, style),
    ];
    let width_of = |columns: &[GroupColumn], gap: &str| {
        columns.iter().map(|column| column.heading().chars().count() + gap.len()).sum::<usize>() - gap.len()
    };
    let longest_value = groups.iter().map(|group| escape(group.value).chars().count()).max().unwrap_or(0);
    // A narrow terminal has no room for bars and wide columns, and the longest values go below their figures.
    let (columns, gap) = match style.fits(width_of(&columns, " ") + 2 + longest_value.clamp(VALUE.len(), 24)) {
        true => (columns, " "),
        false => (columns.map(GroupColumn::narrowed), "  "),
    };
    let figures = width_of(&columns, gap) + 2;
    let bars = if style.fits(figures + BAR as usize + 2 + longest_value) { BAR as usize + 2 } else { 0 };
    let join = |cells: [String; 4]| cells.join(gap);
    let name = if style.fits(figures + VALUE.len()) { VALUE } else { "" };
    let heading = format!("{}  {:<bars$}{name}", join(columns.each_ref().map(GroupColumn::heading)), "");
    writeln!(out, "{}", style.strong(heading.trim_end()))?;
    let count = |figure: &Figure| figure.count.unwrap_or(0);
    let bad = |group: &GroupFigures<'_>| count(&group.failed) + count(&group.overdue);
    // What has not failed anywhere is compared by what was never replicated.
    let by_bad = groups.iter().any(|group| bad(group) > 0);
    let length = |group: &GroupFigures<'_>| if by_bad { bad(group) } else { count(&group.not_replicated) };
    let longest = groups.iter().map(length).max().unwrap_or(0);
    for (at, group) in groups.iter().enumerate() {
        let bar = if bars > 0 { format!("{:<bars$}", bar(length(group), longest)) } else { String::new() };
        let value = escape(group.value);
        let before_value = if style.fits(figures + bars + value.chars().count()) { "  " } else { "\n  " };
        let bar = match bars {
            0 => String::new(),
            _ if by_bad => style.bad(&bar),
            _ => style.warn(&bar),
        };
        let cells = join(columns.each_ref().map(|column| column.cell(at)));
        writeln!(out, "{cells}{before_value}{bar}{value}")?;
    }
    others(grouped).map_or(Ok(()), |others| writeln!(out, "{others}"))
}

/// Why objects are uncovered, then what the causes mean.
fn write_uncovered(list: &[UncoveredObjects], out: &mut dyn Write, style: Style) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    write_sentence(UNCOVERED, out, style, |_, text| text.to_owned())?;
    let heading = format!("{:>11} {:>11}  {:<22}  RULE", "OBJECTS", "BYTES", "CAUSE");
    writeln!(out, "{}", style.strong(&heading))?;
    for objects in list {
        let (count, bytes) = (human_count(objects.totals.objects), size_or("-", objects.totals.bytes));
        writeln!(out, "{count:>11} {bytes:>11}  {:<22}  {}", objects.cause.word(), escape(&objects.rule))?;
    }
    uncovered_notes(list).iter().try_for_each(|note| write_sentence(note, out, style, Style::faint))
}

fn write_reasons(report: &ReasonsReport, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    write_sentence(&tasks_text(report), out, style, Style::strong)?;
    if !report.complete {
        let text = "NOT COMPLETE: nothing of these files is counted";
        write_sentence(text, out, style, Style::bad)?;
        for unread in &report.unread {
            write_sentence(&format!("  {}", unread_text(unread)), out, style, |_, text| text.to_owned())?;
        }
    }
    if !report.reasons.is_empty() {
        writeln!(out, "\n{}", style.strong(&format!("{:<44} {:>11} {:>11}", "REASON", "OBJECTS", "BYTES")))?;
    }
    for group in &report.reasons {
        let (name, objects) = (format!("{:<44}", escape(&reason_name(group))), human_count(group.objects));
        writeln!(out, "{} {objects:>11} {:>11}", style.bad(&name), reason_bytes(group))?;
        for (about, text) in reason_facts(group) {
            for (at, line) in sentence(&text, style.narrowed(10)).iter().enumerate() {
                let about = if at == 0 { about } else { "" };
                writeln!(out, "  {} {}", style.faint(&format!("{about:<7}")), line.trim_start())?;
            }
        }
    }
    if !report.prefixes.is_empty() {
        writeln!(out, "\n{}", style.strong(&format!("{:>11}  PREFIX", "OBJECTS")))?;
    }
    for prefix in &report.prefixes {
        let value = if prefix.value.is_empty() { "(none)".into() } else { escape(&prefix.value) };
        writeln!(out, "{:>11}  {value}", human_count(prefix.objects))?;
    }
    if let Some(others) = other_prefixes(report) {
        writeln!(out, "{others}")?;
    }
    for (at, text) in join_texts(report).iter().enumerate() {
        writeln!(out, "{}{}", if at == 0 { "\n" } else { "  " }, escape(text))?;
    }
    Ok(())
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
        for line in row.details(self.style) {
            writeln!(self.out, "  {line}")?;
        }
        for hint in row.hints().iter().filter(|hint| self.printed.is_new(hint)) {
            for line in sentence(hint, self.style) {
                writeln!(self.out, "  {}", self.style.faint(&line))?;
            }
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
