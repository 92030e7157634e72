//! `inventory --by`: where it hurts, in every format of a report.

use replaudit_sandbox::{Bucket, Inventory, InventoryFormat, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::report::{Local, row};
use crate::support::{ODD_KEYS, replicated, with};

/// A bucket of which one folder is broken.
fn broken() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    for at in 0..40 {
        let key = format!("team {}/{}/{at}.csv", at % 4, at % 2);
        s3.put("src", &key, b"12345");
        if at % 4 == 3 {
            s3.set_status("src", &key, Some("FAILED"));
        }
    }
    s3.put("src", "top", b"1");
    s3.set_status("src", "top", None);
    s3.put("src", "gone/x", b"1");
    s3.delete("src", "gone/x");
    s3
}

fn address(s3: &Sandbox, format: InventoryFormat) -> String {
    let report = Inventory::of("src").to("reports").id(&format!("{format:?}")).format(format).files(3);
    let delivered = s3.deliver_inventory(report);
    format!("s3://{}/{}", delivered.bucket, delivered.manifest_key)
}

fn values(audit: &Value) -> Vec<&str> {
    audit["groups"].as_array().unwrap().iter().map(|group| group["value"].as_str().unwrap()).collect()
}

#[test]
fn the_broken_prefix_comes_first_in_every_format() {
    let s3 = broken();
    let mut groups = Vec::new();
    for format in [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc] {
        let address = address(&s3, format);
        let audit = with(&s3, &["inventory", &address, "-o", "json", "--by", "prefix"]).expect(1).json();
        assert_eq!(values(&audit), ["team 3/", "", "gone/", "team 0/", "team 1/", "team 2/"], "{format:?}");
        let worst = &audit["groups"][0];
        assert_eq!((&worst["dimension"], &worst["statuses"]["FAILED"]["objects"]), (&json!("prefix"), &json!(10)));
        assert_eq!(worst["statuses"]["FAILED"]["bytes"], 50);
        assert_eq!(audit["grouped"], json!([{"asked": "prefix", "dimension": "prefix", "values": 6, "shown": 6}]));
        groups.push(audit["groups"].clone());
    }
    assert_eq!((&groups[0], &groups[0]), (&groups[1], &groups[2]));
}

#[test]
fn several_dimensions_filters_and_the_top() {
    let s3 = broken();
    let address = address(&s3, InventoryFormat::Csv);
    let args = ["inventory", &address, "-o", "json", "--by", "prefix:2", "--by", "age", "--by", "storage-class"];
    let all = with(&s3, &[&args[..], &["--by", "encryption", "--top", "2", "--prefix", "team "]].concat()).expect(1);
    let audit = all.json();
    assert_eq!(values(&audit), ["team 3/1/", "team 0/0/", "<1h", "STANDARD", "SSE-S3"]);
    assert_eq!(audit["grouped"][0], json!({"asked": "prefix:2", "dimension": "prefix:2", "values": 4, "shown": 2}));
    let csv = with(&s3, &["inventory", &address, "-o", "csv", "--by", "prefix"]).expect(1).stdout;
    assert!(csv.lines().nth(1).unwrap().starts_with("all,,COMPLETED,"), "{csv}");
    assert!(csv.contains("\nprefix,team 3/,FAILED,10,50,"), "{csv}");
    let table = with(&s3, &["inventory", &address, "--by", "prefix"]).expect(1).stdout;
    let line = table.lines().find(|line| line.ends_with("team 3/")).unwrap();
    assert!(line.trim_start().starts_with("10 ") && line.contains(&"█".repeat(20)), "{table}");
    assert!(table.contains("By prefix: all 6"), "{table}");
}

#[test]
fn every_odd_key_is_in_the_group_that_it_belongs_to() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for key in ODD_KEYS {
        s3.put("src", &format!("{key}/x"), b"x");
    }
    for format in [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc] {
        let args = ["inventory", &address(&s3, format), "-o", "json", "--by", "prefix:50", "--top", "1000"];
        let audit = with(&s3, &args).expect(0).json();
        let mut expected: Vec<String> = ODD_KEYS.iter().map(|key| format!("{key}/")).collect();
        expected.sort_unstable();
        assert_eq!(values(&audit), expected, "{format:?}");
    }
}

#[test]
fn what_can_t_be_grouped_is_said() {
    let s3 = broken();
    let good = address(&s3, InventoryFormat::Csv);
    for by in ["prefix:0", "prefix:", "size", ""] {
        with(&s3, &["inventory", &good, "--by", by]).expect(2);
    }
    with(&s3, &["inventory", &good, "--by", "age", "--by", "age"]).expect(2).says(&["twice"]);
    with(&s3, &["inventory", &good, "--top", "3"]).expect(2).says(&["--by"]);
    let rows = [row("a/b", "COMPLETED"), row("a%zz/b", "COMPLETED")].concat();
    let local = Local::of(&rows);
    local.run(&["--by", "storage-class"]).expect(2).says(&["no StorageClass column", "--by storage-class"]);
    local.run(&["--by", "prefix"]).expect(2).says(&["1.csv.gz", "row 2", "two hex digits"]);
}
