//! The older report of `--since`.
//!
//! A failure with it is an error of the whole run: half of a comparison looks like a pass.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use super::super::Context;
use super::super::reports::{LocatedReport, ReportOpener, locate_older, progress};
use crate::audit::{OlderReport, Question, check_comparable};
use crate::report::{Report, ReportAddress, ReportError};

/// Opens the report that `report` is compared with; `located` is where that was found.
pub(super) async fn open_older(
    opener: &ReportOpener<'_>,
    since: &ReportAddress,
    located: &LocatedReport,
    report: &Report,
) -> Result<Report> {
    let what = "looking for the older report (--since)";
    let older = locate_older(since, located, report.manifest.scanned_at, opener.context).await.context(what)?;
    let older = opener.open(&older).await.context("opening the older report (--since)")?;
    check_comparable((&report.manifest, &report.columns), (&older.manifest, &older.columns))
        .with_context(|| format!("{} can't be compared with {} (--since)", report.name, older.name))?;
    Ok(older)
}

/// Adds up the older report. Overdue is what was overdue at its own scan.
pub(super) async fn add_up_older(older: Report, question: &Question, context: &Context) -> Result<OlderReport> {
    let (add, bar) = progress(&[&older], " of the older report", context)?;
    let older = Arc::new(older);
    let tally = older.tally(question, Arc::clone(&context.signals.stop), add).await;
    drop(bar);
    match tally {
        Ok(tally) => Ok(OlderReport { manifest: older.name.clone(), scanned_at: older.manifest.scanned_at, tally }),
        Err(ReportError::Damaged(damage)) => bail!(
            "the older report {} can't be trusted: {damage}; copy its files again if it is a copy, or use another report",
            older.name
        ),
        Err(error) => Err(error).with_context(|| format!("reading the older report {}", older.name)),
    }
}
