//! Where an export goes: a file that is replaced whole or not at all, or stdout, which can't be taken back.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::OutputError;
use super::replaced_file::ReplacedFile;
use crate::export::LineSink;
use crate::platform::stdout;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExportPlace {
    Stdout,
    File(PathBuf),
}

#[derive(Debug)]
pub(crate) struct ExportTarget {
    to: ExportHandle,
    /// Whether the sink was used.
    begun: Arc<AtomicBool>,
}

#[derive(Debug)]
enum ExportHandle {
    Stdout,
    /// Each writer has a handle of its own. The file is gone with this value, also while writers still hold handles.
    File(ReplacedFile),
}

impl ExportTarget {
    /// Opens a temporary file beside the one that is to be replaced, so that what can't be written shows before anything is
    /// read.
    pub(crate) fn open(place: &ExportPlace) -> Result<Self, OutputError> {
        let to = match place {
            ExportPlace::Stdout => ExportHandle::Stdout,
            ExportPlace::File(path) => ExportHandle::File(ReplacedFile::open(path, "--export")?),
        };
        Ok(Self { to, begun: Arc::default() })
    }

    /// Whether something was written to stdout, which cannot be taken back.
    pub(crate) fn has_written_to_stdout(&self) -> bool {
        matches!(self.to, ExportHandle::Stdout) && self.begun.load(Ordering::Relaxed)
    }

    /// Takes whole lines from several threads.
    pub(crate) fn sink(&self) -> Result<LineSink, OutputError> {
        let begun = Arc::clone(&self.begun);
        Ok(match &self.to {
            ExportHandle::Stdout => {
                let out = Mutex::<File>::new(stdout().map_err(OutputError::Stdout)?);
                Arc::new(move |block: &[u8]| {
                    begun.store(true, Ordering::Relaxed);
                    out.lock().unwrap_or_else(PoisonError::into_inner).write_all(block)
                })
            }
            ExportHandle::File(file) => {
                let handle = file.temporary.get_ref().file().try_clone().map_err(|error| file.error(error))?;
                let file = Mutex::<File>::new(handle);
                Arc::new(move |block: &[u8]| file.lock().unwrap_or_else(PoisonError::into_inner).write_all(block))
            }
        })
    }

    /// An error of the sink, with what it was about.
    pub(crate) fn error(&self, error: io::Error) -> OutputError {
        match &self.to {
            ExportHandle::Stdout => OutputError::Stdout(error),
            ExportHandle::File(file) => file.error(error),
        }
    }

    /// Puts the file in place: on disk first, then renamed over what was there.
    pub(crate) fn commit(self) -> Result<(), OutputError> {
        match self.to {
            ExportHandle::Stdout => Ok(()),
            ExportHandle::File(file) => file.commit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_in_place_before_commit_and_nothing_is_left_without() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.csv");
        std::fs::write(&path, "old").unwrap();
        let names = || std::fs::read_dir(dir.path()).unwrap().count();
        let open = || ExportTarget::open(&ExportPlace::File(path.clone())).unwrap();
        let target = open();
        let sink = target.sink().unwrap();
        sink(b"new\n").unwrap();
        // On Linux what is not in place has no name.
        let expected = if cfg!(target_os = "linux") { 1 } else { 2 };
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"old".to_vec(), expected));
        drop(target);
        // A thread that was not told yet.
        sink(b"more\n").unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"old".to_vec(), 1));
        let target = open();
        target.sink().unwrap()(b"new\n").unwrap();
        assert!(!target.has_written_to_stdout());
        target.commit().unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"new\n".to_vec(), 1));
    }
}
