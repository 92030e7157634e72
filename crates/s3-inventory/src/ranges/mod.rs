//! Ranges of a columnar data file: its end, its footers, and its columns, of which no more is in memory than is looked at.

mod file;
mod pieces;
mod stream;

pub(crate) use file::{FileRanges, Span};
pub(crate) use stream::{ColumnStream, WINDOW};
