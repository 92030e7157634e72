//! The resolved arguments of `inventory`.

use std::path::PathBuf;

use super::super::Context;
use super::super::reports::{MaxAge, ReportChoice};
use super::export::ExportOptions;
use crate::audit::Question;
use crate::report::{ReadOptions, ReportAddress};

/// The resolved arguments of `inventory`.
#[derive(Debug)]
pub(crate) struct InventoryOptions {
    pub(crate) report: ReportChoice,
    pub(crate) question: Question,
    /// The older report to compare with, or the place to look for one.
    pub(crate) since: Option<ReportAddress>,
    /// `None`: as old as a report gets that is delivered on time.
    pub(crate) max_age: Option<MaxAge>,
    /// The file that the rules are read from; `None`: the source bucket.
    pub(crate) replication: Option<PathBuf>,
    pub(crate) export: Option<ExportOptions>,
    /// Check the objects of exceeded classes with HEAD, up to this number.
    pub(crate) confirm: Option<u64>,
    pub(crate) verify: bool,
    /// Read columnar files whole, so that their MD5 is checked too.
    pub(crate) whole: bool,
    /// Where else data files may lie.
    pub(crate) data_dir: Option<PathBuf>,
    /// The most bytes that buffers and workers may take together.
    pub(crate) memory: u64,
}

impl InventoryOptions {
    pub(super) fn read(&self, context: &Context) -> ReadOptions {
        ReadOptions {
            verify: self.verify,
            whole: self.whole,
            data_dir: self.data_dir.clone(),
            workers: std::thread::available_parallelism().map_or(2, Into::into),
            downloads: context.concurrency.get(),
            memory: self.memory,
        }
    }
}
