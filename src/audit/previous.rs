//! The older report that a report is compared with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::change::{Amount, Compared, difference};
use super::tally::Tally;
use super::totals::StatusTotals;
use crate::model::ReplicationStatus;

/// An older report of the same bucket and kind, added up with the same filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OlderReport {
    /// Address or path of its manifest.
    pub manifest: String,
    /// When its scan began.
    pub scanned_at: Timestamp,
    /// Its sums.
    pub tally: Tally,
}

/// The rows of the older report, and the growth since then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RowsChange {
    /// The older report; only if one is compared.
    pub previous: PreviousReport,
    /// The growth in rows; only if an older report is compared.
    pub delta: RowsDelta,
}

/// The older report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PreviousReport {
    /// Address or path of its manifest.
    pub manifest: String,
    /// When its scan began.
    pub scanned_at: Timestamp,
    /// Every row.
    pub rows_scanned: u64,
    /// Rows that passed the filters.
    pub rows: u64,
    /// Delete markers among them.
    pub delete_markers: u64,
}

/// The growth in rows since the older report; negative if there are fewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RowsDelta {
    /// Every row.
    pub rows_scanned: i128,
    /// Rows that passed the filters.
    pub rows: i128,
    /// Delete markers among them.
    pub delete_markers: i128,
}

impl RowsChange {
    pub(super) fn of(now: &Tally, older: &OlderReport) -> Self {
        let before = &older.tally;
        Self {
            previous: PreviousReport {
                manifest: older.manifest.clone(),
                scanned_at: older.scanned_at,
                rows_scanned: before.rows_scanned,
                rows: before.rows,
                delete_markers: before.delete_markers,
            },
            delta: RowsDelta {
                rows_scanned: difference(now.rows_scanned, before.rows_scanned),
                rows: difference(now.rows, before.rows),
                delete_markers: difference(now.delete_markers, before.delete_markers),
            },
        }
    }
}

/// Sums per word as one report has them.
pub(super) struct WordTotals {
    pub(super) words: BTreeMap<ReplicationStatus, StatusTotals>,
    pub(super) has_size: bool,
}

impl WordTotals {
    /// Pairs each word with its totals `before`. A word that only the older report has gets empty totals.
    pub(super) fn beside(mut self, before: Option<&Self>) -> BTreeMap<ReplicationStatus, Compared<StatusTotals>> {
        let Some(before) = before else {
            return self.words.into_iter().map(|(word, totals)| (word, Compared::of(totals, None))).collect();
        };
        let all: BTreeSet<ReplicationStatus> = self.words.keys().chain(before.words.keys()).cloned().collect();
        all.into_iter()
            .map(|word| {
                let now = self.words.remove(&word).unwrap_or_else(|| StatusTotals::empty(self.has_size));
                let previous = before.words.get(&word).map_or_else(|| Amount::none(before.has_size), Amount::from);
                (word, Compared::of(now, Some(previous)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_reports_are_listed() {
        let words = |of: &[(&str, u64)], has_size: bool| WordTotals {
            words: of
                .iter()
                .map(|(word, objects)| {
                    let bytes = has_size.then_some(objects * 10);
                    (
                        ReplicationStatus::of_report(word),
                        StatusTotals { objects: *objects, bytes, ..StatusTotals::default() },
                    )
                })
                .collect(),
            has_size,
        };
        let before = words(&[("COMPLETED", 5), ("FAILED", 2), ("Odd", 1)], true);
        let beside = words(&[("COMPLETED", 7), ("FAILED", 2), ("NONE", 3)], true).beside(Some(&before));
        let found: Vec<_> = beside
            .iter()
            .map(|(word, figure)| {
                let change = figure.change.unwrap();
                (word.reported(), figure.objects, figure.bytes, change.previous.objects, change.delta)
            })
            .collect();
        let delta = |objects, bytes| super::super::Delta { objects, bytes: Some(bytes) };
        let expected = [
            ("COMPLETED", 7, Some(70), 5, delta(2, 20)),
            ("FAILED", 2, Some(20), 2, delta(0, 0)),
            ("NONE", 3, Some(30), 0, delta(3, 30)),
            ("Odd", 0, Some(0), 1, delta(-1, -10)),
        ];
        assert_eq!(found, expected);
        let unsized_now = words(&[("COMPLETED", 7)], false).beside(Some(&before));
        let gone = &unsized_now[&ReplicationStatus::of_report("FAILED")];
        assert_eq!((gone.bytes, gone.change.unwrap().delta.bytes), (None, None));
        assert_eq!(gone.change.unwrap().previous, Amount { objects: 2, bytes: Some(20) });
        let alone = words(&[("COMPLETED", 7)], true).beside(None);
        assert!(alone.len() == 1 && alone[&ReplicationStatus::of_report("COMPLETED")].change.is_none());
    }
}
