//! Where results go: stdout, and the files of `--write`, which are replaced whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::super::formats::{Format, RowWriter, SummaryForm};
use super::super::model::{ReportRow, ReportSummary};
use super::super::terminal::{Printer, Style};
use super::error::{FileFault, OutputError};
use super::file_identity::FileIdentity;
use super::output_files::OutputFiles;
use super::replaced_file::ReplacedFile;
use super::step_summary::StepSummary;
use crate::platform::stdout;
use crate::reasons::ReasonsReport;

/// `--write FORMAT=PATH`.
#[derive(Debug, Clone)]
pub(crate) struct WriteOption {
    pub(crate) format: &'static Format,
    pub(crate) path: PathBuf,
}

#[derive(Debug)]
pub(crate) struct OutputTarget {
    format: &'static Format,
    style: Style,
    to: TargetHandle,
    /// Something could not be written: it gets nothing more, and a file is not put in place.
    is_broken: bool,
}

#[derive(Debug)]
enum TargetHandle {
    /// Not through the buffer of the standard library, which would be written when a second signal ends the process, and may block.
    Stdout(BufWriter<File>),
    File(ReplacedFile),
    Summary(StepSummary),
}

impl TargetHandle {
    fn writer(&mut self) -> &mut (dyn io::Write + Send) {
        match self {
            Self::Stdout(out) => out,
            Self::File(file) => &mut file.temporary,
            Self::Summary(summary) => summary,
        }
    }
}

impl OutputTarget {
    pub(crate) fn stdout(format: &'static Format, style: Style) -> Result<Self, OutputError> {
        let out = stdout().map_err(OutputError::Stdout)?;
        Ok(Self::of(format, style, TargetHandle::Stdout(BufWriter::with_capacity(64 << 10, out))))
    }

    /// A temporary file beside what it is to replace.
    pub(crate) fn file(write: &WriteOption) -> Result<Self, OutputError> {
        let to = TargetHandle::File(ReplacedFile::open(&write.path, "--write")?);
        Ok(Self::of(write.format, Style::PLAIN, to))
    }

    /// The file that the variable names, if it is set.
    pub(crate) fn summary(form: &SummaryForm) -> Option<Result<Self, OutputError>> {
        let path = std::env::var_os(form.variable).filter(|path| !path.is_empty())?;
        let opened = StepSummary::open(Path::new(&path), form.variable);
        Some(opened.map(|summary| Self::of(form.format, Style::PLAIN, TargetHandle::Summary(summary))))
    }

    fn of(format: &'static Format, style: Style, to: TargetHandle) -> Self {
        Self { format, style, to, is_broken: false }
    }

    fn deliver(
        &mut self,
        write: impl FnOnce(&mut (dyn io::Write + Send), &Format, Style) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        write(self.to.writer(), self.format, self.style).map_err(|error| {
            self.is_broken = true;
            error_of(self.path(), error)
        })
    }

    /// Opens it for rows; `None` if its format has none.
    fn open_rows<R: ReportRow>(&mut self) -> Option<OpenTarget<'_>> {
        let (open, file) = (self.format.open_rows?, self.path().map(Path::to_owned));
        let writer = open(R::layout(), self.to.writer(), self.style);
        Some(OpenTarget { writer, file, is_broken: &mut self.is_broken })
    }

    /// Puts a file in place, and flushes stdout.
    fn commit(self) -> Result<(), OutputError> {
        match self.to {
            TargetHandle::Stdout(mut out) => io::Write::flush(&mut out).map_err(OutputError::Stdout),
            TargetHandle::File(file) => file.commit(),
            TargetHandle::Summary(summary) => summary.commit(),
        }
    }

    /// What the file holds that this target replaces; `None` for stdout, for a file that is not there, and for one of more
    /// than `most` bytes.
    pub(crate) fn before(&self, most: u64) -> Option<String> {
        let path = self.path()?;
        let fits = std::fs::metadata(path).is_ok_and(|found| found.len() <= most);
        if fits { std::fs::read_to_string(path).ok() } else { None }
    }

    /// Refuses to replace what this program cannot have written in such a format: anything but a short text.
    pub(crate) fn check_is_text(&self, most: u64) -> Result<(), OutputError> {
        match &self.to {
            TargetHandle::File(file) if file.path.exists() && self.before(most).is_none() => {
                Err(OutputError::File { path: file.path.clone(), why: FileFault::NotAResult })
            }
            TargetHandle::Stdout(_) | TargetHandle::File(_) | TargetHandle::Summary(_) => Ok(()),
        }
    }

    fn path(&self) -> Option<&Path> {
        match &self.to {
            TargetHandle::Stdout(_) => None,
            TargetHandle::File(file) => Some(&file.path),
            TargetHandle::Summary(summary) => Some(&summary.path),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Targets {
    all: Vec<OutputTarget>,
    files: OutputFiles,
}

impl Targets {
    /// Opens stdout (unless quiet) and a temporary file beside each `--write` path, so that what can't be written shows
    /// before anything is asked or deleted.
    pub(crate) fn open(
        format: &'static Format,
        writes: &[WriteOption],
        printer: &Printer,
    ) -> Result<Self, OutputError> {
        let is_wanted = !printer.is_quiet();
        let mut targets = Self::beside(FileIdentity::of_stdout().filter(|_| is_wanted), writes)?;
        if is_wanted {
            targets.all.insert(0, OutputTarget::stdout(format, printer.style())?);
            if let Some(summary) = &format.summary {
                targets.all.extend(OutputTarget::summary(summary).transpose()?);
            }
        }
        Ok(targets)
    }

    /// The `--write` files alone, where stdout carries something else.
    pub(crate) fn open_files(writes: &[WriteOption]) -> Result<Self, OutputError> {
        Self::beside(FileIdentity::of_stdout(), writes)
    }

    /// Nothing is created before it is known that no two are one file.
    fn beside(stdout: Option<FileIdentity>, writes: &[WriteOption]) -> Result<Self, OutputError> {
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
        Ok(Self { all: writes.iter().map(OutputTarget::file).collect::<Result<_, _>>()?, files })
    }

    /// Writes the whole result to every target, and puts the files in place.
    pub(crate) fn deliver(
        mut self,
        mut write: impl FnMut(&mut (dyn io::Write + Send), &Format, Style) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let written = run_all(self.all.iter_mut().map(|target| target.deliver(&mut write)));
        OutputError::of_both(written, self.commit())
    }

    /// A target by itself, so that others cannot fail it.
    pub(crate) fn only(target: OutputTarget) -> Self {
        Self { all: vec![target], files: OutputFiles::default() }
    }

    pub(crate) fn files(&self) -> &OutputFiles {
        &self.files
    }

    /// Opens the targets that list failed objects; the others get the report when it is there.
    pub(crate) fn failed_rows<R: ReportRow>(&mut self) -> RowTargets<'_, R, ReasonsReport> {
        let listing = self.all.iter_mut().filter(|target| target.format.lists_failed());
        RowTargets { open: listing.filter_map(OutputTarget::open_rows::<R>).collect(), kind: PhantomData }
    }

    pub(crate) fn rows<'a, R: ReportRow, S: ReportSummary>(&'a mut self) -> Result<RowTargets<'a, R, S>, OutputError> {
        let open = |target: &'a mut OutputTarget| {
            let format = target.format;
            target.open_rows::<R>().ok_or(OutputError::NoRows(format))
        };
        Ok(RowTargets { open: self.all.iter_mut().map(open).collect::<Result<_, _>>()?, kind: PhantomData })
    }

    /// Lets go of the files in formats that cannot say that the result is not whole, and returns their paths: what was there
    /// stays, because a short list would be taken for a whole one.
    pub(crate) fn keep_whole(&mut self) -> Vec<PathBuf> {
        let is_short =
            |target: &mut OutputTarget| matches!(target.to, TargetHandle::File(_)) && !target.format.says_incomplete;
        self.all.extract_if(.., is_short).filter_map(|target| target.path().map(Path::to_owned)).collect()
    }

    /// Puts the files in place: on disk first, then renamed over what was there. A file that can't be written does not stop
    /// the others.
    pub(crate) fn commit(self) -> Result<(), OutputError> {
        run_all(self.all.into_iter().filter(|target| !target.is_broken).map(OutputTarget::commit))
    }
}

/// Runs every step, and returns all their errors.
fn run_all(done: impl Iterator<Item = Result<(), OutputError>>) -> Result<(), OutputError> {
    done.fold(Ok(()), OutputError::of_both)
}

fn error_of(file: Option<&Path>, error: io::Error) -> OutputError {
    match file {
        None => OutputError::Stdout(error),
        Some(path) => OutputError::File { path: path.to_owned(), why: FileFault::Io(error) },
    }
}

/// A target that rows are written to.
struct OpenTarget<'a> {
    writer: Box<dyn RowWriter + 'a>,
    /// `None` for stdout.
    file: Option<PathBuf>,
    is_broken: &'a mut bool,
}

/// Writes rows of one kind to all targets.
pub(crate) struct RowTargets<'a, R, S> {
    open: Vec<OpenTarget<'a>>,
    kind: PhantomData<fn(&R, &S)>,
}

impl<R: ReportRow, S: ReportSummary> RowTargets<'_, R, S> {
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(crate) fn row(&mut self, row: &R) -> Result<(), OutputError> {
        self.each(|writer| writer.row(row))
    }

    pub(crate) fn end(&mut self, summary: &S) -> Result<(), OutputError> {
        OutputError::of_both(self.end_stdout(summary), self.end_files(summary))
    }

    /// Ends standard output alone. The end of the files can then say whether it was written.
    pub(crate) fn end_stdout(&mut self, summary: &S) -> Result<(), OutputError> {
        self.each_of(|target| target.file.is_none(), |writer| writer.end(summary).and_then(|()| writer.flush()))
    }

    pub(crate) fn end_files(&mut self, summary: &S) -> Result<(), OutputError> {
        self.each_of(|target| target.file.is_some(), |writer| writer.end(summary).and_then(|()| writer.flush()))
    }

    pub(crate) fn flush(&mut self) -> Result<(), OutputError> {
        self.each(|writer| writer.flush())
    }

    fn each(&mut self, write: impl FnMut(&mut dyn RowWriter) -> io::Result<()>) -> Result<(), OutputError> {
        self.each_of(|_| true, write)
    }

    /// A target that can't be written gets nothing more; the others get everything.
    fn each_of(
        &mut self,
        which: fn(&OpenTarget<'_>) -> bool,
        mut write: impl FnMut(&mut dyn RowWriter) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let whole = self.open.iter_mut().filter(|target| !*target.is_broken && which(target));
        run_all(whole.map(|target| {
            write(target.writer.as_mut()).map_err(|error| {
                *target.is_broken = true;
                error_of(target.file.as_deref(), error)
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::formats::FORMATS;
    use super::*;

    #[test]
    fn a_file_that_can_t_be_written_is_kept_and_the_others_are_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = ["one", "two", "three"].iter().map(|name| dir.path().join(name)).collect();
        for failing in 0..files.len() {
            files.iter().for_each(|path| std::fs::write(path, "before").unwrap());
            let writes = files.iter().map(|path| WriteOption { format: FORMATS[0], path: path.clone() });
            let targets = Targets::open_files(&writes.collect::<Vec<_>>()).unwrap();
            let mut turn = 0;
            let delivered = targets.deliver(|out, _, _| {
                turn += 1;
                out.write_all(b"after")?;
                if turn == failing + 1 { Err(io::Error::other("the disk is full")) } else { Ok(()) }
            });
            let error = delivered.unwrap_err().to_string();
            assert_eq!(error, format!("writing {}: the disk is full", files[failing].display()));
            for (at, path) in files.iter().enumerate() {
                let expected = if at == failing { "before" } else { "after" };
                assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
            }
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), files.len(), "no temporary file is left");
        }
    }

    #[test]
    fn every_output_that_failed_is_named() {
        let failed = || Err(OutputError::Stdout(io::Error::other("no")));
        let done = run_all([failed(), Ok(()), failed()].into_iter()).unwrap_err().to_string();
        assert_eq!(done, "writing to stdout: no; writing to stdout: no");
        assert!(run_all([Ok(()), Ok(())].into_iter()).is_ok());
    }
}
