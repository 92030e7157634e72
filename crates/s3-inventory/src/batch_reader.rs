//! Reads one columnar data file in batches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;

use crate::batch::{Batch, BatchError};
use crate::error::{Damage, ReadError};
use crate::fault::{Fault, FileDamage};
use crate::memory::ReadMemory;
use crate::orc::OrcBatches;
use crate::parquet::ParquetBatches;
use crate::ranges::FileRanges;
use crate::source::ByteSource;

/// Reads the rows of one Parquet or ORC data file in batches.
///
/// Reads only the footers and the wanted columns. After an error, no row of the file can be trusted. The file is valid only
/// when [`BatchReader::next_batch`] has returned `None`.
pub struct BatchReader {
    file: String,
    source_bucket: String,
    format: Format,
    batch: Option<RecordBatch>,
    /// Rows of all earlier batches.
    rows: u64,
}

enum Format {
    Parquet(Box<ParquetBatches>),
    Orc(Box<OrcBatches>),
}

impl BatchReader {
    /// Opens a Parquet file and finds the columns with these names; see [`FIELDS`](crate::FIELDS).
    ///
    /// `file` is the file's name in errors. The columns must include `bucket`, and every row must be about `source_bucket`.
    ///
    /// # Errors
    /// A damaged footer, a column that is missing or has the wrong type, too little memory, or the source's error.
    pub fn parquet(
        file: &str,
        source: Box<dyn ByteSource>,
        columns: &[&str],
        source_bucket: &str,
        memory: &ReadMemory,
    ) -> Result<Self, ReadError> {
        let ranges = FileRanges::new(source, memory.buffers.clone());
        let open = || ParquetBatches::open(ranges, columns, memory.clone());
        Self::open(file, source_bucket, || open().map(|batches| Format::Parquet(Box::new(batches))))
    }

    /// Opens an ORC file. Arguments and errors are those of [`BatchReader::parquet`].
    pub fn orc(
        file: &str,
        source: Box<dyn ByteSource>,
        columns: &[&str],
        source_bucket: &str,
        memory: &ReadMemory,
    ) -> Result<Self, ReadError> {
        let ranges = FileRanges::new(source, memory.buffers.clone());
        let open = || OrcBatches::open(ranges, columns, memory.clone());
        Self::open(file, source_bucket, || open().map(|batches| Format::Orc(Box::new(batches))))
    }

    fn open(file: &str, source_bucket: &str, open: impl FnOnce() -> Result<Format, Fault>) -> Result<Self, ReadError> {
        let format = catch(open).map_err(|fault| ReadError::of(file, fault))?;
        let (file, source_bucket) = (file.to_owned(), source_bucket.to_owned());
        Ok(Self { file, source_bucket, format, batch: None, rows: 0 })
    }

    /// The number of rows in the file, as its footer claims.
    pub fn claimed_rows(&self) -> u64 {
        match &self.format {
            Format::Parquet(batches) => batches.claimed_rows(),
            Format::Orc(batches) => batches.claimed_rows(),
        }
    }

    /// The next rows, checked; `None` when all rows were returned and the file is valid.
    ///
    /// # Errors
    /// A refused row, a damaged file, too little memory, or the source's error.
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

/// The library panics on some damage.
fn catch<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(FileDamage::GivenUp.into()))
}
