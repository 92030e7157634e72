//! `inventory` finds its report: the newest whole one of a place, or through the bucket's inventory configurations.

use std::fs;
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Delivered, Fault, Inventory, InventoryField, Sandbox};
use serde_json::{Value, json};

use crate::support::report::Local;
use crate::support::{alone, count, folder, only_reads, replicated, with};

const HOUR: Duration = Duration::from_secs(3600);

/// A source whose objects are all replicated, and a bucket for reports.
fn world() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for key in ["a", "logs/b"] {
        s3.put("src", key, b"12345");
    }
    s3
}

fn daily() -> Inventory {
    Inventory::of("src").to("reports").id("daily").prefix("inv")
}

/// A report of `hours` ago.
fn deliver(s3: &Sandbox, inventory: Inventory, hours: u32) -> Delivered {
    s3.deliver_inventory(inventory.scanned_at(SystemTime::now() - hours * HOUR))
}

fn address(delivered: &Delivered) -> String {
    format!("s3://{}/{}", delivered.bucket, delivered.manifest_key)
}

#[test]
fn the_newest_report_of_a_prefix_is_taken() {
    let s3 = world();
    deliver(&s3, daily(), 49);
    let newest = deliver(&s3, daily(), 25);
    for place in ["s3://reports/inv/src/daily/", "s3://reports/inv/src/daily"] {
        let run = with(&s3, &["inventory", place, "-o", "json"]).expect(0).silent();
        assert_eq!(run.json()["report"]["manifest"], address(&newest));
        assert_eq!(run.json()["report"]["scope"], Value::Null, "no configuration was read");
    }
    // The folder of one report, as people copy it.
    let one = address(&newest).replace("manifest.json", "");
    assert_eq!(with(&s3, &["inventory", &one, "-o", "json"]).expect(0).json()["report"]["manifest"], address(&newest));
    only_reads(&s3);
}

#[test]
fn a_report_that_is_being_delivered_is_mentioned_and_passed_over() {
    let s3 = world();
    let whole = deliver(&s3, daily(), 25);
    let half = deliver(&s3, daily(), 1);
    s3.delete("reports", &half.checksum_key);
    let place = "s3://reports/inv/src/daily/";
    let run = with(&s3, &["inventory", place, "-o", "json"]).expect(0);
    assert_eq!(run.json()["report"]["manifest"], address(&whole));
    let half_folder = address(&half).replace("manifest.json", "");
    run.says(&[&half_folder, "is being delivered", "using the newest complete report"]);
    with(&s3, &["inventory", place, "-q"]).expect(0).silent();
    // Also where nothing but the data files has come.
    s3.delete("reports", &half.manifest_key);
    with(&s3, &["inventory", place]).expect(0).silent();
    // A checksum alone is not a report either.
    s3.put("reports", &half.checksum_key, b"d41d8cd98f00b204e9800998ecf8427e\n");
    with(&s3, &["inventory", place]).expect(0).says(&["has a manifest.checksum and no manifest.json"]);

    // The one that is whole is too old: what is under way does not make it newer.
    s3.delete("reports", &half.checksum_key);
    s3.put("reports", &half.manifest_key, b"{}");
    with(&s3, &["inventory", place, "--max-age", "24h"]).expect(2).says(&[
        "is being delivered",
        "25h ",
        "try again when a newer one is delivered",
    ]);
    s3.delete("reports", &whole.checksum_key);
    let none = with(&s3, &["inventory", place]).expect(2);
    none.says(&["of 2 dated folders none", &half_folder, "is being delivered", "try again later"]);
    with(&s3, &["inventory", place, "--no-verify", "--allow-empty"]).expect(2).says(&["of 2 dated folders none"]);
    only_reads(&s3);
}

#[test]
fn a_place_without_reports_says_what_is_there() {
    let s3 = world();
    let delivered = deliver(&s3, daily(), 1);
    let run = with(&s3, &["inventory", "s3://reports/inv/", "-o", "json"]).expect(2);
    assert_eq!(run.stdout, "");
    run.says(&["directly under s3://reports/inv/", "only src/", "CONFIG/"]);
    with(&s3, &["inventory", "s3://reports"]).expect(2).says(&["directly under s3://reports/, only inv/"]);
    with(&s3, &["inventory", "s3://reports/none"]).expect(2).says(&["under s3://reports/none/", "48 hours"]);
    with(&s3, &["inventory", "s3://nowhere/inv/"]).expect(2).says(&["listing s3://nowhere/inv/", "404 NoSuchBucket"]);
    // Nothing that only begins like it.
    with(&s3, &["inventory", "s3://reports/inv/src/dai"]).expect(2).says(&["neither"]);
    s3.put("reports", "2020-01-01T00-00Z/manifest.checksum", b"x");
    with(&s3, &["inventory", "s3://reports/"]).expect(2).says(&["of 1 dated folder none", "no manifest.json"]);
    for (key, to) in [(&delivered.manifest_key, "manifest.json"), (&delivered.checksum_key, "manifest.checksum")] {
        let body = s3.body("reports", key).unwrap();
        s3.put("reports", &format!("2020-01-02T00-00Z/{to}"), body);
    }
    for place in ["s3://reports", "s3://reports/"] {
        // The folder says 2020, the manifest of the copy says today.
        let run = with(&s3, &["inventory", place, "-o", "json", "--max-age", "none"]).expect(0);
        let run = run.says(&["its folder is named 2020-01-02T00-00Z"]);
        assert_eq!(run.json()["report"]["manifest"], "s3://reports/2020-01-02T00-00Z/manifest.json");
    }
}

#[test]
fn a_prefix_that_ends_in_a_slash_doubles_it() {
    let s3 = world();
    let inventory = || daily().prefix("inv/");
    s3.configure_inventory(&inventory());
    let delivered = deliver(&s3, inventory(), 1);
    assert!(delivered.manifest_key.starts_with("inv//src/daily/"), "{delivered:?}");
    for args in [&["inventory", "s3://reports/inv//src/daily"][..], &["inventory", "--bucket", "src"]] {
        let run = with(&s3, &[args, &["-o", "json"]].concat()).expect(0).silent();
        assert_eq!(run.json()["report"]["manifest"], address(&delivered));
    }
    with(&s3, &["inventory", "s3://reports/inv/src/daily/"]).expect(2).says(&["neither"]);
}

#[test]
fn a_bucket_knows_where_its_reports_are() {
    let s3 = world();
    s3.configure_inventory(&daily());
    deliver(&s3, daily(), 25);
    let newest = deliver(&s3, daily(), 1);
    let run = with(&s3, &["inventory", "--bucket", "src", "-o", "json"]).expect(0).silent();
    assert_eq!(run.json()["report"]["manifest"], address(&newest));
    assert_eq!(run.json()["report"]["scope"], json!({"prefix": null, "versions": "All"}));
    let run = with(&s3, &["inventory", "--bucket", "src", "--id", "daily", "-o", "json"]).expect(0).silent();
    assert_eq!(run.json()["report"]["scope"], json!({"prefix": null, "versions": "All"}));
    assert_eq!(
        (count(&s3, "ListBucketInventoryConfigurations"), count(&s3, "GetBucketInventoryConfiguration")),
        (1, 1)
    );
    let table = with(&s3, &["inventory", "--bucket", "src"]).expect(0).silent();
    assert!(!table.stdout.contains("says nothing"), "{table:?}");
    only_reads(&s3);
}

#[test]
fn a_narrower_report_says_so() {
    let s3 = world();
    let inventory = || daily().keys_under("logs/").current_only();
    s3.configure_inventory(&inventory());
    deliver(&s3, inventory(), 1);
    let run = with(&s3, &["inventory", "--bucket", "src", "-o", "json"]).expect(0).silent();
    assert_eq!(run.json()["report"]["scope"], json!({"prefix": "logs/", "versions": "Current"}));
    assert_eq!(run.json()["rows"], 1);
    let table = with(&s3, &["inventory", "--bucket", "src"]).expect(0).silent();
    for part in ["leaves out keys outside prefix logs/", "current versions only"] {
        assert!(table.stdout.contains(part), "{table:?}");
    }
    for (prefix, code) in [("logs/", 0), ("lo", 2), ("logs", 2), ("data/", 2)] {
        let run = with(&s3, &["inventory", "--bucket", "src", "--prefix", prefix]).expect(code);
        assert_eq!(run.stderr.contains("the report covers keys that begin with \"logs/\" only"), code == 2, "{run:?}");
    }
    // The configuration of today is not the one that this report was made by.
    s3.configure_inventory(&daily());
    let run = with(&s3, &["inventory", "--bucket", "src", "-o", "json"]).expect(0).says(&["was changed since"]);
    assert_eq!(run.json()["report"]["scope"], Value::Null);
}

#[test]
fn a_report_of_current_versions_says_so_without_its_configuration() {
    let s3 = world();
    let report = deliver(&s3, daily().current_only(), 1);
    for format in ["table", "markdown", "html"] {
        let run = with(&s3, &["inventory", &address(&report), "-o", format]).expect(0).silent();
        assert!(run.stdout.contains("current versions only"), "{run:?}");
    }
}

#[test]
fn an_answer_about_another_configuration_is_refused() {
    let s3 = world();
    s3.configure_inventory(&daily());
    deliver(&s3, daily(), 1);
    let other = |body: Vec<u8>| String::from_utf8(body).unwrap().replace("<Id>daily<", "<Id>other<").into_bytes();
    s3.fault(Fault::on("GetBucketInventoryConfiguration").times(1).rewrite(other));
    let ask = || with(&s3, &["inventory", "--bucket", "src", "--id", "daily"]);
    ask()
        .expect(2)
        .says(&["inventory configuration \"daily\"", "the answer is about inventory configuration \"other\""]);
    ask().expect(0);
}

#[test]
fn only_one_configuration_that_fits_is_chosen() {
    use InventoryField as F;
    let s3 = world();
    let ask = |more: &[&str]| with(&s3, &[&["inventory", "--bucket", "src"][..], more].concat());
    ask(&[]).expect(2).says(&["bucket src has no inventory configuration: `replaudit doctor src` prints the command"]);
    ask(&["--id", "x"]).expect(2).says(&["has no inventory configuration: `replaudit doctor src`"]);

    let blind = || daily().id("blind").fields([F::Size]).current_only();
    s3.configure_inventory(&blind());
    s3.configure_inventory(&daily().id("off").disabled().keys_under("logs/"));
    ask(&[]).expect(2).says(&[
        "blind: ReplicationStatus is not selected, current versions only, daily to s3://reports/inv/src/blind/",
        "off: disabled, only keys under \"logs/\", daily to",
        "no inventory configuration of bucket src can be used",
    ]);
    let off = ask(&["--id", "off"]).expect(2).says(&["off: disabled", "can be used: it must be enabled"]);
    assert!(!off.stderr.contains("blind"), "{off:?}");
    ask(&["--id", "none"]).expect(2).says(&["blind: ", "off: ", "no inventory configuration \"none\""]);

    s3.configure_inventory(&daily());
    deliver(&s3, daily(), 1);
    ask(&[]).expect(0).silent();
    s3.configure_inventory(&daily().id("weekly").weekly());
    ask(&[]).expect(2).says(&[
        "daily: usable, daily to",
        "weekly: usable, weekly to",
        "off: disabled",
        "2 inventory configurations of bucket src can be used: choose one with --id",
    ]);
    ask(&["--id", "daily"]).expect(0).silent();
    ask(&["--id", "weekly"]).expect(2).says(&["configuration \"weekly\" of bucket src", "inv/src/weekly/", "48 hours"]);
    ask(&["-q"]).expect(2).says(&["error: 2 inventory configurations"]);
    only_reads(&s3);
}

#[test]
fn lists_are_read_to_their_end() {
    let s3 = world();
    for n in 0..150 {
        s3.configure_inventory(&daily().id(&format!("a{n:03}")).disabled());
    }
    s3.configure_inventory(&daily().id("last"));
    // A thousand reports that never became whole, and behind them on the second page the one that did.
    let old = (0..1200).map(|n| {
        format!("inv/src/last/{}-{:02}-{:02}T01-00Z/manifest.json", 1900 + n / 336, n / 28 % 12 + 1, n % 28 + 1)
    });
    s3.put_many("reports", old, b"{}");
    let delivered = deliver(&s3, daily().id("last"), 1);
    let run = with(&s3, &["inventory", "--bucket", "src", "-o", "json"]).expect(0).silent();
    assert_eq!(run.json()["report"]["manifest"], address(&delivered));
    assert_eq!((count(&s3, "ListBucketInventoryConfigurations"), count(&s3, "ListObjectsV2")), (2, 3));
    for operation in ["ListBucketInventoryConfigurations", "ListObjectsV2"] {
        s3.fault(Fault::on(operation).skip(1).status(500, "InternalError", "no"));
        with(&s3, &["inventory", "--bucket", "src", "--max-attempts", "1"]).expect(2).says(&["500", "listing"]);
        s3.clear_faults();
    }
}

#[test]
fn a_weekly_report_may_be_older() {
    let s3 = world();
    s3.configure_inventory(&daily().weekly());
    let eight_days = deliver(&s3, daily(), 8 * 24);
    let ask = |more: &[&str]| with(&s3, &[&["inventory", "--bucket", "src"][..], more].concat());
    ask(&[]).expect(0).silent();
    ask(&["--max-age", "72h"]).expect(2).says(&["192h ago", "--max-age is 72h"]);
    // Named, its schedule is not known.
    with(&s3, &["inventory", &address(&eight_days)]).expect(2).says(&["--max-age is 72h", "look for a newer report"]);
    s3.configure_inventory(&daily());
    ask(&[]).expect(2).says(&["192h ago", "it is the newest report there"]);
    s3.configure_inventory(&daily().id("other").weekly());
    deliver(&s3, daily().id("other"), 241);
    ask(&["--id", "other"]).expect(2).says(&["241h ago", "--max-age is 240h"]);
    ask(&["--id", "other", "--max-age", "none"]).expect(0).silent();
}

#[test]
fn reports_in_another_region_and_account_are_found() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("far-reports").region("eu-central-1").owner("444455556666"));
    s3.put("src", "a", b"1");
    let inventory = || daily().to("far-reports");
    s3.configure_inventory(&inventory());
    let delivered = deliver(&s3, inventory(), 1);
    for args in [&["inventory", "--bucket", "src"][..], &["inventory", "s3://far-reports/inv/src/daily"]] {
        let run = with(&s3, &[args, &["-o", "json"]].concat()).expect(0).silent();
        assert_eq!(run.json()["report"]["manifest"], address(&delivered));
    }
}

#[test]
fn a_refusal_names_the_permission() {
    let s3 = world();
    s3.configure_inventory(&daily());
    deliver(&s3, daily(), 1);
    let refuse = |operation: &str| {
        s3.clear_faults();
        s3.fault(Fault::on(operation).status(403, "AccessDenied", "Access Denied"));
    };
    refuse("ListBucketInventoryConfigurations");
    with(&s3, &["inventory", "--bucket", "src"]).expect(2).says(&[
        "listing the inventory configurations of bucket src: S3 answered 403 AccessDenied",
        "request ID",
        "s3:GetInventoryConfiguration on bucket src",
    ]);
    refuse("GetBucketInventoryConfiguration");
    with(&s3, &["inventory", "--bucket", "src", "--id", "daily"])
        .expect(2)
        .says(&["configuration \"daily\" of bucket src: S3 answered 403", "s3:GetInventoryConfiguration"]);
    refuse("ListObjectsV2");
    for args in [&["inventory", "--bucket", "src"][..], &["inventory", "s3://reports/inv/src/daily/"]] {
        with(&s3, args).expect(2).says(&[
            "listing s3://reports/inv/src/daily/: S3 answered 403 AccessDenied",
            "s3:ListBucket on bucket reports",
        ]);
    }
    s3.clear_faults();
    with(&s3, &["inventory", "--bucket", "nowhere"]).expect(2).says(&["404 NoSuchBucket", "of bucket nowhere"]);
    with(&s3, &["inventory", "--bucket", "src", "--expected-bucket-owner", "999999999999"])
        .expect(2)
        .says(&["--expected-bucket-owner may be the cause; otherwise it needs s3:GetInventoryConfiguration"]);
}

#[test]
fn another_buckets_report_is_not_taken_for_it() {
    let s3 = world();
    s3.create_bucket(Bucket::new("other"));
    s3.configure_inventory(&daily());
    // Delivered for another bucket, and copied to where this one's reports are.
    let foreign = deliver(&s3, Inventory::of("other").to("reports").id("daily").prefix("inv"), 1);
    for key in [&foreign.manifest_key, &foreign.checksum_key] {
        let body = s3.body("reports", key).unwrap();
        s3.put("reports", &key.replace("inv/other/", "inv/src/"), body);
    }
    with(&s3, &["inventory", "--bucket", "src"])
        .expect(2)
        .says(&["is about bucket other, not about src, which --bucket names"]);
    with(&s3, &["inventory", "s3://reports/inv/other/daily/", "--bucket", "src"]).expect(2).says(&["not about src"]);
}

#[test]
fn local_folders_of_reports_are_walked_too() {
    let report = Local::good();
    let (_guard, root) = folder();
    let copy = |to: &str, names: &[&str]| {
        let to = root.join(to);
        fs::create_dir_all(&to).unwrap();
        for name in names {
            fs::copy(report.dir.join(name), to.join(name)).unwrap();
        }
    };
    let all = ["1.csv.gz", "2.csv.gz", "manifest.json", "manifest.checksum"];
    let local = || alone(&["inventory", &root.display().to_string()]).expect(2);
    local().says(&["neither a manifest.json nor a report folder", "name the folder that holds manifest.json"]);
    copy("2026-11-19T01-00Z", &["manifest.json"]);
    local().says(&["of 1 dated folder none", "copy the whole report"]);
    copy("2026-11-20T01-00Z", &all);
    copy("2026-11-21T01-00Z", &all);
    copy("2026-11-22T01-00Z", &["manifest.json"]);
    copy("data", &[]);
    let run = report.run_at(&root, &[]).expect(0).says(&["2026-11-22T01-00Z is being delivered"]);
    let newest = root.join("2026-11-21T01-00Z/manifest.json").display().to_string();
    assert_eq!(run.json()["report"]["manifest"], newest);
    let named = report.run_at(&root.join("2026-11-21T01-00Z"), &[]).expect(0);
    assert_eq!(named.says(&["its folder is named 2026-11-21T01-00Z"]).json()["rows"], 3);
    alone(&["inventory", &root.display().to_string()]).expect(2).says(&["try again when a newer one is delivered"]);
    // A report's own folder, half delivered, is taken at its word and refused.
    report.run_at(&root.join("2026-11-22T01-00Z"), &[]).expect(2).says(&["no manifest.checksum"]);
}

#[test]
fn what_does_not_go_together_is_usage() {
    for (args, says) in [
        (&["inventory"][..], "give REPORT, or --bucket SOURCE"),
        (&["inventory", "--id", "x"], "--bucket"),
        (&["inventory", "s3://b-1/r/", "--bucket", "src", "--id", "x"], "--id"),
        (&["inventory", "s3://"], "names no bucket"),
        (&["inventory", "s3:///x"], "names no bucket"),
        (&["inventory", "--bucket", "s3://src"], "can't be a bucket"),
        (&["inventory", "--bucket", ""], "names no bucket"),
    ] {
        alone(args).expect(2).says(&[says]);
    }
}
