//! Why a result did not arrive.

use std::io;
use std::path::{Path, PathBuf};

use super::super::formats::Format;
use super::output_files::OutputClash;

#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("writing to stdout: {reader}{0}", reader = if is_closed_pipe(.0) { READER_ENDED } else { "" })]
    Stdout(io::Error),
    #[error("writing to stdout: when the program started, it was closed or open for reading only")]
    StdoutClosed,
    /// The command line refuses such a format.
    #[error("{0} holds no objects")]
    NoRows(&'static Format),
    #[error(transparent)]
    Clash(#[from] OutputClash),
    /// A file can't be written; what was there before is still there.
    #[error("writing {}: {why}", path.display())]
    File { path: PathBuf, why: FileFault },
    #[error("{0}; {1}")]
    Both(Box<Self>, Box<Self>),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FileFault {
    #[error("{0}")]
    Io(io::Error),
    /// The error of the temporary file beside it names another path.
    #[error("{0}")]
    NoTemporaryFile(io::ErrorKind),
    #[error("the folder {} does not exist: create it, or correct {named_by}", folder.display())]
    NoFolder { folder: PathBuf, named_by: &'static str },
    #[error("not a file that can be replaced")]
    NotAFile,
    #[error("the link leads nowhere")]
    DanglingLink,
    #[error("the file there cannot be an earlier result, so it is kept")]
    NotAResult,
}

impl FileFault {
    /// The folder of a file can't be used.
    pub(super) fn of_folder(folder: &Path, error: io::Error, named_by: &'static str) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NoFolder { folder: folder.to_owned(), named_by },
            _ => Self::Io(error),
        }
    }
}

impl OutputError {
    /// Fails if one of two has failed, and names both if both have.
    pub(crate) fn of_both(one: Result<(), Self>, other: Result<(), Self>) -> Result<(), Self> {
        match (one, other) {
            (Err(one), Err(other)) => Err(Self::Both(Box::new(one), Box::new(other))),
            (one, other) => one.and(other),
        }
    }

    /// Whether the reader of stdout is gone.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if is_closed_pipe(error))
    }
}

const READER_ENDED: &str = "the program that reads it ended too early: ";

fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}
