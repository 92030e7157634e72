//! What `--memory` allows: shares for stored bytes, for inflated bytes, and for everything else.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// For the program itself, its connections, and what is on its way.
const BASE: u64 = 16 << 20;
/// For one worker that streams: buffers of the scan, of the inflater, of the body.
const WORKER: u64 = 2 << 20;
/// For one worker that reads columns: some pages or blocks of each, and what is decoded from them.
const COLUMNS: u64 = 24 << 20;
/// One permit; a semaphore counts to 2^29 at least, so this reaches half a TiB.
const UNIT: u64 = 1 << 10;

/// The least that `--memory` may be.
pub const LEAST_MEMORY: u64 = 32 << 20;

/// The shares of one run.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Files as they are stored.
    pub(super) stored: Share,
    /// What comes out of the pages of columns; the text of CSV files is read in passing.
    pub(super) inflated: Share,
    /// Threads that fit.
    pub(super) workers: usize,
}

impl Memory {
    /// Shares `total` bytes among at most `workers` workers.
    pub(super) fn new(total: u64, workers: usize) -> Self {
        let free = total.max(LEAST_MEMORY) - BASE;
        // Half of it at most for those who stream, so that a small cap means fewer workers.
        let workers = workers.clamp(1, usize::try_from(free / 2 / WORKER).unwrap_or(usize::MAX));
        let buffers = free - workers as u64 * WORKER;
        // Inventories shrink to a third or a fourth.
        Self { stored: Share::new(buffers / 3), inflated: Share::new(buffers - buffers / 3), workers }
    }
}

impl Memory {
    /// Shares for workers that read columns: each has some of several at once, so fewer of them fit.
    pub(super) fn for_columns(total: u64, workers: usize) -> Self {
        let fit = (total.max(LEAST_MEMORY) - BASE) / COLUMNS;
        Self::new(total, workers.min(usize::try_from(fit).unwrap_or(usize::MAX)))
    }

    /// What the end of a file may take, for one worker: as it is stored, inflated, and decoded.
    pub(super) fn of_one_tail(&self) -> u64 {
        self.of_one() / 4
    }

    /// What inflated and decoded columns may take, for one worker.
    pub(super) fn of_one_s_columns(&self) -> u64 {
        self.of_one() - self.of_one_tail()
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

/// A buffer that is kept from file to file, and the part of a share that pays for it.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    part: Option<Part>,
}

impl Buffer {
    /// The first `length` bytes, whatever they hold; `None` when the share has too little left.
    pub(super) fn of(&mut self, length: usize, share: &Share) -> Option<&mut [u8]> {
        if self.bytes.len() < length {
            // First given back, then taken: the old one is of no use.
            *self = Self::default();
            // Files of one report are about as large as each other, and a new buffer costs more than a little too much.
            let more = length + length / 16;
            let (part, length) = match share.take(more as u64) {
                Some(part) => (part, more),
                None => (share.take(length as u64)?, length),
            };
            // Zeros from the system cost nothing until they are written to.
            *self = Self { bytes: vec![0; length], part: Some(part) };
        }
        debug_assert!(length == 0 || self.part.is_some());
        self.bytes.get_mut(..length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_stay_below_the_whole() {
        for (total, wanted) in [(0, 1), (LEAST_MEMORY, 64), (512 << 20, 2), (512 << 20, 64), (1 << 40, 64)] {
            let memory = Memory::new(total, wanted);
            let sum = memory.stored.whole + memory.inflated.whole + memory.workers as u64 * WORKER + BASE;
            assert!(sum <= total.max(LEAST_MEMORY) && memory.workers >= 1, "{total} {wanted}");
        }
        assert_eq!(Memory::new(LEAST_MEMORY, 64).workers, 4);
        assert_eq!(Memory::new(512 << 20, 2).workers, 2);
        for (total, workers) in [(LEAST_MEMORY, 1), (64 << 20, 2), (512 << 20, 20)] {
            let memory = Memory::for_columns(total, 64);
            assert_eq!(memory.workers, workers);
            assert!(memory.of_one_s_columns() > 6 << 20 && memory.of_one_tail() > 2 << 20, "{total}");
        }
    }

    #[test]
    fn a_buffer_takes_what_it_needs_and_gives_it_back() {
        let share = Share::new(10 << 10);
        let (mut one, mut two) = (Buffer::default(), Buffer::default());
        assert_eq!(one.of(6 << 10, &share).unwrap().len(), 6 << 10);
        assert!(two.of(6 << 10, &share).is_none());
        assert_eq!(two.of(3 << 10, &share).unwrap().len(), 3 << 10);
        assert_eq!(one.of(5 << 10, &share).unwrap().len(), 5 << 10, "it has more already");
        assert!(one.of(8 << 10, &share).is_none(), "and can't grow beyond the share");
        assert!(one.of(6 << 10, &share).is_some(), "which is whole again");
        drop((one, two));
        assert!(share.take(10 << 10).is_some());
        assert!(share.take(u64::MAX).is_none() && share.take((10 << 10) + 1).is_none());
    }
}
