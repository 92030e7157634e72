//! Damage of ORC files.

use arrow_schema::ArrowError;
use thiserror::Error;

use crate::source::SourceError;

/// What is wrong with a run of integers. Small, because every number is decoded into a result with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum RunError {
    #[error("a run of numbers is cut off")]
    CutOff,
    #[error("a number has more than 64 bits")]
    Overflow,
    #[error("a patch has more than 64 bits")]
    PatchWidth,
    #[error("a patch is outside its run")]
    PatchPlace,
    #[error("a run has too few numbers")]
    TooShort,
}

/// What is wrong with the structure of an ORC file.
#[derive(Debug, Error)]
pub(crate) enum OrcDamage {
    #[error("it is too short")]
    TooShort,
    #[error("it does not end like an ORC file: is it complete?")]
    NotOrc,
    #[error("its footer claims to be longer than the file")]
    FooterTooLong,
    #[error("unknown compression")]
    Compression,
    #[error(transparent)]
    Message(#[from] prost::DecodeError),
    #[error("its stripes do not have as many rows as the file says")]
    Rows,
    #[error("it has no columns")]
    NoColumns,
    #[error("its footer is outside the file")]
    StripeFooter,
    #[error("its streams go beyond the stripe")]
    StreamsOutside,
    #[error("it has more streams than its columns can have")]
    TooManyStreams,
    #[error("the stripe's footer does not have its encoding")]
    NoEncoding,
    #[error("it has a dictionary, and is not a text column")]
    DictionaryOfNoText,
    #[error("its dictionary has {entries} entries for {rows} rows")]
    DictionaryRows { entries: u32, rows: u64 },
    #[error("its dictionary has {entries} entries in {bytes} bytes")]
    DictionaryBytes { entries: usize, bytes: usize },
    #[error("its dictionary has no entry {0}")]
    NoEntry(u64),
    #[error("its dictionary of {entries} has no entry {entry}")]
    NoEntryOf { entries: usize, entry: u64 },
    #[error("a block is damaged: {0}")]
    Block(SourceError),
    #[error("the header of a block is cut off")]
    BlockHeader,
    #[error("a block has {length} bytes, and the file allows at most {most}")]
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
    #[error("unknown time zone: {0:?}")]
    TimeZone(String),
    #[error("a time is out of range")]
    TimeTooFar,
    #[error("a time has more than a second in nanoseconds")]
    Nanoseconds,
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}
