//! A byte source that reports progress.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use s3_inventory::{ByteSource, Pieces, SourceError};

use super::run::Progress;

/// Reports the bytes that are read from `source`.
pub(super) struct CountedSource<S> {
    pub(super) source: S,
    pub(super) counter: Arc<ReadCounter>,
}

/// Counts the bytes that were read from one file.
pub(super) struct ReadCounter {
    size: u64,
    read: AtomicU64,
    progress: Progress,
}

impl ReadCounter {
    pub(super) fn new(size: u64, progress: &Progress) -> Arc<Self> {
        Arc::new(Self { size, read: AtomicU64::new(0), progress: Arc::clone(progress) })
    }

    fn count(&self, bytes: u64) {
        // Never more than the size of the file, even if ranges overlap.
        let more = bytes.min(self.size.saturating_sub(self.read.load(Ordering::Relaxed)));
        self.read.fetch_add(more, Ordering::Relaxed);
        (self.progress)(more);
    }

    /// Counts the rest of the file, which was not needed, as read.
    pub(super) fn finish(&self) {
        self.count(self.size);
    }
}

impl<S: ByteSource> ByteSource for CountedSource<S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError> {
        self.source.read_exact_at(buffer, from)?;
        self.counter.count(buffer.len() as u64);
        Ok(())
    }

    fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
        let pieces = self.source.pieces(range)?;
        Some(Box::new(CountedPieces { pieces, counter: Arc::clone(&self.counter) }))
    }

    fn piece_bytes(&self) -> u64 {
        self.source.piece_bytes()
    }
}

struct CountedPieces {
    pieces: Box<dyn Pieces>,
    counter: Arc<ReadCounter>,
}

impl Pieces for CountedPieces {
    fn next_piece(&mut self) -> Result<Bytes, SourceError> {
        let piece = self.pieces.next_piece()?;
        self.counter.count(piece.len() as u64);
        Ok(piece)
    }
}
