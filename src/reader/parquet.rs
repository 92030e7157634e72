//! Parquet files: the footer, then for one row group after the other the columns that the question needs.
//!
//! What the file claims is held against what is there before memory is taken for it.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use super::ReportError;
use super::columns::{BATCH, Counter, Room};
use super::pages;
use super::parts::{Held, Parts};
use crate::inventory::Damage;

/// Fetched from the end at first: holds the footer of most files, and is little.
const TAIL: u64 = 64 << 10;
/// Length of the footer, and `PAR1`.
const END: u64 = 8;
/// A footer that claims more is none: S3's have some KiB for each row group.
const MOST_FOOTER: u64 = 16 << 20;

/// Columns of few different texts; most of them are read for exports alone.
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
    let footer = footer(parts)?;
    let metadata = ParquetMetaDataReader::decode_metadata(&footer).map_err(broken)?;
    let claimed = metadata.row_groups().iter().try_fold(0i64, |sum, group| sum.checked_add(group.num_rows()));
    if claimed != Some(metadata.file_metadata().num_rows()) {
        return Err(damage("its row groups do not have as many rows as the file says".to_owned()).into());
    }
    let metadata = Arc::new(metadata);
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let natural = ArrowReaderMetadata::try_new(Arc::clone(&metadata), plain.clone()).map_err(broken)?;
    let fields = natural.schema().fields();
    let roots: Vec<usize> = (0..fields.len()).filter(|at| wanted.contains(&fields[*at].name().as_str())).collect();
    if let Some(name) = wanted.iter().find(|name| natural.schema().field_with_name(name).is_err()) {
        return Err(damage(format!("the file has no column {name}, which the manifest names")).into());
    }
    if roots.len() > wanted.len() {
        return Err(damage("a column stands twice in the file".to_owned()).into());
    }
    let options = plain.with_schema(Arc::new(with_dictionaries(natural.schema())));
    let arrow = ArrowReaderMetadata::try_new(Arc::clone(&metadata), options).map_err(broken)?;
    let mask = ProjectionMask::roots(arrow.parquet_schema(), roots);
    let most_page = room.for_one_page(wanted.len());
    for (at, group) in metadata.row_groups().iter().enumerate() {
        let chunks: Vec<&ColumnChunkMetaData> =
            (0..group.num_columns()).filter(|leaf| mask.leaf_included(*leaf)).map(|leaf| group.column(leaf)).collect();
        let ranges = chunks.iter().map(|chunk| range(chunk)).collect::<Option<Vec<_>>>();
        let ranges = ranges.ok_or_else(|| damage(format!("row group {at} names columns outside of the file")))?;
        // No two columns share bytes, so together they are no longer than the file.
        let bytes = ranges.iter().map(|(from, to)| to - from).try_fold(0u64, u64::checked_add).unwrap_or(u64::MAX);
        let _room = room.take(parts, bytes)?;
        let held = parts.read_all(ranges.clone())?;
        for (chunk, (from, to)) in chunks.iter().zip(&ranges) {
            pages::check(&held.part(*from, *to).unwrap_or_default(), most_page)
                .map_err(|what| damage(format!("column {} of row group {at}: {what}", chunk.column_path())))?;
        }
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(held, arrow.clone())
            .with_row_groups(vec![at])
            .with_projection(mask.clone())
            .with_batch_size(BATCH)
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

/// The footer's bytes, if they are where they should be.
fn footer(parts: &Parts<'_>) -> Result<Bytes, ReportError> {
    let size = parts.size();
    let damage = |what: &str| ReportError::from(Damage::of_file(&parts.file.key, None, what));
    let (start, tail) = parts.tail(TAIL)?;
    let Some((rest, [l0, l1, l2, l3, b'P', b'A', b'R', b'1'])) = tail.split_last_chunk::<8>() else {
        return Err(damage("it does not end as a Parquet file does: is it whole?"));
    };
    let length = u64::from(u32::from_le_bytes([*l0, *l1, *l2, *l3]));
    if length > MOST_FOOTER || length > size - END {
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
    let start = chunk.dictionary_page_offset().filter(|at| *at > 0).unwrap_or(chunk.data_page_offset());
    let start = u64::try_from(start.min(chunk.data_page_offset())).ok()?;
    let length = u64::try_from(chunk.compressed_size()).ok()?;
    Some((start, start.checked_add(length)?))
}

/// The file's own schema, but columns of few different texts as what they are in the file: numbers of a dictionary's
/// entries. Comparing those is much less work than comparing texts.
fn with_dictionaries(schema: &Schema) -> Schema {
    let field = |field: &Arc<Field>| match (field.name().as_str(), field.data_type()) {
        (name, DataType::Utf8 | DataType::Binary) if FEW.contains(&name) => {
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
