//! One row of a report as every format's query sees it: what is counted of it, and why it may be refused.
//!
//! The same checks as [`Record::read`](s3_inventory::Record::read) and [`Batch::read`](s3_inventory::Batch::read) make.

use jiff::{SignedDuration, Timestamp};
use s3_inventory::Columns;

use super::dialect::SqlEngine;
use super::error::SqlError;
use super::table::{SqlReport, SqlTable};
use crate::audit::{Dimension, Filter, Question, UNDATED, age_steps};
use crate::coverage::KeyRules;
use crate::model::StatusClass;

/// Engines accept no more repetitions in a regular expression.
const DEEPEST: u32 = 1000;

/// Engines replace bytes that are not UTF-8 by this character.
const REPLACEMENT: &str = "\u{FFFD}";
/// The same character in a key of a CSV report.
const ENCODED_REPLACEMENT: &str = "%[Ee][Ff]%[Bb][Ff]%[Bb][Dd]";
const SPACE_AROUND: &str = r"^[ \t\n\f\r]+|[ \t\n\f\r]+\z";
const QUOTED: &str = r#"^"[\s\S]*"\z"#;
const QUOTES: &str = r#"^"|"\z"#;
/// What each form of S3's times, and no other text, matches.
const TIME: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z\z";
const CONTROL: &str = r"[\x00-\x1F\x7F]";
/// A percent sign without two hex digits.
const BAD_ESCAPE: &str = r"%(?:[^0-9A-Fa-f]|[0-9A-Fa-f](?:[^0-9A-Fa-f]|\z)|\z)";

/// What a query asks of the rows of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowQuestion<'a> {
    prefix: Option<&'a str>,
    current: bool,
    by: &'a [Dimension],
    rules: Option<&'a KeyRules>,
    /// Whether each row is compared with its counterpart in another report.
    is_paired: bool,
    /// Whether rows are exported.
    is_exported: bool,
}

impl<'a> RowQuestion<'a> {
    /// The sums of one report.
    pub(super) fn of(question: &'a Question) -> Self {
        let Filter { prefix, current } = &question.filter;
        let (prefix, rules) = (prefix.as_deref(), question.rules.as_deref());
        Self { prefix, current: *current, by: &question.by, rules, is_paired: false, is_exported: false }
    }

    /// The rows of a report that are exported.
    pub(super) fn of_export(question: &'a Question) -> Self {
        Self { by: &[], rules: None, is_exported: true, ..Self::of(question) }
    }

    /// The rows of a report that is compared with another.
    pub(super) fn of_pair(prefix: Option<&'a str>) -> Self {
        Self { prefix, current: false, by: &[], rules: None, is_paired: true, is_exported: false }
    }

    fn needs_keys(&self) -> bool {
        self.needs_versions()
            || self.prefix.is_some()
            || self.by.iter().any(|by| match by {
                Dimension::Prefix(_) => true,
                Dimension::Rule => self.rules.is_some_and(|rules| rules.only().is_none()),
                Dimension::StorageClass | Dimension::Encryption | Dimension::Age => false,
            })
    }

    /// Whether single versions matter.
    fn needs_versions(&self) -> bool {
        self.is_paired || self.is_exported
    }

    fn needs_latest(&self) -> bool {
        self.is_paired || self.current
    }

    /// ETags decide about null versions, and tell delete markers from objects if there are no sizes.
    fn needs_e_tags(&self, columns: &Columns) -> bool {
        self.is_paired || columns.size.is_none()
    }

    /// The columns of a columnar report that a query reads, by their names.
    fn columns(&self, columns: &Columns) -> Vec<&'static str> {
        let has = |name, place: Option<usize>| place.map(|_| name);
        let by = |wanted| self.by.contains(&wanted);
        [
            Some("bucket"),
            self.needs_keys().then_some("key"),
            has("version_id", columns.version_id.filter(|_| self.needs_versions())),
            has("is_latest", columns.is_latest.filter(|_| self.needs_latest())),
            has("is_delete_marker", columns.is_delete_marker),
            has("size", columns.size),
            has("e_tag", columns.e_tag.filter(|_| self.needs_e_tags(columns))),
            has("last_modified_date", columns.last_modified),
            has("replication_status", columns.replication_status),
            has("storage_class", columns.storage_class.filter(|_| by(Dimension::StorageClass))),
            has("encryption_status", columns.encryption_status.filter(|_| by(Dimension::Encryption))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The columns of a columnar report that the query for its sums reads, and that for an export of its rows, by their names.
pub(crate) fn needed_columns(columns: &Columns, question: &Question, is_exported: bool) -> Vec<&'static str> {
    RowQuestion { is_exported, ..RowQuestion::of(question) }.columns(columns)
}

/// The columns of a columnar report that a comparison with another reads, by their names.
pub(crate) fn compared_columns(columns: &Columns) -> Vec<&'static str> {
    RowQuestion::of_pair(None).columns(columns)
}

/// The expressions for one row, with their names.
pub(super) struct RowExpressions {
    columns: Vec<(String, String)>,
    /// The reasons for refusing a row.
    pub(super) refusals: Vec<&'static str>,
}

impl RowExpressions {
    /// Selects them from a table.
    pub(super) fn select(&self, table: &SqlTable) -> String {
        let columns: Vec<String> = self.columns.iter().map(|(name, value)| format!("    {value} AS {name}")).collect();
        format!("  SELECT\n{}\n  FROM {}", columns.join(",\n"), table.from)
    }
}

/// The name of the column with the value of a dimension.
pub(super) fn dimension_column(at: usize) -> String {
    format!("group_{at}")
}

/// The part of a key up to and with its `depth`-th slash, or its last.
pub(super) fn prefix_of(engine: &dyn SqlEngine, key: &str, depth: u32) -> Result<String, SqlError> {
    match depth {
        0..=DEEPEST => Ok(engine.extract(key, &format!("^(?:[^/]*/){{0,{depth}}}"))),
        _ => Err(SqlError::Depth(depth, DEEPEST)),
    }
}

struct ExpressionWriter<'a> {
    engine: &'a dyn SqlEngine,
    report: &'a SqlReport<'a>,
    question: &'a RowQuestion<'a>,
}

/// Writes the expressions of a row.
pub(super) fn row_expressions(
    engine: &dyn SqlEngine,
    report: &SqlReport<'_>,
    table: &SqlTable,
    question: &RowQuestion<'_>,
) -> Result<RowExpressions, SqlError> {
    let writer = ExpressionWriter { engine, report, question };
    let refusals = writer.refusals(table);
    let mut columns = vec![
        ("data_file".to_owned(), table.file.clone()),
        ("refusal".to_owned(), case(&refusals, "")),
        ("in_scope".to_owned(), writer.in_scope()),
        ("marker".to_owned(), writer.flag(report.columns.is_delete_marker, "is_delete_marker", "FALSE")),
        ("status".to_owned(), writer.status()),
        ("size".to_owned(), writer.size()),
        ("modified".to_owned(), writer.modified()),
    ];
    for (at, by) in question.by.iter().enumerate() {
        columns.push((dimension_column(at), writer.dimension(*by)?));
    }
    if question.needs_versions() {
        columns.extend([("object_key".to_owned(), writer.key()), ("object_version".to_owned(), writer.version())]);
    }
    if question.is_paired {
        columns.extend([
            ("latest".to_owned(), writer.flag(report.columns.is_latest, "is_latest", "TRUE")),
            ("content".to_owned(), writer.content()),
        ]);
    }
    Ok(RowExpressions { columns, refusals: refusals.into_iter().map(|(reason, _)| reason).collect() })
}

/// The word of the first condition that holds.
pub(super) fn case(whens: &[(&str, String)], otherwise: &str) -> String {
    let whens: Vec<String> =
        whens.iter().map(|(word, condition)| format!("\n      WHEN {condition} THEN '{word}'")).collect();
    format!("CASE{}\n      ELSE '{otherwise}' END", whens.concat())
}

/// Microseconds since 1970.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time after which an object has an age of less than some hours.
pub(super) fn before(scanned_at: Timestamp, ago: SignedDuration) -> i64 {
    micros(scanned_at.checked_sub(ago).unwrap_or(Timestamp::MIN))
}

/// The word for the age of a row whose time is in the column `modified`.
pub(super) fn age_case(scanned_at: Timestamp) -> String {
    let (steps, oldest) = age_steps();
    let whens: Vec<String> = steps
        .iter()
        .map(|(word, hours)| {
            format!(" WHEN modified > {} THEN '{word}'", before(scanned_at, SignedDuration::from_hours(*hours)))
        })
        .collect();
    format!("CASE WHEN modified IS NULL THEN '{UNDATED}'{} ELSE '{oldest}' END", whens.concat())
}

/// Whether a status is of a class.
pub(super) fn is_of(class: StatusClass, status: &str) -> String {
    let words: Vec<String> = class.words().map(|word| format!("'{word}'")).collect();
    format!("{status} IN ({})", words.join(", "))
}

/// Whether the status of a row, in the column `status`, is pending.
pub(super) fn is_pending() -> String {
    is_of(StatusClass::Pending, "status")
}

impl ExpressionWriter<'_> {
    /// A text, empty if it is NULL.
    fn text(&self, name: &str) -> String {
        format!("coalesce({name}, '')")
    }

    /// The value of a boolean column, or `absent` where the report has none.
    fn flag(&self, place: Option<usize>, name: &str, absent: &str) -> String {
        match place {
            None => absent.to_owned(),
            Some(_) if self.report.is_csv() => format!("(lower({}) = 'true')", self.text(name)),
            Some(_) => format!("coalesce({name}, FALSE)"),
        }
    }

    fn key(&self) -> String {
        if self.report.is_csv() { self.engine.decoded("key") } else { "key".to_owned() }
    }

    /// The version ID; empty for the null version, or where the report has none.
    fn version(&self) -> String {
        match self.report.columns.version_id {
            // S3 leaves the cell of the null version empty; other writers have the word.
            Some(_) => {
                let id = self.text("version_id");
                format!("CASE WHEN {id} = 'null' THEN '' ELSE {id} END")
            }
            None => format!("CAST('' AS {})", self.engine.text_type()),
        }
    }

    /// The ETag of a version whose id may name another object elsewhere, without the quotes around it; NULL if there is none.
    fn content(&self) -> String {
        let null = format!("CAST(NULL AS {})", self.engine.text_type());
        if self.report.columns.e_tag.is_none() {
            return null;
        }
        let e_tag = self.engine.replaced(&self.text("e_tag"), SPACE_AROUND, "");
        let quoted = self.engine.matches(&e_tag, QUOTED);
        let unquoted = self.engine.replaced(&e_tag, QUOTES, "");
        format!(
            "CASE WHEN {} <> '' OR {e_tag} IN ('', '\"\"') THEN {null} WHEN {quoted} THEN {unquoted} ELSE {e_tag} END",
            self.version()
        )
    }

    /// Every reason to refuse a row, with its condition; the first counts.
    fn refusals(&self, table: &SqlTable) -> Vec<(&'static str, String)> {
        let (columns, is_csv, engine) = (self.report.columns, self.report.is_csv(), self.engine);
        let mut refusals = Vec::new();
        if let Some(condition) = &table.other_width {
            refusals.push(("row-width", condition.clone()));
        }
        let bucket = engine.text(&self.report.manifest.source_bucket);
        refusals.push(("bucket", format!("{} <> {bucket}", self.text("bucket"))));
        if is_csv {
            refusals.push(("key", format!("key IS NULL OR {}", engine.matches(&self.text("key"), CONTROL))));
            if self.question.needs_keys() {
                refusals.push(("key-encoding", engine.matches(&self.text("key"), BAD_ESCAPE)));
            }
            if self.question.needs_versions() {
                // Two such keys would be equal, and each be taken for the replica of the other, or be exported as another key.
                let odd = |key: &str| engine.matches(&engine.decoded(key), REPLACEMENT);
                let others = engine.replaced("key", ENCODED_REPLACEMENT, "x");
                refusals.push(("key-not-utf-8", format!("{} AND {}", odd("key"), odd(&others))));
            }
        } else if self.question.needs_keys() {
            refusals.push(("key", "key IS NULL".to_owned()));
        }
        let is_latest = columns.is_latest.filter(|_| is_csv || self.question.needs_latest());
        for (name, reason, place) in
            [("is_latest", "is-latest", is_latest), ("is_delete_marker", "is-delete-marker", columns.is_delete_marker)]
        {
            if place.is_some() {
                let condition = match is_csv {
                    true => format!("lower({}) NOT IN ('true', 'false')", self.text(name)),
                    false => format!("{name} IS NULL"),
                };
                refusals.push((reason, condition));
            }
        }
        let marker = self.flag(columns.is_delete_marker, "is_delete_marker", "FALSE");
        if columns.size.is_some() {
            let (size, text) = (self.size(), self.text("size"));
            let (bad, filled) = match is_csv {
                true => (
                    format!("NOT {} OR {size} IS NULL", engine.matches(&text, r"^[0-9]+\z")),
                    format!("{text} NOT IN ('', '0')"),
                ),
                false => ("size IS NULL OR size < 0".to_owned(), "size IS NOT NULL AND size <> 0".to_owned()),
            };
            refusals.push(("size", format!("NOT {marker} AND ({bad})")));
            refusals.push(("delete-marker-size", format!("{marker} AND {filled}")));
        }
        if columns.e_tag.is_some() && (is_csv || self.question.needs_e_tags(columns)) {
            refusals.push(("delete-marker-etag", format!("{marker} AND {} <> ''", self.text("e_tag"))));
        }
        if columns.last_modified.is_some() {
            let (modified, [least, most]) = (self.modified(), [Timestamp::MIN, Timestamp::MAX].map(micros));
            let out_of_range = format!("{modified} NOT BETWEEN {least} AND {most}");
            let condition = match is_csv {
                true => {
                    let text = self.text("last_modified_date");
                    let form = engine.matches(&text, TIME);
                    format!("{text} <> '' AND (NOT {form} OR {modified} IS NULL OR {out_of_range})")
                }
                false => out_of_range,
            };
            refusals.push(("last-modified", condition));
        }
        let status = self.text("replication_status");
        refusals.push(("status", format!("length({status}) > 64 OR {}", engine.matches(&status, CONTROL))));
        refusals
    }

    fn in_scope(&self) -> String {
        let RowQuestion { prefix, current, .. } = self.question;
        let prefix = prefix.map(|prefix| self.engine.starts_with(&self.key(), prefix));
        let latest = current.then(|| self.flag(self.report.columns.is_latest, "is_latest", "TRUE"));
        let conditions: Vec<String> = prefix.into_iter().chain(latest).collect();
        if conditions.is_empty() { "TRUE".to_owned() } else { format!("({})", conditions.join(" AND ")) }
    }

    fn status(&self) -> String {
        let status = self.text("replication_status");
        format!("CASE WHEN {status} = '' THEN 'NONE' ELSE {status} END")
    }

    fn size(&self) -> String {
        match (self.report.columns.size, self.report.is_csv()) {
            (None, _) => "CAST(NULL AS BIGINT)".to_owned(),
            (Some(_), true) => self.engine.integer("size"),
            (Some(_), false) => "size".to_owned(),
        }
    }

    fn modified(&self) -> String {
        match (self.report.columns.last_modified, self.report.is_csv()) {
            (None, _) => "CAST(NULL AS BIGINT)".to_owned(),
            (Some(_), true) => self.engine.micros_of_text("last_modified_date"),
            (Some(_), false) => self.engine.micros("last_modified_date"),
        }
    }

    fn dimension(&self, by: Dimension) -> Result<String, SqlError> {
        Ok(match by {
            Dimension::Prefix(depth) => prefix_of(self.engine, &self.key(), depth)?,
            Dimension::StorageClass => self.text("storage_class"),
            Dimension::Encryption => self.text("encryption_status"),
            // Of the column `modified`, which is not there yet.
            Dimension::Age => "''".to_owned(),
            Dimension::Rule => self.rule(),
        })
    }

    /// The longest prefix of the rules decides.
    fn rule(&self) -> String {
        let Some(rules) = self.question.rules else { return "''".to_owned() };
        let (cases, otherwise) = rules.cases();
        let otherwise = self.engine.text(otherwise);
        if cases.is_empty() {
            return otherwise;
        }
        let whens: Vec<String> = cases
            .iter()
            .map(|(prefix, name)| match prefix.is_empty() {
                true => format!("\n      WHEN TRUE THEN {}", self.engine.text(name)),
                false => {
                    let begins = self.engine.starts_with(&self.key(), prefix);
                    format!("\n      WHEN {begins} THEN {}", self.engine.text(name))
                }
            })
            .collect();
        format!("CASE{}\n      ELSE {otherwise} END", whens.concat())
    }
}
