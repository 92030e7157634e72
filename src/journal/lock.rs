//! Locks a journal, so that only one run at a time writes it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::deletion::JournalError;

/// Why a journal can't be opened. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("another run is writing it")]
    Locked,
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    File(#[from] io::Error),
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

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn lock(file: &File) -> Result<(), OpenError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
