//! Reads two reports into partitions, and compares the partitions on all cores.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use s3_inventory::FileFormat;

use super::error::ReportError;
use super::memory::LEAST_MEMORY;
use super::record_store::{OPEN_BLOCKS, RecordStore};
use super::records::{RecordMaker, RecordPartitioner, RecordRules, RowCounts};
use super::report::Report;
use super::run::{Progress, lock};
use crate::model::Overflow;
use crate::reconcile::{
    COMPARING_BYTES, ClassTable, CompareError, Identity, IdentitySecret, LONG_RECORD, PROBLEM_BYTES, PairSide,
    PairSums, PartitionComparer, PartitionPart, SHORT_RECORD, StatusWords,
};
use crate::spill::{SpillError, StoreLimits};

/// Records of a partition, about: more partitions would need more blocks, which must stay in the fast caches while they are filled.
const PARTITION_RECORDS: u64 = 64 << 10;
const MOST_PARTITIONS: u64 = 1024;
/// Stored bytes of a row, about. If a report has fewer, partitions are larger, and compared in parts if memory is short.
const STORED_ROW: u64 = 96;
/// The largest block. Larger ones would not stay in the caches while they are filled.
const MOST_BLOCK: u64 = 4 << 10;

/// How two reports are compared.
#[derive(Debug, Clone)]
pub(crate) struct PairQuestion {
    /// Only keys that begin with this.
    pub(crate) prefix: Option<String>,
    /// What was written before is in both reports.
    pub(crate) old_before: Timestamp,
}

/// Two reports whose rows are in partitions.
pub(crate) struct ReportPair {
    pub(super) source: Arc<Report>,
    pub(super) destination: Arc<Report>,
    pub(super) rules: RecordRules,
    stores: [RecordStore; 2],
    pub(super) counts: [RowCounts; 2],
    memory: PairMemory,
    workers: usize,
}

/// How `--memory` is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PairMemory {
    /// For records while reports are read: blocks in memory, and those that are being filled.
    held: u64,
    limits: StoreLimits,
    /// The most records that one thread compares at once.
    compared: u64,
    /// The most problems that are kept for a second reading.
    problems: u64,
}

impl PairMemory {
    fn of(memory: u64, workers: usize, stored: u64, is_columnar: bool) -> Self {
        let (memory, workers) = (memory.max(LEAST_MEMORY), workers.max(1) as u64);
        // Reading needs at least some 32 MiB, of which little is used by a single worker. Wide columns need more: with 256 MiB, this
        // leaves enough for two workers, also in a second reading.
        let held = match is_columnar {
            _ if memory < 4 * LEAST_MEMORY => memory / 4,
            true => memory / 16 * 7,
            false => memory / 8 * 5,
        };
        // At most half for blocks that are being filled.
        let open = held / 2 / OPEN_BLOCKS / workers;
        let record = LONG_RECORD as u64;
        let wanted = (stored / STORED_ROW / PARTITION_RECORDS).next_power_of_two().clamp(16, MOST_PARTITIONS);
        let most = (open / (64 * record)).max(1);
        let partitions = if wanted > most { 1 << most.ilog2() } else { wanted };
        let block = (open / partitions).clamp(record, MOST_BLOCK);
        // Reading is over when partitions are compared.
        let compared = (memory - held) / 2 / workers / COMPARING_BYTES;
        Self {
            held,
            limits: StoreLimits {
                // At most 1024, and a block of 4 KiB.
                partitions: partitions as u32,
                block: block as usize,
                memory: held.saturating_sub(OPEN_BLOCKS * workers * partitions * block),
            },
            compared,
            problems: memory / 8 / PROBLEM_BYTES,
        }
    }
}

/// What a comparison found.
pub(crate) struct PairComparison {
    pub(crate) sums: PairSums,
    pub(crate) words: StatusWords,
    /// The rows of the source and of the destination.
    pub(crate) counts: [RowCounts; 2],
    /// Bytes on disk.
    pub(crate) spilled: u64,
    /// For a second reading, if one was asked for.
    pub(super) problems: Problems,
}

/// The problems of a comparison.
pub(super) enum Problems {
    /// Not kept.
    NotAsked,
    All(Arc<ClassTable>),
    /// Too many to be held at once: their number for each partition.
    PerPartition(Vec<u64>),
}

/// Why two reports give no comparison.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PairError {
    /// One of them can't be read.
    #[error("{error}")]
    Report { side: PairSide, error: ReportError },
    /// One of them lists an object twice: see [`ReportPair::name_twice`].
    #[error("the {} report lists an object twice", side.word())]
    Twice { side: PairSide, identity: Identity },
    #[error(transparent)]
    Run(#[from] ReportError),
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl From<SpillError> for PairError {
    fn from(error: SpillError) -> Self {
        Self::Run(error.into())
    }
}

impl From<CompareError> for PairError {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Overflow(error) => Self::Overflow(error),
            CompareError::Twice(side, identity) => Self::Twice { side, identity },
        }
    }
}

impl ReportPair {
    /// Reads both reports. Beyond the memory of their options, records go to a file in `folder` that has no name.
    pub(crate) async fn read(
        source: Arc<Report>,
        destination: Arc<Report>,
        question: &PairQuestion,
        secret: IdentitySecret,
        folder: &Path,
        stop: &Arc<AtomicBool>,
        progress: &Progress,
    ) -> Result<Self, PairError> {
        let mut rules = RecordRules {
            secret,
            words: Arc::new(Mutex::new(StatusWords::default())),
            prefix: question.prefix.as_deref().map(Arc::from),
            old_before: question.old_before,
            without_etags: true,
        };
        let (options, stored) = (&source.options, source.manifest.bytes().unwrap_or(0));
        let stored = stored.saturating_add(destination.manifest.bytes().unwrap_or(0));
        let workers = options.workers.max(1);
        let is_columnar = [&source, &destination].iter().any(|report| report.manifest.format != FileFormat::Csv);
        let memory = PairMemory::of(options.memory, workers, stored, is_columnar);
        let reports = [&source, &destination];
        let read = read_both(reports, &rules, &memory, folder, stop, progress).await;
        let (stores, counts) = match read {
            Err(PairError::Report { error: ReportError::NeedsEtags, .. }) => {
                rules.without_etags = false;
                read_both(reports, &rules, &memory, folder, stop, progress).await?
            }
            read => read?,
        };
        Ok(Self { source, destination, rules, stores, counts, memory, workers })
    }

    /// The records of both reports.
    pub(crate) fn records(&self) -> u64 {
        self.counts[0].rows + self.counts[1].rows
    }

    pub(super) fn partitions(&self) -> u32 {
        self.memory.limits.partitions
    }

    /// The number of problems that may be held at once.
    pub(super) fn most_problems(&self) -> u64 {
        self.memory.problems
    }

    /// The memory that partitions take while a report is read once more.
    pub(super) fn held(&self) -> u64 {
        self.memory.held + self.memory.problems * PROBLEM_BYTES
    }

    /// Compares all partitions. `keep` keeps the problems for a second reading; `progress` is called with how many records were
    /// compared.
    pub(crate) async fn compare(
        self: &Arc<Self>,
        keep: bool,
        stop: &Arc<AtomicBool>,
        progress: &Progress,
    ) -> Result<PairComparison, PairError> {
        let all: Vec<u32> = (0..self.partitions()).collect();
        let most = if keep { self.memory.problems } else { 0 };
        let found = self.compare_some(all, most, stop, progress).await?;
        let problems = match (keep, found.table) {
            (false, _) => Problems::NotAsked,
            (true, Some(mut table)) => {
                table.sort();
                Problems::All(Arc::new(table))
            }
            (true, None) => Problems::PerPartition(found.problems),
        };
        Ok(PairComparison {
            sums: found.sums,
            words: lock(&self.rules.words).clone(),
            counts: self.counts,
            spilled: self.stores[0].short.spilled(),
            problems,
        })
    }

    /// The problems of some partitions.
    pub(super) async fn problems_of(
        self: &Arc<Self>,
        partitions: Vec<u32>,
        stop: &Arc<AtomicBool>,
    ) -> Result<ClassTable, PairError> {
        let silent: Progress = Arc::new(|_| {});
        let found = self.compare_some(partitions, u64::MAX, stop, &silent).await?;
        let mut table = found.table.unwrap_or_default();
        table.sort();
        Ok(table)
    }

    async fn compare_some(
        self: &Arc<Self>,
        partitions: Vec<u32>,
        most_problems: u64,
        stop: &Arc<AtomicBool>,
        progress: &Progress,
    ) -> Result<PartitionsFound, PairError> {
        let (partitions, next) = (Arc::new(partitions), Arc::new(AtomicU32::new(0)));
        let threads: Vec<_> = (0..self.workers.min(partitions.len()).max(1))
            .map(|_| {
                let (pair, partitions, next) = (Arc::clone(self), Arc::clone(&partitions), Arc::clone(&next));
                let (stop, progress) = (Arc::clone(stop), Arc::clone(progress));
                let most = most_problems / self.workers as u64;
                tokio::task::spawn_blocking(move || {
                    let mut found = PartitionsFound::new(pair.partitions(), most);
                    let mut comparer = PartitionComparer::default();
                    let mut buffer = Vec::new();
                    while !stop.load(Ordering::Relaxed)
                        && let Some(partition) = partitions.get(next.fetch_add(1, Ordering::Relaxed) as usize)
                    {
                        let compared = pair.compare_one(*partition, &mut comparer, &mut buffer, &mut found, &stop);
                        if let Err(error) = compared {
                            // The other threads need not go on.
                            next.store(u32::MAX / 2, Ordering::Relaxed);
                            return Err(error);
                        }
                        progress(pair.records_of(*partition));
                    }
                    Ok(found)
                })
            })
            .collect();
        let mut whole = PartitionsFound::new(self.partitions(), most_problems);
        let mut failed = None;
        for thread in threads {
            let ended = thread.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            match ended {
                Ok(found) => whole.merge(found)?,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if stop.load(Ordering::Relaxed) { Err(ReportError::Stopped.into()) } else { Ok(whole) }
    }

    fn records_of(&self, partition: u32) -> u64 {
        self.stores.iter().map(|store| store.records(partition)).sum()
    }

    /// Compares one partition, in parts if it has too many records for the memory.
    fn compare_one(
        &self,
        partition: u32,
        comparer: &mut PartitionComparer,
        buffer: &mut Vec<u8>,
        found: &mut PartitionsFound,
        stop: &AtomicBool,
    ) -> Result<(), PairError> {
        let records = self.records_of(partition);
        let PartitionsFound { sums, problems, table, most } = found;
        let mut problem = |identity, class| {
            problems[partition as usize] += 1;
            let is_full = table.as_ref().is_some_and(|table| table.len() >= *most);
            if is_full {
                *table = None;
            }
            if let Some(table) = table {
                table.add(identity, class);
            }
        };
        for part in PartitionPart::all(records, self.memory.compared) {
            comparer.begin(records / part.count());
            for (side, store) in PairSide::BOTH.into_iter().zip(&self.stores) {
                let running = || match stop.load(Ordering::Relaxed) {
                    true => Err(PairError::Run(ReportError::Stopped)),
                    false => Ok(()),
                };
                store.short.read(partition, buffer, |block| {
                    running()?;
                    comparer.take::<SHORT_RECORD>(side, part, block, sums, &mut problem).map_err(PairError::from)
                })?;
                store.long.read(partition, buffer, |block| {
                    running()?;
                    comparer.take::<LONG_RECORD>(side, part, block, sums, &mut problem).map_err(PairError::from)
                })?;
            }
            comparer.finish(sums, &mut problem)?;
        }
        Ok(())
    }
}

/// The rows of both reports in partitions.
async fn read_both(
    reports: [&Arc<Report>; 2],
    rules: &RecordRules,
    memory: &PairMemory,
    folder: &Path,
    stop: &Arc<AtomicBool>,
    progress: &Progress,
) -> Result<([RecordStore; 2], [RowCounts; 2]), PairError> {
    let stores = RecordStore::pair(memory.limits, folder);
    let mut counts = [RowCounts::default(); 2];
    for (at, side) in PairSide::BOTH.into_iter().enumerate() {
        let (report, store) = (reports[at], &stores[at]);
        let taker = || RecordPartitioner::new(RecordMaker::new(rules, &report.columns), store);
        let read = report.scan(memory.held, taker, Arc::clone(stop), Arc::clone(progress)).await;
        let takers = read.map_err(|error| PairError::Report { side, error })?;
        counts[at] = takers.iter().map(|taker| taker.maker.counts).fold(RowCounts::default(), RowCounts::and);
    }
    Ok((stores, counts))
}

/// What was found in some partitions.
struct PartitionsFound {
    sums: PairSums,
    /// Problems of each partition.
    problems: Vec<u64>,
    /// `None` if there are more than `most`.
    table: Option<ClassTable>,
    most: u64,
}

impl PartitionsFound {
    fn new(partitions: u32, most: u64) -> Self {
        let table = (most > 0).then(ClassTable::default);
        Self { sums: PairSums::default(), problems: vec![0; partitions as usize], table, most }
    }

    fn merge(&mut self, other: Self) -> Result<(), Overflow> {
        self.sums.merge(&other.sums)?;
        for (sum, more) in self.problems.iter_mut().zip(&other.problems) {
            *sum += more;
        }
        match (&mut self.table, other.table) {
            (Some(table), Some(more)) => table.append(more),
            (table, _) => *table = None,
        }
        Ok(())
    }
}
