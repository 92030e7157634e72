//! Parts of a data file: columnar readers want its end first, then the columns that the question needs.

use std::cell::{Cell, OnceCell, RefCell};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;

use super::ReportError;
use super::file::check_size;
use super::tally::Progress;
use crate::inventory::{Damage, DataFile};
use crate::model::Bucket;
use crate::s3::S3Store;

/// Bytes in between that are fetched too when that saves a request.
const GAP: u64 = 64 << 10;

/// A file that is read in parts.
pub(super) struct Parts<'a> {
    pub(super) file: &'a DataFile,
    source: Source<'a>,
    progress: &'a Progress,
    read: Cell<u64>,
    /// The end of the file, which is read first: of a small one it is all there is.
    tail: OnceCell<(u64, Bytes)>,
}

/// Where the bytes are.
pub(super) enum Source<'a> {
    Memory(Bytes),
    Local(File),
    Remote {
        store: &'a Arc<S3Store>,
        bucket: &'a Bucket,
        runtime: &'a Handle,
        /// Of the first answer; all others must be parts of the same object.
        etag: RefCell<Option<String>>,
    },
}

impl<'a> Parts<'a> {
    pub(super) fn new(file: &'a DataFile, source: Source<'a>, progress: &'a Progress) -> Self {
        Self { file, source, progress, read: Cell::new(0), tail: OnceCell::new() }
    }

    pub(super) fn size(&self) -> u64 {
        self.file.size
    }

    /// Whether memory was already paid for all of it.
    pub(super) fn are_in_memory(&self) -> bool {
        matches!(self.source, Source::Memory(_))
    }

    /// The last bytes of the file, at most so many, and the place of the first of them.
    pub(super) fn tail(&self, length: u64) -> Result<(u64, Bytes), ReportError> {
        let start = self.size().saturating_sub(length);
        let bytes = self.read(start, self.size())?;
        Ok(self.tail.get_or_init(|| (start, bytes)).clone())
    }

    /// Reads bytes `from` up to `to`, which must lie within the file: nothing is allocated for what is not there.
    pub(super) fn read(&self, from: u64, to: u64) -> Result<Bytes, ReportError> {
        if from > to || to > self.size() {
            let what = format!("it names bytes {from} to {to} of a file of {}", self.size());
            return Err(Damage::of_file(&self.file.key, None, what).into());
        }
        let unreadable =
            |error: std::io::Error| Damage::of_file(&self.file.key, None, format!("it can't be read: {error}"));
        let length = usize::try_from(to - from).map_err(|error| unreadable(std::io::Error::other(error)))?;
        if let Some((start, bytes)) = self.tail.get()
            && let Some(skip) = from.checked_sub(*start).and_then(|skip| usize::try_from(skip).ok())
        {
            return Ok(bytes.slice(skip..skip + length));
        }
        match &self.source {
            // Counted when it came.
            Source::Memory(bytes) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX);
                Ok(bytes.slice(from..from + length))
            }
            Source::Local(file) => {
                // Read into fresh memory as it is: to write zeros first would cost as much as the reading.
                let mut bytes = Vec::with_capacity(length);
                let mut file: &File = file;
                file.seek(SeekFrom::Start(from)).map_err(unreadable)?;
                file.take(to - from).read_to_end(&mut bytes).map_err(unreadable)?;
                if bytes.len() != length {
                    return Err(unreadable(ErrorKind::UnexpectedEof.into()).into());
                }
                self.count(to - from);
                Ok(bytes.into())
            }
            Source::Remote { store, bucket, runtime, etag } => {
                let bytes = runtime.block_on(self.fetch(store, bucket, from..to, etag))?;
                self.count(to - from);
                Ok(bytes)
            }
        }
    }

    async fn fetch(
        &self,
        store: &Arc<S3Store>,
        bucket: &Bucket,
        part: std::ops::Range<u64>,
        etag: &RefCell<Option<String>>,
    ) -> Result<Bytes, ReportError> {
        if part.is_empty() {
            return Ok(Bytes::new());
        }
        let known = etag.borrow().clone();
        let length = part.end - part.start;
        let body = store.get_part(bucket, &self.file.key, part, known.as_deref(), "columns of a data file").await?;
        let missing = || Damage::of_file(&self.file.key, None, format!("the file is missing from bucket {bucket}"));
        let body = body.ok_or_else(missing)?;
        if let Some(size) = body.object_size {
            check_size(self.file, size)?;
        }
        if known.is_none() {
            etag.borrow_mut().clone_from(&body.etag);
        }
        let bytes = body.read_to_end(usize::try_from(length).unwrap_or(usize::MAX)).await?;
        Ok(bytes.into())
    }

    /// Reads several ranges, neighbours at once.
    pub(super) fn read_all(&self, mut ranges: Vec<(u64, u64)>) -> Result<Held, ReportError> {
        ranges.sort_unstable();
        let mut together: Vec<(u64, u64)> = Vec::new();
        for (from, to) in ranges {
            match together.last_mut() {
                Some((_, end)) if from <= end.saturating_add(GAP) => *end = (*end).max(to),
                _ => together.push((from, to)),
            }
        }
        let held = together.into_iter().map(|(from, to)| Ok((from, self.read(from, to)?)));
        Ok(Held { size: self.size(), pieces: held.collect::<Result<_, ReportError>>()? })
    }

    fn count(&self, bytes: u64) {
        // Never more than the file has, even where parts overlap.
        let more = bytes.min(self.size().saturating_sub(self.read.get()));
        self.read.set(self.read.get() + more);
        (self.progress)(more);
    }

    /// The file is done: what was not wanted counts as read.
    pub(super) fn finish(&self) {
        if !self.are_in_memory() {
            self.count(self.size());
        }
    }
}

/// Ranges of a file that are in memory.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) size: u64,
    pieces: Arc<[(u64, Bytes)]>,
}

impl Held {
    /// All of a file.
    #[cfg(test)]
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { size: bytes.len() as u64, pieces: Arc::new([(0, bytes)]) }
    }

    /// What is held from `at` on.
    pub(super) fn from(&self, at: u64) -> Option<Bytes> {
        let from = |(start, bytes): &(u64, Bytes)| {
            let skip = usize::try_from(at.checked_sub(*start)?).ok().filter(|skip| *skip < bytes.len())?;
            Some(bytes.slice(skip..))
        };
        self.pieces.iter().find_map(from)
    }

    /// Bytes `from` up to `to`, if all of them are held.
    pub(super) fn part(&self, from: u64, to: u64) -> Option<Bytes> {
        match usize::try_from(to.checked_sub(from)?).ok()? {
            // Nothing is held of what is empty.
            0 => Some(Bytes::new()),
            length => self.from(from).filter(|bytes| bytes.len() >= length).map(|bytes| bytes.slice(..length)),
        }
    }
}
