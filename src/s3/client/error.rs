//! Turns an error of the SDK into a failure: what was attempted, what S3 answered, the likely cause and what to do.
//!
//! Branches on the raw HTTP status: an error of HEAD has no body, so the SDK has no code for it (API Reference,
//! "Error responses"). Only 2xx is success; S3's 301 has no `Location` and no body.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::whole_answers::RefusedAnswer;
use crate::model::{CaughtPanic, Failure, FailureKind, SuspectOption, shortened};

/// Why a request failed, without the SDK's types.
#[derive(Debug, Clone)]
pub(in crate::s3) enum RequestError {
    /// The answer is not a success, or the SDK can't read it.
    Answered(Box<ErrorAnswer>),
    /// Without an answer, or with one that is not used. `endpoint` is the custom endpoint.
    NoAnswer { transport: TransportError, cause: String, endpoint: Option<String> },
}

/// An answer that is not a success.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct ErrorAnswer {
    pub(in crate::s3) status: u16,
    /// S3's own code. A gateway's answer has none.
    pub(in crate::s3) code: Option<String>,
    pub(in crate::s3) message: Option<String>,
    pub(in crate::s3) request_id: Option<String>,
    pub(in crate::s3) bucket_region: Option<String>,
    pub(in crate::s3) delete_marker: bool,
    pub(in crate::s3) version_id: Option<String>,
    /// The error of the SDK.
    pub(in crate::s3) cause: String,
    /// An option of the run that may be why S3 denied access.
    pub(in crate::s3) suspect: Option<SuspectOption>,
}

/// Where a request without an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::s3) enum TransportError {
    /// The SDK could not build it.
    NotBuilt,
    /// The bucket is an ARN, and URLs have path style.
    ArnInPath,
    /// No connection was made.
    NeverSent,
    /// Timeout. It may have been sent.
    TimedOut,
    /// The connection broke, or the answer was not HTTP. It may have been sent.
    Broken,
    /// It was sent, and the answer is not used.
    Unusable,
    /// It was sent, and a cache answered.
    Cached,
    /// The program panicked while it sent the request or read the answer. It may have been sent.
    Panicked,
}

impl TransportError {
    fn of<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::ConstructionFailure(_) => Self::NotBuilt,
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(_) if is_cached(error) => Self::Cached,
            SdkError::DispatchFailure(_) if is_refused(error) => Self::Unusable,
            // Also after a connect timeout.
            SdkError::DispatchFailure(_) if never_connected(error) => Self::NeverSent,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::TimedOut,
            _ => Self::Broken,
        }
    }

    /// Our code, and what to do.
    fn code_and_hint(self) -> (&'static str, &'static str) {
        match self {
            Self::NotBuilt => {
                ("RequestNotBuilt", "the AWS SDK can't ask for this; it refuses keys of white space alone")
            }
            Self::ArnInPath => (
                "RequestNotBuilt",
                "a custom endpoint gets path-style URLs by default: give --addressing-style virtual, or name the bucket itself",
            ),
            Self::NeverSent => (
                "ConnectionFailed",
                "check the endpoint (--endpoint-url, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile), the network, the proxy variables and the name's DNS entry",
            ),
            Self::TimedOut => ("TimedOut", "the server is slow or out of reach: try again, or raise --read-timeout"),
            Self::Broken => {
                ("ConnectionBroken", "the connection was closed too early: try again; is that an S3 endpoint?")
            }
            Self::Unusable => ("UnreadableAnswer", "is that an S3 endpoint?"),
            Self::Cached => (
                "CachedAnswer",
                "an old answer proves nothing: ask S3 without the cache or proxy (NO_PROXY, --endpoint-url)",
            ),
            Self::Panicked => ("Panicked", "report it with the command and this message"),
        }
    }
}

impl RequestError {
    pub(in crate::s3) fn of<E>(error: &SdkError<E, HttpResponse>, endpoint: Option<&str>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let cause = chain(error);
        let Some(response) = error.raw_response() else {
            let endpoint = endpoint.map(str::to_owned);
            return Self::NoAnswer { transport: TransportError::of(error), cause, endpoint };
        };
        let meta = match error {
            SdkError::ServiceError(service) => Some(service.err().meta()),
            _ => None,
        };
        let header = |name: &str| response.headers().get(name).map(str::to_owned);
        Self::Answered(Box::new(ErrorAnswer {
            status: response.status().as_u16(),
            // The SDK invents "NotFound" for a bare 404 of HEAD; S3 sends no code there.
            code: meta.and_then(|meta| meta.code()).filter(|code| !["NotFound", ""].contains(code)).map(shortened),
            message: meta.and_then(|meta| meta.message()).filter(|text| !text.is_empty()).map(one_line),
            // The second is that of other services than S3.
            request_id: header("x-amz-request-id").or_else(|| header("x-amzn-requestid")).as_deref().map(shortened),
            bucket_region: header("x-amz-bucket-region"),
            delete_marker: header("x-amz-delete-marker").is_some_and(|v| v.eq_ignore_ascii_case("true")),
            version_id: header("x-amz-version-id"),
            cause,
            suspect: None,
        }))
    }

    /// Names an option of the run that may be why S3 denied access.
    pub(in crate::s3) fn suspecting(mut self, option: Option<SuspectOption>) -> Self {
        if let Self::Answered(answer) = &mut self {
            answer.suspect = option;
        }
        self
    }

    pub(in crate::s3) fn arn_in_path() -> Self {
        let cause = "the ARN of an access point cannot be used in a path-style URL".to_owned();
        Self::NoAnswer { transport: TransportError::ArnInPath, cause, endpoint: None }
    }

    /// An answer of which S3's client found nothing wrong.
    pub(in crate::s3) fn unusable(cause: &str) -> Self {
        Self::NoAnswer { transport: TransportError::Unusable, cause: cause.to_owned(), endpoint: None }
    }

    pub(in crate::s3) fn of_panic(panic: &CaughtPanic) -> Self {
        let cause = format!("a defect of replaudit: {panic}");
        Self::NoAnswer { transport: TransportError::Panicked, cause, endpoint: None }
    }

    pub(in crate::s3) fn answer(&self) -> Option<&ErrorAnswer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::NoAnswer { .. } => None,
        }
    }

    pub(in crate::s3) fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    pub(in crate::s3) fn code(&self) -> Option<&str> {
        self.answer().and_then(|answer| answer.code.as_deref())
    }

    /// The failure to report of a request to another service, without a hint. `attempt` says what was attempted.
    pub(in crate::s3) fn failure_of(self, service: &str, attempt: &str) -> Failure {
        let failure = match self {
            Self::Answered(answer) => answer.failure(service, attempt),
            Self::NoAnswer { transport: TransportError::NeverSent, cause, endpoint } => {
                let message =
                    format!("{attempt}: no connection to {}: {cause}", endpoint.as_deref().unwrap_or(service));
                Failure::new(TransportError::NeverSent.code_and_hint().0, message, None)
            }
            other @ Self::NoAnswer { .. } => other.failure(attempt),
        };
        Failure { hint: None, ..failure }
    }

    /// The failure to report. `attempt` says what was attempted.
    pub(in crate::s3) fn failure(self, attempt: &str) -> Failure {
        match self {
            Self::Answered(answer) => answer.failure("S3", attempt),
            Self::NoAnswer { transport, cause, endpoint } => {
                let message = match transport {
                    TransportError::NeverSent => {
                        format!("{attempt}: no connection to {}: {cause}", endpoint.as_deref().unwrap_or("S3"))
                    }
                    _ => format!("{attempt}: {cause}"),
                };
                let (code, hint) = transport.code_and_hint();
                let hint = match endpoint
                    .filter(|url| transport == TransportError::NeverSent && url.starts_with("https://"))
                {
                    Some(_) => format!("is it an http:// server? Otherwise {hint}"),
                    None => hint.to_owned(),
                };
                Failure::new(code, message, Some(&hint))
            }
        }
    }
}

impl ErrorAnswer {
    /// Whether the bucket may be in another Region. A HEAD signed for the wrong Region often gets a bare 400.
    pub(in crate::s3) fn hints_at_region(&self) -> bool {
        match (self.status, self.code.as_deref()) {
            (301 | 307 | 400, None) | (301 | 307, Some(_)) => true,
            (400, Some("AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" | "BadRequest")) => true,
            (403, _) => self.bucket_region.is_some(),
            (_, _) => false,
        }
    }

    fn failure(self, service: &str, attempt: &str) -> Failure {
        let status = self.status;
        let kind = match (status, self.code.as_deref()) {
            (403, _) => FailureKind::Denied,
            // A proxy may answer with the bare status for its own reasons.
            (501, Some("NotImplemented")) | (405, Some("MethodNotAllowed")) => FailureKind::NotImplemented,
            _ => FailureKind::Other,
        };
        let said = match (&self.code, &self.message) {
            (Some(code), Some(text)) => format!(" {code}: {}", text.trim_end_matches('.')),
            (Some(code), None) => format!(" {code}"),
            (None, _) if (200..300).contains(&status) => format!(", which could not be read: {}", self.cause),
            (None, _) => format!(" {}", reason(status)),
        };
        let suspect = self.suspect.filter(|_| status == 403);
        let hint = self.hint().map(|hint| match (suspect, self.code.as_deref()) {
            (Some(option), None | Some("AccessDenied")) => format!("{option} may be the cause; otherwise: {hint}"),
            (Some(_) | None, _) => hint.to_owned(),
        });
        Failure {
            message: format!("{attempt}: {service} answered {status}{said}"),
            hint,
            suspect,
            code: self.code.unwrap_or_else(|| reason(status).replace(' ', "")),
            http_status: Some(status),
            request_id: self.request_id,
            kind,
        }
    }

    /// What to do, by S3's code, or else by the status.
    fn hint(&self) -> Option<&'static str> {
        // S3 has one code for several mistakes, and only its message tells which.
        let says = |word: &str| self.message.as_deref().is_some_and(|text| text.contains(word));
        Some(match self.code.as_deref() {
            Some("InvalidAccessKeyId") => {
                "the server does not know the access key: check the profile, the environment and --endpoint-url"
            }
            Some("SignatureDoesNotMatch") => {
                "the secret key does not match the access key: check AWS_SECRET_ACCESS_KEY, or the profile"
            }
            Some("ExpiredToken" | "TokenRefreshRequired" | "ExpiredTokenException") => {
                "the session has expired: log in again"
            }
            Some("InvalidToken") => "the session token is not valid: log in again",
            Some("RequestTimeTooSkewed") => "the clock of this machine is wrong: set it",
            Some("NoSuchBucket") => "check the bucket's name, the account and the endpoint (--endpoint-url)",
            Some("InvalidArgument") if says("version") => {
                "S3 does not accept this version ID: copy all of it, as list-object-versions prints it"
            }
            Some("InvalidRequest") if says("Server Side Encryption") => {
                "the object is encrypted with a customer key (SSE-C): S3 needs that key for a HEAD, and replaudit does not support it"
            }
            Some("KMS.DisabledException" | "KMS.KMSInvalidStateException" | "KMS.NotFoundException") => {
                "the KMS key of the object can't be used"
            }
            Some("InvalidBucketName") => "S3 does not allow this bucket name: check it",
            Some("SlowDown") => "S3 asks for fewer requests: lower --concurrency",
            code => match self.status {
                301 | 307 => "the bucket is in another Region, or the endpoint is not its own: give --region",
                304 | 412 => "the object has changed since it was listed or read",
                // S3's message explains it.
                400 if code.is_some() => return None,
                400 => {
                    "likely a malformed version ID, a version ID in a bucket without versions, an object encrypted with a customer key (SSE-C), an expired session token, or the wrong Region"
                }
                404 if code.is_none() => "is that an S3 endpoint? Check --endpoint-url",
                401 => "the server requires other credentials",
                403 => {
                    "not allowed, or the key does not exist and s3:ListBucket is missing to see that; a requester-pays bucket also needs --request-payer requester"
                }
                405 => "the server does not allow this request for that address",
                416 => "the range is outside the object",
                429 | 503 => "S3 asks for fewer requests: lower --concurrency, or try again later",
                501 => "the server does not support this operation",
                500..=599 => "the server has a problem: try again later",
                200..=299 => "is that an S3 endpoint?",
                _ => return None,
            },
        })
    }
}

/// Whether no connection was made: only then is it certain that nothing was sent.
fn never_connected<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    use hyper_util::client::legacy::Error as HyperError;
    causes(error).any(|cause| cause.downcast_ref().is_some_and(HyperError::is_connect))
}

/// Whether the answer is that of a cache.
fn is_cached<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    causes(error).any(|cause| matches!(cause.downcast_ref(), Some(RefusedAnswer::Cached(_))))
}

/// Whether our own layer refused the answer.
fn is_refused<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    let refused = |cause: &RefusedAnswer| !matches!(cause, RefusedAnswer::TooSlow(_) | RefusedAnswer::Cached(_));
    causes(error).any(|cause| cause.downcast_ref().is_some_and(refused))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

/// A text without its line breaks and indentation: errors of the SDK and of Athena are written over some lines.
pub(crate) fn one_line(text: &str) -> String {
    shortened(&text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
}

/// An error and its causes in one line; repeated texts once.
pub(in crate::s3) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = one_line(&cause.to_string());
        // Layers without information of their own.
        let empty = [
            "dispatch failure",
            "io error",
            "other",
            "client error (Connect)",
            "client error (SendRequest)",
            "service error",
            "response error",
        ];
        if !empty.contains(&text.as_str()) && !parts.last().is_some_and(|last| last.ends_with(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

fn reason(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        200..=299 => "Unreadable Answer",
        _ => "Unexpected Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_several_lines_are_one() {
        #[derive(Debug, thiserror::Error)]
        #[error("loading the profile:\n\tfile: x\r\n\n  line: 2\n")]
        struct Outer(#[source] std::io::Error);
        assert_eq!(chain(&Outer(std::io::Error::other("a\nb"))), "loading the profile: file: x line: 2: a b");
    }
}
