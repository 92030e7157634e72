//! How outcomes count: toward the exit code, as what a journal remembers, and in the colour of a row.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::ExitStatus;

/// What an outcome means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeClass {
    /// S3 holds something else than before.
    Changed,
    /// S3 holds something else than before, or not: a request may have had an effect.
    Unknown,
    /// Nothing was left to do, or a dry run shows what would be done.
    Satisfied,
    /// Nothing was sent, for a reason that is an answer.
    Kept,
    /// Something is gone that this run was to bring back.
    Lost,
    /// A check or a request failed, and nothing changed.
    Failed,
}

impl OutcomeClass {
    /// Whether S3 may hold something else than before.
    pub fn may_have_changed_something(self) -> bool {
        matches!(self, Self::Changed | Self::Unknown)
    }
}

/// Counts over the entries of a report, and the exit status they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, JsonSchema)]
pub(crate) struct OutcomeCounts {
    /// Entries.
    pub objects: u64,
    /// Entries per outcome.
    pub by: BTreeMap<&'static str, u64>,
    /// Kept entries per reason.
    pub kept: BTreeMap<&'static str, u64>,
    #[serde(skip)]
    effect: bool,
    #[serde(skip)]
    trouble: bool,
    #[serde(skip)]
    any_kept: bool,
}

impl OutcomeCounts {
    pub(crate) fn add(&mut self, outcome: &'static str, class: OutcomeClass, reason: Option<&'static str>) {
        self.objects += 1;
        *self.by.entry(outcome).or_default() += 1;
        if let Some(reason) = reason {
            *self.kept.entry(reason).or_default() += 1;
        }
        match class {
            OutcomeClass::Changed => self.effect = true,
            OutcomeClass::Unknown => (self.effect, self.trouble) = (true, true),
            OutcomeClass::Failed => self.trouble = true,
            OutcomeClass::Kept | OutcomeClass::Lost => self.any_kept = true,
            OutcomeClass::Satisfied => {}
        }
    }

    /// Adds an entry that does not decide how the run ends.
    pub(crate) fn add_aside(&mut self, outcome: &'static str, reason: Option<&'static str>) {
        self.add(outcome, OutcomeClass::Satisfied, reason);
    }

    /// Takes an entry back that was counted with this outcome.
    pub(crate) fn take_back(&mut self, outcome: &'static str) {
        self.objects = self.objects.saturating_sub(1);
        if let Some(count) = self.by.get_mut(outcome) {
            *count = count.saturating_sub(1);
        }
        self.by.retain(|_, count| *count > 0);
    }

    /// Notes that something happened that no entry is about; `effect` says whether S3 may hold something else because of it.
    pub(crate) fn trouble(&mut self, effect: bool) {
        self.trouble = true;
        self.effect |= effect;
    }

    /// Notes that something is left that the run was to do.
    pub(crate) fn leave_something(&mut self) {
        self.any_kept = true;
    }

    /// Whether something was changed, or may have been.
    pub(crate) fn effect(&self) -> bool {
        self.effect
    }

    /// How many entries have this outcome.
    pub(crate) fn of(&self, outcome: &'static str) -> u64 {
        self.by.get(outcome).copied().unwrap_or(0)
    }

    /// The exit status: effect first, then trouble, then what is kept. See the table of exit codes in the README.
    pub(crate) fn status(&self) -> ExitStatus {
        match (self.effect, self.trouble, self.any_kept) {
            (true, true, _) => ExitStatus::Incomplete,
            (false, true, _) => ExitStatus::Unknown,
            (_, false, true) => ExitStatus::No,
            (_, false, false) => ExitStatus::Yes,
        }
    }
}
