//! The bytes of one data file as a reader: counted, hashed, and ending with what stopped them.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Buf, Bytes};
use md5::{Digest, Md5};
use tokio::sync::mpsc;

use crate::model::Failure;
use crate::s3::Body;

/// Pieces of a body that may wait: with pieces of some 16 KiB this is a quarter of a MiB a file.
const PIECES: usize = 16;

/// A body that a task downloads, read from a thread.
pub(super) struct Download {
    pieces: mpsc::Receiver<Result<Bytes, Failure>>,
    piece: Bytes,
    /// What broke it; more exact than an `io::Error`.
    pub(super) failure: Option<Failure>,
}

impl Download {
    pub(super) fn start(runtime: &tokio::runtime::Handle, mut body: Body) -> Self {
        let (send, pieces) = mpsc::channel(PIECES);
        runtime.spawn(async move {
            loop {
                let piece = body.next().await;
                let last = !matches!(piece, Ok(Some(_)));
                match piece.transpose() {
                    // A reader that is gone wants no more.
                    Some(piece) => {
                        if send.send(piece).await.is_err() || last {
                            return;
                        }
                    }
                    None => return,
                }
            }
        });
        Self { pieces, piece: Bytes::new(), failure: None }
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(failure)) => {
                    let error = io::Error::other(failure.message.clone());
                    self.failure = Some(failure);
                    return Err(error);
                }
            }
        }
        let many = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..many]);
        Ok(many)
    }
}

/// Counts and hashes what passes through, and ends early when the run is stopped.
pub(super) struct Metered<'a, R> {
    inner: R,
    md5: Option<Md5>,
    pub(super) count: u64,
    stop: &'a AtomicBool,
    progress: &'a Arc<dyn Fn(u64) + Send + Sync>,
}

impl<'a, R: Read> Metered<'a, R> {
    pub(super) fn new(
        inner: R,
        hash: bool,
        stop: &'a AtomicBool,
        progress: &'a Arc<dyn Fn(u64) + Send + Sync>,
    ) -> Self {
        Self { inner, md5: hash.then(Md5::new), count: 0, stop, progress }
    }

    /// The MD5 of everything that passed; `None` when it was not wanted.
    pub(super) fn digest(&mut self) -> Option<[u8; 16]> {
        self.md5.take().map(|md5| md5.finalize().into())
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let many = self.inner.read(buffer)?;
        if let Some(md5) = &mut self.md5 {
            md5.update(&buffer[..many]);
        }
        self.count += many as u64;
        (self.progress)(many as u64);
        Ok(many)
    }
}
