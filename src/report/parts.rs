//! Parts of a data file: columnar readers want its end first, then the columns that the question needs.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use s3_inventory::orc::Flow;
use s3_inventory::{Damage, DataFile};

use super::ReportError;
use super::file::unreadable;
use super::kept::{Kept, Lent};
use super::remote::Remote;
use super::tally::Progress;
use super::window::{AHEAD, AHEAD_IN_S3, WINDOW, Window};

/// Bytes in between that are fetched too when that saves a request.
const GAP: u64 = 64 << 10;
/// Which part of a file is fetched from its end at first, and how many bytes of a small and of a large one.
const TAIL_PART: u64 = 128;
const LEAST_TAIL: u64 = 64 << 10;
const MOST_TAIL: u64 = 256 << 10;

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
    kept: Kept,
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

impl Parts {
    pub(super) fn new(file: &DataFile, source: Source, progress: &Progress, kept: &Kept) -> Self {
        let (file, progress, kept) = (file.clone(), Arc::clone(progress), kept.clone());
        let parted = Parted { file, source, progress, kept, read: AtomicU64::new(0), failure: Mutex::default() };
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

    /// What a window over a column takes at most, besides what is wanted in one piece.
    pub(super) fn ahead(&self) -> u64 {
        if matches!(self.file.source, Source::Remote(_)) { AHEAD_IN_S3 } else { AHEAD }
    }

    /// A buffer for something else that is read of it.
    pub(super) fn buffer(&self) -> Lent {
        self.file.buffer()
    }

    /// The last bytes of the file, and the place of the first of them: little, and it holds the footer of most files, and of
    /// large ones often the last columns.
    pub(super) fn tail(&self) -> Result<(u64, Bytes), ReportError> {
        let start = self.size().saturating_sub((self.size() / TAIL_PART).clamp(LEAST_TAIL, MOST_TAIL));
        let bytes = self.read(start, self.size())?;
        Ok(self.tail.get_or_init(|| (start, bytes)).clone())
    }

    /// Reads bytes `from` up to `to`, which must lie within the file: nothing is allocated for what is not there.
    pub(super) fn read(&self, from: u64, to: u64) -> Result<Bytes, ReportError> {
        if let Some(bytes) = self.at_hand(from, to)? {
            return Ok(bytes);
        }
        let mut bytes = self.buffer();
        bytes.resize(length(to - from), 0);
        match &self.file.source {
            Source::Memory(_) => unreachable!("what is in memory is at hand"),
            Source::Local(file) => {
                file.read_exact_at(&mut bytes, from).map_err(|error| unreadable(self.file(), &error))?;
            }
            Source::Remote(remote) => remote.read_exact_at(&mut bytes, from)?,
        }
        self.file.count(to - from);
        Ok(Bytes::from_owner(bytes))
    }

    /// The bytes, where there are none or they were counted before.
    fn at_hand(&self, from: u64, to: u64) -> Result<Option<Bytes>, ReportError> {
        if from > to || to > self.size() {
            let what = format!("it names bytes {from} to {to} of a file of {}", self.size());
            return Err(Damage::of_file(&self.file().key, None, what).into());
        }
        if from == to {
            return Ok(Some(Bytes::new()));
        }
        let held = match (&self.file.source, self.tail.get()) {
            (Source::Memory(bytes), _) => Some((0, bytes)),
            (_, Some((start, bytes))) => Some((*start, bytes)),
            (_, None) => None,
        };
        let slice = |(start, bytes): (u64, &Bytes)| {
            let skip = usize::try_from(from.checked_sub(start)?).ok()?;
            Some(bytes.slice(skip..skip + length(to - from)))
        };
        Ok(held.and_then(slice))
    }

    /// Windows over columns that are in these places. All that is not at hand is asked for at once; short columns are read
    /// together with their neighbours, and with the long one behind them.
    ///
    /// # Errors
    /// The words of [`Parts::failure`].
    pub(super) fn windows(&self, places: &[(u64, u64)]) -> Result<Vec<Window>, String> {
        let (mut windows, mut missing) = (Vec::with_capacity(places.len()), Vec::new());
        for (at, (from, to)) in places.iter().enumerate() {
            let bytes = self.at_hand(*from, *to).map_err(|error| self.file.fail(error))?;
            if bytes.is_none() {
                missing.push(at);
            }
            windows.push(Window::Whole(bytes.unwrap_or_default()));
        }
        missing.sort_unstable_by_key(|at| places[*at]);
        let is_long = |at: usize| places[at].1 - places[at].0 > WINDOW;
        let are_read_together = |before: &usize, next: &usize| {
            let gap = places[*next].0.checked_sub(places[*before].1);
            !is_long(*before) && gap.is_some_and(|gap| gap <= GAP)
        };
        let asked = missing.chunk_by(are_read_together).map(|columns| {
            let (first, last) = (columns[0], columns[columns.len() - 1]);
            (columns, Window::over(&self.file, places[first].0..places[last].1))
        });
        for (columns, mut window) in asked.collect::<Vec<_>>() {
            let (start, last) = (places[columns[0]].0, columns[columns.len() - 1]);
            let of_short = length(if is_long(last) { places[last].0 } else { places[last].1 } - start);
            window.ahead(of_short)?;
            let bytes = window.shown(0..of_short).ok_or("a column is cut off")?;
            window.skip(of_short);
            for at in columns.iter().filter(|at| !is_long(**at)) {
                windows[*at] = Window::Whole(bytes.slice(length(places[*at].0 - start)..length(places[*at].1 - start)));
            }
            if is_long(last) {
                windows[last] = window;
            }
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
}

impl Parted {
    pub(super) fn buffer(&self) -> Lent {
        self.kept.take()
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

/// Of a part that lies within a file at hand, or was checked to be short.
pub(super) fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
