//! One ORC file: its tail, then stripe after stripe.

use arrow_array::RecordBatch;
use bytes::Bytes;

use super::blocks::Compression;
use super::error::OrcDamage;
use super::messages::{Footer, Metadata, StripeFooter, StripeStatistics};
use super::stripe::{StoredStream, StripeColumns, WantedColumn};
use super::tail::FileEnd;
use crate::batch::BATCH_ROWS;
use crate::fault::{Fault, MemoryUse, Shortage};
use crate::key_classes::{KEY, SharedClasses};
use crate::memory::{ReadMemory, Reservation};
use crate::ranges::{FileRanges, Span};

/// The rows of an ORC file, from the first to the last.
pub(crate) struct OrcBatches {
    file: FileRanges,
    memory: ReadMemory,
    compression: Compression,
    footer: Footer,
    columns: Vec<WantedColumn>,
    /// What keys are asked for instead of themselves.
    classes: Option<StripeClasses>,
    /// Index of the next stripe.
    next_stripe: usize,
    stripe: Option<OpenStripe>,
}

/// The classes of keys, and what the file states about the keys of each stripe.
struct StripeClasses {
    classes: SharedClasses,
    /// Empty if it states nothing.
    stated: Vec<StripeStatistics>,
}

struct OpenStripe {
    columns: StripeColumns,
    /// The class of every key, if it is known without reading the keys.
    class: Option<u32>,
    /// Released when the stripe is done.
    _reserved: Option<Reservation>,
}

impl OrcBatches {
    /// Reads the tail, and finds the columns with these names.
    pub(crate) fn open(
        file: FileRanges,
        wanted: &[&str],
        classes: Option<SharedClasses>,
        memory: ReadMemory,
    ) -> Result<Self, Fault> {
        let (_, end) = file.tail()?;
        let FileEnd { footer, metadata, compression } = FileEnd::read(&end, file.size())?;
        let footer = Footer::read(read_footer(&file, footer, &memory)?, compression, decoded_footer(&memory))?;
        let columns = footer.columns(wanted)?;
        let classes = match classes {
            None => None,
            Some(classes) => {
                let stated = statistics(&file, metadata, compression, &memory)?;
                // Without those of every stripe it is not known which they are of.
                let stated = stated.filter(|stated| stated.len() == footer.stripes.len());
                Some(StripeClasses { classes, stated: stated.unwrap_or_default() })
            }
        };
        Ok(Self { file, memory, compression, footer, columns, classes, next_stripe: 0, stripe: None })
    }

    pub(crate) fn claimed_rows(&self) -> u64 {
        self.footer.stripes.iter().fold(0, |rows, stripe| rows.saturating_add(stripe.number_of_rows()))
    }

    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, Fault> {
        self.next_of(BATCH_ROWS)
    }

    /// The next rows, at most `most`.
    pub(super) fn next_of(&mut self, most: usize) -> Result<Option<RecordBatch>, Fault> {
        loop {
            if let Some(stripe) = &mut self.stripe {
                let at = self.next_stripe - 1;
                if let Some(rows) = stripe.columns.next(most).map_err(|fault| in_stripe(fault, at))? {
                    return Ok(Some(rows));
                }
                self.stripe = None;
            }
            if self.next_stripe == self.footer.stripes.len() {
                return Ok(None);
            }
            self.stripe = Some(self.open_stripe(self.next_stripe).map_err(|fault| in_stripe(fault, self.next_stripe))?);
            self.next_stripe += 1;
        }
    }

    /// The class of every key of the rows that were returned last, if it was known without reading them.
    pub(crate) fn class(&self) -> Option<u32> {
        self.stripe.as_ref()?.class
    }

    fn open_stripe(&self, at: usize) -> Result<OpenStripe, Fault> {
        let Self { file, memory, compression, .. } = self;
        let stripe = &self.footer.stripes[at];
        let class = self.class_of_all(at);
        let columns = self.columns.iter().filter(|column| class.is_none() || column.name != KEY);
        let columns: Vec<WantedColumn> = columns.cloned().collect();
        let footer = read_footer(file, stripe.footer().ok_or(OrcDamage::StripeFooter)?, memory)?;
        let footer = StripeFooter::read(footer, *compression, decoded_footer(memory))?;
        let places = footer.streams(stripe, &columns)?;
        let spans: Vec<Span> = places.iter().map(|(_, _, span)| *span).collect();
        let reserved = file.reserve(&spans, compression.one_piece(), &memory.stored)?;
        let streams = places
            .into_iter()
            .zip(file.streams(&spans)?)
            .map(|((column, kind, (from, to)), bytes)| StoredStream { column, kind, length: to - from, bytes });
        let decoded = usize::try_from(memory.decoded).unwrap_or(usize::MAX);
        let rows = stripe.number_of_rows();
        let columns = StripeColumns::new(&columns, &footer, streams.collect(), *compression, rows, decoded)?;
        Ok(OpenStripe { columns, class, _reserved: reserved })
    }

    /// The class of every key of a stripe, if its statistics say it.
    fn class_of_all(&self, at: usize) -> Option<u32> {
        let StripeClasses { classes, stated } = self.classes.as_ref()?;
        let key = self.columns.iter().find(|column| column.name == KEY)?;
        let (smallest, largest) = stated.get(at)?.bounds(key.column, self.footer.stripes[at].number_of_rows())?;
        classes.lock().class_between(&smallest, &largest)
    }
}

fn in_stripe(fault: Fault, at: usize) -> Fault {
    fault.in_group(|| format!("stripe {at}"))
}

/// What the file states about the values of its stripes; `None` if it is too long or can't be read. It is not needed.
fn statistics(
    file: &FileRanges,
    place: Span,
    compression: Compression,
    memory: &ReadMemory,
) -> Result<Option<Vec<StripeStatistics>>, Fault> {
    if place.1 - place.0 > memory.footer / 4 {
        return Ok(None);
    }
    let read = Metadata::read(file.read(place)?, compression, decoded_footer(memory));
    Ok(read.ok().map(|metadata| metadata.stripes))
}

/// The memory limit for an inflated and decoded footer.
fn decoded_footer(memory: &ReadMemory) -> usize {
    usize::try_from(memory.footer / 2).unwrap_or(usize::MAX)
}

/// Checks the length before reading. Compression does not make a footer longer, so the limit is that of the inflated footer.
fn read_footer(file: &FileRanges, (from, to): Span, memory: &ReadMemory) -> Result<Bytes, Fault> {
    let most = memory.footer / 4;
    match to.checked_sub(from) {
        Some(length) if to <= file.size() && length > most => {
            Err(Shortage::new(MemoryUse::StoredFooter, length, most).into())
        }
        _ => file.read((from, to)),
    }
}
