//! Files that a run reads, and that no output may replace.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::report::ReportAddress;

/// A file that a run reads, which no output may replace.
#[derive(Debug, Clone)]
pub(in crate::commands) struct InputFile {
    pub(in crate::commands) path: PathBuf,
    /// What it is, for messages.
    pub(in crate::commands) what: &'static str,
}

/// The files of a local report that its address names. Its data files are known when it is opened.
pub(in crate::commands) fn files_of(report: &ReportAddress) -> Vec<InputFile> {
    let ReportAddress::Local(path) = report else { return Vec::new() };
    let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(path) };
    let named = [path.clone(), folder.join("manifest.json"), folder.join("manifest.checksum")];
    named.map(|path| InputFile { path, what: "part of the report" }).to_vec()
}

/// Reads a whole file of at most this many bytes. A pipe may block without end, so another thread opens it: the command can
/// still end after a signal.
pub(in crate::commands) async fn read_input(path: &Path, longest: u64) -> Result<Vec<u8>> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        File::open(path)?.take(longest + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > longest {
            bail!("it is longer than {longest} bytes");
        }
        Ok(bytes)
    });
    read.await?
}
