//! The answers to reads that find nothing.

use http::{HeaderMap, HeaderValue};
use s3s::{S3Error, s3_error};

use crate::errors::{bad_version_id, denied, no_bucket, no_key};
use crate::store::ReadMiss;
use crate::text::http_date;

/// The answer to a read that finds nothing. A caller that may not list learns only 403 of a missing key.
pub(super) fn missing(miss: ReadMiss, may_list: bool) -> S3Error {
    match miss {
        ReadMiss::Bucket => no_bucket(),
        ReadMiss::MalformedId => bad_version_id(),
        ReadMiss::Key | ReadMiss::Version if !may_list => denied(),
        ReadMiss::Key => no_key(),
        ReadMiss::Version => s3_error!(NoSuchVersion, "The specified version does not exist."),
        ReadMiss::MarkerIsCurrent(id) => {
            let mut error = if may_list { no_key() } else { denied() };
            error.set_headers(marker_headers(id.as_str()));
            error
        }
        ReadMiss::MarkerNamed(id, modified) => {
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
