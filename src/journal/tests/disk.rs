//! A file system with one file. It records every operation in order, fails one if asked to, and after a loss of power has
//! only what was synced, and any part of the rest.
//!
//! It follows what Linux does and no more than POSIX promises: written pages reach the disk in any order, whole, in part, or
//! not at all, until a sync returns without an error; the size of the file may get there before its contents, which are zeros
//! then; the name of a new file is there for certain only after a sync of its folder. A sync that fails leaves the pages
//! clean in the cache: everybody reads them, and no later sync writes them (<https://lwn.net/Articles/752063/>).

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::super::file::{JournalFile, OpenError};

/// Smaller than real pages, so that a line has several.
pub(super) const PAGE: usize = 128;

#[derive(Debug, Clone)]
pub(super) enum DiskOperation<N> {
    Write {
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate,
    Sync {
        failed: bool,
    },
    SyncFolder {
        failed: bool,
    },
    /// What happened elsewhere meanwhile.
    Note(N),
}

/// What becomes of an operation instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct DiskFault {
    /// How many operations succeed before.
    pub(super) after: usize,
    /// Of a write, this many bytes are written before it fails.
    pub(super) written: usize,
}

#[derive(Debug)]
struct DiskState<N> {
    cache: Vec<u8>,
    operations: Vec<DiskOperation<N>>,
    /// Counts down to the fault.
    fault: Option<DiskFault>,
    /// The process that runs now. What an earlier one still does has no effect.
    process: u64,
    locked: bool,
}

#[derive(Debug, Clone)]
pub(super) struct ModelDisk<N> {
    state: Arc<Mutex<DiskState<N>>>,
    /// What was on disk before the first operation; `None` without the file.
    before: Option<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct ModelFile<N> {
    state: Arc<Mutex<DiskState<N>>>,
    process: u64,
}

impl<N: Clone> ModelDisk<N> {
    pub(super) fn with(file: Option<Vec<u8>>) -> Self {
        let cache = file.clone().unwrap_or_default();
        let state = DiskState { cache, operations: Vec::new(), fault: None, process: 0, locked: false };
        Self { state: Arc::new(Mutex::new(state)), before: file }
    }

    /// The file, opened by a new process; the process before it was killed.
    pub(super) fn open(&self) -> ModelFile<N> {
        let mut state = self.state.lock().unwrap();
        state.process += 1;
        (state.locked, state.fault) = (false, None);
        ModelFile { state: Arc::clone(&self.state), process: state.process }
    }

    /// The file, opened by another process at the same time.
    pub(super) fn open_too(&self) -> ModelFile<N> {
        ModelFile { state: Arc::clone(&self.state), process: self.state.lock().unwrap().process + 1 }
    }

    /// Kills the process: what it still does has no effect.
    pub(super) fn kill(&self) {
        let mut state = self.state.lock().unwrap();
        state.process += 1;
        state.locked = false;
    }

    pub(super) fn fail(&self, fault: DiskFault) {
        self.state.lock().unwrap().fault = Some(fault);
    }

    pub(super) fn note(&self, note: N) {
        self.state.lock().unwrap().operations.push(DiskOperation::Note(note));
    }

    pub(super) fn operations(&self) -> Vec<DiskOperation<N>> {
        self.state.lock().unwrap().operations.clone()
    }

    /// The disk after the first `count` operations.
    pub(super) fn after(&self, count: usize) -> DiskImage {
        let durable = self.before.clone().unwrap_or_default();
        let mut image = DiskImage {
            cache: durable.clone(),
            durable,
            named: self.before.is_some(),
            at_risk: BTreeSet::new(),
            dirty: BTreeSet::new(),
        };
        self.state.lock().unwrap().operations[..count].iter().for_each(|operation| image.take(operation));
        image
    }
}

impl<N> DiskState<N> {
    /// Whether the next operation fails, and how much of it is done.
    fn fault(&mut self) -> Option<DiskFault> {
        let fault = self.fault.as_mut()?;
        if fault.after == 0 {
            return self.fault.take();
        }
        fault.after -= 1;
        None
    }
}

fn no_space() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

impl<N> ModelFile<N> {
    /// Does something to the disk, unless the process was killed.
    fn act(&self, act: impl FnOnce(&mut DiskState<N>) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.process == self.process { act(&mut state) } else { Ok(()) }
    }
}

impl<N> JournalFile for ModelFile<N> {
    fn lock(&self) -> Result<(), OpenError> {
        let mut state = self.state.lock().unwrap();
        if state.locked && state.process != self.process {
            return Err(OpenError::Locked);
        }
        state.locked = true;
        Ok(())
    }

    fn handle(&self) -> io::Result<Self> {
        Ok(Self { state: Arc::clone(&self.state), process: self.process })
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.state.lock().unwrap();
        let rest = state.cache.get(offset as usize..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.act(|state| {
            let fault = state.fault();
            let bytes = &bytes[..fault.map_or(bytes.len(), |fault| fault.written.min(bytes.len()))];
            let offset = offset as usize;
            overwrite(&mut state.cache, offset, bytes);
            state.operations.push(DiskOperation::Write { offset, bytes: bytes.to_vec() });
            fault.map_or(Ok(()), |_| Err(no_space()))
        })
    }

    fn truncate(&self) -> io::Result<()> {
        self.act(|state| {
            if state.fault().is_some() {
                return Err(no_space());
            }
            state.cache.clear();
            state.operations.push(DiskOperation::Truncate);
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.act(|state| {
            let failed = state.fault().is_some();
            state.operations.push(DiskOperation::Sync { failed });
            if failed { Err(io::Error::other("EIO")) } else { Ok(()) }
        })
    }

    fn check_name(&self, _: &Path, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.act(|state| {
            let failed = state.fault().is_some();
            state.operations.push(DiskOperation::SyncFolder { failed });
            if failed { Err(io::Error::other("EIO")) } else { Ok(()) }
        })
    }
}

fn overwrite(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    file.resize(file.len().max(offset + bytes.len()), 0);
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// What a loss of power leaves of a page that was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageFate {
    Lost,
    Written,
    /// The bytes before this one are new, the others old.
    NewUpTo(usize),
    /// The bytes before this one are old, the others new.
    OldUpTo(usize),
}

/// The disk at one moment: what everybody reads, and what is certain.
#[derive(Debug, Clone)]
pub(super) struct DiskImage {
    cache: Vec<u8>,
    durable: Vec<u8>,
    /// The name of the file is on disk.
    pub(super) named: bool,
    /// Pages whose contents may or may not be on disk.
    at_risk: BTreeSet<usize>,
    /// Those of them that the next sync writes.
    dirty: BTreeSet<usize>,
}

impl DiskImage {
    fn take<N>(&mut self, operation: &DiskOperation<N>) {
        match operation {
            DiskOperation::Write { offset, bytes } => {
                overwrite(&mut self.cache, *offset, bytes);
                if !bytes.is_empty() {
                    let pages = *offset / PAGE..=(offset + bytes.len() - 1) / PAGE;
                    self.dirty.extend(pages.clone());
                    self.at_risk.extend(pages);
                }
            }
            DiskOperation::Truncate => {
                let pages = 0..self.cache.len().div_ceil(PAGE);
                self.cache.clear();
                self.dirty.retain(|page| !pages.contains(page));
                self.at_risk.extend(pages);
            }
            DiskOperation::Sync { failed: true } => self.dirty.clear(),
            DiskOperation::Sync { failed: false } => {
                let cache = &self.cache;
                self.durable.resize(cache.len(), 0);
                for page in std::mem::take(&mut self.dirty) {
                    let range = range_of(page, cache.len());
                    self.durable[range.clone()].copy_from_slice(&cache[range]);
                    self.at_risk.remove(&page);
                }
            }
            DiskOperation::SyncFolder { failed } => self.named |= !failed,
            DiskOperation::Note(_) => {}
        }
    }

    /// Pages whose contents may or may not be on disk.
    pub(super) fn at_risk(&self) -> Vec<usize> {
        self.at_risk.iter().copied().collect()
    }

    /// The lengths that the file may have after a loss of power.
    pub(super) fn lengths(&self) -> std::ops::RangeInclusive<usize> {
        let (one, other) = (self.durable.len(), self.cache.len());
        one.min(other)..=one.max(other)
    }

    /// Whether this crash leaves the beginning of what was written, and at most zeros after it.
    pub(super) fn leaves_a_beginning(&self, file: &[u8]) -> bool {
        let same = file.iter().zip(&self.cache).take_while(|(one, other)| one == other).count();
        file[same..].iter().all(|byte| *byte == 0)
    }

    /// The file after a loss of power.
    pub(super) fn crash(&self, length: usize, fate: impl Fn(usize) -> PageFate) -> Vec<u8> {
        let mut file = self.durable.clone();
        file.resize(length, 0);
        for page in &self.at_risk {
            let new = &self.cache[range_of(*page, self.cache.len().min(length))];
            let new = match fate(*page) {
                PageFate::Lost => 0..0,
                PageFate::Written => 0..new.len(),
                PageFate::NewUpTo(end) => 0..end.min(new.len()),
                PageFate::OldUpTo(begin) => begin.min(new.len())..new.len(),
            };
            let (begin, end) = (page * PAGE + new.start, page * PAGE + new.end);
            if begin < end {
                file[begin..end].copy_from_slice(&self.cache[begin..end]);
            }
        }
        file
    }
}

fn range_of(page: usize, length: usize) -> Range<usize> {
    (page * PAGE).min(length)..((page + 1) * PAGE).min(length)
}
