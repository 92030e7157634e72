//! Temporary files without a name: they are gone with the process, however it ends.

use std::fs::File;

use anyhow::{Context as _, Result};

/// A temporary file for `what`.
pub(super) fn temporary_file(what: &str) -> Result<File> {
    tempfile::tempfile().with_context(|| keeping(what))
}

/// What was attempted, for errors of such a file: the folder that may be full, and how to choose another.
pub(super) fn keeping(what: &str) -> String {
    let folder = std::env::temp_dir();
    format!("keeping the {what} in a temporary file in {} (TMPDIR names another folder)", folder.display())
}
