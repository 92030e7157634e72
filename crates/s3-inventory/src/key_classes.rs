//! Classes of keys, for questions with few possible answers. If all keys from the smallest to the largest of a part have one class,
//! the keys of that part are not read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::types::Int32Type;
use arrow_array::{PrimitiveArray, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, FieldRef, Schema};

use crate::arrays::{StringValues, TextArray};
use crate::fault::{Fault, FileDamage};

/// The column of keys.
pub(crate) const KEY: &str = "key";

/// Sorts keys into classes that only the caller knows, such as the replication rules that are for a key.
pub trait KeyClasses: Send {
    /// The class of a key.
    fn class(&mut self, key: &[u8]) -> u32;

    /// The class of every key from `smallest` to `largest`, in the order of their bytes; `None` if they may have different ones. The
    /// two themselves need not be keys.
    fn class_between(&mut self, smallest: &[u8], largest: &[u8]) -> Option<u32>;
}

/// The classes of the keys of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchClasses<'a> {
    /// All keys have this one.
    All(u32),
    /// One for each row.
    Each(&'a [u32]),
}

/// The classes, shared by the columns of a file.
#[derive(Clone)]
pub(crate) struct SharedClasses(Arc<Mutex<Box<dyn KeyClasses>>>);

impl SharedClasses {
    pub(crate) fn new(classes: Box<dyn KeyClasses>) -> Self {
        Self(Arc::new(Mutex::new(classes)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Box<dyn KeyClasses>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces keys that were decoded by their classes.
    pub(crate) fn replace(&self, rows: RecordBatch) -> Result<RecordBatch, Fault> {
        let keys = rows.schema().index_of(KEY).ok();
        let found = keys.and_then(|at| Some((at, self.of_texts(&TextArray::of(rows.column(at))?))));
        let Some((at, classes)) = found else { return Ok(rows) };
        let (schema, mut columns, _) = rows.into_parts();
        columns[at] = Arc::new(classes);
        let of = |(place, field): (usize, &FieldRef)| match place == at {
            true => Arc::new(Field::new(KEY, DataType::UInt32, true)),
            false => Arc::clone(field),
        };
        let fields: Vec<FieldRef> = schema.fields().iter().enumerate().map(of).collect();
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|_| FileDamage::GivenUp)?)
    }

    fn of_texts(&self, keys: &TextArray<'_>) -> UInt32Array {
        let mut classes = self.lock();
        match keys {
            TextArray::Plain(keys) => (0..keys.len()).map(|row| keys.at(row).map(|key| classes.class(key))).collect(),
            TextArray::Dictionary { keys, values } => of_entries(&mut **classes, keys, *values),
        }
    }
}

fn of_entries(
    classes: &mut dyn KeyClasses,
    places: &PrimitiveArray<Int32Type>,
    entries: StringValues<'_>,
) -> UInt32Array {
    let mut known: Vec<Option<u32>> = vec![None; entries.len()];
    let of_row = |place: Option<i32>| {
        let place = place? as usize;
        let key = entries.at(place)?;
        Some(*known.get_mut(place)?.get_or_insert_with(|| classes.class(key)))
    };
    places.iter().map(of_row).collect()
}
