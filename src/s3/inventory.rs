//! What is asked of a bucket's inventory configurations (User Guide, "Configuring Amazon S3 Inventory").

use s3_answers::{InventoryConfiguration, read_inventory_configuration, read_inventory_configurations};

use super::error::RequestError;
use super::guard::RawBody;
use super::list::PageHistory;
use super::store::{RequestInfo, S3Store};
use crate::model::{Bucket, Failure};

const PERMISSION: &str = "s3:GetInventoryConfiguration";
const WHY: &str = "where its inventory reports are";

impl S3Store {
    /// All inventory configurations of a bucket.
    ///
    /// # Errors
    /// S3 refused (`s3:GetInventoryConfiguration`), or the list did not come to its end.
    pub async fn inventory_configurations(&self, bucket: &Bucket) -> Result<Vec<InventoryConfiguration>, Failure> {
        let attempt = format!("listing the inventory configurations of bucket {bucket}");
        // moto answers with another root element; asked for one configuration it answers as S3 does.
        let unreadable = |cause: &dyn std::fmt::Display| {
            let hint = "give --id with the configuration's name, or name the REPORT";
            Failure::new("UnreadableConfiguration", format!("{attempt}: {cause}"), Some(hint))
        };
        let asked = RequestInfo { operation: "ListBucketInventoryConfigurations", about: bucket, why: WHY };
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        let mut pages = PageHistory::default();
        loop {
            let body = RawBody::default();
            let answer = self
                .follow(bucket, asked, |client| {
                    client
                        .list_bucket_inventory_configurations()
                        .bucket(bucket.as_str())
                        .set_continuation_token(after.clone())
                        .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                        .customize()
                        .interceptor(body.clone())
                        .send()
                })
                .await;
            let bytes = body.of(answer).map_err(|raw| without_inventory(raw, &attempt, bucket))?;
            let page = read_inventory_configurations(&bytes).map_err(|cause| unreadable(&cause))?;
            let first = page.configurations.first().map(|first| first.id.clone());
            pages.check(first.as_ref(), page.next.as_ref()).map_err(|cause| unreadable(&cause))?;
            found.extend(page.configurations);
            match page.next {
                None => return Ok(found),
                next => after = next,
            }
        }
    }

    /// One inventory configuration of a bucket; `None` where it has none of that name.
    ///
    /// # Errors
    /// S3 refused (`s3:GetInventoryConfiguration`), or no usable answer came.
    pub async fn inventory_configuration(
        &self,
        bucket: &Bucket,
        id: &str,
    ) -> Result<Option<InventoryConfiguration>, Failure> {
        let asked = RequestInfo { operation: "GetBucketInventoryConfiguration", about: bucket, why: WHY };
        let body = RawBody::default();
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_inventory_configuration()
                    .bucket(bucket.as_str())
                    .id(id)
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for inventory configuration {id:?} of bucket {bucket}");
        match body.of(answer) {
            Ok(bytes) => read_inventory_configuration(&bytes)
                .map(Some)
                .map_err(|cause| Failure::new("UnreadableConfiguration", format!("{attempt}: {cause}"), None)),
            Err(RequestError { status: Some(404), code, .. }) if code.as_deref() == Some("NoSuchConfiguration") => {
                Ok(None)
            }
            Err(raw) => Err(without_inventory(raw, &attempt, bucket)),
        }
    }
}

/// Reports can be read without their configuration, where the server does not know any.
fn without_inventory(raw: RequestError, attempt: &str, bucket: &Bucket) -> Failure {
    let unknown = matches!(raw.status, Some(405 | 501)) || raw.code.as_deref() == Some("NotImplemented");
    let failure = raw.failure(attempt).needing(PERMISSION, bucket);
    match unknown {
        true => Failure { hint: Some("the server does not know inventories: name the REPORT".to_owned()), ..failure },
        false => failure,
    }
}
