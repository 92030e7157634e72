//! `--engine spark`: runs Spark for the sums of a report.

use std::io::BufReader;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};

use super::super::Context;
use super::super::reports::footers;
use crate::audit::{Question, Tally};
use crate::engine::{EngineError, EngineProgram, EngineRun};
use crate::output::Meter;
use crate::report::Report;
use crate::sql::{Dialect, read_figures};

/// Has Spark add up the rows; `command` runs it, if it was given.
pub(super) async fn spark(
    command: Option<&str>,
    report: &Arc<Report>,
    question: &Question,
    context: &Context,
) -> Result<Tally> {
    let (home, path) = (std::env::var_os("SPARK_HOME"), std::env::var_os("PATH"));
    let program = EngineProgram::spark(command, home.as_deref(), path.as_deref())?;
    let statements = report.sql(question, Dialect::Spark, None)?.to_string();
    let footers = footers(report, question, context).await?;
    let sums = report.figure_sums(question, footers)?;
    let meter = Arc::new(Meter::objects(context.output.progress, &context.printer, None, "starting Spark"));
    let bar = meter.until_dropped();
    meter.wait_for(Some("starting Spark"));
    let shown = Arc::clone(&meter);
    let progress = Arc::new(move |text: &str| shown.wait_for(Some(text)));
    // Ends Spark when this future is dropped by a signal.
    let (run, output) = EngineRun::start(&program, &statements, progress)?;
    let read = tokio::task::spawn_blocking(move || read_figures(BufReader::new(output), sums)).await?;
    drop(bar);
    let name = program.name();
    let tally = match read {
        Ok(tally) => {
            run.finish().await.map_err(|failed| with_log(failed, context))?;
            tally
        }
        Err(error) => {
            let what = format!("the figures of {name} can't be trusted: {error}");
            // If it failed, that is the reason, or it failed because nothing read its output any longer.
            return Err(match run.end().await {
                Ok(()) => anyhow!(what),
                Err(failed) => with_log(failed, context).context(what),
            });
        }
    };
    let what = || format!("the figures of {name} can't be trusted");
    report.check_figures(&tally).with_context(what)?;
    Ok(tally)
}

/// Prints the end of the engine's own log, before the error that it explains.
fn with_log(failed: EngineError, context: &Context) -> anyhow::Error {
    if let EngineError::Failed { program, log, .. } = &failed
        && !log.is_empty()
    {
        context.printer.tell(format!("the end of the log of {program}:"));
        log.iter().for_each(|line| context.printer.tell(format!("  {line}")));
    }
    failed.into()
}
