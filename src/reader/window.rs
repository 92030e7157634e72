//! A window over the stored bytes of a column: however long the column is, no more of it is in memory than what is looked
//! at, and what one read gives.

use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

use super::ReportError;
use super::file::unreadable;
use super::kept::Lent;
use super::parts::{Answer, Parted, Source, length};
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
    /// Of these, from `at` to `end`.
    buffer: Lent,
    at: usize,
    end: usize,
}

impl Window {
    /// Over bytes of a file that is not in memory. Those in S3 are asked for at once.
    pub(super) fn over(file: &Arc<Parted>, rest: Range<u64>) -> Self {
        let answer = match &file.source {
            Source::Remote(remote) => Some(remote.ask(rest.clone())),
            Source::Memory(_) | Source::Local(_) => None,
        };
        Self::Moving(Box::new(Moving { file: Arc::clone(file), rest, answer, buffer: file.buffer(), at: 0, end: 0 }))
    }

    /// Bytes that [`Flow::ahead`] showed last, to be kept.
    pub(super) fn shown(&self, part: Range<usize>) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) => (part.end <= bytes.len() && part.start <= part.end).then(|| bytes.slice(part)),
            Self::Moving(moving) => moving.buffer[moving.at..moving.end].get(part).map(Bytes::copy_from_slice),
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
            Self::Moving(moving) => moving.at = moving.end.min(moving.at + count),
        }
    }
}

impl Moving {
    #[inline]
    fn ahead(&mut self, least: usize) -> Result<&[u8], String> {
        while self.end - self.at < least && !self.rest.is_empty() {
            self.read(least).map_err(|error| self.file.fail(error))?;
        }
        Ok(&self.buffer[self.at..self.end])
    }

    /// Reads more, where so many bytes are wanted, not all of them are there, and there are more.
    fn read(&mut self, least: usize) -> Result<(), ReportError> {
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        let (file, had) = (Arc::clone(&self.file), self.end);
        let left = self.rest.end - self.rest.start;
        let wanted = ((least - had) as u64).min(left);
        match &file.source {
            Source::Memory(_) => unreachable!("what is in memory is a window as it is"),
            Source::Local(local) => {
                let (many, from) = (length(wanted.max(WINDOW).min(left)), self.rest.start);
                local.read_exact_at(self.room(many), from).map_err(|error| unreadable(&file.file, &error))?;
                self.end += many;
            }
            Source::Remote(remote) => {
                let answer = self.answer.take().unwrap_or_else(|| remote.ask(self.rest.clone()));
                // Nothing is shown of it if this fails.
                let mut bytes = std::mem::take(&mut *self.buffer);
                self.end = 0;
                bytes.truncate(had);
                let (answer, bytes) = remote.read(answer, bytes, had + length(wanted))?;
                self.end = bytes.len();
                (self.answer, *self.buffer) = (Some(answer), bytes);
            }
        }
        let many = (self.end - had) as u64;
        self.rest.start += many;
        file.count(many);
        Ok(())
    }

    /// So many bytes behind those that are there.
    fn room(&mut self, many: usize) -> &mut [u8] {
        let to = self.end + many;
        if self.buffer.len() < to {
            let more = to - self.buffer.len();
            self.buffer.reserve_exact(more);
            self.buffer.resize(to, 0);
        }
        &mut self.buffer[self.end..to]
    }
}
