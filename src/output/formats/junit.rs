//! junit: XML for the test reports of CI systems. A test case is an object, or a limit of `inventory` and `reconcile`.
//!
//! Objects stream, so the suite has no counts: CI systems count the cases themselves.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Format, ReasonsForm, RowWriter, UnansweredRun, not_in_rows};
use crate::audit::{Audit, ClassWord, Limit, LimitResult, ReportFacts};
use crate::exit::ExitStatus;
use crate::model::escape;
use crate::output::model::{
    ReportRow, ReportSummary, RowLayout, limit_finding, plural, reason_facts, reason_name, tasks_text, unread_text,
};
use crate::output::terminal::Style;
use crate::reasons::ReasonsReport;
use crate::reconcile::Reconciliation;

pub(super) static FORMAT: Format = Format {
    word: "junit",
    about: "XML for the test reports of CI systems",
    write_audit: |audit, _, out, _| write_audit(audit, out),
    write_pair: |result, _, out, _| write_pair(result, out),
    open_rows: Some(|layout, out, _| Box::new(JunitRows { layout, out, started: false, worst: ExitStatus::Yes })),
    write_reasons: ReasonsForm::Report(|report, out, _| write_reasons(report, out)),
    needs_every_row: false,
    says_incomplete: true,
    write_unanswered: Some(|run, out| write_unanswered(run, out)),
    summary: None,
    shows_properties: false,
    shows_next_steps: false,
};

/// A value of an attribute, or the text of an element. Control characters are escaped first: XML 1.0 has none of them.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in escape(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Characters that no XML document may hold.
            '\u{fffe}' | '\u{ffff}' => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn write_audit(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    write_limits("inventory", &audit.report.source_bucket, &audit.report, &audit.limits, out)
}

fn write_pair(result: &Reconciliation, out: &mut dyn Write) -> io::Result<()> {
    let buckets = format!("{}.{}", result.source.source_bucket, result.destination.source_bucket);
    write_limits("reconcile", &buckets, &result.source, &result.limits, out)
}

fn write_limits<C: ClassWord>(
    command: &str,
    about: &str,
    report: &ReportFacts,
    limits: &[LimitResult<C>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let failures = limits.iter().filter(|limit| limit.exceeded).count();
    let skipped = limits.iter().filter(|limit| limit.limit == Limit::Off).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"", limits.len());
    begin(&format!("{command}\" {counts} timestamp=\"{}", report.scanned_at), out)?;
    let about = xml(about);
    for limit in limits {
        let (word, text) = (limit.class.word(), xml(&limit_finding(limit)));
        write!(out, "<testcase classname=\"{command}.{about}\" name=\"{word}\"")?;
        match (limit.exceeded, limit.limit == Limit::Off) {
            (true, _) => writeln!(out, "><failure type=\"{word}\" message=\"{text}\"/></testcase>")?,
            (false, true) => writeln!(out, "><skipped/></testcase>")?,
            (false, false) => writeln!(out, "/>")?,
        }
    }
    writeln!(out, "</testsuite>")
}

fn begin(name: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"replaudit {name}\">")
}

fn write_reasons(report: &ReasonsReport, out: &mut dyn Write) -> io::Result<()> {
    begin("reasons", out)?;
    for unread in &report.unread {
        let (file, text) = (xml(&unread.file), xml(&unread_text(unread)));
        writeln!(
            out,
            "<testcase classname=\"reasons\" name=\"{file}\"><error message=\"not read\">{text}</error></testcase>"
        )?;
    }
    for group in &report.reasons {
        let facts: Vec<String> = reason_facts(group).iter().map(|(about, text)| format!("{about}: {text}")).collect();
        let (name, text) =
            (xml(&reason_name(group)), facts.iter().map(|fact| xml(fact)).collect::<Vec<_>>().join("\n"));
        let objects = plural(group.objects, "object");
        writeln!(
            out,
            "<testcase classname=\"reasons\" name=\"{name}\"><failure message=\"{objects}\">{text}</failure></testcase>"
        )?;
    }
    writeln!(out, "<system-out>{}</system-out>\n</testsuite>", xml(&tasks_text(report)))
}

/// One case with an error, so that a run without an answer is not taken for one without findings.
fn write_unanswered(run: &UnansweredRun<'_>, out: &mut dyn Write) -> io::Result<()> {
    let command = run.series.family.command();
    let class: Vec<&str> = std::iter::once(command).chain(run.series.buckets()).collect();
    begin(&format!("{command}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0"), out)?;
    whole_run(&class.join("."), "error", &run.text(), out)?;
    writeln!(out, "</testsuite>")
}

/// A case about no single object or limit.
fn whole_run(class: &str, element: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let (class, text) = (xml(class), xml(text));
    writeln!(out, "<testcase classname=\"{class}\" name=\"the whole run\"><{element} message=\"{text}\"/></testcase>")
}

fn element_of(exit: ExitStatus) -> Option<&'static str> {
    match exit {
        ExitStatus::Yes => None,
        ExitStatus::No => Some("failure"),
        ExitStatus::Unknown | ExitStatus::Incomplete | ExitStatus::Interrupted | ExitStatus::Terminated => {
            Some("error")
        }
    }
}

struct JunitRows<'a> {
    layout: &'static RowLayout,
    out: &'a mut (dyn Write + Send),
    started: bool,
    /// Of the rows that were written.
    worst: ExitStatus,
}

impl JunitRows<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.started, true) { Ok(()) } else { begin(self.layout.command(), self.out) }
    }
}

impl RowWriter for JunitRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        self.begin()?;
        let check = row.check();
        self.worst = self.worst.worse(check.exit);
        write!(self.out, "<testcase classname=\"{}\" name=\"{}\"", self.layout.command(), xml(&check.name))?;
        match element_of(check.exit) {
            None if check.skipped => writeln!(self.out, "><skipped message=\"{}\"/></testcase>", xml(&check.text)),
            None if check.warns => {
                writeln!(self.out, "><system-out>{}: {}</system-out></testcase>", check.word, xml(&check.text))
            }
            None => writeln!(self.out, "/>"),
            Some(element) => {
                let (word, text) = (check.word, xml(&check.text));
                writeln!(self.out, "><{element} type=\"{word}\" message=\"{word}\">{text}</{element}></testcase>")
            }
        }
    }

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()> {
        self.begin()?;
        if let Some(text) = not_in_rows(summary.exit(), self.worst) {
            let element = if summary.exit() == ExitStatus::No.code() { "failure" } else { "error" };
            whole_run(self.layout.command(), element, &text, self.out)?;
        }
        if let Some(line) = summary.line(Style::PLAIN, false) {
            writeln!(self.out, "<system-out>{}</system-out>", xml(&line))?;
        }
        writeln!(self.out, "</testsuite>")
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
