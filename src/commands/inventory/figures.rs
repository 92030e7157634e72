//! Figures that an engine computed before: `--figures`.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::super::Context;
use super::super::reports::footers;
use super::options::{FiguresInput, RowSource};
use crate::audit::{Question, Tally};
use crate::report::Report;
use crate::sql::read_figures;

impl FiguresInput {
    /// How messages and results name them.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin()),
            Self::File(path) => Box::new(File::open(path)?),
        })
    }
}

impl RowSource {
    /// Who added up the rows, if it was not this program.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Local => None,
            Self::Figures(input) => Some(input.name()),
            Self::Spark(_) => Some("Spark".to_owned()),
            Self::Athena(_) => Some("Athena".to_owned()),
        }
    }
}

/// Reads figures, and holds them against the report's manifest and footers.
pub(super) async fn figures(
    input: &FiguresInput,
    report: &Arc<Report>,
    question: &Question,
    context: &Context,
) -> Result<Tally> {
    let footers = footers(report, question, context).await?;
    let sums = report.figure_sums(question, footers)?;
    let name = input.name();
    let what = || format!("the figures in {name} can't be trusted");
    let input = input.clone();
    // A pipe may block without end, so the thread that receives signals does not read it.
    let read = tokio::task::spawn_blocking(move || {
        let text = input.open()?;
        anyhow::Ok(read_figures(BufReader::new(text), sums))
    });
    let tally =
        read.await?.with_context(|| format!("opening the figures in {name} (--figures)"))?.with_context(what)?;
    report.check_figures(&tally).with_context(what)?;
    Ok(tally)
}
