//! The journals of safe-delete: whole, cut off, and damaged.

use proptest::prelude::*;

use super::*;
use crate::deletion::connection::Connection;
use crate::deletion::decide::{DeleteMode, DeleteOrder};
use crate::deletion::fixtures::{checked_entry, connection_to_aws as aws, object, order as order_for};
use crate::deletion::report::{DeleteEntry, DeleteOutcome};
use crate::model::{Failure, ObjectId};

fn named(key: &str) -> ObjectId {
    ObjectId { key: key.into(), ..object(None) }
}

fn order(key: &str) -> (DeleteOrder, DeleteEntry) {
    order_of(&named(key))
}

fn order_of(object: &ObjectId) -> (DeleteOrder, DeleteEntry) {
    let order = order_for(object, DeleteMode::Hide);
    let entry = checked_entry(order.object());
    (order, entry)
}

fn header(hash: &str) -> JournalHeader {
    JournalHeader { connection: aws(), arguments_hash: hash.into() }
}

/// A step of a run, as the journal notes it.
#[derive(Debug, Clone, Copy)]
enum JournalStep {
    Intent(usize),
    Ended(usize, DeleteOutcome),
    Run,
}

const KEYS: [&str; 3] = ["a", "b\n", "c\"}"];

/// The lines of a journal, each with the step that it notes.
fn journal(steps: &[JournalStep]) -> Vec<(Vec<u8>, Option<JournalStep>)> {
    let line = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        out
    };
    let begin =
        [(line(&|out| header_line::<DeleteLines>(&header("h"), out)), None), (line(&|out| run_line("t", out)), None)];
    let rest = steps.iter().map(|step| {
        let text = match step {
            JournalStep::Run => line(&|out| run_line("t", out)),
            JournalStep::Intent(at) => {
                let (order, entry) = order(KEYS[*at]);
                line(&|out| intent_line(&order, &entry, out))
            }
            JournalStep::Ended(at, outcome) => {
                let entry = DeleteEntry { outcome: *outcome, ..order(KEYS[*at]).1 };
                line(&|out| outcome_line(&named(KEYS[*at]), &entry, out))
            }
        };
        (text, Some(*step))
    });
    begin.into_iter().chain(rest).collect()
}

/// A journal of three lines, whose delete is open.
fn open_journal() -> Vec<u8> {
    journal(&[JournalStep::Intent(0)]).into_iter().flat_map(|(line, _)| line).collect()
}

fn replay(text: &[u8]) -> Result<JournalReplay<DeleteLines>, JournalError> {
    let (mut read, mut offset) = (JournalReplay::<DeleteLines>::default(), 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        read.take(line.strip_suffix(b"\n").unwrap_or(line), offset)?;
        offset += line.len() as u64;
    }
    Ok(read)
}

fn any_step() -> impl Strategy<Value = JournalStep> {
    let outcome = prop::sample::select(vec![
        DeleteOutcome::MarkerCreated,
        DeleteOutcome::VersionDeleted,
        DeleteOutcome::Unknown,
        DeleteOutcome::Kept,
        DeleteOutcome::Failed,
        DeleteOutcome::NotAttempted,
    ]);
    prop_oneof![
        (0..3usize).prop_map(JournalStep::Intent),
        (0..3usize, outcome).prop_map(|(at, outcome)| JournalStep::Ended(at, outcome)),
        Just(JournalStep::Run),
    ]
}

proptest! {
    /// Cut anywhere: nothing is done that was not, and no intent that was on disk is forgotten.
    #[test]
    fn a_journal_cut_anywhere_says_no_more_and_no_less_than_its_whole_lines(
        steps in prop::collection::vec(any_step(), 0..12),
        cut in any::<prop::sample::Index>(),
        resumed in any::<bool>(),
    ) {
        let lines = journal(&steps);
        let text: Vec<u8> = lines.iter().flat_map(|(line, _)| line.clone()).collect();
        let head = lines[0].0.len() - 1;
        let cut = head + cut.index(text.len() - head + 1);
        let mut torn = text[..cut].to_vec();
        if resumed {
            torn.push(b'\n');
            run_line("later", &mut torn);
            // A cut right behind a line leaves an empty one.
            if text[..cut].ends_with(b"\n") {
                torn = [&text[..cut], b"{\"run\":{\"at\":\"later\"}}\n"].concat();
            }
        }
        let found = replay(&torn).unwrap();
        let (mut at, mut expected) = (0, [JournalState::New; 3]);
        for (line, step) in &lines {
            // Whole but for its end counts: nothing of what it says is missing.
            if at + line.len() - 1 > cut {
                break;
            }
            match step {
                Some(JournalStep::Intent(key)) => expected[*key] = JournalState::Open(at as u64),
                Some(JournalStep::Ended(key, DeleteOutcome::MarkerCreated | DeleteOutcome::VersionDeleted)) => {
                    expected[*key] = JournalState::Done(at as u64);
                }
                Some(JournalStep::Ended(key, DeleteOutcome::Unknown)) => expected[*key] = JournalState::Open(at as u64),
                Some(JournalStep::Ended(key, _)) => expected[*key] = JournalState::New,
                Some(JournalStep::Run) | None => {}
            }
            at += line.len();
        }
        for (key, expected) in KEYS.iter().zip(expected) {
            prop_assert_eq!(found.state(&named(key)), expected, "{}", key);
            if let JournalState::Open(offset) | JournalState::Done(offset) = expected {
                let line = torn[offset as usize..].split(|byte| *byte == b'\n').next().unwrap();
                let (given, entry) = record_of::<DeleteLines>(line).unwrap();
                prop_assert_eq!(given, named(key));
                prop_assert_eq!(DeleteEntry { outcome: DeleteOutcome::WouldDelete, ..entry }, order(key).1);
            }
        }
        let mut found = found;
        let first = found.take_state(&named(KEYS[0]));
        prop_assert_eq!(first, expected[0]);
        let mut left = expected[1..].to_vec();
        left.retain(|state| *state != JournalState::New);
        left.sort_by_key(|state| match state {
            JournalState::New => 0,
            JournalState::Open(offset) | JournalState::Done(offset) => *offset,
        });
        prop_assert_eq!(found.take_rest(), left);
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_never_passed_over(at in 2usize..6, byte in any::<prop::sample::Index>()) {
        let steps = [JournalStep::Intent(0), JournalStep::Intent(1), JournalStep::Ended(0, DeleteOutcome::MarkerCreated), JournalStep::Intent(2)];
        let mut lines = journal(&steps);
        lines.push((b"{\"finished\":{}}\n".to_vec(), None));
        let line = &mut lines[at].0;
        let byte = byte.index(line.len() - 1);
        line[byte] = b'\0';
        let text: Vec<u8> = lines.iter().flat_map(|(line, _)| line.clone()).collect();
        prop_assert_eq!(replay(&text).err(), Some(JournalError::Damaged(at as u64 + 1)));
    }
}

#[test]
fn an_object_stands_in_the_journal_as_the_list_names_it_until_its_delete_had_no_effect() {
    for (given, other) in [(object(Some("v1")), object(None)), (object(None), object(Some("v1")))] {
        let (order, entry) = order_of(&given);
        let mut found = JournalReplay::<DeleteLines>::default();
        let mut take = |write: &dyn Fn(&mut Vec<u8>), offset| {
            let mut line = Vec::new();
            write(&mut line);
            found.take(line.trim_ascii_end(), offset).unwrap();
            (found.state(&given), found.state(&other), found.is_empty())
        };
        let ended = |outcome| DeleteEntry { outcome, ..entry.clone() };
        assert_eq!(
            take(&|out| header_line::<DeleteLines>(&header("h"), out), 0),
            (JournalState::New, JournalState::New, true)
        );
        assert_eq!(take(&|out| intent_line(&order, &entry, out), 1), (JournalState::Open(1), JournalState::New, false));
        let hidden = ended(DeleteOutcome::MarkerCreated);
        assert_eq!(
            take(&|out| outcome_line(&given, &hidden, out), 2),
            (JournalState::Done(2), JournalState::New, false)
        );
        let failed = ended(DeleteOutcome::Failed);
        assert_eq!(take(&|out| outcome_line(&given, &failed, out), 3), (JournalState::New, JournalState::New, true));
    }
}

#[test]
fn an_answer_that_was_not_true_is_remembered() {
    let (_, entry) = order("a");
    let lines = |codes: &[&str]| {
        let mut text = Vec::new();
        header_line::<DeleteLines>(&header("h"), &mut text);
        for code in codes {
            let error = Some(Failure::new(code, "x", None));
            outcome_line(
                &named("a"),
                &DeleteEntry { outcome: DeleteOutcome::Unknown, error, ..entry.clone() },
                &mut text,
            );
        }
        outcome_line(&named("a"), &DeleteEntry { outcome: DeleteOutcome::VersionDeleted, ..entry.clone() }, &mut text);
        replay(&text).unwrap().is_contradicted()
    };
    assert_eq!([&["Resumed"][..], &["UnexpectedAnswer", "Resumed"], &["OtherEffect"]].map(lines), [false, true, true]);
}

#[test]
fn only_the_journal_of_the_same_run_is_gone_on_with() {
    let mut text = Vec::new();
    header_line::<DeleteLines>(&header("h"), &mut text);
    assert_eq!(replay(&text).unwrap().check(&header("h")), Ok(()));
    assert_eq!(replay(&text).unwrap().check(&header("other")), Err(JournalError::OtherArguments));
    let elsewhere =
        JournalHeader { connection: Connection { endpoint: Some("http://x".into()), ..aws() }, ..header("h") };
    let refused = replay(&text).unwrap().check(&elsewhere).unwrap_err();
    assert_eq!(refused.to_string(), "it was written with endpoint \"AWS\", and this run has \"http://x\"");
    finished_line(&1, &mut text);
    assert_eq!(replay(&text).unwrap().check(&header("h")), Err(JournalError::Finished));
    undone_line("later", &mut text);
    assert_eq!(replay(&text).unwrap().check(&header("h")), Err(JournalError::Undone));
    assert_eq!(JournalReplay::<DeleteLines>::default().check(&header("h")), Err(JournalError::NotAJournal));
    assert_eq!(replay(b"s3://bucket/k\n").err(), Some(JournalError::NotAJournal));
    for other in [1, 3] {
        let line = format!("{{\"replaudit_journal\":{other},\"endpoint\":null,\"arguments_hash\":\"h\"}}");
        assert_eq!(replay(line.as_bytes()).err(), Some(JournalError::OtherFormat { found: other, written: 2 }));
    }
    assert_eq!(replay(br#"{"replaudit_journal":2,"arguments_hash":"h"}"#).err(), Some(JournalError::NotAJournal));
}

#[test]
fn only_a_line_whose_end_is_missing_is_cut_off() {
    let begin = open_journal();
    let mut header = Vec::new();
    header_line::<DeleteLines>(&JournalHeader { connection: aws(), arguments_hash: "other".into() }, &mut header);
    let header = String::from_utf8(header).unwrap();
    let table = [
        ("", Ok(())),
        ("{\"outcome\":{\"buck", Ok(())),
        ("{\"outcome\":{\"buck\0\0\0", Ok(())),
        ("{\"run\":{\"at\":\"t\"}}\0\0", Ok(())),
        ("{\"outcome\":{\"bucket\":\"b\"}}", Err(JournalError::Damaged(4))),
        ("{\"other\":{}}", Err(JournalError::Damaged(4))),
        ("{\"outcome\":{}}}", Err(JournalError::Damaged(4))),
        ("7", Err(JournalError::Damaged(4))),
        ("outcome", Err(JournalError::Damaged(4))),
        (header.trim_end(), Err(JournalError::OtherJournal(4))),
        (&header[..40], Err(JournalError::OtherJournal(4))),
        ("{\"replaudit_undo_journal\":1,", Err(JournalError::OtherJournal(4))),
    ];
    for (line, expected) in table {
        for after in ["", "\n{\"run\":{\"at\":\"t\"}}\n"] {
            let text = [&begin, line.as_bytes(), after.as_bytes()].concat();
            assert_eq!(replay(&text).map(|_| ()), expected, "{line}{after}");
        }
    }
}

#[test]
fn a_run_that_was_cut_off_at_its_beginning_may_be_followed_by_another() {
    let begin = open_journal();
    let table = [
        ("{", Ok(())),
        ("{\"ru", Ok(())),
        ("{\"run\":{\"at\":", Ok(())),
        ("{\"undo\0\0", Ok(())),
        ("{\"x", Err(JournalError::Damaged(4))),
        ("{\"x\0", Err(JournalError::Damaged(4))),
        ("{\"outcome\":{", Err(JournalError::Damaged(4))),
    ];
    for (line, expected) in table {
        let text = [&begin[..], b"{\"outcome\":{\"buck\n", line.as_bytes(), b"\n{\"run\":{\"at\":\"t\"}}\n"].concat();
        assert_eq!(replay(&text).map(|_| ()), expected, "{line}");
    }
}
