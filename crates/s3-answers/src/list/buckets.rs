//! ListBuckets.

use super::page::token;
use crate::address::Bucket;
use crate::element::document;
use crate::error::AnswerError;

/// A page of a list of buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPage {
    /// In the order of the answer.
    pub buckets: Vec<Bucket>,
    /// Token of the next page.
    pub next: Option<String>,
}

/// Reads one page of [ListBuckets], which must be about every bucket: a page that echoes a prefix is refused.
///
/// [ListBuckets]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
pub fn read_buckets(answer: &[u8]) -> Result<BucketPage, AnswerError> {
    document(answer, &["ListAllMyBucketsResult"], |root| {
        root.no_other_entries(&["Owner", "Buckets"])?;
        if let Some(prefix) = root.maybe_text("Prefix")?.filter(|prefix| !prefix.is_empty()) {
            let what = format!("the answer is a list of the buckets with Prefix {prefix:?}, which was not requested");
            return Err(AnswerError::Contradiction(what));
        }
        let list = root.one("Buckets")?.fields()?;
        list.no_other_entries(&["Bucket"])?;
        let mut buckets = Vec::new();
        for element in list.all("Bucket") {
            let name = element.fields()?.one("Name")?.word()?.into_owned();
            buckets.push(Bucket::new(&name).map_err(|_| AnswerError::invalid("Name", &name))?);
        }
        Ok(BucketPage { buckets, next: token(&root, "ContinuationToken")? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_checked() {
        let read = |inner: &str| {
            let answer = format!("<ListAllMyBucketsResult><Owner><ID>1</ID></Owner>{inner}</ListAllMyBucketsResult>");
            let names = |page: BucketPage| page.buckets.iter().map(ToString::to_string).collect::<Vec<_>>();
            read_buckets(answer.as_bytes()).map(|page| (page.next.clone(), names(page)))
        };
        let bucket = |name: &str| format!("<Bucket><Name>{name}</Name><CreationDate>x</CreationDate></Bucket>");
        assert_eq!(read("<Buckets/>"), Ok((None, vec![])));
        let two = format!("<Buckets>{}{}</Buckets>", bucket("src"), bucket("dst"));
        assert_eq!(read(&two), Ok((None, vec!["src".to_owned(), "dst".to_owned()])));
        let page = format!("{two}<ContinuationToken>t</ContinuationToken>");
        assert_eq!(read(&page).unwrap().0.as_deref(), Some("t"));
        assert_eq!(read("<Buckets/><Prefix/><ContinuationToken> </ContinuationToken>"), Ok((None, vec![])));
        assert_eq!(read("<Buckets/><ContinuationToken> t</ContinuationToken>").unwrap().0.as_deref(), Some(" t"));
        for wrong in [
            "<Buckets/><Prefix>s</Prefix>",
            "",
            "<Buckets><Bucket/></Buckets>",
            "<Buckets><Bucket><Name>a/b</Name></Bucket></Buckets>",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
