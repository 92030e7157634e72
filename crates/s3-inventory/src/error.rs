//! Errors of the readers: damage, too little memory, an unsupported file, or an error of the source of the bytes.

use std::fmt;

use thiserror::Error;

use crate::cell::RowError;
use crate::codec::GzipError;
use crate::csv::CsvError;
use crate::damage::{ColumnError, ContentError, ManifestError, SchemaError};
use crate::fault::{Fault, FaultKind, Feature, MemoryUse, Place, PlacedFault};
use crate::source::SourceError;
use crate::text::escape;

/// Why reading a data file ended.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file can't be trusted, and neither can the rows that were returned before.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The file may be valid, and needs more memory than allowed.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The file may be valid, and uses a feature that this crate does not support.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The error of the file's [`ByteSource`](crate::ByteSource).
    #[error(transparent)]
    Source(SourceError),
}

/// A report that can't be trusted, with the damaged file and row.
#[derive(Debug)]
pub struct Damage {
    /// The file's key or path; `None` for the manifest.
    pub file: Option<String>,
    /// Counted from 1.
    pub row: Option<u64>,
    /// What is wrong.
    pub kind: Box<DamageKind>,
}

/// What is wrong with a report.
#[derive(Debug, Error)]
pub enum DamageKind {
    /// manifest.json or manifest.checksum.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The manifest's fileSchema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A row.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The text of a CSV file.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The compression of a CSV file.
    #[error("its gzip stream is damaged: {0}")]
    Gzip(#[from] GzipError),
    /// The size or MD5 of a file.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The type of a column.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// The structure of a Parquet or ORC file.
    #[error(transparent)]
    Structure(StructureDamage),
    /// An error of the program that reads the report, such as a missing file or a sum that overflows.
    #[error(transparent)]
    Other(SourceError),
}

/// Where and how the structure of a columnar file is damaged.
#[derive(Debug)]
pub struct StructureDamage {
    kind: FaultKind,
    place: Place,
}

impl fmt::Display for StructureDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, place } = self;
        let group = |f: &mut fmt::Formatter<'_>| place.group.iter().try_for_each(|group| write!(f, "{group}: "));
        match kind {
            FaultKind::Parquet(damage) => {
                group(f)?;
                write!(f, "{kind}: ")?;
                place.fmt_column(f)?;
                damage.fmt(f)
            }
            FaultKind::Orc(damage) => write!(f, "{kind}: {place}{damage}"),
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for StructureDamage {}

/// More memory than the limits allow. The file may be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom {
    /// The file's key or path.
    pub file: String,
    /// Where in the file, such as `row group 3: column key: `; empty for the file as a whole.
    pub place: String,
    /// What the memory is for.
    pub purpose: MemoryUse,
    /// Bytes needed. A lower bound, because reading stops before all of it is counted.
    pub needed: u64,
    /// Bytes that the limits allow for this purpose.
    pub available: u64,
}

impl std::error::Error for NoRoom {}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, purpose, needed, available } = self;
        write!(
            f,
            "{}: {place}{} need {needed} bytes of memory, and {available} are available",
            escape(file),
            match purpose {
                MemoryUse::StoredFooter => "its stored footer would",
                MemoryUse::InflatedFooter => "its inflated footer would",
                MemoryUse::DecodedFooter => "its decoded footer would",
                MemoryUse::Columns => "its columns",
                MemoryUse::Page => "its pages",
                MemoryUse::Decoding => "its values",
                MemoryUse::Blocks => "its blocks",
                MemoryUse::Dictionary | MemoryUse::DictionaryEntries(_) => "its dictionary would",
                MemoryUse::Texts => "its texts",
            }
        )
    }
}

/// A valid file with a feature that this crate does not support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The file's key or path.
    pub file: String,
    /// The feature.
    pub feature: Feature,
}

impl std::error::Error for Unsupported {}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, which is not supported", escape(&self.file), self.feature)?;
        self.feature.alternatives().map_or(Ok(()), |alternatives| write!(f, " ({alternatives})"))
    }
}

impl Damage {
    /// Damage of the manifest, or of the report as a whole.
    pub fn of_manifest(kind: impl Into<DamageKind>) -> Self {
        Self { file: None, row: None, kind: Box::new(kind.into()) }
    }

    /// Damage of one data file.
    pub fn of_file(file: &str, row: Option<u64>, kind: impl Into<DamageKind>) -> Self {
        Self { file: Some(file.to_owned()), row, kind: Box::new(kind.into()) }
    }
}

impl DamageKind {
    /// An error of the program that reads the report.
    pub fn other(error: impl Into<SourceError>) -> Self {
        Self::Other(error.into())
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.row) {
            (Some(file), Some(row)) => write!(f, "{}, row {row}: {}", escape(file), self.kind),
            (Some(file), None) => write!(f, "{}: {}", escape(file), self.kind),
            (None, _) => self.kind.fmt(f),
        }
    }
}

impl std::error::Error for Damage {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kind.source()
    }
}

impl From<SchemaError> for Damage {
    fn from(error: SchemaError) -> Self {
        Self::of_manifest(error)
    }
}

impl ReadError {
    /// What ended the reading of this file.
    pub(crate) fn of(file: &str, Fault(fault): Fault) -> Self {
        let PlacedFault { kind, place } = *fault;
        let file = file.to_owned();
        match kind {
            FaultKind::NoRoom(shortage) => Self::NoRoom(NoRoom {
                file,
                place: place.to_string(),
                purpose: shortage.purpose,
                needed: shortage.needed,
                available: shortage.available,
            }),
            FaultKind::Unsupported(feature) => Self::Unsupported(Unsupported { file, feature }),
            FaultKind::Source(error) => Self::Source(error),
            FaultKind::File(_) | FaultKind::Parquet(_) | FaultKind::Orc(_) => {
                let kind = DamageKind::Structure(StructureDamage { kind, place });
                Self::Damaged(Damage { file: Some(file), row: None, kind: Box::new(kind) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FileDamage, Shortage};
    use crate::orc::{OrcDamage, RunError};
    use crate::parquet::ParquetDamage;

    #[test]
    fn damage_names_file_and_row() {
        let damage = Damage::of_file("a\nb", Some(3), RowError::Header).to_string();
        assert!(damage.starts_with("a\\nb, row 3: this is a header row"), "{damage}");
        assert_eq!(Damage::of_manifest(DamageKind::other("odd")).to_string(), "odd");
    }

    #[test]
    fn faults_name_their_place_once() {
        let placed = |fault: Fault| {
            let fault = fault.in_stream("LENGTH").in_column("key").in_group(|| "stripe 2".to_owned());
            ReadError::of("f", fault.in_column("other").in_group(|| "stripe 9".to_owned())).to_string()
        };
        for (fault, text) in [
            (
                Fault::from(OrcDamage::from(RunError::CutOff)),
                "f: its ORC structure is damaged: stripe 2: column key: LENGTH: a run of numbers is cut off",
            ),
            (
                Fault::from(ParquetDamage::Snappy),
                "f: stripe 2: its Parquet structure is damaged: column key: LENGTH: a page is not valid Snappy data",
            ),
            (Fault::from(FileDamage::RowGroups), "f: its row groups do not have as many rows as the file says"),
            (
                Fault::from(Shortage::new(MemoryUse::Texts, 9, 5)),
                "f: stripe 2: column key: LENGTH: its texts need 9 bytes of memory, and 5 are available",
            ),
            (
                Fault::from(Feature::OrcCodec("LZ4")),
                "f: this file uses codec LZ4, which is not supported (NONE, ZLIB, SNAPPY, ZSTD)",
            ),
        ] {
            assert_eq!(placed(fault), text);
        }
    }
}
