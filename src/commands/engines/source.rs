//! Who adds up the rows of reports, as the command line says.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use super::super::reports::InputFile;
use crate::engine::AthenaSettings;

/// Who adds up the rows of reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowSource {
    /// This program.
    Local,
    /// An engine, before: its figures are in a file, or come from stdin.
    Figures(FiguresInput),
    /// Spark, run by this program; with the command that runs it, if it was given.
    Spark(Option<String>),
    /// Athena, asked with these settings.
    Athena(AthenaSettings),
}

impl RowSource {
    /// Who added up the rows, if it was not this program.
    pub(in crate::commands) fn name(&self) -> Option<String> {
        match self {
            Self::Local => None,
            Self::Figures(input) => Some(input.name()),
            Self::Spark(_) => Some("Spark".to_owned()),
            Self::Athena(_) => Some("Athena".to_owned()),
        }
    }

    /// The file of `--figures`.
    pub(in crate::commands) fn figures_file(&self) -> Option<InputFile> {
        match self {
            Self::Figures(FiguresInput::File(path)) => {
                Some(InputFile { path: path.clone(), what: "the file of --figures" })
            }
            Self::Figures(FiguresInput::Stdin) | Self::Local | Self::Spark(_) | Self::Athena(_) => None,
        }
    }
}

/// Where figures are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FiguresInput {
    Stdin,
    File(PathBuf),
}

impl FiguresInput {
    /// How messages and results name them.
    pub(in crate::commands) fn name(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    pub(super) fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin()),
            Self::File(path) => Box::new(File::open(path)?),
        })
    }
}
