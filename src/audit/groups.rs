//! Sums per prefix, storage class, encryption or age, to show where the problems are.
//!
//! Values are kept as the report writes them and decoded when they are shown, once for each instead of once for each
//! row. Their number is bounded: prefixes are cut shorter until they fit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use jiff::Timestamp;
use s3_inventory::{Batch, RowError, decode_key, key_escapes, quoted};

use super::ages::age;
use super::dimension::Dimension;
use super::error::TallyError;
use super::totals::StatusTotals;
use crate::coverage::KeyRules;
use crate::model::Overflow;

/// The most values of one dimension. A longer list helps no reader.
pub(crate) const MOST_VALUES: usize = 200_000;
/// The average size of one value in bytes, at most: its text, and its sums in tables that grow.
pub(crate) const VALUE_BYTES: u64 = 544;
/// The average length of a value's text in bytes, at most; a longer text counts as several values.
const NAME_BYTES: usize = 192;
/// With this number of values of one dimension, a part should be merged into the whole.
pub(crate) const MANY_VALUES: usize = 4_096;
/// Marks a value that is not encoded; no encoded key begins with it.
const PLAIN: u8 = 0;

/// The columns of an object that groups need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupMember<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) storage_class: &'a [u8],
    pub(crate) encryption: &'a [u8],
    pub(crate) size: Option<u64>,
    pub(crate) modified: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct GroupSums {
    /// By the index of the status word in the tally, or the place of the class.
    pub(crate) words: Vec<(usize, StatusTotals)>,
    /// Boxed, because most values have nothing overdue, and 200,000 empty sums would take much memory.
    overdue: Option<Box<StatusTotals>>,
}

impl GroupSums {
    /// The overdue objects of a value.
    pub(super) fn of_overdue(overdue: StatusTotals) -> Self {
        Self { words: Vec::new(), overdue: Some(Box::new(overdue)) }
    }

    /// Sums that were counted elsewhere.
    pub(super) fn of(words: Vec<(usize, StatusTotals)>, overdue: &StatusTotals) -> Self {
        Self { words, overdue: (overdue.objects > 0).then(|| Box::new(overdue.clone())) }
    }

    pub(super) fn word(&mut self, place: usize, has_size: bool) -> &mut StatusTotals {
        let at = self.words.iter().position(|(of, _)| *of == place).unwrap_or_else(|| {
            // One at a time: most values have one or two.
            self.words.reserve_exact(1);
            self.words.push((place, StatusTotals::empty(has_size)));
            self.words.len() - 1
        });
        &mut self.words[at].1
    }

    pub(super) fn overdue(&mut self, has_size: bool) -> &mut StatusTotals {
        self.overdue.get_or_insert_with(|| Box::new(StatusTotals::empty(has_size)))
    }

    pub(super) fn all_overdue(&self, has_size: bool) -> StatusTotals {
        self.overdue.as_deref().cloned().unwrap_or_else(|| StatusTotals::empty(has_size))
    }

    pub(super) fn merge(
        &mut self,
        other: &Self,
        place: impl Fn(usize) -> usize,
        has_size: bool,
    ) -> Result<(), Overflow> {
        for (at, totals) in &other.words {
            self.word(place(*at), has_size).merge(totals)?;
        }
        other.overdue.as_ref().map_or(Ok(()), |overdue| self.overdue(has_size).merge(overdue))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct DimensionValues {
    asked: Dimension,
    /// As asked, or with less depth.
    dimension: Dimension,
    sums: HashMap<Box<[u8]>, GroupSums, RandomState>,
    /// Of the texts of all values.
    bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grouping {
    /// Empty for no groups.
    pub by: Vec<Dimension>,
    /// Values of one dimension, beyond which prefixes are cut shorter.
    pub most: usize,
    /// Whether keys are those of a CSV report.
    pub encoded: bool,
    /// The rules of today, where they were read.
    pub rules: Option<Arc<KeyRules>>,
}

impl Grouping {
    pub(crate) fn none() -> Self {
        Self { by: Vec::new(), most: MOST_VALUES, encoded: false, rules: None }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    values: Vec<DimensionValues>,
    most: usize,
    encoded: bool,
    scanned_at: Timestamp,
    has_size: bool,
}

impl Groups {
    pub(crate) fn new(grouping: &Grouping, scanned_at: Timestamp, has_size: bool) -> Self {
        let values = grouping.by.iter().filter(|by| **by != Dimension::Rule).map(|by| DimensionValues {
            asked: *by,
            dimension: *by,
            sums: HashMap::default(),
            bytes: 0,
        });
        Self { values: values.collect(), most: grouping.most.max(1), encoded: grouping.encoded, scanned_at, has_size }
    }

    #[inline]
    pub(super) fn are_wanted(&self) -> bool {
        !self.values.is_empty()
    }

    pub(super) fn are_by(&self, wanted: impl Fn(Dimension) -> bool) -> bool {
        self.values.iter().any(|values| wanted(values.asked))
    }

    /// Whether they should be merged into those of all workers.
    pub(crate) fn are_many(&self) -> bool {
        self.values.iter().any(|values| values.are_more_than(MANY_VALUES - 1))
    }

    /// Counts an object of the status at `place` in all of its groups.
    pub(crate) fn count(&mut self, member: &GroupMember<'_>, place: usize, is_overdue: bool) -> Result<(), TallyError> {
        for values in &mut self.values {
            let plain;
            let value = match values.dimension {
                Dimension::Prefix(depth) => {
                    // S3 does not encode slashes; other writers of reports may. The rest of the key is checked too: a damaged
                    // report must not pass because its damage is not in the group's name.
                    if self.encoded && has_encoded_slash(member.key).ok_or_else(|| TallyError::of_key(member.key))? {
                        let key = decode_key(member.key).ok_or_else(|| TallyError::of_key(member.key))?;
                        plain = [&[PLAIN], prefix(&key, depth)].concat();
                        &plain
                    } else {
                        prefix(member.key, depth)
                    }
                }
                Dimension::StorageClass => member.storage_class,
                Dimension::Encryption => member.encryption,
                Dimension::Age => match member.modified {
                    Some(modified) => age(self.scanned_at, modified).as_bytes(),
                    None => b"unknown",
                },
                Dimension::Rule => unreachable!("rules have sums of their own"),
            };
            let sums = match values.sums.get_mut(value) {
                Some(sums) => sums,
                None => {
                    if !is_text(value, values.dimension, self.encoded) {
                        return Err(TallyError::GroupNotUtf8(quoted(member.key)));
                    }
                    values.bytes += value.len();
                    values.sums.entry(value.into()).or_default()
                }
            };
            sums.word(place, self.has_size).count(member.size, member.modified)?;
            if is_overdue {
                sums.overdue(self.has_size).count(member.size, member.modified)?;
            }
        }
        Ok(())
    }

    /// The number of dimensions.
    pub(super) fn dimensions(&self) -> usize {
        self.values.len()
    }

    /// The value of a row of a columnar report, whose keys are not encoded.
    ///
    /// # Errors
    /// Its date is outside the years 1 to 9999.
    #[inline]
    pub(super) fn value_of<'a>(&self, dimension: usize, batch: &Batch<'a>, row: usize) -> Result<&'a [u8], RowError> {
        Ok(match self.values[dimension].dimension {
            Dimension::Prefix(depth) => prefix(batch.key(row).unwrap_or_default(), depth),
            Dimension::StorageClass => batch.storage_class(row),
            Dimension::Encryption => batch.encryption_status(row),
            Dimension::Age => match batch.last_modified(row) {
                Some(modified) => age(self.scanned_at, batch.time(modified)?).as_bytes(),
                None => b"unknown",
            },
            Dimension::Rule => unreachable!("rules have sums of their own"),
        })
    }

    /// Adds totals of a batch to the status at `word`, or to what is overdue. `key` is one of the keys.
    pub(super) fn add_counted<'a>(
        &mut self,
        dimension: usize,
        value: &[u8],
        word: Option<usize>,
        totals: &StatusTotals,
        key: impl FnOnce() -> &'a [u8],
    ) -> Result<(), TallyError> {
        let (values, has_size) = (&mut self.values[dimension], self.has_size);
        if !values.sums.contains_key(value) {
            if !is_text(value, values.dimension, self.encoded) {
                return Err(TallyError::GroupNotUtf8(quoted(key())));
            }
            values.bytes += value.len();
        }
        let sums = values.sums.entry(value.into()).or_default();
        match word {
            Some(word) => sums.word(word, has_size),
            None => sums.overdue(has_size),
        }
        .merge(totals)?;
        Ok(())
    }

    /// Adds the sums of another part, whose status at a place is here at that of `places`.
    pub(crate) fn merge(&mut self, other: &Self, places: &[usize]) -> Result<(), TallyError> {
        let (most, has_size) = (self.most, self.has_size);
        for (values, others) in self.values.iter_mut().zip(&other.values) {
            for (value, sums) in &others.sums {
                let value = cut(value, values.dimension);
                let found = match values.sums.get_mut(value) {
                    Some(found) => found,
                    None => {
                        values.bytes += value.len();
                        values.sums.entry(value.into()).or_default()
                    }
                };
                found.merge(sums, |at| places[at], has_size)?;
                values.cut_to_fit(most, has_size)?;
            }
        }
        Ok(())
    }

    /// Adds sums that were computed elsewhere to a value of one of the dimensions.
    pub(super) fn add_sums(&mut self, by: Dimension, value: &[u8], sums: &GroupSums) -> Result<(), TallyError> {
        let (most, has_size) = (self.most, self.has_size);
        let Some(values) = self.values.iter_mut().find(|values| values.asked == by) else { return Ok(()) };
        let value = cut(value, values.dimension);
        if !values.sums.contains_key(value) {
            values.bytes += value.len();
        }
        values.sums.entry(value.into()).or_default().merge(sums, |at| at, has_size)?;
        values.cut_to_fit(most, has_size)
    }

    /// Adds totals that were computed elsewhere to the status or class at `place` of a value.
    pub(crate) fn add_totals(
        &mut self,
        by: Dimension,
        value: &[u8],
        place: usize,
        totals: StatusTotals,
    ) -> Result<(), TallyError> {
        self.add_sums(by, value, &GroupSums::of(vec![(place, totals)], &StatusTotals::default()))
    }

    pub(crate) fn clear(&mut self) {
        for values in &mut self.values {
            values.sums.clear();
            values.bytes = 0;
        }
    }

    /// Every dimension: what was asked for, what it became, and the sums of its values by their names.
    pub(crate) fn named(&self) -> Result<Vec<NamedDimension>, Overflow> {
        self.values.iter().map(|values| self.named_values(values)).collect()
    }

    fn named_values(&self, values: &DimensionValues) -> Result<NamedDimension, Overflow> {
        let mut named: BTreeMap<String, GroupSums> = BTreeMap::new();
        for (value, sums) in &values.sums {
            let name = match values.dimension {
                Dimension::Prefix(_) if self.encoded => match value.strip_prefix(&[PLAIN]) {
                    Some(plain) => plain.into(),
                    None => decode_key(value).unwrap_or(value.as_ref().into()),
                },
                Dimension::Prefix(_) => value.as_ref().into(),
                Dimension::StorageClass | Dimension::Encryption | Dimension::Age | Dimension::Rule => {
                    value.as_ref().into()
                }
            };
            let name = String::from_utf8_lossy(&name).into_owned();
            named.entry(name).or_default().merge(sums, |at| at, self.has_size)?;
        }
        Ok(NamedDimension { asked: values.asked, dimension: values.dimension, values: named })
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NamedDimension {
    pub(crate) asked: Dimension,
    pub(crate) dimension: Dimension,
    pub(crate) values: BTreeMap<String, GroupSums>,
}

impl NamedDimension {
    /// Cuts prefixes to those of `dimension` where it has less depth.
    pub(super) fn cut_to(&mut self, dimension: Dimension, has_size: bool) -> Result<(), Overflow> {
        let (Dimension::Prefix(have), Dimension::Prefix(depth)) = (self.dimension, dimension) else { return Ok(()) };
        if depth >= have {
            return Ok(());
        }
        self.dimension = dimension;
        for (mut name, sums) in std::mem::take(&mut self.values) {
            name.truncate(prefix(name.as_bytes(), depth).len());
            self.values.entry(name).or_default().merge(&sums, |at| at, has_size)?;
        }
        Ok(())
    }
}

impl DimensionValues {
    /// Whether there are more than `many`, or their texts take more than those of `many`.
    fn are_more_than(&self, many: usize) -> bool {
        self.sums.len() > many || self.bytes > many.saturating_mul(NAME_BYTES)
    }

    /// Cuts prefixes shorter while there are too many.
    fn cut_to_fit(&mut self, most: usize, has_size: bool) -> Result<(), TallyError> {
        while self.are_more_than(most) {
            let Dimension::Prefix(depth @ 1..) = self.dimension else { return Err(TallyError::Values(self.dimension)) };
            // A depth beyond the deepest key cuts nothing, so the count starts there.
            let slashes = |value: &[u8]| memchr::memchr_iter(b'/', value).take(depth as usize).count();
            let deepest = self.sums.keys().map(|value| slashes(value)).max().unwrap_or(0);
            self.dimension = Dimension::Prefix(u32::try_from(deepest).unwrap_or(depth).saturating_sub(1));
            let before = std::mem::take(&mut self.sums);
            self.bytes = 0;
            for (value, sums) in before {
                let cut = cut(&value, self.dimension);
                if !self.sums.contains_key(cut) {
                    self.bytes += cut.len();
                }
                let found = self.sums.entry(cut.into()).or_default();
                found.merge(&sums, |at| at, has_size)?;
            }
        }
        Ok(())
    }
}

/// Whether a value can be named exactly. Other columns than keys hold words of S3.
fn is_text(value: &[u8], dimension: Dimension, encoded: bool) -> bool {
    match dimension {
        Dimension::Prefix(_) if encoded && value.first() != Some(&PLAIN) => {
            decode_key(value).is_some_and(|name| std::str::from_utf8(&name).is_ok())
        }
        Dimension::Prefix(_) => std::str::from_utf8(value).is_ok(),
        Dimension::StorageClass | Dimension::Encryption | Dimension::Age | Dimension::Rule => true,
    }
}

/// A value as it is with less depth.
fn cut(value: &[u8], dimension: Dimension) -> &[u8] {
    match dimension {
        Dimension::Prefix(depth) => {
            let mark = usize::from(value.first() == Some(&PLAIN));
            &value[..mark + prefix(&value[mark..], depth).len()]
        }
        Dimension::StorageClass | Dimension::Encryption | Dimension::Age | Dimension::Rule => value,
    }
}

/// A key up to and with its `depth`-th slash, or its last.
#[inline]
fn prefix(key: &[u8], depth: u32) -> &[u8] {
    let last = memchr::memchr_iter(b'/', key).take(depth as usize).last();
    &key[..last.map_or(0, |at| at + 1)]
}

/// `None` if the key can't be decoded.
#[inline]
fn has_encoded_slash(key: &[u8]) -> Option<bool> {
    key_escapes(key).try_fold(false, |found, byte| Some(found | (byte? == b'/')))
}

#[cfg(test)]
mod tests;
