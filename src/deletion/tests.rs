//! Execution against a deleter that answers from a script.

#[cfg(test)]
mod execution {
    use std::cell::Cell;
    use std::io::Cursor;
    use std::sync::Mutex;

    use futures_util::StreamExt;
    use jiff::Timestamp;
    use s3_answers::{KeyAnswer, KeyResult, ReplicationRule, ReplicationRules, Versioning};

    use super::super::policy::tests::{completed, moment, object, policy as policy_of};
    use super::super::*;
    use crate::model::{Failure, FailureKind, ObjectId, ReplicationStatus};
    use crate::status::{Destination, DestinationVerdict, HeadAnswer, NamedBy, ObjectHead};

    type Head = Result<HeadAnswer, Failure>;

    thread_local! {
        /// A clock that each check moves on; seconds.
        static CLOCK: Cell<u32> = const { Cell::new(60) };
    }

    fn now() -> Moment {
        moment(CLOCK.get())
    }

    /// Answers from a script, and notes how it was asked.
    struct Script {
        checks: Mutex<Vec<Evidence>>,
        /// Seconds that each of them takes.
        a_check_takes: u32,
        /// How often an order may be sent.
        sends: u32,
        /// How many deletes wait for their turn until their check is too old.
        late: Mutex<u32>,
        looks: Mutex<Vec<Head>>,
        answers: Mutex<Vec<DeleteAnswer>>,
        batches: Mutex<Vec<BatchAnswer>>,
        hidden: Mutex<Vec<Result<Option<String>, Failure>>>,
        bucket: Mutex<BucketFacts>,
        sent: Mutex<Vec<Condition>>,
        /// Keys of each batch.
        sent_batches: Mutex<Vec<Vec<String>>>,
    }

    impl Deleter for Script {
        async fn evidence(&self, _: &DeleteOrder) -> Evidence {
            let asked_at = now();
            CLOCK.set(CLOCK.get() + self.a_check_takes);
            Evidence { asked_at, ..self.checks.lock().unwrap().remove(0) }
        }

        async fn look(&self, _: &DeleteOrder) -> Head {
            self.looks.lock().unwrap().remove(0)
        }

        async fn bucket(&self, _: &DeleteOrder) -> BucketFacts {
            BucketFacts { asked_at: now(), ..self.bucket.lock().unwrap().clone() }
        }

        async fn hidden_by(&self, _: &DeleteOrder, _: &str) -> Result<Option<String>, Failure> {
            self.hidden.lock().unwrap().remove(0)
        }

        fn undo(&self, _: &DeleteOrder, marker: &str) -> String {
            format!("undo {marker}")
        }

        async fn delete_batch(&self, orders: &[FreshOrder<'_>]) -> BatchAnswer {
            if !orders.iter().all(|fresh| may_leave(fresh.asked_at(), now())) {
                return BatchAnswer::All(DeleteAnswer::Aged);
            }
            let keys = orders.iter().map(|fresh| fresh.order().object().key.clone()).collect();
            self.sent_batches.lock().unwrap().push(keys);
            self.batches.lock().unwrap().remove(0)
        }

        async fn may_send_again(&self, sends: u32) -> bool {
            CLOCK.set(CLOCK.get() + 10);
            sends < self.sends
        }

        async fn pause(&self, _: std::time::Duration) {
            std::future::pending().await
        }

        async fn delete(&self, fresh: &FreshOrder<'_>, condition: Condition) -> DeleteAnswer {
            let mut late = self.late.lock().unwrap();
            if *late > 0 {
                *late -= 1;
                CLOCK.set(CLOCK.get() + 4);
            }
            drop(late);
            if !may_leave(fresh.asked_at(), now()) {
                return DeleteAnswer::Aged;
            }
            self.sent.lock().unwrap().push(condition);
            self.answers.lock().unwrap().remove(0)
        }
    }

    fn policy(mode: Mode, custom_endpoint: bool) -> Policy {
        Policy { custom_endpoint, ..policy_of(mode) }
    }

    fn facts() -> BucketFacts {
        BucketFacts {
            versioning: Ok(Versioning::Enabled),
            mfa_delete: false,
            rules: Ok(ReplicationRules::default()),
            asked_at: moment(0),
        }
    }

    fn evidence(head: Head) -> Evidence {
        let replicas = Some(Ok(vec![destination(DestinationVerdict::InSync)]));
        Evidence { head, bucket: facts(), replicas, annotations: Some(Ok(vec![])), asked_at: moment(0) }
    }

    fn destination(verdict: DestinationVerdict) -> Destination {
        Destination { verdict, ..Destination::unknown("dst", NamedBy::Rule) }
    }

    type File = Cursor<Vec<u8>>;

    /// A plan of these objects, all of one policy.
    fn planned(policy: Policy, objects: &[ObjectId]) -> ApprovedPlan<File> {
        let mut planner = Planner::new(policy, File::default());
        for object in objects {
            let version_id = object.version_id.as_ref().map(|version| version.as_str().to_owned());
            let head = ObjectHead { version_id, ..completed() };
            planner.add(object, &evidence(Ok(HeadAnswer::Object(Box::new(head))))).unwrap();
        }
        let plan = planner.finish().unwrap();
        let consent = plan.asks_for();
        assert_eq!(consent.orders, objects.len() as u64);
        plan.approve(consent).unwrap()
    }

    /// A plan of as many orders as `versions`.
    fn approved(policy: Policy, versions: &[&str]) -> ApprovedPlan<File> {
        let objects: Vec<ObjectId> = versions.iter().map(|version| object(Some(version))).collect();
        planned(policy, &objects)
    }

    fn there() -> Head {
        Ok(HeadAnswer::Object(Box::new(completed())))
    }

    /// As some servers answer for what they deleted.
    fn readable() -> Head {
        Ok(HeadAnswer::Object(Box::new(ObjectHead { replication_status: ReplicationStatus::default(), ..completed() })))
    }

    fn newer() -> Head {
        Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("v2".into()), ..completed() })))
    }

    fn marker() -> Head {
        Ok(HeadAnswer::DeleteMarker { version_id: Some("m1".into()) })
    }

    fn gone() -> Head {
        Ok(HeadAnswer::NotFound)
    }

    fn failure(status: Option<u16>) -> Failure {
        let kind = if status == Some(403) { FailureKind::Denied } else { FailureKind::Other };
        Failure { http_status: status, kind, ..Failure::new("X", "x", None) }
    }

    fn made() -> DeleteAnswer {
        DeleteAnswer::Done { delete_marker: true, version_id: Some("m1".into()) }
    }

    /// What the journal was told, in order.
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>, bool);

    impl Journal for Told {
        async fn intend(&self, orders: &[(&DeleteOrder, &Entry)]) -> Result<(), Failure> {
            if self.1 {
                return Err(failure(None));
            }
            let keys: Vec<&str> = orders.iter().map(|(order, _)| order.object().key.as_str()).collect();
            self.0.lock().unwrap().push(format!("intent {}", keys.join(" ")));
            Ok(())
        }

        fn ended(&self, order: &DeleteOrder, entry: &Entry) -> Result<(), Failure> {
            self.0.lock().unwrap().push(format!("{} {}", entry.outcome.word(), order.object().key));
            Ok(())
        }

        fn stay_open(&self) {
            self.0.lock().unwrap().push("open".to_owned());
        }
    }

    fn execution<'a, J>(script: &'a Script, journal: &'a J, late: bool) -> Execution<'a, Script, J> {
        CLOCK.set(if late { 61 } else { 60 });
        Execution {
            deleter: script,
            journal,
            concurrency: 1,
            verify: VerifyDeleted::Sample,
            now,
            not_before: Timestamp::MIN,
            stop: &|| false,
        }
    }

    fn events<J: Journal>(plan: ApprovedPlan<File>, execution: Execution<'_, Script, J>) -> Vec<Event> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(execute(plan, execution).unwrap().map(Result::unwrap).collect())
    }

    /// Runs a plan; a minute after the check, or a second later.
    fn run_plan(plan: ApprovedPlan<File>, script: &Script, late: bool) -> Vec<Entry> {
        let told = Told::default();
        let events = events(plan, execution(script, &told, late));
        assert!(script.looks.lock().unwrap().is_empty(), "every scripted look was taken");
        assert!(script.checks.lock().unwrap().is_empty(), "every scripted check was taken");
        assert!(script.hidden.lock().unwrap().is_empty(), "every scripted list was taken");
        let sent = script.sent.lock().unwrap().len() + script.sent_batches.lock().unwrap().len();
        assert_eq!(told.0.lock().unwrap().is_empty(), sent == 0, "nothing leaves before the journal knows");
        let ended = |event| match event {
            Event::Ended(entry) => entry,
            other => panic!("{other:?}"),
        };
        events.into_iter().map(ended).collect()
    }

    fn script(checks: Vec<Evidence>, looks: Vec<Head>, answers: Vec<DeleteAnswer>) -> Script {
        Script {
            checks: checks.into(),
            a_check_takes: 0,
            sends: 1,
            late: Mutex::default(),
            looks: looks.into(),
            answers: answers.into(),
            batches: Mutex::default(),
            hidden: Mutex::default(),
            bucket: facts().into(),
            sent: Mutex::default(),
            sent_batches: Mutex::default(),
        }
    }

    /// A script whose batches are answered like this.
    fn batches(checks: Vec<Evidence>, looks: Vec<Head>, batches: Vec<BatchAnswer>) -> Script {
        Script { batches: batches.into(), ..script(checks, looks, vec![]) }
    }

    #[test]
    fn hiding_ends_in_exactly_one_true_outcome() {
        use DeleteAnswer as A;
        let bare = || A::Done { delete_marker: false, version_id: None };
        let null = || A::Done { delete_marker: true, version_id: Some("null".into()) };
        let itself = || A::Done { delete_marker: true, version_id: Some("v1".into()) };
        let table = [
            (vec![marker()], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![newer()], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![Err(failure(Some(403)))], made(), Outcome::MarkerCreated, Some("m1")),
            (vec![there()], made(), Outcome::Unknown, None),
            // The id of the checked version is no new marker's.
            (vec![marker()], itself(), Outcome::MarkerCreated, Some("m1")),
            (vec![there()], itself(), Outcome::Unknown, None),
            (vec![Ok(HeadAnswer::DeleteMarker { version_id: Some("v1".into()) })], itself(), Outcome::Unknown, None),
            (vec![], null(), Outcome::Unknown, Some("null")),
            (vec![], A::Done { delete_marker: true, version_id: None }, Outcome::Unknown, None),
            (vec![gone()], bare(), Outcome::Unknown, None),
            (vec![marker()], bare(), Outcome::MarkerCreated, Some("m1")),
            (vec![], A::Mismatch(failure(Some(412))), Outcome::Kept, None),
            (vec![], A::Conflict(failure(Some(409))), Outcome::Kept, None),
            (vec![], A::Absent(failure(Some(404))), Outcome::Kept, None),
            (vec![], A::Unsupported(failure(Some(501))), Outcome::Kept, None),
            (vec![], A::Denied(failure(Some(403))), Outcome::Denied, None),
            (vec![], A::NoEffect(failure(Some(503))), Outcome::Failed, None),
            (vec![there()], A::Errored(failure(Some(500))), Outcome::Failed, None),
            (vec![newer()], A::Errored(failure(Some(500))), Outcome::Unknown, None),
            (vec![there()], A::Lost(failure(Some(504))), Outcome::Unknown, None),
            (vec![there()], A::Lost(failure(Some(200))), Outcome::Unknown, None),
            (vec![there()], A::Lost(failure(None)), Outcome::Unknown, None),
            (vec![marker()], A::Lost(failure(None)), Outcome::MarkerCreated, Some("m1")),
            (vec![gone()], A::Lost(failure(None)), Outcome::Unknown, None),
            (vec![Ok(HeadAnswer::DeleteMarker { version_id: None })], A::Lost(failure(None)), Outcome::Unknown, None),
            (
                vec![Ok(HeadAnswer::DeleteMarker { version_id: Some("null".into()) })],
                A::Lost(failure(None)),
                Outcome::Unknown,
                None,
            ),
            (vec![Err(failure(None))], A::Lost(failure(None)), Outcome::Unknown, None),
        ];
        for (at, (looks, answer, outcome, new_marker)) in table.into_iter().enumerate() {
            let script = script(vec![], looks, vec![answer]);
            let entry = run_plan(approved(policy(Mode::Hide, false), &["v1"]), &script, false).remove(0);
            assert_eq!((entry.outcome, entry.new_marker_version_id.as_deref()), (outcome, new_marker), "row {at}");
            assert_eq!(*script.sent.lock().unwrap(), [Condition::Checked], "row {at}: sent once, bound");
            assert_eq!(entry.decision == Decision::Keep, entry.outcome == Outcome::Kept, "row {at}");
        }
    }

    /// The answer about one version of the key of [`object`].
    fn one(version: Option<&str>, result: KeyResult) -> BatchAnswer {
        let version_id = version.map(str::to_owned);
        BatchAnswer::Listed(vec![KeyAnswer { key: object(None).key, version_id, result }])
    }

    fn deleted(version: Option<&str>, delete_marker: bool) -> BatchAnswer {
        one(version, KeyResult::Deleted { delete_marker })
    }

    fn refused(code: &str) -> BatchAnswer {
        one(Some("v1"), KeyResult::Error { code: code.into(), message: "no".into() })
    }

    #[test]
    fn removing_checks_before_and_looks_after() {
        use BatchAnswer::{All, Listed, Unsupported};
        use DeleteAnswer as A;
        let done = || deleted(Some("v1"), false);
        let table = [
            (there(), vec![gone()], done(), Outcome::VersionDeleted, 1),
            (there(), vec![Err(failure(Some(403)))], done(), Outcome::VersionDeleted, 1),
            (there(), vec![there()], done(), Outcome::Unknown, 1),
            (there(), vec![], deleted(Some("v1"), true), Outcome::Unknown, 1),
            (there(), vec![gone()], Listed(vec![]), Outcome::VersionDeleted, 1),
            (there(), vec![there()], Listed(vec![]), Outcome::Unknown, 1),
            (there(), vec![], refused("AccessDenied"), Outcome::Denied, 1),
            (there(), vec![], refused("SlowDown"), Outcome::Failed, 1),
            (there(), vec![there()], refused("InternalError"), Outcome::Failed, 1),
            (there(), vec![gone()], refused("InternalError"), Outcome::VersionDeleted, 1),
            (there(), vec![readable()], refused("InternalError"), Outcome::Unknown, 1),
            (there(), vec![there()], refused("Strange"), Outcome::Unknown, 1),
            (there(), vec![], refused("NoSuchVersion"), Outcome::Kept, 1),
            (newer(), vec![], done(), Outcome::Failed, 0),
            (marker(), vec![], done(), Outcome::Kept, 0),
            (gone(), vec![], done(), Outcome::AlreadyAbsent, 0),
            (Err(failure(Some(403))), vec![], done(), Outcome::Denied, 0),
            (Err(failure(None)), vec![], done(), Outcome::Failed, 0),
            (there(), vec![], All(A::Denied(failure(Some(403)))), Outcome::Denied, 1),
            (there(), vec![], All(A::NoEffect(failure(Some(503)))), Outcome::Failed, 1),
            (there(), vec![], All(A::Unsupported(failure(Some(501)))), Outcome::Failed, 1),
            (there(), vec![gone()], All(A::Lost(failure(None))), Outcome::VersionDeleted, 1),
            (there(), vec![there()], All(A::Errored(failure(Some(500)))), Outcome::Failed, 1),
            (there(), vec![there()], All(A::Lost(failure(Some(502)))), Outcome::Unknown, 1),
            (there(), vec![Err(failure(Some(403)))], All(A::Lost(failure(None))), Outcome::Unknown, 1),
        ];
        for (at, (check, looks, answer, outcome, sent)) in table.into_iter().enumerate() {
            let script = batches(vec![evidence(check)], looks, vec![answer]);
            let entry = run_plan(approved(policy(Mode::Permanent, true), &["v1"]), &script, false).remove(0);
            assert_eq!((entry.outcome, script.sent_batches.lock().unwrap().len()), (outcome, sent), "row {at}");
            assert!(script.sent.lock().unwrap().is_empty(), "row {at}: in a batch");
        }
        // A server that takes no batches is sent versions one by one from then on.
        let named = |version: &str| A::Done { delete_marker: false, version_id: Some(version.into()) };
        let table = [
            (vec![gone()], named("v1"), Outcome::VersionDeleted),
            (vec![gone()], A::Done { delete_marker: false, version_id: None }, Outcome::VersionDeleted),
            (vec![], named("v2"), Outcome::Unknown),
        ];
        for (at, (looks, alone, outcome)) in table.into_iter().enumerate() {
            let script = Script {
                batches: vec![Unsupported(failure(Some(501)))].into(),
                ..script(vec![evidence(there()), evidence(there())], looks, vec![alone])
            };
            let entry = run_plan(approved(policy(Mode::Permanent, true), &["v1"]), &script, false).remove(0);
            assert_eq!((entry.outcome, script.sent.lock().unwrap().len()), (outcome, 1), "row {at}");
        }
    }

    /// The answer that each of these keys is deleted.
    fn all_deleted(keys: &[&str]) -> BatchAnswer {
        let one = |key: &&str| KeyAnswer {
            key: (*key).to_owned(),
            version_id: Some("v1".into()),
            result: KeyResult::Deleted { delete_marker: false },
        };
        BatchAnswer::Listed(keys.iter().map(one).collect())
    }

    #[test]
    fn a_batch_leaves_before_its_oldest_check_is_too_old() {
        let objects = ["a", "b", "c", "d", "e"].map(|key| ObjectId { key: key.into(), ..object(Some("v1")) });
        let script = Script {
            a_check_takes: 1,
            batches: vec![all_deleted(&["a", "b"]), all_deleted(&["c", "d"]), all_deleted(&["e"])].into(),
            ..script((0..5).map(|_| evidence(there())).collect(), (0..5).map(|_| gone()).collect(), vec![])
        };
        events(planned(policy(Mode::Permanent, true), &objects), execution(&script, &(), false));
        assert_eq!(*script.sent_batches.lock().unwrap(), [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
    }

    #[test]
    fn what_cannot_be_checked_in_time_is_never_sent() {
        // Each check takes longer than its order may wait; a null version goes alone, another one in a batch.
        for version in ["v1", "null"] {
            let head =
                || Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some(version.into()), ..completed() })));
            let checks = (0..4).map(|_| evidence(head())).collect();
            let script = Script { a_check_takes: 4, ..script(checks, vec![], vec![]) };
            let events = events(approved(policy(Mode::Permanent, true), &[version]), execution(&script, &(), false));
            let [Event::Ended(entry)] = &events[..] else { panic!("{events:?}") };
            let error = entry.error.as_ref().map(|error| error.code.as_str());
            assert_eq!((entry.outcome, error), (Outcome::Failed, Some("CheckTooSlow")), "{version}");
            assert!(script.sent_batches.lock().unwrap().is_empty() && script.sent.lock().unwrap().is_empty());
        }
    }

    #[test]
    fn each_resend_rests_on_a_check_of_its_own() {
        let slow = || DeleteAnswer::NotTaken(failure(Some(503)));
        let missing =
            || Evidence { replicas: Some(Ok(vec![destination(DestinationVerdict::Missing)])), ..evidence(there()) };
        // The batch, one key of it, and an order that goes alone; then the replica is gone, or still there.
        let whole = || (vec![BatchAnswer::All(slow())], vec![]);
        let one_key = || (vec![refused("SlowDown")], vec![]);
        let alone = || (vec![BatchAnswer::Unsupported(failure(Some(501)))], vec![slow()]);
        for (at, (batches, mut answers)) in [whole(), one_key(), alone()].into_iter().enumerate() {
            let checks = match answers.is_empty() {
                true => vec![evidence(there()), missing()],
                false => vec![evidence(there()), evidence(there()), missing()],
            };
            answers.push(DeleteAnswer::Done { delete_marker: false, version_id: Some("v1".into()) });
            let script = Script { sends: 3, batches: batches.into(), ..script(checks, vec![], answers) };
            let policy = Policy { verify_replica: true, ..policy(Mode::Permanent, true) };
            let events = events(approved(policy, &["v1"]), execution(&script, &(), false));
            let [Event::Ended(entry)] = &events[..] else { panic!("{events:?}") };
            assert_eq!((entry.outcome, entry.reason.as_str()), (Outcome::Kept, "replica-missing"), "row {at}");
            assert!(script.checks.lock().unwrap().is_empty(), "row {at}");
        }
    }

    #[test]
    fn a_batch_of_long_keys_is_shorter_than_a_thousand() {
        let objects: Vec<ObjectId> =
            (0..300).map(|n| ObjectId { key: format!("{n:01000}"), ..object(Some("v1")) }).collect();
        let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let sizes = [131, 131, 38];
        let mut rest = keys.as_slice();
        let answers = sizes.map(|size| {
            let (batch, more) = rest.split_at(size);
            rest = more;
            all_deleted(batch)
        });
        let script = Script {
            batches: answers.to_vec().into(),
            ..script((0..300).map(|_| evidence(there())).collect(), (0..300).map(|_| gone()).collect(), vec![])
        };
        events(planned(policy(Mode::Permanent, true), &objects), execution(&script, &(), false));
        assert_eq!(script.sent_batches.lock().unwrap().iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    }

    #[test]
    fn an_order_of_an_earlier_run_that_is_kept_now_stays_open() {
        for mode in [Mode::Hide, Mode::Permanent] {
            let mut planner = Planner::new(policy(mode, false), File::default());
            planner.add_resumed(&object(Some("v1")), &evidence(there())).unwrap();
            let plan = planner.finish().unwrap();
            let consent = plan.asks_for();
            let failed = ObjectHead { replication_status: ReplicationStatus::of_header("FAILED"), ..completed() };
            let failed = evidence(Ok(HeadAnswer::Object(Box::new(failed))));
            let (script, told) = (script(vec![failed], vec![there()], vec![]), Told::default());
            let events = events(
                plan.approve(consent).unwrap(),
                Execution { not_before: Timestamp::MAX, ..execution(&script, &told, false) },
            );
            assert!(matches!(&events[..], [Event::Ended(entry)] if entry.outcome == Outcome::Kept), "{events:?}");
            assert_eq!(*told.0.lock().unwrap(), ["open"], "{mode:?}");
        }
    }

    #[test]
    fn an_order_to_hide_waits_for_its_turn_behind_many_others() {
        for (late, outcome) in [(10, Outcome::MarkerCreated), (1000, Outcome::Failed)] {
            // What ages is the answer about the bucket; the object itself is checked again when a minute has passed.
            let checks = (0..300).map(|_| evidence(there())).collect();
            let script = Script { late: Mutex::new(late), ..script(checks, vec![marker()], vec![made()]) };
            let events = events(approved(policy(Mode::Hide, false), &["v1"]), execution(&script, &(), false));
            let [Event::Ended(entry)] = &events[..] else { panic!("{events:?}") };
            assert_eq!(entry.outcome, outcome, "{late}");
            assert_eq!(script.sent.lock().unwrap().len(), usize::from(outcome == Outcome::MarkerCreated));
        }
    }

    #[test]
    fn a_null_version_travels_in_no_batch() {
        let head = Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("null".into()), ..completed() })));
        let done = DeleteAnswer::Done { delete_marker: false, version_id: Some("null".into()) };
        let script = script(vec![evidence(head)], vec![gone()], vec![done]);
        let entry = run_plan(approved(policy(Mode::Permanent, true), &["null"]), &script, false).remove(0);
        assert_eq!((entry.outcome, script.sent.lock().unwrap().len()), (Outcome::VersionDeleted, 1));
        assert!(script.sent_batches.lock().unwrap().is_empty());
    }

    #[test]
    fn where_an_answer_says_nothing_the_message_says_what_was_seen_instead() {
        let table = [
            (Mode::Hide, marker(), "x; looked up: a delete marker hides it now, this request's or another's"),
            (Mode::Hide, there(), "x; looked up: the version is still there"),
            (Mode::Hide, gone(), "x; looking it up did not tell what became of it"),
            (Mode::Permanent, gone(), "x; looked up: the version is gone"),
        ];
        for (at, (mode, look, message)) in table.into_iter().enumerate() {
            let answer = || DeleteAnswer::Errored(failure(Some(500)));
            let checks = if mode == Mode::Permanent { vec![evidence(there())] } else { vec![] };
            let script = Script {
                batches: vec![BatchAnswer::All(answer())].into(),
                ..script(checks, vec![look], vec![answer()])
            };
            let error = run_plan(approved(policy(mode, false), &["v1"]), &script, false).remove(0).error.unwrap();
            assert_eq!((error.message.as_str(), error.http_status), (message, Some(500)), "row {at}");
        }
    }

    #[test]
    fn a_batch_is_of_one_bucket_and_of_keys_that_xml_can_name() {
        let at =
            |address: &str| ObjectId { version_id: object(Some("v1")).version_id, ..ObjectId::parse(address).unwrap() };
        let objects = ["s3://one/a", "s3://two/b", "s3://one/c\n", "s3://one/d"].map(at);
        let alone = DeleteAnswer::Done { delete_marker: false, version_id: Some("v1".into()) };
        let script = Script {
            batches: vec![all_deleted(&["d", "a"]), all_deleted(&["b"])].into(),
            ..script((0..4).map(|_| evidence(there())).collect(), (0..4).map(|_| gone()).collect(), vec![alone])
        };
        let told = Told::default();
        let events = events(planned(policy(Mode::Permanent, true), &objects), execution(&script, &told, false));
        assert_eq!(events.len(), 4);
        for (event, object) in events.iter().zip(&objects) {
            let Event::Ended(entry) = event else { panic!("{event:?}") };
            assert_eq!((entry.outcome, &entry.key), (Outcome::VersionDeleted, &object.key));
        }
        assert_eq!(*script.sent_batches.lock().unwrap(), [vec!["a", "d"], vec!["b"]]);
        let expected = [
            "intent c\n",
            "version-deleted c\n",
            "intent a d",
            "version-deleted a",
            "version-deleted d",
            "intent b",
            "version-deleted b",
        ];
        assert_eq!(*told.0.lock().unwrap(), expected);
    }

    #[test]
    fn what_was_not_ordered_is_told() {
        let foreign = KeyAnswer {
            key: "stranger".into(),
            version_id: Some("v9".into()),
            result: KeyResult::Deleted { delete_marker: false },
        };
        let BatchAnswer::Listed(mut listed) = deleted(Some("v1"), false) else { unreachable!() };
        listed.push(foreign);
        let script = batches(vec![evidence(there())], vec![gone()], vec![BatchAnswer::Listed(listed)]);
        let events = events(approved(policy(Mode::Permanent, true), &["v1"]), execution(&script, &(), false));
        let [Event::Ended(entry), Event::Foreign(what)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((entry.outcome, what.as_str()), (Outcome::VersionDeleted, "s3://bucket/stranger (version v9)"));
    }

    #[test]
    fn one_that_stayed_lets_all_be_looked_at_again() {
        // The thousand-and-first of these is not looked at, the thousand-and-second stays.
        let versions: Vec<String> = (0..1202).map(|n| format!("v{n}")).collect();
        let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
        let head = |version: &str| {
            Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some(version.into()), ..completed() })))
        };
        let looks = (0..1000)
            .map(|_| marker())
            .chain([marker(), marker()]) // 1000, 1100: one in a hundred
            .chain([head("v1200"), marker()]) // 1200 stayed: 1201 is looked at as well
            .chain((1001..1200).filter(|n| n % 100 != 0).map(|n| if n == 1007 { head("v1007") } else { marker() }))
            .collect();
        let script = script(vec![], looks, (0..1202).map(|_| made()).collect());
        let events = events(approved(policy(Mode::Hide, false), &versions), execution(&script, &(), false));
        assert!(script.looks.lock().unwrap().is_empty(), "every scripted look was taken");
        assert_eq!(events.len(), 1203);
        let unknown = |event: &&Event| matches!(event, Event::Ended(entry) if entry.outcome == Outcome::Unknown);
        assert_eq!(events.iter().filter(unknown).count(), 1);
        let Some(Event::Corrected { before, entry }) = events.last() else { panic!("{:?}", events.last()) };
        assert_eq!((before, entry.outcome), (&Outcome::MarkerCreated, Outcome::Unknown));
        assert_eq!(entry.version_id.as_deref(), Some("v1007"));
    }

    #[test]
    fn a_marker_that_no_head_and_no_listing_shows_is_unknown() {
        let table = [
            (Ok(Some("v1".to_owned())), Outcome::MarkerCreated),
            (Ok(Some("v2".to_owned())), Outcome::Unknown),
            (Ok(None), Outcome::Unknown),
            (Err(failure(Some(403))), Outcome::Unknown),
        ];
        for (at, (hidden, outcome)) in table.into_iter().enumerate() {
            let script = Script { hidden: vec![hidden].into(), ..script(vec![], vec![gone()], vec![made()]) };
            let entry = run_plan(approved(policy(Mode::Hide, false), &["v1"]), &script, false).remove(0);
            assert_eq!(entry.outcome, outcome, "row {at}");
        }
    }

    #[test]
    fn where_no_look_is_wanted_s3s_word_stands() {
        let script = script(vec![], vec![], vec![made()]);
        let execution = Execution { verify: VerifyDeleted::None, ..execution(&script, &(), false) };
        let events = events(approved(policy(Mode::Hide, false), &["v1"]), execution);
        assert!(matches!(&events[..], [Event::Ended(entry)] if entry.outcome == Outcome::MarkerCreated));
    }

    #[test]
    fn a_journal_that_can_t_be_written_stops_the_run_before_the_next_request() {
        for mode in [Mode::Hide, Mode::Permanent] {
            let checks = if mode == Mode::Permanent { vec![evidence(there())] } else { vec![] };
            let script = script(checks, vec![], vec![]);
            let journal = Told(Mutex::default(), true);
            let mut summary = Summary::default();
            for event in events(approved(policy(mode, false), &["v1", "v2"][..1]), execution(&script, &journal, false))
            {
                let Event::Ended(entry) = event else { panic!("{event:?}") };
                assert_eq!((entry.outcome, entry.error.is_some()), (Outcome::NotAttempted, true));
                summary.count(&entry);
            }
            assert!(script.sent.lock().unwrap().is_empty() && script.sent_batches.lock().unwrap().is_empty());
            assert_eq!(summary.status(), crate::exit::ExitStatus::Unknown);
        }
    }

    #[test]
    fn what_was_checked_before_consent_was_thought_over_is_checked_again() {
        // All are checked in second 0.
        for (seconds, checks, looks, reason) in
            [(0, vec![], vec![marker()], "completed"), (1, vec![evidence(newer())], vec![], "changed-since-check")]
        {
            let script = script(checks, looks, vec![made()]);
            let not_before = Timestamp::from_second(seconds).unwrap();
            let execution = Execution { not_before, ..execution(&script, &(), false) };
            let events = events(approved(policy(Mode::Hide, false), &["v1"]), execution);
            assert!(matches!(&events[..], [Event::Ended(entry)] if entry.reason == reason), "{seconds}: {events:?}");
        }
    }

    #[test]
    fn the_last_that_destinations_answered_is_told() {
        use DestinationVerdict::{InSync, Missing};
        let replicas = |replicas| Evidence { replicas: Some(replicas), ..evidence(there()) };
        let table = [
            (replicas(Ok(vec![destination(Missing)])), "replica-missing", Missing),
            (replicas(Err(failure(None))), "replica-unknown", InSync),
        ];
        for (check, reason, last) in table {
            let policy = Policy { verify_replica: true, ..policy(Mode::Hide, false) };
            let entry = run_plan(approved(policy, &["v1"]), &script(vec![check], vec![], vec![]), true).remove(0);
            assert_eq!((entry.reason.as_str(), entry.destinations), (reason, vec![destination(last)]));
        }
    }

    #[test]
    fn a_check_that_asks_fewer_destinations_than_the_plan_keeps_the_version() {
        let named = |bucket: &str| Destination { bucket: bucket.into(), ..destination(DestinationVerdict::InSync) };
        let asked = |buckets: &[&str]| Evidence {
            replicas: Some(Ok(buckets.iter().map(|bucket| named(bucket)).collect())),
            ..evidence(there())
        };
        let table = [
            (vec!["dst", "other"], "completed"),
            (vec!["other", "more", "dst"], "completed"),
            (vec!["dst"], "replica-unknown"),
            (vec!["other"], "replica-unknown"),
        ];
        for (now, reason) in table {
            let mut planner =
                Planner::new(Policy { verify_replica: true, ..policy(Mode::Permanent, true) }, File::default());
            planner.add(&object(Some("v1")), &asked(&["dst", "other"])).unwrap();
            let plan = planner.finish().unwrap();
            let consent = plan.asks_for();
            let is_kept = reason != "completed";
            let looks = if is_kept { vec![] } else { vec![gone()] };
            let script = batches(vec![asked(&now)], looks, vec![all_deleted(&["key"])]);
            let entry = run_plan(plan.approve(consent).unwrap(), &script, false).remove(0);
            assert_eq!((entry.reason.as_str(), entry.outcome == Outcome::Kept), (reason, is_kept), "{now:?}");
        }
    }

    #[test]
    fn what_was_answered_in_two_ways_is_checked_again() {
        let failed = ObjectHead { replication_status: ReplicationStatus::of_header("FAILED"), ..completed() };
        let failed = evidence(Ok(HeadAnswer::Object(Box::new(failed))));
        let mut planner = Planner::new(policy(Mode::Hide, false), File::default());
        planner.add(&object(None), &evidence(there())).unwrap();
        planner.add(&object(Some("v1")), &failed).unwrap();
        let plan = planner.finish().unwrap();
        let consent = plan.asks_for();
        let script = script(vec![failed], vec![], vec![]);
        let entries = run_plan(plan.approve(consent).unwrap(), &script, false);
        let reasons: Vec<&str> = entries.iter().map(|entry| entry.reason.as_str()).collect();
        assert_eq!(reasons, ["changed-since-check", "duplicate"]);
    }

    #[test]
    fn what_an_unbound_marker_hides_is_told_and_how_to_undo_it() {
        let table = [
            (Ok(Some("v1".to_owned())), None),
            (Ok(Some("v2".to_owned())), Some(("NewerVersionHidden", None))),
            (Ok(None), Some(("HiddenVersionUnknown", None))),
            (Err(failure(Some(403))), Some(("HiddenVersionUnknown", Some(403)))),
        ];
        for (at, (hidden, error)) in table.into_iter().enumerate() {
            let script = Script { hidden: vec![hidden].into(), ..script(vec![], vec![marker()], vec![made()]) };
            let entry = run_plan(approved(policy(Mode::Hide, true), &["v1"]), &script, false).remove(0);
            assert_eq!(entry.outcome, Outcome::MarkerCreated, "row {at}");
            assert_eq!(entry.error.as_ref().map(|it| (it.code.as_str(), it.http_status)), error, "row {at}");
            if let Some(error) = entry.error {
                assert!(error.hint.unwrap().contains("undo m1"), "row {at}");
            }
        }
    }

    #[test]
    fn a_bucket_is_looked_at_before_each_marker_however_fresh_its_check() {
        let script = script(vec![], vec![], vec![]);
        script.bucket.lock().unwrap().versioning = Ok(Versioning::Suspended);
        let entry = run_plan(approved(policy(Mode::Hide, false), &["v1"]), &script, false).remove(0);
        assert_eq!((entry.outcome, entry.reason.as_str()), (Outcome::Kept, "bucket-not-versioned"));
    }

    #[test]
    fn an_aged_check_is_made_again_by_the_same_rule() {
        let travels = ReplicationRule { delete_marker_replication: true, ..ReplicationRule::to("dst") };
        let rules = ReplicationRules { rules: vec![travels], version_deletes_replicate: false };
        let failed = ObjectHead { replication_status: ReplicationStatus::of_header("FAILED"), ..completed() };
        let other_bytes = ObjectHead { etag: Some("e2".into()), ..completed() };
        let table = [
            (evidence(there()), Outcome::MarkerCreated, "completed"),
            (evidence(newer()), Outcome::Kept, "changed-since-check"),
            (evidence(marker()), Outcome::Kept, "changed-since-check"),
            (evidence(gone()), Outcome::Kept, "changed-since-check"),
            (evidence(Ok(HeadAnswer::Object(Box::new(failed)))), Outcome::Kept, "changed-since-check"),
            (evidence(Ok(HeadAnswer::Object(Box::new(other_bytes)))), Outcome::Kept, "changed-since-check"),
            (
                Evidence {
                    bucket: BucketFacts { versioning: Ok(Versioning::Suspended), ..facts() },
                    ..evidence(there())
                },
                Outcome::Kept,
                "bucket-not-versioned",
            ),
            (
                Evidence { bucket: BucketFacts { rules: Ok(rules), ..facts() }, ..evidence(there()) },
                Outcome::Kept,
                "marker-replicates",
            ),
            (
                Evidence {
                    bucket: BucketFacts { versioning: Err(failure(Some(403))), ..facts() },
                    ..evidence(there())
                },
                Outcome::Denied,
                "completed",
            ),
        ];
        for (at, (check, outcome, reason)) in table.into_iter().enumerate() {
            let looks = if outcome == Outcome::MarkerCreated { vec![marker()] } else { vec![] };
            let script = script(vec![check], looks, vec![made()]);
            let entry = run_plan(approved(policy(Mode::Hide, false), &["v1"]), &script, true).remove(0);
            assert_eq!((entry.outcome, entry.reason.as_str()), (outcome, reason), "row {at}");
            assert_eq!(script.sent.lock().unwrap().is_empty(), outcome != Outcome::MarkerCreated, "row {at}");
        }
    }

    #[test]
    fn another_server_is_asked_first_whether_it_honours_if_match() {
        use Condition::{Checked, Impossible, None as Unbound};
        use DeleteAnswer as A;
        let (mismatch, unsupported) = (|| A::Mismatch(failure(Some(412))), || A::Unsupported(failure(Some(501))));
        let denied = || A::Denied(failure(Some(403)));
        type Row = (bool, Vec<DeleteAnswer>, usize, Vec<Condition>, [&'static str; 2]);
        let table: Vec<Row> = vec![
            (
                false,
                vec![mismatch(), made(), made()],
                2,
                vec![Impossible, Checked, Checked],
                ["marker-created", "marker-created"],
            ),
            (false, vec![made()], 1, vec![Impossible], ["marker-created", "kept"]),
            (true, vec![made(), made()], 2, vec![Impossible, Unbound], ["marker-created", "marker-created"]),
            (false, vec![unsupported()], 0, vec![Impossible], ["kept", "kept"]),
            (
                true,
                vec![unsupported(), made(), made()],
                2,
                vec![Impossible, Unbound, Unbound],
                ["marker-created", "marker-created"],
            ),
            (
                false,
                vec![denied(), mismatch(), made()],
                1,
                vec![Impossible, Impossible, Checked],
                ["denied", "marker-created"],
            ),
            (false, vec![denied(), denied()], 0, vec![Impossible, Impossible], ["denied", "denied"]),
        ];
        for (at, (allow_unconditional, answers, looks, sent, outcomes)) in table.into_iter().enumerate() {
            let unbound = sent.iter().filter(|condition| **condition == Unbound).count();
            let through = usize::from(matches!(answers.first(), Some(A::Done { .. })));
            let script = Script {
                hidden: (0..unbound + through).map(|_| Ok(None)).collect::<Vec<_>>().into(),
                ..script(vec![], (0..looks).map(|_| marker()).collect(), answers)
            };
            let policy = Policy { allow_unconditional, ..policy(Mode::Hide, true) };
            let entries = run_plan(approved(policy, &["v1", "v3"]), &script, false);
            assert_eq!([entries[0].outcome.word(), entries[1].outcome.word()], outcomes, "row {at}");
            assert_eq!(*script.sent.lock().unwrap(), sent, "row {at}");
        }
    }

    #[test]
    fn a_stop_sends_nothing_more() {
        for (mode, custom_endpoint) in [(Mode::Hide, false), (Mode::Hide, true), (Mode::Permanent, true)] {
            let script = script(vec![], vec![], vec![]);
            let execution = Execution { stop: &|| true, ..execution(&script, &(), false) };
            let events = events(approved(policy(mode, custom_endpoint), &["v1"]), execution);
            assert!(matches!(&events[..], [Event::Ended(entry)] if entry.outcome == Outcome::NotAttempted));
            assert!(script.sent.lock().unwrap().is_empty() && script.sent_batches.lock().unwrap().is_empty());
        }
    }

    #[test]
    fn a_stop_while_intents_are_written_takes_them_back() {
        for (mode, custom_endpoint) in [(Mode::Hide, false), (Mode::Hide, true), (Mode::Permanent, true)] {
            let checks = if mode == Mode::Permanent { vec![evidence(there())] } else { vec![] };
            let (script, told) = (script(checks, vec![], vec![]), Told::default());
            let execution =
                Execution { stop: &|| !told.0.lock().unwrap().is_empty(), ..execution(&script, &told, false) };
            let events = events(approved(policy(mode, custom_endpoint), &["v1"]), execution);
            let [Event::Ended(entry)] = &events[..] else { panic!("{events:?}") };
            assert_eq!((entry.outcome, &entry.error), (Outcome::NotAttempted, &None));
            assert_eq!(*told.0.lock().unwrap(), ["intent key", "not-attempted key"]);
        }
    }
}
