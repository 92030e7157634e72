//! NULLs: a stream has no entry for a NULL.

use arrow_array::Array;
use arrow_buffer::NullBuffer;

use super::bits::Bits;
use super::blocks::BlockInflater;
use crate::fault::Fault;

/// The stream of which rows have a value. Without this stream, all rows have one.
pub(super) struct Present(pub(super) Option<Bits>);

impl Present {
    /// The NULLs of the next `rows`; `None` without any.
    pub(super) fn read(&mut self, rows: usize, inflater: &mut BlockInflater) -> Result<Option<NullBuffer>, Fault> {
        let Some(bits) = &mut self.0 else { return Ok(None) };
        let bits = bits.read(rows, inflater).map_err(|fault| fault.in_stream("PRESENT"))?;
        Ok(Some(NullBuffer::new(bits)).filter(|nulls| nulls.null_count() > 0))
    }
}

/// The number of rows with a value.
pub(super) fn valid(rows: usize, nulls: Option<&NullBuffer>) -> usize {
    rows - nulls.map_or(0, NullBuffer::null_count)
}

/// Puts each value in its row, and 0 in rows without a value.
pub(super) fn spread<T: Copy + Default>(values: &[i64], nulls: &NullBuffer, of: impl Fn(i64) -> T) -> Vec<T> {
    let mut rows = Vec::with_capacity(nulls.len());
    let mut values = values;
    let chunks = nulls.inner().bit_chunks();
    let words = chunks.iter().map(|word| (word, 64));
    for (word, length) in words.chain([(chunks.remainder_bits(), chunks.remainder_len())]) {
        let count = word.count_ones() as usize;
        let (now, later) = values.split_at_checked(count).unwrap_or((values, &[]));
        values = later;
        if count == length {
            rows.extend(now.iter().map(|value| of(*value)));
        } else {
            let start = rows.len();
            rows.resize(start + length, T::default());
            scatter(word, now, &mut rows[start..], &of);
        }
    }
    rows
}

/// Without a branch, because NULLs are unpredictable.
#[inline]
fn scatter<T: Copy + Default>(word: u64, values: &[i64], rows: &mut [T], of: impl Fn(i64) -> T) {
    let mut from = [0; 64];
    if let Some(place) = from.get_mut(..values.len()) {
        place.copy_from_slice(values);
    }
    let mut next = 0;
    for (at, row) in rows.iter_mut().enumerate() {
        let bit = word >> (at & 63) & 1;
        let value = of(from[next & 63]);
        *row = if bit == 1 { value } else { T::default() };
        next += usize::from(bit == 1);
    }
}

pub(super) fn array(array: impl Array + 'static) -> arrow_array::ArrayRef {
    std::sync::Arc::new(array)
}
