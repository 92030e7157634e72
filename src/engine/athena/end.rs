//! How a run ended.

use super::error::AthenaError;
use crate::audit::Tally;

/// The figures, and what they cost.
pub(crate) struct AthenaAnswer {
    pub(crate) tally: Tally,
    /// Bytes, where Athena says so.
    pub(crate) scanned: Option<u64>,
}

/// What became of the table.
#[derive(Debug)]
pub(crate) enum TableEnd {
    NotCreated,
    Dropped,
    /// It was dropped if it was there. Its creation was asked for and never answered, so it may appear later.
    MayAppear,
    /// It may be there.
    Left(AthenaError),
}

/// The end of a run.
pub(crate) struct AthenaEnd {
    pub(crate) answer: Result<AthenaAnswer, AthenaError>,
    pub(crate) table: TableEnd,
}
