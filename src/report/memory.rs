//! What `--memory` allows: how many workers, and shares for what they have of files.

use s3_inventory::{BufferPool, MemoryBudget, ReadMemory};

use super::stored_file::WINDOW;

/// For the program itself, its connections, and what is on its way.
const BASE: u64 = 16 << 20;
/// For one worker that reads rows: of two files a chunk, a window of text, and the cells of one row. Where rows are as long
/// as they may be, the windows take most of it; else it is a sixth.
const ROWS: u64 = 8 << 20;
/// Downloads for each of these workers, of large files: those it works on, and those it goes on with.
const DOWNLOADS: u64 = 4;
/// For one worker that reads columns, the least: buffers that do not depend on the file.
const WORKER: u64 = 2 << 20;
/// For one worker that reads columns: some pages or blocks of each, and what is decoded from them.
const COLUMNS: u64 = 24 << 20;
/// Buffers that a worker keeps for the next columns: as many as reading a report without its keys needs.
const MOST_KEPT: u64 = 5 << 20;

/// The least that `--memory` may be.
pub(crate) const LEAST_MEMORY: u64 = 32 << 20;

/// The shares of one run.
#[derive(Debug, Clone)]
pub(super) struct MemoryPlan {
    /// Files, or columns of them, as they are stored.
    pub(super) stored: MemoryBudget,
    /// What comes out of the pages of columns; the text of CSV files is read in passing.
    inflated: u64,
    /// Threads that fit.
    pub(super) workers: usize,
}

impl MemoryPlan {
    /// Shares `total` bytes among at most `workers` workers that read rows. What one takes does not depend on the files, so
    /// a small `total` means fewer workers, and no more.
    pub(super) fn for_rows(total: u64, workers: usize) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        let fit = free / (ROWS + DOWNLOADS * WINDOW);
        let workers = workers.clamp(1, usize::try_from(fit).unwrap_or(usize::MAX));
        Self { stored: MemoryBudget::new(workers as u64 * DOWNLOADS * WINDOW), inflated: 0, workers }
    }

    /// Shares `total` bytes among at most `workers` workers that read columns: each has some of several at once.
    pub(super) fn for_columns(total: u64, workers: usize) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        let workers = workers.clamp(1, usize::try_from(free / COLUMNS).unwrap_or(usize::MAX).max(1));
        let buffers = free - workers as u64 * WORKER;
        // Inventories shrink to a third or a fourth.
        Self { stored: MemoryBudget::new(buffers / 3), inflated: buffers - buffers / 3, workers }
    }

    /// What one worker reads columns with: the stored ones are shared with the others.
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
                [(MemoryPlan::for_rows(total, wanted), ROWS), (MemoryPlan::for_columns(total, wanted), WORKER)]
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
            let memory = MemoryPlan::for_columns(total, 64);
            assert_eq!(memory.workers, workers);
            let worker = memory.of_worker();
            assert!(worker.decoded > 6 << 20 && worker.footer > 2 << 20, "{total}");
        }
    }
}
