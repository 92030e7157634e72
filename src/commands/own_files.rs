//! The files of a run: a journal, which nothing else may write or read, and temporary files.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::Context;
use super::objects::ListSource;
use crate::journal;
use crate::output::FileIdentity;

/// Refuses a journal that another part of the run reads or writes, or that can't be locked. Nothing has been sent yet, and
/// the file is left as it is.
///
/// `read` is what the run reads, with the option's name.
pub(super) fn check_journal(path: &Path, read: Option<(&str, &ListSource)>, context: &Context) -> Result<()> {
    let why = || format!("the journal {}", path.display());
    journal::check_folder(path).with_context(why)?;
    let journal = FileIdentity::of(path).with_context(why)?;
    let written = context.output.writes.iter();
    let mut others: Vec<(String, Option<FileIdentity>)> = written
        .map(|write| (format!("--write {}", write.path.display()), FileIdentity::of(&write.path).ok()))
        .collect();
    others.push(("stdout".to_owned(), FileIdentity::of_stdout()));
    others.push(("stderr".to_owned(), FileIdentity::of_stderr()));
    others.extend(read.map(|(name, list)| match list {
        ListSource::File(list) => (format!("{name} {}", list.display()), FileIdentity::of(list).ok()),
        ListSource::Stdin => (format!("{name} -"), FileIdentity::of_stdin()),
    }));
    if let Some((other, _)) = others.into_iter().find(|(_, found)| found.as_ref() == Some(&journal)) {
        bail!("--journal {} and {other} are the same file: the journal needs its own file", path.display());
    }
    journal::check_file(path).with_context(why)
}

/// A temporary file for `what`. It has no name, so it is gone with the process, however that ends.
pub(super) fn temporary_file(what: &str) -> Result<File> {
    tempfile::tempfile().with_context(|| keeping(what))
}

/// What was attempted, for errors of such a file: the folder that may be full, and how to choose another.
pub(super) fn keeping(what: &str) -> String {
    let folder = std::env::temp_dir();
    format!("keeping the {what} in a temporary file in {} (set TMPDIR to use another folder)", folder.display())
}
