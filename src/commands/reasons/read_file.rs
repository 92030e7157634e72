//! Reads one text in a thread of its own: inflates it, checks its MD5, adds up its tasks, and keeps its failed objects.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use s3_failures::{Content, FailedObject, InputFault, ReadFault, ReadingOptions, Task, read_failures};
use s3_inventory::codec::Md5;

use super::super::own_files::{keeping, temporary_file};
use super::super::{Context, gzip};
use super::input::{InputError, OpenInput};
use super::options::ReasonsOptions;
use crate::reasons::{ReasonTally, TallyLimit};

/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;

/// What a text said.
pub(super) struct FileRead {
    pub(super) content: Content,
    pub(super) tally: ReasonTally,
    /// `None` where no output lists them.
    pub(super) listed: Option<ListedFailures>,
}

/// Why a text was not read whole.
#[derive(Debug)]
pub(super) struct NotRead {
    pub(super) line: Option<u64>,
    pub(super) error: String,
}

impl From<InputError> for NotRead {
    fn from(error: InputError) -> Self {
        Self { line: None, error: error.to_string() }
    }
}

impl From<ReadFault> for NotRead {
    fn from(fault: ReadFault) -> Self {
        let option = match fault.why {
            InputFault::KeyStyles => {
                ": give --job-manifest csv if it is a plus sign in the job's manifest, or --job-manifest inventory"
            }
            _ => "",
        };
        Self { line: Some(fault.line), error: format!("{}{option}", fault.why) }
    }
}

impl From<io::Error> for NotRead {
    fn from(error: io::Error) -> Self {
        Self { line: None, error: error.to_string() }
    }
}

impl From<anyhow::Error> for NotRead {
    fn from(error: anyhow::Error) -> Self {
        Self { line: None, error: format!("{error:#}") }
    }
}

/// Failed objects in a temporary file, one a line.
pub(super) struct ListedFailures(File);

impl ListedFailures {
    pub(super) fn objects(mut self) -> Result<impl Iterator<Item = Result<FailedObject>>> {
        self.0.rewind()?;
        let lines = BufReader::with_capacity(CHUNK, self.0).split(b'\n');
        Ok(lines.map(|line| {
            let line = line.with_context(|| keeping("failed objects"))?;
            Ok(serde_json::from_slice(&line)?)
        }))
    }
}

/// How texts are read.
#[derive(Debug, Clone)]
pub(super) struct FileReader {
    pub(super) options: ReadingOptions,
    pub(super) limit: TallyLimit,
    /// Whether an output lists failed objects.
    pub(super) lists: bool,
    pub(super) stop: Arc<AtomicBool>,
}

impl FileReader {
    pub(super) fn new(options: &ReasonsOptions, lists: bool, context: &Context) -> Self {
        Self {
            options: options.read.clone(),
            limit: TallyLimit { depth: options.depth, ..TallyLimit::default() },
            lists,
            stop: Arc::clone(&context.signals.stop),
        }
    }

    pub(super) async fn read(&self, input: OpenInput) -> Result<FileRead, NotRead> {
        let reader = self.clone();
        let reading = tokio::task::spawn_blocking(move || reader.read_whole(input));
        reading.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    fn read_whole(&self, input: OpenInput) -> Result<FileRead, NotRead> {
        let md5 = input.md5.map(|_| Arc::new(Mutex::new(Md5::new())));
        let bytes = CheckedBytes { bytes: input.bytes, md5: md5.clone(), stop: Arc::clone(&self.stop) };
        let mut text = gzip::plain(BufReader::with_capacity(CHUNK, bytes))?;
        let mut listed = match self.lists {
            true => Some(BufWriter::with_capacity(CHUNK, temporary_file("failed objects")?)),
            false => None,
        };
        let mut tally = ReasonTally::new(self.limit);
        let options = ReadingOptions { end_is_checked: input.md5.is_some(), ..self.options.clone() };
        let read = read_failures(&mut text, &options, input.created_at, &mut |task| {
            if let (Some(listed), Task::Failed(object)) = (&mut listed, &task) {
                let written = serde_json::to_writer(&mut *listed, object).map_err(io::Error::from);
                written.and_then(|()| listed.write_all(b"\n"))?;
            }
            Ok(tally.count(&task)?)
        });
        // A checksum that differs explains what is wrong in a row. It is of all bytes.
        let content = match read {
            Err(fault) if md5.is_none() || is_of_this_run(&fault.why) => return Err(fault.into()),
            read => read,
        };
        io::copy(&mut text, &mut io::sink())?;
        drop(text);
        let found = md5.map(|md5| md5.lock().unwrap_or_else(PoisonError::into_inner).digest());
        if found != input.md5 {
            let error = "its MD5 is not the MD5Checksum of the manifest: it was changed or cut".to_owned();
            return Err(NotRead { line: None, error });
        }
        let content = content?;
        let listed = listed.map(BufWriter::into_inner).transpose().map_err(|error| error.into_error());
        let listed = listed.with_context(|| keeping("failed objects"))?.map(ListedFailures);
        Ok(FileRead { content, tally, listed })
    }
}

/// Whether reading failed, and not the text: then its rest is not read.
fn is_of_this_run(why: &InputFault) -> bool {
    matches!(why, InputFault::Unreadable(_) | InputFault::Refused(_))
}

/// Bytes whose MD5 is computed as they are read. Ends when the run is stopped.
struct CheckedBytes {
    bytes: Box<dyn Read + Send>,
    md5: Option<Arc<Mutex<Md5>>>,
    stop: Arc<AtomicBool>,
}

impl Read for CheckedBytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("the run was stopped"));
        }
        let read = self.bytes.read(into)?;
        if let Some(md5) = &self.md5 {
            md5.lock().unwrap_or_else(PoisonError::into_inner).update(&into[..read]);
        }
        Ok(read)
    }
}
