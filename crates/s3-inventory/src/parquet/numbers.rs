//! Numbers of eight bytes, plain or as indexes of a dictionary. Pages of both kinds may follow each other in one column: writers stop
//! using a dictionary that becomes too long.

use std::ops::Range;

use arrow_array::{ArrayRef, make_array};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use super::column::ColumnValues;
use super::error::ParquetDamage;
use super::indexes::{IndexRun, Indexes};
use super::page_header::PageValues;

/// Bytes of a number.
const WIDTH: usize = size_of::<i64>();

pub(super) struct Numbers {
    kind: DataType,
    dictionary: Option<Vec<i64>>,
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
    pub(super) fn new(kind: &DataType) -> Self {
        let page = PageNumbers::Plain(0..0);
        Self { kind: kind.clone(), dictionary: None, page, indexes: Indexes::none(), values: Vec::new() }
    }
}

impl ColumnValues for Numbers {
    fn read_dictionary(&mut self, page: &[u8], entries: usize) -> Result<(), ParquetDamage> {
        let (numbers, _) = page.as_chunks::<WIDTH>();
        let numbers = numbers.get(..entries).ok_or(ParquetDamage::DictionaryCutOff)?;
        self.dictionary = Some(numbers.iter().map(|number| i64::from_le_bytes(*number)).collect());
        Ok(())
    }

    fn start(&mut self, values: PageValues, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        self.page = match values {
            PageValues::Plain => PageNumbers::Plain(from..page.len()),
            PageValues::Indexes => {
                self.dictionary.as_ref().ok_or(ParquetDamage::NoDictionary)?;
                self.indexes.start(page, from)?;
                PageNumbers::Indexes
            }
            PageValues::Dictionary | PageValues::Runs => return Err(ParquetDamage::Encoding),
        };
        Ok(())
    }

    fn add(&mut self, mut count: usize, page: &[u8]) -> Option<()> {
        match &mut self.page {
            PageNumbers::Plain(rest) => {
                let end = rest.start.checked_add(count.checked_mul(WIDTH)?)?;
                let (numbers, _) = page.get(rest.clone())?.get(..end - rest.start)?.as_chunks::<WIDTH>();
                self.values.extend(numbers.iter().map(|number| i64::from_le_bytes(*number)));
                rest.start = end;
            }
            PageNumbers::Indexes => {
                let dictionary = self.dictionary.as_deref()?;
                while count > 0 {
                    count -= match self.indexes.take(count, page)? {
                        IndexRun::Equal(index, many) => {
                            let number = *dictionary.get(index as usize)?;
                            self.values.extend(std::iter::repeat_n(number, many));
                            many
                        }
                        IndexRun::Each(indexes) => {
                            let mut are_known = true;
                            self.values.extend(indexes.iter().map(|index| {
                                let number = dictionary.get(*index as usize);
                                are_known &= number.is_some();
                                number.copied().unwrap_or_default()
                            }));
                            are_known.then_some(indexes.len())?
                        }
                    };
                }
            }
        }
        Some(())
    }

    fn add_nulls(&mut self, count: usize) {
        self.values.resize(self.values.len() + count, 0);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>, next: usize) -> Result<ArrayRef, ParquetDamage> {
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(next));
        let data = ArrayData::builder(self.kind.clone()).len(values.len()).nulls(nulls);
        Ok(make_array(data.add_buffer(Buffer::from_vec(values)).build()?))
    }
}
