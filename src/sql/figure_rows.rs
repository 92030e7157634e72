//! Takes figures as rows of cells, as Athena's API gives them.

use s3_inventory::quoted;

use super::dialect::Dialect;
use super::figures_text::FiguresError;
use crate::audit::{FIGURE_COLUMNS, FigureRow, FigureTaker};

/// Figures that arrive in rows. Nothing is skipped but a header.
pub(crate) struct FigureRows<S> {
    sums: S,
    rows: u64,
    /// Whether a header may come.
    begins: bool,
}

impl<S: FigureTaker> FigureRows<S> {
    pub(crate) fn new(sums: S) -> Self {
        Self { sums, rows: 0, begins: true }
    }

    /// The next row is the first of another result.
    pub(crate) fn begin(&mut self) {
        self.begins = true;
    }

    /// Takes the next row. NULL is an empty cell.
    pub(crate) fn add(&mut self, cells: &[&str]) -> Result<(), FiguresError> {
        self.rows += 1;
        if std::mem::take(&mut self.begins) && cells == FIGURE_COLUMNS {
            return Ok(());
        }
        let at = |why| FiguresError::Row { line: self.rows, why };
        let row = FigureRow::parse(cells).map_err(at)?;
        self.sums.add(&row).map_err(at)
    }

    /// Ends after the last row. The figures must be those of the statements for Athena.
    pub(crate) fn finish(self) -> Result<S::Output, FiguresError> {
        if self.rows == 0 {
            return Err(FiguresError::Empty);
        }
        match self.sums.dialect().map(str::to_owned) {
            Some(other) if Dialect::named(&other) != Some(Dialect::Athena) => {
                Err(FiguresError::OtherDialect(quoted(other.as_bytes())))
            }
            Some(_) | None => Ok(self.sums.finish()?),
        }
    }
}
