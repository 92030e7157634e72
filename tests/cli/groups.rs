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
    assert!(table.contains("By prefix: 2 of 6 have problems"), "{table}");
}

#[test]
fn groups_without_a_problem_are_one_line() {
    let s3 = broken();
    let address = address(&s3, InventoryFormat::Csv);
    for (format, line) in [
        ("table", "\n4 others: no problems\n"),
        ("markdown", "\n4 others: no problems\n"),
        ("html", ">4 others: no problems<"),
    ] {
        let text = with(&s3, &["inventory", &address, "--by", "prefix", "-o", format]).expect(1).stdout;
        assert!(text.contains(line) && text.contains("team 3/") && !text.contains("team 0/"), "{text}");
        let top = with(&s3, &["inventory", &address, "--by", "prefix", "--top", "1", "-o", format]).expect(1).stdout;
        assert!(top.contains("the worst 1 of 2 with problems, of 6 in all") && top.contains(line), "{top}");
    }
    let good = ["inventory", &address, "--by", "prefix", "--prefix", "team 1/"];
    let good = with(&s3, &good).expect(0).stdout;
    assert!(good.contains("By prefix: none of 1 has problems") && !good.contains("others"), "{good}");
}

#[test]
fn a_failed_audit_leads_to_its_cause() {
    let s3 = broken();
    for format in [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc] {
        let address = address(&s3, format);
        let plain = ["inventory", &address, "--fail-on", "not-replicated:off"];
        let text = with(&s3, &plain).expect(1).stdout;
        let tail: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("FAIL:")).collect();
        assert_eq!(tail[..2], ["FAIL: failed", "10 of 10 failed objects are under team 3/1/"], "{text}");
        let list = "--prefix 'team 3/1/' --export failed.csv --export-class failed";
        assert!(tail[2].starts_with("next: replaudit inventory s3://") && tail[2].ends_with(list), "{text}");
        assert!(tail[3].starts_with("then: head -n 20 failed.csv | replaudit status --explain --from -"), "{text}");
        assert_eq!(tail[4..], ["to accept these numbers: --fail-on failed:10"]);
        for format in ["markdown", "html"] {
            let text = with(&s3, &[&plain[..], &["-o", format]].concat()).expect(1).stdout;
            assert!(text.contains("10 of 10 failed objects are under") && text.contains("failed.csv"), "{text}");
        }
        let by = with(&s3, &[&plain[..], &["--by", "prefix:1"]].concat()).expect(1).stdout;
        assert!(by.contains("\n10 of 10 failed objects are under team 3/\n"), "{by}");
        let by = with(&s3, &[&plain[..], &["--by", "age"]].concat()).expect(1).stdout;
        let next = by.lines().find(|line| line.starts_with("next: ")).unwrap();
        assert!(next.ends_with("--fail-on not-replicated:off --by age --by prefix:2"), "{by}");
    }
    let json = ["inventory", &address(&s3, InventoryFormat::Csv), "-o", "json"];
    let before = s3.requests().len();
    with(&s3, &json).expect(1);
    let plain = s3.requests().len() - before;
    with(&s3, &[&json[..2], &[]].concat()).expect(1);
    assert!(s3.requests().len() - before > 2 * plain, "only formats for people read a small report again");
}

#[test]
fn ages_are_listed_in_their_order() {
    let text: Vec<String> =
        ["2024-05-07T00:44:22", "2023-05-06T22:44:22", "2024-05-01T22:44:22", "2024-05-06T10:44:22"]
            .iter()
            .map(|at| row(at, "FAILED").replace("2024-05-06T22:44:22", at))
            .collect();
    let many = row("old", "FAILED").replace("2024-05-06T22:44:22", "2023-05-06T22:44:22").repeat(5);
    let report = Local::of(&[text.concat(), many].concat());
    let audit = report.run(&["--by", "age"]).expect(1).json();
    assert_eq!(values(&audit), ["<1h", "<24h", "<7d", ">=365d"]);
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
    let local = Local::of(&row("a/b", "COMPLETED"));
    local.run(&["--by", "storage-class"]).expect(2).says(&["no StorageClass column", "--by storage-class"]);
    // Not damaged, but a result would name another group.
    let odd = Local::of(&[row("a/b", "COMPLETED"), row("%FF/x", "COMPLETED")].concat());
    let run = odd.run(&["--by", "prefix"]).expect(2).says(&["it can't be grouped", "1.csv.gz", "row 2", "not UTF-8"]);
    assert!(!run.stderr.contains("trusted"), "{run:?}");
    odd.run(&["--by", "age"]).expect(0);
    Local::of(&row("a/%FF", "COMPLETED")).run(&["--by", "prefix"]).expect(0);
    for key in ["a%zz/b", "a/b%zz", "top%", "a%2Fb%2", "a/%2"] {
        let local = Local::of(&[row("a/b", "COMPLETED"), row("a/c", "COMPLETED"), row(key, "COMPLETED")].concat());
        for by in ["prefix", "prefix:2"] {
            local.run(&["--by", by]).expect(2).says(&["1.csv.gz", "row 3", "two hex digits"]);
        }
    }
}
