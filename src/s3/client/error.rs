//! From an error of the SDK to what was attempted, what S3 answered, the likely cause and the next step.
//!
//! Branches on the raw HTTP status: an error of HEAD has no body, so the SDK has no code for it (API Reference,
//! "Error responses"). Only 2xx is success; S3's 301 has no `Location` and no body.

use std::error::Error;
use std::fmt::Write as _;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::whole_answers::RefusedAnswer;
use crate::model::{Failure, FailureKind};

/// What came back, freed of the SDK's types.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct RequestError {
    /// The HTTP status; `None` when no answer came.
    pub(in crate::s3) status: Option<u16>,
    pub(in crate::s3) code: Option<String>,
    pub(in crate::s3) message: Option<String>,
    pub(in crate::s3) request_id: Option<String>,
    pub(in crate::s3) bucket_region: Option<String>,
    pub(in crate::s3) delete_marker: bool,
    pub(in crate::s3) version_id: Option<String>,
    /// Why no answer came.
    pub(in crate::s3) transport: Option<TransportError>,
    pub(in crate::s3) cause: String,
    /// The server other than AWS that was asked.
    pub(in crate::s3) endpoint: Option<String>,
}

/// Where a request without an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::s3) enum TransportError {
    /// The SDK could not build it.
    NotBuilt,
    /// No connection was made.
    NeverSent,
    /// A deadline passed; it may have been sent.
    TimedOut,
    /// The connection broke, or the answer was no HTTP; it may have been sent.
    Broken,
    /// An answer came that is not used; it was sent.
    Unusable,
    /// The program failed while it sent or while it read the answer; it may have been sent.
    Panicked,
}

impl RequestError {
    pub(in crate::s3) fn of<E>(error: &SdkError<E, HttpResponse>, endpoint: Option<&str>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let mut raw = Self { cause: chain(error), endpoint: endpoint.map(str::to_owned), ..Self::default() };
        raw.transport = match error {
            SdkError::ConstructionFailure(_) => Some(TransportError::NotBuilt),
            SdkError::TimeoutError(_) => Some(TransportError::TimedOut),
            SdkError::DispatchFailure(_) if is_refused(error) => Some(TransportError::Unusable),
            // Also where the deadline of making a connection passed.
            SdkError::DispatchFailure(_) if never_connected(error) => Some(TransportError::NeverSent),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Some(TransportError::TimedOut),
            SdkError::DispatchFailure(_) => Some(TransportError::Broken),
            _ => None,
        };
        if let Some(response) = error.raw_response() {
            let header = |name: &str| response.headers().get(name).map(str::to_owned);
            raw.status = Some(response.status().as_u16());
            raw.request_id = header("x-amz-request-id");
            raw.bucket_region = header("x-amz-bucket-region");
            raw.delete_marker = header("x-amz-delete-marker").is_some_and(|v| v.eq_ignore_ascii_case("true"));
            raw.version_id = header("x-amz-version-id");
        } else if raw.transport.is_none() {
            raw.transport = Some(TransportError::Broken);
        }
        if let SdkError::ServiceError(service) = error {
            let meta = service.err().meta();
            // The SDK makes up "NotFound" for a bare 404 of HEAD; S3 sends no code there.
            raw.code = meta.code().filter(|code| *code != "NotFound").map(str::to_owned);
            raw.message = meta.message().map(str::to_owned);
        }
        raw
    }

    /// What is known after the program failed in the middle of a request.
    pub(in crate::s3) fn of_panic(cause: &str) -> Self {
        Self {
            transport: Some(TransportError::Panicked),
            cause: format!("a defect of replaudit: {cause}"),
            ..Self::default()
        }
    }

    /// Whether S3 may be telling that the bucket is in another Region. A HEAD signed for the wrong one often gets a
    /// bare 400.
    pub(in crate::s3) fn hints_at_region(&self) -> bool {
        match self.status {
            Some(301 | 307) => true,
            Some(400) => {
                self.code.is_none()
                    || matches!(
                        self.code.as_deref(),
                        Some("AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" | "BadRequest")
                    )
            }
            Some(403) => self.bucket_region.is_some(),
            _ => false,
        }
    }

    /// The failure to report: `attempt` says what was tried, on what.
    pub(in crate::s3) fn failure(self, attempt: &str) -> Failure {
        let kind = match (self.status, self.code.as_deref()) {
            (Some(403), _) => FailureKind::Denied,
            // A proxy in between may answer with the bare status for reasons of its own.
            (Some(501), Some("NotImplemented")) | (Some(405), Some("MethodNotAllowed")) => FailureKind::NotImplemented,
            _ => FailureKind::Other,
        };
        let mut message = attempt.to_owned();
        match (self.status, self.transport) {
            (Some(status), _) => {
                let _ = write!(message, ": S3 answered {status}");
                match (&self.code, &self.message) {
                    (Some(code), Some(text)) => {
                        let _ = write!(message, " {code}: {}", text.trim_end_matches('.'));
                    }
                    (Some(code), None) => {
                        let _ = write!(message, " {code}");
                    }
                    (None, _) if (200..300).contains(&status) => {
                        let _ = write!(message, ", which could not be read: {}", self.cause);
                    }
                    (None, _) => {
                        let _ = write!(message, " {}", reason(status));
                    }
                }
            }
            (None, Some(TransportError::NeverSent)) => {
                let server = self.endpoint.as_deref().unwrap_or("S3");
                let _ = write!(message, ": no connection to {server}: {}", self.cause);
            }
            (None, _) => {
                let _ = write!(message, ": {}", self.cause);
            }
        }
        let hint = self.hint();
        let code = match (self.code, self.status, self.transport) {
            (Some(code), _, _) => code,
            (None, Some(status), _) => reason(status).replace(' ', ""),
            (None, None, Some(TransportError::NotBuilt)) => "RequestNotBuilt".to_owned(),
            (None, None, Some(TransportError::NeverSent)) => "ConnectionFailed".to_owned(),
            (None, None, Some(TransportError::TimedOut)) => "TimedOut".to_owned(),
            (None, None, Some(TransportError::Unusable)) => "UnreadableAnswer".to_owned(),
            (None, None, Some(TransportError::Panicked)) => "Panicked".to_owned(),
            (None, None, _) => "ConnectionBroken".to_owned(),
        };
        Failure { code, http_status: self.status, message, hint, request_id: self.request_id, kind }
    }

    fn hint(&self) -> Option<String> {
        let text = match self.code.as_deref() {
            Some("InvalidAccessKeyId") => {
                "the access key is not known there: check the profile, the environment and --endpoint-url"
            }
            Some("SignatureDoesNotMatch") => "the secret key does not fit the access key",
            Some("ExpiredToken" | "TokenRefreshRequired" | "ExpiredTokenException") => {
                "the session has expired: log in again"
            }
            Some("InvalidToken") => "the session token is not valid: log in again",
            Some("RequestTimeTooSkewed") => "this machine's clock is off: set it right",
            Some("NoSuchBucket") => "check the bucket's name, the account and the endpoint",
            Some("InvalidArgument") if self.message.as_deref().is_some_and(|m| m.contains("version")) => {
                "S3 does not take this for a version id: copy it whole, as list-object-versions prints it"
            }
            Some("InvalidRequest") if self.message.as_deref().is_some_and(|m| m.contains("Server Side Encryption")) => {
                "the object is encrypted with a customer key (SSE-C): S3 tells nothing of it without that key, which replaudit does not take"
            }
            Some("KMS.DisabledException" | "KMS.KMSInvalidStateException" | "KMS.NotFoundException") => {
                "the KMS key of the object can't be used"
            }
            Some("InvalidBucketName") => "S3 has no bucket of such a name: check it",
            Some("SlowDown") => "S3 asks for fewer requests: lower --concurrency",
            _ => match (self.status, self.transport) {
                (Some(301 | 307), _) => {
                    "the bucket is in another Region, or the endpoint is not its own: give --region"
                }
                (Some(304 | 412), _) => "the object is not the one that was asked about: it changed meanwhile",
                // S3 said what it was.
                (Some(400), _) if self.code.is_some() => return None,
                (Some(400), _) => {
                    "likely a malformed version id, a version id in a bucket without versions, an object encrypted with a customer key (SSE-C), an expired session token, or the wrong Region"
                }
                (Some(401), _) => "the server wants other credentials",
                (Some(403), _) => {
                    "not allowed, or the key is not there and s3:ListBucket is missing to say so; also: another bucket owner than expected, or a requester-pays bucket without --request-payer requester"
                }
                (Some(405), _) => "the server does not take this request for that address",
                (Some(416), _) => "the range is outside of the object",
                (Some(429 | 503), _) => "S3 asks for fewer requests: lower --concurrency, or try again later",
                (Some(501), _) => "the server does not know this operation",
                (Some(500..=599), _) => "trouble on the server's side: try again later",
                (Some(200..=299), _) => "is that an S3 endpoint?",
                (Some(_), _) => return None,
                (None, Some(TransportError::NotBuilt)) => {
                    "the AWS SDK can't ask for this; it refuses keys of white space alone"
                }
                (None, Some(TransportError::NeverSent)) => {
                    "check --endpoint-url, the network, the proxy variables and the name's DNS entry"
                }
                (None, Some(TransportError::TimedOut)) => {
                    "the server is slow or out of reach: try again, or raise --read-timeout"
                }
                (None, Some(TransportError::Unusable)) => "is that an S3 endpoint?",
                (None, Some(TransportError::Panicked)) => "report it with the command and this message",
                (None, _) => "the connection broke off: try again; is that an S3 endpoint?",
            },
        };
        Some(text.to_owned())
    }
}

/// Whether no connection was made: only then is it certain that nothing was sent.
fn never_connected<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    let mut next = error.source();
    while let Some(at) = next {
        if at
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
        {
            return true;
        }
        next = at.source();
    }
    false
}

/// Whether an answer came that our own layer refused.
fn is_refused<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    let mut next = error.source();
    while let Some(at) = next {
        if matches!(at.downcast_ref::<RefusedAnswer>(), Some(RefusedAnswer::TooLarge(_) | RefusedAnswer::Header(_))) {
            return true;
        }
        next = at.source();
    }
    false
}

/// An error and its causes in one line; repeated texts once.
pub(in crate::s3) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(at) = next {
        let text = at.to_string();
        // Layers that only say that there is a layer.
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
        next = at.source();
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
