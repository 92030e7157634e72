//! ListObjectVersions.

use std::collections::HashSet;

use jiff::Timestamp;

use super::element::{Element, document};
use super::page::{COMMON, Encoding, Expected, check_echoes, common_prefixes, next};
use super::unreadable::Unreadable;
use crate::model::VersionId;

/// A page of versions and delete markers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct VersionPage {
    /// In the order of the answer.
    pub(in crate::s3) entries: Vec<VersionEntry>,
    /// Where the next page begins.
    pub(in crate::s3) next: Option<VersionMarker>,
}

/// A version or a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct VersionEntry {
    pub(in crate::s3) key: String,
    pub(in crate::s3) version_id: VersionId,
    pub(in crate::s3) delete_marker: bool,
    pub(in crate::s3) is_latest: bool,
    pub(in crate::s3) last_modified: Option<Timestamp>,
}

/// Where a page begins; opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct VersionMarker {
    pub(in crate::s3) key: String,
    pub(in crate::s3) version_id: String,
}

/// One page.
pub(in crate::s3) fn versions(answer: &[u8], expected: &Expected<'_>) -> Result<VersionPage, Unreadable> {
    document(answer, &["ListVersionsResult"], |root| {
        root.no_other_entries(&[&COMMON[..], &["Version", "DeleteMarker"]].concat())?;
        let encoding = Encoding::of(&root)?;
        check_echoes(&root, expected, encoding)?;
        common_prefixes(&root, expected, encoding)?;
        let is_entry = |element: &Element<'_>| ["Version", "DeleteMarker"].contains(&element.name());
        let entries = root.each().filter(is_entry).map(|element| entry(element, expected, encoding));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let mut seen = HashSet::new();
        if let Some(double) = entries.iter().find(|entry| !seen.insert((&entry.key, &entry.version_id))) {
            let (key, id) = (&double.key, &double.version_id);
            return Err(Unreadable::Contradiction(format!("the page has version {id} of {key:?} twice")));
        }
        let key = root.maybe_text("NextKeyMarker")?.filter(|key| !key.is_empty());
        let id = root.maybe_word("NextVersionIdMarker")?;
        // A server that leaves out the id of the null version leaves it out here too.
        let null = || entries.last().filter(|last| last.version_id.is_null()).map(|_| "null".to_owned());
        let marker = match (key, id) {
            (None, None) => None,
            (Some(key), id) => {
                let key = encoding.decode(&key)?;
                id.or_else(null).map(|version_id| VersionMarker { key, version_id })
            }
            (None, Some(_)) => {
                let parent = root.name().to_owned();
                return Err(Unreadable::Missing { parent, name: "NextKeyMarker" });
            }
        };
        Ok(VersionPage { next: next(&root, marker)?, entries })
    })
}

/// `IsLatest` and the rest of what is read must be valid where they are there.
fn entry(element: Element<'_>, expected: &Expected<'_>, encoding: Encoding) -> Result<VersionEntry, Unreadable> {
    let delete_marker = element.name() == "DeleteMarker";
    let fields = element.fields()?;
    let key = encoding.listed(&fields.one("Key")?.text()?, expected)?;
    // Where a server leaves the id out, it is that of the null version.
    let id = fields.maybe_word("VersionId")?.unwrap_or_else(|| "null".to_owned());
    let version_id = VersionId::new(&id).map_err(|_| Unreadable::invalid("VersionId", &id))?;
    let is_latest = fields.maybe("IsLatest")?.map(|latest| latest.flag()).transpose()? == Some(true);
    let last_modified = match fields.maybe_word("LastModified")? {
        None => None,
        Some(word) => Some(word.parse().map_err(|_| Unreadable::invalid("LastModified", &word))?),
    };
    Ok(VersionEntry { key, version_id, delete_marker, is_latest, last_modified })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bucket;

    fn read(inner: &str, prefix: &str) -> Result<VersionPage, Unreadable> {
        let bucket = Bucket::new("src").unwrap();
        let xml = format!("<ListVersionsResult xmlns=\"x\">{inner}</ListVersionsResult>");
        versions(xml.as_bytes(), &Expected { bucket: &bucket, prefix, delimiter: None })
    }

    const END: &str = "<IsTruncated>false</IsTruncated>";

    fn one(element: &str, key: &str, id: &str) -> String {
        format!(
            "<{element}><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>true</IsLatest><LastModified>2026-05-06T10:00:00.000Z</LastModified><Owner><ID>me</ID></Owner></{element}>"
        )
    }

    #[test]
    fn versions_and_markers_come_in_their_order() {
        let inner = one("Version", "p/a", "3") + &one("DeleteMarker", "p/c%2B", "2") + "<MaxKeys>1000</MaxKeys>";
        let url = "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>p/c%2B</NextKeyMarker><NextVersionIdMarker>2</NextVersionIdMarker>";
        let page = read(&(inner + url), "p/").unwrap();
        let shown: Vec<_> =
            page.entries.iter().map(|e| (e.key.as_str(), e.version_id.as_str(), e.delete_marker)).collect();
        assert_eq!(shown, [("p/a", "3", false), ("p/c+", "2", true)]);
        assert_eq!(page.next, Some(VersionMarker { key: "p/c+".to_owned(), version_id: "2".to_owned() }));
        assert!(page.entries[0].is_latest && page.entries[0].last_modified.is_some());
    }

    #[test]
    fn the_null_version_may_come_without_its_id() {
        let null = "<Version><Key>k</Key></Version>";
        let page = read(&format!("{END}{null}"), "").unwrap();
        assert!(page.entries[0].version_id.is_null() && !page.entries[0].is_latest);
        let more = "<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>";
        assert_eq!(read(&format!("{null}{more}"), "").unwrap().next.unwrap().version_id, "null");
        assert!(read(&format!("{}{more}", one("Version", "k", "1")), "").is_err(), "versions of k may follow");
    }

    #[test]
    fn what_can_not_be_relied_on_is_not_a_list() {
        let markers = "<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>";
        for inner in [
            String::new(),
            one("Version", "k", "1"),
            "<IsTruncated>true</IsTruncated>".to_owned(),
            "<IsTruncated>true</IsTruncated><NextVersionIdMarker>1</NextVersionIdMarker>".to_owned(),
            format!("{END}{markers}"),
            format!("{END}{}{}", one("Version", "k", "1"), one("DeleteMarker", "k", "1")),
            format!("{END}<Version><VersionId>1</VersionId></Version>"),
            format!("{END}<Version><Key>k</Key><VersionId>1</VersionId><VersionId>2</VersionId></Version>"),
            format!("{END}<Version><Key>k</Key><IsLatest>yes</IsLatest></Version>"),
            format!("{END}<Version><Key>k</Key><LastModified>yesterday</LastModified></Version>"),
            format!("{END}<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>"),
            format!("{END}{}", one("Marker", "k", "1")),
        ] {
            assert!(read(&inner, "").is_err(), "{inner}");
        }
        assert!(read(&format!("{END}{}", one("Version", "q", "1")), "p").is_err(), "not asked for");
    }
}
