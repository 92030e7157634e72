//! The file that a CI system shows as the summary of a job: a result is appended to it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{FileFault, OutputError};
use super::temporary::folder_of;

/// GitHub refuses summaries of more than 1 MiB for a step.
const MOST: usize = 1_000_000;

/// A result in memory, which is appended when it is whole.
#[derive(Debug)]
pub(super) struct StepSummary {
    pub(super) path: PathBuf,
    file: File,
    text: Vec<u8>,
    is_cut: bool,
}

impl StepSummary {
    /// `variable` names the file.
    pub(super) fn open(path: &Path, variable: &'static str) -> Result<Self, OutputError> {
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(|error| {
            let why = FileFault::of_folder(folder_of(path), error, variable);
            OutputError::File { path: path.to_owned(), why }
        })?;
        Ok(Self { path: path.to_owned(), file, text: Vec::new(), is_cut: false })
    }

    pub(super) fn commit(mut self) -> Result<(), OutputError> {
        if self.is_cut {
            self.text.extend(b"\n\nThe result is too long for this summary; the log and --write have all of it.\n");
        }
        let written = self.file.write_all(&self.text);
        written.map_err(|error| OutputError::File { path: self.path.clone(), why: FileFault::Io(error) })
    }
}

/// Ends at a line when the result is too long.
impl Write for StepSummary {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if !self.is_cut {
            self.text.extend(text);
        }
        if self.text.len() > MOST {
            self.is_cut = true;
            let end = memchr::memrchr(b'\n', &self.text[..MOST]).map_or(0, |at| at + 1);
            self.text.truncate(end);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_appended_and_cut_at_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("summary");
        std::fs::write(&path, "before\n").unwrap();
        let mut summary = StepSummary::open(&path, "SUMMARY").unwrap();
        for _ in 0..MOST / 5 {
            summary.write_all(b"| a row |\n").unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\n", "nothing before it is whole");
        summary.commit().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("before\n| a row |\n") && text.len() < 1 << 20);
        assert!(text.ends_with(
            "| a row |\n\n\nThe result is too long for this summary; the log and --write have all of it.\n"
        ));
    }
}
