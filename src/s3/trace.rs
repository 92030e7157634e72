//! What a store reports about its requests, for `--verbose`.

use std::sync::Arc;

/// What happens to one request: never a credential, a signature or a presigned URL.
#[derive(Clone, Copy)]
pub(crate) enum RequestEvent<'a> {
    /// It is about to be sent.
    Sent(RequestInfo<'a>),
    /// What came back.
    Answered {
        /// S3's name of the operation.
        operation: &'static str,
        /// How it went.
        outcome: RequestOutcome,
        /// S3's `x-amz-request-id`.
        request_id: Option<&'a str>,
    },
}

/// What one request asks of S3, and why.
#[derive(Clone, Copy)]
pub(crate) struct RequestInfo<'a> {
    /// S3's name of the operation.
    pub operation: &'static str,
    /// What it is about.
    pub about: &'a (dyn std::fmt::Display + Sync),
    /// What the answer is wanted for.
    pub why: &'static str,
}

/// How a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestOutcome {
    /// 2xx.
    Success,
    /// Any other HTTP status, or a 2xx that can't be read.
    Status(u16),
    /// No answer came.
    NoAnswer,
}

/// Receives every [`RequestEvent`].
pub(crate) type RequestObserver = Arc<dyn Fn(RequestEvent<'_>) + Send + Sync>;
