//! The plan: every decision with its reason, the numbers that consent must name, and nothing carried out yet.

mod fate;
mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, Write};

use jiff::Timestamp;

pub(crate) use fate::{ExpiryTally, HiddenFate, HiddenFates};
pub(crate) use file::{PlanItem, PlanMarks, PlanPosition, PlanReader};

use crate::deletion::decide::{
    DeleteMode, DeleteOrder, DeleteReach, DeleteVerdict, Evidence, KeepReason, Policy, decide,
};
use crate::deletion::identity::SeenObjects;
use crate::deletion::report::{Decision, DeleteEntry, DeleteEvent, DeleteOutcome, OutcomeClass};
use crate::model::{Bucket, Failure, ObjectId, VersionId, add};
use crate::status::HeadAnswer;
use file::{PlanFile, PlanWriter};

/// Makes a plan, object by object, in a file that no other program can open.
#[derive(Debug)]
pub(crate) struct DeletionPlanner<F: Write> {
    policy: Policy,
    records: PlanWriter<F>,
    /// Versions that have their decision.
    decided: SeenObjects,
    doubted: SeenObjects,
    summary: PlanSummary,
}

/// How an object got into a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectOrigin {
    /// The caller named it.
    Named,
    /// S3 listed it a moment ago. If it no longer exists, or is a delete marker, it does not decide the exit code.
    Listed,
    /// The journal of an earlier run has its intent and no outcome. It was found as before, and that request may still
    /// take effect.
    Resumed,
}

/// What a plan adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PlanSummary {
    pub(crate) orders: u64,
    pub(crate) bytes: u64,
    /// Objects and their bytes, as far as sizes are known, for each reason to keep.
    pub(crate) kept: BTreeMap<KeepReason, (u64, u64)>,
    /// What is deleted first.
    pub(crate) first: Vec<ObjectId>,
    /// The buckets of the orders.
    buckets: BTreeSet<Bucket>,
    /// Deletes that also reach the replica, or may: the policy allows them.
    pub(crate) reaching_replicas: u64,
    /// Orders whose replica a lifecycle rule of its destination removes, as S3 says, and when the first one.
    pub(crate) expiring_replicas: Option<(u64, Timestamp)>,
    /// What lifecycle rules do next with what is hidden.
    pub(crate) fates: HiddenFates,
    /// Settled by an earlier run of the same journal.
    pub(crate) done_before: u64,
}

impl PlanSummary {
    /// The bucket of the orders, or how many there are.
    pub(crate) fn buckets(&self) -> String {
        match self.buckets.first() {
            Some(bucket) if self.buckets.len() == 1 => bucket.to_string(),
            Some(_) | None => format!("{} buckets", self.buckets.len()),
        }
    }
}

/// How many objects a prompt names.
const SHOWN: usize = 10;

impl<F: Write> DeletionPlanner<F> {
    /// An empty plan; `file` holds it as it grows.
    pub(crate) fn new(policy: Policy, file: F) -> Self {
        Self {
            policy,
            records: PlanWriter::new(file),
            decided: SeenObjects::default(),
            doubted: SeenObjects::default(),
            summary: PlanSummary::default(),
        }
    }

    /// Decides about one object and adds it.
    ///
    /// The second time, a version is kept as a duplicate. If the second decision would keep it, the order of the first is
    /// checked again before it is sent.
    pub(crate) fn add(&mut self, object: &ObjectId, evidence: &Evidence) -> io::Result<()> {
        self.add_from(object, evidence, ObjectOrigin::Named)
    }

    /// Notes what a lifecycle rule does next because of an object that was added, if it is to be hidden.
    pub(crate) fn note_fate(&mut self, fate: HiddenFate) {
        self.summary.fates.add(fate);
    }

    /// The same for an object of another origin.
    pub(crate) fn add_from(&mut self, object: &ObjectId, evidence: &Evidence, origin: ObjectOrigin) -> io::Result<()> {
        let mut entry = DeleteEntry::of(object);
        // The answer of another version proves nothing about the one that was named.
        let about_it = |found: Option<&str>| object.version_id.as_ref().is_none_or(|named| named.is_named_by(found));
        if let Ok(HeadAnswer::Object(head)) = &evidence.head
            && about_it(head.version_id.as_deref())
        {
            entry.version_id = head.version_id.clone().or(entry.version_id);
            entry.replication_status = head.replication_status.raw().map(str::to_owned);
            entry.size = head.size;
            entry.etag.clone_from(&head.etag);
        }
        if let Some(Ok(destinations)) = &evidence.replicas {
            entry.destinations.clone_from(destinations);
        }
        let identity = match &evidence.head {
            // Some servers leave the ID out for the `null` version.
            Ok(HeadAnswer::Object(_)) if entry.version_id.is_none() => {
                let version_id = Some("null".to_owned());
                pinned(object, &DeleteEntry { version_id, ..entry.clone() })
            }
            Ok(_) | Err(_) => pinned(object, &entry),
        };
        let order = match decide(object, evidence, &self.policy) {
            // One version, named in two ways: the first decision counts. If the second differs, the first is in doubt.
            verdict if self.is_decided(&identity) => {
                if let DeleteVerdict::Keep(..) = verdict {
                    self.doubted.insert(&identity);
                }
                Err((KeepReason::Duplicate, None))
            }
            DeleteVerdict::Keep(reason, failure) => Err((reason, failure)),
            // A consent cannot name a sum above 2^64.
            DeleteVerdict::Delete(order) if add(&mut self.summary.bytes, order.size()).is_err() => Err((
                KeepReason::Error,
                Some(Failure::new("Overflow", "the sizes add up to more than 2^64 bytes", None)),
            )),
            DeleteVerdict::Delete(order) => Ok(order),
        };
        match order {
            Ok(order) => {
                entry.version_id = order.object().version_id.as_ref().map(|v| v.as_str().to_owned());
                self.ordered(&order);
                self.note_expiry(&entry);
                let resumed = origin == ObjectOrigin::Resumed;
                self.records.push(&entry, Some(&order), PlanMarks { aside: false, resumed })
            }
            Err((reason, failure)) => {
                entry.keep(reason, failure);
                let aside =
                    origin == ObjectOrigin::Listed && matches!(reason, KeepReason::NotFound | KeepReason::DeleteMarker);
                self.kept(reason, entry.size);
                self.records.push(&entry, None, PlanMarks { aside, resumed: false })
            }
        }
    }

    fn kept(&mut self, reason: KeepReason, size: Option<u64>) {
        let (count, bytes) = self.summary.kept.entry(reason).or_default();
        *count += 1;
        *bytes = bytes.saturating_add(size.unwrap_or(0));
    }

    pub(crate) fn orders(&self) -> u64 {
        self.summary.orders
    }

    /// Whether this version already has its decision. Without a version ID, it is not known which one it is.
    fn is_decided(&mut self, identity: &ObjectId) -> bool {
        identity.version_id.is_some() && !self.decided.insert(identity)
    }

    fn ordered(&mut self, order: &DeleteOrder) {
        self.summary.orders += 1;
        self.summary.reaching_replicas += u64::from(order.reach() == DeleteReach::ReplicaToo);
        if !self.summary.buckets.contains(&order.object().bucket) {
            self.summary.buckets.insert(order.object().bucket.clone());
        }
        if self.summary.first.len() < SHOWN {
            self.summary.first.push(order.object().clone());
        }
    }

    fn note_expiry(&mut self, entry: &DeleteEntry) {
        if let Some(first) = entry.destinations.iter().filter_map(|to| to.expires).min() {
            let (count, earliest) = self.summary.expiring_replicas.get_or_insert((0, first));
            *count += 1;
            *earliest = first.min(*earliest);
        }
    }

    /// Adds an object that an earlier run settled: it is reported, and nothing is sent for it. If the version is named
    /// again, that is a duplicate.
    pub(crate) fn add_done(&mut self, given: &ObjectId, entry: &DeleteEntry) -> io::Result<()> {
        match (entry.reason, entry.outcome.class()) {
            (Some(reason), _) => self.kept(reason, entry.size),
            (None, OutcomeClass::Changed | OutcomeClass::Satisfied) => self.summary.done_before += 1,
            // The row says what is not known of it.
            (None, OutcomeClass::Unknown | OutcomeClass::Kept | OutcomeClass::Lost | OutcomeClass::Failed) => {}
        }
        if entry.version_id.is_some() {
            self.decided.insert(&pinned(given, entry));
        }
        self.records.push(entry, None, PlanMarks::default())
    }

    /// The whole plan.
    pub(crate) fn finish(self) -> io::Result<DeletionPlan<F>> {
        let records = self.records.finish(self.policy.mode)?;
        Ok(DeletionPlan { policy: self.policy, summary: self.summary, records, doubted: self.doubted })
    }
}

/// Every decision and the policy it was made under. Nothing is carried out yet.
#[derive(Debug)]
pub(crate) struct DeletionPlan<F> {
    policy: Policy,
    summary: PlanSummary,
    records: PlanFile<F>,
    doubted: SeenObjects,
}

/// What a person, or `--yes`, agrees to. It must name the plan's own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// How many deletes.
    pub orders: u64,
    /// How many bytes they hold.
    pub bytes: u64,
    /// Stands for every decision of the plan, and their order.
    pub fingerprint: u64,
}

/// The consent is for another plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("consent names {} objects and {} bytes, the plan {} and {}", consent.orders, consent.bytes, plan.orders, plan.bytes)]
pub struct ConsentMismatch {
    /// What was agreed to.
    pub consent: Consent,
    /// What the plan asks for.
    pub plan: Consent,
}

impl<F> DeletionPlan<F> {
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn mode(&self) -> DeleteMode {
        self.policy.mode
    }

    pub(crate) fn summary(&self) -> &PlanSummary {
        &self.summary
    }

    /// What consent has to name.
    pub(crate) fn asks_for(&self) -> Consent {
        let PlanSummary { orders, bytes, .. } = self.summary;
        Consent { orders, bytes, fingerprint: self.records.fingerprint() }
    }

    /// The only way to an [`ApprovedPlan`].
    pub(crate) fn approve(self, consent: Consent) -> Result<ApprovedPlan<F>, ConsentMismatch> {
        let plan = self.asks_for();
        if consent == plan {
            Ok(ApprovedPlan { policy: self.policy, records: self.records, doubted: self.doubted })
        } else {
            Err(ConsentMismatch { consent, plan })
        }
    }
}

impl<F: Read + Seek> DeletionPlan<F> {
    /// The report of a plan that is not carried out: deletes are kept for `reason`, or stay `would-delete` (a dry run)
    /// with `None`.
    pub(crate) fn refuse(
        self,
        reason: Option<KeepReason>,
    ) -> io::Result<impl Iterator<Item = io::Result<DeleteEvent>>> {
        Ok(self.records.items()?.map(move |item| {
            let PlanItem { mut entry, marks, .. } = item?;
            if let (Some(reason), Decision::Delete, DeleteOutcome::WouldDelete) =
                (reason, entry.decision, entry.outcome)
            {
                entry.keep(reason, None);
            }
            Ok(marks.event(entry))
        }))
    }
}

/// A plan whose consent names its own numbers.
#[derive(Debug)]
pub(crate) struct ApprovedPlan<F> {
    pub(crate) policy: Policy,
    doubted: SeenObjects,
    records: PlanFile<F>,
}

impl<F: Read + Seek> ApprovedPlan<F> {
    pub(crate) fn items(self) -> io::Result<(PlanReader<F>, SeenObjects)> {
        Ok((self.records.items()?, self.doubted))
    }
}

/// The object as the version that its entry is about.
fn pinned(object: &ObjectId, entry: &DeleteEntry) -> ObjectId {
    let version = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    version.map_or_else(|| object.clone(), |version| object.with_version(version))
}
