//! Results that come row by row and end with a summary: what every format needs to know of them.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::super::terminal::Style;
use crate::exit::ExitStatus;
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
    /// The field of the json document that has the rows, and the word for several of them.
    pub(crate) rows: &'static str,
}

impl RowLayout {
    /// The word for one row.
    pub(crate) fn row(&self) -> &'static str {
        self.rows.trim_end_matches('s')
    }

    /// The command that writes the rows.
    pub(crate) fn command(&self) -> &'static str {
        self.schema.split(['.', '/']).nth(1).unwrap_or_default()
    }
}

/// A row as a check of a CI system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowCheck {
    /// The object.
    pub(crate) name: String,
    /// What the row makes of the exit status.
    pub(crate) exit: ExitStatus,
    pub(crate) word: &'static str,
    /// Why it is not a yes.
    pub(crate) text: String,
    /// Whether it is a yes that somebody should look at.
    pub(crate) warns: bool,
    /// Whether there was nothing to check, so that it is a yes that proves nothing.
    pub(crate) skipped: bool,
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
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    fn check(&self) -> RowCheck;

    /// Lines below every row, escaped and painted.
    fn details(&self, _style: Style) -> Vec<String> {
        Vec::new()
    }

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

    /// The exit code of the run.
    fn exit(&self) -> u8;

    /// When the run ended, for formats that say so.
    fn ended_at(&self) -> Option<Timestamp> {
        None
    }
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
