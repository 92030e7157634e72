//! Counts over what became of the markers, and the exit status they add up to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::entry::{MarkerEntry, MarkerOutcome};
use crate::exit::ExitStatus;

/// Counts over the entries, and the exit status they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, JsonSchema)]
pub struct UndoSummary {
    /// Entries.
    pub objects: u64,
    /// Entries per outcome.
    pub by: BTreeMap<&'static str, u64>,
    /// Kept and lost entries per reason.
    pub kept: BTreeMap<&'static str, u64>,
    /// The exit code.
    pub exit: u8,
    /// A marker was removed, or may have been.
    #[serde(skip)]
    pub effect: bool,
    #[serde(skip)]
    trouble: bool,
    #[serde(skip)]
    any_kept: bool,
}

impl UndoSummary {
    /// Counts one more entry.
    pub fn count(&mut self, entry: &MarkerEntry) {
        self.objects += 1;
        *self.by.entry(entry.outcome.word()).or_default() += 1;
        if let Some(reason) = entry.reason {
            *self.kept.entry(reason.word()).or_default() += 1;
        }
        match entry.outcome {
            MarkerOutcome::MarkerRemoved => self.effect = true,
            MarkerOutcome::Unknown => (self.effect, self.trouble) = (true, true),
            MarkerOutcome::Denied | MarkerOutcome::Failed => self.trouble = true,
            // The journal could not be written.
            MarkerOutcome::NotAttempted if entry.error.is_some() => self.trouble = true,
            MarkerOutcome::Kept | MarkerOutcome::Lost | MarkerOutcome::NotAttempted => self.any_kept = true,
            MarkerOutcome::WouldRemove | MarkerOutcome::AlreadyAbsent => {}
        }
    }

    /// Something happened that no entry is about.
    pub fn trouble(&mut self) {
        self.trouble = true;
    }

    /// How many entries have this outcome.
    #[must_use]
    pub fn of(&self, outcome: MarkerOutcome) -> u64 {
        self.by.get(outcome.word()).copied().unwrap_or(0)
    }

    /// Whether what became of every marker is known.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.of(MarkerOutcome::NotAttempted) == 0 && self.of(MarkerOutcome::Unknown) == 0
    }

    /// Effect, then trouble, then kept or lost.
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
