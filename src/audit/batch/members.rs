//! Counts the objects of a batch in their groups. Each batch is added up by itself, so that the sums of a group are looked up once for
//! each batch, and not for each row.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use s3_inventory::Batch;

use super::{BatchSums, row_without_time};
use crate::audit::error::TallyError;
use crate::audit::tally::Tally;
use crate::model::StatusClass;

/// The objects of a batch, by their values in one dimension.
struct BatchGroups<'a> {
    /// Each value, and the first row that has it.
    values: Vec<(&'a [u8], usize)>,
    places: HashMap<&'a [u8], usize, RandomState>,
    /// For each value: the sums of each status word, then those of overdue objects.
    sums: Vec<BatchSums>,
    words: usize,
    /// The value of the row before: neighbouring rows often have the same one.
    last: usize,
}

impl<'a> BatchGroups<'a> {
    fn new(words: usize) -> Self {
        Self { values: Vec::new(), places: HashMap::default(), sums: Vec::new(), words, last: 0 }
    }

    fn place_of(&mut self, value: &'a [u8], row: usize) -> usize {
        let Self { values, places, sums, words, last } = self;
        if values.get(*last).is_none_or(|(known, _)| *known != value) {
            *last = *places.entry(value).or_insert_with(|| {
                values.push((value, row));
                sums.resize(values.len() * (*words + 1), BatchSums::EMPTY);
                values.len() - 1
            });
        }
        *last
    }

    fn word(&mut self, place: usize, word: usize) -> &mut BatchSums {
        &mut self.sums[place * (self.words + 1) + word]
    }
}

impl Tally {
    /// Counts the objects of a batch that pass the filter in the groups of one dimension.
    pub(super) fn count_members(
        &mut self,
        batch: &Batch<'_>,
        words: &[u32],
        dimension: usize,
    ) -> Result<(), (usize, TallyError)> {
        let is_pending: Vec<bool> = self.words.iter().map(|word| word.status.class() == StatusClass::Pending).collect();
        let many = is_pending.len();
        let overdue = batch.numbers_before(self.overdue_before);
        let mut found = BatchGroups::new(many);
        for (row, word) in words.iter().enumerate() {
            if batch.is_delete_marker(row) || !self.passes(batch.is_latest(row), batch.key(row)) {
                continue;
            }
            let value = self.groups.value_of(dimension, batch, row).map_err(|error| (row, error.into()))?;
            let (place, word) = (found.place_of(value, row), *word as usize);
            let (size, modified) = (batch.size(row), batch.last_modified(row));
            found.word(place, word).count(size, modified);
            if is_pending[word] && modified.is_some_and(|modified| overdue.contains(&modified)) {
                found.word(place, many).count(size, modified);
            }
        }
        for (place, (value, row)) in found.values.iter().enumerate() {
            let sums = &found.sums[place * (many + 1)..][..=many];
            for (word, sums) in sums.iter().enumerate().filter(|(_, sums)| sums.objects > 0) {
                let totals = sums.totals(batch, self.has_size);
                let totals = totals.map_err(|what| (row_without_time(batch, *row), what))?;
                let word = (word < many).then_some(word);
                let key = || batch.key(*row).unwrap_or_default();
                self.groups.add_counted(dimension, value, word, &totals, key).map_err(|what| (*row, what))?;
            }
        }
        Ok(())
    }
}
