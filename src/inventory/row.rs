//! A whole row, in whatever format the report is: for those who need more of it than its sums.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch};
use arrow::datatypes::Int64Type;
use jiff::Timestamp;

use super::batch::{Batch, Texts, Times, other_type};
use super::csv::Cells;
use super::fields::{Field, FieldKind, Value};
use super::key::decode_key;
use super::record::{Record, RowError, bad};
use super::schema::Columns;

/// A row that was checked, with all of its cells.
pub trait Row {
    /// S3's word for the replication status; empty for none.
    fn status(&self) -> &str;

    /// A delete marker.
    fn is_delete_marker(&self) -> bool;

    /// The latest version; true where only those are listed.
    fn is_latest(&self) -> bool;

    /// LastModifiedDate, if there is one.
    ///
    /// # Errors
    /// It lies outside of the years 1 to 9999.
    fn last_modified(&self) -> Result<Option<Timestamp>, RowError>;

    /// The key's bytes, decoded.
    ///
    /// # Errors
    /// They are not encoded as S3 encodes keys.
    fn key(&self) -> Result<Cow<'_, [u8]>, RowError>;

    /// The cell at a place of [`Columns::known`].
    ///
    /// # Errors
    /// It is not of the column's kind.
    fn value(&self, at: usize) -> Result<Value<'_>, RowError>;
}

/// A row of a CSV report.
pub struct CsvRow<'a> {
    /// What was read of it.
    pub record: &'a Record<'a>,
    /// All of it.
    pub cells: Cells<'a>,
    /// Where which cell is.
    pub columns: &'a Columns,
}

impl Row for CsvRow<'_> {
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
        decode_key(self.record.key).ok_or_else(|| bad("Key", self.record.key, "key as S3 encodes it"))
    }

    fn value(&self, at: usize) -> Result<Value<'_>, RowError> {
        match self.columns.known.get(at) {
            Some((field, place)) => field.read(self.cells.get(*place)),
            None => Ok(Value::Empty),
        }
    }
}

/// All documented columns of some rows of a columnar report, as far as they were read.
pub struct Values<'a>(Vec<Option<(&'static Field, Column<'a>)>>);

enum Column<'a> {
    Texts(Texts<'a>),
    Flags(&'a BooleanArray),
    Numbers(&'a Int64Array),
    Times(Times),
}

impl<'a> Values<'a> {
    /// Takes the columns that `columns` knows and `rows` has.
    ///
    /// # Errors
    /// A column of a type that can't hold what it should.
    pub fn of(rows: &'a RecordBatch, columns: &Columns) -> Result<Self, String> {
        let column = |field: &'static Field| match rows.column_by_name(field.name) {
            None => Ok(None),
            Some(array) => Column::of(field, array).map(|column| Some((field, column))),
        };
        columns.known.iter().map(|(field, _)| column(field)).collect::<Result<_, _>>().map(Self)
    }

    fn at(&self, at: usize, row: usize) -> Result<Value<'a>, RowError> {
        let Some(Some((field, column))) = self.0.get(at) else { return Ok(Value::Empty) };
        Ok(match column {
            Column::Texts(texts) => match texts.at(row) {
                None | Some(b"") => Value::Empty,
                Some(text) => {
                    let known = std::str::from_utf8(text);
                    Value::Text(known.map_err(|_| bad(field.csv, text, field.kind.word()))?)
                }
            },
            Column::Flags(flags) if flags.is_valid(row) => Value::Flag(flags.value(row)),
            Column::Numbers(numbers) if numbers.is_valid(row) => Value::Number(numbers.value(row).into()),
            Column::Times(times) if times.values.is_valid(row) => {
                Value::Time(times.time(times.values.value(row), field.csv)?)
            }
            Column::Flags(_) | Column::Numbers(_) | Column::Times(_) => Value::Empty,
        })
    }
}

impl<'a> Column<'a> {
    fn of(field: &Field, array: &'a ArrayRef) -> Result<Self, String> {
        let numbers = || array.as_primitive_opt::<Int64Type>().map(Self::Numbers);
        let (column, wanted) = match field.kind {
            FieldKind::Key | FieldKind::VersionId | FieldKind::Text => (Texts::of(array).map(Self::Texts), "text"),
            FieldKind::Flag => (array.as_boolean_opt().map(Self::Flags), "booleans"),
            FieldKind::Number => (numbers(), "64-bit integers"),
            // AWS's text for Athena has a number in place of one of the times, and does not say of what unit: it is given
            // as it is.
            FieldKind::Time => (Times::of(array).map(Self::Times).or_else(numbers), "times"),
        };
        column.ok_or_else(|| other_type(field.name, array, wanted))
    }
}

/// A row of a columnar report.
pub struct BatchRow<'a> {
    /// The rows that it is among.
    pub batch: &'a Batch<'a>,
    /// Their cells.
    pub values: &'a Values<'a>,
    /// Which of them it is, counted from 0.
    pub row: usize,
}

impl Row for BatchRow<'_> {
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

    fn value(&self, at: usize) -> Result<Value<'_>, RowError> {
        self.values.at(at, self.row)
    }
}
