//! Annotations of a version: asked for before it is deleted, because they are deleted with it.
//!
//! Servers other than AWS may not support the operation. Some then answer with the object itself: its bytes and its ETag,
//! which no list has.

use std::sync::atomic::Ordering;

use s3_answers::{Annotation, join_annotation_pages, read_annotations};

use super::page_history::PageHistory;
use crate::model::{Failure, ObjectId};
use crate::s3::client::{RawBody, RequestError};
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;

/// S3 allows 1,000 annotations per version. A server that lists more than this never ends its list.
const MOST_ANNOTATIONS: usize = 10_000;

enum AnnotationAnswer {
    /// The body, which should be a list of annotations.
    List(Vec<u8>),
    /// The answer has an ETag, so it is an object: the server ignored the query parameter.
    ObjectItself,
}

impl S3Store {
    /// The annotations of the version. A server that does not support the operation has none, and is asked once per bucket.
    pub(crate) async fn annotations(&self, object: &ObjectId) -> Result<Vec<Annotation>, Failure> {
        let cache = self.cache_of(&object.bucket);
        if cache.knows_no_annotations.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let attempt = format!("asking for the annotations of {object}");
        let unreadable =
            |cause: &dyn std::fmt::Display| Failure::new("UnreadableAnnotations", format!("{attempt}: {cause}"), None);
        let (mut found, mut listed) = (Vec::new(), 0);
        let mut history = PageHistory::default();
        let mut after: Option<String> = None;
        loop {
            let answer = match self.ask_annotations(object, after.as_deref()).await {
                Err(error) if self.knows_none(&error) => None,
                Err(error) => return Err(error.failure(&attempt).needing("s3:ListObjectAnnotations", &object.bucket)),
                Ok(AnnotationAnswer::ObjectItself) if self.has_custom_endpoint() => None,
                Ok(AnnotationAnswer::ObjectItself) => return Err(unreadable(&"the answer is the object itself")),
                Ok(AnnotationAnswer::List(bytes)) => Some(read_annotations(&bytes, &object.key)),
            };
            let page = match answer {
                None if found.is_empty() => {
                    cache.knows_no_annotations.store(true, Ordering::Relaxed);
                    return Ok(Vec::new());
                }
                None => {
                    return Err(unreadable(
                        &"the server answered the first page, and then does not support the operation",
                    ));
                }
                Some(page) => page.map_err(|cause| unreadable(&cause))?,
            };
            let first = page.annotations.first().map(|first| first.name.clone());
            history.check(first.as_ref(), page.next.as_ref()).map_err(|cause| unreadable(&cause))?;
            listed += page.annotations.len();
            if listed > MOST_ANNOTATIONS {
                return Err(unreadable(&format!("more than {MOST_ANNOTATIONS} annotations are listed")));
            }
            after.clone_from(&page.next);
            found.push(page);
            if after.is_none() {
                return join_annotation_pages(found).map_err(|cause| unreadable(&cause));
            }
        }
    }

    /// Whether the server does not support the operation. Only S3's own code shows that, because a gateway may send the bare
    /// status. AWS supports the operation, so a 405 there is an error.
    fn knows_none(&self, error: &RequestError) -> bool {
        match error.code() {
            Some("NotImplemented") => true,
            Some("MethodNotAllowed") => self.has_custom_endpoint() && error.status() == Some(405),
            Some(_) | None => false,
        }
    }

    async fn ask_annotations(&self, object: &ObjectId, after: Option<&str>) -> Result<AnnotationAnswer, RequestError> {
        let why = "what is deleted with the version";
        let asked = RequestInfo { operation: "ListObjectAnnotations", about: object, why };
        let body = RawBody::default();
        let answer = self
            .follow(&object.bucket, asked, |client| {
                client
                    .list_object_annotations()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                    .set_continuation_token(after.map(str::to_owned))
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let bytes = body.of(answer)?;
        Ok(if body.had_an_etag() { AnnotationAnswer::ObjectItself } else { AnnotationAnswer::List(bytes) })
    }
}
