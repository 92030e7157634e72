//! The rule that kept an object, or let it go: one function from evidence to a verdict.
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
//! | Object Lock (permanent only) | `locked` |
//! | nothing to bind the delete to | `error` |
//! | the delete would reach the replica | `marker-replicates`, `delete-replicates` |
//!
//! See "Working with delete markers", "Deleting object versions from a versioning-enabled bucket", "Locking objects with
//! Object Lock" and "Replicating delete markers between buckets" in the S3 User Guide.

use jiff::Timestamp;

use crate::model::{Failure, FailureKind, ObjectId, VersionId};
use crate::rules::{ReplicationRules, Versioning};
use crate::status::{HeadAnswer, ObjectHead, StatusClass, another_version};

/// What a delete does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Hides the object behind a delete marker; nothing is lost.
    Hide,
    /// Removes exactly the named version, irreversibly.
    Permanent,
}

/// What the caller allows. A plan carries it along, and execution takes no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What a delete does.
    pub mode: Mode,
    /// A delete marker may travel to the destination.
    pub allow_marker_replication: bool,
    /// On a server other than AWS: removing a version may remove the replica too.
    pub allow_replicated_delete: bool,
    /// Hide also where the server does not honour If-Match.
    pub allow_unconditional: bool,
    /// The server is not AWS, so what AWS promises may not hold.
    pub custom_endpoint: bool,
}

/// What is known of one object, from requests made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// HEAD without a version id for [`Mode::Hide`], with it for [`Mode::Permanent`].
    pub head: Result<HeadAnswer, Failure>,
    /// The bucket's versioning.
    pub versioning: Result<Versioning, Failure>,
    /// The bucket's replication configuration.
    pub rules: Result<ReplicationRules, Failure>,
    /// When the first of the questions was sent.
    pub asked_at: Timestamp,
}

/// Why an object is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeepReason {
    /// Not yet on every destination.
    Pending,
    /// A destination refused it.
    Failed,
    /// This is the copy.
    Replica,
    /// No status: never attempted.
    NotReplicated,
    /// A word that S3 does not document.
    UnknownStatus,
    /// A delete marker is here already.
    DeleteMarker,
    /// Nothing is here.
    NotFound,
    /// S3 refused to say.
    Denied,
    /// No usable answer.
    Error,
    /// The named version is not the current one, and only the current one can be hidden.
    NotCurrent,
    /// A delete would destroy, not hide.
    BucketNotVersioned,
    /// Object Lock: retention or a legal hold.
    Locked,
    /// The delete marker would hide the replica as well.
    MarkerReplicates,
    /// Removing the version would remove the replica as well.
    DeleteReplicates,
    /// The server does not honour If-Match, so a delete can't be bound to what was checked.
    Unconditional,
    /// More would be deleted than `--max-delete` allows.
    OverLimit,
    /// Consent was declined.
    NotConsented,
    /// S3 refused the delete because the object is no longer the one that was checked.
    ChangedSinceCheck,
    /// The same version is in the plan already.
    Duplicate,
}

impl KeepReason {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Replica => "replica",
            Self::NotReplicated => "not-replicated",
            Self::UnknownStatus => "unknown-status",
            Self::DeleteMarker => "delete-marker",
            Self::NotFound => "not-found",
            Self::Denied => "denied",
            Self::Error => "error",
            Self::NotCurrent => "not-current",
            Self::BucketNotVersioned => "bucket-not-versioned",
            Self::Locked => "locked",
            Self::MarkerReplicates => "marker-replicates",
            Self::DeleteReplicates => "delete-replicates",
            Self::Unconditional => "unconditional",
            Self::OverLimit => "over-limit",
            Self::NotConsented => "not-consented",
            Self::ChangedSinceCheck => "changed-since-check",
            Self::Duplicate => "duplicate",
        }
    }

    /// One sentence for a person.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Pending => "not yet on every destination: try again later",
            Self::Failed => "replication failed and S3 does not try again: repair the cause and replicate it first",
            Self::Replica => "this is the copy that S3 made; it may be the last one",
            Self::NotReplicated => "not replicated: S3 gives no status",
            Self::UnknownStatus => "S3 does not document this status, so it proves nothing",
            Self::DeleteMarker => "a delete marker is here already",
            Self::NotFound => "nothing is here",
            Self::Denied => "S3 refused to say",
            Self::Error => "no usable answer",
            Self::NotCurrent => {
                "this version is not the current one, and only the current one can be hidden (--permanent removes a version)"
            }
            Self::BucketNotVersioned => "versioning is not Enabled here: a delete would destroy, not hide",
            Self::Locked => "Object Lock holds it",
            Self::MarkerReplicates => {
                "the delete marker would hide the replica too, or whether it would can't be known (--allow-marker-replication accepts that)"
            }
            Self::DeleteReplicates => {
                "this server would delete the replica too, or whether it would can't be known (--allow-replicated-delete accepts that)"
            }
            Self::Unconditional => "this server does not honour If-Match, so a newer upload could be hidden instead",
            Self::OverLimit => "more would be deleted than --max-delete allows",
            Self::NotConsented => "consent was not given",
            Self::ChangedSinceCheck => "it is no longer the version that was checked",
            Self::Duplicate => "the same version stands in the list already",
        }
    }

    fn of_failure(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Denied => Self::Denied,
            FailureKind::Other => Self::Error,
        }
    }
}

/// Permission to delete one version that was proven replicated. Made by [`decide`] and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteOrder {
    object: ObjectId,
    etag: String,
    size: u64,
    mode: Mode,
    checked_at: Timestamp,
}

impl DeleteOrder {
    /// The object, pinned to the version that was checked.
    #[must_use]
    pub fn object(&self) -> &ObjectId {
        &self.object
    }

    /// The ETag that was checked, without quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What the delete does.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// When S3 was asked for what the order was made from.
    #[must_use]
    pub fn checked_at(&self) -> Timestamp {
        self.checked_at
    }

    /// Whether another order is for the very same version, with the same content.
    #[must_use]
    pub fn is_for_the_same(&self, other: &Self) -> bool {
        self.object == other.object && self.etag == other.etag && self.size == other.size && self.mode == other.mode
    }
}

/// Delete it, or keep it and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Proven replicated, and the delete is bound to what was checked.
    Delete(DeleteOrder),
    /// Everything else.
    Keep(KeepReason, Option<Failure>),
}

/// Decides about one object.
#[must_use]
pub fn decide(object: &ObjectId, evidence: &Evidence, policy: &Policy) -> Verdict {
    match judge(object, evidence, policy) {
        Ok(order) => Verdict::Delete(order),
        Err((reason, failure)) => Verdict::Keep(reason, failure),
    }
}

type Kept = (KeepReason, Option<Failure>);

fn judge(object: &ObjectId, evidence: &Evidence, policy: &Policy) -> Result<DeleteOrder, Kept> {
    let head = present(object, &evidence.head, policy.mode)?;
    match StatusClass::of_header(head.replication_status.as_deref()) {
        StatusClass::Replicated => {}
        StatusClass::Pending => return keep(KeepReason::Pending),
        StatusClass::Failed => return keep(KeepReason::Failed),
        StatusClass::Replica => return keep(KeepReason::Replica),
        StatusClass::NotReplicated => return keep(KeepReason::NotReplicated),
        StatusClass::Unknown => return keep(KeepReason::UnknownStatus),
    }
    let checked = checked_version(head)?;
    let versioning = evidence.versioning.as_ref().map_err(|f| (KeepReason::of_failure(f), Some(f.clone())))?;
    // Outside of Enabled a simple DELETE destroys, and a PUT can take over the id `null` between check and delete.
    let bound = match (versioning, policy.mode) {
        (Versioning::Enabled, _) => true,
        (Versioning::Suspended | Versioning::Never, Mode::Hide) => false,
        (Versioning::Suspended | Versioning::Never, Mode::Permanent) => !checked.is_null(),
    };
    if !bound {
        return keep(KeepReason::BucketNotVersioned);
    }
    match policy.mode {
        Mode::Hide if !policy.allow_marker_replication && !markers_stay(&evidence.rules, &object.key) => {
            return keep_for(KeepReason::MarkerReplicates, evidence.rules.as_ref().err());
        }
        Mode::Permanent if head.legal_hold || head.retain_until.is_some_and(|until| until > evidence.asked_at) => {
            return keep(KeepReason::Locked);
        }
        Mode::Permanent
            if policy.custom_endpoint && !policy.allow_replicated_delete && !deletes_stay(&evidence.rules) =>
        {
            return keep_for(KeepReason::DeleteReplicates, evidence.rules.as_ref().err());
        }
        Mode::Hide | Mode::Permanent => {}
    }
    let (Some(etag), Some(size)) = (head.etag.clone(), head.size) else {
        return unbound("ETag or size");
    };
    // `*` matches anything, and a quote inside would make a list of it.
    if etag.is_empty() || etag == "*" || etag.contains('"') {
        return unbound("usable ETag");
    }
    let object = object.with_version(checked);
    Ok(DeleteOrder { object, etag, size, mode: policy.mode, checked_at: evidence.asked_at })
}

/// The head of what is to be deleted, if it is there and is the version that was named.
fn present<'a>(object: &ObjectId, head: &'a Result<HeadAnswer, Failure>, mode: Mode) -> Result<&'a ObjectHead, Kept> {
    let named = object.version_id.as_ref();
    let is_another = |found: Option<&str>| named.is_some_and(|named| !named.is_named_by(found));
    match head {
        Err(failure) => Err((KeepReason::of_failure(failure), Some(failure.clone()))),
        Ok(HeadAnswer::NotFound) => keep(KeepReason::NotFound),
        Ok(HeadAnswer::DeleteMarker { version_id }) if mode == Mode::Hide && is_another(version_id.as_deref()) => {
            keep(KeepReason::NotCurrent)
        }
        Ok(HeadAnswer::DeleteMarker { .. }) => keep(KeepReason::DeleteMarker),
        Ok(HeadAnswer::Object(head)) if is_another(head.version_id.as_deref()) => match mode {
            Mode::Hide => keep(KeepReason::NotCurrent),
            Mode::Permanent => Err((KeepReason::Error, Some(another_version(object)))),
        },
        Ok(HeadAnswer::Object(_)) if mode == Mode::Permanent && named.is_none() => unbound("version id"),
        Ok(HeadAnswer::Object(head)) => Ok(head),
    }
}

/// Some servers leave the header out for the `null` version.
fn checked_version(head: &ObjectHead) -> Result<VersionId, Kept> {
    VersionId::new(head.version_id.clone().unwrap_or_else(|| "null".to_owned())).or_else(|_| unbound("version id"))
}

fn markers_stay(rules: &Result<ReplicationRules, Failure>, key: &str) -> bool {
    rules.as_ref().is_ok_and(|rules| !rules.carry_delete_markers(key))
}

fn deletes_stay(rules: &Result<ReplicationRules, Failure>) -> bool {
    rules.as_ref().is_ok_and(|rules| !rules.version_deletes_replicate)
}

fn keep<T>(reason: KeepReason) -> Result<T, Kept> {
    Err((reason, None))
}

fn keep_for<T>(reason: KeepReason, failure: Option<&Failure>) -> Result<T, Kept> {
    Err((reason, failure.cloned()))
}

fn unbound<T>(what: &str) -> Result<T, Kept> {
    Err((KeepReason::Error, Some(Failure::new("Unbound", format!("there is no {what} to bind the delete to"), None))))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn object(version: Option<&str>) -> ObjectId {
        let id = ObjectId::parse("s3://bucket/key").unwrap();
        match version {
            Some(v) => id.with_version(VersionId::new(v).unwrap()),
            None => id,
        }
    }

    pub(in super::super) fn completed() -> ObjectHead {
        ObjectHead {
            version_id: Some("v1".into()),
            replication_status: Some("COMPLETED".into()),
            etag: Some("e1".into()),
            size: Some(7),
            ..ObjectHead::default()
        }
    }

    fn policy(mode: Mode) -> Policy {
        Policy {
            mode,
            allow_marker_replication: false,
            allow_replicated_delete: false,
            allow_unconditional: false,
            custom_endpoint: true,
        }
    }

    fn failure(kind: FailureKind) -> Failure {
        Failure { kind, ..Failure::new("X", "x", None) }
    }

    fn rule(carries: bool) -> ReplicationRules {
        ReplicationRules {
            rules: vec![crate::rules::Rule { delete_marker_replication: carries, ..crate::rules::Rule::to("dst") }],
            version_deletes_replicate: false,
        }
    }

    /// The one case that is deleted, to be spoilt in a single point by each test.
    struct Case {
        object: ObjectId,
        head: Result<HeadAnswer, Failure>,
        versioning: Result<Versioning, Failure>,
        rules: Result<ReplicationRules, Failure>,
        policy: Policy,
    }

    impl Case {
        fn good(mode: Mode) -> Self {
            Self {
                object: object(Some("v1")),
                head: Ok(HeadAnswer::Object(Box::new(completed()))),
                versioning: Ok(Versioning::Enabled),
                rules: Ok(rule(false)),
                policy: policy(mode),
            }
        }

        fn head(mut self, spoil: impl FnOnce(&mut ObjectHead)) -> Self {
            let mut head = completed();
            spoil(&mut head);
            self.head = Ok(HeadAnswer::Object(Box::new(head)));
            self
        }

        fn spoil(mut self, spoil: impl FnOnce(&mut Self)) -> Self {
            spoil(&mut self);
            self
        }

        fn verdict(&self) -> Verdict {
            let evidence = Evidence {
                head: self.head.clone(),
                versioning: self.versioning.clone(),
                rules: self.rules.clone(),
                asked_at: Timestamp::UNIX_EPOCH,
            };
            decide(&self.object, &evidence, &self.policy)
        }

        fn reason(&self) -> Option<KeepReason> {
            match self.verdict() {
                Verdict::Delete(_) => None,
                Verdict::Keep(reason, _) => Some(reason),
            }
        }
    }

    #[test]
    fn a_replicated_version_is_deleted_and_bound_to_what_was_checked() {
        for mode in [Mode::Hide, Mode::Permanent] {
            let Verdict::Delete(order) = Case::good(mode).verdict() else { panic!("{mode:?}: kept") };
            assert_eq!(
                (order.object(), order.etag(), order.size(), order.mode()),
                (&object(Some("v1")), "e1", 7, mode)
            );
        }
        let bare = Case::good(Mode::Hide).spoil(|c| c.object = object(None));
        let Verdict::Delete(order) = bare.verdict() else { panic!("kept") };
        assert_eq!(order.object(), &object(Some("v1")), "the version that answered is the one ordered");
    }

    #[test]
    fn losing_any_single_piece_of_evidence_keeps_the_object() {
        use KeepReason as K;
        type Spoilt = Box<dyn Fn(Mode) -> Case>;
        let both: Vec<(KeepReason, Spoilt)> = vec![
            (K::Denied, Box::new(|m| Case::good(m).spoil(|c| c.head = Err(failure(FailureKind::Denied))))),
            (K::Error, Box::new(|m| Case::good(m).spoil(|c| c.head = Err(failure(FailureKind::Other))))),
            (K::NotFound, Box::new(|m| Case::good(m).spoil(|c| c.head = Ok(HeadAnswer::NotFound)))),
            (
                K::DeleteMarker,
                Box::new(|m| {
                    Case::good(m).spoil(|c| c.head = Ok(HeadAnswer::DeleteMarker { version_id: Some("v1".to_owned()) }))
                }),
            ),
            (K::Pending, Box::new(|m| Case::good(m).head(|h| h.replication_status = Some("PENDING".into())))),
            (K::Pending, Box::new(|m| Case::good(m).head(|h| h.replication_status = Some("PROCESSING".into())))),
            (K::Failed, Box::new(|m| Case::good(m).head(|h| h.replication_status = Some("FAILED".into())))),
            (K::Replica, Box::new(|m| Case::good(m).head(|h| h.replication_status = Some("REPLICA".into())))),
            (K::NotReplicated, Box::new(|m| Case::good(m).head(|h| h.replication_status = None))),
            (K::UnknownStatus, Box::new(|m| Case::good(m).head(|h| h.replication_status = Some("completed".into())))),
            (K::Denied, Box::new(|m| Case::good(m).spoil(|c| c.versioning = Err(failure(FailureKind::Denied))))),
            (K::Error, Box::new(|m| Case::good(m).spoil(|c| c.versioning = Err(failure(FailureKind::Other))))),
            (K::Error, Box::new(|m| Case::good(m).head(|h| h.etag = None))),
            (K::Error, Box::new(|m| Case::good(m).head(|h| h.etag = Some(String::new())))),
            (K::Error, Box::new(|m| Case::good(m).head(|h| h.etag = Some("*".into())))),
            (K::Error, Box::new(|m| Case::good(m).head(|h| h.etag = Some("a\", \"*".into())))),
            (K::Error, Box::new(|m| Case::good(m).head(|h| h.size = None))),
            (
                K::Error,
                Box::new(|m| {
                    Case::good(m).head(|h| h.version_id = Some(String::new())).spoil(|c| {
                        c.object = ObjectId {
                            version_id: (m == Mode::Permanent).then(|| VersionId::new("v1").unwrap()),
                            ..object(None)
                        };
                    })
                }),
            ),
        ];
        for (at, (reason, case)) in both.iter().enumerate() {
            for mode in [Mode::Hide, Mode::Permanent] {
                assert_eq!(case(mode).reason(), Some(*reason), "row {at}, {mode:?}");
            }
        }
    }

    #[test]
    fn hiding_needs_the_current_version_and_an_enabled_bucket_and_a_marker_that_stays() {
        use KeepReason as K;
        let hide = || Case::good(Mode::Hide);
        let table = [
            (Some(K::NotCurrent), hide().head(|h| h.version_id = Some("v2".into()))),
            (Some(K::NotCurrent), hide().head(|h| h.version_id = None)),
            (
                Some(K::NotCurrent),
                hide().spoil(|c| c.head = Ok(HeadAnswer::DeleteMarker { version_id: Some("m".to_owned()) })),
            ),
            (Some(K::BucketNotVersioned), hide().spoil(|c| c.versioning = Ok(Versioning::Suspended))),
            (Some(K::BucketNotVersioned), hide().spoil(|c| c.versioning = Ok(Versioning::Never))),
            (Some(K::MarkerReplicates), hide().spoil(|c| c.rules = Ok(rule(true)))),
            (Some(K::MarkerReplicates), hide().spoil(|c| c.rules = Err(failure(FailureKind::Denied)))),
            (
                None,
                hide().spoil(|c| {
                    let mut elsewhere = rule(true);
                    elsewhere.rules[0].scope.prefix = "elsewhere/".to_owned();
                    c.rules = Ok(elsewhere);
                }),
            ),
            (
                None,
                hide().spoil(|c| {
                    c.rules = Ok(rule(true));
                    c.policy.allow_marker_replication = true;
                }),
            ),
            (None, hide().spoil(|c| c.rules = Ok(ReplicationRules::default()))),
            (None, hide().head(|h| h.legal_hold = true)),
        ];
        for (at, (reason, case)) in table.iter().enumerate() {
            assert_eq!(case.reason(), *reason, "row {at}");
        }
    }

    #[test]
    fn removing_needs_a_version_that_is_not_locked_and_not_reusable_and_whose_replica_survives() {
        use KeepReason as K;
        let remove = || Case::good(Mode::Permanent);
        let null = |case: Case, versioning| {
            case.head(|h| h.version_id = Some("null".into())).spoil(|c| {
                c.object = object(Some("null"));
                c.versioning = Ok(versioning);
            })
        };
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let replicates =
            || remove().spoil(|c| c.rules = Ok(ReplicationRules { version_deletes_replicate: true, ..rule(false) }));
        let table = [
            (Some(K::Error), remove().spoil(|c| c.object = object(None))),
            (Some(K::Error), remove().head(|h| h.version_id = Some("v2".into()))),
            (Some(K::BucketNotVersioned), null(remove(), Versioning::Suspended)),
            (Some(K::BucketNotVersioned), null(remove(), Versioning::Never)),
            (None, null(remove(), Versioning::Enabled)),
            (None, remove().spoil(|c| c.versioning = Ok(Versioning::Suspended))),
            (Some(K::Locked), remove().head(|h| h.legal_hold = true)),
            (Some(K::Locked), remove().head(|h| h.retain_until = Some(at(1)))),
            (None, remove().head(|h| h.retain_until = Some(at(-1)))),
            (Some(K::DeleteReplicates), replicates()),
            (Some(K::DeleteReplicates), remove().spoil(|c| c.rules = Err(failure(FailureKind::Denied)))),
            (None, replicates().spoil(|c| c.policy.allow_replicated_delete = true)),
            (None, replicates().spoil(|c| c.policy.custom_endpoint = false)),
            (None, remove().spoil(|c| c.rules = Ok(rule(true)))),
        ];
        for (at, (reason, case)) in table.iter().enumerate() {
            assert_eq!(case.reason(), *reason, "row {at}");
        }
    }

    #[test]
    fn orders_are_for_the_same_only_when_all_of_it_is() {
        let order = |case: Case| match case.verdict() {
            Verdict::Delete(order) => order,
            kept @ Verdict::Keep(..) => panic!("{kept:?}"),
        };
        let checked = order(Case::good(Mode::Hide));
        assert!(checked.is_for_the_same(&order(Case::good(Mode::Hide))));
        let others = [
            Case::good(Mode::Permanent),
            Case::good(Mode::Hide).head(|h| h.etag = Some("e2".into())),
            Case::good(Mode::Hide).head(|h| h.size = Some(8)),
            Case::good(Mode::Hide).head(|h| h.version_id = Some("v2".into())).spoil(|c| c.object = object(None)),
        ];
        for (at, other) in others.into_iter().enumerate() {
            assert!(!checked.is_for_the_same(&order(other)), "row {at}");
        }
    }
}
