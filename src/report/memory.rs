//! Divides `--memory`: how many workers, and how much each may use.

use s3_inventory::{BufferPool, MemoryBudget, ReadMemory};

use super::stored_file::WINDOW;

/// For the program, its connections, and data in transit.
const BASE: u64 = 16 << 20;
/// For one CSV worker: of two files a chunk, a window of text, and the cells of one row; or of one file several of each. The
/// longest rows need most of it, usual rows a sixth.
const ROWS: u64 = 8 << 20;
/// Downloads of large files per CSV worker: two that it reads, and the next two.
const DOWNLOADS: u64 = 4;
/// For one columnar worker at least: buffers that do not depend on the file.
const WORKER: u64 = 2 << 20;
/// For one columnar worker: some pages or blocks of each column, and the values decoded from them.
pub(super) const COLUMNS: u64 = 24 << 20;
/// The same with keys, version IDs and ETags, which take most of the bytes of a report.
pub(super) const WIDE_COLUMNS: u64 = 48 << 20;
/// Buffers that a worker keeps for the next columns: enough for a report that is read without its keys.
const MOST_KEPT: u64 = 5 << 20;

/// The least that `--memory` may be.
pub(crate) const LEAST_MEMORY: u64 = 32 << 20;

#[derive(Debug, Clone)]
pub(super) struct MemoryPlan {
    /// For the stored bytes of files or columns, shared by all workers.
    pub(super) stored: MemoryBudget,
    /// For inflated and decoded columns of all workers.
    inflated: u64,
    pub(super) workers: usize,
}

impl MemoryPlan {
    /// Divides `total` bytes among at most `workers` CSV workers. Each needs the same for any file, so a small `total` only
    /// means fewer workers.
    pub(super) fn for_rows(total: u64, workers: usize) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        let fit = free / (ROWS + DOWNLOADS * WINDOW);
        let workers = workers.clamp(1, usize::try_from(fit).unwrap_or(usize::MAX));
        Self { stored: MemoryBudget::new(workers as u64 * DOWNLOADS * WINDOW), inflated: 0, workers }
    }

    /// Divides `total` bytes among at most `workers` columnar workers, of which each needs `each`.
    pub(super) fn for_columns(total: u64, workers: usize, each: u64) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        let workers = workers.clamp(1, usize::try_from(free / each).unwrap_or(usize::MAX).max(1));
        let buffers = free - workers as u64 * WORKER;
        // Compression shrinks inventories to a third or a fourth.
        Self { stored: MemoryBudget::new(buffers / 3), inflated: buffers - buffers / 3, workers }
    }

    /// The limits of one columnar worker.
    pub(super) fn of_worker(&self) -> ReadMemory {
        let inflated = self.inflated / self.workers as u64;
        let footer = inflated / 4;
        let buffers = MOST_KEPT.min(inflated / 16);
        ReadMemory {
            stored: self.stored.clone(),
            footer,
            decoded: inflated - footer - buffers,
            buffers: BufferPool::new(buffers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_stay_below_the_whole() {
        for (total, wanted) in [(0, 1), (LEAST_MEMORY, 64), (512 << 20, 2), (512 << 20, 64), (1 << 40, 64)] {
            for (memory, of_worker) in
                [(MemoryPlan::for_rows(total, wanted), ROWS), (MemoryPlan::for_columns(total, wanted, COLUMNS), WORKER)]
            {
                let sum = memory.stored.whole() + memory.inflated + memory.workers as u64 * of_worker + BASE;
                assert!(sum <= total.max(LEAST_MEMORY) && memory.workers >= 1, "{total} {wanted}");
            }
        }
        for (total, wanted, workers) in
            [(LEAST_MEMORY, 64, 1), (64 << 20, 64, 4), (512 << 20, 2, 2), (512 << 20, 64, 41)]
        {
            let memory = MemoryPlan::for_rows(total, wanted);
            assert_eq!(memory.workers, workers);
            assert!(memory.stored.whole() >= WINDOW, "a download always fits");
        }
        for (total, workers) in [(LEAST_MEMORY, 1), (64 << 20, 2), (512 << 20, 20)] {
            let memory = MemoryPlan::for_columns(total, 64, COLUMNS);
            assert_eq!(memory.workers, workers);
            let worker = memory.of_worker();
            assert!(worker.decoded > 6 << 20 && worker.footer > 2 << 20, "{total}");
        }
    }
}
