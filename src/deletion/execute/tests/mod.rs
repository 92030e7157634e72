//! Execution against a deleter that answers from a script.

mod checks;
mod hide;
mod outcomes;
mod remove;

use std::cell::Cell;
use std::io::Cursor;
use std::sync::Mutex;

use futures_util::StreamExt;
use s3_answers::{KeyAnswer, KeyResult, ReplicationRule, ReplicationRules, Versioning};

use crate::deletion::fixtures::{completed, evidence as evidence_of, moment, object, policy as policy_of};
use crate::deletion::*;
use crate::model::{Failure, FailureKind, ObjectId, ReplicationStatus};
use crate::status::{Destination, DestinationVerdict, HeadAnswer, NamedBy, ObjectHead};

use DeleteMode::{Hide, Permanent};
use DeleteOutcome as O;

type HeadResult = Result<HeadAnswer, Failure>;

thread_local! {
    /// A clock that each check moves on; seconds.
    static CLOCK: Cell<u32> = const { Cell::new(60) };
}

fn now() -> Moment {
    moment(CLOCK.get())
}

/// Answers from a script, and notes how it was asked.
struct ScriptedDeleter {
    checks: Mutex<Vec<Evidence>>,
    /// Seconds that each of them takes.
    a_check_takes: u32,
    /// How often an order may be sent.
    sends: u32,
    /// How many deletes wait for their turn until their check is too old.
    late: Mutex<u32>,
    looks: Mutex<Vec<HeadResult>>,
    answers: Mutex<Vec<DeleteAnswer>>,
    batches: Mutex<Vec<BatchAnswer>>,
    hidden: Mutex<Vec<Result<Option<String>, Failure>>>,
    marker_looks: Mutex<Vec<Result<MarkerLook, Failure>>>,
    bucket: Mutex<BucketFacts>,
    sent: Mutex<Vec<IfMatch>>,
    /// Keys of each batch.
    sent_batches: Mutex<Vec<Vec<String>>>,
    /// How often other tasks get their turn while a batch is answered.
    a_batch_takes: u32,
    /// Whether a pause ends, after as many seconds as were asked for; otherwise none does.
    pauses_end: bool,
    /// The check with this many others after it is answered only when a batch has left.
    held_back: Option<usize>,
    checks_in_flight: InFlight,
    batches_in_flight: InFlight,
    /// How many checks were still to come when each batch left.
    checks_to_come: Mutex<Vec<usize>>,
}

/// How many requests are in flight, and how many were at most.
#[derive(Default)]
struct InFlight(Mutex<(usize, usize)>);

impl InFlight {
    fn begin(&self) {
        let mut counts = self.0.lock().unwrap();
        counts.0 += 1;
        counts.1 = counts.1.max(counts.0);
    }

    fn end(&self) {
        self.0.lock().unwrap().0 -= 1;
    }

    fn most(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

impl ScriptedDeleter {
    fn sent_nothing(&self) -> bool {
        self.sent.lock().unwrap().is_empty() && self.sent_batches.lock().unwrap().is_empty()
    }

    fn wait_for_the_turn(&self) {
        let mut late = self.late.lock().unwrap();
        if *late > 0 {
            *late -= 1;
            CLOCK.set(CLOCK.get() + 4);
        }
    }
}

impl Deleter for ScriptedDeleter {
    async fn evidence(&self, _: &DeleteOrder) -> Evidence {
        let asked_at = now();
        CLOCK.set(CLOCK.get() + self.a_check_takes);
        let (evidence, to_come) = {
            let mut checks = self.checks.lock().unwrap();
            (checks.remove(0), checks.len())
        };
        self.checks_in_flight.begin();
        tokio::task::yield_now().await;
        // Not for ever, so that a test that fails ends.
        for _ in 0..1000 {
            if self.held_back != Some(to_come) || !self.sent_batches.lock().unwrap().is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.checks_in_flight.end();
        Evidence { asked_at, ..evidence }
    }

    async fn look(&self, _: &DeleteOrder) -> HeadResult {
        self.looks.lock().unwrap().remove(0)
    }

    async fn bucket(&self, _: &DeleteOrder) -> BucketFacts {
        BucketFacts { asked_at: now(), ..self.bucket.lock().unwrap().clone() }
    }

    async fn hidden_by(&self, _: &DeleteOrder, _: Option<&str>) -> Result<Option<String>, Failure> {
        self.hidden.lock().unwrap().remove(0)
    }

    async fn look_at_marker(&self, _: &DeleteOrder, _: &str) -> Result<MarkerLook, Failure> {
        self.marker_looks.lock().unwrap().remove(0)
    }

    fn undo(&self, _: &DeleteOrder, marker: &str) -> String {
        format!("undo {marker}")
    }

    async fn delete_batch(&self, orders: &[FreshOrder<'_>]) -> BatchAnswer {
        self.wait_for_the_turn();
        if !orders.iter().all(|fresh| may_leave(fresh.asked_at(), now())) {
            return BatchAnswer::All(DeleteAnswer::Aged);
        }
        let keys = orders.iter().map(|fresh| fresh.order().object().key.clone()).collect();
        self.sent_batches.lock().unwrap().push(keys);
        let to_come = self.checks.lock().unwrap().len();
        self.checks_to_come.lock().unwrap().push(to_come);
        let answer = self.batches.lock().unwrap().remove(0);
        self.batches_in_flight.begin();
        for _ in 0..self.a_batch_takes {
            tokio::task::yield_now().await;
        }
        self.batches_in_flight.end();
        answer
    }

    async fn may_send_again(&self, sends: u32) -> bool {
        CLOCK.set(CLOCK.get() + 10);
        sends < self.sends
    }

    async fn pause(&self, time: std::time::Duration) {
        if !self.pauses_end {
            std::future::pending::<()>().await;
        }
        CLOCK.set(CLOCK.get() + u32::try_from(time.as_secs()).unwrap());
    }

    async fn delete(&self, fresh: &FreshOrder<'_>, condition: IfMatch) -> DeleteAnswer {
        self.wait_for_the_turn();
        if !may_leave(fresh.asked_at(), now()) {
            return DeleteAnswer::Aged;
        }
        self.sent.lock().unwrap().push(condition);
        self.answers.lock().unwrap().remove(0)
    }
}

fn policy(mode: DeleteMode, custom_endpoint: bool) -> Policy {
    Policy { custom_endpoint, ..policy_of(mode) }
}

fn facts() -> BucketFacts {
    evidence_of(completed()).bucket
}

fn evidence(head: HeadResult) -> Evidence {
    let replicas = Some(Ok(vec![destination(DestinationVerdict::InSync)]));
    Evidence { head, replicas, ..evidence_of(completed()) }
}

fn destination(verdict: DestinationVerdict) -> Destination {
    Destination { verdict, ..Destination::unknown("dst", NamedBy::Rule) }
}

type MemoryFile = Cursor<Vec<u8>>;

/// A plan of these objects, all of one policy.
fn planned(policy: Policy, objects: &[ObjectId]) -> ApprovedPlan<MemoryFile> {
    let mut planner = DeletionPlanner::new(policy, MemoryFile::default());
    for object in objects {
        planner.add(object, &evidence(version_head(object.version_id.as_ref().unwrap().as_str()))).unwrap();
    }
    assert_eq!(planner.orders(), objects.len() as u64);
    approve(planner)
}

fn approve(planner: DeletionPlanner<MemoryFile>) -> ApprovedPlan<MemoryFile> {
    let plan = planner.finish().unwrap();
    let consent = plan.asks_for();
    plan.approve(consent).unwrap()
}

/// A plan of as many orders as `versions`.
fn approved(policy: Policy, versions: &[&str]) -> ApprovedPlan<MemoryFile> {
    let objects: Vec<ObjectId> = versions.iter().map(|version| object(Some(version))).collect();
    planned(policy, &objects)
}

fn head(head: ObjectHead) -> HeadResult {
    Ok(HeadAnswer::Object(Box::new(head)))
}

fn version_head(version: &str) -> HeadResult {
    head(ObjectHead { version_id: Some(version.into()), ..completed() })
}

fn status_head(status: &str) -> HeadResult {
    head(ObjectHead { replication_status: ReplicationStatus::of_header(status), ..completed() })
}

fn there() -> HeadResult {
    head(completed())
}

/// As some servers answer for what they deleted.
fn readable() -> HeadResult {
    head(ObjectHead { replication_status: ReplicationStatus::default(), ..completed() })
}

fn newer() -> HeadResult {
    version_head("v2")
}

fn marker() -> HeadResult {
    Ok(HeadAnswer::DeleteMarker { version_id: Some("m1".into()) })
}

fn gone() -> HeadResult {
    Ok(HeadAnswer::NotFound)
}

fn failure(status: Option<u16>) -> Failure {
    let kind = if status == Some(403) { FailureKind::Denied } else { FailureKind::Other };
    Failure { http_status: status, kind, ..Failure::new("X", "x", None) }
}

fn made() -> DeleteAnswer {
    DeleteAnswer::Done { delete_marker: true, version_id: Some("m1".into()) }
}

/// The intents and outcomes that were noted, in order.
#[derive(Default)]
struct RecordingJournal(Mutex<Vec<String>>, bool);

impl Journal for RecordingJournal {
    async fn intend(&self, orders: &[(&DeleteOrder, &DeleteEntry)]) -> Result<(), Failure> {
        if self.1 {
            return Err(failure(None));
        }
        let keys: Vec<&str> = orders.iter().map(|(order, _)| order.object().key.as_str()).collect();
        self.0.lock().unwrap().push(format!("intent {}", keys.join(" ")));
        Ok(())
    }

    fn ended(&self, order: &DeleteOrder, entry: &DeleteEntry) -> Result<(), Failure> {
        self.0.lock().unwrap().push(format!("{} {}", entry.outcome.word(), order.object().key));
        Ok(())
    }

    fn settled(&self, given: &ObjectId, entry: &DeleteEntry) -> Result<(), Failure> {
        self.0.lock().unwrap().push(format!("{} {}", entry.outcome.word(), given.key));
        Ok(())
    }

    fn stay_open(&self) {
        self.0.lock().unwrap().push("open".to_owned());
    }
}

const NO_JOURNAL: Option<&RecordingJournal> = None;

fn execution<'a, J>(
    script: &'a ScriptedDeleter,
    journal: Option<&'a J>,
    late: bool,
) -> DeleteExecution<'a, ScriptedDeleter, J> {
    CLOCK.set(if late { 61 } else { 60 });
    DeleteExecution {
        deleter: script,
        journal,
        concurrency: 1,
        verify: VerifyDeleted::Sample,
        clock: Clock(now),
        not_before: None,
        stop: &|| false,
    }
}

fn events<J: Journal>(
    plan: ApprovedPlan<MemoryFile>,
    execution: DeleteExecution<'_, ScriptedDeleter, J>,
) -> Vec<DeleteEvent> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(execute(plan, execution).unwrap().map(Result::unwrap).collect())
}

/// Runs a plan; a minute after the check, or a second later.
fn run_plan(plan: ApprovedPlan<MemoryFile>, script: &ScriptedDeleter, late: bool) -> Vec<DeleteEntry> {
    let noted = RecordingJournal::default();
    let events = events(plan, execution(script, Some(&noted), late));
    assert!(script.looks.lock().unwrap().is_empty(), "every scripted look was taken");
    assert!(script.checks.lock().unwrap().is_empty(), "every scripted check was taken");
    assert!(script.hidden.lock().unwrap().is_empty(), "every scripted list was taken");
    assert!(script.marker_looks.lock().unwrap().is_empty(), "every scripted look at a marker was taken");
    let sent = script.sent.lock().unwrap().len() + script.sent_batches.lock().unwrap().len();
    assert_eq!(noted.0.lock().unwrap().is_empty(), sent == 0, "nothing leaves before the journal knows");
    let ended = |event| match event {
        DeleteEvent::Ended(entry) => Some(entry),
        DeleteEvent::NotLookedUp(_) => None,
        other => panic!("{other:?}"),
    };
    events.into_iter().filter_map(ended).collect()
}

fn script(checks: Vec<Evidence>, looks: Vec<HeadResult>, answers: Vec<DeleteAnswer>) -> ScriptedDeleter {
    ScriptedDeleter {
        checks: checks.into(),
        a_check_takes: 0,
        sends: 1,
        late: Mutex::default(),
        looks: looks.into(),
        answers: answers.into(),
        batches: Mutex::default(),
        hidden: Mutex::default(),
        marker_looks: Mutex::default(),
        bucket: facts().into(),
        sent: Mutex::default(),
        sent_batches: Mutex::default(),
        a_batch_takes: 0,
        pauses_end: false,
        held_back: None,
        checks_in_flight: InFlight::default(),
        batches_in_flight: InFlight::default(),
        checks_to_come: Mutex::default(),
    }
}

/// A script whose batches are answered like this.
fn batches(checks: Vec<Evidence>, looks: Vec<HeadResult>, batches: Vec<BatchAnswer>) -> ScriptedDeleter {
    ScriptedDeleter { batches: batches.into(), ..script(checks, looks, vec![]) }
}

/// Runs a plan of one order, of version v1.
fn run_one(policy: Policy, script: &ScriptedDeleter) -> DeleteEntry {
    run_plan(approved(policy, &["v1"]), script, false).remove(0)
}

/// The entry of a run of one order.
#[track_caller]
fn only(events: Vec<DeleteEvent>) -> DeleteEntry {
    match <[DeleteEvent; 1]>::try_from(events) {
        Ok([DeleteEvent::Ended(entry)]) => entry,
        other => panic!("{other:?}"),
    }
}

/// The answer about one version of the key of [`object`].
fn one(version: Option<&str>, result: KeyResult) -> BatchAnswer {
    let version_id = version.map(str::to_owned);
    BatchAnswer::Listed(vec![KeyAnswer { key: object(None).key, version_id, result }])
}

fn deleted(version: Option<&str>, delete_marker: bool) -> BatchAnswer {
    one(version, KeyResult::Deleted { delete_marker })
}

fn refused(code: &str) -> BatchAnswer {
    one(Some("v1"), KeyResult::Error { code: code.into(), message: "no".into() })
}

/// The answer that each of these keys is deleted.
fn all_deleted(keys: &[&str]) -> BatchAnswer {
    let one = |key: &&str| KeyAnswer {
        key: (*key).to_owned(),
        version_id: Some("v1".into()),
        result: KeyResult::Deleted { delete_marker: false },
    };
    BatchAnswer::Listed(keys.iter().map(one).collect())
}
