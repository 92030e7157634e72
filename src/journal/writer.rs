//! Writes a journal from its own thread.
//!
//! Intents that wait at the same time share one fsync: the thread takes all queued lines, writes and syncs them, and notifies
//! every waiting task. Outcomes are written with them.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::deletion::{
    DeleteEntry, DeleteOrder, Journal, MarkerEntry, UndoJournal, finished_line, intent_line, outcome_line,
    undo_intent_line, undo_outcome_line,
};
use crate::model::{Failure, ObjectId};

/// Outcomes are written when this many bytes are queued, or with an intent.
const ENOUGH: usize = 16 << 10;

#[derive(Debug)]
pub(crate) struct JournalWriter {
    queue: Arc<JournalQueue>,
    synced: watch::Receiver<SyncProgress>,
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
    stays_open: AtomicBool,
}

#[derive(Debug)]
struct JournalQueue {
    lines: Mutex<QueuedLines>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct QueuedLines {
    lines: Vec<u8>,
    /// How many syncs were requested so far.
    asked: u64,
    closed: bool,
}

/// How many of the requested syncs are done.
#[derive(Debug, Clone, Default)]
struct SyncProgress {
    asked: u64,
    error: Option<Arc<io::Error>>,
}

impl JournalWriter {
    pub(super) fn start(file: File, path: PathBuf) -> io::Result<Self> {
        let (sender, synced) = watch::channel(SyncProgress::default());
        let queue = Arc::new(JournalQueue { lines: Mutex::default(), wake: Condvar::new() });
        let writes = Arc::clone(&queue);
        // The thread owns the sender: if it panics, no task waits forever.
        let write = move || writes.write(file, &sender);
        let writer = std::thread::Builder::new().name("journal".to_owned()).spawn(write)?;
        Ok(Self { queue, synced, writer: Some(writer), path, stays_open: AtomicBool::new(false) })
    }

    /// Records what a lookup showed of an open object.
    pub(crate) fn settled(&self, given: &ObjectId, entry: &DeleteEntry) -> Result<(), Failure> {
        self.append(|lines| outcome_line(given, entry, lines))
    }

    /// Records that the run has finished, unless the journal stays open, and syncs.
    pub(crate) async fn finish(&self, summary: &impl serde::Serialize) -> Result<(), Failure> {
        if self.stays_open.load(Ordering::Relaxed) {
            return self.flush().await;
        }
        self.append_and_sync(|lines| finished_line(summary, lines)).await
    }

    /// Returns once everything is on disk.
    pub(crate) async fn flush(&self) -> Result<(), Failure> {
        self.append_and_sync(|_| ()).await
    }

    fn append(&self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        let mut queue = self.queue.lock();
        write(&mut queue.lines);
        if queue.lines.len() >= ENOUGH {
            self.queue.wake.notify_one();
        }
        drop(queue);
        match &self.synced.borrow().error {
            None => Ok(()),
            Some(error) => Err(self.failure(error)),
        }
    }

    async fn append_and_sync(&self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        let turn = {
            let mut queue = self.queue.lock();
            write(&mut queue.lines);
            queue.asked += 1;
            self.queue.wake.notify_one();
            queue.asked
        };
        let mut synced = self.synced.clone();
        let reached = synced.wait_for(|synced| synced.asked >= turn || synced.error.is_some()).await;
        let error = match reached {
            Ok(synced) => synced.error.clone(),
            Err(_) => Some(Arc::new(io::Error::other("its thread has ended"))),
        };
        error.map_or(Ok(()), |error| Err(self.failure(&error)))
    }

    fn failure(&self, error: &io::Error) -> Failure {
        let message = format!("writing the journal {}: {error}", self.path.display());
        Failure::new("Journal", message, Some("nothing more is sent: free some space and run the same command again"))
    }
}

impl Journal for JournalWriter {
    async fn intend(&self, orders: &[(&DeleteOrder, &DeleteEntry)]) -> Result<(), Failure> {
        self.append_and_sync(|lines| orders.iter().for_each(|(order, entry)| intent_line(order, entry, lines))).await
    }

    fn ended(&self, order: &DeleteOrder, entry: &DeleteEntry) -> Result<(), Failure> {
        self.append(|lines| outcome_line(&order.given(), entry, lines))
    }

    fn stay_open(&self) {
        self.stays_open.store(true, Ordering::Relaxed);
    }
}

impl UndoJournal for JournalWriter {
    async fn intend(&self, entry: &MarkerEntry) -> Result<(), Failure> {
        self.append_and_sync(|lines| undo_intent_line(entry, lines)).await
    }

    fn ended(&self, entry: &MarkerEntry) -> Result<(), Failure> {
        self.append(|lines| undo_outcome_line(entry, lines))
    }
}

impl JournalQueue {
    fn lock(&self) -> MutexGuard<'_, QueuedLines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes queued lines until the journal is closed or can't be written.
    fn write(&self, mut file: File, disk: &watch::Sender<SyncProgress>) {
        let (mut lines, mut done) = (Vec::new(), 0);
        loop {
            lines.clear();
            let (asked, closed) = {
                let idle = |queue: &mut QueuedLines| queue.asked == done && queue.lines.len() < ENOUGH && !queue.closed;
                let queue = self.lock();
                let mut queue = self.wake.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut queue.lines, &mut lines);
                (queue.asked, queue.closed)
            };
            let written = file.write_all(&lines);
            let synced = if asked > done { written.and_then(|()| file.sync_data()) } else { written };
            let error = synced.err().map(Arc::new);
            let failed = error.is_some();
            if failed || asked > done {
                disk.send_modify(|synced| {
                    synced.asked = if failed { synced.asked } else { asked };
                    synced.error = error;
                });
            }
            done = asked;
            if failed || closed {
                return;
            }
        }
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.wake.notify_one();
        if let Some(writer) = self.writer.take() {
            // A panic there was reported already.
            let _ = writer.join();
        }
    }
}
