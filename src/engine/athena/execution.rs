//! One statement that Athena carries out.

use std::fmt;

use super::error::AthenaError;
use super::purpose::StatementPurpose;

/// The id of a statement that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExecutionId {
    purpose: StatementPurpose,
    id: String,
}

impl ExecutionId {
    pub(super) fn new(purpose: StatementPurpose, id: String) -> Self {
        Self { purpose, id }
    }

    pub(super) fn purpose(&self) -> StatementPurpose {
        self.purpose
    }

    pub(super) fn text(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// Athena's states. The last two have its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExecutionState {
    Queued,
    Running,
    Succeeded,
    Failed(String),
    Cancelled(String),
}

/// Where a statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExecutionProgress {
    pub(super) state: ExecutionState,
    /// Bytes, where Athena says so.
    pub(super) scanned: Option<u64>,
}

impl ExecutionProgress {
    /// Whether the statement is done; an error if it gave nothing.
    pub(super) fn is_done(&self, purpose: StatementPurpose) -> Result<bool, AthenaError> {
        match &self.state {
            ExecutionState::Queued | ExecutionState::Running => Ok(false),
            ExecutionState::Succeeded => Ok(true),
            ExecutionState::Failed(reason) => Err(AthenaError::Failed { purpose, reason: reason.clone() }),
            ExecutionState::Cancelled(reason) => Err(AthenaError::Cancelled { purpose, reason: reason.clone() }),
        }
    }
}
