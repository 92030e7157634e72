//! How results are written.
//!
//! A format is one file here and one entry of [`FORMATS`]: the values of `--output` and `--write`, help, completions and
//! messages come from there, and nothing outside of this folder names a format but its default and json.

mod csv;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod prometheus;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};

use jiff::Timestamp;

use super::model::{ExportReport, NextSteps, PairExport, ReportRow, ReportSummary, RowLayout};
use super::terminal::Style;
use crate::audit::Audit;
use crate::exit::ExitStatus;
use crate::reasons::ReasonsReport;
use crate::reconcile::Reconciliation;

/// Every format. The first one is the default.
pub(crate) static FORMATS: [&Format; 9] = [
    &table::FORMAT,
    &json::FORMAT,
    &ndjson::FORMAT,
    &csv::FORMAT,
    &markdown::FORMAT,
    &prometheus::FORMAT,
    &html::FORMAT,
    &github::FORMAT,
    &junit::FORMAT,
];

/// One format: its word on the command line, and how it writes each kind of result.
pub(crate) struct Format {
    pub(crate) word: &'static str,
    /// What it is for, in help and completions.
    pub(crate) about: &'static str,
    pub(crate) write_audit: fn(&Audit, &RunFacts<'_>, &mut (dyn Write + Send), Style) -> io::Result<()>,
    pub(crate) write_pair: fn(&Reconciliation, &PairRunFacts<'_>, &mut (dyn Write + Send), Style) -> io::Result<()>,
    /// Writes objects or checks one by one; `None` where it holds neither.
    pub(super) open_rows: Option<OpenRows>,
    /// How it writes why replication failed.
    pub(crate) write_reasons: ReasonsForm,
    /// Its figures are about all rows, and wrong if some are left out.
    pub(crate) needs_every_row: bool,
    /// Says of a list of rows that it is not whole. A file in another format is then left as it was.
    pub(crate) says_incomplete: bool,
    /// Says that a run gave no answer; `None` where the files of the last answer are left as they are.
    pub(crate) write_unanswered: Option<WriteUnanswered>,
    /// A file to which the result is appended too, where stdout has this format.
    pub(crate) summary: Option<SummaryForm>,
    /// Shows a single object with its properties.
    pub(crate) shows_properties: bool,
    /// Shows what leads to the cause of an exceeded limit.
    pub(crate) shows_next_steps: bool,
}

/// The summary of a job in a CI system.
#[derive(Clone, Copy)]
pub(crate) struct SummaryForm {
    /// The environment variable that names the file.
    pub(crate) variable: &'static str,
    pub(crate) format: &'static Format,
    pub(crate) write_unanswered: WriteUnanswered,
}

/// A run that ended without an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnansweredRun<'a> {
    pub(crate) series: &'a MetricSeries,
    /// When it ended.
    pub(crate) at: Timestamp,
    /// What the file held before.
    pub(crate) before: Option<&'a str>,
    /// Why; `None` where only stderr says it.
    pub(crate) why: Option<&'a str>,
}

impl UnansweredRun<'_> {
    fn why(&self) -> &str {
        self.why.unwrap_or("the log says why")
    }

    /// What CI formats say of it.
    fn text(&self) -> String {
        format!("the run ended without an answer: {}", self.why())
    }
}

/// What CI formats say of an exit code that no row explains, because rows are not shown, or a list could not be read.
fn not_in_rows(exit: u8, worst_row: ExitStatus) -> Option<String> {
    let is_explained = exit == worst_row.code() || (exit == 3 && worst_row == ExitStatus::Unknown);
    (exit != 0 && !is_explained).then(|| format!("exit code {exit}: the log says why"))
}

/// How a format writes why replication failed.
#[derive(Clone, Copy)]
pub(crate) enum ReasonsForm {
    /// Each failed object.
    Objects,
    /// The reasons with their counts.
    Report(fn(&ReasonsReport, &mut (dyn Write + Send), Style) -> io::Result<()>),
    /// Not at all.
    None,
}

type OpenRows = for<'a> fn(&'static RowLayout, &'a mut (dyn Write + Send), Style) -> Box<dyn RowWriter + 'a>;

pub(crate) type WriteUnanswered = fn(&UnansweredRun<'_>, &mut (dyn Write + Send)) -> io::Result<()>;

pub(super) trait RowWriter {
    fn row(&mut self, row: &dyn ReportRow) -> io::Result<()>;

    fn end(&mut self, summary: &dyn ReportSummary) -> io::Result<()>;

    fn flush(&mut self) -> io::Result<()>;
}

/// What some formats say of the run beside its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunFacts<'a> {
    /// When it ended.
    pub(crate) at: Timestamp,
    /// The inventory configuration that the report comes from, where known.
    pub(crate) config: Option<&'a str>,
    pub(crate) exported: Option<&'a ExportReport>,
    pub(crate) next: &'a NextSteps,
}

/// What some formats say of a run of `reconcile` beside its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairRunFacts<'a> {
    /// When it ended.
    pub(crate) at: Timestamp,
    pub(crate) exported: Option<&'a PairExport>,
    pub(crate) next: &'a NextSteps,
}

/// The metrics of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetricFamily {
    Inventory,
    Reconcile,
}

/// Which metrics the figures belong to, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetricSeries {
    pub(crate) family: MetricFamily,
    /// The values of the labels: bucket and inventory configuration, or source and destination.
    pub(crate) values: [Option<String>; 2],
}

impl MetricFamily {
    /// The command whose figures they are.
    const fn command(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Reconcile => "reconcile",
        }
    }
}

impl MetricSeries {
    /// The buckets that are known.
    fn buckets(&self) -> impl Iterator<Item = &str> {
        let count = match self.family {
            MetricFamily::Inventory => 1,
            MetricFamily::Reconcile => 2,
        };
        self.values.iter().take(count).flatten().map(String::as_str)
    }

    pub(crate) fn of_inventory(bucket: Option<String>, config: Option<String>) -> Self {
        Self { family: MetricFamily::Inventory, values: [bucket, config] }
    }

    pub(crate) fn of_reconcile(source: Option<String>, destination: Option<String>) -> Self {
        Self { family: MetricFamily::Reconcile, values: [source, destination] }
    }

    /// Values that `other` has replace those of `self`.
    pub(crate) fn with(self, other: Self) -> Self {
        let [one, two] = self.values;
        let [first, second] = other.values;
        Self { family: self.family, values: [first.or(one), second.or(two)] }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format {word:?}: expected one of {}", format_words(|_| true))]
pub(crate) struct UnknownFormat {
    word: String,
}

impl Format {
    pub(crate) fn named(word: &str) -> Result<&'static Self, UnknownFormat> {
        let found = FORMATS.into_iter().find(|format| format.word == word);
        found.ok_or_else(|| UnknownFormat { word: word.to_owned() })
    }

    /// Whether it writes objects one by one. A key is not a label of a metric.
    pub(crate) fn holds_rows(&self) -> bool {
        self.open_rows.is_some() && self.word != prometheus::FORMAT.word
    }

    /// Whether it writes checks of buckets.
    pub(crate) fn holds_checks(&self) -> bool {
        self.open_rows.is_some()
    }

    pub(crate) fn holds_reasons(&self) -> bool {
        !matches!(self.write_reasons, ReasonsForm::None)
    }

    /// Whether it lists the objects that failed to replicate.
    pub(crate) fn lists_failed(&self) -> bool {
        matches!(self.write_reasons, ReasonsForm::Objects)
    }

    /// Whether a JSON Schema can be written: as json, or where no format was chosen.
    pub(crate) fn holds_schema(&self) -> bool {
        self.word == json::FORMAT.word || self.word == FORMATS[0].word
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// The words of the formats that `fits` accepts, for a message.
pub(crate) fn format_words(fits: impl Fn(&Format) -> bool) -> String {
    let words: Vec<&str> = FORMATS.iter().filter(|format| fits(format)).map(|format| format.word).collect();
    words.join(", ")
}
