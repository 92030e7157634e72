//! Compares two reports row by row: is every replica there?
//!
//! It does not read reports and holds no keys: a row is an [`ObjectRecord`], found by a hash of its key and version ID. Rows
//! are compared in partitions, each of which fits in memory.

mod class;
mod comparable;
mod compare;
mod confirm;
mod figures;
mod groups;
mod identity;
mod judge;
mod older;
mod record;
mod result;
mod sums;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use class::PairClass;
pub(crate) use comparable::{NotComparable, check_scopes, common_identity};
pub(crate) use compare::{COMPARING_BYTES, CompareError, PairSide, PartitionComparer, PartitionPart};
pub(crate) use confirm::confirm_pair;
pub(crate) use figures::{
    HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE, LISTED_TWICE, NEW_AT_DESTINATION, NOT_COMPLETED, NOT_REPLICAS,
    PairExpected, PairFigureSums, PairFigureWord, PairFigures, SideExpected, side_dimension,
};
pub(crate) use identity::{Identity, IdentitySecret, RowHasher};
pub(crate) use older::{OlderResult, PairAbout};
pub(crate) use record::{LONG_RECORD, ObjectRecord, RowFlags, SHORT_RECORD};
pub(crate) use result::{
    ClassTotals, IdentityKind, PairFindings, PairGroup, PairUnanswerable, Reconciliation, conclude_pair,
};
pub(crate) use sums::{ClassSum, PairSums};
pub(crate) use table::{ClassTable, PROBLEM_BYTES};
pub(crate) use words::StatusWords;
