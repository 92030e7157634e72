//! Numbers of eight bytes, plain or as indexes of a dictionary. Pages of both kinds may follow each other in one column: writers stop
//! using a dictionary that becomes too long.

use std::ops::Range;

use arrow_array::{ArrayRef, make_array};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use super::column_values::ColumnValues;
use super::error::ParquetDamage;
use super::indexes::Indexes;
use super::page_header::PageValues;
use crate::memory::PooledBuffer;

/// Bytes of a number.
const WIDTH: usize = size_of::<i64>();

pub(super) struct Numbers {
    kind: DataType,
    /// The page with the numbers of the dictionary.
    dictionary: PooledBuffer,
    entries: usize,
    has_dictionary: bool,
    page: PageNumbers,
    indexes: Indexes,
    values: Vec<i64>,
}

/// How the rest of a page is stored.
enum PageNumbers {
    Plain(Range<usize>),
    Indexes,
}

impl Numbers {
    /// `dictionary` is an empty buffer.
    pub(super) fn new(kind: &DataType, dictionary: PooledBuffer) -> Self {
        Self {
            kind: kind.clone(),
            dictionary,
            entries: 0,
            has_dictionary: false,
            page: PageNumbers::Plain(0..0),
            indexes: Indexes::none(),
            values: Vec::new(),
        }
    }
}

impl ColumnValues for Numbers {
    fn read_dictionary(&mut self, page: &mut PooledBuffer, length: usize, entries: usize) -> Result<(), ParquetDamage> {
        if length / WIDTH < entries {
            return Err(ParquetDamage::DictionaryCutOff);
        }
        // Its numbers are read where they are.
        std::mem::swap(page, &mut self.dictionary);
        (self.entries, self.has_dictionary) = (entries, true);
        Ok(())
    }

    fn start(&mut self, values: PageValues, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        self.page = match values {
            PageValues::Plain => PageNumbers::Plain(from..page.len()),
            PageValues::Indexes if self.has_dictionary => {
                self.indexes.start(page, from)?;
                PageNumbers::Indexes
            }
            PageValues::Indexes => return Err(ParquetDamage::NoDictionary),
            PageValues::Dictionary | PageValues::Runs => return Err(ParquetDamage::Encoding),
        };
        Ok(())
    }

    fn reserve(&mut self, rows: usize) {
        self.values.reserve_exact(rows);
    }

    fn add(&mut self, count: usize, page: &[u8]) -> Option<()> {
        match &mut self.page {
            PageNumbers::Plain(rest) => {
                let end = rest.start.checked_add(count.checked_mul(WIDTH)?)?;
                let (numbers, _) = page.get(rest.clone())?.get(..end - rest.start)?.as_chunks::<WIDTH>();
                self.values.extend(numbers.iter().map(|number| i64::from_le_bytes(*number)));
                rest.start = end;
            }
            PageNumbers::Indexes => {
                let (dictionary, _) = self.dictionary.get(..self.entries * WIDTH)?.as_chunks::<WIDTH>();
                let indexes = self.indexes.take(count, page)?;
                let mut are_known = true;
                self.values.extend(indexes.iter().map(|index| {
                    let number = dictionary.get(*index as usize);
                    are_known &= number.is_some();
                    i64::from_le_bytes(number.copied().unwrap_or_default())
                }));
                are_known.then_some(())?;
            }
        }
        Some(())
    }

    fn add_nulls(&mut self, count: usize) {
        self.values.resize(self.values.len() + count, 0);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ParquetDamage> {
        let values = std::mem::take(&mut self.values);
        let data = ArrayData::builder(self.kind.clone()).len(values.len()).nulls(nulls);
        Ok(make_array(data.add_buffer(Buffer::from_vec(values)).build()?))
    }
}
