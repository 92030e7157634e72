//! A buffer of pieces that were read and not used yet.

use bytes::{Buf, Bytes};

use crate::memory::PooledBuffer;

/// More than small repeated requests, less than a page or a block.
const LITTLE: usize = 8 << 10;

/// Unused bytes. A piece that is long enough is returned without a copy; otherwise pieces are joined.
pub(super) struct PieceBuffer {
    /// Joined pieces, unused from `at` to `end`.
    buffer: PooledBuffer,
    at: usize,
    end: usize,
    /// The bytes after the buffer.
    piece: Bytes,
    /// The smallest size of the buffer.
    window: usize,
}

impl PieceBuffer {
    pub(super) fn new(buffer: PooledBuffer, window: usize) -> Self {
        Self { buffer, at: 0, end: 0, piece: Bytes::new(), window }
    }

    #[inline]
    pub(super) fn shown(&self) -> &[u8] {
        if self.at < self.end { &self.buffer[self.at..self.end] } else { &self.piece }
    }

    /// Joins at least this many bytes, if there are enough. If not, the piece is used up.
    #[inline]
    pub(super) fn gather(&mut self, least: usize) -> bool {
        self.shown().len() >= least || self.put_together(least)
    }

    fn put_together(&mut self, least: usize) -> bool {
        let missing = least - (self.end - self.at);
        // Joins more than requested, or the buffer would hardly ever be used up.
        let many = if least <= LITTLE { missing.max(self.window / 2) } else { missing };
        let piece = self.piece.split_to(many.min(self.piece.len()));
        self.spare(piece.len()).copy_from_slice(&piece);
        self.end += piece.len();
        piece.len() >= missing
    }

    /// Adds a piece, after the piece before was used up.
    pub(super) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.piece.is_empty());
        self.piece = piece;
    }

    /// Adds this many bytes that `read` writes. There must be no piece.
    pub(super) fn fill<E>(&mut self, many: usize, read: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<(), E> {
        read(self.spare(many))?;
        self.end += many;
        Ok(())
    }

    pub(super) fn skip(&mut self, count: usize) {
        let of_buffer = count.min(self.end - self.at);
        self.at += of_buffer;
        self.piece.advance((count - of_buffer).min(self.piece.len()));
    }

    /// Room for this many bytes after the joined pieces.
    fn spare(&mut self, many: usize) -> &mut [u8] {
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        let to = self.end + many;
        if self.buffer.len() < to {
            // Further requests are of similar size, so the buffer grows at once.
            let enough = to.max(self.window);
            let more = enough - self.buffer.len();
            self.buffer.reserve_exact(more);
            self.buffer.resize(enough, 0);
        }
        &mut self.buffer[self.end..to]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::memory::BufferPool;

    proptest! {
        #[test]
        fn pieces_show_what_came_in_one_piece(
            pieces in prop::collection::vec(prop_oneof![1usize..40, 1usize..100_000], 0..20),
            wanted in prop::collection::vec((prop_oneof![0usize..60, 0usize..40_000], 0usize..50_000), 0..60),
        ) {
            let all: Vec<u8> = (0..pieces.iter().sum()).map(|at: usize| at as u8).collect();
            let mut rest = Bytes::from(all.clone());
            let mut pieces = pieces.into_iter().map(|many| rest.split_to(many));
            let mut read = PieceBuffer::new(BufferPool::new(1 << 20).take(), 128 << 10);
            let mut left = &all[..];
            for (least, skip) in wanted {
                while !read.gather(least) {
                    prop_assert!(read.piece.is_empty());
                    let Some(piece) = pieces.next() else { break };
                    read.push(piece);
                }
                let shown = read.shown();
                prop_assert!(left.starts_with(shown) && shown.len() >= least.min(left.len()), "{shown:?} of {left:?}");
                let skip = skip.min(shown.len());
                read.skip(skip);
                left = &left[skip..];
            }
        }
    }
}
