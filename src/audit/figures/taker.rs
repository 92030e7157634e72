//! What takes the rows of figures, of any question.

use super::error::FigureError;
use super::row::FigureRow;

/// Takes rows of figures one by one, and says at their end whether they are complete.
pub(crate) trait FigureTaker: Send + 'static {
    type Output: Send + 'static;

    /// Takes one row.
    fn add(&mut self, row: &FigureRow) -> Result<(), FigureError>;

    /// The dialect of the statements, as the row `question` names it.
    fn dialect(&self) -> Option<&str>;

    /// Ends after the last row.
    fn finish(self) -> Result<Self::Output, FigureError>;
}
