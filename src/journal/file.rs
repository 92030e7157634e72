//! What a journal needs of its file: positions, syncs, and a lock, so that only one run at a time writes it.
//!
//! The tests have a second file system, which records every operation and loses what was not synced.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::deletion::JournalError;
use crate::platform;

/// Why a journal can't be opened. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("another run is writing it")]
    Locked,
    #[error("the folder {} does not exist: create it, or correct --journal", .0.display())]
    NoFolder(PathBuf),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// The next run would not find what is written.
#[derive(Debug, thiserror::Error)]
#[error("another program has moved, replaced or shortened the file during the run")]
pub(super) struct ReplacedJournal;

/// An open journal file. Every write names its position, so that a second handle can't move it.
pub(super) trait JournalFile: Sized {
    /// Locks the file until all its handles are closed.
    fn lock(&self) -> Result<(), OpenError>;

    fn handle(&self) -> io::Result<Self>;

    /// Reads at most the length of `buffer`; 0 bytes at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    fn truncate(&self) -> io::Result<()>;

    /// Returns once all bytes are on disk.
    fn sync(&self) -> io::Result<()>;

    /// Makes sure that `path` still leads to this file, and that no other program has made it shorter than this.
    fn check_name(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Returns once the name of the file is on disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

impl JournalFile for File {
    fn lock(&self) -> Result<(), OpenError> {
        lock(self)
    }

    fn handle(&self) -> io::Result<Self> {
        self.try_clone()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        platform::read_at(self, buffer, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        platform::write_all_at(self, bytes, offset)
    }

    fn truncate(&self) -> io::Result<()> {
        self.set_len(0)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn check_name(&self, path: &Path, length: u64) -> io::Result<()> {
        match platform::is_at(self, path, length) {
            Ok(true) => Ok(()),
            Ok(false) => Err(io::Error::other(ReplacedJournal)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(io::Error::other(ReplacedJournal)),
            Err(error) => Err(error),
        }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // The name of the file may be a link to another folder.
        platform::sync_folder(folder_of(&path.canonicalize()?))
    }
}

/// Checks that the folder of a file exists.
pub(crate) fn check_folder(path: &Path) -> Result<(), OpenError> {
    let folder = folder_of(path);
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OpenError::NoFolder(folder.to_owned())),
        Err(_) | Ok(_) => Ok(()),
    }
}

/// Checks that `path` is a file that can be locked, or does not exist in an existing folder. Changes nothing.
pub(crate) fn check_file(path: &Path) -> Result<(), OpenError> {
    match std::fs::metadata(path) {
        // Opening a pipe would wait for a writer.
        Ok(found) if !found.is_file() => Err(no_file().into()),
        Ok(_) => lock(&File::open(path)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::metadata(folder_of(path))?;
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn no_file() -> io::Error {
    io::Error::other("it is not a file, and can't be locked")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn lock(file: &File) -> Result<(), OpenError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
