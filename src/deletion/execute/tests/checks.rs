//! The check before each send: when it is made again, and what it refuses.

use super::*;

#[test]
fn what_cannot_be_checked_in_time_is_never_sent() {
    // Each check takes longer than its order may wait; a null version goes alone, another one in a batch.
    for version in ["v1", "null"] {
        let checks = (0..4).map(|_| evidence(version_head(version))).collect();
        let script = ScriptedDeleter { a_check_takes: 4, ..script(checks, vec![], vec![]) };
        let entry = only(events(approved(policy(Permanent, true), &[version]), execution(&script, NO_JOURNAL, false)));
        let error = entry.error.as_ref().map(|error| error.code.as_str());
        assert_eq!((entry.outcome, error), (O::Failed, Some("CheckTooSlow")), "{version}");
        assert!(script.sent_nothing());
    }
}

#[test]
fn each_resend_rests_on_a_check_of_its_own() {
    let slow = || DeleteAnswer::NotTaken(failure(Some(503)));
    let missing =
        || Evidence { replicas: Some(Ok(vec![destination(DestinationVerdict::Missing)])), ..evidence(there()) };
    // The batch, one key of it, and an order that goes alone; then the replica is gone, or still there.
    let whole = || (vec![BatchAnswer::All(slow())], vec![]);
    let one_key = || (vec![refused("SlowDown")], vec![]);
    let alone = || (vec![BatchAnswer::Unsupported(None)], vec![slow()]);
    for (at, (batches, mut answers)) in [whole(), one_key(), alone()].into_iter().enumerate() {
        let checks = match answers.is_empty() {
            true => vec![evidence(there()), missing()],
            false => vec![evidence(there()), evidence(there()), missing()],
        };
        answers.push(DeleteAnswer::Done { delete_marker: false, version_id: Some("v1".into()) });
        let script = ScriptedDeleter { sends: 3, batches: batches.into(), ..script(checks, vec![], answers) };
        let policy = Policy { verify_replica: true, ..policy(Permanent, true) };
        let entry = only(events(approved(policy, &["v1"]), execution(&script, NO_JOURNAL, false)));
        assert_eq!((entry.outcome, entry.reason_word()), (O::Kept, "replica-missing"), "row {at}");
        assert!(script.checks.lock().unwrap().is_empty(), "row {at}");
    }
}

#[test]
fn an_order_that_is_never_taken_is_sent_as_often_as_allowed() {
    for sends in 1..4 {
        let slow = (0..sends).map(|_| DeleteAnswer::NotTaken(failure(Some(503)))).collect();
        let checks = (0..sends).map(|_| evidence(there())).collect();
        let script = ScriptedDeleter { sends, ..script(checks, vec![], slow) };
        let entry = only(events(approved(policy(Hide, false), &["v1"]), execution(&script, NO_JOURNAL, false)));
        assert_eq!((entry.outcome, script.sent.lock().unwrap().len()), (O::Failed, sends as usize));
    }
}

#[test]
fn what_was_checked_before_consent_was_thought_over_is_checked_again() {
    // All are checked in second 0.
    for (seconds, checks, looks, reason) in
        [(0, vec![], vec![marker()], "completed"), (1, vec![evidence(newer())], vec![], "changed-since-check")]
    {
        let script = script(checks, looks, vec![made()]);
        let not_before = Some(moment(seconds));
        let execution = DeleteExecution { not_before, ..execution(&script, NO_JOURNAL, false) };
        let entry = only(events(approved(policy(Hide, false), &["v1"]), execution));
        assert_eq!(entry.reason_word(), reason, "{seconds}");
    }
}

#[test]
fn the_last_that_destinations_answered_is_told() {
    use DestinationVerdict::{InSync, Missing};
    let replicas = |replicas| Evidence { replicas: Some(replicas), ..evidence(there()) };
    let table = [
        (replicas(Ok(vec![destination(Missing)])), "replica-missing", Missing),
        (replicas(Err(failure(None))), "replica-unknown", InSync),
    ];
    for (check, reason, last) in table {
        let policy = Policy { verify_replica: true, ..policy(Hide, false) };
        let entry = run_plan(approved(policy, &["v1"]), &script(vec![check], vec![], vec![]), true).remove(0);
        assert_eq!((entry.reason_word(), entry.destinations), (reason, vec![destination(last)]));
    }
}

#[test]
fn a_check_that_asks_fewer_destinations_than_the_plan_keeps_the_version() {
    let named = |bucket: &str| Destination { bucket: bucket.into(), ..destination(DestinationVerdict::InSync) };
    let asked = |buckets: &[&str]| Evidence {
        replicas: Some(Ok(buckets.iter().map(|bucket| named(bucket)).collect())),
        ..evidence(there())
    };
    let table = [
        (vec!["dst", "other"], "completed"),
        (vec!["other", "more", "dst"], "completed"),
        (vec!["dst"], "replica-unknown"),
        (vec!["other"], "replica-unknown"),
    ];
    for (now, reason) in table {
        let mut planner =
            DeletionPlanner::new(Policy { verify_replica: true, ..policy(Permanent, true) }, MemoryFile::default());
        planner.add(&object(Some("v1")), &asked(&["dst", "other"])).unwrap();
        let plan = approve(planner);
        let is_kept = reason != "completed";
        let looks = if is_kept { vec![] } else { vec![gone()] };
        let script = batches(vec![asked(&now)], looks, vec![all_deleted(&["key"])]);
        let entry = run_plan(plan, &script, false).remove(0);
        assert_eq!((entry.reason_word(), entry.outcome == O::Kept), (reason, is_kept), "{now:?}");
    }
}

#[test]
fn what_was_answered_in_two_ways_is_checked_again() {
    let failed = evidence(status_head("FAILED"));
    let mut planner = DeletionPlanner::new(policy(Hide, false), MemoryFile::default());
    planner.add(&object(None), &evidence(there())).unwrap();
    planner.add(&object(Some("v1")), &failed).unwrap();
    let plan = approve(planner);
    let script = script(vec![failed], vec![], vec![]);
    let entries = run_plan(plan, &script, false);
    let reasons: Vec<&str> = entries.iter().map(|entry| entry.reason_word()).collect();
    assert_eq!(reasons, ["changed-since-check", "duplicate"]);
}

#[test]
fn a_bucket_is_looked_at_before_each_marker_however_fresh_its_check() {
    let script = script(vec![], vec![], vec![]);
    script.bucket.lock().unwrap().versioning = Ok(Versioning::Suspended);
    let entry = run_one(policy(Hide, false), &script);
    assert_eq!((entry.outcome, entry.reason_word()), (O::Kept, "bucket-not-versioned"));
}

#[test]
fn an_aged_check_is_made_again_by_the_same_rule() {
    let travels = ReplicationRule { delete_marker_replication: true, ..ReplicationRule::to("dst") };
    let rules = ReplicationRules { rules: vec![travels], version_deletes_replicate: false, role: None };
    let other_bytes = ObjectHead { etag: Some("e2".into()), ..completed() };
    let table = [
        (evidence(there()), O::MarkerCreated, "completed"),
        (evidence(newer()), O::Kept, "changed-since-check"),
        (evidence(marker()), O::Kept, "changed-since-check"),
        (evidence(gone()), O::Kept, "changed-since-check"),
        (evidence(status_head("FAILED")), O::Kept, "changed-since-check"),
        (evidence(head(other_bytes)), O::Kept, "changed-since-check"),
        (
            Evidence { bucket: BucketFacts { versioning: Ok(Versioning::Suspended), ..facts() }, ..evidence(there()) },
            O::Kept,
            "bucket-not-versioned",
        ),
        (
            Evidence { bucket: BucketFacts { rules: Ok(rules), ..facts() }, ..evidence(there()) },
            O::Kept,
            "marker-replicates",
        ),
        (
            Evidence { bucket: BucketFacts { versioning: Err(failure(Some(403))), ..facts() }, ..evidence(there()) },
            O::Denied,
            "completed",
        ),
    ];
    for (at, (check, outcome, reason)) in table.into_iter().enumerate() {
        let looks = if outcome == O::MarkerCreated { vec![marker()] } else { vec![] };
        let script = script(vec![check], looks, vec![made()]);
        let entry = run_plan(approved(policy(Hide, false), &["v1"]), &script, true).remove(0);
        assert_eq!((entry.outcome, entry.reason_word()), (outcome, reason), "row {at}");
        assert_eq!(script.sent.lock().unwrap().is_empty(), outcome != O::MarkerCreated, "row {at}");
    }
}
