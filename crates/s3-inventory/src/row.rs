//! A row of a report in any format, with all of its cells.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use jiff::Timestamp;

use crate::arrays::{TextArray, TimeArray, other_type};
use crate::batch::Batch;
use crate::cell::{RowError, bad};
use crate::csv::RowCells;
use crate::damage::ColumnError;
use crate::field::{CellTaker, Field, FieldKind, Value};
use crate::key::decode_key;
use crate::record::Record;
use crate::schema::Columns;
use crate::text::quoted;

/// A checked row with all of its cells. An error means that a cell is invalid.
pub trait InventoryRow {
    /// S3's word for the replication status; empty without one.
    fn status(&self) -> &str;

    /// Whether the row is a delete marker.
    fn is_delete_marker(&self) -> bool;

    /// Whether the row is the latest version; true if the report lists only those.
    fn is_latest(&self) -> bool;

    /// LastModifiedDate, if the row has one.
    fn last_modified(&self) -> Result<Option<Timestamp>, RowError>;

    /// The decoded bytes of the key.
    fn key(&self) -> Result<Cow<'_, [u8]>, RowError>;

    /// Gives the cell of [`Columns::known`] at this index.
    fn give<'a>(&'a self, at: usize, to: &mut impl CellTaker<'a>) -> Result<(), RowError>;

    /// The cell of [`Columns::known`] at this index.
    fn value(&self, at: usize) -> Result<Value<'_>, RowError> {
        let mut value = Value::Empty;
        self.give(at, &mut value)?;
        Ok(value)
    }

    /// The entry of a dictionary that has this cell. `None` if the column has no dictionary, and for NULL.
    fn entry(&self, at: usize) -> Option<DictionaryEntry>;

    /// The cell of [`Columns::others`] at this index, as text; `None` for an empty one.
    fn other(&self, at: usize) -> Result<Option<Cow<'_, str>>, RowError>;
}

/// Names a cell: rows with the same entry have the same cell in the same column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DictionaryEntry {
    /// Other batches have other entries. No two batches of a process have the same number.
    pub batch: u64,
    /// Index in the dictionary.
    pub entry: usize,
}

/// A row of a CSV report.
#[expect(missing_docs, reason = "the types describe the fields")]
pub struct CsvRow<'a> {
    pub record: &'a Record<'a>,
    pub cells: RowCells<'a>,
    pub columns: &'a Columns,
}

impl InventoryRow for CsvRow<'_> {
    fn status(&self) -> &str {
        self.record.replication_status
    }

    fn is_delete_marker(&self) -> bool {
        self.record.is_delete_marker
    }

    fn is_latest(&self) -> bool {
        self.record.is_latest
    }

    fn last_modified(&self) -> Result<Option<Timestamp>, RowError> {
        Ok(self.record.last_modified)
    }

    fn key(&self) -> Result<Cow<'_, [u8]>, RowError> {
        decode_key(self.record.key).ok_or_else(|| bad("Key", self.record.key, "URL-encoded key"))
    }

    fn give<'a>(&'a self, at: usize, to: &mut impl CellTaker<'a>) -> Result<(), RowError> {
        match self.columns.known.get(at) {
            Some((field, place)) => field.read(self.cells.get(*place))?.give(to),
            None => to.empty(),
        }
        Ok(())
    }

    fn entry(&self, _at: usize) -> Option<DictionaryEntry> {
        None
    }

    fn other(&self, at: usize) -> Result<Option<Cow<'_, str>>, RowError> {
        let Some(other) = self.columns.others.get(at) else { return Ok(None) };
        let cell = self.cells.get(other.place);
        if cell.is_empty() {
            return Ok(None);
        }
        text(&other.column, cell).map(Some)
    }
}

fn text<'a>(column: &str, cell: &'a [u8]) -> Result<Cow<'a, str>, RowError> {
    let text = std::str::from_utf8(cell).map(Cow::Borrowed);
    text.map_err(|_| RowError::NotText { column: column.to_owned(), cell: quoted(cell) })
}

/// The columns of a batch, for reading single cells.
pub struct BatchCells<'a> {
    /// See [`DictionaryEntry`].
    batch: u64,
    known: Vec<Option<(&'static Field, CellColumn<'a>)>>,
    /// With their names.
    others: Vec<Option<(String, CellColumn<'a>)>>,
}

enum CellColumn<'a> {
    Texts(TextArray<'a>),
    Flags(&'a BooleanArray),
    Numbers(Int64Array),
    Times(TimeArray),
    /// Other types of unknown columns.
    Any(&'a ArrayRef, ArrayFormatter<'a>),
}

impl<'a> BatchCells<'a> {
    /// Finds the columns of `columns` in `batch`.
    ///
    /// # Errors
    /// A column has the wrong type.
    pub fn of(batch: &Batch<'a>, columns: &Columns) -> Result<Self, ColumnError> {
        let rows: &'a RecordBatch = batch.arrays();
        let column = |field: &'static Field| match rows.column_by_name(field.name) {
            None => Ok(None),
            Some(array) => CellColumn::of(field, array).map(|column| Some((field, column))),
        };
        let other = |name: &str| match rows.column_by_name(name) {
            None => Ok(None),
            Some(array) => CellColumn::of_any(name, array).map(|column| Some((name.to_owned(), column))),
        };
        static BATCHES: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            batch: BATCHES.fetch_add(1, Ordering::Relaxed),
            known: columns.known.iter().map(|(field, _)| column(field)).collect::<Result<_, _>>()?,
            others: columns.others.iter().map(|one| other(&one.column)).collect::<Result<_, _>>()?,
        })
    }

    #[inline]
    fn give(&self, at: usize, row: usize, to: &mut impl CellTaker<'a>) -> Result<(), RowError> {
        let Some(Some((field, column))) = self.known.get(at) else {
            to.empty();
            return Ok(());
        };
        match column {
            CellColumn::Texts(texts) => match (field.kind, texts.utf8(row)) {
                (FieldKind::Key | FieldKind::VersionId | FieldKind::Text, Some(text)) if !text.is_empty() => {
                    to.text(text);
                }
                _ => field.read(texts.at(row).unwrap_or_default())?.give(to),
            },
            CellColumn::Flags(flags) if flags.is_valid(row) => to.flag(flags.value(row)),
            CellColumn::Numbers(numbers) if numbers.is_valid(row) => to.number(numbers.value(row).into()),
            CellColumn::Times(times) if times.values.is_valid(row) => {
                to.time(times.time(times.values.value(row), field.csv)?);
            }
            CellColumn::Flags(_) | CellColumn::Numbers(_) | CellColumn::Times(_) | CellColumn::Any(..) => to.empty(),
        }
        Ok(())
    }

    #[inline]
    fn entry(&self, at: usize, row: usize) -> Option<DictionaryEntry> {
        match self.known.get(at) {
            Some(Some((_, CellColumn::Texts(texts)))) => {
                texts.entry(row).map(|entry| DictionaryEntry { batch: self.batch, entry })
            }
            _ => None,
        }
    }

    fn other(&self, at: usize, row: usize) -> Result<Option<Cow<'a, str>>, RowError> {
        let Some(Some((name, column))) = self.others.get(at) else { return Ok(None) };
        Ok(match column {
            CellColumn::Texts(texts) => match texts.at(row) {
                None | Some(b"") => None,
                Some(cell) => Some(text(name, cell)?),
            },
            CellColumn::Flags(flags) if flags.is_valid(row) => Some(flags.value(row).to_string().into()),
            CellColumn::Numbers(numbers) if numbers.is_valid(row) => Some(numbers.value(row).to_string().into()),
            CellColumn::Times(times) if times.values.is_valid(row) => {
                let value = times.values.value(row);
                let not_text = |_| RowError::NotText { column: name.clone(), cell: value.to_string() };
                Some(times.time(value, "time").map_err(not_text)?.to_string().into())
            }
            CellColumn::Any(array, formatter) if array.is_valid(row) => Some(formatter.value(row).to_string().into()),
            CellColumn::Flags(_) | CellColumn::Numbers(_) | CellColumn::Times(_) | CellColumn::Any(..) => None,
        })
    }
}

impl<'a> CellColumn<'a> {
    fn of(field: &Field, array: &'a ArrayRef) -> Result<Self, ColumnError> {
        let numbers = || array.as_primitive_opt::<Int64Type>().cloned().map(Self::Numbers);
        let texts = || TextArray::of(array).map(Self::Texts);
        let (column, wanted) = match field.kind {
            FieldKind::Key | FieldKind::VersionId | FieldKind::Text => (texts(), "text"),
            FieldKind::Flag => (array.as_boolean_opt().map(Self::Flags), "booleans"),
            FieldKind::Number => (numbers(), "64-bit integers"),
            // The table definition that AWS documents for Athena has a number instead of one of the times, without its
            // unit. It is returned unchanged.
            FieldKind::Time => (TimeArray::of(array).map(Self::Times).or_else(numbers), "times"),
            FieldKind::NumberOrText => (numbers().or_else(|| Self::of_short(array)).or_else(texts), "numbers or text"),
            FieldKind::TimeOrText => {
                (TimeArray::of(array).map(Self::Times).or_else(numbers).or_else(texts), "times or text")
            }
        };
        column.ok_or_else(|| other_type(field.name, array, wanted))
    }

    fn of_short(array: &ArrayRef) -> Option<Self> {
        array.as_primitive_opt::<Int32Type>().map(|short| Self::Numbers(short.unary(i64::from)))
    }

    fn of_any(name: &str, array: &'a ArrayRef) -> Result<Self, ColumnError> {
        let numbers = || array.as_primitive_opt::<Int64Type>().cloned().map(Self::Numbers);
        let known =
            TextArray::of(array).map(Self::Texts).or_else(|| TimeArray::of(array).map(Self::Times)).or_else(numbers);
        if let Some(column) = known.or_else(|| array.as_boolean_opt().map(Self::Flags)) {
            return Ok(column);
        }
        let formatter = ArrayFormatter::try_new(array.as_ref(), &FormatOptions::new());
        formatter.map(|formatter| Self::Any(array, formatter)).map_err(|_| other_type(name, array, "text"))
    }
}

/// A row of a columnar report.
pub struct BatchRow<'a> {
    /// The batch of the row.
    pub batch: &'a Batch<'a>,
    /// The cells of the batch.
    pub cells: &'a BatchCells<'a>,
    /// Index in the batch.
    pub row: usize,
}

impl InventoryRow for BatchRow<'_> {
    fn status(&self) -> &str {
        self.batch.status(self.row)
    }

    fn is_delete_marker(&self) -> bool {
        self.batch.is_delete_marker(self.row)
    }

    fn is_latest(&self) -> bool {
        self.batch.is_latest(self.row)
    }

    fn last_modified(&self) -> Result<Option<Timestamp>, RowError> {
        self.batch.last_modified(self.row).map(|value| self.batch.time(value)).transpose()
    }

    fn key(&self) -> Result<Cow<'_, [u8]>, RowError> {
        let null = || RowError::Cell { column: "Key", cell: "NULL".to_owned(), kind: "key" };
        self.batch.key(self.row).map(Cow::Borrowed).ok_or_else(null)
    }

    #[inline]
    fn give<'a>(&'a self, at: usize, to: &mut impl CellTaker<'a>) -> Result<(), RowError> {
        self.cells.give(at, self.row, to)
    }

    #[inline]
    fn entry(&self, at: usize) -> Option<DictionaryEntry> {
        self.cells.entry(at, self.row)
    }

    fn other(&self, at: usize) -> Result<Option<Cow<'_, str>>, RowError> {
        self.cells.other(at, self.row)
    }
}
