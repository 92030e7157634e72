//! What is asked of a bucket's inventory configurations (User Guide, "Configuring Amazon S3 Inventory").

use aws_sdk_s3::types::InventoryConfiguration;

use super::bucket::bucket_of_arn;
use super::error::Raw;
use super::store::{Asked, S3Store};
use crate::inventory::Configuration;
use crate::model::{Bucket, Failure};

const PERMISSION: &str = "s3:GetInventoryConfiguration";
const WHY: &str = "where its inventory reports are";

impl S3Store {
    /// All inventory configurations of a bucket.
    ///
    /// # Errors
    /// S3 refused (`s3:GetInventoryConfiguration`), or the list did not come to its end.
    pub async fn inventory_configurations(&self, bucket: &Bucket) -> Result<Vec<Configuration>, Failure> {
        let attempt = format!("listing the inventory configurations of bucket {bucket}");
        let unreadable = |cause: &str| Failure::new("UnreadableConfiguration", format!("{attempt}: {cause}"), None);
        let asked = Asked { operation: "ListBucketInventoryConfigurations", about: bucket, why: WHY };
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let answer = self
                .follow(bucket, asked, |client| {
                    client
                        .list_bucket_inventory_configurations()
                        .bucket(bucket.as_str())
                        .set_continuation_token(after.clone())
                        .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                        .send()
                })
                .await;
            let page = answer.map_err(|raw| match raw.status {
                // moto answers with another root element; asked for one configuration it answers as S3 does.
                Some(200) => Failure {
                    hint: Some("give --id with the configuration's name, or name the REPORT".to_owned()),
                    ..raw.failure(&attempt)
                },
                _ => raw.failure(&attempt).needing(PERMISSION, bucket),
            })?;
            found.extend(page.inventory_configuration_list().iter().map(read));
            let next = page.next_continuation_token.filter(|token| !token.is_empty());
            after = match (page.is_truncated, next) {
                (Some(true), None) => {
                    return Err(unreadable("the list is cut off, and the server does not say how it goes on"));
                }
                (Some(true), next) if next == after => return Err(unreadable("the same page comes again")),
                (Some(true), next) => next,
                (Some(false) | None, _) => return Ok(found),
            };
        }
    }

    /// One inventory configuration of a bucket; `None` where it has none of that name.
    ///
    /// # Errors
    /// S3 refused (`s3:GetInventoryConfiguration`), or no usable answer came.
    pub async fn inventory_configuration(&self, bucket: &Bucket, id: &str) -> Result<Option<Configuration>, Failure> {
        let asked = Asked { operation: "GetBucketInventoryConfiguration", about: bucket, why: WHY };
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_inventory_configuration()
                    .bucket(bucket.as_str())
                    .id(id)
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for inventory configuration {id:?} of bucket {bucket}");
        match answer {
            Ok(output) => match output.inventory_configuration() {
                Some(configuration) => Ok(Some(read(configuration))),
                None => Err(Failure::new("UnreadableConfiguration", format!("{attempt}: the answer holds none"), None)),
            },
            Err(Raw { status: Some(404), code, .. }) if code.as_deref() == Some("NoSuchConfiguration") => Ok(None),
            Err(raw) => Err(raw.failure(&attempt).needing(PERMISSION, bucket)),
        }
    }
}

/// What the server leaves out is empty, and not enabled.
fn read(configuration: &InventoryConfiguration) -> Configuration {
    let destination = configuration.destination().and_then(|to| to.s3_bucket_destination());
    let prefix = configuration.filter().map(|filter| filter.prefix()).filter(|prefix| !prefix.is_empty());
    let frequency = configuration.schedule().map(|schedule| schedule.frequency().as_str());
    Configuration {
        id: configuration.id().to_owned(),
        enabled: configuration.is_enabled(),
        versions: configuration.included_object_versions().as_str().to_owned(),
        prefix: prefix.map(str::to_owned),
        frequency: frequency.unwrap_or_default().to_owned(),
        fields: configuration.optional_fields().iter().map(|field| field.as_str().to_owned()).collect(),
        bucket: destination.map_or("", |to| bucket_of_arn(to.bucket())).to_owned(),
        bucket_prefix: destination.and_then(|to| to.prefix()).unwrap_or_default().to_owned(),
    }
}
