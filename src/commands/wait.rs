//! `--wait`: what is pending is asked for again until it is not, at growing intervals, pinned to the version that
//! answered first.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::model::{Failure, ObjectId, StatusClass, VersionId};
use crate::output::{Meter, Printer, ago, plural};
use crate::status::HeadAnswer;

/// The first pause; each is half as long again as the one before. Small objects often arrive within seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Without a progress bar, the pending objects are printed this often.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// The pending objects are looked at this often.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Objects waited for at a time.
pub(super) const AT_A_TIME: usize = 4096;

/// What is waited for, and until when.
#[derive(Debug)]
pub(super) struct PendingWait {
    until: Instant,
    now: fn() -> Timestamp,
    /// Whether failed objects are waited for too.
    through_failed: bool,
    waiting: Mutex<PendingObjects>,
}

/// Pending objects by when they were written.
#[derive(Debug, Default)]
struct PendingObjects {
    objects: BTreeMap<(Timestamp, u64), String>,
    came: u64,
    told: Option<Instant>,
}

impl PendingWait {
    /// Waits for no longer than `most` from now on.
    pub(super) fn new(most: Duration, now: fn() -> Timestamp) -> Self {
        // A time that no clock reaches is no limit.
        let until = Instant::now().checked_add(most);
        let until = until.unwrap_or_else(|| Instant::now() + Duration::from_secs(100 * 365 * 86_400));
        Self { until, now, through_failed: false, waiting: Mutex::default() }
    }

    /// Some servers retry failed objects by themselves.
    pub(super) fn through_failed(self, through_failed: bool) -> Self {
        Self { through_failed, ..self }
    }

    /// The answer once it is neither PENDING nor, where that is waited for, FAILED; or the last one before time ran out.
    /// `ask` asks once more.
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
        let _waiting = self.begin(&pinned, before.written);
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::time::sleep_until(self.until.min(Instant::now() + pause)).await;
            answer = ask(pinned.clone()).await;
            match self.unsettled(&answer) {
                None => return (pinned, answer),
                // Without a version id nothing pins it but what was seen.
                Some(now) if now.etag != before.etag || now.written != before.written => {
                    return (pinned.clone(), Err(changed(&pinned)));
                }
                Some(now) => before = now,
            }
            if Instant::now() >= self.until {
                return (pinned, answer);
            }
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Shows what is waited for: in the progress bar, or every minute on a line.
    pub(super) fn tell(&self, meter: &Meter, printer: &Printer) {
        let Some(text) = self.text() else { return };
        if meter.is_bar() {
            return meter.say(&text);
        }
        let mut waiting = lock(&self.waiting);
        if waiting.told.is_none_or(|before| before.elapsed() >= TELL_EVERY) {
            waiting.told = Some(Instant::now());
            printer.note(text);
        }
    }

    /// One line on what is waited for; `None` while there is nothing.
    fn text(&self) -> Option<String> {
        let waiting = lock(&self.waiting);
        let ((written, _), longest) = waiting.objects.first_key_value()?;
        let since = ago((self.now)().duration_since(*written).as_secs());
        let left = self.until.saturating_duration_since(Instant::now()).as_secs();
        let count = waiting.objects.len() as u64;
        let what = match count {
            1 => format!("waiting for {longest}, written {since} ago"),
            _ => format!("waiting for {}, the oldest {longest}, written {since} ago", plural(count, "pending object")),
        };
        Some(format!("{what}; for another {} at the most", ago(left.try_into().unwrap_or(i64::MAX))))
    }

    /// What is waited for; `None` where the answer is settled.
    fn unsettled(&self, answer: &Result<HeadAnswer, Failure>) -> Option<PendingObject> {
        let Ok(HeadAnswer::Object(head)) = answer else { return None };
        let waited_for = match head.replication_status.class() {
            StatusClass::Pending => true,
            StatusClass::Failed => self.through_failed,
            StatusClass::Replicated | StatusClass::Replica | StatusClass::NotReplicated | StatusClass::Unknown => false,
        };
        waited_for.then(|| PendingObject {
            version_id: head.version_id.clone(),
            etag: head.etag.clone(),
            written: head.last_modified,
        })
    }

    fn begin(&self, object: &ObjectId, written: Option<Timestamp>) -> impl Drop + use<'_> {
        let mut waiting = lock(&self.waiting);
        waiting.came += 1;
        let place = (written.unwrap_or_else(self.now), waiting.came);
        waiting.objects.insert(place, object.to_string());
        PendingGuard { wait: self, place }
    }
}

struct PendingGuard<'a> {
    wait: &'a PendingWait,
    place: (Timestamp, u64),
}

impl Drop for PendingGuard<'_> {
    fn drop(&mut self) {
        lock(&self.wait.waiting).objects.remove(&self.place);
    }
}

/// What a pending object was when it was last looked at.
struct PendingObject {
    version_id: Option<String>,
    etag: Option<String>,
    written: Option<Timestamp>,
}

impl PendingObject {
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
        Some("the bucket gives no version id to pin it to: ask again"),
    )
}

fn lock(waiting: &Mutex<PendingObjects>) -> MutexGuard<'_, PendingObjects> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
