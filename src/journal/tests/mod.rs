//! A journal on disk: written, read back, locked, and cut off.

mod crashes;
mod disk;
mod interleavings;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file::OpenError;
use super::*;
use crate::deletion::fixtures::connection_to_aws;
use crate::deletion::{
    DeleteEntry, DeleteLines, DeleteOutcome, Journal as _, JournalError, JournalHeader, JournalState,
};
use crate::model::ObjectId;

type OpenedDeletes = OpenedJournal<DeleteLines>;

fn header() -> JournalHeader {
    let connection = connection_to_aws();
    JournalHeader { connection, arguments_hash: "h".to_owned() }
}

fn object(key: &str) -> ObjectId {
    ObjectId::parse(&format!("s3://bucket/{key}")).unwrap()
}

fn entry(key: &str) -> DeleteEntry {
    serde_json::from_value(serde_json::json!({
        "bucket": "bucket", "key": key, "version_id": "v1", "replication_status": "COMPLETED", "decision": "delete",
        "reason": "completed", "outcome": "marker-created", "size": 1, "etag": "e", "new_marker_version_id": "m",
        "error": null, "destinations": []
    }))
    .unwrap()
}

/// Opens a journal that no run uses any more. A process that another test starts has a copy of the lock for a moment.
fn open_again(path: &Path) -> Result<OpenedDeletes, OpenError> {
    for _ in 0..500 {
        match OpenedDeletes::open(path, &header()) {
            Err(OpenError::Locked) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened,
        }
    }
    Err(OpenError::Locked)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn what_was_written_is_found_again_and_two_runs_at_once_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let long = "x".repeat(12_000);
    {
        let past = OpenedDeletes::open(&path, &header()).unwrap();
        let journal = past.resume(&header(), "t", WriterMode::OwnThread).unwrap();
        journal.settled(&object(&long), &entry(&long)).unwrap();
        block_on(journal.flush()).unwrap();
        journal.settled(&object("b"), &entry("b")).unwrap();
        assert!(matches!(OpenedDeletes::open(&path, &header()), Err(OpenError::Locked)));
        assert!(matches!(OpenedDeletes::look(&path, &header()), Err(OpenError::Locked)));
    }
    let mut past = open_again(&path).unwrap();
    for key in [long.as_str(), "b"] {
        let JournalState::Done(offset) = past.replay.take_state(&object(key)) else { panic!("{key}: not done") };
        let (given, entry) = past.record(offset).unwrap();
        assert_eq!((given, entry.key.as_str(), entry.outcome), (object(key), key, DeleteOutcome::MarkerCreated));
        assert!(past.record(offset + 1).is_err());
    }
    assert_eq!(past.replay.take_state(&object("c")), JournalState::New);
    let journal = past.resume(&header(), "t", WriterMode::OwnThread).unwrap();
    block_on(journal.finish(&1)).unwrap();
    drop((journal, past));
    assert!(matches!(open_again(&path), Err(OpenError::Journal(JournalError::Finished))));
}

#[test]
fn a_torn_line_is_ended_before_the_next_and_a_torn_header_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    for torn in ["", "{", "{\"replaudit_journal\":2,\"connec"] {
        std::fs::write(&path, torn).unwrap();
        drop(open_again(&path).unwrap().resume(&header(), "t", WriterMode::OwnThread).unwrap());
        drop(open_again(&path).unwrap());
    }
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole[..], b"{\"intent\":{\"buck"].concat()).unwrap();
    for _ in 0..2 {
        let past = open_again(&path).unwrap();
        let journal = past.resume(&header(), "t", WriterMode::OwnThread).unwrap();
        journal.settled(&object("b"), &entry("b")).unwrap();
    }
    assert!(matches!(open_again(&path).unwrap().replay.take_state(&object("b")), JournalState::Done(_)));
    std::fs::write(&path, "s3://bucket/key").unwrap();
    assert!(matches!(open_again(&path), Err(OpenError::Journal(JournalError::NotAJournal))));
    assert_eq!(std::fs::read(&path).unwrap(), b"s3://bucket/key", "it is left alone");
}

#[test]
fn looking_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    assert_eq!(OpenedDeletes::look(&path, &header()).unwrap().replay.take_state(&object("b")), JournalState::New);
    assert!(!path.exists());
}

#[test]
fn a_journal_that_can_t_be_written_says_so_before_anything_is_sent() {
    // This device is always full.
    let file = File::options().write(true).open("/dev/full").unwrap();
    let journal = JournalWriter::start(file, 0, PathBuf::from("/dev/full"), WriterMode::OwnThread).unwrap();
    journal.settled(&object("b"), &entry("b")).unwrap();
    let failure = block_on(journal.intend(&[])).unwrap_err();
    assert!(failure.message.contains("writing the journal /dev/full"), "{failure}");
    assert!(journal.settled(&object("b"), &entry("b")).is_err());
}

#[test]
fn a_journal_that_another_program_takes_away_is_not_written_on() {
    type Change = fn(&Path) -> std::io::Result<()>;
    let changes: [(Change, bool); 6] = [
        (|_| Ok(()), true),
        (|path| std::os::unix::fs::symlink(path, path.with_extension("link")), true),
        (|path| std::fs::rename(path, path.with_extension("gone")), false),
        (|path| std::fs::remove_file(path), false),
        (|path| File::create(path).map(drop), false),
        (
            |path| {
                std::fs::copy(path, path.with_extension("copy"))?;
                std::fs::rename(path.with_extension("copy"), path)
            },
            false,
        ),
    ];
    for (at, (change, is_kept)) in changes.into_iter().enumerate() {
        for mode in [WriterMode::OwnThread, WriterMode::Inline] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("j");
            let past = OpenedDeletes::open(&path, &header()).unwrap();
            let journal = past.resume(&header(), "t", mode).unwrap();
            journal.settled(&object("b"), &entry("b")).unwrap();
            block_on(journal.flush()).unwrap();
            change(&path).unwrap();
            let after = block_on(journal.intend(&[]));
            assert_eq!(after.is_ok(), is_kept, "change {at}: {after:?}");
            if let Err(failure) = after {
                assert!(failure.message.contains("moved, replaced or shortened"), "{failure}");
                assert!(block_on(journal.finish(&1)).is_err(), "nothing more is written");
            }
        }
    }
}

#[test]
fn a_writer_that_panics_leaves_no_task_waiting() {
    let queue = std::sync::Arc::new(super::group_sync::GroupSync::default());
    let writes = std::sync::Arc::clone(&queue);
    let request = queue.request_sync(|lines| lines.push(b'x'));
    let thread = std::thread::spawn(move || writes.write_until_closed(|_, _| panic!("on purpose")));
    assert!(block_on(queue.synced(request)).is_err());
    assert!(thread.join().is_err());
    assert!(block_on(queue.synced(queue.request_sync(|_| ()))).is_err(), "later ones don't wait either");
}
