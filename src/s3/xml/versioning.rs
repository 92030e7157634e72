//! GetBucketVersioning.

use super::element::{Fields, document};
use super::unreadable::Unreadable;
use crate::rules::Versioning;

/// The bucket's versioning, and whether `MfaDelete` is anything but Disabled. Without a `Status` the bucket never had
/// versioning. moto writes the second root.
pub(in crate::s3) fn versioning(answer: &[u8]) -> Result<(Versioning, bool), Unreadable> {
    document(answer, &["VersioningConfiguration", "GetBucketVersioningResponse"], |root| {
        // An element that is not known may say for which keys it does not hold.
        root.only(&["Status", "MfaDelete", "MFADelete", "ExcludedPrefixes", "ExcludeFolders"])?;
        refuse_exclusions(&root)?;
        let status = match root.maybe("Status")? {
            None => Versioning::Never,
            Some(status) => match &*status.word()? {
                "Enabled" => Versioning::Enabled,
                "Suspended" => Versioning::Suspended,
                other => return Err(Unreadable::invalid("Status", other)),
            },
        };
        let mut mfa_delete = false;
        for name in ["MfaDelete", "MFADelete"] {
            mfa_delete |= root.maybe(name)?.map(|mfa| mfa.word()).transpose()?.is_some_and(|word| word != "Disabled");
        }
        Ok((status, mfa_delete))
    })
}

/// MinIO can leave prefixes and folders out of versioning: a delete there destroys.
fn refuse_exclusions(root: &Fields<'_>) -> Result<(), Unreadable> {
    let folders = root.maybe("ExcludeFolders")?.map(|folders| folders.flag()).transpose()? == Some(true);
    let mut prefixes = false;
    for excluded in root.all("ExcludedPrefixes") {
        for prefix in excluded.fields()?.each() {
            prefixes |= !prefix.text()?.is_empty();
        }
    }
    match folders || prefixes {
        true => Err(Unreadable::Contradiction("the bucket leaves some of its keys out of versioning".to_owned())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versioning_is_enabled_only_where_it_says_so() {
        let table = [
            (
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
                (Versioning::Enabled, false),
            ),
            (
                "<VersioningConfiguration>\n  <Status>Suspended</Status>\n</VersioningConfiguration>",
                (Versioning::Suspended, false),
            ),
            ("<VersioningConfiguration xmlns=\"x\"/>", (Versioning::Never, false)),
            (
                "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
                (Versioning::Enabled, true),
            ),
            (
                "<GetBucketVersioningResponse xmlns=\"x\"><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></GetBucketVersioningResponse>",
                (Versioning::Enabled, false),
            ),
            (
                "<VersioningConfiguration><Status>Enabled</Status><ExcludeFolders>false</ExcludeFolders><ExcludedPrefixes/></VersioningConfiguration>",
                (Versioning::Enabled, false),
            ),
        ];
        for (xml, expected) in table {
            assert_eq!(versioning(xml.as_bytes()), Ok(expected), "{xml}");
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
            assert!(versioning(xml.as_bytes()).is_err(), "{xml}");
        }
        assert!(versioning(b"").is_err());
        assert!(versioning(b"<html><Status>Enabled</Status></html>").is_err());
        assert_eq!(versioning(b"<VersioningConfiguration>\xff</VersioningConfiguration>"), Err(Unreadable::NotUtf8));
    }
}
