//! From records to an answer about a bucket: totals per status, what is overdue, limits, verdict.
//!
//! Sums only; where records come from is not known here. Memory does not grow with the number of objects.

mod ages;
mod batch;
mod groups;
mod limits;
mod result;
mod totals;

pub use ages::PendingAge;
pub use batch::Scratch;
pub use groups::{Dimension, Grouping, MANY_VALUES, MOST_VALUES, VALUE_BYTES};
pub use limits::{Class, ClassLimit, Limit, LimitError, LimitResult, Limits, evaluate};
pub use result::{Audit, Group, Grouped, Question, ReportFacts, Scope, Unanswerable, Verified, conclude};
pub use totals::{Filter, Overdue, StatusTotals, Tally};
