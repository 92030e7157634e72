//! A data file that is read in ranges: first its end, then the wanted columns.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::stream::{ColumnStream, SharedSource, WINDOW};
use crate::fault::{Fault, FileDamage, MemoryUse, Shortage};
use crate::memory::{BufferPool, MemoryBudget, PooledBuffer, Reservation};
use crate::source::ByteSource;

/// A range of a file: the first offset, and the offset after the last byte.
pub(crate) type Span = (u64, u64);

/// The most bytes of a window, besides the longest piece and the buffers of the source.
const AHEAD: u64 = 2 * WINDOW;
/// A gap of at most this many bytes is read too, because that saves a request.
const GAP: u64 = 64 << 10;
/// The part of a file that is read from its end first, and its limits in bytes.
const TAIL_PART: u64 = 128;
const LEAST_TAIL: u64 = 64 << 10;
const MOST_TAIL: u64 = 256 << 10;

pub(crate) struct FileRanges {
    shared: Arc<SharedSource>,
    size: u64,
    /// The end of the file, or all of a small file.
    tail: OnceLock<(u64, Bytes)>,
}

impl FileRanges {
    pub(crate) fn new(source: Box<dyn ByteSource>, buffers: BufferPool) -> Self {
        let size = source.size();
        Self { shared: Arc::new(SharedSource { source, buffers }), size, tail: OnceLock::new() }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn buffer(&self) -> PooledBuffer {
        self.shared.buffers.take()
    }

    /// The last bytes of the file, and their offset: enough for the footer of most files, and often for the last columns of large
    /// files.
    pub(crate) fn tail(&self) -> Result<(u64, Bytes), Fault> {
        let start = self.size.saturating_sub((self.size / TAIL_PART).clamp(LEAST_TAIL, MOST_TAIL));
        let bytes = self.read((start, self.size))?;
        Ok(self.tail.get_or_init(|| (start, bytes)).clone())
    }

    /// Reads a range. Checks that it is inside the file before memory is allocated.
    pub(crate) fn read(&self, (from, to): Span) -> Result<Bytes, Fault> {
        if let Some(bytes) = self.in_memory((from, to))? {
            return Ok(bytes);
        }
        let mut bytes = self.buffer();
        bytes.resize(length(to - from), 0);
        self.shared.source.read_exact_at(&mut bytes, from)?;
        Ok(Bytes::from_owner(bytes))
    }

    /// The bytes, if the range is empty or in memory.
    fn in_memory(&self, (from, to): Span) -> Result<Option<Bytes>, Fault> {
        if from > to || to > self.size {
            return Err(FileDamage::Range { from, to, size: self.size }.into());
        }
        if from == to {
            return Ok(Some(Bytes::new()));
        }
        let held = match (self.shared.source.in_memory(), self.tail.get()) {
            (Some(bytes), _) => Some((0, bytes)),
            (None, Some((start, bytes))) => Some((*start, bytes)),
            (None, None) => None,
        };
        let slice = |(start, bytes): (u64, &Bytes)| {
            let skip = usize::try_from(from.checked_sub(start)?).ok()?;
            Some(bytes.slice(skip..skip + length(to - from)))
        };
        Ok(held.and_then(slice))
    }

    /// Waits for the memory for reading these columns of one row group or stripe. Each is read through a window of at least
    /// `one_piece` bytes. The caller holds no memory while it waits, so two readers never wait for each other.
    pub(crate) fn reserve(
        &self,
        columns: &[Span],
        one_piece: u64,
        budget: &MemoryBudget,
    ) -> Result<Option<Reservation>, Fault> {
        let lengths = || columns.iter().map(|(from, to)| to.saturating_sub(*from));
        // No two columns share bytes.
        if lengths().fold(0, u64::saturating_add) > self.size {
            return Err(FileDamage::ColumnsTooLong.into());
        }
        let source = &self.shared.source;
        if source.in_memory().is_some() {
            return Ok(None);
        }
        let takes = |ahead: u64| lengths().map(|length| length.min(ahead.saturating_add(one_piece))).sum::<u64>();
        // A budget for a single reader has further room for the buffers of the source.
        let needed = takes(AHEAD + source.piece_bytes()).min(budget.whole()).max(takes(AHEAD));
        let reserved = budget.reserve(needed);
        reserved.map(Some).ok_or_else(|| Shortage::new(MemoryUse::Columns, needed, budget.whole()).into())
    }

    /// Opens the columns at these places. All requests are sent at once. Short columns are read together with their neighbours,
    /// and with a long column that follows.
    pub(crate) fn streams(&self, places: &[Span]) -> Result<Vec<ColumnStream>, Fault> {
        let (mut streams, mut missing) = (Vec::with_capacity(places.len()), Vec::new());
        for (at, place) in places.iter().enumerate() {
            let bytes = self.in_memory(*place)?;
            if bytes.is_none() {
                missing.push(at);
            }
            streams.push(ColumnStream::Whole(bytes.unwrap_or_default()));
        }
        missing.sort_unstable_by_key(|at| places[*at]);
        let is_long = |at: usize| places[at].1 - places[at].0 > WINDOW;
        let are_read_together = |before: &usize, next: &usize| {
            let gap = places[*next].0.checked_sub(places[*before].1);
            !is_long(*before) && gap.is_some_and(|gap| gap <= GAP)
        };
        let asked = missing.chunk_by(are_read_together).map(|columns| {
            let (first, last) = (columns[0], columns[columns.len() - 1]);
            (columns, ColumnStream::over(&self.shared, places[first].0..places[last].1))
        });
        for (columns, mut stream) in asked.collect::<Vec<_>>() {
            let (start, last) = (places[columns[0]].0, columns[columns.len() - 1]);
            let of_short = length(if is_long(last) { places[last].0 } else { places[last].1 } - start);
            stream.ahead(of_short)?;
            let bytes = stream.keep(0..of_short).ok_or(FileDamage::ColumnCutOff)?;
            stream.skip(of_short);
            for at in columns.iter().filter(|at| !is_long(**at)) {
                let (from, to) = (length(places[*at].0 - start), length(places[*at].1 - start));
                streams[*at] = ColumnStream::Whole(bytes.slice(from..to));
            }
            if is_long(last) {
                streams[last] = stream;
            }
        }
        Ok(streams)
    }
}

/// For ranges that are in memory or known to be short.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
