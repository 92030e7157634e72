//! The worst prefixes of a comparison.

use std::collections::BTreeMap;

use super::class::PairClass;
use super::older::OlderResult;
use super::result::{ClassTotals, PairGroup, Reconciliation};
use crate::audit::{Compared, Grouped, NamedDimension};

impl Reconciliation {
    /// Adds the groups of a second reading, beside those of an older result if it has them.
    pub(crate) fn in_groups(
        mut self,
        dimensions: Vec<NamedDimension>,
        top: usize,
        older: Option<&OlderResult>,
    ) -> Self {
        for named in dimensions {
            let (how, worst) = worst(named, top, older);
            self.grouped.push(how);
            self.groups.extend(worst);
        }
        self
    }
}

/// The `top` worst values: most objects that are missing, differ or are not replicas, then most that are unsure, then by name.
fn worst(named: NamedDimension, top: usize, older: Option<&OlderResult>) -> (Grouped, Vec<PairGroup>) {
    let dimension = named.dimension.to_string();
    let values = named.values.len() as u64;
    let mut groups: Vec<PairGroup> = named
        .values
        .into_iter()
        .map(|(value, sums)| {
            let now = |class: PairClass| {
                let found = sums.words.iter().find(|(place, _)| *place == class.place());
                found.map(|(_, totals)| ClassTotals { objects: totals.objects, bytes: totals.bytes.unwrap_or(0) })
            };
            let compared = |class: PairClass| {
                let before = older.and_then(|older| older.amount_in_group(&dimension, &value, class));
                // A class without objects is left out, unless it had some.
                let had_some = || before.filter(|before| before.objects > 0).map(|_| ClassTotals::default());
                let now = now(class).or_else(had_some)?;
                Some((class, Compared::of(now, before)))
            };
            let classes = PairClass::ALL.into_iter().filter_map(compared).collect();
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

fn objects(classes: &BTreeMap<PairClass, Compared<ClassTotals>>, class: PairClass) -> u64 {
    classes.get(&class).map_or(0, |totals| totals.objects)
}
