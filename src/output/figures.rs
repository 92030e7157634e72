//! Figures of groups, as the formats for reading show them.

use crate::audit::{Audit, Group, Grouped};
use crate::model::human_count;
use crate::status::StatusClass;

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
