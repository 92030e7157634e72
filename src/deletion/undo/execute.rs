//! Carries out an approved plan of `undo`, and determines the outcome of every marker.
//!
//! Each marker is checked again, its intent is on disk, and its removal is sent within five seconds of its check. A removal
//! is sent again only after an answer that proves that it had no effect, and on a new check. A lost answer is looked up.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{Stream, StreamExt, stream};

use super::candidate::marker_id;
use super::decide::{MarkerCheck, MarkerOrder, MarkerVerdict, decide_marker};
use super::entry::{CurrentVersion, MarkerEntry, MarkerOutcome};
use super::plan::ApprovedMarkers;

use crate::deletion::execute::{CHECKS, DeleteAnswer, MarkerLook};
use crate::model::{Failure, ObjectId};

/// What the execution needs of S3.
pub(crate) trait MarkerRemover: Sync {
    /// Looks up one version ID now.
    fn check(&self, marker: &ObjectId) -> impl Future<Output = MarkerCheck> + Send;

    /// Sends the removal once, unless its check is too old.
    fn remove(&self, order: &MarkerOrder) -> impl Future<Output = DeleteAnswer> + Send;

    /// Waits before a removal without effect is sent again; false if it must not be.
    fn may_send_again(&self, sends: u32) -> impl Future<Output = bool> + Send;

    /// What is current under the key now.
    fn current(&self, marker: &ObjectId) -> impl Future<Output = CurrentVersion> + Send;
}

/// Where intents and outcomes go.
pub(crate) trait UndoJournal: Sync {
    /// Returns once the intent is on disk.
    fn intend(&self, entry: &MarkerEntry) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Writes the outcome of a marker, which need not be on disk at once.
    fn ended(&self, entry: &MarkerEntry) -> Result<(), Failure>;

    /// The run is not recorded as finished: a removal of an earlier run may still take effect.
    fn stay_open(&self);
}

pub(crate) struct UndoExecution<'a, R, J> {
    pub(crate) remover: &'a R,
    /// Where intents and outcomes go, if they are kept.
    pub(crate) journal: Option<&'a J>,
    /// Whether an earlier run may have sent the removal of this marker and did not learn what became of it.
    pub(crate) is_open: &'a (dyn Fn(&ObjectId) -> bool + Sync),
    /// Markers at the same time.
    pub(crate) concurrency: usize,
    /// Asked before each request. Once it is true, the other markers are `not-attempted`.
    pub(crate) stop: &'a (dyn Fn() -> bool + Sync),
}

/// Removes the markers of an approved plan, and reports the outcome of each, in their order.
pub(crate) fn remove_markers<'a, R: MarkerRemover, J: UndoJournal, F: Read + 'a>(
    plan: ApprovedMarkers<F>,
    execution: UndoExecution<'a, R, J>,
) -> impl Stream<Item = io::Result<MarkerEntry>> + 'a {
    let concurrency = execution.concurrency.max(1);
    let run = Arc::new(MarkerExecutor { execution, broken: AtomicBool::new(false) });
    let entries = stream::iter(plan.entries()).map(move |entry| {
        let run = Arc::clone(&run);
        async move {
            let mut entry = entry?;
            if entry.outcome == MarkerOutcome::WouldRemove {
                run.carry_out(&mut entry).await;
            }
            Ok(entry)
        }
    });
    entries.buffered(concurrency)
}

struct MarkerExecutor<'a, R, J> {
    execution: UndoExecution<'a, R, J>,
    /// The journal can't be written.
    broken: AtomicBool,
}

impl<R: MarkerRemover, J: UndoJournal> MarkerExecutor<'_, R, J> {
    fn stopped(&self) -> bool {
        self.broken.load(Ordering::Relaxed) || (self.execution.stop)()
    }

    async fn carry_out(&self, entry: &mut MarkerEntry) {
        let Some(marker) = marker_id(&entry.bucket, &entry.key, entry.marker_version_id.as_deref()) else {
            let failure = Failure::new("UnreadablePlan", "the plan contains no marker ID", None);
            return entry.end(MarkerOutcome::Failed, None, Some(failure));
        };
        if self.stopped() {
            return entry.end(MarkerOutcome::NotAttempted, None, None);
        }
        if let Some(journal) = self.execution.journal
            && let Err(failure) = journal.intend(entry).await
        {
            self.broken.store(true, Ordering::Relaxed);
            return entry.end(MarkerOutcome::NotAttempted, None, Some(failure));
        }
        self.remove(&marker, entry).await;
        let Some(journal) = self.execution.journal else { return };
        if !entry.outcome.class().may_have_changed_something() && (self.execution.is_open)(&marker) {
            journal.stay_open();
        } else if journal.ended(entry).is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    async fn remove(&self, marker: &ObjectId, entry: &mut MarkerEntry) {
        let (mut sends, mut aged) = (0, 0);
        // Why the last attempt had no effect.
        let mut refused: Option<Failure> = None;
        loop {
            if self.stopped() {
                let outcome = if refused.is_some() { MarkerOutcome::Failed } else { MarkerOutcome::NotAttempted };
                return entry.end(outcome, None, refused);
            }
            let order = match decide_marker(marker, &self.execution.remover.check(marker).await) {
                MarkerVerdict::Remove(order) => order,
                MarkerVerdict::Ended(outcome, reason, error) => {
                    entry.end(outcome, reason, error);
                    if outcome == MarkerOutcome::AlreadyAbsent {
                        self.see_what_is_current(marker, entry).await;
                    }
                    return;
                }
            };
            match self.execution.remover.remove(&order).await {
                DeleteAnswer::NotTaken(failure) => {
                    sends += 1;
                    if !self.execution.remover.may_send_again(sends).await {
                        return entry.end(MarkerOutcome::Failed, None, Some(failure));
                    }
                    refused = Some(failure);
                }
                DeleteAnswer::Aged => {
                    aged += 1;
                    if aged == CHECKS {
                        let text = "every check of the marker was too old when the request could be sent";
                        let failure = refused.unwrap_or_else(|| Failure::new("CheckTooSlow", text, None));
                        return entry.end(MarkerOutcome::Failed, None, Some(failure));
                    }
                }
                answer => return self.conclude(marker, answer, entry).await,
            }
        }
    }

    async fn conclude(&self, marker: &ObjectId, answer: DeleteAnswer, entry: &mut MarkerEntry) {
        match answer {
            DeleteAnswer::Done { delete_marker, version_id } => {
                let named = version_id.as_deref();
                let is_other = named.is_some_and(|id| marker.version_id.as_ref().is_none_or(|own| own.as_str() != id));
                if is_other {
                    let text = format!("S3 accepted the removal and reported version {}", named.unwrap_or_default());
                    return entry.end(MarkerOutcome::Unknown, None, Some(unexpected(&text)));
                }
                // Some servers leave the header out.
                if !delete_marker {
                    let failure =
                        unexpected("S3 accepted the removal and did not report that it removed a delete marker");
                    return self.look_up(marker, failure, false, entry).await;
                }
                entry.end(MarkerOutcome::MarkerRemoved, None, None);
                self.see_what_is_current(marker, entry).await;
            }
            DeleteAnswer::Denied(failure) => entry.end(MarkerOutcome::Denied, None, Some(failure)),
            DeleteAnswer::Aged => entry.end(MarkerOutcome::Failed, None, None),
            DeleteAnswer::NotTaken(failure)
            | DeleteAnswer::NoEffect(failure)
            | DeleteAnswer::Mismatch(failure)
            | DeleteAnswer::Conflict(failure)
            | DeleteAnswer::Unsupported(failure) => entry.end(MarkerOutcome::Failed, None, Some(failure)),
            DeleteAnswer::Absent(failure)
            | DeleteAnswer::Errored(failure)
            | DeleteAnswer::MismatchByGateway(failure)
            | DeleteAnswer::UnsupportedByGateway(failure) => {
                self.look_up(marker, failure, true, entry).await;
            }
            DeleteAnswer::Lost(failure) => self.look_up(marker, failure, false, entry).await,
        }
    }

    /// The answer is missing or proves nothing: only a lookup can settle it. `ended` says that the request is certainly over.
    async fn look_up(&self, marker: &ObjectId, failure: Failure, ended: bool, entry: &mut MarkerEntry) {
        let (outcome, seen) = match self.execution.remover.check(marker).await.look {
            Ok(MarkerLook::Absent) => (MarkerOutcome::MarkerRemoved, "lookup: the marker is gone"),
            Ok(MarkerLook::Marker) if ended => (MarkerOutcome::Failed, "lookup: the marker still exists"),
            Ok(MarkerLook::Marker | MarkerLook::Version) | Err(_) => {
                (MarkerOutcome::Unknown, "a lookup did not show the outcome")
            }
        };
        let message = format!("{}; {seen}", failure.message);
        entry.end(outcome, None, Some(Failure { message, ..failure }));
        if outcome == MarkerOutcome::MarkerRemoved {
            self.see_what_is_current(marker, entry).await;
        }
    }

    async fn see_what_is_current(&self, marker: &ObjectId, entry: &mut MarkerEntry) {
        entry.note_current(self.execution.remover.current(marker).await);
    }
}

fn unexpected(text: &str) -> Failure {
    Failure::new("UnexpectedAnswer", text, Some("list the versions of the key before you continue"))
}
