//! One row of figures.

use jiff::Timestamp;
use s3_inventory::quoted;

use super::error::FigureError;

/// The columns of figures, also of `inventory -o csv`.
pub(crate) const FIGURE_COLUMNS: [&str; 7] = ["dimension", "value", "status", "objects", "bytes", "oldest", "newest"];

/// A row of figures whose cells are valid each for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FigureRow {
    pub(crate) dimension: String,
    pub(crate) value: String,
    pub(crate) status: String,
    pub(crate) objects: u64,
    pub(crate) bytes: Option<u64>,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) newest: Option<Timestamp>,
}

impl FigureRow {
    /// Parses the cells of a row.
    pub(crate) fn parse(cells: &[&str]) -> Result<Self, FigureError> {
        let [dimension, value, status, objects, bytes, oldest, newest] = cells else {
            return Err(FigureError::Width(cells.len()));
        };
        let bad = |column, cell: &str, kind| FigureError::Cell { column, cell: quoted(cell.as_bytes()), kind };
        let number = |column, cell: &str| {
            let is_number = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
            let number = is_number.then(|| cell.parse::<u64>().ok()).flatten();
            number.ok_or_else(|| bad(column, cell, "a number below 2^64"))
        };
        let time = |column, cell: &str| cell.parse().map_err(|_| bad(column, cell, "a time in RFC 3339"));
        Ok(Self {
            dimension: (*dimension).to_owned(),
            value: (*value).to_owned(),
            status: (*status).to_owned(),
            objects: number("objects", objects)?,
            bytes: filled(bytes).map(|cell| number("bytes", cell)).transpose()?,
            oldest: filled(oldest).map(|cell| time("oldest", cell)).transpose()?,
            newest: filled(newest).map(|cell| time("newest", cell)).transpose()?,
        })
    }
}

/// A cell that is not NULL, which Spark prints as a word.
fn filled<'a>(cell: &&'a str) -> Option<&'a str> {
    Some(*cell).filter(|cell| !cell.is_empty() && *cell != "NULL")
}
