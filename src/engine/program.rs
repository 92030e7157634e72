//! Which program is run: the one that was given, or Spark's own.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::EngineError;
use crate::model::escape;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EngineProgram {
    /// A command line for the shell, with options of its own.
    Given(String),
    Found(PathBuf),
}

impl EngineProgram {
    /// The given command, or `spark-sql` in the folder SPARK_HOME or in one of the folders of PATH.
    pub(crate) fn spark(
        given: Option<&str>,
        spark_home: Option<&OsStr>,
        path: Option<&OsStr>,
    ) -> Result<Self, EngineError> {
        if let Some(command) = given {
            return Ok(Self::Given(command.to_owned()));
        }
        let home = spark_home.filter(|home| !home.is_empty()).map(|home| Path::new(home).join("bin"));
        let folders = path.map(std::env::split_paths).into_iter().flatten();
        let mut found = home.into_iter().chain(folders).map(|folder| folder.join("spark-sql"));
        found.find(|program| program.is_file()).map(Self::Found).ok_or(EngineError::NotFound)
    }

    /// How messages and results name it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Given(command) => escape(command).into_owned(),
            Self::Found(path) => path.display().to_string(),
        }
    }

    /// The command that runs the statements of a file in a folder, which is removed later.
    pub(super) fn command(&self, folder: &Path, script: &str) -> Command {
        let mut command = match self {
            Self::Given(line) => {
                // The shell splits it as people expect, and is replaced by the program.
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(format!("exec {line} \"$@\"")).arg("sh");
                shell
            }
            Self::Found(path) => Command::new(path),
        };
        // ORC times are read in the zone of the process.
        command.env("TZ", "UTC").args(["--conf", "spark.executorEnv.TZ=UTC"]);
        command.args(["--conf", "spark.ui.showConsoleProgress=true"]);
        // Otherwise it makes a database of its own in the current folder.
        command.args(["--conf", "spark.sql.catalogImplementation=in-memory", "--conf"]);
        let mut warehouse = OsString::from("spark.sql.warehouse.dir=file:");
        warehouse.push(folder.join("warehouse"));
        command.arg(warehouse).arg("-f").arg(folder.join(script));
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_command_comes_before_spark_home_and_path() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::fs::write(bin.join("spark-sql"), "").unwrap();
        let (home, bin_text) = (folder.path().as_os_str(), bin.as_os_str());
        let found = EngineProgram::Found(bin.join("spark-sql"));
        let spark = |given, home, path| EngineProgram::spark(given, home, path).ok();
        assert_eq!(spark(Some("x -y"), Some(home), None), Some(EngineProgram::Given("x -y".to_owned())));
        assert_eq!(spark(None, Some(home), None), Some(found.clone()));
        assert_eq!(spark(None, None, Some(bin_text)), Some(found.clone()));
        assert_eq!(spark(None, Some(OsStr::new("")), Some(bin_text)), Some(found));
        assert_eq!(spark(None, Some(OsStr::new("/nowhere")), Some(OsStr::new("/nowhere"))), None);
    }
}
