//! Checks of single figures.

use s3_inventory::quoted;

use super::error::FigureError;

/// As in a row of a report.
const LONGEST_WORD: usize = 64;

/// Checks that a text can be the status of a row.
pub(crate) fn check_status_word(word: &str) -> Result<(), FigureError> {
    let is_word = !word.is_empty() && word.len() <= LONGEST_WORD && !word.bytes().any(|byte| byte.is_ascii_control());
    if is_word { Ok(()) } else { Err(FigureError::Status(quoted(word.as_bytes()))) }
}

/// Checks that two numbers agree.
pub(crate) fn equal(what: &str, one: u64, other: u64) -> Result<(), FigureError> {
    if one == other { Ok(()) } else { Err(FigureError::Sum { what: what.to_owned(), one, other }) }
}

/// Checks that a part is not more than the whole.
pub(crate) fn part(what: &str, part: u64, whole: u64) -> Result<(), FigureError> {
    if part <= whole { Ok(()) } else { Err(FigureError::Part { what: what.to_owned(), part, whole }) }
}
