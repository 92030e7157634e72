//! Reads the data files of a report: downloads ahead, one worker per core, and passes on the rows.
//!
//! The largest files come first, so that no worker is left alone with a large file at the end. CSV files in S3 are downloaded
//! a little ahead, a few more than the workers read. From columnar files, only the needed columns are read.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::{StreamExt, TryStreamExt};
use s3_inventory::{FileFormat, MemoryBudget, Reservation};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::columnar_files::ColumnarWorker;
use super::csv_files::{self, CsvReading};
use super::data_file::check_size;
use super::error::ReportError;
use super::memory::MemoryPlan;
use super::report::{ReadOptions, Report, ReportLocation};
use super::run::{FileBytes, FileJob, Progress, RowTaker, SharedRun};
use super::stored_file::{StoredFile, WINDOW};

impl Report {
    /// Passes every row to one of several takers, each on a thread of its own. Every file is checked to its end before this
    /// returns without error; the first damaged file ends the reading. Setting `stop` also ends it. `held` is the memory that
    /// the takers use.
    pub(super) async fn scan<T: RowTaker>(
        self: &Arc<Self>,
        held: u64,
        mut taker: impl FnMut() -> T,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<Vec<T>, ReportError> {
        let (total, workers) = (
            self.options.memory.saturating_sub(held),
            self.workers().max(T::WAITING.min(self.options.downloads).min(self.manifest.files.len())),
        );
        let memory = match self.manifest.format {
            FileFormat::Csv => MemoryPlan::for_rows(total, workers),
            FileFormat::Parquet | FileFormat::Orc => MemoryPlan::for_columns(total, workers, T::COLUMNS),
        };
        // Unbounded: the memory that jobs hold is limited elsewhere.
        let (send, jobs) = mpsc::unbounded_channel();
        let shared = Arc::new(SharedRun::new(jobs, stop, progress));
        let workers: Vec<_> = (0..memory.workers)
            .map(|_| {
                let (report, shared, taker) = (Arc::clone(self), Arc::clone(&shared), taker());
                let (memory, runtime) = (memory.clone(), Handle::current());
                tokio::task::spawn_blocking(move || report.work(&memory, runtime, taker, &shared))
            })
            .collect();
        // Boxed, because the compiler reaches its limit for nested futures.
        Box::pin(self.list_files()).await;
        let fetched = self.fetch_all(&memory, &shared, &send).await;
        drop(send);
        if let Err(error) = fetched {
            shared.fail(error);
        }
        let mut takers = Vec::with_capacity(workers.len());
        for worker in workers {
            let ended = worker.await;
            takers.push(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())));
        }
        match shared.take_error() {
            Some(error) => Err(error),
            None if shared.is_stopped() => Err(ReportError::Stopped),
            None => Ok(takers),
        }
    }

    /// The most workers that read this report at once.
    pub(super) fn workers(&self) -> usize {
        self.options.workers.min(self.manifest.files.len())
    }

    /// Sends every file to the workers, in the order of arrival.
    async fn fetch_all(
        &self,
        memory: &MemoryPlan,
        shared: &SharedRun,
        send: &mpsc::UnboundedSender<FileJob>,
    ) -> Result<(), ReportError> {
        let mut order: Vec<usize> = (0..self.manifest.files.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(self.manifest.files[*at].size));
        let ahead = match &self.location {
            ReportLocation::S3 { .. } => self.options.downloads.max(1),
            ReportLocation::Local(_) => 1,
        };
        let turns = DownloadQueue::default();
        let turns = &turns;
        futures_util::stream::iter(order)
            .map(|at| async move {
                let bytes = self.fetch(at, memory, turns, shared).await?;
                Ok(FileJob { at, bytes })
            })
            .buffer_unordered(ahead)
            .try_for_each(|job| async move {
                // If the workers have stopped, they report why.
                let _ = send.send(job);
                if shared.is_stopped() { Err(ReportError::Stopped) } else { Ok(()) }
            })
            .await
    }

    /// Starts the download of a file of which all bytes are read, if memory allows. A worker opens any other file itself.
    async fn fetch(
        &self,
        at: usize,
        memory: &MemoryPlan,
        turns: &DownloadQueue,
        shared: &SharedRun,
    ) -> Result<FileBytes, ReportError> {
        let ReportLocation::S3 { store, bucket } = &self.location else { return Ok(FileBytes::InPlace) };
        let file = &self.manifest.files[at];
        if self.manifest.format == FileFormat::Csv {
            let reserved = turns.reserve(&memory.stored, file.size.min(WINDOW)).await;
            let body = self.open_s3_file(store, bucket, at).await?;
            return Ok(FileBytes::Arriving(StoredFile::download(&Handle::current(), file, body, reserved)));
        }
        if !self.options.whole {
            return Ok(FileBytes::InPlace);
        }
        let Some(reserved) = turns.reserve(&memory.stored, file.size).await else { return Ok(FileBytes::InPlace) };
        let mut body = self.open_s3_file(store, bucket, at).await?;
        // Never longer than the reserved memory.
        let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
        while let Some(piece) = body.next().await? {
            if (bytes.len() + piece.len()) as u64 > file.size {
                check_size(file, (bytes.len() + piece.len()) as u64)?;
            }
            bytes.extend_from_slice(&piece);
            (shared.progress)(piece.len() as u64);
        }
        check_size(file, bytes.len() as u64)?;
        Ok(FileBytes::Whole(bytes, reserved))
    }

    fn work<T: RowTaker>(&self, memory: &MemoryPlan, runtime: Handle, mut taker: T, shared: &SharedRun) -> T {
        let read = if self.manifest.format == FileFormat::Csv {
            let ReadOptions { workers, verify, .. } = self.options;
            let reading = CsvReading::of(self.manifest.files.len(), memory.workers, workers, verify);
            csv_files::read(self, reading, &mut taker, shared)
        } else {
            ColumnarWorker::new(memory.of_worker(), runtime).read_all(self, &mut taker, shared)
        };
        if let Err(error) = read {
            shared.fail(error);
        }
        if !shared.is_stopped()
            && let Err(error) = taker.finish()
        {
            shared.fail(error);
        }
        if shared.is_stopped() {
            shared.drop_jobs();
        }
        taker
    }
}

/// Makes downloads wait for memory one after the other, so that only one of them blocks a thread.
#[derive(Default)]
struct DownloadQueue(tokio::sync::Mutex<()>);

impl DownloadQueue {
    /// Waits until this many bytes are free; `None` if the budget is too small.
    async fn reserve(&self, budget: &MemoryBudget, bytes: u64) -> Option<Reservation> {
        let _turn = self.0.lock().await;
        if let Some(reserved) = budget.try_reserve(bytes) {
            return Some(reserved);
        }
        let budget = budget.clone();
        tokio::task::spawn_blocking(move || budget.reserve(bytes)).await.ok().flatten()
    }
}
