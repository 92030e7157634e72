//! Parts of a data file: columnar readers want its end first, then the columns that the question needs.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;

use super::ReportError;
use super::file::{check_size, unreadable};
use super::tally::Progress;
use super::window::{WINDOW, Window};
use crate::inventory::{Damage, DataFile};
use crate::model::Bucket;
use crate::s3::{Body, S3Store};

/// Bytes in between that are fetched too when that saves a request.
const GAP: u64 = 64 << 10;

/// A file that is read in parts.
pub(super) struct Parts {
    file: Arc<Parted>,
    /// The end of the file, which is read first: of a small one it is all there is.
    tail: OnceLock<(u64, Bytes)>,
}

/// What all parts of a file share.
pub(super) struct Parted {
    pub(super) file: DataFile,
    pub(super) source: Source,
    progress: Progress,
    read: AtomicU64,
    /// Why a part could not be read: between here and whoever wants to know it are libraries that have only words for it.
    failure: Mutex<Option<ReportError>>,
}

/// Where the bytes are.
pub(super) enum Source {
    Memory(Bytes),
    Local(File),
    Remote(Remote),
}

/// A file in a bucket.
pub(super) struct Remote {
    store: Arc<S3Store>,
    bucket: Bucket,
    runtime: Handle,
    /// Of the first answer; all others must be parts of the same object.
    etag: OnceLock<Option<String>>,
}

impl Remote {
    /// `etag` of an answer that came before.
    pub(super) fn new(store: &Arc<S3Store>, bucket: &Bucket, runtime: &Handle, etag: Option<String>) -> Self {
        let etag = etag.map_or_else(OnceLock::new, |etag| Some(etag).into());
        Self { store: Arc::clone(store), bucket: bucket.clone(), runtime: runtime.clone(), etag }
    }
}

impl Parts {
    pub(super) fn new(file: &DataFile, source: Source, progress: &Progress) -> Self {
        let (file, progress) = (file.clone(), Arc::clone(progress));
        let parted = Parted { file, source, progress, read: AtomicU64::new(0), failure: Mutex::default() };
        Self { file: Arc::new(parted), tail: OnceLock::new() }
    }

    pub(super) fn file(&self) -> &DataFile {
        &self.file.file
    }

    pub(super) fn size(&self) -> u64 {
        self.file.file.size
    }

    /// Whether memory was already paid for all of it.
    pub(super) fn are_in_memory(&self) -> bool {
        matches!(self.file.source, Source::Memory(_))
    }

    /// The last bytes of the file, at most so many, and the place of the first of them.
    pub(super) fn tail(&self, length: u64) -> Result<(u64, Bytes), ReportError> {
        let start = self.size().saturating_sub(length);
        let bytes = self.read(start, self.size())?;
        Ok(self.tail.get_or_init(|| (start, bytes)).clone())
    }

    /// Reads bytes `from` up to `to`, which must lie within the file: nothing is allocated for what is not there.
    pub(super) fn read(&self, from: u64, to: u64) -> Result<Bytes, ReportError> {
        if let Some(bytes) = self.at_hand(from, to)? {
            return Ok(bytes);
        }
        let bytes = match &self.file.source {
            Source::Memory(_) => Bytes::new(),
            Source::Local(file) => {
                let mut bytes = vec![0; length(from, to)];
                file.read_exact_at(&mut bytes, from).map_err(|error| unreadable(self.file(), &error))?;
                bytes.into()
            }
            Source::Remote(_) if from == to => Bytes::new(),
            Source::Remote(remote) => {
                let (body, most) = (self.file.open(remote, from..to)?, length(from, to));
                remote.runtime.block_on(body.read_to_end(most))?.into()
            }
        };
        self.file.count(to - from);
        Ok(bytes)
    }

    /// The bytes, where they were counted before.
    fn at_hand(&self, from: u64, to: u64) -> Result<Option<Bytes>, ReportError> {
        if from > to || to > self.size() {
            let what = format!("it names bytes {from} to {to} of a file of {}", self.size());
            return Err(Damage::of_file(&self.file().key, None, what).into());
        }
        let held = match (&self.file.source, self.tail.get()) {
            (Source::Memory(bytes), _) => Some((0, bytes)),
            (_, Some((start, bytes))) => Some((*start, bytes)),
            (_, None) => None,
        };
        let slice = |(start, bytes): (u64, &Bytes)| {
            let skip = usize::try_from(from.checked_sub(start)?).ok()?;
            Some(bytes.slice(skip..skip + length(from, to)))
        };
        Ok(held.and_then(slice))
    }

    /// Windows over columns that are in these places: short ones are read at once, neighbours together.
    pub(super) fn windows(&self, places: &[(u64, u64)]) -> Result<Vec<Window>, ReportError> {
        let mut windows = Vec::with_capacity(places.len());
        let mut short: Vec<(usize, (u64, u64))> = Vec::new();
        for (from, to) in places.iter().copied() {
            windows.push(match self.at_hand(from, to)? {
                Some(bytes) => Window::Whole(bytes),
                None if to - from > WINDOW => Window::over(&self.file, from..to),
                None => {
                    short.push((windows.len(), (from, to)));
                    Window::Whole(Bytes::new())
                }
            });
        }
        short.sort_unstable_by_key(|(_, place)| *place);
        let mut rest = short.as_slice();
        while let Some((_, (start, mut end))) = rest.first().copied() {
            let mut many = 1;
            while let Some((_, (from, to))) = rest.get(many)
                && *from <= end.saturating_add(GAP)
            {
                (end, many) = (end.max(*to), many + 1);
            }
            let together = self.read(start, end)?;
            for (at, (from, to)) in &rest[..many] {
                windows[*at] = Window::Whole(together.slice(length(start, *from)..length(start, *to)));
            }
            rest = &rest[many..];
        }
        Ok(windows)
    }

    /// The file is done: what was not wanted counts as read.
    pub(super) fn finish(&self) {
        if !self.are_in_memory() {
            self.file.count(self.size());
        }
    }

    /// Why a part could not be read, where that ended the reading.
    pub(super) fn failure(&self) -> Option<ReportError> {
        self.file.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps the error for [`Parts::failure`], and gives its words.
    pub(super) fn fail(&self, error: ReportError) -> String {
        self.file.fail(error)
    }
}

impl Parted {
    /// Opens a part of it, which must not be empty.
    pub(super) fn open(&self, remote: &Remote, part: Range<u64>) -> Result<Body, ReportError> {
        let Remote { store, bucket, runtime, etag } = remote;
        let (key, known) = (&self.file.key, etag.get().and_then(Option::as_deref));
        let body = runtime.block_on(store.get_part(bucket, key, part, known, "columns of a data file"))?;
        let missing = || Damage::of_file(key, None, format!("the file is missing from bucket {bucket}"));
        let body = body.ok_or_else(missing)?;
        if let Some(size) = body.object_size {
            check_size(&self.file, size)?;
        }
        etag.get_or_init(|| body.etag.clone());
        Ok(body)
    }

    /// The next bytes of a body, which must have some.
    pub(super) fn piece(&self, remote: &Remote, body: &mut Body) -> Result<Bytes, ReportError> {
        let piece = remote.runtime.block_on(body.next())?;
        piece.ok_or_else(|| unreadable(&self.file, &ErrorKind::UnexpectedEof.into()).into())
    }

    pub(super) fn count(&self, bytes: u64) {
        // Never more than the file has, even where parts overlap.
        let more = bytes.min(self.file.size.saturating_sub(self.read.load(Ordering::Relaxed)));
        self.read.fetch_add(more, Ordering::Relaxed);
        (self.progress)(more);
    }

    pub(super) fn fail(&self, error: ReportError) -> String {
        let words = error.to_string();
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        words
    }
}

/// Bytes of a part that lies within a file at hand, or was checked to be short.
fn length(from: u64, to: u64) -> usize {
    usize::try_from(to - from).unwrap_or(usize::MAX)
}
