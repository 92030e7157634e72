//! Checks batches of rows from columnar reports.
//!
//! Keys are not encoded here, and empty cells are NULL ("Amazon S3 Inventory list" in the S3 User Guide). Types that other
//! writers use for the same values are accepted too.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, UInt32Array};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use jiff::Timestamp;

use crate::arrays::{TextArray, TimeArray, moment, number_of, other_type};
use crate::cell::{RowError, word};
use crate::damage::ColumnError;
use crate::key_classes::{BatchClasses, KEY};
use crate::text::quoted;

/// Rows decoded at once: as many as fit in the fastest caches.
pub(crate) const BATCH_ROWS: usize = 8192;

/// Why a batch is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// A column is missing or of another type.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// A row is refused.
    #[error("{error}")]
    Row {
        /// Index in the batch.
        row: usize,
        /// The reason.
        error: RowError,
    },
}

/// Checked rows of a columnar data file.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The number of rows.
    pub rows: usize,
    /// Rows of the file before this batch.
    rows_before: u64,
    all: &'a RecordBatch,
    bucket: TextArray<'a>,
    key: Option<TextArray<'a>>,
    /// The classes of keys, if they were asked for instead of the keys, and the class of all of them, if keys were not read.
    key_classes: Option<&'a UInt32Array>,
    key_class: Option<u32>,
    is_latest: Option<&'a BooleanArray>,
    is_delete_marker: Option<&'a BooleanArray>,
    size: Option<&'a Int64Array>,
    last_modified: Option<TimeArray>,
    replication_status: Option<TextArray<'a>>,
    storage_class: Option<TextArray<'a>>,
    encryption_status: Option<TextArray<'a>>,
    e_tag: Option<TextArray<'a>>,
    version_id: Option<TextArray<'a>>,
}

impl<'a> Batch<'a> {
    /// Finds the known columns by name and checks every row.
    ///
    /// A row is refused if it is about another bucket than `source_bucket`, if a required cell is NULL (IsLatest,
    /// IsDeleteMarker, Key, and Size of an object), or if a delete marker has a value that only objects have. [`Batch::words`]
    /// checks the words of the replication status.
    ///
    /// # Errors
    /// A column has the wrong type, the bucket is missing, or a row is refused.
    pub fn read(rows: &'a RecordBatch, source_bucket: &str) -> Result<Self, BatchError> {
        let batch = Self::of(rows)?;
        let checked = batch.check_bucket(source_bucket).and_then(|()| batch.check());
        checked.map_err(|(row, error)| BatchError::Row { row, error })?;
        Ok(batch)
    }

    fn of(rows: &'a RecordBatch) -> Result<Self, ColumnError> {
        let column = |name: &str| rows.column_by_name(name);
        let texts =
            |name| column(name).map(|array| TextArray::of(array).ok_or_else(|| other_type(name, array, "text")));
        let flags =
            |name| column(name).map(|array| array.as_boolean_opt().ok_or_else(|| other_type(name, array, "booleans")));
        let size = column("size").map(|array| {
            array.as_primitive_opt::<Int64Type>().ok_or_else(|| other_type("size", array, "64-bit integers"))
        });
        let modified = column("last_modified_date")
            .map(|array| TimeArray::of(array).ok_or_else(|| other_type("last_modified_date", array, "times")));
        let key_classes = column(KEY).and_then(|array| array.as_primitive_opt::<UInt32Type>());
        Ok(Self {
            rows: rows.num_rows(),
            rows_before: 0,
            all: rows,
            bucket: texts("bucket").ok_or(ColumnError::NoBucket)??,
            key: if key_classes.is_some() { None } else { texts(KEY).transpose()? },
            key_classes,
            key_class: None,
            is_latest: flags("is_latest").transpose()?,
            is_delete_marker: flags("is_delete_marker").transpose()?,
            size: size.transpose()?,
            last_modified: modified.transpose()?,
            replication_status: texts("replication_status").transpose()?,
            storage_class: texts("storage_class").transpose()?,
            encryption_status: texts("encryption_status").transpose()?,
            e_tag: texts("e_tag").transpose()?,
            version_id: texts("version_id").transpose()?,
        })
    }

    /// Returns the first row of another bucket as an error.
    fn check_bucket(&self, source_bucket: &str) -> Result<(), (usize, RowError)> {
        let wanted = source_bucket.as_bytes();
        if self.bucket.all_are(wanted) {
            return Ok(());
        }
        match (0..self.rows).find(|row| self.bucket.at(*row) != Some(wanted)) {
            None => Ok(()),
            Some(row) => {
                let found = quoted(self.bucket.at(row).unwrap_or_default());
                Err((row, RowError::OtherBucket(found, quoted(wanted))))
            }
        }
    }

    /// Returns a row as an error if a required cell is NULL, or if it is a delete marker with a value that only objects have.
    fn check(&self) -> Result<(), (usize, RowError)> {
        let flags = [("IsLatest", self.is_latest), ("IsDeleteMarker", self.is_delete_marker)];
        for (name, flags) in flags.into_iter().filter_map(|(name, flags)| Some((name, flags?))) {
            if let Some(row) = flags.nulls().filter(|nulls| nulls.null_count() > 0).and_then(first_null) {
                return Err((row, null(name, "boolean")));
            }
        }
        let no_class = || self.key_classes.and_then(|classes| classes.nulls()).and_then(first_null);
        if let Some(row) = self.key.as_ref().and_then(TextArray::first_null).or_else(no_class) {
            return Err((row, null("Key", "key")));
        }
        self.check_markers()?;
        let Some(sizes) = self.size else { return Ok(()) };
        let known = |row: usize| self.is_delete_marker(row) || (sizes.is_valid(row) && sizes.value(row) >= 0);
        // First all rows at once, which is faster than row by row.
        let negative = sizes.values().iter().fold(0, |bits, size| bits | size) < 0;
        let named = match (sizes.nulls(), self.is_delete_marker) {
            (None, _) => true,
            (Some(nulls), None) => nulls.null_count() == 0,
            (Some(nulls), Some(markers)) => (nulls.inner() | markers.values()).count_set_bits() == self.rows,
        };
        if named && !negative {
            return Ok(());
        }
        let Some(row) = (0..self.rows).find(|row| !known(*row)) else { return Ok(()) };
        let kind = "size";
        let cell =
            sizes.is_valid(row).then(|| RowError::Cell { column: "Size", cell: sizes.value(row).to_string(), kind });
        Err((row, cell.unwrap_or_else(|| null("Size", kind))))
    }

    /// As [`Record::read`](crate::Record::read) does for CSV.
    fn check_markers(&self) -> Result<(), (usize, RowError)> {
        let Some(markers) = self.is_delete_marker else { return Ok(()) };
        if let Some(sizes) = self.size {
            // Usually no delete marker has a size: then two bitmaps are enough.
            let sized =
                sizes.nulls().map_or_else(|| markers.values().clone(), |nulls| nulls.inner() & markers.values());
            if let Some(row) = sized.set_indices().find(|row| sizes.value(*row) != 0) {
                let cell = sizes.value(row).to_string();
                return Err((row, RowError::Contradiction { column: "Size", cell }));
            }
        }
        let Some(etags) = &self.e_tag else { return Ok(()) };
        let etag = |row: usize| etags.at(row).filter(|etag| !etag.is_empty());
        match markers.values().set_indices().find_map(|row| Some((row, etag(row)?))) {
            None => Ok(()),
            Some((row, etag)) => Err((row, RowError::Contradiction { column: "ETag", cell: quoted(etag) })),
        }
    }

    pub(crate) fn starting_at(self, rows_before: u64) -> Self {
        Self { rows_before, ..self }
    }

    pub(crate) fn of_class(self, key_class: Option<u32>) -> Self {
        Self { key_class, ..self }
    }

    /// The number of a row in its file, counted from 1, as in [`Damage`](crate::Damage).
    #[inline]
    pub fn row_number(&self, row: usize) -> u64 {
        self.rows_before + row as u64 + 1
    }

    pub(crate) fn arrays(&self) -> &'a RecordBatch {
        self.all
    }

    /// The columns as plain numbers, if all of them exist and no time is NULL.
    pub fn complete(&self) -> Option<CompleteColumns<'_>> {
        let times = self.last_modified.as_ref().filter(|times| times.values.null_count() == 0)?;
        Some(CompleteColumns {
            sizes: self.size?.values(),
            times: times.values.values(),
            delete_markers: self.is_delete_marker?.values(),
        })
    }

    /// The key of a row; `None` if keys were not read.
    #[inline]
    pub fn key(&self, row: usize) -> Option<&'a [u8]> {
        self.key.as_ref()?.at(row)
    }

    /// The classes of the keys, if they were asked for: see [`WantedColumns::with_key_classes`](crate::WantedColumns).
    pub fn key_classes(&self) -> Option<BatchClasses<'_>> {
        match (self.key_class, self.key_classes) {
            (Some(class), _) => Some(BatchClasses::All(class)),
            (None, classes) => classes.map(|classes| BatchClasses::Each(classes.values())),
        }
    }

    /// StorageClass of a row; empty if it is NULL or was not read.
    #[inline]
    pub fn storage_class(&self, row: usize) -> &'a [u8] {
        self.storage_class.as_ref().and_then(|texts| texts.at(row)).unwrap_or_default()
    }

    /// VersionId of a row; empty for the null version, or if it was not read.
    #[inline]
    pub fn version_id(&self, row: usize) -> &'a [u8] {
        self.version_id.as_ref().and_then(|texts| texts.at(row)).unwrap_or_default()
    }

    /// ETag of a row; empty if it is NULL or was not read.
    #[inline]
    pub fn e_tag(&self, row: usize) -> &'a [u8] {
        self.e_tag.as_ref().and_then(|texts| texts.at(row)).unwrap_or_default()
    }

    /// EncryptionStatus of a row; empty if it is NULL or was not read.
    #[inline]
    pub fn encryption_status(&self, row: usize) -> &'a [u8] {
        self.encryption_status.as_ref().and_then(|texts| texts.at(row)).unwrap_or_default()
    }

    /// Whether a row is the latest version; true if the report lists only those.
    #[inline]
    pub fn is_latest(&self, row: usize) -> bool {
        self.is_latest.is_none_or(|flags| flags.value(row))
    }

    /// Whether a row is a delete marker.
    #[inline]
    pub fn is_delete_marker(&self, row: usize) -> bool {
        self.is_delete_marker.is_some_and(|flags| flags.value(row))
    }

    /// Size of an object in bytes; 0 without the column.
    #[inline]
    pub fn size(&self, row: usize) -> u64 {
        self.size.map_or(0, |sizes| sizes.value(row).cast_unsigned())
    }

    /// LastModifiedDate in the column's own unit, for [`Batch::time`]; `None` if it is NULL.
    #[inline]
    pub fn last_modified(&self, row: usize) -> Option<i64> {
        let times = self.last_modified.as_ref()?;
        times.values.is_valid(row).then(|| times.values.value(row))
    }

    /// Converts a number of [`Batch::last_modified`] to a time.
    ///
    /// # Errors
    /// It is outside the years 1 to 9999.
    #[inline]
    pub fn time(&self, value: i64) -> Result<Timestamp, RowError> {
        moment(value, self.last_modified.as_ref().map_or(1, |times| times.per_second), "LastModifiedDate")
    }

    /// The numbers of [`Batch::last_modified`] that are times before `moment`. To compare is much faster than to convert.
    pub fn numbers_before(&self, moment: Timestamp) -> Range<i64> {
        let per_second = self.last_modified.as_ref().map_or(1, |times| times.per_second);
        number_of(Timestamp::MIN, per_second)..number_of(moment, per_second)
    }

    /// Ranges of rows that are delete markers.
    pub fn delete_markers(&self) -> impl Iterator<Item = (usize, usize)> {
        self.is_delete_marker.into_iter().flat_map(|flags| flags.values().set_slices())
    }

    /// S3's word for a row's replication status; empty without one. Also empty for an invalid word: see [`Batch::words`].
    #[inline]
    pub fn status(&self, row: usize) -> &'a str {
        self.replication_status.as_ref().and_then(|texts| texts.at(row)).and_then(word).unwrap_or_default()
    }

    /// Writes an index for the status word of each row to `places`. `place` returns the index of a word; it is called once per
    /// entry of a dictionary.
    ///
    /// # Errors
    /// The first row with an invalid word, or with a word that `place` refuses.
    pub fn words<E: From<RowError>>(
        &self,
        places: &mut Vec<u32>,
        mut place: impl FnMut(&str) -> Result<u32, E>,
    ) -> Result<(), (usize, E)> {
        let mut place = |text: &[u8]| {
            let kind = "status";
            let bad = || RowError::Cell { column: "ReplicationStatus", cell: quoted(text), kind };
            place(word(text).ok_or_else(bad)?)
        };
        places.clear();
        match &self.replication_status {
            None => places.resize(self.rows, place(b"").map_err(|what| (0, what))?),
            Some(TextArray::Plain(texts)) => {
                // Neighbouring rows often have the same word.
                let mut last: Option<(&[u8], u32)> = None;
                for row in 0..self.rows {
                    let text = texts.at(row).unwrap_or_default();
                    let found = match last {
                        Some((known, found)) if known == text => found,
                        _ => place(text).map_err(|what| (row, what))?,
                    };
                    last = Some((text, found));
                    places.push(found);
                }
            }
            Some(TextArray::Dictionary { keys, values }) => {
                const UNKNOWN: u32 = u32::MAX;
                let mut known = vec![UNKNOWN; values.len()];
                let first_null = keys.nulls().and_then(first_null);
                let empty = first_null.map(|row| place(b"").map_err(|what| (row, what))).transpose()?;
                places.resize(self.rows, empty.unwrap_or(UNKNOWN));
                let stretches: Vec<(usize, usize)> = match keys.nulls() {
                    Some(nulls) => nulls.valid_slices().collect(),
                    None => vec![(0, self.rows)],
                };
                for (from, to) in stretches {
                    let entries = &keys.values()[from..to];
                    for (row, (found, entry)) in places[from..to].iter_mut().zip(entries).enumerate() {
                        let known = &mut known[*entry as usize];
                        if *known == UNKNOWN {
                            let text = values.at(*entry as usize).unwrap_or_default();
                            *known = place(text).map_err(|what| (from + row, what))?;
                        }
                        *found = *known;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Columns of a batch without NULLs. Sizes of delete markers have no meaning.
#[derive(Debug)]
pub struct CompleteColumns<'a> {
    /// Sizes in bytes, never negative.
    pub sizes: &'a [i64],
    /// LastModifiedDate in the column's own unit.
    pub times: &'a [i64],
    /// Which rows are delete markers.
    pub delete_markers: &'a BooleanBuffer,
}

fn first_null(nulls: &NullBuffer) -> Option<usize> {
    (0..nulls.len()).find(|row| nulls.is_null(*row))
}

fn null(column: &'static str, kind: &'static str) -> RowError {
    RowError::Cell { column, cell: "NULL".to_owned(), kind }
}
