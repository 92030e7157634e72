//! Orders to remove a version: every answer, alone and in batches.

use super::*;

#[test]
fn removing_checks_before_and_looks_after() {
    use BatchAnswer::{All, Listed, Unsupported};
    use DeleteAnswer as A;
    let done = || deleted(Some("v1"), false);
    let table = [
        (there(), vec![gone()], done(), O::VersionDeleted, 1),
        (there(), vec![Err(failure(Some(403)))], done(), O::VersionDeleted, 1),
        (there(), vec![there()], done(), O::Unknown, 1),
        (there(), vec![], deleted(Some("v1"), true), O::Unknown, 1),
        (there(), vec![gone()], Listed(vec![]), O::VersionDeleted, 1),
        (there(), vec![there()], Listed(vec![]), O::Unknown, 1),
        (there(), vec![], refused("AccessDenied"), O::Denied, 1),
        (there(), vec![], refused("SlowDown"), O::Failed, 1),
        (there(), vec![there()], refused("InternalError"), O::Failed, 1),
        (there(), vec![gone()], refused("InternalError"), O::VersionDeleted, 1),
        (there(), vec![readable()], refused("InternalError"), O::Unknown, 1),
        (there(), vec![there()], refused("Strange"), O::Unknown, 1),
        (there(), vec![], refused("NoSuchVersion"), O::Kept, 1),
        (newer(), vec![], done(), O::Failed, 0),
        (marker(), vec![], done(), O::Kept, 0),
        (gone(), vec![], done(), O::AlreadyAbsent, 0),
        (Err(failure(Some(403))), vec![], done(), O::Denied, 0),
        (Err(failure(None)), vec![], done(), O::Failed, 0),
        (there(), vec![], All(A::Denied(failure(Some(403)))), O::Denied, 1),
        (there(), vec![], All(A::NoEffect(failure(Some(503)))), O::Failed, 1),
        (there(), vec![], All(A::Unsupported(failure(Some(501)))), O::Failed, 1),
        (there(), vec![gone()], All(A::Lost(failure(None))), O::VersionDeleted, 1),
        (there(), vec![there()], All(A::Errored(failure(Some(500)))), O::Failed, 1),
        (there(), vec![there()], All(A::Lost(failure(Some(502)))), O::Unknown, 1),
        (there(), vec![Err(failure(Some(403)))], All(A::Lost(failure(None))), O::Unknown, 1),
    ];
    for (at, (check, looks, answer, outcome, sent)) in table.into_iter().enumerate() {
        let script = batches(vec![evidence(check)], looks, vec![answer]);
        let entry = run_one(policy(Permanent, true), &script);
        assert_eq!((entry.outcome, script.sent_batches.lock().unwrap().len()), (outcome, sent), "row {at}");
        assert!(script.sent.lock().unwrap().is_empty(), "row {at}: in a batch");
    }
    // A server that takes no batches is sent versions one by one from then on.
    let named = |version: &str| A::Done { delete_marker: false, version_id: Some(version.into()) };
    let table = [
        (vec![gone()], named("v1"), O::VersionDeleted),
        (vec![gone()], A::Done { delete_marker: false, version_id: None }, O::VersionDeleted),
        (vec![], named("v2"), O::Unknown),
    ];
    for (at, (looks, alone, outcome)) in table.into_iter().enumerate() {
        let script = ScriptedDeleter {
            batches: vec![Unsupported(None)].into(),
            ..script(vec![evidence(there()), evidence(there())], looks, vec![alone])
        };
        let entry = run_one(policy(Permanent, true), &script);
        assert_eq!((entry.outcome, script.sent.lock().unwrap().len()), (outcome, 1), "row {at}");
    }
    // A gateway may have forwarded the batch before it refused it. The next check shows that, or nothing.
    let by_gateway = || Some(failure(Some(405)));
    for (by_gateway, check, looks, outcome) in [
        (by_gateway(), gone(), vec![gone()], O::VersionDeleted),
        (by_gateway(), gone(), vec![Err(failure(None))], O::Unknown),
        (by_gateway(), Err(failure(Some(500))), vec![gone()], O::VersionDeleted),
        (by_gateway(), Err(failure(Some(403))), vec![Err(failure(Some(403)))], O::Unknown),
        (by_gateway(), marker(), vec![], O::Kept),
        (None, gone(), vec![], O::AlreadyAbsent),
        (None, Err(failure(Some(403))), vec![], O::Denied),
    ] {
        let script = ScriptedDeleter {
            batches: vec![Unsupported(by_gateway)].into(),
            ..script(vec![evidence(there()), evidence(check)], looks, vec![])
        };
        assert_eq!(run_one(policy(Permanent, true), &script).outcome, outcome);
        assert!(script.sent.lock().unwrap().is_empty());
    }
}

#[test]
fn a_batch_leaves_before_its_oldest_check_is_too_old() {
    let objects = ["a", "b", "c", "d", "e"].map(|key| ObjectId { key: key.into(), ..object(Some("v1")) });
    let script = ScriptedDeleter {
        a_check_takes: 1,
        batches: vec![all_deleted(&["a", "b"]), all_deleted(&["c", "d"]), all_deleted(&["e"])].into(),
        ..script((0..5).map(|_| evidence(there())).collect(), (0..5).map(|_| gone()).collect(), vec![])
    };
    events(planned(policy(Permanent, true), &objects), execution(&script, NO_JOURNAL, false));
    assert_eq!(*script.sent_batches.lock().unwrap(), [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
}

#[test]
fn a_batch_of_long_keys_is_shorter_than_a_thousand() {
    let objects: Vec<ObjectId> =
        (0..300).map(|n| ObjectId { key: format!("{n:01000}"), ..object(Some("v1")) }).collect();
    let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
    let sizes = [131, 131, 38];
    let mut rest = keys.as_slice();
    let answers = sizes.map(|size| {
        let (batch, more) = rest.split_at(size);
        rest = more;
        all_deleted(batch)
    });
    let script = ScriptedDeleter {
        batches: answers.to_vec().into(),
        a_batch_takes: 1000,
        ..script((0..300).map(|_| evidence(there())).collect(), (0..300).map(|_| gone()).collect(), vec![])
    };
    events(planned(policy(Permanent, true), &objects), execution(&script, NO_JOURNAL, false));
    assert_eq!(script.sent_batches.lock().unwrap().iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    // Checks go on while a batch is answered, but not while two are.
    let to_come = script.checks_to_come.lock().unwrap();
    assert!((160..169).contains(&to_come[0]) && (30..38).contains(&to_come[1]), "{to_come:?}");
    assert_eq!(script.batches_in_flight.most(), 2);
}

#[test]
fn no_more_is_asked_at_once_than_was_wanted() {
    let keys = ["a", "b", "c", "d\n", "e\n", "f\n"];
    let objects = keys.map(|key| ObjectId { key: key.into(), ..object(Some("v1")) });
    // A key that XML cannot name goes alone.
    let alone = || DeleteAnswer::Done { delete_marker: false, version_id: Some("v1".into()) };
    for concurrency in [1, 2, 4] {
        let script = ScriptedDeleter {
            batches: vec![all_deleted(&keys[..3])].into(),
            ..script(
                (0..6).map(|_| evidence(there())).collect(),
                (0..6).map(|_| gone()).collect(),
                (0..3).map(|_| alone()).collect(),
            )
        };
        let execution = DeleteExecution { concurrency, ..execution(&script, NO_JOURNAL, false) };
        assert_eq!(events(planned(policy(Permanent, true), &objects), execution).len(), 6);
        assert_eq!(script.checks_in_flight.most(), concurrency);
    }
}

#[test]
fn a_batch_does_not_wait_for_a_check_that_hangs() {
    let objects = ["a", "b"].map(|key| ObjectId { key: key.into(), ..object(Some("v1")) });
    let script = ScriptedDeleter {
        batches: vec![all_deleted(&["a"]), all_deleted(&["b"])].into(),
        held_back: Some(0),
        pauses_end: true,
        ..script(vec![evidence(there()), evidence(there())], vec![gone(), gone()], vec![])
    };
    let execution = DeleteExecution { concurrency: 2, ..execution(&script, NO_JOURNAL, false) };
    events(planned(policy(Permanent, true), &objects), execution);
    assert_eq!(script.sent_batches.lock().unwrap()[0], ["a"]);
}

#[test]
fn a_batch_that_waits_too_long_for_its_turn_is_checked_again_some_times() {
    for (late, outcome) in [(1, O::VersionDeleted), (3, O::VersionDeleted), (4, O::Failed)] {
        let checks = (0..4.min(late + 1)).map(|_| evidence(there())).collect();
        let is_sent = outcome != O::Failed;
        let looks = if is_sent { vec![gone()] } else { vec![] };
        let script = ScriptedDeleter { late: Mutex::new(late), ..batches(checks, looks, vec![all_deleted(&["key"])]) };
        let entry = only(events(approved(policy(Permanent, true), &["v1"]), execution(&script, NO_JOURNAL, false)));
        assert_eq!((entry.outcome, script.sent_batches.lock().unwrap().len()), (outcome, usize::from(is_sent)));
        assert!(script.checks.lock().unwrap().is_empty() && *script.late.lock().unwrap() == 0, "{late}");
    }
}

#[test]
fn a_null_version_travels_in_no_batch() {
    let head = version_head("null");
    let done = DeleteAnswer::Done { delete_marker: false, version_id: Some("null".into()) };
    let script = script(vec![evidence(head)], vec![gone()], vec![done]);
    let entry = run_plan(approved(policy(Permanent, true), &["null"]), &script, false).remove(0);
    assert_eq!((entry.outcome, script.sent.lock().unwrap().len()), (O::VersionDeleted, 1));
    assert!(script.sent_batches.lock().unwrap().is_empty());
}

#[test]
fn a_batch_is_of_one_bucket_and_of_keys_that_xml_can_name() {
    let at =
        |address: &str| ObjectId { version_id: object(Some("v1")).version_id, ..ObjectId::parse(address).unwrap() };
    let objects = ["s3://one/a", "s3://two/b", "s3://one/c\n", "s3://one/d"].map(at);
    let alone = DeleteAnswer::Done { delete_marker: false, version_id: Some("v1".into()) };
    let script = ScriptedDeleter {
        batches: vec![all_deleted(&["d", "a"]), all_deleted(&["b"])].into(),
        ..script((0..4).map(|_| evidence(there())).collect(), (0..4).map(|_| gone()).collect(), vec![alone])
    };
    let noted = RecordingJournal::default();
    let events = events(planned(policy(Permanent, true), &objects), execution(&script, Some(&noted), false));
    assert_eq!(events.len(), 4);
    for (event, object) in events.iter().zip(&objects) {
        let DeleteEvent::Ended(entry) = event else { panic!("{event:?}") };
        assert_eq!((entry.outcome, &entry.key), (O::VersionDeleted, &object.key));
    }
    assert_eq!(*script.sent_batches.lock().unwrap(), [vec!["a", "d"], vec!["b"]]);
    let expected = [
        "intent c\n",
        "version-deleted c\n",
        "intent a d",
        "version-deleted a",
        "version-deleted d",
        "intent b",
        "version-deleted b",
    ];
    assert_eq!(*noted.0.lock().unwrap(), expected);
}

#[test]
fn what_was_not_ordered_is_told() {
    let foreign = KeyAnswer {
        key: "stranger".into(),
        version_id: Some("v9".into()),
        result: KeyResult::Deleted { delete_marker: false },
    };
    let BatchAnswer::Listed(mut listed) = deleted(Some("v1"), false) else { unreachable!() };
    listed.push(foreign);
    let script = batches(vec![evidence(there())], vec![gone()], vec![BatchAnswer::Listed(listed)]);
    let journal = RecordingJournal::default();
    let events = events(approved(policy(Permanent, true), &["v1"]), execution(&script, Some(&journal), false));
    let [DeleteEvent::Ended(entry), DeleteEvent::Foreign(other)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(entry.outcome, O::VersionDeleted);
    assert_eq!((other.key.as_str(), other.version_id.as_deref()), ("stranger", Some("v9")));
    assert!(other.has_other_effect());
    assert_eq!(*journal.0.lock().unwrap(), ["intent key", "open", "unknown stranger", "version-deleted key"]);
}
