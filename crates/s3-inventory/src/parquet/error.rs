//! Damage of Parquet files.

use arrow_schema::ArrowError;
use parquet::errors::ParquetError;
use thiserror::Error;

/// What is wrong with the structure of a Parquet file.
#[derive(Debug, Error)]
pub(crate) enum ParquetDamage {
    #[error("its footer is damaged")]
    Footer,
    #[error(transparent)]
    Library(#[from] ParquetError),
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    #[error("a page header is damaged")]
    PageHeader,
    #[error("the index of a column has another number of pages than the column")]
    PageIndex,
    #[error("a page is longer than its column")]
    PageTooLong,
    #[error("unknown page type")]
    PageKind,
    #[error("a page has another encoding than the footer says")]
    Encoding,
    #[error("the checksum of a page does not match")]
    Checksum,
    #[error("the levels of a page are longer than the page")]
    LevelsTooLong,
    #[error("the levels of a page are damaged")]
    Levels,
    #[error("a page is not valid Snappy data")]
    Snappy,
    #[error("a page is not valid gzip data")]
    Gzip,
    #[error("a page is not valid Zstandard data")]
    Zstd,
    #[error("a page has another length than its header says")]
    PageLength,
    #[error("a page has more NULLs than rows")]
    Nulls,
    #[error("a page has fewer values than its header says")]
    FewValues,
    #[error("it has fewer values than there are rows")]
    FewerValues,
    #[error("it has more values than there are rows")]
    MoreValues,
    #[error("a dictionary of {bytes} bytes has {entries} entries")]
    DictionaryEntries { bytes: u64, entries: u64 },
    #[error("it has a dictionary after other pages")]
    LateDictionary,
    #[error("it has no dictionary, and a page refers to one")]
    NoDictionary,
    #[error("the indexes of a page are damaged")]
    Indexes,
    #[error("an entry of its dictionary is cut off")]
    DictionaryCutOff,
    #[error("a length is larger than memory")]
    Length,
}
