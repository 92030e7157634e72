//! Why Athena gave no figures.

use super::hints::{hint_of_code, hint_of_statement};
use super::purpose::StatementPurpose;
use crate::model::{Failure, human_bytes};
use crate::s3::EndlessList;
use crate::sql::FiguresError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum AthenaError {
    #[error("{failure}{}", next(&failure.code))]
    Request { failure: Failure },
    #[error("{purpose}: Athena says FAILED: {reason}; {}", hint_of_statement(*.purpose))]
    Failed { purpose: StatementPurpose, reason: String },
    #[error("{purpose}: Athena says CANCELLED: {reason}; somebody stopped it, or the workgroup has a limit")]
    Cancelled { purpose: StatementPurpose, reason: String },
    #[error("{purpose}: Athena's answer has the state {state:?}, which is not known")]
    UnknownState { purpose: StatementPurpose, state: String },
    #[error("{purpose}: Athena's answer has no {field}")]
    NoField { purpose: StatementPurpose, field: &'static str },
    #[error("{purpose}: Athena answered about the query {found}, and was asked about {asked}")]
    OtherQuery { purpose: StatementPurpose, asked: String, found: String },
    #[error("{purpose}: Athena gave the ID {id}, which is of another statement")]
    OtherStatement { purpose: StatementPurpose, id: String },
    #[error("reading the result: {0}")]
    Endless(#[from] EndlessList),
    #[error("the figures of Athena can't be trusted: {0}")]
    Figures(#[from] FiguresError),
    #[error(
        "the query scans too much: it has scanned {}, and --athena-max-scan is {}; does the folder of symlink.txt have other files?",
        human_bytes(*.scanned),
        human_bytes(*.most)
    )]
    ScansTooMuch { scanned: u64, most: u64 },
    #[error("{purpose}: not done after {seconds} seconds")]
    TooSlow { purpose: StatementPurpose, seconds: u64 },
    #[error("interrupted")]
    Interrupted,
    #[error("a defect of replaudit, see the message above")]
    Defect,
}

impl AthenaError {
    pub(super) fn request(failure: Failure) -> Self {
        Self::Request { failure }
    }

    /// Whether Athena refused a request, and would refuse it again.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Request { failure } if is_refusal(failure) && !is_throttled(failure))
    }
}

/// Whether the server says that it did nothing.
pub(super) fn is_refusal(failure: &Failure) -> bool {
    failure.http_status.is_some_and(|status| (300..500).contains(&status))
}

pub(super) fn is_throttled(failure: &Failure) -> bool {
    failure.http_status == Some(429)
        || ["TooManyRequestsException", "ThrottlingException"].contains(&failure.code.as_str())
}

fn next(code: &str) -> String {
    hint_of_code(code).map(|hint| format!("; {hint}")).unwrap_or_default()
}
