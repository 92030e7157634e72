//! From records to an answer about a bucket: totals per status, what is overdue, limits, verdict.
//!
//! Sums only; where records come from is not known here. Memory does not grow with the number of objects.

mod ages;
mod batch;
mod cause;
mod change;
mod class;
mod comparable;
mod confirm;
mod dimension;
mod error;
mod groups;
mod limits;
mod previous;
mod result;
mod tally;
#[cfg(test)]
mod tests;
mod totals;
mod worst;

pub(crate) use ages::PendingAge;
pub(crate) use batch::Scratch;
pub(crate) use cause::{Concentration, concentrations};
#[cfg(test)]
pub(crate) use change::Amount;
#[cfg(test)]
pub(crate) use change::CountChange;
#[cfg(test)]
pub(crate) use change::Delta;
pub(crate) use change::{AmountChange, Compared};
pub(crate) use class::LimitClass;
pub(crate) use comparable::check_comparable;
pub(crate) use confirm::{AuditedObject, ConfirmOutcome, Confirmed, confirm_outcome, distinct, of_named_version};
pub(crate) use dimension::Dimension;
pub(crate) use error::TallyError;
pub(crate) use groups::{Grouping, MANY_VALUES, MOST_VALUES, VALUE_BYTES};
#[cfg(test)]
pub(crate) use limits::evaluate;
pub(crate) use limits::{ClassLimit, Limit, LimitResult, Limits};
#[cfg(test)]
pub(crate) use previous::PreviousReport;
#[cfg(test)]
pub(crate) use previous::RowsDelta;
pub(crate) use previous::{OlderReport, RowsChange};
pub(crate) use result::{Audit, Question, ReportFacts, ReportScope, Unanswerable, Verified, conclude, per_word};
pub use tally::Filter;
pub(crate) use tally::Tally;
#[cfg(test)]
pub(crate) use totals::Overdue;
pub use totals::StatusTotals;
pub(crate) use worst::{GroupTotals, Grouped};
