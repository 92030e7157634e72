//! Sums that an engine computed: `--engine` and `--figures`. They are held against the report's manifest and footers.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::super::Context;
use super::super::engines::{AthenaQuestion, AthenaTask, FiguresInput, figures, run_name, run_spark, spark_program};
use super::super::reports::footers;
use crate::audit::{FigureSums, Question, Tally};
use crate::engine::AthenaSettings;
use crate::report::Report;
use crate::sql::{Dialect, needed_columns};

/// Has Spark add up the rows; `command` runs it, if it was given.
pub(super) async fn by_spark(
    command: Option<&str>,
    report: &Arc<Report>,
    question: &Question,
    context: &Context,
) -> Result<Tally> {
    let program = spark_program(command)?;
    let statements = report.sql(question, Dialect::Spark, None)?.to_string();
    let sums = empty_sums(report, question, context).await?;
    let tally = run_spark(&program, &statements, sums, context).await?;
    report.check_figures(&tally).with_context(|| format!("the figures of {} can't be trusted", program.name()))?;
    Ok(tally)
}

/// Has Athena add up the rows.
pub(super) async fn by_athena(
    settings: &AthenaSettings,
    report: &Arc<Report>,
    question: &Question,
    task: &AthenaTask<Tally>,
    context: &Context,
) -> Result<Tally> {
    let statements = report.sql(question, Dialect::Athena, Some(&run_name()?))?;
    let asked = AthenaQuestion::new(settings, statements, &[report]).await?;
    report.check_symlink().await?;
    let sums = empty_sums(report, question, context).await?;
    let tally = asked.ask(sums, task, context).await?;
    report.check_figures(&tally).context("the figures of Athena can't be trusted")?;
    Ok(tally)
}

/// Reads figures that an engine computed before.
pub(super) async fn by_figures(
    input: &FiguresInput,
    report: &Arc<Report>,
    question: &Question,
    context: &Context,
) -> Result<Tally> {
    let tally = figures(input, empty_sums(report, question, context).await?).await?;
    report.check_figures(&tally).with_context(|| format!("the figures in {} can't be trusted", input.name()))?;
    Ok(tally)
}

/// Sums that take figures, which must be those of the footers.
async fn empty_sums(report: &Arc<Report>, question: &Question, context: &Context) -> Result<FigureSums> {
    let footers = footers(report, &needed_columns(&report.columns, question), context).await?;
    Ok(report.figure_sums(question, footers)?)
}
