//! What differs between engines: literals, functions, and how the data files are named.

mod athena;
mod duckdb;
mod spark;

pub(crate) use athena::symlink_folder;

use super::error::SqlError;
use super::table::{FilePlace, SqlLines, SqlReport, SqlTable};

/// The SQL of one engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Athena,
    Spark,
    DuckDb,
}

impl Dialect {
    /// Every dialect with its word on the command line.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("athena", Self::Athena), ("spark", Self::Spark), ("duckdb", Self::DuckDb)];

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, dialect)| *dialect == self).map_or("", |(word, _)| word)
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, dialect)| dialect)
    }

    /// The program that prints figures.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Athena => "the query as a CSV file",
            Self::Spark => "spark-sql",
            Self::DuckDb => "duckdb -csv",
        }
    }

    /// Whether values of figures have escapes, because the engine prints lines of tab-separated cells.
    pub(crate) fn escapes_values(self) -> bool {
        self == Self::Spark
    }

    pub(super) fn engine(self) -> &'static dyn SqlEngine {
        match self {
            Self::Athena => &athena::Athena,
            Self::Spark => &spark::Spark,
            Self::DuckDb => &duckdb::DuckDb,
        }
    }
}

/// How one engine writes the parts of a query. Arguments and results are expressions unless they are said to be texts.
pub(super) trait SqlEngine: Sync {
    /// A literal of this text.
    fn text(&self, text: &str) -> String;

    fn text_type(&self) -> &'static str;

    /// Whether a text matches a regular expression somewhere.
    fn matches(&self, text: &str, pattern: &str) -> String;

    /// The part of a text that first matches a regular expression; empty if none does.
    fn extract(&self, text: &str, pattern: &str) -> String;

    /// A text in which every part that matches a regular expression is another text.
    fn replaced(&self, text: &str, pattern: &str, with: &str) -> String {
        format!("regexp_replace({text}, {}, {})", self.text(pattern), self.text(with))
    }

    /// Whether a text begins with the text of a literal.
    fn starts_with(&self, text: &str, prefix: &str) -> String;

    /// A form-encoded key, decoded.
    fn decoded(&self, key: &str) -> String;

    /// A key, encoded as the engine encodes forms.
    fn url_encoded(&self, key: &str) -> String {
        format!("url_encode({key})")
    }

    /// A key, encoded as in a manifest of S3 Batch Operations: all but unreserved characters and slashes. Encoders of forms write
    /// a space as `+`, and leave `*`.
    fn encoded(&self, key: &str) -> String {
        let replacements = [("+", "%20"), ("*", "%2A"), ("%7E", "~"), ("%2F", "/")];
        replacements.iter().fold(self.url_encoded(key), |text, (from, to)| format!("replace({text}, '{from}', '{to}')"))
    }

    /// The statements that write the lines of a query to the files of a new folder, and make the lines of these files readable
    /// under a free name.
    fn export(&self, _query: &str, _folder: &FilePlace, _name: &str) -> Result<SqlLines, SqlError> {
        Err(SqlError::NoExport)
    }

    /// A text of digits as a BIGINT, or NULL.
    fn integer(&self, text: &str) -> String;

    /// Microseconds since 1970 of a time written as RFC 3339, or NULL.
    fn micros_of_text(&self, text: &str) -> String;

    /// Microseconds since 1970 of a timestamp.
    fn micros(&self, timestamp: &str) -> String;

    /// RFC 3339 of microseconds since 1970.
    fn time(&self, micros: &str) -> String;

    /// The value of a figure as it is printed.
    fn printed(&self, value: &str) -> String {
        value.to_owned()
    }

    /// A condition that shows that the engine reads literals and times as the query means them.
    fn settings_check(&self) -> Option<String> {
        None
    }

    /// The table of a report; `columns` are the columns of a columnar report that are read, and `name` is free.
    fn table(&self, report: &SqlReport<'_>, columns: &[&str], name: &str) -> Result<SqlTable, SqlError>;
}

/// Holds unless a collation of the session makes different texts equal.
const EXACT_TEXTS: &str = "'a' <> 'A' AND 'a ' <> 'a'";

/// A literal between single quotes, with each quote doubled.
fn doubled(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a text has only printable ASCII characters.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_literal() {
        let odd = "a'b\"c\\d`e;f--g/*h${env:HOME}%_\n\tü😀";
        let athena = Dialect::Athena.engine().text(odd);
        assert!(athena.starts_with("from_utf8(from_hex('") && athena.is_ascii() && !athena.contains(';'), "{athena}");
        assert_eq!(Dialect::Athena.engine().text("it's"), "'it''s'");
        let spark = Dialect::Spark.engine().text(odd);
        assert_eq!(
            spark,
            r"'a\u0027b\u0022c\u005Cd\u0060e\u003Bf--g/*h\u0024{env:HOME}%_\u000A\u0009\u00FC\U0001F600'"
        );
        let duckdb = Dialect::DuckDb.engine().text(odd);
        assert_eq!(duckdb, "('a''b\"c\\d`e;f--g/*h${env:HOME}%_' || chr(10) || chr(9) || 'ü😀')");
        assert_eq!(Dialect::DuckDb.engine().text("chr(1)\u{1}chr(2)"), "('chr(1)' || chr(1) || 'chr(2)')");
    }

    #[test]
    fn a_word_names_its_dialect() {
        for (word, dialect) in Dialect::ALL {
            assert_eq!((Dialect::named(word), dialect.word()), (Some(dialect), word));
        }
        assert_eq!(Dialect::named("mysql"), None);
    }
}
