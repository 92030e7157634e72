//! ListObjectAnnotations, in the shape that the SDK's reader expects.

use http::{HeaderMap, HeaderValue};
use s3s::{S3Result, s3_error};

use super::Service;
use super::missing::missing;
use crate::errors::custom;
use crate::operation::{Call, parameter};
use crate::store::{Annotation, show_id};
use crate::text::{date_time, xml_escaped};

/// Most annotations in one answer.
const PAGE: usize = 1000;

impl Service {
    /// The document, and the headers beside it.
    pub(super) fn list_object_annotations(&self, call: &Call, query: &str) -> S3Result<(String, HeaderMap)> {
        let store = self.world.read();
        if store.dialect.annotations_unknown {
            return Err(custom(
                501,
                "NotImplemented",
                "A parameter you provided implies functionality that is not implemented",
            ));
        }
        let (bucket, key) = (call.bucket.as_deref().unwrap_or_default(), call.key.as_deref().unwrap_or_default());
        let (state, version) =
            store.find(bucket, key, call.version_id.as_deref()).map_err(|miss| missing(miss, true))?;
        let prefix = parameter(query, "annotation-prefix").unwrap_or_default();
        let most = match parameter(query, "max-annotation-results").map(|text| text.parse::<usize>()) {
            None => PAGE,
            Some(Ok(most @ 1..=PAGE)) => most,
            Some(_) => return Err(s3_error!(InvalidArgument, "Invalid max-annotation-results")),
        };
        let token = parameter(query, "continuation-token");
        let after = match &token {
            None => None,
            Some(token) => {
                Some(name_of(token).ok_or_else(|| s3_error!(InvalidArgument, "Invalid continuation token"))?)
            }
        };
        let mut found: Vec<&Annotation> = version
            .extra()
            .annotations
            .iter()
            .filter(|one| one.name.starts_with(&prefix) && after.as_ref().is_none_or(|after| one.name > *after))
            .take(most + 1)
            .collect();
        let more = found.len() > most;
        found.truncate(most);
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListObjectAnnotationsOutput \
             xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>{bucket}</Bucket><Key>{}</Key>\
             <AnnotationPrefix>{}</AnnotationPrefix><MaxAnnotationResults>{most}</MaxAnnotationResults>\
             <AnnotationCount>{}</AnnotationCount><Annotations>",
            xml_escaped(key),
            xml_escaped(&prefix),
            found.len()
        );
        found.iter().for_each(|one| xml.push_str(&entry(one)));
        xml.push_str("</Annotations>");
        if let Some(token) = token {
            xml.push_str(&format!("<ContinuationToken>{token}</ContinuationToken>"));
        }
        if let Some(last) = found.last().filter(|_| more) {
            xml.push_str(&format!("<NextContinuationToken>{}</NextContinuationToken>", token_after(&last.name)));
        }
        xml.push_str("</ListObjectAnnotationsOutput>");
        let mut headers = HeaderMap::new();
        if let Some(id) = show_id(state, version.id).and_then(|id| HeaderValue::from_str(&id).ok()) {
            headers.insert("x-amz-object-version-id", id);
        }
        Ok((xml, headers))
    }
}

fn entry(one: &Annotation) -> String {
    let status = one.status.word().map(|word| format!("<ReplicationStatus>{}</ReplicationStatus>", xml_escaped(word)));
    format!(
        "<AnnotationEntry><AnnotationName>{}</AnnotationName><LastModified>{}</LastModified>\
         <ETag>&quot;{}&quot;</ETag><Size>{}</Size>{}</AnnotationEntry>",
        xml_escaped(&one.name),
        date_time(one.modified),
        one.etag,
        one.size,
        status.unwrap_or_default()
    )
}

/// A token that names where the next page begins, opaque to clients.
fn token_after(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn name_of(token: &str) -> Option<String> {
    let pair = |at: usize| u8::from_str_radix(token.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..token.len()).step_by(2).map(pair).collect();
    String::from_utf8(bytes?).ok()
}
