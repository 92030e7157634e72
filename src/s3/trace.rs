//! Reports requests, for `--verbose`.

use std::sync::Arc;

/// An event of one request. Never contains a credential, a signature or a presigned URL.
#[derive(Clone, Copy)]
pub(crate) enum RequestEvent<'a> {
    Sent(RequestInfo<'a>),
    Answered { operation: &'static str, outcome: RequestOutcome, request_id: Option<&'a str> },
}

/// The operation, the bucket or object, and the purpose of a request.
#[derive(Clone, Copy)]
pub(crate) struct RequestInfo<'a> {
    pub operation: &'static str,
    pub about: &'a (dyn std::fmt::Display + Sync),
    pub why: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestOutcome {
    /// 2xx.
    Success,
    /// Any other HTTP status, or a 2xx that can't be read.
    Status(u16),
    NoAnswer,
}

pub(crate) type RequestObserver = Arc<dyn Fn(RequestEvent<'_>) + Send + Sync>;
