//! Every header of an answer to DELETE, damaged one by one, from a server that did what it was asked, and from one that did
//! nothing: what is reported is what the server holds, or that it is not known.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::TryStreamExt;

use super::super::{DeleteSettings, S3Deleter};
use super::damaged::{Damaged, Headers, ServedAnswer, World, damages, good, headers, with};
use crate::deletion::fixtures::policy;
use crate::deletion::{
    DeleteEntry, DeleteEvent, DeleteExecution, DeleteMode, DeleteOrder, DeleteOutcome, DeletionPlanner, Journal,
    Policy, VerifyDeleted, execute,
};
use crate::model::{Failure, ObjectId, VersionId};

struct NoJournal;

impl Journal for NoJournal {
    async fn intend(&self, _: &[(&DeleteOrder, &DeleteEntry)]) -> Result<(), Failure> {
        Ok(())
    }

    fn ended(&self, _: &DeleteOrder, _: &DeleteEntry) -> Result<(), Failure> {
        Ok(())
    }

    fn settled(&self, _: &ObjectId, _: &DeleteEntry) -> Result<(), Failure> {
        Ok(())
    }

    fn stay_open(&self) {}
}

const MARKER: &str = "m1";

/// A key with one version, and a marker once it is hidden.
fn answer(method: &str, uri: &str, version: &str, is_deleted: bool, mode: DeleteMode) -> ServedAnswer {
    let is_hidden = is_deleted && mode == DeleteMode::Hide;
    let is_there = !(is_deleted && mode == DeleteMode::Permanent);
    let object = || (200, with(good(), "x-amz-version-id", version));
    let marker = |status| (status, headers(&[("x-amz-delete-marker", "true"), ("x-amz-version-id", MARKER)]));
    let nothing = (404, Headers::new());
    if method == "GET" && uri.contains("versions") {
        let latest =
            |it: bool| format!("<IsLatest>{it}</IsLatest><LastModified>2024-05-06T22:44:22.000Z</LastModified>");
        let version = format!(
            "<Version><Key>k</Key><VersionId>{version}</VersionId>{}<Size>1</Size></Version>",
            latest(!is_hidden)
        );
        let marker =
            format!("<DeleteMarker><Key>k</Key><VersionId>{MARKER}</VersionId>{}</DeleteMarker>", latest(true));
        let (version, marker) = (if is_there { &*version } else { "" }, if is_hidden { &*marker } else { "" });
        let list = "<Name>src</Name><Prefix>k</Prefix><EncodingType>url</EncodingType><MaxKeys>1000</MaxKeys>\
             <IsTruncated>false</IsTruncated>";
        let body = format!("<ListVersionsResult>{list}{version}{marker}</ListVersionsResult>");
        return (200, Headers::new(), body);
    }
    if !uri.contains("/k") {
        return (200, Headers::new(), String::new());
    }
    let asked = uri.split(['?', '&']).find_map(|part| part.strip_prefix("versionId="));
    let (status, headers) = match asked {
        None if is_hidden => marker(404),
        Some(MARKER) if is_hidden => marker(405),
        None if is_there => object(),
        Some(id) if is_there && id == version => object(),
        None | Some(_) => nothing,
    };
    (status, headers, String::new())
}

/// How the only version of a key is deleted.
#[derive(Debug, Clone, Copy)]
struct DeleteWay {
    mode: DeleteMode,
    version: &'static str,
}

/// A batch removes all versions but the null version.
const WAYS: [DeleteWay; 2] =
    [DeleteWay { mode: DeleteMode::Hide, version: "v1" }, DeleteWay { mode: DeleteMode::Permanent, version: "null" }];

/// What S3 answers to the delete.
fn whole(way: DeleteWay) -> Headers {
    let (id, is_marker) = if way.mode == DeleteMode::Hide { (MARKER, "true") } else { (way.version, "false") };
    headers(&[("x-amz-delete-marker", is_marker), ("x-amz-request-id", "r"), ("x-amz-version-id", id)])
}

/// The entry of a run whose delete is answered like this.
async fn entry(world: &World, way: DeleteWay, has_effect: bool, told: Headers) -> DeleteEntry {
    let is_deleted = AtomicBool::new(false);
    world.answers(move |method, uri| {
        if method == "DELETE" {
            is_deleted.store(has_effect, Ordering::Relaxed);
            return (204, told.clone(), String::new());
        }
        answer(method, uri, way.version, is_deleted.load(Ordering::Relaxed), way.mode)
    });
    let object = ObjectId { version_id: VersionId::new(way.version).ok(), ..ObjectId::parse("s3://src/k").unwrap() };
    let policy = Policy { custom_endpoint: false, ..policy(way.mode) };
    let mut planner = DeletionPlanner::new(policy, Cursor::new(Vec::new()));
    planner.add(&object, &world.store.evidence(&object, way.mode, None).await).unwrap();
    assert_eq!(planner.orders(), 1, "{way:?}");
    let plan = planner.finish().unwrap();
    let consent = plan.asks_for();
    let settings = DeleteSettings { max_attempts: 1, concurrency: 1, sent: Arc::default(), stop: Arc::default() };
    let execution = DeleteExecution {
        deleter: &S3Deleter::new(&world.store, None, settings),
        journal: None::<&NoJournal>,
        concurrency: 1,
        verify: VerifyDeleted::All,
        clock: world.store.clock(),
        not_before: None,
        stop: &|| false,
    };
    let events: Vec<DeleteEvent> =
        execute(plan.approve(consent).unwrap(), execution).unwrap().try_collect().await.unwrap();
    match <[DeleteEvent; 1]>::try_from(events) {
        Ok([DeleteEvent::Ended(entry)]) => entry,
        other => panic!("{way:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_damaged_header_of_a_delete_is_never_reported_as_something_that_is_not_there() {
    let world = World::new().await;
    let (mut cases, mut settled) = (0, BTreeSet::new());
    for way in WAYS {
        let (done, id) = match way.mode {
            DeleteMode::Hide => (DeleteOutcome::MarkerCreated, Some(MARKER)),
            DeleteMode::Permanent => (DeleteOutcome::VersionDeleted, None),
        };
        let undamaged = entry(&world, way, true, whole(way)).await;
        assert_eq!((undamaged.outcome, undamaged.new_marker_version_id.as_deref()), (done, id), "{way:?}");
        for (at, (name, _)) in whole(way).iter().enumerate() {
            for other in ["true", "false", "v1", "m2", "null"] {
                for Damaged { how, headers } in damages(&whole(way), at, other) {
                    for has_effect in [true, false] {
                        cases += 1;
                        let entry = entry(&world, way, has_effect, headers.clone()).await;
                        let shown = || format!("{way:?} {name} {how} {has_effect}: {headers:?} {entry:?}");
                        if entry.outcome == done {
                            assert!(has_effect, "{}", shown());
                            assert_eq!(entry.new_marker_version_id.as_deref(), id, "{}", shown());
                            settled.insert((way.mode == DeleteMode::Hide, name.clone(), how));
                        } else {
                            assert!(
                                matches!(entry.outcome, DeleteOutcome::Unknown | DeleteOutcome::Failed),
                                "{}",
                                shown()
                            );
                            assert!(entry.outcome == DeleteOutcome::Unknown || !has_effect, "{}", shown());
                        }
                    }
                }
            }
        }
    }
    assert!(cases > 500 && settled.len() > 10, "{cases} cases, {settled:?}");
}
