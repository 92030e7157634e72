//! Columns of few different texts, returned as indexes of a dictionary, whether they are stored with one or not. Comparing indexes
//! is much faster than comparing texts.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::bit_chunk_iterator::UnalignedBitChunk;
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;

use super::column_values::ColumnValues;
use super::error::ParquetDamage;
use super::indexes::Indexes;
use super::page_header::PageValues;
use crate::memory::PooledBuffer;

pub(super) struct Words {
    is_utf8: bool,
    /// The entries of the column's dictionary.
    stored: Texts,
    has_dictionary: bool,
    /// The same as an array.
    array: ArrayRef,
    page: PageWords,
    indexes: Indexes,
    /// Numbered after the entries.
    extra: Extra,
    /// The entry of each row.
    keys: Vec<i32>,
}

/// How the rest of a page is stored.
enum PageWords {
    Plain(Range<usize>),
    Indexes,
}

/// Texts one after the other.
#[derive(Clone)]
struct Texts {
    bytes: Vec<u8>,
    /// Before each text, and after the last.
    offsets: Vec<i32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { bytes: Vec::new(), offsets: vec![0] }
    }
}

impl Texts {
    fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    fn push(&mut self, text: &[u8]) -> Option<()> {
        let end = i32::try_from(self.bytes.len().checked_add(text.len())?).ok()?;
        self.bytes.extend_from_slice(text);
        self.offsets.push(end);
        Some(())
    }

    /// Checks UTF-8 too.
    fn array(self, is_utf8: bool, nulls: Option<NullBuffer>) -> Result<ArrayRef, ParquetDamage> {
        let (offsets, bytes) = (OffsetBuffer::new(self.offsets.into()), Buffer::from_vec(self.bytes));
        Ok(match is_utf8 {
            true => Arc::new(StringArray::try_new(offsets, bytes, nulls)?),
            false => Arc::new(BinaryArray::try_new(offsets, bytes, nulls)?),
        })
    }
}

/// What a batch has besides the entries of the dictionary: different plain texts, and NULL.
#[derive(Default)]
struct Extra {
    /// In the order of their keys.
    texts: Vec<Option<Box<[u8]>>>,
    keys: HashMap<Box<[u8]>, i32>,
    null: Option<i32>,
    /// Keys of texts that were found last, by some of their bytes.
    recent: [Option<(Box<[u8]>, i32)>; 16],
}

impl Words {
    /// `kind` is the type of the array: a dictionary.
    pub(super) fn new(kind: &DataType) -> Self {
        let is_utf8 = matches!(kind, DataType::Dictionary(_, texts) if **texts == DataType::Utf8);
        Self {
            is_utf8,
            stored: Texts::default(),
            has_dictionary: false,
            array: arrow_array::new_empty_array(if is_utf8 { &DataType::Utf8 } else { &DataType::Binary }),
            page: PageWords::Plain(0..0),
            indexes: Indexes::none(),
            extra: Extra::default(),
            keys: Vec::new(),
        }
    }
}

/// The first text: its length, then its bytes. Also the rest.
#[inline]
pub(super) fn split_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

impl Extra {
    /// The key of a text. Keys start with `first`.
    #[inline]
    fn key(&mut self, text: &[u8], first: usize) -> Option<i32> {
        let ends = text.first().zip(text.last()).map_or(0, |(first, last)| first ^ last);
        let slot = (usize::from(ends) ^ text.len()) % self.recent.len();
        if let Some((known, key)) = &self.recent[slot]
            && **known == *text
        {
            return Some(*key);
        }
        let next = i32::try_from(first + self.texts.len()).ok()?;
        let key = *self.keys.entry(text.into()).or_insert_with(|| {
            self.texts.push(Some(text.into()));
            next
        });
        self.recent[slot] = Some((text.into(), key));
        Some(key)
    }

    /// The key of NULL.
    fn null(&mut self, first: usize) -> i32 {
        *self.null.get_or_insert_with(|| {
            self.texts.push(None);
            // A dictionary has at most 2^31 - 1 bytes.
            (first + self.texts.len() - 1) as i32
        })
    }
}

impl ColumnValues for Words {
    fn read_dictionary(&mut self, page: &mut PooledBuffer, length: usize, entries: usize) -> Result<(), ParquetDamage> {
        let mut rest = page.get(..length).ok_or(ParquetDamage::DictionaryCutOff)?;
        for _ in 0..entries {
            let (text, after) = split_text(rest).ok_or(ParquetDamage::DictionaryCutOff)?;
            self.stored.push(text).ok_or(ParquetDamage::Length)?;
            rest = after;
        }
        self.array = self.stored.clone().array(self.is_utf8, None)?;
        self.has_dictionary = true;
        Ok(())
    }

    fn start(&mut self, values: PageValues, page: &[u8], from: usize) -> Result<(), ParquetDamage> {
        self.page = match values {
            PageValues::Plain => PageWords::Plain(from..page.len()),
            PageValues::Indexes if self.has_dictionary => {
                self.indexes.start(page, from)?;
                PageWords::Indexes
            }
            PageValues::Indexes => return Err(ParquetDamage::NoDictionary),
            PageValues::Dictionary | PageValues::Runs => return Err(ParquetDamage::Encoding),
        };
        Ok(())
    }

    fn reserve(&mut self, rows: usize) {
        self.keys.reserve_exact(rows);
    }

    fn add(&mut self, count: usize, page: &[u8]) -> Option<()> {
        let first = self.stored.len();
        match &mut self.page {
            PageWords::Plain(range) => {
                let mut rest = page.get(range.clone())?;
                for _ in 0..count {
                    let (text, after) = split_text(rest)?;
                    self.keys.push(self.extra.key(text, first)?);
                    rest = after;
                }
                range.start = range.end - rest.len();
            }
            PageWords::Indexes => {
                let indexes = self.indexes.take(count, page)?;
                let largest = indexes.iter().fold(0, |largest, index| (*index).max(largest));
                (count == 0 || (largest as usize) < first).then_some(())?;
                self.keys.extend(indexes.iter().map(|index| *index as i32));
            }
        }
        Some(())
    }

    fn add_nulls(&mut self, count: usize) {
        if count > 0 {
            let null = self.extra.null(self.stored.len());
            self.keys.resize(self.keys.len() + count, null);
        }
    }

    fn add_some(&mut self, first: usize, rows: usize, page: &[u8]) -> Option<()> {
        let before = self.keys.len();
        let count = UnalignedBitChunk::new(page, first, rows).count_ones();
        self.add(count, page)?;
        if count == rows {
            return Some(());
        }
        let null = self.extra.null(self.stored.len());
        // From the last to the first, so that no key is overwritten before it was moved.
        let mut from = self.keys.len();
        self.keys.resize(before + rows, null);
        let mut to = self.keys.len();
        for at in (0..rows).rev() {
            if from == to {
                break;
            }
            to -= 1;
            let bit = first + at;
            let is_set = page[bit / 8] >> (bit % 8) & 1;
            from -= usize::from(is_set);
            self.keys[to] = if is_set == 1 { self.keys[from] } else { null };
        }
        Some(())
    }

    fn needs_bits(&self) -> bool {
        false
    }

    fn finish(&mut self, _: Option<NullBuffer>) -> Result<ArrayRef, ParquetDamage> {
        let extra = std::mem::take(&mut self.extra);
        let texts = if extra.texts.is_empty() {
            Arc::clone(&self.array)
        } else {
            let mut all = self.stored.clone();
            let mut add = |text: &Option<Box<[u8]>>| all.push(text.as_deref().unwrap_or_default());
            extra.texts.iter().try_for_each(&mut add).ok_or(ParquetDamage::Length)?;
            let before = std::iter::repeat_n(true, self.stored.len());
            let nulls = before.chain(extra.texts.iter().map(Option::is_some)).collect();
            all.array(self.is_utf8, extra.null.map(|_| nulls))?
        };
        let keys = std::mem::take(&mut self.keys);
        Ok(Arc::new(DictionaryArray::try_new(Int32Array::new(keys.into(), None), texts)?))
    }
}
