//! `--engine spark`: runs Spark, and reads the figures that it prints.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow};

use super::super::Context;
use crate::audit::FigureTaker;
use crate::engine::{EngineError, EngineProgram, EngineRun};
use crate::output::Meter;
use crate::sql::read_figures;

/// The program that is run: `command`, if it was given.
pub(in crate::commands) fn spark_program(command: Option<&str>) -> Result<EngineProgram, EngineError> {
    let (home, path) = (std::env::var_os("SPARK_HOME"), std::env::var_os("PATH"));
    EngineProgram::spark(command, home.as_deref(), path.as_deref())
}

/// Runs statements, and reads the figures to their end. `is_begun` becomes true when Spark runs.
pub(in crate::commands) async fn run_spark<S: FigureTaker>(
    program: &EngineProgram,
    statements: &str,
    sums: S,
    is_begun: Option<Arc<AtomicBool>>,
    context: &Context,
) -> Result<S::Output> {
    let meter = Arc::new(Meter::objects(context.output.progress, &context.printer, None, "starting Spark"));
    let bar = meter.until_dropped();
    meter.wait_for(Some("starting Spark"));
    let shown = Arc::clone(&meter);
    let progress = Arc::new(move |text: &str| shown.wait_for(Some(text)));
    // Ends Spark when this future is dropped by a signal.
    let (run, output) = EngineRun::start(program, statements, progress)?;
    if let Some(is_begun) = is_begun {
        is_begun.store(true, Ordering::Relaxed);
    }
    let read = tokio::task::spawn_blocking(move || read_figures(BufReader::new(output), sums)).await?;
    drop(bar);
    match read {
        Ok(found) => {
            run.finish().await.map_err(|failed| with_log(failed, context))?;
            Ok(found)
        }
        Err(error) => {
            let what = format!("the figures of {} can't be trusted: {error}", program.name());
            // If it failed, that is the reason, or it failed because nothing read its output any longer.
            Err(match run.end().await {
                Ok(()) => anyhow!(what),
                Err(failed) => with_log(failed, context).context(what),
            })
        }
    }
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
