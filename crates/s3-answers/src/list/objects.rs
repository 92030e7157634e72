//! ListObjectsV2.

use std::collections::HashSet;

use super::page::{COMMON, Encoding, ListRequest, check_echoes, common_prefixes, token};
use crate::element::{Fields, document};
use crate::error::AnswerError;

/// A page of a list of current objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Decoded keys, including the prefix.
    pub keys: Vec<String>,
    /// The text of each key in the answer.
    pub listed: Vec<String>,
    /// The exact ETag of each key; empty if the answer has none.
    pub etags: Vec<String>,
    /// Decoded common prefixes.
    pub prefixes: Vec<String>,
    /// Token of the next page.
    pub next: Option<String>,
}

/// Reads one page of [ListObjectsV2].
///
/// In `Contents`, only the key must be valid, because no other element can change which keys the page lists.
///
/// [ListObjectsV2]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
pub fn read_objects(answer: &[u8], request: &ListRequest<'_>) -> Result<ListPage, AnswerError> {
    document(answer, &["ListBucketResult"], |root| {
        root.no_other_entries(&[&COMMON[..], &["Contents"]].concat())?;
        let encoding = Encoding::of(&root)?;
        check_echoes(&root, request, encoding)?;
        let (mut keys, mut listed, mut etags) = (Vec::new(), Vec::new(), Vec::new());
        for entry in root.all("Contents") {
            let fields = entry.fields()?;
            let text = fields.one("Key")?.text()?;
            keys.push(encoding.listed(&text, request)?);
            listed.push(text.into_owned());
            // An invalid ETag identifies nothing, and the list is still complete.
            etags.push(fields.maybe_text("ETag").ok().flatten().unwrap_or_default());
        }
        let prefixes = common_prefixes(&root, request, encoding)?;
        check_count(&root, keys.len(), prefixes.len())?;
        check_doubles(keys.iter().chain(&prefixes))?;
        let next = root.next_page(token(&root, "NextContinuationToken")?)?;
        Ok(ListPage { keys, listed, etags, prefixes, next })
    })
}

/// S3 counts keys and common prefixes, Ceph only keys.
fn check_count(root: &Fields<'_>, keys: usize, prefixes: usize) -> Result<(), AnswerError> {
    match root.maybe_number::<usize>("KeyCount")? {
        Some(count) if count != keys + prefixes && count != keys => {
            Err(AnswerError::Contradiction(format!("KeyCount is {count}, and the page has {}", keys + prefixes)))
        }
        _ => Ok(()),
    }
}

fn check_doubles<'a>(mut listed: impl Iterator<Item = &'a String>) -> Result<(), AnswerError> {
    let mut seen = HashSet::new();
    match listed.find(|key| !seen.insert(*key)) {
        Some(key) => Err(AnswerError::Contradiction(format!("the page has {key:?} twice"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::PageStart;
    use super::*;
    use crate::address::Bucket;

    fn read(inner: &str, prefix: &str, delimiter: Option<&str>) -> Result<ListPage, AnswerError> {
        let bucket = Bucket::new("src").unwrap();
        let xml = format!("<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\">{inner}</ListBucketResult>");
        read_objects(xml.as_bytes(), &ListRequest { bucket: &bucket, prefix, delimiter, start: PageStart::FirstKey })
    }

    const END: &str = "<IsTruncated>false</IsTruncated>";

    fn contents(key: &str) -> String {
        format!("<Contents><Key>{key}</Key><Size>1</Size><Owner><ID>me</ID></Owner><New><Thing/></New></Contents>")
    }

    #[test]
    fn keys_are_decoded_if_the_server_encodes_them() {
        let url = "<EncodingType>url</EncodingType>";
        let page = format!(
            "{END}{url}<Prefix>p%2F</Prefix>{}<CommonPrefixes><Prefix>p//%C3%BC/</Prefix></CommonPrefixes>",
            contents("p/a+b%2B%0A")
        );
        let page = read(&page, "p/", Some("/")).unwrap();
        assert_eq!((page.keys[0].as_str(), page.prefixes[0].as_str()), ("p/a b+\n", "p//ü/"));
        assert_eq!(read(&(END.to_owned() + &contents("p/a+b%2B")), "p/", None).unwrap().keys, ["p/a+b%2B"]);
        for key in ["p/%", "p/%FF"] {
            assert!(read(&format!("{END}{url}{}", contents(key)), "p/", None).is_err(), "{key}");
        }
    }

    #[test]
    fn every_key_has_its_etag_or_none() {
        let entry = |key: &str, etag: &str| format!("<Contents><Key>{key}</Key>{etag}</Contents>");
        let one = "<ETag>&quot;e&quot;</ETag>";
        let page = [END, &entry("a", one), &entry("b", ""), &entry("c", &one.repeat(2)), &entry("d", one)].concat();
        let page = read(&page, "", None).unwrap();
        assert_eq!((page.keys.len(), page.etags.concat().as_str()), (4, "\"e\"\"e\""));
        assert_eq!([&page.etags[1], &page.etags[2]], ["", ""]);
    }

    #[test]
    fn a_page_begins_where_it_was_requested() {
        let bucket = Bucket::new("src").unwrap();
        let (first, later) = (PageStart::FirstKey, PageStart::Token("t+/="));
        for (echo, start, is_good) in [
            ("<StartAfter>m</StartAfter>", first, false),
            ("<ContinuationToken>t</ContinuationToken>", first, false),
            ("<Marker>m</Marker>", first, false),
            ("<Marker/><StartAfter></StartAfter>", first, true),
            ("<ContinuationToken>t</ContinuationToken>", later, false),
            ("<ContinuationToken>t+/=</ContinuationToken>", later, true),
            ("<EncodingType>url</EncodingType><ContinuationToken>t+/=</ContinuationToken>", later, true),
            ("<EncodingType>url</EncodingType><ContinuationToken>t%2B%2F%3D</ContinuationToken>", later, true),
            ("<ContinuationToken/>", later, true),
            ("<Marker>m</Marker>", later, true),
            ("", later, true),
        ] {
            let xml = format!("<ListBucketResult>{END}{echo}{}</ListBucketResult>", contents("n"));
            let request = ListRequest { bucket: &bucket, prefix: "", delimiter: None, start };
            assert_eq!(read_objects(xml.as_bytes(), &request).is_ok(), is_good, "{echo} {start:?}");
        }
    }

    #[test]
    fn a_page_says_whether_and_where_it_continues() {
        let token = "<NextContinuationToken>t</NextContinuationToken>";
        let table = [
            (END.to_owned(), Ok(None)),
            (format!("{END}<NextContinuationToken/>"), Ok(None)),
            (format!("<IsTruncated> true </IsTruncated>{token}"), Ok(Some("t".to_owned()))),
            // Ceph sends a key.
            (
                "<IsTruncated>true</IsTruncated><NextContinuationToken> a%2B </NextContinuationToken>".to_owned(),
                Ok(Some(" a%2B ".to_owned())),
            ),
            (format!("{END}<NextContinuationToken>\n</NextContinuationToken>"), Ok(None)),
            (String::new(), Err(())),
            (token.to_owned(), Err(())),
            (format!("{END}{END}"), Err(())),
            (format!("{END}{token}"), Err(())),
            ("<IsTruncated>true</IsTruncated>".to_owned(), Err(())),
            ("<IsTruncated>true</IsTruncated><NextContinuationToken/>".to_owned(), Err(())),
            (format!("<IsTruncated>true</IsTruncated>{token}{token}"), Err(())),
            ("<IsTruncated>True</IsTruncated>".to_owned(), Err(())),
            ("<IsTruncated/>".to_owned(), Err(())),
        ];
        for (inner, next) in table {
            assert_eq!(read(&inner, "", None).map(|page| page.next).map_err(drop), next, "{inner}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let folder = "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>";
        let count = |count: &str| format!("<KeyCount>{count}</KeyCount>");
        let whole = format!("{END}<Name>src</Name>{}{}{folder}", count("2"), contents("k"));
        assert!(read(&whole, "", Some("/")).is_ok());
        assert!(read(&format!("{END}{}{}{folder}", count("1"), contents("k")), "", Some("/")).is_ok(), "Ceph");
        for inner in [
            whole,
            format!("{}{}", count("2"), contents("k")),
            format!("{}{}", count("0"), contents("k")),
            count("1"),
            count("+0"),
            count("-1"),
            contents("k") + &contents("k"),
            "<Contents><Size>1</Size></Contents>".to_owned(),
            "<Contents><Key>a</Key><Key>b</Key></Contents>".to_owned(),
            "<Contents><Key><b/></Key></Contents>".to_owned(),
            "<Contents><Key>a</Key>cut</Contents>".to_owned(),
            "<Name>other</Name>".to_owned(),
            "<Prefix>q/</Prefix>".to_owned(),
            "<Delimiter>/</Delimiter>".to_owned(),
            "<EncodingType>base64</EncodingType>".to_owned(),
            "<Entry><Key>a</Key></Entry>".to_owned(),
            "text".to_owned(),
        ] {
            assert!(read(&format!("{END}{inner}"), "", None).is_err(), "{inner}");
        }
        assert!(read(&format!("{END}{}", contents("q")), "p/", None).is_err(), "not asked for");
        assert!(read(&format!("{END}<New>word</New>{}", contents("k")), "", None).is_ok(), "a word more");
    }
}
