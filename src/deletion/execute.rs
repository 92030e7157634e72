//! Carries out an approved plan, and finds out what became of every order.
//!
//! Nothing new is decided here: a check that has aged is made again by the same rule, and must give the same order. Each
//! order is sent once and looked up afterwards; an answer that was lost is looked up before anything is said about it.

use futures_util::{Stream, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::plan::{ApprovedPlan, Entry, Item, Outcome};
use super::policy::{DeleteOrder, Evidence, KeepReason, Mode, Policy, Verdict, decide};
use crate::model::Failure;
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
    /// 412: the object is not the one that the condition names.
    Mismatch(Failure),
    /// 409: somebody else was writing.
    Conflict(Failure),
    /// 404.
    Absent(Failure),
    /// 403.
    Denied(Failure),
    /// The server does not know conditional deletes (501).
    Unsupported(Failure),
    /// Certain to have had no effect.
    NoEffect(Failure),
    /// S3 itself answered that it failed (500); it may have had an effect.
    Errored(Failure),
    /// It may have had an effect, now or later: a gateway's error, a deadline, a lost or unreadable answer.
    Lost(Failure),
}

/// What a marker delete is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// If-Match with the ETag that was checked. A permanent delete is bound by its version id instead.
    Checked,
    /// If-Match with an ETag that nothing has: a server that deletes all the same does not honour it.
    Impossible,
    /// Nothing.
    None,
}

/// What stands between the plan and S3.
pub trait Deleter: Sync {
    /// Everything that the decision needs, asked for now.
    fn evidence(&self, order: &DeleteOrder) -> impl Future<Output = Evidence> + Send;

    /// HEAD made now: of the key for [`Mode::Hide`], of the version for [`Mode::Permanent`].
    fn look(&self, order: &DeleteOrder) -> impl Future<Output = Result<HeadAnswer, Failure>> + Send;

    /// Sends the delete once, and again only after an answer that proves that it had no effect.
    fn delete(&self, order: &DeleteOrder, condition: Condition) -> impl Future<Output = DeleteAnswer> + Send;
}

/// A check of the current version holds for so long; one of a version that is to be removed for no time at all.
const CHECK_HOLDS: SignedDuration = SignedDuration::from_secs(5);

/// Executes the plan with up to `concurrency` orders in flight; entries come in the plan's order, one per order.
///
/// `stop` is asked before each order: from then on orders are `not-attempted`.
///
/// On a server other than AWS the first marker delete is sent alone with an ETag that nothing has. Refused with 412, the
/// server honours If-Match and it is sent again with its own; done, the server does not, and the others are kept as
/// `unconditional` unless the policy allows them.
pub fn execute<'a, D: Deleter>(
    plan: ApprovedPlan,
    deleter: &'a D,
    concurrency: usize,
    now: fn() -> Timestamp,
    stop: &'a (dyn Fn() -> bool + Sync),
) -> impl Stream<Item = Entry> + 'a {
    let run = Run { policy: plan.policy, deleter, now, stop };
    let probed = async move {
        let mut items = plan.items.into_iter();
        let (mut entries, mut binding) = (Vec::new(), run.binding_without_probe());
        while binding.is_none() {
            let Some(item) = items.next() else { break };
            let (entry, learned) = run.probe(item).await;
            entries.push(entry);
            binding = learned;
        }
        (run, entries, items, binding.unwrap_or(Binding::Refused))
    };
    stream::once(probed).flat_map(move |(run, entries, items, binding)| {
        let run = std::sync::Arc::new(run);
        let rest = stream::iter(items).map(move |item| {
            let run = std::sync::Arc::clone(&run);
            async move { run.carry_out(item, binding).await }
        });
        stream::iter(entries).chain(rest.buffered(concurrency.max(1)))
    })
}

/// How marker deletes are bound on this server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    /// If-Match is honoured.
    Honoured,
    /// It is not, and that is accepted.
    Accepted,
    /// It is not, and that is not accepted.
    Refused,
}

struct Run<'a, D> {
    policy: Policy,
    deleter: &'a D,
    now: fn() -> Timestamp,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl<D: Deleter> Run<'_, D> {
    /// AWS honours If-Match, and a permanent delete carries none.
    fn binding_without_probe(&self) -> Option<Binding> {
        let bound = self.policy.mode == Mode::Permanent || !self.policy.custom_endpoint;
        bound.then_some(Binding::Honoured)
    }

    fn when_not_honoured(&self) -> Binding {
        if self.policy.allow_unconditional { Binding::Accepted } else { Binding::Refused }
    }

    async fn carry_out(&self, item: Item, binding: Binding) -> Entry {
        let Item { mut entry, order: Some(order) } = item else { return item.entry };
        if binding == Binding::Refused {
            entry.keep(KeepReason::Unconditional, None);
        } else if self.may_be_sent(&order, &mut entry).await {
            let condition = if binding == Binding::Honoured { Condition::Checked } else { Condition::None };
            let answer = self.deleter.delete(&order, condition).await;
            self.conclude(&order, answer, &mut entry).await;
        }
        entry
    }

    /// Carries out one order and learns from it whether If-Match is honoured; `None` when its answer did not tell.
    async fn probe(&self, item: Item) -> (Entry, Option<Binding>) {
        let Item { mut entry, order: Some(order) } = item else { return (item.entry, None) };
        if !self.may_be_sent(&order, &mut entry).await {
            return (entry, None);
        }
        let mut learned = None;
        let mut answer = self.deleter.delete(&order, Condition::Impossible).await;
        let again = match answer {
            DeleteAnswer::Mismatch(_) => {
                learned = Some(Binding::Honoured);
                Some(Condition::Checked)
            }
            DeleteAnswer::Done { .. } => {
                learned = Some(self.when_not_honoured());
                None
            }
            DeleteAnswer::Unsupported(_) => {
                learned = Some(self.when_not_honoured());
                self.policy.allow_unconditional.then_some(Condition::None)
            }
            DeleteAnswer::Conflict(_)
            | DeleteAnswer::Absent(_)
            | DeleteAnswer::Denied(_)
            | DeleteAnswer::NoEffect(_)
            | DeleteAnswer::Errored(_)
            | DeleteAnswer::Lost(_) => None,
        };
        if let Some(condition) = again {
            answer = self.deleter.delete(&order, condition).await;
        }
        self.conclude(&order, answer, &mut entry).await;
        (entry, learned)
    }

    /// Whether the order may leave now: nobody said stop, and its check still holds.
    async fn may_be_sent(&self, order: &DeleteOrder, entry: &mut Entry) -> bool {
        if (self.stop)() {
            entry.outcome = Outcome::NotAttempted;
            return false;
        }
        // Consent may have taken minutes, and what is removed by its version id has no other guard.
        let age = (self.now)().duration_since(order.checked_at());
        if order.mode() == Mode::Hide && (SignedDuration::ZERO..=CHECK_HOLDS).contains(&age) {
            return true;
        }
        let evidence = self.deleter.evidence(order).await;
        match decide(order.object(), &evidence, &self.policy) {
            Verdict::Delete(again) if order.is_for_the_same(&again) => return true,
            Verdict::Keep(KeepReason::NotFound, _) if order.mode() == Mode::Permanent => {
                entry.outcome = Outcome::AlreadyAbsent;
            }
            Verdict::Keep(KeepReason::Denied, Some(failure)) => end(entry, Outcome::Denied, failure),
            Verdict::Keep(KeepReason::Error, Some(failure)) => end(entry, Outcome::Failed, failure),
            Verdict::Keep(
                reason @ (KeepReason::BucketNotVersioned
                | KeepReason::Locked
                | KeepReason::MarkerReplicates
                | KeepReason::DeleteReplicates),
                failure,
            ) => entry.keep(reason, failure),
            Verdict::Delete(_) | Verdict::Keep(..) => entry.keep(KeepReason::ChangedSinceCheck, None),
        }
        false
    }

    async fn conclude(&self, order: &DeleteOrder, answer: DeleteAnswer, entry: &mut Entry) {
        match answer {
            DeleteAnswer::Done { delete_marker, version_id } => {
                self.done(order, delete_marker, version_id, entry).await;
            }
            DeleteAnswer::Mismatch(failure) | DeleteAnswer::Conflict(failure) => {
                entry.keep(KeepReason::ChangedSinceCheck, Some(failure));
            }
            DeleteAnswer::Absent(failure) => entry.keep(KeepReason::NotFound, Some(failure)),
            DeleteAnswer::Unsupported(failure) if order.mode() == Mode::Hide => {
                entry.keep(KeepReason::Unconditional, Some(failure));
            }
            DeleteAnswer::Denied(failure) => end(entry, Outcome::Denied, failure),
            DeleteAnswer::NoEffect(failure) | DeleteAnswer::Unsupported(failure) => {
                end(entry, Outcome::Failed, failure)
            }
            DeleteAnswer::Errored(failure) => self.lost(order, failure, true, entry).await,
            DeleteAnswer::Lost(failure) => self.lost(order, failure, false, entry).await,
        }
    }

    /// S3 said that it is done; a server's "204" is not always "gone", so look.
    async fn done(&self, order: &DeleteOrder, delete_marker: bool, version_id: Option<String>, entry: &mut Entry) {
        match order.mode() {
            // Left out, the id is null on some servers.
            Mode::Hide if delete_marker && !has_own_id(version_id.as_deref()) => {
                entry.new_marker_version_id = version_id;
                let text = "the delete marker has no id but null: versioning was suspended meanwhile, and a null version, if this was one, is destroyed";
                return end(entry, Outcome::Unknown, unexpected(text));
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
                return end(
                    entry,
                    Outcome::Unknown,
                    unexpected("S3 took the delete and says that it was about a delete marker"),
                );
            }
            Mode::Permanent if version_id.as_deref().is_some_and(|id| !is_version(order, Some(id))) => {
                return end(entry, Outcome::Unknown, unexpected("S3 took the delete and named another version"));
            }
            Mode::Permanent => entry.outcome = Outcome::VersionDeleted,
        }
        if let Ok(HeadAnswer::Object(head)) = self.deleter.look(order).await
            && is_version(order, head.version_id.as_deref())
        {
            entry.new_marker_version_id = None;
            end(entry, Outcome::Unknown, unexpected("S3 took the delete, and the version still answers"));
        }
    }

    /// The answer is missing or says nothing: only looking can tell. `ended` says that the request is over for certain.
    async fn lost(&self, order: &DeleteOrder, failure: Failure, ended: bool, entry: &mut Entry) {
        let look = self.deleter.look(order).await;
        let outcome = match (order.mode(), look) {
            // It was current at the check, and now a marker is: hidden, and the message says that an answer was lost.
            (Mode::Hide, Ok(HeadAnswer::DeleteMarker { version_id })) if has_own_id(version_id.as_deref()) => {
                entry.new_marker_version_id = version_id;
                Outcome::MarkerCreated
            }
            (Mode::Permanent, Ok(HeadAnswer::NotFound)) => Outcome::VersionDeleted,
            (_, Ok(HeadAnswer::Object(head))) if ended && is_version(order, head.version_id.as_deref()) => {
                Outcome::Failed
            }
            (_, Ok(_) | Err(_)) => Outcome::Unknown,
        };
        let message = match outcome {
            Outcome::MarkerCreated => {
                format!("{}; looked up: a delete marker hides it now, this request's or another's", failure.message)
            }
            Outcome::VersionDeleted => format!("{}; looked up: the version is gone", failure.message),
            Outcome::Failed => format!("{}; looked up: the version is still there", failure.message),
            _ => format!("{}; looking it up did not tell what became of it", failure.message),
        };
        end(entry, outcome, Failure { message, ..failure });
    }
}

fn unexpected(text: &str) -> Failure {
    Failure::new("UnexpectedAnswer", text, Some("look at the object's versions before anything else"))
}

/// A marker with the id `null` takes the place of the version that had it.
fn has_own_id(marker: Option<&str>) -> bool {
    marker.is_some_and(|id| !id.is_empty() && id != "null")
}

fn is_version(order: &DeleteOrder, found: Option<&str>) -> bool {
    order.object().version_id.as_ref().is_some_and(|version| version.is_named_by(found))
}

fn end(entry: &mut Entry, outcome: Outcome, failure: Failure) {
    entry.outcome = outcome;
    entry.error = Some(failure);
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::plan::{Decision, DeletionPlan};
    use super::super::policy::tests::{completed, object};
    use super::*;
    use crate::model::FailureKind;
    use crate::rules::{ReplicationRules, Rule, Versioning};
    use crate::status::ObjectHead;

    type Head = Result<HeadAnswer, Failure>;

    /// Answers from a script, and notes how it was asked.
    struct Script {
        checks: Mutex<Vec<Evidence>>,
        looks: Mutex<Vec<Head>>,
        answers: Mutex<Vec<DeleteAnswer>>,
        sent: Mutex<Vec<Condition>>,
    }

    impl Deleter for Script {
        async fn evidence(&self, _: &DeleteOrder) -> Evidence {
            self.checks.lock().unwrap().remove(0)
        }

        async fn look(&self, _: &DeleteOrder) -> Head {
            self.looks.lock().unwrap().remove(0)
        }

        async fn delete(&self, _: &DeleteOrder, condition: Condition) -> DeleteAnswer {
            self.sent.lock().unwrap().push(condition);
            self.answers.lock().unwrap().remove(0)
        }
    }

    fn policy(mode: Mode, custom_endpoint: bool) -> Policy {
        Policy {
            mode,
            allow_marker_replication: false,
            allow_replicated_delete: false,
            allow_unconditional: false,
            custom_endpoint,
        }
    }

    fn evidence(head: Head) -> Evidence {
        Evidence {
            head,
            versioning: Ok(Versioning::Enabled),
            rules: Ok(ReplicationRules::default()),
            asked_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// A plan of as many orders as `versions`, all of one policy.
    fn approved(policy: Policy, versions: &[&str]) -> ApprovedPlan {
        let mut plan = DeletionPlan::new(policy.clone());
        for version in versions {
            let head = ObjectHead { version_id: Some((*version).to_owned()), ..completed() };
            let evidence = evidence(Ok(HeadAnswer::Object(Box::new(head))));
            let object = object(Some(version));
            plan.add(&object, &evidence.head, decide(&object, &evidence, &policy));
        }
        let consent = plan.asks_for();
        assert_eq!(consent.orders, versions.len() as u64);
        plan.approve(consent).unwrap()
    }

    fn there() -> Head {
        Ok(HeadAnswer::Object(Box::new(completed())))
    }

    fn newer() -> Head {
        Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("v2".into()), ..completed() })))
    }

    fn marker() -> Head {
        Ok(HeadAnswer::DeleteMarker { version_id: Some("m1".into()) })
    }

    fn gone() -> Head {
        Ok(HeadAnswer::NotFound)
    }

    fn failure(status: Option<u16>) -> Failure {
        let kind = if status == Some(403) { FailureKind::Denied } else { FailureKind::Other };
        Failure { http_status: status, kind, ..Failure::new("X", "x", None) }
    }

    fn made() -> DeleteAnswer {
        DeleteAnswer::Done { delete_marker: true, version_id: Some("m1".into()) }
    }

    /// Runs a plan; the clock stands `seconds` after the check.
    fn run_plan(plan: ApprovedPlan, script: &Script, late: bool) -> Vec<Entry> {
        let now: fn() -> Timestamp =
            if late { || Timestamp::from_second(60).unwrap() } else { || Timestamp::UNIX_EPOCH };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let entries = runtime.block_on(execute(plan, script, 1, now, &|| false).collect::<Vec<_>>());
        assert!(script.looks.lock().unwrap().is_empty(), "every scripted look was taken");
        assert!(script.checks.lock().unwrap().is_empty(), "every scripted check was taken");
        entries
    }

    fn script(checks: Vec<Evidence>, looks: Vec<Head>, answers: Vec<DeleteAnswer>) -> Script {
        Script { checks: checks.into(), looks: looks.into(), answers: answers.into(), sent: Mutex::default() }
    }

    #[test]
    fn hiding_ends_in_exactly_one_true_outcome() {
        use DeleteAnswer as A;
        let bare = || A::Done { delete_marker: false, version_id: None };
        let null = || A::Done { delete_marker: true, version_id: Some("null".into()) };
        let table = [
            (vec![marker()], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![newer()], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![Err(failure(Some(403)))], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![there()], made(), Outcome::Unknown, None),
            (vec![], null(), Outcome::Unknown, Some("null")),
            (vec![], A::Done { delete_marker: true, version_id: None }, Outcome::Unknown, None),
            (vec![gone()], bare(), Outcome::Unknown, None),
            (vec![marker()], bare(), Outcome::MarkerCreated, Some("m1")),
            (vec![], A::Mismatch(failure(Some(412))), Outcome::Kept, None),
            (vec![], A::Conflict(failure(Some(409))), Outcome::Kept, None),
            (vec![], A::Absent(failure(Some(404))), Outcome::Kept, None),
            (vec![], A::Unsupported(failure(Some(501))), Outcome::Kept, None),
            (vec![], A::Denied(failure(Some(403))), Outcome::Denied, None),
            (vec![], A::NoEffect(failure(Some(503))), Outcome::Failed, None),
            (vec![there()], A::Errored(failure(Some(500))), Outcome::Failed, None),
            (vec![newer()], A::Errored(failure(Some(500))), Outcome::Unknown, None),
            (vec![there()], A::Lost(failure(Some(504))), Outcome::Unknown, None),
            (vec![there()], A::Lost(failure(Some(200))), Outcome::Unknown, None),
            (vec![there()], A::Lost(failure(None)), Outcome::Unknown, None),
            (vec![marker()], A::Lost(failure(None)), Outcome::MarkerCreated, Some("m1")),
            (vec![gone()], A::Lost(failure(None)), Outcome::Unknown, None),
            (vec![Ok(HeadAnswer::DeleteMarker { version_id: None })], A::Lost(failure(None)), Outcome::Unknown, None),
            (
                vec![Ok(HeadAnswer::DeleteMarker { version_id: Some("null".into()) })],
                A::Lost(failure(None)),
                Outcome::Unknown,
                None,
            ),
            (vec![Err(failure(None))], A::Lost(failure(None)), Outcome::Unknown, None),
        ];
        for (at, (looks, answer, outcome, new_marker)) in table.into_iter().enumerate() {
            let script = script(vec![], looks, vec![answer]);
            let entry = run_plan(approved(policy(Mode::Hide, false), &["v1"]), &script, false).remove(0);
            assert_eq!((entry.outcome, entry.new_marker_version_id.as_deref()), (outcome, new_marker), "row {at}");
            assert_eq!(*script.sent.lock().unwrap(), [Condition::Checked], "row {at}: sent once, bound");
            assert_eq!(entry.decision == Decision::Keep, entry.outcome == Outcome::Kept, "row {at}");
        }
    }

    #[test]
    fn removing_checks_before_and_looks_after() {
        use DeleteAnswer as A;
        let done = |id: &str| A::Done { delete_marker: false, version_id: Some(id.into()) };
        let unversioned = || A::Done { delete_marker: false, version_id: None };
        let table = [
            (there(), vec![gone()], done("v1"), Outcome::VersionDeleted, 1),
            (there(), vec![gone()], unversioned(), Outcome::VersionDeleted, 1),
            (there(), vec![Err(failure(Some(403)))], done("v1"), Outcome::VersionDeleted, 1),
            (there(), vec![there()], done("v1"), Outcome::Unknown, 1),
            (there(), vec![], done("v2"), Outcome::Unknown, 1),
            (there(), vec![], made(), Outcome::Unknown, 1),
            (there(), vec![], A::Done { delete_marker: true, version_id: Some("v1".into()) }, Outcome::Unknown, 1),
            (there(), vec![], A::Unsupported(failure(Some(501))), Outcome::Failed, 1),
            (newer(), vec![], done("v1"), Outcome::Failed, 0),
            (marker(), vec![], done("v1"), Outcome::Kept, 0),
            (gone(), vec![], done("v1"), Outcome::AlreadyAbsent, 0),
            (Err(failure(Some(403))), vec![], done("v1"), Outcome::Denied, 0),
            (Err(failure(None)), vec![], done("v1"), Outcome::Failed, 0),
            (there(), vec![gone()], A::Lost(failure(None)), Outcome::VersionDeleted, 1),
            (there(), vec![there()], A::Errored(failure(Some(500))), Outcome::Failed, 1),
            (there(), vec![there()], A::Lost(failure(Some(502))), Outcome::Unknown, 1),
            (there(), vec![Err(failure(Some(403)))], A::Lost(failure(None)), Outcome::Unknown, 1),
        ];
        for (at, (check, looks, answer, outcome, sent)) in table.into_iter().enumerate() {
            let script = script(vec![evidence(check)], looks, vec![answer]);
            let entry = run_plan(approved(policy(Mode::Permanent, true), &["v1"]), &script, false).remove(0);
            assert_eq!((entry.outcome, script.sent.lock().unwrap().len()), (outcome, sent), "row {at}");
        }
    }

    #[test]
    fn an_aged_check_is_made_again_by_the_same_rule() {
        let travels = Rule { delete_marker_replication: true, ..Rule::to("dst") };
        let rules = ReplicationRules { rules: vec![travels], version_deletes_replicate: false };
        let failed = ObjectHead { replication_status: Some("FAILED".into()), ..completed() };
        let other_bytes = ObjectHead { etag: Some("e2".into()), ..completed() };
        let table = [
            (evidence(there()), Outcome::MarkerCreated, "completed"),
            (evidence(newer()), Outcome::Kept, "changed-since-check"),
            (evidence(marker()), Outcome::Kept, "changed-since-check"),
            (evidence(Ok(HeadAnswer::Object(Box::new(failed)))), Outcome::Kept, "changed-since-check"),
            (evidence(Ok(HeadAnswer::Object(Box::new(other_bytes)))), Outcome::Kept, "changed-since-check"),
            (
                Evidence { versioning: Ok(Versioning::Suspended), ..evidence(there()) },
                Outcome::Kept,
                "bucket-not-versioned",
            ),
            (Evidence { rules: Ok(rules), ..evidence(there()) }, Outcome::Kept, "marker-replicates"),
            (Evidence { versioning: Err(failure(Some(403))), ..evidence(there()) }, Outcome::Denied, "completed"),
        ];
        for (at, (check, outcome, reason)) in table.into_iter().enumerate() {
            let looks = if outcome == Outcome::MarkerCreated { vec![marker()] } else { vec![] };
            let script = script(vec![check], looks, vec![made()]);
            let entry = run_plan(approved(policy(Mode::Hide, false), &["v1"]), &script, true).remove(0);
            assert_eq!((entry.outcome, entry.reason.as_str()), (outcome, reason), "row {at}");
            assert_eq!(script.sent.lock().unwrap().is_empty(), outcome != Outcome::MarkerCreated, "row {at}");
        }
    }

    #[test]
    fn another_server_is_asked_first_whether_it_honours_if_match() {
        use Condition::{Checked, Impossible, None as Unbound};
        use DeleteAnswer as A;
        let (mismatch, unsupported) = (|| A::Mismatch(failure(Some(412))), || A::Unsupported(failure(Some(501))));
        let denied = || A::Denied(failure(Some(403)));
        type Row = (bool, Vec<DeleteAnswer>, usize, Vec<Condition>, [&'static str; 2]);
        let table: Vec<Row> = vec![
            (
                false,
                vec![mismatch(), made(), made()],
                2,
                vec![Impossible, Checked, Checked],
                ["marker-created", "marker-created"],
            ),
            (false, vec![made()], 1, vec![Impossible], ["marker-created", "kept"]),
            (true, vec![made(), made()], 2, vec![Impossible, Unbound], ["marker-created", "marker-created"]),
            (false, vec![unsupported()], 0, vec![Impossible], ["kept", "kept"]),
            (
                true,
                vec![unsupported(), made(), made()],
                2,
                vec![Impossible, Unbound, Unbound],
                ["marker-created", "marker-created"],
            ),
            (
                false,
                vec![denied(), mismatch(), made()],
                1,
                vec![Impossible, Impossible, Checked],
                ["denied", "marker-created"],
            ),
            (false, vec![denied(), denied()], 0, vec![Impossible, Impossible], ["denied", "denied"]),
        ];
        for (at, (allow_unconditional, answers, looks, sent, outcomes)) in table.into_iter().enumerate() {
            let script = script(vec![], (0..looks).map(|_| marker()).collect(), answers);
            let policy = Policy { allow_unconditional, ..policy(Mode::Hide, true) };
            let entries = run_plan(approved(policy, &["v1", "v3"]), &script, false);
            assert_eq!([entries[0].outcome.word(), entries[1].outcome.word()], outcomes, "row {at}");
            assert_eq!(*script.sent.lock().unwrap(), sent, "row {at}");
        }
    }

    #[test]
    fn a_stop_sends_nothing_more() {
        for custom_endpoint in [false, true] {
            let script = script(vec![], vec![], vec![]);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let plan = approved(policy(Mode::Hide, custom_endpoint), &["v1"]);
            let run = execute(plan, &script, 1, || Timestamp::UNIX_EPOCH, &|| true).collect::<Vec<_>>();
            assert_eq!(runtime.block_on(run)[0].outcome, Outcome::NotAttempted);
            assert!(script.sent.lock().unwrap().is_empty());
        }
    }
}
