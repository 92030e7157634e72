//! What leaves the program.
//!
//! | folder | what it is for |
//! |---|---|
//! | `model` | what is shown: rows, figures, and the words for them |
//! | `formats` | how: a format is one file there, named by one entry of `formats::FORMATS` |
//! | `files` | files that are replaced whole or not at all |
//! | `terminal` | colours, messages and progress on stderr |
//! | `schema` | the JSON Schema of the json documents |
//!
//! Json, ndjson and csv hold keys exactly. Everything meant for reading is escaped, on a terminal or not.

mod files;
mod formats;
mod model;
mod schema;
mod terminal;

pub(crate) use files::{
    ExportPlace, ExportTarget, FileIdentity, OutputError, OutputFiles, OutputTarget, RowTargets, Targets, WriteOption,
};
pub(crate) use formats::{
    FORMATS, Format, MetricSeries, PairRunFacts, ReasonsForm, RunFacts, UnansweredRun, UnknownFormat, WriteUnanswered,
    format_words,
};
pub(crate) use model::{
    ExportReport, NextSteps, PairExport, PrintedTexts, ReportRow, ReportSummary, RowFilter, ago, exceeded_limits,
    failed_tasks, in_hours, not_shown, outcomes, plural,
};
pub(crate) use schema::SCHEMAS;
pub(crate) use terminal::{Meter, Printer, ProgressChoice, flush_stdout};
