//! The answer about a pair of reports, as every format shows it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::class::PairClass;
use super::older::{OlderResult, PreviousResult};
use super::sums::{PairCount, PairSums};
use super::words::StatusWords;
use crate::audit::{
    Amount, Compared, Confirmed, Grouped, LimitResult, Limits, ReportFacts, confirm, evaluate, passes, verdict,
};
use crate::exit::ExitStatus;
use crate::model::{Overflow, ReplicationStatus, plural};

/// What identifies an object in both reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IdentityKind {
    /// Key and version ID.
    Version,
    /// The key alone: the reports list current versions without their ids.
    Key,
}

impl IdentityKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Key => "key",
        }
    }
}

/// Objects of one class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(crate) struct ClassTotals {
    /// Versions.
    pub objects: u64,
    /// Bytes.
    pub bytes: u64,
}

impl From<PairCount> for ClassTotals {
    fn from(count: PairCount) -> Self {
        Self { objects: count.objects, bytes: count.bytes }
    }
}

impl From<&ClassTotals> for Amount {
    fn from(totals: &ClassTotals) -> Self {
        Self { objects: totals.objects, bytes: Some(totals.bytes) }
    }
}

/// Source objects of one status that is not COMPLETED. They are not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct OtherStatusTotals {
    /// Versions.
    pub objects: u64,
    /// Bytes.
    pub bytes: u64,
    /// How many of them the destination lists. With several destinations, a FAILED object may be at this one.
    pub at_destination: u64,
}

/// Rows of one report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct SideRows {
    /// Every row.
    pub rows_scanned: u64,
    /// Rows under the prefix.
    pub rows: u64,
    /// Delete markers among them. They are not compared.
    pub delete_markers: u64,
}

/// Rows of both reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PairRows {
    /// Rows of the source's report.
    pub source: SideRows,
    /// Rows of the destination's report.
    pub destination: SideRows,
}

/// Objects that only the destination lists, and that are not extra replicas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DestinationOnly {
    /// Not replicas: written to the destination by others.
    pub not_replicas: ClassTotals,
    /// Too new for the source's report.
    pub too_new: ClassTotals,
}

/// Judged objects that are the latest version in one report only. A version that was written after one of the scans has the
/// same effect, so this is no failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct LatestDiffers {
    /// The latest version at the source, and not at the destination.
    pub hidden_at_destination: u64,
    /// The latest version at the destination, and not at the source.
    pub hidden_at_source: u64,
}

/// Judged objects of one prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PairGroup {
    /// What objects were grouped by.
    pub dimension: String,
    /// Its value.
    pub value: String,
    /// Judged objects per class.
    pub classes: BTreeMap<PairClass, Compared<ClassTotals>>,
}

/// The answer about a pair of reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Reconciliation {
    /// What this document is: `replaudit.reconcile/1`.
    #[schemars(extend("const" = "replaudit.reconcile/1"))]
    pub schema: &'static str,
    /// The source's report.
    pub source: ReportFacts,
    /// The destination's report.
    pub destination: ReportFacts,
    /// What identifies an object in both reports.
    pub identity: IdentityKind,
    /// Only keys that begin with this.
    pub prefix: Option<String>,
    /// What was written in this time before the earlier scan is not judged.
    pub grace_seconds: u64,
    /// Objects are judged if they were written before: the earlier of the two scans less the grace.
    pub judged_before: Timestamp,
    /// The older result, if one is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousResult>,
    /// Rows of both reports.
    pub rows: PairRows,
    /// Judged objects: the sum of `in-sync`, `missing`, `size-differs`, `not-a-replica` and `unsure`.
    pub judged: u64,
    /// Every class. `too-new` and `extra` are not judged.
    pub classes: BTreeMap<PairClass, Compared<ClassTotals>>,
    /// Source objects that are not COMPLETED, per word of S3, `NONE` for none. They are not judged.
    #[schemars(with = "BTreeMap<String, OtherStatusTotals>")]
    pub not_completed: BTreeMap<ReplicationStatus, OtherStatusTotals>,
    /// Objects that only the destination lists, and that are not extra replicas.
    pub destination_only: DestinationOnly,
    /// `None` where one of the reports has no IsLatest column.
    pub latest_differs: Option<LatestDiffers>,
    /// How objects were grouped.
    pub grouped: Vec<Grouped>,
    /// The worst groups of each dimension.
    pub groups: Vec<PairGroup>,
    /// Every limit and its result.
    pub limits: Vec<LimitResult<PairClass>>,
    /// Bytes of rows that did not fit in memory and were kept on disk.
    pub spilled_bytes: u64,
    /// `pass` or `fail`.
    #[schemars(extend("enum" = ["pass", "fail"]))]
    pub verdict: &'static str,
}

/// Why two complete reports give no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PairUnanswerable {
    /// The source has no object, or only COMPLETED objects that are too new.
    #[error(
        "no object could be judged: the source's report lists {} in scope, and they are delete markers or too new; is --prefix right?", plural(*.0, "row")
    )]
    Empty(u64),
    /// No COMPLETED object is old enough, and there are objects with another status or none.
    #[error(
        "no object could be judged: the source's report lists no COMPLETED object that is old enough, and {} with another status or none; is --prefix right, and is SOURCE named before DESTINATION?", plural(*.0, "object")
    )]
    NoneCompleted(u64),
    #[error(transparent)]
    Overflow(#[from] Overflow),
    #[error(
        "{} of the source's report without LastModifiedDate, so it is not known which objects both reports can list",
        plural(*.0, "COMPLETED object")
    )]
    Undated(u64),
}

/// What a comparison of two reports found.
#[derive(Debug)]
pub(crate) struct PairFindings<'a> {
    pub(crate) source: ReportFacts,
    pub(crate) destination: ReportFacts,
    pub(crate) identity: IdentityKind,
    pub(crate) prefix: Option<String>,
    pub(crate) grace_seconds: u64,
    pub(crate) judged_before: Timestamp,
    /// Every row, and rows under the prefix, of the source and of the destination.
    pub(crate) rows: [(u64, u64); 2],
    /// COMPLETED objects without a date.
    pub(crate) undated: u64,
    pub(crate) sums: &'a PairSums,
    pub(crate) words: &'a StatusWords,
    /// Whether both reports have IsLatest.
    pub(crate) has_latest: bool,
    pub(crate) spilled_bytes: u64,
}

impl Reconciliation {
    pub(crate) fn exit(&self) -> ExitStatus {
        if passes(&self.limits) { ExitStatus::Yes } else { ExitStatus::No }
    }

    pub(crate) fn totals(&self, class: PairClass) -> ClassTotals {
        self.classes.get(&class).map(|compared| compared.figure.clone()).unwrap_or_default()
    }

    /// Compares the confirmed counts with their limits; `actual` stays the reports' figure.
    pub(crate) fn confirmed(mut self, of: &[(PairClass, Confirmed)]) -> Self {
        confirm(&mut self.limits, of, self.judged);
        self.verdict = verdict(&self.limits);
        self
    }
}

/// Makes the answer, beside an older one if it is compared.
pub(crate) fn conclude_pair(
    findings: PairFindings<'_>,
    limits: &Limits<PairClass>,
    older: Option<&OlderResult>,
    allow_empty: bool,
) -> Result<Reconciliation, PairUnanswerable> {
    let sums = findings.sums;
    if findings.undated > 0 {
        return Err(PairUnanswerable::Undated(findings.undated));
    }
    let judged = sums.judged();
    if judged == 0 {
        let not_completed = sums.statuses.iter().fold(0u64, |all, sum| all.saturating_add(sum.count.objects));
        if not_completed > 0 {
            return Err(PairUnanswerable::NoneCompleted(not_completed));
        }
        if !allow_empty {
            return Err(PairUnanswerable::Empty(findings.rows[0].1));
        }
    }
    let class = |class: PairClass| {
        let totals = ClassTotals::from(sums.of(class).count);
        (class, Compared::of(totals, older.and_then(|older| older.amount(class))))
    };
    let limits = evaluate(
        limits,
        judged,
        |class| Some(sums.of(class).count.objects),
        |class| Some(older?.amount(class)?.objects),
    );
    let numbered = (0u8..=u8::MAX).zip(&sums.statuses).filter(|(_, sum)| sum.count.objects > 0);
    let not_completed = numbered.filter_map(|(number, sum)| {
        let PairCount { objects, bytes } = sum.count;
        let totals = OtherStatusTotals { objects, bytes, at_destination: sum.present };
        Some((findings.words.status(number)?.clone(), totals))
    });
    let side = |(rows_scanned, rows): (u64, u64), delete_markers| SideRows { rows_scanned, rows, delete_markers };
    let [source_rows, destination_rows] = findings.rows;
    Ok(Reconciliation {
        schema: "replaudit.reconcile/1",
        source: findings.source,
        destination: findings.destination,
        identity: findings.identity,
        prefix: findings.prefix,
        grace_seconds: findings.grace_seconds,
        judged_before: findings.judged_before,
        previous: older.map(OlderResult::facts),
        rows: PairRows {
            source: side(source_rows, sums.source_markers),
            destination: side(destination_rows, sums.destination_markers),
        },
        judged,
        classes: PairClass::ALL.into_iter().map(class).collect(),
        not_completed: not_completed.collect(),
        destination_only: DestinationOnly {
            not_replicas: sums.unrelated.into(),
            too_new: sums.new_at_destination.into(),
        },
        latest_differs: findings.has_latest.then_some(LatestDiffers {
            hidden_at_destination: sums.hidden_at_destination,
            hidden_at_source: sums.hidden_at_source,
        }),
        grouped: Vec::new(),
        groups: Vec::new(),
        verdict: verdict(&limits),
        limits,
        spilled_bytes: findings.spilled_bytes,
    })
}
