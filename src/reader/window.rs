//! A window over the stored bytes of a column: however long the column is, no more of it is in memory than what is looked
//! at, and what one read gives.

use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

use super::ReportError;
use super::file::unreadable;
use super::parts::{Parted, Source};
use crate::inventory::orc::Flow;
use crate::s3::Body;

/// Bytes read at once; a column that is no longer is read whole.
pub(super) const WINDOW: u64 = 128 << 10;

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
    /// What `rest` comes from, where that is S3 and it was opened.
    body: Option<Body>,
    /// Of these, from `at` to `end`.
    buffer: Vec<u8>,
    at: usize,
    end: usize,
}

impl Window {
    /// Over bytes of a file that is not in memory; nothing is read yet.
    pub(super) fn over(file: &Arc<Parted>, rest: Range<u64>) -> Self {
        Self::Moving(Box::new(Moving { file: Arc::clone(file), rest, body: None, buffer: Vec::new(), at: 0, end: 0 }))
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

    /// Reads more, where so many bytes are wanted and not all of them are there.
    fn read(&mut self, least: usize) -> Result<(), ReportError> {
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        let file = Arc::clone(&self.file);
        let many = match &file.source {
            Source::Memory(_) => unreachable!("what is in memory is a window as it is"),
            Source::Local(local) => {
                let left = self.rest.end - self.rest.start;
                let wanted = ((least - self.end) as u64).max(WINDOW).min(left);
                let (many, from) = (usize::try_from(wanted).unwrap_or(usize::MAX), self.rest.start);
                local.read_exact_at(self.room(many), from).map_err(|error| unreadable(&file.file, &error))?;
                many
            }
            Source::Remote(remote) => {
                let body = match &mut self.body {
                    Some(body) => body,
                    none => none.insert(file.open(remote, self.rest.clone())?),
                };
                let piece = file.piece(remote, body)?;
                self.room(piece.len()).copy_from_slice(&piece);
                piece.len()
            }
        };
        self.end += many;
        self.rest.start += many as u64;
        file.count(many as u64);
        Ok(())
    }

    /// So many bytes behind those that are there.
    fn room(&mut self, many: usize) -> &mut [u8] {
        let to = self.end + many;
        if self.buffer.len() < to {
            self.buffer.reserve_exact(to - self.buffer.len());
            self.buffer.resize(to, 0);
        }
        &mut self.buffer[self.end..to]
    }
}
