//! `inventory`: finds and opens a report, checks its age, adds its rows up, and compares the sums with the limits.

use std::sync::Arc;

use anyhow::{Result, bail};

mod confirm;
mod engine;
mod export;
mod next_steps;
mod older;
mod options;

pub(crate) use self::options::InventoryOptions;

use self::confirm::confirm;
use self::engine::{EngineFigures, by_athena, by_figures, by_spark};
use self::export::{check_dates, export_report};
use self::next_steps::next_steps;
use self::older::{add_up_older, open_older};
use super::command_end::CommandEnd;
use super::engines::{AthenaTask, RowSource};
use super::reports::{
    ExportFile, Exports, ReportOpener, UnansweredAlarm, check_about, check_prefix, check_time, facts, files_of, locate,
    progress, read_rules_for, scope,
};
use super::{Context, Interruptible};
use crate::audit::{Audit, LimitClass, Question, Tally, Unanswerable, Verified, conclude};
use crate::exit::ExitStatus;
use crate::export::{Export, ExportClasses, ExportCounts, ExportForm};
use crate::output::{MetricSeries, NextSteps, OutputFiles, RunFacts, Targets, exceeded_limits};
use crate::report::{Report, ReportError};

pub(super) async fn run(options: InventoryOptions, context: &Context) -> Result<CommandEnd> {
    let series = options.asked.report.series();
    UnansweredAlarm::during(context, series, async |alarm| open_outputs(&options, context, alarm).await).await
}

/// Opens everything that is written, and answers.
async fn open_outputs(
    options: &InventoryOptions,
    context: &Context,
    alarm: &UnansweredAlarm<'_>,
) -> Result<CommandEnd> {
    let (file, folder) = (options.export.as_ref(), options.folder_export.as_ref());
    let files = options.asked.rules_file().into_iter().chain(options.rows.figures_file());
    let reports = options.asked.report.address().into_iter().chain(options.since.as_ref()).flat_map(files_of);
    let inputs = files.chain(reports);
    let (targets, files, mut exports) = Exports::open(file, folder, inputs, alarm, context)?;
    let ended = answer(options, context, alarm, targets, &files, &mut exports).await;
    context.warned(exports.warning(), ended)
}

/// Reads, answers, and puts everything in place. Leaves the file of `exports` there if it ended before that.
async fn answer(
    options: &InventoryOptions,
    context: &Context,
    alarm: &UnansweredAlarm<'_>,
    targets: Targets,
    files: &OutputFiles,
    exports: &mut Exports<'_, ExportClasses>,
) -> Result<CommandEnd> {
    let lacks = "the report was not read or confirmed to its end, so there is no result";
    let task = AthenaTask::default();
    let asked = Box::pin(audit(options, alarm, context, files, exports, &task));
    let read = match context.until_signal(lacks, asked).await {
        Interruptible::Completed(read) => read?,
        Interruptible::Interrupted(end) => {
            task.end(context).await;
            return Ok(end);
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
    let exported = match (exports.file.take(), &exports.folder) {
        (Some(file), _) => {
            let form = file.options.form;
            Some(export_report(file.commit()?, form, read.exported, &read.report))
        }
        (None, Some(folder)) => {
            let path = Some(folder.tell(read.exported.objects, context));
            Some(export_report(path, ExportForm::Manifest, read.exported, &read.report))
        }
        (None, None) => None,
    };
    alarm.stdout_is_taken();
    let config = alarm.config();
    let run = RunFacts { at: context.now(), config: config.as_deref(), exported: exported.as_ref(), next: &read.next };
    let delivered = targets.deliver(|out, format, style| (format.write_audit)(&audit, &run, out, style));
    if let Err(error) = delivered {
        return Ok(context.undelivered(&error));
    }
    alarm.answered();
    Ok(match audit.exit() {
        ExitStatus::Yes => CommandEnd::YES,
        exit => CommandEnd::new(exit, exceeded_limits(&audit.limits)),
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
    exports: &Exports<'_, ExportClasses>,
    task: &AthenaTask<EngineFigures>,
) -> Result<AuditedReport> {
    let exporting = exports.file.as_ref();
    let located = locate(&options.asked.report, &context.client, context).await?;
    alarm.learn(located.series());
    let opener = ReportOpener { outputs, read: options.asked.read.options(options.whole, context), context };
    let report = opener.open(&located).await?;
    alarm.learn(MetricSeries::of_inventory(Some(report.manifest.source_bucket.clone()), None));
    let manifest = &report.manifest;
    check_about(&report, &options.asked)?;
    let now = context.now();
    check_time(&report, &located, options.asked.max_age, now)?;
    let scope = scope(&report, located.configuration.as_ref(), context);
    check_prefix(scope.as_ref(), options.question.filter.prefix.as_deref())?;
    let rules = read_rules_for(&options.asked, &manifest.source_bucket, context).await?;
    let question = &Question { rules, ..options.question.clone() };
    check_coverage(question, report.bucket())?;
    // Whether it can be compared at all is said before hours of reading.
    let older = match &options.since {
        Some(since) => Some(open_older(&opener, since, &located, &report).await?),
        None => None,
    };
    let report = Arc::new(report);
    let (tally, exported) = match &options.rows {
        RowSource::Local => add_up(&report, question, exporting, context).await?,
        RowSource::Spark(command) => {
            by_spark(command.as_deref(), &report, question, exports.folder.as_ref(), context).await?
        }
        RowSource::Athena(settings) => {
            by_athena(settings, &report, question, exports.folder.as_ref(), task, context).await?
        }
        RowSource::Figures(input) => (by_figures(input, &report, question, context).await?, ExportCounts::default()),
    };
    exporting.map_or(Ok(()), |exporting| check_dates(&exporting.options.classes, &tally))?;
    let older = match older {
        Some(older) => Some(add_up_older(older, question, context).await?),
        None => None,
    };
    let mut facts = facts(&report, scope, now)?;
    if let Some(figures) = options.rows.name() {
        (facts.verified, facts.figures) = (Verified::None, Some(figures));
    }
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

/// Refuses a limit for uncovered objects if it is not known to which keys the rules apply.
fn check_coverage(question: &Question, bucket: &str) -> Result<()> {
    let unknown = question.rules.as_ref().map_or(&[][..], |rules| rules.unknown());
    if unknown.is_empty() || question.limits.is_off(LimitClass::Uncovered) {
        return Ok(());
    }
    bail!(
        "checking the limit for uncovered objects of bucket {bucket}: replaudit does not know {}, so it is not known which objects are uncovered; update replaudit, or give --fail-on uncovered:off",
        unknown.join(" and ")
    );
}

/// Reads all rows, adds them up, and exports some of them.
async fn add_up(
    report: &Arc<Report>,
    question: &Question,
    exporting: Option<&ExportFile<'_, ExportClasses>>,
    context: &Context,
) -> Result<(Tally, ExportCounts)> {
    let (add, bar) = progress(&[report], "", context)?;
    let export = match exporting {
        Some(file) => Some(Export { classes: file.options.classes.clone(), to: file.sink()? }),
        None => None,
    };
    let stop = Arc::clone(&context.signals.stop);
    let read = report.tally_and_export(question, export, stop, add).await;
    drop(bar);
    match read {
        Ok(read) => Ok(read),
        Err(ReportError::Damaged(damage)) => {
            bail!("the report can't be trusted: {damage}; copy its files again if it is a copy, or use an older report")
        }
        Err(error) => Err(match exporting {
            Some(exporting) => exporting.explain(error),
            None => error.into(),
        }),
    }
}
