//! What leaves the program: formats over data, and the one place that knows stdout, stderr and a terminal.
//!
//! A format is one file here and one line in [`Format::ALL`]. Json, ndjson and csv hold keys exactly; everything meant
//! for reading is escaped, on a terminal or not.

mod audit;
mod entries;
mod export;
mod exported;
mod groups;
mod objects;
mod printer;
mod progress;
mod rows;
mod table;
mod targets;

pub use audit::{ago, write_audit};
pub use export::{ExportPlace, ExportTarget};
pub use exported::{ExportReport, write_exported};
pub use printer::{Printer, Style, plural};
pub use progress::{ByteProgress, ProgressChoice};
pub use rows::{Rows, Sink, Summarised};
pub use targets::{AllRows, OutputError, Target, Targets, Write as WriteOption};

use std::fmt;
use std::str::FromStr;

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// With a header.
    Csv,
}

impl Format {
    /// Every format; options, help and completions take their words from here.
    pub const ALL: [(&'static str, Self, &'static str); 4] = [
        ("table", Self::Table, "for people"),
        ("json", Self::Json, "one document"),
        ("ndjson", Self::Ndjson, "one JSON object a line"),
        ("csv", Self::Csv, "with a header row"),
    ];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(word, _, _)| *word == text);
        found.map(|(_, format, _)| *format).ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|(word, _, _)| *word).collect();
            format!("{text:?} is no format: {}", words.join(", "))
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.iter().find(|(_, format, _)| format == self);
        f.write_str(found.map_or("", |(word, _, _)| word))
    }
}
