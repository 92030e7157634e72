//! Reads one columnar data file in batches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;

use crate::batch::{Batch, BatchError};
use crate::error::{Damage, ReadError};
use crate::fault::{Fault, FileDamage};
use crate::key_classes::{KeyClasses, SharedClasses};
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
    /// What keys are asked for instead of themselves.
    classes: Option<SharedClasses>,
    batch: Option<RecordBatch>,
    /// Rows of all earlier batches.
    rows: u64,
}

enum Format {
    Parquet(Box<ParquetBatches>),
    Orc(Box<OrcBatches>),
}

/// What is read of every row.
pub struct WantedColumns<'a> {
    names: &'a [&'a str],
    key_classes: Option<Box<dyn KeyClasses>>,
}

impl<'a> WantedColumns<'a> {
    /// The columns with these names, which must include `bucket`; see [`FIELDS`](crate::FIELDS).
    pub fn named(names: &'a [&'a str]) -> Self {
        Self { names, key_classes: None }
    }

    /// Asks for the classes of keys instead of the keys. `key` must be among the columns. A row group, page or
    /// stripe whose keys all have one class, according to the bounds in the file's own statistics, is then read without its keys.
    #[must_use]
    pub fn with_key_classes(self, classes: Option<Box<dyn KeyClasses>>) -> Self {
        Self { key_classes: classes, ..self }
    }
}

impl BatchReader {
    /// Opens a Parquet file and finds the wanted columns.
    ///
    /// `file` is the file's name in errors. Every row must be about `source_bucket`.
    ///
    /// # Errors
    /// A damaged footer, a column that is missing or has the wrong type, too little memory, or the source's error.
    pub fn parquet(
        file: &str,
        source: Box<dyn ByteSource>,
        columns: WantedColumns<'_>,
        source_bucket: &str,
        memory: &ReadMemory,
    ) -> Result<Self, ReadError> {
        let ranges = FileRanges::new(source, memory.buffers.clone());
        let classes = columns.key_classes.map(SharedClasses::new);
        let open = || ParquetBatches::open(ranges, columns.names, classes.clone(), memory.clone());
        let format = catch(|| open().map(|batches| Format::Parquet(Box::new(batches))));
        Self::opened(file, source_bucket, format, classes)
    }

    /// Opens an ORC file. Arguments and errors are those of [`BatchReader::parquet`].
    pub fn orc(
        file: &str,
        source: Box<dyn ByteSource>,
        columns: WantedColumns<'_>,
        source_bucket: &str,
        memory: &ReadMemory,
    ) -> Result<Self, ReadError> {
        let ranges = FileRanges::new(source, memory.buffers.clone());
        let classes = columns.key_classes.map(SharedClasses::new);
        let open = || OrcBatches::open(ranges, columns.names, classes.clone(), memory.clone());
        let format = catch(|| open().map(|batches| Format::Orc(Box::new(batches))));
        Self::opened(file, source_bucket, format, classes)
    }

    fn opened(
        file: &str,
        source_bucket: &str,
        format: Result<Format, Fault>,
        classes: Option<SharedClasses>,
    ) -> Result<Self, ReadError> {
        let format = format.map_err(|fault| ReadError::of(file, fault))?;
        let (file, source_bucket) = (file.to_owned(), source_bucket.to_owned());
        Ok(Self { file, source_bucket, format, classes, batch: None, rows: 0 })
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
        let Self { file, source_bucket, format, classes, batch, rows } = self;
        let mut class = None;
        let next = catch(|| {
            let next = match format {
                Format::Parquet(batches) => batches.next()?.inspect(|_| class = batches.class()),
                Format::Orc(batches) => batches.next()?.inspect(|_| class = batches.class()),
            };
            match classes {
                Some(classes) => next.map(|rows| classes.replace(rows)).transpose(),
                None => Ok(next),
            }
        });
        *batch = next.map_err(|fault| ReadError::of(file, fault))?;
        let Some(batch) = batch else { return Ok(None) };
        let rows_before = *rows;
        *rows += batch.num_rows() as u64;
        match Batch::read(batch, source_bucket) {
            Ok(batch) => Ok(Some(batch.starting_at(rows_before).of_class(class))),
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
