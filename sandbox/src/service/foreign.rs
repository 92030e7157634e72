//! PutBucketReplication with the `DeleteReplication` element of MinIO and RustFS.
//!
//! `s3s` rejects elements it does not know, as AWS does. In that dialect the request takes
//! this way round instead: behind the signature check, before the typed one.

use http::{HeaderMap, Method, Uri};
use s3s::dto::ReplicationConfiguration;
use s3s::route::S3Route;
use s3s::xml::{Deserialize, Deserializer};
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};

use super::Service;
use super::access::{Knock, admit, who};
use crate::operation;
use crate::rules::{foreign_elements, without_foreign};

/// Largest configuration taken.
const LARGEST: usize = 1 << 20;

/// The way round.
pub(crate) struct Foreign(pub(crate) Service);

#[async_trait::async_trait]
impl S3Route for Foreign {
    fn is_match(&self, method: &Method, uri: &Uri, headers: &HeaderMap, _: &mut http::Extensions) -> bool {
        method == Method::PUT
            && operation::call(method, uri, headers).operation == "PutBucketReplication"
            && self.0.world.read().dialect.version_deletes_replicate
    }

    async fn check_access(&self, req: &mut S3Request<Body>) -> S3Result<()> {
        let call = operation::call(&req.method, &req.uri, &req.headers);
        let knock = Knock {
            who: who(req),
            operation: call.operation,
            versioned: false,
            bucket: call.bucket.as_deref(),
            key: "",
            headers: &req.headers,
        };
        admit(&self.0.world, &knock)
    }

    async fn call(&self, mut req: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let call = operation::call(&req.method, &req.uri, &req.headers);
        let malformed = || {
            s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our \
                 published schema"
            )
        };
        let body = req.input.store_all_limited(LARGEST).await.map_err(|_| malformed())?;
        let xml = String::from_utf8_lossy(&body);
        let plain = without_foreign(&xml);
        let mut reader = Deserializer::new(plain.as_bytes());
        let document = ReplicationConfiguration::deserialize(&mut reader).map_err(|_| malformed())?;
        let bucket = call.bucket.unwrap_or_default();
        self.0.set_replication(&bucket, document, &foreign_elements(&xml))?;
        Ok(S3Response::new(Body::empty()))
    }
}
