//! The resolved arguments of `inventory`.

use std::path::PathBuf;

use super::super::reports::ReportQuestion;
use super::export::ExportOptions;
use crate::audit::Question;
use crate::engine::AthenaSettings;
use crate::report::ReportAddress;

/// Who adds up the rows of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowSource {
    /// This program.
    Local,
    /// An engine, before: its figures are in a file, or come from stdin.
    Figures(FiguresInput),
    /// Spark, run by this program; with the command that runs it, if it was given.
    Spark(Option<String>),
    /// Athena, asked with these settings.
    Athena(AthenaSettings),
}

/// Where figures are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FiguresInput {
    Stdin,
    File(PathBuf),
}

/// The resolved arguments of `inventory`.
#[derive(Debug)]
pub(crate) struct InventoryOptions {
    pub(crate) asked: ReportQuestion,
    pub(crate) question: Question,
    pub(crate) rows: RowSource,
    /// The older report to compare with, or the place to look for one.
    pub(crate) since: Option<ReportAddress>,
    pub(crate) export: Option<ExportOptions>,
    /// Check the objects of exceeded classes with HEAD, up to this number.
    pub(crate) confirm: Option<u64>,
    /// Read columnar files whole, so that their MD5 is checked too.
    pub(crate) whole: bool,
}
