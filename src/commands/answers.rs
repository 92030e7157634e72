//! The loop over answers of S3. Several requests are in flight at a time; their answers are taken one by one, and become
//! rows.

use std::fmt::Display;
use std::pin::pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use super::Signals;
use super::wait::{LOOK_EVERY, PendingWait};
use crate::exit::ExitStatus;
use crate::model::Failure;
use crate::output::{Meter, OutputError, PrintedTexts, Printer, ReportRow, ReportSummary, RowFilter, RowTargets};

/// What the loop does besides taking answers.
#[derive(Default)]
pub(super) struct BesideAnswers<'a> {
    /// Shows the pending objects.
    pub(super) wait: Option<(&'a PendingWait, &'a Meter, &'a Printer)>,
    /// A signal ends the loop. `None` where everything that was sent must be answered.
    pub(super) signals: Option<&'a Signals>,
}

/// How the loop ended.
pub(super) enum AnswersEnd<E> {
    Complete,
    Interrupted(ExitStatus),
    /// The taker stopped it.
    Stopped(E),
}

impl<E> AnswersEnd<E> {
    /// For a loop that no signal ends.
    pub(super) fn into_result(self) -> Result<(), E> {
        match self {
            Self::Complete | Self::Interrupted(_) => Ok(()),
            Self::Stopped(error) => Err(error),
        }
    }
}

pub(super) trait TakeAnswer<T> {
    /// Why no more answers are taken.
    type Stop;

    async fn take(&mut self, answer: T) -> Result<(), Self::Stop>;

    /// When rows that wait in a buffer must be flushed.
    fn flush_due(&self) -> Option<Instant> {
        None
    }

    fn flush(&mut self) {}
}

/// Takes answers with a closure, and has no buffer.
pub(super) struct EachAnswer<F>(pub(super) F);

impl<T, E, F: AsyncFnMut(T) -> Result<(), E>> TakeAnswer<T> for EachAnswer<F> {
    type Stop = E;

    async fn take(&mut self, answer: T) -> Result<(), E> {
        (self.0)(answer).await
    }
}

pub(super) async fn take_answers<T, A: TakeAnswer<T>>(
    answers: impl Stream<Item = T>,
    beside: BesideAnswers<'_>,
    taker: &mut A,
) -> AnswersEnd<A::Stop> {
    let BesideAnswers { wait, signals } = beside;
    let mut answers = pin!(answers);
    let mut signal = pin!(async {
        match signals {
            Some(signals) => signals.wait().await,
            None => std::future::pending().await,
        }
    });
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        let due = taker.flush_due();
        let answer = tokio::select! {
            biased;
            signal = &mut signal => {
                // Once the requests are dropped, it is forgotten what was pending.
                wait.iter().for_each(|(wait, ..)| wait.stop());
                return AnswersEnd::Interrupted(signal);
            }
            answer = answers.next() => answer,
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                taker.flush();
                continue;
            }
            _ = look.tick(), if wait.is_some() => {
                if let Some((wait, meter, printer)) = wait {
                    wait.show(meter, printer);
                }
                continue;
            }
        };
        let Some(answer) = answer else { return AnswersEnd::Complete };
        if let Err(stop) = taker.take(answer).await {
            return AnswersEnd::Stopped(stop);
        }
    }
}

/// Rows on their way to the targets.
pub(super) struct RowReport<'a, R, S> {
    rows: RowTargets<'a, R, S>,
    meter: &'a Meter,
    pub(super) printer: &'a Printer,
    /// The longest time that an urgent row waits in a buffer.
    flush_after: Duration,
    /// Since when an urgent row waits.
    waits: Option<Instant>,
    shown: RowFilter,
    /// Rows that are not shown.
    pub(super) hidden: u64,
    hints: PrintedTexts,
    delivered: Result<(), OutputError>,
}

impl<'a, R: ReportRow, S: ReportSummary> RowReport<'a, R, S> {
    pub(super) fn new(
        rows: RowTargets<'a, R, S>,
        meter: &'a Meter,
        printer: &'a Printer,
        flush_after: Duration,
        shown: RowFilter,
    ) -> Self {
        let hints = PrintedTexts::default();
        Self { rows, meter, printer, flush_after, waits: None, shown, hidden: 0, hints, delivered: Ok(()) }
    }

    /// Writes a row, if it is to be shown; with `--quiet` only its error.
    pub(super) fn row(&mut self, row: &R, error: Option<&Failure>, is_urgent: bool) {
        if let Some(error) = error.filter(|_| self.printer.is_quiet()) {
            match error.hint.as_ref().is_none_or(|hint| self.hints.is_new(hint)) {
                true => self.error(error),
                false => self.error(error.without_hint()),
            }
        }
        if !self.shown.shows(row) {
            // The totals that --summary asks for are not repeated on stderr.
            self.hidden += u64::from(!self.shown.summary);
            return;
        }
        self.write(|rows| rows.row(row));
        if is_urgent {
            self.waits.get_or_insert_with(Instant::now);
        }
        if self.flush_due().is_some_and(|due| due <= Instant::now()) {
            self.flush();
        }
    }

    pub(super) fn error(&self, error: impl Display) {
        self.meter.aside(|| self.printer.error(error));
    }

    pub(super) fn note(&self, note: impl Display) {
        self.meter.aside(|| self.printer.note(note));
    }

    pub(super) fn flush_due(&self) -> Option<Instant> {
        self.waits.map(|since| since + self.flush_after)
    }

    pub(super) fn flush(&mut self) {
        self.waits = None;
        self.write(|rows| rows.flush());
    }

    /// Whether all rows so far were written to all outputs.
    pub(super) fn is_delivered(&self) -> bool {
        self.delivered.is_ok()
    }

    /// Ends standard output, then the files. `summary` learns whether all writes succeeded so far: a file then has the right exit
    /// code if standard output failed.
    pub(super) fn end(mut self, mut summary: impl FnMut(bool) -> S) -> Result<(), OutputError> {
        self.flush();
        let so_far = summary(self.is_delivered());
        self.write(|rows| rows.end_stdout(&so_far));
        let so_far = summary(self.is_delivered());
        self.write(|rows| rows.end_files(&so_far));
        self.delivered
    }

    fn write(&mut self, write: impl FnOnce(&mut RowTargets<'a, R, S>) -> Result<(), OutputError>) {
        let written = self.meter.beside_rows(|| write(&mut self.rows));
        let before = std::mem::replace(&mut self.delivered, Ok(()));
        self.delivered = OutputError::of_both(before, written);
    }
}
