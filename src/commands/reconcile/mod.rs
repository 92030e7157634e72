//! `reconcile`: finds and opens the reports of source and destination, compares them row by row, and holds the classes against
//! the limits.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::{SignedDuration, Timestamp};

mod confirm;
mod explain;
mod next_steps;
mod options;
mod sides;

pub(crate) use self::options::{PairExportOptions, ReconcileOptions, SideOptions};

use self::confirm::confirm;
use self::explain::explain;
use self::next_steps::next_steps;
use self::sides::{OpenSide, OpenSides, open_sides};
use super::command_end::CommandEnd;
use super::reports::{ExportFile, ReportChoice, ReportOpener, UnansweredAlarm, facts, progress};
use super::{Context, Interruptible};
use crate::exit::ExitStatus;
use crate::output::{
    ExportPlace, Meter, MetricSeries, OutputFiles, PairExport, PairRunFacts, Targets, exceeded_limits, plural,
};
use crate::reconcile::{
    IdentityKind, IdentitySecret, OlderResult, PairAbout, PairFindings, PairUnanswerable, Reconciliation, conclude_pair,
};
use crate::report::{PairComparison, PairError, PairQuestion, Progress, ReportPair, SecondLook};

pub(super) async fn run(options: ReconcileOptions, context: &Context) -> Result<CommandEnd> {
    let alarm = UnansweredAlarm::set(context, series(&options));
    let targets = match options.export.as_ref().map(|export| &export.place) {
        Some(ExportPlace::Stdout) => {
            alarm.stdout_is_taken();
            context.needs_stdout()?;
            Targets::open_files(&context.output.writes)?
        }
        Some(ExportPlace::File(_)) | None => context.targets()?,
    };
    let mut files = targets.files().clone();
    let mut exporting = match &options.export {
        Some(export) => Some(ExportFile::open(&export.place, export.form, &mut files)?),
        None => None,
    };
    let ended = answer(&options, context, &alarm, targets, &files, &mut exporting).await;
    // An export that is already in place is not in `exporting` any more.
    context.warned(exporting.and_then(|exporting| exporting.warning()), ended)
}

/// The series that a run belongs to, as the command line says.
fn series(options: &ReconcileOptions) -> MetricSeries {
    let about = |choice: &ReportChoice| choice.about().map(ToString::to_string);
    match &options.sides {
        SideOptions::Both { source, destination } => MetricSeries::of_reconcile(about(source), about(destination)),
        SideOptions::ByRules { source, .. } => MetricSeries::of_reconcile(about(source), None),
    }
}

/// Reads, answers, and puts everything in place. Leaves `exporting` there if it ended before that.
async fn answer(
    options: &ReconcileOptions,
    context: &Context,
    alarm: &UnansweredAlarm<'_>,
    targets: Targets,
    files: &OutputFiles,
    exporting: &mut Option<ExportFile<'_>>,
) -> Result<CommandEnd> {
    let lacks = "the reports were not read or confirmed to their end, so there is no result";
    let compared = match context
        .until_signal(lacks, Box::pin(compare(options, alarm, context, files, exporting.as_ref())))
        .await
    {
        Interruptible::Completed(compared) => compared?,
        Interruptible::Interrupted(end) => return Ok(end),
    };
    let Answered { result, exported } = compared;
    let result = match result {
        Ok(result) => result,
        Err(empty @ PairUnanswerable::Empty(_)) => return Ok(Context::no_answer(&empty.to_string())),
        Err(other) => bail!(other),
    };
    // The export comes first, then the outputs that mention it.
    let exported = match (exporting.take(), &options.export) {
        (Some(exporting), Some(export)) => Some(PairExport {
            path: exporting.commit()?,
            form: export.form,
            objects: exported,
            classes: export.classes.clone(),
            source_bucket: result.source.source_bucket.clone(),
            destination_bucket: result.destination.source_bucket.clone(),
        }),
        _ => None,
    };
    alarm.stdout_is_taken();
    let next = next_steps(&result, options, context);
    let run = PairRunFacts { at: context.now(), exported: exported.as_ref(), next: &next };
    let delivered = targets.deliver(|out, format, style| (format.write_pair)(&result, &run, out, style));
    if let Err(error) = delivered {
        return Ok(context.undelivered(&error));
    }
    alarm.answered();
    Ok(match result.exit() {
        ExitStatus::Yes => CommandEnd::YES,
        exit => CommandEnd::new(exit, exceeded_limits(&result.limits)),
    })
}

/// A pair of reports that was compared.
struct Answered {
    result: Result<Reconciliation, PairUnanswerable>,
    exported: u64,
}

async fn compare(
    options: &ReconcileOptions,
    alarm: &UnansweredAlarm<'_>,
    context: &Context,
    outputs: &OutputFiles,
    exporting: Option<&ExportFile<'_>>,
) -> Result<Answered> {
    let opener = ReportOpener { outputs, alarm, read: options.read(context), context };
    let OpenSides { source, destination, identity } = open_sides(options, &opener, context).await?;
    let buckets = [&source, &destination].map(|side| Some(side.report.manifest.source_bucket.clone()));
    let [source_bucket, destination_bucket] = buckets;
    alarm.learn(MetricSeries::of_reconcile(source_bucket, destination_bucket));
    let earlier = source.report.scan_times().0.min(destination.report.scan_times().0);
    let grace = SignedDuration::try_from(options.grace).unwrap_or(SignedDuration::MAX);
    let judged_before = earlier.checked_sub(grace).unwrap_or(Timestamp::MIN);
    // Whether it can be compared at all is said before hours of reading.
    let about = PairAbout {
        source: source.report.bucket(),
        destination: destination.report.bucket(),
        identity: identity.word(),
        prefix: options.prefix.as_deref(),
        scanned_at: source.report.manifest.scanned_at,
    };
    let older = options.since.as_ref().map(|path| read_older(path, about)).transpose()?;
    let mut secret = [0; 16];
    getrandom::fill(&mut secret).map_err(|error| anyhow!("asking the system for random bytes: {error}"))?;
    let question = PairQuestion { prefix: options.prefix.clone(), old_before: judged_before };
    let stop = &context.signals.stop;
    let (add, bar) = progress(&[&source.report, &destination.report], "", context)?;
    let (one, other) = (Arc::clone(&source.report), Arc::clone(&destination.report));
    let read = ReportPair::read(one, other, &question, IdentitySecret(secret), &options.temp_dir, stop, &add).await;
    drop(bar);
    let pair = Arc::new(read.map_err(|error| explain(error, &source, &destination, exporting))?);
    let looks_again = !options.by.is_empty() || options.export.is_some() || options.confirm.is_some();
    let (add, bar) = comparing(&pair, context);
    let compared = pair.compare(looks_again, stop, &add).await;
    drop(bar);
    let found = match compared {
        Ok(found) => found,
        Err(PairError::Twice { side, identity }) => {
            let named = pair.name_twice(side, identity, stop).await;
            let error = named.map_or_else(|error| error, |damage| PairError::Report { side, error: damage.into() });
            return Err(explain(error, &source, &destination, exporting));
        }
        Err(error) => return Err(explain(error, &source, &destination, exporting)),
    };
    let result = conclude(options, &source, &destination, identity, judged_before, &found, older.as_ref(), context)?;
    let (mut exported, mut result) = match result {
        Ok(result) => (0, result),
        Err(why) => return Ok(Answered { result: Err(why), exported: 0 }),
    };
    if !options.by.is_empty() || options.export.is_some() {
        let export = match (exporting, &options.export) {
            (Some(exporting), Some(export)) => Some((export.classes.clone(), exporting.sink()?)),
            _ => None,
        };
        let look = SecondLook { by: options.by.clone(), export, objects: None };
        let (add, bar) = progress(&[&source.report], " again", context)?;
        let looked = pair.look_again(&look, &found, stop, &add).await;
        drop(bar);
        let looked = looked.map_err(|error| explain(error, &source, &destination, exporting))?;
        exported = looked.exported;
        result = result.in_groups(looked.groups, options.top, older.as_ref());
    }
    if let Some(most) = options.confirm {
        result = confirm(result, &pair, &found, (&source, &destination), options, most, context).await?;
    }
    Ok(Answered { result: Ok(result), exported })
}

/// A bar for the rows that are compared.
fn comparing(pair: &ReportPair, context: &Context) -> (Progress, impl Drop + use<>) {
    let records = pair.records();
    let what = format!("comparing {}", plural(records, "row"));
    let meter = Arc::new(Meter::objects(context.output.progress, &context.printer, Some(records), &what));
    let bar = meter.until_dropped();
    (Arc::new(move |records| meter.add(records)), bar)
}

#[expect(clippy::too_many_arguments, reason = "everything that the result says, from one place")]
fn conclude(
    options: &ReconcileOptions,
    source: &OpenSide,
    destination: &OpenSide,
    identity: IdentityKind,
    judged_before: Timestamp,
    found: &PairComparison,
    older: Option<&OlderResult>,
    context: &Context,
) -> Result<Result<Reconciliation, PairUnanswerable>> {
    let now = context.now();
    let has_latest = |side: &OpenSide| side.report.columns.is_latest.is_some();
    let findings = PairFindings {
        source: facts(&source.report, source.scope.clone(), now)?,
        destination: facts(&destination.report, destination.scope.clone(), now)?,
        identity,
        prefix: options.prefix.clone(),
        grace_seconds: options.grace.as_secs(),
        judged_before,
        rows: found.counts.map(|counts| (counts.scanned, counts.rows)),
        undated: found.counts[0].undated,
        sums: &found.sums,
        words: &found.words,
        has_latest: has_latest(source) && has_latest(destination),
        spilled_bytes: found.spilled,
    };
    Ok(conclude_pair(findings, &options.limits, older, context.allow_empty))
}

fn read_older(path: &Path, about: PairAbout<'_>) -> Result<OlderResult> {
    let what = || format!("the older result {} (--since)", path.display());
    let json = std::fs::read(path).with_context(what)?;
    OlderResult::read(&json, about).with_context(what)
}
