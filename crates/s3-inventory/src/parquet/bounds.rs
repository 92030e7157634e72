//! The smallest and the largest text of a column chunk or page, as the file states them ("Parquet Format", `Statistics`,
//! `ColumnIndex`). Long texts are cut off there, and what is stated is then smaller or larger than all texts.

use bytes::Bytes;
use parquet::basic::{ColumnOrder, SortOrder};
use parquet::file::metadata::{ColumnChunkMetaData, FileMetaData};
use parquet::file::statistics::Statistics;

use super::thrift::{BINARY, FALSE, I64, LIST, STRUCT, TRUE, Thrift};
use crate::fault::Fault;
use crate::ranges::FileRanges;

/// The longest index of pages that is read; it has some 150 bytes for each page.
const MOST_INDEX: u64 = 1 << 20;

/// Whether the bounds of a column are in the order of bytes. Old writers compared bytes as numbers with a sign.
pub(super) fn are_ordered(file: &FileMetaData, leaf: usize) -> bool {
    matches!(file.column_order(leaf), ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::UNSIGNED))
}

/// The bounds of a column chunk without NULLs.
pub(super) fn of_chunk(chunk: &ColumnChunkMetaData) -> Option<(&[u8], &[u8])> {
    let stated = chunk.statistics().filter(|stated| matches!(stated, Statistics::ByteArray(_)))?;
    let has_no_nulls = chunk.column_descr().max_def_level() == 0 || stated.null_count_opt() == Some(0);
    if stated.is_min_max_deprecated() || !has_no_nulls {
        return None;
    }
    Some((stated.min_bytes_opt()?, stated.max_bytes_opt()?))
}

/// What the header of a page, or the index of pages, states.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Bounds<T> {
    smallest: Option<T>,
    largest: Option<T>,
    nulls: Option<u64>,
}

impl<T: AsRef<[u8]>> Bounds<T> {
    /// Both, if no row is NULL.
    pub(super) fn without_nulls(&self, is_optional: bool) -> Option<(&[u8], &[u8])> {
        let has_nulls = is_optional && self.nulls != Some(0);
        Some((self.smallest.as_ref()?.as_ref(), self.largest.as_ref()?.as_ref())).filter(|_| !has_nulls)
    }
}

/// The bounds in a page's header, if it has them.
pub(super) fn of_header(header: &[u8]) -> Option<Bounds<&[u8]>> {
    let mut bounds = Bounds::default();
    Thrift { rest: header }.fields(|header, version, kind| match (version, kind) {
        // Headers of data pages of the first and of the second version have their statistics in the field of the same number.
        (5 | 8, STRUCT) => header.fields(|header, id, kind| match (id, kind) {
            (id, STRUCT) if id == version => header.fields(|header, id, kind| {
                match (id, kind) {
                    (3, I64) => bounds.nulls = Some(header.count()?),
                    (5, BINARY) => bounds.largest = Some(header.binary()?),
                    (6, BINARY) => bounds.smallest = Some(header.binary()?),
                    (_, kind) => header.skip(kind)?,
                }
                Some(())
            }),
            _ => header.skip(kind),
        }),
        _ => header.skip(kind),
    })?;
    Some(bounds)
}

/// The bounds of all data pages of a column chunk, in their order; empty if the file has no index of them.
pub(super) fn of_pages(file: &FileRanges, chunk: &ColumnChunkMetaData) -> Result<Vec<Bounds<Bytes>>, Fault> {
    let place = || {
        let from = u64::try_from(chunk.column_index_offset()?).ok()?;
        let length = u64::try_from(chunk.column_index_length()?).ok().filter(|length| *length <= MOST_INDEX)?;
        Some((from, from.checked_add(length)?))
    };
    let Some(place) = place() else { return Ok(Vec::new()) };
    let index = file.read(place)?;
    Ok(index_of(&index).unwrap_or_default())
}

fn index_of(index: &Bytes) -> Option<Vec<Bounds<Bytes>>> {
    let (mut are_null, mut smallest, mut largest, mut nulls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    Thrift { rest: index }.fields(|lists, id, kind| match (id, kind) {
        (1, LIST) => lists.elements(&mut are_null, &[TRUE, FALSE], |list| Some(list.byte()? == TRUE)),
        (2, LIST) => lists.elements(&mut smallest, &[BINARY], |list| Some(index.slice_ref(list.binary()?))),
        (3, LIST) => lists.elements(&mut largest, &[BINARY], |list| Some(index.slice_ref(list.binary()?))),
        (5, LIST) => lists.elements(&mut nulls, &[I64], Thrift::count),
        _ => lists.skip(kind),
    })?;
    let pages = are_null.len();
    let has_all = smallest.len() == pages && largest.len() == pages && (nulls.is_empty() || nulls.len() == pages);
    let stated = are_null.into_iter().zip(smallest.into_iter().zip(largest)).enumerate();
    let bounds = stated.map(|(at, (is_null, (smallest, largest)))| match is_null {
        true => Bounds::default(),
        false => Bounds { smallest: Some(smallest), largest: Some(largest), nulls: nulls.get(at).copied() },
    });
    has_all.then(|| bounds.collect())
}
