//! The journal as a file: locked, appended to, and on disk before a request leaves.
//!
//! Intents that wait at the same time share one fsync: a thread takes whatever has gathered, writes it, syncs it, and tells
//! all who wait. Outcomes ride along. What the lines mean is told in `deletion`.

mod undo;

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::deletion::{
    DeleteEntry, DeleteOrder, Header, Journal, JournalError, JournalReplay, JournalState, UndoReplay, entry_of,
    finished_line, header_line, intent_line, outcome_line, run_line,
};
use crate::model::{Failure, ObjectId};

/// Why a journal can't be used. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another run has it.
    #[error("another run is writing it")]
    Locked,
    /// It is not the journal of this run.
    #[error(transparent)]
    NotSent(#[from] JournalError),
    /// The file system says no.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// What the lines of a journal mean: those of a safe-delete, or of an undo.
pub trait Replay: Default {
    /// The first line.
    type Header;
    /// How the first line begins.
    const BEGIN: &'static [u8];

    /// Takes the next line, without its end; `offset` is where it begins.
    ///
    /// # Errors
    /// Not such a journal, or a damaged line.
    fn take(&mut self, line: &[u8], offset: u64) -> Result<(), JournalError>;

    /// Makes sure that this is the journal of the same run, and that something is left to do.
    ///
    /// # Errors
    /// It is not, or nothing is.
    fn check(&self, header: &Self::Header) -> Result<(), JournalError>;

    /// Appends the line that opens a journal.
    fn begin(header: &Self::Header, out: &mut Vec<u8>);
}

impl Replay for JournalReplay {
    type Header = Header;
    const BEGIN: &'static [u8] = b"{\"replaudit_journal\":";

    fn take(&mut self, line: &[u8], offset: u64) -> Result<(), JournalError> {
        Self::take(self, line, offset)
    }

    fn check(&self, header: &Header) -> Result<(), JournalError> {
        Self::check(self, header)
    }

    fn begin(header: &Header, out: &mut Vec<u8>) {
        header_line(header, out);
    }
}

/// What the journal of a safe-delete held when it was opened.
pub type Past = JournalPast<JournalReplay>;
/// What the journal of an undo held when it was opened.
pub type UndoPast = JournalPast<UndoReplay>;

/// What a journal held when it was opened.
#[derive(Debug)]
pub struct JournalPast<R> {
    file: Option<File>,
    path: PathBuf,
    fold: R,
    length: u64,
    /// The last line has no end.
    is_torn: bool,
}

/// So many bytes of outcomes wait for company.
const ENOUGH: usize = 16 << 10;
/// A line is read in pieces of this size.
const PIECE: usize = 4 << 10;

/// Makes sure that a journal can be kept at `path`: a file that can be locked, or none yet. Leaves it as it is.
///
/// # Errors
/// See [`OpenError`].
pub fn check_file(path: &Path) -> Result<(), OpenError> {
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

fn no_file() -> io::Error {
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

impl<R: Replay> JournalPast<R> {
    /// Opens the journal of the run that `header` stands for, or makes it; it is locked until the value, or what becomes
    /// of it, goes.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, header: &R::Header) -> Result<Self, OpenError> {
        let file = File::options().read(true).append(true).create(true).open(path)?;
        Self::read(file, path, header)
    }

    /// The same without writing anything; a journal that is not there is an empty one.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn look(path: &Path, header: &R::Header) -> Result<Self, OpenError> {
        match File::open(path) {
            Ok(file) => Self::read(file, path, header),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self { file: None, path: path.to_owned(), fold: R::default(), length: 0, is_torn: false })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read(file: File, path: &Path, header: &R::Header) -> Result<Self, OpenError> {
        if !file.metadata()?.is_file() {
            return Err(no_file().into());
        }
        lock(&file)?;
        let mut past = Self { file: None, path: path.to_owned(), fold: R::default(), length: 0, is_torn: false };
        let mut lines = BufReader::with_capacity(64 << 10, &file);
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
            if past.length == 0 && past.is_torn && is_begun_header(text, R::BEGIN) {
                // Killed before its first line was whole: nothing had been sent.
                past.is_torn = false;
                break;
            }
            past.fold.take(text, past.length)?;
            past.length += read as u64;
        }
        if past.length > 0 {
            past.fold.check(header)?;
        }
        past.file = Some(file);
        Ok(past)
    }

    /// The line that begins at `offset`, without its end.
    fn line_at(&self, offset: u64) -> io::Result<Vec<u8>> {
        let file = self.file.as_ref().ok_or_else(strange)?;
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

    /// Goes on writing where the last run stopped.
    ///
    /// # Errors
    /// The file can't be written or synced.
    pub fn go_on(&self, header: &R::Header, at: &str) -> io::Result<JournalFile> {
        let file = self.file.as_ref().ok_or_else(|| io::Error::other("the journal was opened for reading"))?;
        let mut file = file.try_clone()?;
        let mut lines = Vec::new();
        if self.length == 0 {
            file.set_len(0)?;
            R::begin(header, &mut lines);
        } else if self.is_torn {
            lines.push(b'\n');
        }
        run_line(at, &mut lines);
        file.write_all(&lines)?;
        file.sync_all()?;
        if self.length == 0 {
            // The name is on disk only once the folder is.
            File::open(folder_of(&self.path))?.sync_all()?;
        }
        JournalFile::start(file, self.path.clone())
    }
}

impl Past {
    /// Where an object of the list stands; asked for once.
    pub fn standing(&mut self, given: &ObjectId) -> JournalState {
        self.fold.take_standing(given)
    }

    /// Whether it says nothing of any object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fold.is_empty()
    }

    /// What the journal holds and was not asked for.
    pub fn left(&mut self) -> Vec<JournalState> {
        self.fold.left()
    }

    /// The object and its entry whose line begins at `offset`.
    ///
    /// # Errors
    /// The file can't be read, or no such line begins there.
    pub fn entry(&self, offset: u64) -> io::Result<(ObjectId, DeleteEntry)> {
        let line = self.line_at(offset)?;
        entry_of(&line).ok_or_else(strange)
    }
}

/// The file has been changed by another program since it was opened.
fn strange() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a line of the journal is no longer what it was")
}

fn is_begun_header(text: &[u8], begin: &[u8]) -> bool {
    let is_whole = serde_json::from_slice::<serde_json::Value>(text).is_ok();
    !is_whole && (begin.starts_with(text) || text.starts_with(begin))
}

/// A journal that is written.
#[derive(Debug)]
pub struct JournalFile {
    shared: Arc<Shared>,
    synced: watch::Receiver<Synced>,
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
    stays_open: AtomicBool,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    lines: Vec<u8>,
    /// How often somebody asked for what is here to be synced.
    asked: u64,
    closed: bool,
}

/// How far the disk is.
#[derive(Debug, Clone, Default)]
struct Synced {
    asked: u64,
    error: Option<String>,
}

impl JournalFile {
    fn start(file: File, path: PathBuf) -> io::Result<Self> {
        let (sender, synced) = watch::channel(Synced::default());
        let shared = Arc::new(Shared { queue: Mutex::default(), wake: Condvar::new() });
        let writes = Arc::clone(&shared);
        // The sender goes with the thread: were that to panic, whoever waits for the disk would wait no longer.
        let write = move || writes.write(file, &sender);
        let writer = std::thread::Builder::new().name("journal".to_owned()).spawn(write)?;
        Ok(Self { shared, synced, writer: Some(writer), path, stays_open: AtomicBool::new(false) })
    }

    /// Notes what looking up an open object told.
    ///
    /// # Errors
    /// The journal can't be written.
    pub fn settled(&self, given: &ObjectId, entry: &DeleteEntry) -> Result<(), Failure> {
        self.append(|lines| outcome_line(given, entry, lines))
    }

    /// Notes that the run came to its end, unless it stays open, and makes sure of it.
    ///
    /// # Errors
    /// The journal can't be written.
    pub async fn finish(&self, summary: &impl serde::Serialize) -> Result<(), Failure> {
        if self.stays_open.load(Ordering::Relaxed) {
            return self.flush().await;
        }
        self.append_and_sync(|lines| finished_line(summary, lines)).await
    }

    /// Makes sure that everything is on disk.
    ///
    /// # Errors
    /// The journal can't be written.
    pub async fn flush(&self) -> Result<(), Failure> {
        self.append_and_sync(|_| ()).await
    }

    fn append(&self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        let mut queue = self.shared.queue();
        write(&mut queue.lines);
        if queue.lines.len() >= ENOUGH {
            self.shared.wake.notify_one();
        }
        drop(queue);
        match &self.synced.borrow().error {
            None => Ok(()),
            Some(error) => Err(self.failure(error)),
        }
    }

    async fn append_and_sync(&self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        let turn = {
            let mut queue = self.shared.queue();
            write(&mut queue.lines);
            queue.asked += 1;
            self.shared.wake.notify_one();
            queue.asked
        };
        let mut synced = self.synced.clone();
        let reached = synced.wait_for(|synced| synced.asked >= turn || synced.error.is_some()).await;
        let error = match reached {
            Ok(synced) => synced.error.clone(),
            Err(_) => Some("its writer has gone".to_owned()),
        };
        error.map_or(Ok(()), |error| Err(self.failure(&error)))
    }

    fn failure(&self, error: &str) -> Failure {
        let message = format!("writing the journal {}: {error}", self.path.display());
        Failure::new("Journal", message, Some("nothing more is sent; make room for it and give it again"))
    }
}

impl Journal for JournalFile {
    async fn intend(&self, orders: &[(&DeleteOrder, &DeleteEntry)]) -> Result<(), Failure> {
        self.append_and_sync(|lines| orders.iter().for_each(|(order, entry)| intent_line(order, entry, lines))).await
    }

    fn ended(&self, order: &DeleteOrder, entry: &DeleteEntry) -> Result<(), Failure> {
        self.append(|lines| outcome_line(&order.given(), entry, lines))
    }

    fn stay_open(&self) {
        self.stays_open.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what gathers until the journal is closed, or can't be written.
    fn write(&self, mut file: File, disk: &watch::Sender<Synced>) {
        let (mut lines, mut done) = (Vec::new(), 0);
        loop {
            lines.clear();
            let (asked, closed) = {
                let idle = |queue: &mut Queue| queue.asked == done && queue.lines.len() < ENOUGH && !queue.closed;
                let queue = self.queue();
                let mut queue = self.wake.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut queue.lines, &mut lines);
                (queue.asked, queue.closed)
            };
            let written = file.write_all(&lines);
            let synced = if asked > done { written.and_then(|()| file.sync_data()) } else { written };
            let error = synced.err().map(|error| error.to_string());
            let failed = error.is_some();
            if failed || asked > done {
                disk.send_modify(|synced| {
                    synced.asked = if failed { synced.asked } else { asked };
                    synced.error = error;
                });
            }
            done = asked;
            if failed || closed {
                return;
            }
        }
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.wake.notify_one();
        if let Some(writer) = self.writer.take() {
            // A panic there was told already.
            let _ = writer.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::{Connection, DeleteOutcome, FORMAT};

    fn header() -> Header {
        let connection = Connection {
            endpoint: None,
            region: "us-east-1".to_owned(),
            addressing_style: "virtual".to_owned(),
            request_payer: false,
            expected_bucket_owner: None,
            signing: "unsigned".to_owned(),
        };
        Header { replaudit_journal: FORMAT, connection, arguments_hash: "h".to_owned() }
    }

    fn object(key: &str) -> ObjectId {
        ObjectId::parse(&format!("s3://bucket/{key}")).unwrap()
    }

    fn entry(key: &str) -> DeleteEntry {
        serde_json::from_value(serde_json::json!({
            "bucket": "bucket", "key": key, "version_id": "v1", "replication_status": "COMPLETED", "decision": "delete",
            "reason": "completed", "outcome": "marker-created", "size": 1, "etag": "e", "new_marker_version_id": "m",
            "error": null, "destinations": []
        }))
        .unwrap()
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn what_was_written_is_found_again_and_two_runs_at_once_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let long = "x".repeat(3 * PIECE);
        {
            let past = Past::open(&path, &header()).unwrap();
            let journal = past.go_on(&header(), "t").unwrap();
            journal.settled(&object(&long), &entry(&long)).unwrap();
            block_on(journal.flush()).unwrap();
            journal.settled(&object("b"), &entry("b")).unwrap();
            assert!(matches!(Past::open(&path, &header()), Err(OpenError::Locked)));
            assert!(matches!(Past::look(&path, &header()), Err(OpenError::Locked)));
        }
        let mut past = Past::open(&path, &header()).unwrap();
        for key in [long.as_str(), "b"] {
            let JournalState::Done(offset) = past.standing(&object(key)) else { panic!("{key}: not done") };
            let (given, entry) = past.entry(offset).unwrap();
            assert_eq!((given, entry.key.as_str(), entry.outcome), (object(key), key, DeleteOutcome::MarkerCreated));
            assert!(past.entry(offset + 1).is_err());
        }
        assert_eq!(past.standing(&object("c")), JournalState::New);
        let journal = past.go_on(&header(), "t").unwrap();
        block_on(journal.finish(&1)).unwrap();
        drop((journal, past));
        assert!(matches!(Past::open(&path, &header()), Err(OpenError::NotSent(JournalError::Finished))));
    }

    #[test]
    fn a_torn_line_is_ended_before_the_next_and_a_torn_header_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        for torn in ["", "{", "{\"replaudit_journal\":2,\"connec"] {
            std::fs::write(&path, torn).unwrap();
            drop(Past::open(&path, &header()).unwrap().go_on(&header(), "t").unwrap());
            drop(Past::open(&path, &header()).unwrap());
        }
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], b"{\"intent\":{\"buck"].concat()).unwrap();
        for _ in 0..2 {
            let past = Past::open(&path, &header()).unwrap();
            let journal = past.go_on(&header(), "t").unwrap();
            journal.settled(&object("b"), &entry("b")).unwrap();
        }
        assert!(matches!(Past::open(&path, &header()).unwrap().standing(&object("b")), JournalState::Done(_)));
        std::fs::write(&path, "s3://bucket/key").unwrap();
        assert!(matches!(Past::open(&path, &header()), Err(OpenError::NotSent(JournalError::NotAJournal))));
        assert_eq!(std::fs::read(&path).unwrap(), b"s3://bucket/key", "it is left alone");
    }

    #[test]
    fn looking_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        assert_eq!(Past::look(&path, &header()).unwrap().standing(&object("b")), JournalState::New);
        assert!(!path.exists());
    }

    #[test]
    fn a_journal_that_can_t_be_written_says_so_before_anything_is_sent() {
        // WrittenRecord to, this device is full.
        let file = File::options().append(true).open("/dev/full").unwrap();
        let journal = JournalFile::start(file, PathBuf::from("j")).unwrap();
        journal.settled(&object("b"), &entry("b")).unwrap();
        let failure = block_on(journal.intend(&[])).unwrap_err();
        assert!(failure.message.contains("writing the journal j"), "{failure}");
        assert!(journal.settled(&object("b"), &entry("b")).is_err());
    }
}
