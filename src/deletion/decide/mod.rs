//! The rule that keeps an object or deletes it: one function from evidence to a verdict.
//!
//! Missing evidence means keep, and keep always has a reason. The order below is the order in which reasons win:
//!
//! | evidence | kept as |
//! |---|---|
//! | HEAD refused, or without an answer | `denied`, `error` |
//! | the named version is not the current one (hiding only) | `not-current` |
//! | nothing there, or a delete marker | `not-found`, `delete-marker` |
//! | status not COMPLETED | `pending failed replica not-replicated unknown-status` |
//! | versioning unreadable | `denied`, `error` |
//! | versioning not Enabled | `bucket-not-versioned`; a named version other than `null` may still be removed |
//! | the delete would reach the replica | `marker-replicates`, `delete-replicates` |
//! | Object Lock or MFA delete (permanent only) | `locked` |
//! | an annotation that is not COMPLETED, or a list of them that cannot be read (permanent only) | `annotations` |
//! | a destination without the same version, where it has to be seen | `replica-missing replica-differs not-a-replica replica-denied replica-unknown` |
//! | nothing to bind the delete to | `error` |
//!
//! Kept elsewhere: `duplicate` and sums past 2^64 when the plan is made; `over-limit` and
//! `not-consented` when it is refused; `unconditional` and `changed-since-check` when it is carried out.
//!
//! See "Working with delete markers", "Deleting object versions from a versioning-enabled bucket", "Locking objects with
//! Object Lock" and "Replicating delete markers between buckets" in the S3 User Guide.

mod keep_reason;
#[cfg(test)]
mod tests;

use s3_answers::{Annotation, ReplicationRules, Versioning};
use serde::{Deserialize, Serialize};

pub use keep_reason::KeepReason;

use crate::deletion::moment::Moment;
use crate::model::{Failure, ObjectId, StatusClass, VersionId};
use crate::status::{Destination, DestinationVerdict, HeadAnswer, ObjectHead, another_version};

/// What a delete does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeleteMode {
    /// Hides the object behind a delete marker; nothing is lost.
    Hide,
    /// Removes exactly the named version, irreversibly.
    Permanent,
}

/// What the caller allows. A plan carries it along, and execution takes no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// What a delete does.
    pub mode: DeleteMode,
    /// The replica must have been seen at every destination, and there must be one.
    pub verify_replica: bool,
    /// A delete marker may travel to the destination.
    pub allow_marker_replication: bool,
    /// On a server other than AWS: removing a version may remove the replica too.
    pub allow_replicated_delete: bool,
    /// Annotations that are not replicated may go with their version.
    pub allow_annotation_loss: bool,
    /// Hide also where the server does not support If-Match.
    pub allow_unconditional: bool,
    /// The server is not AWS, so what AWS promises may not hold.
    pub custom_endpoint: bool,
}

/// What is known of one object, from requests made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// HEAD without a version ID for [`DeleteMode::Hide`], with it for [`DeleteMode::Permanent`].
    pub head: Result<HeadAnswer, Failure>,
    /// The bucket.
    pub bucket: BucketFacts,
    /// What every destination holds of the version; an error where none could be asked, `None` where none was.
    pub replicas: Option<Result<Vec<Destination>, Failure>>,
    /// The annotations of the version, which go with it; `None` where they were not asked for.
    pub annotations: Option<Result<Vec<Annotation>, Failure>>,
    /// When the first of the questions was sent, those about the bucket included.
    pub asked_at: Moment,
}

/// What a decision needs to know of the bucket itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketFacts {
    /// Its versioning.
    pub versioning: Result<Versioning, Failure>,
    /// S3 wants a token of a second device for each removal of a version; `false` also where versioning is not known.
    pub mfa_delete: bool,
    /// Its replication configuration.
    pub rules: Result<ReplicationRules, Failure>,
    /// When the first of both questions was sent.
    pub asked_at: Moment,
}

/// Permission to delete one version that was proven replicated. Made by [`decide`] and nowhere else; a plan keeps it in
/// a sealed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeleteOrder {
    object: ObjectId,
    named: bool,
    etag: String,
    size: u64,
    mode: DeleteMode,
    reach: DeleteReach,
    checked_at: Moment,
}

/// How far the effect of a delete goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeleteReach {
    /// Only the object's own bucket changes.
    SourceOnly,
    /// The destination changes too, or that could not be ruled out. The policy allows it.
    ReplicaToo,
}

/// What makes an order besides its entry, for the plan's own file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    named: bool,
    reach: DeleteReach,
    checked_at: Moment,
}

impl DeleteOrder {
    /// What [`DeleteOrder::recall`] needs besides the object, its ETag and its size.
    pub(crate) fn order_record(&self) -> OrderRecord {
        let Self { named, reach, checked_at, .. } = *self;
        OrderRecord { named, reach, checked_at }
    }

    /// The order again that [`decide`] made, from a record of the plan whose seal was found whole.
    pub(crate) fn recall(object: ObjectId, etag: String, size: u64, mode: DeleteMode, more: OrderRecord) -> Self {
        let OrderRecord { named, reach, checked_at } = more;
        Self { object, named, etag, size, mode, reach, checked_at }
    }

    /// The object as it was given: without a version where none was named.
    pub(crate) fn given(&self) -> ObjectId {
        ObjectId { version_id: self.object.version_id.clone().filter(|_| self.named), ..self.object.clone() }
    }

    /// How far the effect of the delete goes.
    pub(crate) fn reach(&self) -> DeleteReach {
        self.reach
    }

    /// The object, pinned to the version that was checked.
    pub(crate) fn object(&self) -> &ObjectId {
        &self.object
    }

    /// The ETag that was checked, without quotes.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// Bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// What the delete does.
    pub(crate) fn mode(&self) -> DeleteMode {
        self.mode
    }

    /// When S3 was asked for what the order was made from.
    pub(crate) fn checked_at(&self) -> Moment {
        self.checked_at
    }

    /// Whether another order is for the very same version, with the same content.
    pub(crate) fn is_for_the_same(&self, other: &Self) -> bool {
        self.object == other.object && self.etag == other.etag && self.size == other.size && self.mode == other.mode
    }
}

/// Delete it, or keep it and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeleteVerdict {
    /// Proven replicated, and the delete applies only to the version that was checked.
    Delete(DeleteOrder),
    /// Everything else.
    Keep(KeepReason, Option<Failure>),
}

/// Decides about one object.
pub(crate) fn decide(object: &ObjectId, evidence: &Evidence, policy: &Policy) -> DeleteVerdict {
    match judge(object, evidence, policy) {
        Ok(order) => DeleteVerdict::Delete(order),
        Err((reason, failure)) => DeleteVerdict::Keep(reason, failure),
    }
}

/// Why it is kept, and the failure that caused it.
pub(crate) type KeepCause = (KeepReason, Option<Failure>);

fn judge(object: &ObjectId, evidence: &Evidence, policy: &Policy) -> Result<DeleteOrder, KeepCause> {
    let head = present(object, &evidence.head, policy.mode)?;
    let named = object.version_id.is_some();
    match head.replication_status.class() {
        StatusClass::Replicated => {}
        StatusClass::Pending => return keep(KeepReason::Pending),
        StatusClass::Failed => return keep(KeepReason::Failed),
        StatusClass::Replica => return keep(KeepReason::Replica),
        StatusClass::NotReplicated => return keep(KeepReason::NotReplicated),
        StatusClass::Unknown => return keep(KeepReason::UnknownStatus),
    }
    let checked = checked_version(head)?;
    let object = object.with_version(checked.clone());
    let reach = judge_bucket(&object, &evidence.bucket, policy)?;
    match policy.mode {
        DeleteMode::Permanent if head.locked_at(evidence.asked_at.wall) => {
            return keep(KeepReason::Locked);
        }
        DeleteMode::Permanent if !policy.allow_annotation_loss => {
            annotations_are_replicated(evidence.annotations.as_ref())?
        }
        DeleteMode::Permanent | DeleteMode::Hide => {}
    }
    if policy.verify_replica {
        replicated_everywhere(evidence.replicas.as_ref())?;
    }
    let (Some(etag), Some(size)) = (head.etag.clone(), head.size) else {
        return unbound("ETag or size");
    };
    // `*` matches anything, and a quote inside would make a list of it.
    if etag.is_empty() || etag == "*" || etag.contains('"') {
        return unbound("usable ETag");
    }
    Ok(DeleteOrder { object, named, etag, size, mode: policy.mode, reach, checked_at: evidence.asked_at })
}

/// Keeps the object if its bucket makes the delete unsafe, else returns how far the delete goes.
///
/// Before a delete marker is sent, this part of the check is repeated even if the rest is fresh: If-Match guards the object, and
/// nothing guards the bucket.
pub(crate) fn judge_bucket(object: &ObjectId, bucket: &BucketFacts, policy: &Policy) -> Result<DeleteReach, KeepCause> {
    let versioning = bucket.versioning.as_ref().map_err(|f| (KeepReason::of_failure(f), Some(f.clone())))?;
    let is_null = object.version_id.as_ref().is_none_or(VersionId::is_null);
    // Outside of Enabled a simple DELETE destroys, and a PUT can take over the id `null` between check and delete.
    let bound = match (versioning, policy.mode) {
        (Versioning::Enabled, _) => true,
        (Versioning::Suspended | Versioning::Never, DeleteMode::Hide) => false,
        (Versioning::Suspended | Versioning::Never, DeleteMode::Permanent) => !is_null,
    };
    if !bound {
        return keep(KeepReason::BucketNotVersioned);
    }
    let (reach, allowed, reason) = match policy.mode {
        DeleteMode::Hide => {
            (reach_of_marker(&bucket.rules, &object.key), policy.allow_marker_replication, KeepReason::MarkerReplicates)
        }
        DeleteMode::Permanent => (
            reach_of_removal(&bucket.rules, policy.custom_endpoint),
            policy.allow_replicated_delete,
            KeepReason::DeleteReplicates,
        ),
    };
    if reach == DeleteReach::ReplicaToo && !allowed {
        return keep_for(reason, bucket.rules.as_ref().err());
    }
    if policy.mode == DeleteMode::Permanent && bucket.mfa_delete {
        let text =
            "MFA delete is enabled for this bucket: S3 requires an MFA code for each removal, and replaudit sends none";
        return Err((KeepReason::Locked, Some(Failure::new("MfaDelete", text, None))));
    }
    Ok(reach)
}

/// Annotations replicate one by one, so a version that is COMPLETED may carry some that are not.
fn annotations_are_replicated(annotations: Option<&Result<Vec<Annotation>, Failure>>) -> Result<(), KeepCause> {
    let annotations = match annotations {
        Some(Ok(annotations)) => annotations,
        Some(Err(failure)) => return keep_for(KeepReason::Annotations, Some(failure)),
        None => return keep(KeepReason::Annotations),
    };
    match annotations.iter().find(|annotation| !annotation.is_replicated()) {
        None => Ok(()),
        Some(Annotation { name, replication_status }) => {
            let says = replication_status.as_deref().unwrap_or("no status");
            let text = format!("annotation {name:?} is not replicated ({says}), and would be removed with its version");
            let hint = "wait until it is COMPLETED, or use --allow-annotation-loss";
            keep_for(KeepReason::Annotations, Some(&Failure::new("AnnotationNotReplicated", text, Some(hint))))
        }
    }
}

/// Every destination has it, and there is one. Of several that do not, the worst known fact is the reason.
fn replicated_everywhere(replicas: Option<&Result<Vec<Destination>, Failure>>) -> Result<(), KeepCause> {
    let destinations = match replicas {
        Some(Ok(destinations)) if !destinations.is_empty() => destinations,
        Some(Err(failure)) => return keep_for(KeepReason::ReplicaUnknown, Some(failure)),
        Some(Ok(_)) | None => return keep(KeepReason::ReplicaUnknown),
    };
    let reason = |verdict| match verdict {
        DestinationVerdict::InSync => None,
        DestinationVerdict::Missing => Some((0, KeepReason::ReplicaMissing)),
        DestinationVerdict::Differs => Some((1, KeepReason::ReplicaDiffers)),
        DestinationVerdict::NotAReplica => Some((2, KeepReason::NotAReplica)),
        DestinationVerdict::Denied => Some((3, KeepReason::ReplicaDenied)),
        DestinationVerdict::Unknown => Some((4, KeepReason::ReplicaUnknown)),
    };
    let worst = destinations.iter().filter_map(|to| reason(to.verdict).map(|found| (found, to)));
    match worst.min_by_key(|((rank, _), _)| *rank) {
        None => Ok(()),
        Some(((_, reason), destination)) => keep_for(reason, destination.why.as_ref()),
    }
}

/// The head of what is to be deleted, if it is there and is the version that was named.
fn present<'a>(
    object: &ObjectId,
    head: &'a Result<HeadAnswer, Failure>,
    mode: DeleteMode,
) -> Result<&'a ObjectHead, KeepCause> {
    let named = object.version_id.as_ref();
    let is_another = |found: Option<&str>| named.is_some_and(|named| !named.is_named_by(found));
    match head {
        Err(failure) => Err((KeepReason::of_failure(failure), Some(failure.clone()))),
        Ok(HeadAnswer::NotFound) => keep(KeepReason::NotFound),
        Ok(HeadAnswer::DeleteMarker { version_id })
            if mode == DeleteMode::Hide && is_another(version_id.as_deref()) =>
        {
            keep(KeepReason::NotCurrent)
        }
        Ok(HeadAnswer::DeleteMarker { .. }) => keep(KeepReason::DeleteMarker),
        Ok(HeadAnswer::Object(head)) if is_another(head.version_id.as_deref()) => match mode {
            DeleteMode::Hide => keep(KeepReason::NotCurrent),
            DeleteMode::Permanent => Err((KeepReason::Error, Some(another_version(object)))),
        },
        Ok(HeadAnswer::Object(_)) if mode == DeleteMode::Permanent && named.is_none() => unbound("version ID"),
        Ok(HeadAnswer::Object(head)) => Ok(head),
    }
}

/// Some servers leave the header out for the `null` version.
fn checked_version(head: &ObjectHead) -> Result<VersionId, KeepCause> {
    VersionId::new(head.version_id.clone().unwrap_or_else(|| "null".to_owned())).or_else(|_| unbound("version ID"))
}

/// How far a delete marker for this key goes. Rules that could not be read may replicate it.
fn reach_of_marker(rules: &Result<ReplicationRules, Failure>, key: &str) -> DeleteReach {
    match rules {
        Ok(rules) if !rules.carry_delete_markers(key) => DeleteReach::SourceOnly,
        Ok(_) | Err(_) => DeleteReach::ReplicaToo,
    }
}

/// How far the removal of a version goes. S3 on AWS never replicates it, but other servers may, if their rules say so or
/// could not be read.
fn reach_of_removal(rules: &Result<ReplicationRules, Failure>, custom_endpoint: bool) -> DeleteReach {
    match rules {
        _ if !custom_endpoint => DeleteReach::SourceOnly,
        Ok(rules) if !rules.version_deletes_replicate => DeleteReach::SourceOnly,
        Ok(_) | Err(_) => DeleteReach::ReplicaToo,
    }
}

fn keep<T>(reason: KeepReason) -> Result<T, KeepCause> {
    Err((reason, None))
}

fn keep_for<T>(reason: KeepReason, failure: Option<&Failure>) -> Result<T, KeepCause> {
    Err((reason, failure.cloned()))
}

fn unbound<T>(what: &str) -> Result<T, KeepCause> {
    Err((
        KeepReason::Error,
        Some(Failure::new("Unbound", format!("S3 sent no {what}, and the delete needs one"), None)),
    ))
}
