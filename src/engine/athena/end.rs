//! How a run ended.

use super::error::AthenaError;

/// What became of a table.
#[derive(Debug)]
pub(crate) enum TableEnd {
    NotCreated,
    Dropped,
    /// Its creation failed or was stopped, and dropping it succeeds also if it is not there.
    NotThere,
    /// It was dropped if it was there. Whether it is created is not known, so it may appear later.
    MayAppear,
    /// It was created, and not dropped.
    Left(AthenaError),
    /// It may be there. Where its creation may still go on, it may also appear later.
    MayBeLeft {
        why: AthenaError,
        may_appear: bool,
    },
}

/// What became of the query.
#[derive(Debug)]
pub(crate) enum QueryEnd {
    NotStarted,
    Ended,
    /// With its id, and why its end is not known.
    MayRun {
        id: String,
        why: AthenaError,
    },
    /// It may have been started, and its id is not known.
    MayRunUnnamed,
}

/// The end of a run.
#[derive(Debug)]
pub(crate) struct AthenaEnd<T> {
    pub(crate) answer: Result<T, AthenaError>,
    /// Bytes that the query had scanned when it was last looked at, where Athena said so.
    pub(crate) scanned: Option<u64>,
    pub(crate) query: QueryEnd,
    /// In the order of the tables.
    pub(crate) tables: Vec<TableEnd>,
}

impl<T> AthenaEnd<T> {
    /// Why there are no figures, if that is more than a signal.
    pub(crate) fn failure(&self) -> Option<&AthenaError> {
        self.answer.as_ref().err().filter(|why| !matches!(why, AthenaError::Interrupted))
    }
}
