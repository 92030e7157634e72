//! Simulated histories: whole runs of `safe-delete`, `undo` and `status` in this process, on a simulated clock, over a
//! connection without sockets.
//!
//! One seed is one history, down to the order of tasks: see [`network`]. The histories, and most rules by which each is judged,
//! are those of the model test. Here ages are exact, and so is what the client has seen when it sends something.
//!
//! `REPLAUDIT_SIM_SECONDS` says how long to go on, `REPLAUDIT_SIM_SEED` replays one history, `REPLAUDIT_SIM_THREADS` is how many
//! are simulated at a time, and `REPLAUDIT_SIM_GO_ON` goes on after a violation.

mod accident;
mod ages;
#[path = "../model/arguments.rs"]
mod arguments;
#[path = "../model/carried.rs"]
mod carried;
mod carry_out;
#[path = "../model/chance.rs"]
mod chance;
mod clock;
#[path = "../model/history.rs"]
mod history;
mod judge;
mod network;
#[path = "../model/oracle/mod.rs"]
mod oracle;
mod plan;
mod program;
#[path = "../model/rare.rs"]
mod rare;
mod reached;
#[path = "../model/report.rs"]
mod report;
mod shrink;
#[path = "../model/slow.rs"]
mod slow;
#[path = "../model/smaller.rs"]
mod smaller;
#[path = "../model/stage.rs"]
mod stage;
mod status;
mod tally;
#[path = "../model/tear.rs"]
mod tear;
mod terminal;
mod undo;
mod wall;
#[path = "../model/world.rs"]
mod world;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use carry_out::carry_out;
use judge::judge;
use plan::Plan;
use tally::Tally;

/// Of an ordinary run.
const SECONDS: u64 = 3;
/// After this number of histories, every state that the sources name must have been reached.
const REACHES_ALL: u64 = 50_000;
/// Of this many histories, one is carried out twice.
const TWICE: u64 = 64;
/// Of each thread.
const STACK: usize = 32 << 20;

/// A number from the environment; a word that is none is a mistake worth stopping for.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

/// Puts temporary files into memory, those of the program too: nothing here is about disks.
fn keep_files_in_memory() {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        // It fails if another folder was set, which is none in this process.
        drop(tempfile::env::override_temp_dir(memory));
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Carries one history out; what is wrong with it, and how to replay it.
fn violation(seed: u64, folder: &Path, tally: &mut Tally) -> Option<String> {
    let plan = Plan::of(seed);
    let outcome = carry_out(&plan, folder);
    tally.count(&outcome);
    let replay = format!("replay: REPLAUDIT_SIM_SEED={seed} cargo test --test simulation -- --nocapture");
    if let Err(broken) = judge(&plan, &outcome) {
        let small = shrink::shrink(plan, broken.rule, folder);
        let outcome = carry_out(&small, folder);
        let story = tally::story(&small, &outcome);
        return Some(format!("seed {seed}: {:?} does not hold: {}\n{replay}\n{story}", broken.rule, broken.what));
    }
    if seed.is_multiple_of(TWICE) {
        let (one, other) = (tally::trace(&outcome), tally::trace(&carry_out(&plan, folder)));
        if let Some(at) = one
            .iter()
            .zip(&other)
            .position(|(one, other)| one != other)
            .or((one.len() != other.len()).then(|| one.len().min(other.len())))
        {
            let of = |trace: &[String]| trace.get(at).cloned().unwrap_or_default();
            return Some(format!(
                "seed {seed}: the second run differs at {at}\n{}\n{}\n{replay}",
                of(&one),
                of(&other)
            ));
        }
    }
    None
}

fn replay(seed: u64) {
    let (plan, folder) = (Plan::of(seed), folder());
    terminal::say(&tally::story(&plan, &carry_out(&plan, folder.path())));
    let found = violation(seed, folder.path(), &mut Tally::default());
    terminal::say(found.as_deref().unwrap_or("no violation"));
    assert_eq!(found, None);
}

#[test]
fn no_simulated_history_deletes_what_is_not_proven_or_reports_falsely() {
    let _quiet = terminal::Quiet::begin();
    program::catch_panics();
    keep_files_in_memory();
    if let Some(seed) = number("REPLAUDIT_SIM_SEED") {
        let replayed = thread::Builder::new().stack_size(STACK).spawn(move || replay(seed)).expect("a thread");
        return replayed.join().expect("it does not panic");
    }
    let asked = number("REPLAUDIT_SIM_SECONDS");
    let seconds = asked.unwrap_or(SECONDS);
    // The ordinary suite begins with the same histories every time; a long run tries others.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let next = AtomicU64::new(if asked.is_some() { now % 1_000_000 * 1_000_000 } else { 0 });
    let threads = number("REPLAUDIT_SIM_THREADS")
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from) as u64);
    let goes_on = std::env::var_os("REPLAUDIT_SIM_GO_ON").is_some();
    let (stop, violations, tally) = (AtomicBool::new(false), Mutex::new(Vec::new()), Mutex::new(Tally::default()));
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            // Futures of an unoptimized build are large.
            let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
                let (folder, mut own) = (folder(), Tally::default());
                while !stop.load(Ordering::Relaxed) && begin.elapsed() < Duration::from_secs(seconds) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if let Some(found) = violation(seed, folder.path(), &mut own) {
                        terminal::say(&format!("after {:.1} s: {found}", begin.elapsed().as_secs_f64()));
                        stage::lock(&violations).push(found);
                        stop.store(!goes_on, Ordering::Relaxed);
                    }
                }
                stage::lock(&tally).add(own);
            });
            worker.expect("a thread");
        }
    });
    let (violations, tally) = (violations.into_inner().expect("whole"), tally.into_inner().expect("whole"));
    terminal::say(&tally.text(begin.elapsed()));
    let missing = reached::missing();
    if !missing.is_empty() {
        terminal::say(&format!("not reached: {missing:?}"));
    }
    terminal::say(&format!("{} histories, {} violations", tally.histories, violations.len()));
    assert!(violations.is_empty(), "{}", violations.join("\n\n"));
    assert!(tally.changed > 0, "no history deleted anything");
    assert!(tally.histories < REACHES_ALL || missing.is_empty(), "states that no history reached: {missing:?}");
}
