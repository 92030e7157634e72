//! Sources of the bytes of columnar data files.

use std::error::Error;
use std::fs::File;
use std::io;
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;

use bytes::Bytes;

/// The source's own error, which [`ReadError::Source`](crate::ReadError::Source) returns unchanged.
pub type SourceError = Box<dyn Error + Send + Sync>;

/// The bytes of one data file, readable at any offset.
///
/// Readers read the end of a file first, then the wanted columns. Implemented for [`Bytes`] and [`LocalFile`]; implement it for
/// other storage.
pub trait ByteSource: Send + Sync {
    /// The size of the file in bytes.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from offset `from`.
    ///
    /// # Errors
    /// The bytes can't be read, or the file is shorter.
    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError>;

    /// Starts to read a range that arrives in pieces, such as the body of a response. The request is sent at once, so that
    /// several requests run in parallel.
    ///
    /// `None` if the source has no pieces: then [`ByteSource::read_exact_at`] is called when bytes are needed.
    fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
        let _ = range;
        None
    }

    /// The most bytes of two neighbouring [`Pieces`] of a range; 0 without pieces.
    fn piece_bytes(&self) -> u64 {
        0
    }

    /// The whole file, if it is in memory: then no memory is reserved for reading it.
    fn in_memory(&self) -> Option<&Bytes> {
        None
    }
}

/// A range of a file that arrives in pieces.
pub trait Pieces: Send {
    /// The next piece, which is not empty. It is only called until all bytes of the range were returned.
    ///
    /// # Errors
    /// The range can't be read, or ends too soon.
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

/// A file of the file system, read into buffers of a [`BufferPool`](crate::BufferPool).
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    size: u64,
}

impl LocalFile {
    /// Wraps a file that was opened for reading.
    ///
    /// # Errors
    /// The size of the file can't be read.
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
        Ok(read_exact_at(&self.file, buffer, from)?)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<()> {
    FileExt::read_exact_at(file, buffer, from)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut from: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.seek_read(buffer, from)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                from += read as u64;
            }
        }
    }
    Ok(())
}
