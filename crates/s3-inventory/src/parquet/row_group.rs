//! One row group of a Parquet file: how many rows are decoded at once, and by which decoder.
//!
//! [`super::numbers`] decodes plain numbers, and the library everything else. Each batch has the columns of both.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, RowGroups, RowSelection, RowSelector,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Type;
use parquet::file::metadata::ColumnChunkMetaData;

use super::decode_memory::{BATCHES, DecodeBudget, Decoder};
use super::error::ParquetDamage;
use super::library::{LibraryColumn, LibraryColumns};
use super::numbers::{self, NumberColumn};
use super::pages::{Pages, to_usize};
use crate::fault::Fault;
use crate::ranges::{FileRanges, Span};

#[derive(Debug, Clone, Copy)]
pub(super) struct WantedChunk {
    pub(super) leaf: usize,
    pub(super) range: Span,
}

fn decoder(chunk: &ColumnChunkMetaData) -> Decoder {
    match chunk.column_type() {
        _ if numbers::is_plain(chunk) => Decoder::Own,
        Type::BYTE_ARRAY => Decoder::LibraryTexts,
        _ => Decoder::LibraryNumbers,
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
    reader: ParquetRecordBatchReader,
    library: Vec<LibraryColumn>,
    own: Vec<(NumberColumn, FieldRef)>,
    arrow: ArrowReaderMetadata,
    /// The schema of all columns, known from the first batch of the library.
    schema: Option<SchemaRef>,
}

impl RowGroup {
    /// Batches of at most `BATCHES[batch]` rows.
    pub(super) fn batches(self, batch: usize) -> RowGroupBatches {
        RowGroupBatches { group: self, batch, taken: 0, opened: None }
    }

    fn open(&self, file: &FileRanges, batch: usize, taken: u64) -> Result<OpenRowGroup, Fault> {
        let Self { arrow, at, columns, most } = self;
        let row_group = arrow.metadata().row_group(*at);
        let budget = DecodeBudget::new(*most, batch, columns.len());
        let (mut own, mut library) = (Vec::new(), Vec::new());
        let ranges: Vec<Span> = columns.iter().map(|column| column.range).collect();
        let streams = file.streams(&ranges)?;
        for (number, (column, stream)) in columns.iter().zip(streams).enumerate() {
            let chunk = row_group.column(column.leaf);
            let decoder = decoder(chunk);
            let pages = Pages::new(stream, column.range, decoder, &budget, number);
            if decoder == Decoder::Own {
                let field = arrow.schema().field_with_name(chunk.column_descr().name());
                let field = Arc::new(field.map_err(ParquetDamage::from)?.clone());
                let mut numbers = NumberColumn::new(pages, chunk, field.data_type(), file.buffer());
                skip(&mut numbers, taken).map_err(|fault| fault.in_column(field.name()))?;
                own.push((numbers, field));
            } else {
                library.push(LibraryColumn::new(column.leaf, pages));
            }
        }
        let mask = ProjectionMask::leaves(arrow.parquet_schema(), library.iter().map(|column| column.leaf));
        let levels = parquet_to_arrow_field_levels(arrow.parquet_schema(), mask, Some(arrow.schema().fields()));
        let of = LibraryColumns { metadata: arrow.metadata(), at: *at, size: file.size(), columns: &library };
        // One row too many, so that a column that has it is detected.
        let rest = (of.num_rows() + 1).saturating_sub(to_usize(taken)?);
        let selection = vec![RowSelector::skip(to_usize(taken)?), RowSelector::select(rest)];
        let selection = (taken > 0).then(|| RowSelection::from(selection));
        let levels = levels.map_err(ParquetDamage::from)?;
        let rows = to_usize(BATCHES[batch])?;
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &of, rows, selection);
        let reader = reader.map_err(|error| fault_of(&library, arrow, ParquetDamage::from(error)))?;
        Ok(OpenRowGroup { reader, library, own, arrow: arrow.clone(), schema: None })
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

fn skip(numbers: &mut NumberColumn, rows: u64) -> Result<(), Fault> {
    let mut left = rows;
    while left > 0 {
        let now = left.min(BATCHES[0]);
        numbers.take(to_usize(now)?)?;
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
        let finish = |(numbers, field): (NumberColumn, FieldRef)| {
            numbers.finish().map_err(|fault| fault.in_column(field.name()))
        };
        self.opened.into_iter().flat_map(|opened| opened.own).try_for_each(finish)?;
        Ok(self.batch)
    }
}

impl OpenRowGroup {
    fn next(&mut self) -> Result<Option<RecordBatch>, Fault> {
        let batch = self.reader.next().transpose();
        let batch = batch.map_err(|error| fault_of(&self.library, &self.arrow, error.into()))?;
        let Some(batch) = batch else { return Ok(None) };
        if self.own.is_empty() {
            return Ok(Some(batch));
        }
        let schema = self.schema.get_or_insert_with(|| {
            let own = self.own.iter().map(|(_, field)| Arc::clone(field));
            Arc::new(Schema::new(batch.schema().fields().iter().cloned().chain(own).collect::<Vec<_>>()))
        });
        let rows = batch.num_rows();
        let (_, mut columns, _) = batch.into_parts();
        for (numbers, field) in &mut self.own {
            columns.push(numbers.take(rows).map_err(|fault| fault.in_column(field.name()))?);
        }
        Ok(Some(RecordBatch::try_new(Arc::clone(schema), columns).map_err(ParquetDamage::from)?))
    }
}
