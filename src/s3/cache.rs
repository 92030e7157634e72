//! What a store keeps of each bucket: answers that are valid for a while, and whether the first request came back.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use s3_answers::{BucketVersioning, LifecycleRules, ReplicationRules};
use tokio::sync::OnceCell;

use super::freshness::now;
use crate::deletion::Moment;
use crate::model::Failure;

/// HeadBucket's answer; S3 names the Region also to callers without permissions.
#[derive(Debug, Clone)]
pub(super) struct BucketHead {
    pub(super) region: Option<String>,
    pub(super) existence: BucketExistence,
}

#[derive(Debug, Clone)]
pub(super) enum BucketExistence {
    Exists,
    Missing,
    Unknown(Failure),
}

/// What has been learned of one bucket.
#[derive(Default)]
pub(super) struct BucketCache {
    pub(super) first_request: FirstRequest,
    pub(super) head: OnceCell<BucketHead>,
    pub(super) versioning: TtlCache<BucketVersioning>,
    pub(super) replication: TtlCache<ReplicationRules>,
    pub(super) lifecycle: TtlCache<LifecycleRules>,
    /// Set once a server has shown that it does not know annotations.
    pub(super) knows_no_annotations: AtomicBool,
}

/// An answer that is valid for a while: the caller says for how long.
pub(super) struct TtlCache<T>(tokio::sync::Mutex<Option<(Moment, Result<T, Failure>)>>);

impl<T> Default for TtlCache<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::new(None))
    }
}

impl<T: Clone> TtlCache<T> {
    /// The answer, asked for again when it is older than `max_age`; callers that wait share one request.
    pub(super) async fn get<F>(&self, max_age: Duration, ask: impl FnOnce() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut kept = self.0.lock().await;
        match &*kept {
            // The steady clock stands still while the machine sleeps, so both count.
            Some((asked_at, answer)) if asked_at.age_at(now()).is_some_and(|age| age <= max_age) => answer.clone(),
            _ => {
                // The age counts from the question: what changed while it was under way is not known.
                let asked_at = now();
                let answer = ask().await;
                *kept = Some((asked_at, answer.clone()));
                answer
            }
        }
    }
}

/// The first request about a bucket goes alone: if the bucket is in another Region, every request in flight would have to
/// be sent twice. The others wait for it, but not for long, because it may hang.
#[derive(Default)]
pub(super) struct FirstRequest {
    is_back: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

const FIRST_MAY_TAKE: Duration = Duration::from_secs(2);

impl FirstRequest {
    /// Waits until the first request has come back; `Some` for that first one.
    pub(super) async fn enter(&self) -> Option<FirstRequestGuard<'_>> {
        if self.is_back.load(Ordering::Acquire) {
            return None;
        }
        let alone = tokio::time::timeout(FIRST_MAY_TAKE, self.turn.lock()).await.ok()?;
        (!self.is_back.load(Ordering::Acquire)).then_some(FirstRequestGuard { first_request: self, _alone: alone })
    }
}

/// Lets the others go when it is dropped, however the request ended.
pub(super) struct FirstRequestGuard<'a> {
    first_request: &'a FirstRequest,
    _alone: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for FirstRequestGuard<'_> {
    fn drop(&mut self) {
        self.first_request.is_back.store(true, Ordering::Release);
    }
}
