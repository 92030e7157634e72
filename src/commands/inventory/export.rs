//! The export of `inventory`: opened before anything is read, in place only once everything was.

use anyhow::{Result, bail};

use crate::audit::{LimitClass, Tally};
use crate::export::{Export, ExportClass, ExportClasses, ExportCounts, ExportForm, ExportSink};
use crate::output::{ExportPlace, ExportReport, ExportTarget, FileIdentity, OutputError, OutputFiles, plural};
use crate::report::{Report, ReportError};

/// `--export` and `--export-class`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportOptions {
    pub(crate) place: ExportPlace,
    pub(crate) form: ExportForm,
    pub(crate) classes: ExportClasses,
}

pub(super) struct OpenExport<'a> {
    options: &'a ExportOptions,
    target: ExportTarget,
}

impl<'a> OpenExport<'a> {
    /// Opens the target, which is none of the files that the result goes to, and joins `files`.
    pub(super) fn open(options: &'a ExportOptions, files: &mut OutputFiles) -> Result<Self> {
        if let ExportPlace::File(path) = &options.place
            && let Ok(file) = FileIdentity::of(path)
        {
            files.add(file, format!("--export {}", path.display()))?;
        }
        Ok(Self { options, target: ExportTarget::open(&options.place)? })
    }

    pub(super) fn order(&self) -> Result<Export, OutputError> {
        let ExportOptions { form, classes, .. } = self.options;
        Ok(Export { classes: classes.clone(), to: ExportSink::Lines(*form, self.target.sink()?) })
    }

    /// Names the export where it could not be written.
    pub(super) fn explain(&self, error: ReportError) -> anyhow::Error {
        match error {
            ReportError::Export(error) => self.target.error(error).into(),
            error => error.into(),
        }
    }

    /// Refuses to leave out objects whose class is not known.
    pub(super) fn check(&self, tally: &Tally) -> Result<()> {
        let has = |class| self.options.classes.has(ExportClass::Of(class));
        if tally.undated_pending > 0 && has(LimitClass::Overdue) && !has(LimitClass::Pending) {
            bail!(
                "{} no LastModifiedDate, so it is not known whether they are overdue: --export-class pending exports all pending objects",
                match tally.undated_pending {
                    1 => "1 pending object has".to_owned(),
                    many => format!("{} have", plural(many, "pending object")),
                }
            );
        }
        Ok(())
    }

    /// Said if the run ends without an answer.
    pub(super) fn warning(&self) -> Option<&'static str> {
        self.target.has_written_to_stdout().then_some("the output of --export - is not complete")
    }

    pub(super) fn commit(self, exported: ExportCounts, report: &Report) -> Result<ExportReport, OutputError> {
        self.target.commit()?;
        Ok(ExportReport {
            path: match &self.options.place {
                ExportPlace::Stdout => None,
                ExportPlace::File(path) => Some(path.clone()),
            },
            form: self.options.form,
            exported,
            has_versions: report.columns.version_id.is_some(),
            source_bucket: report.manifest.source_bucket.clone(),
            region: report.source_region(),
        })
    }
}
