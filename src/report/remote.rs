//! A data file in a bucket, of which parts are fetched.

use std::io::ErrorKind;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use s3_inventory::{Damage, DataFile};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::ReportError;
use super::file::{check_size, unreadable};
use crate::model::Bucket;
use crate::s3::{Body, S3Store};

/// Connections that one worker drives itself: no other thread wakes it for every little piece that comes, and workers
/// decrypt side by side. What comes while it is busy waits in the system's buffers.
pub(super) struct Connections {
    store: Arc<S3Store>,
    /// `None` when it goes.
    runtime: Option<Runtime>,
}

impl Connections {
    /// To the place that `store` asks.
    pub(super) fn to(store: &S3Store) -> Result<Arc<Self>, ReportError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ReportError::Local(format!("starting a runtime: {error}")))?;
        Ok(Arc::new(Self { store: Arc::new(store.apart()), runtime: Some(runtime) }))
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it goes last")
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        // A name that is still looked up must not hold up the end.
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// A file in a bucket.
pub(super) struct Remote {
    connections: Arc<Connections>,
    object: Arc<Object>,
}

/// What requests for parts have in common. They know nothing of the runtime that they are driven by, and can't keep it.
struct Object {
    file: DataFile,
    store: Arc<S3Store>,
    bucket: Bucket,
    /// What the first answer named, or what was listed: all answers must be parts of that object.
    etag: OnceLock<String>,
}

/// The answer to a request for a part.
pub(super) enum Answer {
    Coming(JoinHandle<Result<Body, ReportError>>),
    Here(Box<Body>),
}

impl Remote {
    /// `etag` of an answer that came before, or of a listing.
    pub(super) fn new(file: &DataFile, bucket: &Bucket, connections: &Arc<Connections>, etag: Option<String>) -> Self {
        let etag = etag.map_or_else(OnceLock::new, OnceLock::from);
        let store = Arc::clone(&connections.store);
        let object = Object { file: file.clone(), store, bucket: bucket.clone(), etag };
        Self { connections: Arc::clone(connections), object: Arc::new(object) }
    }

    /// Fills `bytes` with those of the file from this place on.
    pub(super) fn read_exact_at(&self, mut bytes: &mut [u8], from: u64) -> Result<(), ReportError> {
        let mut answer = self.ask(from..from + bytes.len() as u64);
        while !bytes.is_empty() {
            let piece;
            (piece, answer) = self.next(answer)?;
            let (now, later) = bytes.split_at_mut(piece.len());
            now.copy_from_slice(&piece);
            bytes = later;
        }
        Ok(())
    }

    /// Asks for a part that is not empty; the answer is on its way while another one is waited for.
    pub(super) fn ask(&self, part: Range<u64>) -> Answer {
        let object = Arc::clone(&self.object);
        Answer::Coming(self.connections.runtime().spawn(async move { object.open(part).await }))
    }

    /// The piece of an answer that comes next; there must be one. What is left of the answer comes with it.
    pub(super) fn next(&self, answer: Answer) -> Result<(Bytes, Answer), ReportError> {
        let ended_too_soon = || ReportError::from(unreadable(&self.object.file, &ErrorKind::UnexpectedEof.into()));
        self.connections.runtime().block_on(async {
            let mut body = match answer {
                Answer::Coming(body) => Box::new(body.await.unwrap_or_else(|_| Err(ended_too_soon()))?),
                Answer::Here(body) => body,
            };
            let piece = body.next().await?.ok_or_else(ended_too_soon)?;
            Ok((piece, Answer::Here(body)))
        })
    }
}

/// Nothing shows that parts of such a file are parts of one object.
pub(super) fn no_etag(file: &DataFile) -> Damage {
    let what = "the server names no ETag for it, so its parts may be of different objects (with more --memory, --verify reads it in one piece)";
    Damage::of_file(&file.key, None, what)
}

impl Object {
    async fn open(&self, part: Range<u64>) -> Result<Body, ReportError> {
        let Self { file, store, bucket, etag } = self;
        let known = etag.get().map(String::as_str);
        let is_whole = part == (0..file.size);
        let body = store.get_part(bucket, &file.key, part, known, "columns of a data file").await?;
        let missing = || Damage::of_file(&file.key, None, format!("the file is missing from bucket {bucket}"));
        let body = body.ok_or_else(missing)?;
        if let Some(size) = body.object_size {
            check_size(file, size)?;
        }
        match &body.etag {
            // A condition that was sent may have been ignored: what was answered counts.
            Some(found) if etag.get_or_init(|| found.clone()) != found => {
                let what = "it changed while it was read: two answers about it have different ETags";
                Err(Damage::of_file(&file.key, None, what).into())
            }
            Some(_) => Ok(body),
            // One answer has no other to agree with.
            None if is_whole && etag.get().is_none() => Ok(body),
            None => Err(no_etag(file).into()),
        }
    }
}
