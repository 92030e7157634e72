//! Lookups after an answer, the journal, and a run that is stopped.

use super::*;

#[test]
fn where_an_answer_says_nothing_the_message_says_what_was_seen_instead() {
    let table = [
        (Hide, marker(), "x; lookup: a delete marker hides it now, from this request or another one"),
        (Hide, there(), "x; lookup: the version still exists"),
        (Hide, gone(), "x; a lookup did not show the outcome"),
        (Permanent, gone(), "x; lookup: the version is gone"),
    ];
    for (at, (mode, look, message)) in table.into_iter().enumerate() {
        let answer = || DeleteAnswer::Errored(failure(Some(500)));
        let checks = if mode == Permanent { vec![evidence(there())] } else { vec![] };
        let script = ScriptedDeleter {
            batches: vec![BatchAnswer::All(answer())].into(),
            ..script(checks, vec![look], vec![answer()])
        };
        let entry = run_one(policy(mode, false), &script);
        assert_eq!(entry.marker_from_lookup, entry.outcome == O::MarkerCreated, "row {at}: it may be another's");
        let error = entry.error.unwrap();
        assert_eq!((error.message.as_str(), error.http_status), (message, Some(500)), "row {at}");
    }
}

#[test]
fn one_that_stayed_lets_all_be_looked_at_again() {
    // The thousand-and-first of these is not looked at, the thousand-and-second stays.
    let versions: Vec<String> = (0..1202).map(|n| format!("v{n}")).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let looks = (0..1000)
        .map(|_| marker())
        .chain([marker(), marker()]) // 1000, 1100: one in a hundred
        .chain([version_head("v1200"), marker()]) // 1200 stayed: 1201 is looked at as well
        .chain((1001..1200).filter(|n| n % 100 != 0).map(|n| if n == 1007 { version_head("v1007") } else { marker() }))
        .collect();
    let script = script(vec![], looks, (0..1202).map(|_| made()).collect());
    let events = events(approved(policy(Hide, false), &versions), execution(&script, NO_JOURNAL, false));
    assert!(script.looks.lock().unwrap().is_empty(), "every scripted look was taken");
    assert_eq!(events.len(), 1203);
    let unknown = |event: &&DeleteEvent| matches!(event, DeleteEvent::Ended(entry) if entry.outcome == O::Unknown);
    assert_eq!(events.iter().filter(unknown).count(), 1);
    let Some(DeleteEvent::Corrected { before, entry }) = events.last() else { panic!("{:?}", events.last()) };
    assert_eq!((before, entry.outcome), (&O::MarkerCreated, O::Unknown));
    assert_eq!(entry.version_id.as_deref(), Some("v1007"));
}

#[test]
fn lookups_that_fail_are_counted() {
    let looks = [Some(403), Some(500), Some(403), None].map(|status| Err(failure(status)));
    let script = script(vec![], [vec![marker()], looks.to_vec()].concat(), (0..5).map(|_| made()).collect());
    let plan = approved(policy(Hide, false), &["v1", "v2", "v3", "v4", "v5"]);
    let events = events(plan, execution(&script, NO_JOURNAL, false));
    let done = |event: &&DeleteEvent| matches!(event, DeleteEvent::Ended(entry) if entry.outcome == O::MarkerCreated);
    assert_eq!((events.iter().filter(done).count(), events.len()), (5, 6));
    let counted = FailedLookups { refused: 2, failed: 2, example: Some(failure(Some(500))) };
    assert_eq!(events.last(), Some(&DeleteEvent::NotLookedUp(counted)));
}

#[test]
fn where_no_look_is_wanted_s3s_word_stands() {
    let script = script(vec![], vec![], vec![made()]);
    let execution = DeleteExecution { verify: VerifyDeleted::None, ..execution(&script, NO_JOURNAL, false) };
    let events = events(approved(policy(Hide, false), &["v1"]), execution);
    let entry = only(events);
    assert_eq!((entry.outcome, entry.marker_from_lookup), (O::MarkerCreated, false));
}

#[test]
fn an_order_of_an_earlier_run_that_is_kept_now_stays_open() {
    for mode in [Hide, Permanent] {
        let mut planner = DeletionPlanner::new(policy(mode, false), MemoryFile::default());
        planner.add_from(&object(Some("v1")), &evidence(there()), ObjectOrigin::Resumed).unwrap();
        let plan = approve(planner);
        let failed = evidence(status_head("FAILED"));
        let (script, noted) = (script(vec![failed], vec![there()], vec![]), RecordingJournal::default());
        let events = events(
            plan,
            DeleteExecution { not_before: Some(moment(u32::MAX)), ..execution(&script, Some(&noted), false) },
        );
        assert_eq!(only(events).outcome, O::Kept);
        assert_eq!(*noted.0.lock().unwrap(), ["open"], "{mode:?}");
    }
}

#[test]
fn a_refusal_of_what_an_earlier_run_may_have_done_is_looked_up() {
    let mismatch = || DeleteAnswer::Mismatch(failure(Some(412)));
    let table = [
        (marker(), O::MarkerCreated, true),
        (newer(), O::Unknown, false),
        (Err(failure(None)), O::Unknown, false),
        // As it was before: another request changed it, and changed it back.
        (there(), O::Kept, false),
    ];
    for (at, (look, outcome, is_from_lookup)) in table.into_iter().enumerate() {
        let mut planner = DeletionPlanner::new(policy(Hide, false), MemoryFile::default());
        planner.add_from(&object(Some("v1")), &evidence(there()), ObjectOrigin::Resumed).unwrap();
        let entry = run_plan(approve(planner), &script(vec![], vec![look], vec![mismatch()]), false).remove(0);
        assert_eq!((entry.outcome, entry.marker_from_lookup), (outcome, is_from_lookup), "row {at}");
    }
}

#[test]
fn a_journal_that_can_t_be_written_stops_the_run_before_the_next_request() {
    for mode in [Hide, Permanent] {
        let checks = if mode == Permanent { vec![evidence(there())] } else { vec![] };
        let script = script(checks, vec![], vec![]);
        let journal = RecordingJournal(Mutex::default(), true);
        let mut summary = DeleteSummary::default();
        for event in
            events(approved(policy(mode, false), &["v1", "v2"][..1]), execution(&script, Some(&journal), false))
        {
            let DeleteEvent::Ended(entry) = event else { panic!("{event:?}") };
            assert_eq!((entry.outcome, entry.error.is_some()), (O::NotAttempted, true));
            summary.count(&entry);
        }
        assert!(script.sent_nothing());
        assert_eq!(summary.counts.status(), crate::exit::ExitStatus::Unknown);
    }
}

#[test]
fn a_stop_sends_nothing_more() {
    for (mode, custom_endpoint) in [(Hide, false), (Hide, true), (Permanent, true)] {
        let script = script(vec![], vec![], vec![]);
        let execution = DeleteExecution { stop: &|| true, ..execution(&script, NO_JOURNAL, false) };
        let events = events(approved(policy(mode, custom_endpoint), &["v1"]), execution);
        assert_eq!(only(events).outcome, O::NotAttempted);
        assert!(script.sent_nothing());
    }
}

#[test]
fn a_stop_while_intents_are_written_takes_them_back() {
    for (mode, custom_endpoint) in [(Hide, false), (Hide, true), (Permanent, true)] {
        let checks = if mode == Permanent { vec![evidence(there())] } else { vec![] };
        let (script, noted) = (script(checks, vec![], vec![]), RecordingJournal::default());
        let execution = DeleteExecution {
            stop: &|| !noted.0.lock().unwrap().is_empty(),
            ..execution(&script, Some(&noted), false)
        };
        let entry = only(events(approved(policy(mode, custom_endpoint), &["v1"]), execution));
        assert_eq!((entry.outcome, &entry.error), (O::NotAttempted, &None));
        assert_eq!(*noted.0.lock().unwrap(), ["intent key", "not-attempted key"]);
    }
}
