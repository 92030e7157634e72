//! `--wait`: pending objects are checked again until they are replicated or failed, at growing intervals, each pinned to
//! the version that answered first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::deletion::Clock;
use crate::model::{Failure, ObjectId, StatusClass, VersionId, human_count};
use crate::output::{Meter, Printer, ProgressChoice, ago, plural};
use crate::status::HeadAnswer;

/// The first pause; each is half as long again as the one before. Small objects often arrive within seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long after the timeout the last answer may arrive.
const LAST_ANSWER: Duration = Duration::from_secs(5);
/// Without a progress bar, the pending objects are printed this often.
const PRINT_EVERY: Duration = Duration::from_secs(60);
/// The progress bar shows the pending objects, and shows them again this often.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Objects waited for at a time.
pub(super) const AT_A_TIME: usize = 4096;

/// Which objects are pending, and until when to wait.
#[derive(Debug)]
pub(super) struct PendingWait {
    until: Instant,
    /// Objects of the run; 0 while that is not known.
    total: Arc<AtomicU64>,
    clock: Clock,
    /// Whether failed objects are waited for too.
    through_failed: bool,
    /// Whether pending objects are shown on a line where there is no progress bar.
    has_lines: bool,
    waiting: Mutex<PendingObjects>,
}

/// Pending objects by when they were written.
#[derive(Debug, Default)]
struct PendingObjects {
    objects: BTreeMap<(Timestamp, u64), PendingAnswer>,
    /// How many there were so far: it tells those apart that were written at one time.
    count: u64,
    printed: Option<Instant>,
    /// What was pending when a signal came.
    stopped: Vec<PendingAnswer>,
}

/// A pending object, and its last answer.
type PendingAnswer = (ObjectId, Result<HeadAnswer, Failure>);

impl PendingWait {
    /// Waits for no longer than `most` from now on.
    pub(super) fn new(most: Duration, clock: Clock, progress: ProgressChoice) -> Self {
        let until = Instant::now() + most;
        let has_lines = progress != ProgressChoice::Never;
        Self { until, total: Arc::default(), clock, through_failed: false, has_lines, waiting: Mutex::default() }
    }

    /// Where the number of objects of the run is kept, once it is known.
    pub(super) fn total(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.total)
    }

    /// Takes what is pending now, before the requests of the run are dropped.
    pub(super) fn stop(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.stopped = std::mem::take(&mut waiting.objects).into_values().collect();
    }

    /// The objects that were pending at [`stop`](Self::stop), oldest first.
    pub(super) fn stopped(&self) -> Vec<PendingAnswer> {
        std::mem::take(&mut lock(&self.waiting).stopped)
    }

    /// Some servers retry failed objects.
    pub(super) fn through_failed(self, through_failed: bool) -> Self {
        Self { through_failed, ..self }
    }

    /// Returns the answer once it is neither PENDING nor, where that is waited for, FAILED; or the last one before the
    /// timeout. `ask` sends one more request.
    pub(super) async fn settle<F>(
        &self,
        object: &ObjectId,
        mut answer: Result<HeadAnswer, Failure>,
        ask: impl Fn(ObjectId) -> F,
    ) -> (ObjectId, Result<HeadAnswer, Failure>)
    where
        F: Future<Output = Result<HeadAnswer, Failure>>,
    {
        let Some(mut before) = self.unsettled(&answer) else { return (object.clone(), answer) };
        let pinned = before.pin(object);
        let guard = self.begin(&pinned, &answer, before.written);
        let mut pause = FIRST_PAUSE;
        let end = self.until.checked_add(LAST_ANSWER).unwrap_or(self.until);
        loop {
            tokio::time::sleep_until(self.until.min(Instant::now() + pause)).await;
            // A server that hangs leaves the last answer standing.
            let Ok(next) = tokio::time::timeout_at(end, ask(pinned.clone())).await else {
                return (pinned, answer);
            };
            answer = next;
            // Without a version ID nothing pins it but what was seen.
            if PendingObject::of(&answer).is_some_and(|now| now.etag != before.etag || now.written != before.written) {
                return (pinned.clone(), Err(changed(&pinned)));
            }
            match self.unsettled(&answer) {
                None => return (pinned, answer),
                Some(now) => {
                    before = now;
                    guard.update(&answer);
                }
            }
            if Instant::now() >= self.until {
                return (pinned, answer);
            }
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// As [`Self::settle`]. Where the address names no version, a yes is about the version that is current at the end.
    pub(super) async fn settle_current<F>(
        &self,
        object: &ObjectId,
        mut answer: Result<HeadAnswer, Failure>,
        ask: impl Fn(ObjectId) -> F,
    ) -> SettledAnswer
    where
        F: Future<Output = Result<HeadAnswer, Failure>>,
    {
        let mut newer = None;
        loop {
            let (pinned, settled) = self.settle(object, answer, &ask).await;
            // Another version in the answer makes it unusable, and no later answer repairs that.
            if pinned == *object || !is_yes(&settled) || !is_about(&pinned, &settled) {
                return SettledAnswer { object: pinned, answer: settled, newer };
            }
            let now = ask(object.clone()).await;
            let is_current = is_about(&pinned, &now);
            if !is_current {
                newer = Some(not_current(&pinned));
            }
            if Instant::now() >= self.until || self.unsettled(&now).is_none() {
                let object = if is_current { pinned } else { object.clone() };
                return SettledAnswer { object, answer: now, newer };
            }
            answer = now;
        }
    }

    /// Shows the pending objects: in the progress bar, or on a line every minute.
    pub(super) fn show(&self, meter: &Meter, printer: &Printer) {
        let text = self.text();
        if meter.is_bar() {
            return meter.wait_for(text.as_deref());
        }
        let Some(text) = text.filter(|_| self.has_lines) else { return };
        let mut waiting = lock(&self.waiting);
        if waiting.printed.is_none_or(|before| before.elapsed() >= PRINT_EVERY) {
            waiting.printed = Some(Instant::now());
            printer.note(text);
        }
    }

    /// One line about the pending objects; `None` if there are none.
    fn text(&self) -> Option<String> {
        let waiting = lock(&self.waiting);
        let ((written, _), _) = waiting.objects.first_key_value()?;
        let age = ago(self.clock.now().wall.duration_since(*written).as_secs());
        let left = self.until.saturating_duration_since(Instant::now()).as_secs();
        let count = waiting.objects.len() as u64;
        let total = self.total.load(Ordering::Relaxed);
        let of = match total {
            0 => plural(count, "object"),
            total => format!("{} of {}", human_count(count), plural(total.max(count), "object")),
        };
        // It may be pending for a shorter time: a change of its metadata makes an object pending again.
        Some(format!("waiting for {of}, the oldest written {age} ago, {} left", minutes(left)))
    }

    /// What is waited for; `None` where the answer is settled.
    fn unsettled(&self, answer: &Result<HeadAnswer, Failure>) -> Option<PendingObject> {
        let Ok(HeadAnswer::Object(head)) = answer else { return None };
        let waited_for = match head.replication_status.class() {
            StatusClass::Pending => true,
            StatusClass::Failed => self.through_failed,
            StatusClass::Replicated | StatusClass::Replica | StatusClass::NotReplicated | StatusClass::Unknown => false,
        };
        PendingObject::of(answer).filter(|_| waited_for)
    }

    fn begin(
        &self,
        object: &ObjectId,
        answer: &Result<HeadAnswer, Failure>,
        written: Option<Timestamp>,
    ) -> PendingGuard<'_> {
        let mut waiting = lock(&self.waiting);
        waiting.count += 1;
        let place = (written.unwrap_or_else(|| self.clock.now().wall), waiting.count);
        waiting.objects.insert(place, (object.clone(), answer.clone()));
        PendingGuard { wait: self, place }
    }
}

/// An answer that was waited for.
pub(super) struct SettledAnswer {
    /// What the answer is about.
    pub(super) object: ObjectId,
    pub(super) answer: Result<HeadAnswer, Failure>,
    /// The version that was waited for first is not current any more.
    pub(super) newer: Option<Failure>,
}

/// Whether this may be reported as replicated.
fn is_yes(answer: &Result<HeadAnswer, Failure>) -> bool {
    matches!(answer, Ok(HeadAnswer::Object(head))
        if matches!(head.replication_status.class(), StatusClass::Replicated | StatusClass::Replica))
}

fn is_about(pinned: &ObjectId, answer: &Result<HeadAnswer, Failure>) -> bool {
    matches!(answer, Ok(HeadAnswer::Object(head))
        if pinned.version_id.as_ref().is_some_and(|id| id.is_named_by(head.version_id.as_deref())))
}

fn not_current(waited_for: &ObjectId) -> Failure {
    let text = format!(
        "{waited_for} was waited for, and is not the current version any more: this is about what is current now"
    );
    Failure::new("Changed", text, None)
}

struct PendingGuard<'a> {
    wait: &'a PendingWait,
    place: (Timestamp, u64),
}

impl PendingGuard<'_> {
    fn update(&self, answer: &Result<HeadAnswer, Failure>) {
        if let Some((_, last)) = lock(&self.wait.waiting).objects.get_mut(&self.place) {
            last.clone_from(answer);
        }
    }
}

impl Drop for PendingGuard<'_> {
    fn drop(&mut self) {
        lock(&self.wait.waiting).objects.remove(&self.place);
    }
}

/// A pending object as it last answered.
struct PendingObject {
    version_id: Option<String>,
    etag: Option<String>,
    written: Option<Timestamp>,
}

impl PendingObject {
    fn of(answer: &Result<HeadAnswer, Failure>) -> Option<Self> {
        let Ok(HeadAnswer::Object(head)) = answer else { return None };
        Some(Self { version_id: head.version_id.clone(), etag: head.etag.clone(), written: head.last_modified })
    }

    fn pin(&self, object: &ObjectId) -> ObjectId {
        match self.version_id.clone().and_then(|id| VersionId::new(id).ok()) {
            Some(id) => object.with_version(id),
            None => object.clone(),
        }
    }
}

fn changed(object: &ObjectId) -> Failure {
    Failure::new(
        "Changed",
        format!("waiting for {object}: it was written again meanwhile"),
        Some(match &object.version_id {
            None => "S3 gave no version ID to follow the object by: run the command again",
            // A version never changes.
            Some(_) => "the server changed a version: run the command again",
        }),
    )
}

/// `2m 30s`, `14m`, `45s`; hours as [`ago`] writes them.
fn minutes(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (1..60, rest @ 1..) => format!("{}m {rest}s", seconds / 60),
        _ => ago(seconds.try_into().unwrap_or(i64::MAX)),
    }
}

fn lock(waiting: &Mutex<PendingObjects>) -> MutexGuard<'_, PendingObjects> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
