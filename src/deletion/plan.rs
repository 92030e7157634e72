//! The plan: every decision with its reason, the numbers that consent must name, and nothing carried out yet.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, Write};

use super::entry::{Decision, Entry, Outcome};
use super::event::Event;
use super::fate::{HiddenFate, HiddenFates};
use super::identity::Seen;
use super::keep_reason::KeepReason;
use super::policy::{DeleteOrder, Evidence, Mode, Policy, Verdict, decide};
use super::records::{Item, Items, Marks, Plan, Records};
use crate::model::{Failure, ObjectId, VersionId, add};
use crate::status::HeadAnswer;

/// Draws up a plan, object by object, into a file that nobody else has.
#[derive(Debug)]
pub struct Planner<F: Write> {
    policy: Policy,
    records: Records<F>,
    /// Versions that have their decision.
    decided: Seen,
    doubted: Seen,
    summary: PlanSummary,
}

/// Where an object of a plan comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The caller named it.
    Named,
    /// S3 listed it.
    Listed,
    /// The journal of an earlier run has its intent and no outcome.
    Resumed,
}

/// What a plan adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanSummary {
    /// How many deletes.
    pub orders: u64,
    /// How many bytes they hold.
    pub bytes: u64,
    /// Objects and their bytes, as far as sizes are known, for each reason to keep.
    pub kept: BTreeMap<KeepReason, (u64, u64)>,
    /// What is deleted first.
    pub first: Vec<ObjectId>,
    /// Deletes that reach the replica as well, or may: allowed, or they would be kept.
    pub reaching_replicas: u64,
    /// What lifecycle rules do next with what is hidden.
    pub fates: HiddenFates,
    /// Dealt with by an earlier run of the same journal.
    pub done_before: u64,
}

/// So many of what is deleted are named before the question.
pub const SHOWN: usize = 10;

impl<F: Write> Planner<F> {
    /// An empty plan; `file` holds it as it grows.
    #[must_use]
    pub fn new(policy: Policy, file: F) -> Self {
        Self {
            policy,
            records: Records::new(file),
            decided: Seen::default(),
            doubted: Seen::default(),
            summary: PlanSummary::default(),
        }
    }

    /// Decides about one object and adds it.
    ///
    /// A version that has its decision is kept as a duplicate the second time. Where it would be kept by that one, the order
    /// of the first is checked again before it is sent.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn add(&mut self, object: &ObjectId, evidence: &Evidence) -> io::Result<()> {
        self.add_as(object, evidence, Origin::Named)
    }

    /// The same for what an earlier run may have sent, and what was found as before: that request may still take effect.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn add_resumed(&mut self, object: &ObjectId, evidence: &Evidence) -> io::Result<()> {
        self.add_as(object, evidence, Origin::Resumed)
    }

    /// The same for what S3 listed a moment ago: that it is gone by now, or is a delete marker, is no news, and has no say
    /// in how the run ends.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn add_listed(&mut self, object: &ObjectId, evidence: &Evidence) -> io::Result<()> {
        self.add_as(object, evidence, Origin::Listed)
    }

    /// Notes what a lifecycle rule does next with an object that was added, if it is to be hidden.
    pub fn note_fate(&mut self, fate: HiddenFate) {
        self.summary.fates.add(fate);
    }

    fn add_as(&mut self, object: &ObjectId, evidence: &Evidence, origin: Origin) -> io::Result<()> {
        let mut entry = Entry::of(object);
        // What another version answered says nothing about the one that was named.
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
        let order = match decide(object, evidence, &self.policy) {
            // Two texts, one version: the first has decided. What the second was told counts all the same.
            verdict if self.is_decided(object, &entry) => {
                if let Verdict::Keep(..) = verdict {
                    self.doubted.insert(&pinned(object, &entry));
                }
                Err((KeepReason::Duplicate, None))
            }
            Verdict::Keep(reason, failure) => Err((reason, failure)),
            // A sum that passes 2^64 can't be named in a consent.
            Verdict::Delete(order) if add(&mut self.summary.bytes, order.size()).is_err() => {
                Err((KeepReason::Error, Some(Failure::new("Overflow", "the sizes pass 2^64 bytes", None))))
            }
            Verdict::Delete(order) => Ok(order),
        };
        match order {
            Ok(order) => {
                entry.version_id = order.object().version_id.as_ref().map(|v| v.as_str().to_owned());
                self.ordered(&order);
                let resumed = origin == Origin::Resumed;
                self.records.push(&entry, Some(&order), Marks { aside: false, resumed })
            }
            Err((reason, failure)) => {
                entry.keep(reason, failure);
                let aside =
                    origin == Origin::Listed && matches!(reason, KeepReason::NotFound | KeepReason::DeleteMarker);
                let (count, bytes) = self.summary.kept.entry(reason).or_default();
                *count += 1;
                *bytes = bytes.saturating_add(entry.size.unwrap_or(0));
                self.records.push(&entry, None, Marks { aside, resumed: false })
            }
        }
    }

    /// How many deletes the plan has so far.
    #[must_use]
    pub fn orders(&self) -> u64 {
        self.summary.orders
    }

    /// Whether this version came before, under another text; what answered with no version is no version yet.
    fn is_decided(&mut self, object: &ObjectId, entry: &Entry) -> bool {
        entry.version_id.is_some() && !self.decided.insert(&pinned(object, entry))
    }

    fn ordered(&mut self, order: &DeleteOrder) {
        self.summary.orders += 1;
        self.summary.reaching_replicas += u64::from(order.reaches_replica());
        if self.summary.first.len() < SHOWN {
            self.summary.first.push(order.object().clone());
        }
    }

    /// Adds what an earlier run dealt with: it stands in the report, and nothing is sent for it. That was the decision about
    /// this version, under whatever other text it stands in the list too.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn add_done(&mut self, given: &ObjectId, entry: &Entry) -> io::Result<()> {
        self.summary.done_before += 1;
        if entry.version_id.is_some() {
            self.decided.insert(&pinned(given, entry));
        }
        self.records.push(entry, None, Marks::default())
    }

    /// The whole plan.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn finish(self) -> io::Result<DeletionPlan<F>> {
        let records = self.records.finish(self.policy.mode)?;
        Ok(DeletionPlan { policy: self.policy, summary: self.summary, records, doubted: self.doubted })
    }
}

/// Every decision, the policy it was made under, and nothing carried out yet.
#[derive(Debug)]
pub struct DeletionPlan<F> {
    policy: Policy,
    summary: PlanSummary,
    records: Plan<F>,
    doubted: Seen,
}

/// What a person, or `--yes`, agrees to: it must name the plan's own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// How many deletes.
    pub orders: u64,
    /// How many bytes they hold.
    pub bytes: u64,
    /// Stands for every decision of the plan, and their order.
    pub fingerprint: u64,
}

/// Why a plan was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Consent was given to another plan.
    #[error("consent names {} objects and {} bytes, the plan {} and {}", consent.orders, consent.bytes, plan.orders, plan.bytes)]
    OtherPlan {
        /// What was agreed to.
        consent: Consent,
        /// What the plan asks for.
        plan: Consent,
    },
}

impl<F> DeletionPlan<F> {
    /// The policy it was made under.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What a delete does in this plan.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.policy.mode
    }

    /// What it adds up to.
    #[must_use]
    pub fn summary(&self) -> &PlanSummary {
        &self.summary
    }

    /// What consent has to name.
    #[must_use]
    pub fn asks_for(&self) -> Consent {
        let PlanSummary { orders, bytes, .. } = self.summary;
        Consent { orders, bytes, fingerprint: self.records.fingerprint() }
    }

    /// The only way to an [`ApprovedPlan`].
    ///
    /// # Errors
    /// Consent to another plan.
    pub fn approve(self, consent: Consent) -> Result<ApprovedPlan<F>, Refusal> {
        let plan = self.asks_for();
        if consent == plan {
            Ok(ApprovedPlan { policy: self.policy, records: self.records, doubted: self.doubted })
        } else {
            Err(Refusal::OtherPlan { consent, plan })
        }
    }
}

impl<F: Read + Seek> DeletionPlan<F> {
    /// The report of a plan that is not carried out: deletes are kept for `reason`, or stay `would-delete` (a dry run)
    /// with `None`.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn refuse(self, reason: Option<KeepReason>) -> io::Result<impl Iterator<Item = io::Result<Event>>> {
        Ok(self.records.items()?.map(move |item| {
            let Item { mut entry, aside, .. } = item?;
            if let (Some(reason), Decision::Delete, Outcome::WouldDelete) = (reason, entry.decision, entry.outcome) {
                entry.keep(reason, None);
            }
            Ok(Item::told(entry, aside))
        }))
    }
}

/// A plan that was consented to, by its own numbers.
#[derive(Debug)]
pub struct ApprovedPlan<F> {
    pub(super) policy: Policy,
    doubted: Seen,
    records: Plan<F>,
}

impl<F: Read + Seek> ApprovedPlan<F> {
    pub(super) fn items(self) -> io::Result<(Items<F>, Seen)> {
        Ok((self.records.items()?, self.doubted))
    }
}

/// The object as the version that its entry is about.
fn pinned(object: &ObjectId, entry: &Entry) -> ObjectId {
    let version = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    version.map_or_else(|| object.clone(), |version| object.with_version(version))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::policy::tests::{completed, evidence, object, policy};
    use super::*;

    fn plan(objects: &[ObjectId]) -> DeletionPlan<Cursor<Vec<u8>>> {
        let mut planner = Planner::new(policy(Mode::Hide), Cursor::new(Vec::new()));
        for object in objects {
            planner.add(object, &evidence(completed())).unwrap();
        }
        planner.finish().unwrap()
    }

    fn refused(plan: DeletionPlan<Cursor<Vec<u8>>>, reason: Option<KeepReason>) -> Vec<Entry> {
        let events = plan.refuse(reason).unwrap();
        events
            .map(|event| match event.unwrap() {
                Event::Ended(entry) => entry,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn entries(plan: DeletionPlan<Cursor<Vec<u8>>>) -> Vec<Entry> {
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
            let refusal = plan.approve(Consent { orders, bytes, fingerprint }).unwrap_err();
            assert!(matches!(refusal, Refusal::OtherPlan { .. }));
        }
        // As many objects of as many bytes, and another plan all the same.
        assert!(plan(&[object(None)]).approve(asked).is_err());
    }

    #[test]
    fn the_question_names_ten_and_counts_all_whose_replica_goes_too() {
        let mut planner =
            Planner::new(Policy { allow_marker_replication: true, ..policy(Mode::Hide) }, Cursor::new(Vec::new()));
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
    fn one_version_is_one_order() {
        let plan = plan(&[object(None), object(Some("v1"))]);
        assert_eq!((plan.asks_for().orders, plan.asks_for().bytes), (1, 7));
        assert_eq!(plan.summary().kept, BTreeMap::from([(KeepReason::Duplicate, (1, 7))]));
        let reasons: Vec<String> = entries(plan).into_iter().map(|e| e.reason).collect();
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
            let mut planner = Planner::new(policy(Mode::Hide), Cursor::new(Vec::new()));
            planner.add(&object(None), &first).unwrap();
            planner.add(&object(Some("v1")), &second).unwrap();
            let plan = planner.finish().unwrap();
            assert_eq!((plan.summary().orders, plan.doubted.has(&object(Some("v1")))), (orders, doubted), "row {row}");
            assert_eq!(entries(plan)[1].reason, "duplicate", "row {row}");
        }
    }

    #[test]
    fn a_named_version_does_not_borrow_the_status_of_another() {
        let entry = entries(plan(&[object(Some("v0"))])).remove(0);
        assert_eq!((entry.reason.as_str(), entry.version_id.as_deref()), ("not-current", Some("v0")));
        assert_eq!((&entry.replication_status, entry.size), (&None, None));
    }

    #[test]
    fn what_was_listed_and_is_gone_has_no_say() {
        let gone = Evidence { head: Ok(HeadAnswer::NotFound), ..evidence(completed()) };
        let failed = evidence(crate::status::ObjectHead { replication_status: Default::default(), ..completed() });
        let mut planner = Planner::new(policy(Mode::Hide), Cursor::new(Vec::new()));
        planner.add_listed(&object(None), &gone).unwrap();
        planner.add_listed(&object(None), &failed).unwrap();
        planner.add(&object(None), &gone).unwrap();
        let told: Vec<Event> = planner.finish().unwrap().refuse(None).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(matches!(told[..], [Event::Aside(_), Event::Ended(_), Event::Ended(_)]), "{told:?}");
    }

    #[test]
    fn what_an_earlier_run_hid_is_a_duplicate_under_its_other_text() {
        let marker = Evidence {
            head: Ok(HeadAnswer::DeleteMarker { version_id: Some("m".to_owned()) }),
            ..evidence(completed())
        };
        let done = Entry { version_id: Some("v1".to_owned()), ..Entry::of(&object(None)) };
        let mut planner = Planner::new(policy(Mode::Hide), Cursor::new(Vec::new()));
        planner.add_done(&object(None), &done).unwrap();
        planner.add(&object(Some("v1")), &marker).unwrap();
        planner.add(&object(Some("v0")), &marker).unwrap();
        let reasons: Vec<String> = entries(planner.finish().unwrap()).into_iter().map(|entry| entry.reason).collect();
        assert_eq!(reasons, ["completed", "duplicate", "not-current"]);
    }

    #[test]
    fn a_refused_plan_keeps_what_it_would_have_deleted_and_nothing_else() {
        let mut planner = Planner::new(policy(Mode::Hide), Cursor::new(Vec::new()));
        let done = Entry { outcome: Outcome::MarkerCreated, ..Entry::of(&object(Some("v0"))) };
        planner.add_done(&object(Some("v0")), &done).unwrap();
        planner.add(&object(None), &evidence(completed())).unwrap();
        let plan = planner.finish().unwrap();
        assert_eq!((plan.summary().done_before, plan.summary().orders), (1, 1));
        let kept = refused(plan, Some(KeepReason::OverLimit));
        assert_eq!([kept[0].outcome, kept[1].outcome], [Outcome::MarkerCreated, Outcome::Kept]);
        assert_eq!(kept[1].reason, "over-limit");
    }
}
