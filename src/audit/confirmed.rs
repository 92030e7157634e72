//! What confirmation found, in numbers, and the limits held against them.

use schemars::JsonSchema;
use serde::Serialize;

use super::confirm::Outcome;
use super::limits::Class;
use super::result::Audit;

/// What became of the objects of one class; each is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Confirmed {
    /// The same object is replicated now.
    pub healed: u64,
    /// The bucket has no such version, or no such key.
    pub gone: u64,
    /// As it was, or no better: what counts against the limit.
    pub still: u64,
    /// Something else is there now.
    pub changed: u64,
    /// No usable answer.
    pub unchecked: u64,
}

impl Confirmed {
    /// Counts one more.
    pub fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Healed => &mut self.healed,
            Outcome::Gone => &mut self.gone,
            Outcome::Still => &mut self.still,
            Outcome::Changed => &mut self.changed,
            Outcome::Unchecked => &mut self.unchecked,
        } += 1;
    }

    /// All that were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.healed + self.gone + self.still + self.changed + self.unchecked
    }
}

impl Audit {
    /// The classes whose limits the report's figures exceed, with those figures.
    #[must_use]
    pub fn exceeded(&self) -> Vec<(Class, u64)> {
        let exceeded = self.limits.iter().filter(|limit| limit.exceeded);
        exceeded.filter_map(|limit| Some((limit.class, limit.actual?))).collect()
    }

    /// Holds what is still so against each limit that was confirmed; `actual` stays what the report says.
    #[must_use]
    pub fn confirmed(mut self, of: &[(Class, Confirmed)]) -> Self {
        let objects = self.objects();
        for limit in &mut self.limits {
            if let Some((_, confirmed)) = of.iter().find(|(class, _)| *class == limit.class) {
                let previous = limit.change.map(|change| change.previous);
                // What was not checked may be as it was.
                let worst = confirmed.still + confirmed.unchecked;
                limit.exceeded = limit.limit.is_exceeded(worst, objects, previous);
                limit.confirmed = Some(*confirmed);
            }
        }
        self.verdict = if self.limits.iter().any(|limit| limit.exceeded) { "fail" } else { "pass" };
        self
    }
}

/// How many objects are in at least one of these classes: what is overdue is pending too, and asked about once.
#[must_use]
pub fn distinct(classes: &[(Class, u64)]) -> u64 {
    let has_pending = classes.iter().any(|(class, _)| *class == Class::Pending);
    let counted = classes.iter().filter(|(class, _)| !(has_pending && *class == Class::Overdue));
    counted.fold(0, |sum, (_, objects)| sum.saturating_add(*objects))
}

#[cfg(test)]
mod tests {
    use super::super::limits::{Limit, Limits, evaluate};
    use super::super::result::tests::audit_of;
    use super::*;

    #[test]
    fn what_is_pending_and_overdue_is_asked_about_once() {
        let (failed, overdue, pending) = ((Class::Failed, 3), (Class::Overdue, 5), (Class::Pending, 9));
        for (classes, sum) in [
            (vec![], 0),
            (vec![failed, overdue], 8),
            (vec![failed, overdue, pending], 12),
            (vec![pending, (Class::Replica, u64::MAX)], u64::MAX),
        ] {
            assert_eq!(distinct(&classes), sum, "{classes:?}");
        }
    }

    #[test]
    fn limits_are_held_against_what_is_still_so() {
        let limits = Limits::with(&[
            (Class::Failed, Limit::Count(2)),
            (Class::NotReplicated, Limit::Percent(10_000_000)),
            (Class::UnknownStatus, Limit::Growth(1)),
        ]);
        let audit = || audit_of(evaluate(&limits, 100, |_| Some(20), |_| Some(5)), 100);
        let classes: Vec<Class> = audit().exceeded().into_iter().map(|(class, _)| class).collect();
        assert_eq!(classes, [Class::Failed, Class::Overdue, Class::NotReplicated, Class::UnknownStatus]);
        let still = |still| Confirmed { still, healed: 20 - still, ..Confirmed::default() };
        let confirm = |of: [u64; 4]| {
            let of: Vec<_> = classes.iter().copied().zip(of.map(still)).collect();
            let audit = audit().confirmed(&of);
            (audit.limits.iter().map(|limit| limit.exceeded).collect::<Vec<_>>(), audit.verdict)
        };
        assert_eq!(confirm([2, 0, 10, 6]), (vec![false; 4], "pass"));
        assert_eq!(confirm([3, 1, 11, 7]), (vec![true; 4], "fail"));
        assert_eq!(confirm([0, 0, 0, 7]), (vec![false, false, false, true], "fail"));
        let unchecked = Confirmed { unchecked: 3, ..Confirmed::default() };
        assert!(audit().confirmed(&[(Class::Failed, unchecked)]).limits[0].exceeded);
        assert!(audit().confirmed(&[(Class::Failed, still(0))]).limits[1].exceeded, "left as it was");
    }
}
