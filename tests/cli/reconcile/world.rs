//! Both sides in the sandbox: replicas are removed, changed, and replaced by foreign objects.

use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::Signal;
use replaudit_sandbox::{Bucket, Fault, Inventory, Rule, Sandbox, Versioning};

use super::rows::{FORMATS, Row, classes, counts, pair};
use crate::support::{self, client, count, files, finish, folder, only_reads, program, start, with};

const HOUR: Duration = Duration::from_secs(3600);

fn inventory(bucket: &str, to: &str) -> Inventory {
    Inventory::of(bucket).to(to).id("daily").prefix("inv")
}

/// Ten replicated objects two days old; both buckets have an inventory configuration.
fn world() -> Sandbox {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("dst").region("eu-west-1").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("reports"));
    s3.create_bucket(Bucket::new("reports-eu").region("eu-west-1"));
    s3.replicate("src", [Rule::new("all").to("dst")]);
    for n in 0..10 {
        let put = replaudit_sandbox::Put::default().last_modified(SystemTime::now() - 48 * HOUR);
        s3.put_with("src", &format!("data/{n}"), format!("body {n}"), put);
    }
    s3.configure_inventory(&inventory("src", "reports"));
    s3.configure_inventory(&inventory("dst", "reports-eu"));
    s3
}

fn deliver(s3: &Sandbox, format: usize) {
    let at = SystemTime::now() - HOUR;
    s3.deliver_inventory(inventory("src", "reports").scanned_at(at).format(FORMATS[format]).files(2));
    s3.deliver_inventory(inventory("dst", "reports-eu").scanned_at(at + HOUR / 4).format(FORMATS[(format + 1) % 3]));
}

/// Two lost, one with another size, and one that is foreign.
fn harm(s3: &Sandbox) {
    s3.lose_replica("src", "data/1");
    s3.lose_replica("src", "data/2");
    s3.corrupt("dst", "data/3", "a longer body than before");
    s3.set_status("dst", "data/4", None);
}

#[test]
fn one_command_finds_both_reports_and_the_lost_replicas() {
    for format in 0..3 {
        let s3 = world();
        deliver(&s3, format);
        let result = with(&s3, &["reconcile", "--bucket", "src", "-o", "json"]).expect(0).silent().json();
        assert_eq!(classes(&result), counts(&[("in-sync", 10)]));
        assert_eq!(result["destination"]["source_bucket"], "dst");
        assert_eq!(result["source"]["scope"]["versions"], "All");
        harm(&s3);
        s3.clear_requests();
        deliver(&s3, format);
        let found = with(&s3, &["reconcile", "--bucket", "src", "-o", "json"]).expect(1).json();
        assert_eq!(
            classes(&found),
            counts(&[("in-sync", 6), ("missing", 2), ("size-differs", 1), ("not-a-replica", 1)])
        );
        let named = with(&s3, &["reconcile", "--bucket", "src", "--destination", "dst,region=eu-west-1", "-o", "json"]);
        assert_eq!(classes(&named.expect(1).json()), classes(&found));
        let places = ["s3://reports/inv/src/daily/", "s3://reports-eu/inv/dst/daily/"];
        let by_place = with(&s3, &["reconcile", places[0], places[1], "-o", "json"]).expect(1).json();
        assert_eq!(classes(&by_place), classes(&found));
        only_reads(&s3);
    }
}

#[test]
fn confirmation_counts_only_what_is_still_so() {
    let s3 = world();
    harm(&s3);
    deliver(&s3, 0);
    // One of the missing objects is deleted at the source meanwhile.
    let version = s3.versions("src", "data/2")[0].version_id.clone();
    s3.delete_version("src", "data/2", &version);
    s3.set_status("dst", "data/4", Some("REPLICA"));
    s3.clear_requests();
    let run = with(&s3, &["reconcile", "--bucket", "src", "--confirm", "-o", "json"]).expect(1);
    let result = run.json();
    let confirmed = |class: &str| {
        let limits = result["limits"].as_array().unwrap().clone();
        limits.into_iter().find(|limit| limit["class"] == class).unwrap()["confirmed"].clone()
    };
    let expected = |healed: u64, gone: u64, still: u64| serde_json::json!({"healed": healed, "gone": gone, "still": still, "changed": 0, "unchecked": 0});
    assert_eq!(confirmed("missing"), expected(0, 1, 1));
    assert_eq!(confirmed("not-a-replica"), expected(1, 0, 0));
    assert_eq!(confirmed("size-differs"), expected(0, 0, 1));
    assert_eq!(
        count(&s3, "HeadObject"),
        9,
        "two for each of four objects, and one that was sent to another Region first"
    );
    only_reads(&s3);
    with(&s3, &["reconcile", "--bucket", "src", "--confirm", "--fail-on", "missing:1", "--fail-on", "size-differs:1"])
        .expect(0);
    with(&s3, &["reconcile", "--bucket", "src", "--confirm", "--confirm-max", "2"])
        .expect(2)
        .says(&["4 objects exceed their limits", "--confirm-max 4"]);
}

#[test]
fn the_in_sync_export_feeds_safe_delete_which_checks_again() {
    let s3 = world();
    harm(&s3);
    deliver(&s3, 1);
    let (_guard, dir) = folder();
    let list = dir.join("in-sync.ndjson").display().to_string();
    let args = ["reconcile", "--bucket", "src", "--export", &list, "--export-class", "in-sync"];
    let run = with(&s3, &args).expect(1);
    assert!(run.stdout.contains("replaudit safe-delete --dry-run --from"), "{}", run.stdout);
    // A replica is lost after the reports: safe-delete looks itself.
    s3.lose_replica("src", "data/9");
    let plan = ["safe-delete", "--dry-run", "--permanent", "--from", &list, "-o", "json"];
    let run = with(&s3, &plan).expect(1);
    let kept: Vec<String> = run.fields("reason").into_iter().filter(|reason| reason != "completed").collect();
    assert_eq!((run.objects().len(), kept), (6, vec!["replica-missing".to_owned()]));
    only_reads(&s3);
}

#[test]
fn sides_that_cover_other_prefixes_are_refused_unless_the_prefix_lies_in_both() {
    let s3 = world();
    let at = SystemTime::now() - HOUR;
    s3.configure_inventory(&inventory("dst", "reports-eu").keys_under("data/"));
    s3.deliver_inventory(inventory("src", "reports").scanned_at(at));
    s3.deliver_inventory(inventory("dst", "reports-eu").scanned_at(at).keys_under("data/"));
    with(&s3, &["reconcile", "--bucket", "src"]).expect(2).says(&["covers all keys", "covers prefix \"data/\""]);
    with(&s3, &["reconcile", "--bucket", "src", "--prefix", "data/"]).expect(0);
    s3.replicate("src", [Rule::new("all").to("dst"), Rule::new("more").to("reports")]);
    with(&s3, &["reconcile", "--bucket", "src"]).expect(2).says(&["name dst, reports", "--destination"]);
    s3.stop_replication("src");
    with(&s3, &["reconcile", "--bucket", "src"]).expect(2).says(&["has no enabled replication rule"]);
}

#[test]
fn a_rule_that_may_name_more_places_needs_the_destination() {
    let rule = |more: &str, priority: u8| {
        format!(
            "<Rule><Status>Enabled</Status><Priority>{priority}</Priority><Filter/><Destination><Bucket>arn:aws:s3:::dst</Bucket>{more}</Destination></Rule>"
        )
    };
    let zone = |zone: &str| format!("<Zone>{zone}</Zone>");
    let table = [
        (rule("", 1) + &rule("", 2), false),
        (rule(&zone("a"), 1), false),
        (rule(&(zone("a") + &zone("b")), 1), true),
        (rule(&zone("a"), 1) + &rule(&zone("b"), 2), true),
        (rule("<Mirror>x</Mirror>", 1), true),
        (rule("<StorageClass>one,two</StorageClass>", 1), true),
    ];
    for (rules, is_more) in table {
        let s3 = world();
        let body = format!("<ReplicationConfiguration>{rules}</ReplicationConfiguration>");
        s3.fault(Fault::on("GetBucketReplication").raw_body(200, "application/xml", body));
        let run = with(&s3, &["reconcile", "--bucket", "src", "-q"]);
        assert_eq!(run.stderr.contains("may name more places than one bucket"), is_more, "{rules}: {run:?}");
        assert!(!is_more || run.code == Some(2), "{rules}: {run:?}");
    }
}

#[test]
fn a_signal_ends_it_within_a_second_and_leaves_nothing_behind() {
    let (mut source, mut destination) = (Vec::new(), Vec::new());
    for n in 0..100_000 {
        let row = Row::of(&format!("data/object {n}"), &format!("version-{n}"));
        destination.push(row.replica());
        source.push(row);
    }
    let (one, other) = pair(&source, &destination);
    let (_guard, temp) = folder();
    for (signal, code) in [(Signal::SIGINT, Some(130)), (Signal::SIGKILL, None)] {
        let mut command: Command = program();
        command.arg("reconcile").arg(&one.dir).arg(&other.dir);
        command.args(["--max-age", "none", "--memory", "32MiB", "--temp-dir"]).arg(&temp);
        let child = start(command);
        std::thread::sleep(Duration::from_millis(250));
        let at = Instant::now();
        support::signal(child.id(), signal);
        let run = finish(child);
        assert!(at.elapsed() < Duration::from_secs(1), "{:?}", at.elapsed());
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
        assert_eq!(files(&temp), Vec::<String>::new());
    }
}

#[test]
fn a_destination_on_another_server_is_reached_there() {
    let (one, other) = (world(), Sandbox::start().unwrap());
    other.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
    other.create_bucket(Bucket::new("reports"));
    deliver(&one, 0);
    other.put("src", "data/of-its-own", "x");
    other.configure_inventory(&inventory("src", "reports"));
    other.deliver_inventory(inventory("src", "reports").scanned_at(SystemTime::now() - HOUR));
    let there = format!("src,endpoint={}", other.endpoint());
    let run =
        crate::support::run(client(&one, &["reconcile", "--bucket", "src", "--destination", &there, "-o", "json"]));
    assert_eq!(classes(&run.expect(1).json()), counts(&[("missing", 10)]));
    with(&one, &["reconcile", "--bucket", "src", "--destination", "src"])
        .expect(2)
        .says(&["both reports are about bucket src"]);
}
