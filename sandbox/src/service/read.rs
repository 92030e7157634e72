//! HeadObject and GetObject.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use s3s::dto::*;
use s3s::{Body, S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use super::missing::missing;
use super::{Service, millis, stamp};
use crate::errors::precondition_failed;
use crate::store::{BucketState, ChecksumKind, HoldDuration, ReadMiss, Sse, Store, Version, show_id};

/// What HEAD and GET have in common of their requests.
struct ReadRequest<'a> {
    bucket: &'a str,
    key: &'a str,
    version: Option<&'a str>,
    if_match: Option<&'a IfMatch>,
    if_none_match: Option<&'a IfNoneMatch>,
    modified_since: Option<&'a Timestamp>,
    unmodified_since: Option<&'a Timestamp>,
    range: Option<&'a Range>,
    customer_key_md5: Option<&'a str>,
    /// The version may be fetched from a replica when it is missing here.
    proxy: bool,
}

macro_rules! wanted {
    ($req:expr, $service:expr) => {
        ReadRequest {
            bucket: &$req.input.bucket,
            key: &$req.input.key,
            version: $req.input.version_id.as_deref(),
            if_match: $req.input.if_match.as_ref(),
            if_none_match: $req.input.if_none_match.as_ref(),
            modified_since: $req.input.if_modified_since.as_ref(),
            unmodified_since: $req.input.if_unmodified_since.as_ref(),
            range: $req.input.range.as_ref(),
            customer_key_md5: $req.input.sse_customer_key_md5.as_deref(),
            proxy: !$req.headers.contains_key("x-minio-source-proxy-request"),
        }
    };
}

/// Fills the fields that HEAD and GET answer alike.
macro_rules! answer {
    ($output:ident, $bucket:expr, $version:expr, $range:expr, $checksums:expr, $lock:expr) => {{
        let (bucket, version): (&BucketState, &Version) = ($bucket, $version);
        let extra = version.extra();
        let size = version.body.len() as u64;
        let mut out = $output::default();
        out.accept_ranges = Some("bytes".to_owned());
        out.cache_control = extra.cache_control.clone();
        out.content_disposition = extra.content_disposition.clone();
        out.content_encoding = extra.content_encoding.clone();
        out.content_language = extra.content_language.clone();
        out.content_type = Some(extra.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned()));
        out.content_length = Some(match &$range {
            Some(range) => range.end - range.start,
            None => size,
        } as i64);
        out.content_range = $range.as_ref().map(|range| format!("bytes {}-{}/{size}", range.start, range.end - 1));
        out.e_tag = Some(ETag::Strong(version.etag.to_string()));
        out.expiration = extra.expiration.clone();
        out.last_modified = Some(stamp(version.modified));
        out.metadata = (!extra.metadata.is_empty()).then(|| extra.metadata.iter().cloned().collect());
        let (may_see_retention, may_see_hold) = $lock;
        if may_see_retention && let Some((mode, until)) = extra.retention {
            out.object_lock_mode = Some(ObjectLockMode::from_static(mode.word()));
            out.object_lock_retain_until_date = Some(stamp(until));
        }
        if may_see_hold {
            out.object_lock_legal_hold_status =
                extra.legal_hold.map(|on| ObjectLockLegalHoldStatus::from_static(if on { "ON" } else { "OFF" }));
        }
        out.replication_status = version.status.word().map(|word| ReplicationStatus::from(word.to_owned()));
        say_encryption!(out, &extra.sse);
        out.storage_class = extra.storage_class.clone().map(Into::into);
        out.version_id = show_id(bucket, version.id);
        if $checksums
            && $range.is_none()
            && let Some((kind, value)) = &extra.checksum
        {
            // Base64 has no hyphen: the number of parts follows it.
            let composite = value.contains('-');
            say_checksum!(out, kind, value);
            out.checksum_type = Some(ChecksumType::from_static(if composite { "COMPOSITE" } else { "FULL_OBJECT" }));
        }
        out
    }};
}

impl Service {
    /// The answer, and the headers that its type has not: the number of tags for those who may read them, and event
    /// holds.
    pub(super) fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<(HeadObjectOutput, HeaderMap)> {
        if req.headers.contains_key("x-amz-server-side-encryption") {
            return Err(s3_error!(
                InvalidArgument,
                "x-amz-server-side-encryption header is not supported for this operation."
            ));
        }
        let wanted = wanted!(req, self);
        let lock = self.lock_rights(&req, wanted.bucket, wanted.key);
        let may_decrypt = self.may(&req, "kms:Decrypt", wanted.bucket, wanted.key);
        let store = self.world.read();
        let (bucket, version) = self.wanted(&store, &req, &wanted)?;
        let range = admit(version, &wanted)?;
        let checksums = req.input.checksum_mode.is_some();
        let may_see_tags = self.world.may_in(
            &store,
            super::access::who(&req),
            if wanted.version.is_some() { "s3:GetObjectVersionTagging" } else { "s3:GetObjectTagging" },
            wanted.bucket,
            wanted.key,
        );
        let tags = if may_see_tags { version.extra().tags.len() } else { 0 };
        if checksums && !may_decrypt && matches!(version.extra().sse, Sse::Kms(_)) {
            return Err(crate::errors::denied());
        }
        let mut headers = event_hold(version, lock.0);
        if tags > 0 {
            headers.insert("x-amz-tagging-count", tags.into());
        }
        Ok((answer!(HeadObjectOutput, bucket, version, range, checksums, lock), headers))
    }

    pub(super) fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<(GetObjectOutput, HeaderMap)> {
        let wanted = wanted!(req, self);
        let lock = self.lock_rights(&req, wanted.bucket, wanted.key);
        let store = self.world.read();
        let (bucket, version) = self.wanted(&store, &req, &wanted)?;
        let range = admit(version, &wanted)?;
        let checksums = req.input.checksum_mode.is_some();
        let mut out = answer!(GetObjectOutput, bucket, version, range, checksums, lock);
        let tags = version.extra().tags.len();
        out.tag_count = (tags > 0).then_some(tags as i32);
        let body: Bytes = match range {
            Some(range) => version.body.slice(range.start as usize..range.end as usize),
            None => version.body.clone(),
        };
        out.body = Some(StreamingBlob::from(Body::from(body)));
        Ok((out, event_hold(version, lock.0)))
    }

    /// Lock headers are shown only to those who may ask for them: their absence proves nothing.
    fn lock_rights<T>(&self, req: &S3Request<T>, bucket: &str, key: &str) -> (bool, bool) {
        (self.may(req, "s3:GetObjectRetention", bucket, key), self.may(req, "s3:GetObjectLegalHold", bucket, key))
    }

    fn wanted<'a, T>(
        &self,
        store: &'a Store,
        req: &S3Request<T>,
        wanted: &ReadRequest<'_>,
    ) -> S3Result<(&'a BucketState, &'a Version)> {
        match store.find(wanted.bucket, wanted.key, wanted.version) {
            Ok(found) => Ok(found),
            Err(miss) => {
                if wanted.proxy
                    && store.dialect.proxy_missing_from_replica
                    && let Some(found) = proxied(store, wanted, &miss)
                {
                    return Ok(found);
                }
                let may_list = self.may_list(store, req, wanted.bucket);
                Err(missing(miss, may_list))
            }
        }
    }

    /// As `may`, for callers that hold the store already.
    fn may_list<T>(&self, store: &Store, req: &S3Request<T>, bucket: &str) -> bool {
        self.world.may_in(store, super::access::who(req), "s3:ListBucket", bucket, "")
    }
}

/// The headers of an event hold; S3 shows them only to callers with `s3:GetObjectRetention`.
fn event_hold(version: &Version, may_see: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some((on, duration)) = version.extra().event_hold.filter(|_| may_see) {
        headers.insert("x-amz-object-lock-event-hold", HeaderValue::from_static(if on { "ON" } else { "OFF" }));
        match duration {
            HoldDuration::Days(days) => headers.insert("x-amz-object-lock-event-hold-duration-days", days.into()),
            HoldDuration::Years(years) => headers.insert("x-amz-object-lock-event-hold-duration-years", years.into()),
        };
    }
    headers
}

/// Looks for the version at the destinations of the bucket's rules, as MinIO does.
fn proxied<'a>(store: &'a Store, wanted: &ReadRequest<'_>, miss: &ReadMiss) -> Option<(&'a BucketState, &'a Version)> {
    if !matches!(miss, ReadMiss::Key | ReadMiss::Version) {
        return None;
    }
    let bucket = store.buckets.get(wanted.bucket)?;
    bucket
        .rules()
        .iter()
        .filter(|rule| rule.enabled)
        .find_map(|rule| store.find(&rule.to, wanted.key, wanted.version).ok())
}

/// Conditions, customer keys and ranges; what is left is the range to answer.
fn admit(version: &Version, wanted: &ReadRequest<'_>) -> S3Result<Option<std::ops::Range<u64>>> {
    match (&version.extra().sse, wanted.customer_key_md5) {
        (Sse::Customer(_), None) => {
            return Err(s3_error!(
                InvalidRequest,
                "The object was stored using a form of Server Side Encryption. \
                 The correct parameters must be provided to retrieve the object."
            ));
        }
        (Sse::Customer(ours), Some(theirs)) if ours != theirs => return Err(crate::errors::denied()),
        (Sse::Customer(_), Some(_)) | (_, None) => {}
        (_, Some(_)) => {
            return Err(s3_error!(InvalidRequest, "The encryption parameters are not applicable to this object."));
        }
    }
    let etag = version.etag.to_string();
    let matches = |condition: &ETagCondition| condition.as_etag().is_none_or(|named| named.value() == etag);
    // HTTP dates have no fractions, and neither do our times.
    let later_than = |time: &Timestamp| version.modified > millis(time);
    let failed = match (wanted.if_match, wanted.unmodified_since) {
        (Some(condition), _) => !matches(condition),
        (None, Some(time)) => later_than(time),
        (None, None) => false,
    };
    if failed {
        return Err(precondition_failed());
    }
    let unchanged = match (wanted.if_none_match, wanted.modified_since) {
        (Some(condition), _) => matches(condition),
        (None, Some(time)) => !later_than(time),
        (None, None) => false,
    };
    if unchanged {
        let mut error = S3Error::new(S3ErrorCode::NotModified);
        error.set_status_code(http::StatusCode::NOT_MODIFIED);
        return Err(error);
    }
    wanted
        .range
        .map(|range| {
            range
                .check(version.body.len() as u64)
                .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))
        })
        .transpose()
}
