//! The columns of one stripe.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{Field, Schema};
use bytes::Bytes;

use super::bits::Bits;
use super::blocks::{Blocks, Compression, Flow, Inflater};
use super::integers::{Integers, Version};
use super::nulls::{Present, array, spread, valid};
use super::proto::{EncodingKind, StreamKind, StripeFooter};
use super::texts::{Dictionary, Texts};
use super::times::{Times, Zone};
use crate::error::Unread;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Booleans.
    Boolean,
    /// Integers of 16, 32 or 64 bits; 64 come out.
    Integer,
    /// Times of day where the writer was; they come out as if that were UTC, in milliseconds or nanoseconds.
    Time,
    /// Moments, in milliseconds or nanoseconds.
    Instant,
    /// UTF-8 of any length, as it is or in a dictionary.
    Text,
    /// Bytes of any length.
    Binary,
}

/// A column that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// As it is called in what comes out.
    pub name: &'a str,
    /// Its number in the file.
    pub column: u32,
    /// What the file's schema says that it holds.
    pub kind: Kind,
}

/// A stream of a stripe, as it is stored.
pub struct Stream {
    /// Number of the column that it belongs to.
    pub column: u32,
    /// What it is to the column.
    pub kind: StreamKind,
    /// How many bytes it has.
    pub length: u64,
    /// All of them.
    pub bytes: Box<dyn Flow>,
}

/// Rows of one stripe, from the first to the last.
pub struct StripeColumns {
    columns: Vec<Column>,
    inflater: Inflater,
    /// Not read yet.
    rows: u64,
    /// Bytes that the texts of a column may have, for the rows that are read at once.
    most_text: usize,
}

/// Bytes of the longest key.
const LONGEST_KEY: usize = 1024;
/// Bytes of the texts of a column that are ever read at once.
const MOST_TEXT: usize = 16 << 20;

struct Column {
    name: String,
    present: Present,
    values: Values,
}

enum Values {
    Booleans(Bits),
    Integers(Integers, Vec<i64>),
    Times(Box<Times>),
    Texts(Box<Texts>),
    Dictionary(Box<Dictionary>),
}

impl StripeColumns {
    /// Takes the wanted columns of a stripe of so many `rows`: its footer and the streams of these columns. Dictionaries
    /// are read at once. All of it takes some `most` bytes at most, and the streams as they are stored.
    ///
    /// # Errors
    /// An encoding that does not go with what the column holds, an unknown time zone, a damaged dictionary, or more bytes
    /// than that.
    pub fn new(
        wanted: &[Wanted<'_>],
        footer: &StripeFooter,
        mut streams: Vec<Stream>,
        compression: Compression,
        rows: u64,
        most: usize,
    ) -> Result<Self, Unread> {
        let blocks = streams.iter().map(|stream| compression.of_one_stream(stream.length)).sum();
        let mut left = most.checked_sub(blocks).ok_or_else(|| {
            Unread::NoRoom(format!("its blocks take {blocks} bytes, and --memory leaves {most} for that: give more"))
        })?;
        let mut inflater = Inflater::new();
        let mut columns = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let mut source = Source { column: wanted.column, footer, streams: &mut streams, compression, rows };
            let values = source.values(wanted.kind, &mut left, &mut inflater);
            let values = values.map_err(|error| error.within(format_args!("column {}", wanted.name)))?;
            let present = Present(source.find(StreamKind::Present).map(Bits::new));
            columns.push(Column { name: wanted.name.to_owned(), present, values });
        }
        let texts = columns.iter().filter(|column| matches!(column.values, Values::Texts(_))).count();
        // What is checked and moved is there twice.
        let most_text = MOST_TEXT.min(left / (2 * texts.max(1)));
        Ok(Self { columns, inflater, rows, most_text })
    }

    /// The next rows, at most `most`; `None` behind the last.
    ///
    /// # Errors
    /// A damaged stream, one that ends before its rows do, or texts that are too long.
    pub fn next(&mut self, most: usize) -> Result<Option<RecordBatch>, Unread> {
        let has_texts = self.columns.iter().any(|column| matches!(column.values, Values::Texts(_)));
        let most = if has_texts { most.min(self.most_text / LONGEST_KEY).max(1) } else { most };
        let rows = usize::try_from(self.rows).map_or(most, |left| left.min(most));
        if rows == 0 {
            return Ok(None);
        }
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for column in &mut self.columns {
            let array = column.read(rows, self.most_text, &mut self.inflater);
            let array = array.map_err(|error| error.within(format_args!("column {}", column.name)))?;
            fields.push(Field::new(&column.name, array.data_type().clone(), true));
            arrays.push(array);
        }
        self.rows -= rows as u64;
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        Ok(Some(batch.map_err(|error| error.to_string())?))
    }
}

impl Column {
    fn read(&mut self, rows: usize, most_text: usize, inflater: &mut Inflater) -> Result<ArrayRef, Unread> {
        let nulls = self.present.read(rows, inflater)?;
        match &mut self.values {
            Values::Booleans(bits) => {
                let values = bits.read(valid(rows, nulls.as_ref()), inflater)?;
                let values = match &nulls {
                    Some(nulls) => spread_bits(&values, nulls),
                    None => values,
                };
                Ok(array(BooleanArray::new(values, nulls)))
            }
            Values::Integers(integers, scratch) => {
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
            Values::Times(times) => Ok(times.read(rows, nulls, inflater)?),
            Values::Texts(texts) => texts.read(rows, nulls, most_text, inflater),
            Values::Dictionary(dictionary) => Ok(dictionary.read(rows, nulls, inflater)?),
        }
    }
}

/// Booleans with NULLs are rare.
fn spread_bits(values: &BooleanBuffer, nulls: &NullBuffer) -> BooleanBuffer {
    let mut next = values.iter();
    nulls.iter().map(|valid| valid && next.next().unwrap_or(false)).collect()
}

/// Where the values of one column come from.
struct Source<'a> {
    column: u32,
    footer: &'a StripeFooter,
    /// Those that nobody has taken.
    streams: &'a mut Vec<Stream>,
    compression: Compression,
    rows: u64,
}

impl Source<'_> {
    fn find(&mut self, kind: StreamKind) -> Option<Blocks> {
        let at = self.streams.iter().position(|stream| stream.column == self.column && stream.kind == kind)?;
        Some(Blocks::new(self.streams.remove(at).bytes, self.compression))
    }

    /// Writers leave out a stream without bytes.
    fn stream(&mut self, kind: StreamKind) -> Blocks {
        self.find(kind).unwrap_or_else(|| Blocks::new(Box::new(Bytes::new()), self.compression))
    }

    fn texts(&mut self, kind: StreamKind, version: Version, binary: bool) -> Texts {
        let lengths = Integers::new(self.stream(StreamKind::Length), version, false);
        Texts { lengths, bytes: self.stream(kind), binary }
    }

    fn times(&mut self, version: Version, zone: Zone) -> Values {
        let seconds = Integers::new(self.stream(StreamKind::Data), version, true);
        let nanos = Integers::new(self.stream(StreamKind::Secondary), version, false);
        Values::Times(Box::new(Times { seconds, nanos, zone, scratch: [vec![], vec![]] }))
    }

    /// Takes what a dictionary takes from the bytes that are `left`.
    fn values(&mut self, kind: Kind, left: &mut usize, inflater: &mut Inflater) -> Result<Values, Unread> {
        use StreamKind::{Data, DictionaryData};
        let encoding = usize::try_from(self.column).ok().and_then(|column| self.footer.columns.get(column));
        let encoding = encoding.ok_or("the stripe's footer does not say how it is encoded")?;
        let (version, in_dictionary) = match encoding.kind() {
            EncodingKind::Direct => (Version::V1, false),
            EncodingKind::DirectV2 => (Version::V2, false),
            EncodingKind::Dictionary => (Version::V1, true),
            EncodingKind::DictionaryV2 => (Version::V2, true),
        };
        Ok(match kind {
            Kind::Text if in_dictionary => {
                let entries = encoding.dictionary_size();
                if u64::from(entries) > self.rows {
                    return Err(format!("its dictionary claims {entries} entries for {} rows", self.rows).into());
                }
                let entries = usize::try_from(entries).map_err(|error| error.to_string())?;
                let values = self.texts(DictionaryData, version, false);
                let values = Dictionary::entries(values, entries, left, inflater)?;
                let places = Integers::new(self.stream(Data), version, false);
                Values::Dictionary(Box::new(Dictionary { places, values, scratch: Vec::new() }))
            }
            _ if in_dictionary => return Err("it is said to have a dictionary, and is no text".into()),
            Kind::Text => Values::Texts(Box::new(self.texts(Data, version, false))),
            Kind::Binary => Values::Texts(Box::new(self.texts(Data, version, true))),
            Kind::Boolean => Values::Booleans(Bits::new(self.stream(Data))),
            Kind::Integer => Values::Integers(Integers::new(self.stream(Data), version, true), Vec::new()),
            Kind::Time => self.times(version, Zone::of(self.footer.writer_timezone.as_deref())?),
            Kind::Instant => self.times(version, Zone::UTC),
        })
    }
}
