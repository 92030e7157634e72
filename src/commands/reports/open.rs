//! Opens reports, and shows how far they are read.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::super::Context;
use super::find::LocatedReport;
use super::question::ReportQuestion;
use crate::output::{Meter, OutputError, OutputFiles, plural};
use crate::report::{FooterCounts, Progress, ReadOptions, Report, ReportError};

/// Opens reports that no output would replace.
pub(in crate::commands) struct ReportOpener<'a> {
    pub(in crate::commands) outputs: &'a OutputFiles,
    pub(in crate::commands) read: ReadOptions,
    pub(in crate::commands) context: &'a Context,
}

impl ReportOpener<'_> {
    /// Reads a manifest, and says what is odd about the report.
    pub(in crate::commands) async fn open(&self, located: &LocatedReport) -> Result<Report> {
        self.check(&located.name(), || located.local_files())?;
        let report = located.open(self.read.clone()).await?;
        self.check(&report.name, || report.local_files())?;
        report.remarks().iter().for_each(|remark| self.context.printer.note(format!("{}: {remark}", report.name)));
        Ok(report)
    }

    /// Refuses an output that is a file of the report.
    fn check(&self, report: &str, files: impl FnOnce() -> Vec<PathBuf>) -> Result<(), OutputError> {
        if self.outputs.is_empty() {
            return Ok(());
        }
        let what = format!("part of the report {report}");
        Ok(files().iter().try_for_each(|file| self.outputs.spare(file, &what))?)
    }
}

/// A bar for the bytes of reports, taken away when the second value goes: also when a signal ends the reading half way.
pub(in crate::commands) fn progress(
    reports: &[&Report],
    which: &str,
    context: &Context,
) -> Result<(Progress, impl Drop + use<>)> {
    let (mut files, mut bytes) = (0, 0u64);
    for report in reports {
        files += report.manifest.files.len() as u64;
        bytes = bytes.saturating_add(report.manifest.bytes()?);
    }
    let what = format!("reading {}{which}", plural(files, "file"));
    let progress = Arc::new(Meter::bytes(context.output.progress, &context.printer, bytes, &what));
    let bar = progress.until_dropped();
    Ok((Arc::new(move |bytes| progress.add(bytes)), bar))
}

/// Refuses a report of another bucket than the one that was named.
pub(in crate::commands) fn check_about(report: &Report, asked: &ReportQuestion) -> Result<()> {
    match asked.report.about() {
        Some(bucket) if bucket.as_str() != report.bucket() => {
            bail!("{} is about bucket {}, not about {bucket}, which --bucket names", report.name, report.bucket())
        }
        Some(_) | None => Ok(()),
    }
}

/// Reads the footers of columnar files, of which an engine reads the wanted columns later. `None` for a CSV report, and with `--no-verify`.
pub(in crate::commands) async fn footers(
    report: &Arc<Report>,
    wanted: &[&'static str],
    context: &Context,
) -> Result<Option<FooterCounts>> {
    if !report.is_verified() {
        return Ok(None);
    }
    let (add, bar) = progress(&[report], " for the columns in their footers", context)?;
    let read = report.check_footers(wanted, Arc::clone(&context.signals.stop), add).await;
    drop(bar);
    match read {
        Ok(footers) => Ok(footers),
        Err(ReportError::Damaged(damage)) => {
            bail!("the report can't be trusted: {damage}; copy its files again if it is a copy, or use an older report")
        }
        Err(error) => Err(error.into()),
    }
}
