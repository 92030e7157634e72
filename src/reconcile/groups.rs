//! The worst prefixes of a comparison.

use std::collections::BTreeMap;

use super::class::PairClass;
use super::result::{ClassTotals, PairGroup, Reconciliation};
use crate::audit::{Grouped, NamedDimension, StatusTotals};

impl Reconciliation {
    /// Adds the groups of a second reading.
    pub(crate) fn in_groups(mut self, dimensions: Vec<NamedDimension>, top: usize) -> Self {
        for named in dimensions {
            let (how, worst) = worst(named, top);
            self.grouped.push(how);
            self.groups.extend(worst);
        }
        self
    }
}

/// The `top` worst values: most objects that are missing, differ or are not replicas, then most that are unsure, then by name.
fn worst(named: NamedDimension, top: usize) -> (Grouped, Vec<PairGroup>) {
    let dimension = named.dimension.to_string();
    let values = named.values.len() as u64;
    let mut groups: Vec<PairGroup> = named
        .values
        .into_iter()
        .map(|(value, sums)| {
            let totals = |(place, totals): &(usize, StatusTotals)| {
                let class = PairClass::ALL.get(*place).copied()?;
                Some((class, ClassTotals { objects: totals.objects, bytes: totals.bytes.unwrap_or(0) }))
            };
            let classes = sums.words.iter().filter_map(totals).collect();
            PairGroup { dimension: dimension.clone(), value, classes }
        })
        .collect();
    let with_problems = groups.iter().filter(|group| badness(group) > (0, 0)).count() as u64;
    groups.sort_by(|one, two| (badness(two), &one.value).cmp(&(badness(one), &two.value)));
    groups.truncate(top);
    let shown = groups.len() as u64;
    (Grouped { asked: named.asked.to_string(), dimension, values, shown, with_problems }, groups)
}

fn badness(group: &PairGroup) -> (u64, u64) {
    let count = |class| objects(&group.classes, class);
    let wrong = [PairClass::Missing, PairClass::SizeDiffers, PairClass::NotAReplica].map(count);
    (wrong.into_iter().sum(), count(PairClass::Unsure))
}

fn objects(classes: &BTreeMap<PairClass, ClassTotals>, class: PairClass) -> u64 {
    classes.get(&class).map_or(0, |totals| totals.objects)
}
