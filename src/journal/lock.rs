//! Only one run at a time may write a journal: its file is locked while it is open.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::deletion::JournalError;

/// Why a journal can't be used. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("another run is writing it")]
    Locked,
    /// It is not the journal of this run.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file can't be opened, read, or locked.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Makes sure that a journal can be kept at `path`: a file that can be locked, or none yet. Leaves it as it is.
pub(crate) fn check_file(path: &Path) -> Result<(), OpenError> {
    match std::fs::metadata(path) {
        // A pipe would wait for a writer when it is opened.
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
