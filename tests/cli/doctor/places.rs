//! Where buckets are: other Regions, other servers, all buckets of an account; and what an exit code counts.

use std::fs;

use replaudit_sandbox::{Bucket, Fault, Principal, Rule, Sandbox, Versioning};

use super::scene::{Given, checks, healthy, inventory, rule};
use crate::support::{alone, client, count, folder, only_reads, run, with};

#[test]
fn a_destination_on_another_server_is_read_there_with_its_own_credentials() {
    let (s3, other) = (healthy(), Sandbox::builder().region("eu-west-1").start().unwrap());
    other.create_bucket(Bucket::new("dst").versioning(Versioning::Suspended));
    other.principal(Principal::new("THERE", "secret"));
    let (_guard, dir) = folder();
    let file = dir.join("credentials");
    fs::write(&file, "[there]\naws_access_key_id = THERE\naws_secret_access_key = secret\n").unwrap();
    let to = format!("dst,region=eu-west-1,endpoint={},profile=there", other.endpoint());
    let mut command = client(&s3, &["doctor", "src", "-o", "json", "--destination", &to]);
    command.env("AWS_SHARED_CREDENTIALS_FILE", &file);
    let done = run(command);
    let found = checks(&done);
    assert_eq!(found["rule.destination.exists"]["found"], "bucket dst in eu-west-1");
    assert_eq!(found["rule.destination.versioning"]["state"], "fail");
    assert!(found["rule.destination.versioning"]["next"].as_str().unwrap().contains(&other.endpoint()));
    assert_eq!(found["rule.kms.key-region"]["state"], "fail");
    assert!(count(&other, "GetBucketVersioning") == 1 && count(&s3, "GetBucketVersioning") == 1);
    only_reads(&s3);
    only_reads(&other);
}

#[test]
fn the_region_of_a_bucket_is_found() {
    let s3 = healthy();
    let found = checks(&with(&s3, &["doctor", "src", "-o", "json", "--region", "us-west-2"]).expect(0));
    assert_eq!(found["bucket.region"]["found"], "us-east-1; the configured Region is us-west-2");
}

#[test]
fn a_destination_that_only_the_caller_names_is_checked_too() {
    let s3 = healthy();
    s3.create_bucket(Bucket::new("more"));
    let found = checks(&with(&s3, &["doctor", "src", "-o", "json", "--destination", "more"]).expect(1));
    let versioning = &found["rule.destination.versioning"];
    assert_eq!(versioning["found"], "bucket more: versioning was never enabled");
    let twice = ["doctor", "src", "--destination", "more", "--destination", "more"];
    with(&s3, &twice).expect(2).says(&["names bucket more twice"]);
}

#[test]
fn two_destinations_are_both_named_and_the_worst_decides() {
    let s3 = healthy();
    s3.create_bucket(Bucket::new("second"));
    s3.replicate("src", [rule(), Rule::new("second").to("second").metrics(true).priority(2)]);
    let given = Given { denied: vec![("s3:GetBucketVersioning", "dst")], ..Given::default() };
    let row = checks(&given.doctor(&s3).expect(2))["rule.destination.versioning"].clone();
    let found = row["found"].as_str().unwrap();
    assert!(found.starts_with("asking for the versioning of bucket dst"), "{row:#}");
    assert!(found.ends_with("; bucket second: versioning was never enabled"), "{row:#}");
    assert_eq!(row["state"], "unknown");
}

#[test]
fn every_bucket_of_the_account_is_walked() {
    let s3 = healthy();
    let run = with(&s3, &["doctor", "--all-buckets", "-o", "json"]);
    let document = run.json();
    let buckets: Vec<&str> =
        document["checks"].as_array().unwrap().iter().filter_map(|row| row["bucket"].as_str()).collect();
    for bucket in ["src", "dst", "reports"] {
        assert!(buckets.contains(&bucket), "{bucket}");
    }
    assert_eq!(count(&s3, "ListBuckets"), 1);
    only_reads(&s3);
    s3.fault(Fault::on("ListBuckets").status(403, "AccessDenied", "no"));
    with(&s3, &["doctor", "--all-buckets"]).expect(2).says(&["s3:ListAllMyBuckets"]);
    s3.clear_faults();
    s3.fault(Fault::on("ListBuckets").cut_clean(100));
    with(&s3, &["doctor", "--all-buckets"]).expect(2).says(&["listing the buckets of the account"]);
    let empty = Sandbox::start().unwrap();
    with(&empty, &["doctor", "--all-buckets"]).expect(2).says(&["the account has no bucket (--allow-empty exits 0)"]);
    let run = with(&empty, &["doctor", "--all-buckets", "--allow-empty", "-o", "json"]).expect(0);
    assert_eq!(run.json()["checks"].as_array().unwrap().len(), 0);
}

#[test]
fn warnings_count_only_when_they_are_asked_for() {
    let s3 = healthy();
    s3.notifications("src", None);
    with(&s3, &["doctor", "src"]).expect(0);
    let strict = with(&s3, &["doctor", "src", "--strict"]).expect(1);
    strict.says(&["exit code 1: 1 of 40 checks failed, with the warnings that --strict counts (events.failure)"]);
    assert_eq!(with(&s3, &["doctor", "src", "--strict", "-q"]).expect(1).stderr, "");
    s3.set_versioning("src", Versioning::Suspended);
    with(&s3, &["doctor", "src"]).expect(1).says(&["versioning.source"]);
}

#[test]
fn a_bucket_without_objects_is_unknown_unless_that_is_allowed() {
    let s3 = healthy();
    for key in ["a", "logs/b"] {
        s3.delete("src", key);
    }
    with(&s3, &["doctor", "src"]).expect(2).says(&["permission.status"]);
    with(&s3, &["doctor", "src", "--allow-empty"]).expect(0);
}

#[test]
fn a_bucket_without_reports_fails_and_is_not_unknown() {
    let s3 = healthy();
    s3.configure_inventory(&inventory("src").disabled());
    for more in [&[][..], &["--allow-empty"], &["--only", "warn"]] {
        let run = with(&s3, &[&["doctor", "src"], more].concat()).expect(1);
        assert!(run.stdout.contains("permission.inventory"), "{run:?}");
        run.says(&["inventory.configured", "inventory.age"]);
    }
}

#[test]
fn a_bucket_is_named_once_and_without_a_key() {
    let s3 = healthy();
    let run = with(&s3, &["doctor", "src", "s3://src/", "s3://src", "-o", "ndjson"]).expect(0);
    let names: Vec<&str> = run.stdout.lines().filter(|line| line.contains("\"bucket.exists\"")).collect();
    assert_eq!(names.len(), 1);
    alone(&["doctor", "s3://src/key"]).expect(2).says(&["without a key"]);
    alone(&["doctor"]).expect(2).says(&["name a bucket, or give --all-buckets"]);
    alone(&["doctor", "--all-buckets", "src"]).expect(2).says(&["cannot be used with"]);
    alone(&["doctor", "src", "-o", "html"]).expect(2).says(&["doctor does not write html"]);
}

#[test]
fn one_bucket_that_is_gone_does_not_stop_the_others() {
    let s3 = healthy();
    let run = with(&s3, &["doctor", "nowhere", "src", "-o", "json"]).expect(2);
    let rows = run.json()["checks"].as_array().unwrap().clone();
    let of =
        |bucket: &str, state: &str| rows.iter().filter(|row| row["bucket"] == bucket && row["state"] == state).count();
    assert_eq!((of("nowhere", "fail"), of("src", "ok")), (1, 40));
    let asked: Vec<String> = s3.requests().iter().map(|request| request.operation.clone()).collect();
    assert!(asked.iter().filter(|operation| *operation == "GetBucketVersioning").count() == 2, "{asked:?}");
}

#[test]
fn a_version_that_the_server_does_not_name_is_asked_for_as_null() {
    let s3 = healthy();
    s3.fault(Fault::on("HeadObject").bucket("src").header("etag", "\"e\""));
    s3.fault(Fault::on("HeadObject").bucket("src").raw_body(200, "text/plain", ""));
    let found = checks(&with(&s3, &["doctor", "src", "-o", "json"]).expect(0));
    for (id, text) in [
        ("permission.status", "the first objects can be listed and read, with and without a version ID"),
        ("permission.verify-replica", "bucket dst answers"),
    ] {
        assert_eq!((&found[id]["state"], &found[id]["found"]), (&"ok".into(), &text.into()), "{id}");
    }
    let at_destination =
        s3.requests().into_iter().find(|r| r.operation == "HeadObject" && r.bucket.as_deref() == Some("dst"));
    assert_eq!(at_destination.and_then(|request| request.version_id).as_deref(), Some("null"));
    // Without versioning there are no IDs at all.
    s3.set_versioning("src", Versioning::Never);
    let found = checks(&with(&s3, &["doctor", "src", "-o", "json"]).expect(1));
    let text = found["permission.status"]["found"].as_str().unwrap();
    assert!(text.ends_with("without versioning, they have no version ID"), "{text}");
}

#[test]
fn the_source_under_another_name_of_its_server_is_not_a_destination() {
    let s3 = healthy();
    s3.replicate("src", [rule().to("src")]);
    let to = format!("src,endpoint={}", s3.endpoint().replace("127.0.0.1", "localhost"));
    let found = checks(&with(&s3, &["doctor", "src", "-o", "json", "--destination", &to]).expect(1));
    assert_eq!(found["rule.destination.exists"]["found"], "bucket src is the source itself");
}
