//! GetBucketVersioning.

use crate::element::{Fields, document};
use crate::error::AnswerError;

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// Every write creates a version; a simple DELETE creates a delete marker.
    Enabled,
    /// A simple DELETE destroys the `null` version.
    Suspended,
    /// A simple DELETE destroys the object.
    Never,
}

/// The versioning of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketVersioning {
    /// `Never` if the answer has no `Status`.
    pub status: Versioning,
    /// Whether `MfaDelete` is anything but Disabled: S3 then requires a token to delete a version ("Configuring MFA delete" in
    /// the S3 User Guide).
    pub mfa_delete: bool,
}

/// Reads the answer of [GetBucketVersioning]. An element that may restrict versioning to some keys is an error.
///
/// [GetBucketVersioning]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
pub fn read_versioning(answer: &[u8]) -> Result<BucketVersioning, AnswerError> {
    // moto writes the second root.
    document(answer, &["VersioningConfiguration", "GetBucketVersioningResponse"], |root| {
        // An unknown element may exclude keys.
        root.only(&["Status", "MfaDelete", "MFADelete", "ExcludedPrefixes", "ExcludeFolders"])?;
        refuse_exclusions(&root)?;
        let status = match root.maybe("Status")? {
            None => Versioning::Never,
            Some(status) => match &*status.word()? {
                "Enabled" => Versioning::Enabled,
                "Suspended" => Versioning::Suspended,
                other => return Err(AnswerError::invalid("Status", other)),
            },
        };
        let mut mfa_delete = false;
        for name in ["MfaDelete", "MFADelete"] {
            mfa_delete |= root.maybe(name)?.map(|mfa| mfa.word()).transpose()?.is_some_and(|word| word != "Disabled");
        }
        Ok(BucketVersioning { status, mfa_delete })
    })
}

/// MinIO can exclude prefixes and folders from versioning: a delete there destroys.
fn refuse_exclusions(root: &Fields<'_>) -> Result<(), AnswerError> {
    let folders = root.maybe("ExcludeFolders")?.map(|folders| folders.flag()).transpose()? == Some(true);
    let mut prefixes = false;
    for excluded in root.all("ExcludedPrefixes") {
        for prefix in excluded.fields()?.each() {
            prefixes |= !prefix.text()?.is_empty();
        }
    }
    match folders || prefixes {
        true => Err(AnswerError::contradiction("the bucket excludes some of its keys from versioning")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_mfa_delete_are_read() {
        use Versioning::{Enabled, Never, Suspended};
        let (aws, moto) = ("VersioningConfiguration", "GetBucketVersioningResponse");
        let enabled = "<Status>Enabled</Status>";
        let table = [
            (aws, enabled.to_owned(), Enabled, false),
            (aws, "\n  <Status>Suspended</Status>\n".to_owned(), Suspended, false),
            (aws, String::new(), Never, false),
            (aws, format!("{enabled}<MfaDelete>Enabled</MfaDelete>"), Enabled, true),
            (moto, format!("{enabled}<MfaDelete>Disabled</MfaDelete>"), Enabled, false),
            (aws, format!("{enabled}<ExcludeFolders>false</ExcludeFolders><ExcludedPrefixes/>"), Enabled, false),
        ];
        for (root, inner, status, mfa_delete) in table {
            let xml = format!("<{root} xmlns=\"x\">{inner}</{root}>");
            assert_eq!(read_versioning(xml.as_bytes()), Ok(BucketVersioning { status, mfa_delete }), "{xml}");
        }
    }

    #[test]
    fn other_answers_are_refused() {
        for inner in [
            "<Status>enabled</Status>",
            "<Status/>",
            "<Status>Suspended</Status><Status>Enabled</Status>",
            "<Status>Enabled</Status>x",
            "<Status><Status>Enabled</Status></Status>",
            "<Status>Enabled</Status><NotFor><Prefix>a/</Prefix></NotFor>",
            "<Status>Enabled</Status><ExcludeFolders>true</ExcludeFolders>",
            "<Status>Enabled</Status><ExcludedPrefixes><Prefix>tmp/</Prefix></ExcludedPrefixes>",
        ] {
            let xml = format!("<VersioningConfiguration>{inner}</VersioningConfiguration>");
            assert!(read_versioning(xml.as_bytes()).is_err(), "{xml}");
        }
        assert!(read_versioning(b"").is_err());
        assert!(read_versioning(b"<html><Status>Enabled</Status></html>").is_err());
        assert_eq!(
            read_versioning(b"<VersioningConfiguration>\xff</VersioningConfiguration>"),
            Err(AnswerError::NotUtf8)
        );
    }
}
