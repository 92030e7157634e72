//! All statements for one question, in the order in which an engine runs them.

use super::dialect::Dialect;
use super::error::SqlError;
use super::query::query;
use super::question_mark::question_mark;
use super::row::needed_columns;
use super::table::{SqlReport, SqlTable};
use crate::audit::Question;

/// The statements of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqlStatements {
    /// What makes the rows readable.
    pub(crate) before: Vec<String>,
    /// The query. Its result are the figures.
    pub(crate) query: String,
    /// What removes what was made before.
    pub(crate) after: Vec<String>,
    /// The `value` of the row that says which question the figures answer.
    pub(crate) mark: String,
}

impl SqlStatements {
    /// The text of a file with all statements.
    pub(crate) fn script(&self) -> String {
        let statements = self.before.iter().chain([&self.query]).chain(&self.after);
        statements.map(|statement| format!("{statement};\n")).collect()
    }
}

/// Writes the statements for a question about a report.
pub(crate) fn statements(
    report: &SqlReport<'_>,
    question: &Question,
    dialect: Dialect,
) -> Result<SqlStatements, SqlError> {
    if report.files.is_empty() {
        return Err(SqlError::NoFiles);
    }
    let mark = question_mark(report, question, dialect);
    let engine = dialect.engine();
    let name = table_name(&mark);
    let columns = needed_columns(report.columns, question);
    let table = engine.table(report, &columns, &name)?;
    let query = query(engine, report, &table, question, &mark)?;
    let SqlTable { before, after, .. } = table;
    Ok(SqlStatements { before, query, after, mark })
}

/// A name that only this question has.
fn table_name(mark: &str) -> String {
    let hash = mark.rsplit_once('/').map_or(mark, |(_, hash)| hash);
    format!("replaudit_{hash}")
}
