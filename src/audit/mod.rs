//! From records to an answer about a bucket: totals per status, what is overdue, limits, verdict.
//!
//! Sums only; where records come from is not known here. Memory does not grow with the number of objects.

mod ages;
mod batch;
mod change;
mod comparable;
mod confirm;
mod confirmed;
mod groups;
mod limits;
mod previous;
mod result;
#[cfg(test)]
mod tests;
mod totals;
mod worst;

pub use ages::PendingAge;
pub use batch::Scratch;
pub use change::{Amount, Change, Compared, CountChange, Delta};
pub use comparable::{Incomparable, check_comparable};
pub use confirm::{Listed, Outcome, heard, outcome};
pub use confirmed::{Confirmed, distinct};
pub use groups::{Dimension, Grouping, MANY_VALUES, MOST_VALUES, VALUE_BYTES};
pub use limits::{Class, ClassLimit, Limit, LimitError, LimitResult, Limits, evaluate};
pub use previous::{Older, PreviousReport, RowsDelta, Since};
pub use result::{Audit, Question, ReportFacts, Scope, Unanswerable, Verified, conclude, per_word};
pub use totals::{Filter, Overdue, StatusTotals, Tally};
pub use worst::{Group, Grouped};
