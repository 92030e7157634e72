//! DeleteObject and DeleteObjects.

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Result};

use super::Service;
use crate::errors::{custom, denied, malformed_xml};
use crate::fault::{ENTRY, FaultKind};
use crate::log::{Effect, LogId};
use crate::operation::Call;
use crate::store::{Condition, Deleted, VersionId, show_id};

impl Service {
    pub(super) fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> S3Result<DeleteObjectOutput> {
        let input = &req.input;
        let bypass = self.bypass(&req, input.bypass_governance_retention, &input.bucket);
        let mut condition = input.if_match.as_ref().map(|condition| match condition.as_etag() {
            None => Condition::Any,
            Some(etag) => Condition::Etag(etag.value().to_owned()),
        });
        // Comparing an ETag is reading: S3 asks for that permission too.
        if matches!(condition, Some(Condition::Etag(_))) && !self.may(&req, "s3:GetObject", &input.bucket, &input.key) {
            return Err(denied());
        }
        let mut store = self.world.write();
        if condition.is_some() && store.dialect.if_match_501 {
            return Err(custom(
                501,
                "NotImplemented",
                "A header you provided implies functionality that is not implemented",
            ));
        }
        if store.dialect.if_match_ignored {
            condition = None;
        }
        let version = input.version_id.as_deref();
        let done = store.delete(&input.bucket, &input.key, version, condition.as_ref(), bypass, self.world.now_ms())?;
        self.note(&req, &input.key, &done);
        let bucket = store.buckets.get(input.bucket.as_str());
        Ok(DeleteObjectOutput {
            delete_marker: done.marker.then_some(true),
            version_id: bucket.and_then(|bucket| show_id(bucket, done.id?)),
            ..Default::default()
        })
    }

    pub(super) fn delete_objects(&self, req: S3Request<DeleteObjectsInput>) -> S3Result<DeleteObjectsOutput> {
        let input = &req.input;
        let objects = &input.delete.objects;
        if objects.is_empty() || objects.len() > 1000 {
            return Err(malformed_xml());
        }
        let quiet = input.delete.quiet.unwrap_or(false);
        let bypass = self.bypass(&req, input.bypass_governance_retention, &input.bucket);
        let mut deleted = Vec::new();
        let mut errors = Vec::new();
        for entry in objects {
            let strange = self.strike_entry(&input.bucket, entry);
            match &strange {
                Some(FaultKind::Status(_, code, message)) => {
                    errors.push(Error {
                        code: Some(code.clone()),
                        key: Some(entry.key.clone()),
                        message: Some(message.clone()),
                        version_id: entry.version_id.clone(),
                    });
                    continue;
                }
                Some(FaultKind::CloseBefore) => continue,
                _ => {}
            }
            match (self.delete_entry(&req, entry, bypass), strange) {
                (Err(error), _) if error.code().as_str() == "NoSuchBucket" => return Err(error),
                (Err(error), _) => errors.push(refusal(entry, &error)),
                (Ok(_), Some(FaultKind::CloseAfter)) => {}
                (Ok(_), Some(FaultKind::StatusAfter(status, code, message))) => {
                    errors.push(refusal(entry, &custom(status, &code, &message)));
                }
                (Ok(done), Some(FaultKind::AnswerFor(key))) => {
                    deleted.push(DeletedObject { key: Some(key), ..report(entry, &done) });
                }
                (Ok(_), _) if quiet => {}
                (Ok(done), _) => deleted.push(report(entry, &done)),
            }
        }
        Ok(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None })
    }

    /// The fault that applies to one key of a batch.
    fn strike_entry(&self, bucket: &str, entry: &ObjectIdentifier) -> Option<FaultKind> {
        let call = Call {
            operation: ENTRY,
            bucket: Some(bucket.to_owned()),
            key: Some(entry.key.clone()),
            version_id: entry.version_id.clone(),
        };
        self.world.strike(&call).pop()
    }

    fn delete_entry(
        &self,
        req: &S3Request<DeleteObjectsInput>,
        entry: &ObjectIdentifier,
        bypass: bool,
    ) -> S3Result<Deleted> {
        let bucket = req.input.bucket.as_str();
        let action = match entry.version_id {
            Some(_) => "s3:DeleteObjectVersion",
            None => "s3:DeleteObject",
        };
        if !self.may(req, action, bucket, &entry.key) {
            return Err(denied());
        }
        // As for a single delete: comparing an ETag is reading.
        let compares = entry.e_tag.as_ref().is_some_and(|etag| etag.value() != "*");
        if compares && !self.may(req, "s3:GetObject", bucket, &entry.key) {
            return Err(denied());
        }
        let mut store = self.world.write();
        let condition = match &entry.e_tag {
            Some(_) if store.dialect.batch_etag_ignored => None,
            None => None,
            Some(etag) if etag.value() == "*" => Some(Condition::Any),
            Some(etag) => Some(Condition::Etag(etag.value().to_owned())),
        };
        let version = entry.version_id.as_deref();
        let done = store.delete(bucket, &entry.key, version, condition.as_ref(), bypass, self.world.now_ms())?;
        self.note(req, &entry.key, &done);
        Ok(done)
    }

    /// Writes to the log while the store is locked, so that effects are in their real order.
    fn note<T>(&self, req: &S3Request<T>, key: &str, done: &Deleted) {
        let Some(LogId(id)) = req.extensions.get::<LogId>() else { return };
        let text = |id: &VersionId| id.as_str().to_owned();
        let effect = Effect {
            at: 0,
            key: key.to_owned(),
            removed: done.removed.iter().map(text).collect(),
            marker: done.id.as_ref().filter(|_| done.made).map(text),
            hidden: done.hidden.as_ref().map(text),
        };
        self.world.log().effect(*id, effect);
    }

    fn bypass<T>(&self, req: &S3Request<T>, asked: Option<bool>, bucket: &str) -> bool {
        asked == Some(true) && self.may(req, "s3:BypassGovernanceRetention", bucket, "")
    }
}

fn report(entry: &ObjectIdentifier, done: &Deleted) -> DeletedObject {
    let marker = done.id.filter(|_| done.marker);
    DeletedObject {
        delete_marker: done.marker.then_some(true),
        delete_marker_version_id: marker.map(|id| id.as_str().to_owned()),
        key: Some(entry.key.clone()),
        // Only what was named: the id of a new marker has an element of its own.
        version_id: entry.version_id.clone().filter(|_| !done.made),
    }
}

fn refusal(entry: &ObjectIdentifier, error: &S3Error) -> Error {
    Error {
        code: Some(error.code().as_str().to_owned()),
        key: Some(entry.key.clone()),
        message: error.message().map(str::to_owned),
        version_id: entry.version_id.clone(),
    }
}
