//! Errors of reading a report.

use std::io;
use std::path::{Path, PathBuf};

use s3_inventory::{Damage, DamageKind, DataFile, MemoryUse, NoRoom, ReadError, Unsupported, escape};
use thiserror::Error;

use crate::inventory::NoReport;
use crate::model::Failure;
use crate::spill::SpillError;

/// Why reading a report ended.
#[derive(Debug, Error)]
pub enum ReportError {
    /// It can't be trusted.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// It could not be read from S3.
    #[error(transparent)]
    Store(#[from] Failure),
    /// Its manifest was not found.
    #[error(transparent)]
    NotFound(#[from] NoManifest),
    /// A file or folder can't be read.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was attempted, as a participle.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// The connections of a worker could not be started.
    #[error("starting a runtime: {0}")]
    Runtime(io::Error),
    /// No completely delivered report was found.
    #[error(transparent)]
    Missing(#[from] NoReport),
    /// The export could not be written.
    #[error("writing the export: {0}")]
    Export(io::Error),
    /// Rows could not be kept on disk.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// A row is valid, and the format of the export can't represent it.
    #[error("it can't be exported: {0}")]
    NotExportable(Damage),
    /// A row is valid, and its group has no exact name.
    #[error("it can't be grouped: {0}")]
    NotGroupable(Damage),
    /// It may be valid, and needs more memory than allowed.
    #[error("the report needs more memory than it may use: {}", no_room(.0))]
    NoRoom(NoRoom),
    /// It may be valid, and uses a feature that is not supported.
    #[error("{}", unsupported(.0))]
    Unsupported(Unsupported),
    /// A null version was found by a reading without ETags, which decide about it.
    #[error("a null version needs its ETag")]
    NeedsEtags,
    /// A second reading found other rows.
    #[error("read a second time, the report lists other objects than before: it was replaced meanwhile")]
    Replaced,
    /// The run was stopped.
    #[error("stopped")]
    Stopped,
}

/// Why a manifest was not found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoManifest {
    #[error("{0} is not a manifest: name the report's manifest.json")]
    Address(String),
    #[error("{0} does not exist: check the name of its folder, or try again when S3 has delivered the report")]
    Absent(String),
}

/// Why Athena can't be asked, although the manifest is right.
#[derive(Debug, Error)]
pub(crate) enum SymlinkError {
    #[error("{0} does not exist, and Athena needs it: S3 writes it beside each report")]
    Absent(String),
    #[error(
        "{0} does not list the data files of the manifest, and Athena would read others: use another engine, or wait for the next report"
    )]
    OtherFiles(String),
}

/// Damage of a report that is found when its files are looked up, opened and read.
#[derive(Debug, Error)]
pub(crate) enum FileDamage {
    #[error(
        "manifest.json has no manifest.checksum beside it: the report is not completely delivered yet, or the file was not copied (to read it anyway: --no-verify)"
    )]
    NoChecksum,
    #[error("{0} (to read it anyway: --no-verify)")]
    UnknownVersion(String),
    #[error("the manifest has no MD5checksum for this file (to read it anyway: --no-verify)")]
    NoMd5,
    #[error("the file is missing from bucket {0}")]
    NotInBucket(String),
    #[error("it can't be read: {0}")]
    Unreadable(io::Error),
    #[error(
        "the server sends no ETag for it, so its parts may be of different objects (with more --memory, --verify reads it in one piece)"
    )]
    NoEtag,
    #[error(
        "it was changed or replaced while the report was read: run again when nothing writes to the files of the report"
    )]
    Changed,
    /// The library that reads it panicked.
    #[error("its structure is too damaged to be read")]
    GivenUp,
    /// Its rows would count twice.
    #[error("the same local file is found for {}", escape(.0))]
    SameFile(String),
    #[error("a key with an empty, absolute, \".\" or \"..\" part is not looked up in folders")]
    NotPlain,
    #[error("{} leads out of {}", link.display(), folder.display())]
    LeadsOut { link: PathBuf, folder: PathBuf },
    #[error("looking at {}: {error}", path.display())]
    Look { path: PathBuf, error: io::Error },
    #[error(
        "the file is missing: it is neither in {} nor at its path under the folders above{}",
        beside.display(),
        if *has_data_dir { " or in the --data-dir" } else { " (--data-dir DIR names the folder that holds it)" }
    )]
    NotInFolders { beside: PathBuf, has_data_dir: bool },
}

impl FileDamage {
    /// This damage of this file.
    pub(super) fn of(self, file: &DataFile) -> Damage {
        Damage::of_file(&file.key, None, DamageKind::other(self))
    }
}

impl ReportError {
    pub(super) fn io(doing: &'static str, path: &Path, error: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), error }
    }

    pub(super) fn of_file(file: &DataFile, error: ReadError) -> Self {
        match error {
            ReadError::Damaged(damage) => Self::Damaged(damage),
            ReadError::NoRoom(no_room) => Self::NoRoom(no_room),
            ReadError::Unsupported(unsupported) => Self::Unsupported(unsupported),
            // A source returns our own errors, or those of the system.
            ReadError::Source(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => match error.downcast::<io::Error>() {
                    Ok(error) => FileDamage::Unreadable(*error).of(file).into(),
                    Err(error) => Damage::of_file(&file.key, None, DamageKind::Other(error)).into(),
                },
            },
        }
    }
}

/// The crate knows a budget, users know `--memory`.
fn no_room(no_room: &NoRoom) -> String {
    let NoRoom { file, place, purpose, needed, available } = no_room;
    let takes =
        |what: &str| format!("{place}{what} {needed} bytes, and --memory leaves {available} for that: give more");
    let what = match purpose {
        MemoryUse::StoredFooter => takes("its footer has"),
        MemoryUse::DecodedFooter => takes("its footer takes"),
        MemoryUse::InflatedFooter => {
            format!("{place}its footer inflates to more than the {available} bytes that --memory leaves: give more")
        }
        MemoryUse::Columns => {
            format!("its columns take {needed} bytes at once, and --memory leaves {available} for that: give more")
        }
        MemoryUse::Page => takes("a page claims"),
        MemoryUse::Decoding => takes("with it, decoding takes"),
        MemoryUse::Blocks => takes("its blocks take"),
        MemoryUse::Dictionary => {
            format!("{place}its dictionary has more than the {available} bytes that --memory leaves: give more")
        }
        MemoryUse::DictionaryEntries(entries) => {
            format!("{place}its dictionary has {entries} entries, too many for what --memory leaves: give more")
        }
        MemoryUse::Texts => format!("{place}its texts have more than {available} bytes"),
    };
    format!("{}: {what}", escape(file))
}

fn unsupported(Unsupported { file, feature }: &Unsupported) -> String {
    let alternatives = feature.alternatives().map(|those| format!(" ({those})")).unwrap_or_default();
    format!("{}: {feature}, which replaudit cannot read{alternatives}", escape(file))
}
