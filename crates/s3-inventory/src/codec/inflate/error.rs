//! Damage of gzip streams.

use thiserror::Error;

/// What is wrong with a gzip stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum GzipError {
    #[error("invalid gzip header")]
    Header,
    #[error("the checksum of the gzip header does not match")]
    HeaderChecksum,
    #[error("unknown block type")]
    Kind,
    #[error("the two lengths of a stored block differ")]
    StoredLength,
    #[error("a block has too many codes")]
    TooManyCodes,
    #[error("a block has an invalid code table")]
    Codes,
    #[error("invalid code")]
    Symbol,
    #[error("a match begins before the start of the data")]
    Distance,
    #[error("the CRC-32 of the data does not match")]
    Checksum,
    #[error("the length of the data does not match")]
    Length,
}
