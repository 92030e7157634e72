//! Removes versions in batches: each version is checked, and those that are ready are sent as one request.
//!
//! No order waits for the check of another. A batch is sent when it is full, when no order is being checked, or when its
//! oldest check has the age of [`BATCH_LEAVES_AT`]. Checks continue while requests are answered. `null` versions are never
//! sent in a batch: an upload can take over that id, so they are sent alone, immediately after their check.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt, stream};

use super::answer::{BATCH, BatchAnswer, DeleteAnswer, IfMatch, fits_a_batch, match_answers};
use super::conclude::other_effect;
use super::executor::{DeleteExecutor, Deleter, Journal};
use super::freshness::{BATCH_LEAVES_AT, FreshOrder, may_leave};
use super::pending::{NotSent, PendingDelete};
use crate::deletion::decide::DeleteOrder;
use crate::deletion::moment::Moment;
use crate::deletion::plan::PlanItem;
use crate::deletion::report::{DeleteEntry, DeleteEvent, DeleteOutcome};
use crate::model::{Bucket, ObjectId, VersionId, reached};

/// No more orders are checked while this many batches of a window are in flight: their checks would age.
const BATCHES_UNDER_WAY: usize = 2;

/// Bytes of keys in one request, which has some hundred bytes more for each of them: on a slow line a longer one would be
/// written for longer than a check holds.
const BATCH_BYTES: usize = 128 << 10;

/// The result of one piece of work.
enum WindowStep {
    Checked(usize, Box<PendingDelete>, Result<Moment, Box<NotSent>>),
    /// An order that was sent alone has its outcome.
    Alone(usize, Box<PendingDelete>),
    /// A batch was answered.
    Batch(AnsweredBatch),
}

#[derive(Default)]
struct AnsweredBatch {
    ended: Vec<(usize, PendingDelete)>,
    /// Not sent, or certainly without effect: these are checked again.
    again: Vec<(usize, PendingDelete)>,
    /// Objects that S3 reports as deleted, and that were not ordered.
    foreign: Vec<DeleteEntry>,
}

/// Orders of one bucket whose checks succeeded, and when the first question of each was asked.
struct ReadyBatch {
    bucket: Bucket,
    orders: Vec<(usize, PendingDelete, Moment)>,
}

impl ReadyBatch {
    /// The age of the oldest check; a clock that was set back makes all of them old.
    fn age(&self, now: Moment) -> Duration {
        let ages = self.orders.iter().map(|(_, _, asked_at)| asked_at.age_at(now).unwrap_or(Duration::MAX));
        ages.max().unwrap_or_default()
    }

    /// How many of them go into one request, at least one.
    fn fits(&self) -> usize {
        let mut bytes = 0;
        let within = self.orders.iter().take(BATCH).take_while(|(_, pending, _)| {
            bytes += pending.order.object().key.len();
            bytes <= BATCH_BYTES
        });
        within.count().max(1)
    }

    /// Whether one request can't hold all of them. A window has no more orders than a request takes, but their keys may be
    /// long.
    fn is_full(&self) -> bool {
        self.fits() < self.orders.len()
    }
}

impl<D: Deleter, J: Journal> DeleteExecutor<'_, D, J> {
    /// Carries out a window's orders. The events come in the order of the items.
    pub(super) async fn window(&self, items: Vec<PlanItem>, concurrency: usize) -> Vec<DeleteEvent> {
        let mut events: Vec<Option<DeleteEvent>> = Vec::with_capacity(items.len());
        let mut due = VecDeque::new();
        for (slot, item) in items.into_iter().enumerate() {
            let kept = PendingDelete::of(item).map(|pending| due.push_back((slot, pending))).err();
            events.push(kept.map(|item| item.marks.event(item.entry)));
        }
        let mut foreign = Vec::new();
        let mut ready: Vec<ReadyBatch> = Vec::new();
        let mut work: FuturesUnordered<LocalBoxFuture<'_, WindowStep>> = FuturesUnordered::new();
        let (mut checking, mut alone, mut batches) = (0, 0, 0);
        loop {
            let now = self.execution.clock.now();
            let nothing_else = due.is_empty() && checking == 0;
            for full in &mut ready {
                while !full.orders.is_empty() && (nothing_else || full.is_full() || full.age(now) >= BATCH_LEAVES_AT) {
                    let rest = full.orders.split_off(full.fits());
                    let batch = std::mem::replace(&mut full.orders, rest);
                    batches += 1;
                    work.push(self.send_batch(batch, concurrency).map(WindowStep::Batch).boxed_local());
                }
            }
            while batches < BATCHES_UNDER_WAY && checking + alone < concurrency {
                let Some((slot, pending)) = due.pop_front() else { break };
                if self.goes_alone(&pending.order) {
                    alone += 1;
                    work.push(self.send_only(slot, pending).boxed_local());
                } else {
                    checking += 1;
                    let check = async move {
                        let checked = self.check(&pending).await;
                        WindowStep::Checked(slot, Box::new(pending), checked.map_err(Box::new))
                    };
                    work.push(check.boxed_local());
                }
            }
            let oldest = ready.iter().filter(|ready| !ready.orders.is_empty()).map(|ready| ready.age(now)).max();
            let step = match oldest {
                None => work.next().await,
                Some(age) => {
                    let leaves = std::pin::pin!(self.execution.deleter.pause(BATCH_LEAVES_AT.saturating_sub(age)));
                    match select(work.next(), leaves).await {
                        Either::Left((step, _)) => step,
                        Either::Right(_) => {
                            reached!("a batch leaves before it is full");
                            continue;
                        }
                    }
                }
            };
            match step {
                None => break,
                Some(WindowStep::Checked(slot, pending, Ok(asked_at))) => {
                    checking -= 1;
                    let bucket = &pending.order.object().bucket;
                    let at = ready.iter().position(|ready| ready.bucket == *bucket).unwrap_or_else(|| {
                        ready.push(ReadyBatch { bucket: bucket.clone(), orders: Vec::new() });
                        ready.len() - 1
                    });
                    ready[at].orders.push((slot, *pending, asked_at));
                }
                Some(WindowStep::Checked(slot, mut pending, Err(unfit))) => {
                    checking -= 1;
                    if pending.marks.resumed || pending.intended {
                        // The effect of the earlier request must be looked up first.
                        alone += 1;
                        let end = async move {
                            self.end_unsent(&mut pending, *unfit).await;
                            WindowStep::Alone(slot, pending)
                        };
                        work.push(end.boxed_local());
                    } else {
                        pending.not_sent(*unfit);
                        events[slot] = Some(pending.marks.event(pending.entry));
                    }
                }
                Some(WindowStep::Alone(slot, pending)) => {
                    alone -= 1;
                    events[slot] = Some(pending.marks.event(pending.entry));
                }
                Some(WindowStep::Batch(answered)) => {
                    batches -= 1;
                    for (slot, pending) in answered.ended {
                        events[slot] = Some(pending.marks.event(pending.entry));
                    }
                    answered.again.into_iter().rev().for_each(|pending| due.push_front(pending));
                    foreign.extend(answered.foreign);
                }
            }
        }
        events.into_iter().flatten().chain(foreign.into_iter().map(DeleteEvent::Foreign)).collect()
    }

    /// An object that S3 reports as deleted, and that was not ordered. It is written to the journal, so that the next run reports it
    /// too.
    fn not_ordered(&self, orders: &[&DeleteOrder], (key, version): (String, String)) -> Option<DeleteEntry> {
        let bucket = orders.first()?.object().bucket.clone();
        let object = ObjectId { bucket, key, version_id: VersionId::new(version).ok() };
        let mut entry = DeleteEntry::of(&object);
        entry.end(
            DeleteOutcome::Unknown,
            other_effect("S3 reports that it deleted this, but the request did not name it"),
        );
        if let Some(journal) = self.execution.journal {
            journal.stay_open();
            if journal.settled(&object, &entry).is_err() {
                self.broken.store(true, Ordering::Relaxed);
            }
        }
        Some(entry)
    }

    fn goes_alone(&self, order: &DeleteOrder) -> bool {
        let object = order.object();
        self.singly.load(Ordering::Relaxed)
            || !fits_a_batch(&object.key)
            || object.version_id.as_ref().is_none_or(VersionId::is_null)
    }

    /// Checks one order and sends it immediately after that.
    async fn send_only(&self, slot: usize, mut pending: PendingDelete) -> WindowStep {
        if let Some(answer) = self.send_alone(&mut pending, IfMatch::Checked).await {
            self.conclude(&mut pending, answer, IfMatch::Checked).await;
        }
        WindowStep::Alone(slot, pending.into())
    }

    /// Sends orders of one bucket, as far as their checks are still fresh.
    async fn send_batch(&self, batch: Vec<(usize, PendingDelete, Moment)>, concurrency: usize) -> AnsweredBatch {
        let AnsweredBatch { mut ended, mut again, mut foreign } = AnsweredBatch::default();
        let mut leaving: Vec<(usize, PendingDelete, Moment)> = Vec::with_capacity(batch.len());
        let now = self.execution.clock.now();
        for (slot, mut pending, asked_at) in batch {
            if may_leave(asked_at, now) {
                leaving.push((slot, pending, asked_at));
            } else if pending.may_be_checked_again() {
                reached!("a check became too old in a batch");
                again.push((slot, pending));
            } else {
                self.conclude(&mut pending, DeleteAnswer::Aged, IfMatch::Checked).await;
                ended.push((slot, pending));
            }
        }
        let mut intended: Vec<&mut PendingDelete> = leaving.iter_mut().map(|(_, pending, _)| pending).collect();
        if !intended.is_empty() && !self.intend(&mut intended).await {
            ended.extend(leaving.into_iter().map(|(slot, pending, _)| (slot, pending)));
            leaving = Vec::new();
        }
        if leaving.is_empty() {
            return AnsweredBatch { ended, again, foreign };
        }
        let fresh: Vec<FreshOrder<'_>> =
            leaving.iter().map(|(_, pending, asked_at)| FreshOrder::new(&pending.order, *asked_at)).collect();
        let answers = match self.execution.deleter.delete_batch(&fresh).await {
            BatchAnswer::Listed(listed) => {
                let orders: Vec<&DeleteOrder> = fresh.iter().map(FreshOrder::order).collect();
                let matched = match_answers(&orders, listed);
                foreign = matched.foreign.into_iter().filter_map(|other| self.not_ordered(&orders, other)).collect();
                matched.answers
            }
            BatchAnswer::All(answer) => vec![answer; fresh.len()],
            BatchAnswer::Unsupported(by_gateway) => {
                reached!("the server takes no batches");
                self.singly.store(true, Ordering::Relaxed);
                again.extend(leaving.into_iter().map(|(slot, mut pending, _)| {
                    pending.by_gateway.clone_from(&by_gateway);
                    (slot, pending)
                }));
                return AnsweredBatch { ended, again, foreign };
            }
        };
        let (mut answered, mut refused) = (Vec::new(), Vec::new());
        for ((slot, mut pending, _), answer) in leaving.into_iter().zip(answers) {
            match answer {
                DeleteAnswer::Aged if pending.may_be_checked_again() => again.push((slot, pending)),
                DeleteAnswer::NotTaken(failure) => {
                    pending.sends += 1;
                    refused.push((slot, pending, DeleteAnswer::NotTaken(failure)));
                }
                answer => answered.push((slot, pending, answer)),
            }
        }
        let conclude = async |(slot, mut pending, answer)| {
            self.conclude(&mut pending, answer, IfMatch::Checked).await;
            (slot, pending)
        };
        let concluded = stream::iter(answered).map(conclude).buffer_unordered(concurrency);
        ended.extend(concluded.collect::<Vec<_>>().await);
        let sends = refused.iter().map(|(_, pending, _)| pending.sends).max();
        match sends {
            Some(sends) if self.execution.deleter.may_send_again(sends).await => {
                again.extend(refused.into_iter().map(|(slot, pending, _)| (slot, pending)));
            }
            Some(_) | None => {
                let concluded = stream::iter(refused).map(conclude).buffer_unordered(concurrency);
                ended.extend(concluded.collect::<Vec<_>>().await);
            }
        }
        AnsweredBatch { ended, again, foreign }
    }
}
