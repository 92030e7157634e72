//! Where a report is looked for.

use std::path::PathBuf;

use crate::model::{AddressError, Bucket, bucket_and_rest};

/// Where a manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReportAddress {
    /// In a bucket.
    S3 {
        /// The bucket that reports are delivered to.
        bucket: Bucket,
        /// The key of manifest.json.
        key: String,
    },
    /// Report folders in a bucket.
    Prefix {
        /// The bucket that reports are delivered to.
        bucket: Bucket,
        /// What stands before the names of the folders: it ends in a slash, or is empty.
        prefix: String,
    },
    /// A manifest.json, a folder that holds one, or a folder of report folders.
    Local(PathBuf),
}

impl ReportAddress {
    /// Reads `s3://bucket/…/manifest.json` or `s3://bucket/prefix`, or takes the text for a path.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        if !text.starts_with("s3://") {
            return Ok(Self::Local(PathBuf::from(text)));
        }
        let (bucket, rest) = bucket_and_rest(text)?;
        if rest.ends_with("manifest.json") {
            return Ok(Self::S3 { bucket, key: rest.to_owned() });
        }
        // Two slashes are not one: S3 delivers to such prefixes.
        let slash = if rest.is_empty() || rest.ends_with('/') { "" } else { "/" };
        Ok(Self::Prefix { bucket, prefix: format!("{rest}{slash}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_manifests_prefixes_or_paths() {
        let bucket = || Bucket::new("reports").unwrap();
        let prefix = |prefix: &str| ReportAddress::Prefix { bucket: bucket(), prefix: prefix.to_owned() };
        let key = "inv//src/daily/2026-11-21T01-00Z/manifest.json";
        let table = [
            (format!("s3://reports/{key}"), ReportAddress::S3 { bucket: bucket(), key: key.to_owned() }),
            ("s3://reports".to_owned(), prefix("")),
            ("s3://reports/".to_owned(), prefix("")),
            ("s3://reports/inv//src".to_owned(), prefix("inv//src/")),
            ("s3://reports/inv//".to_owned(), prefix("inv//")),
            ("reports/daily".to_owned(), ReportAddress::Local("reports/daily".into())),
        ];
        for (text, address) in table {
            assert_eq!(ReportAddress::parse(&text), Ok(address), "{text}");
        }
        assert!(ReportAddress::parse("s3://").is_err());
    }
}
