//! From an answer to an outcome: what S3 answered, and where that is not enough, what the bucket contains now.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::answer::{DeleteAnswer, IfMatch, MarkerLook};
use super::executor::{DeleteExecutor, Deleter, Journal};
use super::freshness::HOLDS;
use super::hidden::{LIST_FIRST, note_hidden};
use super::pending::{NotSent, PendingDelete};
use super::settle::{SettledOrder, settle};
use crate::deletion::decide::{DeleteMode, DeleteOrder, KeepReason};
use crate::deletion::plan::{PlanItem, PlanPosition};
use crate::deletion::report::{
    DeleteEntry, DeleteEvent, DeleteOutcome, OTHER_EFFECT, UNEXPECTED_ANSWER, marker_has_own_id,
};
use crate::model::{Failure, reached};
use crate::status::HeadAnswer;

impl<D: Deleter, J: Journal> DeleteExecutor<'_, D, J> {
    /// Determines the outcome of an order that was sent, and writes it to the journal.
    pub(super) async fn conclude(&self, pending: &mut PendingDelete, answer: DeleteAnswer, condition: IfMatch) {
        let answer = self.confirmed(&pending.order, answer).await;
        // Our own earlier request may have changed the object, or a copy of this one.
        let changed = matches!(answer, DeleteAnswer::Mismatch(_) | DeleteAnswer::Conflict(_) | DeleteAnswer::Absent(_));
        let before = (pending.marks.resumed && changed).then(|| pending.entry.clone());
        let PendingDelete { position, order, entry, .. } = pending;
        match answer {
            DeleteAnswer::Done { delete_marker, version_id } => {
                self.done(*position, order, delete_marker, version_id, entry).await;
            }
            DeleteAnswer::Mismatch(failure) | DeleteAnswer::Conflict(failure) => {
                entry.keep(KeepReason::ChangedSinceCheck, Some(failure));
            }
            DeleteAnswer::Absent(failure) => entry.keep(KeepReason::NotFound, Some(failure)),
            DeleteAnswer::Unsupported(failure) if order.mode() == DeleteMode::Hide => {
                entry.keep(KeepReason::Unconditional, Some(failure));
            }
            DeleteAnswer::Denied(failure) => entry.end(DeleteOutcome::Denied, failure),
            DeleteAnswer::Aged => entry.end(DeleteOutcome::Failed, check_too_slow()),
            DeleteAnswer::NotTaken(failure) | DeleteAnswer::NoEffect(failure) | DeleteAnswer::Unsupported(failure) => {
                entry.end(DeleteOutcome::Failed, failure);
            }
            DeleteAnswer::Errored(failure)
            | DeleteAnswer::MismatchByGateway(failure)
            | DeleteAnswer::UnsupportedByGateway(failure) => self.lost(order, failure, true, entry).await,
            DeleteAnswer::Lost(failure) => self.lost(order, failure, false, entry).await,
        }
        // Nothing bound the marker to the checked version: S3 does not support If-Match.
        if order.mode() == DeleteMode::Hide
            && condition != IfMatch::Checked
            && entry.outcome == DeleteOutcome::MarkerCreated
        {
            self.see_what_was_hidden(order, entry).await;
        }
        if let Some(before) = before {
            self.settle_earlier_request(pending, before).await;
        } else if changed && self.policy.custom_endpoint {
            self.see_what_a_copy_did(&pending.order, &mut pending.entry).await;
        }
        self.note(pending);
    }

    /// Believes an answer of a gateway as far as a lookup agrees: an object that is still there was not deleted.
    pub(super) async fn confirmed(&self, order: &DeleteOrder, answer: DeleteAnswer) -> DeleteAnswer {
        let (believed, failure): (fn(Failure) -> DeleteAnswer, _) = match answer {
            DeleteAnswer::MismatchByGateway(failure) => (DeleteAnswer::Mismatch, failure),
            DeleteAnswer::UnsupportedByGateway(failure) => (DeleteAnswer::Unsupported, failure),
            answer => return answer,
        };
        match self.execution.deleter.look(order).await {
            Ok(HeadAnswer::Object(_)) => believed(failure),
            Ok(_) | Err(_) => {
                reached!("a gateway refused a delete, and the object is not there");
                DeleteAnswer::Errored(failure)
            }
        }
    }

    /// Ends an order that is not sent.
    pub(super) async fn end_unsent(&self, pending: &mut PendingDelete, unfit: NotSent) {
        let changed = matches!(unfit, NotSent::Absent | NotSent::Kept(KeepReason::ChangedSinceCheck, ..));
        let before = (pending.marks.resumed && changed).then(|| pending.entry.clone());
        match (&unfit, pending.by_gateway.take()) {
            // It is kept for what its HEAD showed, so it is still there.
            (NotSent::Kept(..), _) | (_, None) => pending.not_sent(unfit),
            (NotSent::Absent | NotSent::Stopped | NotSent::Ended(..), Some(failure)) => {
                self.lost(&pending.order, failure, true, &mut pending.entry).await;
            }
        }
        if let Some(before) = before {
            self.settle_earlier_request(pending, before).await;
        }
        if pending.intended || pending.marks.resumed {
            self.note(pending);
        }
    }

    /// The object changed after the check, and an earlier run may have sent a delete for it: its late effect is not
    /// called another's change.
    async fn settle_earlier_request(&self, pending: &mut PendingDelete, before: DeleteEntry) {
        reached!("an object changed, and an earlier run may have done it");
        let look = self.execution.deleter.look(&pending.order).await;
        match settle(before, pending.order.mode(), look) {
            SettledOrder::Done(mut entry) => {
                if self.policy.custom_endpoint {
                    self.see_what_was_hidden(&pending.order, &mut entry).await;
                }
                pending.entry = entry;
            }
            SettledOrder::Unknown(entry) => pending.entry = entry,
            SettledOrder::Undone => {}
        }
    }

    /// A proxy may send a request again when a server does not answer, and the answer is about the second one: then the first
    /// one may have hidden the object.
    async fn see_what_a_copy_did(&self, order: &DeleteOrder, entry: &mut DeleteEntry) {
        if order.mode() != DeleteMode::Hide {
            return;
        }
        if let Ok(HeadAnswer::DeleteMarker { version_id: Some(marker) }) = self.execution.deleter.look(order).await
            && let Some(refusal) = &mut entry.error
        {
            reached!("a refused delete, and a marker");
            let seen = "lookup: delete marker";
            let why = "hides it now, from another request, or from this one if a proxy sent it twice";
            refusal.message = format!("{}; {seen} {marker} {why}", refusal.message);
        }
    }

    /// S3 answered with success. With some servers the version still exists after a 204, so some are looked up.
    async fn done(
        &self,
        position: PlanPosition,
        order: &DeleteOrder,
        delete_marker: bool,
        version_id: Option<String>,
        entry: &mut DeleteEntry,
    ) {
        match order.mode() {
            DeleteMode::Hide if delete_marker && version_id.is_none() => {
                let failure = unexpected("S3 accepted the delete and did not name the delete marker");
                return self.lost(order, failure, false, entry).await;
            }
            DeleteMode::Hide if delete_marker && !marker_has_own_id(version_id.as_deref()) => {
                reached!("a delete marker got the id null");
                entry.new_marker_version_id = version_id;
                return entry.end(DeleteOutcome::Unknown, other_effect(NULL_MARKER));
            }
            DeleteMode::Hide if delete_marker && is_version(order, version_id.as_deref()) => {
                let failure = unexpected("S3 reported the checked version itself as the new delete marker");
                return self.lost(order, failure, false, entry).await;
            }
            DeleteMode::Hide if delete_marker => {
                entry.outcome = DeleteOutcome::MarkerCreated;
                entry.new_marker_version_id = version_id;
            }
            DeleteMode::Hide => {
                let failure = unexpected("S3 accepted the delete and reported no delete marker");
                return self.lost(order, failure, false, entry).await;
            }
            DeleteMode::Permanent if delete_marker => {
                let text = "S3 accepted the delete and reported that it removed a delete marker";
                return entry.end(DeleteOutcome::Unknown, other_effect(text));
            }
            DeleteMode::Permanent if version_id.as_deref().is_some_and(|id| !is_version(order, Some(id))) => {
                let text = "S3 accepted the delete and reported another version";
                return entry.end(DeleteOutcome::Unknown, other_effect(text));
            }
            DeleteMode::Permanent => entry.outcome = DeleteOutcome::VersionDeleted,
        }
        if !self.execution.verify.wants(position.nth, self.stayed.load(Ordering::Relaxed)) {
            self.unseen.lock().unwrap_or_else(PoisonError::into_inner).add(position.at);
        } else if let Some(contradiction) = self.contradiction(order, entry).await {
            reached!("a lookup contradicts a success");
            self.stayed.store(true, Ordering::Relaxed);
            entry.end(DeleteOutcome::Unknown, contradiction);
        }
    }

    /// A lookup that contradicts this delete. A lookup that fails contradicts nothing, and is counted.
    async fn contradiction(&self, order: &DeleteOrder, entry: &DeleteEntry) -> Option<Failure> {
        match (order.mode(), self.execution.deleter.look(order).await) {
            (_, Ok(HeadAnswer::Object(head))) if is_version(order, head.version_id.as_deref()) => {
                Some(unexpected("S3 accepted the delete, and the version still exists"))
            }
            // Some servers do not say that what hides a key is a delete marker; their listings do.
            (DeleteMode::Hide, Ok(HeadAnswer::NotFound)) => {
                match self.execution.deleter.hidden_by(order, entry.new_marker_version_id.as_deref()).await {
                    Ok(Some(version)) if is_version(order, Some(&version)) => None,
                    Ok(_) | Err(_) => {
                        Some(unexpected("S3 accepted the delete, and neither the delete marker nor the version exists"))
                    }
                }
            }
            (DeleteMode::Permanent, Ok(HeadAnswer::DeleteMarker { .. })) => {
                Some(unexpected("S3 accepted the delete, and the version is a delete marker"))
            }
            (DeleteMode::Hide, Ok(HeadAnswer::DeleteMarker { version_id }))
                if version_id.is_none()
                    || entry.new_marker_version_id.is_none()
                    || version_id == entry.new_marker_version_id =>
            {
                None
            }
            // Something newer, if the marker exists below it. Otherwise, what was below the checked version.
            (DeleteMode::Hide, Ok(HeadAnswer::Object(_) | HeadAnswer::DeleteMarker { .. })) => {
                let Some(marker) = &entry.new_marker_version_id else {
                    return Some(unexpected("S3 accepted the delete, and another version is current now"));
                };
                match self.execution.deleter.look_at_marker(order, marker).await {
                    Ok(MarkerLook::Marker) => None,
                    // S3 itself named the marker, and a role may not look at it.
                    Err(failure) if !self.policy.custom_endpoint => self.not_looked_up(failure),
                    Err(failure) => {
                        let text = "S3 accepted the delete, something else is current now, and a lookup of the delete marker failed";
                        Some(unexpected(&format!("{text}: {}", failure.message)))
                    }
                    Ok(MarkerLook::Version | MarkerLook::Absent) => {
                        reached!("a delete marker that S3 reported is not there");
                        Some(unexpected(
                            "S3 accepted the delete, and the delete marker that it reported does not exist",
                        ))
                    }
                }
            }
            (DeleteMode::Permanent, Ok(HeadAnswer::Object(_) | HeadAnswer::NotFound)) => None,
            (_, Err(failure)) => self.not_looked_up(failure),
        }
    }

    fn not_looked_up(&self, failure: Failure) -> Option<Failure> {
        reached!("a lookup after a success failed");
        self.failed_lookups.lock().unwrap_or_else(PoisonError::into_inner).add(failure);
        None
    }

    /// Looks up an order that was reported as deleted without a lookup. The ID of its delete marker was not kept.
    pub(super) async fn correction(&self, item: PlanItem) -> Option<DeleteEvent> {
        let mut pending = PendingDelete::of(item).ok()?;
        let contradiction = self.contradiction(&pending.order, &pending.entry).await?;
        reached!("a reported outcome is corrected");
        let before = match pending.order.mode() {
            DeleteMode::Hide => DeleteOutcome::MarkerCreated,
            DeleteMode::Permanent => DeleteOutcome::VersionDeleted,
        };
        pending.entry.end(DeleteOutcome::Unknown, contradiction);
        self.note(&pending);
        Some(DeleteEvent::Corrected { before, entry: pending.entry })
    }

    /// The answer is missing or proves nothing: only a lookup can settle it. `ended` says that the request is certainly over.
    async fn lost(&self, order: &DeleteOrder, failure: Failure, ended: bool, entry: &mut DeleteEntry) {
        let look = self.execution.deleter.look(order).await;
        let (outcome, seen) = match (order.mode(), look) {
            // It was current at the check, and now a marker is current: it is hidden, and the message says that an answer
            // was lost.
            (DeleteMode::Hide, Ok(HeadAnswer::DeleteMarker { version_id }))
                if marker_has_own_id(version_id.as_deref()) && !is_version(order, version_id.as_deref()) =>
            {
                reached!("a lost answer: it is hidden");
                (entry.new_marker_version_id, entry.marker_from_lookup) = (version_id, true);
                (DeleteOutcome::MarkerCreated, "lookup: a delete marker hides it now, from this request or another one")
            }
            // Some servers omit the id of a null version.
            (DeleteMode::Hide, Ok(HeadAnswer::DeleteMarker { version_id }))
                if !marker_has_own_id(version_id.as_deref()) =>
            {
                let text = format!("{}; lookup: {NULL_MARKER}", failure.message);
                return entry.end(DeleteOutcome::Unknown, other_effect(&text));
            }
            (DeleteMode::Permanent, Ok(HeadAnswer::NotFound)) => {
                reached!("a lost answer: the version is gone");
                (DeleteOutcome::VersionDeleted, "lookup: the version is gone")
            }
            // Some servers go on answering for what they deleted, without its status: only the same is the same.
            (_, Ok(HeadAnswer::Object(head)))
                if ended
                    && is_version(order, head.version_id.as_deref())
                    && head.replication_status.raw() == entry.replication_status.as_deref() =>
            {
                reached!("a lost answer: nothing happened");
                (DeleteOutcome::Failed, "lookup: the version still exists")
            }
            (_, Ok(_) | Err(_)) => {
                reached!("a lost answer stays unknown");
                (DeleteOutcome::Unknown, "a lookup did not show the outcome")
            }
        };
        let message = format!("{}; {seen}", failure.message);
        entry.end(outcome, Failure { message, ..failure });
    }

    /// A marker that was sent without If-Match may hide a newer version than the checked one.
    async fn see_what_was_hidden(&self, order: &DeleteOrder, entry: &mut DeleteEntry) {
        let Some(marker) = entry.new_marker_version_id.clone() else { return };
        let shown = self.execution.deleter.hidden_by(order, Some(&marker)).await;
        let undo = entry.error.is_none().then(|| self.execution.deleter.undo(order, &marker));
        note_hidden(entry, shown, undo);
    }
}

/// S3 creates such a marker in a bucket whose versioning is suspended.
const NULL_MARKER: &str = "the delete marker has the version ID null: versioning was suspended meanwhile, and a null version of this key, if there was one, is destroyed";

fn check_too_slow() -> Failure {
    let text = format!(
        "no check of this version finished in time: a delete must be sent within {}s of its check; nothing was sent",
        HOLDS.as_secs()
    );
    Failure::new("CheckTooSlow", text, Some("try again when the source and the destinations answer faster"))
}

fn unexpected(text: &str) -> Failure {
    Failure::new(UNEXPECTED_ANSWER, text, Some(LIST_FIRST))
}

pub(super) fn other_effect(text: &str) -> Failure {
    Failure::new(OTHER_EFFECT, text, Some(LIST_FIRST))
}

fn is_version(order: &DeleteOrder, found: Option<&str>) -> bool {
    order.object().version_id.as_ref().is_some_and(|version| version.is_named_by(found))
}
