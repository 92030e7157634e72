//! Exports the objects of a report, one line each.
//!
//! It selects rows and writes their lines, but opens no files. Delete markers are never exported, since they have no
//! status. Memory is flat: a worker holds one block of lines.

mod classes;
mod error;
mod exported_rows;
mod json;
mod lines;
mod listed;
mod manifest;

pub(crate) use classes::{ExportClass, ExportClasses, RowSelection};
pub(crate) use error::ExportRowError;
pub(crate) use exported_rows::{EXPORTED, ExportedRows};
pub(crate) use lines::{Export, ExportCounts, ExportForm, ExportLines, ExportSink, LineSink, LineWriter};
pub(crate) use listed::{NEEDED, listed};
pub(crate) use manifest::manifest_cell;
