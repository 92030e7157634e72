//! The address of a report on the command line.

use std::path::PathBuf;

use crate::model::{AddressError, Bucket, bucket_and_rest};

/// Where to look for a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReportAddress {
    /// A manifest.json in a bucket.
    S3 { bucket: Bucket, key: String },
    /// Report folders in a bucket. The prefix ends in a slash, or is empty.
    Prefix { bucket: Bucket, prefix: String },
    /// A manifest.json, a folder that holds one, or a folder of report folders.
    Local(PathBuf),
}

impl ReportAddress {
    /// Parses `s3://bucket/…/manifest.json`, `s3://bucket/prefix` or a path.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        if !text.starts_with("s3://") {
            return Ok(Self::Local(PathBuf::from(text)));
        }
        let (bucket, rest) = bucket_and_rest(text)?;
        if rest.ends_with("manifest.json") {
            return Ok(Self::S3 { bucket, key: rest.to_owned() });
        }
        // Two slashes are kept: S3 delivers to such prefixes.
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
