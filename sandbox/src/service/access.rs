//! Access control: secrets for the signature check, and the checks before every operation.

use std::sync::Arc;

use http::{Extensions, HeaderMap};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Request, S3Result, s3_error};

use crate::errors::denied;
use crate::operation::parameter;
use crate::people::{Caller, action};
use crate::world::World;

use super::Service;

pub(crate) struct AccessControl(pub(crate) Arc<World>);

#[async_trait::async_trait]
impl S3Auth for AccessControl {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.0.people().secret(access_key) {
            Some(secret) => Ok(SecretKey::from(secret)),
            None => {
                Err(s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records."))
            }
        }
    }
}

#[async_trait::async_trait]
impl S3Access for AccessControl {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let unsigned = caller(cx.extensions_mut()).cloned();
        let query = cx.uri().query().unwrap_or("");
        let request = AccessRequest {
            who: unsigned.as_ref().map(Caller::key).or(cx.credentials().map(|one| one.access_key.as_str())),
            operation: cx.s3_op().name(),
            versioned: parameter(query, "versionId").is_some(),
            bucket: cx.s3_path().get_bucket_name(),
            key: cx.s3_path().get_object_key().unwrap_or(""),
            headers: cx.headers(),
        };
        admit(&self.0, &request)
    }
}

pub(super) struct AccessRequest<'a> {
    pub(super) who: Option<&'a str>,
    pub(super) operation: &'a str,
    pub(super) versioned: bool,
    pub(super) bucket: Option<&'a str>,
    pub(super) key: &'a str,
    pub(super) headers: &'a HeaderMap,
}

pub(super) fn admit(world: &World, request: &AccessRequest<'_>) -> S3Result<()> {
    let Some(bucket) = request.bucket else { return request.who.map(|_| ()).ok_or_else(denied) };
    let store = world.read();
    // A signed request for a missing bucket is answered with 404 later.
    let state = match store.buckets.get(bucket) {
        Some(state) => state,
        None if request.who.is_some() => return Ok(()),
        None => return Err(denied()),
    };
    let allowed = match action(request.operation, request.versioned) {
        Some(action) => world.may_in(&store, request.who, action, bucket, request.key),
        // Batch deletes are judged entry by entry; the rest can't be denied.
        None => request.who.is_some() || state.settings.public,
    };
    let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    let foreign = header("x-amz-expected-bucket-owner").is_some_and(|named| named != state.settings.owner);
    let unpaid = state.settings.requester_pays && header("x-amz-request-payer") != Some("requester");
    match allowed && !foreign && !unpaid {
        true => Ok(()),
        false => Err(denied()),
    }
}

/// The access key of a request; None when unsigned.
pub(super) fn who<T>(req: &S3Request<T>) -> Option<&str> {
    caller(&req.extensions).map(Caller::key).or(req.credentials.as_ref().map(|one| one.access_key.as_str()))
}

fn caller(extensions: &Extensions) -> Option<&Caller> {
    extensions.get()
}

impl Service {
    /// Whether the caller may hold on to a further permission than the operation's own.
    pub(super) fn may<T>(&self, req: &S3Request<T>, action: &str, bucket: &str, key: &str) -> bool {
        self.world.may(who(req), action, bucket, key)
    }
}
