//! The answer about a bucket, in every format.

use std::io::{self, Write};

use jiff::Timestamp;

use super::change::{Shown, column, older_by, width};
use super::confirmed::found_now;
use super::groups::write_groups;
use super::{Format, Style, plural};
use crate::audit::{Audit, Compared, LimitClass, LimitResult, Overdue, StatusTotals, Verified};
use crate::model::{ReplicationStatus, StatusClass, escape, human_bytes, human_count};

/// What some formats tell of the run beside its answer.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// When it ended.
    pub at: Timestamp,
    /// The inventory configuration that the report comes from, where known.
    pub config: Option<String>,
}

/// Writes the answer in one format.
///
/// # Errors
/// The target can't be written.
pub fn write_audit(
    audit: &Audit,
    run: &RunFacts,
    out: &mut (dyn Write + Send),
    format: Format,
    style: Style,
) -> io::Result<()> {
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, audit)?;
            out.write_all(b"\n")
        }
        Format::Ndjson => super::lines::write_ndjson(audit, out),
        Format::Csv => super::lines::write_csv(audit, out),
        Format::Table => table(audit, out, style),
        Format::Markdown => super::markdown::write_audit(audit, out),
        Format::Prometheus => super::prometheus::write_audit(audit, run.config.as_deref(), run.at, out),
        Format::Html => super::html::write_audit(audit, run.at, out),
    }
}

fn table(audit: &Audit, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    let report = &audit.report;
    let head = format!("Bucket {} as its inventory of {} lists it", report.source_bucket, report.scanned_at);
    writeln!(out, "{} ({} ago)", style.strong(&escape(&head)), ago(report.age_seconds))?;
    writeln!(
        out,
        "{}: {}, {}, {}, checked by {}",
        escape(&report.manifest),
        report.format,
        plural(report.files, "file"),
        human_bytes(report.bytes),
        match report.verified {
            Verified::Md5 => "MD5",
            Verified::Etag => "ETag",
            Verified::Footer => "structure",
            Verified::None => "size only",
        }
    )?;
    if let Some(since) = &audit.since {
        let (at, by) = (since.previous.scanned_at, older_by(audit, since));
        writeln!(out, "compared with its inventory of {at}, {by} older: {}", escape(&since.previous.manifest))?;
    }
    for left_out in report.scope.iter().flat_map(crate::audit::ReportScope::leaves_out) {
        writeln!(out, "{}", style.warn(&escape(&left_out)))?;
    }
    writeln!(out)?;
    let changes: Vec<Option<Shown>> =
        audit.statuses.iter().map(|(status, totals)| status_change(status, totals)).collect();
    let wide = width(changes.iter().flatten());
    let heading = wide.map(|width| format!(" {:>width$}", "CHANGE")).unwrap_or_default();
    writeln!(
        out,
        "{}",
        style.strong(&format!(
            "STATUS               OBJECTS{heading}       BYTES   SHARE  OLDEST                NEWEST"
        ))
    )?;
    for ((status, totals), change) in audit.statuses.iter().zip(&changes) {
        row(audit, out, style, status, totals, &column(change.as_ref(), wide, style))?;
    }
    if let Some((overdue, change)) = told_overdue(audit) {
        let oldest = overdue.oldest.map(|at| format!(", the oldest of {at}")).unwrap_or_default();
        let (verb, count) = (if overdue.objects == 1 { "is" } else { "are" }, human_count(overdue.objects));
        let change = change.map(|change| format!(" {}", change.padded(0, style))).unwrap_or_default();
        writeln!(out, "{}{change} of the pending {verb} overdue{oldest}", style.warn(&count))?;
    }
    let skipped = audit.rows_scanned - audit.rows;
    writeln!(
        out,
        "{}, {}{}",
        plural(audit.objects(), "object version"),
        delete_markers(audit),
        if skipped > 0 { format!(", {} out of scope", plural(skipped, "row")) } else { String::new() }
    )?;
    write_groups(audit, out, style)?;
    writeln!(out)?;
    let changes: Vec<Option<Shown>> = audit.limits.iter().map(limit_change).collect();
    let wide = width(changes.iter().flatten());
    for (limit, change) in audit.limits.iter().zip(&changes) {
        limit_line(limit, &column(change.as_ref(), wide, style), out, style)?;
    }
    let exceeded: Vec<&LimitResult> = audit.limits.iter().filter(|limit| limit.exceeded).collect();
    if exceeded.is_empty() {
        return writeln!(out, "{}", style.good("PASS"));
    }
    let words: Vec<&str> = exceeded.iter().map(|limit| limit.class.word()).collect();
    writeln!(out, "{}: {}", style.bad("FAIL"), words.join(", "))?;
    match accepting(audit) {
        Some(options) => writeln!(out, "to accept today's figures: {options}"),
        None => Ok(()),
    }
}

/// How the objects of a status changed.
pub(super) fn status_change(status: &ReplicationStatus, totals: &Compared<StatusTotals>) -> Option<Shown> {
    totals.change.map(|change| Shown::of_status(status.class(), change.delta.objects))
}

/// How the figure of a limit changed.
pub(super) fn limit_change(limit: &LimitResult) -> Option<Shown> {
    limit.change.map(|change| Shown::of_class(limit.class, change.delta))
}

/// What is overdue and how that changed, where there is something to tell: also when nothing is any more.
pub(super) fn told_overdue(audit: &Audit) -> Option<(&Compared<Overdue>, Option<Shown>)> {
    let overdue = audit.overdue.as_ref()?;
    let is_told = overdue.objects > 0 || overdue.change.is_some_and(|change| change.previous.objects > 0);
    let change = overdue.change.map(|change| Shown::of_class(LimitClass::Overdue, change.delta.objects));
    is_told.then_some((overdue, change))
}

/// The options that would accept today's figures, where a default is exceeded: whoever meets one for the first time should
/// see how to live with it.
pub(super) fn accepting(audit: &Audit) -> Option<String> {
    let tripped = audit.limits.iter().filter(|limit| limit.exceeded && limit.is_default);
    let options: Vec<String> = tripped
        .filter_map(|limit| {
            // What was confirmed is confirmed the next time too.
            let figure = limit.confirmed.map_or(limit.actual, |confirmed| Some(confirmed.still))?;
            Some(format!("--fail-on {}:{figure}", limit.class.word()))
        })
        .collect();
    (!options.is_empty()).then(|| options.join(" "))
}

/// How the files were checked, as a sentence.
pub(super) fn checked(verified: Verified) -> &'static str {
    match verified {
        Verified::Md5 => "every file was read whole and has the MD5 that the manifest names",
        Verified::Etag => {
            "S3 lists every file with an ETag that is its MD5 in the manifest; only its footer and the columns that were needed were read, on condition of that ETag"
        }
        Verified::Footer => {
            "the structure of every file was checked; only its footer and the columns that were needed were read"
        }
        Verified::None => "only the sizes of the files were checked, MD5 was skipped",
    }
}

/// How many delete markers there are, and that some have a status that counts nowhere.
pub(super) fn delete_markers(audit: &Audit) -> String {
    let with_status = audit.markers_with_status().map(|markers| format!(" ({markers})")).unwrap_or_default();
    format!("{}{with_status}", plural(audit.delete_markers, "delete marker"))
}

/// How old the report is, for people.
pub(super) fn age_of(audit: &Audit) -> String {
    match audit.report.age_seconds {
        seconds @ 0.. => format!("{} ago", ago(seconds)),
        _ => "by a clock that is ahead of this one".to_owned(),
    }
}

fn row(
    audit: &Audit,
    out: &mut (dyn Write + Send),
    style: Style,
    status: &ReplicationStatus,
    totals: &StatusTotals,
    change: &str,
) -> io::Result<()> {
    let paint: fn(Style, &str) -> String = match status.class() {
        StatusClass::Replicated => Style::good,
        StatusClass::Pending | StatusClass::Replica => Style::warn,
        StatusClass::Failed | StatusClass::NotReplicated | StatusClass::Unknown => Style::bad,
    };
    let word = format!("{:<16}", escape(status.reported()));
    let bytes = totals.bytes.map_or_else(|| "-".to_owned(), human_bytes);
    let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    writeln!(
        out,
        "{} {:>11}{change} {bytes:>11} {:>7}  {:<20}  {}",
        paint(style, &word),
        human_count(totals.objects),
        share(totals.objects, audit.objects()),
        time(totals.oldest),
        time(totals.newest)
    )
}

/// Never `100.0%` for less than all, never `0.0%` for more than none.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = (u128::from(part) * 2000 / u128::from(whole)).div_ceil(2);
    match tenths {
        0 if part > 0 => "<0.1%".to_owned(),
        1000 if part < whole => ">99.9%".to_owned(),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

fn limit_line(limit: &LimitResult, change: &str, out: &mut (dyn Write + Send), style: Style) -> io::Result<()> {
    let actual = limit.actual.map_or_else(|| "not known".to_owned(), human_count);
    let mark = if limit.exceeded { style.bad("exceeded") } else { style.good("ok") };
    let bound =
        if limit.limit == crate::audit::Limit::Off { "no limit".to_owned() } else { format!("limit {}", limit.limit) };
    let now = found_now(limit).map(|now| format!("  {now}")).unwrap_or_default();
    writeln!(out, "{:<16} {actual:>11}{change}  {bound:<14} {mark}{now}", limit.class.word())
}

/// A time span for people: `13h 20m`, `4 days`; below zero when the clocks disagree.
#[must_use]
pub fn ago(seconds: i64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        3_600.. => format!("{}h {}m", seconds / 3_600, seconds % 3_600 / 60),
        60.. => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        for (part, whole, text) in [
            (0, 0, "-"),
            (0, 5, "0.0%"),
            (1, 10_000, "<0.1%"),
            (9_999, 10_000, ">99.9%"),
            (1, 6, "16.7%"),
            (5, 5, "100.0%"),
        ] {
            assert_eq!(share(part, whole), text);
        }
        assert_eq!((ago(59).as_str(), ago(3660).as_str(), ago(200_000).as_str()), ("59s", "1h 1m", "2 days"));
    }
}
