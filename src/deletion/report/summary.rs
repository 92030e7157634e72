//! Counts over the entries of a safe-delete, and the exit status they add up to.

use schemars::JsonSchema;
use serde::Serialize;

use super::entry::{DeleteEntry, DeleteOutcome};
use super::outcome::OutcomeCounts;

/// Counts over the entries, and the exit status they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, JsonSchema)]
#[schemars(rename = "Summary")]
pub(crate) struct DeleteSummary {
    /// The counts.
    #[serde(flatten)]
    pub counts: OutcomeCounts,
    /// Delete markers that hide a version which was not checked, or may hide one.
    #[serde(skip)]
    pub newer_hidden: u64,
    /// Deletes that S3 accepted and whose lookup failed, except with 403; left out if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_looked_up: Option<u64>,
    /// Bytes of what was deleted, hidden, or would be.
    pub bytes: u64,
    /// The exit code.
    pub exit: u8,
}

impl DeleteSummary {
    /// Counts one more entry.
    pub(crate) fn count(&mut self, entry: &DeleteEntry) {
        let is_hidden = entry.outcome == DeleteOutcome::MarkerCreated && entry.may_hide_a_newer_version();
        self.newer_hidden += u64::from(is_hidden);
        self.counts.add(entry.outcome.word(), entry.class(), kept_word(entry));
        self.bytes = self.bytes.saturating_add(deleted_bytes(entry.outcome, entry));
    }

    /// Counts an entry that does not decide how the run ends.
    pub(crate) fn count_aside(&mut self, entry: &DeleteEntry) {
        self.counts.add_aside(entry.outcome.word(), kept_word(entry));
        self.bytes = self.bytes.saturating_add(deleted_bytes(entry.outcome, entry));
    }

    /// Counts an entry again that was counted as deleted and is `unknown` now.
    pub(crate) fn correct(&mut self, before: DeleteOutcome, entry: &DeleteEntry) {
        self.counts.take_back(before.word());
        self.bytes = self.bytes.saturating_sub(deleted_bytes(before, entry));
        self.count(entry);
    }

    /// Whether a second run of the same journal would find nothing to do: every order was reached, and no outcome is
    /// unknown.
    pub(crate) fn is_settled(&self) -> bool {
        [DeleteOutcome::NotAttempted, DeleteOutcome::Unknown].iter().all(|open| self.counts.of(open.word()) == 0)
    }
}

fn kept_word(entry: &DeleteEntry) -> Option<&'static str> {
    entry.reason.filter(|_| entry.outcome == DeleteOutcome::Kept).map(|reason| reason.word())
}

fn deleted_bytes(outcome: DeleteOutcome, entry: &DeleteEntry) -> u64 {
    let deletes =
        matches!(outcome, DeleteOutcome::VersionDeleted | DeleteOutcome::MarkerCreated | DeleteOutcome::WouldDelete);
    entry.size.filter(|_| deletes).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::NEWER_HIDDEN;
    use super::*;
    use crate::deletion::decide::KeepReason;
    use crate::deletion::fixtures::object;
    use crate::exit::ExitStatus;
    use crate::model::Failure;

    fn entry(outcome: DeleteOutcome) -> DeleteEntry {
        DeleteEntry { outcome, size: Some(7), ..DeleteEntry::of(&object(Some("v1"))) }
    }

    fn kept(reason: KeepReason) -> DeleteEntry {
        let mut entry = entry(DeleteOutcome::WouldDelete);
        entry.keep(reason, None);
        entry
    }

    #[test]
    fn exit_codes_follow_effect_then_trouble_then_kept() {
        use DeleteOutcome as O;
        let failed = |outcome, code: &str| DeleteEntry { error: Some(Failure::new(code, "x", None)), ..entry(outcome) };
        let table = [
            (vec![], ExitStatus::Yes),
            (vec![entry(O::MarkerCreated)], ExitStatus::Yes),
            (vec![entry(O::WouldDelete)], ExitStatus::Yes),
            (vec![entry(O::AlreadyAbsent)], ExitStatus::Yes),
            (vec![entry(O::VersionDeleted), kept(KeepReason::Failed)], ExitStatus::No),
            (vec![kept(KeepReason::Pending)], ExitStatus::No),
            (vec![entry(O::NotAttempted)], ExitStatus::No),
            (vec![failed(O::NotAttempted, "Journal")], ExitStatus::Unknown),
            (vec![entry(O::WouldDelete), kept(KeepReason::Pending)], ExitStatus::No),
            (vec![entry(O::WouldDelete), kept(KeepReason::Denied)], ExitStatus::Unknown),
            (vec![kept(KeepReason::Denied)], ExitStatus::Unknown),
            (vec![kept(KeepReason::Error), kept(KeepReason::Pending)], ExitStatus::Unknown),
            (vec![kept(KeepReason::ReplicaDenied)], ExitStatus::Unknown),
            (vec![kept(KeepReason::ReplicaUnknown), kept(KeepReason::Pending)], ExitStatus::Unknown),
            (vec![entry(O::WouldDelete), kept(KeepReason::ReplicaUnknown)], ExitStatus::Unknown),
            (vec![entry(O::VersionDeleted), kept(KeepReason::ReplicaDenied)], ExitStatus::Incomplete),
            (vec![entry(O::VersionDeleted), kept(KeepReason::ReplicaMissing)], ExitStatus::No),
            (vec![entry(O::Denied)], ExitStatus::Unknown),
            (vec![entry(O::Failed)], ExitStatus::Unknown),
            (vec![entry(O::Unknown)], ExitStatus::Incomplete),
            (vec![entry(O::MarkerCreated), entry(O::Failed)], ExitStatus::Incomplete),
            (vec![entry(O::MarkerCreated), kept(KeepReason::Denied)], ExitStatus::Incomplete),
            (vec![failed(O::MarkerCreated, NEWER_HIDDEN)], ExitStatus::Incomplete),
            (vec![failed(O::MarkerCreated, "InternalError")], ExitStatus::Yes),
        ];
        for (at, (entries, exit)) in table.iter().enumerate() {
            let mut summary = DeleteSummary::default();
            entries.iter().for_each(|entry| summary.count(entry));
            assert_eq!(summary.counts.status(), *exit, "row {at}");
        }
    }

    #[test]
    fn a_correction_takes_back_what_was_counted() {
        for others in [0, 2] {
            let (mut corrected, mut straight) = (DeleteSummary::default(), DeleteSummary::default());
            (0..=others).for_each(|_| corrected.count(&entry(DeleteOutcome::VersionDeleted)));
            corrected.correct(DeleteOutcome::VersionDeleted, &entry(DeleteOutcome::Unknown));
            (0..others).for_each(|_| straight.count(&entry(DeleteOutcome::VersionDeleted)));
            straight.count(&entry(DeleteOutcome::Unknown));
            assert_eq!(corrected, straight, "{others} others");
        }
    }

    #[test]
    fn objects_are_counted_by_outcome_and_bytes_where_they_go() {
        use DeleteOutcome as O;
        let all =
            [O::VersionDeleted, O::MarkerCreated, O::WouldDelete, O::AlreadyAbsent, O::Denied, O::Failed, O::Unknown];
        for (outcome, bytes) in all.into_iter().zip([14, 14, 14, 0, 0, 0, 0]) {
            let mut summary = DeleteSummary::default();
            (0..2).for_each(|_| summary.count(&entry(outcome)));
            assert_eq!((summary.counts.objects, summary.bytes), (2, bytes), "{outcome:?}");
            assert_eq!(summary.counts.by, BTreeMap::from([(outcome.word(), 2)]));
            assert_eq!(summary.counts.of("not-attempted"), 0);
        }
        let mut stopped = DeleteSummary::default();
        (0..2).for_each(|_| stopped.count(&entry(O::NotAttempted)));
        assert_eq!((stopped.counts.of("not-attempted"), stopped.bytes), (2, 0), "a run that is to be resumed");
        let settled = |outcome| {
            let mut summary = DeleteSummary::default();
            summary.count(&entry(outcome));
            summary.is_settled()
        };
        assert!(all.into_iter().all(|outcome| settled(outcome) == (outcome != O::Unknown)));
        assert!(!settled(O::NotAttempted) && DeleteSummary::default().is_settled());
    }

    #[test]
    fn trouble_beside_the_entries_is_never_a_success() {
        let table = [
            (vec![], false, ExitStatus::Unknown),
            (vec![], true, ExitStatus::Incomplete),
            (vec![entry(DeleteOutcome::VersionDeleted)], false, ExitStatus::Incomplete),
            (vec![entry(DeleteOutcome::VersionDeleted)], true, ExitStatus::Incomplete),
        ];
        for (at, (entries, effect, exit)) in table.iter().enumerate() {
            let mut summary = DeleteSummary::default();
            entries.iter().for_each(|entry| summary.count(entry));
            summary.counts.trouble(*effect);
            assert_eq!(summary.counts.status(), *exit, "row {at}");
        }
    }

    #[test]
    fn an_aside_is_counted_and_decides_nothing() {
        let mut summary = DeleteSummary::default();
        summary.count_aside(&kept(KeepReason::NotFound));
        assert_eq!(
            (summary.counts.status(), summary.counts.objects, summary.counts.kept["not-found"]),
            (ExitStatus::Yes, 1, 1)
        );
    }
}
