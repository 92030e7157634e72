//! The formats, in one table: options, help, completions and messages take their words from here.

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
    /// For job summaries and pull requests.
    Markdown,
    /// For a textfile collector.
    Prometheus,
    /// One page with charts.
    Html,
}

/// What is known of a format.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The format.
    pub format: Format,
    /// Its word in options.
    pub word: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether it holds objects that come one by one; otherwise only an audit.
    pub rows: bool,
}

const fn known(format: Format, word: &'static str, rows: bool, about: &'static str) -> Known {
    Known { format, word, about, rows }
}

impl Format {
    /// Every format.
    pub const ALL: [Known; 7] = [
        known(Self::Table, "table", true, "for people"),
        known(Self::Json, "json", true, "one document"),
        known(Self::Ndjson, "ndjson", true, "one JSON object a line"),
        known(Self::Csv, "csv", true, "with a header row"),
        known(Self::Markdown, "markdown", true, "for job summaries and pull requests"),
        known(Self::Prometheus, "prometheus", false, "inventory only: for a textfile collector"),
        known(Self::Html, "html", false, "inventory only: one page with charts"),
    ];

    /// Whether it holds objects that come one by one.
    #[must_use]
    pub fn holds_rows(self) -> bool {
        Self::ALL.iter().any(|known| known.format == self && known.rows)
    }

    /// The words of the formats that `fits` accepts, for a message.
    #[must_use]
    pub fn words(fits: impl Fn(Self) -> bool) -> String {
        let words: Vec<&str> = Self::ALL.iter().filter(|known| fits(known.format)).map(|known| known.word).collect();
        words.join(", ")
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|known| known.word == text);
        found.map(|known| known.format).ok_or_else(|| format!("{text:?} is no format: {}", Self::words(|_| true)))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.iter().find(|known| known.format == *self);
        f.write_str(found.map_or("", |known| known.word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_formats_are_each_other_s() {
        for known in Format::ALL {
            assert_eq!((known.word.parse(), known.format.to_string()), (Ok(known.format), known.word.to_owned()));
        }
        assert!("yaml".parse::<Format>().unwrap_err().contains("table, json, ndjson, csv, markdown, prometheus, html"));
        assert_eq!(Format::words(Format::holds_rows), "table, json, ndjson, csv, markdown");
    }
}
