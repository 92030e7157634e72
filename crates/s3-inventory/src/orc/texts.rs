//! Texts: direct with their lengths, or as indexes of a dictionary ("String, Char, and VarChar Columns" in the ORC
//! specification).

use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, BinaryArray, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use super::blocks::{BlockInflater, Blocks};
use super::error::OrcDamage;
use super::integers::Integers;
use super::nulls::{array, spread, valid};
use crate::fault::{Fault, MemoryUse, Shortage};

/// The lengths of texts in reports.
const LENGTHS: RangeInclusive<i64> = 0..=1 << 30;
/// Lengths that are decoded at once.
const STEP: usize = 1024;

pub(super) struct TextColumn {
    pub(super) lengths: Integers,
    pub(super) bytes: Blocks,
    /// Any bytes instead of UTF-8.
    pub(super) binary: bool,
}

impl TextColumn {
    /// The next `rows`, whose texts may have at most `most` bytes.
    pub(super) fn read(
        &mut self,
        rows: usize,
        nulls: Option<NullBuffer>,
        most: usize,
        inflater: &mut BlockInflater,
    ) -> Result<ArrayRef, Fault> {
        let mut lengths = vec![0; valid(rows, nulls.as_ref())];
        self.lengths.read(&mut lengths, inflater).map_err(|fault| fault.in_stream("LENGTH"))?;
        if let Some(nulls) = &nulls {
            lengths = spread(&lengths, nulls, |length| length);
        }
        let (mut offsets, mut end) = (Vec::with_capacity(rows + 1), 0);
        offsets.push(0);
        append(&mut offsets, &mut end, &lengths, most).map_err(|damage| {
            let are_lengths = lengths.iter().all(|length| LENGTHS.contains(length));
            let needed = lengths.iter().fold(0u64, |sum, length| sum.saturating_add(length.cast_unsigned()));
            if are_lengths { Fault::from(Shortage::new(MemoryUse::Texts, needed, most as u64)) } else { damage.into() }
        })?;
        let mut text = Vec::with_capacity(end);
        while text.len() < end {
            let ahead = self.bytes.ahead(1, inflater)?;
            if ahead.is_empty() {
                return Err(OrcDamage::TextMissing(end - text.len()).into());
            }
            let count = ahead.len().min(end - text.len());
            text.extend_from_slice(&ahead[..count]);
            self.bytes.skip(count);
        }
        Ok(finish(offsets, text, nulls, self.binary)?)
    }
}

pub(super) struct DictionaryColumn {
    pub(super) places: Integers,
    pub(super) values: ArrayRef,
    pub(super) scratch: Vec<i64>,
}

impl DictionaryColumn {
    /// Reads all `entries`, and subtracts their size from `left`.
    pub(super) fn entries(
        texts: TextColumn,
        entries: usize,
        left: &mut usize,
        inflater: &mut BlockInflater,
    ) -> Result<ArrayRef, Fault> {
        // Buffers double when they grow, and the ends of the texts need memory too.
        let most = *left / 4;
        let TextColumn { mut lengths, mut bytes, binary } = texts;
        let mut text = Vec::new();
        loop {
            let ahead = bytes.ahead(1, inflater).map_err(|fault| fault.in_stream("DICTIONARY_DATA"))?;
            if ahead.is_empty() {
                break;
            }
            if ahead.len() > most - text.len() {
                let needed = text.len() + ahead.len();
                return Err(Shortage::new(MemoryUse::Dictionary, needed as u64, most as u64).into());
            }
            text.extend_from_slice(ahead);
            let count = ahead.len();
            bytes.skip(count);
        }
        // All entries differ, so at most one is empty.
        if entries > text.len() + 1 {
            return Err(OrcDamage::DictionaryBytes { entries, bytes: text.len() }.into());
        }
        let ends = (entries + 1) * size_of::<i32>();
        if ends > most {
            let purpose = MemoryUse::DictionaryEntries(entries);
            return Err(Shortage::new(purpose, ends as u64, most as u64).into());
        }
        let (mut offsets, mut end, mut step) = (Vec::with_capacity(entries + 1), 0, [0; STEP]);
        offsets.push(0);
        while offsets.len() <= entries {
            let now = STEP.min(entries + 1 - offsets.len());
            lengths.read(&mut step[..now], inflater).map_err(|fault| fault.in_stream("LENGTH"))?;
            append(&mut offsets, &mut end, &step[..now], text.len())?;
        }
        text.truncate(end);
        text.shrink_to_fit();
        *left -= text.len() + ends;
        Ok(finish(offsets, text, None, binary)?)
    }

    pub(super) fn read(
        &mut self,
        rows: usize,
        nulls: Option<NullBuffer>,
        inflater: &mut BlockInflater,
    ) -> Result<ArrayRef, Fault> {
        self.scratch.resize(valid(rows, nulls.as_ref()), 0);
        self.places.read(&mut self.scratch, inflater)?;
        let most = self.scratch.iter().fold(0, |most, place| most.max(place.cast_unsigned()));
        if i32::try_from(most).is_err() {
            return Err(OrcDamage::NoEntry(most).into());
        }
        let narrow = |place: i64| i32::try_from(place).unwrap_or(0);
        let places: Vec<i32> = match &nulls {
            Some(nulls) => spread(&self.scratch, nulls, narrow),
            None => self.scratch.iter().map(|place| narrow(*place)).collect(),
        };
        let places = Int32Array::new(places.into(), nulls);
        let rows = DictionaryArray::<Int32Type>::try_new(places, Arc::clone(&self.values));
        rows.map(array).map_err(|_| OrcDamage::NoEntryOf { entries: self.values.len(), entry: most }.into())
    }
}

/// Adds the ends of texts with these lengths, at most `most` bytes in total.
fn append(offsets: &mut Vec<i32>, end: &mut usize, lengths: &[i64], most: usize) -> Result<(), OrcDamage> {
    for length in lengths {
        let next = usize::try_from(*length).ok().and_then(|length| end.checked_add(length));
        let next = next.filter(|next| *next <= most);
        *end = next.ok_or(OrcDamage::TextsTooLong(most))?;
        offsets.push(i32::try_from(*end).map_err(|_| OrcDamage::TextsTooLong(i32::MAX as usize))?);
    }
    Ok(())
}

fn finish(offsets: Vec<i32>, text: Vec<u8>, nulls: Option<NullBuffer>, binary: bool) -> Result<ArrayRef, OrcDamage> {
    let (offsets, text) = (OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(text));
    let made = match binary {
        true => BinaryArray::try_new(offsets, text, nulls).map(array),
        false => StringArray::try_new(offsets, text, nulls).map(array),
    };
    Ok(made?)
}
