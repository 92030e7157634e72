//! The rows of one columnar data file, some thousands at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::RecordBatch;

use crate::batch::{Batch, BatchError};
use crate::error::{Damage, ReadError};
use crate::fault::{Fault, FileDamage};
use crate::memory::ReadMemory;
use crate::orc::OrcBatches;
use crate::parquet::ParquetBatches;
use crate::ranges::FileRanges;
use crate::source::ByteSource;

/// Reads the rows of one Parquet or ORC data file, from the first to the last.
///
/// Only the footers and the columns that are asked for are read. After an error, no row of the file can be trusted; there is
/// no damage only when [`BatchReader::next_batch`] has returned `None`.
pub struct BatchReader {
    file: String,
    source_bucket: String,
    format: Format,
    batch: Option<RecordBatch>,
    /// Rows of all batches so far.
    rows: u64,
}

enum Format {
    Parquet(Box<ParquetBatches>),
    Orc(Box<OrcBatches>),
}

impl BatchReader {
    /// Opens a Parquet file and finds the columns that have these names, such as `bucket` and `size`; see [`FIELDS`].
    ///
    /// `file` names the file in errors. `bucket` is among the columns, and every row must be about `source_bucket`.
    ///
    /// [`FIELDS`]: crate::FIELDS
    ///
    /// # Errors
    /// A damaged footer, a column that is missing or of another type, too little memory, or the source's error.
    pub fn parquet(
        file: &str,
        source: Box<dyn ByteSource>,
        columns: &[&str],
        source_bucket: &str,
        memory: &ReadMemory,
    ) -> Result<Self, ReadError> {
        Self::open(file, source_bucket, || {
            let ranges = FileRanges::new(source, memory.buffers.clone());
            ParquetBatches::open(ranges, columns, memory.clone()).map(|batches| Format::Parquet(Box::new(batches)))
        })
    }

    /// Opens an ORC file, as [`BatchReader::parquet`] does.
    ///
    /// # Errors
    /// As [`BatchReader::parquet`].
    pub fn orc(
        file: &str,
        source: Box<dyn ByteSource>,
        columns: &[&str],
        source_bucket: &str,
        memory: &ReadMemory,
    ) -> Result<Self, ReadError> {
        Self::open(file, source_bucket, || {
            let ranges = FileRanges::new(source, memory.buffers.clone());
            OrcBatches::open(ranges, columns, memory.clone()).map(|batches| Format::Orc(Box::new(batches)))
        })
    }

    fn open(file: &str, source_bucket: &str, open: impl FnOnce() -> Result<Format, Fault>) -> Result<Self, ReadError> {
        let format = catch(open).map_err(|fault| ReadError::of(file, fault))?;
        let (file, source_bucket) = (file.to_owned(), source_bucket.to_owned());
        Ok(Self { file, source_bucket, format, batch: None, rows: 0 })
    }

    /// The next rows, checked; `None` when all rows of the file were returned and nothing in it is damaged.
    ///
    /// # Errors
    /// A row that is refused, a damaged file, too little memory, or the source's error.
    pub fn next_batch(&mut self) -> Result<Option<Batch<'_>>, ReadError> {
        let Self { file, source_bucket, format, batch, rows } = self;
        let next = catch(|| match format {
            Format::Parquet(batches) => batches.next(),
            Format::Orc(batches) => batches.next(),
        });
        *batch = next.map_err(|fault| ReadError::of(file, fault))?;
        let Some(batch) = batch else { return Ok(None) };
        let rows_before = *rows;
        *rows += batch.num_rows() as u64;
        match Batch::read(batch, source_bucket) {
            Ok(batch) => Ok(Some(batch.starting_at(rows_before))),
            Err(BatchError::Column(error)) => Err(Damage::of_file(file, None, error).into()),
            Err(BatchError::Row { row, error }) => {
                Err(Damage::of_file(file, Some(rows_before + row as u64 + 1), error).into())
            }
        }
    }
}

/// Damage that makes the library panic is damage too.
fn catch<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(FileDamage::GivenUp.into()))
}
