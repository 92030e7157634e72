//! A file that has no name before it is whole.
//!
//! A process that is killed leaves nothing behind: on Linux the file has no name until it is put in place. Other systems,
//! and file systems without such files, get one that begins with `.replaudit-` and is removed with the value.

use std::fs::{File, Permissions};
use std::io;
use std::path::Path;

use tempfile::{Builder, TempPath};

const PREFIX: &str = ".replaudit-";

/// A file beside the one that it will replace.
#[derive(Debug)]
pub(super) struct TemporaryFile {
    file: File,
    /// `None` while it has no name.
    name: Option<TempPath>,
}

impl TemporaryFile {
    /// Creates one in a folder, with these permissions as far as the umask leaves them; `None` is what the system gives.
    pub(super) fn new_in(folder: &Path, permissions: Option<Permissions>) -> io::Result<Self> {
        if let Some(file) = nameless(folder, permissions.as_ref()) {
            return Ok(Self { file, name: None });
        }
        let mut builder = Builder::new();
        builder.prefix(PREFIX);
        if let Some(permissions) = permissions {
            builder.permissions(permissions);
        }
        let (file, name) = builder.tempfile_in(folder)?.into_parts();
        Ok(Self { file, name: Some(name) })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in place of what is at `path`, in the folder that it was created in.
    pub(super) fn persist(self, path: &Path) -> io::Result<()> {
        let Self { file, name } = self;
        let name = match name {
            Some(name) => name,
            // A rename replaces what is there, and a link does not: so it has a name of its own for a moment.
            None => Builder::new().prefix(PREFIX).make_in(folder_of(path), |name| link(&file, name))?.into_temp_path(),
        };
        name.persist(path).map_err(|error| error.error)
    }
}

impl io::Write for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file without a name, where the system has such files and can give it one later.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path, permissions: Option<&Permissions>) -> Option<File> {
    use std::os::unix::fs::PermissionsExt;

    use rustix::fs::{Mode, OFlags, open};

    let mode = Mode::from_raw_mode(permissions?.mode() & 0o777);
    let file = File::from(open(folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, mode).ok()?);
    std::fs::metadata(shown(&file)).is_ok().then_some(file)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_: &Path, _: Option<&Permissions>) -> Option<File> {
    None
}

/// Where the system shows an open file.
#[cfg(target_os = "linux")]
fn shown(file: &File) -> String {
    use std::os::fd::AsRawFd;

    format!("/proc/self/fd/{}", file.as_raw_fd())
}

#[cfg(target_os = "linux")]
fn link(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};

    Ok(linkat(CWD, shown(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_takes_the_place_of_the_old_file_with_its_permissions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "old").unwrap();
        let names = || std::fs::read_dir(dir.path()).unwrap().count();
        let mut one = TemporaryFile::new_in(dir.path(), Some(Permissions::from_mode(0o640))).unwrap();
        one.write_all(b"new").unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!((one.name.is_none(), names()), (true, 1));
        }
        one.persist(&path).unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"new".to_vec(), 1));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        drop(TemporaryFile::new_in(dir.path(), Some(Permissions::from_mode(0o600))).unwrap());
        assert_eq!(names(), 1);
    }
}
