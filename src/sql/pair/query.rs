//! Writes the query that compares two reports: rows of both sides, pairs, classes, and partial sums.
//!
//! The full outer join on key and version ID is a GROUP BY over the rows of both sides. It reads every row once, and a
//! version that one report lists twice is seen, where a join would multiply it.

use super::super::dialect::SqlEngine;
use super::super::error::SqlError;
use super::super::query::part_of;
use super::super::result_rows::{ConstantRow, Contribution, result_query};
use super::super::row::{RowQuestion, case, dimension_column, is_of, micros, prefix_of, row_expressions};
use super::super::table::SqlTable;
use super::contributions::{contributions, is_judged};
use super::question::SqlPair;
use crate::audit::{Dimension, FigureWord, IN_SCOPE, SCANNED};
use crate::model::StatusClass;
use crate::reconcile::{
    HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE, LISTED_TWICE, NEW_AT_DESTINATION, NOT_COMPLETED, NOT_REPLICAS, PairClass,
    PairFigureWord, PairSide, side_dimension,
};

/// The rows of both reports, compared.
pub(super) struct ComparedRows {
    /// Common table expressions, the last of which is `compared_versions`.
    pub(super) tables: String,
    /// The reasons for refusing rows of the source and of the destination.
    refusals: [Vec<&'static str>; 2],
}

impl ComparedRows {
    /// Of the tables of source and destination.
    pub(super) fn of(engine: &dyn SqlEngine, pair: &SqlPair<'_>, tables: [&SqlTable; 2]) -> Result<Self, SqlError> {
        let question = RowQuestion::of_pair(pair.prefix);
        let [source, destination] = tables;
        let source_rows = row_expressions(engine, &pair.source, source, &question)?;
        let destination_rows = row_expressions(engine, &pair.destination, destination, &question)?;
        let tables = format!(
            "source_rows AS (\n{source}\n),\ndestination_rows AS (\n{destination}\n),\n\
             both_rows AS (\n  SELECT 1 AS of_source, * FROM source_rows\n  UNION ALL\n  SELECT 0 AS of_source, * FROM destination_rows\n),\n\
             {compared}",
            source = source_rows.select(source),
            destination = destination_rows.select(destination),
            compared = compared(pair),
        );
        Ok(Self { tables, refusals: [source_rows.refusals, destination_rows.refusals] })
    }
}

/// Writes the query for the sums of compared rows; `mark` says which question it is.
pub(super) fn pair_query(
    engine: &dyn SqlEngine,
    pair: &SqlPair<'_>,
    compared: &ComparedRows,
    mark: &str,
) -> Result<String, SqlError> {
    let contributions = contributions(pair.by);
    let constants = constants(&contributions, compared.refusals.each_ref().map(Vec::as_slice));
    let parts = format!("{},\n{}", compared.tables, parts(engine, pair.by)?);
    Ok(result_query(engine, &parts, &contributions, constants, mark))
}

/// From rows of both sides to one row for each version, with its class.
fn compared(pair: &SqlPair<'_>) -> String {
    let old_before = micros(pair.judged_before);
    let side = |side: PairSide| {
        let (word, of) = (side.word(), u8::from(side == PairSide::Source));
        let any = |name: &str, condition: &str| {
            format!("max(CASE WHEN of_source = {of} AND {condition} THEN 1 ELSE 0 END) AS {word}_{name}")
        };
        let value = |name: &str| format!("max(CASE WHEN of_source = {of} THEN {name} END) AS {word}_{name}");
        [
            format!("sum(CASE WHEN of_source = {of} THEN 1 ELSE 0 END) AS {word}_count"),
            any("marker", "marker"),
            any("latest", "latest"),
            any("old", &format!("modified < {old_before}")),
            any("undated", "modified IS NULL"),
            value("status"),
            value("size"),
            value("content"),
        ]
        .join(",\n    ")
    };
    let exists = |side: PairSide| {
        let word = side.word();
        format!("(row_kind = 'version' AND {word}_count > 0 AND {word}_marker = 0) AS at_{word}")
    };
    let (source, destination) = (PairSide::Source, PairSide::Destination);
    format!(
        "versions AS (\n  SELECT\n    \
         CASE WHEN grouping(data_file) = 0 THEN 'file' WHEN refusal <> '' THEN 'refused' WHEN in_scope THEN 'version' ELSE 'other' END AS row_kind,\n    \
         refusal, object_key, object_version,\n    {source_columns},\n    {destination_columns}\n  FROM (\n    \
         SELECT of_source, data_file, refusal, in_scope, marker, latest, status, size, modified, content,\n      \
         CASE WHEN refusal = '' AND in_scope THEN object_key END AS object_key,\n      \
         CASE WHEN refusal = '' AND in_scope THEN object_version END AS object_version\n    FROM both_rows\n  ) AS keyed_rows\n  \
         GROUP BY GROUPING SETS (\n    (refusal, in_scope, object_key, object_version),\n    (data_file)\n  )\n),\n\
         sided_versions AS (\n  SELECT versions.*,\n    {at_source},\n    {at_destination}\n  FROM versions\n),\n\
         compared_versions AS (\n  SELECT sided_versions.*,\n    {class} AS pair_class,\n    {alone} AS destination_class\n  FROM sided_versions\n)",
        source_columns = side(source),
        destination_columns = side(destination),
        at_source = exists(source),
        at_destination = exists(destination),
        class = class(),
        alone = class_alone(),
    )
}

/// The class of an object of the source, as [`crate::reconcile`] decides it; empty for others.
fn class() -> String {
    let is_completed = is_of(StatusClass::Replicated, "source_status");
    let is_replica = is_of(StatusClass::Replica, "destination_status");
    let is_same = "coalesce(source_size = destination_size AND source_content = destination_content, FALSE)";
    let whens = [
        ("", "NOT at_source".to_owned()),
        (NOT_COMPLETED, format!("NOT {is_completed}")),
        (PairClass::TooNew.word(), "source_old = 0".to_owned()),
        (PairClass::Missing.word(), "NOT at_destination".to_owned()),
        (PairClass::Unsure.word(), format!("object_version = '' AND NOT {is_same}")),
        (PairClass::SizeDiffers.word(), "object_version <> '' AND source_size <> destination_size".to_owned()),
        (PairClass::InSync.word(), is_replica),
    ];
    case(&whens, PairClass::NotAReplica.word())
}

/// The class of an object that only the destination lists; empty for others.
fn class_alone() -> String {
    let whens = [
        ("", "NOT at_destination OR at_source".to_owned()),
        (NEW_AT_DESTINATION, "destination_old = 0".to_owned()),
        (PairClass::Extra.word(), is_of(StatusClass::Replica, "destination_status")),
    ];
    case(&whens, NOT_REPLICAS)
}

/// Sums of versions that are counted alike.
fn parts(engine: &dyn SqlEngine, by: &[Dimension]) -> Result<String, SqlError> {
    let judged = is_judged();
    let mut groups = String::new();
    for (at, by) in by.iter().enumerate() {
        // The command line accepts prefixes only.
        let Dimension::Prefix(depth) = *by else { continue };
        let value = prefix_of(engine, "object_key", depth)?;
        groups += &format!(",\n    CASE WHEN {judged} THEN {value} ELSE '' END AS {}", dimension_column(at));
    }
    let names: Vec<String> = (0..by.len()).map(dimension_column).collect();
    let latest = case(
        &[
            ("", format!("NOT ({judged} AND at_destination) OR source_latest = destination_latest")),
            (HIDDEN_AT_DESTINATION, "source_latest = 1".to_owned()),
        ],
        HIDDEN_AT_SOURCE,
    );
    const TOTALS: &str = "row_kind, refusal, pair_class, destination_class, status, latest_differs, is_at_destination, is_undated,\n    \
         is_source_marker, is_destination_marker, is_twice_at_source, is_twice_at_destination";
    Ok(format!(
        "counted_versions AS (\n  SELECT row_kind, refusal, pair_class, destination_class, source_count, destination_count, source_size, destination_size,\n    \
         CASE WHEN pair_class = '{NOT_COMPLETED}' THEN source_status ELSE '' END AS status,\n    \
         {latest} AS latest_differs,\n    \
         at_destination AS is_at_destination,\n    \
         (at_source AND {completed} AND source_undated = 1) AS is_undated,\n    \
         (row_kind = 'version' AND source_marker = 1) AS is_source_marker,\n    \
         (row_kind = 'version' AND destination_marker = 1) AS is_destination_marker,\n    \
         (row_kind = 'version' AND source_count > 1) AS is_twice_at_source,\n    \
         (row_kind = 'version' AND destination_count > 1) AS is_twice_at_destination{groups}\n  FROM compared_versions\n),\n\
         parts AS (\n  SELECT {TOTALS}{listed},\n    {part_of} AS part_of,\n    \
         count(*) AS objects, sum(source_count) AS source_rows, sum(destination_count) AS destination_rows,\n    \
         sum(CASE WHEN source_count > 0 THEN 1 ELSE 0 END) AS source_files,\n    \
         sum(CASE WHEN destination_count > 0 THEN 1 ELSE 0 END) AS destination_files,\n    \
         coalesce(sum(source_size), 0) AS source_bytes, coalesce(sum(destination_size), 0) AS destination_bytes,\n    \
         CAST(NULL AS BIGINT) AS oldest, CAST(NULL AS BIGINT) AS newest\n  \
         FROM counted_versions\n  GROUP BY GROUPING SETS (\n    ({TOTALS}){sets}\n  )\n)",
        completed = is_of(StatusClass::Replicated, "source_status"),
        listed = names.iter().map(|name| format!(", {name}")).collect::<String>(),
        part_of = if names.is_empty() { "-1".to_owned() } else { part_of("", &names) },
        sets = names.iter().map(|name| format!(",\n    (pair_class, {name})")).collect::<String>(),
    ))
}

/// The rows that are in every result.
fn constants(contributions: &[Contribution], refusals: [&[&str]; 2]) -> Vec<ConstantRow> {
    let place = |dimension: &str| contributions.iter().position(|one| one.dimension == dimension).unwrap_or(0);
    let zero = |dimension: &str, value: &str| ConstantRow::zero(place(dimension), dimension, value);
    let mut rows = Vec::new();
    for class in PairClass::ALL {
        let row = zero(PairFigureWord::All.word(), "");
        // Extra replicas are the second contribution.
        let at = row.at + usize::from(class == PairClass::Extra);
        rows.push(ConstantRow { at, status: class.word().to_owned(), has_bytes: true, ..row });
    }
    rows.push(zero(PairFigureWord::TooNewAtDestination.word(), ""));
    for value in [NOT_REPLICAS, NEW_AT_DESTINATION] {
        rows.push(ConstantRow { has_bytes: true, ..zero(PairFigureWord::DestinationOnly.word(), value) });
    }
    for value in [HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE] {
        rows.push(zero(PairFigureWord::LatestDiffers.word(), value));
    }
    rows.push(zero(PairFigureWord::Undated.word(), ""));
    for (side, refusals) in PairSide::BOTH.into_iter().zip(refusals) {
        let mut of = |word, value, later: usize| {
            let row = zero(&side_dimension(side, word), value);
            rows.push(ConstantRow { at: row.at + later, ..row });
        };
        of(FigureWord::DeleteMarkers, "", 0);
        of(FigureWord::Rows, SCANNED, 0);
        of(FigureWord::Rows, IN_SCOPE, 1);
        refusals.iter().for_each(|reason| of(FigureWord::Invalid, reason, 0));
        of(FigureWord::Invalid, LISTED_TWICE, 1);
        of(FigureWord::Files, "", 0);
    }
    rows
}
