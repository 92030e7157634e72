//! Whether two names are one file: paths, links and open handles.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::temporary::folder_of;
use crate::platform::{identity_of, identity_of_stream, is_file};

/// Identifies a file by two numbers of the system. A file that does not exist yet is identified by those of its folder, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    numbers: (u64, u64),
    new: Option<OsString>,
}

/// The system follows as many links.
const MOST_LINKS: usize = 40;

impl FileIdentity {
    /// The file that `path` leads to, links followed; also the last link of a chain may lead to nothing.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            match identity_of(&path) {
                Ok(numbers) => return Ok(Self::existing(numbers)),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Err(_) => {}
            }
            let folder = folder_of(&path).to_owned();
            match std::fs::read_link(&path) {
                Ok(target) => path = folder.join(target),
                Err(_) => {
                    let new = path.file_name().map(OsString::from);
                    return Ok(Self { numbers: identity_of(&folder)?, new });
                }
            }
        }
        Err(io::Error::other("too many links"))
    }

    /// What stdout writes to; `None` where that can't be seen.
    #[expect(clippy::disallowed_methods, reason = "only asked what it is")]
    pub(crate) fn of_stdout() -> Option<Self> {
        identity_of_stream(std::io::stdout()).map(Self::existing)
    }

    #[expect(clippy::disallowed_methods, reason = "only asked what it is")]
    pub(crate) fn of_stderr() -> Option<Self> {
        identity_of_stream(std::io::stderr()).map(Self::existing)
    }

    pub(crate) fn of_stdin() -> Option<Self> {
        identity_of_stream(std::io::stdin()).map(Self::existing)
    }

    /// Standard input if it is a file, and no terminal, pipe or device.
    pub(crate) fn of_stdin_file() -> Option<Self> {
        Self::of_stdin().filter(|_| is_file(std::io::stdin()))
    }

    fn existing(numbers: (u64, u64)) -> Self {
        Self { numbers, new: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_the_same_by_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| FileIdentity::of(&dir.path().join(name));
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        std::fs::write(dir.path().join("a"), "").unwrap();
        std::fs::write(dir.path().join("b"), "").unwrap();
        std::fs::hard_link(dir.path().join("a"), dir.path().join("hard")).unwrap();
        symlink("a", dir.path().join("link")).unwrap();
        symlink("sub", dir.path().join("folder")).unwrap();
        symlink("../new", dir.path().join("sub/to-new")).unwrap();
        symlink("sub/to-new", dir.path().join("to-to-new")).unwrap();
        symlink("loop", dir.path().join("loop")).unwrap();
        for (one, other) in [
            ("a", "a"),
            ("a", "hard"),
            ("a", "link"),
            ("a", "sub/../a"),
            ("new", "./new"),
            ("new", "sub/to-new"),
            ("new", "to-to-new"),
            ("sub/x", "folder/x"),
        ] {
            assert_eq!(at(one).unwrap(), at(other).unwrap(), "{one} {other}");
        }
        for (one, other) in [("a", "b"), ("new", "newer"), ("sub/x", "x"), ("a", "new")] {
            assert_ne!(at(one).unwrap(), at(other).unwrap(), "{one} {other}");
        }
        assert!(at("none/x").is_err() && at("loop").is_err() && at("a/x").is_err());
    }
}
