//! Ranges of a columnar data file: its end, its footers, and its columns, which are read through windows.

mod file;
mod pieces;
mod stream;

pub(crate) use file::{FileRanges, Span};
pub(crate) use stream::{ColumnStream, WINDOW};
