//! The export of `inventory`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::super::reports::ExportFile;
use crate::audit::{LimitClass, Tally};
use crate::export::{Export, ExportClass, ExportClasses, ExportCounts, ExportForm};
use crate::output::{ExportPlace, ExportReport, OutputError, OutputFiles, plural};
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
    file: ExportFile<'a>,
}

impl<'a> OpenExport<'a> {
    pub(super) fn open(options: &'a ExportOptions, files: &mut OutputFiles) -> Result<Self> {
        Ok(Self { options, file: ExportFile::open(&options.place, options.form, files)? })
    }

    pub(super) fn order(&self) -> Result<Export, OutputError> {
        Ok(Export { classes: self.options.classes.clone(), to: self.file.sink()? })
    }

    /// Names the export where it could not be written.
    pub(super) fn explain(&self, error: ReportError) -> anyhow::Error {
        self.file.explain(error)
    }

    /// Refuses to leave out objects whose class is not known.
    pub(super) fn check(&self, tally: &Tally) -> Result<()> {
        check_dates(&self.options.classes, tally)
    }

    /// Said if the run ends without an answer.
    pub(super) fn warning(&self) -> Option<String> {
        self.file.warning()
    }

    pub(super) fn commit(self, exported: ExportCounts, report: &Report) -> Result<ExportReport, OutputError> {
        Ok(export_report(self.file.commit()?, self.options.form, exported, report))
    }
}

/// What is said of an export that is complete.
pub(super) fn export_report(
    path: Option<PathBuf>,
    form: ExportForm,
    exported: ExportCounts,
    report: &Report,
) -> ExportReport {
    ExportReport {
        path,
        form,
        exported,
        has_versions: report.columns.version_id.is_some(),
        source_bucket: report.manifest.source_bucket.clone(),
        region: report.source_region(),
    }
}

/// Refuses to leave out objects whose class is not known.
pub(super) fn check_dates(classes: &ExportClasses, tally: &Tally) -> Result<()> {
    let has = |class| classes.has(ExportClass::Of(class));
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
