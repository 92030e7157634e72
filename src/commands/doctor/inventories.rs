//! Reads the inventory configurations of a bucket, and the newest report of the best ones that `inventory` can use.

use std::sync::Arc;

use s3_answers::InventoryConfiguration;

use crate::doctor::{
    BucketLocation, DeliveredReport, InventoryFacts, NewestDelivery, OpenedReport, best_inventories, is_usable,
};
use crate::model::{Bucket, Failure};
use crate::report::{LEAST_MEMORY, NewestReport, ReadOptions, Report, ReportError, newest_in_bucket};
use crate::s3::S3Store;

/// The reports of this many equally good configurations are looked for: a bucket can have a thousand.
const MOST: usize = 8;

pub(super) async fn inventory(store: &Arc<S3Store>, bucket: &Bucket) -> InventoryFacts {
    let configurations = match store.inventory_configurations(bucket).await {
        Ok(configurations) => configurations,
        Err(failure) => return InventoryFacts::unread(&failure),
    };
    let best: Vec<&InventoryConfiguration> =
        best_inventories(&configurations).into_iter().filter(|one| is_usable(one)).collect();
    let not_looked_at = best.len().saturating_sub(MOST);
    let mut newest = Vec::new();
    for one in best.into_iter().take(MOST) {
        newest.push(delivery(store, bucket, one).await);
    }
    InventoryFacts { configurations: Ok(configurations), newest, not_looked_at }
}

async fn delivery(store: &Arc<S3Store>, source: &Bucket, one: &InventoryConfiguration) -> NewestDelivery {
    let endpoint = store.endpoint().map(str::to_owned);
    let (location, found) = match Bucket::new(&one.bucket) {
        Ok(to) => {
            let found = newest(store, &to, source, one).await;
            (BucketLocation { bucket: to, region: None, endpoint }, found)
        }
        Err(error) => {
            let text = format!("configuration {:?} names {:?} as the bucket for reports: {error}", one.id, one.bucket);
            (
                BucketLocation { bucket: source.clone(), region: None, endpoint },
                Err(Failure::new("InvalidBucket", text, None)),
            )
        }
    };
    NewestDelivery { id: one.id.clone(), weekly: one.is_weekly(), location, found }
}

async fn newest(
    store: &Arc<S3Store>,
    to: &Bucket,
    source: &Bucket,
    one: &InventoryConfiguration,
) -> Result<Option<DeliveredReport>, Failure> {
    let key = match newest_in_bucket(store, to, &one.folder(source.as_str()), None).await {
        Ok(NewestReport { manifest, .. }) => manifest,
        Err(ReportError::Missing(_)) => return Ok(None),
        Err(error) => return Err(failure(error)),
    };
    let read =
        ReadOptions { verify: true, whole: false, data_dir: None, workers: 1, downloads: 1, memory: LEAST_MEMORY };
    let opened = Report::open_s3(Arc::clone(store), to.clone(), &key, read).await.map_err(failure).and_then(|report| {
        // `inventory` refuses it too.
        if report.bucket() != source.as_str() {
            let about = format!("{} is about bucket {}, not about {source}", report.name, report.bucket());
            return Err(Failure::new(
                "UnusableReport",
                about,
                Some("find out who wrote into the folder of the reports"),
            ));
        }
        let columns = &report.columns;
        let has = [
            ("ReplicationStatus", columns.replication_status.is_some()),
            ("Size", columns.size.is_some()),
            ("LastModifiedDate", columns.last_modified.is_some()),
        ];
        let lacks = has.into_iter().filter(|(_, has)| !has).map(|(column, _)| column).collect();
        // The earlier time counts, as in `inventory`.
        Ok(OpenedReport { scanned_at: report.scan_times().0, lacks, has_versions: report.columns.has_versions() })
    });
    Ok(Some(DeliveredReport { manifest: format!("s3://{to}/{key}"), opened }))
}

fn failure(error: ReportError) -> Failure {
    match error {
        ReportError::Store(failure) => failure,
        other => Failure::new("UnusableReport", other.to_string(), Some("run replaudit inventory on it")),
    }
}
