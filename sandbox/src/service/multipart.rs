//! Multipart uploads: the AWS CLI makes them of everything above 8 MB.

use bytes::{Bytes, BytesMut};
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::buckets::{bucket, bucket_mut};
use super::write::described;
use super::{Service, stamp};
use crate::errors::malformed_xml;
use crate::store::{Etag, Extra, ObjectDraft, Sse, Store, Upload, show_id};

fn upload<'a>(store: &'a mut Store, name: &str, id: &str) -> S3Result<&'a mut Upload> {
    bucket_mut(store, name)?.uploads.get_mut(id).ok_or_else(no_upload)
}

fn no_upload() -> s3s::S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may \
         have been aborted or completed."
    )
}

impl Service {
    pub(super) fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let input = req.input;
        let extra = described!(input);
        let mut store = self.world.write();
        let id = store.mint().as_str().to_owned();
        let started = Upload {
            key: input.key.clone(),
            started: self.world.now_ms(),
            extra,
            parts: std::collections::BTreeMap::new(),
        };
        bucket_mut(&mut store, &input.bucket)?.uploads.insert(id.clone(), started);
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..Default::default()
        })
    }

    pub(super) fn upload_part(&self, req: S3Request<UploadPartInput>, body: Bytes) -> S3Result<UploadPartOutput> {
        let input = req.input;
        let etag = Etag::of(&body).to_string();
        let mut store = self.world.write();
        upload(&mut store, &input.bucket, &input.upload_id)?.parts.insert(input.part_number, body);
        Ok(UploadPartOutput { e_tag: Some(ETag::Strong(etag)), ..Default::default() })
    }

    pub(super) fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let input = req.input;
        let listed = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let mut store = self.world.write();
        let started = upload(&mut store, &input.bucket, &input.upload_id)?;
        let mut body = BytesMut::new();
        let mut sums = Vec::new();
        for part in &listed {
            let number = part.part_number.unwrap_or(0);
            let bytes = started.parts.get(&number);
            let sum = bytes.map(|bytes| Etag::of(bytes));
            let named = part.e_tag.as_ref().map(ETag::value);
            match (bytes, sum) {
                (Some(bytes), Some(sum)) if named.is_none_or(|etag| etag == sum.to_string()) => {
                    body.extend_from_slice(bytes);
                    sums.push(sum.md5);
                }
                _ => {
                    return Err(s3_error!(InvalidPart, "One or more of the specified parts could not be found."));
                }
            }
        }
        if sums.is_empty() {
            return Err(malformed_xml());
        }
        let (key, extra) = (started.key.clone(), started.extra.clone());
        let etag = Etag::of_parts(&sums);
        let draft = ObjectDraft { etag, ..ObjectDraft::new(body.freeze(), extra, self.world.now_ms()) };
        let id = store.write(&input.bucket, &key, draft)?;
        let state = bucket_mut(&mut store, &input.bucket)?;
        state.uploads.remove(&input.upload_id);
        Ok(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            e_tag: Some(ETag::Strong(etag.to_string())),
            key: Some(key),
            version_id: show_id(state, id),
            ..Default::default()
        })
    }

    pub(super) fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<AbortMultipartUploadOutput> {
        let mut store = self.world.write();
        let state = bucket_mut(&mut store, &req.input.bucket)?;
        state.uploads.remove(&req.input.upload_id).ok_or_else(no_upload)?;
        Ok(AbortMultipartUploadOutput::default())
    }

    pub(super) fn list_parts(&self, req: S3Request<ListPartsInput>) -> S3Result<ListPartsOutput> {
        let input = req.input;
        let store = self.world.read();
        let state = bucket(&store, &input.bucket)?;
        let started = state.uploads.get(&input.upload_id).ok_or_else(no_upload)?;
        let parts = started
            .parts
            .iter()
            .map(|(number, bytes)| Part {
                e_tag: Some(ETag::Strong(Etag::of(bytes).to_string())),
                last_modified: Some(stamp(started.started)),
                part_number: Some(*number),
                size: Some(bytes.len() as i64),
                ..Default::default()
            })
            .collect();
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            is_truncated: Some(false),
            key: Some(input.key),
            parts: Some(parts),
            upload_id: Some(input.upload_id),
            ..Default::default()
        })
    }

    pub(super) fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let store = self.world.read();
        let uploads = bucket(&store, &req.input.bucket)?
            .uploads
            .iter()
            .map(|(id, started)| MultipartUpload {
                initiated: Some(stamp(started.started)),
                key: Some(started.key.clone()),
                upload_id: Some(id.clone()),
                ..Default::default()
            })
            .collect();
        Ok(ListMultipartUploadsOutput {
            bucket: Some(req.input.bucket),
            is_truncated: Some(false),
            uploads: Some(uploads),
            ..Default::default()
        })
    }
}
