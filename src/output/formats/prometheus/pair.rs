//! The metrics of `reconcile`.

use std::io::{self, Write};

use jiff::Timestamp;

use super::super::MetricSeries;
use super::exposition::Exposition;
use crate::reconcile::Reconciliation;

pub(super) fn write(result: &Reconciliation, at: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let buckets = [&result.source, &result.destination].map(|report| Some(report.source_bucket.clone()));
    let [source, destination] = buckets;
    let mut to = Exposition::new(&MetricSeries::of_reconcile(source, destination), out);
    to.run(true, at, Some(at.as_second()))?;
    let name = "replaudit_reconcile_pass";
    to.gauge(name, "Whether all numbers are within their limits.", u8::from(result.verdict == "pass"))?;
    let sides = || [("source", &result.source), ("destination", &result.destination)].into_iter();
    to.gauges(
        ("replaudit_reconcile_scan_timestamp_seconds", "side"),
        "When the scan for the report of a side began.",
        sides().map(|(side, report)| (side, report.scanned_at.as_second())),
    )?;
    to.gauges(
        ("replaudit_reconcile_report_age_seconds", "side"),
        "Age of the report of a side at the last run.",
        sides().map(|(side, report)| (side, report.age_seconds)),
    )?;
    to.gauge("replaudit_reconcile_judged_objects", "Object versions of the source that were judged.", result.judged)?;
    to.gauges(
        ("replaudit_reconcile_objects", "class"),
        "Object versions per class; too-new and extra are not judged.",
        result.classes.iter().map(|(class, totals)| (class.word(), totals.objects)),
    )?;
    to.gauges(
        ("replaudit_reconcile_bytes", "class"),
        "Bytes of object versions per class.",
        result.classes.iter().map(|(class, totals)| (class.word(), totals.bytes)),
    )?;
    to.gauges(
        ("replaudit_reconcile_not_completed_objects", "status"),
        "Object versions of the source that are not COMPLETED, and not judged. NONE: the object has no status.",
        result.not_completed.iter().map(|(status, totals)| (status.reported(), totals.objects)),
    )?;
    let limits = || result.limits.iter().map(|limit| (limit.class.word(), limit));
    to.gauges(
        ("replaudit_reconcile_limit_exceeded", "class"),
        "Whether a class has more object versions than its limit.",
        limits().map(|(class, limit)| (class, u8::from(limit.exceeded))),
    )?;
    to.gauges(
        ("replaudit_reconcile_limit_still_objects", "class"),
        "Object versions of a class over its limit that --confirm still finds in that state.",
        limits().filter_map(|(class, limit)| Some((class, limit.confirmed?.still))),
    )
}
