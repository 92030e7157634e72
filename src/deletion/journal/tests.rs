use proptest::prelude::*;

use super::super::connection::tests::aws;
use super::super::policy::tests::{completed, evidence, object, policy};
use super::super::policy::{Verdict, decide};
use super::*;
use crate::model::ReplicationStatus;
use crate::status::ObjectHead;

fn named(key: &str) -> ObjectId {
    ObjectId { key: key.into(), ..object(None) }
}

fn order(key: &str) -> (DeleteOrder, Entry) {
    order_of(&named(key))
}

fn order_of(object: &ObjectId) -> (DeleteOrder, Entry) {
    let Verdict::Delete(order) = decide(object, &evidence(completed()), &policy(Mode::Hide)) else {
        panic!("kept");
    };
    let replication_status = Some("COMPLETED".into());
    let entry = Entry { etag: Some("e1".into()), size: Some(7), replication_status, ..Entry::of(order.object()) };
    (order, entry)
}

fn header(hash: &str) -> Header {
    Header { replaudit_journal: FORMAT, connection: aws(), arguments_hash: hash.into() }
}

/// A step of a run, as the journal notes it.
#[derive(Debug, Clone, Copy)]
enum Step {
    Intent(usize),
    Ended(usize, Outcome),
    Run,
}

const KEYS: [&str; 3] = ["a", "b\n", "c\"}"];

/// The lines of a journal, each with the step that it notes.
fn journal(steps: &[Step]) -> Vec<(Vec<u8>, Option<Step>)> {
    let line = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        out
    };
    let begin = [(line(&|out| header_line(&header("h"), out)), None), (line(&|out| run_line("t", out)), None)];
    let rest = steps.iter().map(|step| {
        let text = match step {
            Step::Run => line(&|out| run_line("t", out)),
            Step::Intent(at) => {
                let (order, entry) = order(KEYS[*at]);
                line(&|out| intent_line(&order, &entry, out))
            }
            Step::Ended(at, outcome) => {
                let entry = Entry { outcome: *outcome, ..order(KEYS[*at]).1 };
                line(&|out| outcome_line(&named(KEYS[*at]), &entry, out))
            }
        };
        (text, Some(*step))
    });
    begin.into_iter().chain(rest).collect()
}

fn fold(text: &[u8]) -> Result<Fold, JournalError> {
    let (mut fold, mut offset) = (Fold::default(), 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        fold.take(line.strip_suffix(b"\n").unwrap_or(line), offset)?;
        offset += line.len() as u64;
    }
    Ok(fold)
}

fn any_step() -> impl Strategy<Value = Step> {
    let outcome = prop::sample::select(vec![
        Outcome::MarkerCreated,
        Outcome::VersionDeleted,
        Outcome::Unknown,
        Outcome::Kept,
        Outcome::Failed,
        Outcome::NotAttempted,
    ]);
    prop_oneof![
        (0..3usize).prop_map(Step::Intent),
        (0..3usize, outcome).prop_map(|(at, outcome)| Step::Ended(at, outcome)),
        Just(Step::Run),
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
        let fold = fold(&torn).unwrap();
        let (mut at, mut expected) = (0, [Standing::New; 3]);
        for (line, step) in &lines {
            // Whole but for its end counts: nothing of what it says is missing.
            if at + line.len() - 1 > cut {
                break;
            }
            match step {
                Some(Step::Intent(key)) => expected[*key] = Standing::Open(at as u64),
                Some(Step::Ended(key, Outcome::MarkerCreated | Outcome::VersionDeleted)) => {
                    expected[*key] = Standing::Done(at as u64);
                }
                Some(Step::Ended(key, Outcome::Unknown)) => expected[*key] = Standing::Open(at as u64),
                Some(Step::Ended(key, _)) => expected[*key] = Standing::New,
                Some(Step::Run) | None => {}
            }
            at += line.len();
        }
        for (key, expected) in KEYS.iter().zip(expected) {
            prop_assert_eq!(fold.standing(&named(key)), expected, "{}", key);
            if let Standing::Open(offset) | Standing::Done(offset) = expected {
                let line = torn[offset as usize..].split(|byte| *byte == b'\n').next().unwrap();
                let (given, entry) = entry_of(line).unwrap();
                prop_assert_eq!(given, named(key));
                prop_assert_eq!(Entry { outcome: Outcome::WouldDelete, ..entry }, order(key).1);
            }
        }
        let mut fold = fold;
        let first = fold.take_standing(&named(KEYS[0]));
        prop_assert_eq!(first, expected[0]);
        let mut left = expected[1..].to_vec();
        left.retain(|standing| *standing != Standing::New);
        left.sort_by_key(|standing| match standing {
            Standing::New => 0,
            Standing::Open(offset) | Standing::Done(offset) => *offset,
        });
        prop_assert_eq!(fold.left(), left);
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_never_passed_over(at in 2usize..6, byte in any::<prop::sample::Index>()) {
        let steps = [Step::Intent(0), Step::Intent(1), Step::Ended(0, Outcome::MarkerCreated), Step::Intent(2)];
        let mut lines = journal(&steps);
        lines.push((b"{\"finished\":{}}\n".to_vec(), None));
        let line = &mut lines[at].0;
        let byte = byte.index(line.len() - 1);
        line[byte] = b'\0';
        let text: Vec<u8> = lines.iter().flat_map(|(line, _)| line.clone()).collect();
        prop_assert_eq!(fold(&text).err(), Some(JournalError::Damaged(at as u64 + 1)));
    }
}

#[test]
fn an_object_stands_in_the_journal_as_the_list_names_it_until_its_delete_had_no_effect() {
    for (given, other) in [(object(Some("v1")), object(None)), (object(None), object(Some("v1")))] {
        let (order, entry) = order_of(&given);
        let mut fold = Fold::default();
        let mut take = |write: &dyn Fn(&mut Vec<u8>), offset| {
            let mut line = Vec::new();
            write(&mut line);
            fold.take(line.trim_ascii_end(), offset).unwrap();
            (fold.standing(&given), fold.standing(&other), fold.is_empty())
        };
        let ended = |outcome| Entry { outcome, ..entry.clone() };
        assert_eq!(take(&|out| header_line(&header("h"), out), 0), (Standing::New, Standing::New, true));
        assert_eq!(take(&|out| intent_line(&order, &entry, out), 1), (Standing::Open(1), Standing::New, false));
        let hidden = ended(Outcome::MarkerCreated);
        assert_eq!(take(&|out| outcome_line(&given, &hidden, out), 2), (Standing::Done(2), Standing::New, false));
        let failed = ended(Outcome::Failed);
        assert_eq!(take(&|out| outcome_line(&given, &failed, out), 3), (Standing::New, Standing::New, true));
    }
}

#[test]
fn only_the_journal_of_the_same_run_is_gone_on_with() {
    let mut text = Vec::new();
    header_line(&header("h"), &mut text);
    assert_eq!(fold(&text).unwrap().check(&header("h")), Ok(()));
    assert_eq!(fold(&text).unwrap().check(&header("other")), Err(JournalError::OtherArguments));
    let elsewhere = Header { connection: Connection { endpoint: Some("http://x".into()), ..aws() }, ..header("h") };
    let refused = fold(&text).unwrap().check(&elsewhere).unwrap_err();
    assert_eq!(refused.to_string(), "it was written with endpoint \"AWS\", and this run has \"http://x\"");
    finished_line(&1, &mut text);
    assert_eq!(fold(&text).unwrap().check(&header("h")), Err(JournalError::Finished));
    assert_eq!(Fold::default().check(&header("h")), Err(JournalError::NotAJournal));
    assert_eq!(fold(b"s3://bucket/k\n").err(), Some(JournalError::NotAJournal));
    for other in [1, 3] {
        let line = format!("{{\"replaudit_journal\":{other},\"endpoint\":null,\"arguments_hash\":\"h\"}}");
        assert_eq!(fold(line.as_bytes()).err(), Some(JournalError::OtherFormat(other)));
    }
    assert_eq!(fold(br#"{"replaudit_journal":2,"arguments_hash":"h"}"#).err(), Some(JournalError::NotAJournal));
}

#[test]
fn an_open_object_is_done_only_where_looking_tells_it() {
    let entry = || order("a").1;
    let head = |version: &str| {
        Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some(version.into()), ..completed() })))
    };
    let readable = || {
        Ok(HeadAnswer::Object(Box::new(ObjectHead { replication_status: ReplicationStatus::default(), ..completed() })))
    };
    let marker = |id: Option<&str>| Ok(HeadAnswer::DeleteMarker { version_id: id.map(str::to_owned) });
    let failed = || Err(Failure { http_status: Some(503), ..Failure::new("X", "x", None) });
    let table = [
        (Mode::Permanent, Ok(HeadAnswer::NotFound), Some(Outcome::VersionDeleted)),
        (Mode::Permanent, head("v1"), None),
        (Mode::Permanent, readable(), Some(Outcome::Unknown)),
        (Mode::Hide, readable(), None),
        (Mode::Permanent, head("v2"), Some(Outcome::Unknown)),
        (Mode::Permanent, marker(Some("v1")), Some(Outcome::Unknown)),
        (Mode::Permanent, failed(), Some(Outcome::Unknown)),
        (Mode::Hide, marker(Some("m1")), Some(Outcome::MarkerCreated)),
        (Mode::Hide, marker(Some("null")), Some(Outcome::Unknown)),
        (Mode::Hide, marker(None), Some(Outcome::Unknown)),
        (Mode::Hide, head("v1"), None),
        (Mode::Hide, head("v2"), Some(Outcome::Unknown)),
        (Mode::Hide, Ok(HeadAnswer::NotFound), Some(Outcome::Unknown)),
        (Mode::Hide, failed(), Some(Outcome::Unknown)),
    ];
    for (at, (mode, look, expected)) in table.into_iter().enumerate() {
        let status = look.as_ref().err().and_then(|failure| failure.http_status);
        let outcome = match settle(entry(), mode, look) {
            Settled::Done(entry) | Settled::Unknown(entry) => {
                assert_eq!(entry.error.unwrap().http_status, status, "row {at}");
                Some(entry.outcome)
            }
            Settled::Undone => None,
        };
        assert_eq!(outcome, expected, "row {at}");
    }
}

#[test]
fn a_marker_that_may_have_destroyed_something_is_not_forgotten() {
    let mut entry = order("a").1;
    entry.new_marker_version_id = Some("null".to_owned());
    entry.end(Outcome::Unknown, Failure::new("UnexpectedAnswer", "the marker has no id but null", None));
    let there = || Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("v1".into()), ..completed() })));
    // Somebody took the marker away since: the version is current again, and what happened happened.
    assert_eq!(settle(entry.clone(), Mode::Hide, there()), Settled::Unknown(entry.clone()));
    entry.new_marker_version_id = None;
    assert_eq!(settle(entry, Mode::Hide, there()), Settled::Undone);
}
