//! github: annotations of a GitHub Actions workflow, and the result as markdown in the summary of the job.
//!
//! A workflow command ends at the line end, so values can't begin another one once they are escaped as GitHub requires
//! ("Workflow commands for GitHub Actions").

use std::io::{self, Write};

use super::{Format, ReasonsForm, RowWriter, SummaryForm, markdown, not_in_rows};
use crate::audit::Audit;
use crate::exit::ExitStatus;
use crate::model::escape;
use crate::output::model::{
    ReportRow, ReportSummary, RowLayout, limit_finding, plural, reason_facts, reason_name, tasks_text, unread_text,
};
use crate::output::terminal::Style;
use crate::reasons::ReasonsReport;
use crate::reconcile::Reconciliation;

pub(super) static FORMAT: Format = Format {
    word: "github",
    about: "annotations and the job summary of GitHub Actions",
    write_audit: |audit, _, out, _| write_audit(audit, out),
    write_pair: |result, _, out, _| write_pair(result, out),
    open_rows: Some(|layout, out, _| {
        Box::new(GithubRows { layout, out, annotated: 0, hides_errors: false, worst: ExitStatus::Yes })
    }),
    write_reasons: ReasonsForm::Report(|report, out, _| write_reasons(report, out)),
    needs_every_row: false,
    says_incomplete: true,
    write_unanswered: Some(|run, out| annotation("error", run.series.family.command(), &run.text(), out)),
    summary: Some(SummaryForm {
        variable: "GITHUB_STEP_SUMMARY",
        format: &markdown::FORMAT,
        write_unanswered: markdown::write_unanswered,
    }),
    shows_properties: false,
    shows_next_steps: false,
};

/// GitHub shows ten annotations of a kind for a step. The others are in the log only.
const MOST_ANNOTATED: u64 = 50;

fn annotation(level: &str, command: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = escape(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    writeln!(out, "::{level} title=replaudit {command}::{text}")
}

fn write_audit(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let bucket = &audit.report.source_bucket;
    for limit in audit.limits.iter().filter(|limit| limit.exceeded) {
        let text = format!("bucket {bucket}: {}: {}", limit.class.word(), limit_finding(limit));
        annotation("error", "inventory", &text, out)?;
    }
    let text = format!("bucket {bucket}: {}, {}", plural(audit.objects(), "object version"), audit.verdict);
    annotation("notice", "inventory", &text, out)
}

fn write_pair(result: &Reconciliation, out: &mut dyn Write) -> io::Result<()> {
    let (source, destination) = (&result.source.source_bucket, &result.destination.source_bucket);
    for limit in result.limits.iter().filter(|limit| limit.exceeded) {
        let text = format!("bucket {source} and {destination}: {}: {}", limit.class.word(), limit_finding(limit));
        annotation("error", "reconcile", &text, out)?;
    }
    let judged = plural(result.judged, "object version");
    annotation("notice", "reconcile", &format!("bucket {source} and {destination}: {judged}, {}", result.verdict), out)
}

fn write_reasons(report: &ReasonsReport, out: &mut dyn Write) -> io::Result<()> {
    for unread in &report.unread {
        annotation("error", "reasons", &format!("not read: {}", unread_text(unread)), out)?;
    }
    for group in &report.reasons {
        let facts: Vec<String> = reason_facts(group).iter().map(|(about, text)| format!("{about}: {text}")).collect();
        let objects = plural(group.objects, "object");
        annotation("error", "reasons", &format!("{}: {objects}; {}", reason_name(group), facts.join("; ")), out)?;
    }
    annotation("notice", "reasons", &tasks_text(report), out)
}

struct GithubRows<'a> {
    layout: &'static RowLayout,
    out: &'a mut (dyn Write + Send),
    annotated: u64,
    /// Whether an error is not shown as an annotation.
    hides_errors: bool,
    /// Of the rows that were written.
    worst: ExitStatus,
}

impl RowWriter for GithubRows<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        let check = row.check();
        self.worst = self.worst.worse(check.exit);
        let level = match check.exit {
            ExitStatus::Yes if check.warns => "warning",
            ExitStatus::Yes => return Ok(()),
            _ => "error",
        };
        self.annotated += 1;
        if self.annotated > MOST_ANNOTATED {
            self.hides_errors |= level == "error";
            return Ok(());
        }
        let text = format!("{}: {}: {}", check.name, check.word, check.text);
        annotation(level, self.layout.command(), &text, self.out)
    }

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()> {
        let more = self.annotated.saturating_sub(MOST_ANNOTATED);
        if more > 0 {
            let text = format!("{} not shown as annotations", plural(more, &format!("more {}", self.layout.row())));
            let level = if self.hides_errors { "error" } else { "warning" };
            annotation(level, self.layout.command(), &text, self.out)?;
        }
        if let Some(text) = not_in_rows(summary.exit(), self.worst) {
            annotation("error", self.layout.command(), &text, self.out)?;
        }
        match summary.line(Style::PLAIN, false) {
            Some(line) => annotation("notice", self.layout.command(), &line, self.out),
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
