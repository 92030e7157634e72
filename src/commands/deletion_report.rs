//! The report of `safe-delete`: rows as they come, the summary, and the exit status they add up to.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use super::Context;
use crate::deletion::{Decision, DeleteEntry, DeleteEvent, DeleteSummary};
use crate::exit::ExitStatus;
use crate::journal::JournalFile;
use crate::output::{Meter, OutputError, RowTargets, Targets};

/// What was deleted waits no longer than this in a buffer.
const FLUSH: Duration = Duration::from_millis(100);

/// For a report of what is not carried out: there is nothing to stop.
pub(super) fn nothing_more() -> AtomicBool {
    AtomicBool::new(false)
}

/// Writes entries as they come and adds up the exit status. Where they can't be written `quit` is set, so that nothing
/// more is sent; what is in flight is still waited for. `orders` is how many are to be carried out. `nothing` is said where
/// everything that was listed is gone: then nothing was checked, and the exit code is 2 as for an empty list.
pub(super) async fn report(
    events: impl Stream<Item = io::Result<DeleteEvent>>,
    mut targets: Targets,
    journal: Option<&JournalFile>,
    context: &Context,
    quit: &AtomicBool,
    orders: u64,
    nothing: &str,
) -> ExitStatus {
    let rows = match targets.rows::<DeleteEntry, DeleteSummary>() {
        Ok(rows) => rows,
        // Entries are carried out as they are asked for: none was.
        Err(error) => return context.undelivered(&error),
    };
    let meter = match orders {
        0 | 1 => Meter::silent(),
        many => Meter::objects(context.output.progress, &context.printer, Some(many), "deleting"),
    };
    let bar = meter.until_dropped();
    let mut run = Run {
        rows,
        summary: DeleteSummary::default(),
        decided: 0,
        delivered: Ok(()),
        waits: None,
        meter: &meter,
        context,
        quit,
    };
    let mut events = pin!(events);
    let broken = loop {
        let next = match run.waits {
            Some(since) => match tokio::time::timeout_at(since + FLUSH, events.next()).await {
                Ok(next) => next,
                Err(_) => {
                    run.flush();
                    continue;
                }
            },
            None => events.next().await,
        };
        match next {
            None => break None,
            Some(Err(error)) => break Some(error),
            Some(Ok(event)) => run.take(event),
        }
    };
    drop(bar);
    if let Some(error) = &broken {
        context.printer.error(format!("reading the plan back: {error}; nothing more was sent"));
        run.summary.trouble(false);
    }
    let is_nothing = broken.is_none() && run.decided == 0 && run.summary.status() == ExitStatus::Yes;
    let (mut rows, mut summary, delivered) = run.into_parts();
    // Every outcome is on disk before the report says so.
    if let Some(journal) = journal
        && let Err(failure) = journal.flush().await
    {
        context.printer.error(failure);
        summary.trouble(false);
    }
    let signal = context.signals.caught();
    let mut exit = signal.map_or(summary.status(), |signal| signal.or(summary.status()));
    if is_nothing && exit == ExitStatus::Yes && !context.allow_empty {
        exit = context.no_answer(nothing);
    }
    summary.exit = exit.code();
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
            exit
        }
        Err(error) => {
            let undelivered = context.undelivered(&error);
            exit.or(if summary.effect { ExitStatus::Incomplete } else { undelivered })
        }
    }
}

struct Run<'a> {
    rows: RowTargets<'a, DeleteEntry, DeleteSummary>,
    summary: DeleteSummary,
    /// Entries that have a say in the exit code.
    decided: u64,
    delivered: Result<(), OutputError>,
    /// Since when something that was deleted waits to be told.
    waits: Option<Instant>,
    meter: &'a Meter,
    context: &'a Context,
    quit: &'a AtomicBool,
}

impl<'a> Run<'a> {
    fn into_parts(self) -> (RowTargets<'a, DeleteEntry, DeleteSummary>, DeleteSummary, Result<(), OutputError>) {
        (self.rows, self.summary, self.delivered)
    }

    fn take(&mut self, event: DeleteEvent) {
        match event {
            DeleteEvent::Ended(entry) => {
                self.summary.count(&entry);
                self.decided += 1;
                self.meter.add(u64::from(entry.decision == Decision::Delete));
                self.row(&entry);
            }
            DeleteEvent::Aside(entry) => {
                self.summary.count_aside(&entry);
                self.row(&entry);
            }
            DeleteEvent::Corrected { before, entry } => {
                self.summary.correct(before, &entry);
                let text = format!(
                    "s3://{}/{} (version {}) was told as {}, and still answers: it is unknown",
                    entry.bucket,
                    entry.key,
                    entry.version_id.as_deref().unwrap_or("null"),
                    before.word()
                );
                self.meter.aside(|| self.context.printer.error(text));
                self.row(&entry);
            }
            DeleteEvent::Foreign(what) => {
                self.summary.trouble(true);
                let text = format!("S3 says that it deleted {what}, which was not ordered: look at its versions");
                self.meter.aside(|| self.context.printer.error(text));
            }
        }
    }

    fn row(&mut self, entry: &DeleteEntry) {
        if self.context.printer.is_quiet()
            && let Some(error) = &entry.error
        {
            self.meter.aside(|| self.context.printer.error(error));
        }
        self.write(|rows| rows.row(entry));
        // What was deleted is told soon after its turn in the list has come.
        if entry.outcome.may_have_changed_something() {
            self.waits.get_or_insert_with(Instant::now);
        }
        if self.waits.is_some_and(|since| since.elapsed() >= FLUSH) {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.waits = None;
        self.write(|rows| rows.flush());
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut RowTargets<'_, DeleteEntry, DeleteSummary>) -> Result<(), OutputError>,
    ) {
        if self.delivered.is_err() {
            return;
        }
        let rows = &mut self.rows;
        self.delivered = self.meter.beside_rows(|| write(rows));
        self.quit.fetch_or(self.delivered.is_err(), Ordering::Relaxed);
    }
}
