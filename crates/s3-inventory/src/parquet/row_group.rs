//! One row group of a Parquet file: how many rows are decoded at once, and by which decoder.
//!
//! [`super::column`] decodes most columns, and the library all others. Each batch has the columns of both.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Fields, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, RowGroups, RowSelection, RowSelector,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Type;
use parquet::file::metadata::ColumnChunkMetaData;

use super::bounds;
use super::column::{self, OwnColumn, OwnKind};
use super::decode_memory::{BATCHES, DecodeBudget, Decoder};
use super::error::ParquetDamage;
use super::library::{LibraryColumn, LibraryColumns};
use super::pages::{Pages, to_usize};
use crate::fault::Fault;
use crate::key_classes::SharedClasses;
use crate::ranges::{FileRanges, Span};

#[derive(Debug, Clone, Copy)]
pub(super) struct WantedChunk {
    pub(super) leaf: usize,
    pub(super) range: Span,
}

fn decoder(chunk: &ColumnChunkMetaData, own: Option<&OwnKind>) -> Decoder {
    match (own, chunk.column_type()) {
        (Some(OwnKind::Words), _) => Decoder::OwnTexts,
        (Some(OwnKind::Classes(_)), _) => Decoder::OwnClasses,
        (Some(OwnKind::Numbers), _) => Decoder::OwnNumbers,
        (Some(OwnKind::Flags), _) => Decoder::OwnFlags,
        (None, Type::BYTE_ARRAY) => Decoder::LibraryTexts,
        (None, _) => Decoder::LibraryNumbers,
    }
}

/// A row group and its wanted columns.
pub(super) struct RowGroup {
    pub(super) arrow: ArrowReaderMetadata,
    /// Its index in the file.
    pub(super) at: usize,
    pub(super) columns: Vec<WantedChunk>,
    /// The memory limit for decoding, in bytes.
    pub(super) most: u64,
    /// What keys are asked for instead of themselves.
    pub(super) classes: Option<SharedClasses>,
}

/// The batches of a row group. If a page shows that a batch takes too much memory, the row group is opened again for fewer rows
/// at once, after the rows that were taken.
pub(super) struct RowGroupBatches {
    group: RowGroup,
    /// `BATCHES[batch]` rows are decoded at once.
    batch: usize,
    /// Rows taken so far.
    taken: u64,
    /// `None` before the first batch, and before it is opened again: its memory is released first.
    opened: Option<OpenRowGroup>,
}

struct OpenRowGroup {
    /// `None` if this crate decodes all columns.
    reader: Option<ParquetRecordBatchReader>,
    library: Vec<LibraryColumn>,
    own: Vec<(OwnColumn, FieldRef)>,
    arrow: ArrowReaderMetadata,
    /// Rows at once, and rows that were not taken yet.
    batch: usize,
    rows: usize,
    /// The schema of all columns, known from the first batch of the library.
    schema: Option<SchemaRef>,
}

impl RowGroup {
    /// Batches of at most `BATCHES[batch]` rows.
    pub(super) fn batches(self, batch: usize) -> RowGroupBatches {
        RowGroupBatches { group: self, batch, taken: 0, opened: None }
    }

    fn open(&self, file: &FileRanges, batch: usize, taken: u64) -> Result<OpenRowGroup, Fault> {
        let Self { arrow, at, columns, most, classes } = self;
        let row_group = arrow.metadata().row_group(*at);
        let budget = DecodeBudget::new(*most, batch, columns.len());
        let (mut own, mut library) = (Vec::new(), Vec::new());
        let ranges: Vec<Span> = columns.iter().map(|column| column.range).collect();
        let streams = file.streams(&ranges)?;
        for (number, (place, stream)) in columns.iter().zip(streams).enumerate() {
            let chunk = row_group.column(place.leaf);
            let own_kind = column::kind(chunk, arrow.schema(), classes.as_ref());
            let decoder = decoder(chunk, own_kind.as_ref().map(|(kind, _)| kind));
            let pages = Pages::new(stream, place.range, decoder, &budget, number);
            if let Some((kind, field)) = own_kind {
                let open = || {
                    let page = file.buffer();
                    let values = column::values(&kind, field.data_type(), &page);
                    let mut column = OwnColumn::new(pages, chunk, values, page)?;
                    let file_metadata = arrow.metadata().file_metadata();
                    if matches!(kind, OwnKind::Classes(_)) && bounds::are_ordered(file_metadata, place.leaf) {
                        column = column.with_bounds(bounds::of_pages(file, chunk)?.into_iter());
                    }
                    skip(&mut column, taken)?;
                    Ok(column)
                };
                own.push((open().map_err(|fault: Fault| fault.in_column(field.name()))?, field));
            } else {
                library.push(LibraryColumn::new(place.leaf, pages));
            }
        }
        let batch = to_usize(BATCHES[batch])?;
        let of = LibraryColumns { metadata: arrow.metadata(), at: *at, columns: &library };
        let rows = of.num_rows().saturating_sub(to_usize(taken)?);
        let reader = (!library.is_empty()).then(|| {
            let mask = ProjectionMask::leaves(arrow.parquet_schema(), library.iter().map(|column| column.leaf));
            let levels = parquet_to_arrow_field_levels(arrow.parquet_schema(), mask, Some(arrow.schema().fields()));
            // One row too many, so that a column that has it is detected.
            let selection = vec![RowSelector::skip(to_usize(taken)?), RowSelector::select(rows + 1)];
            let selection = (taken > 0).then(|| RowSelection::from(selection));
            let levels = levels.map_err(ParquetDamage::from)?;
            let reader = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &of, batch, selection);
            reader.map_err(|error| fault_of(&library, arrow, ParquetDamage::from(error)))
        });
        let reader = reader.transpose()?;
        Ok(OpenRowGroup { reader, library, own, arrow: arrow.clone(), batch, rows, schema: None })
    }
}

/// The fault of a column, or else the library's `error`.
fn fault_of(columns: &[LibraryColumn], arrow: &ArrowReaderMetadata, error: ParquetDamage) -> Fault {
    let fault = columns.iter().find_map(|column| {
        let name = arrow.parquet_schema().column(column.leaf);
        Some(column.fault()?.in_column(name.name()))
    });
    fault.unwrap_or_else(|| error.into())
}

fn skip(column: &mut OwnColumn, rows: u64) -> Result<(), Fault> {
    let mut left = rows;
    while left > 0 {
        let now = left.min(BATCHES[0]);
        column.take(to_usize(now)?)?;
        left -= now;
    }
    Ok(())
}

impl RowGroupBatches {
    pub(super) fn next(&mut self, file: &FileRanges) -> Result<Option<RecordBatch>, Fault> {
        loop {
            let opened = match &mut self.opened {
                Some(opened) => Ok(opened),
                none => self.group.open(file, self.batch, self.taken).map(|opened| none.insert(opened)),
            };
            let fault = match opened.and_then(OpenRowGroup::next) {
                Ok(batch) => {
                    self.taken += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
                    return Ok(batch);
                }
                Err(fault) => fault,
            };
            if !fault.is_shortage() || self.batch + 1 == BATCHES.len() {
                return Err(fault);
            }
            self.batch += 1;
            self.opened = None;
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.taken
    }

    /// How many columns are decoded here.
    #[cfg(test)]
    pub(super) fn own_columns(&self) -> usize {
        self.opened.as_ref().map_or(0, |opened| opened.own.len())
    }

    /// After the last batch: checks the ends of the columns, and returns the index in [`BATCHES`] that was used.
    pub(super) fn finish(self) -> Result<usize, Fault> {
        let finish =
            |(column, field): (OwnColumn, FieldRef)| column.finish().map_err(|fault| fault.in_column(field.name()));
        self.opened.into_iter().flat_map(|opened| opened.own).try_for_each(finish)?;
        Ok(self.batch)
    }
}

impl OpenRowGroup {
    fn next(&mut self) -> Result<Option<RecordBatch>, Fault> {
        let (rows, fields, mut columns) = match &mut self.reader {
            None => (self.batch.min(self.rows), Fields::empty(), Vec::new()),
            Some(reader) => {
                let batch = reader.next().transpose();
                let batch = batch.map_err(|error| fault_of(&self.library, &self.arrow, error.into()))?;
                let Some(batch) = batch else { return Ok(None) };
                let (schema, columns, rows) = batch.into_parts();
                (rows, schema.fields().clone(), columns)
            }
        };
        if rows == 0 {
            return Ok(None);
        }
        let schema = self.schema.get_or_insert_with(|| {
            let own = self.own.iter().map(|(_, field)| Arc::clone(field));
            Arc::new(Schema::new(fields.iter().cloned().chain(own).collect::<Vec<_>>()))
        });
        for (column, field) in &mut self.own {
            columns.push(column.take(rows).map_err(|fault| fault.in_column(field.name()))?);
        }
        self.rows = self.rows.saturating_sub(rows);
        Ok(Some(RecordBatch::try_new(Arc::clone(schema), columns).map_err(ParquetDamage::from)?))
    }
}
