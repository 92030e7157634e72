//! The text format of Prometheus, and what a run without an answer leaves.

use std::fmt::Display;
use std::io::{self, Write};

use jiff::Timestamp;

use super::super::{MetricFamily, MetricSeries};
use crate::model::escape;

impl MetricFamily {
    fn name(self, metric: &str) -> String {
        match self {
            Self::Inventory => format!("replaudit_inventory_{metric}"),
            Self::Reconcile => format!("replaudit_reconcile_{metric}"),
        }
    }

    /// The labels of its series.
    fn labels(self) -> [&'static str; 2] {
        match self {
            Self::Inventory => ["bucket", "config"],
            Self::Reconcile => ["source", "destination"],
        }
    }
}

const UP: &str = "up";
const LAST_SUCCESS: &str = "last_success_timestamp_seconds";

/// A label's value between its quotes. Names of buckets and configurations have nothing to escape; a name that has is
/// hostile, and must not reach a terminal through a dashboard either.
pub(super) fn label(value: &str) -> String {
    escape(value).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Writes metric after metric, each with the labels of the series.
pub(super) struct Exposition<'a> {
    family: MetricFamily,
    out: &'a mut dyn Write,
    labels: String,
}

impl<'a> Exposition<'a> {
    pub(super) fn new(series: &MetricSeries, out: &'a mut dyn Write) -> Self {
        Self { family: series.family, out, labels: SeriesLabels::of(series, None).text() }
    }

    fn head(&mut self, name: &str, help: &str) -> io::Result<()> {
        writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} gauge")
    }

    fn sample(&mut self, name: &str, more: Option<(&str, &str)>, value: impl Display) -> io::Result<()> {
        let more = more.map(|(of, value)| format!(",{of}=\"{}\"", label(value))).unwrap_or_default();
        writeln!(self.out, "{name}{{{}{more}}} {value}", self.labels)
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) -> io::Result<()> {
        self.head(name, help)?;
        self.sample(name, None, value)
    }

    /// One sample for each value of a further label.
    pub(super) fn gauges<'v, V: Display>(
        &mut self,
        (name, of): (&str, &str),
        help: &str,
        samples: impl Iterator<Item = (&'v str, V)>,
    ) -> io::Result<()> {
        let mut samples = samples.peekable();
        if samples.peek().is_some() {
            self.head(name, help)?;
        }
        samples.try_for_each(|(value, sample)| self.sample(name, Some((of, value)), sample))
    }

    pub(super) fn run(&mut self, up: bool, at: Timestamp, last_success: Option<i64>) -> io::Result<()> {
        self.gauge(&self.family.name(UP), "Whether the last run gave an answer, pass or fail.", u8::from(up))?;
        self.gauge(&self.family.name("last_run_timestamp_seconds"), "When the last run ended.", at.as_second())?;
        match last_success {
            Some(at) => self.gauge(&self.family.name(LAST_SUCCESS), "When the last run that gave an answer ended.", at),
            None => Ok(()),
        }
    }
}

/// A run that ended `at` without an answer. What is not known of the series is taken from `before`, the file that this
/// replaces, and of the same series also the time of the last answer.
pub(super) fn write_unanswered(
    series: &MetricSeries,
    at: Timestamp,
    before: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let before = before.and_then(|before| PreviousMetrics::read(before, series.family));
    let labels = SeriesLabels::of(series, before.as_ref().map(|before| &before.labels));
    let last_success = before.filter(|before| before.labels == labels).and_then(|before| before.last_success);
    Exposition { family: series.family, out, labels: labels.text() }.run(false, at, last_success)
}

/// Escaped values of the labels.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SeriesLabels {
    names: [&'static str; 2],
    values: [String; 2],
}

impl SeriesLabels {
    /// What is not known of the first label is taken from `before`, and that of the second one if the first is the same.
    fn of(series: &MetricSeries, before: Option<&Self>) -> Self {
        let known = |value: &Option<String>| value.as_deref().map(label);
        let [first, second] = &series.values;
        let first = known(first).or_else(|| before.map(|before| before.values[0].clone())).unwrap_or_default();
        let same = before.filter(|before| before.values[0] == first);
        let second = known(second).or_else(|| same.map(|before| before.values[1].clone())).unwrap_or_default();
        Self { names: series.family.labels(), values: [first, second] }
    }

    fn text(&self) -> String {
        let ([one, other], [first, second]) = (self.names, &self.values);
        format!("{one}=\"{first}\",{other}=\"{second}\"")
    }

    fn read(text: &str, names: [&'static str; 2]) -> Option<Self> {
        let [one, other] = names;
        // A quote inside a value follows a backslash, so this is found nowhere else.
        let rest = text.strip_prefix(one)?.strip_prefix("=\"")?.strip_suffix('"')?;
        let (first, second) = rest.split_once(&format!("\",{other}=\""))?;
        Some(Self { names, values: [first.to_owned(), second.to_owned()] })
    }
}

/// What the file of the last run says.
struct PreviousMetrics {
    labels: SeriesLabels,
    last_success: Option<i64>,
}

impl PreviousMetrics {
    fn read(text: &str, family: MetricFamily) -> Option<Self> {
        let sample = |name: &str| {
            let name = &family.name(name);
            let line = text.lines().find_map(|line| line.strip_prefix(name.as_str())?.strip_prefix('{'))?;
            let (labels, value) = line.rsplit_once("} ")?;
            Some((SeriesLabels::read(labels, family.labels())?, value))
        };
        let (labels, _) = sample(UP)?;
        let last_success = sample(LAST_SUCCESS).filter(|(of, _)| *of == labels).and_then(|(_, at)| at.parse().ok());
        Some(Self { labels, last_success })
    }
}
