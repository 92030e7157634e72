//! Values that the tests of this module share: one object, its good evidence, and its order.

use std::time::Duration;

use jiff::Timestamp;
use s3_answers::{ReplicationRules, Versioning};

use super::connection::Connection;
use super::decide::{BucketFacts, DeleteMode, DeleteOrder, DeleteVerdict, Evidence, Policy, decide};
use super::moment::Moment;
use super::report::DeleteEntry;
use crate::model::{Failure, FailureKind, ObjectId, ReplicationStatus, VersionId};
use crate::status::{HeadAnswer, ObjectHead};

pub(crate) fn connection_to_aws() -> Connection {
    Connection {
        endpoint: None,
        region: "us-east-1".to_owned(),
        addressing_style: "virtual".to_owned(),
        request_payer: false,
        expected_bucket_owner: None,
        signing: "unsigned".to_owned(),
    }
}

/// Both clocks, this many seconds after their beginnings.
pub(super) fn moment(seconds: u32) -> Moment {
    let wall = Timestamp::from_second(seconds.into()).unwrap();
    Moment { wall, steady: Duration::from_secs(seconds.into()) }
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    Failure { kind, ..Failure::new("X", "x", None) }
}

pub(super) fn object(version: Option<&str>) -> ObjectId {
    let version_id = version.map(|id| VersionId::new(id).unwrap());
    ObjectId { version_id, ..ObjectId::parse("s3://bucket/key").unwrap() }
}

pub(super) fn completed() -> ObjectHead {
    ObjectHead {
        version_id: Some("v1".into()),
        replication_status: ReplicationStatus::of_header("COMPLETED"),
        etag: Some("e1".into()),
        size: Some(7),
        ..ObjectHead::default()
    }
}

/// Evidence for a delete, from this head.
pub(super) fn evidence(head: ObjectHead) -> Evidence {
    Evidence {
        head: Ok(HeadAnswer::Object(Box::new(head))),
        bucket: BucketFacts {
            versioning: Ok(Versioning::Enabled),
            mfa_delete: false,
            rules: Ok(ReplicationRules::default()),
            asked_at: moment(0),
        },
        replicas: None,
        annotations: Some(Ok(Vec::new())),
        asked_at: moment(0),
    }
}

pub(crate) fn policy(mode: DeleteMode) -> Policy {
    Policy {
        mode,
        verify_replica: false,
        allow_marker_replication: false,
        allow_replicated_delete: false,
        allow_annotation_loss: false,
        allow_unconditional: false,
        custom_endpoint: true,
    }
}

/// The order that a check gives; `None` if the object is kept.
pub(crate) fn order_of(object: &ObjectId, evidence: &Evidence, policy: &Policy) -> Option<DeleteOrder> {
    match decide(object, evidence, policy) {
        DeleteVerdict::Delete(order) => Some(order),
        DeleteVerdict::Keep(..) => None,
    }
}

/// The order for an object whose current version is the named one, or v1.
pub(crate) fn order(object: &ObjectId, mode: DeleteMode) -> DeleteOrder {
    let version = object.version_id.as_ref().map_or("v1", VersionId::as_str);
    let head = ObjectHead { version_id: Some(version.to_owned()), ..completed() };
    match decide(object, &evidence(head), &policy(mode)) {
        DeleteVerdict::Delete(order) => order,
        kept @ DeleteVerdict::Keep(..) => panic!("{kept:?}"),
    }
}

/// The entry of an object after its check.
pub(crate) fn checked_entry(object: &ObjectId) -> DeleteEntry {
    DeleteEntry {
        etag: Some("e1".into()),
        size: Some(7),
        replication_status: Some("COMPLETED".into()),
        ..DeleteEntry::of(object)
    }
}
