//! Where the bytes of a columnar data file come from.

use std::error::Error;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use bytes::Bytes;

/// Why a source gives no bytes: the source's own error, which [`ReadError::Source`](crate::ReadError::Source) hands back.
pub type SourceError = Box<dyn Error + Send + Sync>;

/// The bytes of one data file, readable at any place.
///
/// Readers ask for the end of a file first, then for the columns that are wanted. Implemented for [`Bytes`] and
/// [`LocalFile`]; a program that keeps its reports elsewhere implements it for that.
pub trait ByteSource: Send + Sync {
    /// Bytes of the whole file.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from `from` on.
    ///
    /// # Errors
    /// The bytes can't be read, or the file has fewer.
    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError>;

    /// Starts to read a range that arrives in pieces, such as the body of a response. The request is sent at once, so that
    /// several are on their way together.
    ///
    /// `None` where nothing is gained by that: then [`ByteSource::read_exact_at`] is called when bytes are needed.
    fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
        let _ = range;
        None
    }

    /// Bytes that two neighbouring [`Pieces`] of one range may have together; 0 where there are no pieces.
    fn piece_bytes(&self) -> u64 {
        0
    }

    /// The whole file, where it is in memory: then no memory is reserved for reading it.
    fn in_memory(&self) -> Option<&Bytes> {
        None
    }
}

/// A range of a file, on its way.
pub trait Pieces: Send {
    /// The piece that comes next. It is not empty: no more is asked for than the range has.
    ///
    /// # Errors
    /// The range can't be read, or ended too soon.
    fn next_piece(&mut self) -> Result<Bytes, SourceError>;
}

impl ByteSource for Bytes {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError> {
        let part = usize::try_from(from).ok().and_then(|from| self.get(from..)?.get(..buffer.len()));
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof).map_err(io::Error::from)?);
        Ok(())
    }

    fn in_memory(&self) -> Option<&Bytes> {
        Some(self)
    }
}

/// A file of the file system. What is read of it goes through buffers of a [`BufferPool`](crate::BufferPool).
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    size: u64,
}

impl LocalFile {
    /// Takes a file that was opened for reading.
    ///
    /// # Errors
    /// Its size can't be found out.
    pub fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl ByteSource for LocalFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError> {
        Ok(FileExt::read_exact_at(&self.file, buffer, from)?)
    }
}
