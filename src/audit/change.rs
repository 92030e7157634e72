//! A figure and its value in an older report.

use std::ops::Deref;

use schemars::JsonSchema;
use serde::Serialize;

use super::totals::{Overdue, StatusTotals};

/// A figure of the older report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Amount {
    /// Versions.
    pub objects: u64,
    /// Bytes; `None` where the older report has no Size.
    pub bytes: Option<u64>,
}

impl Amount {
    pub(super) fn none(has_size: bool) -> Self {
        Self { objects: 0, bytes: has_size.then_some(0) }
    }
}

impl From<&StatusTotals> for Amount {
    fn from(totals: &StatusTotals) -> Self {
        Self { objects: totals.objects, bytes: totals.bytes }
    }
}

impl From<&Overdue> for Amount {
    fn from(overdue: &Overdue) -> Self {
        Self { objects: overdue.objects, bytes: overdue.bytes }
    }
}

/// The growth since the older report; negative if there are fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Delta {
    /// Versions.
    pub objects: i128,
    /// Bytes; `None` where one of the reports has no Size.
    pub bytes: Option<i128>,
}

/// `now - before`, which a 64-bit number of either kind may not hold.
pub(super) fn difference(now: u64, before: u64) -> i128 {
    i128::from(now) - i128::from(before)
}

/// A figure of the older report, and the growth since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct AmountChange {
    /// The figure of the older report; only if one is compared.
    pub previous: Amount,
    /// The growth since the older report; only if one is compared.
    pub delta: Delta,
}

impl AmountChange {
    pub(super) fn of(now: Amount, previous: Amount) -> Self {
        let bytes = now.bytes.zip(previous.bytes).map(|(now, before)| difference(now, before));
        Self { previous, delta: Delta { objects: difference(now.objects, previous.objects), bytes } }
    }
}

/// A figure, and its change if an older report has it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "{T}")]
pub(crate) struct Compared<T> {
    /// The figure of the report.
    #[serde(flatten)]
    pub figure: T,
    /// The figure of the older report, and the growth.
    #[serde(flatten)]
    pub change: Option<AmountChange>,
}

impl<T> Compared<T>
where
    for<'a> Amount: From<&'a T>,
{
    pub(crate) fn of(figure: T, previous: Option<Amount>) -> Self {
        let change = previous.map(|previous| AmountChange::of(Amount::from(&figure), previous));
        Self { figure, change }
    }
}

impl<T> Deref for Compared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.figure
    }
}

/// A number of objects in the older report, and the growth since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CountChange {
    /// The number in the older report; only if one is compared.
    pub previous: u64,
    /// The growth since the older report; only if one is compared.
    pub delta: i128,
}

impl CountChange {
    pub(super) fn of(now: u64, previous: u64) -> Self {
        Self { previous, delta: difference(now, previous) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_hold_any_difference_of_two_figures() {
        let most = i128::from(u64::MAX);
        let table = [
            ((0, Some(0)), (0, Some(0)), (0, Some(0))),
            ((5, Some(50)), (3, Some(60)), (2, Some(-10))),
            ((3, None), (5, Some(1)), (-2, None)),
            ((3, Some(1)), (5, None), (-2, None)),
            ((u64::MAX, Some(0)), (0, Some(u64::MAX)), (most, Some(-most))),
        ];
        let amount = |(objects, bytes)| Amount { objects, bytes };
        for (now, before, (objects, bytes)) in table {
            let change = AmountChange::of(amount(now), amount(before));
            assert_eq!(change.delta, Delta { objects, bytes }, "{now:?} {before:?}");
            assert_eq!(change.previous, amount(before));
        }
        assert_eq!(CountChange::of(0, u64::MAX).delta, -most);
    }

    #[test]
    fn without_an_older_report_no_change_is_written() {
        let totals = StatusTotals { objects: 2, bytes: Some(7), oldest: None, newest: None };
        let alone = serde_json::to_value(Compared::of(totals.clone(), None)).unwrap();
        assert_eq!(alone, serde_json::to_value(&totals).unwrap());
        let text = serde_json::to_string(&Compared::of(totals, Some(Amount { objects: 5, bytes: None }))).unwrap();
        let (figure, change) = (
            r#"{"objects":2,"bytes":7,"oldest":null,"newest":null,"#,
            r#""previous":{"objects":5,"bytes":null},"delta":{"objects":-3,"bytes":null}}"#,
        );
        assert_eq!(text, format!("{figure}{change}"));
        let most = Amount { objects: u64::MAX, bytes: Some(u64::MAX) };
        let none = Compared::of(StatusTotals::empty(true), Some(most));
        assert!(serde_json::to_string(&none).unwrap().contains("-18446744073709551615"));
    }
}
