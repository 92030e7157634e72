//! Why replication failed: adds up what the crate `s3-failures` reads, says what the reasons mean, and joins them with an export.
//!
//! It knows no files and no network. [`ReasonTally`] adds up tasks, and [`ReasonsReport`] is the result. Memory does not grow with
//! the number of tasks, but for [`JoinTable`], which holds each failed object once.

mod join;
mod report;
mod tally;

pub(crate) use join::{JoinTable, JoinedLine};
pub(crate) use report::{JoinSums, ReasonGroup, ReasonsReport, UnreadFile};
pub(crate) use tally::{ReasonTally, TallyLimit};
