//! The pipeline over the data files of a report: fetched ahead, read by a worker per core, added up.
//!
//! The largest files first, so that no worker is left alone with a large one at the end. CSV files in S3 are downloaded a
//! little ahead, some more of them than the workers are busy with; of others, only what is needed is fetched.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, TryStreamExt};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::file::{Given, Worker, check_size, open};
use super::memory::{LEAST_MEMORY, Memory};
use super::source::{Stored, WINDOW};
use super::{Place, Report, ReportError, rows};
use crate::audit::{Dimension, Grouping, MANY_VALUES, MOST_VALUES, Question, Tally, VALUE_BYTES, per_word};
use crate::export::{Export, Exported, Lines, Refusal};
use crate::inventory::{Damage, DataFile, FileFormat};

/// Groups take so many bytes even where there is hardly any memory.
const LEAST_GROUPS: u64 = 2 << 20;

/// Told how many stored bytes were read.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// A file, by its place in the manifest, and what a worker is given of it.
pub(super) type Job = (usize, Given);

impl Report {
    /// Adds up all data files. Every file is checked to its end before its sums count; the first that is damaged ends the
    /// run. Setting `stop` ends it too.
    ///
    /// # Errors
    /// Damage, a file that can't be read, or a stop.
    ///
    /// # Panics
    /// When a worker panics.
    pub async fn tally(
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
    /// # Errors
    /// As [`Report::tally`], or the export can't be written.
    ///
    /// # Panics
    /// When a worker panics.
    pub(crate) async fn tally_and_export(
        self: &Arc<Self>,
        question: &Question,
        export: Option<Export>,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<(Tally, Exported), ReportError> {
        self.columns.can_answer(question.filter.current)?;
        let (grouping, of_groups) = self.grouping(question)?;
        let overdue = jiff::SignedDuration::from_secs(question.overdue_seconds);
        let empty = Tally::new(question.filter.clone(), self.manifest.scanned_at, overdue, self.columns.size.is_some())
            .in_groups(&grouping, self.manifest.scanned_at);
        let shares = if self.manifest.format == FileFormat::Csv { Memory::for_rows } else { Memory::for_columns };
        let memory = shares(self.options.memory.saturating_sub(of_groups), self.workers());
        // Not bounded, so that whatever is fetched goes on being fetched: what a job holds is a part of the memory.
        let (send, jobs) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            jobs: Mutex::new(jobs),
            first_error: Mutex::default(),
            sum: Mutex::new(empty.clone()),
            stop,
            progress,
        });
        let workers: Vec<_> = (0..memory.workers)
            .map(|_| {
                let (report, shared, tally) = (Arc::clone(self), Arc::clone(&shared), empty.clone());
                let of = &self.manifest.source_bucket;
                let lines = export.clone().map(|export| Lines::new(export, of, &self.columns, &tally));
                let sums = Sums { tally, lines };
                let (memory, runtime) = (memory.clone(), Handle::current());
                tokio::task::spawn_blocking(move || report.work(memory, runtime, sums, &shared))
            })
            .collect();
        // Boxed: nested as it is, the compiler reaches its limit for the layout of futures.
        Box::pin(self.list_files()).await;
        let fetched = self.fetch_all(&memory, &shared, &send).await;
        drop(send);
        if let Err(error) = fetched {
            shared.fail(error);
        }
        let (mut parts, mut exported) = (Vec::with_capacity(workers.len()), Exported::default());
        for worker in workers {
            let ended = worker.await;
            let (part, lines) = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            parts.push(part);
            exported = exported.and(lines);
        }
        let mut sum = std::mem::replace(&mut *lock(&shared.sum), empty);
        for part in parts {
            sum.merge(&part).map_err(|error| Damage::of_manifest(error.to_string()))?;
        }
        if let Some(error) = lock(&shared.first_error).take() {
            return Err(error);
        }
        if shared.stop.load(Ordering::Relaxed) {
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
        Err(Damage::of_manifest(format!(
            "delete markers have a replication status ({}), and the report has neither Size nor ETag, which would tell them from objects",
            per_word(&statuses)
        )))
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
                return Err(Damage::of_manifest(format!(
                    "the report has no {name} column: --by {by} can't be answered"
                )));
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

    /// Gives every file to the workers, in whatever order they come in.
    async fn fetch_all(
        &self,
        memory: &Memory,
        shared: &Shared,
        send: &mpsc::UnboundedSender<Job>,
    ) -> Result<(), ReportError> {
        let mut order: Vec<usize> = (0..self.manifest.files.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(self.manifest.files[*at].size));
        let ahead = match &self.place {
            Place::S3 { .. } => self.options.downloads.max(1),
            Place::Local(_) => 1,
        };
        futures_util::stream::iter(order)
            .map(|at| async move { Ok((at, self.fetch(&self.manifest.files[at], memory, shared).await?)) })
            .buffer_unordered(ahead)
            .try_for_each(|job| async move {
                // Workers that are gone have stopped, and say why.
                let _ = send.send(job);
                if shared.stop.load(Ordering::Relaxed) { Err(ReportError::Stopped) } else { Ok(()) }
            })
            .await
    }

    /// Begins to download a file that is read whole, as far as memory has room for it; any other a worker reads from where
    /// it is.
    async fn fetch(&self, file: &DataFile, memory: &Memory, shared: &Shared) -> Result<Given, ReportError> {
        let Place::S3 { store, bucket } = &self.place else { return Ok(Given::Place) };
        if self.manifest.format == FileFormat::Csv {
            let part = memory.stored.wait_for(file.size.min(WINDOW)).await;
            let body = open(store, bucket, file).await?;
            return Ok(Given::Coming(Stored::download(&Handle::current(), file, body, part)));
        }
        if !self.options.whole {
            return Ok(Given::Place);
        }
        let Some(part) = memory.stored.wait_for(file.size).await else { return Ok(Given::Place) };
        let mut body = open(store, bucket, file).await?;
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
        Ok(Given::Whole(bytes, part))
    }

    fn work(&self, memory: Memory, runtime: Handle, mut sums: Sums, shared: &Shared) -> (Tally, Exported) {
        let read = if self.manifest.format == FileFormat::Csv {
            // Where each worker has no more than one, a second one is better left to another.
            rows::read(self, self.manifest.files.len() > memory.workers, &mut sums, shared)
        } else {
            Worker::new(memory, runtime).read_all(self, &mut sums, shared)
        };
        if let Err(error) = read {
            shared.fail(sums.explain(error));
        }
        let exported = match &mut sums.lines {
            Some(lines) if !shared.stop.load(Ordering::Relaxed) => lines.finish(),
            Some(_) | None => Ok(Exported::default()),
        };
        let exported = exported.unwrap_or_else(|what| {
            shared.fail(sums.explain(Damage::of_manifest(what).into()));
            Exported::default()
        });
        // Whoever still fetches for a run that failed must not wait for memory that jobs hold which nobody takes any more.
        if shared.stop.load(Ordering::Relaxed) {
            let mut jobs = lock(&shared.jobs);
            jobs.close();
            while jobs.try_recv().is_ok() {}
        }
        (sums.tally, exported)
    }
}

/// What one worker makes of the rows it reads.
pub(super) struct Sums {
    pub(super) tally: Tally,
    /// `None` where nothing is exported.
    pub(super) lines: Option<Lines>,
}

impl Sums {
    /// What ended the reading: the report, or the export.
    pub(super) fn explain(&mut self, error: ReportError) -> ReportError {
        match (self.lines.as_mut().and_then(|lines| lines.refusal.take()), error) {
            (Some(Refusal::Sink(error)), _) => ReportError::Export(error),
            (Some(Refusal::Key), ReportError::Damaged(row)) => ReportError::NotExportable(row),
            (_, error) => error,
        }
    }
}

/// What all workers see.
pub(super) struct Shared {
    jobs: Mutex<mpsc::UnboundedReceiver<Job>>,
    first_error: Mutex<Option<ReportError>>,
    /// What workers have no room for on their own.
    sum: Mutex<Tally>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) progress: Progress,
}

impl Shared {
    /// The next file, `None` when there is none any more. Without `wait`, also when there is none at hand, or another worker
    /// waits for one.
    pub(super) fn next(&self, wait: bool) -> Option<Job> {
        if wait { lock(&self.jobs).blocking_recv() } else { self.jobs.try_lock().ok()?.try_recv().ok() }
    }

    /// Takes over what a worker counted when that has become large.
    ///
    /// # Errors
    /// A sum that passes 2^64, too many different values.
    #[inline]
    pub(super) fn merge_if_large(&self, tally: &mut Tally) -> Result<(), String> {
        if tally.is_large() {
            lock(&self.sum).merge(tally).map_err(|error| error.to_string())?;
            tally.clear();
        }
        Ok(())
    }

    /// Ends the run; a stop by the user, or the echo of another error, is no error of its own.
    fn fail(&self, error: ReportError) {
        let mut first = lock(&self.first_error);
        if !self.stop.swap(true, Ordering::Relaxed) {
            *first = Some(error);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
