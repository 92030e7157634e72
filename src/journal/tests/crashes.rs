//! A journal after every crash: at each operation, data that was not synced is lost, torn or reordered, and the next run, or
//! `undo`, reads what is left. Exhaustive for a short run; random for runs that are killed, fail, lose power and resume.
//!
//! `REPLAUDIT_CRASHES_SECONDS` runs the random part that long, `REPLAUDIT_CRASHES_SEED` begins with that seed.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::super::file::OpenError;
use super::disk::{DiskFault, DiskImage, DiskOperation, ModelDisk, ModelFile, PAGE, PageFate};
use super::*;
use crate::deletion::fixtures::{checked_entry, order};
use crate::deletion::{DeleteMode, DeleteOrder, Journal, JournalError, read_source};

type Opened = OpenedJournal<DeleteLines, ModelFile<DeleteNote>>;
type Disk = ModelDisk<DeleteNote>;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeleteNote {
    /// A request left.
    Sent(usize),
    /// It had an effect.
    Hidden(usize),
    /// It certainly had none, and will have none.
    WithoutEffect(usize),
}

/// What is true of each object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct ObjectTruth {
    hidden: bool,
    /// A request is on its way, or was.
    pending: bool,
}

/// Keys as a line has them: with what JSON escapes, and longer than a page.
fn key(at: usize) -> String {
    match at % 4 {
        1 => format!("{at}\n\"}}{{\"run\":"),
        2 => format!("{at}{}", "x".repeat(PAGE + 30)),
        _ => format!("{at}"),
    }
}

fn object_at(at: usize) -> ObjectId {
    ObjectId { key: key(at), ..object("k") }
}

fn order_of(at: usize) -> (DeleteOrder, DeleteEntry) {
    let order = order(&object_at(at), DeleteMode::Hide);
    let entry = checked_entry(order.object());
    (order, entry)
}

fn ended(at: usize, outcome: DeleteOutcome) -> DeleteEntry {
    let marker = (outcome == DeleteOutcome::MarkerCreated).then(|| format!("marker {at}"));
    DeleteEntry { outcome, new_marker_version_id: marker, ..order_of(at).1 }
}

fn open(disk: &Disk) -> Result<Opened, OpenError> {
    Opened::read(disk.open(), Path::new("j"), &header())
}

/// The truth after some operations, from the truth before them.
fn truth_after(before: &[ObjectTruth], operations: &[DiskOperation<DeleteNote>]) -> Vec<ObjectTruth> {
    let mut truth = before.to_vec();
    for operation in operations {
        match operation {
            DiskOperation::Note(DeleteNote::Sent(at)) => truth[*at].pending = true,
            DiskOperation::Note(DeleteNote::Hidden(at)) => truth[*at].hidden = true,
            DiskOperation::Note(DeleteNote::WithoutEffect(at)) => truth[*at].pending = false,
            DiskOperation::Write { .. }
            | DiskOperation::Truncate
            | DiskOperation::Sync { .. }
            | DiskOperation::SyncFolder { .. } => {}
        }
    }
    truth
}

/// How a file that a crash left was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Recovery {
    Opened,
    /// Nothing was sent yet.
    RefusedUnused,
    /// A part in the middle is missing, and what comes after it is there.
    RefusedGap,
}

/// Checks what the next run and `undo` make of the file; `Err` says what is wrong.
fn recover(file: Option<&[u8]>, image: &DiskImage, truth: &[ObjectTruth]) -> Result<Recovery, String> {
    let was_used = truth.iter().any(|object| object.pending || object.hidden);
    let refused = |why: String| match file {
        _ if !was_used => Ok(Recovery::RefusedUnused),
        None => Err(format!("the file is not there: {why}")),
        Some(file) if image.leaves_a_beginning(file) => Err(format!("it is refused: {why}")),
        Some(_) => Ok(Recovery::RefusedGap),
    };
    let bytes = file.unwrap_or_default();
    let mut opened = match open(&ModelDisk::with(Some(bytes.to_vec()))) {
        Ok(opened) => opened,
        Err(error) => {
            // What the next run refuses, undo may read, but not more than is true.
            undo_knows(bytes, truth, false)?;
            return refused(error.to_string());
        }
    };
    for (at, true_of_it) in truth.iter().enumerate() {
        let found = |offset, outcome: Option<DeleteOutcome>| {
            let (given, entry) = opened.record(offset).map_err(|error| format!("{at}: {error}"))?;
            let expected = outcome
                .map_or_else(|| DeleteEntry { outcome: entry.outcome, ..order_of(at).1 }, |outcome| ended(at, outcome));
            if given == object_at(at) && entry == expected { Ok(()) } else { Err(format!("{at}: {given} {entry:?}")) }
        };
        match opened.replay.state(&object_at(at)) {
            JournalState::New if true_of_it.pending || true_of_it.hidden => {
                return Err(format!("{at} is forgotten: {true_of_it:?}"));
            }
            JournalState::New => {}
            JournalState::Open(offset) => found(offset, None)?,
            JournalState::Done(_) if !true_of_it.hidden => return Err(format!("{at} counts as done")),
            JournalState::Done(offset) => found(offset, Some(DeleteOutcome::MarkerCreated))?,
        }
        opened.replay.take_state(&object_at(at));
    }
    if !opened.replay.is_empty() {
        return Err("it has objects that never were in it".to_owned());
    }
    if bytes.is_empty() {
        return if was_used { refused("it is empty".to_owned()) } else { Ok(Recovery::Opened) };
    }
    undo_knows(bytes, truth, was_used)?;
    Ok(Recovery::Opened)
}

/// Every marker that undo would remove is one that was made, and if `all` none is missing.
fn undo_knows(file: &[u8], truth: &[ObjectTruth], all: bool) -> Result<(), String> {
    let mut known = vec![false; truth.len()];
    let mut wrong = None;
    let read = read_source(Cursor::new(file), |candidate| {
        let Some(at) = (0..truth.len()).find(|at| key(*at) == candidate.key && candidate.bucket == "bucket") else {
            wrong = Some(format!("undo has {candidate:?}"));
            return Ok(());
        };
        known[at] = true;
        if let Some(marker) = &candidate.marker
            && (*marker != format!("marker {at}") || !truth[at].hidden)
        {
            wrong = Some(format!("undo removes {candidate:?}"));
        }
        Ok(())
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    match read {
        Err(error) if all => Err(format!("undo refuses it: {error}")),
        Ok(_) if all && (0..truth.len()).any(|at| truth[at].hidden && !known[at]) => {
            Err("undo forgets a marker".to_owned())
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Every way to lose power after these operations: each length with all pages written, and each set of lost pages.
fn every_crash(image: &DiskImage, mut check: impl FnMut(Option<&[u8]>)) {
    if !image.named {
        check(None);
    }
    let pages = image.at_risk();
    for length in image.lengths() {
        check(Some(&image.crash(length, |_| PageFate::Written)));
    }
    let last = *image.lengths().end();
    assert!(pages.len() <= 12, "{} pages are too many", pages.len());
    for lost in 0_u32..1 << pages.len() {
        let is_lost = |page| pages.iter().position(|one| *one == page).is_some_and(|at| lost & 1 << at != 0);
        let fate = |page| if is_lost(page) { PageFate::Lost } else { PageFate::Written };
        check(Some(&image.crash(last, fate)));
    }
    for page in &pages {
        for at in (0..PAGE).step_by(15) {
            for fate in [PageFate::NewUpTo(at), PageFate::OldUpTo(at)] {
                check(Some(&image.crash(last, |one| if one == *page { fate } else { PageFate::Written })));
            }
        }
    }
}

/// How a run of the program ends.
#[derive(Debug, PartialEq, Eq)]
enum RunEnd {
    Refused(String),
    /// The journal can't be written: nothing more was sent.
    Failed,
    Killed,
    Finished,
}

/// A run over these objects, as the delete path does it; `chance` decides the answers of S3, and when it is killed.
fn run(disk: &Disk, truth: &[ObjectTruth], fault: Option<DiskFault>, chance: &mut Rng, calm: bool) -> RunEnd {
    let mut opened = match open(disk) {
        Ok(opened) => opened,
        Err(error) => return RunEnd::Refused(error.to_string()),
    };
    if let Some(fault) = fault {
        disk.fail(fault);
    }
    let Ok(journal) = opened.resume(&header(), "t", WriterMode::Inline) else { return RunEnd::Failed };
    let mut hidden: Vec<bool> = truth.iter().map(|object| object.hidden).collect();
    let mut open_requests = Vec::new();
    for (at, is_hidden) in hidden.iter().copied().enumerate() {
        match opened.replay.take_state(&object_at(at)) {
            JournalState::Done(_) => {}
            JournalState::Open(_) if is_hidden => {
                if journal.settled(&object_at(at), &ended(at, DeleteOutcome::MarkerCreated)).is_err() {
                    return RunEnd::Failed;
                }
            }
            JournalState::Open(_) | JournalState::New => open_requests.push(at),
        }
    }
    if !calm {
        chance.shuffle(&mut open_requests);
    }
    while !open_requests.is_empty() {
        if !calm && chance.u32(0..12) == 0 {
            disk.kill();
            return RunEnd::Killed;
        }
        let count = if calm { 1 } else { chance.usize(1..=3) };
        let batch: Vec<usize> = open_requests.drain(..count.min(open_requests.len())).collect();
        let orders: Vec<_> = batch.iter().map(|at| order_of(*at)).collect();
        let intents: Vec<_> = orders.iter().map(|(order, entry)| (order, entry)).collect();
        let intend = || block_on(Journal::intend(&journal, &intents));
        if intend().is_err() {
            assert!(intend().is_err(), "a later sync can't make up for one that failed");
            return RunEnd::Failed;
        }
        for at in &batch {
            assert!(!hidden[*at], "{at} is deleted twice");
            disk.note(DeleteNote::Sent(*at));
        }
        if !calm && chance.u32(0..12) == 0 {
            disk.kill();
            return RunEnd::Killed;
        }
        for (at, (order, _)) in batch.iter().zip(&orders) {
            let answer = if calm { 0 } else { chance.u32(0..5) };
            let outcome = match answer {
                0 | 1 => DeleteOutcome::MarkerCreated,
                2 => DeleteOutcome::Failed,
                _ => DeleteOutcome::Unknown,
            };
            if answer <= 1 || answer == 3 {
                hidden[*at] = true;
                disk.note(DeleteNote::Hidden(*at));
            }
            if answer == 2 {
                disk.note(DeleteNote::WithoutEffect(*at));
            }
            if outcome == DeleteOutcome::Unknown {
                journal.stay_open();
            }
            if Journal::ended(&journal, order, &ended(*at, outcome)).is_err() {
                return RunEnd::Failed;
            }
        }
    }
    match block_on(journal.finish(&1)) {
        Ok(()) => RunEnd::Finished,
        Err(_) => RunEnd::Failed,
    }
}

/// Whether it has the last line of a run that carried out everything.
fn is_finished(file: &[u8]) -> bool {
    let line: &[u8] = b"{\"finished\":1}";
    file.windows(line.len()).any(|part| part == line)
}

/// After an operation failed, no request of that run leaves.
fn nothing_follows_a_failure(operations: &[DiskOperation<DeleteNote>]) {
    let failed = operations.iter().position(|operation| {
        matches!(operation, DiskOperation::Sync { failed: true } | DiskOperation::SyncFolder { failed: true })
    });
    let sent = operations.iter().skip(failed.unwrap_or(operations.len()));
    assert!(!sent.into_iter().any(|one| matches!(one, DiskOperation::Note(DeleteNote::Sent(_)))), "{operations:?}");
}

#[test]
fn every_crash_of_a_short_run_leaves_a_journal_that_forgets_nothing_and_invents_nothing() {
    let none = vec![ObjectTruth::default(); 2];
    let mut recoveries: BTreeMap<Recovery, u64> = BTreeMap::new();
    // No fault, and each operation failing once.
    for fault in (0..8_usize).map(|after| after.checked_sub(1)) {
        let disk = Disk::with(None);
        let fault = fault.map(|after| DiskFault { after, written: 40 });
        let end = run(&disk, &none, fault, &mut Rng::with_seed(0), true);
        assert_eq!(end == RunEnd::Finished, fault.is_none(), "{fault:?}");
        nothing_follows_a_failure(&disk.operations());
        let operations = disk.operations();
        // Before its failure, a run does what a run without one does.
        let first = if fault.is_some() { operations.len().saturating_sub(2) } else { 0 };
        for count in first..=operations.len() {
            let (image, truth) = (disk.after(count), truth_after(&none, &operations[..count]));
            every_crash(&image, |file| {
                // The run is finished, or what is left of its journal is resumed.
                if !file.is_some_and(is_finished) {
                    let recovery = recover(file, &image, &truth);
                    let text = || String::from_utf8_lossy(file.unwrap_or_default()).into_owned();
                    let recovery = recovery.unwrap_or_else(|wrong| panic!("{fault:?} {count}: {wrong}\n{}", text()));
                    *recoveries.entry(recovery).or_default() += 1;
                }
            });
        }
    }
    assert!(recoveries[&Recovery::Opened] > 1_000 && recoveries.len() == 3, "{recoveries:?}");
}

#[test]
fn a_journal_survives_any_number_of_kills_failures_and_losses_of_power() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seconds = number("REPLAUDIT_CRASHES_SECONDS");
    let first = number("REPLAUDIT_CRASHES_SEED").unwrap_or(1);
    let begin = Instant::now();
    let (mut seed, mut ends, mut recoveries) = (first, BTreeMap::<String, u64>::new(), BTreeMap::new());
    while seconds.map_or(seed < first + 100, |seconds| begin.elapsed() < Duration::from_secs(seconds)) {
        let result = std::panic::catch_unwind(|| history(seed));
        let Ok((all_ends, recovered)) = result else { panic!("REPLAUDIT_CRASHES_SEED={seed}") };
        all_ends.into_iter().for_each(|end| *ends.entry(end).or_default() += 1);
        recovered.into_iter().for_each(|one| *recoveries.entry(one).or_insert(0_u64) += 1);
        seed += 1;
    }
    if seconds.is_some() {
        panic_free_report(seed - first, begin, &ends, &recoveries);
    }
    assert!(ends.len() == 4 && recoveries.len() == 3, "too little happened: {ends:?} {recoveries:?}");
}

#[expect(clippy::print_stderr, reason = "what a long run is for")]
fn panic_free_report(seeds: u64, begin: Instant, ends: &BTreeMap<String, u64>, recoveries: &BTreeMap<Recovery, u64>) {
    eprintln!("{seeds} histories in {:?}, 0 violations: {ends:?} {recoveries:?}", begin.elapsed());
}

/// Lives of a journal: some runs, and then a loss of power.
fn history(seed: u64) -> (Vec<String>, Vec<Recovery>) {
    let mut chance = Rng::with_seed(seed);
    let mut truth = vec![ObjectTruth::default(); chance.usize(1..=6)];
    let (mut file, mut ends, mut recoveries) = (None, Vec::new(), Vec::new());
    for _ in 0..chance.usize(1..=3) {
        let disk = Disk::with(file);
        let mut known = truth.clone();
        for _ in 0..chance.usize(1..=4) {
            let fault = (chance.u32(0..2) == 0)
                .then(|| DiskFault { after: chance.usize(0..10), written: chance.usize(0..400) });
            let before = disk.operations().len();
            let end = run(&disk, &known, fault, &mut chance, false);
            let operations = disk.operations();
            nothing_follows_a_failure(&operations[before..]);
            known = truth_after(&known, &operations[before..]);
            ends.push(match &end {
                RunEnd::Refused(_) => "refused".to_owned(),
                other => format!("{other:?}"),
            });
            match end {
                RunEnd::Refused(why) => {
                    let was_used = known.iter().any(|object| object.pending || object.hidden);
                    // Its last line was written, and only the sync after it failed.
                    let is_finished = why.contains("its run is finished");
                    assert!(!was_used || is_finished, "a journal that was killed and not lost is refused: {why}");
                    return (ends, recoveries);
                }
                RunEnd::Finished => break,
                RunEnd::Failed | RunEnd::Killed => {}
            }
        }
        let operations = disk.operations();
        let mut next = None;
        for _ in 0..25 {
            let count = chance.usize(0..=operations.len());
            let (image, true_then) = (disk.after(count), truth_after(&truth, &operations[..count]));
            let left = any_crash(&image, &mut chance);
            if left.as_deref().is_some_and(is_finished) {
                continue;
            }
            let recovery = recover(left.as_deref(), &image, &true_then).unwrap_or_else(|wrong| {
                panic!("{wrong}\n{}", String::from_utf8_lossy(left.as_deref().unwrap_or_default()))
            });
            recoveries.push(recovery);
            if recovery == Recovery::Opened {
                next = Some((left, true_then));
            }
        }
        let Some((left, true_then)) = next else { return (ends, recoveries) };
        (file, truth) = (left, true_then);
    }
    (ends, recoveries)
}

/// One way to lose power; most often the written part is a beginning.
fn any_crash(image: &DiskImage, chance: &mut Rng) -> Option<Vec<u8>> {
    if !image.named && chance.bool() {
        return None;
    }
    let length = chance.usize(image.lengths());
    let seed = chance.u64(..);
    let kind = chance.u32(0..3);
    let fate = |page: usize| {
        let mut chance = Rng::with_seed(seed ^ page as u64);
        match (kind, chance.u32(0..6)) {
            (0, _) | (_, 0..3) => PageFate::Written,
            (1, _) => PageFate::NewUpTo(chance.usize(0..PAGE)),
            (_, 3) => PageFate::Lost,
            (_, 4) => PageFate::NewUpTo(chance.usize(0..PAGE)),
            (_, _) => PageFate::OldUpTo(chance.usize(0..PAGE)),
        }
    };
    Some(image.crash(length, fate))
}

#[test]
fn two_runs_at_once_are_refused() {
    let disk = Disk::with(None);
    let first = open(&disk).unwrap();
    let second = Opened::read(disk.open_too(), Path::new("j"), &header());
    assert!(matches!(second, Err(OpenError::Locked)));
    drop(first);
}

/// The files that the random crashes found, by name.
#[test]
fn a_run_that_is_cut_off_where_it_begins_does_not_damage_the_journal() {
    let lines = {
        let disk = Disk::with(None);
        drop(open(&disk).unwrap().resume(&header(), "t", WriterMode::Inline).unwrap());
        let image = disk.after(disk.operations().len());
        image.crash(*image.lengths().end(), |_| PageFate::Written)
    };
    // A disk that is full tears the line of a run, and then the line of the next run.
    for torn in [
        "{\"intent\":{\"buck\n{\"run\":{\"at",
        "{\"run\":{\"a\n{\"ru",
        "{\"intent\":{\n{\"run\":{\n{\"run\":\n{",
        "{\"intent\":{\n{\"ru\0\0",
        "{\"intent\":{\n\0\0\0",
    ] {
        let file = [&lines[..], torn.as_bytes()].concat();
        let disk = Disk::with(Some(file));
        let opened = open(&disk).unwrap_or_else(|error| panic!("{torn}: {error}"));
        drop(opened.resume(&header(), "t", WriterMode::Inline).unwrap());
        open(&disk).unwrap_or_else(|error| panic!("{torn}, resumed: {error}"));
    }
    // But a damaged line in any other place is one.
    for torn in ["{\"intent\":{\"buck\n{\"outcome\":{", "{\"run\":{\"a\n{\"intent\":{\"bucket\""] {
        let file = [&lines[..], torn.as_bytes()].concat();
        let refused = open(&Disk::with(Some(file))).unwrap_err();
        assert!(matches!(refused, OpenError::Journal(JournalError::Damaged(3))), "{torn}: {refused}");
    }
}
