//! `inventory`: finds and opens a report, checks its age, adds its rows up, and holds the sums against the limits.

use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};
use s3_answers::InventoryConfiguration;

mod alarm;
mod confirm;
mod export;
mod find;
mod next_steps;
mod open;
mod options;
mod rules;

pub(crate) use self::export::ExportOptions;
pub(crate) use self::find::ReportChoice;
pub(crate) use self::options::{InventoryOptions, MaxAge};

use self::alarm::UnansweredAlarm;
use self::confirm::confirm;
use self::export::OpenExport;
use self::find::locate;
use self::next_steps::next_steps;
use self::open::{ReportOpener, add_up_older, progress};
use super::Context;
use super::command_end::CommandEnd;
use crate::audit::{Audit, Question, ReportFacts, ReportScope, Unanswerable, conclude};
use crate::exit::ExitStatus;
use crate::export::ExportCounts;
use crate::output::{ExportPlace, MetricSeries, NextSteps, OutputFiles, RunFacts, Targets, ago, exceeded_limits};
use crate::report::{Report, ReportError};

/// If a report is from later than this in the future, one of the clocks is wrong.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

pub(super) async fn run(options: InventoryOptions, context: &Context) -> Result<CommandEnd> {
    let alarm = UnansweredAlarm::set(context, options.report.series());
    let targets = match options.export.as_ref().map(|export| &export.place) {
        Some(ExportPlace::Stdout) => {
            alarm.stdout_is_taken();
            context.needs_stdout()?;
            Targets::open_files(&context.output.writes)?
        }
        Some(ExportPlace::File(_)) | None => context.targets()?,
    };
    let mut files = targets.files().clone();
    let mut exporting = options.export.as_ref().map(|export| OpenExport::open(export, &mut files)).transpose()?;
    let ended = answer(&options, context, &alarm, targets, &files, &mut exporting).await;
    // What is in place by now was taken out.
    match (exporting.and_then(|exporting| exporting.warning()), ended) {
        (Some(warning), Err(error)) => Err(error.context(warning)),
        (Some(warning), Ok(status)) => {
            context.printer.error(warning);
            Ok(status)
        }
        (None, ended) => ended,
    }
}

/// Reads, answers, and puts everything in place. Leaves `exporting` there if it ended before that.
async fn answer(
    options: &InventoryOptions,
    context: &Context,
    alarm: &UnansweredAlarm<'_>,
    targets: Targets,
    files: &OutputFiles,
    exporting: &mut Option<OpenExport<'_>>,
) -> Result<CommandEnd> {
    let answered = tokio::select! {
        biased;
        signal = context.signals.wait() => Err(signal),
        audit = audit(options, alarm, context, files, exporting.as_ref()) => Ok(audit),
    };
    let read = match answered {
        Ok(read) => read?,
        Err(signal) => {
            context
                .printer
                .error("interrupted: the report was not read or confirmed to its end, so there is no result");
            return Ok(CommandEnd::explained(signal));
        }
    };
    let audit = match read.audit {
        Ok(audit) => audit,
        Err(empty) if empty.is_empty() => return Ok(Context::no_answer(&empty.to_string())),
        Err(other) => bail!(other),
    };
    if let Some(markers) = audit.markers_with_status() {
        context
            .printer
            .note(format!("{markers}: delete markers count in no status, and AWS does not document what this means"));
    }
    // First what somebody acts on, then what says that it is there.
    let exported = exporting.take().map(|exporting| exporting.commit(read.exported, &read.report)).transpose()?;
    alarm.stdout_is_taken();
    let config = alarm.config();
    let run =
        RunFacts { at: (context.now)(), config: config.as_deref(), exported: exported.as_ref(), next: &read.next };
    let delivered = targets.deliver(|out, format, style| (format.write_audit)(&audit, &run, out, style));
    if let Err(error) = delivered {
        return Ok(context.undelivered(&error));
    }
    alarm.answered();
    Ok(match audit.exit() {
        ExitStatus::Yes => CommandEnd::YES,
        exit => CommandEnd::new(exit, exceeded_limits(&audit)),
    })
}

/// A report that was read whole.
struct AuditedReport {
    report: Arc<Report>,
    audit: Result<Audit, Unanswerable>,
    exported: ExportCounts,
    next: NextSteps,
}

async fn audit(
    options: &InventoryOptions,
    alarm: &UnansweredAlarm<'_>,
    context: &Context,
    outputs: &OutputFiles,
    exporting: Option<&OpenExport<'_>>,
) -> Result<AuditedReport> {
    let located = locate(&options.report, context).await?;
    alarm.learn(located.series());
    let opener = ReportOpener { outputs, alarm, read: options.read(context), context };
    let report = opener.open(&located).await?;
    alarm.learn(MetricSeries { bucket: Some(report.manifest.source_bucket.clone()), config: None });
    let manifest = &report.manifest;
    if let Some(bucket) = options.report.about()
        && bucket.as_str() != manifest.source_bucket
    {
        bail!("{} is about bucket {}, not about {bucket}", report.name, manifest.source_bucket);
    }
    let now = (context.now)();
    let max_age = options.max_age.unwrap_or_else(|| MaxAge::of_schedule(located.configuration.as_ref()));
    let (earliest, latest) = report.scan_times();
    check_not_from_the_future(&report.name, now, latest)?;
    check_age(&report.name, now, earliest, max_age, located.if_too_old())?;
    let scope = scope(&report, located.configuration.as_ref(), context);
    let (bytes, files) = (manifest.bytes()?, manifest.files.len() as u64);
    let rules = rules::rules(options, &manifest.source_bucket, context).await?;
    let question = &Question { rules, ..options.question.clone() };
    // Whether it can be compared at all is said before hours of reading.
    let older = match &options.since {
        Some(since) => Some(opener.open_older(since, &located, &report).await?),
        None => None,
    };
    let (add, bar) = progress(&report, "", context)?;
    let report = Arc::new(report);
    let export = exporting.map(OpenExport::order).transpose()?;
    let stop = Arc::clone(&context.signals.stop);
    let read = report.tally_and_export(question, export, stop, add).await;
    drop(bar);
    let (tally, exported) = match read {
        Ok(read) => read,
        Err(ReportError::Damaged(damage)) => bail!("the report can't be trusted: {damage}"),
        Err(error) => {
            return Err(match exporting {
                Some(exporting) => exporting.explain(error),
                None => error.into(),
            });
        }
    };
    exporting.map_or(Ok(()), |exporting| exporting.check(&tally))?;
    let older = match older {
        Some(older) => Some(add_up_older(older, question, context).await?),
        None => None,
    };
    let facts = ReportFacts {
        source_bucket: report.manifest.source_bucket.clone(),
        destination_bucket: report.manifest.destination_bucket.clone(),
        manifest: report.name.clone(),
        scanned_at: report.manifest.scanned_at,
        format: report.manifest.format.word(),
        files,
        bytes,
        age_seconds: now.duration_since(report.manifest.scanned_at).as_secs(),
        scope,
        verified: report.verified(),
    };
    let mut audit = conclude(facts, &tally, older.as_ref(), question, context.allow_empty);
    // Their memory is needed for what follows.
    drop((tally, older));
    if let (Some(most), Ok(found)) = (options.confirm, &audit) {
        audit = Ok(confirm(found.clone(), &report, question, most, context).await?);
    }
    let next = match &audit {
        Ok(audit) => next_steps(audit, &report, options, context).await,
        Err(_) => NextSteps::default(),
    };
    Ok(AuditedReport { report, audit, exported, next })
}

/// What the configuration lets into the report; a configuration that was changed since says nothing of it.
fn scope(report: &Report, configuration: Option<&InventoryConfiguration>, context: &Context) -> Option<ReportScope> {
    let configuration = configuration?;
    let holds = if report.columns.version_id.is_some() { "All" } else { "Current" };
    if configuration.versions != holds {
        context.printer.note(format!(
            "inventory configuration {:?} was changed since this report: now it is for {:?} versions, the report is not; it is not known what the report leaves out",
            configuration.id, configuration.versions
        ));
        return None;
    }
    Some(ReportScope { prefix: configuration.prefix.clone(), versions: configuration.versions.clone() })
}

fn check_not_from_the_future(name: &str, now: Timestamp, scanned_at: Timestamp) -> Result<()> {
    if now.duration_since(scanned_at) < -CLOCK_SKEW {
        bail!("{name} says it was scanned at {scanned_at}, which is in the future: check this machine's clock");
    }
    Ok(())
}

fn check_age(name: &str, now: Timestamp, scanned_at: Timestamp, max_age: MaxAge, next_step: &str) -> Result<()> {
    let age = now.duration_since(scanned_at);
    let MaxAge::Limit(limit) = max_age else { return Ok(()) };
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    if age > limit {
        bail!(
            "{name} was scanned at {scanned_at}, {} ago, and --max-age is {}: later changes are not in it; {next_step}, or give --max-age {}h",
            ago(age.as_secs()),
            ago(limit.as_secs()),
            age.as_hours() + 1
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reports_from_the_past_and_the_future() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        let hour = MaxAge::Limit(Duration::from_secs(3600));
        let table = [
            (at(-3600), hour, true),
            (at(-3601), hour, false),
            (at(900), hour, true),
            (at(901), hour, false),
            (at(-900_000), MaxAge::None, true),
            (at(901), MaxAge::None, false),
        ];
        for (scanned_at, max_age, good) in table {
            let checked = check_not_from_the_future("x", now, scanned_at)
                .and_then(|()| check_age("x", now, scanned_at, max_age, ""));
            assert_eq!(checked.is_ok(), good, "{scanned_at}");
        }
    }
}
