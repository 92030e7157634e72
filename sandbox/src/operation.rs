//! Which S3 operation a request is, read from its line alone.
//!
//! `s3s` finds out for itself, but only behind the signature check; log, faults and hooks
//! must also see requests that never get that far.

use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) version_id: Option<String>,
}

/// S3's name of the operation that a request is for.
#[must_use]
pub fn operation_of<B>(request: &http::Request<B>) -> &'static str {
    call(request.method(), request.uri(), request.headers()).operation
}

const UNKNOWN: &str = "Unknown";

/// Sub-resources that name the operation: (query, GET, PUT, DELETE).
const ON_BUCKETS: &[(&str, &str, &str, &str)] = &[
    ("encryption", "GetBucketEncryption", UNKNOWN, UNKNOWN),
    (
        "inventory",
        "GetBucketInventoryConfiguration",
        "PutBucketInventoryConfiguration",
        "DeleteBucketInventoryConfiguration",
    ),
    ("lifecycle", "GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"),
    ("location", "GetBucketLocation", UNKNOWN, UNKNOWN),
    ("notification", "GetBucketNotificationConfiguration", UNKNOWN, UNKNOWN),
    ("object-lock", "GetObjectLockConfiguration", "PutObjectLockConfiguration", UNKNOWN),
    ("replication", "GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication"),
    ("tagging", "GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"),
    ("uploads", "ListMultipartUploads", UNKNOWN, UNKNOWN),
    ("versioning", "GetBucketVersioning", "PutBucketVersioning", UNKNOWN),
    ("versions", "ListObjectVersions", UNKNOWN, UNKNOWN),
];

const ON_OBJECTS: &[(&str, &str, &str, &str)] = &[
    ("annotation", "ListObjectAnnotations", UNKNOWN, UNKNOWN),
    ("attributes", "GetObjectAttributes", UNKNOWN, UNKNOWN),
    ("legal-hold", "GetObjectLegalHold", "PutObjectLegalHold", UNKNOWN),
    ("retention", "GetObjectRetention", "PutObjectRetention", UNKNOWN),
    ("tagging", "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging"),
    ("uploadId", "ListParts", "UploadPart", "AbortMultipartUpload"),
];

/// Names a request; `Unknown` where the sandbox has no such operation.
pub(crate) fn call(method: &Method, uri: &Uri, headers: &HeaderMap) -> Call {
    let path = uri.path().strip_prefix('/').unwrap_or(uri.path());
    let (bucket, key) = match path.split_once('/') {
        None => (path, ""),
        Some((bucket, key)) => (bucket, key),
    };
    let query = uri.query().unwrap_or("");
    let named = named(method, !bucket.is_empty(), !key.is_empty(), query, headers);
    Call { operation: named, bucket: filled(bucket), key: filled(key), version_id: parameter(query, "versionId") }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| percent_decode_str(text).decode_utf8_lossy().into_owned())
}

/// The value of a query parameter, decoded; empty for one without `=`.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
        (found == name).then(|| {
            let value = value.replace('+', " ");
            percent_decode_str(&value).decode_utf8_lossy().into_owned()
        })
    })
}

fn named(method: &Method, bucket: bool, key: bool, query: &str, headers: &HeaderMap) -> &'static str {
    let has = |name| parameter(query, name).is_some();
    let table = if key { ON_OBJECTS } else { ON_BUCKETS };
    let sub = table.iter().find(|(name, ..)| has(name));
    let copy = headers.contains_key("x-amz-copy-source");
    match (method.as_str(), bucket, key) {
        ("GET", false, _) => "ListBuckets",
        (_, false, _) => UNKNOWN,
        ("HEAD", true, false) => "HeadBucket",
        ("HEAD", true, true) => "HeadObject",
        ("GET", true, false) if has("inventory") && !has("id") => "ListBucketInventoryConfigurations",
        ("PUT", true, true) if has("uploadId") && copy => "UploadPartCopy",
        ("GET", true, _) if sub.is_some() => sub.map_or(UNKNOWN, |row| row.1),
        ("PUT", true, _) if sub.is_some() => sub.map_or(UNKNOWN, |row| row.2),
        ("DELETE", true, _) if sub.is_some() => sub.map_or(UNKNOWN, |row| row.3),
        ("GET", true, false) if has("list-type") => "ListObjectsV2",
        ("GET", true, false) => "ListObjects",
        ("GET", true, true) => "GetObject",
        ("PUT", true, false) => "CreateBucket",
        ("PUT", true, true) if copy => "CopyObject",
        ("PUT", true, true) => "PutObject",
        ("DELETE", true, false) => "DeleteBucket",
        ("DELETE", true, true) => "DeleteObject",
        ("POST", true, false) if has("delete") => "DeleteObjects",
        ("POST", true, true) if has("uploads") => "CreateMultipartUpload",
        ("POST", true, true) if has("uploadId") => "CompleteMultipartUpload",
        _ => UNKNOWN,
    }
}

/// The Region a request was signed for, from its header or its presigned query.
pub(crate) fn signed_region(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let scope = match headers.get(http::header::AUTHORIZATION) {
        Some(value) => {
            let (_, rest) = value.to_str().ok()?.split_once("Credential=")?;
            rest.split(',').next()?.to_owned()
        }
        None => parameter(uri.query()?, "X-Amz-Credential")?,
    };
    scope.split('/').nth(2).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("GET", "/", "ListBuckets"),
            ("HEAD", "/b", "HeadBucket"),
            ("HEAD", "/b/", "HeadBucket"),
            ("HEAD", "/b/k?versionId=null", "HeadObject"),
            ("GET", "/b?list-type=2&prefix=inventory", "ListObjectsV2"),
            ("GET", "/b?versions", "ListObjectVersions"),
            ("GET", "/b?inventory", "ListBucketInventoryConfigurations"),
            ("GET", "/b?inventory&id=x", "GetBucketInventoryConfiguration"),
            ("PUT", "/b?replication", "PutBucketReplication"),
            ("GET", "/b?lifecycle", "GetBucketLifecycleConfiguration"),
            ("GET", "/b?notification", "GetBucketNotificationConfiguration"),
            ("GET", "/b?encryption", "GetBucketEncryption"),
            ("GET", "/b/k?annotation&versionId=x", "ListObjectAnnotations"),
            ("POST", "/b?delete", "DeleteObjects"),
            ("DELETE", "/b/k?versionId=x", "DeleteObject"),
            ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"),
            ("POST", "/b/k?uploads=", "CreateMultipartUpload"),
            ("PATCH", "/b/k", "Unknown"),
        ];
        for (method, uri, expected) in cases {
            let call = call(&method.parse().unwrap(), &uri.parse().unwrap(), &HeaderMap::new());
            assert_eq!(call.operation, expected, "{method} {uri}");
        }
    }

    #[test]
    fn keys_are_decoded() {
        let call = call(&Method::GET, &"/b/a%20b+c//%C3%A9?versionId=a%2Bb".parse().unwrap(), &HeaderMap::new());
        assert_eq!(call.key.unwrap(), "a b+c//é");
        assert_eq!(call.version_id.unwrap(), "a+b");
    }
}
