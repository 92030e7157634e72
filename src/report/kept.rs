//! Buffers that are kept from column to column and from file to file: fresh ones would have to be filled with zeros by the
//! system.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The buffers of one worker that nobody uses now.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Bytes that they may take together.
    most: usize,
}

/// A buffer with whatever was in it before; it goes back where it came from.
#[derive(Debug)]
pub(super) struct Lent {
    bytes: Vec<u8>,
    kept: Kept,
}

impl Kept {
    pub(super) fn new(most: u64) -> Self {
        Self { free: Arc::default(), most: usize::try_from(most).unwrap_or(usize::MAX) }
    }

    /// One that was kept, or a new one without room.
    pub(super) fn take(&self) -> Lent {
        let bytes = self.free().pop().unwrap_or_default();
        Lent { bytes, kept: self.clone() }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut free = self.kept.free();
        let all = free.iter().map(Vec::capacity).sum::<usize>() + self.bytes.capacity();
        if self.bytes.capacity() > 0 && all <= self.kept.most {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Deref for Lent {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_until_they_are_too_many() {
        let kept = Kept::new(250);
        let mut buffers: Vec<Lent> = (0..3).map(|_| kept.take()).collect();
        for (number, buffer) in (1..).zip(&mut buffers) {
            buffer.resize(100, number);
        }
        drop(buffers);
        let again = [kept.take(), kept.take(), kept.take()];
        assert_eq!(again.each_ref().map(|buffer| buffer.first().copied()), [Some(2), Some(1), None]);
    }
}
