//! PutObject and CopyObject.

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use s3s::dto::*;
use s3s::{S3Request, S3Result, TrailingHeaders, s3_error};

use super::missing::missing;
use super::{Service, millis, stamp};
use crate::errors::{no_key, precondition_failed};
use crate::store::{ChecksumKind, Extra, LockMode, ObjectDraft, Sse, Store, Version, current, show_id};

/// Gathers what PutObject, CopyObject and CreateMultipartUpload say about an object alike.
macro_rules! described {
    ($input:expr) => {{
        let input = &$input;
        Extra {
            metadata: input
                .metadata
                .as_ref()
                .map(|map| map.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
                .unwrap_or_default(),
            tags: input.tagging.as_deref().map(crate::service::write::tags).unwrap_or_default(),
            storage_class: input
                .storage_class
                .as_ref()
                .map(|class| class.as_str().to_owned())
                .filter(|class| class != "STANDARD"),
            content_type: input.content_type.clone(),
            cache_control: input.cache_control.clone(),
            content_disposition: input.content_disposition.clone(),
            content_encoding: input
                .content_encoding
                .as_ref()
                .map(|coding| coding.replace("aws-chunked", "").trim_matches([',', ' ']).to_owned())
                .filter(|coding| !coding.is_empty()),
            content_language: input.content_language.clone(),
            expiration: None,
            retention: crate::service::write::retention(
                input.object_lock_mode.as_ref().map(|mode| mode.as_str()),
                input.object_lock_retain_until_date.as_ref(),
            ),
            legal_hold: input.object_lock_legal_hold_status.as_ref().map(|status| status.as_str() == "ON"),
            event_hold: None,
            annotations: Vec::new(),
            sse: match (&input.sse_customer_key_md5, &input.server_side_encryption) {
                (Some(md5), _) => Sse::Customer(md5.clone()),
                (None, Some(kind)) if kind.as_str() == "aws:kms" => Sse::Kms(input.ssekms_key_id.clone()),
                (None, _) => Sse::S3,
            },
            checksum: None,
        }
    }};
}
pub(super) use described;

/// Reads `a=b&c=d`, form-encoded.
pub(super) fn tags(header: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    header
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

pub(super) fn retention(mode: Option<&str>, until: Option<&Timestamp>) -> Option<(LockMode, i64)> {
    Some((LockMode::from_word(mode?)?, millis(until?)))
}

impl Service {
    pub(super) fn put_object(&self, req: S3Request<PutObjectInput>, body: Bytes) -> S3Result<PutObjectOutput> {
        let input = &req.input;
        let mut extra = described!(input);
        extra.checksum = checksum(&req);
        let checksum = extra.checksum.clone();
        let sse = extra.sse.clone();
        let mut store = self.world.write();
        if input.if_none_match.is_some() || input.if_match.is_some() {
            let etag = store
                .buckets
                .get(input.bucket.as_str())
                .and_then(|bucket| bucket.objects.get(input.key.as_str()))
                .and_then(|versions| current(versions))
                .filter(|version| !version.marker)
                .map(|version| version.etag.to_string());
            precondition(etag.as_deref(), input.if_match.as_ref(), input.if_none_match.as_ref())?;
        }
        let draft = ObjectDraft::new(body, extra, self.world.now_ms());
        let etag = draft.etag.to_string();
        let id = store.write(&input.bucket, &input.key, draft)?;
        let mut out = PutObjectOutput {
            e_tag: Some(ETag::Strong(etag)),
            version_id: store.buckets.get(input.bucket.as_str()).and_then(|b| show_id(b, id)),
            ..Default::default()
        };
        say_encryption!(out, &sse);
        if let Some((kind, value)) = checksum {
            say_checksum!(out, kind, value);
        }
        Ok(out)
    }

    pub(super) fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<CopyObjectOutput> {
        let input = &req.input;
        let (bucket, key, version_id) = source(&input.copy_source)?;
        let action = match version_id {
            Some(_) => "s3:GetObjectVersion",
            None => "s3:GetObject",
        };
        if !self.may(&req, action, bucket, key) {
            return Err(crate::errors::denied());
        }
        let may_list = self.may(&req, "s3:ListBucket", bucket, "");
        let mut store = self.world.write();
        let found = copied(&store, bucket, key, version_id, may_list)?;
        let from = store.buckets.get(bucket).and_then(|state| show_id(state, found.id));
        let etag = Some(found.etag.to_string());
        precondition(etag.as_deref(), input.copy_source_if_match.as_ref(), input.copy_source_if_none_match.as_ref())?;
        let replace = input.metadata_directive.as_ref().is_some_and(|d| d.as_str() == "REPLACE");
        let retag = input.tagging_directive.as_ref().is_some_and(|d| d.as_str() == "REPLACE");
        let new = described!(input);
        let old = found.extra();
        // Storage class, encryption and lock are never copied; metadata and tags unless replaced.
        let mut extra = Extra {
            storage_class: new.storage_class.clone(),
            sse: new.sse.clone(),
            retention: new.retention,
            legal_hold: new.legal_hold,
            checksum: old.checksum.clone(),
            tags: if retag { new.tags.clone() } else { old.tags.clone() },
            ..if replace { new } else { old.clone() }
        };
        extra.expiration = None;
        extra.event_hold = None;
        extra.annotations.clear();
        let modified = self.world.now_ms();
        let draft = ObjectDraft::new(found.body, extra, modified);
        let etag = draft.etag.to_string();
        let id = store.write(&input.bucket, &input.key, draft)?;
        Ok(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                e_tag: Some(ETag::Strong(etag)),
                last_modified: Some(stamp(modified)),
                ..Default::default()
            }),
            copy_source_version_id: from,
            version_id: store.buckets.get(input.bucket.as_str()).and_then(|b| show_id(b, id)),
            ..Default::default()
        })
    }
}

fn source(source: &CopySource) -> S3Result<(&str, &str, Option<&str>)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => Ok((bucket, key, version_id.as_deref())),
        _ => Err(s3_error!(NotImplemented, "access points are not part of the sandbox")),
    }
}

fn copied(store: &Store, bucket: &str, key: &str, version: Option<&str>, may_list: bool) -> S3Result<Version> {
    store.find(bucket, key, version).map(|(_, version)| version.clone()).map_err(|miss| missing(miss, may_list))
}

/// A conditional write: `etag` is what is there now, None for nothing.
fn precondition(etag: Option<&str>, if_match: Option<&IfMatch>, if_none_match: Option<&IfNoneMatch>) -> S3Result<()> {
    let matches = |condition: &ETagCondition| match (condition.as_etag(), etag) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(named), Some(etag)) => named.value() == etag,
    };
    if if_match.is_some() && etag.is_none() {
        return Err(no_key());
    }
    if if_match.is_some_and(|c| !matches(c)) || if_none_match.is_some_and(matches) {
        return Err(precondition_failed());
    }
    Ok(())
}

/// The checksum the client sent, as a header or behind the body. Kept, not verified.
fn checksum(req: &S3Request<PutObjectInput>) -> Option<(ChecksumKind, String)> {
    let trailing = req.trailing_headers.as_ref().and_then(TrailingHeaders::take);
    ChecksumKind::ALL.iter().find_map(|(kind, header, _)| {
        let value = req.headers.get(*header).or_else(|| trailing.as_ref()?.get(*header))?;
        Some((*kind, value.to_str().ok()?.to_owned()))
    })
}
