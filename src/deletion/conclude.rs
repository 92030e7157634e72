//! From an answer to an outcome: what S3 said, and where that is not enough, what is there now.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::answer::{Condition, DeleteAnswer};
use super::entry::{Entry, Outcome};
use super::execute::{Deleter, Event, Place, Run, has_own_id};
use super::journal::Journal;
use super::policy::{DeleteOrder, KeepReason, Mode};
use super::records::Item;
use super::summary::{HIDDEN_UNKNOWN, NEWER_HIDDEN};
use crate::model::Failure;
use crate::status::HeadAnswer;

impl<D: Deleter, J: Journal> Run<'_, D, J> {
    pub(super) async fn conclude(
        &self,
        place: Place,
        order: &DeleteOrder,
        answer: DeleteAnswer,
        condition: Condition,
        entry: &mut Entry,
    ) {
        match answer {
            DeleteAnswer::Done { delete_marker, version_id } => {
                self.done(place, order, delete_marker, version_id, entry).await;
            }
            DeleteAnswer::Mismatch(failure) | DeleteAnswer::Conflict(failure) => {
                entry.keep(KeepReason::ChangedSinceCheck, Some(failure));
            }
            DeleteAnswer::Absent(failure) => entry.keep(KeepReason::NotFound, Some(failure)),
            DeleteAnswer::Unsupported(failure) if order.mode() == Mode::Hide => {
                entry.keep(KeepReason::Unconditional, Some(failure));
            }
            DeleteAnswer::Denied(failure) => entry.end(Outcome::Denied, failure),
            DeleteAnswer::NoEffect(failure) | DeleteAnswer::Unsupported(failure) => {
                entry.end(Outcome::Failed, failure);
            }
            DeleteAnswer::Errored(failure) => self.lost(order, failure, true, entry).await,
            DeleteAnswer::Lost(failure) => self.lost(order, failure, false, entry).await,
        }
        // What was sent with an ETag that nothing has, and done, was bound to nothing.
        if order.mode() == Mode::Hide && condition != Condition::Checked && entry.outcome == Outcome::MarkerCreated {
            self.see_what_was_hidden(order, entry).await;
        }
    }

    /// S3 said that it is done; a server's "204" is not always "gone", so some are looked at.
    async fn done(
        &self,
        place: Place,
        order: &DeleteOrder,
        delete_marker: bool,
        version_id: Option<String>,
        entry: &mut Entry,
    ) {
        match order.mode() {
            // Left out, the id is null on some servers.
            Mode::Hide if delete_marker && !has_own_id(version_id.as_deref()) => {
                entry.new_marker_version_id = version_id;
                let text = "the delete marker has no id but null: versioning was suspended meanwhile, and a null version of this key, if there was one, is destroyed";
                return entry.end(Outcome::Unknown, unexpected(text));
            }
            Mode::Hide if delete_marker => {
                entry.outcome = Outcome::MarkerCreated;
                entry.new_marker_version_id = version_id;
            }
            Mode::Hide => {
                let failure = unexpected("S3 took the delete and named no delete marker");
                return self.lost(order, failure, false, entry).await;
            }
            Mode::Permanent if delete_marker => {
                let text = "S3 took the delete and says that it was about a delete marker";
                return entry.end(Outcome::Unknown, unexpected(text));
            }
            Mode::Permanent if version_id.as_deref().is_some_and(|id| !is_version(order, Some(id))) => {
                return entry.end(Outcome::Unknown, unexpected("S3 took the delete and named another version"));
            }
            Mode::Permanent => entry.outcome = Outcome::VersionDeleted,
        }
        if !self.execution.verify.wants(place.nth, self.stayed.load(Ordering::Relaxed)) {
            self.unseen.lock().unwrap_or_else(PoisonError::into_inner).add(place.at);
        } else if self.is_still_there(order).await {
            self.stayed.store(true, Ordering::Relaxed);
            entry.new_marker_version_id = None;
            entry.end(Outcome::Unknown, still_there());
        }
    }

    /// Whether the version still answers. What can't be seen leaves S3's word standing.
    async fn is_still_there(&self, order: &DeleteOrder) -> bool {
        let look = self.execution.deleter.look(order).await;
        matches!(look, Ok(HeadAnswer::Object(head)) if is_version(order, head.version_id.as_deref()))
    }

    /// Looks at an order that was told as deleted without a look.
    pub(super) async fn correction(&self, item: Item) -> Option<Event> {
        let Item { mut entry, order: Some(order), .. } = item else { return None };
        if !self.is_still_there(&order).await {
            return None;
        }
        let before = match order.mode() {
            Mode::Hide => Outcome::MarkerCreated,
            Mode::Permanent => Outcome::VersionDeleted,
        };
        entry.end(Outcome::Unknown, still_there());
        self.note(&order, &entry);
        Some(Event::Corrected { before, entry })
    }

    /// The answer is missing or says nothing: only looking can tell. `ended` says that the request is over for certain.
    async fn lost(&self, order: &DeleteOrder, failure: Failure, ended: bool, entry: &mut Entry) {
        let look = self.execution.deleter.look(order).await;
        let (outcome, seen) = match (order.mode(), look) {
            // It was current at the check, and now a marker is: hidden, and the message says that an answer was lost.
            (Mode::Hide, Ok(HeadAnswer::DeleteMarker { version_id })) if has_own_id(version_id.as_deref()) => {
                entry.new_marker_version_id = version_id;
                (Outcome::MarkerCreated, "looked up: a delete marker hides it now, this request's or another's")
            }
            (Mode::Permanent, Ok(HeadAnswer::NotFound)) => (Outcome::VersionDeleted, "looked up: the version is gone"),
            // Some servers go on answering for what they deleted, without its status: only the same is the same.
            (_, Ok(HeadAnswer::Object(head)))
                if ended
                    && is_version(order, head.version_id.as_deref())
                    && head.replication_status == entry.replication_status =>
            {
                (Outcome::Failed, "looked up: the version is still there")
            }
            (_, Ok(_) | Err(_)) => (Outcome::Unknown, "looking it up did not tell what became of it"),
        };
        let message = format!("{}; {seen}", failure.message);
        entry.end(outcome, Failure { message, ..failure });
    }

    /// A marker that was bound to nothing may hide a newer version than the one that was checked.
    async fn see_what_was_hidden(&self, order: &DeleteOrder, entry: &mut Entry) {
        let Some(marker) = entry.new_marker_version_id.clone() else { return };
        let undo = || format!("to take the marker away again: {}", self.execution.deleter.undo(order, &marker));
        let (code, message, http_status) = match self.execution.deleter.hidden_by(order, &marker).await {
            Ok(Some(version)) if is_version(order, Some(&version)) => return,
            Ok(Some(version)) => (
                NEWER_HIDDEN,
                format!(
                    "this server does not honour If-Match, and the delete marker hides version {version}, which is not the one that was checked"
                ),
                None,
            ),
            Ok(None) => {
                (HIDDEN_UNKNOWN, "the list of versions does not show what the delete marker hides".to_owned(), None)
            }
            Err(failure) => (
                HIDDEN_UNKNOWN,
                format!(
                    "the delete marker was bound to nothing, and what it hides could not be seen: {}",
                    failure.message
                ),
                failure.http_status,
            ),
        };
        entry.error = Some(Failure { http_status, ..Failure::new(code, message, Some(&undo())) });
    }
}

fn still_there() -> Failure {
    unexpected("S3 took the delete, and the version still answers")
}

fn unexpected(text: &str) -> Failure {
    Failure::new("UnexpectedAnswer", text, Some("look at the object's versions before anything else"))
}

fn is_version(order: &DeleteOrder, found: Option<&str>) -> bool {
    order.object().version_id.as_ref().is_some_and(|version| version.is_named_by(found))
}
