//! Small files that a run reads beside a report.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Result, bail};

/// A file that a run reads, which no output may replace.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct InputFile<'a> {
    pub(in crate::commands) path: &'a Path,
    /// What it is, for messages.
    pub(in crate::commands) what: &'static str,
}

/// Reads a whole file of at most this many bytes. A pipe may block without end, so the thread that receives signals does not
/// open it.
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
