//! The pipeline over the data files of a report: fetched ahead, read by a worker per core, added up.
//!
//! The largest files first, so that no worker is left alone with a large one at the end. CSV files in S3 are downloaded a
//! little ahead, some more of them than the workers are busy with; of others, only what is needed is fetched.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::{StreamExt, TryStreamExt};
use s3_inventory::{Damage, DamageKind, DataFile, FileFormat, MemoryBudget, Reservation};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::columnar_files::ColumnarWorker;
use super::columns::{CannotAnswer, check_columns};
use super::csv_files;
use super::data_file::{check_size, open_in_s3};
use super::error::ReportError;
use super::memory::{LEAST_MEMORY, MemoryPlan};
use super::report::{Report, ReportLocation};
use super::stored_file::{StoredFile, WINDOW};
use super::sums::{FileBytes, FileJob, Progress, SharedRun, WorkerSums};
use crate::audit::{Dimension, Grouping, MANY_VALUES, MOST_VALUES, Question, Tally, VALUE_BYTES, per_word};
use crate::export::{Export, ExportCounts, ExportLines};

/// Groups take this many bytes even where there is hardly any memory.
const LEAST_GROUPS: u64 = 2 << 20;

impl Report {
    /// Adds up all data files. Every file is checked to its end before its sums count; the first that is damaged ends the
    /// run. Setting `stop` ends it too.
    ///
    /// # Panics
    /// When a worker panics.
    pub(crate) async fn tally(
        self: &Arc<Self>,
        question: &Question,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<Tally, ReportError> {
        self.tally_and_export(question, None, stop, progress).await.map(|(tally, _)| tally)
    }

    /// As [`Report::tally`], and writes what `export` asks for while rows are read: until this has returned without error,
    /// what was written may be of a damaged report, or not be whole.
    ///
    /// # Panics
    /// When a worker panics.
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
        // Not bounded: what a job holds is a part of the memory, which is.
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
        // Boxed: nested as it is, the compiler reaches its limit for the layout of futures.
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

    /// A delete marker of S3 has no status. One that has is believed where a column shows that it has no content either.
    fn check_markers(&self, sum: &Tally) -> Result<(), Damage> {
        let statuses = sum.marker_statuses();
        if statuses.is_empty() || self.columns.size.is_some() || self.columns.e_tag.is_some() {
            return Ok(());
        }
        Err(cannot_answer(CannotAnswer::MarkersWithStatus(per_word(&statuses))))
    }

    /// How rows are grouped, and the memory that it takes.
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
        // Half of the memory at most, and what reading takes at least is left: fewer values, rather than a cap that does not
        // hold. What each worker keeps for itself is counted too.
        let room = (self.options.memory / 2).min(self.options.memory.saturating_sub(LEAST_MEMORY)).max(LEAST_GROUPS);
        let of_workers = self.workers() as u64 * MANY_VALUES as u64 * VALUE_BYTES;
        // Values of two reports are held at once where one is compared with the other.
        let held = prefixes * if question.compared { 2 } else { 1 };
        let values = room.saturating_sub(of_workers).max(LEAST_GROUPS) / VALUE_BYTES / held.max(1);
        let most = MOST_VALUES.min(usize::try_from(values).unwrap_or(usize::MAX));
        let grouping = Grouping { by: question.by.clone(), most, encoded: self.manifest.format == FileFormat::Csv };
        let taken = if prefixes == 0 { 0 } else { most as u64 * VALUE_BYTES * held + of_workers };
        Ok((grouping, taken))
    }

    /// Threads at most.
    fn workers(&self) -> usize {
        self.options.workers.min(self.manifest.files.len())
    }

    /// Gives every file to the workers, in the order in which they arrive.
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
                // Workers that are gone have stopped, and say why.
                let _ = send.send(job);
                if shared.is_stopped() { Err(ReportError::Stopped) } else { Ok(()) }
            })
            .await
    }

    /// Begins to download a file that is read whole, as far as memory has room for it; any other a worker reads from where
    /// it is.
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
        // As long as it comes, and no longer than what was reserved for it.
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
            // Where each worker has no more than one, a second one is better left to another.
            csv_files::read(self, self.manifest.files.len() > memory.workers, &mut sums, shared)
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

/// Downloads that wait for memory, one after the other: only the first of them keeps a thread waiting.
#[derive(Default)]
struct Turns(tokio::sync::Mutex<()>);

impl Turns {
    /// Waits until this many bytes are free; `None` when they never will be.
    async fn reserve(&self, budget: &MemoryBudget, bytes: u64) -> Option<Reservation> {
        let _turn = self.0.lock().await;
        if let Some(reserved) = budget.try_reserve(bytes) {
            return Some(reserved);
        }
        let budget = budget.clone();
        tokio::task::spawn_blocking(move || budget.reserve(bytes)).await.ok().flatten()
    }
}
