//! The plan of `safe-delete`: every object is checked now, unless the journal has its outcome.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;

use super::Context;
use super::answers::{BesideAnswers, EachAnswer, take_answers};
use super::gather::GatheredList;
use super::objects::RequestedObject;
use super::own_files::{keeping, temporary_file};
use super::wait::{AT_A_TIME, PendingWait};
use crate::deletion::{
    DeleteEntry, DeleteLines, DeleteMode, DeleteOutcome, DeletionPlan, DeletionPlanner, Evidence, HiddenFate,
    Journal as _, JournalState, ObjectOrigin, Policy, SettledOrder, VerifyDeleted, note_hidden, settle, still_done,
};
use crate::journal::{JournalWriter, OpenedJournal};
use crate::model::{Failure, ObjectId, StatusClass, VersionId};
use crate::output::Meter;
use crate::s3::{Replicas, S3Store};
use crate::status::{HeadAnswer, still_listed};

/// What a plan is made from.
pub(super) struct PlanRequest<'a> {
    pub(super) gathered: GatheredList,
    pub(super) past: Option<OpenedJournal<DeleteLines>>,
    pub(super) journal: Option<&'a JournalWriter>,
    pub(super) policy: Policy,
    /// A person will read the plan, and what a lifecycle rule will do to the hidden objects.
    pub(super) is_shown: bool,
    pub(super) wait: Option<Duration>,
    /// Which objects that an earlier run deleted are looked up.
    pub(super) verify: VerifyDeleted,
    pub(super) store: &'a Arc<S3Store>,
    pub(super) replicas: Option<&'a Replicas<'a>>,
    pub(super) context: &'a Context,
}

/// An object on its way into the plan.
enum PlanCandidate {
    /// S3 is asked. `listed`: the text of its key in S3's list, if its reading is unclear.
    Undecided { object: ObjectId, origin: ObjectOrigin, listed: Option<String> },
    /// S3 listed a delete marker: there is nothing to ask.
    Marker(ObjectId),
    /// The journal has its outcome. `is_listed`: S3 listed it now all the same.
    Done { given: ObjectId, entry: Box<DeleteEntry>, is_listed: bool },
    /// The journal has an intent and no outcome: a request may have been sent.
    Open { given: ObjectId, entry: Box<DeleteEntry> },
}

/// An object that goes into the plan.
enum PlannedObject {
    /// It was checked now.
    Checked { object: ObjectId, origin: ObjectOrigin, evidence: Box<Evidence> },
    /// An earlier run sent its delete; `is_new` if the journal must note what a lookup showed now.
    Done { given: ObjectId, entry: Box<DeleteEntry>, is_new: bool },
}

impl PlannedObject {
    /// The object that S3 was asked about, and its size.
    fn asked_about(&self) -> Option<(ObjectId, Option<u64>)> {
        match self {
            Self::Checked { object, evidence, .. } => {
                let size = match &evidence.head {
                    Ok(HeadAnswer::Object(head)) => head.size,
                    Ok(HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. }) | Err(_) => None,
                };
                Some((object.clone(), size))
            }
            Self::Done { .. } => None,
        }
    }
}

/// A lifecycle rule acts after days: it is read once for each bucket.
const LIFECYCLE_HOLDS: Duration = Duration::from_secs(3600);

pub(super) async fn build_plan(from: PlanRequest<'_>) -> Result<DeletionPlan<File>> {
    let PlanRequest { gathered, mut past, journal, policy, is_shown, wait, verify, store, replicas, context } = from;
    let is_shown = is_shown && policy.mode == DeleteMode::Hide;
    let in_flight = context.concurrency.get();
    let meter = match gathered.count {
        0 | 1 => Meter::silent(),
        many => Meter::objects(context.output.progress, &context.printer, Some(many), "asking S3"),
    };
    let bar = meter.until_dropped();
    let wait = wait.map(|most| PendingWait::new(most, context.machine.clock, context.output.progress));
    wait.iter().for_each(|wait| wait.total().store(gathered.count, Ordering::Relaxed));
    let window = if wait.is_some() { in_flight.max(AT_A_TIME) } else { in_flight };
    let done = DoneBefore {
        verify,
        asked: AtomicU64::new(0),
        came_back: AtomicBool::default(),
        passed_over: AtomicBool::default(),
    };
    let query = EvidenceQuery { mode: policy.mode, store, replicas, turn: Semaphore::new(in_flight), wait, done };
    let mut planner = DeletionPlanner::new(policy, temporary_file("plan")?);
    let mut take_all = async |candidates: &mut dyn Iterator<Item = io::Result<PlanCandidate>>| {
        let answers = stream::iter(candidates).map(|next| query.about(next)).buffered(window);
        let mut taker = EachAnswer(async |known: io::Result<PlannedObject>| {
            let known = known?;
            let asked_about = if is_shown { known.asked_about() } else { None };
            let before = planner.orders();
            take(known, &mut planner, journal)?;
            if let Some((object, size)) = asked_about.filter(|_| planner.orders() > before) {
                let lifecycle = store.lifecycle(&object.bucket, LIFECYCLE_HOLDS).await;
                for fate in HiddenFate::of(lifecycle.as_ref(), &object.key, size) {
                    planner.note_fate(fate);
                }
            }
            meter.add(1);
            anyhow::Ok(())
        });
        let beside =
            BesideAnswers { wait: query.wait.as_ref().map(|wait| (wait, &meter, &context.printer)), signals: None };
        Box::pin(take_answers(answers, beside, &mut taker)).await.into_result()
    };
    take_all(&mut gathered.objects()?.map(|found| next(found?, past.as_mut(), query.mode))).await?;
    // A prefix lists only what is left of it: what an earlier run hid is in the journal alone.
    if let Some(past) = &mut past {
        let left = past.replay.take_rest();
        take_all(&mut left.into_iter().map(|state| left_over(state, past))).await?;
    }
    drop(bar);
    if query.done.came_back.load(Ordering::Relaxed) && query.done.passed_over.load(Ordering::Relaxed) {
        context.printer.note(
            "some of the objects that an earlier run deleted are there again, and not all were looked up: use --verify-deleted all",
        );
    }
    planner.finish().with_context(keeping_plan)
}

fn next(
    found: RequestedObject,
    past: Option<&mut OpenedJournal<DeleteLines>>,
    mode: DeleteMode,
) -> io::Result<PlanCandidate> {
    let (object, origin, listed) = match found {
        RequestedObject::Named(object) => (object, ObjectOrigin::Named, None),
        RequestedObject::Listed(found) => (found.object, ObjectOrigin::Listed, found.listed),
        RequestedObject::Marker(marker) => return Ok(PlanCandidate::Marker(marker.object)),
    };
    let Some(past) = past else { return Ok(PlanCandidate::Undecided { object, origin, listed }) };
    let state = past.replay.take_state(&object);
    if state == JournalState::New {
        return Ok(PlanCandidate::Undecided { object, origin, listed });
    }
    match left_over(state, past)? {
        PlanCandidate::Done { given, .. } | PlanCandidate::Open { given, .. } if given != object => {
            Err(io::Error::other(format!("the journal has {given} instead of {object}")))
        }
        PlanCandidate::Done { given, entry, .. } => {
            // A list of versions has hidden ones too.
            let is_listed =
                origin == ObjectOrigin::Listed && (mode == DeleteMode::Permanent || object.version_id.is_none());
            Ok(PlanCandidate::Done { given, entry, is_listed })
        }
        next => Ok(next),
    }
}

fn left_over(state: JournalState, past: &OpenedJournal<DeleteLines>) -> io::Result<PlanCandidate> {
    match state {
        JournalState::New => Err(io::Error::other("the journal does not contain it")),
        JournalState::Done(offset) => {
            let (given, entry) = past.record(offset)?;
            Ok(PlanCandidate::Done { given, entry: entry.into(), is_listed: false })
        }
        JournalState::Open(offset) => {
            past.record(offset).map(|(given, entry)| PlanCandidate::Open { given, entry: entry.into() })
        }
    }
}

fn keeping_plan() -> String {
    keeping("plan")
}

fn take(known: PlannedObject, planner: &mut DeletionPlanner<File>, journal: Option<&JournalWriter>) -> Result<()> {
    match known {
        PlannedObject::Checked { object, origin, evidence } => {
            let before = planner.orders();
            planner.add_from(&object, &evidence, origin).with_context(keeping_plan)?;
            // It is kept now, and the request of the earlier run may still take effect.
            if let Some(journal) = journal
                && origin == ObjectOrigin::Resumed
                && planner.orders() == before
            {
                journal.stay_open();
            }
        }
        PlannedObject::Done { given, entry, is_new } => {
            if let Some(journal) = journal.filter(|_| is_new) {
                journal.settled(&given, &entry)?;
            }
            planner.add_done(&given, &entry).with_context(keeping_plan)?;
        }
    }
    Ok(())
}

/// How S3 is asked.
struct EvidenceQuery<'a> {
    mode: DeleteMode,
    store: &'a Arc<S3Store>,
    replicas: Option<&'a Replicas<'a>>,
    /// Requests in flight.
    turn: Semaphore,
    wait: Option<PendingWait>,
    done: DoneBefore,
}

/// What an earlier run deleted, and is looked up again: another request may have brought it back.
struct DoneBefore {
    verify: VerifyDeleted,
    /// How many there were so far.
    asked: AtomicU64,
    /// One of them is there.
    came_back: AtomicBool,
    /// Not all of them were looked up.
    passed_over: AtomicBool,
}

impl EvidenceQuery<'_> {
    async fn about(&self, next: io::Result<PlanCandidate>) -> io::Result<PlannedObject> {
        Ok(match next? {
            // Boxed, because the compiler has a limit for how deep futures are nested.
            PlanCandidate::Undecided { object, origin, listed } => {
                Box::pin(self.evidence(object, origin, listed)).await
            }
            PlanCandidate::Marker(object) => {
                let version_id = object.version_id.as_ref().map(|version| version.as_str().to_owned());
                let bucket = self.store.bucket_facts(&object.bucket).await;
                let head = Ok(HeadAnswer::DeleteMarker { version_id });
                let asked_at = bucket.asked_at;
                let evidence = Evidence { head, bucket, replicas: None, annotations: None, asked_at };
                PlannedObject::Checked { object, origin: ObjectOrigin::Listed, evidence: evidence.into() }
            }
            PlanCandidate::Done { given, entry, is_listed } => self.done_before(given, *entry, is_listed).await,
            PlanCandidate::Open { given, entry } => {
                // One HEAD settles it and is what it is decided from: nothing can change in between.
                let evidence = self.collect(&pinned(&given, &entry, self.mode)).await;
                match settle(*entry, self.mode, evidence.head.clone()) {
                    SettledOrder::Done(mut entry) => {
                        self.see_what_was_hidden(&given, &mut entry).await;
                        PlannedObject::Done { given, entry: entry.into(), is_new: true }
                    }
                    SettledOrder::Unknown(entry) => PlannedObject::Done { given, entry: entry.into(), is_new: false },
                    SettledOrder::Undone => PlannedObject::Checked {
                        object: given,
                        origin: ObjectOrigin::Resumed,
                        evidence: evidence.into(),
                    },
                }
            }
        })
    }

    /// The request of an earlier run may have had no If-Match: AWS supports it, and other servers may not.
    async fn see_what_was_hidden(&self, given: &ObjectId, entry: &mut DeleteEntry) {
        if !self.store.has_custom_endpoint() {
            return;
        }
        let Some(marker) = entry.new_marker_version_id.clone() else { return };
        let shown = {
            let _turn = self.turn.acquire().await;
            self.store.hidden_by(given, Some(&marker)).await
        };
        note_hidden(entry, shown, None);
    }

    async fn done_before(&self, given: ObjectId, entry: DeleteEntry, is_listed: bool) -> PlannedObject {
        let nth = self.done.asked.fetch_add(1, Ordering::Relaxed);
        if !is_listed && !self.done.verify.wants(nth, self.done.came_back.load(Ordering::Relaxed)) {
            self.done.passed_over.store(true, Ordering::Relaxed);
            return PlannedObject::Done { given, entry: entry.into(), is_new: false };
        }
        let object = match self.mode {
            DeleteMode::Hide => ObjectId { version_id: None, ..given.clone() },
            DeleteMode::Permanent => pinned(&given, &entry, self.mode),
        };
        let look = {
            let _turn = self.turn.acquire().await;
            self.store.head(&object).await
        };
        let before = entry.outcome;
        let mut entry = still_done(entry, self.mode, &look);
        if entry.outcome != before {
            self.done.came_back.store(true, Ordering::Relaxed);
        }
        // A marker that was removed since was made all the same, and `undo` reads the journal.
        let is_new = entry.outcome == DeleteOutcome::Unknown;
        if is_listed && let Err(failure) = look {
            entry.end(DeleteOutcome::Unknown, listed_and_not_seen(failure));
        }
        PlannedObject::Done { given, entry: entry.into(), is_new }
    }

    async fn collect(&self, object: &ObjectId) -> Evidence {
        let _turn = self.turn.acquire().await;
        self.store.evidence(object, self.mode, self.replicas).await
    }

    async fn evidence(&self, object: ObjectId, origin: ObjectOrigin, listed: Option<String>) -> PlannedObject {
        let mut evidence = self.collect(&object).await;
        if let Some(wait) = &self.wait
            && is_pending(&evidence.head)
        {
            let head = async |pinned: ObjectId| {
                let _turn = self.turn.acquire().await;
                self.store.head(&pinned).await
            };
            let (_, head) = wait.settle(&object, evidence.head.clone(), head).await;
            // What was waited for was one version; what is there now is asked about again.
            evidence = if is_pending(&head) { Evidence { head, ..evidence } } else { self.collect(&object).await };
        }
        if origin == ObjectOrigin::Listed && evidence.head.as_ref().is_ok_and(HeadAnswer::is_gone) {
            // Hiding is about the current object, not about the version that was listed.
            let asked = match self.mode {
                DeleteMode::Hide => ObjectId { version_id: None, ..object.clone() },
                DeleteMode::Permanent => object.clone(),
            };
            let still = {
                let _turn = self.turn.acquire().await;
                self.store.still_lists(&asked, listed.as_deref()).await
            };
            match still {
                Ok(false) => {}
                Ok(true) => {
                    // It may have been written again between the two questions.
                    evidence = self.collect(&object).await;
                    if evidence.head.as_ref().is_ok_and(HeadAnswer::is_gone) {
                        evidence.head = Err(still_listed(&asked));
                    }
                }
                Err(failure) => evidence.head = Err(failure),
            }
        }
        PlannedObject::Checked { object, origin, evidence: evidence.into() }
    }
}

/// The list of this run and an earlier run differ, and the lookup failed.
fn listed_and_not_seen(failure: Failure) -> Failure {
    let message = format!("an earlier run deleted it, S3 lists it now, and a lookup failed: {}", failure.message);
    Failure { message, ..failure }
}

/// What an open intent is about: the version that it names, or what is current.
fn pinned(given: &ObjectId, entry: &DeleteEntry, mode: DeleteMode) -> ObjectId {
    let version =
        entry.version_id.clone().filter(|_| mode == DeleteMode::Permanent).and_then(|id| VersionId::new(id).ok());
    version.map_or_else(|| given.clone(), |version| given.with_version(version))
}

fn is_pending(head: &Result<HeadAnswer, Failure>) -> bool {
    matches!(head, Ok(HeadAnswer::Object(head)) if head.replication_status.class() == StatusClass::Pending)
}
