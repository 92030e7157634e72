//! What was found in the rows becomes the answer.

use anyhow::Result;

use super::super::Context;
use super::super::reports::facts;
use super::open_pair::OpenPair;
use super::options::ReconcileOptions;
use super::sides::{OpenSide, OpenSides};
use crate::audit::{ReportFacts, Verified};
use crate::reconcile::{PairFindings, PairSums, PairUnanswerable, Reconciliation, StatusWords, conclude_pair};

/// A pair of reports that was compared.
pub(super) struct Answered {
    pub(super) result: Result<Reconciliation, PairUnanswerable>,
    pub(super) exported: u64,
}

/// What was found in the rows.
pub(super) struct PairTotals<'a> {
    pub(super) sums: &'a PairSums,
    pub(super) words: &'a StatusWords,
    /// Every row, and rows under the prefix, of the source and of the destination.
    pub(super) rows: [(u64, u64); 2],
    /// COMPLETED objects of the source without a date.
    pub(super) undated: u64,
    pub(super) spilled_bytes: u64,
}

/// Compares what was found with the limits.
pub(super) fn conclude(
    options: &ReconcileOptions,
    pair: &OpenPair,
    found: &PairTotals<'_>,
    context: &Context,
) -> Result<Result<Reconciliation, PairUnanswerable>> {
    let now = context.now();
    let OpenSides { source, destination, identity } = &pair.sides;
    let has_latest = |side: &OpenSide| side.report.columns.is_latest.is_some();
    let side_facts = |side: &OpenSide| -> Result<ReportFacts> {
        let mut facts = facts(&side.report, side.scope.clone(), now)?;
        if let Some(figures) = options.rows.name() {
            (facts.verified, facts.figures) = (Verified::None, Some(figures));
        }
        Ok(facts)
    };
    let findings = PairFindings {
        source: side_facts(source)?,
        destination: side_facts(destination)?,
        identity: *identity,
        prefix: options.prefix.clone(),
        grace_seconds: options.grace.as_secs(),
        judged_before: pair.judged_before,
        rows: found.rows,
        undated: found.undated,
        sums: found.sums,
        words: found.words,
        has_latest: has_latest(source) && has_latest(destination),
        spilled_bytes: found.spilled_bytes,
    };
    Ok(conclude_pair(findings, &options.limits, pair.older.as_ref(), context.allow_empty))
}
