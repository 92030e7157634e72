//! An opened journal: what an earlier run wrote, and where the next run continues.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::file::{JournalFile, OpenError, no_file};
use super::writer::{JournalWriter, WriterMode};
use crate::deletion::{JournalHeader, JournalKind, JournalReplay, header_line, record_of, run_line};
use crate::model::ObjectId;

/// The contents of a journal when it was opened.
#[derive(Debug)]
pub(crate) struct OpenedJournal<K, F = File> {
    /// `None` if the file does not exist and was opened for reading.
    file: Option<F>,
    path: PathBuf,
    pub(crate) replay: JournalReplay<K>,
    length: u64,
    /// The last line has no line end.
    is_torn: bool,
}

/// Bytes that are read at once to find the end of a line.
const PIECE: usize = 4 << 10;

impl<K: JournalKind> OpenedJournal<K> {
    /// Opens or creates the journal of the run that `header` describes. It stays locked until this value and its writer are
    /// dropped.
    pub(crate) fn open(path: &Path, header: &JournalHeader) -> Result<Self, OpenError> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        Self::read_file(file, path, header)
    }

    /// Opens a journal without writing to it. One that does not exist is empty.
    pub(crate) fn look(path: &Path, header: &JournalHeader) -> Result<Self, OpenError> {
        match File::open(path) {
            Ok(file) => Self::read_file(file, path, header),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::empty(path)),
            Err(error) => Err(error.into()),
        }
    }

    fn read_file(file: File, path: &Path, header: &JournalHeader) -> Result<Self, OpenError> {
        if file.metadata()?.is_file() { Self::read(file, path, header) } else { Err(no_file().into()) }
    }
}

#[expect(private_bounds, reason = "only this module implements it")]
impl<K: JournalKind, F: JournalFile> OpenedJournal<K, F> {
    fn empty(path: &Path) -> Self {
        Self { file: None, path: path.to_owned(), replay: JournalReplay::default(), length: 0, is_torn: false }
    }

    pub(super) fn read(file: F, path: &Path, header: &JournalHeader) -> Result<Self, OpenError> {
        file.lock()?;
        let mut past = Self::empty(path);
        let mut lines = BufReader::with_capacity(64 << 10, FromBeginning(&file, 0));
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            let whole = line.strip_suffix(b"\n");
            past.is_torn = whole.is_none();
            let text = whole.unwrap_or(&line);
            if past.length == 0 && past.is_torn && is_begun_header(text, K::NAME) {
                // The run was killed while it wrote the first line: nothing was sent.
                past.is_torn = false;
                break;
            }
            past.replay.take(text, past.length)?;
            past.length += read as u64;
        }
        if past.length > 0 {
            past.replay.check(header)?;
        }
        past.file = Some(file);
        Ok(past)
    }

    /// The line that begins at `offset`, without its end.
    fn line_at(&self, offset: u64) -> io::Result<Vec<u8>> {
        let file = self.file.as_ref().ok_or_else(changed)?;
        let mut line = Vec::new();
        loop {
            let from = line.len();
            line.resize(from + PIECE, 0);
            let read = file.read_at(&mut line[from..], offset + from as u64)?;
            line.truncate(from + read);
            if let Some(end) = line[from..].iter().position(|byte| *byte == b'\n') {
                line.truncate(from + end);
                break;
            }
            if read == 0 {
                break;
            }
        }
        Ok(line)
    }

    /// Continues writing where the last run stopped.
    pub(crate) fn resume(&self, header: &JournalHeader, at: &str, mode: WriterMode) -> io::Result<JournalWriter>
    where
        F: Send + 'static,
    {
        let file =
            self.file.as_ref().ok_or_else(|| io::Error::other("the journal was opened for reading"))?.handle()?;
        let mut lines = Vec::new();
        if self.length == 0 {
            file.truncate()?;
            header_line::<K>(header, &mut lines);
        } else if self.is_torn {
            lines.push(b'\n');
        }
        run_line(at, &mut lines);
        self.write_again(&file)?;
        file.write_all_at(&lines, self.length)?;
        file.sync()?;
        // The file's name is on disk only after the folder is synced, and the run that made the file may not have done it.
        file.sync_folder(&self.path)?;
        JournalWriter::start(file, self.length + lines.len() as u64, self.path.clone(), mode)
    }

    /// Writes what was read again. After a sync that failed, lines of an earlier run are in the cache and not on disk, and
    /// only pages that are written again are synced again (<https://lwn.net/Articles/752063/>).
    fn write_again(&self, file: &F) -> io::Result<()> {
        let (mut piece, mut offset) = (vec![0; 64 << 10], 0);
        while offset < self.length {
            let most = usize::try_from(self.length - offset).map_or(piece.len(), |rest| rest.min(piece.len()));
            let read = file.read_at(&mut piece[..most], offset)?;
            if read == 0 {
                return Err(changed());
            }
            file.write_all_at(&piece[..read], offset)?;
            offset += read as u64;
        }
        Ok(())
    }

    /// The object and its entry whose line begins at `offset`.
    pub(crate) fn record(&self, offset: u64) -> io::Result<(ObjectId, K::Entry)> {
        record_of::<K>(&self.line_at(offset)?).ok_or_else(changed)
    }

    /// Whether `is_it` accepts one of the objects that may have been deleted.
    pub(crate) fn has(&self, is_it: impl Fn(&ObjectId) -> bool) -> io::Result<bool> {
        for offset in self.replay.offsets() {
            if is_it(&self.record(offset)?.0) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Reads a file from its beginning.
struct FromBeginning<'a, F>(&'a F, u64);

impl<F: JournalFile> Read for FromBeginning<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read_at(buffer, self.1)?;
        self.1 += read as u64;
        Ok(read)
    }
}

/// Another program has changed the file since it was opened.
fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a line of the journal was changed meanwhile")
}

/// Whether this is the truncated first line of a journal of this kind.
fn is_begun_header(text: &[u8], name: &str) -> bool {
    let begin = format!("{{\"{name}\":").into_bytes();
    let is_whole = serde_json::from_slice::<serde_json::Value>(text).is_ok();
    !is_whole && (begin.starts_with(text) || text.starts_with(&begin))
}
