//! The files that a run writes: no two of them are one file, and none of them is a file that the run reads.

use std::path::{Path, PathBuf};

use super::file_identity::FileIdentity;

#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputClash {
    /// Two outputs would replace each other.
    #[error("{one} and {other} are the same file: give each output its own file")]
    Twice { one: String, other: String, file: FileIdentity },
    /// It would replace what is read.
    #[error("{output}: {} is {what}, and is not replaced", path.display())]
    Input { output: String, path: PathBuf, what: String, file: FileIdentity },
}

impl OutputClash {
    /// The file that is not written.
    pub(crate) fn file(&self) -> &FileIdentity {
        match self {
            Self::Twice { file, .. } | Self::Input { file, .. } => file,
        }
    }
}

/// The files that a run writes, and what each is for.
#[derive(Debug, Clone, Default)]
pub(crate) struct OutputFiles(Vec<(FileIdentity, String)>);

impl OutputFiles {
    /// Refuses a file that is one of them.
    pub(crate) fn add(&mut self, file: FileIdentity, name: String) -> Result<(), OutputClash> {
        if let Some((_, other)) = self.0.iter().find(|(known, _)| *known == file) {
            return Err(OutputClash::Twice { one: other.clone(), other: name, file });
        }
        self.0.push((file, name));
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses `path`, which the run reads, if it is one of them. `what` it is: "the list of --from", for example.
    pub(crate) fn spare(&self, path: &Path, what: &str) -> Result<(), OutputClash> {
        FileIdentity::of(path).map_or(Ok(()), |file| self.spare_file(&file, path, what))
    }

    /// The same for standard input, if that is a file.
    pub(crate) fn spare_stdin(&self, what: &str) -> Result<(), OutputClash> {
        FileIdentity::of_stdin_file().map_or(Ok(()), |file| self.spare_file(&file, Path::new("-"), what))
    }

    fn spare_file(&self, file: &FileIdentity, path: &Path, what: &str) -> Result<(), OutputClash> {
        match self.0.iter().find(|(known, _)| known == file) {
            None => Ok(()),
            Some((_, output)) => Err(OutputClash::Input {
                output: output.clone(),
                path: path.to_owned(),
                what: what.to_owned(),
                file: file.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_one_output_and_no_part_of_a_report() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("one"), "").unwrap();
        std::fs::hard_link(path("one"), path("hard")).unwrap();
        let of = |name: &str| FileIdentity::of(&path(name)).unwrap();
        let mut files = OutputFiles::default();
        files.add(of("one"), "a".to_owned()).unwrap();
        files.add(of("new"), "b".to_owned()).unwrap();
        let twice = files.add(of("hard"), "c".to_owned()).unwrap_err();
        assert_eq!(twice.to_string(), "a and c are the same file: give each output its own file");
        let refused = files.spare(&path("hard"), "the list").unwrap_err().to_string();
        assert!(refused.starts_with("a: ") && refused.ends_with("hard is the list, and is not replaced"));
        assert!(files.spare(&path("other"), "r").is_ok() && files.spare(&path("none/x"), "r").is_ok());
    }
}
