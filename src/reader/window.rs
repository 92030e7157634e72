//! A window over the stored bytes of a column: however long the column is, no more of it is in memory than what is looked
//! at, and what one read gives.

use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

use super::ReportError;
use super::file::unreadable;
use super::kept::Lent;
use super::parts::{Parted, Source, length};
use super::remote::Answer;
use crate::inventory::orc::Flow;

/// Bytes read at once; a column that is no longer is read whole.
pub(super) const WINDOW: u64 = 128 << 10;
/// What a window takes at most, besides what is wanted in one piece: as much as one read gives, of a connection too.
pub(super) const AHEAD: u64 = 3 * WINDOW;

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
    /// What was read, or put together from pieces: of these, from `at` to `end`.
    buffer: Lent,
    at: usize,
    end: usize,
    /// What came of S3 behind that, as it came.
    piece: Bytes,
}

impl Window {
    /// Over bytes of a file that is not in memory. Those in S3 are asked for at once.
    pub(super) fn over(file: &Arc<Parted>, rest: Range<u64>) -> Self {
        let answer = match &file.source {
            Source::Remote(remote) => Some(remote.ask(rest.clone())),
            Source::Memory(_) | Source::Local(_) => None,
        };
        let (file, buffer) = (Arc::clone(file), file.buffer());
        Self::Moving(Box::new(Moving { file, rest, answer, buffer, at: 0, end: 0, piece: Bytes::new() }))
    }

    /// Bytes that [`Flow::ahead`] showed last, to be kept.
    pub(super) fn shown(&self, part: Range<usize>) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) => (part.end <= bytes.len() && part.start <= part.end).then(|| bytes.slice(part)),
            // A copy even of a piece: a larger buffer hangs on it.
            Self::Moving(moving) => moving.shown().get(part).map(Bytes::copy_from_slice),
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
            Self::Moving(moving) => moving.skip(count),
        }
    }
}

impl Moving {
    fn shown(&self) -> &[u8] {
        if self.at < self.end { &self.buffer[self.at..self.end] } else { &self.piece }
    }

    #[inline]
    fn ahead(&mut self, least: usize) -> Result<&[u8], String> {
        while self.shown().len() < least && !(self.piece.is_empty() && self.rest.is_empty()) {
            let missing = least - (self.end - self.at);
            if self.piece.is_empty() {
                self.read(missing).map_err(|error| self.file.fail(error))?;
            } else {
                let piece = self.piece.split_to(missing.min(self.piece.len()));
                self.room(piece.len()).copy_from_slice(&piece);
                self.end += piece.len();
            }
        }
        Ok(self.shown())
    }

    fn skip(&mut self, count: usize) {
        let of_buffer = count.min(self.end - self.at);
        self.at += of_buffer;
        self.piece.skip(count - of_buffer);
    }

    /// Reads more, where so many bytes are missing and there are more.
    fn read(&mut self, missing: usize) -> Result<(), ReportError> {
        let file = Arc::clone(&self.file);
        let many = match (&file.source, &mut self.answer) {
            (Source::Local(local), _) => {
                let left = self.rest.end - self.rest.start;
                let (many, from) = (length((missing as u64).max(WINDOW).min(left)), self.rest.start);
                local.read_exact_at(self.room(many), from).map_err(|error| unreadable(&file.file, &error))?;
                self.end += many;
                many
            }
            (Source::Remote(remote), Some(answer)) => {
                self.piece = remote.next(answer)?;
                self.piece.len()
            }
            (Source::Memory(_) | Source::Remote(_), _) => unreachable!("memory is no window, and S3 was asked"),
        };
        self.rest.start += many as u64;
        file.count(many as u64);
        Ok(())
    }

    /// So many bytes behind those that are there.
    fn room(&mut self, many: usize) -> &mut [u8] {
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        let to = self.end + many;
        if self.buffer.len() < to {
            // Whatever is next, it is hardly less: so the buffer does not grow bit by bit.
            let to = to.max(length(WINDOW));
            let more = to - self.buffer.len();
            self.buffer.reserve_exact(more);
            self.buffer.resize(to, 0);
        }
        &mut self.buffer[self.end..to]
    }
}
