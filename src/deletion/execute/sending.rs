//! Sends one order: it is checked, its intent is written, and it is sent while that check is fresh.

use std::sync::atomic::Ordering;

use super::answer::{DeleteAnswer, IfMatch};
use super::executor::{DeleteExecutor, Deleter, Journal};
use super::freshness::{FreshOrder, HIDE_CHECK_HOLDS};
use super::pending::{NotSent, PendingDelete};
use crate::deletion::decide::{DeleteMode, DeleteOrder, DeleteVerdict, KeepCause, KeepReason, decide, judge_bucket};
use crate::deletion::moment::Moment;
use crate::deletion::report::{DeleteEntry, DeleteOutcome};
use crate::model::{Failure, reached};
use crate::status::{Destination, covers};

impl<D: Deleter, J: Journal> DeleteExecutor<'_, D, J> {
    /// Checks an order and sends it immediately after that; again after each answer that proves that it had no effect.
    /// `None` if it was not sent: its entry says why.
    pub(super) async fn send_alone(&self, pending: &mut PendingDelete, condition: IfMatch) -> Option<DeleteAnswer> {
        loop {
            let asked_at = match self.check(pending).await {
                Ok(asked_at) => asked_at,
                Err(unfit) => {
                    self.end_unsent(pending, unfit).await;
                    return None;
                }
            };
            if !self.intend(&mut [&mut *pending]).await {
                return None;
            }
            let fresh = FreshOrder::new(&pending.order, asked_at);
            match self.execution.deleter.delete(&fresh, condition).await {
                DeleteAnswer::Aged if pending.may_be_checked_again() => {
                    reached!("a check became too old before its request")
                }
                DeleteAnswer::NotTaken(failure) => {
                    reached!("a delete was not taken");
                    pending.sends += 1;
                    if !self.execution.deleter.may_send_again(pending.sends).await {
                        return Some(DeleteAnswer::NotTaken(failure));
                    }
                }
                answer => return Some(answer),
            }
        }
    }

    /// Writes intents, each once. If that fails, or the run is stopped meanwhile, nothing may be sent.
    pub(super) async fn intend(&self, orders: &mut [&mut PendingDelete]) -> bool {
        let new: Vec<(&DeleteOrder, &DeleteEntry)> =
            orders.iter().filter(|pending| !pending.intended).map(|pending| (&pending.order, &pending.entry)).collect();
        let written = match self.execution.journal {
            Some(journal) if !new.is_empty() => journal.intend(&new).await,
            Some(_) | None => Ok(()),
        };
        let failure = match written {
            Ok(()) => {
                orders.iter_mut().for_each(|pending| pending.intended = true);
                if !self.stopped() {
                    return true;
                }
                None
            }
            Err(failure) => {
                self.broken.store(true, Ordering::Relaxed);
                Some(failure)
            }
        };
        for pending in orders {
            pending.entry.outcome = DeleteOutcome::NotAttempted;
            pending.entry.error.clone_from(&failure);
            self.note(pending);
        }
        false
    }

    /// Notes an outcome in the journal.
    pub(super) fn note(&self, pending: &PendingDelete) {
        let Some(journal) = self.execution.journal else { return };
        // The intent of the earlier run stays open: its request may still take effect, and the next run looks it up.
        if pending.marks.resumed && !pending.entry.outcome.class().may_have_changed_something() {
            return journal.stay_open();
        }
        if journal.ended(&pending.order, &pending.entry).is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    /// Makes sure that the order is still what the rule decides. Returns when the first question of this check was asked.
    pub(super) async fn check(&self, pending: &PendingDelete) -> Result<Moment, NotSent> {
        if self.stopped() {
            return Err(NotSent::Stopped);
        }
        let order = &pending.order;
        // Consent may have taken minutes, and a removal by version ID has no other guard.
        let age = order.checked_at().age_at(self.execution.clock.now());
        let outdated = self.execution.not_before.is_some_and(|consent| order.checked_at().is_before(consent));
        let doubted = outdated || self.doubted.has(order.object());
        if order.mode() == DeleteMode::Hide && !doubted && age.is_some_and(|age| age <= HIDE_CHECK_HOLDS) {
            // If-Match guards the object. Nothing guards the bucket: without versioning, a DELETE destroys the object.
            let bucket = self.execution.deleter.bucket(order).await;
            return match judge_bucket(order.object(), &bucket, &self.policy) {
                Ok(_) => Ok(bucket.asked_at),
                Err(kept) => Err(unfit(kept, order.mode(), Vec::new())),
            };
        }
        if order.mode() == DeleteMode::Hide {
            reached!("the check of an object to hide is repeated");
        }
        let evidence = self.execution.deleter.evidence(order).await;
        match decide(order.object(), &evidence, &self.policy) {
            DeleteVerdict::Delete(again) if order.is_for_the_same(&again) => {
                let destinations = evidence.replicas.and_then(Result::ok).unwrap_or_default();
                // The rules may name fewer destinations now, or can no longer be read.
                if self.policy.verify_replica && !covers(&pending.entry.destinations, &destinations) {
                    reached!("the rules name fewer destinations than the plan asked");
                    let failure = Failure::new(
                        "FewerDestinations",
                        "this check asked fewer destinations than the check of the plan",
                        Some("run the command again to make a plan from the current rules"),
                    );
                    return Err(NotSent::Kept(KeepReason::ReplicaUnknown, Some(failure), destinations));
                }
                Ok(evidence.asked_at)
            }
            DeleteVerdict::Delete(_) => {
                reached!("a new check gives another order");
                Err(NotSent::Kept(KeepReason::ChangedSinceCheck, None, Vec::new()))
            }
            DeleteVerdict::Keep(reason, failure) => {
                let destinations = evidence.replicas.and_then(Result::ok).unwrap_or_default();
                Err(unfit((reason, failure), order.mode(), destinations))
            }
        }
    }
}

/// What a decision to keep means for an order that was to be sent.
fn unfit((reason, failure): KeepCause, mode: DeleteMode, destinations: Vec<Destination>) -> NotSent {
    match (reason, failure) {
        (KeepReason::NotFound, _) if mode == DeleteMode::Permanent => NotSent::Absent,
        (KeepReason::Denied, Some(failure)) => NotSent::Ended(DeleteOutcome::Denied, failure),
        (KeepReason::Error, Some(failure)) => NotSent::Ended(DeleteOutcome::Failed, failure),
        (
            reason @ (KeepReason::BucketNotVersioned
            | KeepReason::Locked
            | KeepReason::Annotations
            | KeepReason::ReplicaMissing
            | KeepReason::ReplicaDiffers
            | KeepReason::NotAReplica
            | KeepReason::ReplicaDenied
            | KeepReason::ReplicaUnknown
            | KeepReason::MarkerReplicates
            | KeepReason::DeleteReplicates),
            failure,
        ) => NotSent::Kept(reason, failure, destinations),
        _ => NotSent::Kept(KeepReason::ChangedSinceCheck, None, Vec::new()),
    }
}
