//! Where an object is: bucket, key and version id, and the `s3://bucket/key` form of the first two.
//!
//! A key is taken literally: everything after the first slash, no globbing, no decoding, nothing trimmed. `a//b`, `../x`
//! and a key of one space are keys that S3 stores.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text does not begin with `s3://`.
    #[error("{0:?} is not an S3 address: write s3://bucket/key")]
    Scheme(String),
    /// There is nothing between `s3://` and the next slash.
    #[error("{0:?} names no bucket: write s3://bucket/key")]
    NoBucket(String),
    /// The bucket is named, the key is not.
    #[error("{0:?} names a bucket and no key: write s3://bucket/key")]
    NoKey(String),
    /// The bucket's name has characters or a length that S3 never allowed.
    #[error("{0:?} can't be a bucket: 3 to 255 letters, digits, '.', '-' and '_'")]
    BucketName(String),
    /// A directory bucket, which S3 does not replicate.
    #[error("{0:?} is a directory bucket: S3 does not replicate those, and their objects have no replication status")]
    DirectoryBucket(String),
    /// An access point instead of a bucket's own name.
    #[error("{0:?} is an access point: name the bucket itself")]
    AccessPoint(String),
    /// An ARN that is not one of an access point.
    #[error("{0:?} is not the ARN of an access point")]
    Arn(String),
    /// An empty version id.
    #[error("the version id is empty: S3 calls the version without an id \"null\"")]
    EmptyVersion,
}

/// The name of a bucket, or the ARN or alias of an access point.
///
/// Looser than the rules for new buckets: servers and old buckets know capitals, underscores and up to 255 characters.
/// See "General purpose bucket naming rules" of the S3 User Guide.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Bucket(String);

impl Bucket {
    /// Accepts a bucket's own name and nothing else.
    ///
    /// # Errors
    /// Names that S3 never allowed, directory buckets, and access points (ARN or alias).
    pub fn new(name: &str) -> Result<Self, AddressError> {
        let bucket = Self::or_access_point(name)?;
        if bucket.is_access_point() {
            return Err(AddressError::AccessPoint(name.to_owned()));
        }
        Ok(bucket)
    }

    /// Accepts a bucket's name, or the ARN or alias of an access point.
    ///
    /// # Errors
    /// Names that S3 never allowed, directory buckets, ARNs of anything but an access point.
    pub fn or_access_point(name: &str) -> Result<Self, AddressError> {
        if name.is_empty() {
            return Err(AddressError::NoBucket("s3:///".to_owned()));
        }
        if name.ends_with("--x-s3") || name.contains(":s3express:") {
            return Err(AddressError::DirectoryBucket(name.to_owned()));
        }
        if name.starts_with("arn:") {
            let access_point = name.contains(":accesspoint/") || name.contains(":accesspoint:");
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b":/-._".contains(&b));
            return if access_point && plain {
                Ok(Self(name.to_owned()))
            } else {
                Err(AddressError::Arn(name.to_owned()))
            };
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if !(3..=255).contains(&name.len()) || !name.bytes().all(allowed) || name.bytes().all(|b| b == b'.') {
            return Err(AddressError::BucketName(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the ARN or the alias of an access point.
    #[must_use]
    pub fn is_access_point(&self) -> bool {
        // The second suffix is that of S3 Object Lambda.
        self.is_arn() || self.0.ends_with("-s3alias") || self.0.ends_with("--ol-s3")
    }

    /// Whether this is an ARN: its Region is in the name, and S3 never redirects it.
    #[must_use]
    pub fn is_arn(&self) -> bool {
        self.0.starts_with("arn:")
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// S3's name of one version of an object; `null` names the version written while versioning was not enabled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(String);

impl VersionId {
    /// Takes S3's text for a version id; it is opaque.
    ///
    /// # Errors
    /// An empty text: S3 answers 400 to it.
    pub fn new(id: impl Into<String>) -> Result<Self, AddressError> {
        let id = id.into();
        if id.is_empty() { Err(AddressError::EmptyVersion) } else { Ok(Self(id)) }
    }

    /// The text as S3 gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an answer is about this version, going by its `x-amz-version-id`; some servers leave the header out for the
    /// `null` version.
    #[must_use]
    pub fn is_named_by(&self, header: Option<&str>) -> bool {
        self.0 == header.unwrap_or("null")
    }

    /// Whether this is the `null` version, whose id a later upload may take over.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0 == "null"
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads `s3://bucket` and what follows it: a key, a prefix of keys, or nothing.
///
/// # Errors
/// Anything else, with what is missing; see [`AddressError`].
pub fn bucket_and_rest(address: &str) -> Result<(Bucket, &str), AddressError> {
    let Some(text) = address.strip_prefix("s3://") else {
        return Err(AddressError::Scheme(address.to_owned()));
    };
    let (bucket, rest) = text.split_once('/').unwrap_or((text, ""));
    if bucket.is_empty() {
        return Err(AddressError::NoBucket(address.to_owned()));
    }
    Ok((Bucket::new(bucket)?, rest))
}

/// One object, or one version of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// The bucket that holds it.
    pub bucket: Bucket,
    /// The key, literally.
    pub key: String,
    /// The version; `None` means the current one.
    pub version_id: Option<VersionId>,
}

impl ObjectId {
    /// Reads `s3://bucket/key`.
    ///
    /// # Errors
    /// Anything else, with what is missing; see [`AddressError`].
    pub fn parse(address: &str) -> Result<Self, AddressError> {
        let (bucket, key) = bucket_and_rest(address)?;
        if key.is_empty() {
            return Err(AddressError::NoKey(address.to_owned()));
        }
        Ok(Self { bucket, key: key.to_owned(), version_id: None })
    }

    /// The same object pinned to one version.
    #[must_use]
    pub fn with_version(&self, version_id: VersionId) -> Self {
        Self { version_id: Some(version_id), ..self.clone() }
    }
}

/// `s3://bucket/key`, followed by ` (version ID)` if one is named.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)?;
        match &self.version_id {
            Some(version) => write!(f, " (version {version})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_literally() {
        for key in ["k", "a b", "a+b%20c", "/k", "a//b", "../x", "x/", "?versionId=1", "#", "ü\n", " "] {
            let id = ObjectId::parse(&format!("s3://bucket/{key}")).unwrap();
            assert_eq!((id.bucket.as_str(), id.key.as_str()), ("bucket", key));
            assert_eq!(id.to_string(), format!("s3://bucket/{key}"));
        }
    }

    #[test]
    fn what_is_not_an_address_is_named() {
        let cases = [
            ("bucket/key", AddressError::Scheme("bucket/key".into())),
            ("S3://bucket/key", AddressError::Scheme("S3://bucket/key".into())),
            ("", AddressError::Scheme(String::new())),
            ("s3://", AddressError::NoBucket("s3://".into())),
            ("s3:///key", AddressError::NoBucket("s3:///key".into())),
            ("s3://bucket", AddressError::NoKey("s3://bucket".into())),
            ("s3://bucket/", AddressError::NoKey("s3://bucket/".into())),
            ("s3://b/k", AddressError::BucketName("b".into())),
            ("s3://../k", AddressError::BucketName("..".into())),
            ("s3://bu cket/k", AddressError::BucketName("bu cket".into())),
            ("s3://bu\nket/k", AddressError::BucketName("bu\nket".into())),
            ("s3://b--use1-az4--x-s3/k", AddressError::DirectoryBucket("b--use1-az4--x-s3".into())),
            ("s3://ap-x-s3alias/k", AddressError::AccessPoint("ap-x-s3alias".into())),
            ("s3://ap-x--ol-s3/k", AddressError::AccessPoint("ap-x--ol-s3".into())),
        ];
        for (text, error) in cases {
            assert_eq!(ObjectId::parse(text), Err(error), "{text}");
        }
        for (text, rest) in [("s3://bucket", ""), ("s3://bucket/", ""), ("s3://bucket//p/", "/p/")] {
            assert_eq!(bucket_and_rest(text), Ok((Bucket::new("bucket").unwrap(), rest)), "{text}");
        }
    }

    #[test]
    fn access_points_pass_only_where_they_are_asked_for() {
        let arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap";
        assert!(Bucket::or_access_point(arn).unwrap().is_arn());
        assert_eq!(Bucket::new(arn), Err(AddressError::AccessPoint(arn.into())));
        assert!(Bucket::or_access_point("x-abc-s3alias").unwrap().is_access_point());
        assert!(Bucket::or_access_point("arn:aws:s3:::bucket").is_err());
    }

    #[test]
    fn an_empty_version_id_is_refused() {
        assert_eq!(VersionId::new(""), Err(AddressError::EmptyVersion));
        let (null, other) = (VersionId::new("null").unwrap(), VersionId::new("v1").unwrap());
        assert!(null.is_null() && null.is_named_by(None) && null.is_named_by(Some("null")));
        assert!(other.is_named_by(Some("v1")) && !other.is_named_by(None) && !null.is_named_by(Some("v1")));
    }
}
