//! All statements for one question, in the order in which an engine runs them.

use super::dialect::Dialect;
use super::error::SqlError;
use super::query::query;
use super::question_hash::question_hash;
use super::row::needed_columns;
use super::table::SqlReport;
use crate::audit::Question;

/// Writes the statements for a question about a report, as the text of a file: what makes the rows readable, the query,
/// whose result are the figures, and what removes what was made.
pub(crate) fn statements(report: &SqlReport<'_>, question: &Question, dialect: Dialect) -> Result<String, SqlError> {
    if report.files.is_empty() {
        return Err(SqlError::NoFiles);
    }
    let hash = question_hash(report, question);
    let engine = dialect.engine();
    let columns = needed_columns(report.columns, question);
    // Only this question has this name.
    let table = engine.table(report, &columns, &format!("replaudit_{hash}"))?;
    let query = query(engine, report, &table, question, &format!("{}/{hash}", dialect.word()))?;
    let all = table.before.iter().chain([&query]).chain(&table.after);
    Ok(all.map(|statement| format!("{statement};\n")).collect())
}
