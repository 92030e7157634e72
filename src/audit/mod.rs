//! From records to an answer about a bucket: totals per status, what is overdue, limits, verdict.
//!
//! Sums only; where records come from is not known here. Memory does not grow with the number of objects.

mod ages;
mod batch;
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

pub use ages::PendingAge;
pub use batch::Scratch;
pub use change::{Amount, AmountChange, Compared, CountChange, Delta};
pub use class::LimitClass;
pub use comparable::{Incomparable, check_comparable};
pub use confirm::{AuditedObject, ConfirmOutcome, Confirmed, confirm_outcome, distinct, of_named_version};
pub use dimension::{Dimension, DimensionError};
pub use error::TallyError;
pub use groups::{Grouping, MANY_VALUES, MOST_VALUES, VALUE_BYTES};
pub use limits::{ClassLimit, Limit, LimitError, LimitResult, Limits, evaluate};
pub use previous::{OlderReport, PreviousReport, RowsChange, RowsDelta};
pub use result::{Audit, Question, ReportFacts, ReportScope, Unanswerable, Verified, conclude, per_word};
pub use tally::{Filter, Tally};
pub use totals::{Overdue, StatusTotals};
pub use worst::{GroupTotals, Grouped};
