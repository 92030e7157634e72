//! Where an export goes: a file that is replaced whole or not at all, or stdout, which can't be taken back.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::targets::{OutputError, file_error, put_in_place, temporary_for};
use super::temporary::Temporary;
use crate::export::Sink;

/// `--export`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportPlace {
    /// `-`.
    Stdout,
    /// A file.
    File(PathBuf),
}

/// An export under way.
#[derive(Debug)]
pub struct ExportTarget {
    to: To,
    /// Something was handed over.
    begun: Arc<AtomicBool>,
}

#[derive(Debug)]
enum To {
    Stdout,
    /// Whoever writes has a handle of its own: the file is gone with this value, whatever those still do.
    File {
        path: PathBuf,
        temporary: Temporary,
    },
}

impl ExportTarget {
    /// Opens a temporary file beside the one that is to be replaced, so that what can't be written shows before anything is
    /// read.
    ///
    /// # Errors
    /// A folder that does not exist or can't be written.
    pub fn open(place: &ExportPlace) -> Result<Self, OutputError> {
        let to = match place {
            ExportPlace::Stdout => To::Stdout,
            ExportPlace::File(path) => {
                let (path, temporary) = temporary_for(path)?;
                To::File { path, temporary }
            }
        };
        Ok(Self { to, begun: Arc::default() })
    }

    /// Whether stdout has got something that stays there whatever happens.
    #[must_use]
    pub fn is_beyond_recall(&self) -> bool {
        matches!(self.to, To::Stdout) && self.begun.load(Ordering::Relaxed)
    }

    /// Takes whole lines from several threads.
    ///
    /// # Errors
    /// The system has no more handles.
    #[expect(clippy::disallowed_methods, reason = "an export may leave through stdout")]
    pub fn sink(&self) -> Result<Sink, OutputError> {
        let begun = Arc::clone(&self.begun);
        Ok(match &self.to {
            To::Stdout => Arc::new(move |block: &[u8]| {
                begun.store(true, Ordering::Relaxed);
                let mut out = io::stdout().lock();
                out.write_all(block).and_then(|()| out.flush())
            }),
            To::File { path, temporary } => {
                let file = temporary.file().try_clone().map_err(|error| file_error(path, &error))?;
                let file = Mutex::<File>::new(file);
                Arc::new(move |block: &[u8]| file.lock().unwrap_or_else(PoisonError::into_inner).write_all(block))
            }
        })
    }

    /// An error of the sink, with what it was about.
    #[must_use]
    pub fn error(&self, error: io::Error) -> OutputError {
        match &self.to {
            To::Stdout => OutputError::Stdout(error),
            To::File { path, .. } => file_error(path, &error),
        }
    }

    /// Puts the file in place: on disk first, then renamed over what was there.
    ///
    /// # Errors
    /// It can't be; what was there before is still there.
    pub fn commit(self) -> Result<(), OutputError> {
        match self.to {
            To::Stdout => Ok(()),
            To::File { path, temporary } => {
                put_in_place(BufWriter::with_capacity(0, temporary), &path).map_err(|error| file_error(&path, &error))
            }
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
        assert!(!target.is_beyond_recall());
        target.commit().unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"new\n".to_vec(), 1));
    }
}
