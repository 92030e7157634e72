//! Sample buckets for `serve --demo`: one object for each answer; and for `serve --demo-large` a
//! bucket so large that only its inventory can be audited.

use std::time::{Duration, SystemTime};

use md5::{Digest, Md5};

use crate::inventory::{Inventory, InventoryField};
use crate::put::Put;
use crate::rules::Rule;
use crate::sandbox::Sandbox;
use crate::store::{Bucket, Versioning};

const HOUR: Duration = Duration::from_secs(3600);

/// Fills `demo-source`, `demo-replica` in another Region, `demo-reports`, and `demo-broken`, whose replication is set up
/// wrongly; and `demo-archive` with a replica of which three objects were lost.
pub fn fill(s3: &Sandbox) {
    let away = match s3.region() {
        "eu-west-1" => "us-east-1",
        _ => "eu-west-1",
    };
    let now = SystemTime::now();
    s3.create_bucket(Bucket::new("demo-source").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-replica").region(away).versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-reports"));
    let old = Put::default().last_modified(now - 48 * HOUR);
    s3.put_with("demo-source", "reports/before-the-rule.csv", "written before the rule", old);
    s3.replicate("demo-source", [Rule::new("everything").to("demo-replica")]);
    s3.fail("demo-source", "reports/failed");
    s3.stick("demo-source", "reports/pending");
    let objects = [
        ("reports/replicated.csv", 3),
        ("reports/failed.csv", 2),
        ("reports/pending.csv", 1),
        ("reports/lost-replica.csv", 5),
    ];
    for (key, hours) in objects {
        let put = Put::default().last_modified(now - hours * HOUR).tag("team", "demo");
        s3.put_with("demo-source", key, format!("the body of {key}\n"), put);
    }
    s3.lose_replica("demo-source", "reports/lost-replica.csv");
    s3.put("demo-source", "reports/deleted.csv", "about to be deleted");
    s3.delete("demo-source", "reports/deleted.csv");
    let inventory =
        Inventory::of("demo-source").to("demo-reports").id("daily").prefix("inventory").scanned_at(now - HOUR);
    s3.configure_inventory(&inventory);
    s3.deliver_inventory(inventory);
    let results = [
        ("reports/failed.csv", "failed,403,DstPutObjectNotPermitted,Access Denied"),
        ("reports/replicated.csv", "succeeded,200,,Successful"),
    ];
    completion_report(s3, "job-demo", "demo-source", &results);
    fill_archive(s3);
    fill_broken(s3);
}

/// Fills `demo-archive` and its replica in another Region, of which three objects were lost, and delivers the inventories of
/// both.
fn fill_archive(s3: &Sandbox) {
    let away = if s3.region() == "eu-west-1" { "us-east-1" } else { "eu-west-1" };
    let now = SystemTime::now();
    s3.create_bucket(Bucket::new("demo-archive").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-archive-replica").region(away).versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-archive-reports"));
    s3.create_bucket(Bucket::new("demo-replica-reports").region(away));
    s3.replicate("demo-archive", [Rule::new("everything").to("demo-archive-replica")]);
    let months = ["2026-08", "2026-09", "2026-10"];
    for (month, number) in months.iter().flat_map(|month| (1..=40).map(move |number| (month, number))) {
        let put = Put::default().last_modified(now - (100 + number) * HOUR);
        s3.put_with("demo-archive", &format!("{month}/invoice-{number:04}.pdf"), format!("invoice {number}\n"), put);
    }
    for number in [7, 8, 23] {
        s3.lose_replica("demo-archive", &format!("2026-09/invoice-{number:04}.pdf"));
    }
    for (bucket, reports) in
        [("demo-archive", "demo-archive-reports"), ("demo-archive-replica", "demo-replica-reports")]
    {
        let inventory = Inventory::of(bucket).to(reports).id("daily").prefix("inventory").scanned_at(now - 2 * HOUR);
        s3.configure_inventory(&inventory);
        s3.deliver_inventory(inventory);
    }
}

/// Puts the completion report of a job into `demo-reports`, with these results of objects of the bucket.
fn completion_report(s3: &Sandbox, job: &str, bucket: &str, results: &[(&str, &str)]) {
    let rows = |word: &str| -> String {
        let row = |(key, result): &(&str, &str)| {
            let version = &s3.versions(bucket, key)[0].version_id;
            format!("{bucket},{key},{version},{result}\n")
        };
        results.iter().filter(|(_, result)| result.starts_with(word)).map(row).collect()
    };
    let files = ["succeeded", "failed"].map(|status| (status, rows(status)));
    let listed = files.iter().filter(|(_, rows)| !rows.is_empty()).map(|(status, rows)| {
        let key = format!("batch/{job}/results/{status}.csv");
        s3.put("demo-reports", &key, rows.as_str());
        let md5: String = Md5::digest(rows).iter().map(|byte| format!("{byte:02x}")).collect();
        format!(r#"{{"TaskExecutionStatus":"{status}","Bucket":"demo-reports","MD5Checksum":"{md5}","Key":"{key}"}}"#)
    });
    let manifest = format!(
        r#"{{"Format":"Report_CSV_20180820","ReportCreationDate":"2026-11-20T10:00:00.000Z","Results":[{}],"ReportSchema":"Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"}}"#,
        listed.collect::<Vec<_>>().join(",")
    );
    s3.put("demo-reports", &format!("batch/{job}/manifest.json"), manifest);
}

/// Objects of `demo-broken`, with their age in hours and their status.
const BROKEN: [(&str, u32, Option<&str>); 12] = [
    ("2023/archive.tar", 2000, None),
    ("2024/summary.csv", 1900, None),
    ("2025/summary.csv", 900, Some("COMPLETED")),
    ("2025/october.csv", 30, Some("FAILED")),
    ("2025/november.csv", 29, Some("FAILED")),
    ("2025/december.csv", 28, Some("FAILED")),
    ("2026/january.csv", 27, None),
    ("2026/february.csv", 26, None),
    ("2026/march.csv", 25, None),
    ("contracts/lease.pdf", 24, None),
    ("salaries/january.csv", 23, Some("FAILED")),
    ("salaries/february.csv", 22, Some("FAILED")),
];

/// A destination whose versioning is suspended; a key policy that does not allow the role to encrypt the replicas of one prefix; a rule that excludes
/// what matters and leaves out KMS objects; reports without a status, and one of the day after that was repaired.
fn fill_broken(s3: &Sandbox) {
    let now = SystemTime::now();
    s3.create_bucket(Bucket::new("demo-broken").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-broken-replica").versioning(Versioning::Suspended));
    let key = "arn:aws:kms:us-east-1:111122223333:key/1111aaaa-22bb-33cc-44dd-555555eeeeee";
    s3.default_encryption("demo-broken", Some(("aws:kms", None)));
    let all = Rule::new("all-but-old").to("demo-broken-replica").not_prefix("2026/");
    let salaries =
        Rule::new("salaries").to("demo-broken-replica").prefix("salaries/").kms().replica_key(key).priority(2);
    s3.replicate("demo-broken", [all, salaries]);
    for (key, hours, status) in BROKEN {
        let put = Put::default().last_modified(now - hours * HOUR);
        let put = match key.split('/').next() {
            Some("2023") => put.storage_class("DEEP_ARCHIVE"),
            Some("contracts" | "salaries") => put.sse_kms("alias/finance"),
            _ => put,
        };
        s3.put_with("demo-broken", key, format!("the body of {key}\n"), put);
        s3.set_status("demo-broken", key, status);
    }
    let sizes = Inventory::of("demo-broken").to("demo-reports").id("sizes").scanned_at(now - HOUR);
    let fields = [InventoryField::Size, InventoryField::LastModifiedDate];
    let lacking = sizes.clone().fields(fields);
    s3.configure_inventory(&lacking);
    s3.deliver_inventory(lacking);
    s3.deliver_inventory(sizes.prefix("repaired"));
    let (unversioned, refused) =
        ("failed,400,DstBucketUnversioned,Bad Request", "failed,403,DstPutObjectNotPermitted,Access Denied");
    let results = BROKEN.iter().filter_map(|(key, _, status)| match (status, key.split('/').next()) {
        (Some("FAILED"), Some("salaries")) => Some((*key, refused)),
        (Some("FAILED"), _) | (None, Some("2024")) => Some((*key, unversioned)),
        (None, Some("2023" | "contracts")) => Some((*key, "failed,500,SrcObjectNotEligible,Internal Error")),
        _ => None,
    });
    completion_report(s3, "job-broken", "demo-broken", &results.collect::<Vec<_>>());
}

/// Fills a bucket with `count` objects, of which those of one tenant began to fail yesterday; two reports tell.
pub fn fill_large(s3: &Sandbox, count: u32) {
    let now = SystemTime::now();
    s3.create_bucket(Bucket::new("demo-large").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-large-replica").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("demo-large-reports"));
    s3.replicate("demo-large", [Rule::new("everything").to("demo-large-replica")]);
    let inventory = Inventory::of("demo-large").to("demo-large-reports").id("daily").prefix("inventory").files(4);
    s3.configure_inventory(&inventory);
    let put = |number: u32| {
        let kind = ["raw", "clean", "exports"][number as usize % 3];
        let key = format!("tenant {:02}/{kind}/{number:07}.parquet", number % 40);
        let hours = if number < count / 2 { 26 + number % 2000 } else { 2 + number % 20 };
        s3.put_with("demo-large", &key, "rows", Put::default().last_modified(now - hours * HOUR));
    };
    (0..count / 2).for_each(put);
    s3.deliver_inventory(inventory.clone().scanned_at(now - 25 * HOUR));
    s3.fail("demo-large", "tenant 17/exports/");
    (count / 2..count).for_each(put);
    s3.deliver_inventory(inventory.scanned_at(now - HOUR));
}

/// Fills a bucket with replicated objects `objects/0000000` and so on.
pub fn fill_crowd(s3: &Sandbox, bucket: &str, number: u32) {
    let replica = format!("{bucket}-replica");
    for name in [bucket, &replica] {
        s3.create_bucket(Bucket::new(name).versioning(Versioning::Enabled));
    }
    s3.replicate(bucket, [Rule::new("everything").to(&replica)]);
    s3.put_many(bucket, (0..number).map(|at| format!("objects/{at:07}")), "body");
}
