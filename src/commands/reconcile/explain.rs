//! Errors of a pair of reports, with the name of the report.

use anyhow::anyhow;

use super::super::reports::ExportFile;
use super::sides::OpenSide;
use crate::reconcile::{PairClass, PairSide};
use crate::report::{PairError, ReportError};

/// Names the side of an error, and the export where it could not be written.
pub(super) fn explain(
    error: PairError,
    source: &OpenSide,
    destination: &OpenSide,
    exporting: Option<&ExportFile<'_, Vec<PairClass>>>,
) -> anyhow::Error {
    let (side, error) = match error {
        PairError::Report { side, error } => (side, error),
        PairError::Run(error) => return error.into(),
        other @ (PairError::Overflow(_) | PairError::Twice { .. }) => return other.into(),
    };
    let name = match side {
        PairSide::Source => &source.report.name,
        PairSide::Destination => &destination.report.name,
    };
    match error {
        ReportError::Damaged(damage) => {
            let next = "copy its files again if it is a copy, or use an older report";
            anyhow!("the {} report {name} can't be trusted: {damage}; {next}", side.word())
        }
        error @ (ReportError::Export(_) | ReportError::Spill(_) | ReportError::Stopped) => match exporting {
            Some(exporting) => exporting.explain(error),
            None => error.into(),
        },
        error => anyhow::Error::from(error).context(format!("reading the {} report {name}", side.word())),
    }
}
