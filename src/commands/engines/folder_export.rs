//! An export that an engine writes: a new folder of text files, which counts only if the number of its lines is that of the
//! figures.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use super::super::Context;
use super::run_name::run_name;
use crate::model::escape;
use crate::output::plural;
use crate::sql::{FilePlace, SqlExport};

/// An export of some classes to a new folder.
pub(in crate::commands) struct FolderExport<C> {
    order: SqlExport<C>,
    is_begun: AtomicBool,
    is_complete: AtomicBool,
}

impl<C: Clone> FolderExport<C> {
    /// The new folder is in the named one, and has the name of this run: engines overwrite what is there, so nothing may be there.
    pub(in crate::commands) fn new(named: &SqlExport<C>) -> Result<Self> {
        let name = format!("replaudit_export_{}", run_name()?);
        let folder = match &named.folder {
            FilePlace::S3 { bucket, key } => FilePlace::S3 { bucket: bucket.clone(), key: format!("{key}{name}") },
            FilePlace::Local(path) => FilePlace::Local(format!("{path}{name}")),
        };
        let order = SqlExport { classes: named.classes.clone(), folder };
        Ok(Self { order, is_begun: AtomicBool::new(false), is_complete: AtomicBool::new(false) })
    }

    /// What the engine is asked to write.
    pub(in crate::commands) fn order(&self) -> &SqlExport<C> {
        &self.order
    }

    /// From here on, the engine may have written something.
    pub(in crate::commands) fn begin(&self) {
        self.is_begun.store(true, Ordering::Relaxed);
    }

    /// Compares the number of lines that the engine found in the folder with that of the figures.
    pub(in crate::commands) fn check(&self, expected: Option<u64>, lines: Option<u64>) -> Result<()> {
        match (expected, lines) {
            (Some(expected), Some(lines)) if expected == lines => Ok(()),
            (Some(expected), Some(lines)) => bail!(
                "it has {}, and the report has {} of these classes; engines leave out keys that are not UTF-8: --engine local exports them",
                plural(lines, "line"),
                plural(expected, "object")
            ),
            (None, _) | (_, None) => bail!("its lines were not counted"),
        }
    }

    /// Says where the export is. It is complete.
    pub(in crate::commands) fn complete(&self, lines: u64, context: &Context) {
        self.is_complete.store(true, Ordering::Relaxed);
        context.printer.note(format!("exported {} to {}/", plural(lines, "object"), self.name()));
    }

    /// Said if the run ends before the export is complete.
    pub(in crate::commands) fn warning(&self) -> Option<String> {
        let is_half = self.is_begun.load(Ordering::Relaxed) && !self.is_complete.load(Ordering::Relaxed);
        is_half.then(|| format!("the export in {}/ is not complete, and must not be used", self.name()))
    }

    fn name(&self) -> String {
        escape(&self.order.folder.to_string()).into_owned()
    }
}
