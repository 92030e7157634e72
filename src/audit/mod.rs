//! Turns the records of a report into an answer about a bucket: totals per status, overdue objects, limits, verdict.
//!
//! It does not read reports. Memory does not grow with the number of objects.

mod ages;
mod batch;
mod by_rule;
mod cause;
mod change;
mod class;
mod comparable;
mod confirm;
mod dimension;
mod error;
mod figures;
mod groups;
mod limits;
mod previous;
mod result;
mod tally;
#[cfg(test)]
mod tests;
mod totals;
mod uncovered;
mod worst;

pub(crate) use ages::{PendingAge, age_steps};
pub(crate) use batch::Scratch;
pub(crate) use cause::{Concentration, concentrations};
pub(crate) use change::{Amount, AmountChange, Compared};
pub(crate) use class::{ClassWord, LimitClass};
pub(crate) use comparable::check_comparable;
pub(crate) use confirm::{AuditedObject, ConfirmOutcome, Confirmed, confirm_outcome, distinct, of_named_version};
pub(crate) use dimension::Dimension;
pub(crate) use error::TallyError;
pub(crate) use figures::{
    ControlRows, Expected, FIGURE_COLUMNS, FigureError, FigureRow, FigureSums, FigureTaker, FigureWord, IN_SCOPE,
    OVERDUE_OF, SCANNED, SETTINGS, UNDATED, check_status_word, equal, part,
};
pub(crate) use groups::{GroupMember, Grouping, Groups, MANY_VALUES, MOST_VALUES, NamedDimension, VALUE_BYTES};
pub(crate) use limits::{ClassLimit, Limit, LimitResult, Limits, confirm, evaluate, exceeded, passes, verdict};
pub(crate) use previous::{OlderReport, RowsChange};
pub(crate) use result::{
    Audit, Question, ReportFacts, ReportScope, Unanswerable, Verified, conclude, per_word, unknown_version_text,
};
pub use tally::Filter;
pub(crate) use tally::Tally;
pub use totals::StatusTotals;
pub(crate) use uncovered::{UncoveredCause, UncoveredObjects};
pub(crate) use worst::{GroupTotals, Grouped};
#[cfg(test)]
pub(crate) use {
    change::{CountChange, Delta},
    previous::{PreviousReport, RowsDelta},
    totals::Overdue,
};
