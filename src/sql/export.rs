//! An export by an engine: the rows of some classes as lines of an S3 Batch Operations manifest, `Bucket,Key[,VersionId]`, written
//! as [`crate::export`] writes them.
//!
//! After the lines were written, the engine reads them again and counts them. This number must be that of the figures.

use super::dialect::SqlEngine;
use super::error::SqlError;
use super::row::{RowQuestion, before, is_of, row_expressions};
use super::table::{FilePlace, SqlLines, SqlReport, SqlTable, TableStatements};
use crate::audit::{FIGURE_COLUMNS, LimitClass, Question};
use crate::export::{EXPORTED, ExportClass, ExportClasses, RowSelection, manifest_cell};
use crate::model::StatusClass;
use crate::reconcile::PairClass;

/// What would need quotes in a line. S3's version IDs never have it, and rows that do are left out, which the number shows.
const NEEDS_QUOTES: &str = r#"["\x2C\r\n]"#;

/// Which objects an engine exports, and the new folder that it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqlExport<C> {
    pub(crate) classes: C,
    pub(crate) folder: FilePlace,
}

/// Selects the lines of a report about one bucket.
pub(super) fn export_query(
    engine: &dyn SqlEngine,
    report: &SqlReport<'_>,
    table: &SqlTable,
    question: &Question,
    classes: &ExportClasses,
) -> Result<String, SqlError> {
    let rows = row_expressions(engine, report, table, &RowQuestion::of_export(question))?;
    let is_selected = selected(report, question, classes);
    Ok(format!(
        "WITH report_rows AS (\n{rows}\n)\nSELECT {line} AS line\nFROM report_rows\n\
         WHERE refusal = '' AND in_scope AND NOT marker AND ({is_selected})\n  AND {is_exact}",
        rows = rows.select(table),
        line = line(engine, report),
        is_exact = is_exact(engine),
    ))
}

/// Whether a row is of one of the classes, as [`crate::export::ExportLines`] selects rows.
fn selected(report: &SqlReport<'_>, question: &Question, classes: &ExportClasses) -> String {
    let overdue = jiff::SignedDuration::from_secs(question.overdue_seconds);
    let overdue_before = before(report.manifest.scanned_at, overdue);
    let conditions: Vec<String> = StatusClass::ALL
        .into_iter()
        .filter_map(|status| {
            let is_status = match status {
                StatusClass::Unknown => format!("NOT ({})", any_known()),
                known => is_of(known, "status"),
            };
            match classes.wants(status) {
                RowSelection::Yes => Some(is_status),
                RowSelection::IfOverdue => {
                    Some(format!("({is_status} AND modified IS NOT NULL AND modified < {overdue_before})"))
                }
                // The command line refuses the class.
                RowSelection::IfRuled | RowSelection::No => None,
            }
        })
        .collect();
    if conditions.is_empty() { "FALSE".to_owned() } else { conditions.join(" OR ") }
}

fn any_known() -> String {
    let known = StatusClass::ALL.into_iter().filter(|status| *status != StatusClass::Unknown);
    known.map(|status| is_of(status, "status")).collect::<Vec<_>>().join(" OR ")
}

/// Selects the lines of source objects; `compared` are common table expressions, the last of which has their classes.
pub(super) fn pair_export_query(
    engine: &dyn SqlEngine,
    source: &SqlReport<'_>,
    compared: &str,
    classes: &[PairClass],
) -> String {
    let words: Vec<String> = classes.iter().map(|class| format!("'{}'", class.word())).collect();
    format!(
        "WITH {compared}\nSELECT {line} AS line\nFROM compared_versions\nWHERE pair_class IN ({words})\n  AND {is_exact}",
        line = line(engine, source),
        words = words.join(", "),
        is_exact = is_exact(engine),
    )
}

/// The line of a row.
fn line(engine: &dyn SqlEngine, report: &SqlReport<'_>) -> String {
    let bucket = engine.text(&manifest_cell(&report.manifest.source_bucket));
    let key = engine.encoded("object_key");
    let version = match report.columns.version_id {
        Some(_) => " || ',' || CASE WHEN object_version = '' THEN 'null' ELSE object_version END",
        None => "",
    };
    format!("{bucket} || ',' || {key}{version}")
}

/// Whether the line is what the report says: engines replace bytes that are not UTF-8.
fn is_exact(engine: &dyn SqlEngine) -> String {
    let again = engine.decoded(&engine.url_encoded("object_key"));
    format!("{again} = object_key AND NOT {}", engine.matches("object_version", NEEDS_QUOTES))
}

/// What exports lines after the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportStatements {
    /// Writes the lines. Of Athena, one statement.
    pub(crate) write: Vec<String>,
    /// The query for the number of lines in the files that were written, as a row of figures.
    pub(crate) count: String,
}

/// The statements that write the lines of a query to the files of a new folder, and then count the lines of these files. The
/// table for that joins `tables`, if the engine needs one; `name` is that of the run.
pub(super) fn export_statements(
    engine: &dyn SqlEngine,
    lines: &str,
    folder: &FilePlace,
    name: &str,
    tables: &mut Vec<TableStatements>,
) -> Result<ExportStatements, SqlError> {
    const NULL: &str = "CAST(NULL AS BIGINT)";
    let name = format!("{name}_exported");
    let SqlLines { write, created } = engine.export(lines, folder, &name)?;
    tables.extend(created);
    let values = [&format!("'{EXPORTED}'"), "''", "''", "count(*)", NULL, NULL, NULL];
    let columns: Vec<String> =
        values.iter().zip(FIGURE_COLUMNS).map(|(value, column)| format!("{value} AS {column}")).collect();
    Ok(ExportStatements { write, count: format!("SELECT {} FROM {name}", columns.join(", ")) })
}

impl SqlExport<ExportClasses> {
    /// A class that an engine can't select: which rule applies is in the figures only.
    pub(crate) fn refused_class(classes: &ExportClasses) -> Option<ExportClass> {
        let uncovered = ExportClass::Of(LimitClass::Uncovered);
        classes.has(uncovered).then_some(uncovered)
    }
}
