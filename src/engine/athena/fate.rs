//! What is known of a statement.

use super::error::AthenaError;
use super::execution::{ExecutionId, ExecutionProgress, ExecutionState};

#[derive(Debug)]
pub(super) enum StatementFate {
    NotStarted,
    /// It may run, and its id is not known.
    Unknown,
    Started {
        id: ExecutionId,
        /// Whether Athena said that this id is of this statement.
        seen: bool,
    },
    /// FAILED or CANCELLED.
    Failed,
    Succeeded,
}

impl StatementFate {
    /// Learns from a look at the statement.
    pub(super) fn learn(&mut self, looked: &Result<ExecutionProgress, AthenaError>) {
        let Self::Started { seen, .. } = self else { return };
        match looked {
            Err(AthenaError::OtherStatement { .. }) => *self = Self::Unknown,
            Err(_) => {}
            Ok(progress) => match progress.state {
                ExecutionState::Queued | ExecutionState::Running => *seen = true,
                ExecutionState::Succeeded => *self = Self::Succeeded,
                ExecutionState::Failed(_) | ExecutionState::Cancelled(_) => *self = Self::Failed,
            },
        }
    }

    /// Whether the statement may do something later.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Unknown | Self::Started { .. })
    }
}
