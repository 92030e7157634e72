//! What leaves the program: formats over data, and the one place that knows stdout, stderr and a terminal.
//!
//! A format is one file here and one line in [`Format::ALL`]. Json, ndjson and csv hold keys exactly; everything meant
//! for reading is escaped, on a terminal or not.

mod audit;
mod bars;
mod change;
mod clash;
mod confirmed;
mod destinations;
mod entries;
mod explanation;
mod export;
mod exported;
mod figures;
mod format;
mod groups;
mod html;
mod lines;
mod markdown;
mod markers;
mod objects;
mod printer;
mod progress;
mod prometheus;
mod properties;
mod rows;
mod same_file;
#[cfg(test)]
mod samples;
mod schema;
mod table;
mod targets;
mod temporary;
#[cfg(test)]
mod tests;

pub use audit::{RunFacts, ago, write_audit};
pub use clash::{Clash, OutputFiles};
pub use confirmed::outcomes;
pub use export::{ExportPlace, ExportTarget};
pub use exported::{ExportReport, write_exported};
pub use format::{Format, Known};
pub use printer::{Printer, Style, flush_stdout, plural};
pub use progress::{Meter, ProgressChoice};
pub use prometheus::{Series, write_unanswered};
pub use rows::{Rows, Sink, Summarised};
pub use same_file::FileIdentity;
pub use schema::Document;
pub use targets::{AllRows, OutputError, Target, Targets, Write as WriteOption};
