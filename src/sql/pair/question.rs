//! Which reports are compared, and how.

use jiff::Timestamp;

use super::super::table::SqlReport;
use crate::audit::Dimension;

/// Two reports that are compared, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SqlPair<'a> {
    pub(crate) source: SqlReport<'a>,
    pub(crate) destination: SqlReport<'a>,
    /// Only keys that begin with this.
    pub(crate) prefix: Option<&'a str>,
    /// Judged objects are also counted by these prefixes.
    pub(crate) by: &'a [Dimension],
    /// What was written before is in both reports.
    pub(crate) judged_before: Timestamp,
}
