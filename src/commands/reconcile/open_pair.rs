//! Opens both reports, and says how they are compared.

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};

use super::super::Context;
use super::super::reports::{ReportOpener, UnansweredAlarm, read_input};
use super::options::ReconcileOptions;
use super::sides::{OpenSides, open_sides};
use crate::output::{MetricSeries, OutputFiles};
use crate::reconcile::{OlderResult, PairAbout};

/// A result with all its groups is shorter.
const LONGEST_RESULT: u64 = 256 << 20;

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
    let opener = ReportOpener { outputs, read: options.read.options(options.whole, context), context };
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
        configurations: [source, destination].map(|side| side.report.manifest.configuration()),
        scanned_at: source.report.manifest.scanned_at,
    };
    let older = match &options.since {
        None => None,
        Some(path) => {
            let what = || format!("the older result {} (--since)", path.display());
            let json = read_input(path, LONGEST_RESULT).await.with_context(what)?;
            Some(OlderResult::read(&json, about).with_context(what)?)
        }
    };
    Ok(OpenPair { sides, judged_before, older })
}
