//! Decodes columns of plain numbers, which take most of the time of reading a report, page by page, in one reused buffer.
//!
//! The library does the same checks and is slower. This only supports the simplest encoding: plain numbers of eight bytes,
//! Snappy, NULLs in runs ("Parquet Format", "Data Pages", "Run Length Encoding"). The library decodes all other columns, also
//! those with a dictionary: see [`is_plain`].

use std::ops::Range;

use arrow_array::{ArrayRef, make_array};
use arrow_buffer::BooleanBufferBuilder;
use arrow_buffer::bit_iterator::BitSliceIterator;
use arrow_buffer::{Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding, Type};
use parquet::file::metadata::ColumnChunkMetaData;

use super::decode_memory::buffer_for;
use super::error::ParquetDamage;
use super::page_header::Levels;
use super::pages::{Pages, to_usize};
use crate::codec::inflate_snappy;
use crate::fault::Fault;
use crate::memory::PooledBuffer;

/// The columns that are decoded here.
const NAMES: [&str; 2] = ["size", "last_modified_date"];
/// An old encoding of levels. A column that is not a list has no repetition levels.
#[expect(deprecated, reason = "it is named in files")]
const BIT_PACKED: Encoding = Encoding::BIT_PACKED;
/// Bytes of a number.
const WIDTH: usize = size_of::<i64>();

/// Whether a column is decoded here, according to the footer.
pub(super) fn is_plain(chunk: &ColumnChunkMetaData) -> bool {
    let column = chunk.column_descr();
    let is_flat = column.max_rep_level() == 0 && column.max_def_level() <= 1 && column.path().parts().len() == 1;
    let is_plain_encoding = |encoding| matches!(encoding, Encoding::PLAIN | Encoding::RLE | BIT_PACKED);
    chunk.column_type() == Type::INT64
        && chunk.compression() == Compression::SNAPPY
        && is_flat
        && chunk.dictionary_page_offset().is_none()
        && chunk.encodings().all(is_plain_encoding)
        && NAMES.contains(&column.name())
}

/// A column of a row group.
pub(super) struct NumberColumn {
    /// From the next one on.
    pages: Pages,
    kind: DataType,
    is_optional: bool,
    page: PooledBuffer,
    /// Rows of the page that were not taken yet.
    rows: usize,
    /// The place of their values, without NULLs.
    values: Range<usize>,
    runs: NullRuns,
}

/// Which rows of a page are NULL: the runs that are left.
struct NullRuns {
    rest: Range<usize>,
    /// Rows of the current run.
    rows: usize,
    run: Run,
}

#[derive(Clone, Copy)]
enum Run {
    Nulls,
    Values,
    /// One bit per row, from this bit of the page on.
    Bits(usize),
}

impl NumberColumn {
    pub(super) fn new(pages: Pages, chunk: &ColumnChunkMetaData, kind: &DataType, buffer: PooledBuffer) -> Self {
        let is_optional = chunk.column_descr().max_def_level() > 0;
        let runs = NullRuns { rest: 0..0, rows: 0, run: Run::Values };
        Self { pages, kind: kind.clone(), is_optional, page: buffer, rows: 0, values: 0..0, runs }
    }

    /// The values of the next rows.
    pub(super) fn take(&mut self, rows: usize) -> Result<ArrayRef, Fault> {
        let mut taken = BatchValues { values: Vec::with_capacity(rows), bits: BooleanBufferBuilder::new(0) };
        while taken.values.len() < rows {
            if self.rows == 0 && !self.next_page()? {
                return Err(ParquetDamage::FewerValues.into());
            }
            let now = (rows - taken.values.len()).min(self.rows);
            self.take_of_page(now, &mut taken)?;
        }
        Ok(taken.array(&self.kind)?)
    }

    /// Checks that there are no more rows.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        while self.rows == 0 {
            if !self.next_page()? {
                return Ok(());
            }
        }
        Err(ParquetDamage::MoreValues.into())
    }

    /// Inflates the next page if there is one.
    fn next_page(&mut self) -> Result<bool, Fault> {
        if self.pages.peek()?.is_none() {
            return Ok(false);
        }
        let Some((page, stored)) = self.pages.stored()? else { return Ok(false) };
        if !page.is_plain() {
            return Err(ParquetDamage::Encoding.into());
        }
        if page.checksum.is_some_and(|checksum| libdeflater::crc32(stored) != checksum) {
            return Err(ParquetDamage::Checksum.into());
        }
        let (length, room) = (to_usize(page.inflated)?, to_usize(buffer_for(page.inflated))?);
        if self.page.len() < room {
            // The old contents are not needed.
            *self.page = vec![0; room];
        }
        let room = &mut self.page[..length];
        let (before, is_compressed) = match page.levels {
            Levels::Unknown => return Err(ParquetDamage::NoValues.into()),
            Levels::Inside { .. } => (0, true),
            Levels::Before { definition, is_compressed, .. } => (to_usize(definition)?, is_compressed),
        };
        let (plain, stored) = stored.split_at_checked(before).ok_or(ParquetDamage::LevelsTooLong)?;
        let (head, room) = room.split_at_mut_checked(before).ok_or(ParquetDamage::LevelsTooLong)?;
        head.copy_from_slice(plain);
        // An empty page may be compressed to nothing.
        match is_compressed {
            _ if room.is_empty() => {}
            true => inflate_snappy(stored, room.len(), room).ok_or(ParquetDamage::Snappy)?,
            false if stored.len() == room.len() => room.copy_from_slice(stored),
            false => return Err(ParquetDamage::PageLength.into()),
        }
        let levels = match page.levels {
            Levels::Inside { .. } if self.is_optional => {
                length_before(&self.page[..length]).ok_or(ParquetDamage::LevelsTooLong)?
            }
            _ => 0..before,
        };
        self.rows = to_usize(page.values)?;
        let values = page.values.checked_sub(page.nulls).ok_or(ParquetDamage::Nulls)?;
        let values = to_usize(values)?.saturating_mul(WIDTH).min(length - levels.end);
        self.values = levels.end..levels.end + values;
        let rows = if self.is_optional { 0 } else { self.rows };
        self.runs = NullRuns { rest: levels, rows, run: Run::Values };
        self.pages.skip();
        Ok(true)
    }

    /// Takes rows of the page, which has enough.
    fn take_of_page(&mut self, mut rows: usize, taken: &mut BatchValues) -> Result<(), ParquetDamage> {
        self.rows -= rows;
        while rows > 0 {
            if self.runs.rows == 0 {
                self.runs.next(&self.page).ok_or(ParquetDamage::Levels)?;
            }
            let now = rows.min(self.runs.rows);
            let values = &mut self.values;
            let are_there = match &mut self.runs.run {
                Run::Nulls => taken.add_nulls(now),
                Run::Values => taken.add(now, &self.page, values),
                Run::Bits(first) => {
                    *first += now;
                    taken.add_some(*first - now..*first, &self.page, values)
                }
            };
            are_there.ok_or(ParquetDamage::FewValues)?;
            self.runs.rows -= now;
            rows -= now;
        }
        Ok(())
    }
}

/// The range after the length at the start of the page.
fn length_before(page: &[u8]) -> Option<Range<usize>> {
    let length = usize::try_from(u32::from_le_bytes(*page.first_chunk()?)).ok()?;
    let end = length.checked_add(4).filter(|end| *end <= page.len())?;
    Some(4..end)
}

impl NullRuns {
    /// Moves to the next run. Its header has the number of rows, and whether each row has its own bit.
    fn next(&mut self, page: &[u8]) -> Option<()> {
        let mut header = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte(page)?;
            header |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            // Longer runs are invalid.
            (shift < 28).then_some(())?;
        }
        let count = usize::try_from(header >> 1).ok()?;
        (self.rows, self.run) = match header & 1 {
            0 => match self.byte(page)? {
                0 => (count, Run::Nulls),
                1 => (count, Run::Values),
                _ => return None,
            },
            // In bytes. Writers may omit bytes without rows.
            _ => {
                let first = self.rest.start;
                let bytes = count.min(self.rest.len());
                self.rest.start += bytes;
                (bytes.checked_mul(8)?, Run::Bits(first.checked_mul(8)?))
            }
        };
        Some(())
    }

    fn byte(&mut self, page: &[u8]) -> Option<u8> {
        let at = self.rest.next()?;
        page.get(at).copied()
    }
}

struct BatchValues {
    values: Vec<i64>,
    /// A bit per row, 0 for NULL; empty until the first NULL.
    bits: BooleanBufferBuilder,
}

impl BatchValues {
    /// Takes values for this many rows.
    fn add(&mut self, rows: usize, page: &[u8], values: &mut Range<usize>) -> Option<()> {
        if !self.bits.is_empty() {
            self.bits.append_n(rows, true);
        }
        self.copy(rows, page, values)
    }

    #[inline]
    fn copy(&mut self, rows: usize, page: &[u8], values: &mut Range<usize>) -> Option<()> {
        let end = values.start.checked_add(rows.checked_mul(WIDTH)?).filter(|end| *end <= values.end)?;
        let (numbers, _) = page.get(values.start..end)?.as_chunks::<WIDTH>();
        self.values.extend(numbers.iter().map(|number| i64::from_le_bytes(*number)));
        values.start = end;
        Some(())
    }

    fn add_nulls(&mut self, rows: usize) -> Option<()> {
        self.need_bits();
        self.bits.append_n(rows, false);
        self.values.resize(self.values.len() + rows, 0);
        Some(())
    }

    /// Takes a value for each of these bits that is set.
    fn add_some(&mut self, bits: Range<usize>, page: &[u8], values: &mut Range<usize>) -> Option<()> {
        self.need_bits();
        self.bits.append_packed_range(bits.clone(), page);
        let (before, rows) = (self.values.len(), bits.len());
        for (from, to) in BitSliceIterator::new(page, bits.start, rows) {
            self.values.resize(before + from, 0);
            self.copy(to - from, page, values)?;
        }
        self.values.resize(before + rows, 0);
        Some(())
    }

    fn need_bits(&mut self) {
        if self.bits.is_empty() {
            self.bits.append_n(self.values.len(), true);
        }
    }

    fn array(mut self, kind: &DataType) -> Result<ArrayRef, ParquetDamage> {
        let nulls = (!self.bits.is_empty()).then(|| NullBuffer::new(self.bits.finish()));
        let data = ArrayData::builder(kind.clone()).len(self.values.len()).nulls(nulls);
        let data = data.add_buffer(Buffer::from_vec(self.values)).build()?;
        Ok(make_array(data))
    }
}
