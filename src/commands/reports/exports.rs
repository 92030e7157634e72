//! The exports of a run. A file is opened before anything is read, and put in place only after everything was read.

use std::path::PathBuf;

use anyhow::Result;

use super::super::Context;
use super::super::engines::FolderExport;
use super::alarm::UnansweredAlarm;
use super::input::InputFile;
use crate::export::{ExportForm, ExportSink};
use crate::output::{ExportPlace, ExportTarget, FileIdentity, OutputError, OutputFiles, Targets};
use crate::report::ReportError;
use crate::sql::SqlExport;

/// `--export` and `--export-class`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportOptions<C> {
    pub(crate) place: ExportPlace,
    pub(crate) form: ExportForm,
    pub(crate) classes: C,
}

/// The exports of a run: by this program, or by an engine.
pub(in crate::commands) struct Exports<'a, C> {
    /// `None` once it is in place.
    pub(in crate::commands) file: Option<ExportFile<'a, C>>,
    pub(in crate::commands) folder: Option<FolderExport<C>>,
}

impl<'a, C: Clone> Exports<'a, C> {
    /// Opens all outputs. Refuses an output that is one of `inputs`.
    pub(in crate::commands) fn open(
        file: Option<&'a ExportOptions<C>>,
        folder: Option<&SqlExport<C>>,
        inputs: impl IntoIterator<Item = InputFile>,
        alarm: &UnansweredAlarm<'_>,
        context: &Context,
    ) -> Result<(Targets, OutputFiles, Self)> {
        let targets = match file.map(|export| &export.place) {
            Some(ExportPlace::Stdout) => {
                alarm.stdout_is_taken();
                context.needs_stdout()?;
                Targets::open_files(&context.output.writes)?
            }
            Some(ExportPlace::File(_)) | None => context.targets()?,
        };
        let mut files = targets.files().clone();
        let file = file.map(|export| ExportFile::open(export, &mut files)).transpose()?;
        for InputFile { path, what } in inputs {
            files.spare(&path, what).map_err(OutputError::from)?;
        }
        let folder = folder.map(FolderExport::new).transpose()?;
        Ok((targets, files, Self { file, folder }))
    }

    /// Said if the run ends without an answer.
    pub(in crate::commands) fn warning(&self) -> Option<String> {
        let of_file = self.file.as_ref().and_then(ExportFile::warning);
        of_file.or_else(|| self.folder.as_ref().and_then(FolderExport::warning))
    }
}

pub(in crate::commands) struct ExportFile<'a, C> {
    pub(in crate::commands) options: &'a ExportOptions<C>,
    target: ExportTarget,
}

impl<'a, C> ExportFile<'a, C> {
    /// Opens the target, which is none of the files that the result goes to, and joins `files`.
    fn open(options: &'a ExportOptions<C>, files: &mut OutputFiles) -> Result<Self> {
        if let ExportPlace::File(path) = &options.place
            && let Ok(file) = FileIdentity::of(path)
        {
            files.add(file, format!("--export {}", path.display())).map_err(OutputError::from)?;
        }
        Ok(Self { options, target: ExportTarget::open(&options.place)? })
    }

    pub(in crate::commands) fn sink(&self) -> Result<ExportSink, OutputError> {
        Ok(ExportSink::Lines(self.options.form, self.target.sink()?))
    }

    /// Names the export where it could not be written.
    pub(in crate::commands) fn explain(&self, error: ReportError) -> anyhow::Error {
        match error {
            ReportError::Export(error) => self.target.error(error).into(),
            error => error.into(),
        }
    }

    fn warning(&self) -> Option<String> {
        self.target.has_written_to_stdout().then(|| "the output of --export - is not complete".to_owned())
    }

    /// Puts the file in place; returns its path, if it is not stdout.
    pub(in crate::commands) fn commit(self) -> Result<Option<PathBuf>, OutputError> {
        self.target.commit()?;
        Ok(match &self.options.place {
            ExportPlace::Stdout => None,
            ExportPlace::File(path) => Some(path.clone()),
        })
    }
}
