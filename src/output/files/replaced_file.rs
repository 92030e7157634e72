//! A file that is replaced whole or not at all.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::error::{FileFault, OutputError};
use super::temporary::{TemporaryFile, folder_of};
use crate::platform::{new_file_permissions, sync_folder};

/// What will replace a file, in a temporary file beside it.
#[derive(Debug)]
pub(super) struct ReplacedFile {
    pub(super) path: PathBuf,
    pub(super) temporary: BufWriter<TemporaryFile>,
}

impl ReplacedFile {
    /// A link is followed, so that it stays a link.
    ///
    /// `named_by` is the option that named it.
    pub(super) fn open(path: &Path, named_by: &'static str) -> Result<Self, OutputError> {
        let refused = |why| OutputError::File { path: path.to_owned(), why };
        let before = match std::fs::metadata(path) {
            Ok(found) if found.is_file() => Some(found.permissions()),
            // Renaming over a device or a pipe would take it away from its other users.
            Ok(_) => return Err(refused(FileFault::NotAFile)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(refused(FileFault::Io(error))),
        };
        let target = match path.canonicalize() {
            Ok(found) => found,
            Err(_) if path.is_symlink() => return Err(refused(FileFault::DanglingLink)),
            Err(_) => path.to_owned(),
        };
        let folder = folder_of(&target);
        std::fs::metadata(folder).map_err(|error| refused(FileFault::of_folder(folder, error, named_by)))?;
        let temporary = TemporaryFile::new_in(folder, before.or_else(new_file_permissions))
            .map_err(|error| refused(FileFault::NoTemporaryFile(error.kind())))?;
        Ok(Self { path: target, temporary: BufWriter::new(temporary) })
    }

    pub(super) fn error(&self, error: io::Error) -> OutputError {
        OutputError::File { path: self.path.clone(), why: FileFault::Io(error) }
    }

    /// Puts the file in place: on disk first, then renamed over what was there.
    pub(super) fn commit(self) -> Result<(), OutputError> {
        let Self { path, temporary } = self;
        let put_in_place = || {
            let file = temporary.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.file().sync_all()?;
            file.persist(&path)?;
            sync_folder(folder_of(&path))
        };
        put_in_place().map_err(|error| OutputError::File { path: path.clone(), why: FileFault::Io(error) })
    }
}
