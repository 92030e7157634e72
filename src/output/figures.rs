//! Figures of groups, as the formats for reading show them.

use crate::audit::{Audit, Group};
use crate::status::StatusClass;

/// One value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupFigures<'a> {
    pub(super) value: &'a str,
    pub(super) objects: u64,
    pub(super) failed: u64,
    /// `None` where pending rows have no date.
    pub(super) overdue: Option<u64>,
    pub(super) not_replicated: u64,
    pub(super) pending: u64,
    pub(super) unknown: u64,
    pub(super) bytes: Option<u64>,
}

impl<'a> GroupFigures<'a> {
    fn of(group: &'a Group) -> Self {
        let mut figures = Self {
            value: &group.value,
            objects: 0,
            failed: 0,
            overdue: group.overdue.as_ref().map(|overdue| overdue.objects),
            not_replicated: 0,
            pending: 0,
            unknown: 0,
            bytes: group
                .statuses
                .values()
                .map(|totals| totals.bytes)
                .try_fold(0u64, |sum, more| sum.checked_add(more?)),
        };
        // Parts of sums that did not overflow.
        for (word, totals) in &group.statuses {
            figures.objects += totals.objects;
            let sum = match StatusClass::of_report(word) {
                StatusClass::Replicated | StatusClass::Replica => continue,
                StatusClass::Pending => &mut figures.pending,
                StatusClass::Failed => &mut figures.failed,
                StatusClass::NotReplicated => &mut figures.not_replicated,
                StatusClass::Unknown => &mut figures.unknown,
            };
            *sum += totals.objects;
        }
        figures
    }
}

/// Groups by dimension, both in the order of the result.
pub(super) fn dimensions(audit: &Audit) -> impl Iterator<Item = (&str, Vec<GroupFigures<'_>>)> {
    let of_one = audit.groups.chunk_by(|one, next| one.dimension == next.dimension);
    of_one.map(|groups| (groups[0].dimension.as_str(), groups.iter().map(GroupFigures::of).collect()))
}
