//! `inventory --by rule`: which rule applies to each key today, and what is not covered.

use std::fs;
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Fault, Inventory, InventoryField, InventoryFormat, Put, Rule, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::report::{Local, row};
use crate::support::{Run, folder, only_reads, replicated, with};

/// Keys of every ruling, with and without a status, and a report in each format.
fn source(format: InventoryFormat) -> (Sandbox, String) {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    for key in ["logs/done", "logs/a b/done", "logs/tmp/done", "media/done", "top"] {
        s3.put("src", key, b"1");
    }
    for (key, size) in [("logs/none", 2), ("logs/a b/none", 3), ("logs/tmp/none", 4), ("media/none", 5), ("none", 6)] {
        s3.put("src", key, vec![b'x'; size]);
        s3.set_status("src", key, None);
    }
    s3.put("src", "logs/failed", b"1");
    s3.set_status("src", "logs/failed", Some("FAILED"));
    s3.put("src", "logs/gone", b"1");
    s3.delete("src", "logs/gone");
    s3.replicate(
        "src",
        [
            Rule::new("logs").prefix("logs/").not_prefix("logs/tmp/").priority(2).to("dst"),
            Rule::new("spaces").prefix("logs/a b/").priority(1).to("other"),
            Rule::new("tagged").prefix("media/").tag("a", "b").priority(3).to("dst"),
        ],
    );
    let delivered = s3.deliver_inventory(Inventory::of("src").to("reports").prefix("inv").files(2).format(format));
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    (s3, address)
}

fn groups(run: &Run) -> Vec<(String, u64, u64)> {
    let document = run.json();
    let mut found: Vec<(String, u64, u64)> = document["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            assert_eq!(group["dimension"], "rule");
            let all = group["statuses"].as_object().unwrap().values();
            let none = group["statuses"]["NONE"]["objects"].as_u64().unwrap_or(0);
            (group["value"].as_str().unwrap().to_owned(), all.map(|of| of["objects"].as_u64().unwrap()).sum(), none)
        })
        .collect();
    found.sort();
    found
}

const FORMATS: [InventoryFormat; 3] = [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc];

#[test]
fn rows_are_grouped_by_the_rule_of_today() {
    for format in FORMATS {
        let (s3, report) = source(format);
        let run = with(&s3, &["inventory", &report, "--by", "rule", "-o", "json"]).expect(1).silent();
        let expected =
            [("depends-on-tags", 2, 1), ("excluded", 2, 1), ("logs", 4, 1), ("logs, spaces", 2, 1), ("no-rule", 2, 1)];
        assert_eq!(groups(&run), expected.map(|(name, all, none)| (name.to_owned(), all, none)), "{format:?}");
        let only = ["--fail-on", "failed:off", "--fail-on", "not-replicated:off", "-o", "json"];
        let base = ["inventory", report.as_str(), "--by", "rule"];
        let run = with(&s3, &[&base[..], &only, &["--fail-on", "uncovered"]].concat()).expect(1);
        let limit = &run.json()["limits"]
            .as_array()
            .unwrap()
            .iter()
            .find(|limit| limit["class"] == "uncovered")
            .cloned()
            .unwrap();
        assert_eq!((&limit["actual"], &limit["exceeded"]), (&json!(2), &json!(true)), "{format:?}");
        with(&s3, &[&base[..], &only, &["--fail-on", "uncovered:2"]].concat()).expect(0).silent();
        // Also beside other groups, and with filters.
        let both = with(&s3, &[&base[..], &only, &["--by", "prefix", "--prefix", "logs/a"]].concat()).expect(0).json();
        let rules: Vec<&Value> =
            both["groups"].as_array().unwrap().iter().filter(|group| group["dimension"] == "rule").collect();
        assert_eq!((rules.len(), &rules[0]["value"]), (1, &json!("logs, spaces")));
        only_reads(&s3);
    }
}

#[test]
fn nothing_is_covered_by_a_rule_that_is_not_understood() {
    let s3 = replicated();
    s3.put("src", "logs/none", b"1");
    s3.set_status("src", "logs/none", None);
    s3.put("src", "done", b"1");
    s3.create_bucket(Bucket::new("reports"));
    let delivered = s3.deliver_inventory(Inventory::of("src").to("reports").prefix("inv"));
    let report = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    let (_keep, dir) = folder();
    let rules = dir.join("rules.json");
    let destination = json!({"Bucket": "arn:aws:s3:::dst"});
    let filter = json!({"Prefix": "logs/", "ObjectSizeGreaterThan": 100});
    let rule = json!({"ID": "large", "Priority": 1, "Status": "Enabled", "Filter": filter, "Destination": destination});
    let write = |rule: &Value| fs::write(&rules, json!({"Rules": [rule]}).to_string()).unwrap();
    write(&rule);
    let file = rules.display().to_string();
    let base = ["inventory", &report, "--by", "rule", "--replication", &file, "--fail-on", "not-replicated:off"];
    let limit = [&base[..], &["--fail-on", "uncovered"]].concat();
    with(&s3, &limit)
        .expect(2)
        .says(&["it is not known which objects are uncovered", "\"ObjectSizeGreaterThan\" of rule \"large\""]);
    with(&s3, &base).expect(0);
    with(&s3, &[&base[..], &["--fail-on", "uncovered:off"]].concat()).expect(0);
    // A rule that is disabled applies to nothing.
    let mut disabled = rule.clone();
    disabled["Status"] = json!("Disabled");
    write(&disabled);
    with(&s3, &limit).expect(0);
}

#[test]
fn what_is_uncovered_is_exported_and_confirmed() {
    for format in FORMATS {
        let (s3, report) = source(format);
        let (_keep, dir) = folder();
        let path = dir.join("uncovered.csv");
        let args = [
            "inventory",
            &report,
            "--by",
            "rule",
            "--export",
            &path.display().to_string(),
            "--export-class",
            "uncovered",
        ];
        let run = with(&s3, &args).expect(1);
        assert!(run.stdout.contains("create-job") && run.stdout.contains("exported 2 objects"), "{}", run.stdout);
        let mut keys: Vec<String> =
            fs::read_to_string(&path).unwrap().lines().map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
        keys.sort();
        assert_eq!(keys, ["logs/a%20b/none", "logs/none"], "{format:?}");
        let all = [&args[..args.len() - 1], &["uncovered,not-replicated"]].concat();
        with(&s3, &all).expect(1);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 5, "an object of two classes is exported once");
        // One was replicated since.
        s3.set_status("src", "logs/none", Some("COMPLETED"));
        let confirm = [
            "inventory",
            &report,
            "--by",
            "rule",
            "--confirm",
            "-o",
            "json",
            "--fail-on",
            "uncovered",
            "--fail-on",
            "failed:off",
            "--fail-on",
            "not-replicated:off",
        ];
        let found = with(&s3, &confirm).expect(1).json();
        let limit =
            found["limits"].as_array().unwrap().iter().find(|limit| limit["class"] == "uncovered").cloned().unwrap();
        assert_eq!((&limit["confirmed"]["healed"], &limit["confirmed"]["still"]), (&json!(1), &json!(1)), "{limit}");
        only_reads(&s3);
    }
}

#[test]
fn rules_come_from_a_file_too() {
    let (_keep, dir) = folder();
    let file = dir.join("rules.json");
    let rules = json!({"ReplicationConfiguration": {"Role": "r", "Rules": [
        {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "a b/"}, "Destination": {"Bucket": "arn:aws:s3:::dst"}}
    ]}});
    fs::write(&file, rules.to_string()).unwrap();
    let file = file.display().to_string();
    let report = Local::of(&[row("a+b/1", "COMPLETED"), row("a+b/2", ""), row("c", "")].concat());
    let run = report.run(&["--by", "rule", "--replication", &file]).expect(1).silent();
    assert_eq!(groups(&run), [("a".to_owned(), 2, 1), ("no-rule".to_owned(), 1, 1)]);
    for key in ["a+b/2%zz", "%", "d%2"] {
        let damaged = Local::of(&[row("a+b/1", "COMPLETED"), row("a+b/2", ""), row("c", ""), row(key, "")].concat());
        let damaged = damaged.run(&["--by", "rule", "--replication", &file]);
        damaged.expect(2).says(&["1.csv.gz", "row 4", "two hex digits"]);
    }
    for (text, says) in [("{}", "has no Rules"), ("x", "neither JSON nor"), ("<x/>", "--replication")] {
        fs::write(dir.join("rules.json"), text).unwrap();
        let run = report.run(&["--by", "rule", "--replication", &file]).expect(2).says(&["--replication", says]);
        assert!(run.stderr.matches("expected value").count() < 2, "{run:?}");
    }
    report.run(&["--by", "rule", "--replication", "nowhere"]).expect(2).says(&["nowhere"]);
}

#[test]
fn rules_that_cannot_be_read_are_no_rules() {
    let (s3, report) = source(InventoryFormat::Csv);
    s3.fault(Fault::on("GetBucketReplication").status(403, "AccessDenied", "no"));
    let run = with(&s3, &["inventory", &report, "--by", "rule"]).expect(2);
    assert!(run.stderr.contains("--replication FILE") && run.stdout.is_empty(), "{run:?}");
    let (s3, report) = source(InventoryFormat::Csv);
    for args in [&["--fail-on", "uncovered"][..], &["--export", "x.csv", "--export-class", "uncovered"]] {
        with(&s3, &[&["inventory", &report], args].concat()).expect(2).says(&["need --by rule"]);
    }
    with(&s3, &["inventory", &report, "--by", "age", "--replication", "x"]).expect(2).says(&["need --by rule"]);
    with(&s3, &["inventory", &report, "--replication", "x"]).expect(2).says(&["--by"]);
}

#[test]
fn a_bucket_without_rules_covers_nothing() {
    let s3 = crate::support::versioned();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("src", "a", b"1");
    let delivered = s3.deliver_inventory(Inventory::of("src").to("reports"));
    let report = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    let args = [
        "inventory",
        &report,
        "--by",
        "rule",
        "--fail-on",
        "uncovered",
        "--fail-on",
        "not-replicated:off",
        "-o",
        "json",
    ];
    let run = with(&s3, &args).expect(0).says(&["no replication configuration"]);
    assert_eq!(groups(&run), [("no-rule".to_owned(), 1, 1)]);
}

#[test]
fn why_objects_are_uncovered_is_counted_as_far_as_the_report_shows_it() {
    for format in FORMATS {
        let s3 = replicated();
        s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
        s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
        let hours = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3600);
        s3.replicate("src", [Rule::new("a").prefix("a/").to("dst"), Rule::new("b").prefix("b/").kms().to("other")]);
        for (key, put) in [
            ("a/done", Put::default().last_modified(hours(100))),
            ("b/done", Put::default().last_modified(hours(1))),
            ("a/archived", Put::default().storage_class("DEEP_ARCHIVE")),
            ("a/kms", Put::default().sse_kms("key")),
            ("b/kms", Put::default().sse_kms("key")),
            ("a/old", Put::default().last_modified(hours(1000))),
            ("a/older", Put::default().last_modified(hours(2000))),
            ("a/new", Put::default().last_modified(hours(50))),
            ("c/none", Put::default()),
        ] {
            s3.put_with("src", key, b"123", put);
            s3.set_status("src", key, key.ends_with("done").then_some("COMPLETED"));
        }
        let inventory = Inventory::of("src").to("reports").prefix("inv").format(format).scanned_at(SystemTime::now());
        let delivered = s3.deliver_inventory(inventory.clone().group_rows(2));
        let report = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
        let run = with(&s3, &["inventory", &report, "--by", "rule", "-o", "json"]).expect(1).silent();
        let causes = |run: &Run| -> Vec<(String, String, u64, u64)> {
            let document = run.json();
            let list = document["uncovered"].as_array().unwrap().clone();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let number = |value: &Value| value.as_u64().unwrap();
            list.iter()
                .map(|of| (text(&of["rule"]), text(&of["cause"]), number(&of["objects"]), number(&of["bytes"])))
                .collect()
        };
        let expected = [
            ("a", "before-first-completed", 2, 6),
            ("a", "archived", 1, 3),
            ("a", "kms-without-opt-in", 1, 3),
            ("a", "unexplained", 1, 3),
            ("b", "unexplained", 1, 3),
        ];
        let expected =
            expected.map(|(rule, cause, objects, bytes)| (rule.to_owned(), cause.to_owned(), objects, bytes));
        assert_eq!(causes(&run), expected, "{format:?}");
        // One rule for everything; the causes are the same as for one of two.
        s3.replicate("src", [Rule::new("all").to("dst")]);
        let all = with(&s3, &["inventory", &report, "--by", "rule", "-o", "json", "--prefix", "a/"]).expect(1);
        assert_eq!(
            causes(&all),
            expected[..4].iter().cloned().map(|of| ("all".to_owned(), of.1, of.2, of.3)).collect::<Vec<_>>()
        );
        let table = with(&s3, &["inventory", &report, "--by", "rule"]).expect(1).stdout;
        assert!(table.contains("\nUncovered: no status, although a rule applies to the key today\n"), "{table}");
        assert!(table.contains("\n          1         3 B  archived                all\n"), "{table}");
        assert!(table.contains("\narchived: the storage class is GLACIER or DEEP_ARCHIVE"), "{table}");
        let without = with(&s3, &["inventory", &report, "-o", "json"]).expect(1).json();
        assert_eq!(without.get("uncovered"), None);
        // Without the columns, nothing is said of them.
        let few = inventory.fields([InventoryField::Size, InventoryField::ReplicationStatus]).id("few");
        let delivered = s3.deliver_inventory(few);
        let report = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
        let few = with(&s3, &["inventory", &report, "--by", "rule", "-o", "json"]).expect(1);
        assert_eq!(causes(&few), [("all".to_owned(), "unexplained".to_owned(), 7, 21)], "{format:?}");
    }
}
