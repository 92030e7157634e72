//! What can be wrong with the text of a CSV file.

use thiserror::Error;

/// What is wrong with the text of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CsvError {
    /// Cells are missing, or there are too many.
    #[error("the row has {found} cells, the report has {expected} columns")]
    Width {
        /// Cells of the row.
        found: usize,
        /// Columns of the report.
        expected: usize,
    },
    /// More cells than columns; the rest of the row was not read.
    #[error("the row has {found} cells, the report has {expected} columns, or more")]
    TooWide {
        /// Cells of the row so far.
        found: usize,
        /// Columns of the report.
        expected: usize,
    },
    /// A quote in the middle of a cell.
    #[error("a cell that is not quoted holds a quote")]
    StrayQuote,
    /// Text after the closing quote of a cell.
    #[error("a quoted cell goes on behind its closing quote")]
    AfterQuote,
    /// No closing quote.
    #[error("the file ends inside of a quoted cell")]
    OpenQuote,
    /// More than [`MAX_ROW`](crate::MAX_ROW).
    #[error("the row is longer than 1 MiB")]
    RowTooLong,
    /// No end of the gzip stream.
    #[error("the file is truncated: its gzip stream ends too soon")]
    Truncated,
}
