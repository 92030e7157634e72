//! Errors of the columnar readers, with their place in the file. The name of the file is added later.

use std::fmt;

use thiserror::Error;

use crate::orc::OrcDamage;
use crate::parquet::ParquetDamage;
use crate::source::SourceError;

/// Why a columnar file can't be read.
#[derive(Debug, Error)]
pub(crate) enum FaultKind {
    #[error(transparent)]
    File(#[from] FileDamage),
    #[error("its Parquet structure is damaged")]
    Parquet(#[from] ParquetDamage),
    #[error("its ORC structure is damaged")]
    Orc(#[from] OrcDamage),
    #[error(transparent)]
    NoRoom(#[from] Shortage),
    #[error(transparent)]
    Unsupported(#[from] Feature),
    #[error("its bytes can't be read")]
    Source(#[from] SourceError),
}

/// A [`FaultKind`] with its place. Boxed, because results with it are passed on for every block and page.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) Box<PlacedFault>);

#[derive(Debug)]
pub(crate) struct PlacedFault {
    pub(crate) kind: FaultKind,
    pub(crate) place: Place,
}

/// Where in a file, as far as that is known.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The row group or stripe, such as `row group 3`.
    pub(crate) group: Option<String>,
    pub(crate) column: Option<String>,
    /// Which of a column's streams.
    pub(crate) stream: Option<&'static str>,
}

impl fmt::Display for Place {
    /// Every part is followed by a colon and a space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(group) = &self.group {
            write!(f, "{group}: ")?;
        }
        self.fmt_column(f)
    }
}

impl Place {
    pub(crate) fn fmt_column(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        self.stream.map_or(Ok(()), |stream| write!(f, "{stream}: "))
    }
}

macro_rules! from {
    ($($kind:ident),*) => {
        $(impl From<$kind> for Fault {
            #[cold]
            fn from(kind: $kind) -> Self {
                Self(Box::new(PlacedFault { kind: kind.into(), place: Place::default() }))
            }
        })*
    };
}

from!(FileDamage, ParquetDamage, OrcDamage, Shortage, Feature, SourceError);

impl Fault {
    pub(crate) fn in_group(mut self, group: impl FnOnce() -> String) -> Self {
        self.0.place.group.get_or_insert_with(group);
        self
    }

    pub(crate) fn in_column(mut self, column: &str) -> Self {
        self.0.place.column.get_or_insert_with(|| column.to_owned());
        self
    }

    pub(crate) fn in_stream(mut self, stream: &'static str) -> Self {
        self.0.place.stream.get_or_insert(stream);
        self
    }

    /// Whether it may work with fewer rows at once.
    pub(crate) fn is_shortage(&self) -> bool {
        matches!(self.0.kind, FaultKind::NoRoom(_))
    }
}

/// Damage of a file in any columnar format.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum FileDamage {
    #[error("its columns claim to be longer than the file")]
    ColumnsTooLong,
    #[error("it refers to bytes {from} to {to}, and the file has {size}")]
    Range { from: u64, to: u64, size: u64 },
    #[error("a column is cut off")]
    ColumnCutOff,
    #[error("the file has no column {0}, which the manifest names")]
    MissingColumn(String),
    #[error("the file has the column {0} twice")]
    ColumnTwice(String),
    #[error("column {column} has type {found}, which no report has")]
    ColumnType { column: String, found: String },
    #[error("its row groups do not have as many rows as the file says")]
    RowGroups,
    #[error("row group {0} has columns outside the file")]
    RowGroupOutside(usize),
    #[error("row group {at} has {found} rows and claims {claimed}")]
    RowGroupRows { at: usize, found: u64, claimed: i64 },
    #[error("it does not end as a Parquet file does: is it whole?")]
    NotParquet,
    #[error("its footer claims to be longer than it can be")]
    FooterTooLong,
    #[error("its structure is too damaged to be read")]
    GivenUp,
}

/// What memory is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryUse {
    /// The footer of a file or stripe as it is stored.
    StoredFooter,
    /// The footer of a file or stripe, inflated.
    InflatedFooter,
    /// The footer of a file or stripe, decoded.
    DecodedFooter,
    /// The stored columns of a row group or stripe that are read at once.
    Columns,
    /// One page of a column.
    Page,
    /// The decoded values of a few rows.
    Decoding,
    /// Inflated blocks, one for each stream.
    Blocks,
    /// The texts of a dictionary.
    Dictionary,
    /// This many entries of a dictionary.
    DictionaryEntries(usize),
    /// The texts of a few rows.
    Texts,
}

/// More memory than allowed. `needed` is a lower bound, because reading stops before all of it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{purpose:?} needs {needed} bytes, and {available} are available")]
pub(crate) struct Shortage {
    pub(crate) purpose: MemoryUse,
    pub(crate) needed: u64,
    pub(crate) available: u64,
}

impl Shortage {
    pub(crate) fn new(purpose: MemoryUse, needed: u64, available: u64) -> Self {
        Self { purpose, needed, available }
    }
}

/// A valid feature of a file that this crate does not support.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Feature {
    /// A codec of Parquet files.
    #[error("this file uses codec {0}")]
    ParquetCodec(&'static str),
    /// A codec of ORC files.
    #[error("this file uses codec {0}")]
    OrcCodec(&'static str),
    /// A Parquet file with an encrypted footer.
    #[error("its footer is encrypted")]
    EncryptedFooter,
    /// An ORC file with encrypted columns.
    #[error("it has encrypted columns")]
    EncryptedColumns,
    /// An ORC file whose blocks may be larger than this crate supports.
    #[error("its blocks have up to {block} bytes, more than {most}")]
    BlockSize {
        /// The block size of the file.
        block: u64,
        /// The largest supported block size.
        most: u64,
    },
    /// A column that S3 does not document, with a type that this crate can't return.
    #[error("column {column} has type {found}")]
    ColumnType {
        /// Its name.
        column: String,
        /// Its type.
        found: String,
    },
}

impl Feature {
    /// What is supported instead.
    pub fn alternatives(&self) -> Option<&'static str> {
        match self {
            Self::ParquetCodec(_) => Some("UNCOMPRESSED, SNAPPY, GZIP, ZSTD"),
            Self::OrcCodec(_) => Some("NONE, ZLIB, SNAPPY, ZSTD"),
            Self::EncryptedFooter | Self::EncryptedColumns | Self::BlockSize { .. } | Self::ColumnType { .. } => None,
        }
    }
}
