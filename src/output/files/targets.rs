//! Where results go: stdout, and the files of `--write`, which are replaced whole or not at all.

use std::io::{self, BufWriter, Stdout};
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
}

#[derive(Debug)]
enum TargetHandle {
    Stdout(BufWriter<Stdout>),
    File(ReplacedFile),
    Summary(StepSummary),
}

impl OutputTarget {
    #[expect(clippy::disallowed_methods, reason = "results leave here")]
    pub(crate) fn stdout(format: &'static Format, style: Style) -> Self {
        Self { format, style, to: TargetHandle::Stdout(BufWriter::with_capacity(64 << 10, io::stdout())) }
    }

    /// A temporary file beside what it is to replace.
    pub(crate) fn file(write: &WriteOption) -> Result<Self, OutputError> {
        let to = TargetHandle::File(ReplacedFile::open(&write.path, "--write")?);
        Ok(Self { format: write.format, style: Style::PLAIN, to })
    }

    /// The file that the variable names, if it is set.
    pub(crate) fn summary(form: &SummaryForm) -> Option<Result<Self, OutputError>> {
        let path = std::env::var_os(form.variable).filter(|path| !path.is_empty())?;
        let opened = StepSummary::open(Path::new(&path), form.variable);
        let to = |summary| Self { format: form.format, style: Style::PLAIN, to: TargetHandle::Summary(summary) };
        Some(opened.map(to))
    }

    fn writer(&mut self) -> &mut (dyn io::Write + Send) {
        match &mut self.to {
            TargetHandle::Stdout(out) => out,
            TargetHandle::File(file) => &mut file.temporary,
            TargetHandle::Summary(summary) => summary,
        }
    }

    fn error(&self, error: io::Error) -> OutputError {
        match &self.to {
            TargetHandle::Stdout(_) => OutputError::Stdout(error),
            TargetHandle::File(file) => file.error(error),
            TargetHandle::Summary(summary) => {
                OutputError::File { path: summary.path.clone(), why: FileFault::Io(error) }
            }
        }
    }

    pub(crate) fn with(
        &mut self,
        write: impl FnOnce(&mut (dyn io::Write + Send), &Format, Style) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let (format, style) = (self.format, self.style);
        write(self.writer(), format, style).map_err(|error| self.error(error))
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
            targets.all.insert(0, OutputTarget::stdout(format, printer.style()));
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

    /// Writes the whole result to every target, and puts the files in place. A reader of stdout that is gone takes nothing
    /// from them, and is an error all the same.
    pub(crate) fn deliver(
        mut self,
        mut write: impl FnMut(&mut (dyn io::Write + Send), &Format, Style) -> io::Result<()>,
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
        fn open<R: ReportRow>(target: &mut OutputTarget) -> Option<(Box<dyn RowWriter + '_>, Option<PathBuf>)> {
            let (format, style, file) = (target.format, target.style, target.path().map(Path::to_owned));
            Some((format.open_rows?(R::layout(), target.writer(), style), file))
        }
        RowTargets { writers: listing.filter_map(open::<R>).collect(), kind: PhantomData }
    }

    pub(crate) fn rows<'a, R: ReportRow, S: ReportSummary>(&'a mut self) -> Result<RowTargets<'a, R, S>, OutputError> {
        let open = |target: &'a mut OutputTarget| {
            let (format, style, file) = (target.format, target.style, target.path().map(Path::to_owned));
            let open = format.open_rows.ok_or(OutputError::NoRows(format))?;
            Ok((open(R::layout(), target.writer(), style), file))
        };
        let writers = self.all.iter_mut().map(open).collect::<Result<_, OutputError>>()?;
        Ok(RowTargets { writers, kind: PhantomData })
    }

    /// Lets go of the files in formats that cannot say that the result is not whole, and returns their paths: what was there
    /// stays, because a short list would be taken for a whole one.
    pub(crate) fn keep_whole(&mut self) -> Vec<PathBuf> {
        let is_short =
            |target: &mut OutputTarget| matches!(target.to, TargetHandle::File(_)) && !target.format.says_incomplete;
        self.all.extract_if(.., is_short).filter_map(|target| target.path().map(Path::to_owned)).collect()
    }

    /// Flushes the buffer of stdout.
    fn flush(&mut self) -> Result<(), OutputError> {
        for target in &mut self.all {
            if let TargetHandle::Stdout(out) = &mut target.to {
                io::Write::flush(out).map_err(OutputError::Stdout)?;
            }
        }
        Ok(())
    }

    /// Puts the files in place: on disk first, then renamed over what was there. A reader of stdout that has gone takes
    /// nothing from them.
    pub(crate) fn commit(mut self) -> Result<(), OutputError> {
        let flushed = self.flush();
        if let Err(error) = &flushed
            && !error.is_closed_pipe()
        {
            return flushed;
        }
        for target in self.all {
            match target.to {
                TargetHandle::Stdout(_) => {}
                TargetHandle::File(file) => file.commit()?,
                TargetHandle::Summary(summary) => summary.commit()?,
            }
        }
        flushed
    }
}

/// Writes rows of one kind to all targets.
pub(crate) struct RowTargets<'a, R, S> {
    /// Each with its file, unless it is stdout.
    writers: Vec<(Box<dyn RowWriter + 'a>, Option<PathBuf>)>,
    kind: PhantomData<fn(&R, &S)>,
}

impl<R: ReportRow, S: ReportSummary> RowTargets<'_, R, S> {
    pub(crate) fn is_empty(&self) -> bool {
        self.writers.is_empty()
    }

    pub(crate) fn row(&mut self, row: &R) -> Result<(), OutputError> {
        self.each(|writer| writer.row(row))
    }

    pub(crate) fn end(&mut self, summary: &S) -> Result<(), OutputError> {
        self.each(|writer| writer.end(summary))
    }

    pub(crate) fn flush(&mut self) -> Result<(), OutputError> {
        self.each(|writer| writer.flush())
    }

    /// The first target that can't be written ends it.
    fn each(&mut self, mut write: impl FnMut(&mut dyn RowWriter) -> io::Result<()>) -> Result<(), OutputError> {
        self.writers.iter_mut().try_for_each(|(writer, file)| {
            write(writer.as_mut()).map_err(|error| match file {
                None => OutputError::Stdout(error),
                Some(path) => OutputError::File { path: path.clone(), why: FileFault::Io(error) },
            })
        })
    }
}
