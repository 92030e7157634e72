//! Parquet files: the footer, then for one row group after the other the columns that the question needs.
//!
//! What the file claims is held against what is there before memory is taken for it.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type;
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::ReportError;
use super::columns::{Counter, Room};
use super::pages::{self, BATCHES, Pages};
use super::parts::{Held, Parts};
use super::thrift::{LIST, Thrift};
use crate::inventory::Damage;

/// Fetched from the end at first: holds the footer of most files, and is little.
const TAIL: u64 = 64 << 10;
/// Length of the footer, and `PAR1`.
const END: u64 = 8;
/// A footer that claims more is none: S3's have some KiB for each row group.
const MOST_FOOTER: u64 = 16 << 20;
/// What a column takes when the footer is decoded: its place in the schema, twice in that of Arrow.
const SCHEMA_COLUMN: u64 = 1500;
/// What a row group takes, and each of its columns; all else is no longer than it was.
const GROUP: u64 = 200;
const GROUP_COLUMN: u64 = 1000;
/// A dictionary of so few bytes has no entry that is worth looking for.
const SMALL_DICTIONARY: u64 = 512;

/// Counts the rows of a file.
///
/// # Errors
/// Damage, or the file can't be read.
pub(super) fn read(
    parts: &Parts<'_>,
    wanted: &[&str],
    room: &Room<'_>,
    counter: &mut Counter<'_>,
) -> Result<(), ReportError> {
    let damage = |what: String| Damage::of_file(&parts.file.key, None, what);
    let broken = |error: ParquetError| damage(format!("its Parquet structure is damaged: {error}"));
    let footer = footer(parts, room.memory.of_one_tail() / 4)?;
    match weigh(&footer) {
        None => return Err(damage("its Parquet structure is damaged: its footer is no footer".to_owned()).into()),
        Some(bytes) if bytes > room.memory.of_one_tail() / 2 => {
            let most = room.memory.of_one_tail() / 2;
            let what = format!("its footer takes {bytes} bytes, and --memory leaves {most} for that: give more");
            return Err(damage(what).into());
        }
        Some(_) => {}
    }
    let metadata = decode(&footer).map_err(broken)?;
    let claimed = metadata.row_groups().iter().try_fold(0i64, |sum, group| sum.checked_add(group.num_rows()));
    if claimed != Some(metadata.file_metadata().num_rows()) {
        return Err(damage("its row groups do not have as many rows as the file says".to_owned()).into());
    }
    let metadata = Arc::new(metadata);
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let natural = ArrowReaderMetadata::try_new(Arc::clone(&metadata), plain.clone()).map_err(broken)?;
    let fields = natural.schema().fields();
    let roots: Vec<usize> = (0..fields.len()).filter(|at| wanted.contains(&fields[*at].name().as_str())).collect();
    if let Some(field) = roots.iter().map(|at| &fields[*at]).find(|field| !is_understood(field.data_type())) {
        return Err(damage(format!("column {} holds {}, which no report does", field.name(), field.data_type())).into());
    }
    if let Some(name) = wanted.iter().find(|name| natural.schema().field_with_name(name).is_err()) {
        return Err(damage(format!("the file has no column {name}, which the manifest names")).into());
    }
    if roots.len() > wanted.len() {
        return Err(damage("a column stands twice in the file".to_owned()).into());
    }
    let options = plain.with_schema(Arc::new(with_dictionaries(natural.schema())));
    let arrow = ArrowReaderMetadata::try_new(Arc::clone(&metadata), options).map_err(broken)?;
    let mask = ProjectionMask::roots(arrow.parquet_schema(), roots);
    for (at, group) in metadata.row_groups().iter().enumerate() {
        let chunks: Vec<&ColumnChunkMetaData> =
            (0..group.num_columns()).filter(|leaf| mask.leaf_included(*leaf)).map(|leaf| group.column(leaf)).collect();
        let ranges = chunks.iter().map(|chunk| range(chunk)).collect::<Option<Vec<_>>>();
        let ranges = ranges.ok_or_else(|| damage(format!("row group {at} names columns outside of the file")))?;
        // No two columns share bytes, so together they are no longer than the file.
        let bytes = ranges.iter().map(|(from, to)| to - from).try_fold(0u64, u64::checked_add).unwrap_or(u64::MAX);
        let _room = room.take(parts, bytes)?;
        let held = parts.read_all(ranges.clone())?;
        let batch = batch(&held, &chunks, &ranges, room.memory.of_one_s_columns())
            .map_err(|what| damage(format!("row group {at}: {what}")))?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(held, arrow.clone())
            .with_row_groups(vec![at])
            .with_projection(mask.clone())
            .with_batch_size(batch)
            .build()
            .map_err(broken)?;
        let before = counter.rows();
        for batch in reader {
            let batch = batch.map_err(|error| damage(format!("its Parquet structure is damaged: {error}")))?;
            counter.count(&batch)?;
        }
        let (found, claimed) = (counter.rows() - before, group.num_rows());
        if u64::try_from(claimed) != Ok(found) {
            return Err(damage(format!("row group {at} has {found} rows and claims {claimed}")).into());
        }
    }
    Ok(())
}

/// How many rows of a row group can be decoded at once without taking more than `most` bytes.
fn batch(held: &Held, chunks: &[&ColumnChunkMetaData], ranges: &[(u64, u64)], most: u64) -> Result<usize, String> {
    let weighed = chunks.iter().zip(ranges).map(|(chunk, (from, to))| {
        let of = |what: String| format!("column {}: {what}", chunk.column_path().string());
        // Two pages of each column are at hand now and then.
        let pages = pages::check(&held.part(*from, *to).unwrap_or_default(), most / 2).map_err(of)?;
        let longest = match chunk.column_type() {
            Type::BYTE_ARRAY if pages.for_numbers() <= most => Some(longest(held, chunk, &pages).map_err(of)?),
            Type::BYTE_ARRAY => Some(pages.dictionary),
            _ => None,
        };
        Ok((pages, longest))
    });
    let weighed = weighed.collect::<Result<Vec<_>, String>>()?;
    let take = |batch: usize| {
        let of = |(pages, longest): &(Pages, Option<u64>)| match longest {
            Some(longest) => pages.for_texts(batch, *longest),
            None => pages.for_numbers(),
        };
        weighed.iter().fold(0u64, |sum, column| sum.saturating_add(of(column)))
    };
    let batch = (0..BATCHES.len()).find(|batch| take(*batch) <= most).ok_or_else(|| {
        let least = take(BATCHES.len() - 1);
        format!("its columns take {least} bytes to be decoded, and --memory leaves {most} for that: give more")
    })?;
    usize::try_from(BATCHES[batch]).map_err(|error| error.to_string())
}

/// Bytes of the longest entry of a column's dictionary: every row of a batch may name that one.
fn longest(held: &Held, chunk: &ColumnChunkMetaData, pages: &Pages) -> Result<u64, String> {
    if pages.dictionary <= SMALL_DICTIONARY {
        return Ok(pages.dictionary);
    }
    let reader = SerializedPageReader::new(Arc::new(held.clone()), chunk, 0, None);
    let page = reader.and_then(|mut reader| reader.get_next_page()).map_err(|error| error.to_string())?;
    // It stands first or not at all.
    let Some(Page::DictionaryPage { buf, .. }) = page else { return Ok(pages.dictionary) };
    let (mut rest, mut longest) = (&buf[..], 0);
    while let Some((length, texts)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes(*length);
        longest = longest.max(u64::from(length));
        let end = usize::try_from(length).map_err(|error| error.to_string())?;
        rest = texts.get(end..).ok_or("a text of its dictionary is cut off")?;
    }
    Ok(longest)
}

/// Decodes a footer that was weighed. Statistics are of no use here.
fn decode(footer: &[u8]) -> Result<ParquetMetaData, ParquetError> {
    let none = ParquetStatisticsPolicy::SkipAll;
    let options = ParquetMetaDataOptions::new()
        .with_column_stats_policy(none.clone())
        .with_encoding_stats_policy(none.clone())
        .with_size_stats_policy(none);
    ParquetMetaDataReader::decode_metadata_with_options(footer, Some(&options))
}

/// Bytes that decoding a footer takes, `None` for what is none: the library would believe its lengths ("Parquet Format",
/// `FileMetaData`).
fn weigh(footer: &[u8]) -> Option<u64> {
    let mut bytes = footer.len() as u64;
    Thrift { rest: footer }.fields(|file, id, kind| match (id, kind) {
        (2, LIST) => file.structures(|column| {
            bytes += SCHEMA_COLUMN;
            column.fields(|column, _, kind| column.skip(kind))
        }),
        (4, LIST) => file.structures(|group| {
            bytes += GROUP;
            group.fields(|group, id, kind| match (id, kind) {
                (1, LIST) => group.structures(|column| {
                    bytes += GROUP_COLUMN;
                    column.fields(|column, _, kind| column.skip(kind))
                }),
                _ => group.skip(kind),
            })
        }),
        // Texts of whoever wrote it, and the order of each column.
        (5 | 7, LIST) => file.structures(|entry| {
            bytes += GROUP;
            entry.fields(|entry, _, kind| entry.skip(kind))
        }),
        _ => file.skip(kind),
    })?;
    Some(bytes)
}

/// What columns of reports hold; all else is refused before it is decoded.
fn is_understood(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::Binary | DataType::Boolean | DataType::Int64 | DataType::Timestamp(..))
}

/// The footer's bytes, if they are where they should be, and no more than `most`.
fn footer(parts: &Parts<'_>, most: u64) -> Result<Bytes, ReportError> {
    let size = parts.size();
    let damage = |what: &str| ReportError::from(Damage::of_file(&parts.file.key, None, what));
    let (start, tail) = parts.tail(TAIL)?;
    let Some((rest, [l0, l1, l2, l3, b'P', b'A', b'R', b'1'])) = tail.split_last_chunk::<8>() else {
        return Err(damage("it does not end as a Parquet file does: is it whole?"));
    };
    let length = u64::from(u32::from_le_bytes([*l0, *l1, *l2, *l3]));
    if length > MOST_FOOTER.min(most) || length > size - END {
        return Err(damage("its footer claims to be longer than it can be"));
    }
    let from = size - END - length;
    if from < start {
        return parts.read(from, size - END);
    }
    Ok(tail.slice(usize::try_from(from - start).unwrap_or(0)..rest.len()))
}

/// Where a column chunk is; `None` where the claim is below zero or beyond all files.
fn range(chunk: &ColumnChunkMetaData) -> Option<(u64, u64)> {
    // Where the library begins to read: pages that were not looked at must not come out.
    let start = u64::try_from(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset())).ok()?;
    let length = u64::try_from(chunk.compressed_size()).ok()?;
    Some((start, start.checked_add(length)?))
}

/// The file's own schema, but columns of few different texts as what they are in the file: numbers of a dictionary's
/// entries. Comparing those is much less work than comparing texts.
fn with_dictionaries(schema: &Schema) -> Schema {
    let field = |field: &Arc<Field>| match (field.name().as_str(), field.data_type()) {
        ("bucket" | "replication_status", DataType::Utf8 | DataType::Binary) => {
            let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(field.data_type().clone()));
            Arc::new(field.as_ref().clone().with_data_type(dictionary))
        }
        _ => Arc::clone(field),
    };
    Schema::new_with_metadata(schema.fields().iter().map(field).collect::<Vec<_>>(), schema.metadata().clone())
}

impl Length for Held {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Held {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start).ok_or_else(|| not_held(start))?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.part(start, start.saturating_add(length as u64)).ok_or_else(|| not_held(start))
    }
}

fn not_held(start: u64) -> ParquetError {
    ParquetError::EOF(format!("a page at byte {start} is outside of its column"))
}
