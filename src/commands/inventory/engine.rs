//! Sums that an engine computed: `--engine` and `--figures`. They are held against the report's manifest and footers.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::super::Context;
use super::super::engines::{
    AthenaQuestion, AthenaTask, FiguresInput, FolderExport, figures, run_name, run_spark, spark_program,
};
use super::super::reports::footers;
use super::export::check_dates;
use crate::audit::{FigureSums, Question, Tally};
use crate::engine::AthenaSettings;
use crate::export::{ExportClasses, ExportCounts, ExportedRows};
use crate::report::Report;
use crate::sql::{Dialect, needed_columns};

/// Has Spark add up the rows, and export some of them; `command` runs it, if it was given.
pub(super) async fn by_spark(
    command: Option<&str>,
    report: &Arc<Report>,
    question: &Question,
    exporting: Option<&FolderExport<ExportClasses>>,
    context: &Context,
) -> Result<(Tally, ExportCounts)> {
    let program = spark_program(command)?;
    let statements = report.sql(question, Dialect::Spark, None, exporting.map(FolderExport::order))?.to_string();
    let sums = empty_sums(report, question, exporting.is_some(), context).await?;
    if let Some(exporting) = exporting {
        exporting.begin();
    }
    let sums = ExportedRows::new(sums, exporting.is_some());
    let found = run_spark(&program, &statements, sums, context).await?;
    check(report, found, exporting).with_context(|| format!("the figures of {} can't be trusted", program.name()))
}

/// Sums, and the number of exported lines.
pub(super) type EngineFigures = (Tally, Option<u64>);

/// Checks sums as those of rows are checked, and an export by them.
fn check(
    report: &Report,
    (tally, lines): EngineFigures,
    exporting: Option<&FolderExport<ExportClasses>>,
) -> Result<(Tally, ExportCounts)> {
    report.check_figures(&tally)?;
    if let Some(exporting) = exporting {
        let classes = &exporting.order().classes;
        check_dates(classes, &tally)?;
        exporting.check(classes.objects(&tally), lines)?;
    }
    Ok((tally, ExportCounts { objects: lines.unwrap_or_default(), ..ExportCounts::default() }))
}

/// Has Athena add up the rows, and export some of them.
pub(super) async fn by_athena(
    settings: &AthenaSettings,
    report: &Arc<Report>,
    question: &Question,
    exporting: Option<&FolderExport<ExportClasses>>,
    task: &AthenaTask<EngineFigures>,
    context: &Context,
) -> Result<(Tally, ExportCounts)> {
    let statements = report.sql(question, Dialect::Athena, Some(&run_name()?), exporting.map(FolderExport::order))?;
    let asked = AthenaQuestion::new(settings, statements, &[report]).await?;
    report.check_symlink().await?;
    let sums = empty_sums(report, question, exporting.is_some(), context).await?;
    if let Some(exporting) = exporting {
        exporting.begin();
    }
    let found = asked.ask(ExportedRows::new(sums, exporting.is_some()), task, context).await?;
    check(report, found, exporting).context("the figures of Athena can't be trusted")
}

/// Reads figures that an engine computed before.
pub(super) async fn by_figures(
    input: &FiguresInput,
    report: &Arc<Report>,
    question: &Question,
    context: &Context,
) -> Result<Tally> {
    let tally = figures(input, empty_sums(report, question, false, context).await?).await?;
    report.check_figures(&tally).with_context(|| format!("the figures in {} can't be trusted", input.name()))?;
    Ok(tally)
}

/// Sums that take figures, which must be those of the footers. `is_exported` says whether rows are exported too.
async fn empty_sums(
    report: &Arc<Report>,
    question: &Question,
    is_exported: bool,
    context: &Context,
) -> Result<FigureSums> {
    let footers = footers(report, &needed_columns(&report.columns, question, is_exported), context).await?;
    Ok(report.figure_sums(question, footers)?)
}
