//! What a store caches per bucket: answers that are valid for a while, and whether the first request has returned.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use s3_answers::{BucketVersioning, LifecycleRules, ReplicationRules};
use tokio::sync::OnceCell;

use crate::deletion::{Clock, Moment};
use crate::model::Failure;

/// The answer of HeadBucket. S3 sends the Region even to callers without permissions.
#[derive(Debug, Clone)]
pub(super) struct BucketHead {
    pub(super) region: Option<String>,
    pub(super) existence: BucketExistence,
}

#[derive(Debug, Clone)]
pub(super) enum BucketExistence {
    Exists,
    /// It exists, and the caller may not list it.
    Forbidden(Failure),
    Missing,
    Unknown(Failure),
}

/// What is known about one bucket.
#[derive(Default)]
pub(super) struct BucketCache {
    pub(super) first_request: FirstRequest,
    /// The answer of HeadBucket, once there is one.
    pub(super) head: OnceCell<BucketHead>,
    /// The answer to the last request for it.
    pub(super) last_head: TtlCache<BucketHead>,
    pub(super) versioning: TtlCache<BucketVersioning>,
    pub(super) replication: TtlCache<ReplicationRules>,
    pub(super) lifecycle: TtlCache<LifecycleRules>,
    /// The server has shown that it does not support annotations.
    pub(super) knows_no_annotations: AtomicBool,
}

/// An answer that is valid for as long as the caller says.
pub(super) struct TtlCache<T>(tokio::sync::Mutex<Option<(Moment, Result<T, Failure>)>>);

impl<T> Default for TtlCache<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::new(None))
    }
}

impl<T: Clone> TtlCache<T> {
    /// Returns the answer, and asks again if it is older than `max_age`. Waiting callers share one request.
    pub(super) async fn get<F>(&self, max_age: Duration, clock: Clock, ask: impl FnOnce() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        // Before the lock: an answer that is asked for while this caller waits is new enough, however long it takes.
        let arrived = clock.now();
        let is_young = |asked_at: Moment| match asked_at.age_at(arrived) {
            Some(age) => age <= max_age,
            // Asked for since, on both clocks: a clock that was set back makes every answer old.
            None => asked_at.steady > arrived.steady && asked_at.wall >= arrived.wall,
        };
        let mut kept = self.0.lock().await;
        match &*kept {
            Some((asked_at, answer)) if is_young(*asked_at) => answer.clone(),
            _ => {
                // The age counts from the request: the answer may not show a change made while it was in flight.
                let asked_at = clock.now();
                let answer = ask().await;
                *kept = Some((asked_at, answer.clone()));
                answer
            }
        }
    }
}

/// The first request about a bucket is sent alone: if the bucket is in another Region, every request in flight would have to
/// be sent twice. The others wait for it, but not for long, because it may hang.
#[derive(Default)]
pub(super) struct FirstRequest {
    is_back: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

const FIRST_MAY_TAKE: Duration = Duration::from_secs(2);

impl FirstRequest {
    /// Waits until the first request has returned. Returns a guard for the first request itself.
    pub(super) async fn enter(&self) -> Option<FirstRequestGuard<'_>> {
        if self.is_back.load(Ordering::Acquire) {
            return None;
        }
        let alone = tokio::time::timeout(FIRST_MAY_TAKE, self.turn.lock()).await.ok()?;
        (!self.is_back.load(Ordering::Acquire)).then_some(FirstRequestGuard { first_request: self, _alone: alone })
    }
}

/// Releases the other requests when it is dropped, however the first one ended.
pub(super) struct FirstRequestGuard<'a> {
    first_request: &'a FirstRequest,
    _alone: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for FirstRequestGuard<'_> {
    fn drop(&mut self) {
        self.first_request.is_back.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use jiff::Timestamp;

    use super::*;

    fn now() -> Moment {
        static BEGAN: std::sync::OnceLock<tokio::time::Instant> = std::sync::OnceLock::new();
        let steady = BEGAN.get_or_init(tokio::time::Instant::now).elapsed();
        let wall = Timestamp::UNIX_EPOCH.checked_add(jiff::SignedDuration::try_from(steady).unwrap()).unwrap();
        Moment { wall, steady }
    }

    /// Answers after two seconds, and counts the requests.
    async fn slow(asked: &AtomicU32) -> Result<u32, Failure> {
        let nth = asked.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(nth)
    }

    #[tokio::test(start_paused = true)]
    async fn callers_that_wait_share_a_slow_answer_and_later_ones_do_not() {
        let (cache, asked) = (TtlCache::default(), AtomicU32::new(0));
        let get = || cache.get(Duration::from_millis(500), Clock(now), || slow(&asked));
        let late = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            get().await
        };
        let (first, second, third, late) = tokio::join!(get(), get(), get(), late);
        // The one that came a second after the question needs a newer answer.
        assert_eq!([first, second, third, late].map(Result::unwrap), [0, 0, 0, 1]);
        tokio::time::sleep(Duration::from_millis(501)).await;
        assert_eq!(get().await.unwrap(), 2, "the age counts from the question");
    }
}
