//! Lists of keys. A list that did not come to its end is a failure: what it does not show may be there.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use aws_sdk_s3::types::EncodingType;
use s3_answers::{ListPage, ListRequest, read_objects};

use super::guard::RawBody;
use super::store::{RequestInfo, S3Store};
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

impl<'a> ListQuestion<'a> {
    pub(super) fn request(&self) -> ListRequest<'a> {
        ListRequest { bucket: self.bucket, prefix: self.prefix, delimiter: self.delimiter }
    }
}

impl S3Store {
    /// Gives every page of a list to `take`.
    ///
    /// # Errors
    /// S3 refused (`s3:ListBucket`), or the list did not come to its end.
    pub async fn list(&self, question: ListQuestion<'_>, mut take: impl FnMut(ListPage)) -> Result<(), Failure> {
        let mut after: Option<String> = None;
        let mut pages = PageHistory::default();
        loop {
            let mut page = self.list_page(question, after.as_deref()).await?;
            let first = page.keys.first().or(page.prefixes.first()).map(|_| (page.keys.first(), page.prefixes.first()));
            let next = page.next.take();
            pages.check(first.as_ref(), next.as_ref()).map_err(|cause| unreadable(question, cause))?;
            take(page);
            match next {
                None => return Ok(()),
                Some(next) => after = Some(next),
            }
        }
    }

    pub(super) async fn list_page(&self, question: ListQuestion<'_>, after: Option<&str>) -> Result<ListPage, Failure> {
        let ListQuestion { bucket, prefix, delimiter, why } = question;
        let about = format!("s3://{bucket}/{prefix}");
        let asked = RequestInfo { operation: "ListObjectsV2", about: &about, why };
        let body = RawBody::default();
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
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        match body.of(answer) {
            Ok(bytes) => read_objects(&bytes, &question.request()).map_err(|cause| unreadable(question, cause)),
            Err(raw) => Err(raw.failure(&attempt(question)).needing("s3:ListBucket", bucket)),
        }
    }
}

fn attempt(question: ListQuestion<'_>) -> String {
    format!("listing s3://{}/{}", question.bucket, question.prefix)
}

pub(super) fn unreadable(question: ListQuestion<'_>, cause: impl std::fmt::Display) -> Failure {
    let message = format!("{}: {cause}", attempt(question));
    Failure::new("UnreadableList", message, Some("is that an S3 endpoint?"))
}

/// Empty pages in a row that are still a list: S3 may send some where it walks over many deleted keys.
const MOST_EMPTY_PAGES: u32 = 10_000;

/// What the pages of one list began with, and where they continued. A list shows each entry once, so a page that begins
/// like an earlier one, or a token that came before, means a list without an end. Takes 16 bytes for a page of 1,000 keys,
/// and about as many again: hashes, of which two that are equal by chance end a list with an error, not with an answer.
#[derive(Debug, Default)]
pub(super) struct PageHistory {
    firsts: HashSet<u64>,
    tokens: HashSet<u64>,
    empty: u32,
}

impl PageHistory {
    /// Takes note of a page: its first entry, and where it says that the list continues.
    pub(super) fn check(&mut self, first: Option<&impl Hash>, next: Option<&impl Hash>) -> Result<(), &'static str> {
        if first.is_some_and(|first| !self.firsts.insert(hash(first))) {
            return Err("the same page comes again");
        }
        if next.is_some_and(|next| !self.tokens.insert(hash(next))) {
            return Err("the list continues where it was before");
        }
        self.empty = if first.is_some() { 0 } else { self.empty + 1 };
        match self.empty > MOST_EMPTY_PAGES {
            true => Err("the list has too many empty pages in a row"),
            false => Ok(()),
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far a list of these pages, each its first entry and its token, is followed.
    fn followed(pages: &[(Option<&str>, Option<&str>)]) -> usize {
        let mut history = PageHistory::default();
        pages.iter().take_while(|(first, next)| history.check(first.as_ref(), next.as_ref()).is_ok()).count()
    }

    #[test]
    fn a_list_without_an_end_is_ended() {
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        assert_eq!(followed(&[(a, Some("1")), (b, Some("2")), (c, None)]), 3);
        assert_eq!(followed(&[(a, Some("1")), (b, Some("1")), (c, None)]), 1, "the token again");
        assert_eq!(followed(&[(a, Some("1")), (b, Some("2")), (c, Some("1"))]), 2, "after two pages");
        assert_eq!(followed(&[(a, Some("1")), (b, Some("2")), (a, Some("3"))]), 2, "the same page, another token");
        assert_eq!(followed(&[(None, Some("1")), (None, Some("2")), (a, None)]), 3, "empty pages are pages");
        let names: Vec<String> = (0..20_000).map(|at| at.to_string()).collect();
        let empty: Vec<_> = names.iter().map(|name| (None, Some(name.as_str()))).collect();
        assert_eq!(followed(&empty), 10_000);
    }
}
