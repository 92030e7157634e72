//! Inventory reports, read back as a client would.

use std::io::Read;
use std::time::{Duration, SystemTime};

use flate2::read::MultiGzDecoder;
use md5::{Digest, Md5};
use replaudit_sandbox::{Bucket, Inventory, InventoryField, Put, Rule, Sandbox, Versioning};

use crate::support::{block, client, pair};

fn hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(s3: &Sandbox, bucket: &str, key: &str) -> String {
    String::from_utf8(s3.body(bucket, key).unwrap().to_vec()).unwrap()
}

fn rows(s3: &Sandbox, bucket: &str, key: &str) -> Vec<String> {
    let body = s3.body(bucket, key).unwrap();
    let mut text = String::new();
    MultiGzDecoder::new(body.as_ref()).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_report_has_the_layout_of_aws() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src"));
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("reports"));
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_715_035_462);
    let at = || Put::default().last_modified(modified);
    s3.put_with("src", "a/b c+d.txt", "12345", at());
    s3.set_versioning("src", Versioning::Enabled);
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3.put_with("src", "a/gone", "x", at().parts(3));
    s3.delete("src", "a/gone");
    let made = s3.deliver_inventory(
        Inventory::of("src").to("reports").id("daily").prefix("inv").scanned_at_ms(1_748_826_000_000),
    );
    assert_eq!(made.manifest_key, "inv/src/daily/2025-06-02T01-00Z/manifest.json");
    assert_eq!(made.checksum_key, "inv/src/daily/2025-06-02T01-00Z/manifest.checksum");
    assert_eq!(made.symlink_key, "inv/src/daily/hive/dt=2025-06-02-01-00/symlink.txt");
    assert!(made.data_keys[0].starts_with("inv/src/daily/data/"));
    assert!(made.data_keys[0].ends_with(".csv.gz"));
    assert_eq!((made.rows, made.data_keys.len()), (3, 1));

    let manifest = text(&s3, "reports", &made.manifest_key);
    assert!(manifest.contains("\n  \"creationTimestamp\" : \"1748826000000\",\n"), "{manifest}");
    let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(json["sourceBucket"], "src");
    assert_eq!(json["destinationBucket"], "arn:aws:s3:::reports");
    assert_eq!(json["version"], "2016-11-30");
    assert_eq!(json["fileFormat"], "CSV");
    let schema = json["fileSchema"].as_str().unwrap();
    assert!(schema.starts_with("Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModi"));
    assert!(schema.contains(", IsMultipartUploaded, ReplicationStatus, EncryptionStatus, "));
    let data = s3.body("reports", &made.data_keys[0]).unwrap();
    assert_eq!(json["files"][0]["key"], made.data_keys[0].as_str());
    assert_eq!(json["files"][0]["size"], data.len());
    assert_eq!(json["files"][0]["MD5checksum"], hex(&data));
    let checksum = text(&s3, "reports", &made.checksum_key);
    assert_eq!(checksum.len(), 33);
    assert_eq!(checksum, format!("{}\n", hex(manifest.as_bytes())));
    let link = format!("s3://reports/{}", made.data_keys[0]);
    assert_eq!(text(&s3, "reports", &made.symlink_key), link);

    let rows = rows(&s3, "reports", &made.data_keys[0]);
    assert!(
        rows[0].starts_with(
            "\"src\",\"a/b+c%2Bd.txt\",\"\",\"true\",\"false\",\"5\",\
             \"2024-05-06T22:44:22.000Z\",\"827ccb0eea8a706c4c34a16891f84e7b\",\"STANDARD\",\
             \"false\",\"\",\"SSE-S3\",\"\",\"\",\"\",\"\",\"DISABLED\",\"\""
        ),
        "{}",
        rows[0]
    );
    let marker = s3.versions("src", "a/gone")[0].version_id.clone();
    let begin = format!("\"src\",\"a/gone\",\"{marker}\",\"true\",\"true\",\"\",\"20");
    assert!(rows[1].starts_with(&begin), "{}", rows[1]);
    assert!(rows[1].contains("Z\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"DISABLED\""));
    assert!(rows[2].contains("-3\",\"STANDARD\",\"true\",\"COMPLETED\",\"SSE-S3\""), "{}", rows[2]);
    assert_eq!(rows[0].matches("\",\"").count() + 1, schema.split(", ").count());
}

#[test]
fn choices_shape_the_report() {
    let s3 = pair();
    for n in 0..10 {
        s3.put("src", &format!("in/{n}"), "x");
    }
    s3.put("src", "out/1", "x");
    s3.delete("src", "in/3");
    s3.put("src", "in/4", "again");
    let made = s3.deliver_inventory(
        Inventory::of("src")
            .to("dst")
            .current_only()
            .keys_under("in/")
            .fields([InventoryField::ReplicationStatus, InventoryField::Size])
            .files(3),
    );
    assert_eq!((made.rows, made.data_keys.len()), (9, 3));
    let all: Vec<String> = made.data_keys.iter().flat_map(|key| rows(&s3, "dst", key)).collect();
    assert_eq!(all.len(), 9);
    assert!(all.contains(&"\"src\",\"in/4\",\"5\",\"\"".to_owned()), "{all:?}");
    let manifest = text(&s3, "dst", &made.manifest_key);
    assert!(manifest.contains("\"fileSchema\" : \"Bucket, Key, Size, ReplicationStatus\""));
}

#[test]
fn configurations_are_kept() {
    let s3 = pair();
    s3.configure_inventory(&Inventory::of("src").to("dst").id("daily").prefix("inv"));
    s3.configure_inventory(&Inventory::of("src").to("dst").id("sundays").weekly().disabled());
    let client = client(&s3);
    block(async {
        let list = client.list_bucket_inventory_configurations().bucket("src").send().await.unwrap();
        let found = list.inventory_configuration_list()[0].clone();
        assert_eq!(found.id(), "daily");
        assert_eq!(found.optional_fields().len(), 16);
        let schedules: Vec<_> = list
            .inventory_configuration_list()
            .iter()
            .map(|one| (one.is_enabled(), one.schedule().unwrap().frequency().as_str()))
            .collect();
        assert_eq!(schedules, [(true, "Daily"), (false, "Weekly")]);
        let to = found.destination().unwrap().s3_bucket_destination().unwrap();
        assert_eq!((to.bucket(), to.prefix()), ("arn:aws:s3:::dst", Some("inv")));
        client
            .put_bucket_inventory_configuration()
            .bucket("dst")
            .id("daily")
            .inventory_configuration(found.clone())
            .send()
            .await
            .unwrap();
        let get = client.get_bucket_inventory_configuration().bucket("dst").id("daily");
        assert_eq!(get.clone().send().await.unwrap().inventory_configuration(), Some(&found));
        client.delete_bucket_inventory_configuration().bucket("dst").id("daily").send().await.unwrap();
        assert_eq!(crate::support::refusal(get.send().await), (404, Some("NoSuchConfiguration".into())));
    });
}
