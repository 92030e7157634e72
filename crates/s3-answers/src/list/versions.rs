//! ListObjectVersions.

use std::collections::HashSet;

use jiff::Timestamp;

use super::page::{COMMON, Encoding, ListRequest, VersionMarker, check_echoes, common_prefixes};
use crate::address::VersionId;
use crate::element::{Element, document};
use crate::error::AnswerError;

/// A page of versions and delete markers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPage {
    /// In the order of the answer.
    pub entries: Vec<VersionEntry>,
    /// Start of the next page.
    pub next: Option<VersionMarker>,
}

/// A version or a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionEntry {
    /// The decoded key.
    pub key: String,
    /// The text of the key in the answer.
    pub listed: String,
    /// `null` if the server omits the id.
    pub version_id: VersionId,
    /// Whether it is a delete marker.
    pub delete_marker: bool,
    /// Whether it is the current version of its key; `false` if the server omits the element.
    pub is_latest: bool,
    /// When it was written.
    pub last_modified: Option<Timestamp>,
}

/// Reads one page of [ListObjectVersions].
///
/// [ListObjectVersions]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
pub fn read_versions(answer: &[u8], request: &ListRequest<'_>) -> Result<VersionPage, AnswerError> {
    document(answer, &["ListVersionsResult"], |root| {
        root.no_other_entries(&[&COMMON[..], &["Version", "DeleteMarker"]].concat())?;
        let encoding = Encoding::of(&root)?;
        check_echoes(&root, request, encoding)?;
        common_prefixes(&root, request, encoding)?;
        let is_entry = |element: &Element<'_>| ["Version", "DeleteMarker"].contains(&element.name());
        let entries = root.each().filter(is_entry).map(|element| entry(element, request, encoding));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let mut seen = HashSet::new();
        if let Some(double) = entries.iter().find(|entry| !seen.insert((&entry.key, &entry.version_id))) {
            let (key, id) = (&double.key, &double.version_id);
            return Err(AnswerError::Contradiction(format!("the page has version {id} of {key:?} twice")));
        }
        let key = root.maybe_text("NextKeyMarker")?.filter(|key| !key.is_empty());
        let id = root.maybe_word("NextVersionIdMarker")?;
        // A server that omits the id of the null version omits it here too.
        let null = || entries.last().filter(|last| last.version_id.is_null()).map(|_| "null".to_owned());
        let marker = match (key, id) {
            (None, None) => None,
            (Some(key), id) => {
                // Some servers list versions before markers.
                let of_kind = |delete_marker: bool| entries.iter().rfind(|entry| entry.delete_marker == delete_marker);
                let last = [of_kind(false), of_kind(true)].into_iter().flatten().map(|entry| entry.key.as_str());
                let key = encoding.marker(key, last)?;
                id.or_else(null).map(|version_id| VersionMarker { key, version_id })
            }
            (None, Some(_)) => {
                let parent = root.name().to_owned();
                return Err(AnswerError::Missing { parent, name: "NextKeyMarker" });
            }
        };
        Ok(VersionPage { next: root.next_page(marker)?, entries })
    })
}

/// Optional elements must be valid if they exist.
fn entry(element: Element<'_>, request: &ListRequest<'_>, encoding: Encoding) -> Result<VersionEntry, AnswerError> {
    let delete_marker = element.name() == "DeleteMarker";
    let fields = element.fields()?;
    let listed = fields.one("Key")?.text()?.into_owned();
    let key = encoding.listed(&listed, request)?;
    // A server may omit the id of the null version.
    let id = fields.maybe_word("VersionId")?.unwrap_or_else(|| "null".to_owned());
    let version_id = VersionId::new(&id).map_err(|_| AnswerError::invalid("VersionId", &id))?;
    let is_latest = fields.maybe("IsLatest")?.map(|latest| latest.flag()).transpose()? == Some(true);
    let last_modified = match fields.maybe_word("LastModified")? {
        None => None,
        Some(word) => Some(word.parse().map_err(|_| AnswerError::invalid("LastModified", &word))?),
    };
    Ok(VersionEntry { key, listed, version_id, delete_marker, is_latest, last_modified })
}

#[cfg(test)]
mod tests {
    use super::super::page::PageStart;
    use super::*;
    use crate::address::Bucket;

    fn read(inner: &str, prefix: &str) -> Result<VersionPage, AnswerError> {
        let bucket = Bucket::new("src").unwrap();
        let xml = format!("<ListVersionsResult xmlns=\"x\">{inner}</ListVersionsResult>");
        read_versions(
            xml.as_bytes(),
            &ListRequest { bucket: &bucket, prefix, delimiter: None, start: PageStart::FirstKey },
        )
    }

    const END: &str = "<IsTruncated>false</IsTruncated>";

    fn one(element: &str, key: &str, id: &str) -> String {
        format!(
            "<{element}><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>true</IsLatest><LastModified>2026-05-06T10:00:00.000Z</LastModified><Owner><ID>me</ID></Owner></{element}>"
        )
    }

    #[test]
    fn versions_and_markers_keep_their_order() {
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
    fn the_null_version_may_have_no_id() {
        let null = "<Version><Key>k</Key></Version>";
        let page = read(&format!("{END}{null}"), "").unwrap();
        assert!(page.entries[0].version_id.is_null() && !page.entries[0].is_latest);
        let more = "<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>";
        assert_eq!(read(&format!("{null}{more}"), "").unwrap().next.unwrap().version_id, "null");
        assert!(read(&format!("{}{more}", one("Version", "k", "1")), "").is_err(), "versions of k may follow");
    }

    /// S3 encodes the marker, and Ceph does not.
    #[test]
    fn the_marker_is_decoded_only_where_it_is_encoded() {
        const ODD: &str = "%C3%9Cbersicht.pdf";
        let encoded = ODD.replace('%', "%25");
        // The last version and delete marker, the marker of the answer, and the key to continue after.
        let table = [
            ([Some("p/c%2B"), None], "p/c%2B", Some("p/c+")),
            ([Some("p/c%2B"), None], "p/c+", Some("p/c+")),
            ([Some("a+b"), None], "a+b", Some("a b")),
            ([Some("a%20b"), None], "a b", Some("a b")),
            ([Some(&encoded), None], ODD, Some(ODD)),
            ([Some(&encoded), None], &encoded, Some(ODD)),
            ([Some("%C3%9C"), None], "Ü", Some("Ü")),
            ([None, Some(&encoded)], ODD, Some(ODD)),
            ([Some("b"), Some(&encoded)], ODD, Some(ODD)),
            ([Some("a%2B"), Some("b")], "a%2B", Some("a+")),
            // MinIO adds to the key.
            ([Some("a"), None], "a%5Bminio_cache%3Av2%5D", Some("a[minio_cache:v2]")),
            // A key that was passed over. Without an escape there is one reading.
            ([Some("a"), None], "b", Some("b")),
            ([None, None], "b", Some("b")),
            ([Some("a"), None], "b%2B", None),
            ([None, None], "b%2B", None),
            ([Some("100%25"), None], "100%", Some("100%")),
            ([Some("b"), None], "100%", None),
            // Both readings are keys of the page.
            ([Some("%252B"), Some("%2B")], "%2B", None),
        ];
        for (keys, marker, next) in table {
            let [version, deleted] = keys;
            let entries = version.map(|key| one("Version", key, "1")).unwrap_or_default()
                + &deleted.map(|key| one("DeleteMarker", key, "2")).unwrap_or_default();
            let url = "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>";
            let inner = format!(
                "{url}<NextKeyMarker>{marker}</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>{entries}"
            );
            let found = read(&inner, "").map(|page| page.next.unwrap().key);
            assert_eq!(found.ok().as_deref(), next, "{keys:?} {marker}");
        }
        let raw = "<IsTruncated>true</IsTruncated><NextKeyMarker> a%2B</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>";
        assert_eq!(read(raw, "").unwrap().next.unwrap().key, " a%2B", "nothing is encoded");
    }

    #[test]
    fn a_later_page_begins_after_the_requested_marker() {
        let bucket = Bucket::new("src").unwrap();
        let marker = VersionMarker { key: "a b".to_owned(), version_id: "1".to_owned() };
        let url = "<EncodingType>url</EncodingType>";
        for (echo, is_good) in [
            ("", true),
            ("<KeyMarker/><VersionIdMarker/>", true),
            ("<KeyMarker>a b</KeyMarker><VersionIdMarker>1</VersionIdMarker>", true),
            ("<KeyMarker>a+b</KeyMarker>", true),
            ("<KeyMarker>a%20b</KeyMarker><VersionIdMarker>in another form</VersionIdMarker>", true),
            ("<KeyMarker>b</KeyMarker>", false),
            ("<KeyMarker>a%2Bb</KeyMarker>", false),
        ] {
            let xml = format!("<ListVersionsResult>{END}{url}{echo}{}</ListVersionsResult>", one("Version", "c", "1"));
            let start = PageStart::Marker(&marker);
            let request = ListRequest { bucket: &bucket, prefix: "", delimiter: None, start };
            assert_eq!(read_versions(xml.as_bytes(), &request).is_ok(), is_good, "{echo}");
        }
    }

    #[test]
    fn unreliable_pages_are_refused() {
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
