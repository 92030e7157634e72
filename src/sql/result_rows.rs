//! The second half of every query: partial sums become the rows of the result, beside rows that are in every result.
//!
//! The rows of reports are read once and summed up in parts. Each part then adds to several rows of the result: to the total
//! of its status, to the number of rows, and so on.

use super::dialect::SqlEngine;
use crate::audit::{FIGURE_COLUMNS, FigureWord, SETTINGS};

const NULL: &str = "CAST(NULL AS BIGINT)";

/// One row of the result, or several, that a part may add to.
pub(super) struct Contribution {
    pub(super) dimension: String,
    /// Expressions over a part.
    pub(super) value: String,
    pub(super) status: String,
    /// What is added to the number of objects.
    pub(super) objects: &'static str,
    /// What is added to the bytes, if the row has any.
    pub(super) bytes: Option<&'static str>,
    pub(super) has_times: bool,
    pub(super) condition: String,
}

/// A row that is in every result, even if no part adds to it.
pub(super) struct ConstantRow {
    /// The index of the contribution whose rows it belongs to.
    pub(super) at: usize,
    pub(super) dimension: String,
    /// Texts.
    pub(super) value: String,
    pub(super) status: String,
    /// An expression.
    pub(super) objects: String,
    pub(super) has_bytes: bool,
}

impl ConstantRow {
    /// A row without objects and bytes.
    pub(super) fn zero(at: usize, dimension: &str, value: &str) -> Self {
        Self {
            at,
            dimension: dimension.to_owned(),
            value: value.to_owned(),
            status: String::new(),
            objects: "0".to_owned(),
            has_bytes: false,
        }
    }

    fn text(self, engine: &dyn SqlEngine) -> String {
        let kind = engine.text_type();
        let cell = |text: &str| format!("CAST({} AS {kind})", engine.text(text));
        format!(
            "({}, {}, {}, {}, CAST({} AS BIGINT), {}, {NULL}, {NULL})",
            self.at + 1,
            cell(&self.dimension),
            cell(&self.value),
            cell(&self.status),
            self.objects,
            if self.has_bytes { "CAST(0 AS BIGINT)" } else { NULL }
        )
    }
}

/// Writes the query. `parts` are common table expressions, the last of which is `parts`; `mark` says which question it is.
pub(super) fn result_query(
    engine: &dyn SqlEngine,
    parts: &str,
    contributions: &[Contribution],
    mut constants: Vec<ConstantRow>,
    mark: &str,
) -> String {
    let after = contributions.len();
    let settings =
        engine.settings_check().map_or("0".to_owned(), |check| format!("CASE WHEN {check} THEN 0 ELSE 1 END"));
    // Beside the reasons for refusing rows, where there is a place for them.
    let invalid = FigureWord::Invalid.word();
    let at = contributions.iter().position(|one| one.dimension == invalid).unwrap_or(after);
    constants.push(ConstantRow { objects: settings, ..ConstantRow::zero(at, invalid, SETTINGS) });
    constants.push(ConstantRow::zero(after, FigureWord::Question.word(), mark));
    constants.push(ConstantRow::zero(after + 1, FigureWord::End.word(), ""));
    let constants: Vec<String> = constants.into_iter().map(|row| row.text(engine)).collect();
    let conditions: Vec<String> = contributions
        .iter()
        .enumerate()
        .map(|(at, one)| format!("(figure_rank = {} AND {})", at + 1, one.condition))
        .collect();
    let [dimension, value, status, objects, bytes, oldest, newest] = FIGURE_COLUMNS;
    format!(
        "WITH {parts},\n\
         contributions AS (\n  SELECT\n    figure_rank,\n{cases}\n  FROM parts CROSS JOIN (VALUES {ranks}) AS figure_ranks(figure_rank)\n  \
         WHERE {conditions}\n  UNION ALL\n  SELECT * FROM (VALUES\n    {constants}\n  ) AS constants(figure_rank, dimension, value, status, objects, bytes, oldest, newest)\n),\n\
         figures AS (\n  SELECT figure_rank, dimension, value, status, sum(objects) AS objects, sum(bytes) AS bytes,\n    \
         min(oldest) AS oldest, max(newest) AS newest\n  FROM contributions\n  GROUP BY figure_rank, dimension, value, status\n)\n\
         SELECT dimension AS {dimension}, {printed} AS {value}, {printed_status} AS {status},\n  \
         CASE WHEN dimension = '{end}' THEN count(*) OVER () ELSE objects END AS {objects},\n  bytes AS {bytes},\n  \
         {oldest_text} AS {oldest},\n  {newest_text} AS {newest}\n\
         FROM figures\nORDER BY figure_rank, figures.value, figures.status",
        cases = cases(engine, contributions),
        ranks = (1..=after).map(|rank| format!("({rank})")).collect::<Vec<_>>().join(", "),
        conditions = conditions.join("\n    OR "),
        constants = constants.join(",\n    "),
        printed = engine.printed("value"),
        printed_status = engine.printed("status"),
        end = FigureWord::End.word(),
        oldest_text = engine.time("oldest"),
        newest_text = engine.time("newest"),
    )
}

/// The columns of the parts' contributions, each chosen by the rank.
fn cases(engine: &dyn SqlEngine, contributions: &[Contribution]) -> String {
    let choose = |name: &str, of: &dyn Fn(&Contribution) -> Option<&str>, otherwise: &str| {
        let whens: String = contributions
            .iter()
            .enumerate()
            .filter_map(|(at, one)| Some(format!(" WHEN {} THEN {}", at + 1, of(one).filter(|it| *it != otherwise)?)))
            .collect();
        match whens.is_empty() {
            true => format!("    {otherwise} AS {name}"),
            false => format!("    CASE figure_rank{whens} ELSE {otherwise} END AS {name}"),
        }
    };
    fn filled(text: &str) -> Option<&str> {
        Some(text).filter(|text| *text != "''")
    }
    let empty = format!("CAST('' AS {})", engine.text_type());
    let names: Vec<String> = contributions.iter().map(|one| engine.text(&one.dimension)).collect();
    let whens: String = names.iter().enumerate().map(|(at, name)| format!(" WHEN {} THEN {name}", at + 1)).collect();
    [
        format!("    CASE figure_rank{whens} ELSE {empty} END AS dimension"),
        choose("value", &|one| filled(&one.value), &empty),
        choose("status", &|one| filled(&one.status), &empty),
        choose("objects", &|one| Some(one.objects), "objects"),
        choose("bytes", &|one| one.bytes, NULL),
        choose("oldest", &|one| one.has_times.then_some("oldest"), NULL),
        choose("newest", &|one| one.has_times.then_some("newest"), NULL),
    ]
    .join(",\n")
}
