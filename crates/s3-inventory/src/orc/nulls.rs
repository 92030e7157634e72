//! Which rows have a value: a stream stores only values that are there.

use arrow::array::Array;
use arrow::buffer::NullBuffer;

use super::bits::Bits;
use super::blocks::BlockInflater;
use crate::fault::Fault;

/// The stream that says which rows have a value; all have one where there is no such stream.
pub(super) struct Present(pub(super) Option<Bits>);

impl Present {
    /// For the next `rows`; `None` where all have one.
    pub(super) fn read(&mut self, rows: usize, inflater: &mut BlockInflater) -> Result<Option<NullBuffer>, Fault> {
        let Some(bits) = &mut self.0 else { return Ok(None) };
        let bits = bits.read(rows, inflater).map_err(|fault| fault.in_stream("PRESENT"))?;
        Ok(Some(NullBuffer::new(bits)).filter(|nulls| nulls.null_count() > 0))
    }
}

/// How many of `rows` have a value.
pub(super) fn valid(rows: usize, nulls: Option<&NullBuffer>) -> usize {
    rows - nulls.map_or(0, NullBuffer::null_count)
}

/// Puts each value in its row; those without get 0. `values` has as many as rows have one.
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

/// Row after row without a branch, because no processor can predict which rows have a value.
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

/// Lets go of the array's kind.
pub(super) fn array(array: impl Array + 'static) -> arrow::array::ArrayRef {
    std::sync::Arc::new(array)
}
