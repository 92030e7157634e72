//! prometheus: text for a textfile collector.
//!
//! Names and help never change from file to file, no metric has a key as a label, and none a time of its own. A run without
//! an answer leaves `up 0` and no totals, so that an alarm on the figures does not fall silent with them.

mod exposition;
mod pair;

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;

use self::exposition::{Exposition, label, write_unanswered};
use super::{Format, MetricSeries, ReasonsForm, RowWriter};
use crate::audit::Audit;
use crate::doctor::CheckState;
use crate::model::StatusClass;
use crate::output::model::{ReportRow, ReportSummary};

pub(super) static FORMAT: Format = Format {
    word: "prometheus",
    about: "inventory, reconcile and doctor only: for a textfile collector",
    write_audit: |audit, run, out, _| write_audit(audit, run.config, run.at, out),
    write_pair: |result, run, out, _| pair::write(result, run.at, out),
    open_rows: Some(|_, out, _| Box::new(CheckGauges { out, started: false, states: BTreeMap::new() })),
    write_reasons: ReasonsForm::None,
    needs_every_row: true,
    says_incomplete: true,
    write_unanswered: Some(|run, out| write_unanswered(run.series, run.at, run.before, out)),
    summary: None,
    shows_properties: false,
    shows_next_steps: false,
};

fn write_audit(audit: &Audit, config: Option<&str>, at: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let series = MetricSeries::of_inventory(Some(audit.report.source_bucket.clone()), config.map(str::to_owned));
    let mut to = Exposition::new(&series, out);
    to.run(true, at, Some(at.as_second()))?;
    let name = "replaudit_inventory_pass";
    to.gauge(name, "Whether all numbers are within their limits.", u8::from(audit.verdict == "pass"))?;
    let name = "replaudit_inventory_scan_timestamp_seconds";
    to.gauge(name, "When the scan for the report began.", audit.report.scanned_at.as_second())?;
    let name = "replaudit_inventory_report_age_seconds";
    to.gauge(name, "Age of the report at the last run.", audit.report.age_seconds)?;
    // Words that only an older report has are no series of this one.
    let statuses = || {
        let words = audit.statuses.iter().filter(|(_, totals)| totals.objects > 0);
        words.map(|(word, totals)| (word.reported(), totals))
    };
    // A word of S3 that no object has is 0: a series that comes and goes is hard to draw.
    let zeros = || StatusClass::words_of_reports().map(|word| (word, 0)).collect::<BTreeMap<_, u64>>();
    let mut objects = zeros();
    objects.extend(statuses().map(|(word, totals)| (word, totals.objects)));
    let has_bytes = statuses().any(|(_, totals)| totals.bytes.is_some());
    let mut bytes = if has_bytes { zeros() } else { BTreeMap::new() };
    bytes.extend(statuses().filter_map(|(word, totals)| Some((word, totals.bytes?))));
    to.gauges(
        ("replaudit_inventory_objects", "status"),
        "Object versions per replication status; NONE: without a status.",
        objects.into_iter(),
    )?;
    to.gauges(
        ("replaudit_inventory_bytes", "status"),
        "Bytes of object versions per replication status.",
        bytes.into_iter(),
    )?;
    let name = "replaudit_inventory_delete_markers";
    to.gauge(name, "Delete markers, which have no status.", audit.delete_markers)?;
    if let Some(overdue) = &audit.overdue {
        let name = "replaudit_inventory_overdue_objects";
        to.gauge(name, "Object versions pending for too long when the scan began.", overdue.objects)?;
        if let Some(bytes) = overdue.bytes {
            to.gauge("replaudit_inventory_overdue_bytes", "Bytes of overdue object versions.", bytes)?;
        }
    }
    let limits = || audit.limits.iter().map(|limit| (limit.class.word(), limit));
    to.gauges(
        ("replaudit_inventory_limit_actual_objects", "class"),
        "Object versions of a class that has a limit.",
        limits().filter_map(|(class, limit)| Some((class, limit.actual?))),
    )?;
    to.gauges(
        ("replaudit_inventory_limit_exceeded", "class"),
        "Whether a class has more object versions than its limit.",
        limits().map(|(class, limit)| (class, u8::from(limit.exceeded))),
    )?;
    to.gauges(
        ("replaudit_inventory_limit_still_objects", "class"),
        "Object versions of a class over its limit that --confirm still finds in that state.",
        limits().filter_map(|(class, limit)| Some((class, limit.confirmed?.still))),
    )
}

/// The checks of `doctor`: one gauge for each state of each check, as OpenMetrics writes sets of states.
struct CheckGauges<'a> {
    out: &'a mut (dyn Write + Send),
    started: bool,
    states: BTreeMap<&'static str, u64>,
}

impl CheckGauges<'_> {
    const CHECK: &'static str = "replaudit_doctor_check";

    fn head(&mut self, name: &str, help: &str) -> io::Result<()> {
        writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} gauge")
    }
}

impl RowWriter for CheckGauges<'_> {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()> {
        if !std::mem::replace(&mut self.started, true) {
            self.head(Self::CHECK, "Whether a check of a bucket has this state.")?;
        }
        let cells = row.cells("bucket,id,state")?;
        let [bucket, id, state] = cells.as_slice() else { return Ok(()) };
        for known in CheckState::ALL.map(CheckState::word) {
            let value = u8::from(known == state);
            *self.states.entry(known).or_default() += u64::from(value);
            let (name, bucket, id) = (Self::CHECK, label(bucket), label(id));
            writeln!(self.out, "{name}{{bucket=\"{bucket}\",check=\"{id}\",state=\"{known}\"}} {value}")?;
        }
        Ok(())
    }

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()> {
        self.head("replaudit_doctor_checks", "Checks of all buckets that have this state.")?;
        for known in CheckState::ALL.map(CheckState::word) {
            let count = self.states.get(known).copied().unwrap_or(0);
            writeln!(self.out, "replaudit_doctor_checks{{state=\"{known}\"}} {count}")?;
        }
        let Some(at) = summary.ended_at() else { return Ok(()) };
        let name = "replaudit_doctor_last_run_timestamp_seconds";
        self.head(name, "When the last run ended.")?;
        writeln!(self.out, "{name} {}", at.as_second())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: &str = "replaudit_inventory_up";
    const LAST_SUCCESS: &str = "replaudit_inventory_last_success_timestamp_seconds";

    fn unanswered(bucket: Option<&str>, config: Option<&str>, before: Option<&str>) -> String {
        let series = MetricSeries::of_inventory(bucket.map(str::to_owned), config.map(str::to_owned));
        let mut out = Vec::new();
        write_unanswered(&series, Timestamp::from_second(100).unwrap(), before, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_run_without_an_answer_keeps_its_series_and_the_time_of_the_last_answer() {
        let file = |bucket: &str, config: &str, up: u8, last: Option<i64>| {
            let labels = format!("{{bucket=\"{bucket}\",config=\"{config}\"}}");
            let last = last.map(|at| format!("{LAST_SUCCESS}{labels} {at}\n")).unwrap_or_default();
            format!("{UP}{labels} {up}\nreplaudit_inventory_last_run_timestamp_seconds{labels} 100\n{last}")
        };
        let old = file("src", "daily", 1, Some(7));
        let table = [
            (unanswered(None, None, None), file("", "", 0, None)),
            (unanswered(Some("src"), None, None), file("src", "", 0, None)),
            (unanswered(Some("src"), None, Some(&old)), file("src", "daily", 0, Some(7))),
            (unanswered(None, None, Some(&old)), file("src", "daily", 0, Some(7))),
            (unanswered(Some("other"), None, Some(&old)), file("other", "", 0, None)),
            (unanswered(Some("src"), Some("weekly"), Some(&old)), file("src", "weekly", 0, None)),
            (unanswered(None, None, Some(&file("src", "daily", 0, None))), file("src", "daily", 0, None)),
            (unanswered(None, None, Some("not ours{} \u{0}")), file("", "", 0, None)),
        ];
        for (at, (text, expected)) in table.into_iter().enumerate() {
            assert_eq!(text, expected, "row {at}");
        }
        // And again and again: a week without an answer still says when the last one was.
        let again = unanswered(None, None, Some(&unanswered(None, None, Some(&old))));
        assert_eq!(again, file("src", "daily", 0, Some(7)));
    }

    #[test]
    fn hostile_labels_stay_labels() {
        let name = "a\"} 1\nx{\\\u{202e}";
        let text = unanswered(Some(name), Some("\",config=\""), None);
        let labels = r#"{bucket="a\"} 1\\nx{\\\\u{202e}",config="\",config=\""} 0"#;
        assert_eq!(text.lines().next(), Some(format!("{UP}{labels}").as_str()));
        assert_eq!(text.lines().count(), 2, "{text}");
        assert_eq!(unanswered(None, None, Some(&text)), text);
    }
}
