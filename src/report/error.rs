//! Why a report gives no sums.

use std::io;
use std::path::{Path, PathBuf};

use s3_inventory::{Damage, DamageKind, DataFile, MemoryUse, NoRoom, ReadError, Unsupported, escape};
use thiserror::Error;

use crate::inventory::NoReport;
use crate::model::Failure;

/// Why a report gives no sums.
#[derive(Debug, Error)]
pub enum ReportError {
    /// It can't be trusted.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// It could not be read from S3.
    #[error(transparent)]
    Store(#[from] Failure),
    /// Its manifest is not where it was looked for.
    #[error(transparent)]
    NotFound(#[from] NoManifest),
    /// A file or folder can't be read.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was attempted, as a participle.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What came of it.
        error: io::Error,
    },
    /// The connections of a worker could not be started.
    #[error("starting a runtime: {0}")]
    Runtime(io::Error),
    /// Where it was looked for, no report is whole.
    #[error(transparent)]
    Missing(#[from] NoReport),
    /// What was exported could not be written.
    #[error("writing the export: {0}")]
    Export(io::Error),
    /// A row is good, and the export can't hold it.
    #[error("it can't be exported: {0}")]
    NotExportable(Damage),
    /// It may be good, and takes more memory than it may.
    #[error("the report takes more memory than it may: {}", no_room(.0))]
    NoRoom(NoRoom),
    /// It may be good, and is written in a way that is not known here.
    #[error("{}", unsupported(.0))]
    Unsupported(Unsupported),
    /// The run was stopped.
    #[error("stopped")]
    Stopped,
}

/// Why there is no manifest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoManifest {
    /// The address has another form.
    #[error("{0} is no manifest: name the report's manifest.json")]
    Address(String),
    /// Nothing is at this address.
    #[error("there is no {0}: is the report delivered yet, and is that its folder?")]
    Absent(String),
}

/// Damage of a report that shows when its files are looked for, opened and read.
#[derive(Debug, Error)]
pub(crate) enum FileDamage {
    /// The report is not delivered whole.
    #[error(
        "there is no manifest.checksum beside manifest.json: the report is not delivered whole yet (--no-verify does without)"
    )]
    NoChecksum,
    /// The manifest leaves it out.
    #[error("the manifest names no MD5checksum for this file (--no-verify does without)")]
    NoMd5,
    /// No such object.
    #[error("the file is missing from bucket {0}")]
    NotInBucket(String),
    /// The system can't read it.
    #[error("it can't be read: {0}")]
    Unreadable(io::Error),
    /// Nothing shows that parts of the file are parts of one object.
    #[error(
        "the server names no ETag for it, so its parts may be of different objects (with more --memory, --verify reads it in one piece)"
    )]
    NoEtag,
    /// Parts of the file are of different objects.
    #[error("it changed while it was read: two answers about it have different ETags")]
    Changed,
    /// The library that reads it broke.
    #[error("its structure is so damaged that reading it was given up")]
    GivenUp,
    /// Two files of the manifest are one: its rows would count twice.
    #[error("the same local file is found for {}", escape(.0))]
    SameFile(String),
    /// A key that could lead out of the folders.
    #[error("a key with an empty, absolute, \".\" or \"..\" part is not looked up in folders")]
    NotPlain,
    /// A link that leads out of the folders.
    #[error("{} leads out of {}", link.display(), folder.display())]
    LeadsOut {
        /// The link.
        link: PathBuf,
        /// The folder that it is looked up in.
        folder: PathBuf,
    },
    /// The system can't say what is there.
    #[error("looking at {}: {error}", path.display())]
    Look {
        /// Where.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// No such file.
    #[error(
        "the file is missing: it is neither in {} nor at its path under the folders above{}",
        beside.display(),
        if *has_data_dir { " or in the --data-dir" } else { " (--data-dir DIR names the folder that holds it)" }
    )]
    NotInFolders {
        /// The manifest's folder.
        beside: PathBuf,
        /// Whether another folder was named.
        has_data_dir: bool,
    },
}

impl FileDamage {
    /// The same of this file.
    pub(super) fn of(self, file: &DataFile) -> Damage {
        Damage::of_file(&file.key, None, DamageKind::other(self))
    }
}

impl ReportError {
    pub(super) fn io(doing: &'static str, path: &Path, error: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), error }
    }

    /// Why this file gives no more rows.
    pub(super) fn of_file(file: &DataFile, error: ReadError) -> Self {
        match error {
            ReadError::Damaged(damage) => Self::Damaged(damage),
            ReadError::NoRoom(no_room) => Self::NoRoom(no_room),
            ReadError::Unsupported(unsupported) => Self::Unsupported(unsupported),
            // Sources give errors of their own, and those of the system.
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

/// The crate knows a budget, people know `--memory`.
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
