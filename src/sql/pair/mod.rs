//! The question of `reconcile` as SQL: two reports, compared row by row.

mod contributions;
mod query;

use jiff::Timestamp;

use self::query::pair_query;
use super::dialect::Dialect;
use super::error::SqlError;
use super::question_hash::QuestionHash;
use super::row::compared_columns;
use super::statements::Statements;
use super::table::SqlReport;
use crate::audit::Dimension;

/// Two reports that are compared, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SqlPair<'a> {
    pub(crate) source: SqlReport<'a>,
    pub(crate) destination: SqlReport<'a>,
    /// Only keys that begin with this.
    pub(crate) prefix: Option<&'a str>,
    /// Judged objects are also counted by these prefixes.
    pub(crate) by: &'a [Dimension],
    /// What was written before is in both reports.
    pub(crate) judged_before: Timestamp,
}

/// A hash of the reports and the options, in hexadecimal digits.
pub(crate) fn pair_hash(pair: &SqlPair<'_>) -> String {
    /// Changes with the meaning of a row of figures.
    const FORM: &str = "replaudit.sql-pair/1";
    let mut hash = QuestionHash::new(FORM);
    hash.add_report(&pair.source);
    hash.add_report(&pair.destination);
    hash.add(&pair.judged_before.to_string());
    hash.add(pair.prefix.unwrap_or_default());
    pair.by.iter().for_each(|by| hash.add(&by.to_string()));
    hash.finish()
}

/// Writes the statements that compare two reports. What is created has the name of the question, and of the run if there is
/// one.
pub(crate) fn pair_statements(pair: &SqlPair<'_>, dialect: Dialect, run: Option<&str>) -> Result<Statements, SqlError> {
    let hash = pair_hash(pair);
    let engine = dialect.engine();
    let name = run.map_or_else(|| format!("replaudit_{hash}"), |run| format!("replaudit_{hash}_{run}"));
    let table = |report: &SqlReport<'_>, side: &str| match report.files.is_empty() {
        true => Err(SqlError::NoFiles),
        false => engine.table(report, &compared_columns(report.columns), &format!("{name}_{side}")),
    };
    let (source, destination) = (table(&pair.source, "source")?, table(&pair.destination, "destination")?);
    let query = pair_query(engine, pair, [&source, &destination], &format!("{}/{hash}", dialect.word()))?;
    let mut before = source.before;
    // The settings of the engine are the same.
    before.extend(destination.before.into_iter().filter(|statement| !before.contains(statement)).collect::<Vec<_>>());
    let after = source.after.into_iter().chain(destination.after).collect();
    Ok(Statements { before, query, after, table: name })
}
