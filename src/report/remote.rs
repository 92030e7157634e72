//! A data file in a bucket, read in ranges.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use s3_inventory::{ByteSource, ContentError, Damage, DataFile, Pieces, SourceError};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::data_file::check_body;
use super::error::{FileDamage, ReportError};
use super::first_seen::FirstSeen;
use super::report::{Report, md5_in_hex};
use crate::model::Bucket;
use crate::s3::{Body, S3Store};

/// Connections that one worker drives itself: no other thread wakes it for every small piece, and workers decrypt in
/// parallel. Data that arrives while the worker is busy waits in the system's buffers.
pub(super) struct Connections {
    store: Arc<S3Store>,
    /// `None` while it is dropped.
    runtime: Option<Runtime>,
}

impl Connections {
    pub(super) fn to(store: &S3Store) -> Result<Arc<Self>, ReportError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Arc::new(Self { store: Arc::new(store.apart()), runtime: Some(runtime.map_err(ReportError::Runtime)?) }))
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is dropped last")
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        // A DNS lookup that still runs must not delay the exit.
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

pub(super) struct RemoteFile {
    connections: Arc<Connections>,
    object: Arc<RemoteObject>,
}

/// The object that ranges are requested from. It holds no runtime, so that a request can't keep its own alive.
struct RemoteObject {
    file: DataFile,
    store: Arc<S3Store>,
    bucket: Bucket,
    /// Index in the manifest.
    at: usize,
    /// Has the ETag of a listing, of an earlier reading, or of the first answer: all answers must be parts of that object.
    seen: FirstSeen,
    /// The MD5 in the manifest, in hex; `None` if it is not compared.
    md5: Option<String>,
}

/// The most bytes of two neighbouring pieces of one range, in a connection's buffers.
const PIECES: u64 = 2 * (408 << 10);

impl RemoteFile {
    /// The data file at this index of the manifest. If the report is verified, an object is refused if S3 sends an MD5 that differs
    /// from the manifest's.
    pub(super) fn new(report: &Report, at: usize, bucket: &Bucket, connections: &Arc<Connections>) -> Self {
        let file = report.manifest.files[at].clone();
        let store = Arc::clone(&connections.store);
        let md5 = md5_in_hex(&file).filter(|_| report.options.verify);
        let object = RemoteObject { file, store, bucket: bucket.clone(), at, seen: report.seen.clone(), md5 };
        Self { connections: Arc::clone(connections), object: Arc::new(object) }
    }

    /// Requests a range that is not empty. The answer arrives while the worker waits for another one.
    fn ask(&self, part: Range<u64>) -> RemoteRange {
        let object = Arc::clone(&self.object);
        let answer = self.connections.runtime().spawn(async move { object.open(part).await });
        RemoteRange { connections: Arc::clone(&self.connections), answer: Answer::Waiting(answer) }
    }
}

impl ByteSource for RemoteFile {
    fn size(&self) -> u64 {
        self.object.file.size
    }

    fn read_exact_at(&self, mut buffer: &mut [u8], from: u64) -> Result<(), SourceError> {
        let mut range = self.ask(from..from + buffer.len() as u64);
        while !buffer.is_empty() {
            let piece = range.next_piece()?;
            let (now, later) = buffer.split_at_mut(piece.len());
            now.copy_from_slice(&piece);
            buffer = later;
        }
        Ok(())
    }

    fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
        Some(Box::new(self.ask(range)))
    }

    fn piece_bytes(&self) -> u64 {
        PIECES
    }
}

/// A range of a file that is being downloaded.
struct RemoteRange {
    connections: Arc<Connections>,
    answer: Answer,
}

enum Answer {
    Waiting(JoinHandle<Result<Body, ReportError>>),
    Arrived(Box<Body>),
    Failed,
}

impl Pieces for RemoteRange {
    fn next_piece(&mut self) -> Result<Bytes, SourceError> {
        let ended_too_soon = || SourceError::from(io::Error::from(io::ErrorKind::UnexpectedEof));
        let answer = std::mem::replace(&mut self.answer, Answer::Failed);
        let (piece, body) = self.connections.runtime().block_on(async {
            let mut body = match answer {
                Answer::Waiting(body) => Box::new(body.await.map_err(|_| ended_too_soon())??),
                Answer::Arrived(body) => body,
                Answer::Failed => return Err(ended_too_soon()),
            };
            let piece = body.next().await.map_err(ReportError::from)?.ok_or_else(ended_too_soon)?;
            Ok::<_, SourceError>((piece, body))
        })?;
        self.answer = Answer::Arrived(body);
        Ok(piece)
    }
}

impl RemoteObject {
    async fn open(&self, part: Range<u64>) -> Result<Body, ReportError> {
        let Self { file, store, bucket, at, seen, md5 } = self;
        let known = seen.get(*at);
        let is_whole = part == (0..file.size);
        let body = store.get_part(bucket, &file.key, part, known, "columns of a data file").await?;
        let body = check_body(body, bucket, file)?;
        if body.md5.as_ref().zip(md5.as_ref()).is_some_and(|(found, named)| found != named) {
            return Err(Damage::of_file(&file.key, None, ContentError::Md5).into());
        }
        match &body.etag {
            // The server may have ignored If-Match, so the ETag of the answer counts.
            Some(found) => {
                seen.check(*at, file, found)?;
                Ok(body)
            }
            // A single answer can't differ from another one.
            None if is_whole && seen.get(*at).is_none() => Ok(body),
            None => Err(FileDamage::NoEtag.of(file).into()),
        }
    }
}
