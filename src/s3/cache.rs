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
    pub(super) head: OnceCell<BucketHead>,
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
        let mut kept = self.0.lock().await;
        match &*kept {
            // The steady clock stops while the machine sleeps, so both clocks count.
            Some((asked_at, answer)) if asked_at.age_at(clock.now()).is_some_and(|age| age <= max_age) => {
                answer.clone()
            }
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
