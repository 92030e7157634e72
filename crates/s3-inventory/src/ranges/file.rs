//! A data file that is read in ranges: columnar readers want its end first, then the columns that are asked for.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::stream::{ColumnStream, SharedSource, WINDOW};
use crate::fault::{Fault, FileDamage, MemoryUse, Shortage};
use crate::memory::{BufferPool, MemoryBudget, PooledBuffer, Reservation};
use crate::source::ByteSource;

/// Bytes of a file, from the first to the one after the last.
pub(crate) type Span = (u64, u64);

/// What a window over a column takes at most, besides what is wanted in one piece and what the source holds.
const AHEAD: u64 = 2 * WINDOW;
/// Bytes in between that are fetched too when that saves a request.
const GAP: u64 = 64 << 10;
/// Which part of a file is fetched from its end at first, and how many bytes of a small and of a large one.
const TAIL_PART: u64 = 128;
const LEAST_TAIL: u64 = 64 << 10;
const MOST_TAIL: u64 = 256 << 10;

/// A file that is read in ranges.
pub(crate) struct FileRanges {
    shared: Arc<SharedSource>,
    size: u64,
    /// The end of the file, which is read first: of a small one it is all there is.
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

    /// A buffer for something else that is read of the file.
    pub(crate) fn buffer(&self) -> PooledBuffer {
        self.shared.buffers.take()
    }

    /// The last bytes of the file, and the place of the first of them: few, and they hold the footer of most files, and of
    /// large ones often the last columns.
    pub(crate) fn tail(&self) -> Result<(u64, Bytes), Fault> {
        let start = self.size.saturating_sub((self.size / TAIL_PART).clamp(LEAST_TAIL, MOST_TAIL));
        let bytes = self.read((start, self.size))?;
        Ok(self.tail.get_or_init(|| (start, bytes)).clone())
    }

    /// Reads bytes that must lie within the file: nothing is allocated for what is not there.
    pub(crate) fn read(&self, (from, to): Span) -> Result<Bytes, Fault> {
        if let Some(bytes) = self.in_memory((from, to))? {
            return Ok(bytes);
        }
        let mut bytes = self.buffer();
        bytes.resize(length(to - from), 0);
        self.shared.source.read_exact_at(&mut bytes, from)?;
        Ok(Bytes::from_owner(bytes))
    }

    /// The bytes, where there are none or they are in memory.
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

    /// Waits until what reading these columns of one row group or stripe takes is free: each is read through a window, which
    /// holds `one_piece` of it at least. Nothing is held meanwhile, so no two readers wait for each other.
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
        // A reader that has all of it to itself has room besides, for what the source holds.
        let needed = takes(AHEAD + source.piece_bytes()).min(budget.whole()).max(takes(AHEAD));
        let reserved = budget.reserve(needed);
        reserved.map(Some).ok_or_else(|| Shortage::new(MemoryUse::Columns, needed, budget.whole()).into())
    }

    /// Opens the columns that are in these places. All that is not in memory is asked for at once; short columns are read
    /// together with their neighbours, and with the long one that follows.
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

/// Of a part that lies within a file in memory, or was checked to be short.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
