//! The records of one report in partitions. Nearly all have no content, and are stored without it.

use std::path::Path;
use std::sync::Arc;

use crate::reconcile::{LONG_RECORD, ObjectRecord, SHORT_RECORD};
use crate::spill::{PartitionStore, PartitionWriter, SpillError, StoreLimits};

/// Blocks that one worker fills at the same time for each partition: records with and without content, of both reports.
pub(super) const OPEN_BLOCKS: u64 = 4;

/// The records of one report.
#[derive(Debug)]
pub(super) struct RecordStore {
    pub(super) short: Arc<PartitionStore>,
    pub(super) long: Arc<PartitionStore>,
}

impl RecordStore {
    /// The stores of both reports. They share the memory for blocks: what the first leaves is for the second.
    pub(super) fn pair(limits: StoreLimits, folder: &Path) -> [Self; 2] {
        let block = |record: usize| limits.block.max(record) / record * record;
        let short = PartitionStore::new(StoreLimits { block: block(SHORT_RECORD), ..limits }, folder);
        let beside = |record| Arc::new(short.beside(block(record)));
        let second = Self { short: beside(SHORT_RECORD), long: beside(LONG_RECORD) };
        [Self { long: beside(LONG_RECORD), short: Arc::new(short) }, second]
    }

    pub(super) fn writer(&self) -> RecordWriter {
        let writer = |store| PartitionWriter::new(Arc::clone(store));
        RecordWriter { short: writer(&self.short), long: writer(&self.long), partitions: self.short.partitions() }
    }

    pub(super) fn records(&self, partition: u32) -> u64 {
        self.short.bytes(partition) / SHORT_RECORD as u64 + self.long.bytes(partition) / LONG_RECORD as u64
    }
}

/// One worker's records.
#[derive(Debug)]
pub(super) struct RecordWriter {
    short: PartitionWriter,
    long: PartitionWriter,
    partitions: u32,
}

impl RecordWriter {
    #[inline(always)]
    pub(super) fn put(&mut self, record: ObjectRecord) -> Result<(), SpillError> {
        let partition = record.identity.partition(self.partitions);
        match record.content {
            0 => self.short.put(partition, record.short_bytes()),
            _ => self.long.put(partition, record.long_bytes()),
        }
    }

    pub(super) fn finish(&mut self) -> Result<(), SpillError> {
        self.short.finish()?;
        self.long.finish()
    }
}
