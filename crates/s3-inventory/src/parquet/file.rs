//! One Parquet file: its footer, then the wanted columns of each row group.
//!
//! Sizes in the file are checked before memory is allocated for them.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use super::bounds;
use super::error::ParquetDamage;
use super::footer;
use super::row_group::{RowGroup, RowGroupBatches, WantedChunk};
use crate::fault::{Fault, Feature, FileDamage};
use crate::field::{FIELDS, FieldKind};
use crate::key_classes::{KEY, SharedClasses};
use crate::memory::{ReadMemory, Reservation};
use crate::ranges::{FileRanges, Span};

/// The rows of a Parquet file, from the first to the last.
pub(crate) struct ParquetBatches {
    file: FileRanges,
    memory: ReadMemory,
    arrow: ArrowReaderMetadata,
    mask: ProjectionMask,
    /// Index of the next row group.
    next_group: usize,
    group: Option<OpenGroup>,
    /// What keys are asked for instead of themselves.
    classes: Option<SharedClasses>,
    /// How many rows are decoded at once. If one row group has long texts, the next one probably has too.
    batch: usize,
}

struct OpenGroup {
    batches: RowGroupBatches,
    /// The class of every key, if it is known without reading the keys.
    class: Option<u32>,
    /// Released when the row group is done.
    _reserved: Option<Reservation>,
}

impl ParquetBatches {
    /// Reads the footer, and finds the columns with these names.
    pub(crate) fn open(
        file: FileRanges,
        wanted: &[&str],
        classes: Option<SharedClasses>,
        memory: ReadMemory,
    ) -> Result<Self, Fault> {
        let metadata = Arc::new(footer::read(&file, memory.footer, classes.is_some())?);
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let arrow = ArrowReaderMetadata::try_new(metadata, options).map_err(ParquetDamage::from)?;
        let fields = arrow.schema().fields();
        let roots: Vec<usize> = (0..fields.len()).filter(|at| wanted.contains(&fields[*at].name().as_str())).collect();
        if let Some(field) = roots.iter().map(|at| &fields[*at]).find(|field| !is_understood(field)) {
            let (column, found) = (field.name().clone(), field.data_type().to_string());
            return Err(FileDamage::ColumnType { column, found }.into());
        }
        if let Some(name) = wanted.iter().find(|name| arrow.schema().field_with_name(name).is_err()) {
            return Err(FileDamage::MissingColumn((*name).to_owned()).into());
        }
        if let Some(name) = wanted.iter().find(|name| fields.iter().filter(|field| field.name() == **name).count() > 1)
        {
            return Err(FileDamage::ColumnTwice((*name).to_owned()).into());
        }
        let mask = ProjectionMask::roots(arrow.parquet_schema(), roots);
        Ok(Self { file, memory, arrow, mask, next_group: 0, group: None, classes, batch: 0 })
    }

    pub(crate) fn claimed_rows(&self) -> u64 {
        let groups = self.arrow.metadata().row_groups().iter();
        groups.fold(0, |rows, group| rows.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0)))
    }

    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, Fault> {
        loop {
            if let Some(group) = &mut self.group {
                let at = self.next_group - 1;
                let in_group = |fault: Fault| fault.in_group(|| format!("row group {at}"));
                if let Some(rows) = group.batches.next(&self.file).map_err(in_group)? {
                    return Ok(Some(rows));
                }
                if let Some(group) = self.group.take() {
                    let found = group.batches.rows();
                    self.batch = group.batches.finish().map_err(in_group)?;
                    let claimed = self.arrow.metadata().row_group(at).num_rows();
                    if u64::try_from(claimed) != Ok(found) {
                        return Err(FileDamage::RowGroupRows { at, found, claimed }.into());
                    }
                }
            }
            if self.next_group == self.arrow.metadata().num_row_groups() {
                return Ok(None);
            }
            self.group = Some(self.open_group(self.next_group)?);
            self.next_group += 1;
        }
    }

    /// The class of every key of the rows that were returned last, if it was known without reading them.
    pub(crate) fn class(&self) -> Option<u32> {
        self.group.as_ref()?.class
    }

    fn open_group(&self, at: usize) -> Result<OpenGroup, Fault> {
        let group = self.arrow.metadata().row_group(at);
        let key = (0..group.num_columns()).find(|leaf| group.column(*leaf).column_descr().name() == KEY);
        let class = key.and_then(|leaf| self.class_of_all(group, leaf));
        let leaves = (0..group.num_columns()).filter(|leaf| self.mask.leaf_included(*leaf));
        let leaves = leaves.filter(|leaf| class.is_none() || key != Some(*leaf));
        let columns = leaves.map(|leaf| Some(WantedChunk { leaf, range: range(group.column(leaf))? }));
        let columns: Vec<WantedChunk> = columns.collect::<Option<_>>().ok_or(FileDamage::RowGroupOutside(at))?;
        if let Some(codec) = columns.iter().find_map(|column| unsupported(group.column(column.leaf).compression())) {
            return Err(Feature::ParquetCodec(codec).into());
        }
        let ranges: Vec<Span> = columns.iter().map(|column| column.range).collect();
        let reserved = self.file.reserve(&ranges, 0, &self.memory.stored)?;
        let group = RowGroup {
            arrow: self.arrow.clone(),
            at,
            columns,
            most: self.memory.decoded,
            classes: self.classes.clone(),
        };
        Ok(OpenGroup { batches: group.batches(self.batch), class, _reserved: reserved })
    }

    /// The class of every key of a row group, if the bounds of its keys say it.
    fn class_of_all(&self, group: &RowGroupMetaData, leaf: usize) -> Option<u32> {
        let classes = self.classes.as_ref()?;
        let are_ordered = || bounds::are_ordered(self.arrow.metadata().file_metadata(), leaf);
        let (smallest, largest) =
            bounds::of_chunk(group.column(leaf)).filter(|_| self.mask.leaf_included(leaf) && are_ordered())?;
        classes.lock().class_between(smallest, largest)
    }
}

/// Whether a column has a type that reports use. Other types are refused before they are decoded. Unknown columns may have any
/// type without nesting.
fn is_understood(column: &Field) -> bool {
    let kind = column.data_type();
    let known = FIELDS.iter().find(|field| field.name == column.name()).map(|field| field.kind);
    if matches!(known, None | Some(FieldKind::NumberOrText | FieldKind::TimeOrText)) {
        return !kind.is_nested();
    }
    matches!(kind, DataType::Utf8 | DataType::Binary | DataType::Boolean | DataType::Int64 | DataType::Timestamp(..))
}

/// The name of a valid codec that is not supported.
fn unsupported(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => None,
        Compression::LZO => Some("LZO"),
        Compression::BROTLI(_) => Some("BROTLI"),
        Compression::LZ4 => Some("LZ4"),
        Compression::LZ4_RAW => Some("LZ4_RAW"),
    }
}

/// The place of a column chunk; `None` if it is negative or overflows.
fn range(chunk: &ColumnChunkMetaData) -> Option<Span> {
    // The start that the library uses: it must not decode pages that were not checked.
    let start = u64::try_from(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset())).ok()?;
    let length = u64::try_from(chunk.compressed_size()).ok()?;
    Some((start, start.checked_add(length)?))
}
