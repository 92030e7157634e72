//! One columnar data file, from what is given of it to the sums over its rows; opening and checking files of any format.
//!
//! Of columnar files only what is needed is read, unless all is asked for.

use std::cell::OnceCell;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::md5::{Digest, Md5};
use s3_inventory::{Damage, DataFile, FileFormat};
use tokio::runtime::Handle;

use super::columns::{Counter, Room};
use super::folders::{self, Folders};
use super::kept::Kept;
use super::memory::{Memory, Part};
use super::parts::{Parts, Source};
use super::remote::{Connections, Remote, no_etag};
use super::source::Stored;
use super::tally::{Job, Shared, Sums};
use super::{Report, ReportError, ReportLocation, orc, parquet};
use crate::model::{Bucket, catch};
use crate::s3::{Body, S3Store};

/// What a worker is given of a file.
pub(super) enum Given {
    /// Where it is.
    ReportLocation,
    /// All of its bytes, which were counted, and the memory they take.
    Whole(Vec<u8>, Part),
    /// Its bytes as they come.
    Coming(Stored),
}

/// Counts the rows of a columnar file.
type ReadColumns = fn(&Parts, &[&str], &Room<'_>, &mut Counter<'_>) -> Result<(), ReportError>;

/// What one thread reads columnar files with.
pub(super) struct Worker {
    memory: Memory,
    runtime: Handle,
    kept: Kept,
    /// Once it needs some.
    connections: OnceCell<Arc<Connections>>,
}

impl Worker {
    pub(super) fn new(memory: Memory, runtime: Handle) -> Self {
        let kept = Kept::new(memory.of_one_s_buffers());
        Self { memory, runtime, kept, connections: OnceCell::new() }
    }

    fn connections(&self, store: &S3Store) -> Result<&Arc<Connections>, ReportError> {
        if let Some(connections) = self.connections.get() {
            return Ok(connections);
        }
        let connections = Connections::to(store)?;
        Ok(self.connections.get_or_init(|| connections))
    }

    /// Adds the rows of files to `sums` until there are no more files.
    ///
    /// # Errors
    /// Damage, or a file can't be read; then `sums` are of no use any more.
    pub(super) fn read_all(&self, report: &Report, sums: &mut Sums, shared: &Shared) -> Result<(), ReportError> {
        while !shared.stop.load(Ordering::Relaxed)
            && let Some(job) = shared.next(true)
        {
            self.read(report, job, sums, shared)?;
        }
        Ok(())
    }

    fn read(&self, report: &Report, (at, given): Job, sums: &mut Sums, shared: &Shared) -> Result<(), ReportError> {
        let read: ReadColumns = if report.manifest.format == FileFormat::Orc { orc::read } else { parquet::read };
        let file = &report.manifest.files[at];
        let mut counter = Counter::new(report, file, sums, shared);
        let wanted = counter.wanted();
        let room = Room { memory: &self.memory, runtime: &self.runtime };
        let (source, _part) = match (given, &report.location) {
            (Given::Whole(bytes, part), _) => {
                check_md5(file, report.options.verify.then(|| Md5::digest(&bytes).into()))?;
                (Source::Memory(bytes.into()), Some(part))
            }
            (_, ReportLocation::Local(folders)) => {
                let opened = open_local(folders, file)?;
                if report.options.whole {
                    let same = opened.try_clone().map_err(|error| unreadable(file, &error))?;
                    hash(report, file, Stored::local(same), shared)?;
                }
                (Source::Local(opened), None)
            }
            (_, ReportLocation::S3 { store, bucket }) => {
                let mut etag = report.listed_etag(at);
                if report.options.whole {
                    let body = self.runtime.block_on(open(store, bucket, file))?;
                    etag = Some(body.etag.clone().ok_or_else(|| no_etag(file))?);
                    hash(report, file, Stored::download(&self.runtime, file, body, None), shared)?;
                }
                (Source::Remote(Remote::new(file, bucket, self.connections(store)?, etag)), None)
            }
        };
        let parts = Parts::new(file, source, &shared.progress, &self.kept);
        // What is wrong enough with a file to break the library is damage, and no reason to end without a word.
        let read = catch(|| read(&parts, &wanted, &room, &mut counter));
        let broken = "its structure is so damaged that reading it was given up";
        let read = read.unwrap_or_else(|_| Err(Damage::of_file(&file.key, None, broken).into()));
        read.map_err(|error| parts.failure().unwrap_or(error))?;
        parts.finish();
        Ok(())
    }
}

/// Opens a local data file, if it has the size that the manifest names.
pub(super) fn open_local(folders: &Folders, file: &DataFile) -> Result<File, ReportError> {
    let path = folders.find(&file.key)?;
    let opened = File::open(&path).map_err(|error| folders::local("opening", &path, &error))?;
    let size = opened.metadata().map_err(|error| folders::local("looking at", &path, &error))?.len();
    check_size(file, size)?;
    Ok(opened)
}

pub(super) fn unreadable(file: &DataFile, error: &std::io::Error) -> Damage {
    Damage::of_file(&file.key, None, format!("it can't be read: {error}"))
}

/// Reads all of a file only to check it; the columns are read after that.
fn hash(report: &Report, file: &DataFile, mut stored: Stored, shared: &Shared) -> Result<(), ReportError> {
    let mut md5 = Md5::new();
    while stored.advance(file, &shared.stop)? {
        if report.options.verify {
            md5.update(stored.chunk());
        }
    }
    check_md5(file, report.options.verify.then(|| md5.finalize().into()))?;
    Ok(())
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

pub(super) fn check_size(file: &DataFile, size: u64) -> Result<(), Damage> {
    if size == file.size {
        return Ok(());
    }
    let what = format!("the file has {size} bytes, the manifest says {}", file.size);
    Err(Damage::of_file(&file.key, None, what))
}

/// Compares what was found, if that was wanted, with what the manifest names.
pub(super) fn check_md5(file: &DataFile, found: Option<[u8; 16]>) -> Result<(), Damage> {
    match (found, file.md5) {
        (Some(found), Some(named)) if found != named => {
            Err(Damage::of_file(&file.key, None, "the file does not have the MD5 that the manifest names"))
        }
        _ => Ok(()),
    }
}
