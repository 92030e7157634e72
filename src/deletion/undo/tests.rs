//! The rules of `undo`, without a server.

use std::io::Cursor;
use std::sync::Mutex;

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::json;

use super::candidate::MarkerTrace;
use super::decide::{MarkerVerdict, decide_marker};
use super::source::SourceError;
use super::*;
use crate::deletion::fixtures::{connection_to_aws as aws, failure, moment};
use crate::deletion::{
    DeleteAnswer, JournalError, JournalHeader, JournalReplay, JournalState, MarkerLook, UndoLines, header_line,
    record_of, undo_intent_line, undo_outcome_line,
};
use crate::exit::ExitStatus;
use crate::model::{Bucket, Failure, FailureKind, ObjectId, VersionId};

fn marker(id: &str) -> ObjectId {
    let version_id = Some(VersionId::new(id).unwrap());
    ObjectId { bucket: Bucket::new("bucket").unwrap(), key: "k".to_owned(), version_id }
}

fn candidate(key: &str, id: Option<&str>) -> UndoCandidate {
    UndoCandidate {
        trace: MarkerTrace::Created,
        bucket: "bucket".to_owned(),
        key: key.to_owned(),
        marker: id.map(str::to_owned),
        version: Some("v".to_owned()),
    }
}

fn check(look: Result<MarkerLook, Failure>) -> MarkerCheck {
    MarkerCheck { look, asked_at: moment(0) }
}

#[test]
fn only_what_was_seen_to_be_a_marker_may_be_removed() {
    use MarkerOutcome as O;
    let table = [
        ("m", Ok(MarkerLook::Version), O::Kept, Some(MarkerReason::NotAMarker)),
        ("m", Ok(MarkerLook::Absent), O::AlreadyAbsent, None),
        ("m", Err(failure(FailureKind::Denied)), O::Denied, None),
        ("m", Err(failure(FailureKind::Other)), O::Failed, None),
        ("null", Ok(MarkerLook::Marker), O::Kept, Some(MarkerReason::NullMarker)),
    ];
    for (id, look, outcome, reason) in table {
        let verdict = decide_marker(&marker(id), &check(look.clone()));
        let MarkerVerdict::Ended(found, why, _) = verdict else { panic!("{id} {look:?}: {verdict:?}") };
        assert_eq!((found, why), (outcome, reason), "{id} {look:?}");
    }
    let MarkerVerdict::Remove(order) = decide_marker(&marker("m"), &check(Ok(MarkerLook::Marker))) else {
        panic!("not removed")
    };
    assert_eq!((order.marker(), order.asked_at()), (&marker("m"), moment(0)));
}

#[test]
fn exit_codes_follow_effect_then_trouble_then_kept() {
    use MarkerOutcome as O;
    let table = [
        (vec![], ExitStatus::Yes),
        (vec![O::MarkerRemoved, O::AlreadyAbsent], ExitStatus::Yes),
        (vec![O::WouldRemove], ExitStatus::Yes),
        (vec![O::MarkerRemoved, O::Kept], ExitStatus::No),
        (vec![O::MarkerRemoved, O::Lost], ExitStatus::No),
        (vec![O::Lost], ExitStatus::No),
        (vec![O::NotAttempted], ExitStatus::No),
        (vec![O::Denied, O::AlreadyAbsent, O::Kept], ExitStatus::Unknown),
        (vec![O::Failed], ExitStatus::Unknown),
        (vec![O::MarkerRemoved, O::Denied], ExitStatus::Incomplete),
        (vec![O::MarkerRemoved, O::Failed], ExitStatus::Incomplete),
        (vec![O::Unknown], ExitStatus::Incomplete),
    ];
    for (outcomes, exit) in table {
        let mut summary = UndoSummary::default();
        for outcome in &outcomes {
            summary.count(&MarkerEntry { outcome: *outcome, ..MarkerEntry::of(&candidate("k", Some("m"))) });
        }
        assert_eq!(summary.counts.status(), exit, "{outcomes:?}");
        assert_eq!(summary.counts.objects, outcomes.len() as u64);
    }
    let mut unwritten = MarkerEntry::of(&candidate("k", Some("m")));
    unwritten.end(O::NotAttempted, None, Some(failure(FailureKind::Other)));
    let mut summary = UndoSummary::default();
    summary.count(&unwritten);
    assert_eq!(summary.counts.status(), ExitStatus::Unknown, "the journal could not be written");
}

#[test]
fn a_marker_that_a_lookup_showed_is_left_to_people() {
    let reported = json!({
        "bucket": "bucket", "key": "k", "version_id": "v", "replication_status": "COMPLETED", "decision": "delete",
        "reason": "completed", "outcome": "marker-created", "size": 1, "etag": "e", "new_marker_version_id": "m",
        "error": null, "destinations": [],
    });
    let mut lost = reported.clone();
    lost["marker_from_lookup"] = json!(true);
    // Before the field existed.
    let with_error = |code: &str| {
        let mut line = reported.clone();
        line["error"] = json!({"code": code, "http_status": null, "message": "m", "hint": null, "request_id": null});
        line
    };
    let (resumed, newer, unknown) =
        (with_error("Resumed"), with_error("NewerVersionHidden"), with_error("HiddenVersionUnknown"));
    // The marker of an answer that was lost, and later nothing was known of it any more.
    let mut doubted = lost.clone();
    doubted["outcome"] = json!("unknown");
    let mut nulled = lost.clone();
    nulled["new_marker_version_id"] = json!("null");
    use MarkerOutcome as O;
    let table = [
        (&reported, Ok(MarkerLook::Marker), O::WouldRemove, None),
        (&lost, Ok(MarkerLook::Marker), O::Kept, Some(MarkerReason::MaybeNotOurs)),
        (&resumed, Ok(MarkerLook::Marker), O::Kept, Some(MarkerReason::MaybeNotOurs)),
        (&doubted, Ok(MarkerLook::Marker), O::Kept, Some(MarkerReason::MaybeNotOurs)),
        (&newer, Ok(MarkerLook::Marker), O::WouldRemove, None),
        (&unknown, Ok(MarkerLook::Marker), O::WouldRemove, None),
        (&lost, Ok(MarkerLook::Version), O::Kept, Some(MarkerReason::NotAMarker)),
        (&lost, Ok(MarkerLook::Absent), O::AlreadyAbsent, None),
        (&lost, Err(failure(FailureKind::Denied)), O::Denied, None),
        (&nulled, Ok(MarkerLook::Marker), O::Kept, Some(MarkerReason::NullMarker)),
    ];
    for (line, look, outcome, reason) in table {
        let mut found = Vec::new();
        read_source(Cursor::new(line.to_string()), |candidate| {
            found.push(candidate.clone());
            Ok(())
        })
        .unwrap();
        let [candidate] = &found[..] else { panic!("{found:?}") };
        let check = candidate.needs_check().then(|| check(look.clone()));
        let mut planner = MarkerPlanner::new(Cursor::new(Vec::new()));
        planner.add(candidate, check.as_ref(), None).unwrap();
        let entries: Vec<MarkerEntry> = planner.finish().unwrap().refuse(None).map(Result::unwrap).collect();
        assert_eq!((entries[0].outcome, entries[0].reason), (outcome, reason), "{line} {look:?}");
    }
}

fn plan(ids: &[&str]) -> MarkerPlan<Cursor<Vec<u8>>> {
    let mut planner = MarkerPlanner::new(Cursor::new(Vec::new()));
    for id in ids {
        planner.add(&candidate("k", Some(id)), Some(&check(Ok(MarkerLook::Marker))), None).unwrap();
    }
    planner.finish().unwrap()
}

#[test]
fn consent_must_name_the_plans_own_number() {
    assert_eq!(plan(&["m", "null", "n"]).asks_for(), 2);
    assert!(plan(&["m"]).approve(2).is_err());
    assert!(plan(&["m"]).approve(1).is_ok());
    assert_eq!(plan(&["m", "null", "n"]).summary().counts.objects, 3);
    assert_eq!(plan(&["m"; 12]).first().len(), 10, "a prompt names the first of them");
    let refused: Vec<MarkerEntry> =
        plan(&["m", "null"]).refuse(Some(MarkerReason::OverLimit)).map(Result::unwrap).collect();
    let reasons: Vec<_> = refused.iter().map(|entry| entry.reason).collect();
    assert_eq!(reasons, [Some(MarkerReason::OverLimit), Some(MarkerReason::NullMarker)]);
}

#[test]
fn what_needs_no_check_is_decided_without() {
    let lost = UndoCandidate { trace: MarkerTrace::Lost, marker: None, ..candidate("lost", None) };
    let unsure = UndoCandidate { trace: MarkerTrace::Unsure, marker: None, ..candidate("unsure", None) };
    let null = candidate("null", Some("null"));
    let mut planner = MarkerPlanner::new(Cursor::new(Vec::new()));
    for candidate in [&lost, &unsure, &null] {
        assert!(!candidate.needs_check());
        planner.add(candidate, None, None).unwrap();
    }
    // A check that is missing never becomes an order.
    assert!(candidate("k", Some("m")).needs_check());
    planner.add(&candidate("k", Some("m")), None, None).unwrap();
    let plan = planner.finish().unwrap();
    assert_eq!(plan.asks_for(), 0);
}

/// Answers from two scripts, and counts what it is asked.
#[derive(Default)]
struct ScriptedRemover {
    looks: Mutex<Vec<Result<MarkerLook, Failure>>>,
    answers: Mutex<Vec<DeleteAnswer>>,
    current: Option<CurrentVersion>,
    removals: Mutex<u32>,
}

impl ScriptedRemover {
    fn new(looks: &[Result<MarkerLook, Failure>], answers: &[DeleteAnswer]) -> Self {
        let reversed = |looks: &[Result<MarkerLook, Failure>]| looks.iter().rev().cloned().collect();
        let answers = answers.iter().rev().cloned().collect();
        Self { looks: Mutex::new(reversed(looks)), answers: Mutex::new(answers), ..Self::default() }
    }
}

impl MarkerRemover for ScriptedRemover {
    async fn check(&self, _: &ObjectId) -> MarkerCheck {
        check(self.looks.lock().unwrap().pop().expect("one more check than expected"))
    }

    async fn remove(&self, _: &MarkerOrder) -> DeleteAnswer {
        *self.removals.lock().unwrap() += 1;
        self.answers.lock().unwrap().pop().expect("one more removal than expected")
    }

    async fn may_send_again(&self, sends: u32) -> bool {
        sends < 3
    }

    async fn current(&self, _: &ObjectId) -> CurrentVersion {
        self.current.clone().unwrap_or(CurrentVersion::Nothing)
    }
}

fn carried_out(script: &ScriptedRemover, journal: Option<&impl UndoJournal>) -> MarkerEntry {
    let plan = plan(&["m"]);
    let asked = plan.asks_for();
    let execution = UndoExecution { remover: script, journal, is_open: &|_| false, concurrency: 2, stop: &|| false };
    let entries = remove_markers(plan.approve(asked).unwrap(), execution);
    // The script answers at once.
    std::pin::pin!(entries).next().now_or_never().unwrap().unwrap().unwrap()
}

fn shown(look: char) -> Result<MarkerLook, Failure> {
    match look {
        'm' => Ok(MarkerLook::Marker),
        '-' => Ok(MarkerLook::Absent),
        'v' => Ok(MarkerLook::Version),
        _ => Err(failure(FailureKind::Other)),
    }
}

#[test]
fn every_answer_has_one_outcome() {
    use DeleteAnswer as A;
    use MarkerOutcome as O;
    let f = || failure(FailureKind::Other);
    let done = |delete_marker, id: Option<&str>| A::Done { delete_marker, version_id: id.map(str::to_owned) };
    // What each check shows (a marker, nothing, a version, or an error), what the removals answer, what becomes of the
    // marker.
    let table = [
        ("m", vec![done(true, Some("m"))], O::MarkerRemoved),
        ("m", vec![done(true, None)], O::MarkerRemoved),
        ("m", vec![done(true, Some("other"))], O::Unknown),
        ("m-", vec![done(false, None)], O::MarkerRemoved),
        ("mm", vec![done(false, Some("m"))], O::Unknown),
        ("m", vec![A::Denied(f())], O::Denied),
        ("m", vec![A::Mismatch(f())], O::Failed),
        ("m", vec![A::Conflict(f())], O::Failed),
        ("m", vec![A::Unsupported(f())], O::Failed),
        ("m", vec![A::NoEffect(f())], O::Failed),
        ("m-", vec![A::Absent(f())], O::MarkerRemoved),
        ("mm", vec![A::Absent(f())], O::Failed),
        ("m-", vec![A::Errored(f())], O::MarkerRemoved),
        ("mm", vec![A::Errored(f())], O::Failed),
        ("mv", vec![A::Errored(f())], O::Unknown),
        ("m-", vec![A::MismatchByGateway(f())], O::MarkerRemoved),
        ("mm", vec![A::MismatchByGateway(f())], O::Failed),
        ("m-", vec![A::UnsupportedByGateway(f())], O::MarkerRemoved),
        ("mm", vec![A::UnsupportedByGateway(f())], O::Failed),
        ("mm", vec![A::Lost(f())], O::Unknown),
        ("m?", vec![A::Lost(f())], O::Unknown),
        ("mm", vec![A::NotTaken(f()), done(true, Some("m"))], O::MarkerRemoved),
        ("mv", vec![A::NotTaken(f())], O::Kept),
        ("mmm", vec![A::NotTaken(f()), A::NotTaken(f()), A::NotTaken(f())], O::Failed),
        ("mmmm", vec![A::Aged, A::Aged, A::Aged, A::Aged], O::Failed),
    ];
    for (row, (looks, answers, outcome)) in table.into_iter().enumerate() {
        let looks: Vec<_> = looks.chars().map(shown).collect();
        let script = ScriptedRemover::new(&looks, &answers);
        let entry = carried_out(&script, NO_JOURNAL);
        assert_eq!(entry.outcome, outcome, "row {row}");
        let is_gone = outcome == O::MarkerRemoved;
        assert_eq!(entry.reason == Some(MarkerReason::NothingCurrent), is_gone, "row {row}");
        let looked = entry.error.is_some_and(|error| error.message.contains("lookup"));
        assert_eq!(looked, answers.len() + 1 == looks.len() && outcome != O::Kept, "row {row}");
        assert_eq!(*script.removals.lock().unwrap() as usize, answers.len(), "row {row}");
        assert!(script.looks.lock().unwrap().is_empty(), "row {row}");
    }
}

#[test]
fn a_marker_that_still_hides_the_key_was_not_removed() {
    let done = DeleteAnswer::Done { delete_marker: true, version_id: Some("m".to_owned()) };
    for (current, outcome) in [("m", MarkerOutcome::Unknown), ("other", MarkerOutcome::MarkerRemoved)] {
        let mut script = ScriptedRemover::new(&[Ok(MarkerLook::Marker)], std::slice::from_ref(&done));
        script.current = Some(CurrentVersion::Hidden(Some(current.to_owned())));
        assert_eq!(carried_out(&script, NO_JOURNAL).outcome, outcome, "{current}");
    }
}

#[test]
fn what_is_current_is_said_of_a_marker_that_is_gone_and_not_of_one_that_is_kept() {
    for (look, current) in [('-', Some("v")), ('v', None)] {
        let mut script = ScriptedRemover::new(&[shown(look)], &[]);
        script.current = Some(CurrentVersion::Version("v".to_owned()));
        assert_eq!(carried_out(&script, NO_JOURNAL).current_version_id.as_deref(), current, "{look}");
    }
}

const NO_JOURNAL: Option<&FullJournal> = None;

/// A journal that can't be written.
struct FullJournal;

impl UndoJournal for FullJournal {
    async fn intend(&self, _: &MarkerEntry) -> Result<(), Failure> {
        Err(failure(FailureKind::Other))
    }

    fn ended(&self, _: &MarkerEntry) -> Result<(), Failure> {
        Err(failure(FailureKind::Other))
    }

    fn stay_open(&self) {}
}

#[test]
fn a_stop_and_a_journal_that_breaks_end_the_removals() {
    let outcomes = |script: &ScriptedRemover, journal: Option<&FullJournal>, stop: &(dyn Fn() -> bool + Sync)| {
        let plan = plan(&["m", "n"]);
        let asked = plan.asks_for();
        let execution = UndoExecution { remover: script, journal, is_open: &|_| false, concurrency: 1, stop };
        let entries = remove_markers(plan.approve(asked).unwrap(), execution);
        let entries: Vec<_> = entries.collect().now_or_never().unwrap();
        entries.into_iter().map(|entry| entry.unwrap().outcome).collect::<Vec<_>>()
    };
    let not_attempted = MarkerOutcome::NotAttempted;
    assert_eq!(outcomes(&ScriptedRemover::new(&[], &[]), NO_JOURNAL, &|| true), [not_attempted; 2]);
    assert_eq!(outcomes(&ScriptedRemover::new(&[], &[]), Some(&FullJournal), &|| false), [not_attempted; 2]);
    // A signal while a removal waits to be sent again.
    let slow = DeleteAnswer::NotTaken(failure(FailureKind::Other));
    let script = ScriptedRemover::new(&[Ok(MarkerLook::Marker)], std::slice::from_ref(&slow));
    let stop = || *script.removals.lock().unwrap() > 0;
    assert_eq!(outcomes(&script, NO_JOURNAL, &stop), [MarkerOutcome::Failed, not_attempted]);
}

/// Counts outcomes, and whether it stays open.
#[derive(Default)]
struct CountingJournal(Mutex<(u32, bool)>);

impl UndoJournal for CountingJournal {
    async fn intend(&self, _: &MarkerEntry) -> Result<(), Failure> {
        Ok(())
    }

    fn ended(&self, _: &MarkerEntry) -> Result<(), Failure> {
        self.0.lock().unwrap().0 += 1;
        Ok(())
    }

    fn stay_open(&self) {
        self.0.lock().unwrap().1 = true;
    }
}

#[test]
fn a_removal_of_an_earlier_run_stays_open_unless_the_marker_is_gone() {
    let refused = || DeleteAnswer::Denied(failure(FailureKind::Denied));
    let done = || DeleteAnswer::Done { delete_marker: true, version_id: Some("m".to_owned()) };
    for (is_open, answer, written, stays_open) in
        [(true, refused(), 0, true), (true, done(), 1, false), (false, refused(), 1, false)]
    {
        let script = ScriptedRemover::new(&[Ok(MarkerLook::Marker)], &[answer]);
        let journal = CountingJournal::default();
        let plan = plan(&["m"]);
        let asked = plan.asks_for();
        let execution = UndoExecution {
            remover: &script,
            journal: Some(&journal),
            is_open: &|marker| is_open && *marker == self::marker("m"),
            concurrency: 1,
            stop: &|| false,
        };
        let entries = remove_markers(plan.approve(asked).unwrap(), execution);
        entries.collect::<Vec<_>>().now_or_never().unwrap();
        assert_eq!(*journal.0.lock().unwrap(), (written, stays_open), "{is_open} {written}");
    }
}

#[test]
fn nothing_leaves_before_its_intent_is_on_disk() {
    let script = ScriptedRemover::new(&[], &[]);
    let entry = carried_out(&script, Some(&FullJournal));
    assert_eq!((entry.outcome, entry.error.is_some()), (MarkerOutcome::NotAttempted, true));
    assert_eq!(*script.removals.lock().unwrap(), 0);
}

/// The lines of a journal: two markers are removed, the second outcome is missing.
fn journal() -> Vec<u8> {
    let mut text = Vec::new();
    let header = JournalHeader { connection: aws(), arguments_hash: "h".to_owned() };
    header_line::<UndoLines>(&header, &mut text);
    crate::deletion::run_line("t", &mut text);
    let entry = |id| MarkerEntry::of(&candidate("k", Some(id)));
    undo_intent_line(&entry("m"), &mut text);
    undo_intent_line(&entry("n"), &mut text);
    let removed = MarkerEntry { outcome: MarkerOutcome::MarkerRemoved, ..entry("m") };
    undo_outcome_line(&removed, &mut text);
    text
}

fn replay(text: &[u8]) -> Result<JournalReplay<UndoLines>, JournalError> {
    let (mut replay, mut offset) = (JournalReplay::default(), 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        replay.take(line.strip_suffix(b"\n").unwrap_or(line), offset)?;
        offset += line.len() as u64;
    }
    Ok(replay)
}

#[test]
fn a_journal_remembers_each_marker() {
    let text = journal();
    let found = replay(&text).unwrap();
    let JournalState::Done(offset) = found.state(&marker("m")) else { panic!("m is not removed") };
    let line = text[usize::try_from(offset).unwrap()..].split(|byte| *byte == b'\n').next().unwrap();
    assert_eq!(record_of::<UndoLines>(line).unwrap().1.marker_version_id.as_deref(), Some("m"));
    assert!(matches!(found.state(&marker("n")), JournalState::Open(_)));
    assert_eq!(found.state(&marker("o")), JournalState::New);
    let header = |hash: &str| JournalHeader { connection: aws(), arguments_hash: hash.to_owned() };
    assert_eq!(found.check(&header("h")), Ok(()));
    assert_eq!(found.check(&header("other")), Err(JournalError::OtherArguments));
    let mut finished = text.clone();
    crate::deletion::finished_line(&1, &mut finished);
    assert_eq!(replay(&finished).unwrap().check(&header("h")), Err(JournalError::Finished));
    let damaged = String::from_utf8(text).unwrap().replacen("{\"intent\"", "{\"inte", 1);
    assert_eq!(replay(damaged.as_bytes()).err(), Some(JournalError::Damaged(3)));
    assert_eq!(replay(b"{\"replaudit_journal\":2}").err(), Some(JournalError::NotAJournal));
}

/// One line of a safe-delete's ndjson.
fn line(key: &str, outcome: &str, id: Option<&str>) -> String {
    let line = serde_json::json!({
        "bucket": "bucket", "key": key, "version_id": "v", "replication_status": "COMPLETED", "decision": "delete",
        "reason": "completed", "outcome": outcome, "size": 1, "etag": "e", "new_marker_version_id": id, "error": null,
        "destinations": []
    });
    format!("{line}\n")
}

fn found(text: &[u8]) -> Result<(Vec<UndoCandidate>, SourceSummary), SourceError> {
    let mut found = Vec::new();
    let gathered = read_source(text, |candidate| {
        found.push(candidate.clone());
        Ok(())
    })?;
    Ok((found, gathered))
}

proptest! {
    /// A report that was cut anywhere names no marker that the whole one does not name, and a document is refused.
    #[test]
    fn a_cut_report_is_refused_or_names_less(
        outcomes in prop::collection::vec(0usize..5, 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let kinds = [
            ("marker-created", Some("m")),
            ("unknown", None),
            ("version-deleted", None),
            ("kept", None),
            ("unknown", Some("x")),
        ];
        let row = |(at, kind): (usize, &usize)| line(&at.to_string(), kinds[*kind].0, kinds[*kind].1);
        let rows: Vec<String> = outcomes.iter().enumerate().map(row).collect();
        let lines = rows.concat();
        let document = format!(
            "{{\"schema\":\"replaudit.safe-delete/1\",\"objects\":[\n{}],\n\"summary\":{{\"by\":{{}}}}}}\n",
            rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join(",\n")
        );
        let (whole, _) = found(lines.as_bytes()).unwrap();
        prop_assert_eq!(&found(document.as_bytes()).unwrap().0, &whole);
        let cut_lines = &lines.as_bytes()[..cut.index(lines.len())];
        if let Ok((part, _)) = found(cut_lines) {
            prop_assert!(part.iter().all(|candidate| whole.contains(candidate)));
            let whole_lines = matches!(cut_lines.last(), None | Some(b'\n' | b'}'));
            prop_assert!(whole_lines, "a line that was cut is refused");
        }
        let end = document.trim_end().len();
        prop_assert!(found(&document.as_bytes()[..cut.index(end)]).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = found(&bytes);
        let _ = found(&[&b"{\"replaudit_journal\":1}\n"[..], &bytes].concat());
        let _ = found(&[&b"{\"schema\":\"replaudit.safe-delete/1\","[..], &bytes].concat());
    }
}

#[test]
fn one_marker_is_one_candidate_and_what_is_known_counts_more_than_what_is_not() {
    let text = [
        line("a", "marker-created", Some("m")),
        line("a", "marker-created", Some("m")),
        line("a", "unknown", None),
        line("b", "unknown", None),
        line("c", "unknown", None),
        line("c", "marker-created", Some("n")),
        line("d", "unknown", None),
        line("d", "kept", None),
        line("e", "version-deleted", None),
        // S3 named the marker of a delete whose outcome is not known.
        line("f", "unknown", Some("null")),
    ];
    let (found, gathered) = found(text.concat().as_bytes()).unwrap();
    let shown: Vec<(&str, MarkerTrace)> = found.iter().map(|one| (one.key.as_str(), one.trace)).collect();
    assert_eq!(
        shown,
        [
            ("a", MarkerTrace::Created),
            ("c", MarkerTrace::Created),
            ("e", MarkerTrace::Lost),
            ("f", MarkerTrace::Created),
            ("b", MarkerTrace::Unsure),
            // The second row may be about another order of the same version.
            ("d", MarkerTrace::Unsure)
        ]
    );
    assert_eq!((gathered.candidates, gathered.endpoint), (6, None));
}

#[test]
fn what_is_not_known_is_in_the_order_of_the_file() {
    let keys: Vec<String> = (10..40).map(|number| format!("k{number}")).collect();
    // As many are settled as are added.
    let settled = |key: &String, outcome, marker| line(&format!("settled-{key}"), outcome, marker);
    let first = keys.iter().map(|key| settled(key, "unknown", None));
    let then = keys.iter().map(|key| line(key, "unknown", None) + &settled(key, "marker-created", Some(key)));
    let (found, _) = found(first.chain(then).collect::<String>().as_bytes()).unwrap();
    let unsure = found.iter().filter(|one| one.trace == MarkerTrace::Unsure);
    assert_eq!(unsure.map(|one| &one.key).collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
}

#[test]
fn a_removal_that_a_later_line_doubts_is_not_called_lost() {
    let row = |outcome| line("a", outcome, None);
    let table = [
        (vec!["version-deleted"], MarkerTrace::Lost),
        (vec!["version-deleted", "unknown"], MarkerTrace::Unsure),
        (vec!["unknown", "version-deleted"], MarkerTrace::Lost),
        (vec!["version-deleted", "unknown", "version-deleted"], MarkerTrace::Lost),
        (vec!["version-deleted", "unknown", "version-deleted", "unknown"], MarkerTrace::Unsure),
    ];
    for (outcomes, trace) in table {
        let text: String = outcomes.iter().map(|outcome| row(outcome)).collect();
        let (mut found, gathered) = found(text.as_bytes()).unwrap();
        assert_eq!((found.len(), gathered.corrected(found.remove(0)).trace), (1, trace), "{outcomes:?}");
    }
}

#[test]
fn in_a_journal_an_order_is_known_by_the_version_that_its_list_names() {
    let intent = |given| serde_json::json!({"intent": {"bucket": "bucket", "key": "k", "version_id": "v1", "given_version_id": given}});
    let kept = |given| {
        let mut outcome: serde_json::Value = serde_json::from_str(&line("k", "kept", None)).unwrap();
        (outcome["version_id"], outcome["given_version_id"]) = ("v1".into(), given);
        serde_json::json!({"outcome": outcome})
    };
    let named = || serde_json::Value::from("v1");
    let table = [(named(), named(), 0), (named(), serde_json::Value::Null, 1), (serde_json::Value::Null, named(), 1)];
    for (sent, ended, left) in table {
        let text = format!("{{\"replaudit_journal\":1}}\n{}\n{}\n", intent(sent.clone()), kept(ended.clone()));
        assert_eq!(found(text.as_bytes()).unwrap().0.len(), left, "{sent} {ended}");
    }
}

#[test]
fn a_document_lists_as_many_deletes_as_it_counts() {
    let row = line("a", "marker-created", Some("m"));
    let document = |counted: u64| {
        let row = row.trim_end();
        format!(
            "{{\"schema\":\"replaudit.safe-delete/1\",\"objects\":[{row}],\"summary\":{{\"by\":{{\"marker-created\":{counted}}}}}}}"
        )
    };
    assert_eq!(found(document(1).as_bytes()).unwrap().0.len(), 1);
    let refused = found(document(2).as_bytes()).unwrap_err();
    assert!(matches!(refused, SourceError::LeftOut { counted: 2, listed: 1 }), "{refused}");
}

#[test]
fn an_intent_without_an_outcome_is_a_candidate() {
    let intent = json!({"intent": {
        "bucket": "bucket", "key": "k", "given_version_id": null, "version_id": "v", "mode": "hide", "etag": "e",
        "size": 1, "replication_status": "COMPLETED",
    }});
    let (found, _) = found(format!("{{\"replaudit_journal\":1,\"endpoint\":null}}\n{intent}\n").as_bytes()).unwrap();
    assert_eq!(found, [UndoCandidate { trace: MarkerTrace::Unsure, ..candidate("k", None) }]);
}
