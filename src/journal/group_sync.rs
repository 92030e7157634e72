//! Lines that wait for the writer of a journal, and tasks that wait for its fsync.
//!
//! Tasks that wait at the same time share one fsync: the writer takes all queued lines, writes and syncs them, and then
//! wakes every task whose lines they were. After an error it takes nothing more, and every task gets the error: a second
//! fsync would succeed without having written what the first one lost.
//!
//! The tests compile this file again with the locks of loom, which tries every order of the threads.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::locks::{Condvar, Mutex, MutexGuard, PoisonError};

/// Lines are written when this many bytes are queued, or with a request for a sync.
const ENOUGH: usize = 16 << 10;

#[derive(Debug, Default)]
pub(super) struct GroupSync {
    state: Mutex<SyncState>,
    writer: Condvar,
}

#[derive(Debug, Default)]
struct SyncState {
    lines: Vec<u8>,
    /// How many syncs were requested so far.
    asked: u64,
    /// How many of them are done.
    synced: u64,
    error: Option<Arc<io::Error>>,
    closed: bool,
    /// The tasks that wait, by the number of their sync.
    waiting: BTreeMap<u64, Waker>,
}

/// What the writer does next.
#[derive(Debug, Clone, Copy)]
struct SyncBatch {
    asked: u64,
    needs_sync: bool,
    is_last: bool,
}

impl SyncState {
    fn take(&mut self, lines: &mut Vec<u8>) -> SyncBatch {
        std::mem::swap(&mut self.lines, lines);
        SyncBatch { asked: self.asked, needs_sync: self.asked > self.synced, is_last: self.closed }
    }
}

impl GroupSync {
    fn lock(&self) -> MutexGuard<'_, SyncState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues lines that need not be on disk at once.
    pub(super) fn append(&self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Arc<io::Error>> {
        let mut state = self.lock();
        if let Some(error) = &state.error {
            return Err(Arc::clone(error));
        }
        write(&mut state.lines);
        if state.lines.len() >= ENOUGH {
            self.writer.notify_one();
        }
        Ok(())
    }

    /// Queues lines and requests a sync; returns its number.
    pub(super) fn request_sync(&self, write: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let mut state = self.lock();
        write(&mut state.lines);
        state.asked += 1;
        self.writer.notify_one();
        state.asked
    }

    /// Returns once the lines of this request and all lines before them are on disk.
    pub(super) async fn synced(&self, request: u64) -> Result<(), Arc<io::Error>> {
        std::future::poll_fn(|context| self.poll_synced(request, context)).await
    }

    fn poll_synced(&self, request: u64, context: &Context<'_>) -> Poll<Result<(), Arc<io::Error>>> {
        let mut state = self.lock();
        if state.synced >= request {
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = &state.error {
            return Poll::Ready(Err(Arc::clone(error)));
        }
        state.waiting.insert(request, context.waker().clone());
        Poll::Pending
    }

    /// Hands queued lines to `write` until the queue is closed, or until an error. The flag asks for a sync.
    pub(super) fn write_until_closed(&self, mut write: impl FnMut(&[u8], bool) -> io::Result<()>) {
        // If `write` panics, no task waits forever.
        let _end = WriterEnd(self);
        let mut lines = Vec::new();
        while self.write_batch(self.next_batch(&mut lines), &lines, &mut write) {
            lines.clear();
        }
    }

    /// Hands what is queued now to `write`, unless there was an error before.
    pub(super) fn write_queued(&self, mut write: impl FnMut(&[u8], bool) -> io::Result<()>) {
        let mut lines = Vec::new();
        let batch = {
            let mut state = self.lock();
            if state.error.is_some() {
                return;
            }
            state.take(&mut lines)
        };
        self.write_batch(batch, &lines, &mut write);
    }

    /// Whether there can be another batch.
    fn write_batch(
        &self,
        batch: SyncBatch,
        lines: &[u8],
        write: &mut impl FnMut(&[u8], bool) -> io::Result<()>,
    ) -> bool {
        match write(lines, batch.needs_sync) {
            Ok(()) => {
                if batch.needs_sync {
                    self.tell(|state| state.synced = batch.asked);
                }
                !batch.is_last
            }
            Err(error) => {
                self.tell(|state| state.error = Some(Arc::new(error)));
                false
            }
        }
    }

    fn next_batch(&self, lines: &mut Vec<u8>) -> SyncBatch {
        let mut state = self.lock();
        while state.asked == state.synced && state.lines.len() < ENOUGH && !state.closed {
            state = self.writer.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.take(lines)
    }

    /// Changes what the tasks wait for, and wakes those that need not wait any more.
    fn tell(&self, change: impl FnOnce(&mut SyncState)) {
        let done = {
            let mut state = self.lock();
            change(&mut state);
            let next = if state.error.is_some() { u64::MAX } else { state.synced + 1 };
            let waits = state.waiting.split_off(&next);
            std::mem::replace(&mut state.waiting, waits)
        };
        done.into_values().for_each(Waker::wake);
    }

    /// Lets the writer write what is queued, and end.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.writer.notify_one();
    }
}

/// Tells every task when the writer ends.
struct WriterEnd<'a>(&'a GroupSync);

impl Drop for WriterEnd<'_> {
    fn drop(&mut self) {
        self.0.tell(|state| {
            state.error.get_or_insert_with(|| Arc::new(io::Error::other("its thread has ended")));
        });
    }
}
