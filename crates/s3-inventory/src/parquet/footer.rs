//! The footer of a Parquet file. Its memory is estimated before it is decoded.

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};

use super::error::ParquetDamage;
use super::thrift::{BINARY, I32, LIST, Thrift};
use crate::fault::{Fault, Feature, FileDamage, MemoryUse, Shortage};
use crate::key_classes::KEY;
use crate::ranges::FileRanges;

/// Length of the footer, and `PAR1`.
const END: u64 = 8;
/// The longest valid footer: S3's have a few KiB per row group.
const MOST_FOOTER: u64 = 16 << 20;
/// Memory of a column of the schema in a decoded footer: once in Parquet's schema, twice in Arrow's.
const SCHEMA_COLUMN: u64 = 1500;
/// Memory of a row group and of each of its columns. Everything else keeps its stored size.
const GROUP: u64 = 200;
const GROUP_COLUMN: u64 = 1000;

/// Reads and decodes the footer with at most `most` bytes: a quarter for the stored footer, half for the decoded one. With
/// `with_bounds`, also the smallest and the largest key of each row group.
pub(super) fn read(file: &FileRanges, most: u64, with_bounds: bool) -> Result<ParquetMetaData, Fault> {
    let footer = stored(file, most / 4)?;
    let Weight { bytes, key } = weigh(&footer).ok_or(ParquetDamage::Footer)?;
    if bytes > most / 2 {
        return Err(Shortage::new(MemoryUse::DecodedFooter, bytes, most / 2).into());
    }
    let metadata = decode(&footer, key.filter(|_| with_bounds)).map_err(ParquetDamage::from)?;
    let claimed = metadata.row_groups().iter().try_fold(0i64, |sum, group| sum.checked_add(group.num_rows()));
    if claimed != Some(metadata.file_metadata().num_rows()) {
        return Err(FileDamage::RowGroups.into());
    }
    Ok(metadata)
}

/// The stored footer, of at most `most` bytes.
fn stored(file: &FileRanges, most: u64) -> Result<Bytes, Fault> {
    let size = file.size();
    let (start, tail) = file.tail()?;
    if tail.ends_with(b"PARE") {
        return Err(Feature::EncryptedFooter.into());
    }
    let Some((rest, [l0, l1, l2, l3, b'P', b'A', b'R', b'1'])) = tail.split_last_chunk::<8>() else {
        return Err(FileDamage::NotParquet.into());
    };
    let length = u64::from(u32::from_le_bytes([*l0, *l1, *l2, *l3]));
    if length > MOST_FOOTER || length > size - END {
        return Err(FileDamage::FooterTooLong.into());
    }
    if length > most {
        return Err(Shortage::new(MemoryUse::StoredFooter, length, most).into());
    }
    let from = size - END - length;
    if from < start {
        return file.read((from, size - END));
    }
    Ok(tail.slice(usize::try_from(from - start).unwrap_or(0)..rest.len()))
}

/// Decodes a footer without statistics, except those of the column at `stated`.
fn decode(footer: &[u8], stated: Option<usize>) -> Result<ParquetMetaData, ParquetError> {
    let none = ParquetStatisticsPolicy::SkipAll;
    let options = ParquetMetaDataOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::skip_except(stated.as_slice()))
        .with_encoding_stats_policy(none.clone())
        .with_size_stats_policy(none);
    ParquetMetaDataReader::decode_metadata_with_options(footer, Some(&options))
}

struct Weight {
    /// The memory for decoding the footer.
    bytes: u64,
    /// The place of the first column of keys among the columns with values.
    key: Option<usize>,
}

/// The memory for decoding a footer, `None` if it is damaged: the library allocates any length ("Parquet Format",
/// `FileMetaData`).
fn weigh(footer: &[u8]) -> Option<Weight> {
    let mut bytes = footer.len() as u64;
    let (mut leaves, mut key) = (0, None);
    Thrift { rest: footer }.fields(|file, id, kind| match (id, kind) {
        (2, LIST) => file.structures(|column| {
            bytes += SCHEMA_COLUMN;
            let (mut is_key, mut is_group) = (false, false);
            column.fields(|column, id, kind| {
                match (id, kind) {
                    (4, BINARY) => is_key = column.binary()? == KEY.as_bytes(),
                    (5, I32) => is_group = column.number()? > 0,
                    _ => column.skip(kind)?,
                }
                Some(())
            })?;
            if is_key && !is_group {
                key = key.or(Some(leaves));
            }
            leaves += usize::from(!is_group);
            Some(())
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
        // The writer's own texts, and the order of each column.
        (5 | 7, LIST) => file.structures(|entry| {
            bytes += GROUP;
            entry.fields(|entry, _, kind| entry.skip(kind))
        }),
        _ => file.skip(kind),
    })?;
    Some(Weight { bytes, key })
}
