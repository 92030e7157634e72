//! The reports of `safe-delete` and `undo`: rows as they arrive, the summary, and the exit status they add up to.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::Stream;
use serde::Serialize;
use tokio::time::Instant;

use super::Context;
use super::answers::{BesideAnswers, RowReport, TakeAnswer, take_answers};
use crate::deletion::{
    Decision, DeleteEntry, DeleteEvent, DeleteOutcome, DeleteSummary, MarkerEntry, MarkerOutcome, OutcomeCounts,
    UndoSummary,
};
use crate::exit::ExitStatus;
use crate::journal::JournalWriter;
use crate::model::human_count;
use crate::output::{Meter, ReportRow, ReportSummary, RowFilter, Targets, counted};

/// The longest time that a row about a change waits in a buffer.
const FLUSH: Duration = Duration::from_millis(100);

/// For the report of a plan that is not carried out: there is nothing to stop.
pub(super) fn nothing_more() -> AtomicBool {
    AtomicBool::new(false)
}

/// Where a report goes.
pub(super) struct ReportTo<'a> {
    pub(super) targets: Targets,
    pub(super) journal: Option<&'a JournalWriter>,
    pub(super) context: &'a Context,
    /// Set when the report cannot be written, so that nothing more is sent. Requests in flight are still waited for.
    pub(super) quit: &'a AtomicBool,
    /// How many orders are to be carried out.
    pub(super) orders: u64,
    /// Which rows are shown.
    pub(super) shown: RowFilter,
}

/// Reports a safe-delete. If all listed objects are gone, nothing was checked: prints `nothing` and exits 2, as for an
/// empty list.
pub(super) async fn report_deletes(
    events: impl Stream<Item = io::Result<DeleteEvent>>,
    to: ReportTo<'_>,
    nothing: &str,
) -> ExitStatus {
    report::<_, DeleteSummary>(events, to, Some(nothing)).await
}

/// Reports an undo.
pub(super) async fn report_markers(
    entries: impl Stream<Item = io::Result<MarkerEntry>>,
    to: ReportTo<'_>,
) -> ExitStatus {
    report::<_, UndoSummary>(entries, to, None).await
}

/// The summary of a report, and how entries add to it.
trait OutcomeSummary<T>: ReportSummary + Serialize + Default {
    /// The row of one object.
    type Row: ReportRow;
    /// What the progress bar says.
    const DOING: &'static str;

    fn counts(&mut self) -> &mut OutcomeCounts;

    fn is_settled(&self) -> bool;

    fn set_exit(&mut self, exit: u8);

    /// Why the exit code is not 0, for stderr: the report may not be read, or may not show all rows.
    fn shortfall(&self, hidden: u64) -> Option<String>;

    fn take(event: T, report: &mut OutcomeReport<'_, Self::Row, Self>);
}

impl OutcomeSummary<DeleteEvent> for DeleteSummary {
    type Row = DeleteEntry;
    const DOING: &'static str = "deleting";

    fn counts(&mut self) -> &mut OutcomeCounts {
        &mut self.counts
    }

    fn is_settled(&self) -> bool {
        Self::is_settled(self)
    }

    fn set_exit(&mut self, exit: u8) {
        self.exit = exit;
    }

    fn shortfall(&self, hidden: u64) -> Option<String> {
        let in_all = || counted(self.counts.objects, &self.counts.by);
        (hidden > 0).then(|| format!("not shown: {} of {}", human_count(hidden), in_all()))
    }

    fn take(event: DeleteEvent, report: &mut OutcomeReport<'_, DeleteEntry, Self>) {
        let entry = match event {
            DeleteEvent::Ended(entry) => {
                report.summary.count(&entry);
                report.decided += 1;
                report.meter.add(u64::from(entry.decision == Decision::Delete));
                entry
            }
            DeleteEvent::Aside(entry) => {
                report.summary.count_aside(&entry);
                entry
            }
            DeleteEvent::Corrected { before, entry } => {
                report.summary.correct(before, &entry);
                report.rows.error(format!(
                    "s3://{}/{} (version {}) was reported as {}, and still exists: its outcome is unknown",
                    entry.bucket,
                    entry.key,
                    entry.version_id.as_deref().unwrap_or("null"),
                    before.word()
                ));
                entry
            }
            DeleteEvent::Foreign(what) => {
                report.summary.counts.trouble(true);
                return report.rows.error(format!(
                    "S3 reports that it deleted {what}, which was not requested: look at its versions"
                ));
            }
        };
        report.rows.row(&entry, entry.error.as_ref(), entry.outcome.class().may_have_changed_something());
    }
}

impl OutcomeSummary<MarkerEntry> for UndoSummary {
    type Row = MarkerEntry;
    const DOING: &'static str = "removing markers";

    fn counts(&mut self) -> &mut OutcomeCounts {
        &mut self.counts
    }

    fn is_settled(&self) -> bool {
        Self::is_settled(self)
    }

    fn set_exit(&mut self, exit: u8) {
        self.exit = exit;
    }

    fn shortfall(&self, _: u64) -> Option<String> {
        let undone = [MarkerOutcome::MarkerRemoved, MarkerOutcome::WouldRemove, MarkerOutcome::AlreadyAbsent];
        let others = self.counts.by.iter().filter(|(word, _)| undone.iter().all(|outcome| outcome.word() != **word));
        let parts: Vec<String> = others.map(|(word, count)| format!("{} {word}", human_count(*count))).collect();
        Some(format!("not everything is undone: {}", parts.join(", ")))
    }

    fn take(entry: MarkerEntry, report: &mut OutcomeReport<'_, MarkerEntry, Self>) {
        report.summary.count(&entry);
        report.decided += 1;
        report.meter.add(1);
        report.rows.row(&entry, entry.error.as_ref(), entry.outcome.class().may_have_changed_something());
    }
}

/// Writes rows as they come, and adds up the exit status.
async fn report<T, S: OutcomeSummary<T>>(
    events: impl Stream<Item = io::Result<T>>,
    to: ReportTo<'_>,
    nothing: Option<&str>,
) -> ExitStatus {
    let ReportTo { mut targets, journal, context, quit, orders, shown } = to;
    let rows = match targets.rows::<S::Row, S>() {
        Ok(rows) => rows,
        // Orders are carried out as entries are asked for: none was.
        Err(error) => return context.undelivered(&error),
    };
    let meter = match orders {
        0 | 1 => Meter::silent(),
        many => Meter::objects(context.output.progress, &context.printer, Some(many), S::DOING),
    };
    let bar = meter.until_dropped();
    let summary = S::default();
    let rows = RowReport::new(rows, &meter, &context.printer, FLUSH, shown);
    let mut report = OutcomeReport { rows, summary, decided: 0, meter: &meter, quit };
    // Requests in flight are waited for, after a signal too.
    let broken = take_answers(events, BesideAnswers::default(), &mut report).await.into_result().err();
    let (rows, mut summary, decided) = report.into_parts();
    drop(bar);
    if let Some(error) = &broken {
        context.printer.error(format!("reading the plan back: {error}; nothing more was sent"));
        summary.counts().trouble(false);
    }
    // Every outcome is on disk before the report says so.
    if let Some(journal) = journal
        && let Err(failure) = journal.flush().await
    {
        context.printer.error(failure);
        summary.counts().trouble(false);
    }
    let signal = context.signals.caught();
    let status = summary.counts().status();
    let mut exit = signal.map_or(status, |signal| signal.or(status));
    if let Some(nothing) = nothing
        && decided == 0
        && exit == ExitStatus::Yes
        && !context.allow_empty
    {
        exit = context.no_answer(nothing);
    }
    summary.set_exit(exit.code());
    let hidden = rows.hidden;
    let delivered = rows.end(&summary);
    let exit = match delivered.and_then(|()| targets.commit()) {
        Ok(()) => {
            let is_complete = broken.is_none() && signal.is_none() && summary.is_settled();
            if let Some(journal) = journal.filter(|_| is_complete)
                && let Err(failure) = journal.finish(&summary).await
            {
                // The outcomes are on disk and were reported: a second run finds and reports them once more.
                context.printer.error(failure);
            }
            if let Some(shortfall) = summary.shortfall(hidden) {
                match exit {
                    ExitStatus::No => context.printer.note(shortfall),
                    ExitStatus::Unknown | ExitStatus::Incomplete => context.printer.error(shortfall),
                    ExitStatus::Yes | ExitStatus::Interrupted | ExitStatus::Terminated => {}
                }
            }
            exit
        }
        Err(error) => {
            let undelivered = context.undelivered(&error);
            exit.or(if summary.counts().effect() { ExitStatus::Incomplete } else { undelivered })
        }
    };
    if signal.is_some() {
        context.printer.note(interrupted(summary.counts()));
    }
    exit
}

/// The last line of a run that a signal ended: what was done, and what to do next.
fn interrupted(counts: &OutcomeCounts) -> String {
    let done = |word: &str| ["marker-created", "version-deleted", "marker-removed"].contains(&word);
    let open = DeleteOutcome::NotAttempted.word();
    let mut words: Vec<&str> = counts.by.keys().copied().collect();
    words.sort_by_key(|word| (*word == open, !done(word)));
    let parts: Vec<String> = words
        .iter()
        .map(|word| {
            let said = match *word {
                "marker-created" => "hidden".to_owned(),
                "version-deleted" | "marker-removed" => "removed".to_owned(),
                word => word.replace('-', " "),
            };
            format!("{} {said}", human_count(counts.of(word)))
        })
        .collect();
    let next = if counts.of(open) > 0 { "; run the same command again to continue" } else { "" };
    format!("interrupted: {}{next}", parts.join(", "))
}

/// A report that is being written.
struct OutcomeReport<'a, R, S> {
    rows: RowReport<'a, R, S>,
    summary: S,
    /// Entries that decide the exit code.
    decided: u64,
    meter: &'a Meter,
    quit: &'a AtomicBool,
}

impl<'a, R, S> OutcomeReport<'a, R, S> {
    fn into_parts(self) -> (RowReport<'a, R, S>, S, u64) {
        (self.rows, self.summary, self.decided)
    }
}

impl<T, S: OutcomeSummary<T>> TakeAnswer<io::Result<T>> for OutcomeReport<'_, S::Row, S> {
    type Stop = io::Error;

    async fn take(&mut self, event: io::Result<T>) -> io::Result<()> {
        S::take(event?, self);
        self.quit.fetch_or(!self.rows.is_delivered(), Ordering::Relaxed);
        Ok(())
    }

    fn flush_due(&self) -> Option<Instant> {
        self.rows.flush_due()
    }

    fn flush(&mut self) {
        self.rows.flush();
        self.quit.fetch_or(!self.rows.is_delivered(), Ordering::Relaxed);
    }
}
