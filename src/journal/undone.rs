//! The journal of a safe-delete that an undo reads, and marks before it removes a delete marker: what the journal says of its
//! objects is not true any more, so that no run may resume it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::file::{JournalFile, OpenError};
use crate::deletion::{DeleteLines, JournalKind as _, undone_line};
use crate::platform;

/// A journal that is locked until this value is dropped.
#[derive(Debug)]
pub(crate) struct UndoneJournal(File);

impl UndoneJournal {
    /// Opens and locks a journal; `None` if the file is something else, or can't be written to or locked here.
    pub(crate) fn lock(path: &Path) -> Result<Option<Self>, OpenError> {
        // Opening a pipe would wait for a reader.
        if !std::fs::metadata(path)?.is_file() {
            return Ok(None);
        }
        let Ok(file) = File::options().read(true).append(true).open(path) else { return Ok(None) };
        let header = format!("{{\"{}\":", DeleteLines::NAME).into_bytes();
        let mut begin = vec![0; header.len()];
        if platform::read_at(&file, &mut begin, 0)? < header.len() || begin != header {
            return Ok(None);
        }
        match JournalFile::lock(&file) {
            Ok(()) => Ok(Some(Self(file))),
            Err(OpenError::Locked) => Err(OpenError::Locked),
            // On a file system without locks, no run can resume it.
            Err(_) => Ok(None),
        }
    }

    /// A handle to read it from the beginning.
    pub(crate) fn reader(&self) -> io::Result<File> {
        self.0.try_clone()
    }

    /// Notes that an undo begins; returns once that is on disk.
    pub(crate) fn mark(&self, at: &str) -> io::Result<()> {
        let (mut lines, mut last) = (Vec::new(), [b'\n']);
        if let Some(end) = self.0.metadata()?.len().checked_sub(1) {
            platform::read_at(&self.0, &mut last, end)?;
        }
        if last != [b'\n'] {
            lines.push(b'\n');
        }
        undone_line(at, &mut lines);
        (&self.0).write_all(&lines)?;
        self.0.sync_data()
    }
}
