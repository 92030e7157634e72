//! Streams the data files of a report through, several at once, and adds up.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::bufread::MultiGzDecoder;

use super::source::{Download, Metered};
use super::{Place, Report, ReportError, local};
use crate::audit::{Question, Tally};
use crate::inventory::{Damage, DataFile, scan};

/// Compressed bytes read at once.
const READ: usize = 64 << 10;
/// Inflated bytes scanned at once.
const SCAN: usize = 128 << 10;

/// Told how many stored bytes were read.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

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
        self.columns.can_answer(question.filter.current)?;
        let overdue = jiff::SignedDuration::from_secs(question.overdue_seconds);
        let empty = Tally::new(question.filter.clone(), self.manifest.scanned_at, overdue, self.columns.size.is_some());
        // The largest first, so that no worker is left alone with a large one at the end.
        let mut order: Vec<usize> = (0..self.manifest.files.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(self.manifest.files[*at].size));
        let shared =
            Arc::new(Shared { queue: Mutex::new(order.into()), first_error: Mutex::default(), stop, progress });
        let runtime = tokio::runtime::Handle::current();
        let workers = self.options.workers.clamp(1, self.manifest.files.len().max(1));
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                let (report, shared, runtime) = (Arc::clone(self), Arc::clone(&shared), runtime.clone());
                let tally = empty.clone();
                tokio::task::spawn_blocking(move || report.work(tally, &shared, &runtime))
            })
            .collect();
        let mut sum = empty;
        for worker in workers {
            let part = worker.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            sum.merge(&part).map_err(Damage::of_manifest)?;
        }
        if let Some(error) = lock(&shared.first_error).take() {
            return Err(error);
        }
        if shared.stop.load(Ordering::Relaxed) {
            return Err(ReportError::Stopped);
        }
        Ok(sum)
    }

    fn work(&self, mut tally: Tally, shared: &Shared, runtime: &tokio::runtime::Handle) -> Tally {
        while !shared.stop.load(Ordering::Relaxed) {
            let Some(at) = lock(&shared.queue).pop_front() else { break };
            if let Err(error) = self.read_file(&self.manifest.files[at], &mut tally, shared, runtime) {
                let mut first = lock(&shared.first_error);
                // A stop by the user, or the echo of another worker's error, is no error of its own.
                if first.is_none() && !shared.stop.swap(true, Ordering::Relaxed) {
                    *first = Some(error);
                }
            }
        }
        tally
    }

    fn read_file(
        &self,
        file: &DataFile,
        tally: &mut Tally,
        shared: &Shared,
        runtime: &tokio::runtime::Handle,
    ) -> Result<(), ReportError> {
        match &self.place {
            Place::Local(folders) => {
                let path = folders.find(&file.key)?;
                let mut opened = File::open(&path).map_err(|error| local::local("opening", &path, &error))?;
                let size = opened.metadata().map_err(|error| local::local("looking at", &path, &error))?.len();
                check_size(file, size)?;
                Ok(self.read_rows(file, &mut opened, tally, shared)?)
            }
            Place::S3 { store, bucket } => {
                let body = runtime.block_on(store.get(bucket, &file.key, "a data file of the report"))?;
                let body = body.ok_or_else(|| {
                    Damage::of_file(&file.key, None, format!("the file is missing from bucket {bucket}"))
                })?;
                if let Some(size) = body.size {
                    check_size(file, size)?;
                }
                let mut download = Download::start(runtime, body);
                let read = self.read_rows(file, &mut download, tally, shared);
                read.map_err(|damage| download.failure.take().map_or(ReportError::Damaged(damage), ReportError::Store))
            }
        }
    }

    fn read_rows(
        &self,
        file: &DataFile,
        bytes: &mut impl Read,
        tally: &mut Tally,
        shared: &Shared,
    ) -> Result<(), Damage> {
        let mut metered = Metered::new(bytes, self.options.verify, &shared.stop, &shared.progress);
        let mut stored = BufReader::with_capacity(READ, &mut metered);
        let unreadable = |error| Damage::of_file(&file.key, None, format!("it can't be read: {error}"));
        // By its first bytes, not by its name: some writers leave the compression out. They may come one at a time.
        let mut head = Vec::with_capacity(2);
        stored.by_ref().take(2).read_to_end(&mut head).map_err(unreadable)?;
        let is_gzip = head == [0x1f, 0x8b];
        let stored = head.as_slice().chain(stored);
        let each = |record: &crate::inventory::Record<'_>| tally.count(record);
        let bucket = &self.manifest.source_bucket;
        if is_gzip {
            let inflated = BufReader::with_capacity(SCAN, MultiGzDecoder::new(stored));
            scan(inflated, &file.key, &self.columns, bucket, each)?;
        } else {
            scan(stored, &file.key, &self.columns, bucket, each)?;
        }
        check_size(file, metered.count)?;
        match (metered.digest(), file.md5) {
            (Some(found), Some(expected)) if found != expected => {
                Err(Damage::of_file(&file.key, None, "the file does not have the MD5 that the manifest names"))
            }
            _ => Ok(()),
        }
    }
}

fn check_size(file: &DataFile, size: u64) -> Result<(), Damage> {
    if size == file.size {
        return Ok(());
    }
    let what = format!("the file has {size} bytes, the manifest says {}", file.size);
    Err(Damage::of_file(&file.key, None, what))
}

struct Shared {
    queue: Mutex<VecDeque<usize>>,
    first_error: Mutex<Option<ReportError>>,
    stop: Arc<AtomicBool>,
    progress: Progress,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
