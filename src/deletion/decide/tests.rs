use jiff::Timestamp;

use super::*;
use crate::deletion::fixtures::{completed, evidence, failure, moment, object, policy};
use crate::model::{FailureKind, ReplicationStatus};
use crate::status::NamedBy;

mod domain;
mod exhaustive;
mod truth_table;

fn annotation(word: Option<&str>) -> Annotation {
    Annotation { name: "a".into(), replication_status: word.map(str::to_owned) }
}

fn rule(carries: bool) -> ReplicationRules {
    ReplicationRules {
        rules: vec![s3_answers::ReplicationRule {
            delete_marker_replication: carries,
            ..s3_answers::ReplicationRule::to("dst")
        }],
        role: None,
        version_deletes_replicate: false,
    }
}

/// The one case that is deleted, to be spoilt in a single point by each test.
struct EvidenceCase {
    object: ObjectId,
    evidence: Evidence,
    policy: Policy,
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn good(mode: DeleteMode) -> EvidenceCase {
    let mut evidence = Evidence { asked_at: moment(100), ..evidence(completed()) };
    (evidence.bucket.rules, evidence.bucket.asked_at) = (Ok(rule(false)), moment(100));
    EvidenceCase { object: object(Some("v1")), evidence, policy: policy(mode) }
}

impl EvidenceCase {
    fn head(mut self, spoil: impl FnOnce(&mut ObjectHead)) -> Self {
        let mut head = completed();
        spoil(&mut head);
        self.evidence.head = Ok(HeadAnswer::Object(Box::new(head)));
        self
    }

    fn spoil(mut self, spoil: impl FnOnce(&mut Self)) -> Self {
        spoil(&mut self);
        self
    }

    fn verdict(&self) -> DeleteVerdict {
        decide(&self.object, &self.evidence, &self.policy)
    }

    fn order(&self) -> DeleteOrder {
        match self.verdict() {
            DeleteVerdict::Delete(order) => order,
            kept @ DeleteVerdict::Keep(..) => panic!("{kept:?}"),
        }
    }

    fn reason(&self) -> Option<KeepReason> {
        match self.verdict() {
            DeleteVerdict::Delete(_) => None,
            DeleteVerdict::Keep(reason, _) => Some(reason),
        }
    }
}

#[test]
fn a_replicated_version_is_deleted_and_bound_to_what_was_checked() {
    for mode in [DeleteMode::Hide, DeleteMode::Permanent] {
        let order = good(mode).order();
        assert_eq!((order.object(), order.etag(), order.size(), order.mode()), (&object(Some("v1")), "e1", 7, mode));
        assert_eq!(order.checked_at(), moment(100), "its check ages from the moment of the question");
    }
    let bare = good(DeleteMode::Hide).spoil(|c| c.object = object(None));
    let order = bare.order();
    assert_eq!(order.object(), &object(Some("v1")), "the version that answered is the one ordered");
}

#[test]
fn losing_any_single_piece_of_evidence_keeps_the_object() {
    use KeepReason as K;
    type Spoilt = Box<dyn Fn(DeleteMode) -> EvidenceCase>;
    let both: Vec<(KeepReason, Spoilt)> = vec![
        (K::Denied, Box::new(|m| good(m).spoil(|c| c.evidence.head = Err(failure(FailureKind::Denied))))),
        (K::Error, Box::new(|m| good(m).spoil(|c| c.evidence.head = Err(failure(FailureKind::Other))))),
        (K::NotFound, Box::new(|m| good(m).spoil(|c| c.evidence.head = Ok(HeadAnswer::NotFound)))),
        (
            K::DeleteMarker,
            Box::new(|m| {
                good(m).spoil(|c| c.evidence.head = Ok(HeadAnswer::DeleteMarker { version_id: Some("v1".to_owned()) }))
            }),
        ),
        (K::Pending, Box::new(|m| good(m).head(|h| h.replication_status = ReplicationStatus::of_header("PENDING")))),
        (K::Pending, Box::new(|m| good(m).head(|h| h.replication_status = ReplicationStatus::of_header("PROCESSING")))),
        (K::Failed, Box::new(|m| good(m).head(|h| h.replication_status = ReplicationStatus::of_header("FAILED")))),
        (K::Replica, Box::new(|m| good(m).head(|h| h.replication_status = ReplicationStatus::of_header("REPLICA")))),
        (K::NotReplicated, Box::new(|m| good(m).head(|h| h.replication_status = ReplicationStatus::default()))),
        (
            K::UnknownStatus,
            Box::new(|m| good(m).head(|h| h.replication_status = ReplicationStatus::of_header("completed"))),
        ),
        (K::Denied, Box::new(|m| good(m).spoil(|c| c.evidence.bucket.versioning = Err(failure(FailureKind::Denied))))),
        (K::Error, Box::new(|m| good(m).spoil(|c| c.evidence.bucket.versioning = Err(failure(FailureKind::Other))))),
        (K::Error, Box::new(|m| good(m).head(|h| h.etag = None))),
        (K::Error, Box::new(|m| good(m).head(|h| h.etag = Some(String::new())))),
        (K::Error, Box::new(|m| good(m).head(|h| h.etag = Some("*".into())))),
        (K::Error, Box::new(|m| good(m).head(|h| h.etag = Some("a\", \"*".into())))),
        (K::Error, Box::new(|m| good(m).head(|h| h.size = None))),
        (
            K::Error,
            Box::new(|m| {
                good(m).head(|h| h.version_id = Some(String::new())).spoil(|c| {
                    c.object = ObjectId {
                        version_id: (m == DeleteMode::Permanent).then(|| VersionId::new("v1").unwrap()),
                        ..object(None)
                    };
                })
            }),
        ),
    ];
    for (at, (reason, case)) in both.iter().enumerate() {
        for mode in [DeleteMode::Hide, DeleteMode::Permanent] {
            assert_eq!(case(mode).reason(), Some(*reason), "row {at}, {mode:?}");
        }
    }
}

#[test]
fn hiding_needs_the_current_version_and_an_enabled_bucket_and_a_marker_that_stays() {
    use KeepReason as K;
    let hide = || good(DeleteMode::Hide);
    let table = [
        (Some(K::NotCurrent), hide().head(|h| h.version_id = Some("v2".into()))),
        (Some(K::NotCurrent), hide().head(|h| h.version_id = None)),
        (
            Some(K::NotCurrent),
            hide().spoil(|c| c.evidence.head = Ok(HeadAnswer::DeleteMarker { version_id: Some("m".to_owned()) })),
        ),
        (Some(K::BucketNotVersioned), hide().spoil(|c| c.evidence.bucket.versioning = Ok(Versioning::Suspended))),
        (Some(K::BucketNotVersioned), hide().spoil(|c| c.evidence.bucket.versioning = Ok(Versioning::Never))),
        (Some(K::MarkerReplicates), hide().spoil(|c| c.evidence.bucket.rules = Ok(rule(true)))),
        (Some(K::MarkerReplicates), hide().spoil(|c| c.evidence.bucket.rules = Err(failure(FailureKind::Denied)))),
        (
            None,
            hide().spoil(|c| {
                let mut elsewhere = rule(true);
                elsewhere.rules[0].scope.prefix = "elsewhere/".to_owned();
                c.evidence.bucket.rules = Ok(elsewhere);
            }),
        ),
        (
            None,
            hide().spoil(|c| {
                c.evidence.bucket.rules = Ok(rule(true));
                c.policy.allow_marker_replication = true;
            }),
        ),
        (None, hide().spoil(|c| c.evidence.bucket.rules = Ok(ReplicationRules::default()))),
        (None, hide().head(|h| h.legal_hold = true)),
    ];
    for (at, (reason, case)) in table.iter().enumerate() {
        assert_eq!(case.reason(), *reason, "row {at}");
    }
}

#[test]
fn removing_needs_a_version_that_is_not_locked_and_not_reusable_and_whose_replica_survives() {
    use KeepReason as K;
    let remove = || good(DeleteMode::Permanent);
    let null = |case: EvidenceCase, versioning| {
        case.head(|h| h.version_id = Some("null".into())).spoil(|c| {
            c.object = object(Some("null"));
            c.evidence.bucket.versioning = Ok(versioning);
        })
    };
    let replicates = || {
        remove().spoil(|c| {
            c.evidence.bucket.rules = Ok(ReplicationRules { version_deletes_replicate: true, ..rule(false) })
        })
    };
    let table = [
        (Some(K::Error), remove().spoil(|c| c.object = object(None))),
        (Some(K::Error), remove().head(|h| h.version_id = Some("v2".into()))),
        (Some(K::BucketNotVersioned), null(remove(), Versioning::Suspended)),
        (Some(K::BucketNotVersioned), null(remove(), Versioning::Never)),
        (None, null(remove(), Versioning::Enabled)),
        (None, remove().spoil(|c| c.evidence.bucket.versioning = Ok(Versioning::Suspended))),
        (Some(K::Locked), remove().head(|h| h.legal_hold = true)),
        (Some(K::Locked), remove().head(|h| h.retain_until = Some(at(101)))),
        (None, remove().head(|h| h.retain_until = Some(at(100)))),
        (Some(K::DeleteReplicates), replicates()),
        (Some(K::DeleteReplicates), remove().spoil(|c| c.evidence.bucket.rules = Err(failure(FailureKind::Denied)))),
        (None, replicates().spoil(|c| c.policy.allow_replicated_delete = true)),
        (None, replicates().spoil(|c| c.policy.custom_endpoint = false)),
        (Some(K::Locked), remove().spoil(|c| c.evidence.bucket.mfa_delete = true)),
        (None, remove().spoil(|c| c.evidence.annotations = Some(Ok(vec![annotation(Some("COMPLETED"))])))),
        (
            Some(K::Annotations),
            remove().spoil(|c| c.evidence.annotations = Some(Ok(vec![annotation(Some("PENDING"))]))),
        ),
        (Some(K::Annotations), remove().spoil(|c| c.evidence.annotations = Some(Ok(vec![annotation(None)])))),
        (Some(K::Annotations), remove().spoil(|c| c.evidence.annotations = Some(Err(failure(FailureKind::Denied))))),
        (Some(K::Annotations), remove().spoil(|c| c.evidence.annotations = None)),
        (None, remove().spoil(|c| (c.evidence.annotations, c.policy.allow_annotation_loss) = (None, true))),
        (None, good(DeleteMode::Hide).spoil(|c| c.evidence.bucket.mfa_delete = true)),
        (None, remove().spoil(|c| c.evidence.bucket.rules = Ok(rule(true)))),
    ];
    for (at, (reason, case)) in table.iter().enumerate() {
        assert_eq!(case.reason(), *reason, "row {at}");
    }
}

#[test]
fn an_order_says_whether_the_replica_goes_too() {
    let carried = |mode| {
        good(mode).spoil(|c| {
            c.evidence.bucket.rules = Ok(ReplicationRules { version_deletes_replicate: true, ..rule(true) });
            (c.policy.allow_marker_replication, c.policy.allow_replicated_delete) = (true, true);
        })
    };
    let table = [
        (DeleteReach::SourceOnly, good(DeleteMode::Hide)),
        (DeleteReach::ReplicaToo, carried(DeleteMode::Hide)),
        (DeleteReach::SourceOnly, good(DeleteMode::Permanent)),
        (DeleteReach::ReplicaToo, carried(DeleteMode::Permanent)),
        (DeleteReach::SourceOnly, carried(DeleteMode::Permanent).spoil(|c| c.policy.custom_endpoint = false)),
    ];
    for (at, (reach, case)) in table.iter().enumerate() {
        let order = case.order();
        assert_eq!(order.reach(), *reach, "row {at}");
    }
}

#[test]
fn a_replica_that_has_to_be_seen_is_seen_at_every_destination() {
    use DestinationVerdict as D;
    use KeepReason as K;
    let at = |verdicts: &[D]| {
        let one = |verdict: &D| Destination { verdict: *verdict, ..Destination::unknown("dst", NamedBy::Rule) };
        Some(Ok(verdicts.iter().map(one).collect()))
    };
    let table = [
        (at(&[D::InSync]), None),
        (at(&[D::InSync, D::InSync]), None),
        (at(&[]), Some(K::ReplicaUnknown)),
        (None, Some(K::ReplicaUnknown)),
        (Some(Err(failure(FailureKind::Denied))), Some(K::ReplicaUnknown)),
        (at(&[D::InSync, D::Missing]), Some(K::ReplicaMissing)),
        (at(&[D::Unknown, D::Missing]), Some(K::ReplicaMissing)),
        (at(&[D::Differs, D::InSync]), Some(K::ReplicaDiffers)),
        (at(&[D::NotAReplica]), Some(K::NotAReplica)),
        (at(&[D::Denied, D::InSync]), Some(K::ReplicaDenied)),
        (at(&[D::Unknown]), Some(K::ReplicaUnknown)),
    ];
    for (row, (replicas, reason)) in table.into_iter().enumerate() {
        for mode in [DeleteMode::Hide, DeleteMode::Permanent] {
            let case = |verify_replica| {
                good(mode).spoil(|c| {
                    c.evidence.replicas = replicas.clone();
                    c.policy.verify_replica = verify_replica;
                })
            };
            assert_eq!(case(true).reason(), reason, "row {row}, {mode:?}");
            assert_eq!(case(false).reason(), None, "row {row}, {mode:?}: not asked for");
        }
    }
}

#[test]
fn every_reason_has_a_word_and_a_meaning_of_its_own() {
    let mut meanings = std::collections::BTreeSet::from([""]);
    for reason in KeepReason::ALL.iter().copied() {
        assert_eq!(KeepReason::of_word(reason.word()), Some(reason));
        assert!(meanings.insert(reason.meaning()), "{reason:?}: {:?}", reason.meaning());
    }
    assert_eq!(KeepReason::of_word("completed"), None);
}

#[test]
fn orders_are_for_the_same_only_when_all_of_it_is() {
    let checked = good(DeleteMode::Hide).order();
    assert!(checked.is_for_the_same(&good(DeleteMode::Hide).order()));
    let others = [
        good(DeleteMode::Permanent),
        good(DeleteMode::Hide).head(|h| h.etag = Some("e2".into())),
        good(DeleteMode::Hide).head(|h| h.size = Some(8)),
        good(DeleteMode::Hide).head(|h| h.version_id = Some("v2".into())).spoil(|c| c.object = object(None)),
    ];
    for (at, other) in others.into_iter().enumerate() {
        assert!(!checked.is_for_the_same(&other.order()), "row {at}");
    }
}
