//! The file of an export. It is opened before anything is read, and put in place only after everything was read.

use std::path::PathBuf;

use anyhow::Result;

use crate::export::{ExportForm, ExportSink};
use crate::output::{ExportPlace, ExportTarget, FileIdentity, OutputError, OutputFiles};
use crate::report::ReportError;

pub(in crate::commands) struct ExportFile<'a> {
    place: &'a ExportPlace,
    form: ExportForm,
    target: ExportTarget,
}

impl<'a> ExportFile<'a> {
    /// Opens the target, which is none of the files that the result goes to, and joins `files`.
    pub(in crate::commands) fn open(place: &'a ExportPlace, form: ExportForm, files: &mut OutputFiles) -> Result<Self> {
        if let ExportPlace::File(path) = place
            && let Ok(file) = FileIdentity::of(path)
        {
            files.add(file, format!("--export {}", path.display()))?;
        }
        Ok(Self { place, form, target: ExportTarget::open(place)? })
    }

    pub(in crate::commands) fn sink(&self) -> Result<ExportSink, OutputError> {
        Ok(ExportSink::Lines(self.form, self.target.sink()?))
    }

    /// Names the export where it could not be written.
    pub(in crate::commands) fn explain(&self, error: ReportError) -> anyhow::Error {
        match error {
            ReportError::Export(error) => self.target.error(error).into(),
            error => error.into(),
        }
    }

    /// Said if the run ends without an answer.
    pub(in crate::commands) fn warning(&self) -> Option<String> {
        self.target.has_written_to_stdout().then(|| "the output of --export - is not complete".to_owned())
    }

    /// Puts the file in place; returns its path, if it is not stdout.
    pub(in crate::commands) fn commit(self) -> Result<Option<PathBuf>, OutputError> {
        self.target.commit()?;
        Ok(match self.place {
            ExportPlace::Stdout => None,
            ExportPlace::File(path) => Some(path.clone()),
        })
    }
}
