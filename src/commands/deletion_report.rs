//! The reports of `safe-delete` and `undo`: rows as they come, the summary, and the exit status they add up to.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use serde::Serialize;
use tokio::time::Instant;

use super::Context;
use crate::deletion::{
    Decision, DeleteEntry, DeleteEvent, DeleteSummary, MarkerEntry, MarkerOutcome, OutcomeClass, OutcomeCounts,
    UndoSummary,
};
use crate::exit::ExitStatus;
use crate::journal::JournalWriter;
use crate::model::Failure;
use crate::output::{Meter, OutputError, ReportRow, ReportSummary, RowTargets, Targets};

/// The longest time that a row about a change waits in a buffer.
const FLUSH: Duration = Duration::from_millis(100);

/// For a report of what is not carried out: there is nothing to stop.
pub(super) fn nothing_more() -> AtomicBool {
    AtomicBool::new(false)
}

/// Where a report goes.
pub(super) struct ReportTo<'a> {
    pub(super) targets: Targets,
    pub(super) journal: Option<&'a JournalWriter>,
    pub(super) context: &'a Context,
    /// Set when the report can't be written, so that nothing more is sent. What is in flight is still waited for.
    pub(super) quit: &'a AtomicBool,
    /// How many orders are to be carried out.
    pub(super) orders: u64,
}

/// Reports a safe-delete. If everything that was listed is gone, nothing was checked: `nothing` is printed, and the exit
/// code is 2 as for an empty list.
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

/// The end of a report, and what it is added up from.
trait OutcomeSummary<T>: ReportSummary + Serialize + Default {
    /// The row of one object.
    type Row: ReportRow;
    /// What the progress bar says.
    const DOING: &'static str;

    fn counts(&mut self) -> &mut OutcomeCounts;

    fn is_settled(&self) -> bool;

    fn set_exit(&mut self, exit: u8);

    /// Why the exit code is not 0, for stderr: a script may not read the report.
    fn shortfall(&self) -> Option<String>;

    fn take(event: T, report: &mut Report<'_, Self::Row, Self>);
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

    fn shortfall(&self) -> Option<String> {
        None
    }

    fn take(event: DeleteEvent, report: &mut Report<'_, DeleteEntry, Self>) {
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
                report.error(format!(
                    "s3://{}/{} (version {}) was told as {}, and still answers: it is unknown",
                    entry.bucket,
                    entry.key,
                    entry.version_id.as_deref().unwrap_or("null"),
                    before.word()
                ));
                entry
            }
            DeleteEvent::Foreign(what) => {
                report.summary.counts.trouble(true);
                return report
                    .error(format!("S3 says that it deleted {what}, which was not ordered: look at its versions"));
            }
        };
        report.row(&entry, entry.error.as_ref(), entry.outcome.class());
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

    fn shortfall(&self) -> Option<String> {
        let undone = [MarkerOutcome::MarkerRemoved, MarkerOutcome::WouldRemove, MarkerOutcome::AlreadyAbsent];
        let others = self.counts.by.iter().filter(|(word, _)| undone.iter().all(|outcome| outcome.word() != **word));
        let parts: Vec<String> = others.map(|(word, count)| format!("{count} {word}")).collect();
        Some(format!("not everything is undone: {}", parts.join(", ")))
    }

    fn take(entry: MarkerEntry, report: &mut Report<'_, MarkerEntry, Self>) {
        report.summary.count(&entry);
        report.decided += 1;
        report.meter.add(1);
        report.row(&entry, entry.error.as_ref(), entry.outcome.class());
    }
}

/// Writes rows as they come, and adds up the exit status.
async fn report<T, S: OutcomeSummary<T>>(
    events: impl Stream<Item = io::Result<T>>,
    to: ReportTo<'_>,
    nothing: Option<&str>,
) -> ExitStatus {
    let ReportTo { mut targets, journal, context, quit, orders } = to;
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
    let report = Report { rows, summary, decided: 0, delivered: Ok(()), waits: None, meter: &meter, context, quit };
    let (broken, Report { mut rows, mut summary, decided, delivered, .. }) = report.take_all(events).await;
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
    let delivered = delivered.and_then(|()| rows.end(&summary)).and_then(|()| rows.flush());
    drop(rows);
    match delivered.and_then(|()| targets.commit()) {
        Ok(()) => {
            let is_complete = broken.is_none() && signal.is_none() && summary.is_settled();
            if let Some(journal) = journal.filter(|_| is_complete)
                && let Err(failure) = journal.finish(&summary).await
            {
                // The outcomes are on disk and were reported: a second run finds and reports them once more.
                context.printer.error(failure);
            }
            if let Some(shortfall) = summary.shortfall() {
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
    }
}

/// A report that is being written.
struct Report<'a, R, S> {
    rows: RowTargets<'a, R, S>,
    summary: S,
    /// Entries that decide the exit code.
    decided: u64,
    delivered: Result<(), OutputError>,
    /// Since when a row about a change waits in a buffer.
    waits: Option<Instant>,
    meter: &'a Meter,
    context: &'a Context,
    quit: &'a AtomicBool,
}

impl<R: ReportRow, S: ReportSummary> Report<'_, R, S> {
    /// Takes every event; gives the error that ended them early.
    async fn take_all<T>(mut self, events: impl Stream<Item = io::Result<T>>) -> (Option<io::Error>, Self)
    where
        S: OutcomeSummary<T, Row = R>,
    {
        let mut events = pin!(events);
        loop {
            let next = match self.waits {
                Some(since) => match tokio::time::timeout_at(since + FLUSH, events.next()).await {
                    Ok(next) => next,
                    Err(_) => {
                        self.flush();
                        continue;
                    }
                },
                None => events.next().await,
            };
            match next {
                None => return (None, self),
                Some(Err(error)) => return (Some(error), self),
                Some(Ok(event)) => S::take(event, &mut self),
            }
        }
    }

    fn row(&mut self, row: &R, error: Option<&Failure>, class: OutcomeClass) {
        if let Some(error) = error.filter(|_| self.context.printer.is_quiet()) {
            self.error(error);
        }
        self.write(|rows| rows.row(row));
        if class.may_have_changed_something() {
            self.waits.get_or_insert_with(Instant::now);
        }
        if self.waits.is_some_and(|since| since.elapsed() >= FLUSH) {
            self.flush();
        }
    }

    fn error(&self, error: impl std::fmt::Display) {
        self.meter.aside(|| self.context.printer.error(error));
    }

    fn flush(&mut self) {
        self.waits = None;
        self.write(|rows| rows.flush());
    }

    fn write(&mut self, write: impl FnOnce(&mut RowTargets<'_, R, S>) -> Result<(), OutputError>) {
        if self.delivered.is_err() {
            return;
        }
        let rows = &mut self.rows;
        self.delivered = self.meter.beside_rows(|| write(rows));
        self.quit.fetch_or(self.delivered.is_err(), Ordering::Relaxed);
    }
}
