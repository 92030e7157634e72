//! Random histories of buckets, servers and accidents, with `safe-delete` in the middle of them, each judged afterwards
//! by what the server saw, answered and holds.
//!
//! A fixed number of histories in an ordinary run, the same every time; the seed of one is printed when a rule does not
//! hold.
//! `REPLAUDIT_MODEL_SEED` begins with that seed, `REPLAUDIT_MODEL_HISTORIES` is the number to run,
//! `REPLAUDIT_MODEL_SECONDS` goes on for so long instead, `REPLAUDIT_MODEL_GO_ON` goes on after
//! a failure, `REPLAUDIT_MODEL_SHOW` prints every history. The same seed is the same history; how the requests of one
//! run overtake each other is up to the machine.
//!
//! A long run has slow histories beside the others, in which checks grow old (`slow`). They sleep most of the time, so
//! `REPLAUDIT_MODEL_SLOW` threads, 12 if not set, wait for them. Their seeds begin at 1,000,000,000,000.

mod arguments;
mod carried;
mod chance;
mod history;
mod oracle;
mod rare;
mod report;
mod run;
mod shrink;
mod slow;
mod smaller;
mod stage;
mod tally;
mod tear;
mod wall;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use history::History;
use slow::SLOW_SEEDS;
use tally::Tally;

/// Histories of an ordinary run: some seconds.
const HISTORIES: u64 = 60;

/// A number from the environment; a word that is none is a mistake worth stopping for.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

#[test]
fn no_history_deletes_unproven_objects_or_reports_falsely() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let until = number("REPLAUDIT_MODEL_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    // The ordinary suite tries the same histories every time; a long run tries others.
    let seed = number("REPLAUDIT_MODEL_SEED").unwrap_or_else(|| match until {
        Some(_) => u64::try_from(now / 1000 % 1_000_000_000).unwrap_or(0),
        None => 1,
    });
    let most = number("REPLAUDIT_MODEL_HISTORIES").unwrap_or(if until.is_some() { u64::MAX } else { HISTORIES });
    let threads = number("REPLAUDIT_MODEL_THREADS").unwrap_or(4);
    let slow_threads = if until.is_some() { number("REPLAUDIT_MODEL_SLOW").unwrap_or(12) } else { 0 };
    let (next, next_slow, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let (failures, tally) = (Mutex::new(Vec::new()), Mutex::new(Tally::default()));
    let begin = Instant::now();
    thread::scope(|scope| {
        let (stop, failures, tally) = (&stop, &failures, &tally);
        let ordinary = (0..threads.min(most)).map(|_| (&next, seed));
        let slow = (0..slow_threads.min(most)).map(|_| (&next_slow, seed.max(seed % SLOW_SEEDS + SLOW_SEEDS)));
        for (next, seed) in ordinary.chain(slow) {
            scope.spawn(move || {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let over = || stop.load(Ordering::Relaxed) || until.is_some_and(|until| Instant::now() >= until);
                while !over() {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= most {
                        break;
                    }
                    let seed = seed.wrapping_add(at);
                    let history = History::of(seed);
                    let begin = Instant::now();
                    let carried = run::carry_out(&history, folder.path());
                    stage::lock(tally).count(&history, &carried, (begin.elapsed(), seed));
                    if std::env::var_os("REPLAUDIT_MODEL_SHOW").is_some() {
                        tally::say(&tally::story(&history, &carried));
                    }
                    if let Err(broken) = oracle::judge(&history, &carried) {
                        let first = format!("{}: {}", broken.rule, broken.what);
                        let (history, carried, broken) = shrink::shrink(history, carried, broken, folder.path());
                        stage::lock(failures).push(tally::failure(seed, &first, &history, &carried, &broken));
                        stop.store(!tally::goes_on(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panicked");
    let tally = tally.into_inner().expect("no thread panicked");
    tally::say(&tally.text(seed, begin.elapsed()));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    // A suite in which nothing is ever deleted would prove nothing.
    assert!(tally.histories < 50 || tally.changed > 0, "no history deleted anything");
}
