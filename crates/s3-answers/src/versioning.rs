//! GetBucketVersioning.

use crate::element::{Fields, document};
use crate::error::AnswerError;

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// Every write makes a version; a simple DELETE makes a delete marker.
    Enabled,
    /// A simple DELETE destroys the `null` version.
    Suspended,
    /// A simple DELETE destroys the object.
    Never,
}

/// The versioning of a bucket, and what S3 asks for a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketVersioning {
    /// Without a `Status` the bucket never had versioning.
    pub status: Versioning,
    /// Whether `MfaDelete` is anything but Disabled: S3 then wants a token for each removal of a version ("Configuring MFA
    /// delete" in the S3 User Guide).
    pub mfa_delete: bool,
}

/// Reads the answer of [GetBucketVersioning]. moto writes the second root.
///
/// # Errors
/// The answer is not whole, or it has an element that may restrict versioning to some keys.
///
/// [GetBucketVersioning]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
pub fn read_versioning(answer: &[u8]) -> Result<BucketVersioning, AnswerError> {
    document(answer, &["VersioningConfiguration", "GetBucketVersioningResponse"], |root| {
        // An element that is not known may say for which keys it does not hold.
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

/// MinIO can leave prefixes and folders out of versioning: a delete there destroys.
fn refuse_exclusions(root: &Fields<'_>) -> Result<(), AnswerError> {
    let folders = root.maybe("ExcludeFolders")?.map(|folders| folders.flag()).transpose()? == Some(true);
    let mut prefixes = false;
    for excluded in root.all("ExcludedPrefixes") {
        for prefix in excluded.fields()?.each() {
            prefixes |= !prefix.text()?.is_empty();
        }
    }
    match folders || prefixes {
        true => Err(AnswerError::Contradiction("the bucket leaves some of its keys out of versioning".to_owned())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versioned(status: Versioning, mfa_delete: bool) -> BucketVersioning {
        BucketVersioning { status, mfa_delete }
    }

    #[test]
    fn versioning_is_enabled_only_where_it_says_so() {
        let table = [
            (
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
                versioned(Versioning::Enabled, false),
            ),
            (
                "<VersioningConfiguration>\n  <Status>Suspended</Status>\n</VersioningConfiguration>",
                versioned(Versioning::Suspended, false),
            ),
            ("<VersioningConfiguration xmlns=\"x\"/>", versioned(Versioning::Never, false)),
            (
                "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
                versioned(Versioning::Enabled, true),
            ),
            (
                "<GetBucketVersioningResponse xmlns=\"x\"><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></GetBucketVersioningResponse>",
                versioned(Versioning::Enabled, false),
            ),
            (
                "<VersioningConfiguration><Status>Enabled</Status><ExcludeFolders>false</ExcludeFolders><ExcludedPrefixes/></VersioningConfiguration>",
                versioned(Versioning::Enabled, false),
            ),
        ];
        for (xml, expected) in table {
            assert_eq!(read_versioning(xml.as_bytes()), Ok(expected), "{xml}");
        }
    }

    #[test]
    fn anything_else_says_nothing() {
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
