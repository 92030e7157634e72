//! A failed request: S3's code and message, or our own if S3 sent none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Bucket;

/// What a failed request means for the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailureKind {
    /// S3 refused (403). The object may exist or not.
    Denied,
    /// The server has no such operation (501 NotImplemented, 405 MethodNotAllowed).
    NotImplemented,
    #[default]
    Other,
}

/// An option of the run that may be why S3 denied access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SuspectOption {
    NoSignRequest,
    ExpectedBucketOwner,
}

impl std::fmt::Display for SuspectOption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoSignRequest => "--no-sign-request",
            Self::ExpectedBucketOwner => "--expected-bucket-owner",
        })
    }
}

/// A request without a usable answer.
///
/// An error of HEAD has no body, so S3's own code is known only if a GET of the same object brought it
/// (API Reference, HeadObject).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// S3's error code. Without one, a code of ours: `Forbidden`, `ConnectionFailed`, `TimedOut` ….
    pub code: String,
    /// The HTTP status; `None` without an answer.
    pub http_status: Option<u16>,
    /// What was attempted, and the result.
    pub message: String,
    /// The likely cause, and what to do.
    pub hint: Option<String>,
    /// S3's `x-amz-request-id`.
    pub request_id: Option<String>,
    /// What it means for the question.
    #[serde(skip)]
    pub kind: FailureKind,
    /// An option of the run that may be why S3 denied access.
    #[serde(skip)]
    pub(crate) suspect: Option<SuspectOption>,
}

impl Failure {
    /// A failure with our own code, without an answer of S3.
    pub fn new(code: &str, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self {
            code: code.to_owned(),
            http_status: None,
            message: message.into(),
            hint: hint.map(str::to_owned),
            request_id: None,
            kind: FailureKind::Other,
            suspect: None,
        }
    }

    /// Adds a hint with the needed permission, if S3 denied access.
    pub fn needing(self, permission: &str, bucket: &Bucket) -> Self {
        // Wrong and expired keys get 403 too, and have their own hint.
        if !self.is_denied() {
            return self;
        }
        let needs = format!("it needs {permission} on bucket {bucket}");
        let hint = match self.suspect {
            Some(option) => format!("{option} may be the cause; otherwise {needs}"),
            None => format!("{needs}; a requester-pays bucket also needs --request-payer requester"),
        };
        Self { hint: Some(hint), ..self }
    }

    /// Whether S3 denied access, and not because of a wrong or expired key.
    ///
    /// A 403 of HEAD has no code, so there the reason is not known.
    pub(crate) fn is_denied(&self) -> bool {
        self.kind == FailureKind::Denied && ["AccessDenied", "Forbidden"].contains(&self.code.as_str())
    }

    /// Whether the server will never show this to the caller: access denied, or an unknown operation.
    ///
    /// Unknown access keys and wrong clocks get 403 too, but then S3 did not check the permission.
    pub fn is_refusal(&self) -> bool {
        match self.kind {
            FailureKind::Denied => self.code == "AccessDenied",
            FailureKind::NotImplemented => true,
            FailureKind::Other => false,
        }
    }
}

impl Failure {
    /// The text without the hint, for reports that print each hint once.
    pub(crate) fn without_hint(&self) -> String {
        let id = self.request_id.as_ref().map(|id| format!(" (request ID {id})")).unwrap_or_default();
        format!("{}{id}", self.message)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.without_hint())?;
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
