//! The classes of keys, decided where the keys are in the page: no key is copied. Pages whose keys all have one class are not inflated.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, UInt32Array};
use arrow_buffer::NullBuffer;

use super::column_values::ColumnValues;
use super::error::ParquetDamage;
use super::indexes::Indexes;
use super::page_header::PageValues;
use super::words::split_text;
use crate::key_classes::SharedClasses;
use crate::memory::PooledBuffer;

pub(super) struct Classes {
    classes: SharedClasses,
    /// Those of the entries of the dictionary.
    entries: Vec<u32>,
    has_dictionary: bool,
    page: PageClasses,
    indexes: Indexes,
    values: Vec<u32>,
}

/// How the rest of a page is stored.
enum PageClasses {
    Plain(Range<usize>),
    Indexes,
    /// All rows have this class.
    One(u32),
}

impl Classes {
    pub(super) fn new(classes: SharedClasses) -> Self {
        Self {
            classes,
            entries: Vec::new(),
            has_dictionary: false,
            page: PageClasses::Plain(0..0),
            indexes: Indexes::none(),
            values: Vec::new(),
        }
    }
}

impl ColumnValues for Classes {
    fn read_dictionary(&mut self, page: &mut PooledBuffer, length: usize, entries: usize) -> Result<(), ParquetDamage> {
        let mut rest = page.get(..length).ok_or(ParquetDamage::DictionaryCutOff)?;
        let mut classes = self.classes.lock();
        for _ in 0..entries {
            let (key, after) = split_text(rest).ok_or(ParquetDamage::DictionaryCutOff)?;
            self.entries.push(classes.class(key));
            rest = after;
        }
        self.has_dictionary = true;
        Ok(())
    }

    fn start(&mut self, values: PageValues, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        self.page = match values {
            PageValues::Plain => PageClasses::Plain(from..page.len()),
            PageValues::Indexes if self.has_dictionary => {
                self.indexes.start(page, from)?;
                PageClasses::Indexes
            }
            PageValues::Indexes => return Err(ParquetDamage::NoDictionary),
            PageValues::Dictionary | PageValues::Runs => return Err(ParquetDamage::Encoding),
        };
        Ok(())
    }

    fn start_between(&mut self, smallest: &[u8], largest: &[u8]) -> bool {
        let Some(class) = self.classes.lock().class_between(smallest, largest) else { return false };
        self.page = PageClasses::One(class);
        true
    }

    fn reserve(&mut self, rows: usize) {
        self.values.reserve_exact(rows);
    }

    fn add(&mut self, count: usize, page: &[u8]) -> Option<()> {
        match &mut self.page {
            PageClasses::Plain(range) => {
                let mut rest = page.get(range.clone())?;
                let mut classes = self.classes.lock();
                for _ in 0..count {
                    let (key, after) = split_text(rest)?;
                    self.values.push(classes.class(key));
                    rest = after;
                }
                range.start = range.end - rest.len();
            }
            PageClasses::Indexes => {
                let indexes = self.indexes.take(count, page)?;
                let mut are_known = true;
                self.values.extend(indexes.iter().map(|index| {
                    let class = self.entries.get(*index as usize);
                    are_known &= class.is_some();
                    class.copied().unwrap_or_default()
                }));
                are_known.then_some(())?;
            }
            PageClasses::One(class) => self.values.resize(self.values.len() + count, *class),
        }
        Some(())
    }

    fn add_nulls(&mut self, count: usize) {
        self.values.resize(self.values.len() + count, 0);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ParquetDamage> {
        let values = std::mem::take(&mut self.values);
        Ok(Arc::new(UInt32Array::try_new(values.into(), nulls)?))
    }
}
