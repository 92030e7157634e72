//! Partitions of blocks, written by several threads and read back one by one.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file::{SpillError, SpillFile, SpillRegion};

/// Marks the first block of a partition in the file.
const NO_BLOCK: u64 = u64::MAX;
/// Bytes of a block's head: the place of the block before.
const HEAD: usize = 8;

/// How much is held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoreLimits {
    pub(crate) partitions: u32,
    /// Bytes of a full block: a multiple of what is written at once.
    pub(crate) block: usize,
    /// Bytes of all full blocks in memory.
    pub(crate) memory: u64,
}

/// Blocks of bytes in partitions.
#[derive(Debug)]
pub(crate) struct PartitionStore {
    limits: StoreLimits,
    partitions: Vec<Mutex<Partition>>,
    /// Bytes of the full blocks in memory.
    held: Arc<AtomicU64>,
    file: Arc<SpillFile>,
}

#[derive(Debug)]
struct Partition {
    in_memory: Vec<Box<[u8]>>,
    /// The place of its last block in the file.
    last: u64,
    bytes: u64,
}

impl PartitionStore {
    pub(crate) fn new(limits: StoreLimits, folder: &Path) -> Self {
        Self::in_file(limits, Arc::new(SpillFile::new(folder)))
    }

    /// Another store with blocks of this length that shares the file and the memory.
    pub(crate) fn beside(&self, block: usize) -> Self {
        let held = Arc::clone(&self.held);
        Self { held, ..Self::in_file(StoreLimits { block, ..self.limits }, Arc::clone(&self.file)) }
    }

    fn in_file(limits: StoreLimits, file: Arc<SpillFile>) -> Self {
        let empty = || Mutex::new(Partition { in_memory: Vec::new(), last: NO_BLOCK, bytes: 0 });
        let partitions = (0..limits.partitions).map(|_| empty()).collect();
        Self { limits, partitions, held: Arc::default(), file }
    }

    pub(crate) fn partitions(&self) -> u32 {
        self.limits.partitions
    }

    /// Bytes on disk, of all stores of the file.
    pub(crate) fn spilled(&self) -> u64 {
        self.file.written()
    }

    pub(crate) fn bytes(&self, partition: u32) -> u64 {
        self.partition(partition).map_or(0, |partition| partition.bytes)
    }

    fn partition(&self, partition: u32) -> Option<MutexGuard<'_, Partition>> {
        let partition = self.partitions.get(partition as usize)?;
        Some(partition.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a block; a full one goes to disk when memory is used up. Blocks that are not full always stay in memory: there is
    /// one for each partition and writer.
    fn add(&self, partition: u32, block: &[u8], region: &mut SpillRegion) -> Result<(), SpillError> {
        let Some(mut partition) = self.partition(partition) else { return Ok(()) };
        partition.bytes += block.len() as u64;
        let length = block.len() as u64;
        let is_partial = block.len() < self.limits.block;
        if is_partial || self.held.fetch_add(length, Ordering::Relaxed) + length <= self.limits.memory {
            partition.in_memory.push(block.into());
            return Ok(());
        }
        self.held.fetch_sub(length, Ordering::Relaxed);
        let before = partition.last.to_le_bytes();
        partition.last = region.append([&before, block])?;
        Ok(())
    }

    /// Passes every block of a partition to `each`, in any order. All writers must have finished.
    pub(crate) fn read<E: From<SpillError>>(
        &self,
        partition: u32,
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(partition) = self.partition(partition) else { return Ok(()) };
        partition.in_memory.iter().try_for_each(|block| each(block))?;
        let mut place = partition.last;
        while place != NO_BLOCK {
            buffer.resize(HEAD + self.limits.block, 0);
            self.file.read(buffer, place)?;
            let (before, block) = buffer.split_at(HEAD);
            let mut number = [0; HEAD];
            number.copy_from_slice(before);
            each(block)?;
            place = u64::from_le_bytes(number);
        }
        Ok(())
    }
}

/// Makes room in steps, so that a small report does not take a block for each partition.
#[cold]
fn grow(block: &mut Vec<u8>, record: usize, whole: usize) {
    let more = (block.capacity() * 3).clamp(record * 4, whole.max(record * 4)) - block.len();
    block.reserve_exact(more.max(record));
}

/// One thread's blocks that are not full yet.
#[derive(Debug)]
pub(crate) struct PartitionWriter {
    store: Arc<PartitionStore>,
    blocks: Vec<Vec<u8>>,
    region: SpillRegion,
}

impl PartitionWriter {
    pub(crate) fn new(store: Arc<PartitionStore>) -> Self {
        let blocks = (0..store.limits.partitions).map(|_| Vec::new()).collect();
        Self { region: SpillRegion::new(Arc::clone(&store.file)), store, blocks }
    }

    /// Appends bytes to a partition. Their length divides that of a block.
    ///
    /// Inlined, because bytes that were just put together would have to be read again in larger pieces, which is slow.
    #[inline(always)]
    pub(crate) fn put<const N: usize>(&mut self, partition: u32, bytes: [u8; N]) -> Result<(), SpillError> {
        let block = &mut self.blocks[partition as usize];
        if block.capacity() - block.len() < N {
            grow(block, N, self.store.limits.block);
        }
        block.extend_from_slice(&bytes);
        if block.len() < self.store.limits.block { Ok(()) } else { self.flush(partition) }
    }

    #[cold]
    fn flush(&mut self, partition: u32) -> Result<(), SpillError> {
        let block = &mut self.blocks[partition as usize];
        self.store.add(partition, block, &mut self.region)?;
        block.clear();
        Ok(())
    }

    /// Hands over the blocks that are not full, and what is not written yet.
    pub(crate) fn finish(&mut self) -> Result<(), SpillError> {
        for partition in 0..self.store.limits.partitions {
            let block = std::mem::take(&mut self.blocks[partition as usize]);
            if !block.is_empty() {
                self.store.add(partition, &block, &mut self.region)?;
            }
        }
        self.region.write()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(memory: u64, rows: u32) -> (Arc<PartitionStore>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let limits = StoreLimits { partitions: 4, block: 64, memory };
        let store = Arc::new(PartitionStore::new(limits, folder.path()));
        let mut writers = [PartitionWriter::new(Arc::clone(&store)), PartitionWriter::new(Arc::clone(&store))];
        for row in 0..rows {
            writers[row as usize % 2].put(row % 3, row.to_le_bytes()).unwrap();
        }
        writers.iter_mut().for_each(|writer| writer.finish().unwrap());
        (store, folder)
    }

    #[test]
    fn what_was_written_is_read_from_memory_and_disk() {
        for (memory, rows) in [(0, 1000), (128, 1000), (1 << 20, 1000), (64, 200_000)] {
            let (store, folder) = written(memory, rows);
            let mut found = Vec::new();
            let mut buffer = Vec::new();
            for partition in 0..4 {
                let mut bytes = 0;
                let each = |block: &[u8]| {
                    bytes += block.len() as u64;
                    let rows = block.as_chunks::<4>().0.iter().map(|row| u32::from_le_bytes(*row));
                    rows.for_each(|row| {
                        assert_eq!(row % 3, partition);
                        found.push(row);
                    });
                    Ok::<_, SpillError>(())
                };
                store.read(partition, &mut buffer, each).unwrap();
                assert_eq!(store.bytes(partition), bytes);
            }
            found.sort_unstable();
            assert_eq!(found, (0..rows).collect::<Vec<u32>>(), "{memory}");
            let spilled = store.spilled();
            let all = u64::from(rows) * 4;
            assert!(if memory > all { spilled == 0 } else { spilled > 0 && spilled < all * 5 / 4 }, "{spilled}");
            // No name is left behind, also while the file is open.
            assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        }
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error() {
        let limits = StoreLimits { partitions: 1, block: 8, memory: 0 };
        let store = Arc::new(PartitionStore::new(limits, Path::new("/nonexistent/folder")));
        let mut writer = PartitionWriter::new(store);
        writer.put(0, [1, 2, 3, 4]).unwrap();
        let error = writer.put(0, [5, 6, 7, 8]).and_then(|()| writer.finish()).unwrap_err();
        assert!(matches!(error, SpillError::Create { .. }), "{error}");
    }
}
