//! Inflates a CSV file on a thread of its own, while the worker hashes the stored bytes and counts the rows.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

use s3_inventory::{DamageKind, InflatedText, TextInflater};

/// Chunks that may wait for the thread, or be inflated by it.
const CHUNKS: usize = 3;
/// Texts that may wait for the worker.
const TEXTS: usize = 2;

enum Order {
    Begin,
    Chunk(Vec<u8>),
    /// The file has ended.
    End,
}

/// What the thread has done.
pub(super) enum Inflated {
    Text(InflatedText),
    /// The last text of the file.
    Last(InflatedText),
    /// A chunk that was inflated.
    Used(Vec<u8>),
    Damaged(DamageKind),
}

pub(super) struct InflatingThread {
    orders: Sender<Order>,
    done: Receiver<Inflated>,
    spare: Sender<InflatedText>,
    thread: Option<JoinHandle<()>>,
    /// Chunks that were not inflated yet.
    chunks: usize,
}

impl InflatingThread {
    pub(super) fn start() -> std::io::Result<Self> {
        let (orders, of_worker) = channel();
        let (to_worker, done) = sync_channel(TEXTS);
        let (spare, spares) = channel();
        let thread = Builder::new().name("inflating".to_owned()).spawn(move || {
            // The worker is gone after an error; the run ends.
            let _ = work(&of_worker, &to_worker, &spares);
        })?;
        Ok(Self { orders, done, spare, thread: Some(thread), chunks: 0 })
    }

    pub(super) fn begin(&mut self) {
        self.chunks = 0;
        let _ = self.orders.send(Order::Begin);
    }

    pub(super) fn push(&mut self, chunk: Vec<u8>) {
        self.chunks += 1;
        let _ = self.orders.send(Order::Chunk(chunk));
    }

    /// Whether the thread has enough chunks.
    pub(super) fn is_busy(&self) -> bool {
        self.chunks >= CHUNKS
    }

    pub(super) fn end(&self) {
        let _ = self.orders.send(Order::End);
    }

    /// Waits for the thread.
    pub(super) fn next(&mut self) -> Inflated {
        let Ok(next) = self.done.recv() else {
            // Only a panic ends the thread before the worker.
            let ended = self.thread.take().map(JoinHandle::join);
            std::panic::resume_unwind(ended.and_then(Result::err).unwrap_or_else(|| Box::new("the thread has ended")));
        };
        self.chunks -= usize::from(matches!(next, Inflated::Used(_)));
        next
    }

    /// Takes back a text that was used.
    pub(super) fn reuse(&self, text: InflatedText) {
        let _ = self.spare.send(text);
    }
}

fn work(
    orders: &Receiver<Order>,
    done: &SyncSender<Inflated>,
    spares: &Receiver<InflatedText>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut inflater = TextInflater::default();
    while let Ok(order) = orders.recv() {
        match order {
            Order::Begin => inflater.begin(),
            Order::Chunk(chunk) => {
                let mut rest = &chunk[..];
                loop {
                    match inflater.take(&mut rest, || spares.try_recv().unwrap_or_default()) {
                        Ok(Some(text)) => done.send(Inflated::Text(text))?,
                        Ok(None) => break,
                        Err(damage) => return Ok(done.send(Inflated::Damaged(damage))?),
                    }
                }
                done.send(Inflated::Used(chunk))?;
            }
            Order::End => done.send(inflater.end().map_or_else(Inflated::Damaged, Inflated::Last))?,
        }
    }
    Ok(())
}
