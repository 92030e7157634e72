//! Memory limits: a budget that readers share, and a pool of buffers.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A number of bytes that several readers share. Each reserves what it needs, and dropping the reservation releases it.
///
/// First come, first served: smaller reservations do not overtake a large one. Clones share one budget.
#[derive(Debug, Clone)]
pub struct MemoryBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    whole: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    free: u64,
    /// The number of the next ticket, and of the ticket that is served.
    next_ticket: u64,
    served: u64,
}

/// A part of a [`MemoryBudget`], released when dropped.
#[derive(Debug)]
#[must_use = "the bytes are released when this is dropped"]
pub struct Reservation {
    shared: Arc<Shared>,
    bytes: u64,
}

impl MemoryBudget {
    /// A budget of this many bytes.
    pub fn new(bytes: u64) -> Self {
        let state = Mutex::new(State { free: bytes, next_ticket: 0, served: 0 });
        Self { shared: Arc::new(Shared { whole: bytes, state, changed: Condvar::new() }) }
    }

    /// The size of the budget, reserved or not.
    pub fn whole(&self) -> u64 {
        self.shared.whole
    }

    /// Reserves bytes without waiting; `None` if too few are free, or if others wait.
    pub fn try_reserve(&self, bytes: u64) -> Option<Reservation> {
        let mut state = self.shared.lock();
        (state.next_ticket == state.served && bytes <= state.free).then(|| self.shared.take(&mut state, bytes))
    }

    /// Blocks until the bytes are free, and reserves them; `None` if the whole budget is smaller.
    pub fn reserve(&self, bytes: u64) -> Option<Reservation> {
        if bytes > self.shared.whole {
            return None;
        }
        let mut state = self.shared.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        while state.served != ticket || bytes > state.free {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.served += 1;
        let reservation = self.shared.take(&mut state, bytes);
        drop(state);
        self.shared.changed.notify_all();
        Some(reservation)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, state: &mut State, bytes: u64) -> Reservation {
        state.free -= bytes;
        Reservation { shared: Arc::clone(self), bytes }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shared.lock().free += self.bytes;
        self.shared.changed.notify_all();
    }
}

/// Reuses buffers, because the system fills new ones with zeros.
///
/// Use one pool per reading thread. Clones share the buffers.
#[derive(Debug, Clone)]
pub struct BufferPool {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
    /// The most bytes of all free buffers.
    most: usize,
}

/// A buffer with its old contents. It returns to its [`BufferPool`] when dropped.
#[derive(Debug)]
pub(crate) struct PooledBuffer {
    bytes: Vec<u8>,
    pool: BufferPool,
}

impl BufferPool {
    /// A pool that keeps free buffers of at most this many bytes in total.
    pub fn new(bytes: u64) -> Self {
        Self { free: Arc::default(), most: usize::try_from(bytes).unwrap_or(usize::MAX) }
    }

    /// The smallest free buffer, or a new one without capacity.
    pub(crate) fn take(&self) -> PooledBuffer {
        let bytes = self.take_of(0).unwrap_or_default();
        PooledBuffer { bytes, pool: self.clone() }
    }

    /// The smallest free buffer of at least this many bytes.
    fn take_of(&self, bytes: usize) -> Option<Vec<u8>> {
        let mut free = self.lock();
        let fits = free.iter().enumerate().filter(|(_, buffer)| buffer.len() >= bytes);
        let (at, _) = fits.min_by_key(|(_, buffer)| buffer.len())?;
        Some(free.swap_remove(at))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PooledBuffer {
    /// A buffer of the same pool, without capacity.
    pub(crate) fn another(&self) -> Self {
        Self { bytes: Vec::new(), pool: self.pool.clone() }
    }

    /// Makes it at least this long. The contents may change.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        if self.bytes.len() < bytes {
            self.release();
            self.bytes = self.pool.take_of(bytes).unwrap_or_else(|| vec![0; bytes]);
        }
    }

    fn release(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut free = self.pool.lock();
        let all = free.iter().map(Vec::capacity).sum::<usize>() + bytes.capacity();
        if bytes.capacity() > 0 && all <= self.pool.most {
            free.push(bytes);
        }
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        self.release();
    }
}

impl AsRef<[u8]> for PooledBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Deref for PooledBuffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for PooledBuffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

/// Memory limits for reading one columnar file.
#[derive(Debug, Clone)]
pub struct ReadMemory {
    /// For the stored columns of all files that are read at the same time. A file in memory needs nothing.
    pub stored: MemoryBudget,
    /// Bytes for the footers of a file: stored, inflated, and decoded.
    pub footer: u64,
    /// Bytes for inflated and decoded columns. With less memory, fewer rows are decoded at once.
    pub decoded: u64,
    /// Buffers for stored bytes.
    pub buffers: BufferPool,
}

impl ReadMemory {
    /// Limits for a single reader: a third of the bytes for stored columns, about half for decoded ones.
    pub fn new(bytes: u64) -> Self {
        let footer = bytes / 8;
        let buffers = bytes / 32;
        let stored = bytes / 3;
        Self {
            stored: MemoryBudget::new(stored),
            footer,
            decoded: bytes - stored - footer - buffers,
            buffers: BufferPool::new(buffers),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn dropping_a_reservation_releases_it() {
        let budget = MemoryBudget::new(10);
        let part = budget.try_reserve(6).unwrap();
        assert!(budget.try_reserve(5).is_none());
        drop(part);
        assert!(budget.try_reserve(10).is_some());
        assert!(budget.try_reserve(11).is_none() && budget.reserve(u64::MAX).is_none());
    }

    #[test]
    fn small_reservations_do_not_overtake_a_large_one() {
        let budget = MemoryBudget::new(10);
        let (first, second) = (budget.try_reserve(5).unwrap(), budget.try_reserve(5).unwrap());
        let (send, served) = mpsc::channel();
        let wait_for = |bytes: u64| {
            let (budget, send) = (budget.clone(), send.clone());
            thread::spawn(move || {
                let reservation = budget.reserve(bytes);
                let _ = send.send(bytes);
                reservation
            })
        };
        let large = wait_for(10);
        while budget.shared.lock().next_ticket == 0 {
            thread::yield_now();
        }
        let small = wait_for(1);
        drop(first);
        assert!(budget.try_reserve(1).is_none(), "others wait");
        assert!(served.recv_timeout(Duration::from_millis(50)).is_err());
        drop(second);
        assert_eq!(served.recv(), Ok(10));
        drop(large.join().unwrap());
        assert_eq!(served.recv(), Ok(1));
        drop(small.join().unwrap());
        assert_eq!(budget.shared.lock().free, 10);
    }

    #[test]
    fn buffers_are_reused_up_to_a_limit() {
        let pool = BufferPool::new(250);
        let mut buffers: Vec<PooledBuffer> = (0..3).map(|_| pool.take()).collect();
        for (number, buffer) in (1..).zip(&mut buffers) {
            buffer.resize(100, number);
        }
        drop(buffers);
        let again = [pool.take(), pool.take(), pool.take()];
        assert_eq!(again.each_ref().map(|buffer| buffer.first().copied()), [Some(1), Some(2), None]);
        drop(again);
        let pool = BufferPool::new(250);
        let sizes = [30, 10, 20].map(|size| {
            let mut buffer = pool.take();
            buffer.resize(size, 0);
            buffer
        });
        drop(sizes);
        let mut buffer = pool.take();
        assert_eq!(buffer.len(), 10);
        buffer.make_room(11);
        assert_eq!(buffer.len(), 20);
        buffer.make_room(500);
        assert_eq!((buffer.len(), pool.take().len()), (500, 10));
    }
}
