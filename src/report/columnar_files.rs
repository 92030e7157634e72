//! Reads columnar data files and passes on their rows.
//!
//! Only the needed columns are read, unless [`ReadOptions::whole`](super::report::ReadOptions::whole) asks for all bytes.

use std::cell::OnceCell;
use std::sync::Arc;

use bytes::Bytes;
use s3_inventory::codec::Md5;
use s3_inventory::{
    BatchReader, ByteSource, Damage, DataFile, FileFormat, LocalFile, ReadError, ReadMemory, WantedColumns,
};
use tokio::runtime::Handle;

use super::counted::{CountedSource, ReadCounter};
use super::data_file::{check_md5, unreadable};
use super::error::{FileDamage, ReportError};
use super::remote::{Connections, RemoteFile};
use super::report::{Report, ReportLocation};
use super::run::{BatchRefusal, FileBytes, FileJob, RowTaker, SharedRun};
use super::stored_file::StoredFile;
use crate::model::catch;
use crate::s3::S3Store;

/// Reads columnar files on one thread.
pub(super) struct ColumnarWorker {
    memory: ReadMemory,
    runtime: Handle,
    /// Opened by the first file in S3.
    connections: OnceCell<Arc<Connections>>,
}

impl ColumnarWorker {
    pub(super) fn new(memory: ReadMemory, runtime: Handle) -> Self {
        Self { memory, runtime, connections: OnceCell::new() }
    }

    fn connections(&self, store: &S3Store) -> Result<&Arc<Connections>, ReportError> {
        if let Some(connections) = self.connections.get() {
            return Ok(connections);
        }
        let connections = Connections::to(store)?;
        Ok(self.connections.get_or_init(|| connections))
    }

    /// Reads files until none is left.
    pub(super) fn read_all(
        &self,
        report: &Report,
        taker: &mut impl RowTaker,
        shared: &SharedRun,
    ) -> Result<(), ReportError> {
        while !shared.is_stopped()
            && let Some(job) = shared.next(true)
        {
            self.read(report, job, taker, shared)?;
        }
        Ok(())
    }

    fn read(
        &self,
        report: &Report,
        FileJob { at, bytes }: FileJob,
        taker: &mut impl RowTaker,
        shared: &SharedRun,
    ) -> Result<(), ReportError> {
        let file = &report.manifest.files[at];
        let counter = ReadCounter::new(file.size, &shared.progress);
        let mut opened_here = None;
        let (source, _reserved): (Box<dyn ByteSource>, _) = match (bytes, &report.location) {
            (FileBytes::Whole(bytes, reserved), _) => {
                check_md5(file, report.options.verify.then(|| Md5::of(&bytes)))?;
                (Box::new(Bytes::from(bytes)), Some(reserved))
            }
            (_, ReportLocation::Local(folders)) => {
                let opened = report.open_local_file(folders, at)?;
                let same = || opened.try_clone().map_err(|error| unreadable(file, error));
                if report.options.whole {
                    hash(report, file, StoredFile::local(same()?), shared)?;
                }
                opened_here = Some(same()?);
                let local = LocalFile::new(opened).map_err(|error| unreadable(file, error))?;
                (Box::new(CountedSource { source: local, counter: Arc::clone(&counter) }), None)
            }
            (_, ReportLocation::S3 { store, bucket }) => {
                report.listed_etag(at).iter().try_for_each(|etag| report.seen.check(at, file, etag))?;
                if report.options.whole {
                    let body = self.runtime.block_on(report.open_s3_file(store, bucket, at))?;
                    body.etag.as_ref().ok_or_else(|| FileDamage::NoEtag.of(file))?;
                    hash(report, file, StoredFile::download(&self.runtime, file, body, None), shared)?;
                }
                let remote = RemoteFile::new(report, at, bucket, self.connections(store)?);
                (Box::new(CountedSource { source: remote, counter: Arc::clone(&counter) }), None)
            }
        };
        let is_in_memory = source.in_memory().is_some();
        self.take_rows(report, file, source, taker)?;
        // The footer, the columns and the MD5 were read at different times.
        opened_here.iter().try_for_each(|opened| report.seen.check_local(at, file, opened))?;
        if !is_in_memory {
            counter.finish();
        }
        Ok(())
    }

    /// Passes on the rows of a file.
    fn take_rows(
        &self,
        report: &Report,
        file: &DataFile,
        source: Box<dyn ByteSource>,
        taker: &mut impl RowTaker,
    ) -> Result<(), ReportError> {
        let bucket = &report.manifest.source_bucket;
        let open = if report.manifest.format == FileFormat::Orc { BatchReader::orc } else { BatchReader::parquet };
        let wanted = taker.wanted(&report.columns);
        let wanted = WantedColumns::named(&wanted).with_key_classes(taker.key_classes());
        let mut batches = quietly(file, || open(&file.key, source, wanted, bucket, &self.memory))?;
        if !taker.wants_rows(batches.claimed_rows()) {
            return Ok(());
        }
        while let Some(batch) = quietly(file, || batches.next_batch())? {
            taker.take_batch(&batch).map_err(|BatchRefusal { row, why }| {
                why.explain(|kind| Damage::of_file(&file.key, row.map(|row| batch.row_number(row)), kind))
            })?;
        }
        Ok(())
    }
}

/// Calls the library that panics on some damage, and keeps it from printing that.
fn quietly<T>(file: &DataFile, read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReportError> {
    match catch(read) {
        Ok(read) => read.map_err(|error| ReportError::of_file(file, error)),
        Err(_) => Err(FileDamage::GivenUp.of(file).into()),
    }
}

/// Reads all bytes of a file to check them. The columns are read afterwards.
fn hash(report: &Report, file: &DataFile, mut stored: StoredFile, shared: &SharedRun) -> Result<(), ReportError> {
    let mut md5 = Md5::new();
    while stored.advance(file, shared.is_stopped())? {
        if report.options.verify {
            md5.update(stored.chunk());
        }
    }
    check_md5(file, report.options.verify.then(|| md5.digest()))?;
    Ok(())
}
