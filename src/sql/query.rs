//! Writes the query: rows, partial sums, and the rows of the result.

use super::contributions::{Contribution, contributions};
use super::dialect::SqlEngine;
use super::error::SqlError;
use super::row::{age_case, before, dimension_column, is_pending, row_expressions};
use super::table::{SqlReport, SqlTable};
use crate::audit::{Dimension, FIGURE_COLUMNS, FigureWord, IN_SCOPE, Question, SCANNED, SETTINGS};

/// A row that is in every result, even if the report has no rows.
struct ConstantRow {
    rank: usize,
    dimension: FigureWord,
    value: String,
    /// An expression.
    objects: String,
    bytes: &'static str,
}

/// Writes the query for a table; `mark` says which question it is.
pub(super) fn query(
    engine: &dyn SqlEngine,
    report: &SqlReport<'_>,
    table: &SqlTable,
    question: &Question,
    mark: &str,
) -> Result<String, SqlError> {
    let has_size = report.columns.size.is_some();
    let row = row_expressions(engine, report, table, question)?;
    let contributions = contributions(&question.by, has_size);
    let constants = constants(engine, &contributions, &row.refusals, mark, has_size);
    let columns: Vec<String> = row.columns.iter().map(|(name, value)| format!("    {value} AS {name}")).collect();
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
    let bytes = if has_size { "coalesce(sum(size), 0)" } else { "CAST(NULL AS BIGINT)" };
    let [dimension, value, status, objects, bytes_column, oldest, newest] = FIGURE_COLUMNS;
    Ok(format!(
        "WITH report_rows AS (\n  SELECT\n{columns}\n  FROM {from}\n),\n\
         classified_rows AS (\n  SELECT data_file, refusal, in_scope, marker, status, size, modified,\n    \
         CASE WHEN {pending} THEN {age} ELSE '' END AS pending_age,\n    \
         ({pending} AND modified IS NOT NULL AND modified < {overdue_before}) AS overdue{groups}\n  FROM report_rows\n),\n\
         parts AS (\n  SELECT refusal, in_scope, marker, status, pending_age, overdue{listed},\n    \
         {part_of} AS part_of,\n    \
         count(*) AS objects, {bytes} AS bytes, min(modified) AS oldest, max(modified) AS newest\n  \
         FROM classified_rows\n  GROUP BY GROUPING SETS (\n    \
         (refusal, in_scope, marker, status, pending_age, overdue){sets},\n    (data_file)\n  )\n),\n\
         contributions AS (\n  SELECT\n    figure_rank,\n{cases}\n  FROM parts CROSS JOIN (VALUES {ranks}) AS figure_ranks(figure_rank)\n  \
         WHERE {conditions}\n  UNION ALL\n  SELECT * FROM (VALUES\n    {constants}\n  ) AS constants(figure_rank, dimension, value, status, objects, bytes, oldest, newest)\n),\n\
         figures AS (\n  SELECT figure_rank, dimension, value, status, sum(objects) AS objects, sum(bytes) AS bytes,\n    \
         min(oldest) AS oldest, max(newest) AS newest\n  FROM contributions\n  GROUP BY figure_rank, dimension, value, status\n)\n\
         SELECT dimension AS {dimension}, {printed} AS {value}, {printed_status} AS {status},\n  \
         CASE WHEN dimension = '{end}' THEN count(*) OVER () ELSE objects END AS {objects},\n  bytes AS {bytes_column},\n  \
         {oldest_text} AS {oldest},\n  {newest_text} AS {newest}\n\
         FROM figures\nORDER BY figure_rank, figures.value, figures.status",
        columns = columns.join(",\n"),
        from = table.from,
        pending = is_pending(),
        age = age_case(scanned_at),
        groups = groups.concat(),
        listed = names.iter().map(|name| format!(", {name}")).collect::<String>(),
        part_of = part_of(&names),
        sets = names
            .iter()
            .map(|name| format!(",\n    (refusal, in_scope, marker, status, overdue, {name})"))
            .collect::<String>(),
        cases = cases(engine, &contributions),
        ranks = (1..=contributions.len()).map(|rank| format!("({rank})")).collect::<Vec<_>>().join(", "),
        conditions = contributions
            .iter()
            .enumerate()
            .map(|(at, one)| format!("(figure_rank = {} AND {})", at + 1, one.condition))
            .collect::<Vec<_>>()
            .join("\n    OR "),
        constants = constants,
        printed = engine.printed("value"),
        printed_status = engine.printed("status"),
        end = FigureWord::End.word(),
        oldest_text = engine.time("oldest"),
        newest_text = engine.time("newest"),
    ))
}

/// Which grouping set a part is of: -1 for totals, -2 for data files, or the index of a dimension.
fn part_of(names: &[String]) -> String {
    let groups: String =
        names.iter().enumerate().map(|(at, name)| format!(" WHEN grouping({name}) = 0 THEN {at}")).collect();
    format!("CASE WHEN grouping(data_file) = 0 THEN -2{groups} ELSE -1 END")
}

/// The columns of the parts' contributions, each chosen by the rank.
fn cases(engine: &dyn SqlEngine, contributions: &[Contribution]) -> String {
    let choose = |name: &str, of: &dyn Fn(&Contribution) -> Option<String>, otherwise: &str| {
        let whens: String = contributions
            .iter()
            .enumerate()
            .filter_map(|(at, one)| Some(format!(" WHEN {} THEN {}", at + 1, of(one)?)))
            .collect();
        match whens.is_empty() {
            true => format!("    {otherwise} AS {name}"),
            false => format!("    CASE figure_rank{whens} ELSE {otherwise} END AS {name}"),
        }
    };
    let empty = format!("CAST('' AS {})", engine.text_type());
    let null = "CAST(NULL AS BIGINT)";
    [
        choose("dimension", &|one| Some(format!("'{}'", one.dimension)), &empty),
        choose("value", &|one| Some(one.value.clone()).filter(|value| value != "''"), &empty),
        choose("status", &|one| Some(one.status.to_owned()).filter(|status| status != "''"), &empty),
        choose("objects", &|one| Some(one.objects.to_owned()).filter(|objects| objects != "objects"), "objects"),
        choose("bytes", &|one| one.has_bytes.then(|| "bytes".to_owned()), null),
        choose("oldest", &|one| one.has_times.then(|| "oldest".to_owned()), null),
        choose("newest", &|one| one.has_times.then(|| "newest".to_owned()), null),
    ]
    .join(",\n")
}

/// The rows that are in every result, as VALUES.
fn constants(
    engine: &dyn SqlEngine,
    contributions: &[Contribution],
    refusals: &[&str],
    mark: &str,
    has_size: bool,
) -> String {
    let rank =
        |word: FigureWord| contributions.iter().position(|one| one.dimension == word.word()).map_or(0, |at| at + 1);
    let scanned = contributions.iter().position(|one| one.value == format!("'{SCANNED}'")).map_or(0, |at| at + 1);
    let zero = |word: FigureWord, value: &str| ConstantRow {
        rank: rank(word),
        dimension: word,
        value: value.to_owned(),
        objects: "0".to_owned(),
        bytes: "CAST(NULL AS BIGINT)",
    };
    let mut rows = vec![
        ConstantRow { rank: scanned, ..zero(FigureWord::Rows, SCANNED) },
        ConstantRow { rank: scanned + 1, ..zero(FigureWord::Rows, IN_SCOPE) },
    ];
    rows.extend(refusals.iter().map(|reason| zero(FigureWord::Invalid, reason)));
    let settings =
        engine.settings_check().map_or("0".to_owned(), |check| format!("CASE WHEN {check} THEN 0 ELSE 1 END"));
    rows.push(ConstantRow { objects: settings, ..zero(FigureWord::Invalid, SETTINGS) });
    rows.push(zero(FigureWord::Files, ""));
    let overdue = zero(FigureWord::Overdue, "");
    rows.push(if has_size { ConstantRow { bytes: "CAST(0 AS BIGINT)", ..overdue } } else { overdue });
    rows.push(ConstantRow { rank: contributions.len() + 1, ..zero(FigureWord::Question, mark) });
    rows.push(ConstantRow { rank: contributions.len() + 2, ..zero(FigureWord::End, "") });
    let (text, null) = (engine.text_type(), "CAST(NULL AS BIGINT)");
    let row = |ConstantRow { rank, dimension, value, objects, bytes }: ConstantRow| {
        let (dimension, value) = (dimension.word(), engine.text(&value));
        format!(
            "({rank}, CAST('{dimension}' AS {text}), CAST({value} AS {text}), CAST('' AS {text}), CAST({objects} AS BIGINT), {bytes}, {null}, {null})"
        )
    };
    rows.into_iter().map(row).collect::<Vec<_>>().join(",\n    ")
}
