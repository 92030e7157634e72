//! Damage of CSV text.

use thiserror::Error;

/// What is wrong with the text of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum CsvError {
    #[error("the report has {expected} columns, the row has {found}")]
    Width { found: usize, expected: usize },
    #[error("the report has {expected} columns, the row has {found} or more")]
    TooWide { found: usize, expected: usize },
    #[error("a cell that is not quoted holds a quote")]
    StrayQuote,
    #[error("a quoted cell continues after its closing quote")]
    AfterQuote,
    #[error("the file ends inside a quoted cell")]
    OpenQuote,
    #[error("the row is longer than 1 MiB")]
    RowTooLong,
    #[error("the file is truncated: its gzip stream ends too soon")]
    Truncated,
}
