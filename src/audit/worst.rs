//! The worst groups of each dimension, compared with an older report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::ages::age_rank;
use super::change::{Amount, Compared};
use super::dimension::Dimension;
use super::groups::{GroupSums, NamedDimension};
use super::previous::WordTotals;
use super::tally::Tally;
use super::totals::{Overdue, StatusTotals};
use crate::model::{Overflow, ReplicationStatus, StatusClass};

/// How objects were grouped by one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Grouped {
    /// The dimension in the options.
    pub asked: String,
    /// The dimension used: prefixes are cut shorter if there are too many.
    pub dimension: String,
    /// Number of different values; with an older report, of both reports.
    pub values: u64,
    /// Number of values shown, the worst first.
    pub shown: u64,
    /// Values with a problem: failed, overdue, not replicated, or of an unknown status.
    #[serde(skip)]
    #[schemars(skip)]
    pub with_problems: u64,
}

/// Sums of one value of one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub(crate) struct GroupTotals {
    /// What rows were grouped by.
    pub dimension: String,
    /// Its value.
    pub value: String,
    /// Per word of S3.
    #[schemars(with = "BTreeMap<String, Compared<StatusTotals>>")]
    pub statuses: BTreeMap<ReplicationStatus, Compared<StatusTotals>>,
    /// What is overdue.
    pub overdue: Option<Compared<Overdue>>,
}

struct DimensionSums<'a> {
    named: NamedDimension,
    tally: &'a Tally,
}

impl<'a> DimensionSums<'a> {
    fn all(tally: &'a Tally) -> Result<Vec<Self>, Overflow> {
        let groups = tally.groups.named()?.into_iter().chain(tally.per_rule());
        Ok(groups.map(|named| Self { named, tally }).collect())
    }

    fn sums(&self, value: &str) -> Option<&GroupSums> {
        self.named.values.get(value)
    }

    fn words(&self, value: &str) -> WordTotals {
        let words = self.sums(value).into_iter().flat_map(|sums| &sums.words);
        let word = |(at, totals): &(usize, StatusTotals)| (self.tally.words[*at].status.clone(), totals.clone());
        WordTotals { words: words.map(word).collect(), has_size: self.tally.has_size }
    }

    fn overdue(&self, value: &str) -> Option<Overdue> {
        let has_size = self.tally.has_size;
        let totals = self.sums(value).map_or_else(|| StatusTotals::empty(has_size), |sums| sums.all_overdue(has_size));
        (self.tally.undated_pending == 0).then(|| Overdue::of(&totals))
    }

    /// The sort key: the number of failed and overdue objects, then of objects without a status.
    fn badness(&self, sums: &GroupSums) -> (u64, u64) {
        let count = |class: StatusClass| -> u64 {
            let of_class = sums.words.iter().filter(|(at, _)| self.tally.words[*at].status.class() == class);
            of_class.map(|(_, totals)| totals.objects).sum()
        };
        let is_dated = self.tally.undated_pending == 0;
        let overdue = if is_dated { sums.all_overdue(self.tally.has_size).objects } else { 0 };
        (count(StatusClass::Failed) + overdue, count(StatusClass::NotReplicated))
    }

    fn has_problem(&self, sums: &GroupSums) -> bool {
        let is_unknown = |at: &usize| matches!(self.tally.words[*at].status.class(), StatusClass::Unknown);
        self.badness(sums) > (0, 0) || sums.words.iter().any(|(at, totals)| totals.objects > 0 && is_unknown(at))
    }

    /// The worst values by the current figures, then by name, each with its figures `before`.
    fn worst(&self, before: Option<&Self>, top: usize) -> (Grouped, Vec<GroupTotals>) {
        let mut order: Vec<((u64, u64), &String)> =
            self.named.values.iter().map(|(value, sums)| (self.badness(sums), value)).collect();
        let gone = before.into_iter().flat_map(|before| before.named.values.keys());
        order.extend(gone.filter(|value| !self.named.values.contains_key(*value)).map(|value| ((0, 0), value)));
        order.sort_unstable_by(|one, two| (two.0, one.1).cmp(&(one.0, two.1)));
        let dimension = self.named.dimension.to_string();
        let values = order.len() as u64;
        let with_problems = self.named.values.values().filter(|sums| self.has_problem(sums)).count() as u64;
        order.truncate(top);
        if self.named.dimension == Dimension::Age {
            order.sort_by_key(|(_, value)| age_rank(value));
        }
        let group = |(_, value): &(_, &String)| GroupTotals {
            dimension: dimension.clone(),
            value: (*value).clone(),
            statuses: self.words(value).beside(before.map(|before| before.words(value)).as_ref()),
            overdue: self.overdue(value).map(|overdue| {
                let previous = before.and_then(|before| before.overdue(value));
                Compared::of(overdue, previous.as_ref().map(Amount::from))
            }),
        };
        let groups: Vec<GroupTotals> = order.iter().map(group).collect();
        let shown = groups.len() as u64;
        (Grouped { asked: self.named.asked.to_string(), dimension, values, shown, with_problems }, groups)
    }
}

/// The `top` worst values of each dimension. Where one of the reports had too many prefixes, both are cut to its depth.
pub(super) fn worst(
    now: &Tally,
    before: Option<&Tally>,
    top: usize,
) -> Result<(Vec<Grouped>, Vec<GroupTotals>), Overflow> {
    let mut older = before.map(DimensionSums::all).transpose()?.unwrap_or_default().into_iter();
    let (mut grouped, mut groups) = (Vec::new(), Vec::new());
    for mut side in DimensionSums::all(now)? {
        let mut before = older.next();
        if let Some(before) = &mut before {
            before.named.cut_to(side.named.dimension, before.tally.has_size)?;
            side.named.cut_to(before.named.dimension, side.tally.has_size)?;
        }
        let (how, worst) = side.worst(before.as_ref(), top);
        grouped.push(how);
        groups.extend(worst);
    }
    Ok((grouped, groups))
}
