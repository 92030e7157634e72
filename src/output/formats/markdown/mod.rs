//! markdown: for job summaries and pull requests.
//!
//! Every value is inside `<code>` with entities for what Markdown or HTML would obey: a code span could not hold a
//! pipe behind a backslash, and outside of code GitHub turns `@team` and `#1` into mentions.

mod pair;
mod text;

use std::io::{self, Write};

use self::text::{code, limit_row, prose, table};
use super::{Format, ReasonsForm, RowWriter, RunFacts, UnansweredRun};
use crate::audit::{Audit, Grouped, UncoveredObjects};
use crate::model::{human_bytes, human_count};
use crate::output::model::{
    Figure, GroupFigures, NextSteps, OverdueText, ReportRow, ReportSummary, RowLayout, UNCOVERED, accepting, beside,
    caption, cause_text, checked_report, delete_markers, dimensions, exceeded_classes, join_texts, limit_change,
    older_by, or_dash, other_prefixes, others, plural, reason_bytes, reason_facts, reason_name, share, size_or,
    status_change, tasks_text, uncovered_notes, unread_text,
};
use crate::output::terminal::Style;
use crate::reasons::ReasonsReport;

pub(super) static FORMAT: Format = Format {
    word: "markdown",
    about: "for job summaries and pull requests",
    write_audit: |audit, run, out, _| write_audit(audit, run, out),
    write_pair: pair::write,
    open_rows: Some(|layout, out, _| {
        Box::new(MarkdownRows { layout, out, started: false, explained: Vec::new(), unexplained: 0 })
    }),
    write_reasons: ReasonsForm::Report(|report, out, _| write_reasons(report, out)),
    needs_every_row: false,
    says_incomplete: true,
    write_unanswered: None,
    summary: None,
    shows_properties: false,
    shows_next_steps: true,
};

/// Says in the summary of a job that a run gave no answer. A file of `--write` is left as it is.
pub(super) fn write_unanswered(run: &UnansweredRun<'_>, out: &mut (dyn Write + Send)) -> io::Result<()> {
    writeln!(out, "## ❌ NO ANSWER: {}\n\n{}\n", run.series.family.command(), prose(run.why()))
}

/// The verdict and the limits come first.
fn write_audit(audit: &Audit, run: &RunFacts<'_>, out: &mut dyn Write) -> io::Result<()> {
    match exceeded_classes(&audit.limits).as_slice() {
        [] => writeln!(out, "## ✅ PASS\n")?,
        words => writeln!(out, "## ❌ FAIL: {}\n", words.join(", "))?,
    }
    let report = &audit.report;
    writeln!(
        out,
        "Bucket {}, inventory of {}: {}, {}{}.\n",
        code(&report.source_bucket),
        report.scanned_at,
        plural(audit.objects(), "object version"),
        delete_markers(audit, code),
        match audit.rows_scanned - audit.rows {
            0 => String::new(),
            skipped => format!(", {} out of scope", plural(skipped, "row")),
        }
    )?;
    if let Some(since) = &audit.since {
        let (at, by) = (since.previous.scanned_at, older_by(audit, since));
        writeln!(out, "Compared with the inventory of {at}, {by} older: {}.\n", code(&since.previous.manifest))?;
    }
    for left_out in report.leaves_out() {
        writeln!(out, "⚠️ {}\n", code(&left_out))?;
    }
    table(out, &["limit", "", "found", "acceptable"], 2)?;
    audit.limits.iter().try_for_each(|limit| limit_row(limit, limit_change(limit).as_ref(), out))?;
    writeln!(out)?;
    table(out, &["status", "objects", "share", "bytes", "oldest", "newest"], 1)?;
    for (status, totals) in &audit.statuses {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            code(status.reported()),
            beside(human_count(totals.objects), status_change(status, totals).as_ref()),
            share(totals.objects, audit.objects()),
            size_or("-", totals.bytes),
            or_dash(totals.oldest),
            or_dash(totals.newest)
        )?;
    }
    writeln!(out)?;
    if let Some(OverdueText { count, change, what, oldest }) = OverdueText::of(audit) {
        let oldest = oldest.map(|at| format!(", the oldest from {at}")).unwrap_or_default();
        let count = beside(count, change.as_ref());
        writeln!(out, "{count} {what}{oldest}.\n")?;
    }
    dimensions(audit).try_for_each(|(grouped, groups)| group_table(grouped, &groups, out))?;
    uncovered_table(audit.uncovered.as_deref().unwrap_or_default(), out)?;
    for (sentence, value) in run.next.causes.iter().map(cause_text) {
        writeln!(out, "**{sentence}** {}\n", code(value))?;
    }
    next_commands(run.next, out)?;
    if let Some(options) = accepting(&audit.limits) {
        writeln!(out, "To accept these numbers: {}\n", code(&options))?;
    }
    writeln!(
        out,
        "<sub>{}: {}, {}, {}; {}</sub>",
        code(&report.manifest),
        report.format,
        plural(report.files, "file"),
        human_bytes(report.bytes),
        checked_report(report, code)
    )
}

/// The commands that show more.
fn next_commands(next: &NextSteps, out: &mut dyn Write) -> io::Result<()> {
    for (at, command) in next.commands.iter().enumerate() {
        writeln!(out, "{} {}\n", if at == 0 { "Next:" } else { "Then:" }, code(command))?;
    }
    Ok(())
}

fn group_table(grouped: &Grouped, groups: &[GroupFigures<'_>], out: &mut dyn Write) -> io::Result<()> {
    let name = code(&grouped.dimension);
    writeln!(out, "By {name}: {}\n", caption(grouped, groups.len()))?;
    if groups.is_empty() {
        return Ok(());
    }
    table(out, &[&name, "failed", "overdue", "not replicated", "pending", "objects", "bytes"], 1)?;
    let figure = |figure: &Figure| beside(figure.text("not known"), figure.change.as_ref());
    for group in groups {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            code(group.value),
            figure(&group.failed),
            figure(&group.overdue),
            figure(&group.not_replicated),
            figure(&group.pending),
            figure(&group.objects),
            size_or("-", group.bytes)
        )?;
    }
    writeln!(out)?;
    others(grouped).map_or(Ok(()), |others| writeln!(out, "{others}\n"))
}

fn uncovered_table(list: &[UncoveredObjects], out: &mut dyn Write) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "{UNCOVERED}:\n")?;
    table(out, &["rule", "cause", "objects", "bytes"], 2)?;
    for objects in list {
        let (count, bytes) = (human_count(objects.totals.objects), size_or("-", objects.totals.bytes));
        writeln!(out, "| {} | {} | {count} | {bytes} |", code(&objects.rule), objects.cause.word())?;
    }
    writeln!(out)?;
    uncovered_notes(list).iter().try_for_each(|note| writeln!(out, "- {}", prose(note)))?;
    writeln!(out)
}

fn write_reasons(report: &ReasonsReport, out: &mut dyn Write) -> io::Result<()> {
    let failed = human_count(report.failed);
    // What was not read may have failed too.
    let headline = match (report.complete, report.files, report.failed) {
        (true, _, 0) => "✅ Replication: 0 failed".to_owned(),
        (true, ..) => format!("❌ Replication: {failed} failed"),
        (false, 0, _) => "❌ Replication: unknown, because no file could be read".to_owned(),
        (false, ..) => format!("❌ Replication: {failed} or more failed, because not every file could be read"),
    };
    writeln!(out, "## {headline}\n\n{}\n", prose(&tasks_text(report)))?;
    for unread in &report.unread {
        writeln!(out, "**Not read, and not counted:** {}\n", code(&unread_text(unread)))?;
    }
    if !report.reasons.is_empty() {
        table(out, &["reason", "objects", "bytes"], 1)?;
    }
    for group in &report.reasons {
        let (name, objects) = (code(&reason_name(group)), human_count(group.objects));
        writeln!(out, "| {name} | {objects} | {} |", reason_bytes(group))?;
    }
    for group in &report.reasons {
        writeln!(out, "\n{}\n", code(&reason_name(group)))?;
        for (about, text) in reason_facts(group) {
            writeln!(out, "- **{about}**: {}", prose(&text))?;
        }
    }
    if !report.prefixes.is_empty() {
        writeln!(out)?;
        table(out, &["prefix", "objects"], 1)?;
    }
    for prefix in &report.prefixes {
        let value = if prefix.value.is_empty() { "(none)" } else { &prefix.value };
        writeln!(out, "| {} | {} |", code(value), human_count(prefix.objects))?;
    }
    for text in other_prefixes(report).iter().chain(&join_texts(report)) {
        writeln!(out, "\n{}", prose(text))?;
    }
    Ok(())
}

fn explained(title: &str, claims: &[[&str; 3]]) -> String {
    let items = claims.iter().map(|[mark, about, text]| {
        let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
        format!("- **{mark}**{about}: {}\n", prose(text))
    });
    format!("{}\n\n{}", code(title), items.collect::<String>())
}

/// Objects one by one, with the brief columns only.
struct MarkdownRows<'a> {
    layout: &'static RowLayout,
    out: &'a mut (dyn Write + Send),
    started: bool,
    /// What explains the rows comes below the table, because nothing can be written between its rows.
    explained: Vec<String>,
    unexplained: u64,
}

/// A job summary has room for this many explanations; GitHub takes 1 MiB in all.
const MOST_EXPLAINED: usize = 20;

impl RowWriter for MarkdownRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        let brief = self.layout.brief;
        if !self.started {
            self.started = true;
            let heads = brief.replace("_id", " ID").replace('_', " ");
            let heads: Vec<&str> = heads.split(',').collect();
            table(&mut self.out, &heads, heads.len())?;
        }
        let cells = row.cells(brief)?;
        let shown = cells.iter().map(|cell| match cell.as_str() {
            "" => " - |".to_owned(),
            cell => format!(" {} |", code(cell)),
        });
        writeln!(self.out, "|{}", shown.collect::<String>())?;
        match row.explanation() {
            Some(_) if self.explained.len() == MOST_EXPLAINED => self.unexplained += 1,
            Some((title, claims)) => self.explained.push(explained(&title, &claims)),
            None => {}
        }
        Ok(())
    }

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()> {
        for text in &self.explained {
            write!(self.out, "\n{text}")?;
        }
        if self.unexplained > 0 {
            writeln!(
                self.out,
                "\n{}: explained in json, ndjson and table.",
                plural(self.unexplained, &format!("more {}", self.layout.row()))
            )?;
        }
        let before = if self.started { "\n" } else { "" };
        summary.line(Style::PLAIN, self.started).map_or(Ok(()), |line| writeln!(self.out, "{before}**{line}**"))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_do_nothing_and_can_be_read() {
        let table = [
            (
                "rule \"all\" applies (prefix 'a/'): it's on, 100%.",
                "rule \"all\" applies (prefix 'a/'): it's on, 100%.",
            ),
            ("<b> @team #1 _x_ *y* :tada:", "&#60;b&#62; &#64;team &#35;1 &#95;x&#95; &#42;y&#42; &#58;tada:"),
            ("https://www.example.org", "https&#58;//www&#46;example.org"),
            ("[a](b) `c` $d$", "&#91;a&#93;(b) &#96;c&#96; &#36;d&#36;"),
        ];
        for (text, shown) in table {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn values_do_nothing() {
        let table = [
            ("logs/2026/a b.txt", "<code>logs/2026/a b.txt</code>"),
            ("<script>", "<code>&#60;script&#62;</code>"),
            ("a|b\\|c`", "<code>a&#124;b&#92;&#124;c&#96;</code>"),
            ("x\n::error::y", "<code>x&#92;n&#58;&#58;error&#58;&#58;y</code>"),
            ("##[error]", "<code>&#35;&#35;&#91;error&#93;</code>"),
            ("@team #1 _x_ *y*", "<code>&#64;team &#35;1 &#95;x&#95; &#42;y&#42;</code>"),
            ("https://www.example.org", "<code>https&#58;//www&#46;example.org</code>"),
            ("\u{202e}\u{1b}[2J", "<code>&#92;u&#123;202e&#125;&#92;u&#123;1b&#125;&#91;2J</code>"),
            ("&lt;", "<code>&#38;lt&#59;</code>"),
        ];
        for (text, shown) in table {
            assert_eq!(code(text), shown);
        }
    }
}
