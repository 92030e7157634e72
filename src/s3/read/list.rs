//! Lists of keys. A list that did not reach its end is a failure: missing keys may exist.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use s3_answers::{ListPage, ListRequest, PageStart, read_objects};

use super::page_history::PageHistory;
use crate::model::{Bucket, Failure};
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;

/// Which keys to list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListQuestion<'a> {
    pub bucket: &'a Bucket,
    pub prefix: &'a str,
    /// Groups keys into common prefixes, which end with it.
    pub delimiter: Option<&'a str>,
    /// The purpose, for `--verbose`.
    pub why: &'static str,
}

impl<'a> ListQuestion<'a> {
    pub(super) fn request(&self, start: PageStart<'a>) -> ListRequest<'a> {
        ListRequest { bucket: self.bucket, prefix: self.prefix, delimiter: self.delimiter, start }
    }
}

impl S3Store {
    /// Passes every page of a list to `take`.
    pub(crate) async fn list(&self, question: ListQuestion<'_>, mut take: impl FnMut(ListPage)) -> Result<(), Failure> {
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
        let request = RequestInfo { operation: "ListObjectsV2", about: &about, why };
        let send = |client: Client, body| {
            client
                .list_objects_v2()
                .bucket(bucket.as_str())
                .prefix(prefix)
                .set_delimiter(delimiter.map(str::to_owned))
                .set_continuation_token(after.map(str::to_owned))
                // XML can't represent some characters of keys.
                .encoding_type(EncodingType::Url)
                .set_request_payer(self.request_payer.clone())
                .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                .customize()
                .interceptor(body)
                .send()
        };
        match self.ask(bucket, request, send).await {
            Ok(bytes) => {
                let start = after.map_or(PageStart::FirstKey, PageStart::Token);
                read_objects(&bytes, &question.request(start)).map_err(|cause| unreadable(question, cause))
            }
            Err(error) => Err(error.failure(&attempt(question)).needing("s3:ListBucket", bucket)),
        }
    }

    /// The ETags of these keys, which all begin with `prefix`, as far as `most` pages of a listing show them. Other keys may
    /// exist too.
    pub(crate) async fn etags<'a>(
        &self,
        bucket: &Bucket,
        prefix: &str,
        keys: impl Iterator<Item = &'a str>,
        most: usize,
    ) -> Result<HashMap<&'a str, String>, Failure> {
        let why = "whether the data files have the MD5 of the manifest";
        let question = ListQuestion { bucket, prefix, delimiter: None, why };
        let mut wanted: HashMap<&str, Option<String>> = keys.map(|key| (key, None)).collect();
        let (mut missing, mut after) = (wanted.len(), None);
        for _ in 0..most {
            let page = self.list_page(question, after.as_deref()).await?;
            for (key, etag) in page.keys.iter().zip(page.etags) {
                if let Some(found) = wanted.get_mut(key.as_str())
                    && found.is_none()
                {
                    *found = Some(etag);
                    missing -= 1;
                }
            }
            after = page.next;
            if after.is_none() || missing == 0 {
                break;
            }
        }
        Ok(wanted.into_iter().filter_map(|(key, etag)| Some((key, etag?))).collect())
    }
}

fn attempt(question: ListQuestion<'_>) -> String {
    format!("listing s3://{}/{}", question.bucket, question.prefix)
}

pub(super) fn unreadable(question: ListQuestion<'_>, cause: impl std::fmt::Display) -> Failure {
    let message = format!("{}: {cause}", attempt(question));
    Failure::new("UnreadableList", message, Some("is that an S3 endpoint?"))
}
