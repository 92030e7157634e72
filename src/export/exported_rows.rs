//! Figures of an engine that also exported objects: one more row has the number of lines that it found in the written files.

use s3_inventory::quoted;

use crate::audit::{FigureError, FigureRow, FigureTaker};

/// The dimension of that row.
pub(crate) const EXPORTED: &str = "exported";

/// Takes the row, and passes the others on.
pub(crate) struct ExportedRows<S> {
    figures: S,
    /// Whether the row is expected.
    is_wanted: bool,
    lines: Option<u64>,
}

impl<S> ExportedRows<S> {
    pub(crate) fn new(figures: S, is_wanted: bool) -> Self {
        Self { figures, is_wanted, lines: None }
    }
}

impl<S: FigureTaker> FigureTaker for ExportedRows<S> {
    /// The figures, and the number of lines if something was exported.
    type Output = (S::Output, Option<u64>);

    fn add(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        if !self.is_wanted || row.dimension != EXPORTED {
            return self.figures.add(row);
        }
        if !row.value.is_empty() || !row.status.is_empty() {
            return Err(FigureError::Value(quoted(row.value.as_bytes()), EXPORTED.to_owned()));
        }
        match self.lines.replace(row.objects) {
            None => Ok(()),
            Some(_) => Err(FigureError::Twice(EXPORTED.to_owned())),
        }
    }

    fn dialect(&self) -> Option<&str> {
        self.figures.dialect()
    }

    fn finish(self) -> Result<Self::Output, FigureError> {
        let figures = self.figures.finish()?;
        match self.lines {
            None if self.is_wanted => Err(FigureError::Missing(EXPORTED.to_owned())),
            lines => Ok((figures, lines)),
        }
    }
}
