//! Parquet files: the footer, then for one row group after the other the columns that the question needs.
//!
//! What the file claims is held against what is there before memory is taken for it.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use s3_inventory::{Damage, FIELDS, FieldKind, Unread};

use super::ReportError;
use super::columns::{Counter, Room};
use super::group::{Column, Group};
use super::parts::Parts;
use super::thrift::{LIST, Thrift};

/// Length of the footer, and `PAR1`.
const END: u64 = 8;
/// A footer that claims more is none: S3's have some KiB for each row group.
const MOST_FOOTER: u64 = 16 << 20;
/// What a column takes when the footer is decoded: its place in the schema, twice in that of Arrow.
const SCHEMA_COLUMN: u64 = 1500;
/// What a row group takes, and each of its columns; all else is no longer than it was.
const GROUP: u64 = 200;
const GROUP_COLUMN: u64 = 1000;

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
    parts: &Parts,
    wanted: &[&str],
    room: &Room<'_>,
    counter: &mut Counter<'_>,
) -> Result<(), ReportError> {
    let damage = |what: String| Damage::of_file(&parts.file().key, None, what);
    let broken = |error: ParquetError| damage(format!("its Parquet structure is damaged: {error}"));
    let footer = footer(parts, room.memory.of_one_tail() / 4)?;
    match weigh(&footer) {
        None => return Err(damage("its Parquet structure is damaged: its footer is no footer".to_owned()).into()),
        Some(bytes) if bytes > room.memory.of_one_tail() / 2 => {
            let most = room.memory.of_one_tail() / 2;
            let what = format!("its footer takes {bytes} bytes, and --memory leaves {most} for that: give more");
            return Err(ReportError::of(parts.file(), Unread::NoRoom(what)));
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
    if let Some(field) = roots.iter().map(|at| &fields[*at]).find(|field| !is_understood(field)) {
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
    // Rows that are decoded at once: where one row group has long texts, the next one has too.
    let mut batch = 0;
    for (at, group) in metadata.row_groups().iter().enumerate() {
        let column = |leaf: usize| Some(Column { leaf, chunk: group.column(leaf), range: range(group.column(leaf))? });
        let columns = (0..group.num_columns()).filter(|leaf| mask.leaf_included(*leaf)).map(column);
        let columns = columns.collect::<Option<Vec<_>>>();
        let columns = columns.ok_or_else(|| damage(format!("row group {at} names columns outside of the file")))?;
        if let Some(codec) = columns.iter().find_map(|column| unsupported(column.chunk.compression())) {
            let what =
                format!("this file uses codec {codec}, which replaudit cannot read (UNCOMPRESSED, SNAPPY, GZIP, ZSTD)");
            return Err(ReportError::of(parts.file(), Unread::Unsupported(what)));
        }
        let ranges: Vec<(u64, u64)> = columns.iter().map(|column| column.range).collect();
        let _room = room.take(parts, &ranges, 0)?;
        let torn = |why: Unread| ReportError::of(parts.file(), why.within(format_args!("row group {at}")));
        let wanted = Group { parts, arrow: &arrow, at, columns, most: room.memory.of_one_s_columns() };
        let mut rows = wanted.rows(batch);
        let before = counter.rows();
        while let Some(rows) = rows.next().map_err(torn)? {
            counter.count(&rows)?;
        }
        batch = rows.finish().map_err(|what| torn(what.into()))?;
        let (found, claimed) = (counter.rows() - before, group.num_rows());
        if u64::try_from(claimed) != Ok(found) {
            return Err(damage(format!("row group {at} has {found} rows and claims {claimed}")).into());
        }
    }
    Ok(())
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

/// What columns of reports hold; all else is refused before it is decoded. Those that are not known may hold any values.
fn is_understood(column: &Field) -> bool {
    let kind = column.data_type();
    let known = FIELDS.iter().find(|field| field.name == column.name()).map(|field| field.kind);
    if matches!(known, None | Some(FieldKind::NumberOrText | FieldKind::TimeOrText)) {
        return !kind.is_nested();
    }
    matches!(kind, DataType::Utf8 | DataType::Binary | DataType::Boolean | DataType::Int64 | DataType::Timestamp(..))
}

/// The name of a codec that is valid and not read here.
fn unsupported(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => None,
        Compression::LZO => Some("LZO"),
        Compression::BROTLI(_) => Some("BROTLI"),
        Compression::LZ4 => Some("LZ4"),
        Compression::LZ4_RAW => Some("LZ4_RAW"),
    }
}

/// The footer's bytes, if they are where they should be, and no more than `most`.
fn footer(parts: &Parts, most: u64) -> Result<Bytes, ReportError> {
    let size = parts.size();
    let damage = |what: &str| ReportError::from(Damage::of_file(&parts.file().key, None, what));
    let (start, tail) = parts.tail()?;
    if tail.ends_with(b"PARE") {
        let what = "its footer is encrypted, which replaudit cannot read";
        return Err(ReportError::of(parts.file(), Unread::Unsupported(what.to_owned())));
    }
    let Some((rest, [l0, l1, l2, l3, b'P', b'A', b'R', b'1'])) = tail.split_last_chunk::<8>() else {
        return Err(damage("it does not end as a Parquet file does: is it whole?"));
    };
    let length = u64::from(u32::from_le_bytes([*l0, *l1, *l2, *l3]));
    if length > MOST_FOOTER || length > size - END {
        return Err(damage("its footer claims to be longer than it can be"));
    }
    if length > most {
        let what = format!("its footer has {length} bytes, and --memory leaves {most} for that: give more");
        return Err(ReportError::of(parts.file(), Unread::NoRoom(what)));
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
        (name, DataType::Utf8 | DataType::Binary) if FEW.contains(&name) => {
            let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(field.data_type().clone()));
            Arc::new(field.as_ref().clone().with_data_type(dictionary))
        }
        _ => Arc::clone(field),
    };
    Schema::new_with_metadata(schema.fields().iter().map(field).collect::<Vec<_>>(), schema.metadata().clone())
}
