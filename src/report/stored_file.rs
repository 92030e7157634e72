//! Reads the stored bytes of one data file in chunks, from the file system or from S3.

use std::fs::File;
use std::io::{ErrorKind, Read};

use s3_inventory::{DataFile, Reservation};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::data_file::{check_size, unreadable};
use super::error::ReportError;
use crate::model::Failure;
use crate::s3::Body;

/// Bytes per chunk: few enough to stay in the cache between hashing and inflating.
pub(super) const CHUNK: usize = 256 << 10;
/// Downloaded chunks that may wait for a worker.
const WAITING: usize = 2;
/// The most bytes that a download takes: the waiting chunks, one that arrives, and the connection's own buffer.
pub(super) const WINDOW: u64 = ((WAITING + 2) * CHUNK) as u64;

/// A data file that is read from beginning to end.
pub(super) struct StoredFile {
    from: StoredBytes,
    chunk: Vec<u8>,
    /// Bytes read so far.
    count: u64,
}

enum StoredBytes {
    Local(File),
    Download {
        chunks: mpsc::Receiver<Result<Vec<u8>, Failure>>,
        #[expect(dead_code, reason = "released when the download is dropped")]
        reserved: Option<Reservation>,
    },
}

impl StoredFile {
    pub(super) fn local(file: File) -> Self {
        Self { from: StoredBytes::Local(file), chunk: Vec::new(), count: 0 }
    }

    /// Starts a task that downloads a body up to [`WINDOW`] ahead; `reserved` is the memory for that.
    pub(super) fn download(runtime: &Handle, file: &DataFile, body: Body, reserved: Option<Reservation>) -> Self {
        let (send, chunks) = mpsc::channel(WAITING);
        runtime.spawn(download(body, file.size, send));
        Self { from: StoredBytes::Download { chunks, reserved }, chunk: Vec::new(), count: 0 }
    }

    /// Moves to the next chunk; returns whether there is one. Fails if the reading is stopped.
    pub(super) fn advance(&mut self, file: &DataFile, is_stopped: bool) -> Result<bool, ReportError> {
        if is_stopped {
            return Err(ReportError::Stopped);
        }
        match &mut self.from {
            StoredBytes::Local(from) => {
                self.chunk.resize(chunk_of(file.size.saturating_add(1)), 0);
                let many = fill(from, &mut self.chunk).map_err(|error| unreadable(file, error))?;
                self.chunk.truncate(many);
            }
            StoredBytes::Download { chunks, .. } => {
                self.chunk = chunks.blocking_recv().transpose()?.unwrap_or_default()
            }
        }
        self.count += self.chunk.len() as u64;
        let is_over = self.chunk.is_empty();
        // A file that is too long may have no end.
        if is_over || self.count > file.size {
            check_size(file, self.count)?;
        }
        Ok(!is_over)
    }

    /// Takes the current chunk.
    pub(super) fn take_chunk(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.chunk)
    }

    /// Takes back a chunk that was used, for a later one.
    pub(super) fn reuse(&mut self, chunk: Vec<u8>) {
        if matches!(self.from, StoredBytes::Local(_)) {
            self.chunk = chunk;
        }
    }

    /// The current chunk: never empty, and only the last one is short.
    pub(super) fn chunk(&self) -> &[u8] {
        &self.chunk
    }
}

/// The size of a chunk when this many bytes are left.
fn chunk_of(left: u64) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK)
}

/// Reads until `chunk` is full or the file ends; returns the number of bytes.
fn fill(from: &mut File, chunk: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match from.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(many) => filled += many,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Downloads until the end of the body, or until the reader is dropped. Copies the pieces of the body, because each may keep a
/// larger buffer alive.
async fn download(mut body: Body, mut left: u64, chunks: mpsc::Sender<Result<Vec<u8>, Failure>>) {
    let mut chunk = Vec::new();
    loop {
        let mut piece = match body.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => {
                if !chunk.is_empty() {
                    let _ = chunks.send(Ok(chunk)).await;
                }
                return;
            }
            Err(failure) => {
                let _ = chunks.send(Err(failure)).await;
                return;
            }
        };
        while !piece.is_empty() {
            if chunk.is_empty() {
                chunk.reserve_exact(chunk_of(left));
            }
            let next = piece.split_to(piece.len().min(CHUNK - chunk.len()));
            chunk.extend_from_slice(&next);
            left = left.saturating_sub(next.len() as u64);
            if chunk.len() == CHUNK && chunks.send(Ok(std::mem::take(&mut chunk))).await.is_err() {
                return;
            }
        }
    }
}
