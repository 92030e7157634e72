//! What `--memory` allows: how many workers, and shares for what they have of files.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::source::WINDOW;

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
/// One permit; a semaphore counts to 2^29 at least, so this reaches half a TiB.
const UNIT: u64 = 1 << 10;

/// The least that `--memory` may be.
pub const LEAST_MEMORY: u64 = 32 << 20;

/// The shares of one run.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Files, or columns of them, as they are stored.
    pub(super) stored: Share,
    /// What comes out of the pages of columns; the text of CSV files is read in passing.
    pub(super) inflated: Share,
    /// Threads that fit.
    pub(super) workers: usize,
}

impl Memory {
    /// Shares `total` bytes among at most `workers` workers that read rows. What one takes does not depend on the files, so
    /// a small `total` means fewer workers, and no more.
    pub(super) fn for_rows(total: u64, workers: usize) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        let fit = free / (ROWS + DOWNLOADS * WINDOW);
        let workers = workers.clamp(1, usize::try_from(fit).unwrap_or(usize::MAX));
        Self { stored: Share::new(workers as u64 * DOWNLOADS * WINDOW), inflated: Share::new(0), workers }
    }

    /// Shares `total` bytes among at most `workers` workers that read columns: each has some of several at once.
    pub(super) fn for_columns(total: u64, workers: usize) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        let workers = workers.clamp(1, usize::try_from(free / COLUMNS).unwrap_or(usize::MAX).max(1));
        let buffers = free - workers as u64 * WORKER;
        // Inventories shrink to a third or a fourth.
        Self { stored: Share::new(buffers / 3), inflated: Share::new(buffers - buffers / 3), workers }
    }

    /// What the end of a file may take, for one worker: as it is stored, inflated, and decoded.
    pub(super) fn of_one_tail(&self) -> u64 {
        self.of_one() / 4
    }

    /// What buffers may take that are kept for the next columns, for one worker.
    pub(super) fn of_one_s_buffers(&self) -> u64 {
        MOST_KEPT.min(self.of_one() / 16)
    }

    /// What inflated and decoded columns may take, for one worker.
    pub(super) fn of_one_s_columns(&self) -> u64 {
        self.of_one() - self.of_one_tail() - self.of_one_s_buffers()
    }

    fn of_one(&self) -> u64 {
        self.inflated.whole() / self.workers as u64
    }
}

/// A share that is taken in parts and given back.
#[derive(Debug, Clone)]
pub(super) struct Share {
    permits: Arc<Semaphore>,
    whole: u64,
}

/// A part of a share, given back when dropped.
#[derive(Debug)]
pub(super) struct Part {
    _permit: OwnedSemaphorePermit,
}

impl Share {
    fn new(bytes: u64) -> Self {
        let permits = usize::try_from(bytes / UNIT).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), whole: permits as u64 * UNIT }
    }

    /// Takes so many bytes if they are free now.
    pub(super) fn take(&self, bytes: u64) -> Option<Part> {
        let permit = Arc::clone(&self.permits).try_acquire_many_owned(units(bytes)?).ok()?;
        Some(Part { _permit: permit })
    }

    /// All of it, in bytes.
    pub(super) fn whole(&self) -> u64 {
        self.whole
    }

    /// Waits until so many bytes are free; `None` when they never will be.
    pub(super) async fn wait_for(&self, bytes: u64) -> Option<Part> {
        if bytes > self.whole {
            return None;
        }
        let permit = Arc::clone(&self.permits).acquire_many_owned(units(bytes)?).await.ok()?;
        Some(Part { _permit: permit })
    }

    /// As [`Share::wait_for`], in a thread of its own.
    ///
    /// # Errors
    /// So many never will be; gives how many there are.
    pub(super) fn reserve(&self, bytes: u64, runtime: &Handle) -> Result<Part, u64> {
        match self.take(bytes) {
            Some(part) => Ok(part),
            None => runtime.block_on(self.wait_for(bytes)).ok_or(self.whole),
        }
    }
}

fn units(bytes: u64) -> Option<u32> {
    u32::try_from(bytes.div_ceil(UNIT)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_stay_below_the_whole() {
        for (total, wanted) in [(0, 1), (LEAST_MEMORY, 64), (512 << 20, 2), (512 << 20, 64), (1 << 40, 64)] {
            for (memory, of_worker) in
                [(Memory::for_rows(total, wanted), ROWS), (Memory::for_columns(total, wanted), WORKER)]
            {
                let sum = memory.stored.whole + memory.inflated.whole + memory.workers as u64 * of_worker + BASE;
                assert!(sum <= total.max(LEAST_MEMORY) && memory.workers >= 1, "{total} {wanted}");
            }
        }
        for (total, wanted, workers) in
            [(LEAST_MEMORY, 64, 1), (64 << 20, 64, 4), (512 << 20, 2, 2), (512 << 20, 64, 41)]
        {
            let memory = Memory::for_rows(total, wanted);
            assert_eq!(memory.workers, workers);
            assert!(memory.stored.whole >= WINDOW, "a download always fits");
        }
        for (total, workers) in [(LEAST_MEMORY, 1), (64 << 20, 2), (512 << 20, 20)] {
            let memory = Memory::for_columns(total, 64);
            assert_eq!(memory.workers, workers);
            assert!(memory.of_one_s_columns() > 6 << 20 && memory.of_one_tail() > 2 << 20, "{total}");
        }
    }

    #[test]
    fn a_share_gives_what_it_has_and_takes_it_back() {
        let share = Share::new(10 << 10);
        let part = share.take(6 << 10).unwrap();
        assert!(share.take(5 << 10).is_none());
        drop(part);
        assert!(share.take(10 << 10).is_some());
        assert!(share.take(u64::MAX).is_none() && share.take((10 << 10) + 1).is_none());
    }
}
