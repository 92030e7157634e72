//! Writes a journal: from its own thread, so that tasks that wait at the same time share one fsync; or inline.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::file::{JournalFile, ReplacedJournal};
use super::group_sync::GroupSync;
use crate::deletion::{
    DeleteEntry, DeleteOrder, Journal, MarkerEntry, UndoJournal, finished_line, intent_line, outcome_line,
    undo_intent_line, undo_outcome_line,
};
use crate::model::{Failure, ObjectId};

/// Who writes the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriterMode {
    OwnThread,
    /// The task that needs the sync: without a thread, a run with simulated time is the same each time.
    Inline,
}

enum SyncedAppend {
    Thread(Option<JoinHandle<()>>),
    Inline(Mutex<AppendLines>),
}

/// Appends lines, and syncs them if asked to.
type AppendLines = Box<dyn FnMut(&[u8], bool) -> io::Result<()> + Send>;

pub(crate) struct JournalWriter {
    queue: Arc<GroupSync>,
    writer: SyncedAppend,
    path: PathBuf,
    stays_open: AtomicBool,
}

impl JournalWriter {
    /// Appends at `end`.
    pub(super) fn start(
        file: impl JournalFile + Send + 'static,
        mut end: u64,
        path: PathBuf,
        mode: WriterMode,
    ) -> io::Result<Self> {
        let queue = Arc::new(GroupSync::default());
        let name = path.clone();
        let append = move |lines: &[u8], needs_sync| {
            // Before the write: it would make a shortened file long again, with zeros where lines were.
            file.check_name(&name, end)?;
            file.write_all_at(lines, end)?;
            end += lines.len() as u64;
            if needs_sync { file.sync() } else { Ok(()) }
        };
        let writer = match mode {
            WriterMode::OwnThread => {
                let queue = Arc::clone(&queue);
                let thread = std::thread::Builder::new().name("journal".to_owned());
                SyncedAppend::Thread(Some(thread.spawn(move || queue.write_until_closed(append))?))
            }
            WriterMode::Inline => SyncedAppend::Inline(Mutex::new(Box::new(append))),
        };
        Ok(Self { queue, writer, path, stays_open: AtomicBool::new(false) })
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
        self.queue.append(write).map_err(|error| self.failure(&error))
    }

    async fn append_and_sync(&self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        let request = self.queue.request_sync(write);
        self.write_inline();
        self.queue.synced(request).await.map_err(|error| self.failure(&error))
    }

    /// Writes what is queued, if no thread does.
    fn write_inline(&self) {
        if let SyncedAppend::Inline(append) = &self.writer {
            self.queue.write_queued(&mut *append.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn failure(&self, error: &io::Error) -> Failure {
        let message = format!("writing the journal {}: {error}", self.path.display());
        let hint = match error.get_ref().is_some_and(|inner| inner.is::<ReplacedJournal>()) {
            true => "nothing more is sent: put the file back and run the same command again, or start a new journal",
            false => "nothing more is sent: free some space and run the same command again",
        };
        Failure::new("Journal", message, Some(hint))
    }
}

impl std::fmt::Debug for JournalWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Journal for JournalWriter {
    async fn intend(&self, orders: &[(&DeleteOrder, &DeleteEntry)]) -> Result<(), Failure> {
        self.append_and_sync(|lines| orders.iter().for_each(|(order, entry)| intent_line(order, entry, lines))).await
    }

    fn ended(&self, order: &DeleteOrder, entry: &DeleteEntry) -> Result<(), Failure> {
        self.append(|lines| outcome_line(&order.given(), entry, lines))
    }

    fn settled(&self, given: &ObjectId, entry: &DeleteEntry) -> Result<(), Failure> {
        self.append(|lines| outcome_line(given, entry, lines))
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

    fn stay_open(&self) {
        Journal::stay_open(self);
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        self.queue.close();
        self.write_inline();
        if let SyncedAppend::Thread(thread) = &mut self.writer
            && let Some(thread) = thread.take()
        {
            // A panic there was reported already.
            let _ = thread.join();
        }
    }
}
