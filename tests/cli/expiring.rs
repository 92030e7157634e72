//! Replicas that a lifecycle rule of the destination removes: HEAD finds an expired one until S3 removes it.

use replaudit_sandbox::{Fault, Sandbox};

use crate::support::{only_reads, replicated, with};

fn expires(s3: &Sandbox, year: u16) {
    let header = format!("expiry-date=\"Mon, 01 Jan {year} 00:00:00 GMT\", rule-id=\"old\"");
    s3.fault(Fault::on("HeadObject").bucket("dst").header("x-amz-expiration", header));
}

#[test]
fn an_expired_replica_proves_nothing() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    expires(&s3, 2018);
    let run = with(&s3, &["status", "--verify-replica", "s3://src/k"]).expect(2);
    assert!(run.stdout.contains("it expired at 2018-01-01T00:00:00Z"), "{run:?}");
    for more in [&["--permanent", "--version-id", &version][..], &["--verify-replica"]] {
        let run = with(&s3, &[&["safe-delete", "-y", "-o", "json", "s3://src/k"], more].concat()).expect(2);
        assert_eq!(run.fields("reason"), ["replica-unknown"]);
        only_reads(&s3);
    }
}

#[test]
fn a_replica_that_will_expire_is_shown_and_no_plan_says_that_it_stays() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    let permanent = ["safe-delete", "-n", "--permanent", "--version-id", &version, "s3://src/k"];
    let not_checked = "The lifecycle rules of destination buckets were not checked.";
    let run = with(&s3, &permanent).expect(0).says(&[
        "No replication rule would remove the replicas (some servers, such as Ceph, remove them without a rule).",
        not_checked,
    ]);
    assert!(!run.stderr.contains("expire") && !run.stdout.contains("expire"), "{run:?}");
    // A Monday.
    expires(&s3, 2114);
    let said = "The replicas of 1 object would expire by a lifecycle rule of the destination, the first at 2114-01-01";
    let run = with(&s3, &permanent).expect(0).says(&[said, not_checked]);
    assert!(run.stdout.contains("bucket dst removes the replica: it expires at 2114-01-01T00:00:00Z"), "{run:?}");
    with(&s3, &["safe-delete", "-n", "--verify-replica", "s3://src/k"]).expect(0).says(&[said]);
    let run = with(&s3, &["status", "--verify-replica", "-o", "json", "s3://src/k"]).expect(0);
    assert_eq!(run.json()["objects"][0]["destinations"][0]["expires"], "2114-01-01T00:00:00Z");
}
