//! What the workers of one reading share, and what takes the rows that they read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use s3_inventory::{
    Batch, ColumnError, Columns, CsvPiece, CsvReader, Damage, DamageKind, KeyClasses, Reservation, RowError, ScanError,
};
use tokio::sync::mpsc;

use super::error::ReportError;
use super::stored_file::StoredFile;
use crate::audit::TallyError;
use crate::export::ExportRowError;

/// Called with how many stored bytes were read.
pub(crate) type Progress = Arc<dyn Fn(u64) + Send + Sync>;

pub(super) type TextTaken = Result<(), ScanError<RowRefusal>>;

/// Takes the rows that one worker reads.
pub(super) trait RowTaker: Send + 'static {
    /// Memory that a columnar worker should have for the columns that this needs.
    const COLUMNS: u64;
    /// The most workers that wait for a server more than they compute; 0 for takers that compute.
    const WAITING: usize = 0;

    /// The columns of a CSV report that are parsed for it.
    fn columns(&self, all: &Columns) -> Columns {
        Columns { storage_class: None, encryption_status: None, ..all.clone() }
    }

    /// The columns of a columnar report that it needs, by their names. They include `bucket`.
    fn wanted<'a>(&self, all: &'a Columns) -> Vec<&'a str>;

    /// What it needs instead of the keys of a columnar report, if classes of them are enough.
    fn key_classes(&self) -> Option<Box<dyn KeyClasses>> {
        None
    }

    /// Takes the rows of the next piece of a CSV file from `rows`.
    fn take_text(&mut self, rows: &mut CsvReader<'_>, piece: CsvPiece<'_>, last: bool) -> TextTaken;

    /// Takes the number of rows that the footer of a columnar file claims. Returns whether the rows are wanted too.
    fn wants_rows(&mut self, _claimed: u64) -> bool {
        true
    }

    /// Takes the rows of a batch of a columnar file.
    fn take_batch(&mut self, batch: &Batch<'_>) -> Result<(), BatchRefusal>;

    /// Called after the last row, unless the reading was stopped.
    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}

/// Why a row was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowRefusal {
    #[error(transparent)]
    Tally(#[from] TallyError),
    #[error(transparent)]
    Export(#[from] ExportRowError),
    #[error(transparent)]
    Row(#[from] RowError),
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// The row is sound, and the run can't go on.
    #[error(transparent)]
    Run(Box<ReportError>),
}

/// Why a row of a batch was not taken; without an index, the whole batch.
#[derive(Debug)]
pub(super) struct BatchRefusal {
    pub(super) row: Option<usize>,
    pub(super) why: RowRefusal,
}

impl BatchRefusal {
    pub(super) fn of_row(row: usize, why: impl Into<RowRefusal>) -> Self {
        Self { row: Some(row), why: why.into() }
    }

    pub(super) fn of_batch(why: impl Into<RowRefusal>) -> Self {
        Self { row: None, why: why.into() }
    }
}

impl RowRefusal {
    /// The error of the report or of the run. `at` adds the place of the row.
    pub(super) fn explain(self, at: impl FnOnce(DamageKind) -> Damage) -> ReportError {
        match self {
            Self::Tally(error @ TallyError::GroupNotUtf8(_)) => ReportError::NotGroupable(at(DamageKind::other(error))),
            Self::Tally(error) => at(DamageKind::other(error)).into(),
            Self::Row(error) | Self::Export(ExportRowError::Row(error)) => at(error.into()).into(),
            Self::Column(error) => at(error.into()).into(),
            Self::Export(ExportRowError::Sink(error)) => ReportError::Export(error),
            Self::Export(error @ ExportRowError::KeyNotUtf8(_)) => {
                ReportError::NotExportable(at(DamageKind::other(error)))
            }
            Self::Run(error) => *error,
        }
    }
}

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

/// The state that all workers share.
pub(super) struct SharedRun {
    jobs: Mutex<mpsc::UnboundedReceiver<FileJob>>,
    first_error: Mutex<Option<ReportError>>,
    /// An error of one worker ends the reading, and nothing else.
    has_failed: AtomicBool,
    /// Set by the user.
    stop: Arc<AtomicBool>,
    pub(super) progress: Progress,
}

impl SharedRun {
    pub(super) fn new(jobs: mpsc::UnboundedReceiver<FileJob>, stop: Arc<AtomicBool>, progress: Progress) -> Self {
        Self {
            jobs: Mutex::new(jobs),
            first_error: Mutex::default(),
            has_failed: AtomicBool::new(false),
            stop,
            progress,
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.has_failed.load(Ordering::Relaxed)
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

    /// Ends the reading. Keeps the error unless the reading was already stopped by the user or by an earlier error.
    pub(super) fn fail(&self, error: ReportError) {
        let mut first = lock(&self.first_error);
        if !self.has_failed.swap(true, Ordering::Relaxed) && !self.stop.load(Ordering::Relaxed) {
            *first = Some(error);
        }
    }

    pub(super) fn take_error(&self) -> Option<ReportError> {
        lock(&self.first_error).take()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
