//! What execution needs: the way to S3, the journal, and what one run remembers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::answer::{BatchAnswer, DeleteAnswer, IfMatch, MarkerLook};
use super::freshness::FreshOrder;
use super::verify::{UnseenPositions, VerifyDeleted};
use crate::deletion::decide::{BucketFacts, DeleteOrder, Evidence, Policy};
use crate::deletion::identity::SeenObjects;
use crate::deletion::moment::{Clock, Moment};
use crate::deletion::report::{DeleteEntry, FailedLookups};
use crate::model::{Failure, ObjectId};
use crate::status::HeadAnswer;

/// The way from the plan to S3.
pub(crate) trait Deleter: Sync {
    /// Everything that the decision needs, read now.
    fn evidence(&self, order: &DeleteOrder) -> impl Future<Output = Evidence> + Send;

    /// What the decision needs of the bucket, and when it was read.
    fn bucket(&self, order: &DeleteOrder) -> impl Future<Output = BucketFacts> + Send;

    /// A HEAD now, of the key to hide or of the version to remove.
    fn look(&self, order: &DeleteOrder) -> impl Future<Output = Result<HeadAnswer, Failure>> + Send;

    /// The version that this delete marker of the order's key hides, or any delete marker; `None` if it is not current, or
    /// the version listing does not show it.
    fn hidden_by(
        &self,
        order: &DeleteOrder,
        marker: Option<&str>,
    ) -> impl Future<Output = Result<Option<String>, Failure>> + Send;

    /// Whether this delete marker of the order's key exists now.
    fn look_at_marker(
        &self,
        order: &DeleteOrder,
        marker: &str,
    ) -> impl Future<Output = Result<MarkerLook, Failure>> + Send;

    /// The command that removes this delete marker of the order's key.
    fn undo(&self, order: &DeleteOrder, marker: &str) -> String;

    /// Sends the delete once, if its check is still fresh when the request is written.
    fn delete(&self, order: &FreshOrder<'_>, condition: IfMatch) -> impl Future<Output = DeleteAnswer> + Send;

    /// The same for up to [`super::BATCH`] versions of one bucket.
    fn delete_batch(&self, orders: &[FreshOrder<'_>]) -> impl Future<Output = BatchAnswer> + Send;

    /// Waits before a request that was sent `sends` times without effect is sent again; false if it must not be.
    fn may_send_again(&self, sends: u32) -> impl Future<Output = bool> + Send;

    /// Waits.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Where intents and outcomes go.
pub(crate) trait Journal: Sync {
    /// Returns once these intents are on disk.
    fn intend(&self, orders: &[(&DeleteOrder, &DeleteEntry)]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Notes the outcome of an order. It need not be on disk at once: an intent without an outcome is looked up.
    fn ended(&self, order: &DeleteOrder, entry: &DeleteEntry) -> Result<(), Failure>;

    /// Notes what a lookup or an answer showed of an object that this run did not order.
    fn settled(&self, given: &ObjectId, entry: &DeleteEntry) -> Result<(), Failure>;

    /// Makes sure that the journal is not finished with this run: a request of an earlier run may still take effect.
    fn stay_open(&self);
}

/// What a run is given besides the plan.
pub(crate) struct DeleteExecution<'a, D, J> {
    /// Sends the requests.
    pub deleter: &'a D,
    /// Where intents and outcomes go, if they are kept.
    pub journal: Option<&'a J>,
    /// Requests in flight.
    pub concurrency: usize,
    /// Which deletes are looked up afterwards.
    pub verify: VerifyDeleted,
    /// The clock.
    pub clock: Clock,
    /// A check from before this moment is repeated: the answer to the prompt may have taken a while.
    pub not_before: Option<Moment>,
    /// Asked before each request. Once it is true, the other orders are `not-attempted`.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// A run that carries out a plan.
pub(super) struct DeleteExecutor<'a, D, J> {
    pub(super) policy: Policy,
    /// Their checks are never fresh enough.
    pub(super) doubted: SeenObjects,
    pub(super) execution: DeleteExecution<'a, D, J>,
    /// The journal can't be written.
    pub(super) broken: AtomicBool,
    /// The server takes no batches.
    pub(super) singly: AtomicBool,
    /// A version that S3 reported as deleted still exists.
    pub(super) stayed: AtomicBool,
    /// Orders that were reported as deleted without a lookup.
    pub(super) unseen: Mutex<UnseenPositions>,
    /// Lookups that showed nothing.
    pub(super) failed_lookups: Mutex<FailedLookups>,
}

impl<D: Deleter, J: Journal> DeleteExecutor<'_, D, J> {
    pub(super) fn take_unseen(&self) -> UnseenPositions {
        std::mem::take(&mut *self.unseen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The lookups that failed, if any did.
    pub(super) fn take_failed_lookups(&self) -> Option<FailedLookups> {
        let taken = std::mem::take(&mut *self.failed_lookups.lock().unwrap_or_else(PoisonError::into_inner));
        taken.example.is_some().then_some(taken)
    }

    pub(super) fn stopped(&self) -> bool {
        self.broken.load(Ordering::Relaxed) || (self.execution.stop)()
    }
}
