//! Figures about two reports that an engine computed, if they are complete.
//!
//! As in [`crate::audit`]: an engine may stop half way, print a row twice, or answer another question, and still exit 0. So
//! everything that must add up is added up.

mod sums;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use sums::{PairExpected, PairFigureSums, PairFigures, SideExpected};
pub(crate) use words::{
    HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE, LISTED_TWICE, NEW_AT_DESTINATION, NOT_COMPLETED, NOT_REPLICAS,
    PairFigureWord, side_dimension,
};
