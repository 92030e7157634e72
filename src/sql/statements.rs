//! All statements for one question, in the order in which an engine runs them.

use std::fmt;

use super::dialect::Dialect;
use super::error::SqlError;
use super::export::{ExportStatements, SqlExport, export_query, export_statements};
use super::query::query;
use super::question_hash::question_hash;
use super::row::needed_columns;
use super::table::{SqlReport, TableStatements};
use crate::audit::Question;
use crate::export::ExportClasses;

/// What makes the rows readable, the query whose result are the figures, and what removes what was made. As text: a file of
/// statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statements {
    /// Settings and views of a session.
    pub(crate) before: Vec<String>,
    /// What stays until it is dropped.
    pub(crate) tables: Vec<TableStatements>,
    pub(crate) query: String,
    /// What exports rows after the query, if it was asked for.
    pub(crate) export: Option<ExportStatements>,
    /// The name of the question, and of the run if there is one. The names of all tables begin with it.
    pub(crate) name: String,
}

impl fmt::Display for Statements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let export = self.export.iter().flat_map(|export| export.write.iter().chain([&export.count]));
        let (creations, drops) =
            (self.tables.iter().map(|table| &table.create), self.tables.iter().map(|table| &table.drop));
        let mut all = self.before.iter().chain(creations).chain([&self.query]).chain(export).chain(drops);
        all.try_for_each(|statement| writeln!(f, "{statement};"))
    }
}

/// Writes the statements for a question about a report, and for an export of its rows. What is created has the name of the
/// question, and of the run if there is one.
pub(crate) fn statements(
    report: &SqlReport<'_>,
    question: &Question,
    dialect: Dialect,
    run: Option<&str>,
    export: Option<&SqlExport<ExportClasses>>,
) -> Result<Statements, SqlError> {
    if report.files.is_empty() {
        return Err(SqlError::NoFiles);
    }
    let hash = question_hash(report, question);
    let engine = dialect.engine();
    let columns = needed_columns(report.columns, question, export.is_some());
    // Only this question has this name.
    let name = run.map_or_else(|| format!("replaudit_{hash}"), |run| format!("replaudit_{hash}_{run}"));
    let table = engine.table(report, &columns, &name)?;
    let query = query(engine, report, &table, question, &format!("{}/{hash}", dialect.word()))?;
    let mut tables: Vec<TableStatements> = table.created.iter().cloned().collect();
    let export = match export {
        Some(SqlExport { classes, folder }) => {
            let lines = export_query(engine, report, &table, question, classes)?;
            Some(export_statements(engine, &lines, folder, &name, &mut tables)?)
        }
        None => None,
    };
    Ok(Statements { before: table.before, tables, query, export, name })
}
