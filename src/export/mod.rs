//! Exports: the objects behind the numbers of a report, a line each, for whoever acts on them.
//!
//! Which rows, and what their lines say; where lines go is not known here. Delete markers are in no export, since they
//! have no status. Memory is flat: a worker holds one block of lines.

mod classes;
mod error;
mod json;
mod lines;
mod listed;
mod manifest;

pub(crate) use classes::{ExportClass, ExportClasses};
pub(crate) use error::ExportRowError;
pub(crate) use lines::{Export, ExportCounts, ExportForm, ExportLines, ExportSink, LineSink};
