//! The plan of `undo`: every verdict, and the only way from consent to a removal.

use std::io::{self, Read, Seek, Write};

use super::candidate::{MarkerTrace, UndoCandidate};
use super::decide::{MarkerCheck, MarkerVerdict, decide_marker};
use super::entry::{CurrentVersion, MarkerEntry, MarkerOutcome, MarkerReason, UndoSummary};
use super::spool::{Spool, spooled};
use crate::model::ObjectId;

/// Takes candidates with their checks.
#[derive(Debug)]
pub(crate) struct MarkerPlanner<F: Write> {
    spool: Spool<F>,
    summary: UndoSummary,
    first: Vec<ObjectId>,
}

/// How many markers a prompt names.
const SHOWN: usize = 10;

impl<F: Read + Write + Seek> MarkerPlanner<F> {
    pub(crate) fn new(file: F) -> Self {
        Self { spool: Spool::new(file), summary: UndoSummary::default(), first: Vec::new() }
    }

    /// Decides about one candidate. `check` is present only where [`UndoCandidate::needs_check`] is true; `current` is
    /// what is current where the marker is gone already.
    pub(crate) fn add(
        &mut self,
        candidate: &UndoCandidate,
        check: Option<&MarkerCheck>,
        current: Option<CurrentVersion>,
    ) -> io::Result<()> {
        let mut entry = MarkerEntry::of(candidate);
        match (candidate.trace, candidate.marker_id(), check) {
            (MarkerTrace::Lost, ..) => entry.end(MarkerOutcome::Lost, Some(MarkerReason::RemovedPermanently), None),
            (MarkerTrace::Unsure, ..) | (MarkerTrace::Created | MarkerTrace::Seen, None, _) => {
                entry.end(MarkerOutcome::Kept, Some(MarkerReason::MarkerNotKnown), None);
            }
            (MarkerTrace::Created | MarkerTrace::Seen, Some(_), None) => {
                entry.end(MarkerOutcome::Kept, Some(MarkerReason::NullMarker), None);
            }
            (trace, Some(marker), Some(check)) => match decide_marker(&marker, check) {
                // Undo takes back what the safe-delete did, and no other deletes.
                MarkerVerdict::Remove(_) if trace == MarkerTrace::Seen => {
                    entry.end(MarkerOutcome::Kept, Some(MarkerReason::MaybeNotOurs), None);
                }
                // The order is made again from a check that is fresh when the request leaves.
                MarkerVerdict::Remove(_) if self.first.len() < SHOWN => self.first.push(marker),
                MarkerVerdict::Remove(_) => {}
                MarkerVerdict::Ended(outcome, reason, error) => {
                    entry.end(outcome, reason, error);
                    if let Some(current) = current {
                        entry.note_current(current);
                    }
                }
            },
        }
        self.push(&entry)
    }

    /// Adds what an earlier run of the same journal dealt with.
    pub(crate) fn add_done(&mut self, entry: &MarkerEntry) -> io::Result<()> {
        self.push(entry)
    }

    fn push(&mut self, entry: &MarkerEntry) -> io::Result<()> {
        self.summary.count(entry);
        self.spool.push(entry)
    }

    pub(crate) fn finish(self) -> io::Result<MarkerPlan<F>> {
        Ok(MarkerPlan { file: self.spool.finish()?, summary: self.summary, first: self.first })
    }
}

/// Every verdict, and nothing carried out yet.
#[derive(Debug)]
pub(crate) struct MarkerPlan<F> {
    file: F,
    summary: UndoSummary,
    first: Vec<ObjectId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("consent names {consent} markers, the plan {plan}")]
pub(crate) struct MarkerConsentMismatch {
    pub(crate) consent: u64,
    pub(crate) plan: u64,
}

impl<F: Read> MarkerPlan<F> {
    pub(crate) fn summary(&self) -> &UndoSummary {
        &self.summary
    }

    /// The first markers that would be removed, for the prompt.
    pub(crate) fn first(&self) -> &[ObjectId] {
        &self.first
    }

    /// What consent has to name: how many markers are removed.
    pub(crate) fn asks_for(&self) -> u64 {
        self.summary.of(MarkerOutcome::WouldRemove)
    }

    /// The only way to [`ApprovedMarkers`].
    pub(crate) fn approve(self, consent: u64) -> Result<ApprovedMarkers<F>, MarkerConsentMismatch> {
        let plan = self.asks_for();
        if consent == plan {
            Ok(ApprovedMarkers { file: self.file })
        } else {
            Err(MarkerConsentMismatch { consent, plan })
        }
    }

    /// The report of a plan that is not carried out: what would be removed is kept for `reason`, or stays `would-remove` (a
    /// dry run) with `None`.
    pub(crate) fn refuse(self, reason: Option<MarkerReason>) -> impl Iterator<Item = io::Result<MarkerEntry>> {
        spooled(self.file).map(move |entry: io::Result<MarkerEntry>| {
            let mut entry = entry?;
            if reason.is_some() && entry.outcome == MarkerOutcome::WouldRemove {
                entry.end(MarkerOutcome::Kept, reason, None);
            }
            Ok(entry)
        })
    }
}

/// A plan that was consented to, by its own number.
#[derive(Debug)]
pub(crate) struct ApprovedMarkers<F> {
    file: F,
}

impl<F: Read> ApprovedMarkers<F> {
    pub(super) fn entries(self) -> impl Iterator<Item = io::Result<MarkerEntry>> {
        spooled(self.file)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn what_an_earlier_run_did_is_reported() {
        let [bucket, key, marker] = ["bucket", "k", "m"].map(str::to_owned);
        let candidate = UndoCandidate { trace: MarkerTrace::Created, bucket, key, marker: Some(marker), version: None };
        let mut planner = MarkerPlanner::new(Cursor::new(Vec::new()));
        planner.add_done(&MarkerEntry::of(&candidate)).unwrap();
        assert_eq!(planner.finish().unwrap().refuse(None).count(), 1);
    }
}
