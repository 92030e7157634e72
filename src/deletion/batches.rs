//! Versions that are removed go together: checked again at the same time, and sent as one request.

use std::sync::atomic::Ordering;

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;

use super::answer::{BatchAnswer, Condition, fits_a_batch, match_answers};
use super::entry::{Entry, Outcome};
use super::execute::{Deleter, Event, Place, Run};
use super::journal::Journal;
use super::policy::DeleteOrder;
use super::records::Item;
use crate::model::Bucket;

/// A batch leaves when its first check is so old, however small it is.
const BATCH_WAITS: SignedDuration = SignedDuration::from_secs(10);

impl<D: Deleter, J: Journal> Run<'_, D, J> {
    /// Checks a window's orders again, and sends those that hold in batches.
    pub(super) async fn window(&self, items: Vec<Item>, concurrency: usize) -> Vec<Event> {
        let (mut entries, mut orders, mut asides) = (Vec::new(), Vec::new(), Vec::new());
        for Item { entry, order, at, nth, aside } in items {
            entries.push(entry);
            orders.push(order.map(|order| (Place { at, nth }, order)));
            asides.push(aside);
        }
        let mut foreign = Vec::new();
        let mut due = orders.iter().enumerate().filter_map(|(slot, order)| Some((slot, order.as_ref()?))).peekable();
        while due.peek().is_some() {
            // No more is checked once the first check has aged: what is under way comes in, and all of it leaves.
            let began = (self.execution.now)();
            let aged = || (self.execution.now)().duration_since(began) > BATCH_WAITS;
            let feed = std::iter::from_fn(|| if aged() { None } else { due.next() });
            let checks = stream::iter(feed).map(async |(slot, (_, order))| (slot, self.check(order).await));
            let mut checks = std::pin::pin!(checks.buffered(concurrency));
            let mut ready: Vec<usize> = Vec::new();
            while let Some((slot, checked)) = checks.next().await {
                match checked {
                    Ok(()) => ready.push(slot),
                    Err(unfit) => unfit.tell(&mut entries[slot]),
                }
            }
            self.send(&orders, &mut entries, ready, concurrency, &mut foreign).await;
        }
        let told = entries.into_iter().zip(asides).map(|(entry, aside)| Item::told(entry, aside));
        told.chain(foreign.into_iter().map(Event::Foreign)).collect()
    }

    /// Sends what was checked: a batch for each bucket, and alone what no batch can name.
    async fn send(
        &self,
        orders: &[Option<(Place, DeleteOrder)>],
        entries: &mut [Entry],
        ready: Vec<usize>,
        concurrency: usize,
        foreign: &mut Vec<String>,
    ) {
        let order = |slot: usize| orders.get(slot).and_then(Option::as_ref);
        let mut groups: Vec<(&Bucket, Vec<usize>)> = Vec::new();
        let mut alone = Vec::new();
        for slot in ready {
            let Some((_, order)) = order(slot) else { continue };
            let bucket = &order.object().bucket;
            if !fits_a_batch(&order.object().key) {
                alone.push(slot);
            } else if let Some((_, group)) = groups.iter_mut().find(|(other, _)| *other == bucket) {
                group.push(slot);
            } else {
                groups.push((bucket, vec![slot]));
            }
        }
        for (_, group) in groups {
            if self.stopped() {
                group.iter().for_each(|slot| entries[*slot].outcome = Outcome::NotAttempted);
                continue;
            }
            if self.singly.load(Ordering::Relaxed) {
                alone.extend(group);
                continue;
            }
            let batch: Vec<&(Place, DeleteOrder)> = group.iter().filter_map(|slot| order(*slot)).collect();
            // A group in ascending order: its entries are picked out of the window in one walk.
            let mut picked: Vec<&mut Entry> = Vec::with_capacity(group.len());
            let mut wanted = group.iter().peekable();
            for (slot, entry) in entries.iter_mut().enumerate() {
                if wanted.next_if(|next| **next == slot).is_some() {
                    picked.push(entry);
                }
            }
            let mut pairs: Vec<(&DeleteOrder, &mut Entry)> = batch.iter().map(|(_, order)| order).zip(picked).collect();
            if !self.intend(&mut pairs).await {
                continue;
            }
            let sent: Vec<&DeleteOrder> = batch.iter().map(|(_, order)| order).collect();
            let answers = match self.execution.deleter.delete_batch(&sent).await {
                BatchAnswer::Listed(listed) => {
                    let mut matched = match_answers(&sent, listed);
                    let bucket = sent.first().map(|order| order.object().bucket.to_string()).unwrap_or_default();
                    foreign.extend(matched.foreign.drain(..).map(|key| format!("s3://{bucket}/{key}")));
                    matched.answers
                }
                BatchAnswer::All(answer) => vec![answer; sent.len()],
                BatchAnswer::Unsupported(_) => {
                    self.singly.store(true, Ordering::Relaxed);
                    alone.extend(group);
                    continue;
                }
            };
            let ends = batch.iter().zip(pairs).zip(answers).map(async |(((place, order), (_, entry)), answer)| {
                self.conclude(*place, order, answer, Condition::Checked, entry).await;
                self.note(order, entry);
            });
            stream::iter(ends).buffer_unordered(concurrency).collect::<()>().await;
        }
        alone.sort_unstable();
        let mut wanted = alone.into_iter().peekable();
        let singles = entries.iter_mut().enumerate().filter_map(|(slot, entry)| {
            wanted.next_if_eq(&slot)?;
            Some((order(slot)?, entry))
        });
        let ends = singles.map(async |((place, order), entry)| {
            if self.stopped() {
                entry.outcome = Outcome::NotAttempted;
            } else if self.intend(&mut [(order, entry)]).await {
                let answer = self.execution.deleter.delete(order, Condition::Checked).await;
                self.conclude(*place, order, answer, Condition::Checked, entry).await;
                self.note(order, entry);
            }
        });
        stream::iter(ends).buffer_unordered(concurrency).collect::<()>().await;
    }
}
