//! Results that come row by row and end with a summary: what every format needs to know of them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::super::terminal::Style;
use crate::status::NamedBy;

/// What the rows of one command have in common.
#[derive(Debug)]
pub(crate) struct RowLayout {
    /// The `schema` of the json document.
    pub(crate) schema: &'static str,
    /// The header of csv: names of json fields.
    pub(crate) columns: &'static str,
    /// The columns of markdown, the answer first.
    pub(crate) brief: &'static str,
}

pub(crate) trait ReportRow: WriteJson {
    fn layout() -> &'static RowLayout
    where
        Self: Sized;

    fn heading(&self) -> String;

    fn line(&self, style: Style) -> String;

    /// Whether `--only` with this word shows the row.
    fn has_word(&self, word: &str) -> bool;

    /// Sentences that the table prints below the first row that has them, and not again.
    fn hints(&self) -> Vec<String>;

    /// Lines below every row, escaped and painted.
    fn details(&self, style: Style) -> Vec<String>;

    /// Why the row is what it is, for markdown: a title, and for each claim what is known of it, what it is about, and its
    /// text.
    fn explanation(&self) -> Option<(String, Vec<[&str; 3]>)> {
        None
    }

    /// The last lines below a row of the table, escaped and painted.
    fn below(&self, _style: Style) -> Vec<String> {
        Vec::new()
    }
}

pub(crate) trait ReportSummary: WriteJson {
    /// The last line of the table; `None` where a single row, if one is shown, says it all.
    fn line(&self, style: Style, rows_shown: bool) -> Option<String>;
}

/// Which rows are shown (`--only`, `--summary`). All of them are counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowFilter {
    /// Rows with one of these words; all rows if empty.
    pub(crate) only: Vec<&'static str>,
    /// No rows.
    pub(crate) summary: bool,
}

impl RowFilter {
    pub(crate) fn shows(&self, row: &impl ReportRow) -> bool {
        !self.summary && (self.only.is_empty() || self.only.iter().any(|word| row.has_word(word)))
    }
}

/// Serializes through `dyn`.
pub(crate) trait WriteJson {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()>;

    /// The cells of these columns: texts as they are, an error as its code, destinations in one cell.
    fn cells(&self, columns: &str) -> io::Result<Vec<String>>;
}

impl<T: Serialize> WriteJson for T {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(out, self).map_err(io::Error::from)
    }

    fn cells(&self, columns: &str) -> io::Result<Vec<String>> {
        let fields = serde_json::to_value(self)?;
        Ok(columns.split(',').map(|column| cell(&fields[column])).collect())
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Object(failure) => failure.get("code").map(cell).unwrap_or_default(),
        Value::Array(destinations) => {
            let mut parts: Vec<String> =
                destinations.iter().map(|to| format!("{}={}", cell(&to["bucket"]), cell(&to["verdict"]))).collect();
            // This is not a verdict, so it is not taken for a bucket.
            if destinations.iter().any(|to| to["named_by"] == NamedBy::OptionOnly.word()) {
                parts.push("rules=not-readable".to_owned());
            }
            parts.join(";")
        }
    }
}
