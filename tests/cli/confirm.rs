//! `inventory --confirm`: what a report says is asked again before it counts.

use std::fs;
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Fault, Inventory, InventoryFormat, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::{ODD_KEYS, count, folder, only_reads, replicated, with};

/// A bucket with `failed/0` to `failed/9`, `none/0` to `none/4`, and what is replicated.
fn broken() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    s3.put("src", "good", b"1");
    for (prefix, many, status) in [("failed", 10, Some("FAILED")), ("none", 5, None)] {
        for at in 0..many {
            let key = format!("{prefix}/{at}");
            s3.put("src", &key, b"12345");
            s3.set_status("src", &key, status);
        }
    }
    s3
}

fn deliver(s3: &Sandbox, format: InventoryFormat) -> String {
    let report = Inventory::of("src").to("reports").id(&format!("{format:?}")).format(format).files(2);
    let delivered = s3.deliver_inventory(report);
    format!("s3://{}/{}", delivered.bucket, delivered.manifest_key)
}

fn limit<'a>(audit: &'a Value, class: &str) -> &'a Value {
    audit["limits"].as_array().unwrap().iter().find(|limit| limit["class"] == class).unwrap()
}

fn confirmed(healed: u64, gone: u64, still: u64, changed: u64) -> Value {
    json!({"healed": healed, "gone": gone, "still": still, "changed": changed, "unchecked": 0})
}

fn heal(s3: &Sandbox, prefix: &str, numbers: std::ops::Range<u32>) {
    numbers.for_each(|at| s3.set_status("src", &format!("{prefix}/{at}"), Some("COMPLETED")));
}

#[test]
fn only_what_is_still_so_counts_in_every_format() {
    for format in [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc] {
        let s3 = broken();
        let report = deliver(&s3, format);
        let before = with(&s3, &["inventory", &report, "-o", "json"]).expect(1).json();
        assert_eq!(
            (&limit(&before, "failed")["actual"], limit(&before, "failed").get("confirmed")),
            (&json!(10), None)
        );
        heal(&s3, "failed", 0..6);
        heal(&s3, "none", 0..5);
        let version = s3.versions("src", "failed/6")[0].version_id.clone();
        s3.delete_version("src", "failed/6", &version);
        // From bad to worse, and hidden, which changes nothing about the version.
        s3.set_status("src", "failed/7", None);
        s3.delete("src", "failed/8");
        let args = ["inventory", &report, "-o", "json", "--confirm"];
        let heads = count(&s3, "HeadObject");
        let audit = with(&s3, &args).expect(1).json();
        assert_eq!(count(&s3, "HeadObject") - heads, 15, "{format:?}");
        assert_eq!(limit(&audit, "failed")["confirmed"], confirmed(6, 1, 3, 0), "{format:?}");
        assert_eq!(
            (&limit(&audit, "failed")["actual"], &limit(&audit, "failed")["exceeded"]),
            (&json!(10), &json!(true))
        );
        assert_eq!(limit(&audit, "not-replicated")["confirmed"], confirmed(5, 0, 0, 0));
        assert_eq!(limit(&audit, "not-replicated")["exceeded"], false);
        assert_eq!((limit(&audit, "overdue").get("confirmed"), &audit["verdict"]), (None, &json!("fail")));
        // With a limit that fits what is left it passes, and the report alone does not.
        let three = [&args[..], &["--fail-on", "failed:3"]].concat();
        assert_eq!(with(&s3, &three).expect(0).json()["verdict"], "pass");
        with(&s3, &["inventory", &report, "--fail-on", "failed:3"]).expect(1);
        let table = with(&s3, &["inventory", &report, "--confirm"]).expect(1).stdout;
        assert!(table.contains("exceeded: now 6 healed, 1 gone, 3 still"), "{table}");
        assert!(table.contains("ok: now 5 healed, 0 still") && table.contains("FAIL: failed\n"), "{table}");
        for format in ["markdown", "html"] {
            let text = with(&s3, &["inventory", &report, "--confirm", "-o", format]).expect(1).stdout;
            assert!(text.contains("now 6 healed, 1 gone, 3 still"), "{text}");
        }
        only_reads(&s3);
    }
}

#[test]
fn versions_are_asked_about_by_their_ids_and_odd_keys_as_they_are() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for key in ODD_KEYS {
        s3.put("src", key, b"older");
        s3.set_status("src", key, Some("FAILED"));
        s3.put("src", key, b"newer");
    }
    let report = deliver(&s3, InventoryFormat::Csv);
    let args = ["inventory", &report, "-o", "json", "--confirm"];
    let audit = with(&s3, &args).expect(1).json();
    let all = ODD_KEYS.len() as u64;
    assert_eq!(limit(&audit, "failed")["confirmed"], confirmed(0, 0, all, 0));
    let heads = s3.requests().into_iter().filter(|request| request.operation == "HeadObject");
    assert!(heads.clone().all(|head| head.version_id.is_some()), "{:?}", heads.collect::<Vec<_>>());
}

#[test]
fn overdue_and_pending_are_asked_about_once() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for at in 0..6 {
        let key = format!("pending/{at}");
        s3.put("src", &key, b"1");
        s3.set_status("src", &key, Some("PENDING"));
        if at < 4 {
            s3.set_last_modified("src", &key, SystemTime::now() - Duration::from_secs(50 * 3600));
        }
    }
    let report = deliver(&s3, InventoryFormat::Csv);
    heal(&s3, "pending", 0..1);
    heal(&s3, "pending", 5..6);
    let run = with(&s3, &["inventory", &report, "-o", "json", "--confirm", "--fail-on", "pending"]).expect(1).json();
    assert_eq!(limit(&run, "overdue")["confirmed"], confirmed(1, 0, 3, 0));
    assert_eq!(limit(&run, "pending")["confirmed"], confirmed(2, 0, 4, 0));
    assert_eq!(count(&s3, "HeadObject"), 6);
}

#[test]
fn a_report_of_current_versions_tells_what_was_overwritten() {
    let s3 = broken();
    let report = Inventory::of("src").to("reports").id("current").current_only();
    let delivered = s3.deliver_inventory(report);
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    s3.put("src", "failed/0", b"another content");
    s3.delete("src", "failed/1");
    heal(&s3, "failed", 2..3);
    let audit = with(&s3, &["inventory", &address, "-o", "json", "--confirm"]).expect(1).json();
    assert_eq!(limit(&audit, "failed")["confirmed"], confirmed(1, 1, 7, 1));
}

#[test]
fn what_can_t_be_asked_about_is_no_answer() {
    let s3 = broken();
    let report = deliver(&s3, InventoryFormat::Csv);
    heal(&s3, "failed", 0..10);
    heal(&s3, "none", 0..5);
    s3.fault(Fault::on("HeadObject").key("failed/3").status(403, "AccessDenied", "no"));
    s3.fault(Fault::on("GetObject").key("failed/3").status(403, "AccessDenied", "no"));
    let (_guard, dir) = folder();
    let (result, metrics) = (dir.join("result.json"), dir.join("replication.prom"));
    fs::write(&result, "before").unwrap();
    let (json, prom) = (format!("json={}", result.display()), format!("prometheus={}", metrics.display()));
    let run = with(&s3, &["inventory", &report, "--confirm", "--write", &json, "--write", &prom]).expect(2);
    run.says(&["1 object could not be asked about", "s3://src/failed/3", "403"]);
    assert_eq!(fs::read_to_string(&result).unwrap(), "before");
    assert!(fs::read_to_string(&metrics).unwrap().contains("replaudit_inventory_up{bucket=\"src\",config=\"Csv\"} 0"));
    only_reads(&s3);
}

#[test]
fn too_many_are_refused_before_anything_is_asked() {
    let s3 = broken();
    let report = deliver(&s3, InventoryFormat::Csv);
    let args = ["inventory", &report, "--confirm", "--confirm-max", "14"];
    with(&s3, &args).expect(2).says(&["15 objects", "--confirm-max is 14", "--confirm-max 15"]);
    assert_eq!(count(&s3, "HeadObject"), 0);
    with(&s3, &["inventory", &report, "--confirm-max", "14"]).expect(2).says(&["--confirm"]);
    // Nothing is exceeded: nothing is asked.
    let fits = ["inventory", &report, "--confirm", "--fail-on", "failed:10", "--fail-on", "not-replicated:5"];
    with(&s3, &fits).expect(0);
    assert_eq!(count(&s3, "HeadObject"), 0);
}
