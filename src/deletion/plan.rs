//! The plan: every decision with its reason, the numbers consent must name, and the report it becomes.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::policy::{DeleteOrder, KeepReason, Mode, Policy, Verdict};
use crate::exit::ExitStatus;
use crate::model::{Failure, ObjectId, add};
use crate::status::{Destination, HeadAnswer};

/// Delete or keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Proven replicated.
    Delete,
    /// Everything else.
    Keep,
}

/// What became of one object. Exactly one per entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The named version is gone.
    VersionDeleted,
    /// A delete marker hides the object; every version is still there.
    MarkerCreated,
    /// A dry run, or a plan that has not been carried out.
    WouldDelete,
    /// Nothing was sent for it, or S3 refused because it had changed.
    Kept,
    /// The version was gone before a delete was sent.
    AlreadyAbsent,
    /// S3 refused the delete.
    Denied,
    /// The delete had no effect.
    Failed,
    /// The delete may have had an effect; looking again did not tell.
    Unknown,
    /// The run ended before its turn.
    NotAttempted,
}

impl Outcome {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::VersionDeleted => "version-deleted",
            Self::MarkerCreated => "marker-created",
            Self::WouldDelete => "would-delete",
            Self::Kept => "kept",
            Self::AlreadyAbsent => "already-absent",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotAttempted => "not-attempted",
        }
    }

    /// Whether S3 may hold something else than before.
    #[must_use]
    pub fn may_have_changed_something(self) -> bool {
        matches!(self, Self::VersionDeleted | Self::MarkerCreated | Self::Unknown)
    }
}

/// One object in plan and report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// Its bucket.
    pub bucket: String,
    /// Its key, exactly.
    pub key: String,
    /// The version that was checked, else the one that was named.
    pub version_id: Option<String>,
    /// S3's word at the check, raw.
    pub replication_status: Option<String>,
    /// Delete or keep.
    pub decision: Decision,
    /// `completed`, or why it is kept.
    pub reason: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Bytes.
    pub size: Option<u64>,
    /// Without quotes.
    pub etag: Option<String>,
    /// The delete marker that hides it.
    pub new_marker_version_id: Option<String>,
    /// What went wrong.
    pub error: Option<Failure>,
    /// What each destination answered, where they were asked.
    pub destinations: Vec<Destination>,
    #[serde(skip)]
    kept: Option<KeepReason>,
}

impl Entry {
    /// Why it is kept; `None` for a delete.
    #[must_use]
    pub fn kept(&self) -> Option<KeepReason> {
        self.kept
    }

    pub(super) fn keep(&mut self, reason: KeepReason, error: Option<Failure>) {
        reason.word().clone_into(&mut self.reason);
        self.kept = Some(reason);
        self.decision = Decision::Keep;
        self.outcome = Outcome::Kept;
        self.error = error;
    }
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) entry: Entry,
    pub(super) order: Option<DeleteOrder>,
}

/// Every decision, the policy it was made under, and nothing carried out yet.
#[derive(Debug)]
pub struct DeletionPlan {
    policy: Policy,
    items: Vec<Item>,
    ordered: HashSet<ObjectId>,
    orders: u64,
    bytes: u64,
}

/// What a person, or `--yes`, agrees to: it must name the plan's own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// How many deletes.
    pub orders: u64,
    /// How many bytes they hold.
    pub bytes: u64,
}

/// Why a plan was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Consent was given to other numbers than the plan's.
    #[error("consent names {} objects and {} bytes, the plan {planned} and {planned_bytes}", consent.orders, consent.bytes)]
    OtherNumbers {
        /// What was agreed to.
        consent: Consent,
        /// Deletes in the plan.
        planned: u64,
        /// Their bytes.
        planned_bytes: u64,
    },
}

impl DeletionPlan {
    /// An empty plan.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, items: Vec::new(), ordered: HashSet::new(), orders: 0, bytes: 0 }
    }

    /// Adds one object's verdict; `head` is the answer that it was made from.
    ///
    /// The same version ordered twice is kept as a duplicate the second time.
    pub fn add(&mut self, object: &ObjectId, head: &Result<HeadAnswer, Failure>, verdict: Verdict) {
        let mut entry = Entry {
            bucket: object.bucket.as_str().to_owned(),
            key: object.key.clone(),
            version_id: object.version_id.as_ref().map(|v| v.as_str().to_owned()),
            replication_status: None,
            decision: Decision::Delete,
            reason: "completed".to_owned(),
            outcome: Outcome::WouldDelete,
            size: None,
            etag: None,
            new_marker_version_id: None,
            error: None,
            destinations: Vec::new(),
            kept: None,
        };
        // What another version answered says nothing about the one that was named.
        let about_it = |found: Option<&str>| object.version_id.as_ref().is_none_or(|named| named.is_named_by(found));
        if let Ok(HeadAnswer::Object(head)) = head
            && about_it(head.version_id.as_deref())
        {
            entry.version_id = head.version_id.clone().or(entry.version_id);
            entry.replication_status.clone_from(&head.replication_status);
            entry.size = head.size;
            entry.etag.clone_from(&head.etag);
        }
        let verdict = match verdict {
            Verdict::Delete(order) if !self.ordered.insert(order.object().clone()) => {
                Verdict::Keep(KeepReason::Duplicate, None)
            }
            verdict => verdict,
        };
        let order = match verdict {
            Verdict::Keep(reason, failure) => {
                entry.keep(reason, failure);
                None
            }
            // A sum that passes 2^64 can't be named in a consent.
            Verdict::Delete(order) if add(&mut self.bytes, order.size()).is_err() => {
                entry.keep(KeepReason::Error, Some(Failure::new("Overflow", "the sizes pass 2^64 bytes", None)));
                None
            }
            Verdict::Delete(order) => {
                self.orders += 1;
                entry.version_id = order.object().version_id.as_ref().map(|v| v.as_str().to_owned());
                Some(order)
            }
        };
        self.items.push(Item { entry, order });
    }

    /// What a delete does in this plan.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.policy.mode
    }

    /// The numbers that consent has to name.
    #[must_use]
    pub fn asks_for(&self) -> Consent {
        Consent { orders: self.orders, bytes: self.bytes }
    }

    /// Every entry, in the order they were added.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().map(|item| &item.entry)
    }

    /// The only way to an [`ApprovedPlan`].
    ///
    /// # Errors
    /// Consent to other numbers than the plan's.
    pub fn approve(self, consent: Consent) -> Result<ApprovedPlan, Refusal> {
        let asked = self.asks_for();
        if consent == asked {
            Ok(ApprovedPlan { policy: self.policy, items: self.items })
        } else {
            Err(Refusal::OtherNumbers { consent, planned: asked.orders, planned_bytes: asked.bytes })
        }
    }

    /// The report of a plan that is not carried out: deletes are kept for `reason`, or stay `would-delete` (a dry run)
    /// with `None`.
    #[must_use]
    pub fn refuse(self, reason: Option<KeepReason>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.items.into_iter().map(|item| item.entry).collect();
        if let Some(reason) = reason {
            for entry in entries.iter_mut().filter(|entry| entry.decision == Decision::Delete) {
                entry.keep(reason, None);
            }
        }
        entries
    }
}

/// A plan that was consented to, by its own numbers.
#[derive(Debug)]
pub struct ApprovedPlan {
    pub(super) policy: Policy,
    pub(super) items: Vec<Item>,
}

/// Counts over the entries, and the exit status they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default, JsonSchema)]
pub struct Summary {
    /// Entries.
    pub objects: u64,
    /// Entries per outcome.
    pub by: BTreeMap<&'static str, u64>,
    /// Kept entries per reason.
    pub kept: BTreeMap<&'static str, u64>,
    /// Bytes of what was deleted, hidden, or would be.
    pub bytes: u64,
    /// The exit code.
    pub exit: u8,
    /// A delete took effect, or may have.
    #[serde(skip)]
    pub effect: bool,
    #[serde(skip)]
    trouble: bool,
    #[serde(skip)]
    any_kept: bool,
}

impl Summary {
    /// Counts one more entry.
    pub fn count(&mut self, entry: &Entry) {
        self.objects += 1;
        *self.by.entry(entry.outcome.word()).or_default() += 1;
        match entry.outcome {
            Outcome::VersionDeleted | Outcome::MarkerCreated => self.effect = true,
            Outcome::Unknown => (self.effect, self.trouble) = (true, true),
            Outcome::Denied | Outcome::Failed => self.trouble = true,
            Outcome::Kept if matches!(entry.kept, Some(KeepReason::Denied | KeepReason::Error)) => self.trouble = true,
            Outcome::Kept | Outcome::NotAttempted => self.any_kept = true,
            Outcome::WouldDelete | Outcome::AlreadyAbsent => {}
        }
        if let (Outcome::Kept, Some(reason)) = (entry.outcome, entry.kept) {
            *self.kept.entry(reason.word()).or_default() += 1;
        }
        if matches!(entry.outcome, Outcome::VersionDeleted | Outcome::MarkerCreated | Outcome::WouldDelete) {
            self.bytes = self.bytes.saturating_add(entry.size.unwrap_or(0));
        }
    }

    /// How many entries were not reached.
    #[must_use]
    pub fn not_attempted(&self) -> u64 {
        self.by.get(Outcome::NotAttempted.word()).copied().unwrap_or(0)
    }

    /// Effect, then trouble, then kept: see the table of exit codes in the README.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        match (self.effect, self.trouble, self.any_kept) {
            (true, true, _) => ExitStatus::Incomplete,
            (false, true, _) => ExitStatus::Unknown,
            (_, false, true) => ExitStatus::No,
            (_, false, false) => ExitStatus::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::tests::{completed, object};
    use super::super::policy::{Evidence, decide};
    use super::*;
    use crate::rules::{ReplicationRules, Versioning};
    use jiff::Timestamp;

    fn plan(objects: &[ObjectId]) -> DeletionPlan {
        let policy = Policy {
            mode: Mode::Hide,
            allow_marker_replication: false,
            allow_replicated_delete: false,
            allow_unconditional: false,
            custom_endpoint: false,
        };
        let mut plan = DeletionPlan::new(policy.clone());
        for object in objects {
            let evidence = Evidence {
                head: Ok(HeadAnswer::Object(Box::new(completed()))),
                versioning: Ok(Versioning::Enabled),
                rules: Ok(ReplicationRules::default()),
                asked_at: Timestamp::UNIX_EPOCH,
            };
            plan.add(object, &evidence.head, decide(object, &evidence, &policy));
        }
        plan
    }

    #[test]
    fn outcomes_have_one_word_everywhere() {
        use Outcome as O;
        let all = [
            (O::VersionDeleted, "version-deleted"),
            (O::MarkerCreated, "marker-created"),
            (O::WouldDelete, "would-delete"),
            (O::Kept, "kept"),
            (O::AlreadyAbsent, "already-absent"),
            (O::Denied, "denied"),
            (O::Failed, "failed"),
            (O::Unknown, "unknown"),
            (O::NotAttempted, "not-attempted"),
        ];
        for (outcome, word) in all {
            assert_eq!((outcome.word(), serde_json::to_value(outcome).unwrap()), (word, word.into()));
        }
    }

    #[test]
    fn consent_must_name_the_plans_own_numbers() {
        let asked = plan(&[object(None)]).asks_for();
        assert_eq!(asked, Consent { orders: 1, bytes: 7 });
        assert!(plan(&[object(None)]).approve(asked).is_ok());
        for wrong in [Consent { orders: 2, bytes: 7 }, Consent { orders: 1, bytes: 8 }, Consent { orders: 0, bytes: 0 }]
        {
            let refusal = plan(&[object(None)]).approve(wrong).unwrap_err();
            assert!(matches!(refusal, Refusal::OtherNumbers { .. }));
        }
    }

    #[test]
    fn one_version_is_one_order() {
        let plan = plan(&[object(None), object(Some("v1"))]);
        assert_eq!(plan.asks_for(), Consent { orders: 1, bytes: 7 });
        let reasons: Vec<&str> = plan.entries().map(|e| e.reason.as_str()).collect();
        assert_eq!(reasons, ["completed", "duplicate"]);
    }

    #[test]
    fn a_named_version_does_not_borrow_the_status_of_another() {
        let plan = plan(&[object(Some("v0"))]);
        let entry = plan.entries().next().unwrap();
        assert_eq!((entry.reason.as_str(), entry.version_id.as_deref()), ("not-current", Some("v0")));
        assert_eq!((&entry.replication_status, entry.size), (&None, None));
    }

    #[test]
    fn exit_codes_follow_effect_then_trouble_then_kept() {
        use Outcome as O;
        let entry = |outcome: Outcome, kept: Option<KeepReason>| {
            let mut entry = plan(&[object(None)]).refuse(None).remove(0);
            if let Some(reason) = kept {
                entry.keep(reason, None);
            }
            entry.outcome = outcome;
            entry
        };
        let kept = |reason| entry(O::Kept, Some(reason));
        let table = [
            (vec![], ExitStatus::Yes),
            (vec![entry(O::MarkerCreated, None)], ExitStatus::Yes),
            (vec![entry(O::WouldDelete, None)], ExitStatus::Yes),
            (vec![entry(O::VersionDeleted, None), kept(KeepReason::Failed)], ExitStatus::No),
            (vec![kept(KeepReason::Pending)], ExitStatus::No),
            (vec![entry(O::WouldDelete, None), kept(KeepReason::Pending)], ExitStatus::No),
            (vec![entry(O::WouldDelete, None), kept(KeepReason::Denied)], ExitStatus::Unknown),
            (vec![kept(KeepReason::Denied)], ExitStatus::Unknown),
            (vec![kept(KeepReason::Error), kept(KeepReason::Pending)], ExitStatus::Unknown),
            (vec![entry(O::Denied, None)], ExitStatus::Unknown),
            (vec![entry(O::Failed, None)], ExitStatus::Unknown),
            (vec![entry(O::Unknown, None)], ExitStatus::Incomplete),
            (vec![entry(O::MarkerCreated, None), entry(O::Failed, None)], ExitStatus::Incomplete),
            (vec![entry(O::MarkerCreated, None), kept(KeepReason::Denied)], ExitStatus::Incomplete),
        ];
        for (at, (entries, exit)) in table.iter().enumerate() {
            let mut summary = Summary::default();
            entries.iter().for_each(|entry| summary.count(entry));
            assert_eq!(summary.status(), *exit, "row {at}");
        }
    }
}
