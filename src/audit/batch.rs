//! Counts many rows of a columnar report at a time: sums in plain arrays, checked sums once per batch.

mod members;

use s3_inventory::{Batch, BatchClasses, CompleteColumns};

use super::error::TallyError;
use super::groups::GroupMember;
use super::tally::{Tally, WordSums};
use super::totals::StatusTotals;
use crate::model::{Overflow, StatusClass, add};

/// What one batch adds to the sums of one word.
#[derive(Debug, Clone, Copy)]
struct BatchSums {
    objects: u64,
    /// The sum of at most one size for each row, each below 2^63.
    bytes: u128,
    /// LastModifiedDate in the batch's unit; `oldest` is above `newest` while no row has a date.
    oldest: i64,
    newest: i64,
    is_pending: bool,
}

impl BatchSums {
    const EMPTY: Self = Self { objects: 0, bytes: 0, oldest: i64::MAX, newest: i64::MIN, is_pending: false };

    #[inline]
    fn count(&mut self, size: u64, modified: Option<i64>) {
        self.objects += 1;
        self.bytes += u128::from(size);
        if let Some(modified) = modified {
            self.oldest = self.oldest.min(modified);
            self.newest = self.newest.max(modified);
        }
    }

    fn totals(&self, batch: &Batch<'_>, has_size: bool) -> Result<StatusTotals, TallyError> {
        let (oldest, newest) = match self.oldest <= self.newest {
            true => (Some(batch.time(self.oldest)?), Some(batch.time(self.newest)?)),
            false => (None, None),
        };
        let bytes = u64::try_from(self.bytes).map_err(|_| Overflow)?;
        Ok(StatusTotals { objects: self.objects, bytes: has_size.then_some(bytes), oldest, newest })
    }
}

/// Buffers that are reused, so that no batch allocates its own.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    words: Vec<u32>,
    places: Vec<u32>,
    parts: Vec<BatchSums>,
    lanes: Vec<[LaneSums; LANES]>,
    pending_rows: Vec<u32>,
}

/// Sums of one word that take turns: neighbouring rows often have the same word, and reading a sum that was just written is
/// slow.
const LANES: usize = 4;

/// What some rows of a batch add to the sums of one word. Smaller than [`BatchSums`], and written less often.
#[derive(Debug, Clone, Copy)]
struct LaneSums {
    objects: u32,
    is_pending: bool,
    bytes: u64,
    oldest: i64,
    newest: i64,
}

impl LaneSums {
    const EMPTY: Self = Self { objects: 0, is_pending: false, bytes: 0, oldest: i64::MAX, newest: i64::MIN };

    /// Whether the sizes are so small that no sum of them overflows.
    fn can_hold(columns: &CompleteColumns<'_>) -> bool {
        let bits = columns.sizes.iter().fold(0, |bits, size| bits | size.cast_unsigned());
        let rows = columns.sizes.len() as u64;
        u32::try_from(rows).is_ok() && bits.checked_mul(rows).is_some()
    }

    fn add_to(&self, part: &mut BatchSums) {
        part.objects += u64::from(self.objects);
        part.bytes += u128::from(self.bytes);
        part.oldest = part.oldest.min(self.oldest);
        part.newest = part.newest.max(self.newest);
    }
}

/// Adds up rows without a delete marker, the first of which is `first`, and lists those that are pending. A function of its own,
/// because the loop is slower inside of a larger one.
#[inline(never)]
fn count_stretch(
    words: &[u32],
    sizes: &[i64],
    times: &[i64],
    first: usize,
    lanes: &mut [[LaneSums; LANES]],
    pending_rows: &mut Vec<u32>,
) {
    for (row, ((word, size), time)) in words.iter().zip(sizes).zip(times).enumerate() {
        let lane = &mut lanes[*word as usize][row % LANES];
        lane.objects += 1;
        lane.bytes += size.cast_unsigned();
        // Seldom true, and then nothing is written.
        if *time < lane.oldest {
            lane.oldest = *time;
        }
        if *time > lane.newest {
            lane.newest = *time;
        }
        if lane.is_pending {
            pending_rows.push((first + row) as u32);
        }
    }
}

impl Tally {
    /// Counts the rows of a batch of a columnar report.
    pub(crate) fn count_batch(&mut self, batch: &Batch<'_>, scratch: &mut Scratch) -> Result<(), (usize, TallyError)> {
        let Scratch { words, places, parts, lanes, pending_rows } = scratch;
        batch.words(words, |word| {
            // At most MOST_WORDS.
            self.place_of(word).map(|at| at as u32)
        })?;
        let many = self.words.len();
        // Statuses are counted for each ruling, if there are several.
        let rulings = self.rulings_of(batch, words, places)?;
        let (places, groups) = match rulings {
            BatchRulings::Several(count) => (&*places, count),
            BatchRulings::None | BatchRulings::One(_) => (&*words, 1),
        };
        let empty =
            |word: &WordSums| BatchSums { is_pending: word.status.class() == StatusClass::Pending, ..BatchSums::EMPTY };
        parts.clear();
        (0..groups).for_each(|_| parts.extend(self.words.iter().map(empty)));
        let mut overdue = vec![BatchSums::EMPTY; groups];
        let mut ages = self.ages.empty();
        let (mut rows, mut markers, mut undated) = (0u64, 0u64, 0u64);
        let mut pending = |place: u32, size, modified: Option<i64>| {
            let time = modified.map(|value| batch.time(value)).transpose()?;
            let Some(time) = time else {
                undated += 1;
                return Ok::<(), TallyError>(());
            };
            if time < self.overdue_before {
                overdue[place as usize / many].count(size, modified);
            }
            Ok(ages.count(size, time)?)
        };
        let everything = self.filter.prefix.is_none() && !self.filter.current;
        if let (true, Some(columns)) = (everything, batch.complete().filter(LaneSums::can_hold)) {
            // The common case: no filter, no missing cells.
            lanes.clear();
            lanes.extend(parts.iter().map(|part| [LaneSums { is_pending: part.is_pending, ..LaneSums::EMPTY }; LANES]));
            pending_rows.clear();
            markers = batch.rows as u64;
            for (from, to) in (!columns.delete_markers).set_slices() {
                markers -= (to - from) as u64;
                let (sizes, times) = (&columns.sizes[from..to], &columns.times[from..to]);
                count_stretch(&places[from..to], sizes, times, from, lanes, pending_rows);
            }
            rows = batch.rows as u64;
            for (part, lanes) in parts.iter_mut().zip(&*lanes) {
                lanes.iter().for_each(|lane| lane.add_to(part));
            }
            for row in &*pending_rows {
                let row = *row as usize;
                let counted = pending(places[row], columns.sizes[row].cast_unsigned(), Some(columns.times[row]));
                counted.map_err(|what| (row, what))?;
            }
        } else {
            for (row, place) in places.iter().enumerate() {
                if !self.passes(batch.is_latest(row), batch.key(row)) {
                    continue;
                }
                rows += 1;
                if batch.is_delete_marker(row) {
                    markers += 1;
                    continue;
                }
                let part = &mut parts[*place as usize];
                part.count(batch.size(row), batch.last_modified(row));
                if part.is_pending {
                    pending(*place, batch.size(row), batch.last_modified(row)).map_err(|what| (row, what))?;
                }
            }
        }
        for dimension in 0..self.groups.dimensions() {
            self.count_members(batch, words, dimension)?;
        }
        let ruling_of = |row: usize| match rulings {
            BatchRulings::None => None,
            BatchRulings::One(ruling) => Some(ruling),
            BatchRulings::Several(_) => Some(places[row] as usize / many),
        };
        self.count_uncovered(batch, words, ruling_of)?;
        self.count_markers(batch, words)?;
        let last = |what: TallyError| (row_without_time(batch, batch.rows.saturating_sub(1)), what);
        let sum = |sum: &mut u64, more: u64| add(sum, more).map_err(|error| last(error.into()));
        sum(&mut self.rows_scanned, batch.rows as u64)?;
        sum(&mut self.rows, rows)?;
        sum(&mut self.delete_markers, markers)?;
        sum(&mut self.undated_pending, undated)?;
        self.ages.merge(&ages).map_err(|error| last(error.into()))?;
        self.add_sums(batch, rulings, parts, &overdue).map_err(last)
    }
}

/// The first row whose date is no time, because sums name no row; `row` if there is none.
fn row_without_time(batch: &Batch<'_>, row: usize) -> usize {
    let is_no_time = |row: &usize| batch.last_modified(*row).is_some_and(|value| batch.time(value).is_err());
    (0..batch.rows).find(is_no_time).unwrap_or(row)
}

/// Which rulings the keys of a batch have.
#[derive(Debug, Clone, Copy)]
enum BatchRulings {
    /// They are not wanted.
    None,
    /// All have this one.
    One(usize),
    /// Any of this many.
    Several(usize),
}

impl Tally {
    /// The rulings of the keys of a batch. If there are several, writes a place for the status and the ruling of each row to
    /// `places`: those of a ruling are next to each other.
    fn rulings_of(
        &mut self,
        batch: &Batch<'_>,
        words: &[u32],
        places: &mut Vec<u32>,
    ) -> Result<BatchRulings, (usize, TallyError)> {
        let Some(sums) = self.by_rule.as_mut().filter(|sums| sums.needs_keys()) else { return Ok(BatchRulings::None) };
        places.clear();
        match batch.key_classes() {
            Some(BatchClasses::All(ruling)) => return Ok(BatchRulings::One(ruling as usize)),
            Some(BatchClasses::Each(rulings)) => places.extend(rulings),
            None => {
                for row in 0..batch.rows {
                    let ruling = sums.ruling(batch.key(row).unwrap_or_default());
                    places.push(ruling.map_err(|what| (row, what))? as u32);
                }
            }
        }
        let first = places.first().copied().unwrap_or_default();
        // Without a branch for each row.
        if places.iter().fold(0, |differs, ruling| differs | (ruling ^ first)) == 0 {
            return Ok(BatchRulings::One(first as usize));
        }
        let many = self.words.len() as u32;
        places.iter_mut().zip(words).for_each(|(place, word)| *place = *place * many + word);
        Ok(BatchRulings::Several(sums.rulings()))
    }

    /// Adds what was counted of a batch, for each ruling and status.
    fn add_sums(
        &mut self,
        batch: &Batch<'_>,
        rulings: BatchRulings,
        parts: &[BatchSums],
        overdue: &[BatchSums],
    ) -> Result<(), TallyError> {
        let many = self.words.len();
        let ruling = |at: usize| if let BatchRulings::One(ruling) = rulings { ruling } else { at };
        let mut by_rule = self.by_rule.as_mut().filter(|_| !matches!(rulings, BatchRulings::None));
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| part.objects > 0) {
            let totals = part.totals(batch, self.has_size)?;
            self.words[at % many].totals.merge(&totals)?;
            if let Some(sums) = &mut by_rule {
                sums.of_ruling(ruling(at / many)).word(at % many, self.has_size).merge(&totals)?;
            }
        }
        for (at, part) in overdue.iter().enumerate().filter(|(_, part)| part.objects > 0) {
            let totals = part.totals(batch, self.has_size)?;
            self.overdue.merge(&totals)?;
            if let Some(sums) = &mut by_rule {
                sums.of_ruling(ruling(at)).overdue(self.has_size).merge(&totals)?;
            }
        }
        Ok(())
    }
}

impl Tally {
    /// Counts the delete markers that have a status. Most reports have none.
    fn count_markers(&mut self, batch: &Batch<'_>, words: &[u32]) -> Result<(), (usize, TallyError)> {
        let none = self
            .words
            .iter()
            .position(|word| word.status.class() == StatusClass::NotReplicated)
            .map_or(u32::MAX, |at| at as u32);
        for (from, to) in batch.delete_markers() {
            for row in (from..to).filter(|row| words[*row] != none) {
                if self.passes(batch.is_latest(row), batch.key(row)) {
                    let counted = add(&mut self.words[words[row] as usize].markers, 1);
                    counted.map_err(|error| (row, error.into()))?;
                }
            }
        }
        Ok(())
    }

    /// Counts why the objects of a batch that pass the filter and have no status are uncovered. Without a ruling of the row, all
    /// keys have the same.
    fn count_uncovered(
        &mut self,
        batch: &Batch<'_>,
        words: &[u32],
        ruling_of: impl Fn(usize) -> Option<usize>,
    ) -> Result<(), (usize, TallyError)> {
        let Some(mut sums) = self.by_rule.take() else { return Ok(()) };
        let has_none: Vec<bool> =
            self.words.iter().map(|word| word.status.class() == StatusClass::NotReplicated).collect();
        let counted =
            words.iter().enumerate().filter(|(_, word)| has_none[**word as usize]).try_for_each(|(row, _)| {
                if batch.is_delete_marker(row) || !self.passes(batch.is_latest(row), batch.key(row)) {
                    return Ok(());
                }
                sums.count_uncovered(&self.member(batch, row)?, ruling_of(row)).map_err(|what| (row, what))
            });
        self.by_rule = Some(sums);
        counted
    }

    fn member<'a>(&self, batch: &Batch<'a>, row: usize) -> Result<GroupMember<'a>, (usize, TallyError)> {
        let modified = batch.last_modified(row).map(|value| batch.time(value)).transpose();
        Ok(GroupMember {
            key: batch.key(row).unwrap_or_default(),
            storage_class: batch.storage_class(row),
            encryption: batch.encryption_status(row),
            size: self.has_size.then(|| batch.size(row)),
            modified: modified.map_err(|error| (row, error.into()))?,
        })
    }
}

#[cfg(test)]
mod tests;
