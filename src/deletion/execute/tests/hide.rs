//! Orders to hide: every answer, the probe for If-Match, and what a marker hides.

use super::*;

#[test]
fn hiding_ends_in_exactly_one_true_outcome() {
    use DeleteAnswer as A;
    let bare = || A::Done { delete_marker: false, version_id: None };
    let null = || A::Done { delete_marker: true, version_id: Some("null".into()) };
    let itself = || A::Done { delete_marker: true, version_id: Some("v1".into()) };
    let table = [
        (vec![marker()], made(), O::MarkerCreated, Some("m1")),
        (vec![Err(failure(Some(403)))], made(), O::MarkerCreated, Some("m1")),
        // If this answer is old, the marker exists: its ID is reported.
        (vec![there()], made(), O::Unknown, Some("m1")),
        // The id of the checked version cannot be that of a new marker.
        (vec![marker()], itself(), O::MarkerCreated, Some("m1")),
        (vec![there()], itself(), O::Unknown, None),
        (vec![Ok(HeadAnswer::DeleteMarker { version_id: Some("v1".into()) })], itself(), O::Unknown, None),
        (vec![], null(), O::Unknown, Some("null")),
        // Some servers leave the ID out.
        (vec![marker()], A::Done { delete_marker: true, version_id: None }, O::MarkerCreated, Some("m1")),
        (vec![there()], A::Done { delete_marker: true, version_id: None }, O::Unknown, None),
        (vec![gone()], bare(), O::Unknown, None),
        (vec![marker()], bare(), O::MarkerCreated, Some("m1")),
        (vec![], A::Mismatch(failure(Some(412))), O::Kept, None),
        (vec![], A::Conflict(failure(Some(409))), O::Kept, None),
        (vec![], A::Absent(failure(Some(404))), O::Kept, None),
        (vec![], A::Unsupported(failure(Some(501))), O::Kept, None),
        // A gateway may have forwarded the request before it refused it.
        (vec![there()], A::MismatchByGateway(failure(Some(412))), O::Kept, None),
        (vec![newer()], A::MismatchByGateway(failure(Some(412))), O::Kept, None),
        (vec![marker(), marker()], A::MismatchByGateway(failure(Some(412))), O::MarkerCreated, Some("m1")),
        (vec![gone(), gone()], A::MismatchByGateway(failure(Some(412))), O::Unknown, None),
        (vec![there()], A::UnsupportedByGateway(failure(Some(501))), O::Kept, None),
        (vec![marker(), marker()], A::UnsupportedByGateway(failure(Some(501))), O::MarkerCreated, Some("m1")),
        (vec![], A::Denied(failure(Some(403))), O::Denied, None),
        (vec![], A::NoEffect(failure(Some(503))), O::Failed, None),
        (vec![there()], A::Errored(failure(Some(500))), O::Failed, None),
        (vec![newer()], A::Errored(failure(Some(500))), O::Unknown, None),
        (vec![there()], A::Lost(failure(Some(504))), O::Unknown, None),
        (vec![there()], A::Lost(failure(Some(200))), O::Unknown, None),
        (vec![there()], A::Lost(failure(None)), O::Unknown, None),
        (vec![marker()], A::Lost(failure(None)), O::MarkerCreated, Some("m1")),
        (vec![gone()], A::Lost(failure(None)), O::Unknown, None),
        (vec![Ok(HeadAnswer::DeleteMarker { version_id: None })], A::Lost(failure(None)), O::Unknown, None),
        (
            vec![Ok(HeadAnswer::DeleteMarker { version_id: Some("null".into()) })],
            A::Lost(failure(None)),
            O::Unknown,
            None,
        ),
        (vec![Err(failure(None))], A::Lost(failure(None)), O::Unknown, None),
    ];
    for (at, (looks, answer, outcome, new_marker)) in table.into_iter().enumerate() {
        let script = script(vec![], looks, vec![answer]);
        let entry = run_one(policy(Hide, false), &script);
        assert_eq!((entry.outcome, entry.new_marker_version_id.as_deref()), (outcome, new_marker), "row {at}");
        assert_eq!(*script.sent.lock().unwrap(), [IfMatch::Checked], "row {at}: sent once, bound");
        assert_eq!(entry.decision == Decision::Keep, entry.outcome == O::Kept, "row {at}");
    }
}

#[test]
fn another_server_is_asked_first_whether_it_supports_if_match() {
    use DeleteAnswer as A;
    use IfMatch::{Checked, Impossible, None as Unbound};
    let (mismatch, unsupported) = (|| A::Mismatch(failure(Some(412))), || A::Unsupported(failure(Some(501))));
    let denied = || A::Denied(failure(Some(403)));
    type ProbeCase = (bool, Vec<DeleteAnswer>, usize, Vec<IfMatch>, [&'static str; 2]);
    let table: Vec<ProbeCase> = vec![
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
        let script = ScriptedDeleter {
            hidden: (0..unbound + through).map(|_| Ok(None)).collect::<Vec<_>>().into(),
            ..script(vec![], (0..looks).map(|_| marker()).collect(), answers)
        };
        let policy = Policy { allow_unconditional, ..policy(Hide, true) };
        let entries = run_plan(approved(policy, &["v1", "v3"]), &script, false);
        assert_eq!([entries[0].outcome.word(), entries[1].outcome.word()], outcomes, "row {at}");
        assert_eq!(*script.sent.lock().unwrap(), sent, "row {at}");
    }
}

#[test]
fn a_412_of_a_gateway_shows_that_if_match_is_supported_only_if_the_object_is_still_there() {
    use IfMatch::{Checked, Impossible};
    let refused = || DeleteAnswer::MismatchByGateway(failure(Some(412)));
    let table = [
        (vec![there(), marker()], vec![refused(), made()], vec![], vec![Impossible, Checked]),
        (vec![marker(), marker()], vec![refused()], vec![Ok(Some("v1".to_owned()))], vec![Impossible]),
    ];
    for (looks, answers, hidden, sent) in table {
        let script = ScriptedDeleter { hidden: hidden.into(), ..script(vec![], looks, answers) };
        let entry = run_one(policy(Hide, true), &script);
        assert_eq!(entry.outcome, O::MarkerCreated);
        assert_eq!(*script.sent.lock().unwrap(), sent);
    }
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
        let script = ScriptedDeleter { hidden: vec![hidden].into(), ..script(vec![], vec![marker()], vec![made()]) };
        let entry = run_one(policy(Hide, true), &script);
        assert_eq!(entry.outcome, O::MarkerCreated, "row {at}");
        assert_eq!(entry.error.as_ref().map(|it| (it.code.as_str(), it.http_status)), error, "row {at}");
        if let Some(error) = entry.error {
            assert!(error.hint.unwrap().contains("undo m1"), "row {at}");
        }
    }
}

#[test]
fn of_a_marker_that_may_be_another_requests_nobody_says_how_it_was_sent_or_removes_it() {
    let lookup = "x; lookup: a delete marker hides it now, from this request or another one";
    let table = [
        (Ok(Some("v1".to_owned())), "X", "", OutcomeClass::Changed),
        (
            Ok(Some("v2".to_owned())),
            "NewerVersionHidden",
            "; it hides version v2, which is not the one that was checked",
            OutcomeClass::Unknown,
        ),
        (
            Ok(None),
            "HiddenVersionUnknown",
            "; the version listing does not show which version it hides",
            OutcomeClass::Unknown,
        ),
        (
            Err(failure(Some(403))),
            "HiddenVersionUnknown",
            "; the version that it hides is not known: x",
            OutcomeClass::Unknown,
        ),
    ];
    for (at, (hidden, code, shown, class)) in table.into_iter().enumerate() {
        let lost = DeleteAnswer::Lost(failure(None));
        let script = ScriptedDeleter { hidden: vec![hidden].into(), ..script(vec![], vec![marker()], vec![lost]) };
        let entry = run_one(policy(Hide, true), &script);
        assert_eq!(
            (entry.outcome, entry.marker_from_lookup, entry.class()),
            (O::MarkerCreated, true, class),
            "row {at}"
        );
        let error = entry.error.unwrap();
        assert_eq!((error.code.as_str(), error.message), (code, format!("{lookup}{shown}")), "row {at}");
        assert!(!error.hint.unwrap_or_default().contains("undo"), "row {at}: it may not be ours to remove");
    }
}

#[test]
fn a_marker_that_no_head_and_no_listing_shows_is_unknown() {
    let table = [
        (Ok(Some("v1".to_owned())), O::MarkerCreated),
        (Ok(Some("v2".to_owned())), O::Unknown),
        (Ok(None), O::Unknown),
        (Err(failure(Some(403))), O::Unknown),
    ];
    for (at, (hidden, outcome)) in table.into_iter().enumerate() {
        let script = ScriptedDeleter { hidden: vec![hidden].into(), ..script(vec![], vec![gone()], vec![made()]) };
        let entry = run_one(policy(Hide, false), &script);
        assert_eq!(entry.outcome, outcome, "row {at}");
    }
}

#[test]
fn if_a_refused_delete_may_have_been_sent_twice_the_error_names_the_marker() {
    use DeleteAnswer as A;
    let refused = |status| vec![A::Mismatch(failure(Some(412))), status];
    let table = [
        (true, A::Mismatch(failure(Some(412))), marker(), true),
        (true, A::Conflict(failure(Some(409))), marker(), true),
        (true, A::Absent(failure(Some(404))), marker(), true),
        (true, A::Mismatch(failure(Some(412))), newer(), false),
        (true, A::Mismatch(failure(Some(412))), Err(failure(None)), false),
    ];
    for (at, (custom_endpoint, answer, look, names_it)) in table.into_iter().enumerate() {
        // The first answer shows that the server supports If-Match.
        let script = script(vec![], vec![look], refused(answer));
        let entry = run_one(policy(Hide, custom_endpoint), &script);
        assert_eq!((entry.outcome, entry.new_marker_version_id), (O::Kept, None), "row {at}");
        let message = entry.error.unwrap().message;
        assert_eq!(message.contains("lookup: delete marker m1 hides it now"), names_it, "row {at}: {message}");
    }
    // On AWS nothing is looked up.
    let entry = run_one(policy(Hide, false), &script(vec![], vec![], vec![A::Mismatch(failure(Some(412)))]));
    assert_eq!(entry.outcome, O::Kept);
}

#[test]
fn if_something_else_is_current_the_marker_is_looked_up() {
    let other_marker = |id: &str| Ok(HeadAnswer::DeleteMarker { version_id: Some(id.into()) });
    let (exists, absent) = (|| Ok(MarkerLook::Marker), || Ok(MarkerLook::Absent));
    let table = [
        // Uploaded, or hidden again, after the delete.
        (newer(), exists(), O::MarkerCreated),
        (other_marker("m2"), exists(), O::MarkerCreated),
        // The older version, or an older marker: the server removed the version.
        (version_head("v0"), absent(), O::Unknown),
        (other_marker("m0"), absent(), O::Unknown),
        (version_head("v0"), Ok(MarkerLook::Version), O::Unknown),
        // S3's own word counts if the marker can't be looked up.
        (newer(), Err(failure(Some(403))), O::MarkerCreated),
    ];
    let of_another_server = [(newer(), exists(), O::MarkerCreated), (newer(), Err(failure(Some(403))), O::Unknown)];
    let cases = table.into_iter().map(|case| (false, case)).chain(of_another_server.map(|case| (true, case)));
    for (at, (custom_endpoint, (look, marker_look, outcome))) in cases.enumerate() {
        // The first answer shows that the server supports If-Match.
        let answers =
            if custom_endpoint { vec![DeleteAnswer::Mismatch(failure(Some(412))), made()] } else { vec![made()] };
        let script = ScriptedDeleter { marker_looks: vec![marker_look].into(), ..script(vec![], vec![look], answers) };
        let entry = run_one(policy(Hide, custom_endpoint), &script);
        assert_eq!((entry.outcome, entry.new_marker_version_id.as_deref()), (outcome, Some("m1")), "row {at}");
    }
}

#[test]
fn an_order_to_hide_waits_for_its_turn_behind_many_others() {
    for (late, outcome) in [(10, O::MarkerCreated), (1000, O::Failed)] {
        // What ages is the answer about the bucket; the object itself is checked again when a minute has passed.
        let checks = (0..300).map(|_| evidence(there())).collect();
        let script = ScriptedDeleter { late: Mutex::new(late), ..script(checks, vec![marker()], vec![made()]) };
        let events = events(approved(policy(Hide, false), &["v1"]), execution(&script, NO_JOURNAL, false));
        let [DeleteEvent::Ended(entry)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(entry.outcome, outcome, "{late}");
        assert_eq!(script.sent.lock().unwrap().len(), usize::from(outcome == O::MarkerCreated));
    }
}
