//! Carries out an approved plan, and finds out what became of every order.
//!
//! Nothing is decided here. Each order is checked again, sent once, and looked up afterwards; an answer that was lost is
//! looked up before anything is said about it.

use futures_util::{Stream, StreamExt, stream};

use super::plan::{ApprovedPlan, Entry, Item, Outcome};
use super::policy::{DeleteOrder, KeepReason, Mode};
use crate::model::{Failure, FailureKind};
use crate::status::HeadAnswer;

/// S3's answer to one delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteAnswer {
    /// 2xx.
    Done {
        /// `x-amz-delete-marker`.
        delete_marker: bool,
        /// `x-amz-version-id`: the new marker's, or the removed version's.
        version_id: Option<String>,
    },
    /// 412 or 409: the object is no longer the one that was checked.
    Changed(Failure),
    /// 404.
    Absent(Failure),
    /// 403.
    Denied(Failure),
    /// The server does not know conditional deletes (501).
    Unconditional(Failure),
    /// Certain to have had no effect.
    NoEffect(Failure),
    /// It may have had an effect: a server error, a deadline, a lost answer.
    Lost(Failure),
}

/// What stands between the plan and S3.
pub trait Deleter: Sync {
    /// HEAD made now: of the key for [`Mode::Hide`], of the version for [`Mode::Permanent`].
    fn look(&self, order: &DeleteOrder) -> impl Future<Output = Result<HeadAnswer, Failure>> + Send;

    /// Sends the delete once, and again only after an answer that proves that it had no effect.
    fn delete(&self, order: &DeleteOrder) -> impl Future<Output = DeleteAnswer> + Send;
}

/// Executes the plan with up to `concurrency` orders in flight; entries come in the plan's order, one per order.
///
/// `stop` is asked before each order: from then on orders are `not-attempted`.
pub fn execute<'a, D: Deleter>(
    plan: ApprovedPlan,
    deleter: &'a D,
    concurrency: usize,
    stop: &'a (dyn Fn() -> bool + Sync),
) -> impl Stream<Item = Entry> + 'a {
    stream::iter(plan.items).map(move |item| carry_out(item, deleter, stop)).buffered(concurrency.max(1))
}

async fn carry_out<D: Deleter>(item: Item, deleter: &D, stop: &(dyn Fn() -> bool + Sync)) -> Entry {
    let Item { mut entry, order: Some(order) } = item else { return item.entry };
    if stop() {
        entry.outcome = Outcome::NotAttempted;
        return entry;
    }
    // Consent may have taken minutes, and what is removed by its version id has no other guard.
    if order.mode() == Mode::Permanent && !holds(&order, deleter, &mut entry).await {
        return entry;
    }
    match deleter.delete(&order).await {
        DeleteAnswer::Done { delete_marker, version_id } => {
            done(&order, deleter, delete_marker, version_id, &mut entry).await;
        }
        DeleteAnswer::Changed(failure) => entry.keep(KeepReason::ChangedSinceCheck, Some(failure)),
        DeleteAnswer::Absent(failure) => entry.keep(KeepReason::NotFound, Some(failure)),
        DeleteAnswer::Unconditional(failure) => entry.keep(KeepReason::Unconditional, Some(failure)),
        DeleteAnswer::Denied(failure) => end(&mut entry, Outcome::Denied, failure),
        DeleteAnswer::NoEffect(failure) => end(&mut entry, Outcome::Failed, failure),
        DeleteAnswer::Lost(failure) => lost(&order, deleter, failure, &mut entry).await,
    }
    entry
}

async fn holds<D: Deleter>(order: &DeleteOrder, deleter: &D, entry: &mut Entry) -> bool {
    match deleter.look(order).await {
        Ok(HeadAnswer::Object(head)) if order.still_holds(&head) => return true,
        Ok(HeadAnswer::Object(_) | HeadAnswer::DeleteMarker { .. }) => entry.keep(KeepReason::ChangedSinceCheck, None),
        Ok(HeadAnswer::NotFound) => entry.outcome = Outcome::AlreadyAbsent,
        Err(failure) if failure.kind == FailureKind::Denied => end(entry, Outcome::Denied, failure),
        Err(failure) => end(entry, Outcome::Failed, failure),
    }
    false
}

/// S3 said that it is done; a server's "204" is not always "gone", so look.
async fn done<D: Deleter>(
    order: &DeleteOrder,
    deleter: &D,
    delete_marker: bool,
    version_id: Option<String>,
    entry: &mut Entry,
) {
    let another = |text: &str| Failure::new("UnexpectedAnswer", text, Some("look at the object before anything else"));
    match order.mode() {
        Mode::Hide if delete_marker => {
            entry.outcome = Outcome::MarkerCreated;
            entry.new_marker_version_id = version_id;
        }
        Mode::Hide => {
            let failure = another("S3 took the delete and named no delete marker");
            return lost(order, deleter, failure, entry).await;
        }
        Mode::Permanent if version_id.as_deref().is_some_and(|id| !is_version(order, Some(id))) => {
            return end(entry, Outcome::Unknown, another("S3 took the delete and named another version"));
        }
        Mode::Permanent => entry.outcome = Outcome::VersionDeleted,
    }
    if let Ok(HeadAnswer::Object(head)) = deleter.look(order).await
        && is_version(order, head.version_id.as_deref())
    {
        entry.new_marker_version_id = None;
        end(entry, Outcome::Unknown, another("S3 took the delete, and the version still answers"));
    }
}

/// The answer is missing or says nothing: only looking can tell.
async fn lost<D: Deleter>(order: &DeleteOrder, deleter: &D, failure: Failure, entry: &mut Entry) {
    let look = deleter.look(order).await;
    let outcome = match (order.mode(), look) {
        // It was current at the check, and now a marker is: hidden, whoever asked last.
        (Mode::Hide, Ok(HeadAnswer::DeleteMarker { version_id })) => {
            entry.new_marker_version_id = version_id;
            Outcome::MarkerCreated
        }
        (Mode::Permanent, Ok(HeadAnswer::NotFound)) => Outcome::VersionDeleted,
        // S3 answered with an error and the version is there: it had no effect. Without any answer the request may
        // still be under way.
        (_, Ok(HeadAnswer::Object(head)))
            if is_version(order, head.version_id.as_deref()) && failure.http_status.is_some() =>
        {
            Outcome::Failed
        }
        (_, Ok(_) | Err(_)) => Outcome::Unknown,
    };
    end(entry, outcome, failure);
}

fn is_version(order: &DeleteOrder, found: Option<&str>) -> bool {
    order.object().version_id.as_ref().is_some_and(|version| version.as_str() == found.unwrap_or("null"))
}

fn end(entry: &mut Entry, outcome: Outcome, failure: Failure) {
    entry.outcome = outcome;
    entry.error = Some(failure);
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use jiff::Timestamp;

    use super::super::plan::{Decision, DeletionPlan};
    use super::super::policy::tests::{completed, object};
    use super::super::policy::{Evidence, Policy, decide};
    use super::*;
    use crate::rules::{ReplicationRules, Versioning};
    use crate::status::ObjectHead;

    /// Answers looks and deletes from a script, and counts.
    struct Script {
        looks: Mutex<Vec<Result<HeadAnswer, Failure>>>,
        answer: DeleteAnswer,
        deletes: AtomicUsize,
    }

    impl Deleter for Script {
        async fn look(&self, _: &DeleteOrder) -> Result<HeadAnswer, Failure> {
            self.looks.lock().unwrap().remove(0)
        }

        async fn delete(&self, _: &DeleteOrder) -> DeleteAnswer {
            self.deletes.fetch_add(1, Ordering::Relaxed);
            self.answer.clone()
        }
    }

    fn approved(mode: Mode) -> ApprovedPlan {
        let policy =
            Policy { mode, allow_marker_replication: false, allow_replicated_delete: false, custom_endpoint: false };
        let head = there();
        let evidence =
            Evidence { head: &head, versioning: &Ok(Versioning::Enabled), rules: &Ok(ReplicationRules::default()) };
        let verdict = decide(&object(Some("v1")), evidence, &policy, Timestamp::UNIX_EPOCH);
        let mut plan = DeletionPlan::new(policy);
        plan.add(&object(Some("v1")), &head, verdict);
        let consent = plan.asks_for();
        plan.approve(consent).unwrap()
    }

    fn there() -> Result<HeadAnswer, Failure> {
        Ok(HeadAnswer::Object(Box::new(completed())))
    }

    fn newer() -> Result<HeadAnswer, Failure> {
        Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("v2".into()), ..completed() })))
    }

    fn marker() -> Result<HeadAnswer, Failure> {
        Ok(HeadAnswer::DeleteMarker { version_id: Some("m1".into()) })
    }

    fn gone() -> Result<HeadAnswer, Failure> {
        Ok(HeadAnswer::NotFound)
    }

    fn failure(status: Option<u16>) -> Failure {
        let kind = if status == Some(403) { FailureKind::Denied } else { FailureKind::Other };
        Failure { http_status: status, kind, ..Failure::new("X", "x", None) }
    }

    fn run(mode: Mode, looks: Vec<Result<HeadAnswer, Failure>>, answer: DeleteAnswer) -> (Entry, usize) {
        let script = Script { looks: looks.into(), answer, deletes: AtomicUsize::new(0) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut entries =
            runtime.block_on(async { execute(approved(mode), &script, 4, &|| false).collect::<Vec<_>>().await });
        assert_eq!(entries.len(), 1);
        assert!(script.looks.lock().unwrap().is_empty(), "every scripted look was taken");
        (entries.remove(0), script.deletes.into_inner())
    }

    #[test]
    fn hiding_ends_in_exactly_one_true_outcome() {
        use DeleteAnswer as A;
        let made = || A::Done { delete_marker: true, version_id: Some("m1".into()) };
        let bare = || A::Done { delete_marker: false, version_id: None };
        let table = [
            (vec![marker()], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![newer()], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![Err(failure(Some(403)))], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![there()], made(), Outcome::Unknown, None),
            (vec![gone()], bare(), Outcome::Unknown, None),
            (vec![marker()], bare(), Outcome::MarkerCreated, Some("m1")),
            (vec![], A::Changed(failure(Some(412))), Outcome::Kept, None),
            (vec![], A::Absent(failure(Some(404))), Outcome::Kept, None),
            (vec![], A::Unconditional(failure(Some(501))), Outcome::Kept, None),
            (vec![], A::Denied(failure(Some(403))), Outcome::Denied, None),
            (vec![], A::NoEffect(failure(Some(503))), Outcome::Failed, None),
            (vec![there()], A::Lost(failure(Some(500))), Outcome::Failed, None),
            (vec![there()], A::Lost(failure(None)), Outcome::Unknown, None),
            (vec![marker()], A::Lost(failure(None)), Outcome::MarkerCreated, Some("m1")),
            (vec![newer()], A::Lost(failure(Some(500))), Outcome::Unknown, None),
            (vec![gone()], A::Lost(failure(None)), Outcome::Unknown, None),
            (vec![Err(failure(None))], A::Lost(failure(None)), Outcome::Unknown, None),
        ];
        for (at, (looks, answer, outcome, new_marker)) in table.into_iter().enumerate() {
            let (entry, deletes) = run(Mode::Hide, looks, answer);
            assert_eq!((entry.outcome, entry.new_marker_version_id.as_deref()), (outcome, new_marker), "row {at}");
            assert_eq!(deletes, 1, "row {at}: sent once");
            assert_eq!(entry.decision == Decision::Keep, entry.outcome == Outcome::Kept, "row {at}");
        }
    }

    #[test]
    fn removing_looks_before_and_after() {
        use DeleteAnswer as A;
        let done = |id: &str| A::Done { delete_marker: false, version_id: Some(id.into()) };
        let unversioned = || A::Done { delete_marker: false, version_id: None };
        let table = [
            (vec![there(), gone()], done("v1"), Outcome::VersionDeleted, 1),
            (vec![there(), gone()], unversioned(), Outcome::VersionDeleted, 1),
            (vec![there(), Err(failure(Some(403)))], done("v1"), Outcome::VersionDeleted, 1),
            (vec![there(), there()], done("v1"), Outcome::Unknown, 1),
            (vec![there()], done("v2"), Outcome::Unknown, 1),
            (vec![newer()], done("v1"), Outcome::Kept, 0),
            (vec![marker()], done("v1"), Outcome::Kept, 0),
            (vec![gone()], done("v1"), Outcome::AlreadyAbsent, 0),
            (vec![Err(failure(Some(403)))], done("v1"), Outcome::Denied, 0),
            (vec![Err(failure(None))], done("v1"), Outcome::Failed, 0),
            (vec![there(), gone()], A::Lost(failure(None)), Outcome::VersionDeleted, 1),
            (vec![there(), there()], A::Lost(failure(Some(500))), Outcome::Failed, 1),
            (vec![there(), there()], A::Lost(failure(None)), Outcome::Unknown, 1),
            (vec![there(), Err(failure(Some(403)))], A::Lost(failure(None)), Outcome::Unknown, 1),
        ];
        for (at, (looks, answer, outcome, sent)) in table.into_iter().enumerate() {
            let (entry, deletes) = run(Mode::Permanent, looks, answer);
            assert_eq!((entry.outcome, deletes), (outcome, sent), "row {at}");
        }
    }

    #[test]
    fn a_stop_sends_nothing_more() {
        let script =
            Script { looks: Mutex::default(), answer: DeleteAnswer::NoEffect(failure(None)), deletes: 0.into() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let entries =
            runtime.block_on(async { execute(approved(Mode::Hide), &script, 1, &|| true).collect::<Vec<_>>().await });
        assert_eq!(entries[0].outcome, Outcome::NotAttempted);
        assert_eq!(script.deletes.into_inner(), 0);
    }
}
