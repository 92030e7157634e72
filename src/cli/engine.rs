//! The arguments that say who reads the rows of reports: the same in `inventory` and `reconcile`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::athena::AthenaArgs;
use super::common::one_of;
use super::error::UsageError;
use super::report_values::ExportAddress;
use crate::commands::{FiguresInput, RowSource};
use crate::sql::FilePlace;

/// Who adds up the rows, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EngineChoice {
    Local,
    Athena,
    Spark,
}

impl EngineChoice {
    const WORDS: [(&'static str, Self); 3] = [("local", Self::Local), ("athena", Self::Athena), ("spark", Self::Spark)];
}

#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Who adds up the rows. local: this program; athena, spark: this engine runs statements like those that `replaudit sql` and
    /// `reconcile --print-sql` print
    #[arg(long, value_name = "ENGINE", default_value = EngineChoice::WORDS[0].0, value_parser = one_of(EngineChoice::WORDS))]
    engine: EngineChoice,
    /// The command that runs Spark, for example 'spark-sql --master yarn'. It is given to sh. Without it, spark-sql is
    /// looked up in SPARK_HOME and PATH
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    engine_command: Option<String>,
    /// Take the sums from FILE (-: stdin) instead of reading the rows. FILE is the result of the statements that `replaudit sql`
    /// or `reconcile --print-sql` printed for the same reports and options. Exits 2 if it is not complete
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    figures: Option<PathBuf>,
    #[command(flatten)]
    athena: AthenaArgs,
}

impl EngineArgs {
    /// Who adds up the rows; refuses options that need the rows themselves, each with whether it was given, and an export that does
    /// not go with it.
    pub(super) fn resolve(
        &self,
        others: &[(&'static str, bool)],
        export: Option<&ExportAddress>,
    ) -> Result<RowSource, UsageError> {
        let rows = self.row_source(others)?;
        match (&rows, export) {
            (_, None)
            | (RowSource::Local, Some(ExportAddress::File(..)))
            | (RowSource::Spark(_), Some(ExportAddress::Folder(_)))
            | (RowSource::Athena(_), Some(ExportAddress::Folder(FilePlace::S3 { .. }))) => Ok(rows),
            (RowSource::Local, Some(ExportAddress::Folder(_))) => Err(UsageError::FolderWithoutEngine),
            (RowSource::Spark(_), Some(ExportAddress::File(..))) => Err(UsageError::FileWithEngine("spark")),
            (RowSource::Figures(_), Some(_)) => Err(UsageError::WithFigures("--export")),
            (RowSource::Athena(_), Some(ExportAddress::File(..))) => Err(UsageError::FileWithEngine("athena")),
            (RowSource::Athena(_), Some(ExportAddress::Folder(FilePlace::Local(_)))) => {
                Err(UsageError::LocalWithAthena)
            }
        }
    }

    fn row_source(&self, others: &[(&'static str, bool)]) -> Result<RowSource, UsageError> {
        if self.engine != EngineChoice::Spark && self.engine_command.is_some() {
            return Err(UsageError::WithoutEngine { option: "--engine-command", engine: "spark" });
        }
        if self.engine != EngineChoice::Athena {
            self.athena.refuse()?;
        }
        let given = others.iter().find(|(_, given)| *given).map(|(option, _)| *option);
        let (engine, rows) = match self.engine {
            EngineChoice::Local => {
                return match (&self.figures, given) {
                    (None, _) => Ok(RowSource::Local),
                    (Some(_), Some(option)) => Err(UsageError::WithFigures(option)),
                    (Some(file), None) if file.as_os_str() == "-" => Ok(RowSource::Figures(FiguresInput::Stdin)),
                    (Some(file), None) => Ok(RowSource::Figures(FiguresInput::File(file.clone()))),
                };
            }
            EngineChoice::Athena => ("athena", RowSource::Athena(self.athena.resolve())),
            EngineChoice::Spark => ("spark", RowSource::Spark(self.engine_command.clone())),
        };
        match self.figures.as_ref().map(|_| "--figures").or(given) {
            Some(option) => Err(UsageError::WithEngine { option, engine }),
            None => Ok(rows),
        }
    }
}
