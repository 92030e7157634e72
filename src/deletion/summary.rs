//! Counts over what became of the entries, and the exit status they add up to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::entry::{DeleteEntry, DeleteOutcome};
use super::keep_reason::KeepReason;
use crate::exit::ExitStatus;

/// Counts over the entries, and the exit status they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, JsonSchema)]
#[schemars(rename = "Summary")]
pub struct DeleteSummary {
    /// Entries.
    pub objects: u64,
    /// Entries per outcome.
    pub by: BTreeMap<&'static str, u64>,
    /// Kept entries per reason.
    pub kept: BTreeMap<&'static str, u64>,
    /// Bytes of what was deleted, hidden, or would be.
    pub bytes: u64,
    /// The exit code.
    pub exit: u8,
    /// A delete took effect, or may have.
    #[serde(skip)]
    pub effect: bool,
    #[serde(skip)]
    trouble: bool,
    #[serde(skip)]
    any_kept: bool,
}

impl DeleteSummary {
    /// Counts one more entry.
    pub fn count(&mut self, entry: &DeleteEntry) {
        self.objects += 1;
        *self.by.entry(entry.outcome.word()).or_default() += 1;
        match entry.outcome {
            // A newer version was hidden, or may have been: nobody proved that one.
            DeleteOutcome::MarkerCreated if entry.error.as_ref().is_some_and(|error| hides_more(&error.code)) => {
                (self.effect, self.trouble) = (true, true);
            }
            DeleteOutcome::VersionDeleted | DeleteOutcome::MarkerCreated => self.effect = true,
            DeleteOutcome::Unknown => (self.effect, self.trouble) = (true, true),
            DeleteOutcome::Denied | DeleteOutcome::Failed => self.trouble = true,
            DeleteOutcome::Kept if entry.kept().is_some_and(KeepReason::could_not_be_checked) => self.trouble = true,
            // The journal could not be written.
            DeleteOutcome::NotAttempted if entry.error.is_some() => self.trouble = true,
            DeleteOutcome::Kept | DeleteOutcome::NotAttempted => self.any_kept = true,
            DeleteOutcome::WouldDelete | DeleteOutcome::AlreadyAbsent => {}
        }
        if let (DeleteOutcome::Kept, Some(reason)) = (entry.outcome, entry.kept()) {
            *self.kept.entry(reason.word()).or_default() += 1;
        }
        if deletes(entry.outcome) {
            self.bytes = self.bytes.saturating_add(entry.size.unwrap_or(0));
        }
    }

    /// Counts an entry that has no say in how the run ends.
    pub fn count_aside(&mut self, entry: &DeleteEntry) {
        let Self { effect, trouble, any_kept, .. } = *self;
        self.count(entry);
        (self.effect, self.trouble, self.any_kept) = (effect, trouble, any_kept);
    }

    /// An entry that was counted as deleted has become `unknown`.
    pub fn correct(&mut self, before: DeleteOutcome, entry: &DeleteEntry) {
        if let Some(count) = self.by.get_mut(before.word()) {
            *count = count.saturating_sub(1);
        }
        self.by.retain(|_, count| *count > 0);
        if deletes(before) {
            self.bytes = self.bytes.saturating_sub(entry.size.unwrap_or(0));
        }
        self.objects = self.objects.saturating_sub(1);
        self.count(entry);
    }

    /// Something happened that no entry is about.
    pub fn trouble(&mut self, effect: bool) {
        self.trouble = true;
        self.effect |= effect;
    }

    /// How many entries were not reached.
    #[must_use]
    pub fn not_attempted(&self) -> u64 {
        self.by.get(DeleteOutcome::NotAttempted.word()).copied().unwrap_or(0)
    }

    /// Whether a second run of the same journal would find nothing to do: every order was reached, and no outcome is
    /// unknown.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        [DeleteOutcome::NotAttempted, DeleteOutcome::Unknown]
            .iter()
            .all(|outcome| !self.by.contains_key(outcome.word()))
    }

    /// Effect, then trouble, then kept: see the table of exit codes in the README.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        match (self.effect, self.trouble, self.any_kept) {
            (true, true, _) => ExitStatus::Incomplete,
            (false, true, _) => ExitStatus::Unknown,
            (_, false, true) => ExitStatus::No,
            (_, false, false) => ExitStatus::Yes,
        }
    }
}

/// A marker that was bound to nothing hides a newer version than the one that was checked.
pub(super) const NEWER_HIDDEN: &str = "NewerVersionHidden";
/// Whether it does could not be seen.
pub(super) const HIDDEN_UNKNOWN: &str = "HiddenVersionUnknown";

fn hides_more(code: &str) -> bool {
    [NEWER_HIDDEN, HIDDEN_UNKNOWN].contains(&code)
}

fn deletes(outcome: DeleteOutcome) -> bool {
    matches!(outcome, DeleteOutcome::VersionDeleted | DeleteOutcome::MarkerCreated | DeleteOutcome::WouldDelete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::policy::tests::object;
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
            assert_eq!(summary.status(), *exit, "row {at}");
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
            assert_eq!((summary.objects, summary.bytes), (2, bytes), "{outcome:?}");
            assert_eq!(summary.by, BTreeMap::from([(outcome.word(), 2)]));
            assert_eq!(summary.not_attempted(), 0);
        }
        let mut stopped = DeleteSummary::default();
        (0..2).for_each(|_| stopped.count(&entry(O::NotAttempted)));
        assert_eq!((stopped.not_attempted(), stopped.bytes), (2, 0), "a run that is to be resumed");
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
            summary.trouble(*effect);
            assert_eq!(summary.status(), *exit, "row {at}");
        }
    }

    #[test]
    fn an_aside_is_counted_and_decides_nothing() {
        let mut summary = DeleteSummary::default();
        summary.count_aside(&kept(KeepReason::NotFound));
        assert_eq!((summary.status(), summary.objects, summary.kept["not-found"]), (ExitStatus::Yes, 1, 1));
    }
}
