use std::io::Cursor;

use super::*;
use crate::deletion::fixtures::{completed, evidence, object, policy};

fn plan(objects: &[ObjectId]) -> DeletionPlan<Cursor<Vec<u8>>> {
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
    for object in objects {
        planner.add(object, &evidence(completed())).unwrap();
    }
    planner.finish().unwrap()
}

fn refused(plan: DeletionPlan<Cursor<Vec<u8>>>, reason: Option<KeepReason>) -> Vec<DeleteEntry> {
    let events = plan.refuse(reason).unwrap();
    events
        .map(|event| match event.unwrap() {
            DeleteEvent::Ended(entry) => entry,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn entries(plan: DeletionPlan<Cursor<Vec<u8>>>) -> Vec<DeleteEntry> {
    refused(plan, None)
}

#[test]
fn consent_must_name_the_plans_own_numbers() {
    let asked = plan(&[object(None)]).asks_for();
    assert_eq!((asked.orders, asked.bytes), (1, 7));
    let one = plan(&[object(None)]);
    let asked = one.asks_for();
    assert!(one.approve(asked).is_ok());
    for wrong in [
        Consent { orders: 2, ..asked },
        Consent { bytes: 8, ..asked },
        Consent { fingerprint: asked.fingerprint ^ 1, ..asked },
    ] {
        let (orders, bytes) = (wrong.orders, wrong.bytes);
        let plan = plan(&[object(None)]);
        let own = plan.asks_for().fingerprint;
        let fingerprint = if wrong.fingerprint == asked.fingerprint { own } else { own ^ 1 };
        assert!(plan.approve(Consent { orders, bytes, fingerprint }).is_err());
    }
    // As many objects of as many bytes, and another plan all the same.
    assert!(plan(&[object(None)]).approve(asked).is_err());
}

#[test]
fn the_question_names_ten_and_counts_all_whose_replica_goes_too() {
    let mut planner = DeletionPlanner::new(
        Policy { allow_marker_replication: true, ..policy(DeleteMode::Hide) },
        Cursor::new(Vec::new()),
    );
    let objects: Vec<ObjectId> = (0..12).map(|n| ObjectId { key: n.to_string(), ..object(Some("v1")) }).collect();
    for (n, object) in objects.iter().enumerate() {
        let mut evidence = evidence(completed());
        if n < 2 {
            evidence.bucket.rules = Err(Failure::new("X", "x", None));
        }
        planner.add(object, &evidence).unwrap();
    }
    let plan = planner.finish().unwrap();
    assert_eq!((plan.summary().orders, plan.summary().reaching_replicas), (12, 2));
    assert_eq!(plan.summary().first, objects[..10]);
}

#[test]
fn the_question_names_the_bucket_or_how_many() {
    let at = |bucket: &str, key: &str| ObjectId::parse(&format!("s3://{bucket}/{key}")).unwrap();
    assert_eq!(plan(&[]).summary().buckets(), "0 buckets");
    assert_eq!(plan(&[at("one", "a"), at("one", "b")]).summary().buckets(), "one");
    assert_eq!(plan(&[at("one", "a"), at("two", "a"), at("one", "b")]).summary().buckets(), "2 buckets");
}

#[test]
fn replicas_that_expire_and_fates_of_hidden_versions_are_counted() {
    use crate::status::{Destination, DestinationVerdict, NamedBy};
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    let replica = |expires: Option<i64>| Destination {
        verdict: DestinationVerdict::InSync,
        expires: expires.map(at),
        ..Destination::unknown("dst", NamedBy::Rule)
    };
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
    let replicas = [vec![None, Some(9)], vec![None], vec![Some(8), Some(5)], vec![Some(7)]];
    for (n, replicas) in replicas.into_iter().enumerate() {
        let replicas = replicas.into_iter().map(replica).collect();
        let object = ObjectId { key: n.to_string(), ..object(Some("v1")) };
        planner.add(&object, &Evidence { replicas: Some(Ok(replicas)), ..evidence(completed()) }).unwrap();
        planner.note_fate(HiddenFate::NotKnown(Failure::new("X", n.to_string(), None)));
    }
    let plan = planner.finish().unwrap();
    assert_eq!(plan.summary().expiring_replicas, Some((3, at(5))));
    let not_known = plan.summary().fates.not_known.as_ref().map(|(count, why)| (*count, why.message.as_str()));
    assert_eq!(not_known, Some((4, "0")));
}

#[test]
fn one_version_is_one_order() {
    let plan = plan(&[object(None), object(Some("v1"))]);
    assert_eq!((plan.asks_for().orders, plan.asks_for().bytes), (1, 7));
    assert_eq!(plan.summary().kept, BTreeMap::from([(KeepReason::Duplicate, (1, 7))]));
    let reasons: Vec<&str> = entries(plan).iter().map(DeleteEntry::reason_word).collect();
    assert_eq!(reasons, ["completed", "duplicate"]);
}

#[test]
fn a_null_version_without_its_id_is_one_version_too() {
    let evidence = evidence(crate::status::ObjectHead { version_id: None, ..completed() });
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
    planner.add(&object(None), &evidence).unwrap();
    planner.add(&object(Some("null")), &evidence).unwrap();
    let reasons: Vec<&str> = entries(planner.finish().unwrap()).iter().map(DeleteEntry::reason_word).collect();
    assert_eq!(reasons, ["completed", "duplicate"]);
}

#[test]
fn a_second_answer_about_a_version_decides_nothing_and_casts_doubt() {
    let failed = evidence(crate::status::ObjectHead { replication_status: Default::default(), ..completed() });
    // First, second -> orders, doubted.
    let table = [
        (evidence(completed()), evidence(completed()), 1, false),
        (evidence(completed()), failed.clone(), 1, true),
        (failed.clone(), evidence(completed()), 0, false),
    ];
    for (row, (first, second, orders, doubted)) in table.into_iter().enumerate() {
        let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
        planner.add(&object(None), &first).unwrap();
        planner.add(&object(Some("v1")), &second).unwrap();
        let plan = planner.finish().unwrap();
        assert_eq!((plan.summary().orders, plan.doubted.has(&object(Some("v1")))), (orders, doubted), "row {row}");
        assert_eq!(entries(plan)[1].reason_word(), "duplicate", "row {row}");
    }
}

#[test]
fn a_named_version_does_not_borrow_the_status_of_another() {
    let entry = entries(plan(&[object(Some("v0"))])).remove(0);
    assert_eq!((entry.reason_word(), entry.version_id.as_deref()), ("not-current", Some("v0")));
    assert_eq!((&entry.replication_status, entry.size), (&None, None));
}

#[test]
fn what_was_listed_and_is_gone_has_no_say() {
    let gone = Evidence { head: Ok(HeadAnswer::NotFound), ..evidence(completed()) };
    let failed = evidence(crate::status::ObjectHead { replication_status: Default::default(), ..completed() });
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
    planner.add_from(&object(None), &gone, ObjectOrigin::Listed).unwrap();
    planner.add_from(&object(None), &failed, ObjectOrigin::Listed).unwrap();
    planner.add(&object(None), &gone).unwrap();
    let noted: Vec<DeleteEvent> = planner.finish().unwrap().refuse(None).unwrap().collect::<Result<_, _>>().unwrap();
    assert!(matches!(noted[..], [DeleteEvent::Aside(_), DeleteEvent::Ended(_), DeleteEvent::Ended(_)]), "{noted:?}");
}

#[test]
fn what_an_earlier_run_hid_is_a_duplicate_under_its_other_text() {
    let marker =
        Evidence { head: Ok(HeadAnswer::DeleteMarker { version_id: Some("m".to_owned()) }), ..evidence(completed()) };
    let done = DeleteEntry { version_id: Some("v1".to_owned()), ..DeleteEntry::of(&object(None)) };
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
    planner.add_done(&object(None), &done).unwrap();
    planner.add(&object(Some("v1")), &marker).unwrap();
    planner.add(&object(Some("v0")), &marker).unwrap();
    let reasons: Vec<&str> = entries(planner.finish().unwrap()).iter().map(DeleteEntry::reason_word).collect();
    assert_eq!(reasons, ["completed", "duplicate", "not-current"]);
}

#[test]
fn only_what_an_earlier_run_deleted_counts_as_completed() {
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Permanent), Cursor::new(Vec::new()));
    let of = |key: &str, outcome| (key.to_owned(), DeleteEntry { outcome, ..DeleteEntry::of(&object(Some(key))) });
    let mut back = of("v3", DeleteOutcome::Kept);
    back.1.keep(KeepReason::ChangedSinceCheck, None);
    for (key, done) in [of("v1", DeleteOutcome::VersionDeleted), of("v2", DeleteOutcome::Unknown), back] {
        planner.add_done(&object(Some(&key)), &done).unwrap();
    }
    let plan = planner.finish().unwrap();
    assert_eq!(plan.summary().done_before, 1);
    assert_eq!(plan.summary().kept[&KeepReason::ChangedSinceCheck].0, 1);
}

#[test]
fn a_refused_plan_keeps_what_it_would_have_deleted_and_nothing_else() {
    let mut planner = DeletionPlanner::new(policy(DeleteMode::Hide), Cursor::new(Vec::new()));
    let done = DeleteEntry { outcome: DeleteOutcome::MarkerCreated, ..DeleteEntry::of(&object(Some("v0"))) };
    planner.add_done(&object(Some("v0")), &done).unwrap();
    planner.add(&object(None), &evidence(completed())).unwrap();
    let plan = planner.finish().unwrap();
    assert_eq!((plan.summary().done_before, plan.summary().orders), (1, 1));
    let kept = refused(plan, Some(KeepReason::OverLimit));
    assert_eq!([kept[0].outcome, kept[1].outcome], [DeleteOutcome::MarkerCreated, DeleteOutcome::Kept]);
    assert_eq!(kept[1].reason_word(), "over-limit");
}
