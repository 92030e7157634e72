//! Reads the data files of a report: downloads ahead, one worker per core, and adds up the results.
//!
//! The largest files come first, so that no worker is left alone with a large file at the end. CSV files in S3 are downloaded
//! a little ahead, a few more than the workers read. From columnar files, only the needed columns are read.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::{StreamExt, TryStreamExt};
use s3_inventory::{Damage, DamageKind, DataFile, FileFormat, MemoryBudget, Reservation};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::columnar_files::ColumnarWorker;
use super::columns::{CannotAnswer, check_columns};
use super::csv_files::{self, CsvReading};
use super::data_file::{check_size, open_in_s3};
use super::error::ReportError;
use super::memory::{LEAST_MEMORY, MemoryPlan};
use super::report::{ReadOptions, Report, ReportLocation};
use super::stored_file::{StoredFile, WINDOW};
use super::sums::{FileBytes, FileJob, Progress, SharedRun, WorkerSums};
use crate::audit::{Dimension, Grouping, MANY_VALUES, MOST_VALUES, Question, Tally, VALUE_BYTES, per_word};
use crate::export::{Export, ExportCounts, ExportLines};

/// Groups may always take this many bytes.
const LEAST_GROUPS: u64 = 2 << 20;

impl Report {
    /// Adds up all data files. Every file is checked to its end before its sums count; the first damaged file ends the run.
    /// Setting `stop` also ends it.
    pub(crate) async fn tally(
        self: &Arc<Self>,
        question: &Question,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<Tally, ReportError> {
        self.tally_and_export(question, None, stop, progress).await.map(|(tally, _)| tally)
    }

    /// As [`Report::tally`], and exports rows while they are read. Until this returns without error, the export may be
    /// incomplete or from a damaged report.
    pub(crate) async fn tally_and_export(
        self: &Arc<Self>,
        question: &Question,
        export: Option<Export>,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<(Tally, ExportCounts), ReportError> {
        check_columns(&self.columns, question.filter.current).map_err(cannot_answer)?;
        let (grouping, of_groups) = self.grouping(question)?;
        let overdue = jiff::SignedDuration::from_secs(question.overdue_seconds);
        let empty = Tally::new(question.filter.clone(), self.manifest.scanned_at, overdue, self.columns.size.is_some())
            .in_groups(&grouping, self.manifest.scanned_at);
        let shares =
            if self.manifest.format == FileFormat::Csv { MemoryPlan::for_rows } else { MemoryPlan::for_columns };
        let memory = shares(self.options.memory.saturating_sub(of_groups), self.workers());
        // Unbounded: the memory that jobs hold is limited elsewhere.
        let (send, jobs) = mpsc::unbounded_channel();
        let shared = Arc::new(SharedRun::new(jobs, empty.clone(), stop, progress));
        let workers: Vec<_> = (0..memory.workers)
            .map(|_| {
                let (report, shared, tally) = (Arc::clone(self), Arc::clone(&shared), empty.clone());
                let of = &self.manifest.source_bucket;
                let lines = export.clone().map(|export| ExportLines::new(export, of, &self.columns, &tally));
                let sums = WorkerSums { tally, lines };
                let (memory, runtime) = (memory.clone(), Handle::current());
                tokio::task::spawn_blocking(move || report.work(&memory, runtime, sums, &shared))
            })
            .collect();
        // Boxed, because the compiler reaches its limit for nested futures.
        Box::pin(self.list_files()).await;
        let fetched = self.fetch_all(&memory, &shared, &send).await;
        drop(send);
        if let Err(error) = fetched {
            shared.fail(error);
        }
        let (mut parts, mut exported) = (Vec::with_capacity(workers.len()), ExportCounts::default());
        for worker in workers {
            let ended = worker.await;
            let (part, lines) = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            parts.push(part);
            exported = exported.and(lines);
        }
        let mut sum = shared.take_sum(empty);
        for part in parts {
            sum.merge(&part).map_err(|error| Damage::of_manifest(DamageKind::other(error)))?;
        }
        if let Some(error) = shared.take_error() {
            return Err(error);
        }
        if shared.is_stopped() {
            return Err(ReportError::Stopped);
        }
        self.check_markers(&sum)?;
        Ok((sum, exported))
    }

    /// S3's delete markers have no status. One that has a status is accepted if another column shows that it has no data.
    fn check_markers(&self, sum: &Tally) -> Result<(), Damage> {
        let statuses = sum.marker_statuses();
        if statuses.is_empty() || self.columns.size.is_some() || self.columns.e_tag.is_some() {
            return Ok(());
        }
        Err(cannot_answer(CannotAnswer::MarkersWithStatus(per_word(&statuses))))
    }

    /// How rows are grouped, and the memory for that.
    fn grouping(&self, question: &Question) -> Result<(Grouping, u64), Damage> {
        let prefixes = question.by.iter().filter(|by| matches!(by, Dimension::Prefix(_))).count() as u64;
        for by in &question.by {
            let (column, name) = match by {
                Dimension::Prefix(_) => continue,
                Dimension::StorageClass => (self.columns.storage_class, "StorageClass"),
                Dimension::Encryption => (self.columns.encryption_status, "EncryptionStatus"),
                Dimension::Age => (self.columns.last_modified, "LastModifiedDate"),
            };
            if column.is_none() {
                return Err(cannot_answer(CannotAnswer::Grouping { column: name, by: *by }));
            }
        }
        // At most half of the memory, and the minimum for reading is left: fewer values are better than exceeding the limit.
        // Includes the values that each worker keeps.
        let room = (self.options.memory / 2).min(self.options.memory.saturating_sub(LEAST_MEMORY)).max(LEAST_GROUPS);
        let of_workers = self.workers() as u64 * MANY_VALUES as u64 * VALUE_BYTES;
        // A comparison holds the values of two reports at once.
        let held = prefixes * if question.compared { 2 } else { 1 };
        let values = room.saturating_sub(of_workers).max(LEAST_GROUPS) / VALUE_BYTES / held.max(1);
        let most = MOST_VALUES.min(usize::try_from(values).unwrap_or(usize::MAX));
        let grouping = Grouping { by: question.by.clone(), most, encoded: self.manifest.format == FileFormat::Csv };
        let taken = if prefixes == 0 { 0 } else { most as u64 * VALUE_BYTES * held + of_workers };
        Ok((grouping, taken))
    }

    fn workers(&self) -> usize {
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
        let turns = Turns::default();
        let turns = &turns;
        futures_util::stream::iter(order)
            .map(|at| async move {
                let bytes = self.fetch(&self.manifest.files[at], memory, turns, shared).await?;
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
        file: &DataFile,
        memory: &MemoryPlan,
        turns: &Turns,
        shared: &SharedRun,
    ) -> Result<FileBytes, ReportError> {
        let ReportLocation::S3 { store, bucket } = &self.location else { return Ok(FileBytes::InPlace) };
        if self.manifest.format == FileFormat::Csv {
            let reserved = turns.reserve(&memory.stored, file.size.min(WINDOW)).await;
            let body = open_in_s3(store, bucket, file).await?;
            return Ok(FileBytes::Arriving(StoredFile::download(&Handle::current(), file, body, reserved)));
        }
        if !self.options.whole {
            return Ok(FileBytes::InPlace);
        }
        let Some(reserved) = turns.reserve(&memory.stored, file.size).await else { return Ok(FileBytes::InPlace) };
        let mut body = open_in_s3(store, bucket, file).await?;
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

    fn work(
        &self,
        memory: &MemoryPlan,
        runtime: Handle,
        mut sums: WorkerSums,
        shared: &SharedRun,
    ) -> (Tally, ExportCounts) {
        let read = if self.manifest.format == FileFormat::Csv {
            let ReadOptions { workers, verify, .. } = self.options;
            let reading = CsvReading::of(self.manifest.files.len(), memory.workers, workers, verify);
            csv_files::read(self, reading, &mut sums, shared)
        } else {
            ColumnarWorker::new(memory.of_worker(), runtime).read_all(self, &mut sums, shared)
        };
        if let Err(error) = read {
            shared.fail(error);
        }
        let exported = match &mut sums.lines {
            Some(lines) if !shared.is_stopped() => lines.finish(),
            Some(_) | None => Ok(ExportCounts::default()),
        };
        let exported = exported.unwrap_or_else(|error| {
            shared.fail(ReportError::Export(error));
            ExportCounts::default()
        });
        if shared.is_stopped() {
            shared.drop_jobs();
        }
        (sums.tally, exported)
    }
}

fn cannot_answer(why: CannotAnswer) -> Damage {
    Damage::of_manifest(DamageKind::other(why))
}

/// Makes downloads wait for memory one after the other, so that only one of them blocks a thread.
#[derive(Default)]
struct Turns(tokio::sync::Mutex<()>);

impl Turns {
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
