//! Writes the query for the sums of one report: its rows, and partial sums.

use super::contributions::contributions;
use super::dialect::SqlEngine;
use super::error::SqlError;
use super::result_rows::{ConstantRow, Contribution, result_query};
use super::row::{RowQuestion, age_case, before, dimension_column, is_pending, row_expressions};
use super::table::{SqlReport, SqlTable};
use crate::audit::{Dimension, FigureWord, IN_SCOPE, Question, SCANNED};

/// Writes the query for a table; `mark` says which question it is.
pub(super) fn query(
    engine: &dyn SqlEngine,
    report: &SqlReport<'_>,
    table: &SqlTable,
    question: &Question,
    mark: &str,
) -> Result<String, SqlError> {
    let has_size = report.columns.size.is_some();
    let row = row_expressions(engine, report, table, &RowQuestion::of(question))?;
    let contributions = contributions(&question.by, has_size);
    let constants = constants(&contributions, &row.refusals, has_size);
    let scanned_at = report.manifest.scanned_at;
    let overdue_before = before(scanned_at, jiff::SignedDuration::from_secs(question.overdue_seconds));
    let groups: Vec<String> = question
        .by
        .iter()
        .enumerate()
        .map(|(at, by)| match by {
            Dimension::Age => format!(",\n    {} AS {}", age_case(scanned_at), dimension_column(at)),
            _ => format!(",\n    {}", dimension_column(at)),
        })
        .collect();
    let names: Vec<String> = (0..question.by.len()).map(dimension_column).collect();
    let parts = format!(
        "report_rows AS (\n{rows}\n),\n\
         classified_rows AS (\n  SELECT data_file, refusal, in_scope, marker, status, size, modified,\n    \
         CASE WHEN {pending} THEN {age} ELSE '' END AS pending_age,\n    \
         ({pending} AND modified IS NOT NULL AND modified < {overdue_before}) AS overdue{groups}\n  FROM report_rows\n),\n\
         parts AS (\n  SELECT refusal, in_scope, marker, status, pending_age, overdue{listed},\n    \
         {part_of} AS part_of,\n    \
         count(*) AS objects, {bytes} AS bytes, min(modified) AS oldest, max(modified) AS newest\n  \
         FROM classified_rows\n  GROUP BY GROUPING SETS (\n    \
         (refusal, in_scope, marker, status, pending_age, overdue){sets},\n    (data_file)\n  )\n)",
        rows = row.select(table),
        pending = is_pending(),
        age = age_case(scanned_at),
        groups = groups.concat(),
        listed = names.iter().map(|name| format!(", {name}")).collect::<String>(),
        part_of = part_of(" WHEN grouping(data_file) = 0 THEN -2", &names),
        bytes = if has_size { "coalesce(sum(size), 0)" } else { "CAST(NULL AS BIGINT)" },
        sets = names
            .iter()
            .map(|name| format!(",\n    (refusal, in_scope, marker, status, overdue, {name})"))
            .collect::<String>(),
    );
    Ok(result_query(engine, &parts, &contributions, constants, mark))
}

/// Which grouping set a part is of: -1 for totals, the index of a dimension, or what `first` says.
pub(super) fn part_of(first: &str, names: &[String]) -> String {
    let groups: String =
        names.iter().enumerate().map(|(at, name)| format!(" WHEN grouping({name}) = 0 THEN {at}")).collect();
    format!("CASE{first}{groups} ELSE -1 END")
}

/// The rows that are in every result.
fn constants(contributions: &[Contribution], refusals: &[&str], has_size: bool) -> Vec<ConstantRow> {
    let place = |word: FigureWord| contributions.iter().position(|one| one.dimension == word.word()).unwrap_or(0);
    let zero = |word: FigureWord, value: &str| ConstantRow::zero(place(word), word.word(), value);
    let in_scope = zero(FigureWord::Rows, IN_SCOPE);
    let mut rows = vec![zero(FigureWord::Rows, SCANNED), ConstantRow { at: in_scope.at + 1, ..in_scope }];
    rows.extend(refusals.iter().map(|reason| zero(FigureWord::Invalid, reason)));
    rows.push(zero(FigureWord::Files, ""));
    rows.push(ConstantRow { has_bytes: has_size, ..zero(FigureWord::Overdue, "") });
    rows
}
