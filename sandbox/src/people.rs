//! Permissions: access keys, and a list of denials for each.
//!
//! Unlike in IAM, everything that is not denied is allowed, because a test is about one missing permission.

use std::collections::HashMap;
use std::sync::Arc;

/// A further access key, with what it is denied.
#[derive(Clone, Debug)]
pub struct Principal {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) denied: Vec<Denial>,
}

#[derive(Clone, Debug)]
pub(crate) struct Denial {
    action: String,
    /// Bucket and key prefix; None is everywhere.
    place: Option<(String, String)>,
}

impl Principal {
    /// Makes an access key that may do everything.
    #[must_use]
    pub fn new(access_key: &str, secret: &str) -> Self {
        Self { access_key: access_key.to_owned(), secret: secret.to_owned(), denied: Vec::new() }
    }

    fn denies(&self, action: &str, bucket: &str, key: &str) -> bool {
        self.denied.iter().any(|denial| {
            covers(&denial.action, action)
                && denial.place.as_ref().is_none_or(|(b, prefix)| b == bucket && key.starts_with(prefix.as_str()))
        })
    }
}

setters! {
    Principal as principal:
    /// Denies an action in IAM's words, such as `s3:ListBucket`; a `*` at the end matches more.
    deny(action: &str) { principal.denied.push(Denial { action: action.to_owned(), place: None }) }
    /// Denies an action on one bucket, or on keys under `bucket/prefix`.
    deny_on(action: &str, place: &str) {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        principal.denied.push(Denial { action: action.to_owned(), place: Some((bucket.to_owned(), prefix.to_owned())) });
    }
}

/// Whether a denied action, with an optional `*` at its end, means this one.
pub(crate) fn covers(denied: &str, action: &str) -> bool {
    match denied.strip_suffix('*') {
        Some(start) => action.starts_with(start),
        None => denied == action,
    }
}

/// Who sends a request without a network: nothing is signed there.
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Arc<str>);

impl Caller {
    pub(crate) fn key(&self) -> &str {
        &self.0
    }
}

#[derive(Default)]
pub(crate) struct People(HashMap<String, Principal>);

impl People {
    pub(crate) fn add(&mut self, principal: Principal) {
        self.0.insert(principal.access_key.clone(), principal);
    }

    pub(crate) fn secret(&self, access_key: &str) -> Option<&str> {
        self.0.get(access_key).map(|one| one.secret.as_str())
    }

    pub(crate) fn denies(&self, access_key: &str, action: &str, bucket: &str, key: &str) -> bool {
        self.0.get(access_key).is_none_or(|one| one.denies(action, bucket, key))
    }
}

/// The permission an operation needs, in IAM's words; None for what can't be denied.
pub(crate) fn action(operation: &str, versioned: bool) -> Option<&'static str> {
    Some(match (operation, versioned) {
        ("HeadObject" | "GetObject" | "GetObjectAttributes", false) => "s3:GetObject",
        ("HeadObject" | "GetObject" | "GetObjectAttributes", true) => "s3:GetObjectVersion",
        ("PutObject" | "CopyObject", _) => "s3:PutObject",
        ("CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload", _) => "s3:PutObject",
        ("AbortMultipartUpload", _) => "s3:AbortMultipartUpload",
        ("DeleteObject", false) => "s3:DeleteObject",
        ("DeleteObject", true) => "s3:DeleteObjectVersion",
        ("ListObjects" | "ListObjectsV2" | "HeadBucket", _) => "s3:ListBucket",
        ("ListObjectVersions", _) => "s3:ListBucketVersions",
        ("ListBuckets", _) => "s3:ListAllMyBuckets",
        ("CreateBucket", _) => "s3:CreateBucket",
        ("DeleteBucket", _) => "s3:DeleteBucket",
        ("GetBucketLocation", _) => "s3:GetBucketLocation",
        ("GetBucketVersioning", _) => "s3:GetBucketVersioning",
        ("PutBucketVersioning", _) => "s3:PutBucketVersioning",
        ("GetBucketReplication", _) => "s3:GetReplicationConfiguration",
        ("PutBucketReplication" | "DeleteBucketReplication", _) => "s3:PutReplicationConfiguration",
        ("GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations", _) => "s3:GetInventoryConfiguration",
        ("PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration", _) => "s3:PutInventoryConfiguration",
        ("GetBucketLifecycleConfiguration", _) => "s3:GetLifecycleConfiguration",
        ("GetBucketNotificationConfiguration", _) => "s3:GetBucketNotification",
        ("GetBucketEncryption", _) => "s3:GetEncryptionConfiguration",
        ("ListObjectAnnotations", _) => "s3:ListObjectAnnotations",
        ("GetObjectLockConfiguration", _) => "s3:GetBucketObjectLockConfiguration",
        ("PutObjectLockConfiguration", _) => "s3:PutBucketObjectLockConfiguration",
        ("GetBucketTagging", _) => "s3:GetBucketTagging",
        ("PutBucketTagging" | "DeleteBucketTagging", _) => "s3:PutBucketTagging",
        ("GetObjectTagging", false) => "s3:GetObjectTagging",
        ("GetObjectTagging", true) => "s3:GetObjectVersionTagging",
        ("PutObjectTagging", false) => "s3:PutObjectTagging",
        ("PutObjectTagging", true) => "s3:PutObjectVersionTagging",
        ("DeleteObjectTagging", false) => "s3:DeleteObjectTagging",
        ("DeleteObjectTagging", true) => "s3:DeleteObjectVersionTagging",
        ("GetObjectRetention", _) => "s3:GetObjectRetention",
        ("PutObjectRetention", _) => "s3:PutObjectRetention",
        ("GetObjectLegalHold", _) => "s3:GetObjectLegalHold",
        ("PutObjectLegalHold", _) => "s3:PutObjectLegalHold",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_are_as_wide_as_written() {
        let one = Principal::new("a", "b").deny("s3:List*").deny_on("s3:GetObject", "b/secret/");
        assert!(one.denies("s3:ListBucketVersions", "any", ""));
        assert!(one.denies("s3:GetObject", "b", "secret/x"));
        assert!(!one.denies("s3:GetObject", "b", "open/x"));
        assert!(!one.denies("s3:GetObject", "c", "secret/x"));
        assert!(!one.denies("s3:GetObjectVersion", "b", "secret/x"));
    }
}
