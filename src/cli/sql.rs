//! Arguments of `sql`.

use clap::Args;

use super::common::one_of;
use super::error::UsageError;
use super::question::QuestionArgs;
use crate::commands::SqlOptions;
use crate::sql::Dialect;

/// Print SQL for Athena, Spark or DuckDB that computes the same result as `inventory`
///
/// Finds and checks the report as `inventory` does, and prints statements that add up its rows: table definitions from the
/// report's own schema, its data files, and one query that reads every row once. No statement is run. The result has the
/// columns dimension, value, status, objects, bytes, oldest and newest, and the rows of `inventory -o csv`, followed by rows
/// that show whether the result is complete. Give it to `inventory --figures`.
///
/// In Parquet and ORC reports, the footer of every data file is read first, because engines answer NULL for a column that a
/// file lacks.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit sql ./report --dialect duckdb | duckdb -csv | replaudit inventory ./report --figures -
  replaudit sql --bucket source --dialect spark > audit.sql && spark-sql -f audit.sql > figures.tsv
  replaudit sql --bucket source --by prefix:2 --dialect athena"))]
pub(super) struct SqlArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// The engine that will run the statements
    #[arg(long, value_name = "ENGINE", value_parser = one_of(Dialect::ALL))]
    dialect: Dialect,
}

impl SqlArgs {
    pub(super) fn resolve(self) -> Result<SqlOptions, UsageError> {
        Ok(SqlOptions { asked: self.question.resolve(false)?, dialect: self.dialect })
    }
}
