//! The queue of the journal under loom: every order in which its threads can run, up to two preemptions.
//!
//! loom rather than shuttle: it tries all orders of so small a core instead of random ones, and brings fewer crates.

use std::io;
use std::sync::Arc;

use group_sync::GroupSync;
use loom::future::block_on;

/// The same file again, with the locks below.
#[path = "../group_sync.rs"]
#[expect(clippy::duplicate_mod, reason = "on purpose: with other locks")]
#[expect(dead_code, reason = "only a run without threads uses the rest")]
mod group_sync;

mod locks {
    pub(super) use std::sync::PoisonError;

    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
}

/// What the writer did. Its lock is never held where loom may switch threads.
#[derive(Default)]
struct SyncedLines {
    written: Vec<u8>,
    synced: Vec<u8>,
    syncs: u32,
    failed: bool,
}

type SharedLines = Arc<std::sync::Mutex<SyncedLines>>;

/// A writer whose sync with this number fails; those after it would succeed without having written anything.
fn writer(disk: &SharedLines, fails: Option<u32>) -> impl FnMut(&[u8], bool) -> io::Result<()> + Send + 'static {
    let disk = Arc::clone(disk);
    move |lines, needs_sync| {
        let mut disk = disk.lock().unwrap();
        assert!(!disk.failed, "nothing is written after a failure");
        disk.written.extend(lines);
        if needs_sync {
            disk.syncs += 1;
            if fails == Some(disk.syncs) {
                disk.failed = true;
                return Err(io::Error::other("EIO"));
            }
            disk.synced = disk.written.clone();
        }
        Ok(())
    }
}

/// Writes a line, and returns whether it is said to be on disk; then it is.
fn intend(queue: &GroupSync, disk: &SharedLines, line: u8) -> bool {
    let request = queue.request_sync(|lines| lines.push(line));
    let is_synced = block_on(queue.synced(request)).is_ok();
    let disk = disk.lock().unwrap();
    assert!(!is_synced || disk.synced.contains(&line), "{line} is not on disk");
    assert!(is_synced || disk.failed, "{line} is on disk, and it is said that it is not");
    is_synced
}

fn explore(tasks: impl Fn(&Arc<GroupSync>, &SharedLines) + Sync + Send + 'static, fails: Option<u32>) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(move || {
        let (queue, disk) = (Arc::new(GroupSync::default()), SharedLines::default());
        let (queued, write) = (Arc::clone(&queue), writer(&disk, fails));
        let writes = loom::thread::spawn(move || queued.write_until_closed(write));
        tasks(&queue, &disk);
        queue.close();
        writes.join().unwrap();
        let disk = disk.lock().unwrap();
        assert!(disk.failed || disk.written.len() == 3, "lines are lost: {:?}", disk.written);
    });
}

/// Two tasks at the same time, one of which also queues an outcome.
fn two_tasks(queue: &Arc<GroupSync>, disk: &SharedLines) {
    let other = {
        let (queue, disk) = (Arc::clone(queue), Arc::clone(disk));
        loom::thread::spawn(move || intend(&queue, &disk, 1))
    };
    let first = intend(queue, disk, 2);
    let appended = queue.append(|lines| lines.push(3)).is_ok();
    other.join().unwrap();
    assert!(first || !appended, "after an error, nothing more is accepted");
}

#[test]
fn a_task_goes_on_only_when_its_line_is_on_disk() {
    explore(two_tasks, None);
}

#[test]
fn after_a_failed_sync_no_task_goes_on_and_none_waits_forever() {
    explore(two_tasks, Some(1));
    explore(two_tasks, Some(2));
}

#[test]
fn a_later_request_is_not_answered_by_an_earlier_sync() {
    let tasks = |queue: &Arc<GroupSync>, disk: &SharedLines| {
        let first = intend(queue, disk, 1);
        let second = intend(queue, disk, 2);
        assert!(first || !second, "a sync after a failed one counts");
        let _ = queue.append(|lines| lines.push(3));
    };
    explore(tasks, None);
    explore(tasks, Some(1));
    explore(tasks, Some(2));
}
