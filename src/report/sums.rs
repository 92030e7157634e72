//! The sums of the workers, and the state that they share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use s3_inventory::{Damage, DamageKind, Reservation};
use tokio::sync::mpsc;

use super::error::ReportError;
use super::stored_file::StoredFile;
use crate::audit::{Tally, TallyError};
use crate::export::{ExportLines, ExportRowError};

/// Called with how many stored bytes were read.
pub(crate) type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// A data file to read.
pub(super) struct FileJob {
    /// Index in the manifest.
    pub(super) at: usize,
    pub(super) bytes: FileBytes,
}

pub(super) enum FileBytes {
    /// The worker opens the file itself.
    InPlace,
    /// All bytes, already reported as progress, and the memory that they take.
    Whole(Vec<u8>, Reservation),
    /// A download that has begun.
    Arriving(StoredFile),
}

pub(super) struct WorkerSums {
    pub(super) tally: Tally,
    /// `None` without an export.
    pub(super) lines: Option<ExportLines>,
}

/// Why a row was neither counted nor exported.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowRefusal {
    #[error(transparent)]
    Tally(#[from] TallyError),
    #[error(transparent)]
    Export(#[from] ExportRowError),
}

impl RowRefusal {
    /// The error of the report or of the export. `at` adds the place of the row.
    pub(super) fn explain(self, at: impl FnOnce(DamageKind) -> Damage) -> ReportError {
        match self {
            Self::Tally(error) => at(DamageKind::other(error)).into(),
            Self::Export(ExportRowError::Row(error)) => at(error.into()).into(),
            Self::Export(ExportRowError::Sink(error)) => ReportError::Export(error),
            Self::Export(error @ ExportRowError::KeyNotUtf8(_)) => {
                ReportError::NotExportable(at(DamageKind::other(error)))
            }
        }
    }
}

/// The state that all workers share.
pub(super) struct SharedRun {
    jobs: Mutex<mpsc::UnboundedReceiver<FileJob>>,
    first_error: Mutex<Option<ReportError>>,
    /// Sums that became too large for a single worker.
    sum: Mutex<Tally>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) progress: Progress,
}

impl SharedRun {
    pub(super) fn new(
        jobs: mpsc::UnboundedReceiver<FileJob>,
        sum: Tally,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Self {
        Self { jobs: Mutex::new(jobs), first_error: Mutex::default(), sum: Mutex::new(sum), stop, progress }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The next file; `None` after the last. Without `wait`, also `None` if no file is ready, or another worker waits for one.
    pub(super) fn next(&self, wait: bool) -> Option<FileJob> {
        if wait { lock(&self.jobs).blocking_recv() } else { self.jobs.try_lock().ok()?.try_recv().ok() }
    }

    /// Releases the memory of jobs that no worker will take: the fetching task may wait for it.
    pub(super) fn drop_jobs(&self) {
        let mut jobs = lock(&self.jobs);
        jobs.close();
        while jobs.try_recv().is_ok() {}
    }

    /// Takes over the sums of a worker when they have become large.
    #[inline]
    pub(super) fn merge_if_large(&self, tally: &mut Tally) -> Result<(), TallyError> {
        if tally.is_large() {
            lock(&self.sum).merge(tally)?;
            tally.clear();
        }
        Ok(())
    }

    /// Takes the merged sums, and leaves `empty`.
    pub(super) fn take_sum(&self, empty: Tally) -> Tally {
        std::mem::replace(&mut *lock(&self.sum), empty)
    }

    /// Ends the run. Keeps the error unless the run was already stopped by the user or by an earlier error.
    pub(super) fn fail(&self, error: ReportError) {
        let mut first = lock(&self.first_error);
        if !self.stop.swap(true, Ordering::Relaxed) {
            *first = Some(error);
        }
    }

    pub(super) fn take_error(&self) -> Option<ReportError> {
        lock(&self.first_error).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
