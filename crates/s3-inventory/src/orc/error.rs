//! What is wrong with the structure of an ORC file.

use arrow::error::ArrowError;
use thiserror::Error;

use crate::source::SourceError;

/// What is wrong with a run of integers. Small, because every number is decoded into a result with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum RunError {
    #[error("a run of numbers is cut off")]
    CutOff,
    #[error("a number passes 64 bits")]
    Overflow,
    #[error("a patch has more than 64 bits")]
    PatchWidth,
    #[error("a patch is for no number")]
    PatchPlace,
    #[error("a run has fewer numbers than it begins with")]
    TooShort,
}

/// What is wrong with the structure of an ORC file.
#[derive(Debug, Error)]
pub(crate) enum OrcDamage {
    #[error("it is too short")]
    TooShort,
    #[error("it does not end as an ORC file does: is it whole?")]
    NotOrc,
    #[error("its footer claims to be longer than the file")]
    FooterTooLong,
    #[error("its compression is unknown")]
    Compression,
    #[error(transparent)]
    Message(#[from] prost::DecodeError),
    #[error("its stripes do not have as many rows as the file says")]
    Rows,
    #[error("it has no columns")]
    NoColumns,
    #[error("its footer is nowhere in the file")]
    StripeFooter,
    #[error("its streams go beyond the stripe")]
    StreamsOutside,
    #[error("it has more streams than its columns can have")]
    TooManyStreams,
    #[error("the stripe's footer does not say how it is encoded")]
    NoEncoding,
    #[error("it is said to have a dictionary, and is no text")]
    DictionaryOfNoText,
    #[error("its dictionary claims {entries} entries for {rows} rows")]
    DictionaryRows { entries: u32, rows: u64 },
    #[error("its dictionary claims {entries} entries in {bytes} bytes")]
    DictionaryBytes { entries: usize, bytes: usize },
    #[error("its dictionary has no entry {0}")]
    NoEntry(u64),
    #[error("its dictionary of {entries} has no entry {entry}")]
    NoEntryOf { entries: usize, entry: u64 },
    #[error("a block is damaged: {0}")]
    Block(SourceError),
    #[error("the header of a block is cut off")]
    BlockHeader,
    #[error("a block has {length} bytes, and by what the file says at most {most}")]
    BlockTooLong { length: usize, most: usize },
    #[error("a block of {0} bytes is cut off")]
    BlockCutOff(usize),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{0} numbers are missing")]
    NumbersMissing(usize),
    #[error("a run of bytes is cut off")]
    ByteRunCutOff,
    #[error("literal bytes are cut off")]
    LiteralsCutOff,
    #[error("its texts have more than {0} bytes")]
    TextsTooLong(usize),
    #[error("{0} bytes of text are missing")]
    TextMissing(usize),
    #[error("there is no time zone {0:?}")]
    TimeZone(String),
    #[error("a time is too far away")]
    TimeTooFar,
    #[error("a time has more than a second in nanoseconds")]
    Nanoseconds,
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}
