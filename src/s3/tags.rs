//! Tags of an object: asked for only where a rule goes by them.

use s3_answers::read_tags;

use super::guard::RawBody;
use super::store::{RequestInfo, S3Store};
use crate::model::{Failure, ObjectId};

impl S3Store {
    /// The object's tags, as they are now.
    ///
    /// # Errors
    /// S3 refused to say (`s3:GetObjectTagging`, of a version `s3:GetObjectVersionTagging`), or no usable answer came.
    pub async fn tags(&self, object: &ObjectId) -> Result<Vec<(String, String)>, Failure> {
        let asked = RequestInfo { operation: "GetObjectTagging", about: object, why: "a rule goes by tags" };
        let body = RawBody::default();
        let answer = self
            .follow(&object.bucket, asked, |client| {
                client
                    .get_object_tagging()
                    .bucket(object.bucket.as_str())
                    .key(&object.key)
                    .set_version_id(object.version_id.as_ref().map(|v| v.as_str().to_owned()))
                    .set_request_payer(self.request_payer.clone())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let permission = match object.version_id {
            Some(_) => "s3:GetObjectVersionTagging",
            None => "s3:GetObjectTagging",
        };
        let attempt = format!("asking for the tags of {object}");
        match body.of(answer) {
            Ok(bytes) => {
                read_tags(&bytes).map_err(|cause| Failure::new("UnreadableTags", format!("{attempt}: {cause}"), None))
            }
            Err(raw) => Err(raw.failure(&attempt).needing(permission, &object.bucket)),
        }
    }
}
