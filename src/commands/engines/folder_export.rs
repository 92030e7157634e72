//! An export that an engine writes: a new folder of text files, which counts only if the number of its lines is that of the
//! figures.

use std::path::PathBuf;
use std::sync::Arc;
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
    /// The engine may have written something.
    is_begun: Arc<AtomicBool>,
    /// The number of lines is right.
    is_complete: AtomicBool,
    /// The user knows where it is.
    is_told: AtomicBool,
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
        let [is_complete, is_told] = [false; 2].map(AtomicBool::new);
        Ok(Self { order, is_begun: Arc::default(), is_complete, is_told })
    }

    /// What the engine is asked to write.
    pub(in crate::commands) fn order(&self) -> &SqlExport<C> {
        &self.order
    }

    /// Becomes true when the engine may write something.
    pub(in crate::commands) fn is_begun(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_begun)
    }

    /// Compares the number of lines that the engine found in the folder with that of the figures.
    pub(in crate::commands) fn check(&self, expected: Option<u64>, lines: Option<u64>) -> Result<()> {
        match (expected, lines) {
            (Some(expected), Some(lines)) if expected == lines => {
                self.is_complete.store(true, Ordering::Relaxed);
                Ok(())
            }
            (Some(expected), Some(lines)) => bail!(
                "it has {}, and the report has {} of these classes{}",
                plural(lines, "line"),
                plural(expected, "object"),
                match lines < expected {
                    true =>
                        "; it may have keys that are not UTF-8, which engines leave out: --engine local exports them",
                    false => "",
                }
            ),
            (None, _) | (_, None) => bail!("its lines were not counted"),
        }
    }

    /// Says where the export is, which is complete; also with `--quiet`, because nothing else names it. Returns its path.
    pub(in crate::commands) fn tell(&self, lines: u64, context: &Context) -> PathBuf {
        self.is_told.store(true, Ordering::Relaxed);
        context.printer.tell(format!("exported {} to {}", plural(lines, "object"), self.name()));
        format!("{}/", self.order.folder).into()
    }

    /// Said if the run ends without a result.
    pub(in crate::commands) fn warning(&self) -> Option<String> {
        let [is_begun, is_complete, is_told] =
            [self.is_begun.as_ref(), &self.is_complete, &self.is_told].map(|state| state.load(Ordering::Relaxed));
        match (is_begun, is_complete, is_told) {
            (_, _, true) | (false, false, false) => None,
            (_, true, false) => Some(format!("there is no result, but the export in {} is complete", self.name())),
            (true, false, false) => {
                Some(format!("the export in {} is not complete, and must not be used", self.name()))
            }
        }
    }

    fn name(&self) -> String {
        escape(&format!("{}/", self.order.folder)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export() -> FolderExport<()> {
        let folder = FilePlace::S3 { bucket: "exports".to_owned(), key: "a/".to_owned() };
        FolderExport::new(&SqlExport { classes: (), folder }).unwrap()
    }

    #[test]
    fn a_warning_says_what_is_known_of_the_folder() {
        let never_begun = export();
        assert_eq!(never_begun.warning(), None);
        let half = export();
        half.is_begun().store(true, Ordering::Relaxed);
        let warning = half.warning().unwrap();
        assert!(warning.starts_with("the export in s3://exports/a/replaudit_export_"), "{warning}");
        assert!(warning.ends_with("/ is not complete, and must not be used"), "{warning}");
        let few = half.check(Some(3), Some(2)).unwrap_err().to_string();
        assert!(few.contains("it has 2 lines") && few.contains("not UTF-8"), "{few}");
        let many = half.check(Some(3), Some(4)).unwrap_err().to_string();
        assert!(many.contains("it has 4 lines") && !many.contains("UTF-8"), "{many}");
        assert_eq!(half.warning(), Some(warning));
        // Also an export without lines may be what was asked for.
        half.check(Some(0), Some(0)).unwrap();
        let warning = half.warning().unwrap();
        assert!(warning.starts_with("there is no result, but the export in ") && warning.ends_with(" is complete"));
        half.is_told.store(true, Ordering::Relaxed);
        assert_eq!(half.warning(), None);
    }
}
