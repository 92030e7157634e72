//! Opens both reports, and says how they are compared.

use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};

use super::super::Context;
use super::super::reports::{ReportOpener, UnansweredAlarm};
use super::options::ReconcileOptions;
use super::sides::{OpenSides, open_sides};
use crate::output::{MetricSeries, OutputFiles};
use crate::reconcile::{OlderResult, PairAbout};

/// Both reports, and how they are compared.
pub(super) struct OpenPair {
    pub(super) sides: OpenSides,
    pub(super) judged_before: Timestamp,
    pub(super) older: Option<OlderResult>,
}

/// Finds and opens both reports. Whether they can be compared at all is said before hours of reading.
pub(super) async fn open_pair(
    options: &ReconcileOptions,
    alarm: &UnansweredAlarm<'_>,
    outputs: &OutputFiles,
    context: &Context,
) -> Result<OpenPair> {
    let opener = ReportOpener { outputs, alarm, read: options.read.options(options.whole, context), context };
    let sides = open_sides(options, &opener, context).await?;
    let OpenSides { source, destination, identity } = &sides;
    let buckets = [source, destination].map(|side| Some(side.report.manifest.source_bucket.clone()));
    let [source_bucket, destination_bucket] = buckets;
    alarm.learn(MetricSeries::of_reconcile(source_bucket, destination_bucket));
    let earlier = source.report.scan_times().0.min(destination.report.scan_times().0);
    let grace = SignedDuration::try_from(options.grace).unwrap_or(SignedDuration::MAX);
    let judged_before = earlier.checked_sub(grace).unwrap_or(Timestamp::MIN);
    let about = PairAbout {
        source: source.report.bucket(),
        destination: destination.report.bucket(),
        identity: identity.word(),
        prefix: options.prefix.as_deref(),
        scanned_at: source.report.manifest.scanned_at,
    };
    let older = options.since.as_ref().map(|path| read_older(path, about)).transpose()?;
    Ok(OpenPair { sides, judged_before, older })
}

fn read_older(path: &Path, about: PairAbout<'_>) -> Result<OlderResult> {
    let what = || format!("the older result {} (--since)", path.display());
    let json = std::fs::read(path).with_context(what)?;
    OlderResult::read(&json, about).with_context(what)
}
