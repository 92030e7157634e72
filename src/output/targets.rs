//! Where results go: stdout, and the files of `--write`, which are replaced whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Stdout};
use std::path::{Path, PathBuf};

use super::clash::{Clash, OutputFiles};
use super::rows::{Rows, Sink, Summarised, sink};
use super::same_file::FileIdentity;
use super::temporary::{Temporary, folder_of};
use super::{Format, Printer, Style};

/// `--write FORMAT=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
}

/// Why a result did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// stdout can't be written, or its reader is gone.
    #[error("writing to stdout: {0}")]
    Stdout(io::Error),
    /// The command line lets no command ask for that.
    #[error("{0} holds no objects")]
    Format(Format),
    /// An output would replace another one, or what is read.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// A file can't be written; what was there before is still there.
    #[error("writing {}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl OutputError {
    /// Nothing reads what would be written to stdout.
    #[must_use]
    pub fn stdout_closed() -> Self {
        Self::Stdout(io::Error::other("it was closed when the program started"))
    }

    /// Whether the reader of stdout is gone: files can be put in place all the same.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// One place a result goes to.
#[derive(Debug)]
pub struct Target {
    /// In this format.
    pub format: Format,
    /// Painted so.
    pub style: Style,
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout(BufWriter<Stdout>),
    File { path: PathBuf, temporary: BufWriter<Temporary> },
}

impl Target {
    /// stdout.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "results leave here")]
    pub fn stdout(format: Format, style: Style) -> Self {
        Self { format, style, to: To::Stdout(BufWriter::with_capacity(64 << 10, io::stdout())) }
    }

    /// A temporary file beside what it is to replace.
    ///
    /// # Errors
    /// A folder that does not exist or can't be written.
    pub fn file(write: &Write) -> Result<Self, OutputError> {
        let (path, temporary) = temporary_for(&write.path)?;
        let to = To::File { path, temporary: BufWriter::new(temporary) };
        Ok(Self { format: write.format, style: Style::PLAIN, to })
    }

    fn writer(&mut self) -> &mut (dyn io::Write + Send) {
        match &mut self.to {
            To::Stdout(out) => out,
            To::File { temporary, .. } => temporary,
        }
    }

    fn error(&self, error: io::Error) -> OutputError {
        match &self.to {
            To::Stdout(_) => OutputError::Stdout(error),
            To::File { path, .. } => file_error(path, &error),
        }
    }

    /// Writes through `write`.
    ///
    /// # Errors
    /// The target can't be written.
    pub fn with(
        &mut self,
        write: impl FnOnce(&mut (dyn io::Write + Send), Format, Style) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let (format, style) = (self.format, self.style);
        write(self.writer(), format, style).map_err(|error| self.error(error))
    }
}

/// All places a result goes to.
#[derive(Debug)]
pub struct Targets {
    all: Vec<Target>,
    files: OutputFiles,
}

impl Targets {
    /// Opens stdout (unless quiet) and a temporary file beside each `--write` path, so that what can't be written shows
    /// before anything is asked or deleted.
    ///
    /// # Errors
    /// A folder that does not exist or can't be written, or two outputs that are one file.
    pub fn open(format: Format, writes: &[Write], printer: &Printer) -> Result<Self, OutputError> {
        let is_wanted = !printer.is_quiet();
        let mut targets = Self::beside(FileIdentity::of_stdout().filter(|_| is_wanted), writes)?;
        if is_wanted {
            targets.all.insert(0, Target::stdout(format, printer.style()));
        }
        Ok(targets)
    }

    /// The `--write` files alone, where stdout carries something else.
    ///
    /// # Errors
    /// As [`Targets::open`].
    pub fn open_files(writes: &[Write]) -> Result<Self, OutputError> {
        Self::beside(FileIdentity::of_stdout(), writes)
    }

    /// Nothing is created before it is known that no two are one file.
    fn beside(stdout: Option<FileIdentity>, writes: &[Write]) -> Result<Self, OutputError> {
        let mut files = OutputFiles::default();
        if let Some(stdout) = stdout {
            files.add(stdout, "stdout".to_owned())?;
        }
        for write in writes {
            // A path that leads nowhere is refused when it is opened.
            if let Ok(file) = FileIdentity::of(&write.path) {
                files.add(file, format!("--write {}={}", write.format, write.path.display()))?;
            }
        }
        Ok(Self { all: writes.iter().map(Target::file).collect::<Result<_, _>>()?, files })
    }

    /// Writes the whole result to every target, and puts the files in place. A reader of stdout that is gone takes nothing
    /// from them, and is an error all the same.
    ///
    /// # Errors
    /// The first target that can't be written, or else the closed pipe.
    pub fn deliver(
        mut self,
        mut write: impl FnMut(&mut (dyn io::Write + Send), Format, Style) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let mut gone = Ok(());
        for target in &mut self.all {
            match target.with(&mut write) {
                Err(error) if error.is_closed_pipe() => gone = Err(error),
                written => written?,
            }
        }
        self.commit().and(gone)
    }

    /// A target by itself, where others must not stand in its way.
    #[must_use]
    pub fn only(target: Target) -> Self {
        Self { all: vec![target], files: OutputFiles::default() }
    }

    /// The files among them.
    #[must_use]
    pub fn files(&self) -> &OutputFiles {
        &self.files
    }

    /// Every target.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Target> {
        self.all.iter_mut()
    }

    /// A sink that feeds all targets.
    ///
    /// # Errors
    /// A format that holds no objects.
    pub fn rows<'a, R: Rows + 'a, S: Summarised + 'a>(&'a mut self) -> Result<AllRows<'a, R, S>, OutputError> {
        fn open<'a, R: Rows + 'a, S: Summarised + 'a>(
            target: &'a mut Target,
        ) -> Result<OneSink<'a, R, S>, OutputError> {
            let (format, style, file) = (target.format, target.style, target.path().map(Path::to_owned));
            let sink = sink::<R, S>(format, target.writer(), style).ok_or(OutputError::Format(format))?;
            Ok((sink, file))
        }
        self.all.iter_mut().map(open).collect::<Result<_, _>>().map(AllRows)
    }

    /// Pushes everything out that waits in buffers for stdout.
    ///
    /// # Errors
    /// stdout can't be written.
    pub fn flush(&mut self) -> Result<(), OutputError> {
        for target in &mut self.all {
            if let To::Stdout(out) = &mut target.to {
                io::Write::flush(out).map_err(OutputError::Stdout)?;
            }
        }
        Ok(())
    }

    /// Puts the files in place: on disk first, then renamed over what was there. A reader of stdout that has gone takes
    /// nothing from them.
    ///
    /// # Errors
    /// The first file that can't be; those before it are in place.
    pub fn commit(mut self) -> Result<(), OutputError> {
        let flushed = self.flush();
        if let Err(error) = &flushed
            && !error.is_closed_pipe()
        {
            return flushed;
        }
        for target in self.all {
            if let To::File { path, temporary } = target.to {
                put_in_place(temporary, &path).map_err(|error| file_error(&path, &error))?;
            }
        }
        flushed
    }
}

impl Target {
    /// What the file holds that this target replaces; `None` for stdout, for a file that is not there, and for one of more
    /// than `most` bytes.
    #[must_use]
    pub fn before(&self, most: u64) -> Option<String> {
        let path = self.path()?;
        let fits = std::fs::metadata(path).is_ok_and(|found| found.len() <= most);
        if fits { std::fs::read_to_string(path).ok() } else { None }
    }

    /// Makes sure that the file that this target replaces is short text, or not there: as any file is that this program
    /// wrote for Prometheus.
    ///
    /// # Errors
    /// It is something else.
    pub fn check_is_text(&self, most: u64) -> Result<(), OutputError> {
        match self.path().filter(|path| path.exists()) {
            Some(path) if self.before(most).is_none() => {
                let why = "what is there is not the text of a metrics file, and is kept".to_owned();
                Err(OutputError::File { path: path.to_owned(), why })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn path(&self) -> Option<&Path> {
        match &self.to {
            To::Stdout(_) => None,
            To::File { path, .. } => Some(path),
        }
    }
}

pub(super) fn file_error(path: &Path, error: &io::Error) -> OutputError {
    OutputError::File { path: path.to_owned(), why: error.to_string() }
}

/// A temporary file beside what is to be replaced, and the path of that: a link is followed, so that it stays a link.
pub(super) fn temporary_for(path: &Path) -> Result<(PathBuf, Temporary), OutputError> {
    let refused = |why: &str| OutputError::File { path: path.to_owned(), why: why.to_owned() };
    let before = match std::fs::metadata(path) {
        Ok(found) if found.is_file() => Some(found.permissions()),
        // Renaming over a device or a pipe would take it away from everybody else.
        Ok(_) => return Err(refused("that is no file that could be replaced")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(file_error(path, &error)),
    };
    let path = match path.canonicalize() {
        Ok(found) => found,
        Err(_) if path.is_symlink() => return Err(refused("the link leads nowhere")),
        Err(_) => path.to_owned(),
    };
    let folder = folder_of(&path);
    std::fs::metadata(folder).map_err(|error| file_error(&path, &error))?;
    let temporary = Temporary::new_in(folder, before.unwrap_or_else(new_file_permissions));
    let temporary = temporary.map_err(|error| refused(&error.kind().to_string()))?;
    Ok((path, temporary))
}

/// As any new file: the umask takes away what it takes away.
fn new_file_permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o666)
}

pub(super) fn put_in_place(temporary: BufWriter<Temporary>, path: &Path) -> io::Result<()> {
    let file = temporary.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.file().sync_all()?;
    file.persist(path)?;
    // The rename itself is on disk only once the folder is.
    File::open(folder_of(path))?.sync_all()
}

/// Feeds rows to all targets.
pub struct AllRows<'a, R, S>(Vec<OneSink<'a, R, S>>);

/// A sink and, unless it is stdout, the file it writes.
type OneSink<'a, R, S> = (Box<dyn Sink<R, S> + 'a>, Option<PathBuf>);

impl<R: Rows, S: Summarised> AllRows<'_, R, S> {
    /// Writes one row to each.
    ///
    /// # Errors
    /// The first target that can't be written.
    pub fn row(&mut self, row: &R) -> Result<(), OutputError> {
        self.each(|sink| sink.row(row))
    }

    /// Writes the end to each.
    ///
    /// # Errors
    /// The first target that can't be written.
    pub fn end(&mut self, summary: &S) -> Result<(), OutputError> {
        self.each(|sink| sink.end(summary))
    }

    /// Pushes out what waits in buffers.
    ///
    /// # Errors
    /// The first target that can't be written.
    pub fn flush(&mut self) -> Result<(), OutputError> {
        self.each(|sink| sink.flush())
    }

    fn each(&mut self, mut write: impl FnMut(&mut dyn Sink<R, S>) -> io::Result<()>) -> Result<(), OutputError> {
        for (sink, file) in &mut self.0 {
            write(sink.as_mut()).map_err(|error| match file {
                None => OutputError::Stdout(error),
                Some(path) => file_error(path, &error),
            })?;
        }
        Ok(())
    }
}
