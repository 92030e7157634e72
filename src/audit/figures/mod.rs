//! Figures that an engine computed: the rows of its result become a [`Tally`](super::Tally), if they are complete.
//!
//! An engine may stop half way, print a row twice, or answer another question, and still exit 0. So a result has rows that
//! show what it is about, and everything that must add up is added up.

mod checks;
mod control;
mod error;
mod row;
mod sums;
mod taker;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use checks::{check_status_word, equal, part};
pub(crate) use control::ControlRows;
pub(crate) use error::FigureError;
pub(crate) use row::{FIGURE_COLUMNS, FigureRow};
pub(crate) use sums::{Expected, FigureSums};
pub(crate) use taker::FigureTaker;
pub(crate) use words::{FigureWord, IN_SCOPE, OVERDUE_OF, SCANNED, SETTINGS, UNDATED};
