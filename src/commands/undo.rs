//! `undo`: read the result of a safe-delete, check every marker, plan, show, ask, remove, report.

use std::fs::{File, TryLockError};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::Context;
use super::command_end::CommandEnd;
use super::consent::{self, ConsentAnswer};
use super::deletion_report::{ReportTo, nothing_more, report_markers};
use super::objects::ListSource;
use super::open_journal::open_journal;
use super::own_files::{check_journal, keeping, temporary_file};
use crate::deletion::{
    CurrentVersion, JournalHeader, JournalState, MarkerCheck, MarkerEntry, MarkerLook, MarkerOutcome, MarkerPlan,
    MarkerPlanner, MarkerReason, MarkerRemover, SourceSummary, Spool, UndoCandidate, UndoExecution, UndoJournal as _,
    UndoLines, UndoSummary, read_source, remove_markers, spooled,
};
use crate::journal::{JournalWriter, OpenedJournal, UndoneJournal};
use crate::model::{Failure, ObjectId, VersionId, hex, human_count};
use crate::output::{Meter, RowFilter, Targets, plural};
use crate::s3::{S3Deleter, S3MarkerRemover, S3Store};

/// The resolved arguments of `undo`.
#[derive(Debug)]
pub(crate) struct UndoOptions {
    /// The result or the journal of a safe-delete.
    pub(crate) source: ListSource,
    /// Decide and show.
    pub(crate) dry_run: bool,
    /// Consent was given on the command line.
    pub(crate) yes: bool,
    /// Refuse the whole plan if it would remove more markers.
    pub(crate) max_delete: Option<u64>,
    /// The file for intents and outcomes.
    pub(crate) journal: Option<PathBuf>,
}

pub(super) async fn run(options: UndoOptions, context: &Context) -> Result<CommandEnd> {
    let targets = context.targets()?;
    options.source.check("the result that undo reads", targets.files(), context)?;
    if let Some(journal) = &options.journal {
        check_journal(journal, Some(("FILE", &options.source)), context)?;
    }
    let interrupted = |signal| {
        context.printer.error("interrupted before anything was removed");
        Ok(CommandEnd::explained(signal))
    };
    let source = options.source.clone();
    let dry_run = options.dry_run;
    // A pipe may wait for its writer, and a signal must not.
    let reading = tokio::task::spawn_blocking(move || read(&source, dry_run));
    let mut source = tokio::select! {
        biased;
        signal = context.signals.wait() => return interrupted(signal),
        read = reading => read.context("reading the file")??,
    };
    // After the file: one that is missing or wrong is what the user has to know first.
    if source.gathered.candidates > 0 && !options.yes && !options.dry_run && !consent::has_terminal() {
        bail!(
            "there is no terminal to ask for confirmation: add --yes, or use --dry-run to see the plan; nothing was removed"
        );
    }
    // Locked until the run ends.
    let undone = source.undone.take();
    let summary = UndoSummary { run_unfinished: source.gathered.is_unfinished, ..UndoSummary::default() };
    let store = Arc::new(context.connect().await?);
    let remover = S3MarkerRemover::new(&store, S3Deleter::new(&store, None, context.delete_settings()));
    let planned = tokio::select! {
        biased;
        signal = context.signals.wait() => return interrupted(signal),
        planned = plan(&options, source, &store, &remover, context) => planned?,
    };
    let Some(UndoPlanned { plan, past, journal }) = planned else {
        let nothing = format!(
            "{}: it contains no delete marker and no removed version: that run was a dry run, deleted nothing, or \
             left its deletes out (--only, --summary)",
            options.source
        );
        return Ok(context.nothing::<MarkerEntry, _>(&nothing, &UndoSummary::default())?);
    };
    if summary.run_unfinished {
        context.printer.note(format!(
            "{}: the run that wrote this journal did not finish, or the file is cut off: it may not name every delete marker",
            options.source
        ));
    }
    let asked = plan.asks_for();
    let refused = |plan: MarkerPlan<File>, reason| stream::iter(plan.refuse(reason));
    let quit = nothing_more();
    let shown = RowFilter::default();
    let to = |targets| ReportTo {
        targets,
        journal: None,
        context,
        quit: &quit,
        orders: asked,
        shown,
        dry_run: options.dry_run,
    };
    if let Some(most) = options.max_delete
        && asked > most
    {
        let planned = plural(asked, "delete marker");
        context
            .printer
            .note(format!("the plan would remove {planned}, and --max-delete is {most}: nothing was removed; allow more, or choose fewer objects"));
        let entries = refused(plan, Some(MarkerReason::OverLimit));
        return Ok(report_markers(entries, to(targets), summary).await);
    }
    if options.dry_run {
        show(&plan, store.has_custom_endpoint(), true, |line| context.printer.note(line));
        return Ok(report_markers(refused(plan, None), to(targets), summary).await);
    }
    if asked > 0 && !options.yes {
        show(&plan, store.has_custom_endpoint(), false, |line| context.printer.tell(line));
        let question = format!("Remove {}? [y/N] ", plural(asked, "delete marker"));
        match consent::answered(&question, &consent::YES.map(str::to_owned), context).await {
            ConsentAnswer::Yes => {}
            ConsentAnswer::No => {
                let entries = refused(plan, Some(MarkerReason::NotConsented));
                return Ok(report_markers(entries, to(targets), summary).await);
            }
            ConsentAnswer::Interrupted(signal) => return interrupted(signal),
            ConsentAnswer::Unasked(why) => bail!("asking for confirmation: {why:#}; nothing was removed"),
        }
    }
    if let Some(undone) = &undone
        && asked > 0
    {
        undone.mark(&context.now().to_string()).with_context(|| {
            format!(
                "adding a line to {}, so that no run resumes it; nothing was removed (`replaudit undo - < FILE` adds none)",
                options.source
            )
        })?;
    }
    carry_out(plan, (past.as_ref(), journal.as_ref()), &remover, targets, summary, context).await
}

async fn carry_out(
    plan: MarkerPlan<File>,
    (past, journal): (Option<&UndoJournalFile>, Option<&JournalWriter>),
    remover: &S3MarkerRemover<'_>,
    targets: Targets,
    summary: UndoSummary,
    context: &Context,
) -> Result<CommandEnd> {
    let asked = plan.asks_for();
    let approved = plan.approve(asked).context("nothing was removed")?;
    let quit = AtomicBool::new(false);
    let stop = || quit.load(Ordering::Relaxed) || context.signals.caught().is_some();
    let concurrency = context.concurrency.get();
    let is_open =
        |marker: &ObjectId| past.is_some_and(|past| matches!(past.replay.state(marker), JournalState::Open(_)));
    let execution = UndoExecution { remover, journal, is_open: &is_open, concurrency, stop: &stop };
    let to =
        ReportTo { targets, journal, context, quit: &quit, orders: asked, shown: RowFilter::default(), dry_run: false };
    Ok(report_markers(remove_markers(approved, execution), to, summary).await)
}

/// Shows a plan, line by line: what is kept or lost and why, and what the removal means. Before a prompt, what is removed
/// first comes before that; a dry run lists every marker in its report.
fn show(plan: &MarkerPlan<File>, custom_endpoint: bool, dry_run: bool, mut line: impl FnMut(String)) {
    let (summary, first, asked) = (plan.summary(), plan.first(), plan.asks_for());
    let (will, not_undone) = if dry_run { ("would", "would not be undone") } else { ("will", "not undone") };
    if !dry_run {
        for marker in first {
            let id = marker.version_id.as_ref().map_or("null", VersionId::as_str);
            line(format!("  s3://{}/{} (marker {id})", marker.bucket, marker.key));
        }
        if asked > first.len() as u64 {
            line(format!("  … and {} more", human_count(asked - first.len() as u64)));
        }
    }
    for (reason, count) in &summary.counts.kept {
        line(format!("{not_undone}: {} {reason}", human_count(*count)));
    }
    if summary.of(MarkerOutcome::MarkerRemoved) > 0 {
        let count = plural(summary.of(MarkerOutcome::MarkerRemoved), "marker");
        line(format!("{count} were removed by an earlier run, according to the journal."));
    }
    if asked == 0 {
        return line(format!("No delete marker {will} be removed."));
    }
    let count = plural(asked, "delete marker");
    let becomes = if dry_run { "would become" } else { "becomes" };
    line(format!(
        "{count} {will} be removed by version ID. Each hidden version {becomes} current, unless there is a newer one."
    ));
    line(match custom_endpoint {
        false => "S3 does not replicate the removal: delete markers in destination buckets stay.".to_owned(),
        true => "This server may or may not replicate the removal: check the destination afterwards.".to_owned(),
    });
}

type UndoJournalFile = OpenedJournal<UndoLines>;

struct UndoPlanned {
    plan: MarkerPlan<File>,
    past: Option<UndoJournalFile>,
    journal: Option<JournalWriter>,
}

/// A file that was read to its end.
struct UndoSource {
    /// The file, if it is a journal that can be marked.
    undone: Option<UndoneJournal>,
    candidates: File,
    gathered: SourceSummary,
    hash: String,
}

/// Opens the journal, checks every marker of a file now, and decides; `None` if the file names no marker.
async fn plan(
    options: &UndoOptions,
    source: UndoSource,
    store: &Arc<S3Store>,
    remover: &S3MarkerRemover<'_>,
    context: &Context,
) -> Result<Option<UndoPlanned>> {
    let UndoSource { candidates, gathered, hash, .. } = source;
    if let Some(endpoint) = &gathered.endpoint
        && endpoint.as_deref() != store.endpoint()
    {
        let name = |endpoint: Option<&str>| endpoint.unwrap_or("AWS").to_owned();
        bail!(
            "the journal {} was written for {}, and this run asks {}: set --endpoint-url",
            options.source,
            name(endpoint.as_deref()),
            name(store.endpoint())
        );
    }
    let header = JournalHeader { connection: store.connection(), arguments_hash: hash };
    let (past, journal) = open_journal(options.journal.as_deref(), &header, options.dry_run, context)?;
    if gathered.candidates == 0 && gathered.is_unfinished {
        bail!(
            "{}: it contains no delete marker, and it may be cut off, because its run did not finish",
            options.source
        );
    }
    if gathered.candidates == 0 {
        return Ok(None);
    }
    let meter = match gathered.candidates {
        0 | 1 => Meter::silent(),
        many => Meter::objects(context.output.progress, &context.printer, Some(many), "asking S3"),
    };
    let bar = meter.until_dropped();
    let keep = || keeping("plan");
    let mut planner = MarkerPlanner::new(temporary_file("plan")?);
    let known = stream::iter(spooled::<UndoCandidate>(candidates)).map(|candidate| {
        let past = past.as_ref();
        let candidate = candidate.map(|candidate| gathered.corrected(candidate));
        async move { check(candidate?, past, remover).await }
    });
    let mut known = Box::pin(known.buffered(context.concurrency.get()));
    while let Some(known) = known.next().await {
        match known.with_context(|| keeping("list"))? {
            CheckedMarker::Checked { candidate, check, current } => {
                planner.add(&candidate, check.as_deref(), current).with_context(keep)?;
            }
            CheckedMarker::Done { entry, is_new } => {
                if let Some(journal) = journal.as_ref().filter(|_| is_new) {
                    journal.ended(&entry)?;
                }
                planner.add_done(&entry).with_context(keep)?;
            }
        }
        meter.add(1);
    }
    drop((bar, known));
    Ok(Some(UndoPlanned { plan: planner.finish().with_context(keep)?, past, journal }))
}

/// One candidate, checked.
enum CheckedMarker {
    /// It was checked now.
    Checked { candidate: Box<UndoCandidate>, check: Option<Box<MarkerCheck>>, current: Option<CurrentVersion> },
    /// An earlier run sent its removal; `is_new` if the journal must note what a lookup showed now.
    Done { entry: Box<MarkerEntry>, is_new: bool },
}

async fn check(
    candidate: UndoCandidate,
    past: Option<&UndoJournalFile>,
    remover: &S3MarkerRemover<'_>,
) -> io::Result<CheckedMarker> {
    let Some(marker) = candidate.marker_id().filter(|_| candidate.needs_check()) else {
        return Ok(CheckedMarker::Checked { candidate: candidate.into(), check: None, current: None });
    };
    let state = past.map_or(JournalState::New, |past| past.replay.state(&marker));
    if let (JournalState::Done(offset), Some(past)) = (state, past) {
        let (_, mut entry) = past.record(offset)?;
        // Since that run, another request may have hidden the key again.
        let before = entry.outcome;
        entry.note_current(remover.current(&marker).await);
        let is_new = entry.outcome != before;
        return Ok(CheckedMarker::Done { entry: entry.into(), is_new });
    }
    let check = remover.check(&marker).await;
    let mut current = None;
    if check.look == Ok(MarkerLook::Absent) {
        let seen = remover.current(&marker).await;
        if matches!(state, JournalState::Open(_)) {
            let text = "an earlier run did not learn what became of the removal; lookup: the marker is gone";
            let entry = MarkerEntry::removed_before(&candidate, seen, Failure::new("Resumed", text, None));
            return Ok(CheckedMarker::Done { entry: entry.into(), is_new: true });
        }
        current = Some(seen);
    }
    if let (JournalState::Open(_), Err(failure)) = (state, &check.look) {
        let entry = MarkerEntry::still_unknown(&candidate, failure);
        return Ok(CheckedMarker::Done { entry: entry.into(), is_new: false });
    }
    Ok(CheckedMarker::Checked { candidate: candidate.into(), check: Some(check.into()), current })
}

/// Reads the file to its end, and keeps its candidates in a temporary file. A journal stays locked, unless this is a dry run.
fn read(source: &ListSource, dry_run: bool) -> Result<UndoSource> {
    let mut undone = None;
    let mut spool = Spool::new(temporary_file("list")?);
    let mut hash = Sha256::new();
    let mut take = |candidate: &UndoCandidate| {
        hash.update(serde_json::to_vec(candidate).map_err(io::Error::from)?);
        spool.push(candidate).map_err(|error| io::Error::other(format!("{}: {error}", keeping("list"))))
    };
    let gathered = match source {
        ListSource::Stdin => read_source(BufReader::new(io::stdin()), &mut take),
        ListSource::File(path) => {
            let why = || format!("reading {source}");
            if !dry_run {
                undone = UndoneJournal::lock(path).with_context(why)?;
            }
            let file = match &undone {
                Some(undone) => undone.reader().with_context(why)?,
                None => shared(path, source)?,
            };
            read_source(BufReader::with_capacity(64 << 10, file), &mut take)
        }
    };
    let gathered = gathered.with_context(|| format!("reading {source}"))?;
    let candidates = spool.finish().with_context(|| keeping("list"))?;
    Ok(UndoSource { undone, candidates, gathered, hash: hex(&hash.finalize()) })
}

/// Opens a file that no run writes meanwhile.
fn shared(path: &Path, source: &ListSource) -> Result<File> {
    let why = || format!("reading {source}");
    let file = File::open(path).with_context(why)?;
    if file.metadata().with_context(why)?.is_file() {
        match file.try_lock_shared() {
            // On a file system without locks, no run can be writing a journal.
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => bail!("{source}: another run is writing it"),
        }
    }
    Ok(file)
}
