//! One data file, from what is given of it to the sums over its rows.

use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use flate2::bufread::MultiGzDecoder;
use md5::{Digest, Md5};
use tokio::runtime::Handle;

use super::gzip::Inflater;
use super::local;
use super::memory::{Buffer, Memory, Part};
use super::source::{Download, Metered};
use super::tally::Shared;
use super::{Place, Report, ReportError};
use crate::audit::Tally;
use crate::inventory::{Damage, DataFile, Record, scan, scan_text};
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

/// What one thread keeps from file to file.
pub(super) struct Worker {
    memory: Memory,
    runtime: Handle,
    stored: Buffer,
    inflater: Inflater,
}

impl Worker {
    pub(super) fn new(memory: Memory, runtime: Handle) -> Self {
        Self { memory, runtime, stored: Buffer::default(), inflater: Inflater::new() }
    }

    /// Adds the rows of one file to `tally`.
    ///
    /// # Errors
    /// Damage, or the file can't be read; then `tally` is of no use any more.
    pub(super) fn read(
        &mut self,
        report: &Report,
        file: &DataFile,
        given: Given,
        tally: &mut Tally,
        shared: &Shared,
    ) -> Result<(), ReportError> {
        let mut csv = Csv { report, file, tally, shared };
        match (given, &report.place) {
            (Given::Whole(bytes, _part), _) => Ok(csv.whole(&bytes, &mut self.inflater, &self.memory)?),
            (Given::Place, Place::Local(folders)) => {
                let path = folders.find(&file.key)?;
                let mut opened = File::open(&path).map_err(|error| local::local("opening", &path, &error))?;
                let size = opened.metadata().map_err(|error| local::local("looking at", &path, &error))?.len();
                check_size(file, size)?;
                let length = usize::try_from(size).unwrap_or(usize::MAX);
                match self.stored.of(length, &self.memory.stored) {
                    None => Ok(csv.streamed(&mut opened)?),
                    Some(bytes) => {
                        csv.fill(&mut opened, bytes)?;
                        Ok(csv.whole(bytes, &mut self.inflater, &self.memory)?)
                    }
                }
            }
            (Given::Place, Place::S3 { store, bucket }) => {
                let body = self.runtime.block_on(open(store, bucket, file))?;
                let mut download = Download::start(&self.runtime, body);
                let read = csv.streamed(&mut download);
                read.map_err(|damage| download.failure.take().map_or(damage.into(), ReportError::Store))
            }
        }
    }
}

/// The reading of one CSV file.
struct Csv<'a> {
    report: &'a Report,
    file: &'a DataFile,
    tally: &'a mut Tally,
    shared: &'a Shared,
}

impl Csv<'_> {
    /// A file that is in memory: checked first, then read.
    fn whole(&mut self, stored: &[u8], inflater: &mut Inflater, memory: &Memory) -> Result<(), Damage> {
        if self.report.options.verify {
            check_md5(self.file, Some(Md5::digest(stored).into()))?;
        }
        let (columns, bucket) = (&self.report.columns, &self.report.manifest.source_bucket);
        let tally = &mut *self.tally;
        let each = |record: &Record<'_>| tally.count(record);
        // By its first bytes, not by its name: some writers leave the compression out.
        if !stored.starts_with(&GZIP) {
            scan_text(stored, &self.file.key, columns, bucket, each)?;
        } else if let Some(text) = inflater.inflate(stored, &memory.inflated) {
            scan_text(text, &self.file.key, columns, bucket, each)?;
        } else {
            scan(MultiGzDecoder::new(stored), &self.file.key, columns, bucket, each)?;
        }
        Ok(())
    }

    /// A file that memory has no room for: read as it comes, and checked at its end.
    fn streamed(&mut self, bytes: &mut impl Read) -> Result<(), Damage> {
        let (stop, progress) = (&self.shared.stop, &self.shared.progress);
        let mut metered = Metered::new(bytes, self.report.options.verify, stop, progress);
        let mut stored = BufReader::with_capacity(READ, &mut metered);
        // They may come one at a time.
        let mut head = Vec::with_capacity(GZIP.len());
        stored.by_ref().take(GZIP.len() as u64).read_to_end(&mut head).map_err(|error| self.unreadable(&error))?;
        let is_gzip = head == GZIP;
        let stored = head.as_slice().chain(stored);
        let (columns, bucket) = (&self.report.columns, &self.report.manifest.source_bucket);
        let tally = &mut *self.tally;
        let each = |record: &Record<'_>| tally.count(record);
        if is_gzip {
            scan(MultiGzDecoder::new(stored), &self.file.key, columns, bucket, each)?;
        } else {
            scan(stored, &self.file.key, columns, bucket, each)?;
        }
        check_size(self.file, metered.count)?;
        check_md5(self.file, metered.digest())
    }

    /// Reads exactly as many bytes as `bytes` has room for.
    fn fill(&self, from: &mut impl Read, bytes: &mut [u8]) -> Result<(), Damage> {
        for part in bytes.chunks_mut(READ) {
            if self.shared.stop.load(Ordering::Relaxed) {
                return Err(self.unreadable(&std::io::Error::other("stopped")));
            }
            from.read_exact(part).map_err(|error| self.unreadable(&error))?;
            (self.shared.progress)(part.len() as u64);
        }
        Ok(())
    }

    fn unreadable(&self, error: &std::io::Error) -> Damage {
        Damage::of_file(&self.file.key, None, format!("it can't be read: {error}"))
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
