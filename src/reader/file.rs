//! One data file, from what is given of it to the sums over its rows.
//!
//! CSV is read whole, so its MD5 is always known; of columnar files only what is needed, unless all is asked for.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::md5::{Digest, Md5};
use tokio::runtime::Handle;

use super::columns::{Counter, Room};
use super::local::{self, Folders};
use super::memory::{Buffer, Memory, Part};
use super::numbers::Kept;
use super::parts::{Parts, Source};
use super::source::{Download, Metered};
use super::tally::{Job, Progress, Shared, Sums};
use super::{Place, Report, ReportError, md5, orc, parquet};
use crate::inventory::{
    Cells, Columns, CsvRow, Damage, DataFile, FileFormat, Inflater, Record, scan, scan_gzip, scan_text,
};
use crate::model::Bucket;
use crate::s3::{Body, S3Store};

/// Stored bytes read at once.
const READ: usize = 256 << 10;

/// What a worker is given of a file.
pub(super) enum Given {
    /// Where it is.
    Place,
    /// All of its bytes, which were counted, and the memory they take.
    Whole(Vec<u8>, Part),
}

/// Counts the rows of a columnar file.
type ReadColumns = fn(&Parts<'_>, &[&str], &Room<'_>, &mut Counter<'_>) -> Result<(), ReportError>;

/// What one thread keeps from file to file.
pub(super) struct Worker {
    memory: Memory,
    runtime: Handle,
    stored: [Buffer; 2],
    inflater: Inflater,
    numbers: Kept,
}

impl Worker {
    pub(super) fn new(memory: Memory, runtime: Handle) -> Self {
        let (stored, inflater, numbers) = Default::default();
        Self { memory, runtime, stored, inflater, numbers }
    }

    /// Adds the rows of the first file to `sums`, and those of the second too if both fit memory; else gives it back.
    ///
    /// # Errors
    /// Damage, or a file can't be read; then `sums` are of no use any more.
    pub(super) fn read(
        &mut self,
        report: &Report,
        first: Job,
        second: Option<Job>,
        sums: &mut Sums,
        shared: &Shared,
    ) -> Result<Option<Job>, ReportError> {
        let columns: ReadColumns = match report.manifest.format {
            FileFormat::Csv => return self.read_csv(report, first, second, sums, shared),
            FileFormat::Parquet => parquet::read,
            FileFormat::Orc => orc::read,
        };
        let (file, given) = (&report.manifest.files[first.0], first.1);
        self.read_columns(columns, report, file, given, sums, shared)?;
        Ok(second)
    }

    fn read_csv(
        &mut self,
        report: &Report,
        first: Job,
        second: Option<Job>,
        sums: &mut Sums,
        shared: &Shared,
    ) -> Result<Option<Job>, ReportError> {
        let (file, given) = (&report.manifest.files[first.0], first.1);
        let mut csv = Csv { report, sums, shared, inflater: &mut self.inflater };
        let [one, other] = &mut self.stored;
        let stored = match load(one, &self.memory, report, file, given, shared)? {
            Some(stored) => stored,
            None => {
                stream(&mut csv, file, &self.runtime)?;
                return Ok(second);
            }
        };
        let (second, left) = match second {
            None => (None, None),
            Some((at, given)) => match load(other, &self.memory, report, &report.manifest.files[at], given, shared)? {
                Some(stored) => (Some((&report.manifest.files[at], stored)), None),
                None => (None, Some((at, Given::Place))),
            },
        };
        match &second {
            _ if !report.options.verify => {}
            None => check_md5(file, Some(Md5::digest(&*stored).into()))?,
            Some((file_2, stored_2)) => {
                let [digest, digest_2] = md5::of_two([&stored, stored_2]);
                check_md5(file, Some(digest))?;
                check_md5(file_2, Some(digest_2))?;
            }
        }
        csv.whole(file, &stored)?;
        drop(stored);
        if let Some((file, stored)) = second {
            csv.whole(file, &stored)?;
        }
        Ok(left)
    }

    fn read_columns(
        &self,
        read: ReadColumns,
        report: &Report,
        file: &DataFile,
        given: Given,
        sums: &mut Sums,
        shared: &Shared,
    ) -> Result<(), ReportError> {
        let mut counter = Counter::new(report, file, sums, shared);
        let wanted = counter.wanted();
        let room = Room { memory: &self.memory, runtime: &self.runtime, buffers: &self.numbers };
        let (source, _part) = match (given, &report.place) {
            (Given::Whole(bytes, part), _) => {
                check_md5(file, report.options.verify.then(|| Md5::digest(&bytes).into()))?;
                (Source::Memory(bytes.into()), Some(part))
            }
            (Given::Place, Place::Local(folders)) => {
                let mut opened = open_local(folders, file)?;
                if report.options.whole {
                    hash(report, file, &mut opened, &shared.stop)?;
                }
                (Source::Local(opened), None)
            }
            (Given::Place, Place::S3 { store, bucket }) => {
                let mut etag = None;
                if report.options.whole {
                    let body = self.runtime.block_on(open(store, bucket, file))?;
                    etag.clone_from(&body.etag);
                    let mut download = Download::start(&self.runtime, body);
                    let read = hash(report, file, &mut download, &shared.stop);
                    read.map_err(|damage| download.failure.take().map_or(damage.into(), ReportError::Store))?;
                }
                (Source::Remote { store, bucket, runtime: &self.runtime, etag: RefCell::new(etag) }, None)
            }
        };
        let parts = Parts::new(file, source, &shared.progress);
        // What is wrong enough with a file to break the library is damage, and no reason to end without a word.
        let read = catch_unwind(AssertUnwindSafe(|| read(&parts, &wanted, &room, &mut counter)));
        let broken = "its structure is so damaged that reading it was given up";
        read.unwrap_or_else(|_| Err(Damage::of_file(&file.key, None, broken).into()))?;
        parts.finish();
        Ok(())
    }
}

/// All stored bytes of a file.
enum Stored<'a> {
    Downloaded(Vec<u8>, #[expect(dead_code, reason = "given back when the bytes go")] Part),
    Read(&'a [u8]),
}

impl std::ops::Deref for Stored<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Downloaded(bytes, _) => bytes,
            Self::Read(bytes) => bytes,
        }
    }
}

/// The stored bytes of a file; `None` where it is to be streamed, or memory has no room for all of them.
fn load<'a>(
    buffer: &'a mut Buffer,
    memory: &Memory,
    report: &Report,
    file: &DataFile,
    given: Given,
    shared: &Shared,
) -> Result<Option<Stored<'a>>, ReportError> {
    match (given, &report.place) {
        (Given::Whole(bytes, part), _) => Ok(Some(Stored::Downloaded(bytes, part))),
        // Whatever fits was downloaded.
        (Given::Place, Place::S3 { .. }) => Ok(None),
        // To have all of it is of use for two digests at once, and for nothing else.
        (Given::Place, Place::Local(_)) if !report.options.verify => Ok(None),
        (Given::Place, Place::Local(folders)) => {
            let mut opened = open_local(folders, file)?;
            let length = usize::try_from(file.size).unwrap_or(usize::MAX);
            let Some(bytes) = buffer.of(length, &memory.stored) else { return Ok(None) };
            fill(file, &mut opened, bytes, shared)?;
            Ok(Some(Stored::Read(bytes)))
        }
    }
}

/// Reads a CSV file from where it is.
fn stream(csv: &mut Csv<'_>, file: &DataFile, runtime: &Handle) -> Result<(), ReportError> {
    match &csv.report.place {
        Place::Local(folders) => Ok(csv.streamed(file, &mut open_local(folders, file)?)?),
        Place::S3 { store, bucket } => {
            let body = runtime.block_on(open(store, bucket, file))?;
            let mut download = Download::start(runtime, body);
            let read = csv.streamed(file, &mut download);
            read.map_err(|damage| download.failure.take().map_or(damage.into(), ReportError::Store))
        }
    }
}

/// Opens a local data file, if it has the size that the manifest names.
fn open_local(folders: &Folders, file: &DataFile) -> Result<File, ReportError> {
    let path = folders.find(&file.key)?;
    let opened = File::open(&path).map_err(|error| local::local("opening", &path, &error))?;
    let size = opened.metadata().map_err(|error| local::local("looking at", &path, &error))?.len();
    check_size(file, size)?;
    Ok(opened)
}

/// Reads exactly as many bytes as `bytes` has room for.
fn fill(file: &DataFile, from: &mut impl Read, bytes: &mut [u8], shared: &Shared) -> Result<(), Damage> {
    for part in bytes.chunks_mut(READ) {
        if shared.stop.load(Ordering::Relaxed) {
            return Err(unreadable(file, &std::io::Error::other("stopped")));
        }
        from.read_exact(part).map_err(|error| unreadable(file, &error))?;
        (shared.progress)(part.len() as u64);
    }
    Ok(())
}

/// Reads all of a file only to check it; the columns are read after that.
fn hash(report: &Report, file: &DataFile, bytes: &mut impl Read, stop: &AtomicBool) -> Result<(), Damage> {
    let silent: Progress = Arc::new(|_| {});
    let mut metered = Metered::new(bytes, report.options.verify, stop, &silent);
    std::io::copy(&mut metered, &mut std::io::sink()).map_err(|error| unreadable(file, &error))?;
    check_size(file, metered.count)?;
    check_md5(file, metered.digest())
}

fn unreadable(file: &DataFile, error: &std::io::Error) -> Damage {
    Damage::of_file(&file.key, None, format!("it can't be read: {error}"))
}

/// The reading of CSV files.
struct Csv<'a> {
    report: &'a Report,
    sums: &'a mut Sums,
    shared: &'a Shared,
    inflater: &'a mut Inflater,
}

impl Csv<'_> {
    /// A file that is in memory and was checked.
    fn whole(&mut self, file: &DataFile, stored: &[u8]) -> Result<(), Damage> {
        // By its first bytes, not by its name: some writers leave the compression out.
        if stored.starts_with(&GZIP) {
            self.rows(file, Text::Gzip(&mut &*stored))
        } else {
            self.rows(file, Text::Whole(stored))
        }
    }

    /// A file that is read as it comes, and checked at its end.
    fn streamed(&mut self, file: &DataFile, bytes: &mut impl Read) -> Result<(), Damage> {
        let (stop, progress) = (&self.shared.stop, &self.shared.progress);
        let mut metered = Metered::new(bytes, self.report.options.verify, stop, progress);
        let mut stored = BufReader::with_capacity(READ, &mut metered);
        // They may come one at a time.
        let mut head = Vec::with_capacity(GZIP.len());
        stored.by_ref().take(GZIP.len() as u64).read_to_end(&mut head).map_err(|error| unreadable(file, &error))?;
        let is_gzip = head == GZIP;
        let mut stored = head.as_slice().chain(stored);
        if is_gzip {
            self.rows(file, Text::Gzip(&mut stored))?;
        } else {
            self.rows(file, Text::Stream(&mut stored))?;
        }
        check_size(file, metered.count)?;
        check_md5(file, metered.digest())
    }

    /// Takes all rows of a text.
    fn rows(&mut self, file: &DataFile, text: Text<'_>) -> Result<(), Damage> {
        let Self { report, sums: Sums { tally, lines }, shared, inflater } = self;
        let (columns, bucket) = (&tally.columns(&report.columns), &report.manifest.source_bucket);
        // Two loops, so that whoever only counts runs what there was before there were exports.
        match lines {
            None => text.scan(inflater, file, columns, bucket, |record, _| {
                tally.count(record)?;
                shared.merge_if_large(tally)
            }),
            Some(lines) => text.scan(inflater, file, columns, bucket, |record, cells| {
                tally.count(record)?;
                lines.take(&CsvRow { record, cells, columns: &report.columns })?;
                shared.merge_if_large(tally)
            }),
        }
    }
}

/// Where rows are.
enum Text<'a> {
    Whole(&'a [u8]),
    Gzip(&'a mut dyn BufRead),
    Stream(&'a mut dyn Read),
}

impl Text<'_> {
    fn scan(
        self,
        inflater: &mut Inflater,
        file: &DataFile,
        columns: &Columns,
        bucket: &str,
        each: impl FnMut(&Record<'_>, Cells<'_>) -> Result<(), String>,
    ) -> Result<(), Damage> {
        match self {
            Self::Whole(text) => scan_text(text, &file.key, columns, bucket, each)?,
            Self::Gzip(input) => scan_gzip(inflater, input, &file.key, columns, bucket, each)?,
            Self::Stream(input) => scan(input, &file.key, columns, bucket, each)?,
        };
        Ok(())
    }
}

/// Opens a data file that S3 holds, if it has the size that the manifest names.
pub(super) async fn open(store: &Arc<S3Store>, bucket: &Bucket, file: &DataFile) -> Result<Body, ReportError> {
    let body = store.get(bucket, &file.key, "a data file of the report").await?;
    let missing = || Damage::of_file(&file.key, None, format!("the file is missing from bucket {bucket}"));
    let body = body.ok_or_else(missing)?;
    if let Some(size) = body.object_size {
        check_size(file, size)?;
    }
    Ok(body)
}

/// How every gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(super) fn check_size(file: &DataFile, size: u64) -> Result<(), Damage> {
    if size == file.size {
        return Ok(());
    }
    let what = format!("the file has {size} bytes, the manifest says {}", file.size);
    Err(Damage::of_file(&file.key, None, what))
}

/// Compares what was found, if that was wanted, with what the manifest names.
fn check_md5(file: &DataFile, found: Option<[u8; 16]>) -> Result<(), Damage> {
    match (found, file.md5) {
        (Some(found), Some(named)) if found != named => {
            Err(Damage::of_file(&file.key, None, "the file does not have the MD5 that the manifest names"))
        }
        _ => Ok(()),
    }
}
