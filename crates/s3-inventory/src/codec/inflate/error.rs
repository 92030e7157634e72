//! What can be wrong with a gzip stream.

use thiserror::Error;

/// What is wrong with a gzip stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GzipError {
    /// The header of a member.
    #[error("invalid gzip header")]
    Header,
    /// Its checksum.
    #[error("the gzip header does not have the checksum that it names")]
    HeaderChecksum,
    /// The kind of a block.
    #[error("a block is of no known kind")]
    Kind,
    /// The length of a stored block.
    #[error("a stored block does not have the length that it names")]
    StoredLength,
    /// The number of codes.
    #[error("a block names more codes than there are")]
    TooManyCodes,
    /// The codes of a block.
    #[error("a block's codes contradict each other")]
    Codes,
    /// A symbol.
    #[error("there is a code without a meaning")]
    Symbol,
    /// The distance of a match.
    #[error("it repeats what is before its beginning")]
    Distance,
    /// The CRC of a member's text.
    #[error("the text does not have the checksum that is named")]
    Checksum,
    /// The length of a member's text.
    #[error("the text does not have the length that is named")]
    Length,
}
