//! The reports of `safe-delete` and `undo`: rows as they arrive, the summary, and the exit status they add up to.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::Stream;
use serde::Serialize;
use tokio::time::Instant;

use super::Context;
use super::answers::{BesideAnswers, RowReport, TakeAnswer, take_answers};
use super::command_end::CommandEnd;
use crate::deletion::{
    Decision, DeleteEntry, DeleteEvent, DeleteOutcome, DeleteSummary, FailedLookups, MarkerEntry, OutcomeCounts,
    UndoSummary,
};
use crate::exit::ExitStatus;
use crate::journal::JournalWriter;
use crate::model::{Failure, human_count, plural};
use crate::output::{Meter, OutputError, ReportRow, ReportSummary, RowFilter, Targets, not_shown};

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
    pub(super) shown: RowFilter,
    /// Nothing is carried out.
    pub(super) dry_run: bool,
}

/// Reports a safe-delete. If all listed objects are gone, nothing was checked: prints `nothing` and exits 2, as for an
/// empty list.
pub(super) async fn report_deletes(
    events: impl Stream<Item = io::Result<DeleteEvent>>,
    to: ReportTo<'_>,
    nothing: &str,
) -> CommandEnd {
    report(events, to, DeleteSummary::default(), Some(nothing)).await
}

/// Reports an undo. `summary` says what is known before the first entry.
pub(super) async fn report_markers(
    entries: impl Stream<Item = io::Result<MarkerEntry>>,
    to: ReportTo<'_>,
    summary: UndoSummary,
) -> CommandEnd {
    report(entries, to, summary, None).await
}

/// The summary of a report, and how entries add to it.
trait OutcomeSummary<T>: ReportSummary + Serialize + Default + Clone {
    /// The row of one object.
    type Row: ReportRow;
    /// What the progress bar says.
    const DOING: &'static str;

    fn counts(&mut self) -> &mut OutcomeCounts;

    fn is_settled(&self) -> bool;

    fn set_exit(&mut self, exit: u8);

    /// Entries with a good outcome that are not good all the same, per reason.
    fn not_good(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }

    /// What the command does to every object.
    const DONE: &'static str;
    /// The outcomes that are good ones.
    const GOOD: &'static [&'static str];

    fn take(event: T, report: &mut OutcomeReport<'_, Self::Row, Self>);
}

impl OutcomeSummary<DeleteEvent> for DeleteSummary {
    type Row = DeleteEntry;
    const DOING: &'static str = "deleting";
    const DONE: &'static str = "deleted";
    const GOOD: &'static [&'static str] = &["version-deleted", "marker-created", "would-delete", "already-absent"];

    fn counts(&mut self) -> &mut OutcomeCounts {
        &mut self.counts
    }

    fn is_settled(&self) -> bool {
        Self::is_settled(self)
    }

    fn set_exit(&mut self, exit: u8) {
        self.exit = exit;
    }

    fn not_good(&self) -> BTreeMap<&'static str, u64> {
        let count = (self.newer_hidden > 0).then_some((MAY_HIDE, self.newer_hidden));
        count.into_iter().collect()
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
                    "s3://{}/{} (version {}) was reported as {}, and its outcome is unknown: {}",
                    entry.bucket,
                    entry.key,
                    entry.version_id.as_deref().unwrap_or("null"),
                    before.word(),
                    entry.error.as_ref().map_or("a lookup contradicts it", |failure| &failure.message)
                ));
                entry
            }
            DeleteEvent::NotLookedUp(lookups) => return report.not_looked_up(&lookups),
            DeleteEvent::Foreign(DeleteEntry { bucket, key, version_id, .. }) => {
                report.summary.counts.trouble(true);
                let version = version_id.as_deref().unwrap_or("unknown");
                return report.rows.error(format!(
                    "S3 reports that it deleted s3://{bucket}/{key} (version {version}), which the request did not name: check the versions of this key"
                ));
            }
        };
        report.rows.row(&entry, entry.error.as_ref(), entry.outcome.class().may_have_changed_something());
    }
}

impl OutcomeSummary<MarkerEntry> for UndoSummary {
    type Row = MarkerEntry;
    const DOING: &'static str = "removing markers";
    const DONE: &'static str = "undone";
    const GOOD: &'static [&'static str] = &["marker-removed", "would-remove", "already-absent"];

    fn counts(&mut self) -> &mut OutcomeCounts {
        &mut self.counts
    }

    fn is_settled(&self) -> bool {
        Self::is_settled(self)
    }

    fn set_exit(&mut self, exit: u8) {
        self.exit = exit;
    }

    fn not_good(&self) -> BTreeMap<&'static str, u64> {
        self.not_current.clone()
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
    summary: S,
    nothing: Option<&str>,
) -> CommandEnd {
    let ReportTo { mut targets, journal, context, quit, orders, shown, dry_run } = to;
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
    let status = match summary.counts().status() {
        // What an earlier run of the journal changed is not an effect of this run.
        ExitStatus::Incomplete if dry_run => ExitStatus::Unknown,
        status => status,
    };
    let hidden = rows.hidden;
    let exit = signal.map_or(status, |signal| signal.worse(status));
    let end = match nothing {
        Some(nothing) if decided == 0 && exit == ExitStatus::Yes && !context.allow_empty => Context::no_answer(nothing),
        _ => {
            let what = match exit {
                ExitStatus::Incomplete => done_so_far(summary.counts()),
                ExitStatus::Unknown if !dry_run => format!("nothing was {}: ", S::DONE),
                _ => format!("not everything {} {}: ", if dry_run { "would be" } else { "was" }, S::DONE),
            };
            let not_good = summary.not_good();
            end(exit, summary.counts(), &not_good, &what, S::GOOD, hidden)
        }
    };
    let changed = summary.counts().effect() && !dry_run;
    let if_undelivered = if changed { ExitStatus::Incomplete } else { ExitStatus::Unknown };
    let delivered = rows.end(|delivered| {
        let exit = if delivered { end.exit } else { end.exit.worse(if_undelivered) };
        summary.set_exit(exit.code());
        summary.clone()
    });
    if broken.is_some() {
        context.say_kept(&targets.keep_whole());
    }
    let end = match OutputError::of_both(delivered, targets.commit()) {
        Ok(()) => {
            let is_complete = broken.is_none() && signal.is_none() && summary.is_settled();
            if let Some(journal) = journal.filter(|_| is_complete)
                && let Err(failure) = journal.finish(&summary).await
            {
                // The outcomes are on disk and were reported: a second run finds and reports them once more.
                context.printer.error(failure);
            }
            end
        }
        Err(error) => {
            context.printer.error(&error);
            if changed && signal.is_none() {
                context.printer.error(ended_early("the result was not written", summary.counts()));
            }
            CommandEnd::explained(end.exit.worse(if_undelivered))
        }
    };
    if signal.is_some() {
        context.printer.error(ended_early("interrupted", summary.counts()));
    }
    end
}

/// Of a delete marker that nothing bound to the version that was checked.
const MAY_HIDE: &str = "hides a version that was not checked, or may hide one";

/// Whether this outcome is a change.
fn is_done(word: &str) -> bool {
    ["marker-created", "version-deleted", "marker-removed"].contains(&word)
}

/// An outcome in words.
fn said(word: &str) -> String {
    match word {
        "marker-created" => "hidden".to_owned(),
        "version-deleted" | "marker-removed" => "removed".to_owned(),
        word => word.replace('-', " "),
    }
}

/// The beginning of the last line of a run that changed something and could not do the rest.
fn done_so_far(counts: &OutcomeCounts) -> String {
    let done = counts.by.iter().filter(|(word, _)| is_done(word));
    let done: Vec<String> = done.map(|(word, count)| format!("{} {}", human_count(*count), said(word))).collect();
    match done.is_empty() {
        true => "incomplete: ".to_owned(),
        false => format!("incomplete: {}, and ", done.join(", ")),
    }
}

/// The last line of a run that ended early: why, what was done, and what to do next.
fn ended_early(why: &str, counts: &OutcomeCounts) -> String {
    let open = DeleteOutcome::NotAttempted.word();
    let mut words: Vec<&str> = counts.by.keys().copied().collect();
    words.sort_by_key(|word| (*word == open, !is_done(word)));
    let parts: Vec<String> =
        words.iter().map(|word| format!("{} {}", human_count(counts.of(word)), said(word))).collect();
    let next = if counts.of(open) > 0 { "; run the same command again to continue" } else { "" };
    format!("{why}: {}{next}", parts.join(", "))
}

/// The last line of a report: `what`, how many entries did not end well, and why objects were kept.
fn end(
    exit: ExitStatus,
    counts: &OutcomeCounts,
    not_good: &BTreeMap<&'static str, u64>,
    what: &str,
    good: &[&str],
    hidden: u64,
) -> CommandEnd {
    let number = |(word, count): (&&'static str, &u64)| format!("{} {word}", human_count(*count));
    let reasons = counts.kept.iter().map(number).collect::<Vec<_>>().join(", ");
    let others = counts.by.iter().filter(|(word, _)| !good.contains(*word)).map(|by| match *by.0 == "kept" {
        true if !reasons.is_empty() => format!("{} ({reasons})", number(by)),
        _ => number(by),
    });
    let others = others.chain(not_good.iter().map(number)).collect::<Vec<_>>().join(", ");
    let hidden = not_shown(hidden, counts.objects, &counts.by);
    match others.is_empty() {
        // What it was about has no entry, and was printed.
        true => CommandEnd::explained(exit),
        false => CommandEnd::new(exit, format!("{what}{others}{hidden}")),
    }
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

impl OutcomeReport<'_, DeleteEntry, DeleteSummary> {
    fn not_looked_up(&mut self, lookups: &FailedLookups) {
        let why = lookups.example.as_ref().map(Failure::to_string).unwrap_or_default();
        let many = |count: u64, what: &str| format!("{} that S3 accepted {what}: {why}", plural(count, "delete"));
        if lookups.refused > 0 && lookups.failed == 0 {
            self.rows.note(many(lookups.refused, "can't be verified, because S3 refused the lookup (403)"));
        }
        if lookups.failed > 0 {
            self.summary.counts.trouble(true);
            self.summary.not_looked_up = Some(lookups.failed);
            self.rows
                .error(many(lookups.failed, "could not be looked up afterwards, so S3's answer is the only proof"));
        }
    }
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
