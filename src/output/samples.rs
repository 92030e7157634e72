//! One answer for the tests of all formats: everything a format can meet, and values that try to get out of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::audit::RunFacts;
use crate::audit::{
    Audit, Class, Group, Grouped, Limit, LimitResult, Overdue, PendingAge, ReportFacts, Scope, StatusTotals, Verified,
};

/// Values that a format must show harmlessly.
pub(super) const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "a\n::error::b",
    "\u{1b}[2J\u{9b}31m\u{7f}",
    "a\u{202e}gpj.exe",
    "a|b\\|c`d`,\"e\" 'f' {{g}} {%h%} &lt;",
    "=cmd|' /C calc'!A0",
];

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

fn totals(objects: u64, bytes: Option<u64>) -> StatusTotals {
    StatusTotals { objects, bytes, oldest: Some(at(-9_000_000)), newest: Some(at(-4_000)) }
}

fn statuses(of: &[(&str, u64)]) -> BTreeMap<String, StatusTotals> {
    of.iter().map(|(word, objects)| ((*word).to_owned(), totals(*objects, Some(objects * 4_100_000)))).collect()
}

fn limit(class: Class, limit: Limit, actual: u64) -> LimitResult {
    let exceeded = limit.is_exceeded(actual, 20_000);
    LimitResult { class, limit, actual: Some(actual), exceeded, is_default: class == Class::Failed }
}

/// An answer about `bucket` with these groups.
pub(super) fn audit(bucket: &str, groups: Vec<Group>) -> Audit {
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
            scope: Some(Scope { prefix: Some(format!("{bucket}/")), versions: "Current".to_owned() }),
            verified: Verified::Footer,
        },
        rows_scanned: 20_412,
        rows: 20_212,
        delete_markers: 212,
        statuses: statuses(&[("COMPLETED", 18_591), ("FAILED", 221), ("NONE", 690), ("PENDING", 418), ("REPLICA", 80)]),
        overdue: Some(Overdue { objects: 44, bytes: Some(180_400_000), oldest: Some(at(-9_000_000)) }),
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
            })
            .collect(),
        groups,
        limits: vec![
            limit(Class::Failed, Limit::Count(0), 221),
            limit(Class::Overdue, Limit::Count(50), 44),
            limit(Class::NotReplicated, Limit::Percent(5_000_000), 690),
            limit(Class::UnknownStatus, Limit::Count(0), 0),
            limit(Class::Replica, Limit::Off, 80),
        ],
        verdict: "fail",
    }
}

/// The same run for all.
pub(super) fn run() -> RunFacts {
    RunFacts { at: at(50_000), config: Some("daily".to_owned()) }
}

/// Groups of one dimension, the worst first.
pub(super) fn groups(dimension: &str, values: &[&str]) -> Vec<Group> {
    let group = |(at, value): (usize, &&str)| {
        let n = (values.len() - at) as u64;
        Group {
            dimension: dimension.to_owned(),
            value: (*value).to_owned(),
            statuses: statuses(&[
                ("COMPLETED", 3_000 + n * 100),
                ("FAILED", (n - 1) * n * 7),
                ("NONE", n * 30),
                ("PENDING", 60 / n),
            ]),
            overdue: Some(Overdue { objects: n * 2, bytes: None, oldest: None }),
        }
    };
    values.iter().enumerate().map(group).collect()
}
