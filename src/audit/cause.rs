//! Where the objects behind an exceeded limit are: the prefix, the storage class or the age that most of them share.

use std::collections::BTreeMap;

use super::class::LimitClass;
use super::dimension::Dimension;
use super::result::Audit;
use super::worst::GroupTotals;

/// Most objects of a class have one value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Concentration {
    pub(crate) class: LimitClass,
    pub(crate) dimension: Dimension,
    pub(crate) value: String,
    /// Objects of the class that have the value.
    pub(crate) objects: u64,
    /// All objects of the class.
    pub(crate) of: u64,
}

/// Finds for each exceeded limit of `audit` what most of its objects share, among the groups of `grouped`, which is an
/// answer about the same rows.
pub(crate) fn concentrations(audit: &Audit, grouped: &Audit) -> Vec<Concentration> {
    let mut found = Vec::new();
    let exceeded = audit.limits.iter().filter(|limit| limit.exceeded);
    // One object shares everything with itself.
    for (class, of) in exceeded.filter_map(|limit| Some((limit.class, limit.actual?))).filter(|(_, of)| *of > 1) {
        let mut groups = grouped.groups.as_slice();
        for how in &grouped.grouped {
            let (own, rest) = groups.split_at(groups.len().min(usize::try_from(how.shown).unwrap_or(usize::MAX)));
            groups = rest;
            let Ok(dimension) = how.dimension.parse() else { continue };
            // The sums of a shorter prefix are known only if all longer ones are.
            let is_prefix = matches!(dimension, Dimension::Prefix(_));
            let values = values(class, own, is_prefix && how.shown == how.values);
            // Where they are is worth a line. That they have the storage class of nearly all objects is not.
            let (times, per) = if is_prefix { (1, 1) } else { (4, 3) };
            let is_telling = |bad: u64, everything: u64| {
                let [bad, everything, of, all] = [bad, everything, of, audit.objects()].map(u128::from);
                bad * 2 > of && bad * all * per > everything * of * times
            };
            if let Some((value, objects)) = shared(&values, of, is_telling) {
                found.push(Concentration { class, dimension, value: value.to_owned(), objects, of });
            }
        }
    }
    found
}

/// The objects of the class, and all objects, for each value; with `rolled_up` for each shorter prefix as well.
fn values(class: LimitClass, groups: &[GroupTotals], rolled_up: bool) -> BTreeMap<&str, (u64, u64)> {
    let mut values: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for group in groups.iter().filter(|group| !group.value.is_empty()) {
        let of_status = group.statuses.iter().filter(|(status, _)| status.class() == class.status());
        let of_class = match class {
            LimitClass::Overdue => group.overdue.as_ref().map_or(0, |overdue| overdue.objects),
            // Which of the objects without a status they are is not known here.
            LimitClass::Uncovered => 0,
            _ => of_status.map(|(_, totals)| totals.objects).sum(),
        };
        let all: u64 = group.statuses.values().map(|totals| totals.objects).sum();
        let shorter = group.value.match_indices('/').map(|(at, _)| &group.value[..=at]);
        let shorter = shorter.filter(|prefix| rolled_up && prefix.len() < group.value.len());
        for value in shorter.chain([group.value.as_str()]) {
            let sums = values.entry(value).or_default();
            *sums = (sums.0 + of_class, sums.1 + all);
        }
    }
    values
}

/// The value that most of the class share: the longest prefix that holds four fifths of them before others.
fn shared<'a>(
    values: &BTreeMap<&'a str, (u64, u64)>,
    of: u64,
    is_telling: impl Fn(u64, u64) -> bool,
) -> Option<(&'a str, u64)> {
    let telling = values.iter().filter(|(_, (bad, everything))| is_telling(*bad, *everything));
    let best = telling.max_by_key(|(value, (bad, _))| (u128::from(*bad) * 5 >= u128::from(of) * 4, value.len()))?;
    Some((best.0, best.1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_class_share_a_value_or_nothing_is_said() {
        type GroupCounts = &'static [(&'static str, u64, u64)];
        let table: [(GroupCounts, Option<(&str, u64)>); 6] = [
            (&[("a/", 9, 10), ("b/", 1, 90)], Some(("a/", 9))),
            (&[("a/", 5, 50), ("b/", 5, 50)], None),
            // Everything is there: that is not the cause.
            (&[("a/", 10, 95), ("b/", 0, 5)], None),
            (&[("a/", 10, 20), ("a/b/", 9, 12), ("a/c/", 1, 8)], Some(("a/b/", 9))),
            (&[("a/", 10, 20), ("a/b/", 6, 12), ("a/c/", 4, 8)], Some(("a/", 10))),
            (&[], None),
        ];
        for (values, found) in table {
            let values = values.iter().map(|(value, bad, all)| (*value, (*bad, *all))).collect();
            let is_telling = |bad, everything| bad > 5 && bad * 100 * 3 > everything * 10 * 4;
            assert_eq!(shared(&values, 10, is_telling), found, "{values:?}");
        }
    }
}
