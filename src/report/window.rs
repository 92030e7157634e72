//! A window over the stored bytes of a column: however long the column is, no more of it is in memory than what is looked
//! at, and what one read gives.

use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use s3_inventory::orc::Flow;

use super::ReportError;
use super::file::unreadable;
use super::kept::Lent;
use super::parts::{Parted, Source, length};
use super::remote::Answer;

/// Bytes read at once; a column that is no longer is read whole.
pub(super) const WINDOW: u64 = 128 << 10;
/// What a window takes at most, besides what is wanted in one piece.
pub(super) const AHEAD: u64 = 2 * WINDOW;
/// The same with a connection: the piece that is shown, and the next one, are what it reads at once.
pub(super) const AHEAD_IN_S3: u64 = AHEAD + 2 * (408 << 10);

/// Less than a page or a block.
const LITTLE: usize = 8 << 10;

/// What is left of a column.
pub(super) enum Window {
    /// All of it is at hand.
    Whole(Bytes),
    Moving(Box<Moving>),
}

/// A window that moves over the file.
pub(super) struct Moving {
    file: Arc<Parted>,
    /// Of the file: what was not read yet.
    rest: Range<u64>,
    /// In which `rest` comes from S3.
    answer: Option<Answer>,
    read: Pieces,
}

impl Window {
    /// Over bytes of a file that is not in memory. Those in S3 are asked for at once.
    pub(super) fn over(file: &Arc<Parted>, rest: Range<u64>) -> Self {
        let answer = match &file.source {
            Source::Remote(remote) => Some(remote.ask(rest.clone())),
            Source::Memory(_) | Source::Local(_) => None,
        };
        Self::Moving(Box::new(Moving { file: Arc::clone(file), rest, answer, read: Pieces::new(file.buffer()) }))
    }

    /// Bytes that [`Flow::ahead`] showed last, to be kept.
    pub(super) fn shown(&self, part: Range<usize>) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) => (part.end <= bytes.len() && part.start <= part.end).then(|| bytes.slice(part)),
            // A copy even of a piece: a larger buffer hangs on it.
            Self::Moving(moving) => moving.read.shown().get(part).map(Bytes::copy_from_slice),
        }
    }
}

impl Flow for Window {
    fn ahead(&mut self, least: usize) -> Result<&[u8], String> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::Moving(moving) => moving.ahead(least),
        }
    }

    fn skip(&mut self, count: usize) {
        match self {
            Self::Whole(bytes) => bytes.skip(count),
            Self::Moving(moving) => moving.read.skip(count),
        }
    }
}

impl Moving {
    #[inline]
    fn ahead(&mut self, least: usize) -> Result<&[u8], String> {
        while !self.read.gather(least) && !self.rest.is_empty() {
            self.read(least).map_err(|error| self.file.fail(error))?;
        }
        Ok(self.read.shown())
    }

    /// Reads more, where there is more.
    fn read(&mut self, least: usize) -> Result<(), ReportError> {
        let Self { file, rest, answer, read } = self;
        let many = match &file.source {
            Source::Local(local) => {
                let wanted = WINDOW.max((least - read.shown().len()) as u64);
                let room = read.room(length(wanted.min(rest.end - rest.start)));
                local.read_exact_at(room, rest.start).map_err(|error| unreadable(&file.file, &error))?;
                let many = room.len();
                read.end += many;
                many
            }
            Source::Remote(remote) => {
                let asked = answer.take().unwrap_or_else(|| remote.ask(rest.clone()));
                let (piece, left) = remote.next(asked)?;
                (read.piece, *answer) = (piece, Some(left));
                read.piece.len()
            }
            Source::Memory(_) => unreachable!("what is in memory is a window as it is"),
        };
        rest.start += many as u64;
        file.count(many as u64);
        Ok(())
    }
}

/// What was read, and not left behind yet. A piece is shown as it came where it is enough; else as much as is wanted is put
/// together.
struct Pieces {
    /// Put together: of these, from `at` to `end`.
    buffer: Lent,
    at: usize,
    end: usize,
    /// Behind that.
    piece: Bytes,
}

impl Pieces {
    fn new(buffer: Lent) -> Self {
        Self { buffer, at: 0, end: 0, piece: Bytes::new() }
    }

    fn shown(&self) -> &[u8] {
        if self.at < self.end { &self.buffer[self.at..self.end] } else { &self.piece }
    }

    /// Whether so many bytes are there: then they are shown in one piece, else the piece is used up.
    fn gather(&mut self, least: usize) -> bool {
        if self.shown().len() >= least {
            return true;
        }
        let missing = least - (self.end - self.at);
        // Where little is wanted, it is wanted again and again: what was put together would hardly ever be used up.
        let many = if least <= LITTLE { missing.max(length(WINDOW) / 2) } else { missing };
        let piece = self.piece.split_to(many.min(self.piece.len()));
        self.room(piece.len()).copy_from_slice(&piece);
        self.end += piece.len();
        piece.len() >= missing
    }

    fn skip(&mut self, count: usize) {
        let of_buffer = count.min(self.end - self.at);
        self.at += of_buffer;
        self.piece.skip(count - of_buffer);
    }

    /// So many bytes behind those that were put together.
    fn room(&mut self, many: usize) -> &mut [u8] {
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        let to = self.end + many;
        if self.buffer.len() < to {
            // What is wanted next is hardly less: so the buffer does not grow bit by bit.
            let enough = to.max(length(WINDOW));
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

    use super::super::kept::Kept;
    use super::*;

    proptest! {
        #[test]
        fn pieces_show_what_came_in_one_piece(
            pieces in prop::collection::vec(prop_oneof![1usize..40, 1usize..100_000], 0..20),
            wanted in prop::collection::vec((prop_oneof![0usize..60, 0usize..40_000], 0usize..50_000), 0..60),
        ) {
            let all: Vec<u8> = (0..pieces.iter().sum()).map(|at: usize| at as u8).collect();
            let mut rest = Bytes::from(all.clone());
            let mut pieces = pieces.into_iter().map(|many| rest.split_to(many));
            let (mut read, mut left) = (Pieces::new(Kept::new(1 << 20).take()), &all[..]);
            for (least, skip) in wanted {
                while !read.gather(least) {
                    prop_assert!(read.piece.is_empty());
                    let Some(piece) = pieces.next() else { break };
                    read.piece = piece;
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
