//! Every header of an answer to HEAD, cut at every byte, left out, renamed, doubled and contradicted: the decision is the
//! same, or to keep the object. What a header says to keep is never read as its opposite.

use std::collections::BTreeSet;

use super::super::Replicas;
use super::damaged::{Damaged, Headers, World, damages, good, with};
use crate::deletion::fixtures::{order_of, policy};
use crate::deletion::{DeleteMode, DeleteOrder, Policy};
use crate::model::{ObjectId, VersionId};
use crate::status::HeadAnswer;

/// One way to check and delete.
#[derive(Debug, Clone, Copy)]
struct Way {
    mode: DeleteMode,
    named: bool,
    verify_replica: bool,
}

const WAYS: [Way; 5] = [
    Way { mode: DeleteMode::Hide, named: false, verify_replica: false },
    Way { mode: DeleteMode::Hide, named: true, verify_replica: false },
    Way { mode: DeleteMode::Hide, named: false, verify_replica: true },
    Way { mode: DeleteMode::Permanent, named: true, verify_replica: false },
    Way { mode: DeleteMode::Permanent, named: true, verify_replica: true },
];

/// What is decided if HEAD of the object, and of its replica, is answered like this.
async fn verdict(world: &World, way: Way, source: (u16, Headers), replica: (u16, Headers)) -> Option<DeleteOrder> {
    world.answers(move |method, uri| {
        let (status, headers) = match method {
            "HEAD" if uri.contains("/src/k") => source.clone(),
            "HEAD" if uri.contains("/dst/k") => replica.clone(),
            "HEAD" => (200, Headers::new()),
            // The bytes of an object that HEAD was refused for.
            _ => (500, Headers::new()),
        };
        (status, headers, String::new())
    });
    let object = ObjectId {
        version_id: way.named.then(|| VersionId::new("v1").unwrap()),
        ..ObjectId::parse("s3://src/k").unwrap()
    };
    let policy = Policy { verify_replica: way.verify_replica, ..policy(way.mode) };
    let replicas = Replicas::new(&world.store, &world.settings, Vec::new());
    let evidence = world.store.evidence(&object, way.mode, way.verify_replica.then_some(&replicas)).await;
    order_of(&object, &evidence, &policy)
}

/// What may be damaged although there is another order then: a header, and what was done to it.
type Exceptions = BTreeSet<(&'static str, &'static str)>;

/// Names of headers are only known as long as the table of a world.
fn add(found: &mut Exceptions, name: &str, how: &'static str) {
    const NAMES: [&str; 10] = [
        "content-length",
        "etag",
        "x-amz-checksum-sha256",
        "x-amz-delete-marker",
        "x-amz-object-lock-event-hold",
        "x-amz-object-lock-legal-hold",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
        "x-amz-replication-status",
        "x-amz-version-id",
    ];
    found.insert((NAMES.into_iter().find(|known| *known == name).unwrap_or("another header"), how));
}

#[tokio::test]
async fn a_damaged_header_of_head_gives_the_same_order_or_none() {
    let world = World::new().await;
    let replica = (200, with(good(), "x-amz-replication-status", "REPLICA"));
    let (mut bound, mut free, mut cases) = (Exceptions::new(), Exceptions::new(), 0);
    for way in WAYS {
        let whole = verdict(&world, way, (200, good()), replica.clone()).await.unwrap_or_else(|| panic!("{way:?}"));
        for (at, (name, _)) in good().iter().enumerate() {
            for Damaged { how, headers } in damages(&good(), at, "FAILED") {
                cases += 1;
                let order = verdict(&world, way, (200, headers), replica.clone()).await;
                if order.is_some_and(|order| !order.is_for_the_same(&whole)) {
                    add(if way.named || way.verify_replica { &mut bound } else { &mut free }, name, how);
                }
            }
        }
    }
    assert!(cases > 1_000, "{cases} cases");
    // Nothing in the answer contradicts a size, or an ETag, that is cut. S3 compares the ETag before it hides anything, and
    // removes a version by the id that was named.
    let unseen = [("content-length", "cut"), ("etag", "cut"), ("etag", "other case")];
    assert_eq!(bound, BTreeSet::from(unseen));
    // The current version is hidden with any id: If-Match guards it, and the id is only reported.
    let id = ["cut", "in one", "left out", "longer", "other case", "renamed"].map(|how| ("x-amz-version-id", how));
    assert_eq!(free, BTreeSet::from(unseen).into_iter().chain(id).collect());
}

#[tokio::test]
async fn a_damaged_header_of_a_replica_that_differs_is_never_read_as_the_same() {
    let world = World::new().await;
    let replica = with(good(), "x-amz-replication-status", "REPLICA");
    let mut found = Exceptions::new();
    for (name, value) in [
        ("content-length", "1"),
        ("etag", "\"1123456789abcdef0123456789abcdef\""),
        ("x-amz-checksum-sha256", "57DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("x-amz-replication-status", "FAILED"),
        ("x-amz-replication-status", "COMPLETED"),
        ("x-amz-version-id", "v2"),
    ] {
        let good = replica.iter().find(|(known, _)| known == name).expect("a header").1.clone();
        let mut bad = with(replica.clone(), name, value);
        if name == "etag" {
            // Equal checksums would show the same content.
            bad.retain(|(name, _)| !name.starts_with("x-amz-checksum"));
        }
        for way in WAYS.into_iter().filter(|way| way.verify_replica) {
            let order = verdict(&world, way, (200, self::good()), (200, bad.clone())).await;
            assert_eq!(order, None, "{way:?} {name}: {value}");
            for Damaged { how, headers } in damages(&bad, bad.len() - 1, &good) {
                if verdict(&world, way, (200, self::good()), (200, headers)).await.is_some() {
                    add(&mut found, name, how);
                }
            }
        }
    }
    // An ETag that is no MD5 sum contradicts nothing: it may be that of parts, or of a KMS key. Version ID, status and size
    // are compared all the same.
    let no_sum = ["cut", "in one", "left out", "longer", "renamed"].map(|how| ("etag", how));
    // Without the checksum that differs, the ETag says that the bytes are the same.
    let no_checksum = ["left out", "renamed"].map(|how| ("x-amz-checksum-sha256", how));
    assert_eq!(found, no_sum.into_iter().chain(no_checksum).collect());
}

#[tokio::test]
async fn a_damaged_header_that_keeps_an_object_is_never_read_as_its_opposite() {
    let world = World::new().await;
    let replica = (200, with(good(), "x-amz-replication-status", "REPLICA"));
    let mut found = Exceptions::new();
    for (name, value, opposite, permanent_only) in [
        ("x-amz-replication-status", "FAILED", "COMPLETED", false),
        ("x-amz-replication-status", "PENDING", "COMPLETED", false),
        ("x-amz-replication-status", "REPLICA", "COMPLETED", false),
        ("x-amz-delete-marker", "true", "false", false),
        ("x-amz-object-lock-legal-hold", "ON", "OFF", true),
        ("x-amz-object-lock-event-hold", "ON", "OFF", true),
        ("x-amz-object-lock-retain-until-date", "2999-05-06T22:44:22.000Z", "2020-05-06T22:44:22Z", true),
        ("x-amz-object-lock-mode", "COMPLIANCE", "GOVERNANCE", true),
    ] {
        let all = with(good(), name, value);
        let at = all.len() - 1;
        for way in WAYS.into_iter().filter(|way| !permanent_only || way.mode == DeleteMode::Permanent) {
            assert_eq!(
                verdict(&world, way, (200, all.clone()), replica.clone()).await,
                None,
                "{way:?} {name}: {value}"
            );
            for Damaged { how, headers } in damages(&all, at, opposite) {
                if verdict(&world, way, (200, headers), replica.clone()).await.is_some() {
                    add(&mut found, name, how);
                }
            }
        }
    }
    // An absent lock is a claim of S3, which itself refuses to remove a locked version.
    let absent = |name| ["left out", "renamed"].map(|how| (name, how));
    let claims = [
        "x-amz-delete-marker",
        "x-amz-object-lock-event-hold",
        "x-amz-object-lock-legal-hold",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
    ];
    assert_eq!(found, claims.into_iter().flat_map(absent).collect());
}

#[tokio::test]
async fn a_404_without_a_request_id_counts_only_while_the_bucket_answers() {
    let world = World::new().await;
    let object = ObjectId::parse("s3://src/k").unwrap();
    let request_id = || vec![("x-amz-request-id".to_owned(), "r".to_owned())];
    for (of_object, of_bucket, is_known) in [
        ((404, request_id()), 200, true),
        // That the bucket exists is known by now.
        ((404, request_id()), 404, true),
        // The server of a gateway is away.
        ((404, Headers::new()), 404, false),
        ((404, Headers::new()), 503, false),
        ((404, Headers::new()), 200, true),
    ] {
        world.answers(move |_, uri| {
            let (status, headers) = if uri.contains("/k") { of_object.clone() } else { (of_bucket, Headers::new()) };
            (status, headers, String::new())
        });
        let answer = world.store.head(&object).await;
        assert_eq!(matches!(answer, Ok(HeadAnswer::NotFound)), is_known, "{of_bucket}: {answer:?}");
        assert_eq!(answer.is_err(), !is_known);
    }
}

#[tokio::test]
async fn a_bucket_that_did_not_answer_once_is_asked_again() {
    let world = World::new().await;
    let object = ObjectId::parse("s3://src/k").unwrap();
    for (of_bucket, is_known) in [(503, false), (200, true), (503, true)] {
        world.answers(move |_, uri| {
            let id = vec![("x-amz-request-id".to_owned(), "r".to_owned())];
            (if uri.contains("/k") { 404 } else { of_bucket }, id, String::new())
        });
        let answer = world.store.head(&object).await;
        assert_eq!(matches!(answer, Ok(HeadAnswer::NotFound)), is_known, "{of_bucket}: {answer:?}");
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
}
