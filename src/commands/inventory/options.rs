//! The resolved arguments of `inventory`.

use std::path::PathBuf;
use std::time::Duration;

use s3_answers::InventoryConfiguration;

use super::super::Context;
use super::export::ExportOptions;
use super::find::ReportChoice;
use crate::audit::Question;
use crate::report::{ReadOptions, ReportAddress};

/// How old a report may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MaxAge {
    Limit(Duration),
    None,
}

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

impl MaxAge {
    /// A daily report is up to two days old when its successor comes, a weekly one up to nine.
    pub(super) fn of_schedule(configuration: Option<&InventoryConfiguration>) -> Self {
        let weekly = configuration.is_some_and(InventoryConfiguration::is_weekly);
        Self::Limit(Duration::from_secs(if weekly { 240 } else { 72 } * 3600))
    }
}
