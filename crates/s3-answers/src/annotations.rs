//! ListObjectAnnotations: named payloads attached to a version. S3 replicates them separately, and deletes them with their
//! version.

use std::collections::HashSet;

use crate::element::document;
use crate::error::AnswerError;
use crate::form::form_decoded;

/// An annotation of a version (API Reference, [ListObjectAnnotations]).
///
/// [ListObjectAnnotations]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectAnnotations.html
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Unique in the version.
    pub name: String,
    /// S3's exact word; `None` if the answer has none.
    pub replication_status: Option<String>,
}

impl Annotation {
    /// Whether S3 has replicated it to every destination.
    pub fn is_replicated(&self) -> bool {
        self.replication_status.as_deref() == Some("COMPLETED")
    }
}

/// A page of the annotations of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationPage {
    /// In the order of the answer.
    pub annotations: Vec<Annotation>,
    /// `AnnotationCount`, of this page or of all pages.
    pub count: Option<usize>,
    /// Token of the next page.
    pub next: Option<String>,
}

/// Replaces control characters that XML 1.0 does not allow, and references to them, with U+FFFD: the answer repeats the key,
/// keys may contain them, and this list has no encoding for them.
fn without_controls(bytes: &[u8]) -> Vec<u8> {
    const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes[at..].strip_prefix(b"&#").map(|rest| &rest[..rest.len().min(9)]);
        let reference = rest.and_then(|rest| rest.get(..rest.iter().position(|byte| *byte == b';')?));
        match (byte, reference) {
            (0..=8 | 11 | 12 | 14..=31, _) => kept.extend_from_slice(REPLACEMENT),
            (b'&', Some(digits)) if control(digits) => {
                kept.extend_from_slice(REPLACEMENT);
                at += b"&#;".len() + digits.len() - 1;
            }
            _ => kept.push(*byte),
        }
        at += 1;
    }
    kept
}

/// Whether the digits of a character reference are a character that XML 1.0 does not allow.
fn control(digits: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(digits) else { return false };
    let code = match text.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => text.parse(),
    };
    matches!(code, Ok(0..=8 | 11 | 12 | 14..=31))
}

/// Joins all pages of one version.
///
/// # Errors
/// A page's count is neither that of the page nor that of all pages, or an annotation occurs twice.
pub fn join_annotation_pages(pages: Vec<AnnotationPage>) -> Result<Vec<Annotation>, AnswerError> {
    let total: usize = pages.iter().map(|page| page.annotations.len()).sum();
    for page in &pages {
        let listed = page.annotations.len();
        if let Some(count) = page.count.filter(|count| *count != listed && *count != total) {
            return Err(AnswerError::Contradiction(format!("AnnotationCount is {count}, and {total} are listed")));
        }
    }
    let mut seen = HashSet::with_capacity(total);
    let mut listed = pages.iter().flat_map(|page| &page.annotations);
    if let Some(double) = listed.find(|annotation| !seen.insert(annotation.name.as_str())) {
        return Err(AnswerError::Contradiction(format!("the annotation {:?} occurs twice", double.name)));
    }
    Ok(pages.into_iter().flat_map(|page| page.annotations).collect())
}

/// Reads one page of [ListObjectAnnotations] about `key`. Only a token shows that more pages follow.
///
/// [ListObjectAnnotations]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectAnnotations.html
pub fn read_annotations(answer: &[u8], key: &str) -> Result<AnnotationPage, AnswerError> {
    let answer = &without_controls(answer)[..];
    let key = &*String::from_utf8_lossy(&without_controls(key.as_bytes())).into_owned();
    document(answer, &["ListObjectAnnotationsOutput", "ListObjectAnnotationsResult"], |root| {
        root.no_other_entries(&["Annotations"])?;
        // S3 does not document whether it encodes the key here.
        let decoded = |echo: &str| form_decoded(echo).is_some_and(|decoded| decoded == key);
        if root.maybe_text("Key")?.is_some_and(|echo| echo != key && !decoded(&echo)) {
            return Err(AnswerError::contradiction("the answer is about another key"));
        }
        let mut annotations: Vec<Annotation> = Vec::new();
        if let Some(list) = root.maybe("Annotations")? {
            let list = list.fields()?;
            list.only(&["AnnotationEntry"])?;
            for entry in list.each() {
                let entry = entry.fields()?;
                let name = entry.one("AnnotationName")?.text()?.into_owned();
                let replication_status = entry.maybe_word("ReplicationStatus")?;
                annotations.push(Annotation { name, replication_status });
            }
        }
        let count = root.maybe_number("AnnotationCount")?;
        let next = root.maybe_word("NextContinuationToken")?;
        Ok(AnnotationPage { annotations, count, next })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inner: &str) -> Result<AnnotationPage, AnswerError> {
        let xml = format!("<ListObjectAnnotationsOutput xmlns=\"x\">{inner}</ListObjectAnnotationsOutput>");
        read_annotations(xml.as_bytes(), "k")
    }

    fn one(name: &str, word: Option<&str>) -> Annotation {
        Annotation { name: name.to_owned(), replication_status: word.map(str::to_owned) }
    }

    #[test]
    fn only_s3s_own_word_counts_as_replicated() {
        assert!(one("a", Some("COMPLETED")).is_replicated());
        for word in [None, Some(""), Some("COMPLETE"), Some("completed"), Some("PENDING"), Some("FAILED")] {
            assert!(!one("a", word).is_replicated(), "{word:?}");
        }
    }

    #[test]
    fn annotations_have_their_own_status() {
        let page = read(
            "<Bucket>b</Bucket><Key>k</Key><AnnotationCount>2</AnnotationCount><Annotations>\
             <AnnotationEntry><AnnotationName>a</AnnotationName><Size>3</Size><ReplicationStatus>PENDING</ReplicationStatus></AnnotationEntry>\
             <AnnotationEntry><AnnotationName>b</AnnotationName></AnnotationEntry></Annotations>\
             <NextContinuationToken>t</NextContinuationToken>",
        );
        let annotations = vec![one("a", Some("PENDING")), one("b", None)];
        assert_eq!(page, Ok(AnnotationPage { annotations, count: Some(2), next: Some("t".into()) }));
        assert_eq!(read("<Annotations/>"), Ok(AnnotationPage { annotations: vec![], count: None, next: None }));
    }

    #[test]
    fn a_key_with_control_characters_is_compared() {
        for written in ["a\u{1}b", "a&#1;b", "a&#x1;b", "a&#x01;b"] {
            let xml = format!("<ListObjectAnnotationsOutput><Key>{written}</Key></ListObjectAnnotationsOutput>");
            assert!(read_annotations(xml.as_bytes(), "a\u{1}b").is_ok(), "{written:?}");
            assert!(read_annotations(xml.as_bytes(), "ab").is_err(), "{written:?}");
        }
        let xml = "<ListObjectAnnotationsOutput><Key>a&#38;&#x41;&#10;</Key></ListObjectAnnotationsOutput>";
        assert!(read_annotations(xml.as_bytes(), "a&A\n").is_ok());
    }

    #[test]
    fn pages_agree_with_their_counts() {
        let page = |names: &[&str], count: Option<usize>| AnnotationPage {
            annotations: names.iter().map(|name| one(name, None)).collect(),
            count,
            next: None,
        };
        let good = [
            vec![page(&[], Some(0))],
            vec![page(&["a"], None)],
            vec![page(&["a"], Some(1)), page(&["b", "c"], Some(2))],
            vec![page(&["a"], Some(3)), page(&["b", "c"], Some(3))],
        ];
        for pages in good {
            assert!(join_annotation_pages(pages.clone()).is_ok(), "{pages:?}");
        }
        let bad = [
            vec![page(&[], Some(1))],
            vec![page(&["a"], Some(0))],
            vec![page(&["a"], Some(2)), page(&["b", "c"], None)],
            vec![page(&["a", "a"], None)],
            vec![page(&["a"], None), page(&["a"], None)],
        ];
        for pages in bad {
            assert!(join_annotation_pages(pages.clone()).is_err(), "{pages:?}");
        }
    }

    #[test]
    fn other_documents_are_refused() {
        let entry = "<AnnotationEntry><AnnotationName>a</AnnotationName></AnnotationEntry>";
        for inner in [
            "<Key>other</Key>".to_owned(),
            "<AnnotationCount>many</AnnotationCount>".to_owned(),
            "<Annotations><AnnotationEntry/></Annotations>".to_owned(),
            "<Annotations><Note><AnnotationName>a</AnnotationName></Note></Annotations>".to_owned(),
            format!("<AnnotationList>{entry}</AnnotationList>"),
        ] {
            assert!(read(&inner).is_err(), "{inner}");
        }
        assert!(read_annotations(b"any bytes", "k").is_err());
        assert!(read_annotations(b"<html/>", "k").is_err());
    }
}
