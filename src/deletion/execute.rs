//! Carries out an approved plan, and finds out what became of every order.
//!
//! Nothing new is decided here: a check that has aged is made again by the same rule, and must give the same order. An
//! order is sent again only after an answer that proves that it had no effect. Markers go one by one; versions that are
//! removed go in batches. Each send rests on a check that [`FreshOrder`] proves. An answer that was lost is looked up before
//! anything is said about it.

use std::io::{self, Read, Seek};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;

use super::answer::{BatchAnswer, Condition, DeleteAnswer};
use super::entry::DeleteEntry;
use super::event::DeleteEvent;
use super::freshness::FreshOrder;
use super::identity::SeenObjects;
use super::journal::Journal;
use super::keep_reason::KeepReason;
use super::moment::Moment;
use super::pending::PendingDelete;
use super::plan::ApprovedPlan;
use super::policy::{BucketFacts, DeleteMode, DeleteOrder, Evidence, Policy};
use super::records::{PlanItem, PlanReader};
use super::verify::{UnseenPositions, VerifyDeleted};
use super::windows::PlanWindows;
use crate::model::Failure;
use crate::status::HeadAnswer;

/// What stands between the plan and S3.
pub trait Deleter: Sync {
    /// Everything that the decision needs, asked for now.
    fn evidence(&self, order: &DeleteOrder) -> impl Future<Output = Evidence> + Send;

    /// What the decision needs of the bucket, and when it was asked for.
    fn bucket(&self, order: &DeleteOrder) -> impl Future<Output = BucketFacts> + Send;

    /// HEAD made now: of the key for [`DeleteMode::Hide`], of the version for [`DeleteMode::Permanent`].
    fn look(&self, order: &DeleteOrder) -> impl Future<Output = Result<HeadAnswer, Failure>> + Send;

    /// The version that this delete marker of the order's key hides; `None` where the marker is not there.
    fn hidden_by(
        &self,
        order: &DeleteOrder,
        marker: &str,
    ) -> impl Future<Output = Result<Option<String>, Failure>> + Send;

    /// The command that takes this delete marker of the order's key away again.
    fn undo(&self, order: &DeleteOrder, marker: &str) -> String;

    /// Sends the delete once, if its check is still fresh when the request is written.
    fn delete(&self, order: &FreshOrder<'_>, condition: Condition) -> impl Future<Output = DeleteAnswer> + Send;

    /// The same for up to [`super::BATCH`] versions of one bucket.
    fn delete_batch(&self, orders: &[FreshOrder<'_>]) -> impl Future<Output = BatchAnswer> + Send;

    /// Waits before what was sent `sends` times, and had no effect, is sent again; false when it should not be.
    fn may_send_again(&self, sends: u32) -> impl Future<Output = bool> + Send;

    /// Waits.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Batches on their way: while one is answered the next is checked.
const BATCHES_AT_ONCE: usize = 2;

/// What a run is given besides the plan.
pub struct DeleteExecution<'a, D, J> {
    /// Sends.
    pub deleter: &'a D,
    /// Is told before and after.
    pub journal: &'a J,
    /// Requests in flight.
    pub concurrency: usize,
    /// Which of the deleted are looked at again.
    pub verify: VerifyDeleted,
    /// The clock.
    pub now: fn() -> Moment,
    /// Checks made before are made again, however fresh they are: consent may have been thought over.
    pub not_before: Timestamp,
    /// Asked before each request: from then on orders are `not-attempted`.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// Executes the plan with up to `concurrency` requests in flight.
///
/// On a server other than AWS the first marker delete is sent alone with an ETag that nothing has. Refused with 412, the
/// server honours If-Match and it is sent again with its own; done, the server does not, and the others are kept as
/// `unconditional` unless the policy allows them.
///
/// # Errors
/// The plan's own file can't be read, or, in the stream, is not what was written: nothing more is sent.
pub fn execute<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    plan: ApprovedPlan<F>,
    execution: DeleteExecution<'a, D, J>,
) -> io::Result<impl Stream<Item = io::Result<DeleteEvent>> + 'a> {
    let concurrency = execution.concurrency.max(1);
    let policy = plan.policy.clone();
    let (items, doubted) = plan.items()?;
    let run = Arc::new(DeleteExecutor {
        policy,
        doubted,
        execution,
        broken: AtomicBool::new(false),
        singly: AtomicBool::new(false),
        stayed: AtomicBool::new(false),
        unseen: Mutex::default(),
    });
    let items = SharedPlanItems { items: Arc::new(Mutex::new(items)), ended: false };
    let again = items.clone();
    let main = match run.policy.mode {
        DeleteMode::Hide => hide(Arc::clone(&run), items, concurrency).left_stream(),
        DeleteMode::Permanent => remove(Arc::clone(&run), items, concurrency).right_stream(),
    };
    Ok(main.chain(look_again(run, again, concurrency)))
}

/// The plan's items, read twice at the most.
struct SharedPlanItems<F> {
    items: Arc<Mutex<PlanReader<F>>>,
    ended: bool,
}

impl<F> Clone for SharedPlanItems<F> {
    fn clone(&self) -> Self {
        Self { items: Arc::clone(&self.items), ended: false }
    }
}

impl<F: Read + Seek> Iterator for SharedPlanItems<F> {
    type Item = io::Result<PlanItem>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = lock(&self.items).next();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Markers, one request each.
fn hide<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    run: Arc<DeleteExecutor<'a, D, J>>,
    mut items: SharedPlanItems<F>,
    concurrency: usize,
) -> impl Stream<Item = io::Result<DeleteEvent>> + 'a {
    let probed = async move {
        let (mut entries, mut binding) = (Vec::new(), run.binding_without_probe());
        while binding.is_none() {
            match items.next() {
                None => break,
                Some(Err(error)) => {
                    entries.push(Err(error));
                    break;
                }
                Some(Ok(item)) => {
                    let aside = item.aside;
                    let (entry, learned) = run.probe(item).await;
                    entries.push(Ok(PlanItem::told(entry, aside)));
                    binding = learned;
                }
            }
        }
        let binding = binding.unwrap_or(Binding::Refused);
        let rest = stream::iter(items).map(move |item| {
            let run = Arc::clone(&run);
            async move {
                let item = item?;
                let aside = item.aside;
                Ok(PlanItem::told(run.carry_out(item, binding).await, aside))
            }
        });
        stream::iter(entries).chain(rest.buffered(concurrency))
    };
    stream::once(probed).flatten()
}

/// Versions, in batches.
fn remove<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    run: Arc<DeleteExecutor<'a, D, J>>,
    items: SharedPlanItems<F>,
    concurrency: usize,
) -> impl Stream<Item = io::Result<DeleteEvent>> + 'a {
    let windows = stream::iter(PlanWindows::new(items)).map(move |window| {
        let run = Arc::clone(&run);
        async move {
            let (items, error) = window;
            let mut events: Vec<io::Result<DeleteEvent>> =
                run.window(items, concurrency).await.into_iter().map(Ok).collect();
            events.extend(error.map(Err));
            stream::iter(events)
        }
    });
    windows.buffered(BATCHES_AT_ONCE).flatten()
}

/// Looks at everything that was told as deleted without a look, where another had stayed.
fn look_again<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    run: Arc<DeleteExecutor<'a, D, J>>,
    items: SharedPlanItems<F>,
    concurrency: usize,
) -> impl Stream<Item = io::Result<DeleteEvent>> + 'a {
    let begun = async move {
        let unseen = std::mem::take(&mut *lock(&run.unseen));
        let wanted = run.stayed.load(Ordering::Relaxed) && !unseen.is_empty();
        let rewound = if wanted { lock(&items.items).rewind() } else { Ok(()) };
        let (error, items) = match rewound {
            Ok(()) => (None, wanted.then_some(items)),
            Err(error) => (Some(Err(error)), None),
        };
        let looks = stream::iter(items.into_iter().flatten())
            .filter(move |item| std::future::ready(item.as_ref().map_or(true, |item| unseen.has(item.at))))
            .map(move |item| {
                let run = Arc::clone(&run);
                async move {
                    match item {
                        Ok(item) => run.correction(item).await.map(Ok),
                        Err(error) => Some(Err(error)),
                    }
                }
            });
        stream::iter(error).chain(looks.buffered(concurrency).filter_map(std::future::ready))
    };
    stream::once(begun).flatten()
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

pub(super) struct DeleteExecutor<'a, D, J> {
    pub(super) policy: Policy,
    /// Their checks hold for no time at all.
    pub(super) doubted: SeenObjects,
    pub(super) execution: DeleteExecution<'a, D, J>,
    /// The journal can't be written.
    pub(super) broken: AtomicBool,
    /// The server takes no batches.
    pub(super) singly: AtomicBool,
    /// Something that S3 called deleted is still there.
    pub(super) stayed: AtomicBool,
    /// What was told as deleted without a look.
    pub(super) unseen: Mutex<UnseenPositions>,
}

impl<D: Deleter, J: Journal> DeleteExecutor<'_, D, J> {
    pub(super) fn stopped(&self) -> bool {
        self.broken.load(Ordering::Relaxed) || (self.execution.stop)()
    }

    /// AWS honours If-Match, and a permanent delete carries none.
    fn binding_without_probe(&self) -> Option<Binding> {
        let bound = self.policy.mode == DeleteMode::Permanent || !self.policy.custom_endpoint;
        bound.then_some(Binding::Honoured)
    }

    fn when_not_honoured(&self) -> Binding {
        if self.policy.allow_unconditional { Binding::Accepted } else { Binding::Refused }
    }

    /// Carries out one order to hide an object.
    async fn carry_out(&self, item: PlanItem, binding: Binding) -> DeleteEntry {
        let mut pending = match PendingDelete::of(item) {
            Ok(pending) => pending,
            Err(kept) => return kept.entry,
        };
        let condition = if binding == Binding::Honoured { Condition::Checked } else { Condition::None };
        if binding == Binding::Refused {
            pending.entry.keep(KeepReason::Unconditional, None);
        } else if let Some(answer) = self.send_alone(&mut pending, condition).await {
            self.conclude(&mut pending, answer, condition).await;
        }
        pending.entry
    }

    /// Carries out one order and learns from it whether If-Match is honoured; `None` when its answer did not tell.
    async fn probe(&self, item: PlanItem) -> (DeleteEntry, Option<Binding>) {
        let mut pending = match PendingDelete::of(item) {
            Ok(pending) => pending,
            Err(kept) => return (kept.entry, None),
        };
        let mut condition = Condition::Impossible;
        let Some(mut answer) = self.send_alone(&mut pending, condition).await else { return (pending.entry, None) };
        let mut learned = None;
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
            | DeleteAnswer::Aged
            | DeleteAnswer::NotTaken(_)
            | DeleteAnswer::NoEffect(_)
            | DeleteAnswer::Errored(_)
            | DeleteAnswer::Lost(_) => None,
        };
        if let Some(next) = again {
            condition = next;
            match self.send_alone(&mut pending, condition).await {
                Some(second) => answer = second,
                None => return (pending.entry, learned),
            }
        }
        self.conclude(&mut pending, answer, condition).await;
        (pending.entry, learned)
    }
}
