//! `schema`, and real outputs held against it.

use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Fault, Inventory, InventoryField, Sandbox};
use serde_json::{Value, json};

use crate::support::report::{Local, row};
use crate::support::{Run, alone, folder, replicated, with};

/// The schema, so that a field it does not name is an error too.
fn strict(command: &str) -> Value {
    fn close(schema: &mut Value) {
        if let Some(fields) = schema.as_object_mut() {
            if fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(close);
        } else if let Some(items) = schema.as_array_mut() {
            items.iter_mut().for_each(close);
        }
    }
    let mut schema = alone(&["schema", command]).expect(0).silent().json();
    close(&mut schema);
    schema
}

/// Holds every document against the schema.
#[track_caller]
fn hold(command: &str, runs: &[Run]) {
    let schema = strict(command);
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for run in runs {
        let document = run.json();
        let wrong: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(wrong, Vec::<String>::new(), "{document:#}");
        let mut other = document;
        other["schema"] = json!("replaudit.other/1");
        assert!(!validator.is_valid(&other), "the name of the document is checked");
    }
}

#[test]
fn status_is_as_its_schema_says() {
    let s3 = replicated();
    for (key, status) in [("done", None), ("failed", Some("FAILED")), ("odd", Some("Half"))] {
        s3.put("src", key, b"x");
        if status.is_some() {
            s3.set_status("src", key, status);
        }
    }
    s3.put("src", "gone", b"x");
    s3.delete("src", "gone");
    s3.put("src", "secret", b"x");
    s3.fault(Fault::on("HeadObject").key("secret").status(403, "AccessDenied", "no"));
    let keys = ["done", "failed", "odd", "gone", "secret", "none"].map(|key| format!("s3://src/{key}"));
    let mut args = vec!["status", "-o", "json"];
    args.extend(keys.iter().map(String::as_str));
    let empty = alone(&["status", "--allow-empty", "-o", "json"]).expect(0);
    let plain = with(&s3, &args).expect(2);
    args.push("--explain");
    hold("status", &[plain, with(&s3, &args).expect(2), empty]);
}

#[test]
fn safe_delete_is_as_its_schema_says() {
    let s3 = replicated();
    for key in ["done", "failed", "secret"] {
        s3.put("src", key, b"x");
    }
    s3.set_status("src", "failed", Some("FAILED"));
    s3.fault(Fault::on("HeadObject").key("secret").status(403, "AccessDenied", "no"));
    let args = ["s3://src/done", "s3://src/failed", "s3://src/secret", "s3://src/none", "-o", "json"];
    let run = |flag| with(&s3, &[&["safe-delete", flag], &args[..]].concat());
    hold("safe-delete", &[run("--dry-run").expect(2), run("--yes").expect(3)]);
}

#[test]
fn inventory_is_as_its_schema_says() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for (key, status) in [("a/done", "COMPLETED"), ("a/failed", "FAILED"), ("b/late", "PENDING"), ("b/odd", "Half")] {
        s3.put("src", key, b"12345");
        s3.set_status("src", key, Some(status));
    }
    s3.set_last_modified("src", "b/late", SystemTime::now() - Duration::from_secs(40 * 86_400));
    let report = |inventory: Inventory| {
        let delivered = s3.deliver_inventory(inventory);
        format!("s3://reports/{}", delivered.manifest_key)
    };
    let whole = report(Inventory::of("src").to("reports").id("daily"));
    let hours = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3600);
    let bare = report(
        Inventory::of("src").to("reports").id("daily").fields([InventoryField::ReplicationStatus]).scanned_at(hours(1)),
    );
    let old = report(Inventory::of("src").to("reports").id("daily").scanned_at(hours(30)));
    let bare_old = report(
        Inventory::of("src")
            .to("reports")
            .id("daily")
            .fields([InventoryField::ReplicationStatus])
            .scanned_at(hours(32)),
    );
    let json = |args: &[&str]| with(&s3, &[&["inventory", "-o", "json"], args].concat());
    let all = json(&[&whole]).expect(1);
    let ages = &all.json()["pending_ages"];
    assert_eq!(ages.as_array().unwrap().len(), 6);
    assert_eq!(ages[4], json!({"age": "<365d", "objects": 1, "bytes": 5}));
    let undated = json(&[&bare, "--fail-on", "overdue:off"]).expect(1);
    assert_eq!(undated.json()["pending_ages"], Value::Null);
    let limits = ["--fail-on", "failed:50%", "--fail-on", "not-replicated:off", "--fail-on", "pending:7"];
    let local = Local::of(&row("a", "COMPLETED")).run(&["--no-verify"]).expect(0);
    let growth = ["--fail-on", "failed:+0", "--fail-on", "overdue:off", "--by", "prefix", "--by", "age"];
    let since = json(&[&[&whole, "--since", &old], &growth[..]].concat()).expect(1);
    assert_eq!(since.json()["statuses"]["FAILED"]["delta"], json!({"objects": 0, "bytes": 0}));
    let dated = json(&[&[&whole, "--since", &bare_old], &growth[..4]].concat()).expect(1);
    let neither = json(&[&[&bare, "--since", &bare_old], &growth[..4]].concat()).expect(1);
    let confirmed = json(&[&whole, "--confirm"]).expect(1);
    hold("inventory", &[confirmed, since, dated, neither]);
    hold("inventory", &[all, undated, json(&[&[whole.as_str()], &limits[..]].concat()).expect(1), local]);
}

#[test]
fn reasons_is_as_its_schema_says() {
    let (_keep, dir) = folder();
    let [results, event] = ["results-lambda.csv", "event.json"]
        .map(|name| format!("{}/crates/s3-failures/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR")));
    let broken = dir.join("broken.csv");
    std::fs::write(&broken, "src,k\n").unwrap();
    let broken = broken.display().to_string();
    let run = |files: &[&str]| alone(&[&["reasons", "-o", "json"], files].concat());
    hold("reasons", &[run(&[&results, &event]).expect(1), run(&[&results, &broken]).expect(2)]);
}

#[test]
fn schema_is_told_by_command_only() {
    for command in ["status", "inventory", "reconcile", "doctor", "safe-delete", "undo", "reasons"] {
        let schema = alone(&["schema", command]).expect(0).silent().json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(jsonschema::meta::is_valid(&schema));
        assert_eq!(alone(&["schema", command, "-o", "json"]).expect(0).json(), schema);
    }
    alone(&["schema"]).expect(2).says(&["COMMAND"]);
    alone(&["schema", "schema"]).expect(2).says(&["status, inventory, reconcile, doctor, safe-delete, undo, reasons"]);
    alone(&["schema", "status", "-o", "csv"]).expect(2).says(&["schema does not write csv", "table, json"]);
}

#[test]
fn doctor_is_as_its_schema_says() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    let empty = with(&Sandbox::start().unwrap(), &["doctor", "--all-buckets", "--allow-empty", "-o", "json"]);
    let denied = Fault::on("GetBucketVersioning").status(403, "AccessDenied", "no");
    let found = with(&s3, &["doctor", "src", "--allow-empty", "-o", "json"]).expect(1);
    s3.fault(denied);
    hold("doctor", &[empty.expect(0), found, with(&s3, &["doctor", "src", "nowhere", "-o", "json"]).expect(2)]);
}
