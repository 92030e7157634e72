//! Compares the records of one partition of both reports.
//!
//! Every record of the source is put in a table by its identity; records of the destination look for theirs. An identity
//! that occurs twice in one report shows that the report is damaged.

use super::class::PairClass;
use super::identity::Identity;
use super::judge::judge;
use super::record::ObjectRecord;
use super::sums::PairSums;
use super::words::StatusWords;
use crate::model::{Overflow, StatusClass, add};

/// Bytes that comparing takes for each record: the record, its state, and two to four slots.
pub(crate) const COMPARING_BYTES: u64 = size_of::<ObjectRecord>() as u64 + 1 + 16;

/// One of the two reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PairSide {
    Source,
    Destination,
}

impl PairSide {
    pub(crate) const BOTH: [Self; 2] = [Self::Source, Self::Destination];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
        }
    }
}

/// Why a partition gives no sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CompareError {
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// A report lists an object twice.
    #[error("the {} report lists one object version twice", .0.word())]
    Twice(PairSide, Identity),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryState {
    Source,
    /// A record of the source whose counterpart was found.
    Matched,
    Destination,
}

/// Which part of a partition is compared: 1 of 2^bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartitionPart {
    bits: u32,
    part: u32,
}

impl PartitionPart {
    /// Parts of a partition of `records` records, so that each has about `most` or fewer.
    pub(crate) fn all(records: u64, most: u64) -> impl Iterator<Item = Self> {
        let parts = records.div_ceil(most.max(1)).max(1).next_power_of_two().min(1 << 24);
        // At most 2^24 parts.
        let bits = parts.trailing_zeros();
        (0..parts as u32).map(move |part| Self { bits, part })
    }

    /// The number of parts.
    pub(crate) fn count(self) -> u64 {
        1 << self.bits
    }

    #[inline]
    fn has(self, identity: Identity) -> bool {
        self.bits == 0 || identity.part() >> (32 - self.bits) == self.part
    }
}

/// Compares partitions, and reuses its memory for the next one.
#[derive(Debug, Default)]
pub(crate) struct PartitionComparer {
    records: Vec<ObjectRecord>,
    states: Vec<EntryState>,
    /// Indexes of records; [`EMPTY`] for none.
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl PartitionComparer {
    /// Begins a part with about this number of records.
    pub(crate) fn begin(&mut self, records: u64) {
        self.records.clear();
        self.states.clear();
        self.slots.clear();
        let records = usize::try_from(records).unwrap_or(usize::MAX);
        // Not by doubling, which would take more memory than it needs.
        self.records.reserve_exact(records);
        self.states.reserve_exact(records);
        self.slots.resize((records + records / 4 + 8).next_power_of_two(), EMPTY);
    }

    /// Takes records of `N` bytes of one side: first all of the source, then those of the destination. `problem` is called for every judged
    /// object that is not in sync.
    pub(crate) fn take<const N: usize>(
        &mut self,
        side: PairSide,
        part: PartitionPart,
        records: &[u8],
        sums: &mut PairSums,
        problem: &mut impl FnMut(Identity, PairClass),
    ) -> Result<(), CompareError> {
        let (records, _) = records.as_chunks::<N>();
        for record in records.iter().map(ObjectRecord::of_bytes).filter(|record| part.has(record.identity)) {
            match side {
                PairSide::Source => self.add_source(record)?,
                PairSide::Destination => self.add_destination(record, sums, problem)?,
            }
        }
        Ok(())
    }

    /// Counts what has no counterpart.
    pub(crate) fn finish(
        &mut self,
        sums: &mut PairSums,
        problem: &mut impl FnMut(Identity, PairClass),
    ) -> Result<(), CompareError> {
        for (record, state) in self.records.iter().zip(&self.states) {
            match state {
                EntryState::Source => count_pair(record, None, sums, problem)?,
                EntryState::Matched => {}
                EntryState::Destination => count_alone(record, sums)?,
            }
        }
        Ok(())
    }

    fn add_source(&mut self, record: ObjectRecord) -> Result<(), CompareError> {
        match self.find(record.identity) {
            Ok(_) => Err(CompareError::Twice(PairSide::Source, record.identity)),
            Err(slot) => {
                self.insert(slot, record, EntryState::Source);
                Ok(())
            }
        }
    }

    #[inline]
    fn add_destination(
        &mut self,
        record: ObjectRecord,
        sums: &mut PairSums,
        problem: &mut impl FnMut(Identity, PairClass),
    ) -> Result<(), CompareError> {
        if record.flags.is_marker {
            add(&mut sums.destination_markers, 1)?;
        }
        match self.find(record.identity) {
            Err(slot) => {
                self.insert(slot, record, EntryState::Destination);
                Ok(())
            }
            Ok(at) => match self.states[at] {
                EntryState::Source => {
                    self.states[at] = EntryState::Matched;
                    let source = self.records[at];
                    if source.flags.is_marker && !record.flags.is_marker {
                        count_alone(&record, sums)?;
                    }
                    count_pair(&source, Some(&record), sums, problem)
                }
                EntryState::Matched | EntryState::Destination => {
                    Err(CompareError::Twice(PairSide::Destination, record.identity))
                }
            },
        }
    }

    /// The index of the record of an identity, or the slot for it.
    #[inline]
    fn find(&self, identity: Identity) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = identity.slot() as usize & mask;
        loop {
            match self.slots[slot] {
                EMPTY => return Err(slot),
                at if self.records[at as usize].identity == identity => return Ok(at as usize),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    #[inline]
    fn insert(&mut self, slot: usize, record: ObjectRecord, state: EntryState) {
        // Indexes of 32 bits: a part has far fewer records.
        self.slots[slot] = self.records.len() as u32;
        self.records.push(record);
        self.states.push(state);
        if self.records.len() * 5 > self.slots.len() * 4 {
            self.grow();
        }
    }

    /// More records than announced: a chain of full slots would be slow.
    #[cold]
    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots.clear();
        self.slots.resize(mask + 1, EMPTY);
        for (at, record) in self.records.iter().enumerate() {
            let mut slot = record.identity.slot() as usize & mask;
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = at as u32;
        }
    }
}

/// The class of a source object beside its counterpart; `None` if it is not COMPLETED, or a delete marker.
#[inline]
fn class_of(source: &ObjectRecord, destination: Option<&ObjectRecord>) -> Option<PairClass> {
    if source.flags.is_marker || StatusWords::class(source.status) != StatusClass::Replicated {
        return None;
    }
    Some(if source.flags.is_old { judge(source, destination) } else { PairClass::TooNew })
}

/// Counts a row of the source.
#[inline]
fn count_pair(
    source: &ObjectRecord,
    destination: Option<&ObjectRecord>,
    sums: &mut PairSums,
    problem: &mut impl FnMut(Identity, PairClass),
) -> Result<(), CompareError> {
    if source.flags.is_marker {
        return Ok(add(&mut sums.source_markers, 1)?);
    }
    let Some(class) = class_of(source, destination) else {
        let sum = &mut sums.statuses[usize::from(source.status)];
        sum.count.count(source.size)?;
        let is_present = destination.is_some_and(|record| !record.flags.is_marker);
        return Ok(add(&mut sum.present, u64::from(is_present))?);
    };
    sums.count_class(class, source)?;
    if class.is_problem() {
        problem(source.identity, class);
    }
    if let Some(destination) = destination.filter(|record| !record.flags.is_marker && class != PairClass::TooNew) {
        match (source.flags.is_latest, destination.flags.is_latest) {
            (true, false) => add(&mut sums.hidden_at_destination, 1)?,
            (false, true) => add(&mut sums.hidden_at_source, 1)?,
            (true, true) | (false, false) => {}
        }
    }
    Ok(())
}

/// Counts a row of the destination of which the source lists no version.
fn count_alone(record: &ObjectRecord, sums: &mut PairSums) -> Result<(), CompareError> {
    if record.flags.is_marker {
        return Ok(());
    }
    let is_replica = StatusWords::class(record.status) == StatusClass::Replica;
    let counted = match (record.flags.is_old, is_replica) {
        (false, _) => sums.new_at_destination.count(record.size),
        (true, true) => sums.count_class(PairClass::Extra, record),
        (true, false) => sums.unrelated.count(record.size),
    };
    Ok(counted?)
}
