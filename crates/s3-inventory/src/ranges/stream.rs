//! The stored bytes of a column, read through a window, so that a long column takes no more memory than a short one.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes};

use super::pieces::PieceBuffer;
use crate::memory::{BufferPool, PooledBuffer};
use crate::source::{ByteSource, Pieces, SourceError};

/// Bytes read at once; a shorter column is read in one piece.
pub(crate) const WINDOW: u64 = 128 << 10;

/// A file that is not in memory, shared by its columns.
pub(super) struct SharedSource {
    pub(super) source: Box<dyn ByteSource>,
    pub(super) buffers: BufferPool,
}

/// The rest of a column.
pub(crate) enum ColumnStream {
    /// In memory.
    Whole(Bytes),
    Window(Box<MovingWindow>),
}

/// A window that moves over the file.
pub(crate) struct MovingWindow {
    file: Arc<SharedSource>,
    /// The range of the file that was not read yet.
    rest: Range<u64>,
    /// The pieces of `rest`, if the source has pieces.
    arriving: Option<Box<dyn Pieces>>,
    read: PieceBuffer,
}

impl ColumnStream {
    /// A window over a range of a file. The request is sent immediately.
    pub(super) fn over(file: &Arc<SharedSource>, rest: Range<u64>) -> Self {
        let buffer: PooledBuffer = file.buffers.take();
        let (arriving, read) = (file.source.pieces(rest.clone()), PieceBuffer::new(buffer, WINDOW as usize));
        Self::Window(Box::new(MovingWindow { file: Arc::clone(file), rest, arriving, read }))
    }

    /// The next bytes in one piece: at least this many, unless the column ends.
    #[inline]
    pub(crate) fn ahead(&mut self, least: usize) -> Result<&[u8], SourceError> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::Window(window) => window.ahead(least),
        }
    }

    /// Skips bytes that [`ColumnStream::ahead`] returned.
    #[inline]
    pub(crate) fn skip(&mut self, count: usize) {
        match self {
            Self::Whole(bytes) => bytes.advance(count.min(bytes.len())),
            Self::Window(window) => window.read.skip(count),
        }
    }

    /// Skips bytes whether they were read or not: those of a file are then not read.
    pub(crate) fn skip_unread(&mut self, count: u64) -> Result<(), SourceError> {
        match self {
            Self::Whole(_) => self.skip(usize::try_from(count).unwrap_or(usize::MAX)),
            Self::Window(window) => window.skip_unread(count)?,
        }
        Ok(())
    }

    /// Returns bytes of the last [`ColumnStream::ahead`] as their own value.
    pub(crate) fn keep(&self, part: Range<usize>) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) => (part.end <= bytes.len() && part.start <= part.end).then(|| bytes.slice(part)),
            // A copy, because a piece keeps a larger buffer alive.
            Self::Window(window) => window.read.shown().get(part).map(Bytes::copy_from_slice),
        }
    }
}

impl MovingWindow {
    #[inline]
    fn ahead(&mut self, least: usize) -> Result<&[u8], SourceError> {
        while !self.read.gather(least) && !self.rest.is_empty() {
            self.read_more(least)?;
        }
        Ok(self.read.shown())
    }

    fn skip_unread(&mut self, mut count: u64) -> Result<(), SourceError> {
        loop {
            let known = usize::try_from(count).unwrap_or(usize::MAX).min(self.read.shown().len());
            self.read.skip(known);
            count -= known as u64;
            if count == 0 || self.rest.is_empty() {
                return Ok(());
            }
            match self.arriving {
                // What arrives can't be skipped.
                Some(_) => self.read_more(1)?,
                None if self.read.shown().is_empty() => {
                    self.rest.start = self.rest.start.saturating_add(count).min(self.rest.end);
                    return Ok(());
                }
                None => {}
            }
        }
    }

    fn read_more(&mut self, least: usize) -> Result<(), SourceError> {
        let Self { file, rest, arriving, read } = self;
        let many = match arriving {
            Some(pieces) => {
                let piece = pieces.next_piece()?;
                let many = piece.len() as u64;
                read.push(piece);
                many
            }
            None => {
                let wanted = WINDOW.max((least - read.shown().len()) as u64).min(rest.end - rest.start);
                let length = usize::try_from(wanted).unwrap_or(usize::MAX);
                read.fill(length, |buffer| file.source.read_exact_at(buffer, rest.start))?;
                wanted
            }
        };
        rest.start += many;
        Ok(())
    }
}

#[cfg(test)]
impl ColumnStream {
    /// A stream whose bytes arrive in small pieces.
    pub(crate) fn in_small_pieces(bytes: Bytes) -> Self {
        struct SmallPieces(Bytes);
        impl Pieces for SmallPieces {
            fn next_piece(&mut self) -> Result<Bytes, SourceError> {
                Ok(self.0.split_to(self.0.len().min(61)))
            }
        }
        impl ByteSource for SmallPieces {
            fn size(&self) -> u64 {
                self.0.len() as u64
            }

            fn read_exact_at(&self, _: &mut [u8], _: u64) -> Result<(), SourceError> {
                unreachable!("it has pieces")
            }

            fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
                Some(Box::new(Self(self.0.slice(range.start as usize..range.end as usize))))
            }
        }
        let end = bytes.len() as u64;
        let shared = SharedSource { source: Box::new(SmallPieces(bytes)), buffers: BufferPool::new(0) };
        Self::over(&Arc::new(shared), 0..end)
    }
}
