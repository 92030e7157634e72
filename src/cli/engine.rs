//! The arguments that say who reads the rows of reports: the same in `inventory` and `reconcile`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::error::UsageError;
use crate::commands::{FiguresInput, RowSource};

const ENGINES: [&str; 2] = ["local", "spark"];

#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Who adds up the rows: local: this program; spark: Spark, run with the statements that `replaudit sql` and
    /// `reconcile --print-sql` print
    #[arg(long, value_name = "ENGINE", default_value = ENGINES[0], value_parser = ENGINES)]
    engine: String,
    /// The command that runs Spark, for example 'spark-sql --master yarn'. It is given to sh. Without it, spark-sql is
    /// looked up in SPARK_HOME and PATH
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    engine_command: Option<String>,
    /// Take the sums from FILE (-: stdin) instead of reading the rows: what an engine printed for these statements, written
    /// for the same reports and options. Exits 2 if they are not complete
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    figures: Option<PathBuf>,
}

impl EngineArgs {
    /// Who adds up the rows; refuses options that need the rows themselves, each with whether it was given.
    pub(super) fn resolve(&self, others: &[(&'static str, bool)]) -> Result<RowSource, UsageError> {
        let is_local = self.engine == ENGINES[0];
        if is_local && self.engine_command.is_some() {
            return Err(UsageError::EngineCommandWithoutEngine);
        }
        let given = others.iter().find(|(_, given)| *given).map(|(option, _)| *option);
        match (is_local, &self.figures, given) {
            (true, None, _) => Ok(RowSource::Local),
            (true, Some(_), Some(option)) => Err(UsageError::WithFigures(option)),
            (true, Some(file), None) if file.as_os_str() == "-" => Ok(RowSource::Figures(FiguresInput::Stdin)),
            (true, Some(file), None) => Ok(RowSource::Figures(FiguresInput::File(file.clone()))),
            (false, Some(_), _) => Err(UsageError::WithEngine("--figures")),
            (false, None, Some(option)) => Err(UsageError::WithEngine(option)),
            (false, None, None) => Ok(RowSource::Spark(self.engine_command.clone())),
        }
    }
}
