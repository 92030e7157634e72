//! One answer for the tests of all formats: everything a format can meet, and values that try to get out of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::audit::{
    Amount, AmountChange, Audit, Compared, CountChange, Delta, GroupTotals, Grouped, Limit, LimitClass, LimitResult,
    Overdue, PendingAge, PreviousReport, ReportFacts, ReportScope, RowsChange, RowsDelta, StatusTotals, UncoveredCause,
    UncoveredObjects, Verified,
};
use crate::model::ReplicationStatus;

/// Values that a format must escape.
pub(in crate::output) const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "a\n::error::b",
    "\u{1b}[2J\u{9b}31m\u{7f}",
    "a\u{202e}gpj.exe",
    "a|b\\|c`d`,\"e\" 'f' {{g}} {%h%} &lt;",
    "=cmd|' /C calc'!A0",
];

pub(in crate::output) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

fn totals(objects: u64, bytes: Option<u64>) -> Compared<StatusTotals> {
    let figure = StatusTotals { objects, bytes, oldest: Some(at(-9_000_000)), newest: Some(at(-4_000)) };
    Compared { figure, change: None }
}

fn overdue(objects: u64, bytes: Option<u64>, oldest: Option<Timestamp>) -> Compared<Overdue> {
    Compared { figure: Overdue { objects, bytes, oldest }, change: None }
}

fn statuses(of: &[(&str, u64)]) -> BTreeMap<ReplicationStatus, Compared<StatusTotals>> {
    of.iter()
        .map(|(word, objects)| (ReplicationStatus::of_report(word), totals(*objects, Some(objects * 4_100_000))))
        .collect()
}

fn limit(class: LimitClass, limit: Limit, actual: u64) -> LimitResult {
    let exceeded = limit.is_exceeded(actual, 20_000, None);
    LimitResult { class, limit, actual: Some(actual), exceeded, confirmed: None, change: None }
}

fn uncovered(rule: &str, cause: UncoveredCause) -> UncoveredObjects {
    let (_, meaning, next) = cause.texts();
    UncoveredObjects { rule: rule.to_owned(), cause, totals: totals(345, Some(7_000_000)).figure, meaning, next }
}

/// An answer about `bucket` with these groups.
pub(in crate::output) fn audit(bucket: &str, groups: Vec<GroupTotals>) -> Audit {
    let ages = [("<1h", 310), ("<24h", 64), ("<7d", 0), ("<30d", 3), ("<365d", 41), (">=365d", 0)];
    Audit {
        schema: "replaudit.inventory/1",
        report: ReportFacts {
            source_bucket: bucket.to_owned(),
            destination_bucket: "reports".to_owned(),
            manifest: format!("s3://reports/inv/{bucket}/daily/2026-09-21T14-00Z/manifest.json"),
            scanned_at: at(0),
            format: "Parquet",
            files: 12,
            bytes: 480_000_000,
            age_seconds: 50_000,
            scope: Some(ReportScope { prefix: Some(format!("{bucket}/")), versions: "Current".to_owned() }),
            has_versions: false,
            unknown_version: None,
            verified: Verified::Footer,
            figures: None,
        },
        rows_scanned: 20_412,
        rows: 20_212,
        delete_markers: 212,
        delete_marker_statuses: BTreeMap::new(),
        since: None,
        statuses: statuses(&[("COMPLETED", 18_591), ("FAILED", 221), ("NONE", 690), ("PENDING", 418), ("REPLICA", 80)]),
        overdue: Some(overdue(44, Some(180_400_000), Some(at(-9_000_000)))),
        pending_ages: Some(
            ages.map(|(age, objects)| PendingAge { age, objects, bytes: Some(objects * 4_100_000) }).to_vec(),
        ),
        grouped: groups
            .chunk_by(|one, next| one.dimension == next.dimension)
            .map(|of| Grouped {
                asked: of[0].dimension.clone(),
                dimension: of[0].dimension.clone(),
                values: of.len() as u64 + 5,
                shown: of.len() as u64,
                with_problems: of.len() as u64,
            })
            .collect(),
        groups,
        uncovered: Some(
            [UncoveredCause::KmsWithoutOptIn, UncoveredCause::Unexplained]
                .map(|cause| uncovered(bucket, cause))
                .to_vec(),
        ),
        limits: vec![
            limit(LimitClass::Failed, Limit::Count(0), 221),
            limit(LimitClass::Overdue, Limit::Count(50), 44),
            limit(LimitClass::NotReplicated, Limit::Percent(5_000_000), 690),
            limit(LimitClass::UnknownStatus, Limit::Count(0), 0),
            limit(LimitClass::Replica, Limit::Off, 80),
        ],
        verdict: "fail",
    }
}

/// The same beside an older report of that name, in which every figure was `more` larger.
pub(in crate::output) fn since(mut audit: Audit, manifest: &str, more: u64) -> Audit {
    let delta = -i128::from(more);
    let change = |objects: u64, bytes: Option<u64>| AmountChange {
        previous: Amount { objects: objects + more, bytes },
        delta: Delta { objects: delta, bytes: bytes.map(|_| 0) },
    };
    let statuses = audit.groups.iter_mut().flat_map(|group| group.statuses.values_mut());
    for totals in statuses.chain(audit.statuses.values_mut()) {
        totals.change = Some(change(totals.objects, totals.bytes));
    }
    for overdue in audit.groups.iter_mut().map(|group| &mut group.overdue).chain([&mut audit.overdue]).flatten() {
        overdue.change = Some(change(overdue.objects, overdue.bytes));
    }
    for limit in &mut audit.limits {
        limit.change = limit.actual.map(|actual| CountChange { previous: actual + more, delta });
    }
    audit.since = Some(RowsChange {
        previous: PreviousReport {
            manifest: manifest.to_owned(),
            scanned_at: at(-86_400),
            rows_scanned: audit.rows_scanned,
            rows: audit.rows,
            delete_markers: audit.delete_markers,
        },
        delta: RowsDelta { rows_scanned: 0, rows: 0, delete_markers: 0 },
    });
    audit
}

/// Groups of one dimension, the worst first.
pub(in crate::output) fn groups(dimension: &str, values: &[&str]) -> Vec<GroupTotals> {
    let group = |(at, value): (usize, &&str)| {
        let n = (values.len() - at) as u64;
        GroupTotals {
            dimension: dimension.to_owned(),
            value: (*value).to_owned(),
            statuses: statuses(&[
                ("COMPLETED", 3_000 + n * 100),
                ("FAILED", (n - 1) * n * 7),
                ("NONE", n * 30),
                ("PENDING", 60 / n),
            ]),
            overdue: Some(overdue(n * 2, None, None)),
        }
    };
    values.iter().enumerate().map(group).collect()
}
