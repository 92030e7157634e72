//! One statement that Athena carries out.

use std::fmt;

use super::error::AthenaError;
use super::purpose::StatementPurpose;

/// A statement, and what tells it from the others of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunStatement<'a> {
    pub(super) purpose: StatementPurpose,
    pub(super) text: &'a str,
    /// A name that it contains: of its table, or of the run.
    pub(super) names: &'a str,
}

/// The id of a statement that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExecutionId {
    purpose: StatementPurpose,
    names: String,
    id: String,
}

impl ExecutionId {
    pub(super) fn new(statement: RunStatement<'_>, id: String) -> Self {
        Self { purpose: statement.purpose, names: statement.names.to_owned(), id }
    }

    pub(super) fn purpose(&self) -> StatementPurpose {
        self.purpose
    }

    /// A name that the statement contains.
    pub(super) fn names(&self) -> &str {
        &self.names
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
