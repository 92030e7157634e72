//! The older report of `--since`: found, held against the report that is audited, added up in the same way.
//!
//! Whatever fails here is an error of the whole run: half of a comparison looks like a pass.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use super::Context;
use super::find::{Located, locate_older};
use super::inventory::{InventoryOptions, Spared, progress};
use crate::audit::{Older, Question, check_comparable};
use crate::report::{Report, ReportAddress, ReportError};

/// Finds it and reads its manifest; `report` is what it is compared with, and `located` where that was found.
pub(super) async fn open(
    since: &ReportAddress,
    located: &Located,
    report: &Report,
    options: &InventoryOptions,
    context: &Context,
    spared: &Spared<'_>,
) -> Result<Report> {
    let what = "looking for the older report (--since)";
    let older = locate_older(since, located, report.manifest.scanned_at, context).await.context(what)?;
    let older = spared.open(&older, options, context).await.context("opening the older report (--since)")?;
    check_comparable((&report.manifest, report.columns()), (&older.manifest, older.columns()))
        .with_context(|| format!("{} can't be compared with {} (--since)", report.name, older.name))?;
    Ok(older)
}

/// Adds it up: overdue is what was overdue at its own scan.
pub(super) async fn add_up(older: Report, question: &Question, context: &Context) -> Result<Older> {
    let (add, bar) = progress(&older, " of the older report", context)?;
    let older = Arc::new(older);
    let tally = older.tally(question, Arc::clone(&context.signals.stop), add).await;
    drop(bar);
    match tally {
        Ok(tally) => Ok(Older { manifest: older.name.clone(), scanned_at: older.manifest.scanned_at, tally }),
        Err(ReportError::Damaged(damage)) => bail!("the older report {} can't be trusted: {damage}", older.name),
        Err(error) => Err(error).with_context(|| format!("reading the older report {}", older.name)),
    }
}
