//! What is wrong with the structure of a Parquet file.

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use thiserror::Error;

/// What is wrong with the structure of a Parquet file.
#[derive(Debug, Error)]
pub(crate) enum ParquetDamage {
    #[error("its footer is no footer")]
    Footer,
    #[error(transparent)]
    Library(#[from] ParquetError),
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    #[error("a page header is damaged")]
    PageHeader,
    #[error("a page is longer than its column")]
    PageTooLong,
    #[error("a page is of a kind that columns do not have")]
    PageKind,
    #[error("a page is encoded otherwise than the footer says")]
    Encoding,
    #[error("a page does not have the checksum that it names")]
    Checksum,
    #[error("a page has no values")]
    NoValues,
    #[error("the levels of a page are longer than the page")]
    LevelsTooLong,
    #[error("the levels of a page are damaged")]
    Levels,
    #[error("a page is not the Snappy that it claims to be")]
    Snappy,
    #[error("a page is not as long as it claims to be")]
    PageLength,
    #[error("a page has more NULLs than rows")]
    Nulls,
    #[error("a page has fewer values than it claims")]
    FewValues,
    #[error("it has fewer values than there are rows")]
    FewerValues,
    #[error("it has more values than there are rows")]
    MoreValues,
    #[error("a dictionary of {bytes} bytes claims {entries} entries")]
    DictionaryEntries { bytes: u64, entries: u64 },
    #[error("a text of its dictionary is cut off")]
    DictionaryCutOff,
    #[error("a length passes what memory can hold")]
    Length,
}
