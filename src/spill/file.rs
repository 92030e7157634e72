//! The file behind the partitions.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::platform::{read_exact_at, write_all_at};

/// Why blocks could not be kept on disk.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// No file could be created.
    #[error("creating a temporary file in {}: {error}", folder.display())]
    Create {
        folder: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// The disk is full, or can't be written.
    #[error("writing a temporary file in {}: {error} ({written} bytes are written; --temp-dir names another folder)", folder.display())]
    Write {
        folder: PathBuf,
        /// The bytes that fitted.
        written: u64,
        /// The error of the system.
        error: io::Error,
    },
    /// What was written can't be read.
    #[error("reading a temporary file in {}: {error}", folder.display())]
    Read {
        folder: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
}

/// Bytes that one writer writes at once: small writes cost more per byte.
const REGION: usize = 64 << 10;

/// A file without a name, created by the first write.
#[derive(Debug)]
pub(super) struct SpillFile {
    folder: PathBuf,
    file: std::sync::OnceLock<File>,
    creating: std::sync::Mutex<()>,
    end: AtomicU64,
    written: AtomicU64,
}

impl SpillFile {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            file: std::sync::OnceLock::new(),
            creating: std::sync::Mutex::default(),
            end: AtomicU64::new(0),
            written: AtomicU64::new(0),
        }
    }

    fn write(&self, bytes: &[u8], place: u64) -> Result<(), SpillError> {
        let failed = |error| SpillError::Write {
            folder: self.folder.clone(),
            written: self.written.load(Ordering::Relaxed),
            error,
        };
        write_all_at(self.open()?, bytes, place).map_err(failed)?;
        self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn read(&self, buffer: &mut [u8], place: u64) -> Result<(), SpillError> {
        let failed = |error| SpillError::Read { folder: self.folder.clone(), error };
        let file = self.file.get().ok_or_else(|| failed(io::ErrorKind::UnexpectedEof.into()))?;
        read_exact_at(file, buffer, place).map_err(failed)
    }

    /// The bytes that were written.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    fn open(&self) -> Result<&File, SpillError> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let _turn = self.creating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        // Without a name from the start where the system can do that, else removed at once.
        let file = tempfile::tempfile_in(&self.folder);
        let file = file.map_err(|error| SpillError::Create { folder: self.folder.clone(), error })?;
        Ok(self.file.get_or_init(|| file))
    }
}

/// The part of the file that one writer fills.
#[derive(Debug)]
pub(super) struct SpillRegion {
    file: Arc<SpillFile>,
    place: u64,
    /// Not written yet.
    bytes: Vec<u8>,
}

impl SpillRegion {
    pub(super) fn new(file: Arc<SpillFile>) -> Self {
        Self { file, place: 0, bytes: Vec::new() }
    }

    /// Appends bytes; returns their place, where they can be read after [`SpillRegion::write`].
    pub(super) fn append(&mut self, parts: [&[u8]; 2]) -> Result<u64, SpillError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if self.bytes.len() + length > self.bytes.capacity() {
            self.write()?;
            self.bytes.reserve_exact(REGION.max(length));
        }
        if self.bytes.is_empty() {
            self.place = self.file.end.fetch_add(self.bytes.capacity() as u64, Ordering::Relaxed);
        }
        let place = self.place + self.bytes.len() as u64;
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        Ok(place)
    }

    pub(super) fn write(&mut self) -> Result<(), SpillError> {
        if !self.bytes.is_empty() {
            self.file.write(&self.bytes, self.place)?;
            self.bytes.clear();
        }
        Ok(())
    }
}
