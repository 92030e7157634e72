//! Errors as S3 words them, and the headers some of them carry.

use http::{HeaderMap, HeaderValue, StatusCode};
use s3s::{S3Error, S3ErrorCode, s3_error};

use crate::store::Miss;

/// A permanent delete of a locked version: S3 has no code of its own for it.
pub(crate) fn locked() -> S3Error {
    s3_error!(AccessDenied, "Access Denied because object protected by object lock.")
}

/// The principal lacks a permission.
pub(crate) fn denied() -> S3Error {
    s3_error!(AccessDenied, "Access Denied")
}

/// An error whose code `s3s` need not know.
pub(crate) fn custom(status: u16, code: &str, message: &str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or_else(|| S3ErrorCode::Custom(code.into()));
    let mut error = S3Error::with_message(code, message.to_owned());
    error.set_status_code(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    error
}

/// The answer to a read that finds nothing. Whoever may not list learns only 403 of a
/// missing key.
pub(crate) fn missing(miss: Miss, may_list: bool) -> S3Error {
    match miss {
        Miss::Bucket => s3_error!(NoSuchBucket, "The specified bucket does not exist"),
        Miss::MalformedId => s3_error!(InvalidArgument, "Invalid version id specified"),
        Miss::Key | Miss::Version if !may_list => denied(),
        Miss::Key => s3_error!(NoSuchKey, "The specified key does not exist."),
        Miss::Version => s3_error!(NoSuchVersion, "The specified version does not exist."),
        Miss::MarkerIsCurrent(id) => {
            let mut error = if may_list { s3_error!(NoSuchKey, "The specified key does not exist.") } else { denied() };
            error.set_headers(marker_headers(id.as_str()));
            error
        }
        Miss::MarkerNamed(id, modified) => {
            let mut error = s3_error!(MethodNotAllowed, "The specified method is not allowed against this resource.");
            let mut headers = marker_headers(id.as_str());
            headers.insert(http::header::ALLOW, HeaderValue::from_static("DELETE"));
            if let Ok(value) = HeaderValue::from_str(&http_date(modified)) {
                headers.insert(http::header::LAST_MODIFIED, value);
            }
            error.set_headers(headers);
            error
        }
    }
}

fn marker_headers(id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-delete-marker", HeaderValue::from_static("true"));
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert("x-amz-version-id", value);
    }
    headers
}

/// Milliseconds since 1970 as HTTP writes dates.
pub(crate) fn http_date(ms: i64) -> String {
    time(ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Milliseconds since 1970 as a point in time; out of range becomes 1970.
pub(crate) fn time(ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
