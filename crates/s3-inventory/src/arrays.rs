//! Views of Arrow arrays: texts and times in every type that reports use.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, BinaryArray, Int64Array, PrimitiveArray, StringArray};
use arrow_schema::{DataType, TimeUnit};
use jiff::Timestamp;

use crate::cell::RowError;
use crate::damage::ColumnError;

/// A text per row, or a dictionary of texts.
#[derive(Debug)]
pub(crate) enum TextArray<'a> {
    Plain(StringValues<'a>),
    Dictionary { keys: &'a PrimitiveArray<Int32Type>, values: StringValues<'a> },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum StringValues<'a> {
    Utf8(&'a StringArray),
    Binary(&'a BinaryArray),
}

impl<'a> StringValues<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        let utf8 = array.as_string_opt().map(Self::Utf8);
        utf8.or_else(|| array.as_binary_opt().map(Self::Binary))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Utf8(array) => array.len(),
            Self::Binary(array) => array.len(),
        }
    }

    fn has_nulls(&self) -> bool {
        match self {
            Self::Utf8(array) => array.null_count() > 0,
            Self::Binary(array) => array.null_count() > 0,
        }
    }

    #[inline]
    pub(crate) fn at(&self, at: usize) -> Option<&'a [u8]> {
        match self {
            Self::Utf8(array) => array.is_valid(at).then(|| array.value(at).as_bytes()),
            Self::Binary(array) => array.is_valid(at).then(|| array.value(at)),
        }
    }
}

impl<'a> TextArray<'a> {
    pub(crate) fn of(array: &'a ArrayRef) -> Option<Self> {
        match array.as_dictionary_opt::<Int32Type>() {
            Some(dictionary) => {
                Some(Self::Dictionary { keys: dictionary.keys(), values: StringValues::of(dictionary.values())? })
            }
            None => StringValues::of(array).map(Self::Plain),
        }
    }

    #[inline]
    pub(crate) fn at(&self, row: usize) -> Option<&'a [u8]> {
        match self {
            Self::Plain(texts) => texts.at(row),
            Self::Dictionary { keys, values } => {
                keys.is_valid(row).then(|| values.at(keys.value(row) as usize)).flatten()
            }
        }
    }

    /// The text of a row if the column is known to hold only UTF-8.
    #[inline]
    pub(crate) fn utf8(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Plain(StringValues::Utf8(texts)) => texts.is_valid(row).then(|| texts.value(row)),
            Self::Plain(StringValues::Binary(_)) | Self::Dictionary { .. } => None,
        }
    }

    /// The entry of the dictionary that a row has.
    #[inline]
    pub(crate) fn entry(&self, row: usize) -> Option<usize> {
        match self {
            Self::Plain(_) => None,
            Self::Dictionary { keys, .. } => {
                keys.is_valid(row).then(|| usize::try_from(keys.value(row)).ok()).flatten()
            }
        }
    }

    /// The first row without a text.
    pub(crate) fn first_null(&self) -> Option<usize> {
        let (rows, may_be_null) = match self {
            Self::Plain(texts) => (texts.len(), texts.has_nulls()),
            Self::Dictionary { keys, values } => (keys.len(), keys.null_count() > 0 || values.has_nulls()),
        };
        (0..rows).find(|row| may_be_null && self.at(*row).is_none())
    }

    /// Whether the dictionary alone shows that every row has this text.
    pub(crate) fn all_are(&self, text: &[u8]) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Dictionary { keys, values } => {
                keys.null_count() == 0 && (0..values.len()).all(|at| values.at(at) == Some(text))
            }
        }
    }
}

/// Times as numbers with their unit.
#[derive(Debug)]
pub(crate) struct TimeArray {
    pub(crate) values: Int64Array,
    pub(crate) per_second: i64,
}

impl TimeArray {
    pub(crate) fn time(&self, value: i64, column: &'static str) -> Result<Timestamp, RowError> {
        moment(value, self.per_second, column)
    }

    pub(crate) fn of(array: &ArrayRef) -> Option<Self> {
        let DataType::Timestamp(unit, _) = array.data_type() else { return None };
        // Views of the same numbers.
        let (values, per_second) = match unit {
            TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().reinterpret_cast::<Int64Type>(), 1),
            TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().reinterpret_cast(), 1_000),
            TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().reinterpret_cast(), 1_000_000),
            TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().reinterpret_cast(), 1_000_000_000),
        };
        Some(Self { values, per_second })
    }
}

#[inline]
pub(crate) fn moment(value: i64, per_second: i64, column: &'static str) -> Result<Timestamp, RowError> {
    // Division by a constant is much faster.
    let time = match per_second {
        1 => Timestamp::from_second(value),
        1_000 => Timestamp::from_millisecond(value),
        1_000_000 => Timestamp::from_microsecond(value),
        _ => Timestamp::from_nanosecond(value.into()),
    };
    time.map_err(|_| RowError::Cell { column, cell: value.to_string(), kind: "time" })
}

/// The first number in this unit that is not before a time: the inverse of [`moment`].
pub(crate) fn number_of(time: Timestamp, per_second: i64) -> i64 {
    let nanoseconds = i128::from(1_000_000_000 / per_second);
    let number = -(-time.as_nanosecond()).div_euclid(nanoseconds);
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

/// The error of a column with another type than `wanted`.
pub(crate) fn other_type(name: &str, array: &ArrayRef, wanted: &'static str) -> ColumnError {
    ColumnError::Type { column: name.to_owned(), found: array.data_type().to_string(), wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Comparing numbers says the same as comparing times.
        #[test]
        fn a_number_is_before_a_time_like_its_time(
            at in -62_000_000_000..253_000_000_000i64,
            (nanosecond, near) in (0..1_000_000_000i32, -3..3i64),
            per_second in proptest::sample::select(vec![1, 1_000, 1_000_000, 1_000_000_000]),
            any in proptest::prelude::any::<i64>(),
        ) {
            let time = Timestamp::new(at, nanosecond).unwrap();
            let (first, end) = (number_of(Timestamp::MIN, per_second), number_of(time, per_second));
            for number in [any, end.saturating_add(near), first.saturating_add(near)] {
                // The end of a range is not in it, so that the largest number never is.
                let number = number.min(i64::MAX - 1);
                let is_before = moment(number, per_second, "column").is_ok_and(|moment| moment < time);
                proptest::prop_assert_eq!((first..end).contains(&number), is_before, "{}", number);
            }
        }
    }
}
