//! Decodes columns of numbers, flags and few different texts, page by page, in one reused buffer. Most questions need no others.
//!
//! The library does the same checks and is slower. It decodes all other columns, also those with encodings that writers of reports
//! seldom use: see [`kind`].

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_buffer::bit_chunk_iterator::UnalignedBitChunk;
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{DataType, FieldRef, Schema};
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::file::metadata::ColumnChunkMetaData;

use super::bounds::Bounds;
use super::classes::Classes;
use super::column_values::ColumnValues;
use super::error::ParquetDamage;
use super::flags::Flags;
use super::indexes::length_before;
use super::nulls::{NullRun, NullRuns};
use super::numbers::Numbers;
use super::page_codec::PageCodec;
use super::page_header::{Levels, PageValues};
use super::pages::{Pages, to_usize};
use super::words::Words;
use crate::fault::Fault;
use crate::key_classes::{KEY, SharedClasses};
use crate::memory::PooledBuffer;

/// An old encoding of levels. A column that is not a list has no repetition levels.
#[expect(deprecated, reason = "it is named in files")]
pub(super) const BIT_PACKED: Encoding = Encoding::BIT_PACKED;

/// Columns with few different texts.
const FEW: [&str; 11] = [
    "bucket",
    "replication_status",
    "storage_class",
    "encryption_status",
    "object_lock_mode",
    "object_lock_legal_hold_status",
    "intelligent_tiering_access_tier",
    "bucket_key_status",
    "checksum_algorithm",
    "object_access_control_list",
    "object_owner",
];

/// A kind of column that is decoded here.
pub(super) enum OwnKind {
    Numbers,
    Flags,
    Words,
    /// The classes of keys.
    Classes(SharedClasses),
}

/// How a column is decoded here, if it is, according to the footer, and its field. The field of a column of few different texts is
/// a dictionary. With `classes`, that of keys is a number.
pub(super) fn kind(
    chunk: &ColumnChunkMetaData,
    schema: &Schema,
    classes: Option<&SharedClasses>,
) -> Option<(OwnKind, FieldRef)> {
    let column = chunk.column_descr();
    if column.max_rep_level() > 0 || column.max_def_level() > 1 || column.path().parts().len() > 1 {
        return None;
    }
    let (_, field) = schema.fields().find(column.name())?;
    let mut field = Arc::clone(field);
    let classes = classes.filter(|_| column.name() == KEY);
    let kind = match (chunk.column_type(), field.data_type()) {
        (Type::BYTE_ARRAY, DataType::Utf8 | DataType::Binary) if let Some(classes) = classes => {
            field = Arc::new(field.as_ref().clone().with_data_type(DataType::UInt32));
            OwnKind::Classes(classes.clone())
        }
        (Type::INT64, DataType::Int64 | DataType::Timestamp(..)) => OwnKind::Numbers,
        (Type::BOOLEAN, DataType::Boolean) => OwnKind::Flags,
        (Type::BYTE_ARRAY, texts @ (DataType::Utf8 | DataType::Binary)) if FEW.contains(&column.name()) => {
            let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(texts.clone()));
            field = Arc::new(field.as_ref().clone().with_data_type(dictionary));
            OwnKind::Words
        }
        _ => return None,
    };
    let is_known = |encoding| match encoding {
        Encoding::PLAIN | Encoding::RLE | BIT_PACKED => true,
        Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => !matches!(kind, OwnKind::Flags),
        _ => false,
    };
    chunk.encodings().all(is_known).then_some((kind, field))
}

/// A column of a row group that is decoded here.
pub(super) struct OwnColumn {
    /// From the next one on.
    pages: Pages,
    codec: PageCodec,
    is_optional: bool,
    page: PooledBuffer,
    /// The page without the rest of the buffer.
    length: usize,
    /// Rows and values of the page that were not taken yet.
    rows: usize,
    left: usize,
    runs: NullRuns,
    has_started: bool,
    values: Box<dyn ColumnValues + Send>,
    /// `None` if bounds are of no use, or are in another order.
    /// Whether the file has an index of the pages, and the bounds of the pages that follow.
    bounds: Option<(bool, PageBounds)>,
}

/// The bounds of the pages of rows that were not started, if the file has an index of them.
pub(super) type PageBounds = std::vec::IntoIter<Bounds<Bytes>>;

/// Decodes values of a kind, and returns them as arrays of this type. `page` is an empty buffer.
pub(super) fn values(kind: &OwnKind, field: &DataType, page: &PooledBuffer) -> Box<dyn ColumnValues + Send> {
    match kind {
        OwnKind::Numbers => Box::new(Numbers::new(field, page.another())),
        OwnKind::Flags => Box::new(Flags::new()),
        OwnKind::Words => Box::new(Words::new(field)),
        OwnKind::Classes(classes) => Box::new(Classes::new(classes.clone())),
    }
}

impl OwnColumn {
    pub(super) fn new(
        pages: Pages,
        chunk: &ColumnChunkMetaData,
        values: Box<dyn ColumnValues + Send>,
        page: PooledBuffer,
    ) -> Result<Self, Fault> {
        Ok(Self {
            pages,
            codec: PageCodec::new(chunk.compression())?,
            is_optional: chunk.column_descr().max_def_level() > 0,
            page,
            length: 0,
            rows: 0,
            left: 0,
            runs: NullRuns::without(0),
            has_started: false,
            values,
            bounds: None,
        })
    }

    /// Leaves out pages whose values are known from their bounds. Bounds in headers of pages are used too.
    pub(super) fn with_bounds(mut self, bounds: PageBounds) -> Self {
        self.bounds = Some((bounds.len() > 0, bounds));
        self
    }

    /// The values of the next rows.
    pub(super) fn take(&mut self, rows: usize) -> Result<ArrayRef, Fault> {
        // A bit per row, 0 for NULL; empty until the first NULL.
        let mut bits = BooleanBufferBuilder::new(0);
        self.values.reserve(rows);
        let mut done = 0;
        while done < rows {
            if self.rows == 0 && !self.next_page()? {
                return Err(ParquetDamage::FewerValues.into());
            }
            let now = (rows - done).min(self.rows);
            self.rows -= now;
            self.take_of_page(now, done, &mut bits)?;
            done += now;
        }
        let nulls = (!bits.is_empty()).then(|| NullBuffer::new(bits.finish()));
        Ok(self.values.finish(nulls)?)
    }

    /// Checks that there are no more rows.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        while self.rows == 0 {
            if !self.next_page()? {
                let is_long = self.bounds.is_some_and(|(_, left)| left.len() > 0);
                return if is_long { Err(ParquetDamage::PageIndex.into()) } else { Ok(()) };
            }
        }
        Err(ParquetDamage::MoreValues.into())
    }

    /// Inflates the next page of rows, if there is one, and a dictionary before it.
    fn next_page(&mut self) -> Result<bool, Fault> {
        loop {
            if let Some(rows) = self.known_page()? {
                (self.rows, self.left, self.has_started) = (rows, rows, true);
                self.runs = NullRuns::without(rows);
                return Ok(true);
            }
            let Some(page) = self.pages.inflate_next(&mut self.codec, &mut self.page)? else { return Ok(false) };
            let values = page.values_kind(self.is_optional).ok_or(ParquetDamage::Encoding)?;
            self.length = to_usize(page.inflated)?;
            if values == PageValues::Dictionary {
                if self.has_started {
                    return Err(ParquetDamage::LateDictionary.into());
                }
                self.has_started = true;
                self.values.read_dictionary(&mut self.page, self.length, to_usize(page.entries)?)?;
                continue;
            }
            self.has_started = true;
            let bytes = &self.page[..self.length];
            let levels = match page.levels {
                Levels::Inside { .. } if self.is_optional => {
                    length_before(bytes).ok_or(ParquetDamage::LevelsTooLong)?
                }
                Levels::Before { definition, .. } => 0..to_usize(definition)?,
                Levels::Inside { .. } | Levels::Unknown => 0..0,
            };
            self.rows = to_usize(page.values)?;
            self.left = to_usize(page.values.checked_sub(page.nulls).ok_or(ParquetDamage::Nulls)?)?;
            self.values.start(values, bytes, levels.end)?;
            self.runs = if self.is_optional { NullRuns::encoded(levels) } else { NullRuns::without(self.rows) };
            return Ok(true);
        }
    }

    /// Skips the next page if its values are known from their bounds, and returns its rows.
    fn known_page(&mut self) -> Result<Option<usize>, Fault> {
        let Self { pages, bounds: Some((has_index, bounds)), values, is_optional, .. } = self else { return Ok(None) };
        let (is_optional, mut is_short) = (*is_optional, false);
        let known = pages.skip_if(|page, of_header| {
            let of_index = bounds.next();
            is_short = *has_index && of_index.is_none();
            let of_index = of_index.as_ref().and_then(|bounds| bounds.without_nulls(is_optional));
            let of_header = || of_header.as_ref()?.without_nulls(is_optional);
            let known = of_index.or_else(of_header);
            !is_short
                && page.nulls == 0
                && known.is_some_and(|(smallest, largest)| values.start_between(smallest, largest))
        })?;
        // An index of fewer pages is about other pages.
        if is_short {
            return Err(ParquetDamage::PageIndex.into());
        }
        Ok(known.map(|page| to_usize(page.values)).transpose()?)
    }

    /// Takes rows of the page, which has enough. `before` rows of the batch were taken already.
    fn take_of_page(
        &mut self,
        rows: usize,
        before: usize,
        bits: &mut BooleanBufferBuilder,
    ) -> Result<(), ParquetDamage> {
        let Self { page, length, values, left, runs, .. } = self;
        let page = &page[..*length];
        let mut done = 0;
        while done < rows {
            let (now, run) = runs.take(rows - done, page).ok_or(ParquetDamage::Levels)?;
            if values.needs_bits() {
                if bits.is_empty() && !matches!(run, NullRun::Values) {
                    bits.append_n(before + done, true);
                }
                match run {
                    NullRun::Values if bits.is_empty() => {}
                    NullRun::Values => bits.append_n(now, true),
                    NullRun::Nulls => bits.append_n(now, false),
                    NullRun::Bits(first) => bits.append_packed_range(first..first + now, page),
                }
            }
            let valid = match run {
                NullRun::Values => now,
                NullRun::Nulls => 0,
                NullRun::Bits(first) => UnalignedBitChunk::new(page, first, now).count_ones(),
            };
            *left = left.checked_sub(valid).ok_or(ParquetDamage::FewValues)?;
            let are_there = match run {
                NullRun::Values => values.add(now, page),
                NullRun::Nulls => {
                    values.add_nulls(now);
                    Some(())
                }
                NullRun::Bits(first) => values.add_some(first, now, page),
            };
            are_there.ok_or(ParquetDamage::FewValues)?;
            done += now;
        }
        Ok(())
    }
}
