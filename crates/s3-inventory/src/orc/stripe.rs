//! The columns of one stripe.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{Field, Schema};
use bytes::Bytes;

use super::bits::Bits;
use super::blocks::{BlockInflater, Blocks, Compression};
use super::error::OrcDamage;
use super::integers::{Integers, Version};
use super::messages::{EncodingKind, StreamKind, StripeFooter};
use super::nulls::{Present, array, spread, valid};
use super::texts::{DictionaryColumn, TextColumn};
use super::times::{TimeColumn, Zone};
use crate::fault::{Fault, MemoryUse, Shortage};
use crate::ranges::ColumnStream;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Boolean,
    /// Integers of 16, 32 or 64 bits, returned as 64 bits.
    Integer,
    /// Local times of the writer, returned as if they were UTC, in milliseconds or nanoseconds.
    Time,
    /// UTC times, in milliseconds or nanoseconds.
    Instant,
    /// UTF-8 text, direct or in a dictionary.
    Text,
    Binary,
}

#[derive(Debug, Clone)]
pub(super) struct WantedColumn {
    pub(super) name: String,
    /// Its number in the file.
    pub(super) column: u32,
    pub(super) kind: ColumnKind,
}

/// A stored stream of a stripe.
pub(super) struct StoredStream {
    pub(super) column: u32,
    pub(super) kind: StreamKind,
    pub(super) length: u64,
    pub(super) bytes: ColumnStream,
}

/// The rows of one stripe.
pub(super) struct StripeColumns {
    columns: Vec<DecodedColumn>,
    inflater: BlockInflater,
    /// Rows that were not read yet.
    rows: u64,
    /// The most bytes of the texts of a column in one batch.
    most_text: usize,
}

/// Bytes of the longest key.
const LONGEST_KEY: usize = 1024;
/// The most bytes of the texts of a column in one batch.
const MOST_TEXT: usize = 16 << 20;

struct DecodedColumn {
    name: String,
    present: Present,
    values: ColumnValues,
}

enum ColumnValues {
    Booleans(Bits),
    Integers(Integers, Vec<i64>),
    Times(Box<TimeColumn>),
    Texts(Box<TextColumn>),
    Dictionary(Box<DictionaryColumn>),
}

impl StripeColumns {
    /// The wanted columns of a stripe of `rows` rows. Reads dictionaries immediately. Uses at most about `most` bytes besides the
    /// stored streams.
    pub(super) fn new(
        wanted: &[WantedColumn],
        footer: &StripeFooter,
        mut streams: Vec<StoredStream>,
        compression: Compression,
        rows: u64,
        most: usize,
    ) -> Result<Self, Fault> {
        let blocks = streams.iter().map(|stream| compression.of_one_stream(stream.length)).sum();
        let left = most.checked_sub(blocks);
        let mut left = left.ok_or_else(|| Shortage::new(MemoryUse::Blocks, blocks as u64, most as u64))?;
        let mut inflater = BlockInflater::new();
        let mut columns = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let mut source = ColumnStreams { column: wanted.column, footer, streams: &mut streams, compression, rows };
            let values = source.values(wanted.kind, &mut left, &mut inflater);
            let values = values.map_err(|fault| fault.in_column(&wanted.name))?;
            let present = Present(source.find(StreamKind::Present).map(Bits::new));
            columns.push(DecodedColumn { name: wanted.name.to_owned(), present, values });
        }
        let texts = columns.iter().filter(|column| matches!(column.values, ColumnValues::Texts(_))).count();
        // Texts exist twice while they are checked and moved.
        let most_text = MOST_TEXT.min(left / (2 * texts.max(1)));
        Ok(Self { columns, inflater, rows, most_text })
    }

    /// The next rows, at most `most`; `None` after the last.
    pub(super) fn next(&mut self, most: usize) -> Result<Option<RecordBatch>, Fault> {
        let has_texts = self.columns.iter().any(|column| matches!(column.values, ColumnValues::Texts(_)));
        let most = if has_texts { most.min(self.most_text / LONGEST_KEY).max(1) } else { most };
        let rows = usize::try_from(self.rows).map_or(most, |left| left.min(most));
        if rows == 0 {
            return Ok(None);
        }
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for column in &mut self.columns {
            let array = column.read(rows, self.most_text, &mut self.inflater);
            let array = array.map_err(|fault| fault.in_column(&column.name))?;
            fields.push(Field::new(&column.name, array.data_type().clone(), true));
            arrays.push(array);
        }
        self.rows -= rows as u64;
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        Ok(Some(batch.map_err(OrcDamage::from)?))
    }
}

impl DecodedColumn {
    fn read(&mut self, rows: usize, most_text: usize, inflater: &mut BlockInflater) -> Result<ArrayRef, Fault> {
        let nulls = self.present.read(rows, inflater)?;
        match &mut self.values {
            ColumnValues::Booleans(bits) => {
                let values = bits.read(valid(rows, nulls.as_ref()), inflater)?;
                let values = match &nulls {
                    Some(nulls) => spread_bits(&values, nulls),
                    None => values,
                };
                Ok(array(BooleanArray::new(values, nulls)))
            }
            ColumnValues::Integers(integers, scratch) => {
                let values = match &nulls {
                    Some(known) => {
                        scratch.resize(valid(rows, nulls.as_ref()), 0);
                        integers.read(scratch, inflater)?;
                        spread(scratch, known, |value| value)
                    }
                    None => {
                        let mut values = vec![0; rows];
                        integers.read(&mut values, inflater)?;
                        values
                    }
                };
                Ok(array(Int64Array::new(values.into(), nulls)))
            }
            ColumnValues::Times(times) => times.read(rows, nulls, inflater),
            ColumnValues::Texts(texts) => texts.read(rows, nulls, most_text, inflater),
            ColumnValues::Dictionary(dictionary) => dictionary.read(rows, nulls, inflater),
        }
    }
}

/// Booleans with NULLs are rare.
fn spread_bits(values: &BooleanBuffer, nulls: &NullBuffer) -> BooleanBuffer {
    let mut next = values.iter();
    nulls.iter().map(|valid| valid && next.next().unwrap_or(false)).collect()
}

struct ColumnStreams<'a> {
    column: u32,
    footer: &'a StripeFooter,
    /// Streams that no column has taken.
    streams: &'a mut Vec<StoredStream>,
    compression: Compression,
    rows: u64,
}

impl ColumnStreams<'_> {
    fn find(&mut self, kind: StreamKind) -> Option<Blocks> {
        let at = self.streams.iter().position(|stream| stream.column == self.column && stream.kind == kind)?;
        Some(Blocks::new(self.streams.remove(at).bytes, self.compression))
    }

    /// Writers omit a stream without bytes.
    fn stream(&mut self, kind: StreamKind) -> Blocks {
        self.find(kind).unwrap_or_else(|| Blocks::new(ColumnStream::Whole(Bytes::new()), self.compression))
    }

    fn texts(&mut self, kind: StreamKind, version: Version, binary: bool) -> TextColumn {
        let lengths = Integers::new(self.stream(StreamKind::Length), version, false);
        TextColumn { lengths, bytes: self.stream(kind), binary }
    }

    fn times(&mut self, version: Version, zone: Zone) -> ColumnValues {
        let seconds = Integers::new(self.stream(StreamKind::Data), version, true);
        let nanos = Integers::new(self.stream(StreamKind::Secondary), version, false);
        ColumnValues::Times(Box::new(TimeColumn { seconds, nanos, zone, scratch: [vec![], vec![]] }))
    }

    /// Subtracts the size of a dictionary from `left`.
    fn values(
        &mut self,
        kind: ColumnKind,
        left: &mut usize,
        inflater: &mut BlockInflater,
    ) -> Result<ColumnValues, Fault> {
        use StreamKind::{Data, DictionaryData};
        let encoding = usize::try_from(self.column).ok().and_then(|column| self.footer.columns.get(column));
        let encoding = encoding.ok_or(OrcDamage::NoEncoding)?;
        let (version, in_dictionary) = match encoding.kind() {
            EncodingKind::Direct => (Version::V1, false),
            EncodingKind::DirectV2 => (Version::V2, false),
            EncodingKind::Dictionary => (Version::V1, true),
            EncodingKind::DictionaryV2 => (Version::V2, true),
        };
        Ok(match kind {
            ColumnKind::Text if in_dictionary => {
                let entries = encoding.dictionary_size();
                if u64::from(entries) > self.rows {
                    return Err(OrcDamage::DictionaryRows { entries, rows: self.rows }.into());
                }
                let entries = entries as usize;
                let values = self.texts(DictionaryData, version, false);
                let values = DictionaryColumn::entries(values, entries, left, inflater)?;
                let places = Integers::new(self.stream(Data), version, false);
                ColumnValues::Dictionary(Box::new(DictionaryColumn { places, values, scratch: Vec::new() }))
            }
            _ if in_dictionary => return Err(OrcDamage::DictionaryOfNoText.into()),
            ColumnKind::Text => ColumnValues::Texts(Box::new(self.texts(Data, version, false))),
            ColumnKind::Binary => ColumnValues::Texts(Box::new(self.texts(Data, version, true))),
            ColumnKind::Boolean => ColumnValues::Booleans(Bits::new(self.stream(Data))),
            ColumnKind::Integer => ColumnValues::Integers(Integers::new(self.stream(Data), version, true), Vec::new()),
            ColumnKind::Time => self.times(version, Zone::of(self.footer.writer_timezone.as_deref())?),
            ColumnKind::Instant => self.times(version, Zone::UTC),
        })
    }
}
