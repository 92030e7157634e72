//! `reconcile`: finds and opens the reports of source and destination, compares them row by row, and compares the classes with
//! the limits.

use anyhow::{Result, bail};

mod confirm;
mod engine;
mod explain;
mod next_steps;
mod open_pair;
mod options;
mod rows;
mod sides;
mod verdict;

pub(crate) use self::options::{ReconcileOptions, SideOptions};

use self::engine::{EnginePair, EnginePairFigures};
use self::next_steps::next_steps;
use self::open_pair::open_pair;
use self::rows::compare_rows;
use self::verdict::{Answered, PairTotals, conclude};
use super::command_end::CommandEnd;
use super::engines::{AthenaTask, RowSource};
use super::reports::{ExportOptions, Exports, InputFile, ReportChoice, UnansweredAlarm, files_of};
use super::{Context, Interruptible, write_text};
use crate::exit::ExitStatus;
use crate::export::ExportForm;
use crate::output::{MetricSeries, OutputFiles, PairExport, PairRunFacts, Targets, exceeded_limits};
use crate::reconcile::{PairClass, PairUnanswerable};
use crate::sql::Dialect;

pub(super) async fn run(options: ReconcileOptions, context: &Context) -> Result<CommandEnd> {
    let series = series(&options);
    UnansweredAlarm::during(context, series, async |alarm| open_outputs(&options, context, alarm).await).await
}

/// Opens everything that is written, and answers.
async fn open_outputs(
    options: &ReconcileOptions,
    context: &Context,
    alarm: &UnansweredAlarm<'_>,
) -> Result<CommandEnd> {
    if let Some(dialect) = options.print_sql {
        let lacks = "no statements were written";
        return match context.until_signal(lacks, Box::pin(script(options, dialect, alarm, context))).await {
            Interruptible::Completed(script) => Ok(write_text(&script?, context)?),
            Interruptible::Interrupted(end) => Ok(end),
        };
    }
    let (file, folder) = (options.export.as_ref(), options.folder_export.as_ref());
    let since = options.since.clone().map(|path| InputFile { path, what: "the older result (--since)" });
    let reports = options.sides.addresses().flat_map(files_of);
    let inputs = since.into_iter().chain(options.rows.figures_file()).chain(reports);
    let (targets, files, mut exports) = Exports::open(file, folder, inputs, alarm, context)?;
    let ended = answer(options, context, alarm, targets, &files, &mut exports).await;
    context.warned(exports.warning(), ended)
}

/// The series that a run belongs to, as the command line says.
fn series(options: &ReconcileOptions) -> MetricSeries {
    let about = |choice: &ReportChoice| choice.about().map(ToString::to_string);
    match &options.sides {
        SideOptions::Both { source, destination } => MetricSeries::of_reconcile(about(source), about(destination)),
        SideOptions::ByRules { source, .. } => MetricSeries::of_reconcile(about(source), None),
    }
}

/// Reads, answers, and puts everything in place. Leaves the file of `exports` there if it ended before that.
async fn answer(
    options: &ReconcileOptions,
    context: &Context,
    alarm: &UnansweredAlarm<'_>,
    targets: Targets,
    files: &OutputFiles,
    exports: &mut Exports<'_, Vec<PairClass>>,
) -> Result<CommandEnd> {
    let lacks = "the reports were not read or confirmed to their end, so there is no result";
    let task = AthenaTask::default();
    let asked = Box::pin(compare(options, alarm, context, files, exports, &task));
    let compared = match context.until_signal(lacks, asked).await {
        Interruptible::Completed(compared) => compared?,
        Interruptible::Interrupted(end) => {
            task.end(context).await;
            return Ok(end);
        }
    };
    let Answered { result, exported: exported_objects } = compared;
    let result = match result {
        Ok(result) => result,
        Err(empty @ PairUnanswerable::Empty(_)) => return Ok(Context::no_answer(&empty.to_string())),
        Err(other) => bail!(other),
    };
    // The export comes first, then the outputs that mention it.
    let exported = match (exports.file.take(), &exports.folder) {
        (Some(file), _) => {
            let ExportOptions { form, classes, .. } = file.options.clone();
            Some((file.commit()?, form, classes))
        }
        (None, Some(folder)) => {
            let path = Some(folder.tell(exported_objects, context));
            Some((path, ExportForm::Manifest, folder.order().classes.clone()))
        }
        (None, None) => None,
    };
    let exported = exported.map(|(path, form, classes)| PairExport {
        path,
        form,
        objects: exported_objects,
        classes,
        source_bucket: result.source.source_bucket.clone(),
        destination_bucket: result.destination.source_bucket.clone(),
    });
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

/// The statements with which an engine compares the reports.
async fn script(
    options: &ReconcileOptions,
    dialect: Dialect,
    alarm: &UnansweredAlarm<'_>,
    context: &Context,
) -> Result<String> {
    let pair = open_pair(options, alarm, &OutputFiles::default(), context).await?;
    let statements = EnginePair::of(&pair.sides, options, pair.judged_before)?.statements(dialect, context).await?;
    alarm.answered();
    Ok(statements.to_string())
}

async fn compare(
    options: &ReconcileOptions,
    alarm: &UnansweredAlarm<'_>,
    context: &Context,
    outputs: &OutputFiles,
    exports: &Exports<'_, Vec<PairClass>>,
    task: &AthenaTask<EnginePairFigures>,
) -> Result<Answered> {
    if let RowSource::Athena(_) = &options.rows {
        options.check_one_connection(&context.client)?;
    }
    let pair = open_pair(options, alarm, outputs, context).await?;
    let engine = || EnginePair::of(&pair.sides, options, pair.judged_before);
    let (figures, exported) = match &options.rows {
        RowSource::Local => return compare_rows(&pair, options, exports.file.as_ref(), context).await,
        RowSource::Spark(command) => engine()?.by_spark(command.as_deref(), exports.folder.as_ref(), context).await?,
        RowSource::Figures(input) => (engine()?.by_figures(input, context).await?, 0),
        RowSource::Athena(settings) => engine()?.by_athena(settings, exports.folder.as_ref(), task, context).await?,
    };
    let found = PairTotals {
        sums: &figures.sums,
        words: &figures.words,
        rows: figures.rows,
        undated: figures.undated,
        spilled_bytes: 0,
    };
    let result = conclude(options, &pair, &found, context)?;
    let result = result.map(|result| result.in_groups(figures.groups, options.top, pair.older.as_ref()));
    Ok(Answered { result, exported })
}
