//! Opens the report that is audited and the older one of `--since`, and adds the older one up.
//!
//! A failure with the older report is an error of the whole run: half of a comparison looks like a pass.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use super::super::Context;
use super::alarm::UnansweredAlarm;
use super::find::{LocatedReport, locate_older};
use crate::audit::{OlderReport, Question, check_comparable};
use crate::output::{Meter, OutputFiles, plural};
use crate::report::{Progress, ReadOptions, Report, ReportAddress, ReportError};

/// Opens reports that no output would replace.
pub(super) struct ReportOpener<'a> {
    pub(super) outputs: &'a OutputFiles,
    pub(super) alarm: &'a UnansweredAlarm<'a>,
    pub(super) read: ReadOptions,
    pub(super) context: &'a Context,
}

impl ReportOpener<'_> {
    /// Reads a manifest, and says what is odd about the report.
    pub(super) async fn open(&self, located: &LocatedReport) -> Result<Report> {
        self.check(&located.name(), || located.local_files())?;
        let report = located.open(self.read.clone()).await?;
        self.check(&report.name, || report.local_files())?;
        report.remarks().iter().for_each(|remark| self.context.printer.note(format!("{}: {remark}", report.name)));
        Ok(report)
    }

    /// Opens the report that `report` is compared with; `located` is where that was found.
    pub(super) async fn open_older(
        &self,
        since: &ReportAddress,
        located: &LocatedReport,
        report: &Report,
    ) -> Result<Report> {
        let what = "looking for the older report (--since)";
        let older = locate_older(since, located, report.manifest.scanned_at, self.context).await.context(what)?;
        let older = self.open(&older).await.context("opening the older report (--since)")?;
        check_comparable((&report.manifest, &report.columns), (&older.manifest, &older.columns))
            .with_context(|| format!("{} can't be compared with {} (--since)", report.name, older.name))?;
        Ok(older)
    }

    /// Refuses an output that is a file of the report. Then the metrics files are not replaced either: one of them may be
    /// that file.
    fn check(&self, report: &str, files: impl FnOnce() -> Vec<PathBuf>) -> Result<()> {
        if self.outputs.is_empty() {
            return Ok(());
        }
        let refused = files().iter().find_map(|file| self.outputs.spare(file, report).err());
        refused.map_or(Ok(()), |refused| {
            self.alarm.answered();
            Err(refused.into())
        })
    }
}

/// Adds up the older report. Overdue is what was overdue at its own scan.
pub(super) async fn add_up_older(older: Report, question: &Question, context: &Context) -> Result<OlderReport> {
    let (add, bar) = progress(&older, " of the older report", context)?;
    let older = Arc::new(older);
    let tally = older.tally(question, Arc::clone(&context.signals.stop), add).await;
    drop(bar);
    match tally {
        Ok(tally) => Ok(OlderReport { manifest: older.name.clone(), scanned_at: older.manifest.scanned_at, tally }),
        Err(ReportError::Damaged(damage)) => bail!("the older report {} can't be trusted: {damage}", older.name),
        Err(error) => Err(error).with_context(|| format!("reading the older report {}", older.name)),
    }
}

/// A bar for the bytes of a report, taken away when the second value goes: also when a signal ends the reading half way.
pub(super) fn progress(report: &Report, which: &str, context: &Context) -> Result<(Progress, impl Drop + use<>)> {
    let what = format!("reading {}{which}", plural(report.manifest.files.len() as u64, "file"));
    let bytes = report.manifest.bytes()?;
    let progress = Arc::new(Meter::bytes(context.output.progress, &context.printer, bytes, &what));
    let bar = progress.until_dropped();
    Ok((Arc::new(move |bytes| progress.add(bytes)), bar))
}
