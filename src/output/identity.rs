//! Tells which file a path leads to, through links too: no run writes one file twice, or replaces a file that it reads.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::temporary::folder_of;

/// The identity of a file, the same for all links to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileId {
    /// A file that is there.
    Existing {
        /// The file system's number.
        device: u64,
        /// The file's number there.
        inode: u64,
    },
    /// A file that does not exist yet.
    New {
        /// The folder's file system.
        device: u64,
        /// The folder's number there.
        folder: u64,
        /// The file's name in the folder.
        name: OsString,
    },
}

impl FileId {
    /// Looks at a path; links are followed.
    ///
    /// # Errors
    /// The folder does not exist or can't be looked at, or the path names no file.
    pub fn of(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(found) => Ok(Self::existing(&found)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = std::fs::metadata(folder_of(path))?;
                let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_owned();
                Ok(Self::New { device: folder.dev(), folder: folder.ino(), name })
            }
            Err(error) => Err(error),
        }
    }

    /// The file behind a handle, as stdout is one; `None` for terminals, pipes and devices.
    #[must_use]
    pub fn of_handle(handle: &impl AsFd) -> Option<Self> {
        let file = File::from(handle.as_fd().try_clone_to_owned().ok()?);
        let found = file.metadata().ok().filter(Metadata::is_file)?;
        Some(Self::existing(&found))
    }

    fn existing(found: &Metadata) -> Self {
        Self::Existing { device: found.dev(), inode: found.ino() }
    }
}

/// Whether two paths lead to one file; paths that lead nowhere never do.
#[must_use]
pub fn same_file(one: &Path, other: &Path) -> bool {
    matches!((FileId::of(one), FileId::of(other)), (Ok(one), Ok(other)) if one == other)
}

/// Why an output is refused.
#[derive(Debug, thiserror::Error)]
pub enum Clash {
    /// Two outputs would replace each other.
    #[error("{one} and {other} are one file: nothing was written")]
    Twice {
        /// One output.
        one: String,
        /// The other.
        other: String,
    },
    /// It would replace what is read.
    #[error("{output}: {} is part of the report {report}, and is not replaced", path.display())]
    OfReport {
        /// The output.
        output: String,
        /// The file that is read.
        path: PathBuf,
        /// The report that it is part of.
        report: String,
    },
}

/// The files that a run writes, and what each is for.
#[derive(Debug, Clone, Default)]
pub struct OutputFiles(Vec<(FileId, String)>);

impl OutputFiles {
    /// Takes one more.
    ///
    /// # Errors
    /// It is one of those that were taken.
    pub fn add(&mut self, file: FileId, name: String) -> Result<(), Clash> {
        if let Some((_, other)) = self.0.iter().find(|(known, _)| *known == file) {
            return Err(Clash::Twice { one: other.clone(), other: name });
        }
        self.0.push((file, name));
        Ok(())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes sure that none of them is the file at `path`, which the run reads.
    ///
    /// # Errors
    /// One is.
    pub fn spare(&self, path: &Path, report: &str) -> Result<(), Clash> {
        let Ok(file) = FileId::of(path) else { return Ok(()) };
        match self.0.iter().find(|(known, _)| *known == file) {
            None => Ok(()),
            Some((_, output)) => {
                Err(Clash::OfReport { output: output.clone(), path: path.to_owned(), report: report.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn links_and_folders_by_other_names_lead_to_the_same_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("sub")).unwrap();
        for name in ["one", "two"] {
            fs::write(path(name), name).unwrap();
        }
        fs::hard_link(path("one"), path("hard")).unwrap();
        std::os::unix::fs::symlink(path("one"), path("soft")).unwrap();
        std::os::unix::fs::symlink(dir.path(), path("sub/up")).unwrap();
        for (one, other, same) in [
            ("one", "one", true),
            ("one", "hard", true),
            ("soft", "sub/up/hard", true),
            ("one", "two", false),
            ("new", "sub/../new", true),
            ("new", "sub/up/new", true),
            ("new", "sub/new", false),
            ("new", "other", false),
            ("nowhere/x", "nowhere/x", false),
        ] {
            assert_eq!(same_file(&path(one), &path(other)), same, "{one} {other}");
        }
        let file = File::open(path("hard")).unwrap();
        assert_eq!(FileId::of_handle(&file), FileId::of(&path("one")).ok());
        assert_eq!(FileId::of_handle(&File::open("/dev/null").unwrap()), None);
    }
}
