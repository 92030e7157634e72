//! Lists of keys. A list that did not come to its end is a failure: what it does not show may be there.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, Object};

use super::store::{Asked, S3Store};
use crate::inventory::decode_key;
use crate::model::{Bucket, Failure};

/// Which keys to list.
#[derive(Debug, Clone, Copy)]
pub struct ListQuestion<'a> {
    /// In which bucket.
    pub bucket: &'a Bucket,
    /// Only keys that begin so.
    pub prefix: &'a str,
    /// Keys that hold it behind the prefix are shown as one common prefix, up to and with it.
    pub delimiter: Option<&'a str>,
    /// What the answer is wanted for.
    pub why: &'static str,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Keys, whole.
    pub keys: Vec<String>,
    /// The ETag of each key, as it stands there; empty where the server says none.
    pub etags: Vec<String>,
    /// Common prefixes, whole.
    pub prefixes: Vec<String>,
    /// Where the next page begins; opaque.
    pub(super) next: Option<String>,
}

impl S3Store {
    /// Gives every page of a list to `take`.
    ///
    /// # Errors
    /// S3 refused (`s3:ListBucket`), or the list did not come to its end.
    pub async fn list(&self, question: ListQuestion<'_>, mut take: impl FnMut(ListPage)) -> Result<(), Failure> {
        let mut after: Option<String> = None;
        loop {
            let mut page = self.list_page(question, after.as_deref()).await?;
            let next = page.next.take();
            take(page);
            match next {
                None => return Ok(()),
                // It would go on for ever.
                Some(next) if after.as_ref() == Some(&next) => {
                    return Err(unreadable(question, "the same page comes again"));
                }
                Some(next) => after = Some(next),
            }
        }
    }

    pub(super) async fn list_page(&self, question: ListQuestion<'_>, after: Option<&str>) -> Result<ListPage, Failure> {
        let ListQuestion { bucket, prefix, delimiter, why } = question;
        let about = format!("s3://{bucket}/{prefix}");
        let asked = Asked { operation: "ListObjectsV2", about: &about, why };
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .list_objects_v2()
                    .bucket(bucket.as_str())
                    .prefix(prefix)
                    .set_delimiter(delimiter.map(str::to_owned))
                    .set_continuation_token(after.map(str::to_owned))
                    // XML has no way to write some characters that keys may hold.
                    .encoding_type(EncodingType::Url)
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        match answer {
            Ok(output) => read(&output, prefix).map_err(|cause| unreadable(question, &cause)),
            Err(raw) => Err(raw.failure(&attempt(question)).needing("s3:ListBucket", bucket)),
        }
    }
}

fn attempt(question: ListQuestion<'_>) -> String {
    format!("listing s3://{}/{}", question.bucket, question.prefix)
}

pub(super) fn unreadable(question: ListQuestion<'_>, cause: &str) -> Failure {
    let message = format!("{}: {cause}", attempt(question));
    Failure::new("UnreadableList", message, Some("is that an S3 endpoint?"))
}

/// A key as a list gives it, which must be below the prefix that was asked for.
pub(super) fn decoded(text: &str, prefix: &str, encoding: Option<&EncodingType>) -> Result<String, String> {
    // Servers that know no encoding say nothing of one.
    let key = match encoding {
        Some(EncodingType::Url) => {
            decode_key(text.as_bytes()).and_then(|bytes| String::from_utf8(bytes.into_owned()).ok())
        }
        _ => Some(text.to_owned()),
    };
    match key {
        Some(key) if key.starts_with(prefix) => Ok(key),
        Some(key) => Err(format!("the list holds {key:?}, which was not asked for")),
        None => Err(format!("the list holds {text:?}, which is no encoded key")),
    }
}

fn read(output: &ListObjectsV2Output, prefix: &str) -> Result<ListPage, String> {
    let decode = |text: &str| decoded(text, prefix, output.encoding_type());
    let token = output.next_continuation_token().filter(|token| !token.is_empty()).map(str::to_owned);
    let next = match (output.is_truncated(), token) {
        (Some(false), _) | (None, None) => None,
        (Some(true), None) => return Err("the list is cut off, and the server does not say how it goes on".to_owned()),
        (_, Some(token)) => Some(token),
    };
    let etag = |object: &Object| object.e_tag().unwrap_or_default().to_owned();
    Ok(ListPage {
        keys: output.contents().iter().filter_map(|object| object.key()).map(decode).collect::<Result<_, _>>()?,
        etags: output.contents().iter().filter(|object| object.key().is_some()).map(etag).collect(),
        prefixes: output
            .common_prefixes()
            .iter()
            .filter_map(|common| common.prefix())
            .map(decode)
            .collect::<Result<_, _>>()?,
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::CommonPrefix;

    fn answer(key: &str, common: &str, url: bool) -> ListObjectsV2Output {
        ListObjectsV2Output::builder()
            .contents(Object::builder().key(key).build())
            .common_prefixes(CommonPrefix::builder().prefix(common).build())
            .set_encoding_type(url.then_some(EncodingType::Url))
            .build()
    }

    #[test]
    fn keys_are_decoded_where_the_server_says_that_they_are_encoded() {
        let page = read(&answer("p/a+b%2B%0A", "p//%C3%BC/", true), "p/").unwrap();
        assert_eq!((page.keys[0].as_str(), page.prefixes[0].as_str()), ("p/a b+\n", "p//ü/"));
        let page = read(&answer("p/a+b%2B", "p/", false), "p/").unwrap();
        assert_eq!(page.keys, ["p/a+b%2B"]);
        assert!(read(&answer("p/%", "p/", true), "p/").unwrap_err().contains("no encoded key"));
        assert!(read(&answer("p/%FF", "p/", true), "p/").unwrap_err().contains("no encoded key"));
        assert!(read(&answer("p/x", "q/", true), "p/").unwrap_err().contains("not asked for"));
    }

    #[test]
    fn a_list_that_is_cut_off_is_not_taken_for_whole() {
        let page = |truncated: Option<bool>, token: Option<&str>| {
            let output = ListObjectsV2Output::builder()
                .set_is_truncated(truncated)
                .set_next_continuation_token(token.map(str::to_owned))
                .build();
            read(&output, "").map(|page| page.next)
        };
        assert_eq!(page(None, None), Ok(None));
        assert_eq!(page(Some(false), Some("t")), Ok(None));
        assert_eq!(page(Some(true), Some("t")), Ok(Some("t".to_owned())));
        assert_eq!(page(None, Some("t")), Ok(Some("t".to_owned())));
        assert!(page(Some(true), None).is_err());
        assert!(page(Some(true), Some("")).is_err());
    }
}
