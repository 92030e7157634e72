//! Where an object is: bucket, key and version ID, and the `s3://bucket/key` form of the first two.
//!
//! A key is literal: everything after the first slash, without globbing, decoding or trimming. `a//b`, `../x` and a single
//! space are valid keys.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum AddressError {
    #[error("{0:?} is not an S3 address: write s3://bucket/key")]
    Scheme(String),
    #[error("{0:?} names no bucket: write s3://bucket/key")]
    NoBucket(String),
    #[error("{0:?} names a bucket and no key: write s3://bucket/key")]
    NoKey(String),
    #[error("{0:?} can't be a bucket: its name alone is needed, 3 to 255 letters, digits, '.', '-' and '_'")]
    BucketName(String),
    #[error("{0:?} is a directory bucket: S3 does not replicate those, and their objects have no replication status")]
    DirectoryBucket(String),
    #[error("{0:?} is an access point: name the bucket itself")]
    AccessPoint(String),
    #[error("{0:?} is not the ARN of an access point")]
    Arn(String),
    #[error(
        "the version ID is empty: write \"null\" for the null version, or leave the version ID out to mean the current version"
    )]
    EmptyVersion,
}

/// The name of a bucket, or the ARN or alias of an access point.
///
/// Looser than the rules for new buckets: old buckets and other servers allow capitals, underscores and up to 255 characters.
/// See "General purpose bucket naming rules" in the S3 User Guide.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Bucket(String);

impl Bucket {
    /// Accepts a bucket's own name only.
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

    /// The name, ARN or alias.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the ARN or the alias of an access point.
    pub fn is_access_point(&self) -> bool {
        // The second suffix is that of S3 Object Lambda.
        self.is_arn() || self.0.ends_with("-s3alias") || self.0.ends_with("--ol-s3")
    }

    /// Whether this is an ARN, which contains its Region: S3 never redirects it.
    pub fn is_arn(&self) -> bool {
        self.0.starts_with("arn:")
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a version; `null` is the version that was written while versioning was not enabled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(String);

impl VersionId {
    /// Accepts any text except an empty one, for which S3 answers 400.
    ///
    /// # Errors
    /// An empty text.
    pub fn new(id: impl Into<String>) -> Result<Self, AddressError> {
        let id = id.into();
        if id.is_empty() { Err(AddressError::EmptyVersion) } else { Ok(Self(id)) }
    }

    /// S3's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an answer with this `x-amz-version-id` is about this version. Some servers omit the header for the `null`
    /// version.
    pub fn is_named_by(&self, header: Option<&str>) -> bool {
        self.0 == header.unwrap_or("null")
    }

    /// Whether this is the `null` version, which a later upload may replace.
    pub fn is_null(&self) -> bool {
        self.0 == "null"
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses `s3://bucket`, and returns what follows: a key, a prefix of keys, or nothing.
///
/// # Errors
/// See [`AddressError`].
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
    /// The object's bucket.
    pub bucket: Bucket,
    /// The literal key.
    pub key: String,
    /// `None` is the current version.
    pub version_id: Option<VersionId>,
}

impl ObjectId {
    /// Parses `s3://bucket/key`.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn parse(address: &str) -> Result<Self, AddressError> {
        let (bucket, key) = bucket_and_rest(address)?;
        if key.is_empty() {
            return Err(AddressError::NoKey(address.to_owned()));
        }
        Ok(Self { bucket, key: key.to_owned(), version_id: None })
    }

    /// The same object with this version.
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
    fn keys_are_literal() {
        for key in ["k", "a b", "a+b%20c", "/k", "a//b", "../x", "x/", "?versionId=1", "#", "ü\n", " "] {
            let id = ObjectId::parse(&format!("s3://bucket/{key}")).unwrap();
            assert_eq!((id.bucket.as_str(), id.key.as_str()), ("bucket", key));
            assert_eq!(id.to_string(), format!("s3://bucket/{key}"));
            let version = id.with_version(VersionId::new("v").unwrap());
            assert_eq!(version.to_string(), format!("s3://bucket/{key} (version v)"));
        }
    }

    #[test]
    fn invalid_addresses_are_refused() {
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
    fn access_points_are_only_accepted_by_their_own_constructor() {
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
