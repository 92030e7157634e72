//! The parts of every figure: objects, bytes, and the oldest and newest date.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Overflow, add};

/// Sums of one status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct StatusTotals {
    /// Versions.
    pub objects: u64,
    /// Bytes; `None` where the report has no Size.
    pub bytes: Option<u64>,
    /// The oldest LastModifiedDate.
    pub oldest: Option<Timestamp>,
    /// The newest LastModifiedDate.
    pub newest: Option<Timestamp>,
}

impl StatusTotals {
    pub(super) fn empty(has_size: bool) -> Self {
        Self { bytes: has_size.then_some(0), ..Self::default() }
    }

    #[inline]
    pub(super) fn count(&mut self, size: Option<u64>, modified: Option<Timestamp>) -> Result<(), Overflow> {
        add(&mut self.objects, 1)?;
        if let (Some(sum), Some(size)) = (&mut self.bytes, size) {
            add(sum, size)?;
        }
        if let Some(modified) = modified {
            self.oldest = Some(self.oldest.map_or(modified, |oldest| oldest.min(modified)));
            self.newest = Some(self.newest.map_or(modified, |newest| newest.max(modified)));
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        add(&mut self.objects, other.objects)?;
        if let (Some(sum), Some(more)) = (&mut self.bytes, other.bytes) {
            add(sum, more)?;
        }
        self.oldest = [self.oldest, other.oldest].into_iter().flatten().min();
        self.newest = [self.newest, other.newest].into_iter().flatten().max();
        Ok(())
    }
}

/// Pending for longer than the limit at the time of the scan: an upper bound, since the report is older than now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(crate) struct Overdue {
    /// Versions.
    pub objects: u64,
    /// Bytes; `None` where the report has no Size.
    pub bytes: Option<u64>,
    /// The oldest LastModifiedDate.
    pub oldest: Option<Timestamp>,
}

impl Overdue {
    pub(super) fn of(totals: &StatusTotals) -> Self {
        Self { objects: totals.objects, bytes: totals.bytes, oldest: totals.oldest }
    }
}
