//! Figures of groups, as the formats for reading show them.

use super::change::Shown;
use crate::audit::{Audit, Group, Grouped, LimitClass};
use crate::model::{StatusClass, human_count};

/// One value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupFigures<'a> {
    /// The value as it can be seen.
    pub(super) value: &'a str,
    pub(super) objects: u64,
    pub(super) failed: u64,
    /// `None` where pending rows have no date.
    pub(super) overdue: Option<u64>,
    pub(super) not_replicated: u64,
    pub(super) pending: u64,
    pub(super) unknown: u64,
    pub(super) bytes: Option<u64>,
    /// `None` without an older report.
    pub(super) changes: Option<GroupChanges>,
}

/// How the figures of a group changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupChanges {
    pub(super) objects: Shown,
    pub(super) failed: Shown,
    /// `None` where pending rows of either report have no date.
    pub(super) overdue: Option<Shown>,
    pub(super) not_replicated: Shown,
    pub(super) pending: Shown,
}

impl GroupChanges {
    fn of(group: &Group) -> Option<Self> {
        let delta = |wanted: &dyn Fn(StatusClass) -> bool| -> Option<i128> {
            let words = group.statuses.iter().filter(|(status, _)| wanted(status.class()));
            words.map(|(_, totals)| totals.change.map(|change| change.delta.objects)).sum()
        };
        let of = |class: StatusClass| delta(&|found| found == class).map(|delta| Shown::of_status(class, delta));
        // A group has a word, be it only of the older report.
        group.statuses.values().next()?.change?;
        Some(Self {
            objects: Shown::of_all(delta(&|_| true)?),
            failed: of(StatusClass::Failed)?,
            overdue: group
                .overdue
                .as_ref()
                .and_then(|overdue| overdue.change)
                .map(|change| Shown::of_class(LimitClass::Overdue, change.delta.objects)),
            not_replicated: of(StatusClass::NotReplicated)?,
            pending: of(StatusClass::Pending)?,
        })
    }
}

impl<'a> GroupFigures<'a> {
    fn of(group: &'a Group) -> Self {
        let mut figures = Self {
            value: named(&group.value),
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
            changes: GroupChanges::of(group),
        };
        // Parts of sums that did not overflow.
        for (status, totals) in &group.statuses {
            figures.objects += totals.objects;
            let sum = match status.class() {
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
pub(super) fn dimensions(audit: &Audit) -> impl Iterator<Item = (&Grouped, Vec<GroupFigures<'_>>)> {
    audit.grouped.iter().scan(audit.groups.as_slice(), |rest, grouped| {
        let shown = usize::try_from(grouped.shown).unwrap_or(usize::MAX);
        let (groups, others) = rest.split_at(rest.len().min(shown));
        *rest = others;
        Some((grouped, groups.iter().map(GroupFigures::of).collect()))
    })
}

/// How many of how many groups are shown, and whether they are those that were asked for.
pub(super) fn caption(grouped: &Grouped) -> String {
    let Grouped { asked, dimension, values, shown } = grouped;
    let all = if shown < values {
        format!("the worst {} of {}", human_count(*shown), human_count(*values))
    } else {
        format!("all {}", human_count(*values))
    };
    if asked == dimension { all } else { format!("{all}; {asked} has too many values and was cut to {dimension}") }
}

/// A value as it can be seen.
pub(super) fn named(value: &str) -> &str {
    if value.is_empty() { "(none)" } else { value }
}
