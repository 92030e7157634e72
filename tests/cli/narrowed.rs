//! "Every destination" is never narrowed silently: `--destination` replaces only rules that S3 refused to show.

use std::time::Duration;

use replaudit_sandbox::{Bucket, Fault, Rule, Sandbox, Versioning};

use crate::support::{Run, only_reads, versioned, with};

/// The rules name two destinations, and one of them has lost its replica. Returns the version of the source.
fn one_of_two_is_lost() -> (Sandbox, String) {
    let s3 = versioned();
    for bucket in ["dst", "other"] {
        s3.create_bucket(Bucket::new(bucket).versioning(Versioning::Enabled));
    }
    s3.replicate("src", [Rule::new("all").to("dst").to("other")]);
    let version = s3.put("src", "k", b"hello");
    s3.delete_version("other", "k", &version);
    (s3, version)
}

fn verify(s3: &Sandbox, more: &[&str]) -> Run {
    let args = ["status", "--verify-replica", "s3://src/k", "--destination", "dst", "--max-attempts", "1"];
    with(s3, &[&args[..], more].concat())
}

fn heads_at(s3: &Sandbox, bucket: &str) -> usize {
    let at = |request: &&replaudit_sandbox::Request| request.bucket.as_deref() == Some(bucket);
    s3.requests().iter().filter(at).filter(|request| request.operation == "HeadObject").count()
}

/// Rules that could not be read for another reason than a refusal.
fn unreadable() -> Vec<(&'static str, Fault)> {
    let fault = || Fault::on("GetBucketReplication");
    vec![
        ("500", fault().status(500, "InternalError", "oops")),
        ("503", fault().status(503, "SlowDown", "slow down")),
        ("no bucket", fault().status(404, "NoSuchBucket", "none")),
        ("another 404", fault().status(404, "NoSuchKey", "none")),
        ("wrong key", fault().status(403, "InvalidAccessKeyId", "who?")),
        ("wrong clock", fault().status(403, "RequestTimeTooSkewed", "when?")),
        ("another 501", fault().status(501, "InternalError", "oops")),
        ("time-out", fault().delay(Duration::from_secs(3))),
        ("no answer", fault().close_before_effect()),
        ("cut", fault().cut_body(120)),
        ("none, and cut", fault().raw_body(404, "application/xml", NONE_CUT)),
        ("refused, and cut", fault().raw_body(403, "application/xml", DENIED_CUT)),
    ]
}

/// An error that would decide, if it were whole.
const NONE_CUT: &str = "<Error><Code>ReplicationConfigurationNotFoundError</Code><Message>The repl";
const DENIED_CUT: &str = "<Error><Code>AccessDenied</Code><Message>Acc";

/// What a server says that does not show its rules to the caller, or has none to show.
const REFUSALS: [(u16, &str); 3] = [(403, "AccessDenied"), (501, "NotImplemented"), (405, "MethodNotAllowed")];

#[test]
fn rules_that_could_not_be_read_are_not_replaced_by_a_destination() {
    let (s3, version) = one_of_two_is_lost();
    for (what, fault) in unreadable() {
        s3.clear_faults();
        s3.fault(fault);
        s3.clear_requests();
        let run = verify(&s3, &["-o", "json", "--read-timeout", "700ms"]).expect(2);
        let object = &run.objects()[0];
        assert_eq!((&object["verdict"], &object["error"]["code"]), (&"replicated".into(), &"NotVerified".into()));
        assert_eq!(object["destinations"], serde_json::json!([]), "{what}");
        assert_eq!(heads_at(&s3, "dst"), 0, "{what}: nothing would follow from its answer");
        let args = ["safe-delete", "--permanent", "--yes", "--version-id", &version, "s3://src/k", "-o", "json"];
        let more =
            ["--destination", "dst", "--allow-replicated-delete", "--max-attempts", "1", "--read-timeout", "700ms"];
        let run = with(&s3, &[&args[..], &more].concat());
        assert_eq!(run.fields("reason"), ["replica-unknown"], "{what}");
        assert!(s3.versions("src", "k").iter().any(|found| found.version_id == version), "{what}");
    }
    only_reads(&s3);
}

#[test]
fn a_refusal_is_replaced_by_the_given_destination_and_every_output_says_so() {
    let (s3, _) = one_of_two_is_lost();
    for (status, code) in REFUSALS {
        s3.clear_faults();
        s3.fault(Fault::on("GetBucketReplication").status(status, code, "no"));
        let note = ["rules of bucket src could not be read", "only bucket dst was asked", code];
        let run = verify(&s3, &["-o", "json"]).expect(0).says(&note);
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert_eq!(run.objects()[0]["destinations"][0]["named_by"], "option-only", "{code}");
        let csv = verify(&s3, &["-o", "csv"]).expect(0).says(&note).stdout;
        let mut rows = csv::Reader::from_reader(csv.as_bytes());
        let column = rows.headers().unwrap().iter().position(|name| name == "destinations").unwrap();
        assert_eq!(&rows.records().next().unwrap().unwrap()[column], "dst=in-sync;rules=not-readable");
        let table = verify(&s3, &["-o", "table"]).expect(0).says(&note).stdout;
        assert!(table.contains("named by --destination only: the rules could not be read"), "{table}");
        let markdown = verify(&s3, &["-o", "markdown"]).expect(0).says(&note).stdout;
        assert!(markdown.contains("<code>dst=in-sync&#59;rules=not-readable</code>"), "{markdown}");
        let ndjson = verify(&s3, &["-o", "ndjson"]).expect(0).says(&note).stdout;
        assert!(ndjson.contains("\"named_by\":\"option-only\""), "{ndjson}");
        for (format, mark) in [("github", "::warning title=replaudit status::"), ("junit", "<system-out>replicated: ")]
        {
            let text = verify(&s3, &["-o", format]).expect(0).says(&note).stdout;
            let said =
                ["named by --destination only: the rules could not be read", "the rules could not be read, and may"];
            assert!(text.contains(mark) && said.iter().all(|part| text.contains(part)), "{format}: {text}");
        }
    }
    // Without a destination there is nothing to ask.
    let run = with(&s3, &["status", "--verify-replica", "s3://src/k", "-o", "json"]).expect(2);
    assert_eq!(run.objects()[0]["error"]["code"], "NotVerified");
    assert!(run.objects()[0]["error"]["hint"].as_str().unwrap().contains("--destination"));
}

#[test]
fn many_objects_of_one_bucket_are_one_note() {
    let (s3, _) = one_of_two_is_lost();
    let keys: Vec<String> = (0..60).map(|n| format!("p/{n}")).collect();
    keys.iter().for_each(|key| drop(s3.put("src", key, b"x")));
    s3.fault(Fault::on("GetBucketReplication").status(403, "AccessDenied", "no"));
    let args = ["status", "--verify-replica", "--recursive", "s3://src/p/", "--destination", "dst"];
    let run = with(&s3, &args).expect(0);
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    // What GitHub does not show is a warning too.
    let text = with(&s3, &[&args[..], &["-o", "github"]].concat()).expect(0).stdout;
    assert!(text.contains("::warning title=replaudit status::10 more objects not shown as annotations"), "{text}");
    assert!(!text.contains("::error"), "{text}");
}

#[test]
fn a_plan_says_that_rules_were_not_read_before_it_asks_for_consent() {
    let (s3, version) = one_of_two_is_lost();
    s3.fault(Fault::on("GetBucketReplication").status(403, "AccessDenied", "no"));
    let args = ["safe-delete", "--permanent", "--dry-run", "--version-id", &version, "s3://src/k", "-o", "json"];
    let more = ["--destination", "dst", "--allow-replicated-delete"];
    let run = with(&s3, &[&args[..], &more].concat()).expect(0);
    assert_eq!(run.objects()[0]["destinations"][0]["named_by"], "option-only");
    let and_again = "The replica in every bucket of --destination was checked just now, and would be checked again";
    run.says(&["rules of bucket src could not be read", "only bucket dst was asked", and_again]);
    let hide = ["safe-delete", "-n", "s3://src/k", "--verify-replica", "--destination", "dst"];
    let run = with(&s3, &[&hide[..], &["--allow-marker-replication"]].concat()).expect(0);
    run.says(&["only bucket dst was asked", "The replica in every bucket of --destination was checked just now."]);
    let args = ["safe-delete", "--permanent", "--dry-run", "--version-id", &version, "s3://src/k", "-o"];
    let csv = with(&s3, &[&args[..], &["csv"], &more].concat()).expect(0).stdout;
    assert!(csv.ends_with(",dst=in-sync;rules=not-readable\n"), "{csv}");
    let table = with(&s3, &[&args[..], &["table"], &more].concat()).expect(0).stdout;
    assert!(table.contains("only the replicas of --destination were checked"), "{table}");
    only_reads(&s3);
}

#[test]
fn destinations_say_who_named_them() {
    let (s3, _) = one_of_two_is_lost();
    s3.create_bucket(Bucket::new("third").versioning(Versioning::Enabled));
    s3.copy_to("src", "k", &s3, "third");
    let args = ["status", "--verify-replica", "s3://src/k", "-o", "json", "--destination", "third"];
    let run = with(&s3, &args).expect(1).silent();
    let mut named: Vec<String> = run.objects()[0]["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|to| format!("{}={}", to["bucket"], to["named_by"]).replace('"', ""))
        .collect();
    named.sort();
    assert_eq!(named, ["dst=rule", "other=rule", "third=option"]);
}
