//! The resolved arguments of `inventory`.

use super::super::engines::RowSource;
use super::super::reports::{ExportOptions, ReportQuestion};
use crate::audit::Question;
use crate::export::ExportClasses;
use crate::report::ReportAddress;
use crate::sql::SqlExport;

#[derive(Debug)]
pub(crate) struct InventoryOptions {
    pub(crate) asked: ReportQuestion,
    pub(crate) question: Question,
    pub(crate) rows: RowSource,
    /// The older report to compare with, or the place to look for one.
    pub(crate) since: Option<ReportAddress>,
    pub(crate) export: Option<ExportOptions<ExportClasses>>,
    /// The objects that an engine exports, and the folder for its own new folder.
    pub(crate) folder_export: Option<SqlExport<ExportClasses>>,
    /// Check the objects of exceeded classes with HEAD, up to this number.
    pub(crate) confirm: Option<u64>,
    /// Read columnar files whole, so that their MD5 is checked too.
    pub(crate) whole: bool,
}
