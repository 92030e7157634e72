//! Operations and documents that `s3s` has no types for: they are answered after the signature check, before the typed
//! operations.
//!
//! PutBucketReplication is here for the elements of newer rules and other servers, which `s3s` refuses.

use http::{HeaderMap, HeaderValue, Method, Uri};
use s3s::dto::ReplicationConfiguration;
use s3s::route::S3Route;
use s3s::xml::{Deserialize, Deserializer};
use s3s::{Body, S3Request, S3Response, S3Result};

use super::Service;
use super::access::{AccessRequest, admit, who};
use super::buckets::bucket;
use crate::errors::{custom, malformed_xml};
use crate::foreign::{foreign_elements, without_foreign};
use crate::operation::{self, Call};
use crate::text::xml_escaped;

const LARGEST: usize = 1 << 20;

pub(crate) struct RawRoute(pub(crate) Service);

#[async_trait::async_trait]
impl S3Route for RawRoute {
    fn is_match(&self, method: &Method, uri: &Uri, headers: &HeaderMap, _: &mut http::Extensions) -> bool {
        matches!(
            operation::call(method, uri, headers).operation,
            "PutBucketReplication"
                | "ListObjectAnnotations"
                | "GetBucketLifecycleConfiguration"
                | "GetBucketNotificationConfiguration"
                | "GetBucketEncryption"
        )
    }

    async fn check_access(&self, req: &mut S3Request<Body>) -> S3Result<()> {
        let call = operation::call(&req.method, &req.uri, &req.headers);
        let request = AccessRequest {
            who: who(req),
            operation: call.operation,
            versioned: call.version_id.is_some(),
            bucket: call.bucket.as_deref(),
            key: call.key.as_deref().unwrap_or(""),
            headers: &req.headers,
        };
        admit(&self.0.world, &request)
    }

    async fn call(&self, mut req: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let call = operation::call(&req.method, &req.uri, &req.headers);
        match call.operation {
            "PutBucketReplication" => {
                let body = req.input.store_all_limited(LARGEST).await.map_err(|_| malformed_xml())?;
                self.0.put_bucket_replication(&call, &body)
            }
            "ListObjectAnnotations" => {
                self.0.list_object_annotations(&call, req.uri.query().unwrap_or("")).map(|(body, headers)| {
                    let mut response = xml(body);
                    response.headers.extend(headers);
                    response
                })
            }
            "GetBucketNotificationConfiguration" => self.0.get_bucket_notifications(&call),
            "GetBucketEncryption" => self.0.get_bucket_encryption(&call),
            _ => self.0.get_bucket_lifecycle(&call),
        }
    }
}

impl Service {
    fn put_bucket_replication(&self, call: &Call, body: &[u8]) -> S3Result<S3Response<Body>> {
        let text = String::from_utf8_lossy(body);
        let plain = without_foreign(&text, self.world.read().dialect.version_deletes_replicate);
        let mut reader = Deserializer::new(plain.as_bytes());
        let document = ReplicationConfiguration::deserialize(&mut reader).map_err(|_| malformed_xml())?;
        let foreign = foreign_elements(&text).map_err(|_| malformed_xml())?;
        self.set_replication(call.bucket.as_deref().unwrap_or_default(), document, &foreign)?;
        Ok(S3Response::new(Body::empty()))
    }

    fn get_bucket_lifecycle(&self, call: &Call) -> S3Result<S3Response<Body>> {
        let store = self.world.read();
        match &bucket(&store, call.bucket.as_deref().unwrap_or_default())?.lifecycle {
            Some(document) => Ok(xml(document.clone())),
            None => Err(custom(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")),
        }
    }
}

impl Service {
    /// A bucket that sends no events has an empty configuration.
    fn get_bucket_notifications(&self, call: &Call) -> S3Result<S3Response<Body>> {
        let store = self.world.read();
        let document = &bucket(&store, call.bucket.as_deref().unwrap_or_default())?.notifications;
        Ok(xml(document.clone().unwrap_or_else(|| "<NotificationConfiguration/>".to_owned())))
    }

    fn get_bucket_encryption(&self, call: &Call) -> S3Result<S3Response<Body>> {
        let store = self.world.read();
        let Some((algorithm, key)) = &bucket(&store, call.bucket.as_deref().unwrap_or_default())?.encryption else {
            let code = "ServerSideEncryptionConfigurationNotFoundError";
            return Err(custom(404, code, "The server side encryption configuration was not found"));
        };
        let algorithm = format!("<SSEAlgorithm>{}</SSEAlgorithm>", xml_escaped(algorithm));
        let key = key.as_ref().map(|key| format!("<KMSMasterKeyID>{}</KMSMasterKeyID>", xml_escaped(key)));
        let key = key.unwrap_or_default();
        Ok(xml(format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>{algorithm}{key}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
        )))
    }
}

fn xml(body: String) -> S3Response<Body> {
    let mut response = S3Response::new(Body::from(body));
    response.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}
