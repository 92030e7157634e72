//! Figures of groups, as the formats for reading show them.

use super::change::ShownChange;
use super::text::plural;
use crate::audit::{AmountChange, Audit, GroupTotals, Grouped, LimitClass};
use crate::model::{StatusClass, human_count};

/// A number of objects, and how it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::output) struct Figure {
    /// `None` where pending rows have no date.
    pub(in crate::output) count: Option<u64>,
    /// `None` without an older report.
    pub(in crate::output) change: Option<ShownChange>,
}

impl Figure {
    /// The number, or `unknown` where it is not known.
    pub(in crate::output) fn text(&self, unknown: &str) -> String {
        self.count.map_or_else(|| unknown.to_owned(), human_count)
    }
}

/// One value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::output) struct GroupFigures<'a> {
    /// The value, or `(none)`.
    pub(in crate::output) value: &'a str,
    pub(in crate::output) objects: Figure,
    pub(in crate::output) failed: Figure,
    pub(in crate::output) overdue: Figure,
    pub(in crate::output) not_replicated: Figure,
    pub(in crate::output) pending: Figure,
    pub(in crate::output) unknown: Figure,
    pub(in crate::output) bytes: Option<u64>,
}

impl<'a> GroupFigures<'a> {
    fn of(group: &'a GroupTotals) -> Self {
        let of =
            |class: StatusClass| figure_of(group, |found| found == class, |delta| ShownChange::of_status(class, delta));
        let bytes = group.statuses.values().map(|totals| totals.bytes);
        Self {
            value: if group.value.is_empty() { "(none)" } else { &group.value },
            objects: figure_of(group, |_| true, ShownChange::of_all),
            failed: of(StatusClass::Failed),
            overdue: Figure {
                count: group.overdue.as_ref().map(|overdue| overdue.objects),
                change: group
                    .overdue
                    .as_ref()
                    .and_then(|overdue| overdue.change)
                    .map(|AmountChange { delta, .. }| ShownChange::of_class(LimitClass::Overdue, delta.objects)),
            },
            not_replicated: of(StatusClass::NotReplicated),
            pending: of(StatusClass::Pending),
            unknown: of(StatusClass::Unknown),
            bytes: bytes.into_iter().try_fold(0u64, |sum, more| sum.checked_add(more?)),
        }
    }
}

/// The objects of a group whose status is `wanted`. Parts of sums that did not overflow.
fn figure_of(group: &GroupTotals, wanted: impl Fn(StatusClass) -> bool, shown: impl Fn(i128) -> ShownChange) -> Figure {
    let totals = || group.statuses.iter().filter(|(status, _)| wanted(status.class())).map(|(_, totals)| totals);
    let delta: Option<i128> = totals().map(|totals| totals.change.map(|change| change.delta.objects)).sum();
    // A group has a word, be it only of the older report: where one was compared, all were.
    let is_compared = group.statuses.values().next().is_some_and(|totals| totals.change.is_some());
    Figure {
        count: Some(totals().map(|totals| totals.objects).sum()),
        change: delta.filter(|_| is_compared).map(shown),
    }
}

impl GroupFigures<'_> {
    fn has_problem(&self) -> bool {
        let counts = [&self.failed, &self.overdue, &self.not_replicated, &self.unknown].map(|figure| figure.count);
        counts.into_iter().flatten().any(|count| count > 0)
    }
}

/// The groups of each dimension that have a problem, both in the order of the result.
pub(in crate::output) fn dimensions(audit: &Audit) -> impl Iterator<Item = (&Grouped, Vec<GroupFigures<'_>>)> {
    audit.grouped.iter().scan(audit.groups.as_slice(), |rest, grouped| {
        let shown = usize::try_from(grouped.shown).unwrap_or(usize::MAX);
        let (groups, others) = rest.split_at(rest.len().min(shown));
        *rest = others;
        Some((grouped, groups.iter().map(GroupFigures::of).filter(GroupFigures::has_problem).collect()))
    })
}

/// How many of how many groups are listed, and whether they are those that were asked for.
pub(in crate::output) fn caption(grouped: &Grouped, listed: usize) -> String {
    let Grouped { asked, dimension, values, with_problems, .. } = grouped;
    let (listed, problems, values) = (human_count(listed as u64), human_count(*with_problems), human_count(*values));
    let text = match () {
        () if *with_problems == 0 => format!("none of {values} has problems"),
        () if listed != problems => format!("the worst {listed} of {problems} with problems, of {values} in all"),
        () if problems != values => {
            format!("{problems} of {values} {} problems", if *with_problems == 1 { "has" } else { "have" })
        }
        () if *with_problems == 1 => "1 of 1 has problems".to_owned(),
        () => format!("all {values} have problems"),
    };
    if asked == dimension { text } else { format!("{text}; {asked} has too many values, so {dimension} is shown") }
}

/// Counts the groups without any problem in one line: `119 others: no problems`.
pub(in crate::output) fn others(grouped: &Grouped) -> Option<String> {
    let others = grouped.values - grouped.with_problems.min(grouped.values);
    (others > 0 && grouped.with_problems > 0).then(|| format!("{}: no problems", plural(others, "other")))
}
