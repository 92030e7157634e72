//! The export of `inventory`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::audit::{LimitClass, Tally};
use crate::export::{ExportClass, ExportClasses, ExportCounts, ExportForm};
use crate::output::{ExportReport, plural};
use crate::report::Report;

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
