//! Which report is asked, and what: the same in `inventory` and `sql`.

use std::path::PathBuf;

use super::super::Context;
use super::age::MaxAge;
use super::find::ReportChoice;
use super::input::InputFile;
use crate::audit::{Dimension, Filter, Limits, Question};
use crate::report::ReadOptions;

/// The options that `inventory` and `sql` have in common.
#[derive(Debug)]
pub(crate) struct ReportQuestion {
    pub(crate) report: ReportChoice,
    pub(crate) filter: Filter,
    pub(crate) overdue_seconds: i64,
    pub(crate) by: Vec<Dimension>,
    /// `None`: as old as a report gets that is delivered on time.
    pub(crate) max_age: Option<MaxAge>,
    /// The file that the rules are read from; `None`: the source bucket.
    pub(crate) replication: Option<PathBuf>,
    pub(crate) read: ReadChoice,
}

/// How a report is read.
#[derive(Debug)]
pub(crate) struct ReadChoice {
    pub(crate) verify: bool,
    /// Where else data files may lie.
    pub(crate) data_dir: Option<PathBuf>,
    /// The most bytes that buffers and workers may take together.
    pub(crate) memory: u64,
}

impl ReportQuestion {
    /// The file that the rules are read from.
    pub(in crate::commands) fn rules_file(&self) -> Option<InputFile> {
        self.replication.clone().map(|path| InputFile { path, what: "the file of --replication" })
    }

    /// The question, before the rules were read.
    pub(crate) fn question(&self, limits: Limits, top: usize, compared: bool) -> Question {
        Question {
            filter: self.filter.clone(),
            overdue_seconds: self.overdue_seconds,
            limits,
            by: self.by.clone(),
            top,
            compared,
            rules: None,
        }
    }
}

impl ReadChoice {
    /// `whole`: columnar files to their last byte, so that their MD5 is checked too.
    pub(in crate::commands) fn options(&self, whole: bool, context: &Context) -> ReadOptions {
        ReadOptions {
            verify: self.verify,
            whole,
            data_dir: self.data_dir.clone(),
            workers: std::thread::available_parallelism().map_or(2, Into::into),
            downloads: context.concurrency.get(),
            memory: self.memory,
        }
    }
}
