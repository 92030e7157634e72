//! The report of `undo`: rows as they come, the summary, and the exit status they add up to.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use super::Context;
use crate::deletion::{MarkerEntry, MarkerOutcome, UndoSummary};
use crate::exit::ExitStatus;
use crate::journal::JournalFile;
use crate::output::{Meter, Targets};

/// What was removed waits no longer than this in a buffer.
const FLUSH: Duration = Duration::from_millis(100);

/// Writes entries as they come and adds up the exit status. Where they can't be written `quit` is set, so that nothing
/// more is sent; what is in flight is still waited for. `orders` is how many are to be carried out.
pub(super) async fn report(
    entries: impl Stream<Item = io::Result<MarkerEntry>>,
    mut targets: Targets,
    journal: Option<&JournalFile>,
    context: &Context,
    quit: &AtomicBool,
    orders: u64,
) -> ExitStatus {
    let mut rows = match targets.rows::<MarkerEntry, UndoSummary>() {
        Ok(rows) => rows,
        // Entries are carried out as they are asked for: none was.
        Err(error) => return context.undelivered(&error),
    };
    let meter = match orders {
        0 | 1 => Meter::silent(),
        many => Meter::objects(context.output.progress, &context.printer, Some(many), "removing markers"),
    };
    let bar = meter.until_dropped();
    let (mut summary, mut delivered) = (UndoSummary::default(), Ok(()));
    // Since when something that was removed waits to be reported.
    let mut waits: Option<Instant> = None;
    let mut entries = pin!(entries);
    let broken = loop {
        let next = match waits {
            Some(since) => tokio::time::timeout_at(since + FLUSH, entries.next()).await.ok(),
            None => Some(entries.next().await),
        };
        match next {
            Some(None) => break None,
            Some(Some(Err(error))) => break Some(error),
            Some(Some(Ok(entry))) => {
                summary.count(&entry);
                meter.add(1);
                if let Some(error) = entry.error.as_ref().filter(|_| context.printer.is_quiet()) {
                    meter.aside(|| context.printer.error(error));
                }
                if delivered.is_ok() {
                    delivered = meter.beside_rows(|| rows.row(&entry));
                }
                if matches!(entry.outcome, MarkerOutcome::MarkerRemoved | MarkerOutcome::Unknown) {
                    waits.get_or_insert_with(Instant::now);
                }
            }
            None => {}
        }
        if waits.is_some_and(|since| since.elapsed() >= FLUSH) {
            waits = None;
            if delivered.is_ok() {
                delivered = meter.beside_rows(|| rows.flush());
            }
        }
        quit.fetch_or(delivered.is_err(), Ordering::Relaxed);
    };
    drop(bar);
    if let Some(error) = &broken {
        context.printer.error(format!("reading the plan back: {error}; nothing more was sent"));
        summary.trouble();
    }
    // Every outcome is on disk before the report says so.
    if let Some(journal) = journal
        && let Err(failure) = journal.flush().await
    {
        context.printer.error(failure);
        summary.trouble();
    }
    let signal = context.signals.caught();
    let exit = signal.map_or(summary.status(), |signal| signal.or(summary.status()));
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
            match exit {
                ExitStatus::No => context.printer.note(why(&summary)),
                ExitStatus::Unknown | ExitStatus::Incomplete => context.printer.error(why(&summary)),
                ExitStatus::Yes | ExitStatus::Interrupted | ExitStatus::Terminated => {}
            }
            exit
        }
        Err(error) => {
            let undelivered = context.undelivered(&error);
            exit.or(if summary.effect { ExitStatus::Incomplete } else { undelivered })
        }
    }
}

/// Why the exit code is not 0, for stderr: a script may not read the report.
fn why(summary: &UndoSummary) -> String {
    let undone = [MarkerOutcome::MarkerRemoved, MarkerOutcome::WouldRemove, MarkerOutcome::AlreadyAbsent];
    let others = summary.by.iter().filter(|(word, _)| undone.iter().all(|outcome| outcome.word() != **word));
    let parts: Vec<String> = others.map(|(word, count)| format!("{count} {word}")).collect();
    format!("not everything is undone: {}", parts.join(", "))
}
